//! The invariants of the chain: 1, 3, 4, 11, 13.

use super::Seen;
use crate::simulated::jar;
use crate::simulated::moment::{Decided, Landed, Moment, Reading};
use crate::simulated::session::Session;
use crate::simulated::shadow::{FLIGHT, RACE, Shadow, headers, session_of, sessions_of};
use portcullis::decide::{Decision, EventKind, Operation, Outcome};
use portcullis::foundation::error::Code;
use portcullis::model::record::SessionRecord;
use portcullis::formats::token::refresh::{RefreshToken, secret_hash};

/// Invariant 1: Concurrent or retried use of R_n yields the same R_(n+1). One chain, never two.
pub fn one_chain(shadow: &Shadow, moment: &Moment<'_>) -> Seen {
    match moment {
        Moment::Decided(Decided { result: Ok(decision), reading, .. })
            if decision.write.is_none() =>
        {
            same_token(shadow, decision, reading)
        }
        Moment::Landed(landed) => {
            for new in sessions_of(Some(landed.after)) {
                if let (Some(old), Some(known)) =
                    (session_of(landed.before, new.sid), shadow.session(new.sid))
                {
                    one_successor(known, old, new, landed)?;
                }
            }
            same_token(shadow, landed.decision, landed.reading)
        }
        _ => Ok(()),
    }
}

fn same_token(shadow: &Shadow, decision: &Decision, reading: &Reading) -> Seen {
    let Some(text) = headers(&decision.outcome).and_then(jar::refresh_set) else { return Ok(()) };
    let token = parse(text, reading)?;
    let Some(session) = shadow.session(token.session.sid).filter(|session| !session.restored)
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
) -> Seen {
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
    let ring = &landed.reading.site.ring;
    let derived = ring
        .by_tag(&new.key_tag)
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

/// Invariant 3: A rotated token after its window never yields anything; the session dies.
pub fn nothing_after_the_window(shadow: &Shadow, moment: &Moment<'_>) -> Seen {
    match moment {
        Moment::Decided(Decided {
            genuine: true,
            presented: Some(token),
            before,
            result: Ok(decision),
            reading,
            operation,
            ..
        }) => {
            let session = session_of(*before, token.session.sid)
                .filter(|session| token.generation < session.generation);
            let known = shadow.session(token.session.sid).filter(|known| !known.restored);
            let (Some(_), Some(known)) = (session, known) else { return Ok(()) };
            let closed =
                known.closed_at(token.generation).filter(|_| !reading.off && !shadow.jumps);
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
            let expired = reading.clock >= known.end;
            if spent && lives && !expired && for_ms > FLIGHT + shadow.spread {
                return Err(format!(
                    "generation {} is forgiven {for_ms} ms after its closing",
                    token.generation
                ));
            }
            Ok(())
        }
        Moment::Landed(Landed { decision, presented: Some(token), after, .. })
            if is_reuse(decision) =>
        {
            match session_of(Some(after), token.session.sid) {
                Some(_) => Err("an alarm, and the session lives".to_owned()),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

pub fn is_reuse(decision: &Decision) -> bool {
    decision.events.iter().any(|event| event.kind == EventKind::Reuse)
}

/// Invariant 4: The window is anchored at the first rotation, never slides, and closes early on
/// confirmation.
pub fn the_anchor_never_moves(_: &Shadow, moment: &Moment<'_>) -> Seen {
    let Moment::Landed(landed) = moment else { return Ok(()) };
    for new in sessions_of(Some(landed.after)) {
        let Some(old) = session_of(landed.before, new.sid) else { continue };
        if new.generation == old.generation {
            let anchored = new.rotated_at == old.rotated_at && new.written_by == old.written_by;
            let confirmed = old.confirmed_at.is_none() || old.confirmed_at == new.confirmed_at;
            if !anchored || !confirmed {
                return Err(format!("the anchor of generation {} moved", new.generation));
            }
        } else if new.rotated_at != landed.reading.clock || new.confirmed_at.is_some() {
            return Err(format!("generation {} does not begin now, unconfirmed", new.generation));
        }
        let moved = |closed: &&portcullis::model::record::Closed| {
            old.closed_at(closed.generation).is_some_and(|at| at != closed.at)
        };
        if let Some(closed) = new.closed.iter().find(moved) {
            return Err(format!("the closing of generation {} moved", closed.generation));
        }
    }
    Ok(())
}

/// Invariant 11: Tampering with, truncating or swapping a stored record is always detected; a
/// rolled-back one is answered by row 4 and reported.
pub fn tampering_is_detected(_: &Shadow, moment: &Moment<'_>) -> Seen {
    let Moment::Decided(decided) = moment else { return Ok(()) };
    match decided {
        Decided { genuine: false, result: Ok(_), .. } => {
            Err("a garbled record was read".to_owned())
        }
        Decided { genuine: false, result: Err(error), .. } => match error.code() {
            Code::RecordCorrupt | Code::RecordKey | Code::RecordNewer => Ok(()),
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
            let behind = session_of(*before, token.session.sid).is_some_and(|session| {
                session.generation < token.generation && session.is_alive(reading.clock)
            });
            let reported = decision.events.iter().any(|event| event.kind == EventKind::Restored);
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
pub fn same_bytes(_: &Shadow, moment: &Moment<'_>) -> Seen {
    match moment {
        Moment::Decided(Decided { twin: Some((one, other)), .. }) if one != other => {
            Err("the same decision twice gives different bytes".to_owned())
        }
        _ => Ok(()),
    }
}

fn parse(text: &str, reading: &Reading) -> Result<RefreshToken, String> {
    RefreshToken::parse(text, &reading.site.ring)
        .ok_or_else(|| "a refresh token that cannot be read".to_owned())
}
