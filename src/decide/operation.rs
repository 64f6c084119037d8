//! What a host may ask for.

use crate::risk::EncodedContext;

use super::request::RequestFacts;
use super::sign_in::SignIn;
use super::step_up::StepUp;

/// What a host may ask for that touches the store.
#[derive(Debug)]
pub enum Operation {
    /// Starts a session.
    SignIn(SignIn),
    /// Spends a refresh token.
    Refresh {
        /// Where the cookies are.
        request: RequestFacts,
        /// Where it comes from, for scoring.
        request_context: Option<EncodedContext>,
    },
    /// Ends the request's session.
    SignOut {
        /// Where the cookies are.
        request: RequestFacts,
    },
    /// Proves more of who the user is.
    StepUp(StepUp),
    /// Checks an access token, and its session's record as well.
    Check {
        /// Where the cookies are.
        request: RequestFacts,
        /// Where it comes from, for scoring.
        request_context: Option<EncodedContext>,
    },
    /// One session, by its id.
    Find {
        /// Its public id.
        session_id: String,
    },
    /// Replaces the application's data on a session.
    Update {
        /// Its public id.
        session_id: String,
        /// The new data, as JSON text.
        data: Option<String>,
    },
    /// Writes down the first use of a generation.
    Confirm {
        /// The public id of the session.
        session_id: String,
        /// Which generation was used.
        generation: u32,
    },
    /// Ends one session.
    Revoke {
        /// Its public id.
        session_id: String,
    },
    /// Ends all sessions of a subject.
    RevokeAll {
        /// Whose.
        subject: String,
        /// The public id of the one that stays.
        except: Option<String>,
    },
    /// What scoring remembers of a subject.
    Profile {
        /// Whose.
        subject: String,
        /// Whether to forget it.
        erase: bool,
    },
    /// The living sessions of a subject.
    List {
        /// Whose.
        subject: String,
    },
}
