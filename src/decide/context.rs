//! Everything that a decision depends on besides its operation.

use super::site::Site;
use crate::formats::id::{LocalSessionId, SubjectIndexKey};
use crate::foundation::error::Result;
use crate::foundation::time::{Seconds, Timestamp};
use crate::model::record::{SessionRecord, SubjectRecord};

/// The site, the subject's record and the time of a decision.
pub(crate) struct DecisionContext<'a> {
    /// The site that the decision is made for.
    pub(crate) site: &'a Site,
    /// The key under which the subject's record is stored.
    pub(crate) key: SubjectIndexKey,
    /// The unsealed record, or `None` where the store has no entry under the key.
    pub(crate) record: Option<SubjectRecord>,
    /// The time that the host gave for this decision.
    pub(crate) now: Timestamp,
    /// The lifetime of an access token that this decision issues.
    pub(crate) access_ttl: Seconds,
}

impl DecisionContext<'_> {
    /// Finds a session in the record. A missing record has no sessions.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`](crate::foundation::error::ErrorCode::RecordCorrupt) for a
    /// session that cannot be decoded.
    pub(super) fn find_session(&self, local_id: LocalSessionId) -> Result<Option<&SessionRecord>> {
        self.record.as_ref().map_or(Ok(None), |record| record.session(local_id))
    }
}
