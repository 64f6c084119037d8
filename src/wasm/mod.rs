//! Layer 6: the JavaScript interface. No other folder names JavaScript.
//!
//! Every export is synchronous and takes `&self`, so that no Rust value is borrowed across a
//! JavaScript `await`.
//!
//! - `site_core`: a site and its decisions
//! - `tokens`: signing and verifying outside a session
//! - `keygen`: generation of keys, subkeys and opaque tokens; seal and unseal
//! - `rotation`: the rotation decision on facts that the caller gives
//! - `risk`: risk scoring without a site
//! - `shared_buffer`: the memory through which texts cross without an allocation
//! - `js_object`, `decode`, `convert`: values of JavaScript become values of the core, and back
//! - `test_support`: exports that only tests call

mod convert;
mod decode;
mod js_object;
mod keygen;
mod risk;
mod rotation;
mod shared_buffer;
mod site_core;
mod test_support;
mod tokens;

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

/// Wipes freed memory: a value that moves leaves a copy of its bytes behind.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);
