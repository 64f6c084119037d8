//! Refreshes a session: what each row of the table in `rotation` writes and returns.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, SessionView};
use super::presented_token::PresentedToken;
use super::request::RequestFacts;
use super::response_headers::{NewAccessToken, body_refresh_token};
use super::risk_response::{RiskQuery, ScoredEvent};
use super::session_event::SessionEventKind;
use super::verdict_effect::{IssuedTokens, VerdictEffect};
use crate::formats::key_ring::RingKey;
use crate::formats::key_schedule::KeyState;
use crate::formats::token::refresh_token::{RefreshToken, secret_hash};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::Entropy;
use crate::model::record::{SecretHash, SessionRecord, SubjectRecord};
use crate::risk::{EncodedContext, RiskEventKind, TokenStatus};

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    request: &RequestFacts,
    request_context: Option<&EncodedContext>,
    token: RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let presented_token = PresentedToken::new(&context, request, token)?;
    let issued = match presented_token.rotation.verdict.effect() {
        VerdictEffect::Issue(issued) => issued,
        VerdictEffect::Reject(rejection) => return Ok(presented_token.reject(&context, rejection)),
        VerdictEffect::RevokeForReuse => {
            return presented_token.revoke_for_reuse(context, &nonce);
        }
    };
    let mut record = context.record.take().ok_or(Error::from(ErrorCode::Internal))?;
    let sid = presented_token.token.session.local_id;
    let scored = ScoredEvent::assess(
        &context,
        &record,
        record.session(sid)?,
        &risk_query(request, request_context, issued),
    );
    if let Some(scored) = &scored {
        if let Some(refused) =
            scored.rejection(&context, &mut record, Some(sid), request, &nonce)?
        {
            return Ok(refused);
        }
        context.access_ttl = scored.access_ttl(&context.site.policy);
        if matches!(issued, IssuedTokens::ContinueAheadOfRecord | IssuedTokens::NextGeneration) {
            scored.learn_in(&mut record, sid, context.now)?;
        }
    }
    let decision = match issued {
        IssuedTokens::ContinueAheadOfRecord => {
            continue_ahead_of_record(&context, record, &presented_token, &nonce, entropy)
        }
        IssuedTokens::AccessTokenOnly => {
            issue_access_token(&context, record, &presented_token, &nonce, entropy)
        }
        IssuedTokens::NextGeneration => rotate(&context, record, &presented_token, &nonce, entropy),
        IssuedTokens::SuccessorAgain => {
            reissue_successor(&context, &record, &presented_token, entropy)
        }
    };
    Ok(ScoredEvent::add_events(scored.as_ref(), decision?, &context, sid))
}

fn risk_query<'a>(
    request: &'a RequestFacts,
    request_context: Option<&'a EncodedContext>,
    issued: IssuedTokens,
) -> RiskQuery<'a> {
    let token_status = if issued == IssuedTokens::SuccessorAgain {
        TokenStatus::ReusedInGrace
    } else {
        TokenStatus::None
    };
    RiskQuery {
        kind: RiskEventKind::Refresh,
        request_context,
        request,
        token_status,
        step_up_verified: false,
    }
}

/// Row 4: the record has lost a write that this client has seen. The chain continues from the
/// client's token, and the assurance stays that of the record.
fn continue_ahead_of_record(
    context: &DecisionContext<'_>,
    mut record: SubjectRecord,
    presented: &PresentedToken,
    nonce: &[u8; 24],
    entropy: &mut Entropy,
) -> Result<Decision> {
    let PresentedToken { token, facts, .. } = presented;
    record.drop_expired(context.now);
    let session = update_session(context, &mut record, token, |session| {
        let hash = SecretHash::new(secret_hash(&token.secret));
        session.start_generation(
            token.generation,
            hash,
            token.key_tag,
            facts.presented_token.client_family,
            context.now,
        );
        session.closed_generations.clear();
    })?;
    let outcome = refreshed_outcome(context, presented, &record.subject, &session, None, entropy)?;
    Ok(Decision::with_write(context, &record, nonce, outcome)?
        .with_events(Some(presented.event(context, SessionEventKind::AheadOfRecord))))
}

/// Row 5: the client keeps its refresh token. The idle deadline is written where it would move by
/// more than a tenth of the idle timeout, so that a user who is always active stays signed in.
fn issue_access_token(
    context: &DecisionContext<'_>,
    mut record: SubjectRecord,
    presented: &PresentedToken,
    nonce: &[u8; 24],
    entropy: &mut Entropy,
) -> Result<Decision> {
    let sid = presented.token.session.local_id;
    let session = record.session(sid)?.ok_or(Error::from(ErrorCode::Internal))?;
    let idle_timeout = context.site.policy.idle_timeout;
    let moved = context.now.saturating_add(idle_timeout).min(session.absolute_deadline);
    if moved.ms_since(session.idle_deadline).saturating_mul(10) <= idle_timeout.ms() {
        let outcome =
            refreshed_outcome(context, presented, &record.subject, session, None, entropy)?;
        return Ok(Decision::without_write(outcome)
            .with_events(Some(presented.event(context, SessionEventKind::Refreshed))));
    }
    let session = update_session(context, &mut record, &presented.token, |_| {})?;
    let outcome = refreshed_outcome(context, presented, &record.subject, &session, None, entropy)?;
    Ok(Decision::with_write(context, &record, nonce, outcome)?
        .with_events(Some(presented.event(context, SessionEventKind::Refreshed))))
}

/// Row 6: issues the successor. A successor is a function of the presented token, so that a client
/// which presents that token once more gets the same successor.
fn rotate(
    context: &DecisionContext<'_>,
    mut record: SubjectRecord,
    presented: &PresentedToken,
    nonce: &[u8; 24],
    entropy: &mut Entropy,
) -> Result<Decision> {
    let PresentedToken { token, facts, .. } = presented;
    let key = key_for_rotation(context, token)?;
    let successor = token.successor(key, context.now).ok_or(Error::from(ErrorCode::Internal))?;
    record.drop_expired(context.now);
    let session = update_session(context, &mut record, token, |session| {
        let hash = SecretHash::new(secret_hash(&successor.secret));
        session.rotate(
            hash,
            key.tag,
            facts.presented_token.client_family,
            context.now,
            facts.windows.in_flight,
        );
    })?;
    let outcome = refreshed_outcome(
        context,
        presented,
        &record.subject,
        &session,
        Some((&successor, key)),
        entropy,
    )?;
    Ok(Decision::with_write(context, &record, nonce, outcome)?
        .with_events(Some(presented.event(context, SessionEventKind::Refreshed))))
}

/// Row 7: the response was lost, or another tab asked at the same time. Nothing is written, so that
/// the window does not move.
fn reissue_successor(
    context: &DecisionContext<'_>,
    record: &SubjectRecord,
    presented: &PresentedToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let session = record
        .session(presented.token.session.local_id)?
        .ok_or(Error::from(ErrorCode::Internal))?;
    let (successor, key) = presented.successor(context, session)?;
    let outcome = refreshed_outcome(
        context,
        presented,
        &record.subject,
        session,
        Some((&successor, key)),
        entropy,
    )?;
    Ok(Decision::without_write(outcome)
        .with_events(Some(presented.event(context, SessionEventKind::SuccessorReissued))))
}

/// Chooses the key of a successor. A successor keeps the key of its predecessor until that key's
/// retirement is announced, so that an instance without the newest key can still read the token.
fn key_for_rotation<'a>(
    context: &DecisionContext<'a>,
    token: &RefreshToken,
) -> Result<&'a RingKey> {
    let ring = &context.site.key_ring;
    let parent = ring.find_by_tag(&token.key_tag).ok_or(Error::from(ErrorCode::Internal))?;
    let retires =
        matches!(parent.schedule.state(context.now), KeyState::Retiring | KeyState::Retired);
    Ok(if retires { ring.current_key(context.now) } else { parent })
}

/// Changes a session in the record, and gives a copy of the changed session.
fn update_session(
    context: &DecisionContext<'_>,
    record: &mut SubjectRecord,
    token: &RefreshToken,
    kind: impl FnOnce(&mut SessionRecord),
) -> Result<SessionRecord> {
    let session =
        record.session_mut(token.session.local_id)?.ok_or(Error::from(ErrorCode::Internal))?;
    kind(session);
    session.idle_deadline =
        context.now.saturating_add(context.site.policy.idle_timeout).min(session.absolute_deadline);
    Ok(session.clone())
}

fn refreshed_outcome(
    context: &DecisionContext<'_>,
    presented: &PresentedToken,
    subject: &str,
    session: &SessionRecord,
    successor: Option<(&RefreshToken, &RingKey)>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let access = NewAccessToken::issue(context, subject, session, entropy)?;
    Ok(Outcome::Refreshed {
        session: SessionView::new(context, subject, session),
        rotated: successor.is_some(),
        refresh_token: body_refresh_token(context, successor),
        headers: access.headers(context, successor, &presented.refresh_cookie_numbers)?,
        access_token: access.token,
        risk: None,
    })
}
