//! What a person sees while something takes long: on a terminal a line that moves, elsewhere one plain line when it
//! starts and one when it ends. All of it goes to stderr; results go to stdout.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often something that counts says so where there is no terminal.
const SAID_EVERY: Duration = Duration::from_secs(5);

const FRAMES: [&str; 4] = ["|", "/", "-", "\\"];

pub struct Progress {
    label: String,
    started: Instant,
    terminal: bool,
    note: RefCell<String>,
    said: Cell<Duration>,
}

impl Progress {
    pub fn start(label: &str) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            eprintln!("{label} ...");
        }
        let (note, said) = (RefCell::default(), Cell::default());
        Progress { label: label.to_owned(), started: Instant::now(), terminal, note, said }
    }

    pub fn tick(&self) {
        if self.terminal {
            let frame = FRAMES[self.elapsed().subsec_millis() as usize / 125 % FRAMES.len()];
            eprint!("\r\x1b[2K{frame} {} {} {}", self.label, seconds(self.elapsed()), self.note.borrow());
            let _ = std::io::stderr().flush();
        }
    }

    /// So many are done; told beside the label, with the rate and what remains.
    pub fn count(&self, done: u64, total: u64, what: &str) {
        *self.note.borrow_mut() = bar(done, total, what, self.elapsed());
        if !self.terminal && self.elapsed() >= self.said.get() + SAID_EVERY {
            self.said.set(self.elapsed());
            eprintln!("{}: {}", self.label, self.note.borrow());
        }
    }

    pub fn end(self, verdict: &str) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
        eprintln!("{}: {verdict} ({})", self.label, seconds(self.elapsed()));
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// "[######--------------] 600/2000 seeds, 75/s, 19 s left"
fn bar(done: u64, total: u64, what: &str, elapsed: Duration) -> String {
    const WIDTH: u64 = 20;
    let full = (done * WIDTH / total.max(1)).min(WIDTH) as usize;
    let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH as usize - full));
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let left = Duration::from_secs_f64(total.saturating_sub(done) as f64 / rate.max(0.001));
    format!("[{bar}] {done}/{total} {what}, {rate:.0}/s, {} left", seconds(left))
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=119 => format!("{} s", time.as_secs()),
        more => format!("{} min {} s", more / 60, more % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn the_bar_says_how_many_how_fast_and_how_long_still() {
        let bar = |done| super::bar(done, 2000, "seeds", Duration::from_secs(8));
        assert_eq!(bar(600), "[######--------------] 600/2000 seeds, 75/s, 18 s left");
        assert_eq!(bar(2000), "[####################] 2000/2000 seeds, 250/s, 0.0 s left");
        assert!(bar(0).starts_with("[--------------------] 0/2000 seeds, 0/s, "), "{}", bar(0));
    }
}
