//! Layer 2: the wire formats, one in each file. Bytes and strings come in, checked types come out.

pub mod clear_site_data;
pub mod client_family;
pub mod cookie;
pub mod id;
pub mod key_ring;
pub mod key_schedule;
pub mod known_answer;
pub mod origin_check;
pub mod seal;
pub mod secret_input;
pub mod token;
