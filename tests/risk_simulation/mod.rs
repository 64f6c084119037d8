//! The simulated users, thieves and sites.
//!
//! ```text
//! chance             rng that fall the same way every time
//! parameters         every number of the worlds, with its source
//! geography          countries and their cities
//! networks           providers, their addresses, where an address seems to be
//! browsers           what browsers say of themselves, and when they are updated
//! people trips       who there is, with which devices, and when they travel
//! places diary       which network a device is in; everything that a person does, in order
//! attackers          what a thief shows
//! site               the model under test, as a site would run it
//! rules freeman      the baselines
//! watch              one user, watched by all of them, and attacked
//! campaign           everybody, on all cores
//! measure            thresholds, rates, intervals
//! table text         the tables, and what stands around them
//! svg plot           the plots
//! ```

pub mod attackers;
pub mod browsers;
pub mod campaign;
pub mod evaluation;
pub mod event_log;
pub mod freeman_model;
pub mod geography;
pub mod location;
pub mod metrics;
pub mod networks;
pub mod parameters;
pub mod plot;
pub mod rng;
pub mod rules;
pub mod scored_site;
pub mod svg;
pub mod table;
pub mod text;
pub mod trips;
pub mod users;
