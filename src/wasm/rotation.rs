//! The rotation decision, for hosts that replay facts. The facts are a row of numbers in the order
//! of `pkg/src/sessions/decide-rotation.ts`. A missing fact is NaN.
//!
//! measured: see performance.md, Rotation facts as numbers

use super::convert::{JsResult, to_js, to_js_error};
use crate::decide::{self, PresentedTokenFacts, RotationFacts, SessionFacts};
use crate::formats::client_family::ClientFamily;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;
use crate::model::policy::{self, PolicyInput};
use crate::model::record::{RemovalReason, StepUpRecord};
use wasm_bindgen::prelude::*;

/// Decides the rotation of the given facts: see [`decide::decide_rotation`].
#[wasm_bindgen(js_name = decideRotation)]
pub fn decide_rotation(numbers: Vec<f64>) -> JsResult<JsValue> {
    let facts = decode_facts(&mut NumberRow(numbers.into_iter())).map_err(to_js_error)?;
    to_js(&decide::decide_rotation(&facts))
}

fn decode_facts(row: &mut NumberRow) -> Result<RotationFacts> {
    let now = row.next_time()?;
    let presented_token = PresentedTokenFacts {
        generation: row.next_generation()?,
        absolute_deadline: row.next_time()?,
        client_family: decode_client_family(Some(true)),
    };
    let removal_reason = match row.next_optional() {
        None => None,
        Some(1.0) => Some(RemovalReason::Revoked),
        Some(2.0) => Some(RemovalReason::Evicted),
        Some(3.0) => Some(RemovalReason::Reused),
        Some(_) => return Err(Error::from(ErrorCode::Argument)),
    };
    let windows = policy::windows(&PolicyInput {
        min_rotation_interval_seconds: row.next_optional(),
        concurrent_refresh_seconds: row.next_optional(),
        in_flight_seconds: row.next_optional(),
        lost_response_seconds: row.next_optional(),
        leeway_seconds: row.next_optional(),
        confirmations_recorded: row.next_optional().map(|fed| fed > 0.0),
        ..PolicyInput::default()
    })?;
    let session = if row.next_bool() { Some(decode_session(row)?) } else { None };
    Ok(RotationFacts { now, presented_token, session, removal_reason, windows })
}

fn decode_session(row: &mut NumberRow) -> Result<SessionFacts> {
    Ok(SessionFacts {
        generation: row.next_generation()?,
        secret_matches: row.next_bool(),
        successor_is_current: row.next_bool(),
        rotated_by: decode_client_family(row.next_optional_bool()),
        rotated_at: row.next_time()?,
        expires_at: row.next_time()?.min(row.next_time()?),
        confirmed_at: row.next_optional_time()?,
        closed_at: row.next_optional_time()?,
        step_up: if row.next_bool() { Some(decode_step_up(row)?) } else { None },
    })
}

fn decode_step_up(row: &mut NumberRow) -> Result<StepUpRecord> {
    Ok(StepUpRecord {
        generation: row.next_generation()?,
        at: row.next_time()?,
        rotated_by: decode_client_family(row.next_optional_bool()),
        closed_at: row.next_optional_time()?,
    })
}

/// A client family that compares with the presenting one as the fact says.
fn decode_client_family(same: Option<bool>) -> ClientFamily {
    ClientFamily::from_user_agent(match same {
        Some(true) => Some("Windows Chrome/1"),
        Some(false) => Some("Linux Firefox/1"),
        None => None,
    })
}

/// The rest of the row, from its front.
struct NumberRow(std::vec::IntoIter<f64>);

impl NumberRow {
    fn next_optional(&mut self) -> Option<f64> {
        self.0.next().filter(|number| !number.is_nan())
    }

    fn next_bool(&mut self) -> bool {
        self.next_optional() == Some(1.0)
    }

    fn next_optional_bool(&mut self) -> Option<bool> {
        self.next_optional().map(|number| number == 1.0)
    }

    fn next_generation(&mut self) -> Result<u32> {
        let whole = self
            .next_optional()
            .filter(|number| number.fract() == 0.0 && (0.0..4_294_967_296.0).contains(number));
        whole.map(|number| number as u32).ok_or_else(|| {
            Error::with_message(
                ErrorCode::Argument,
                "A generation must be a whole number from 0 to 4294967295.",
            )
        })
    }

    fn next_time(&mut self) -> Result<Timestamp> {
        Timestamp::from_host(self.next_optional().unwrap_or(f64::NAN))
    }

    fn next_optional_time(&mut self) -> Result<Option<Timestamp>> {
        self.next_optional().map(Timestamp::from_host).transpose()
    }
}
