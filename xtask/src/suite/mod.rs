//! The suites of `cargo xtask test`.

mod engines;
pub mod formatters;
mod line_length;
mod lint;
pub mod list;
pub mod package;
mod report;
pub mod run;
mod rust;
pub mod suite_options;
mod suite_result;
mod workerd;
