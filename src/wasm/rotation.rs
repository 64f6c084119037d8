//! The decision table, for hosts that replay facts through it. The facts come as a row of numbers,
//! in the order of `pkg/src/tokens.ts`: an object with its names would cost 4 KB of the module.
//! What is absent is NaN.

use super::{JsResult, output, thrown};
use crate::decide::{self, Facts, PresentedFacts, SessionFacts};
use crate::foundation::error::{Code, Error, Result};
use crate::model::policy::{self, PolicyInput};
use crate::model::record::{Cause, StepUp};
use crate::formats::sender::Sender;
use crate::foundation::time::Timestamp;
use wasm_bindgen::prelude::*;

/// See [`decide::decide_rotation`].
#[wasm_bindgen(js_name = decideRotation)]
pub fn decide_rotation(numbers: Vec<f64>) -> JsResult<JsValue> {
    let facts = facts(&mut Numbers(numbers.into_iter())).map_err(thrown)?;
    output(&decide::decide_rotation(&facts))
}

fn facts(row: &mut Numbers) -> Result<Facts> {
    let now = row.time()?;
    let presented = PresentedFacts {
        generation: row.generation()?,
        absolute_deadline: row.time()?,
        sender: sender(true),
    };
    let removal = match row.optional() {
        None => None,
        Some(1.0) => Some(Cause::Revoked),
        Some(2.0) => Some(Cause::Evicted),
        Some(3.0) => Some(Cause::Reused),
        Some(_) => return Err(Error::from(Code::Argument)),
    };
    let windows = policy::windows(&PolicyInput {
        throttle_seconds: row.optional(),
        race_seconds: row.optional(),
        flight_seconds: row.optional(),
        retry_seconds: row.optional(),
        confirmation_fed: row.optional().map(|fed| fed > 0.0),
        ..PolicyInput::default()
    })?;
    let session = if row.yes() { Some(session(row)?) } else { None };
    Ok(Facts { now, presented, session, removal, windows })
}

fn session(row: &mut Numbers) -> Result<SessionFacts> {
    Ok(SessionFacts {
        generation: row.generation()?,
        same_secret: row.yes(),
        successor_is_current: row.yes(),
        written_by: sender(row.yes()),
        rotated_at: row.time()?,
        end: row.time()?.min(row.time()?),
        confirmed_at: row.optional_time()?,
        closed_at: row.optional_time()?,
        step_up: if row.yes() { Some(step_up(row)?) } else { None },
    })
}

fn step_up(row: &mut Numbers) -> Result<StepUp> {
    Ok(StepUp {
        generation: row.generation()?,
        at: row.time()?,
        written_by: sender(row.yes()),
        closed_at: row.optional_time()?,
    })
}

/// The presenting one, or anybody else.
fn sender(same: bool) -> Sender {
    if same { Sender::default() } else { Sender::of(Some("Windows")) }
}

/// The row, from its front.
struct Numbers(std::vec::IntoIter<f64>);

impl Numbers {
    fn optional(&mut self) -> Option<f64> {
        self.0.next().filter(|number| !number.is_nan())
    }

    fn yes(&mut self) -> bool {
        self.optional() == Some(1.0)
    }

    fn generation(&mut self) -> Result<u32> {
        let whole = self
            .optional()
            .filter(|number| number.fract() == 0.0 && (0.0..4_294_967_296.0).contains(number));
        whole.map(|number| number as u32).ok_or_else(|| {
            Error::because(
                Code::Argument,
                "A generation must be a whole number from 0 to 4294967295.",
            )
        })
    }

    fn time(&mut self) -> Result<Timestamp> {
        Timestamp::from_host(self.optional().unwrap_or(f64::NAN))
    }

    fn optional_time(&mut self) -> Result<Option<Timestamp>> {
        self.optional().map(Timestamp::from_host).transpose()
    }
}
