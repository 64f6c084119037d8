//! What a word of the tables says, and the numbers that tell of what.

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenMeaning {
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
pub type TokenRow = (&'static str, &'static str, TokenMeaning, u8);

// Engines.
pub const ENGINE_CHROME: usize = 0;
pub const ENGINE_VERSION: usize = 1;
pub const ENGINE_SAFARI: usize = 2;
pub const ENGINE_FIREFOX: usize = 3;
pub const ENGINE_WEBKIT: usize = 4;
pub const ENGINE_MSIE: usize = 5;
pub const ENGINE_TRIDENT: usize = 6;
pub const ENGINE_OPERA: usize = 7;
pub const ENGINE_CFNETWORK: usize = 8;
pub const ENGINE_DARWIN: usize = 9;
pub const ENGINE_INTEL: usize = 10;
pub const ENGINE_MOBILE: usize = 11;
pub const ENGINE_TABLET: usize = 12;
pub const ENGINE_WEBVIEW: usize = 13;
pub const ENGINE_GECKO: usize = 14;
pub const ENGINE_FBAV: usize = 15;
pub const ENGINE_COUNT: usize = 16;

// Marks.
pub const MARK_COMPATIBLE: usize = 0;
pub const MARK_HBBTV: usize = 1;
pub const MARK_COUNT: usize = 2;

/// Beside the rank of a system: it is one of computers.
pub const SYSTEM_DESKTOP_FLAG: u8 = 16;

// Kinds of systems.
pub const SYSTEM_ANDROID: u8 = 1;
pub const SYSTEM_WINDOWS: u8 = 8;
pub const SYSTEM_MAC: u8 = 16;
pub const SYSTEM_IOS: u8 = 32;
pub const SYSTEM_BLACKBERRY: u8 = 64;

// Classes, as `Class` counts them.
pub const CLASS_TABLET: u8 = 3;
pub const CLASS_TV: u8 = 4;
pub const CLASS_BOT: u8 = 5;

// Ranks of products.
/// An engine under another name: any product beside it is the product.
pub const RANK_WEAK: u8 = 1;
/// Beside engines only. A product of no table ranks here.
pub const RANK_PLAIN: u8 = 2;
/// A browser, whatever engines and brands it names beside itself.
pub const RANK_BROWSER: u8 = 3;
/// A browser or an application that says so to browsers and pages alike.
pub const RANK_APP: u8 = 4;
/// What is more than such an application.
pub const RANK_TOP: u8 = 5;
/// A robot, or a library that programs ask with: whatever it pretends to be.
pub const RANK_BOT: u8 = 6;
