//! The simulated world.
//!
//! ```text
//! rng script             a seed becomes a list of choices
//! world                   time, the queue of what happens next, the whole run
//! people jar              browsers with their tabs, thieves, what they send and do with the answers
//! host task ring          isolates, their work, the keys they know
//! attempt store           the loop of pkg/src/sessions/decide-and-swap.ts, cut at every store call; what stores do wrong
//! turns bugs              what the script may choose; bugs to plant
//! moment shadow session   what is looked at, and what is true
//! invariants/             the fourteen
//! shrink campaign         a failing seed becomes a story; many seeds on all cores
//! lossy                   replies that are lost, instances that die
//! theft                   a thief against a victim, in four orders
//! ```

pub mod actions;
pub mod attempt;
pub mod campaign;
pub mod cookie_jar;
pub mod ground_truth;
pub mod injected_bugs;
pub mod invariants;
pub mod isolates;
pub mod lossy_network;
pub mod observation;
pub mod ring;
pub mod rng;
pub mod scenario;
pub mod session;
pub mod shrink;
pub mod store;
pub mod task;
pub mod theft;
pub mod users;
pub mod world;
