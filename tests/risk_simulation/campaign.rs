//! Runs the simulation of all users on all cores. The result depends on the seed and the number of
//! users, not on the cores.

use super::evaluation::{UserResults, evaluate_user};
use super::event_log::generate_events;
use super::freeman_model::FeatureCounts;
use super::parameters::WorldParameters;
use super::rng::Rng;
use super::users::SimulatedUser;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A world and the results of its users.
pub struct WorldResults {
    pub world: WorldParameters,
    pub users: Vec<UserResults>,
}

#[derive(Debug)]
pub struct Campaign {
    pub seed: u64,
    pub users: u64,
    pub threads: usize,
    done: AtomicU64,
    total: u64,
}

impl Campaign {
    pub fn new(seed: u64, users: u64, threads: usize) -> Self {
        Self { seed, users, threads, done: AtomicU64::new(0), total: 0 }
    }

    pub fn worlds(&mut self, worlds: &[WorldParameters]) -> Vec<WorldResults> {
        // Every user is simulated twice: once to count common values, once to evaluate.
        self.total = self.users * 2 * worlds.len() as u64;
        worlds.iter().map(|world| self.world(*world)).collect()
    }

    fn world(&self, world: WorldParameters) -> WorldResults {
        // Worlds differ in their parameters and not in the seed, so their users are equal as far as
        // the parameters are.
        let seed = Rng::from_seed(&[self.seed]).next_u64();
        let everybody = Mutex::new(FeatureCounts::default());
        self.each(|number| {
            let mut counts = FeatureCounts::default();
            generate_events(seed, &SimulatedUser::generate(seed, number, &world), &world)
                .iter()
                .for_each(|event| counts.add(&event.request));
            everybody.lock().expect("no panic").add_all(counts);
        });
        let everybody = everybody.into_inner().expect("no panic");
        let fates = Mutex::new(vec![UserResults::default(); self.users as usize]);
        self.each(|number| {
            let fate = evaluate_user(seed, number, &world, &everybody);
            fates.lock().expect("no panic")[number as usize] = fate;
        });
        WorldResults { world, users: fates.into_inner().expect("no panic") }
    }

    /// Calls a function once for every user, and reports progress if PORTCULLIS_SIM_PROGRESS is
    /// set.
    fn each(&self, work: impl Fn(u64) + Sync) {
        let next = AtomicU64::new(0);
        let reads_along = std::env::var_os("PORTCULLIS_SIM_PROGRESS").is_some();
        let run = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.users {
                    return;
                }
                work(number);
                let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
                if reads_along && (done.is_multiple_of(16) || done == self.total) {
                    let _ = writeln!(std::io::stdout(), "progress {done} {} users", self.total);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(run);
            }
        });
    }
}
