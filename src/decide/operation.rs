//! The operations that a host may ask for.

use crate::risk::EncodedContext;

use super::request::RequestFacts;
use super::sign_in::SignIn;
use super::step_up::StepUp;

/// An operation on the record of a subject.
#[derive(Debug)]
pub enum Operation {
    /// Starts a session for a subject.
    SignIn(SignIn),
    /// Refreshes a session by its refresh token.
    Refresh {
        /// The request that carries the refresh token.
        request: RequestFacts,
        /// The request context for risk scoring.
        request_context: Option<EncodedContext>,
    },
    /// Ends the session of a request.
    SignOut {
        /// The request that carries the session's tokens.
        request: RequestFacts,
    },
    /// Records a stronger authentication within a session.
    StepUp(StepUp),
    /// Authenticates a request and checks that its session is active.
    Check {
        /// The request that carries the access token.
        request: RequestFacts,
        /// The request context for risk scoring.
        request_context: Option<EncodedContext>,
        /// Whether the server sends this request to itself while it renders for its user. Such a
        /// request is not the first use of its token, because the browser may not have it yet.
        is_inner: bool,
    },
    /// Looks a session up by its ID.
    Find {
        /// The public session ID.
        session_id: String,
    },
    /// Replaces the application's data of a session.
    Update {
        /// The public session ID.
        session_id: String,
        /// The new data, as JSON text.
        data: Option<String>,
    },
    /// Records the first use of a generation.
    Confirm {
        /// The public session ID.
        session_id: String,
        /// The generation that was used.
        generation: u32,
    },
    /// Revokes one session of a subject.
    Revoke {
        /// The public session ID.
        session_id: String,
    },
    /// Revokes all sessions of a subject.
    RevokeAll {
        /// The site's stable ID of the user.
        subject: String,
        /// The public ID of a session to keep.
        except: Option<String>,
    },
    /// Gives the risk profile of a subject, and erases it where that is asked for.
    Profile {
        /// The site's stable ID of the user.
        subject: String,
        /// Whether to erase the profile.
        erase: bool,
    },
    /// Lists the active sessions of a subject.
    List {
        /// The site's stable ID of the user.
        subject: String,
    },
}
