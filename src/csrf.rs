//! Floor 1. Whether a request that changes something comes from where it should.
//!
//! Fetch Metadata first, then Origin, as Go's `http.CrossOriginProtection` decides; never by Content-Type.

/// What the headers of a request say of where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// The method, as the request names it.
    pub method: &'a str,
    /// The host (and port) that the request is for.
    pub host: &'a str,
    /// `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The method changes nothing.
    Safe,
    /// A browser says that the request comes from this origin, or from its user's own hand.
    SameOrigin,
    /// Neither header is there: no browser of this decade, or a header was lost on the way.
    Unknown,
    /// From elsewhere.
    CrossOrigin,
}

/// Judges a request.
///
/// A false `SameOrigin` lets another site act in a user's name; a false `CrossOrigin` breaks a form of the site's own.
pub fn judge(request: &Provenance<'_>) -> Verdict {
    if matches!(request.method, "GET" | "HEAD" | "OPTIONS") {
        return Verdict::Safe;
    }
    match request.sec_fetch_site.filter(|site| !site.is_empty()) {
        Some("same-origin" | "none") => return Verdict::SameOrigin,
        Some(_) => return Verdict::CrossOrigin,
        None => (),
    }
    match request.origin.filter(|origin| !origin.is_empty()) {
        None => Verdict::Unknown,
        Some(origin) if host_of(origin) == Some(request.host) => Verdict::SameOrigin,
        Some(_) => Verdict::CrossOrigin,
    }
}

/// The host (and port) of an origin (RFC 6454 section 6.2). `null` has none.
fn host_of(origin: &str) -> Option<&str> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
    (!host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])).then_some(host)
}
