//! Tests the properties of tests/fuzz_properties on inputs of our own mutator, for 2 seconds each
//! or for PORTCULLIS_FUZZ_SECONDS.
//!
//! A failure prints the number of its input, and PORTCULLIS_FUZZ_SEED=number starts with that
//! input.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::disallowed_methods,
    reason = "what is bounded by time needs a clock, and a person who may set it"
)]

#[path = "fuzz_properties/mod.rs"]
mod fuzz_properties;

use fuzz_properties::{ALL, FuzzProperty, mutator};
use std::collections::BTreeSet;
use std::env;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time after which an input counts as a hang and the process aborts.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn token_property_holds() {
    holds("token");
}

#[test]
fn header_property_holds() {
    holds("header");
}

#[test]
fn claims_property_holds() {
    holds("claims");
}

#[test]
fn jwk_property_holds() {
    holds("jwk");
}

#[test]
fn pem_property_holds() {
    holds("pem");
}

#[test]
fn der_property_holds() {
    holds("der");
}

#[test]
fn json_property_holds() {
    holds("json");
}

#[test]
fn base64url_property_holds() {
    holds("base64url");
}

#[test]
fn cookie_property_holds() {
    holds("cookie");
}

/// `cargo xtask fuzz` finds the properties by the names of these files, and the tests by the names
/// of the properties.
#[test]
fn every_property_has_a_test_and_a_target() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let targets = std::fs::read_dir(root.join("fuzz/fuzz_targets")).expect("a folder of targets");
    let targets: BTreeSet<String> = targets
        .map(|entry| {
            entry
                .expect("an entry")
                .path()
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(targets, ALL.iter().map(|property| property.name.to_owned()).collect());
    let [tests, manifest] = ["fuzz_properties.rs", "fuzz/Cargo.toml"]
        .map(|file| std::fs::read_to_string(root.join(file)).expect("a file of the repository"));
    for property in &ALL {
        assert!(
            tests.contains(&format!("fn {}_property_holds()", property.name)),
            "{}",
            property.name
        );
        assert!(
            manifest.contains(&format!("fuzz_targets/{}.rs", property.name)),
            "{}",
            property.name
        );
    }
}

#[test]
fn a_number_makes_the_same_input_every_time() {
    let seeds = fuzz_properties::corpus::jsons();
    let inputs = |first: u64| {
        (first..first + 200).map(|number| mutator::mutate(number, &seeds)).collect::<BTreeSet<_>>()
    };
    assert_eq!(inputs(0), inputs(0));
    assert!(inputs(0).len() > 150 && inputs(0) != inputs(1000));
}

/// Tests a property on its seeds, and on mutations of them until the time is up.
fn holds(name: &str) {
    let property =
        ALL.iter().find(|property| property.name == name).expect("a property of this name");
    let seeds = (property.corpus)();
    for seed in &seeds {
        attempts_made(property, None, seed);
    }
    let seconds = variable("PORTCULLIS_FUZZ_SECONDS");
    let first =
        variable("PORTCULLIS_FUZZ_SEED").unwrap_or(if seconds.is_some() { clock() } else { 0 });
    let limit = limit(seconds.is_some());
    let (end, current) =
        (Instant::now() + Duration::from_secs(seconds.unwrap_or(2)), AtomicU64::new(first));
    let (alive, ended) = mpsc::channel::<()>();
    let (count, slowest) = thread::scope(|scope| {
        scope.spawn(|| watch(property, &current, &seeds, ended));
        // Dropping the sender ends the watch, also when the property panics.
        let _alive = alive;
        let (mut number, mut slowest) = (first, Duration::ZERO);
        while Instant::now() < end {
            current.store(number, Ordering::Relaxed);
            let input = mutator::mutate(number, &seeds);
            let took = fastest(property, number, &input, limit);
            slowest = slowest.max(took);
            number = number.wrapping_add(1);
        }
        (number.wrapping_sub(first), slowest)
    });
    println!(
        "{name}: {count} inputs from number {first}, the slowest {:.1} ms",
        slowest.as_secs_f64() * 1e3
    );
}

/// The longest time for one input. A short run of a debug build allows more, because it is slower.
fn limit(is_long_run: bool) -> Duration {
    Duration::from_millis(if is_long_run || !cfg!(debug_assertions) { 50 } else { 2000 })
}

/// The shortest time of up to five attempts, because a single slow attempt may come from a busy
/// machine.
fn fastest(property: &FuzzProperty, number: u64, input: &[u8], limit: Duration) -> Duration {
    let mut took = attempts_made(property, Some(number), input);
    for _ in 0..4 {
        if took <= limit {
            return took;
        }
        took = took.min(attempts_made(property, Some(number), input));
    }
    assert!(
        took <= limit,
        "{}\nHangs: {took:?}, and {limit:?} are allowed.",
        story(property, Some(number), input)
    );
    took
}

fn attempts_made(property: &FuzzProperty, number: Option<u64>, input: &[u8]) -> Duration {
    let teller = Teller { property, number, input };
    let start = Instant::now();
    (property.check)(input);
    let took = start.elapsed();
    drop(teller);
    took
}

/// Prints the input when a property panics.
struct Teller<'a> {
    property: &'a FuzzProperty,
    number: Option<u64>,
    input: &'a [u8],
}

impl Drop for Teller<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", story(self.property, self.number, self.input));
        }
    }
}

fn story(property: &FuzzProperty, number: Option<u64>, input: &[u8]) -> String {
    let seed =
        number.map_or("a seed".to_owned(), |number| format!("PORTCULLIS_FUZZ_SEED={number}"));
    let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("The property of {} is broken by {seed}:\n{hex}", property.name)
}

/// Aborts the process when one input takes too long, because a thread cannot be stopped otherwise.
fn watch(
    property: &FuzzProperty,
    current: &AtomicU64,
    seeds: &[Vec<u8>],
    ended: mpsc::Receiver<()>,
) {
    let (mut seen, mut since) = (None, Instant::now());
    while ended.recv_timeout(Duration::from_millis(500)) == Err(mpsc::RecvTimeoutError::Timeout) {
        let number = current.load(Ordering::Relaxed);
        if seen.replace(number) != Some(number) {
            since = Instant::now();
        } else if since.elapsed() > PATIENCE {
            let story = story(property, Some(number), &mutator::mutate(number, seeds));
            // The test harness would capture the output of eprintln until the test ends.
            let _ = writeln!(std::io::stderr(), "{story}\nHangs.");
            std::process::abort();
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} takes a whole number, not {value:?}")))
}

fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}
