//! The decision table, for hosts that replay facts through it.

use super::{JsResult, input, output, thrown, time};
use crate::decide::{self, Facts, PresentedFacts, SessionFacts};
use crate::error::Code;
use crate::policy;
use crate::record::Cause;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RotationInput {
    now_ms: f64,
    presented: PresentedInput,
    session: Option<SessionInput>,
    removal: Option<Cause>,
    throttle_seconds: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PresentedInput {
    generation: u32,
    absolute_deadline_ms: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionInput {
    generation: u32,
    same_secret: bool,
    rotated_at_ms: f64,
    idle_deadline_ms: f64,
    absolute_deadline_ms: f64,
}

/// See [`decide::decide_rotation`].
#[wasm_bindgen(js_name = decideRotation)]
pub fn decide_rotation(facts: JsValue) -> JsResult<JsValue> {
    let facts: RotationInput = input(facts, Code::Argument)?;
    output(&decide::decide_rotation(&Facts {
        now: time(facts.now_ms)?,
        presented: PresentedFacts {
            generation: facts.presented.generation,
            absolute_deadline: time(facts.presented.absolute_deadline_ms)?,
        },
        session: facts.session.map(SessionInput::facts).transpose()?,
        removal: facts.removal,
        throttle: policy::throttle(facts.throttle_seconds).map_err(thrown)?,
    }))
}

impl SessionInput {
    fn facts(self) -> JsResult<SessionFacts> {
        let end = time(self.idle_deadline_ms)?.min(time(self.absolute_deadline_ms)?);
        Ok(SessionFacts {
            generation: self.generation,
            same_secret: self.same_secret,
            rotated_at: time(self.rotated_at_ms)?,
            end,
        })
    }
}
