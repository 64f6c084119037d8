//! `cargo xtask test`: the suites, and what each needs before it can run.

mod engines;
mod outcome;
pub mod package;
mod rust;
pub mod table;
mod wycheproof;

use std::process::ExitCode;

use anyhow::Result;

use crate::group;
use outcome::Outcome;

pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    needs_package: bool,
    run: fn() -> Result<Outcome>,
}

const fn rust(name: &'static str, about: &'static str, run: fn() -> Result<Outcome>) -> Suite {
    Suite { name, about, needs_package: false, run }
}

/// A suite on the packed tarball, unpacked where `import 'portcullis'` finds it.
const fn packed(name: &'static str, about: &'static str, run: fn() -> Result<Outcome>) -> Suite {
    Suite { name, about, needs_package: true, run }
}

pub static ALL: [Suite; 16] = [
    rust("lint", "formatting; clippy natively and for wasm32", rust::lint),
    rust("rust", "the core's behaviours, natively; the build tool's own tests", rust::native),
    rust("proofs", "rotation: the simulation, lost replies, thefts, the model", rust::proofs),
    rust("wasm32", "the same behaviours, compiled to wasm32, on Node 24", rust::wasm32),
    packed("node20", "the shared suite on Node 20", engines::node20),
    packed("node24", "the shared suite on Node 24", engines::node24),
    packed("deno", "the shared suite on Deno", engines::deno),
    packed("bun", "the shared suite on Bun", engines::bun),
    packed("workerd", "the shared suite in workerd, with Durable Objects", engines::workerd),
    packed("stores", "the stores on their real engines, killed and cut off too", engines::stores),
    packed("browser", "the demo and the harness in headless Chromium", engines::browser),
    packed("frameworks", "SvelteKit, Next.js, React Router and Astro, built and asked", engines::frameworks),
    packed("wycheproof", "Wycheproof's vectors on the shipped module", engines::wycheproof),
    packed("differential", "what jose refuses is refused; the other way round is listed", engines::differential),
    packed("package", "publint, attw and the contents of the tarball", engines::package),
    packed("readme", "the README's examples, executed", engines::readme),
];

pub fn only(name: &str) -> Vec<&'static Suite> {
    ALL.iter().filter(|suite| suite.name == name).collect()
}

/// The named suites, or all; a name that is none of them gives the sentence to say.
pub fn choose(names: &[&str]) -> Result<Vec<&'static Suite>, String> {
    if let Some(unknown) = names.iter().find(|name| only(name).is_empty()) {
        return Err(format!("There is no suite `{unknown}`."));
    }
    Ok(ALL.iter().filter(|suite| names.is_empty() || names.contains(&suite.name)).collect())
}

/// Runs them all, whatever fails, and sums up.
pub fn run(suites: &[&'static Suite]) -> Result<ExitCode> {
    let mut package = None;
    let mut results = Vec::new();
    for suite in suites {
        let broken = suite.needs_package.then(|| package.get_or_insert_with(broken_package)).cloned().flatten();
        let outcome = match broken {
            Some(why) => Outcome::broken(&why),
            None => (suite.run)().unwrap_or_else(|error| Outcome::broken(&format!("{error:#}"))),
        };
        if group::interrupted() {
            anyhow::bail!("interrupted");
        }
        if let Some(story) = &outcome.story {
            eprintln!("\n{}: {}\n", suite.name, story.trim_end());
        }
        results.push((suite.name, outcome));
    }
    print!("\n{}", table::report(&results));
    let failed = results.iter().any(|(_, outcome)| outcome.failed > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Why the suites on the package cannot run. The build's own story is told once, here.
fn broken_package() -> Option<String> {
    let error = package::prepare().err()?;
    eprintln!("\n{error:#}\n");
    Some("the package could not be built (above)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{ALL, choose};

    #[test]
    fn no_names_are_all_suites_and_names_keep_the_order_of_the_list() {
        let names = |words: &[&str]| choose(words).map(|suites| suites.iter().map(|s| s.name).collect::<Vec<_>>());
        assert_eq!(names(&[]).map(|all| all.len()), Ok(ALL.len()));
        assert_eq!(names(&["bun", "lint"]), Ok(vec!["lint", "bun"]));
        assert_eq!(names(&["nod"]), Err("There is no suite `nod`.".to_owned()));
    }
}
