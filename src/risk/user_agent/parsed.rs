//! The result of parsing a user agent.

/// A parsed user agent. The names are slices of the text or names of the tables; empty or `None`
/// where the user agent does not contain them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserAgent<'a> {
    /// Product name: `Chrome Mobile`, `Firefox`, `Edge`, or the product's own word.
    pub family: &'a str,
    /// Major version of the product.
    pub major: Option<u32>,
    /// Operating system: `Windows`, `Mac OS X`, `iOS`, `Android` or `Linux`, among others.
    pub os: &'a str,
    /// Major version of the operating system.
    pub os_major: Option<u32>,
    /// Class of the device.
    pub class: DeviceClass,
}

/// The class of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum DeviceClass {
    /// The user agent does not name a device or system.
    #[default]
    Unknown,
    /// A desktop or laptop computer.
    Desktop,
    /// A mobile phone or a similar handheld device.
    Mobile,
    /// A tablet, including electronic readers.
    Tablet,
    /// A television, or a device that is plugged into one.
    Tv,
    /// No personal device: a crawler, a monitor, or an HTTP client library.
    Bot,
}
