//! The invariants of users and operators: 2, 5, 8, 10, 14.

use super::CheckResult;
use super::chain::is_reuse;
use crate::simulated::cookie_jar;
use crate::simulated::ground_truth::{GroundTruth, session_of, sessions_of};
use crate::simulated::observation::{Arrived, Decided, Landed, Observation};
use crate::simulated::session::Session;
use portcullis::decide::{Operation, Outcome};
use portcullis::formats::id::{LocalSessionId, SessionId};
use portcullis::foundation::time::Seconds;
use portcullis::model::record::{EXPIRED_RETENTION, MAX_REMOVALS, RemovalReason};

/// Invariant 2: A client that only presents tokens it was given, retries on any error and shares a
/// jar among tabs is never signed out, alarmed, or stripped of cookies (within the limits).
pub fn the_honest_stay(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    if let Observation::Decided(decided) = moment {
        return expired_in_time(shadow, decided);
    }
    let Observation::Arrived(arrived @ Arrived { by_thief: false, now, .. }) = moment else {
        return Ok(());
    };
    let accepted = arrived.accepted_claims.and_then(|sid| shadow.session(sid));
    if let Some(session) = accepted.filter(|session| !session.stolen && !session.is_over())
        && !arrived.holds_refresh
        && now + shadow.clock_tolerance() < session.absolute.ms()
    {
        return Err("the browser lost the cookies of a living session".to_owned());
    }
    let Some(Outcome::Rejected(rejection)) = arrived.outcome else { return Ok(()) };
    let Some(token) = arrived.presented else { return Ok(()) };
    let Some(session) = shadow.session(token.session.local_id) else {
        return Err("a session nobody began".to_owned());
    };
    if session.stolen || session.is_over() {
        return Ok(());
    }
    let near = |end: u64| now + shadow.clock_tolerance() >= end;
    let code = rejection.code;
    match code {
        "ERR_SESSION_UNKNOWN" if near(session.expires_at.ms()) => Ok(()),
        "ERR_SESSION_REVOKED"
        | "ERR_SESSION_EVICTED"
        | "ERR_SESSION_REUSE_DETECTED"
        | "ERR_SESSION_UNKNOWN" => Err(format!("{code} for a living session")),
        "ERR_REFRESH_MALFORMED" | "ERR_COOKIE_HEADER" | "ERR_CROSS_ORIGIN" => {
            Err(format!("{code} for an honest request"))
        }
        _ if cookie_jar::cleared_cookies(arrived.headers) > 0 && !near(session.absolute.ms()) => {
            Err(format!("{code} cleared the cookies of a living session"))
        }
        _ => Ok(()),
    }
}

/// Checks that a session reported as expired is near its expiry by some clock.
fn expired_in_time(shadow: &GroundTruth, decided: &Decided<'_>) -> CheckResult {
    let (Some(token), Ok(decision)) = (decided.presented, decided.result) else { return Ok(()) };
    let reported_expired = matches!(
        &decision.outcome,
        Outcome::Rejected(rejection) if rejection.code == "ERR_SESSION_EXPIRED"
    );
    match shadow.session(token.session.local_id).filter(|session| !session.is_over()) {
        Some(session)
            if reported_expired
                && decided.reading.now + shadow.clock_tolerance() < session.expires_at.ms() =>
        {
            Err("expired before its time".to_owned())
        }
        _ => Ok(()),
    }
}

/// Invariant 5: An acknowledged revocation is never undone, in any order of late writes.
pub fn revocations_are_never_undone(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let revocations = |sid: LocalSessionId| {
        shadow.session(sid).filter(|known| !known.restored).and_then(|known| known.acknowledged)
    };
    match moment {
        Observation::Landed(Landed { after, .. }) => {
            match sessions_of(Some(after))
                .into_iter()
                .find(|one| revocations(one.local_id).is_some())
            {
                Some(_) => Err("a revoked session is back in the record".to_owned()),
                None => Ok(()),
            }
        }
        Observation::Decided(Decided {
            presented: Some(token),
            result: Ok(decision),
            read_at,
            ..
        }) => {
            let given =
                matches!(decision.outcome, Outcome::Refreshed { .. } | Outcome::Checked { .. })
                    && decision.write.is_none();
            match revocations(token.session.local_id) {
                Some(at) if given && at < *read_at => Err("a revoked session is served".to_owned()),
                _ => Ok(()),
            }
        }
        Observation::Acknowledged { operation, outcome, presented, .. } => {
            let ended = match (operation, outcome) {
                (Operation::SignOut { .. }, Outcome::SignedOut { revoked: true, .. }) => *presented,
                (Operation::Revoke { session_id }, Outcome::Revoked { count: 1.. }) => {
                    SessionId::parse(session_id).map(|id| id.local_id)
                }
                _ => None,
            };
            match ended.and_then(|sid| shadow.session(sid)) {
                Some(session) if session.ended.is_none() => {
                    Err("a revocation is true before it landed".to_owned())
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Invariant 8: Store faults fail closed and destroy nothing: a typed "unavailable", never
/// acceptance, never a cookie cleared.
pub fn faults_fail_closed(_: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Arrived(Arrived { outcome: None, headers, .. }) if !headers.is_empty() => {
            Err("a failure of the store touches cookies".to_owned())
        }
        Observation::Decided(Decided { genuine: false, result: Ok(decision), .. })
            if decision.write.is_some() =>
        {
            Err("a record that cannot be read is overwritten".to_owned())
        }
        _ => Ok(()),
    }
}

/// Invariant 10: Expiry holds and nothing is destroyed under skew (30 s) and clock jumps (1 h).
pub fn expiry_holds(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Decided(Decided {
            genuine: true,
            before,
            presented,
            result: Ok(decision),
            reading,
            ..
        }) => {
            let Some(token) = presented else { return Ok(()) };
            let over = session_of(*before, token.session.local_id)
                .is_some_and(|session| !session.is_active(reading.clock));
            match &decision.outcome {
                Outcome::Refreshed { .. } if over || reading.clock >= token.absolute_deadline => {
                    Err("an expired session is refreshed".to_owned())
                }
                Outcome::Rejected(rejection) if rejection.code == "ERR_SESSION_EXPIRED" => {
                    let surely =
                        reading.clock > token.absolute_deadline.saturating_add(Seconds(30));
                    let destroys = decision.write.is_some()
                        || (cookie_jar::cleared_cookies(&rejection.headers) > 0 && !surely);
                    if destroys { Err("an expiry destroys something".to_owned()) } else { Ok(()) }
                }
                _ => Ok(()),
            }
        }
        Observation::Landed(landed) => nothing_vanishes(shadow, landed),
        _ => Ok(()),
    }
}

fn nothing_vanishes(shadow: &GroundTruth, landed: &Landed<'_>) -> CheckResult {
    let clock = landed.reading.clock;
    for old in sessions_of(landed.before) {
        match session_of(Some(landed.after), old.local_id) {
            Some(new)
                if new.idle_deadline.ms()
                    > new
                        .absolute_deadline
                        .ms()
                        .min(clock.ms().max(old.idle_deadline.ms()) + shadow.idle) =>
            {
                return Err("an idle deadline beyond the policy".to_owned());
            }
            None if !is_explained(shadow, landed, old.local_id)
                && clock < old.expires_at().saturating_add(EXPIRED_RETENTION) =>
            {
                return Err("a living session vanished from the record".to_owned());
            }
            _ => (),
        }
    }
    Ok(())
}

/// Whether the operation of the write was meant to end this session.
fn is_explained(shadow: &GroundTruth, landed: &Landed<'_>, sid: LocalSessionId) -> bool {
    let named = |id: &str| SessionId::parse(id).is_some_and(|id| id.local_id == sid);
    let presented_token = landed.presented.is_some_and(|token| token.session.local_id == sid);
    let full = sessions_of(landed.before).len() >= shadow.max_sessions;
    match (landed.after.find_removal(sid), landed.operation) {
        (Some(RemovalReason::Revoked), Operation::SignOut { .. }) => {
            presented_token || landed.presented.is_none()
        }
        (Some(RemovalReason::Revoked), Operation::SignIn(_)) => presented_token,
        (Some(RemovalReason::Revoked), Operation::Revoke { session_id }) => named(session_id),
        (Some(RemovalReason::Revoked), Operation::RevokeAll { except, .. }) => {
            !except.as_deref().is_some_and(named)
        }
        // A record keeps the reason of only a few removals.
        (None, Operation::RevokeAll { except, .. })
            if landed.after.removals.len() == MAX_REMOVALS =>
        {
            !except.as_deref().is_some_and(named)
        }
        (Some(RemovalReason::Evicted), Operation::SignIn(_)) => full,
        (Some(RemovalReason::Reused), _) => presented_token && is_reuse(landed.decision),
        _ => false,
    }
}

/// Invariant 14: Every theft alarm has a cause in the trace.
pub fn alarms_have_a_cause(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let Observation::Landed(landed @ Landed { presented: Some(token), before, .. }) = moment else {
        return Ok(());
    };
    if !is_reuse(landed.decision) {
        return Ok(());
    }
    let sid = token.session.local_id;
    let caused = shadow.session(sid).is_some_and(|session: &Session| session.stolen);
    let limit = session_of(*before, sid)
        .and_then(|old| shadow.limit(sid, token.generation, old, landed.reading));
    if caused || limit.is_some() {
        return Ok(());
    }
    let cause = landed
        .decision
        .events
        .iter()
        .find_map(|event| event.rotation)
        .map_or("?", |rotation| rotation.verdict);
    Err(format!("an alarm ({cause}) without a thief"))
}
