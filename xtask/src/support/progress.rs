//! Shows the progress of the running steps on stderr; stdout is for results.
//!
//! A terminal gets one line that is redrawn and lists every running step. Anything else gets one
//! plain line when a step starts and one when the step ends.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a step that counts prints its count where there is no terminal.
const COUNT_INTERVAL: Duration = Duration::from_secs(5);

/// A redrawn line must not wrap: only its last row could be erased.
const MAX_COLUMNS: usize = 79;

static RUNNING: Mutex<Vec<(usize, String)>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicUsize = AtomicUsize::new(0);

/// A step that runs.
pub struct Progress {
    id: usize,
    label: String,
    started: Instant,
    is_terminal: bool,
    count: RefCell<String>,
    printed_at: Cell<Duration>,
}

impl Progress {
    /// Shows that the step has started.
    pub fn start(label: &str) -> Progress {
        let is_terminal = std::io::stderr().is_terminal();
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        running().push((id, label.to_owned()));
        if !is_terminal {
            eprintln!("{label} ...");
        }
        Progress {
            id,
            label: label.to_owned(),
            started: Instant::now(),
            is_terminal,
            count: RefCell::default(),
            printed_at: Cell::default(),
        }
    }

    /// Redraws the line of a terminal.
    pub fn tick(&self) {
        if !self.is_terminal {
            return;
        }
        let time = format_duration(self.elapsed());
        let text = format!("{} {time} {}", self.label, self.count.borrow());
        let mut running = running();
        if let Some(entry) = running.iter_mut().find(|(id, _)| *id == self.id) {
            entry.1 = text.trim_end().to_owned();
        }
        let texts: Vec<&str> = running.iter().map(|(_, text)| text.as_str()).collect();
        let line: String = texts.join(" | ").chars().take(MAX_COLUMNS).collect();
        eprint!("\r\x1b[2K{line}");
        let _ = std::io::stderr().flush();
    }

    /// Shows how many of the units are done, at which rate, and how long the rest will take.
    pub fn set_count(&self, done: u64, total: u64, unit: &str) {
        *self.count.borrow_mut() = format_bar(done, total, unit, self.elapsed());
        if !self.is_terminal && self.elapsed() >= self.printed_at.get() + COUNT_INTERVAL {
            self.printed_at.set(self.elapsed());
            eprintln!("{}: {}", self.label, self.count.borrow());
        }
    }

    /// Shows the outcome of the step and its duration.
    pub fn end(self, outcome: &str) {
        let time = format_duration(self.elapsed());
        running().retain(|(id, _)| *id != self.id);
        print_message(&format!("{}: {outcome} ({time})", self.label));
    }

    /// The time since the start of the step.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Prints a whole text to stderr, so that the texts of parallel steps do not interleave.
pub fn print_message(text: &str) {
    let _held = running();
    let erase = if std::io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
    eprintln!("{erase}{text}");
}

/// A duration as "4.2 s", "17 s" or "2 min 5 s".
pub fn format_duration(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=119 => format!("{} s", time.as_secs()),
        more => format!("{} min {} s", more / 60, more % 60),
    }
}

/// A bar such as "[######--------------] 600/2000 seeds, 75/s, 19 s left".
fn format_bar(done: u64, total: u64, unit: &str, elapsed: Duration) -> String {
    const WIDTH: u64 = 20;
    let full = (done * WIDTH / total.max(1)).min(WIDTH) as usize;
    let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH as usize - full));
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let left = Duration::from_secs_f64(total.saturating_sub(done) as f64 / rate.max(0.001));
    format!("[{bar}] {done}/{total} {unit}, {rate:.0}/s, {} left", format_duration(left))
}

fn running() -> MutexGuard<'static, Vec<(usize, String)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn the_bar_shows_count_rate_and_remaining_time() {
        let bar = |done| super::format_bar(done, 2000, "seeds", Duration::from_secs(8));
        assert_eq!(bar(600), "[######--------------] 600/2000 seeds, 75/s, 18 s left");
        assert_eq!(bar(2000), "[####################] 2000/2000 seeds, 250/s, 0.0 s left");
        assert!(bar(0).starts_with("[--------------------] 0/2000 seeds, 0/s, "), "{}", bar(0));
    }
}
