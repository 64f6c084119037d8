//! Conversions between values of the core and of JavaScript that every export uses.

use crate::foundation::error::{Error, ErrorCode, RejectionReason};
use crate::foundation::time::Timestamp;
use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The result of an export. JavaScript throws the error.
pub(super) type JsResult<T> = std::result::Result<T, JsValue>;

pub(super) fn parse_time(ms: f64) -> JsResult<Timestamp> {
    Timestamp::from_host(ms).map_err(to_js_error)
}

/// A refusal as a number below 0, for the paths of every request: which of all the reasons (-1 is
/// the first). See [`tokens::reasons`].
pub(super) fn rejection_index(reason: RejectionReason) -> i32 {
    let position = RejectionReason::ALL.iter().position(|other| *other == reason);
    position
        .and_then(|position| i32::try_from(position).ok())
        .map_or(i32::MIN, |position| !position)
}

pub(super) fn to_js<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(|_| to_js_error(Error::from(ErrorCode::Internal)))
}

/// A JavaScript `Error` with `code` and `status`; the wrapper makes a `PortcullisError` of it.
pub(super) fn to_js_error(error: Error) -> JsValue {
    let thrown = JsValue::from(js_sys::Error::new(error.message()));
    let fields = [
        ("code", JsValue::from_str(error.code().code())),
        ("status", JsValue::from(error.code().status())),
    ];
    for (name, value) in fields {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&thrown, &JsValue::from_str(name), &value);
    }
    thrown
}
