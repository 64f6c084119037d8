//! What a user agent says of itself: the product and the system, their major versions, the class of
//! the device.
//!
//! A tokenizer of our own, for one use: comparing the agent of a session with the one it had. So
//! what counts is that the same browser is read the same way every time; names are uap-core's where
//! a table knows them, and the product's own word where none does. It looks at the first kilobyte,
//! allocates nothing, and reads any text.

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
    /// Reads a user agent. Any text has an answer; nothing is an error.
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

    /// Reads client hints: `Sec-CH-UA`, and, where they came, `Sec-CH-UA-Platform` and
    /// `Sec-CH-UA-Mobile`, as they stand in the request. The family is the most telling brand,
    /// under the name that [`Agent::read`] gives it on a computer (`Google Chrome` is `Chrome`,
    /// also on telephones); brands that mean nothing are passed over.
    pub fn from_hints(brands: &'a str, platform: Option<&'a str>, mobile: Option<&'a str>) -> Self {
        client_hints::parse(brands, platform, mobile)
    }

    /// Whether client hints contradict this user agent: another system, another browser, another
    /// version of the same. What one of them does not say contradicts nothing, nor does a browser
    /// that calls itself Chrome in its user agent and shows itself in its hints alone (Brave,
    /// Vivaldi), nor a telephone that asks for a page's desktop form. A false answer of yes is an
    /// honest session taken for a forged one.
    pub fn contradicts(self, hints: UserAgent<'_>) -> bool {
        client_hints::are_contradictory(self, hints)
    }
}

/// The class of the device: what a word says, else what the system runs on.
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
