//! What a person sees while something takes long: on a terminal a line that moves, elsewhere one plain line when it
//! starts and one when it ends. All of it goes to stderr; results go to stdout.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const FRAMES: [&str; 4] = ["|", "/", "-", "\\"];

pub struct Progress {
    label: String,
    started: Instant,
    terminal: bool,
}

impl Progress {
    pub fn start(label: &str) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            eprintln!("{label} ...");
        }
        Progress { label: label.to_owned(), started: Instant::now(), terminal }
    }

    pub fn tick(&self) {
        if self.terminal {
            let frame = FRAMES[self.elapsed().subsec_millis() as usize / 125 % FRAMES.len()];
            eprint!("\r\x1b[2K{frame} {} {}", self.label, seconds(self.elapsed()));
            let _ = std::io::stderr().flush();
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

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=119 => format!("{} s", time.as_secs()),
        more => format!("{} min {} s", more / 60, more % 60),
    }
}
