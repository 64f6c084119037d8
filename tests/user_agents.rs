//! Tests the user agent parser against the public cases of uap-core, if they lie beside the
//! repository, and its device classes and client hints against own tables. docs/user-agents.md
//! explains the figures.
#![cfg(not(target_arch = "wasm32"))]

#[path = "user_agents/cases.rs"]
mod cases;
#[path = "user_agents/classes.rs"]
mod classes;
#[path = "user_agents/hints.rs"]
mod hints;
#[path = "user_agents/likeness.rs"]
mod likeness;
#[path = "user_agents/properties.rs"]
mod properties;

use cases::{Case, cases};
use likeness::{Likeness, families, releases, systems, versions};
use portcullis::risk::user_agent::UserAgent;
use std::collections::BTreeMap;

/// Common browsers and applications with a built-in browser, under the names of the cases.
const BROWSERS: &[&str] = &[
    "Aloha Browser",
    "Amazon Silk",
    "Android",
    "Avast Secure Browser",
    "Brave",
    "Chrome",
    "Chrome Mobile",
    "Chrome Mobile WebView",
    "Chrome Mobile iOS",
    "Chromium",
    "Coc Coc",
    "DuckDuckGo",
    "DuckDuckGo Mobile",
    "Ecosia Android",
    "Ecosia iOS",
    "Edge",
    "Edge Mobile",
    "Facebook",
    "Facebook Messenger",
    "Firefox",
    "Firefox Mobile",
    "Firefox iOS",
    "Google",
    "HeadlessChrome",
    "HeyTap Browser",
    "Honor Browser",
    "Huawei Browser",
    "IE",
    "IE Mobile",
    "Instagram",
    "KakaoTalk",
    "LINE",
    "Maxthon",
    "MiuiBrowser",
    "Mobile Safari",
    "Mobile Safari UI/WKWebView",
    "Oculus Browser",
    "Opera",
    "Opera GX",
    "Opera Mini",
    "Opera Mobile",
    "Opera Touch",
    "Outlook",
    "Pale Moon",
    "Pinterest",
    "Puffin",
    "QQ Browser",
    "QQ Browser Mobile",
    "Safari",
    "Samsung Internet",
    "Seznam prohlížeč",
    "Snapchat",
    "Telegram",
    "TikTok",
    "Twitter",
    "UC Browser",
    "Vivaldi",
    "VivoBrowser",
    "Waterfox",
    "WeChat Browser",
    "Whale",
    "Yandex Browser",
];

/// Classes of disagreement, by words of the user agent. The first match counts; all others are
/// programs and applications under another name.
const DISAGREEMENTS: &[(&str, &[&str])] = &[
    (
        "robots, named by other words of the agent",
        &["bot", "crawl", "spider", "http", "www.", "@", "archive", "slurp"],
    ),
    (
        "old telephones and consoles",
        &[
            "midp",
            "nokia",
            "samsung-",
            "playstation",
            "psp",
            "nintendo",
            "up.browser",
            "/mini",
            "webos",
            "hpwos",
            "symbian",
            "ibrowser",
            "lg-",
            "obigo",
            "wetab",
            "playbook",
            "ucweb",
        ],
    ),
    ("televisions, by maker and year", &["hbbtv", "smart-tv", "smarttv", "crkey", "netcast"]),
    (
        "programs behind the name of what uses them",
        &["java", "python", "minio", "arcgis", "aws-sdk", "libcurl"],
    ),
    (
        "browsers that only a bare word or a comment names",
        &["safari/", "chrome/", "gecko/", "msie"],
    ),
];

/// Percentage of agreeing cases.
fn percent(agreed: usize, all: usize) -> f64 {
    100.0 * agreed as f64 / all as f64
}

/// Percentage of agreeing cases. Prints the likeness of the names, and the cases that disagree.
fn agreed(
    what: &str,
    cases: &[Case],
    like: impl Fn(&Case, UserAgent<'_>) -> Option<Likeness>,
) -> f64 {
    let mut found: BTreeMap<Likeness, usize> = BTreeMap::new();
    let mut apart: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        match like(case, UserAgent::parse(&case.agent)) {
            Some(likeness) => *found.entry(likeness).or_default() += 1,
            None => apart.entry(class_of(&case.agent)).or_default().push(case),
        }
    }
    let sum: usize = found.values().sum();
    println!(
        "{what}: {sum} of {} agree, {:.1} %; {found:?}",
        cases.len(),
        percent(sum, cases.len())
    );
    for (class, cases) in apart {
        println!(
            "    {class}: {}, as {:?} {:?} in {}",
            cases.len(),
            cases[0].family,
            cases[0].major,
            cases[0].agent
        );
    }
    percent(sum, cases.len())
}

fn class_of(agent: &str) -> &'static str {
    let agent = agent.to_lowercase();
    let class =
        DISAGREEMENTS.iter().find(|(_, words)| words.iter().any(|word| agent.contains(word)));
    class.map_or("applications and programs, named otherwise", |(class, _)| class)
}

#[test]
fn the_browsers_that_people_use_are_told_as_uap_core_tells_them() {
    let Some(mut cases) = cases("test_ua.yaml") else { return };
    cases.retain(|case| BROWSERS.contains(&case.family.as_str()));
    assert!(cases.len() > 250, "{} cases", cases.len());
    assert!(
        agreed("browsers, family", &cases, |case, agent| families(&case.family, agent.family))
            >= 97.0
    );
    assert!(
        agreed("browsers, major version", &cases, |case, agent| versions(case, agent.major))
            >= 97.0
    );
}

#[test]
fn systems_are_told_as_uap_core_tells_them() {
    let Some(cases) = cases("test_os.yaml") else { return };
    assert_eq!(cases.len(), 483);
    assert!(agreed("system", &cases, |case, agent| systems(&case.family, agent.os)) >= 97.0);
    assert!(
        agreed("system, major version", &cases, |case, agent| releases(case, agent.os_major))
            >= 97.0
    );
}

/// The cases collect rare user agents: four of five families have one case, and half of all cases
/// are bots.
#[test]
fn of_all_products_most_are_told_as_uap_core_tells_them() {
    let Some(cases) = cases("test_ua.yaml") else { return };
    assert_eq!(cases.len(), 1601);
    assert!(agreed("family", &cases, |case, agent| families(&case.family, agent.family)) >= 97.0);
    assert!(agreed("major version", &cases, |case, agent| versions(case, agent.major)) >= 97.0);
}
