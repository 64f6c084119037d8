//! Layer 2: the wire formats, one in each file. Bytes and strings come in, checked types come out.

pub mod cookie;
pub mod csrf;
pub mod id;
pub mod keys;
pub mod known_answer;
pub mod schedule;
pub mod seal;
pub mod sender;
pub mod token;
