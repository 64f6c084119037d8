//! Parses user agents: product, operating system, their major versions, and the device class.
//!
//! The only use is to compare the user agents of one session, so it matters that one browser is
//! always parsed to one result. Names are those of uap-core where a table has the product, and the
//! product's own word otherwise. The parser reads the first kilobyte, allocates nothing, and
//! accepts any text.

mod bots;
mod bounded_text;
mod client_hints;
mod name_map;
mod packed_table;
mod parsed;
mod product;
mod products;
mod rare_products;
mod scanner;
mod system;
mod systems;
mod vocabulary;

use bounded_text::BoundedText;
pub use parsed::{DeviceClass, UserAgent};
use product::find_product;
use scanner::ScannedTokens;
use system::find_system;
use vocabulary::{ENGINE_GECKO, ENGINE_MOBILE, ENGINE_WEBKIT, RANK_BOT, SYSTEM_ANDROID};

impl<'a> UserAgent<'a> {
    /// Parses the header `User-Agent`. Never fails: fields that are not found stay empty.
    pub fn parse(user_agent: &'a str) -> Self {
        let text = BoundedText::new(user_agent);
        let words = ScannedTokens::scan(text);
        let product = find_product(text, &words);
        let system = find_system(text, &words);
        UserAgent {
            family: product.name,
            major: product.version.to_option(),
            os: system.name,
            os_major: system.version.to_option(),
            class: device_class(&words, system.name),
        }
    }

    /// Parses the headers `Sec-CH-UA`, `Sec-CH-UA-Platform` and `Sec-CH-UA-Mobile`. The family is
    /// the most specific brand, under the name that [`UserAgent::parse`] gives the desktop product
    /// (`Google Chrome` is `Chrome`). GREASE brands are skipped.
    pub fn from_hints(brands: &'a str, platform: Option<&'a str>, mobile: Option<&'a str>) -> Self {
        client_hints::parse(brands, platform, mobile)
    }

    /// Whether client hints contradict this user agent: another system, another browser, or another
    /// version of one browser. Missing values never contradict. Neither does a browser that is
    /// Chrome in its user agent and shows its brand only in hints (Brave, Vivaldi), nor a phone
    /// that requests a page's desktop version. A false positive treats an honest session as forged.
    pub fn contradicts(self, hints: UserAgent<'_>) -> bool {
        client_hints::are_contradictory(self, hints)
    }
}

/// The device class: named by a word, or else derived from the system.
fn device_class(words: &ScannedTokens<'_>, os: &str) -> DeviceClass {
    const CLASSES: [DeviceClass; 6] = [
        DeviceClass::Unknown,
        DeviceClass::Desktop,
        DeviceClass::Mobile,
        DeviceClass::Tablet,
        DeviceClass::Tv,
        DeviceClass::Bot,
    ];
    let from_words = CLASSES.get(usize::from(words.class)).copied().unwrap_or_default();
    if words.has_link || words.bot.rank > 0 || words.product.rank == RANK_BOT {
        return DeviceClass::Bot;
    }
    if from_words > DeviceClass::Tablet || os.is_empty() {
        return from_words;
    }
    if words.is_desktop {
        return DeviceClass::Desktop;
    }
    let large = name_map::system_kind(os) == SYSTEM_ANDROID
        && !words.has_engine(ENGINE_MOBILE)
        && (words.has_engine(ENGINE_WEBKIT) || words.has_engine(ENGINE_GECKO));
    if from_words == DeviceClass::Tablet || large {
        DeviceClass::Tablet
    } else {
        DeviceClass::Mobile
    }
}
