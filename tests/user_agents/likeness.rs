//! Defines when a result counts as equal to that of uap-core, and on which kind of likeness the
//! agreement rests.

use super::cases::Case;

/// Likeness of two results that count as equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Equal in every character.
    Equal,
    /// Equal except for case, spaces, punctuation and a final `Browser`: `OpenWave` and `Open
    /// Wave`, `Mypal` and `Mypal Browser`.
    Spelling,
    /// Equal by [`RENAMED`] and similar tables, because uap-core uses another name than the user
    /// agent.
    Renamed,
}

/// Words of user agents and the product names of uap-core.
const RENAMED: &[(&str, &str)] = &[
    ("ABB", "Aloha Browser"),
    ("ADG", "AOL Desktop Gold Browser"),
    ("ArcGIS.Android", "ArcGIS Runtime SDK for Android"),
    ("ArcGISRuntime-Android", "ArcGIS Runtime SDK for Android"),
    ("ArcGISRuntime-NET", "ArcGIS Runtime SDK for NET"),
    ("ArcGISRuntime-Qt", "ArcGIS Runtime SDK for Qt"),
    ("ArcGISRuntime-iOS", "ArcGIS Runtime SDK for iOS"),
    ("ArcGISiOS", "ArcGIS Runtime SDK for iOS"),
    ("Asynchronous WinHTTP", "WinHTTP"),
    ("Coast", "Opera Coast"),
    ("Collector", "Collector for ArcGIS"),
    ("Collector-Android", "Collector for ArcGIS"),
    ("Collector-iOS", "Collector for ArcGIS"),
    ("CreativeCloud", "Adobe CreativeCloud"),
    ("ESPN Radio", "ESPN"),
    ("Explorer", "Explorer for ArcGIS"),
    ("Explorer-Android", "Explorer for ArcGIS"),
    ("Explorer-iOS", "Explorer for ArcGIS"),
    ("Kurio", "Kurio App"),
    ("MMS", "Opera Neon"),
    ("NewRelicPinger", "NewRelicPingerBot"),
    ("OBS", "OBS Studio"),
    ("OC", "Skype"),
    ("OpenVAS", "OpenVAS Scanner"),
    ("PAN GlobalProtect", "GlobalProtect"),
    ("PHX", "Phoenix Browser"),
    ("Rackspace Monitoring", "RackspaceBot"),
    ("ViaFree-DK", "ViaFree"),
    ("Viafree-tvOS-DK", "ViaFree"),
    ("WebThumbnail", "WebThumb"),
    ("Workforce-iOS", "Workforce for ArcGIS"),
    ("atc", "Apple Watch App"),
    ("cf", "CloudFoundry"),
    ("facebookexternalhit", "FacebookBot"),
    ("ownCloud-android", "Owncloud"),
];

/// Compares product names.
pub fn families(theirs: &str, ours: &str) -> Option<Likeness> {
    let ours = if ours.is_empty() { "Other" } else { ours };
    let renamed = RENAMED.contains(&(ours, theirs)).then_some(Likeness::Renamed);
    spelling(theirs, ours).or(renamed)
}

fn spelling(theirs: &str, ours: &str) -> Option<Likeness> {
    let plain = |name: &str| {
        let name: String =
            name.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect();
        name.strip_suffix("browser").unwrap_or(&name).to_owned()
    };
    match theirs == ours {
        true => Some(Likeness::Equal),
        false => (plain(theirs) == plain(ours)).then_some(Likeness::Spelling),
    }
}

/// Compares versions. uap-core numbers Outlook by years.
pub fn versions(case: &Case, ours: Option<u32>) -> Option<Likeness> {
    let theirs = case.major.as_ref().and_then(|major| major.parse().ok());
    let year = match ours {
        Some(12) => 2007,
        Some(14) => 2010,
        Some(15) => 2013,
        Some(16) => 2016,
        _ => 0,
    };
    let renamed = (case.family == "Outlook" && theirs == Some(year)).then_some(Likeness::Renamed);
    if theirs == ours { Some(Likeness::Equal) } else { renamed }
}

/// Compares systems. uap-core distinguishes the systems of Chromecasts and the releases of
/// Symbian^3.
pub fn systems(theirs: &str, ours: &str) -> Option<Likeness> {
    let renamed = [("LGE", "LG"), ("Chromecast", "Chromecast "), ("Symbian OS", "Symbian^3")];
    let renamed = renamed.iter().any(|&(name, start)| ours == name && theirs.starts_with(start));
    let ours = if ours.is_empty() { "Other" } else { ours };
    spelling(theirs, ours).or(renamed.then_some(Likeness::Renamed))
}

/// Compares releases. uap-core names the releases of Windows instead of numbering them.
pub fn releases(case: &Case, ours: Option<u32>) -> Option<Likeness> {
    let theirs = case.major.as_ref().and_then(|major| major.parse().ok());
    let named = match case.major.as_deref() {
        Some("3.1") => ours == Some(3),
        Some("ME") => ours == Some(4),
        Some("NT") => matches!(ours, None | Some(4 | 5)),
        Some("2000" | "XP") => ours == Some(5),
        Some("Vista") => ours == Some(6),
        Some("8.1" | "RT" | "RT 8") => ours == Some(8),
        Some("CE") => ours.is_none(),
        _ => false,
    };
    if theirs == ours && !named {
        Some(Likeness::Equal)
    } else {
        named.then_some(Likeness::Renamed)
    }
}
