//! What is told of a user agent.

/// What a user agent says of itself. Slices of the text, or names of our tables; empty and `None`
/// where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserAgent<'a> {
    /// The product: `Chrome Mobile`, `Firefox`, `Edge`, or its own word.
    pub family: &'a str,
    /// The product's major version.
    pub major: Option<u32>,
    /// The operating system: `Windows`, `Mac OS X`, `iOS`, `Android`, `Linux`.
    pub os: &'a str,
    /// The system's major version.
    pub os_major: Option<u32>,
    /// The kind of device.
    pub class: DeviceClass,
}

/// The kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum DeviceClass {
    /// It does not say.
    #[default]
    Unknown,
    /// A computer.
    Desktop,
    /// A telephone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A television, or what is plugged into one.
    Tv,
    /// No person's device: a crawler, a monitor, a program's HTTP client.
    Bot,
}
