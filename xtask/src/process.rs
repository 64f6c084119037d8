//! Running other programs: quietly with their output kept in target/logs, or in the foreground.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::group::{self, Member};
use crate::progress::Progress;
use crate::tools::root;

/// A suite or a build step that takes longer has hung. The slowest honest one (a cold build on two cores) takes three
/// minutes.
pub const LIMIT: Duration = Duration::from_secs(15 * 60);

/// For what is meant to take long, and shows that it goes on.
const LONG_LIMIT: Duration = Duration::from_secs(12 * 3600);

/// How often a running child is looked at: short enough for fast steps to stay fast.
const POLL: Duration = Duration::from_millis(40);

/// How much of a failed program's output is shown, of either stream; all of it is in the log.
const SHOWN_LINES: usize = 60;

/// What a program did.
pub struct Finished {
    pub success: bool,
    /// "exit status: 1", "took longer than 900 s and was stopped".
    pub ending: String,
    pub stdout: String,
    pub stderr: String,
    /// Where its stdout was kept; its stderr lies beside, as `.err`.
    pub log: PathBuf,
}

impl Finished {
    /// What the program said at its end, without the lines that only say that all is well.
    pub fn excerpt(&self) -> String {
        let parts = [tail(&self.stdout), tail(&self.stderr)].concat();
        format!("{}\n({}; whole output: {})", parts.join("\n"), self.ending, self.log.display())
    }
}

fn tail(output: &str) -> Vec<&str> {
    const CALM: [&str; 6] = ["Compiling ", "Checking ", "Running ", "Finished ", "Blocking ", "Downloaded "];
    let calm = |line: &&str| {
        let start = line.trim_start();
        CALM.iter().any(|word| start.starts_with(word)) || (line.starts_with("test ") && line.ends_with(" ... ok"))
    };
    let lines: Vec<&str> = output.lines().filter(|line| !calm(line)).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].to_vec()
}

/// Runs a step that must succeed and gives its stdout. A failure shows what the program said.
pub fn step(label: &str, command: &mut Command) -> Result<String> {
    let finished = run(label, command)?;
    if !finished.success {
        bail!("{label} failed:\n\n{}", finished.excerpt());
    }
    Ok(finished.stdout)
}

/// Runs a program to its end, or to the time limit, with a line of progress; its failure is the caller's to judge.
pub fn run(label: &str, command: &mut Command) -> Result<Finished> {
    run_within(LIMIT, label, command, |_, _| ())
}

/// A program that says how far it is, in lines of `progress DONE TOTAL WHAT`: shown as a bar. It may take hours.
pub fn counted(label: &str, command: &mut Command) -> Result<Finished> {
    run_within(LONG_LIMIT, label, command, |progress, out| {
        if let Some((done, total, what)) = last_count(&text_from_end(out)) {
            progress.count(done, total, &what);
        }
    })
}

fn run_within(
    limit: Duration,
    label: &str,
    command: &mut Command,
    look: impl Fn(&Progress, &PathBuf),
) -> Result<Finished> {
    let logs = root().join("target/logs");
    fs::create_dir_all(&logs).context("target/logs cannot be made")?;
    let name: String = label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let (out, err) = (logs.join(format!("{name}.out")), logs.join(format!("{name}.err")));
    command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
    let progress = Progress::start(label);
    let mut member = spawn(command)?;
    let status = wait(&mut member, &progress, limit, || look(&progress, &out))?;
    drop(member);
    let success = status.is_some_and(|status| status.success());
    let ending = status.map_or(format!("took longer than {} s and was stopped", limit.as_secs()), |s| s.to_string());
    progress.end(if success { "done" } else { "FAILED" });
    Ok(Finished { success, ending, stdout: text(&out), stderr: text(&err), log: out })
}

/// Runs a program that talks to the person itself, until it ends or Ctrl-C ends it.
pub fn foreground(command: &mut Command) -> Result<ExitStatus> {
    let mut member = spawn(command.stdin(Stdio::null()))?;
    Ok(member.child.wait()?)
}

/// A quick question to a program, such as its version: what it says first, or nothing if it cannot be asked.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn spawn(command: &mut Command) -> Result<Member> {
    let name = command.get_program().to_string_lossy().into_owned();
    Member::spawn(command).with_context(|| format!("`{name}` could not be started: is it installed and on PATH?"))
}

/// None when the time was up.
fn wait(member: &mut Member, progress: &Progress, limit: Duration, look: impl Fn()) -> Result<Option<ExitStatus>> {
    loop {
        look();
        if let Some(status) = member.child.try_wait()? {
            if group::interrupted() {
                bail!("interrupted");
            }
            return Ok(Some(status));
        }
        if progress.elapsed() > limit {
            member.kill();
            return Ok(None);
        }
        progress.tick();
        thread::sleep(POLL);
    }
}

/// The last `progress DONE TOTAL WHAT`; the runner of tests may have begun the line.
fn last_count(said: &str) -> Option<(u64, u64, String)> {
    let line = said.lines().rev().find_map(|line| line.split_once("progress "))?.1;
    let mut words = line.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.to_owned()))
}

/// The end of a file that still grows, from its last whole line back.
fn text_from_end(path: &PathBuf) -> String {
    const SHOWN_BYTES: u64 = 2048;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let from = file.metadata()?.len().saturating_sub(SHOWN_BYTES);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(text.rsplit_once('\n').map(|(whole, _)| whole.to_owned()).unwrap_or_default())
    };
    read().unwrap_or_default()
}

fn text(path: &PathBuf) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_line_of_progress_counts() {
        let said = "test a ... progress 1 20 seeds\nprogress 7 20 seeds\nand so on";
        assert_eq!(super::last_count(said), Some((7, 20, "seeds".to_owned())));
        assert_eq!(super::last_count("nothing yet"), None);
    }
}
