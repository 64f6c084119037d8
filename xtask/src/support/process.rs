//! Running other programs, either quietly with their output kept in target/logs, or in the
//! foreground.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::support::process_group::{self, GroupedChild};
use crate::support::progress::Progress;
use crate::support::workspace::root;

/// How long a suite or a build step may take. The slowest one takes five minutes on two cores.
pub const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// How long a program may take that is meant to run for long and that reports its progress.
const LONG_TIME_LIMIT: Duration = Duration::from_secs(12 * 3600);

/// How often a running child is polled: a longer interval would delay steps of a few milliseconds.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// How many lines of a failed program's output are shown, of either stream.
const MAX_EXCERPT_LINES: usize = 60;

/// The outcome and the output of a program that has ended.
pub struct FinishedProgram {
    /// Whether the exit code was zero.
    pub success: bool,
    /// How the program ended, such as "exit status: 1".
    pub ending: String,
    /// The standard output as text.
    pub stdout: String,
    /// The standard error output as text.
    pub stderr: String,
    /// The file that holds stdout; stderr is beside it as `.err`.
    pub log: PathBuf,
}

impl FinishedProgram {
    /// The end of the output, without the lines that report success, and where all of it is.
    pub fn excerpt(&self) -> String {
        let lines = [last_lines(&self.stdout), last_lines(&self.stderr)].concat();
        format!("{}\n({}; whole output: {})", lines.join("\n"), self.ending, self.log.display())
    }
}

fn last_lines(output: &str) -> Vec<&str> {
    const ROUTINE: [&str; 6] =
        ["Compiling ", "Checking ", "Running ", "Finished ", "Blocking ", "Downloaded "];
    let is_routine = |line: &str| {
        let is_passed_test = line.starts_with("test ") && line.ends_with(" ... ok");
        is_passed_test || ROUTINE.iter().any(|word| line.trim_start().starts_with(word))
    };
    let lines: Vec<&str> = output.lines().filter(|line| !is_routine(line)).collect();
    lines[lines.len().saturating_sub(MAX_EXCERPT_LINES)..].to_vec()
}

/// Runs a program that must succeed and returns its stdout; the error of a failed program shows its
/// output.
pub fn run_step(label: &str, command: &mut Command) -> Result<String> {
    let finished = run_program(label, command)?;
    if !finished.success {
        bail!("{label} failed:\n\n{}", finished.excerpt());
    }
    Ok(finished.stdout)
}

/// Runs a program for at most [`TIME_LIMIT`]; the caller decides what its exit code means.
pub fn run_program(label: &str, command: &mut Command) -> Result<FinishedProgram> {
    run_within(TIME_LIMIT, label, command, |_, _| ())
}

/// Runs a program for hours if need be, and shows the progress that it prints in lines of the form
/// `progress DONE TOTAL UNIT`.
pub fn run_with_progress(label: &str, command: &mut Command) -> Result<FinishedProgram> {
    run_within(LONG_TIME_LIMIT, label, command, |progress, stdout| {
        if let Some((done, total, unit)) = last_count(&read_last_lines(stdout)) {
            progress.set_count(done, total, &unit);
        }
    })
}

fn run_within(
    limit: Duration,
    label: &str,
    command: &mut Command,
    on_poll: impl Fn(&Progress, &Path),
) -> Result<FinishedProgram> {
    let logs = root().join("target/logs");
    fs::create_dir_all(&logs).context("target/logs cannot be created")?;
    let name = label.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
    let (out, err) = (logs.join(format!("{name}.out")), logs.join(format!("{name}.err")));
    command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
    let progress = Progress::start(label);
    let mut child = spawn(command)?;
    let status = wait(&mut child, &progress, limit, || on_poll(&progress, &out))?;
    drop(child);
    let success = status.is_some_and(|status| status.success());
    let ending = match status {
        Some(status) => status.to_string(),
        None => format!("took longer than {} s and was stopped", limit.as_secs()),
    };
    progress.end(if success { "done" } else { "FAILED" });
    let (stdout, stderr) = (read_text(&out), read_text(&err));
    Ok(FinishedProgram { success, ending, stdout, stderr, log: out })
}

/// Runs a program that writes to the terminal itself, until it ends or Ctrl-C ends it.
pub fn run_in_foreground(command: &mut Command) -> Result<ExitStatus> {
    let mut child = spawn(command.stdin(Stdio::null()))?;
    Ok(child.child.wait()?)
}

/// The trimmed stdout of a program that answers at once, such as with its version. None if the
/// program is missing, fails or prints nothing.
pub fn query_output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn spawn(command: &mut Command) -> Result<GroupedChild> {
    let name = command.get_program().to_string_lossy().into_owned();
    GroupedChild::spawn(command)
        .with_context(|| format!("`{name}` could not be started: is it installed and on PATH?"))
}

/// Waits for the child; None means that the time limit has passed and the child was killed.
fn wait(
    child: &mut GroupedChild,
    progress: &Progress,
    limit: Duration,
    on_poll: impl Fn(),
) -> Result<Option<ExitStatus>> {
    loop {
        on_poll();
        if let Some(status) = child.child.try_wait()? {
            if process_group::is_interrupted() {
                bail!("interrupted");
            }
            return Ok(Some(status));
        }
        if progress.elapsed() > limit {
            child.kill();
            return Ok(None);
        }
        progress.tick();
        thread::sleep(POLL_INTERVAL);
    }
}

/// Finds the last `progress DONE TOTAL UNIT`, in front of which a test runner may have printed
/// something.
fn last_count(output: &str) -> Option<(u64, u64, String)> {
    let line = output.lines().rev().find_map(|line| line.split_once("progress "))?.1;
    let mut words = line.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.to_owned()))
}

/// Reads the end of a file that is still written to, up to its last whole line.
fn read_last_lines(path: &Path) -> String {
    const MAX_BYTES: u64 = 2048;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(MAX_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(text.rsplit_once('\n').map(|(lines, _)| lines.to_owned()).unwrap_or_default())
    };
    read().unwrap_or_default()
}

fn read_text(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_progress_line_counts() {
        let output = "test a ... progress 1 20 seeds\nprogress 7 20 seeds\nand so on";
        assert_eq!(super::last_count(output), Some((7, 20, "seeds".to_owned())));
        assert_eq!(super::last_count("no progress yet"), None);
    }
}
