//! What a word of the tables says, and the numbers that tell of what.

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Says {
    /// Nothing: it is in many agents, or names what is not the product.
    Noise,
    /// An engine or what belongs to one: which product it means depends on the others.
    Engine,
    /// The product. Of several, the one of the highest rank; of those, the first.
    Product,
    /// The same, but `Version/` has its version.
    Versioned,
    /// The same, and the number after it is not its version.
    Named,
    /// The operating system: the highest rank.
    System,
    /// The same, and the number after it is none of its versions.
    Unversioned,
    /// The class of the device: the highest of `Class`.
    Device,
    /// Something of its own: what follows is read from there.
    Mark,
}

/// A word: how it is written, what it names, what it says, and its rank (or which engine or class).
pub type Row = (&'static str, &'static str, Says, u8);

// Engines.
pub const CHROME: usize = 0;
pub const VERSION: usize = 1;
pub const SAFARI: usize = 2;
pub const FIREFOX: usize = 3;
pub const WEBKIT: usize = 4;
pub const MSIE: usize = 5;
pub const TRIDENT: usize = 6;
pub const OPERA: usize = 7;
pub const CFNETWORK: usize = 8;
pub const DARWIN: usize = 9;
pub const INTEL: usize = 10;
pub const MOBILE: usize = 11;
pub const TABLET: usize = 12;
pub const WEBVIEW: usize = 13;
pub const GECKO: usize = 14;
pub const FBAV: usize = 15;
pub const ENGINES: usize = 16;

// Marks.
pub const COMPATIBLE: usize = 0;
pub const HBBTV: usize = 1;
pub const MARKS: usize = 2;

/// Beside the rank of a system: it is one of computers.
pub const DESKTOP: u8 = 16;

// Kinds of systems.
pub const ANDROID: u8 = 1;
pub const WINDOWS: u8 = 8;
pub const MAC: u8 = 16;
pub const IOS: u8 = 32;
pub const BLACKBERRY: u8 = 64;

// Classes, as `Class` counts them.
pub const PAD: u8 = 3;
pub const TV: u8 = 4;
pub const BOT: u8 = 5;

// Ranks of products.
/// An engine under another name: any product beside it is the product.
pub const WEAK: u8 = 1;
/// Beside engines only. A product of no table ranks here.
pub const PLAIN: u8 = 2;
/// A browser, whatever engines and brands it names beside itself.
pub const BROWSER: u8 = 3;
/// A browser or an application that says so to browsers and pages alike.
pub const APP: u8 = 4;
/// What is more than such an application.
pub const TOP: u8 = 5;
/// A robot, or a library that programs ask with: whatever it pretends to be.
pub const ROBOT: u8 = 6;
