//! Reads the fields of a JavaScript object. `undefined` and `null` mean that a field is missing. A
//! field of another type is an error that names the field and never quotes it, because it may be a
//! secret.
//!
//! The fields are read one by one, because generic deserializers make the module larger.
//! measured: see performance.md, Reading objects by hand

use crate::foundation::error::{Error, ErrorCode, Result};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

/// An object that JavaScript gave.
pub struct JsObject {
    object: JsValue,
    code: ErrorCode,
}

impl JsObject {
    /// Wraps an object. `code` is the code of every error about its fields.
    pub const fn new(object: JsValue, code: ErrorCode) -> Self {
        Self { object, code }
    }

    /// Reads a string that must be there.
    pub fn get_text(&self, name: &str) -> Result<String> {
        self.get_optional_text(name)?.ok_or_else(|| self.type_error(name, "a string"))
    }

    /// Reads a string that may be missing.
    pub fn get_optional_text(&self, name: &str) -> Result<Option<String>> {
        self.get_field(name, "a string", |value| value.as_string())
    }

    /// Reads a number that may be missing.
    pub fn get_number(&self, name: &str) -> Result<Option<f64>> {
        self.get_field(name, "a number", |value| value.as_f64())
    }

    /// Reads a boolean that may be missing.
    pub fn get_bool(&self, name: &str) -> Result<Option<bool>> {
        self.get_field(name, "true or false", |value| value.as_bool())
    }

    /// Reads bytes that must be there.
    pub fn get_bytes(&self, name: &str) -> Result<Vec<u8>> {
        self.get_optional_bytes(name)?.ok_or_else(|| self.type_error(name, "a Uint8Array"))
    }

    /// Reads bytes that may be missing.
    pub fn get_optional_bytes(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.get_field(name, "a Uint8Array", |value| {
            value.dyn_into().ok().map(|array: Uint8Array| array.to_vec())
        })
    }

    /// Reads a list, whose entries `read` reads. A missing list is empty.
    pub fn get_list<T>(&self, name: &str, read: impl Fn(JsValue) -> Result<T>) -> Result<Vec<T>> {
        let list = self.get_field(name, "an array", |value| value.dyn_into::<Array>().ok())?;
        list.iter().flat_map(Array::iter).map(read).collect()
    }

    /// Reads a list of strings.
    pub fn get_text_list(&self, name: &str) -> Result<Vec<String>> {
        self.get_list(name, |value| {
            value.as_string().ok_or_else(|| self.type_error(name, "an array of strings"))
        })
    }

    /// Reads a list of objects.
    pub fn get_object_list<T>(
        &self,
        name: &str,
        read: impl Fn(&Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.get_list(name, |value| read(&Self::new(value, self.code)))
    }

    /// Reads a required object.
    pub fn get_object(&self, name: &str) -> Result<Self> {
        self.get_optional_object(name)?.ok_or_else(|| self.type_error(name, "an object"))
    }

    /// Reads an object that may be missing.
    pub fn get_optional_object(&self, name: &str) -> Result<Option<Self>> {
        let object =
            self.get_field(name, "an object", |value| value.is_object().then_some(value))?;
        Ok(object.map(|object| Self::new(object, self.code)))
    }

    fn get_field<T>(
        &self,
        name: &str,
        kind: &str,
        as_kind: impl FnOnce(JsValue) -> Option<T>,
    ) -> Result<Option<T>> {
        let value = Reflect::get(&self.object, &JsValue::from_str(name));
        let value = value.map_err(|_| self.type_error(name, kind))?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        as_kind(value).map(Some).ok_or_else(|| self.type_error(name, kind))
    }

    fn type_error(&self, name: &str, kind: &str) -> Error {
        Error::with_message(self.code, format!("{name} must be {kind}."))
    }
}
