//! What the tests of scoring share. Each binary uses its own part of it.
#![allow(dead_code)]

pub mod crafted;
pub mod random;
pub mod user;
