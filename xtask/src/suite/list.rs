//! The suites of `cargo xtask test`, and what each needs before it can run.

use anyhow::Result;

use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use super::{engines, lint, rust, workerd};

/// A named group of tests that one runner runs.
pub struct Suite {
    /// The name on the command line.
    pub name: &'static str,
    /// The subject of the tests, for the list of suites.
    pub about: &'static str,
    /// Whether the suite runs when no suite is named.
    pub is_quick: bool,
    /// The parts that are left out when no suite is named; empty for none.
    pub quick_omits: &'static str,
    /// Whether the runner takes a filter of test names.
    pub takes_filter: bool,
    /// The resources that must be free and ready.
    pub needs: Needs,
    /// Runs the suite to its end.
    pub run: fn(&SuiteOptions) -> Result<SuiteResult>,
}

/// The resources of a suite, which decide what may run beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// cargo's lock on target/debug: such suites run one after the other, beside other suites.
    Cargo,
    /// The packed package: such suites run beside others.
    Package,
    /// The lock and the package.
    CargoAndPackage,
    /// The packed package and an idle machine: the suite measures times, or starts many processes.
    IdleMachine,
}

impl Needs {
    /// Whether cargo's lock is needed.
    pub fn has_cargo(self) -> bool {
        matches!(self, Needs::Cargo | Needs::CargoAndPackage)
    }

    /// Whether the packed package is needed.
    pub fn has_package(self) -> bool {
        self != Needs::Cargo
    }
}

impl Suite {
    const fn new(
        name: &'static str,
        needs: Needs,
        run: fn(&SuiteOptions) -> Result<SuiteResult>,
        about: &'static str,
    ) -> Suite {
        Suite { name, about, is_quick: false, quick_omits: "", takes_filter: false, needs, run }
    }

    /// Makes the suite part of the quick selection, without the parts that are named here.
    const fn quick(mut self, omits: &'static str) -> Suite {
        self.is_quick = true;
        self.quick_omits = omits;
        self
    }

    /// Declares that the runner takes a filter.
    const fn filterable(mut self) -> Suite {
        self.takes_filter = true;
        self
    }
}

const OMITTED_LINTS: &str =
    "clippy where the suite rust does not run it: for wasm32, on long tests";
const REPETITIONS: &str = "most repetitions of concurrent requests";

/// Every suite, in the order in which they start and are listed.
pub static ALL: [Suite; 17] = {
    use Needs::{Cargo, CargoAndPackage, IdleMachine, Package};
    [
        Suite::new("lint", Cargo, lint::lint, "rustfmt, dprint, Biome, clippy, line length")
            .quick(OMITTED_LINTS),
        Suite::new("rust", Cargo, rust::rust, "the core and the build tool, natively")
            .quick("the long test programs")
            .filterable(),
        Suite::new(
            "proofs",
            Cargo,
            rust::proofs,
            "the simulation and the model of rotation, optimised",
        )
        .filterable(),
        Suite::new("wasm32", Cargo, rust::wasm32, "the core's tests as wasm32 on Node 24")
            .filterable(),
        Suite::new("node24", Package, engines::node24, "the shared suite on Node 24")
            .quick(REPETITIONS)
            .filterable(),
        Suite::new("workerd", Package, workerd::workerd, "the shared suite in workerd")
            .quick(REPETITIONS)
            .filterable(),
        Suite::new("readme", Package, engines::readme, "the examples of the README").quick(""),
        Suite::new("node20", Package, engines::node20, "the shared suite on Node 20").filterable(),
        Suite::new("deno", Package, engines::deno, "the shared suite on Deno").filterable(),
        Suite::new("bun", Package, engines::bun, "the shared suite on Bun").filterable(),
        Suite::new(
            "differential",
            Package,
            engines::differential,
            "token verification against jose",
        ),
        Suite::new("bench", Package, engines::bench, "each benchmark, for one call"),
        Suite::new("package", Package, engines::package, "the tarball: publint, attw, contents"),
        Suite::new(
            "wycheproof",
            CargoAndPackage,
            engines::wycheproof,
            "Wycheproof's vectors on the module",
        ),
        Suite::new(
            "stores",
            IdleMachine,
            engines::stores,
            "the stores on their engines, with faults",
        ),
        Suite::new("browser", IdleMachine, engines::browser, "the demo in headless Chromium"),
        Suite::new(
            "frameworks",
            IdleMachine,
            engines::frameworks,
            "SvelteKit, Next.js, React Router, Astro",
        ),
    ]
};

/// Finds a suite by its name.
pub fn find(name: &str) -> Option<&'static Suite> {
    ALL.iter().find(|suite| suite.name == name)
}
