//! Everybody, on all cores. What comes out depends on the seed and the number of users, never on
//! the cores.

use super::chance::Chance;
use super::diary::diary;
use super::freeman::Counts;
use super::parameters::World;
use super::people::Person;
use super::watch::{Fate, fate};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A world, and what became of its people.
pub struct Outcome {
    pub world: World,
    pub fates: Vec<Fate>,
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

    pub fn worlds(&mut self, worlds: &[World]) -> Vec<Outcome> {
        // Everybody is met once to count what is common, and once to be judged.
        self.total = self.users * 2 * worlds.len() as u64;
        worlds.iter().map(|world| self.world(*world)).collect()
    }

    fn world(&self, world: World) -> Outcome {
        // The worlds differ in their numbers, not in their dice: their people are the same as far
        // as the numbers are.
        let seed = Chance::of(&[self.seed]).roll();
        let everybody = Mutex::new(Counts::default());
        self.each(|number| {
            let mut counts = Counts::default();
            diary(seed, &Person::of(seed, number, &world), &world)
                .iter()
                .for_each(|event| counts.add(&event.seen));
            everybody.lock().expect("no panic").add_all(counts);
        });
        let everybody = everybody.into_inner().expect("no panic");
        let fates = Mutex::new(vec![Fate::default(); self.users as usize]);
        self.each(|number| {
            let fate = fate(seed, number, &world, &everybody);
            fates.lock().expect("no panic")[number as usize] = fate;
        });
        Outcome { world, fates: fates.into_inner().expect("no panic") }
    }

    /// Does something for every user, once. Where somebody reads along (PORTCULLIS_SIM_PROGRESS),
    /// says how far it is.
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
