//! Reads the cases of uap-core. Their YAML has one `key: 'value'` per line; other YAML is not
//! supported.

use std::path::Path;

/// A user agent and the expected result of uap-core.
pub struct Case {
    pub agent: String,
    pub family: String,
    pub major: Option<String>,
}

/// The cases of a file. Prints a note and returns `None` where the file is missing.
pub fn cases(name: &str) -> Option<Vec<Case>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/user-agents").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("no conformance data beside the repository: {name} was not run");
        return None;
    };
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let Some((key, value)) = line.trim_start_matches([' ', '-']).split_once(':') else {
            continue;
        };
        let value = value.trim();
        let quoted =
            ['\'', '"'].iter().find_map(|&sign| value.strip_prefix(sign)?.strip_suffix(sign));
        match (key, cases.last_mut()) {
            ("user_agent_string", _) => {
                let agent = quoted.expect("a quoted agent").to_owned();
                cases.push(Case { agent, family: String::new(), major: None });
            }
            ("family", Some(case)) => case.family = quoted.expect("a quoted family").to_owned(),
            ("major", Some(case)) => case.major = quoted.map(str::to_owned),
            _ => {}
        }
    }
    Some(cases)
}
