//! Shared code of the scoring tests. Each test binary uses a part.
#![allow(dead_code)]

pub mod crafted;
pub mod random;
pub mod user;
