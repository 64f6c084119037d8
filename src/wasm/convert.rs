//! Conversions between values of the core and of JavaScript that every export uses.

use crate::foundation::error::{Error, ErrorCode, RejectionReason};
use crate::foundation::time::Timestamp;
use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The result of an export. JavaScript throws the error.
pub(super) type JsResult<T> = std::result::Result<T, JsValue>;

/// Takes the host's time, in milliseconds since 1970.
///
/// # Errors
/// [`ErrorCode::Clock`].
pub(super) fn parse_time(ms: f64) -> JsResult<Timestamp> {
    Timestamp::from_host(ms).map_err(to_js_error)
}

/// A rejection as a number below 0, for the calls of every request: -1 is the first entry of the
/// rejection table.
pub(super) fn rejection_index(reason: RejectionReason) -> i32 {
    let position = RejectionReason::ALL.iter().position(|other| *other == reason);
    position
        .and_then(|position| i32::try_from(position).ok())
        .map_or(i32::MIN, |position| !position)
}

/// Makes a JavaScript value of a serializable one. `None` becomes `null`.
pub(super) fn to_js<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(|_| to_js_error(Error::from(ErrorCode::Internal)))
}

/// Makes a JavaScript `Error` with `code` and `status`, which the package turns into a
/// `PortcullisError`.
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
