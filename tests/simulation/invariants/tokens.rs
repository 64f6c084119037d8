//! The invariants of access tokens: 6, 7, 9, 12.

use super::CheckResult;
use crate::simulated::cookie_jar::{self, ACCESS};
use crate::simulated::ground_truth::{GroundTruth, LEEWAY, claims, headers, session_of};
use crate::simulated::observation::{Accepted, Decided, Landed, Observation, Reading};
use crate::simulated::users::facts;
use portcullis::decide::{Decision, Operation, Outcome, Plan, authenticate, plan};

/// Invariant 6: A stateless verifier outlives a revocation by at most one access-token lifetime
/// plus leeway.
pub fn revocations_are_seen_in_time(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let Observation::Accepted(Accepted { claims, reading, .. }) = moment else { return Ok(()) };
    let Some(session) = claims.session().and_then(|id| shadow.session(id.local_id)) else {
        return Err("a token of a session nobody began".to_owned());
    };
    let most =
        shadow.access_ttl + LEEWAY + shadow.spread + if shadow.jumps { 2 * 3_660_000 } else { 0 };
    match session.acknowledged.filter(|_| !session.restored) {
        Some(at) if reading.now > at + most => {
            Err(format!("accepted {} ms after its revocation", reading.now - at))
        }
        _ => Ok(()),
    }
}

/// Invariant 7: Claims always belong to the presented token's subject.
pub fn claims_belong_to_the_subject(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Accepted(Accepted { claims, browser, .. }) => {
            let session = claims.session().and_then(|id| shadow.session(id.local_id));
            match session {
                Some(session) if session.subject == claims.sub && session.browser == *browser => {
                    Ok(())
                }
                _ => Err(format!("claims of {} in browser {}", claims.sub, browser + 1)),
            }
        }
        Observation::Decided(Decided {
            result: Ok(decision),
            presented: Some(token),
            reading,
            operation,
            ..
        }) if !matches!(operation, Operation::SignIn(_)) => {
            let mut room = Vec::new();
            let (Some(given), Some(session)) = (
                claims(&decision.outcome, reading, &mut room),
                shadow.session(token.session.local_id),
            ) else {
                return Ok(());
            };
            let same = given.sub == session.subject && given.session() == Some(token.session);
            if same {
                Ok(())
            } else {
                Err(format!("{} presents, {} is claimed", session.subject, given.sub))
            }
        }
        _ => Ok(()),
    }
}

/// Invariant 9: Refresh never raises acr, scope, auth_time or the absolute deadline.
pub fn refresh_never_raises(shadow: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    match moment {
        Observation::Landed(
            landed @ Landed { operation: Operation::Refresh { .. }, presented: Some(token), .. },
        ) => {
            let sid = token.session.local_id;
            let (Some(old), Some(new)) =
                (session_of(landed.before, sid), session_of(Some(landed.after), sid))
            else {
                return Ok(());
            };
            let assurance = (&new.acr, &new.amr, new.authenticated_at)
                == (&old.acr, &old.amr, old.authenticated_at);
            let bounds =
                (new.absolute_deadline, new.created_at) == (old.absolute_deadline, old.created_at);
            let own = (&new.claims, &new.jkt, &new.data) == (&old.claims, &old.jkt, &old.data);
            if assurance && bounds && own {
                Ok(())
            } else {
                Err("a refresh changed what is no refresh's".to_owned())
            }
        }
        Observation::Decided(Decided {
            operation: Operation::Refresh { .. },
            presented: Some(token),
            result: Ok(decision),
            reading,
            before,
            ..
        }) => {
            let Some(session) = session_of(*before, token.session.local_id) else { return Ok(()) };
            let mut room = Vec::new();
            let Some(given) = claims(&decision.outcome, reading, &mut room) else { return Ok(()) };
            let absolute = refresh_deadline(decision, reading)
                .is_none_or(|end| end == token.absolute_deadline.ms());
            let known = shadow
                .session(token.session.local_id)
                .is_none_or(|known| known.absolute == session.absolute_deadline);
            let assurance = given.acr.as_deref() == session.acr.as_deref()
                && given.auth_time == session.authenticated_at.whole_seconds();
            let ends = given.exp <= session.absolute_deadline.whole_seconds();
            if absolute && known && assurance && ends {
                Ok(())
            } else {
                Err("a refreshed token claims more".to_owned())
            }
        }
        _ => Ok(()),
    }
}

fn refresh_deadline(decision: &Decision, reading: &Reading) -> Option<u64> {
    let text = headers(&decision.outcome).and_then(cookie_jar::refresh_set)?;
    cookie_jar::presented_token(
        &format!("__Host-portcullis-refresh-0={text}"),
        &reading.site.key_ring,
    )
    .map(|token| token.absolute_deadline.ms())
}

/// Invariant 12: No token works for another purpose (access, refresh, CSRF, DPoP, DBSC).
pub fn no_token_for_another_purpose(_: &GroundTruth, moment: &Observation<'_>) -> CheckResult {
    let Observation::Landed(Landed { decision, reading, .. }) = moment else { return Ok(()) };
    let (Outcome::SignedIn { access_token, headers, .. }
    | Outcome::Refreshed { access_token, headers, .. }) = &decision.outcome
    else {
        return Ok(());
    };
    let as_refresh =
        facts(false, &format!("__Host-portcullis-refresh-0={}", access_token.expose()));
    let planned = plan(
        &reading.site,
        &Operation::Refresh { request_context: None, request: as_refresh },
        reading.clock,
    );
    let Ok(Plan::Done(outcome)) = planned else {
        return Err("an access token is planned as a refresh token".to_owned());
    };
    let is_malformed = matches!(
        &*outcome,
        Outcome::Rejected(rejection)
            if rejection.code == "ERR_REFRESH_MALFORMED" && rejection.headers.is_empty()
    );
    if !is_malformed {
        return Err("an access token in the refresh cookie is not malformed".to_owned());
    }
    let Some(refresh) = cookie_jar::refresh_set(headers) else { return Ok(()) };
    let request = facts(false, &format!("{ACCESS}={refresh}"));
    let mut room = Vec::new();
    let verified = authenticate(&reading.site, &request, reading.clock, &mut room);
    if matches!(verified, Ok(Err(_))) {
        Ok(())
    } else {
        Err("a refresh token is accepted as an access token".to_owned())
    }
}
