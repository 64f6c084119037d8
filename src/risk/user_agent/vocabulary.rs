//! The meanings of the words in the tables, and the numbers that refine them.

/// The meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenMeaning {
    /// No meaning: the word occurs in many user agents, or is no product name.
    Noise,
    /// An engine or a related word. The product depends on the combination.
    Engine,
    /// A product. The highest rank is taken; among equals, the first.
    Product,
    /// A product whose version stands after `Version/`.
    Versioned,
    /// A product whose following number is not its version.
    Named,
    /// An operating system. The highest rank is taken.
    System,
    /// An operating system whose following number is not its version.
    Unversioned,
    /// A device class. The highest class is taken.
    Device,
    /// A mark after which the user agent is read separately.
    Mark,
}

/// A word, the name it stands for, its meaning, and its rank or the number of its engine, mark or
/// class.
pub type TokenRow = (&'static str, &'static str, TokenMeaning, u8);

// Numbers of engines and related words. Each is named after its word in `products`.
/// Chromium, the word `Chrome`.
pub const ENGINE_CHROME: usize = 0;
/// The word `Version`, before the version of Safari and others.
pub const ENGINE_VERSION: usize = 1;
/// The word `Safari`, with the build of Safari.
pub const ENGINE_SAFARI: usize = 2;
/// The word `Firefox`, also in browsers derived from Firefox.
pub const ENGINE_FIREFOX: usize = 3;
/// The engine WebKit, the word `AppleWebKit`.
pub const ENGINE_WEBKIT: usize = 4;
/// Internet Explorer, the words `MSIE` and `IE`.
pub const ENGINE_MSIE: usize = 5;
/// Trident, the engine of Internet Explorer.
pub const ENGINE_TRIDENT: usize = 6;
/// Opera with its own engine, before version 15.
pub const ENGINE_OPERA: usize = 7;
/// CFNetwork, the HTTP library of Apple's systems.
pub const ENGINE_CFNETWORK: usize = 8;
/// Darwin, the kernel of Apple's systems.
pub const ENGINE_DARWIN: usize = 9;
/// An Intel processor, which identifies a Mac.
pub const ENGINE_INTEL: usize = 10;
/// The word `Mobile`, of browsers on phones.
pub const ENGINE_MOBILE: usize = 11;
/// The word `Tablet`, of Firefox on tablets.
pub const ENGINE_TABLET: usize = 12;
/// The word `wv`, of Android's web view.
pub const ENGINE_WEBVIEW: usize = 13;
/// Gecko, the engine of Firefox.
pub const ENGINE_GECKO: usize = 14;
/// The word `FBAV`, before the version of an application.
pub const ENGINE_FBAV: usize = 15;
/// Number of engines and related words.
pub const ENGINE_COUNT: usize = 16;

// Numbers of marks.
/// The word `compatible`, before the name of a product.
pub const MARK_COMPATIBLE: usize = 0;
/// The word `HbbTV`, before the description of a television.
pub const MARK_HBBTV: usize = 1;
/// Number of marks in the tables.
pub const MARK_COUNT: usize = 2;

/// Flag in the rank of a system: a desktop system.
pub const SYSTEM_DESKTOP_FLAG: u8 = 16;

// Kind bits of systems.
/// Android, and Linux in desktop mode.
pub const SYSTEM_ANDROID: u8 = 1;
/// Windows on a computer.
pub const SYSTEM_WINDOWS: u8 = 8;
/// The operating system of a Mac.
pub const SYSTEM_MAC: u8 = 16;
/// The operating system of iPhone and iPad.
pub const SYSTEM_IOS: u8 = 32;
/// The operating systems of BlackBerry.
pub const SYSTEM_BLACKBERRY: u8 = 64;

// Numbers of the classes of `DeviceClass`.
/// Number of the class of tablets.
pub const CLASS_TABLET: u8 = 3;
/// Number of the class of televisions.
pub const CLASS_TV: u8 = 4;
/// Number of the class of bots.
pub const CLASS_BOT: u8 = 5;

// Ranks of products, in ascending order.
/// An engine under another name, outranked by every other product.
pub const RANK_WEAK: u8 = 1;
/// A product that outranks only engines, such as one of no table.
pub const RANK_PLAIN: u8 = 2;
/// A browser, whose user agent also names engines and other brands.
pub const RANK_BROWSER: u8 = 3;
/// A browser or an application with a built-in browser that outranks [`RANK_BROWSER`].
pub const RANK_APP: u8 = 4;
/// A product that outranks [`RANK_APP`], such as Facebook Messenger within Facebook's web view.
pub const RANK_TOP: u8 = 5;
/// A bot or an HTTP library, which outranks every product that it imitates.
pub const RANK_BOT: u8 = 6;
