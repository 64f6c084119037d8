//! The simulated users, thieves and sites.
//!
//! ```text
//! rng                   distributions of reproducible random numbers
//! parameters            every number of the worlds, with its source
//! geography             countries and their cities
//! networks              providers, their addresses, and the apparent location of an address
//! browsers              signals and updates of browsers
//! users trips           users, their devices and their trips
//! location event_log    the network of a device; all events of a user in order
//! attackers             the signals of thieves
//! scored_site           the model under test, as a site would run it
//! rules freeman_model   the baselines
//! evaluation            the verdicts of all methods on one user and the attacks
//! campaign              the simulation of all users on all cores
//! metrics               thresholds, rates and intervals
//! table text            the tables and the prose of the page
//! svg plot              the plots
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
