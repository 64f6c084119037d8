//! The two entry points of the protocol between core and host: `plan` and `decide`.
//!
//! Each gives an operation to the module that decides operations of its kind.

use super::context::DecisionContext;
use super::operation::Operation;
use super::outcome::{Decision, Outcome, Plan};
use super::presented_token::PresentedToken;
use super::site::Site;
use super::validate::{parse_session_id, subject_index_key, validate_data};
use super::{
    first_use, list, refresh, revoke, risk_profile, session_check, sign_in, sign_out, step_up,
};
use crate::formats::token::csrf_token;
use crate::formats::token::refresh_token::RefreshToken;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;
use crate::model::record::SubjectRecord;

/// The random bytes that every attempt of an operation needs: a nonce (24), a token ID (16), the
/// jitter of an expiry time (4) and a CSRF token.
pub const ATTEMPT_BYTES: usize = 24 + 16 + 4 + csrf_token::RANDOM_BYTES;

/// Names the record that an operation needs, or gives its outcome where no record is needed.
///
/// # Errors
/// [`ErrorCode::Argument`], [`ErrorCode::DevelopmentMode`].
pub fn plan(site: &Site, operation: &Operation, now: Timestamp) -> Result<Plan> {
    plan_with_token(site, operation, now).map(|(plan, _)| plan)
}

/// Plans an operation, and gives the parsed refresh token of an operation that uses one.
fn plan_with_token(
    site: &Site,
    operation: &Operation,
    now: Timestamp,
) -> Result<(Plan, Option<RefreshToken>)> {
    let plan = match operation {
        Operation::SignIn(sign_in) => sign_in::plan(site, sign_in)?,
        Operation::Refresh { request, .. } => {
            return Ok(plan_for_token(PresentedToken::parse_token(site, request)?));
        }
        Operation::SignOut { request } => sign_out::plan(site, request, now)?,
        Operation::StepUp(step_up) => {
            return Ok(plan_for_token(step_up::parse_refresh_token(site, step_up)?));
        }
        Operation::Check { request, .. } => session_check::plan(site, request, now)?,
        Operation::Update { session_id, data } => {
            validate_data(data.as_deref())?;
            Plan::Read(parse_session_id(session_id)?.subject)
        }
        Operation::Revoke { session_id }
        | Operation::Find { session_id }
        | Operation::Confirm { session_id, .. } => {
            Plan::Read(parse_session_id(session_id)?.subject)
        }
        Operation::RevokeAll { subject, .. }
        | Operation::List { subject }
        | Operation::Profile { subject, .. } => Plan::Read(subject_index_key(site, subject)?),
    };
    Ok((plan, None))
}

fn plan_for_token(
    token: std::result::Result<RefreshToken, RejectionReason>,
) -> (Plan, Option<RefreshToken>) {
    match token {
        Ok(token) => (Plan::Read(token.session.subject), Some(token)),
        Err(reason) => (Plan::done(Outcome::rejected(reason)), None),
    }
}

/// Decides an operation on the stored record under the key that [`plan`] named.
///
/// # Errors
/// The errors of [`plan`], the codes that begin with `ERR_RECORD_`, and [`ErrorCode::Entropy`].
pub fn decide(
    site: &Site,
    operation: &Operation,
    entry: Option<&[u8]>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let (key, token) = match plan_with_token(site, operation, now)? {
        (Plan::Read(key), token) => (key, token),
        (Plan::Done(outcome), _) => return Ok(Decision::without_write(*outcome)),
    };
    let token = || token.ok_or(Error::from(ErrorCode::Internal));
    let record =
        entry.map(|sealed| SubjectRecord::unseal(&site.key_ring, &key, sealed)).transpose()?;
    let decision_context =
        DecisionContext { site, key, record, now, access_ttl: site.policy.access_ttl };
    match operation {
        Operation::SignIn(sign_in) => sign_in::decide(decision_context, sign_in, entropy),
        Operation::Refresh { request, request_context } => {
            refresh::decide(decision_context, request, request_context.as_ref(), token()?, entropy)
        }
        Operation::SignOut { request } => sign_out::decide(decision_context, request, entropy),
        Operation::StepUp(step_up) => step_up::decide(decision_context, step_up, token()?, entropy),
        Operation::Check { request, request_context, is_inner } => {
            let check = session_check::SessionCheck {
                request,
                request_context: request_context.as_ref(),
                is_inner: *is_inner,
            };
            session_check::decide(decision_context, &check, entropy)
        }
        Operation::Find { session_id } => {
            session_check::find_session(&decision_context, parse_session_id(session_id)?.local_id)
                .map(Decision::without_write)
        }
        Operation::Update { session_id, data } => session_check::update_data(
            decision_context,
            parse_session_id(session_id)?.local_id,
            data.as_deref(),
            entropy,
        ),
        Operation::Confirm { session_id, generation } => first_use::decide(
            decision_context,
            parse_session_id(session_id)?.local_id,
            *generation,
            entropy,
        ),
        Operation::Revoke { session_id } => {
            revoke::revoke_one(decision_context, parse_session_id(session_id)?.local_id, entropy)
        }
        Operation::RevokeAll { except, .. } => revoke::revoke_all(
            decision_context,
            except.as_deref().map(parse_session_id).transpose()?,
            entropy,
        ),
        Operation::Profile { erase, .. } => risk_profile::decide(decision_context, *erase, entropy),
        Operation::List { .. } => {
            list::list_active_sessions(&decision_context).map(Decision::without_write)
        }
    }
}
