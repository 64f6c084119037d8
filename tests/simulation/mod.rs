//! The simulated world.
//!
//! ```text
//! dice script             a seed becomes a list of choices
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

pub mod attempt;
pub mod bugs;
pub mod campaign;
pub mod dice;
pub mod host;
pub mod invariants;
pub mod jar;
pub mod lossy;
pub mod moment;
pub mod people;
pub mod ring;
pub mod script;
pub mod session;
pub mod shadow;
pub mod shrink;
pub mod store;
pub mod task;
pub mod theft;
pub mod turns;
pub mod world;
