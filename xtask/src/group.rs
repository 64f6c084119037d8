//! Every child runs in a process group of its own, so that it and whatever it started can be stopped together, by
//! number and never by name. What the person sends to us (Ctrl-C) we pass on to those groups.

use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// Ctrl-C asks the children to stop and lets us wait for them; a second one does not ask.
pub fn listen() {
    // Fails only if a handler is there already: this is the first and only one.
    let _ = ctrlc::set_handler(|| {
        let impatient = INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0;
        for id in running().iter() {
            signal(*id, if impatient { Stop::Kill } else { Stop::Ask });
        }
    });
}

pub fn interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}

/// A child in its own group. Dropping it stops what is left of the group.
pub struct Member {
    pub child: Child,
    id: u32,
}

impl Member {
    pub fn spawn(command: &mut Command) -> std::io::Result<Member> {
        own_group(command);
        let child = command.spawn()?;
        let id = child.id();
        running().push(id);
        Ok(Member { child, id })
    }

    pub fn kill(&mut self) {
        signal(self.id, Stop::Kill);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Engines leave helpers behind when their parent goes: the group outlives its leader.
        signal(self.id, Stop::Kill);
        running().retain(|id| *id != self.id);
    }
}

#[derive(Clone, Copy)]
enum Stop {
    Ask,
    Kill,
}

/// A thread that panicked while it held the list leaves a list that is still good.
fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(unix)]
fn signal(id: u32, stop: Stop) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = match stop {
        Stop::Ask => Signal::INT,
        Stop::Kill => Signal::KILL,
    };
    // Gone already is what we want.
    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, signal);
    }
}

/// Elsewhere the console sends Ctrl-C to every process attached to it, and `Child::kill` does the rest.
#[cfg(not(unix))]
fn own_group(_: &mut Command) {}
#[cfg(not(unix))]
fn signal(_: u32, _: Stop) {}
