//! The invariants of the chain: 1, 3, 4, 11, 13.

use super::CheckResult;
use crate::simulated::cookie_jar;
use crate::simulated::ground_truth::{
    GroundTruth, RACE, WIDENED_FLIGHT, headers, session_of, sessions_of,
};
use crate::simulated::observation::{Decided, Landed, Observation, Reading};
use crate::simulated::session::Session;
use portcullis::decide::{Decision, Operation, Outcome, SessionEventKind};
use portcullis::formats::token::refresh_token::{RefreshToken, secret_hash};
use portcullis::foundation::error::ErrorCode;
use portcullis::model::record::SessionRecord;

/// Invariant 1: Concurrent or retried use of R_n yields the same R_(n+1). One chain, never two.
pub fn one_chain(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Decided(Decided { result: Ok(decision), reading, .. })
            if decision.write.is_none() =>
        {
            same_token(shadow, decision, reading)
        }
        Observation::Landed(landed) => {
            for new in sessions_of(Some(landed.after)) {
                if let (Some(old), Some(known)) =
                    (session_of(landed.before, new.local_id), shadow.session(new.local_id))
                {
                    one_successor(known, old, new, landed)?;
                }
            }
            same_token(shadow, landed.decision, landed.reading)
        }
        _ => Ok(()),
    }
}

fn same_token(shadow: &GroundTruth, decision: &Decision, reading: &Reading) -> CheckResult {
    let Some(text) = headers(&decision.outcome).and_then(cookie_jar::refresh_set) else {
        return Ok(());
    };
    let token = parse(text, reading)?;
    let Some(session) = shadow.session(token.session.local_id).filter(|session| !session.restored)
    else {
        return Ok(());
    };
    match session.chain.get(&token.generation) {
        Some(known) if known != text => {
            Err(format!("two tokens of generation {}", token.generation))
        }
        _ => Ok(()),
    }
}

fn one_successor(
    known: &Session,
    old: &SessionRecord,
    new: &SessionRecord,
    landed: &Landed<'_>,
) -> CheckResult {
    let hash = |session: &SessionRecord| <[u8; 32]>::from(session.secret_hash.clone());
    if known.restored {
        return Ok(());
    }
    if new.generation == old.generation {
        let same = hash(new) == hash(old) && new.key_tag == old.key_tag;
        return if same {
            Ok(())
        } else {
            Err(format!("generation {} changed its secret", new.generation))
        };
    }
    if new.generation < old.generation {
        return Err(format!("generation {} became {}", old.generation, new.generation));
    }
    let (Operation::Refresh { .. }, Some(parent)) =
        (landed.operation, known.chain.get(&old.generation))
    else {
        return Ok(());
    };
    let ring = &landed.reading.site.key_ring;
    let derived = ring
        .find_by_tag(&new.key_tag)
        .and_then(|key| parse(parent, landed.reading).ok()?.successor(key, new.rotated_at));
    match derived {
        Some(token)
            if token.generation == new.generation
                && new.secret_hash.matches(&secret_hash(&token.secret)) =>
        {
            Ok(())
        }
        _ => Err(format!("generation {} is not derived from {}", new.generation, old.generation)),
    }
}

/// Invariant 3: A superseded token after its window yields nothing, and the session is revoked.
pub fn nothing_after_the_window(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Decided(Decided {
            genuine: true,
            presented: Some(token),
            before,
            result: Ok(decision),
            reading,
            operation,
            ..
        }) => {
            let session = session_of(*before, token.session.local_id)
                .filter(|session| token.generation < session.generation);
            let known = shadow.session(token.session.local_id).filter(|known| !known.restored);
            let (Some(_), Some(known)) = (session, known) else { return Ok(()) };
            let closed =
                known.closed_at(token.generation).filter(|_| !reading.clock_error && !shadow.jumps);
            let for_ms = closed.map_or(0, |at| reading.now.saturating_sub(at));
            let yields = matches!(decision.outcome, Outcome::Refreshed { .. })
                && matches!(operation, Operation::Refresh { .. });
            let lives =
                decision.write.is_none() && matches!(decision.outcome, Outcome::Rejected(_));
            if yields && for_ms > RACE + shadow.spread {
                return Err(format!(
                    "generation {} yields {for_ms} ms after its closing",
                    token.generation
                ));
            }
            let spent = matches!(operation, Operation::Refresh { .. } | Operation::StepUp(_));
            let has_expired = reading.clock >= known.expires_at;
            if spent && lives && !has_expired && for_ms > WIDENED_FLIGHT + shadow.spread {
                return Err(format!(
                    "generation {} is forgiven {for_ms} ms after its closing",
                    token.generation
                ));
            }
            Ok(())
        }
        Observation::Landed(Landed { decision, presented: Some(token), after, .. })
            if is_reuse(decision) =>
        {
            match session_of(Some(after), token.session.local_id) {
                Some(_) => Err("an alarm, and the session lives".to_owned()),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

pub fn is_reuse(decision: &Decision) -> bool {
    decision.events.iter().any(|event| event.kind == SessionEventKind::ReuseDetected)
}

/// Invariant 4: The window is anchored at the first rotation, never slides, and closes early on
/// confirmation.
pub fn the_anchor_never_moves(_: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let Observation::Landed(landed) = moment else { return Ok(()) };
    for new in sessions_of(Some(landed.after)) {
        let Some(old) = session_of(landed.before, new.local_id) else { continue };
        if new.generation == old.generation {
            let anchored = new.rotated_at == old.rotated_at && new.rotated_by == old.rotated_by;
            let confirmation_kept =
                old.confirmed_at.is_none() || old.confirmed_at == new.confirmed_at;
            if !anchored || !confirmation_kept {
                return Err(format!("the anchor of generation {} moved", new.generation));
            }
        } else if new.rotated_at != landed.reading.clock || new.confirmed_at.is_some() {
            return Err(format!("generation {} does not begin now, unconfirmed", new.generation));
        }
        let moved = |closed: &&portcullis::model::record::ClosedGeneration| {
            old.closed_at(closed.generation).is_some_and(|at| at != closed.at)
        };
        if let Some(closed) = new.closed_generations.iter().find(moved) {
            return Err(format!("the closing of generation {} moved", closed.generation));
        }
    }
    Ok(())
}

/// Invariant 11: Tampering with, truncating or swapping a stored record is always detected; a
/// rolled-back one is answered by row 4 and reported.
pub fn tampering_is_detected(_: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let Observation::Decided(decided) = moment else { return Ok(()) };
    match decided {
        Decided { genuine: false, result: Ok(_), .. } => {
            Err("a garbled record was read".to_owned())
        }
        Decided { genuine: false, result: Err(error), .. } => match error.code() {
            ErrorCode::RecordCorrupt | ErrorCode::RecordUnknownKey | ErrorCode::RecordVersion => {
                Ok(())
            }
            other => Err(format!("a garbled record gives {}", other.code())),
        },
        Decided {
            presented: Some(token),
            before,
            result: Ok(decision),
            operation: Operation::Refresh { .. },
            reading,
            ..
        } => {
            let behind = session_of(*before, token.session.local_id).is_some_and(|session| {
                session.generation < token.generation && session.is_active(reading.clock)
            });
            let reported =
                decision.events.iter().any(|event| event.kind == SessionEventKind::AheadOfRecord);
            let answered = matches!(decision.outcome, Outcome::Refreshed { .. });
            let in_time = reading.clock < token.absolute_deadline;
            if behind && in_time && !(reported && answered) {
                Err("a rolled-back record goes unreported".to_owned())
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

/// Invariant 13: Same seed, clock, entropy and store script: byte-identical outputs.
pub fn same_bytes(_: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Decided(Decided { twin: Some((one, other)), .. }) if one != other => {
            Err("the same decision twice gives different bytes".to_owned())
        }
        _ => Ok(()),
    }
}

fn parse(text: &str, reading: &Reading) -> Result<RefreshToken, String> {
    RefreshToken::parse(text, &reading.site.key_ring)
        .ok_or_else(|| "a refresh token that cannot be read".to_owned())
}
