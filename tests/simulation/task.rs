//! A request in an isolate, or work of the isolate's own, and how it ends.

use super::attempt::Attempt;
use super::rng::Rng;
use portcullis::decide::{Operation, Outcome, Rejection};
use portcullis::formats::token::refresh_token::RefreshToken;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Request(usize),
    Application,
    Confirmation,
}

/// A request in an isolate, or work of the isolate's own.
pub struct Task {
    pub origin: Origin,
    pub isolate: usize,
    pub presented: Option<RefreshToken>,
    pub result: Option<TaskResult>,
    pub browser: usize,
    pub by_thief: bool,
    pub calm: bool,
    pub operations: VecDeque<Operation>,
    pub attempt: Attempt,
    pub rng: Rng,
    pub epoch: u32,
    /// The time after which no client waits for the task.
    pub until: u64,
}

#[allow(clippy::large_enum_variant, reason = "one of them is alive at a time")]
pub enum TaskResult {
    Outcome(Outcome),
    Accepted,
    /// A failure of the host itself, with its HTTP status.
    Failed(u16),
}

impl Task {
    pub fn new(
        origin: Origin,
        browser: usize,
        isolate: usize,
        operations: Vec<Operation>,
        calm: bool,
        rng: Rng,
        until: u64,
    ) -> Self {
        Self {
            origin,
            isolate,
            presented: None,
            result: None,
            browser,
            by_thief: false,
            calm,
            operations: operations.into(),
            attempt: Attempt::default(),
            rng,
            epoch: 0,
            until,
        }
    }

    pub const fn request(&self) -> Option<usize> {
        if let Origin::Request(request) = self.origin { Some(request) } else { None }
    }
}

impl TaskResult {
    pub fn as_str(&self) -> String {
        match self {
            Self::Accepted => "accepted".to_owned(),
            Self::Failed(status) => format!("failed, {status}"),
            Self::Outcome(Outcome::Rejected(Rejection { code, status, .. })) => {
                format!("{status} {code}")
            }
            Self::Outcome(Outcome::Refreshed { rotated, .. }) => {
                if *rotated { "the next refresh token" } else { "a new access token" }.to_owned()
            }
            Self::Outcome(Outcome::SignedIn { .. }) => "signed in".to_owned(),
            Self::Outcome(Outcome::SignedOut { .. }) => "signed out".to_owned(),
            Self::Outcome(_) => "done".to_owned(),
        }
    }
}
