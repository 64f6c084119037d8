//! Floor 1. What a user agent says of itself.
#![allow(missing_docs)]
/// Agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agent<'a> {
    pub family: &'a str,
    pub major: Option<u32>,
    pub os: &'a str,
    pub os_major: Option<u32>,
    pub class: Class,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Class {
    #[default]
    Unknown,
    Desktop,
    Mobile,
    Tablet,
    Bot,
}
impl<'a> Agent<'a> {
    pub fn read(ua: &'a str) -> Self {
        let fam = ["Edg/", "OPR/", "SamsungBrowser/", "FxiOS/", "Firefox/", "CriOS/", "Chrome/", "Version/"];
        let found = fam.iter().find_map(|f| ua.split_once(f).map(|(_, rest)| (*f, rest)));
        let os = ["Windows", "Android", "iPhone", "iPad", "CrOS", "Mac OS X", "Linux"];
        let os = os.iter().find(|o| ua.contains(**o)).copied().unwrap_or("");
        let (family, rest) = found.unwrap_or(("", ""));
        let major = rest.split('.').next().and_then(|m| m.parse().ok());
        Self {
            family,
            major,
            os,
            os_major: None,
            class: if ua.contains("Mobile") { Class::Mobile } else { Class::Desktop },
        }
    }
    pub fn from_hints(_brands: &'a str, _platform: Option<&'a str>, _mobile: Option<&'a str>) -> Self {
        Self::default()
    }
    pub fn contradicts(self, _hints: Agent<'_>) -> bool {
        false
    }
}
