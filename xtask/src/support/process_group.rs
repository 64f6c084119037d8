//! Child processes, each in a process group of its own.
//!
//! A group lets this tool stop a child together with everything that the child started, by number
//! and never by name. Ctrl-C reaches this tool alone, which passes it on to the groups.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// Starts to handle Ctrl-C: the first one asks the children to stop, the second one kills them.
pub fn handle_interrupts() {
    // Setting the handler fails only if there is one already, and this is the only call.
    let _ = ctrlc::set_handler(|| {
        let is_repeated = INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0;
        for id in running().iter() {
            send_signal(*id, if is_repeated { Stop::Kill } else { Stop::Interrupt });
        }
    });
}

/// Whether the user has pressed Ctrl-C.
pub fn is_interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}

/// A child process that leads its own group; dropping it kills what is left of the group.
pub struct GroupedChild {
    /// The leader of the group, to wait for.
    pub child: Child,
    id: u32,
}

impl GroupedChild {
    /// Starts the program in a new group.
    pub fn spawn(command: &mut Command) -> std::io::Result<GroupedChild> {
        start_in_new_group(command);
        let child = command.spawn()?;
        let id = child.id();
        running().push(id);
        Ok(GroupedChild { child, id })
    }

    /// Kills the whole group and waits for its leader.
    pub fn kill(&mut self) {
        send_signal(self.id, Stop::Kill);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for GroupedChild {
    fn drop(&mut self) {
        // Some engines leave processes of their own behind; the group outlives its leader.
        send_signal(self.id, Stop::Kill);
        running().retain(|id| *id != self.id);
    }
}

#[derive(Clone, Copy)]
enum Stop {
    Interrupt,
    Kill,
}

/// A thread that panics while it holds the list cannot leave a damaged list behind.
fn running() -> MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn start_in_new_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(unix)]
fn send_signal(id: u32, stop: Stop) {
    use nix::sys::signal::{Signal, killpg};
    let signal = match stop {
        Stop::Interrupt => Signal::SIGINT,
        Stop::Kill => Signal::SIGKILL,
    };
    if let Ok(group) = i32::try_from(id) {
        // The call fails if the group has ended already, which is what it asks for.
        let _ = killpg(nix::unistd::Pid::from_raw(group), signal);
    }
}

/// Other systems send Ctrl-C to every process of the console, and `Child::kill` does the rest.
#[cfg(not(unix))]
fn start_in_new_group(_: &mut Command) {}
#[cfg(not(unix))]
fn send_signal(_: u32, _: Stop) {}
