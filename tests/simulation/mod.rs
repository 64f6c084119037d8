//! The simulated world.
//!
//! ```text
//! rng scenario            a seed becomes a list of choices
//! world                   the time, the queue of events, a whole run
//! users cookie_jar        browsers with their tabs, thieves, their requests and responses
//! isolates task ring      isolates, their work, the keys that they know
//! attempt store           the loop of decide-and-swap.ts, interrupted at store calls; store faults
//! actions injected_bugs   the steps of a scenario; bugs that a run must find
//! observation             what the invariants look at
//! ground_truth session    what is true, whatever the code under test says
//! invariants/             the fourteen invariants
//! shrink campaign         a failing seed becomes a short trace; many seeds on all cores
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
