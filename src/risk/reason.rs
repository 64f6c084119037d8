//! Floor 2. Why a score is what it is.

/// A table of words that are said to the host.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every one there is, in the table's order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// How it is told.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// What contributed to the evidence.
    Reason {
        /// The network is familiar.
        NetworkKnown = "network_known";
        /// A network that was not seen before, of a known provider.
        NetworkNew = "network_new";
        /// A provider (ASN) that was not seen before.
        ProviderNew = "provider_new";
        /// A country that was not seen before.
        CountryNew = "country_new";
        /// Farther from the last place than anybody travels.
        Velocity = "velocity";
        /// A data centre or a VPN, and not a known one.
        Hosting = "hosting";
        /// Tor.
        Tor = "tor";
        /// The same browser as before.
        BrowserSame = "browser_same";
        /// A newer version of it.
        BrowserNewer = "browser_newer";
        /// An older version of it.
        BrowserOlder = "browser_older";
        /// Another browser, system or class of device.
        BrowserChanged = "browser_changed";
        /// Another one, which this session was seen with.
        BrowserAccepted = "browser_accepted";
        /// A browser that this user signed in with before.
        DeviceKnown = "device_known";
        /// One that they did not.
        DeviceNew = "device_new";
        /// The device cookie is one of this user's.
        DeviceTagKnown = "device_tag_known";
        /// It is not, or there is none.
        DeviceTagMissing = "device_tag_missing";
        /// The TLS client is the same.
        TlsSame = "tls_same";
        /// It is another.
        TlsChanged = "tls_changed";
        /// Client hints and user agent contradict each other.
        HintsContradict = "hints_contradict";
        /// Another language.
        LanguageChanged = "language_changed";
        /// How usual the hour is.
        Hour = "hour";
        /// A much longer way to the client than usual.
        RoundTrip = "round_trip";
        /// Refreshes that follow each other too fast.
        Hurried = "hurried";
        /// Two devices take turns in one session.
        Alternating = "alternating";
        /// A retired token, within its grace.
        TokenRetried = "token_retried";
        /// A retired token, beyond it.
        TokenReused = "token_reused";
        /// Two clients go on from one token.
        TokenForked = "token_forked";
        /// A proof of possession that holds.
        ProofOk = "proof_ok";
        /// One that does not.
        ProofFailed = "proof_failed";
    }
}

/// What the host did not tell: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blind(pub u16);

impl Blind {
    /// Names of the bits, the lowest first. `history` says that nothing is remembered of the user.
    pub const NAMES: [&'static str; 13] = [
        "ip",
        "asn",
        "country",
        "place",
        "network_kind",
        "user_agent",
        "client_hints",
        "tls_fingerprint",
        "language",
        "rtt",
        "device",
        "refreshes",
        "history",
    ];
    pub(super) const HISTORY: u16 = 1 << 12;

    pub(super) fn of(told: &[bool]) -> Self {
        Self(told.iter().rev().fold(0, |bits, told| bits << 1 | u16::from(!told)))
    }

    /// The names of the bits that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let is_set =
            move |place: usize| self.0.checked_shr(place as u32).is_some_and(|bits| bits & 1 == 1);
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(place, _)| is_set(*place))
            .map(|(_, name)| name)
    }
}

/// Reasons and their nats. Correlated terms are damped, so that what is listed adds up to the
/// evidence.
#[derive(Debug, Clone, Default)]
pub struct Evidence(pub Vec<(Reason, f64)>);

/// What the second and further terms of a kind count: they mostly say the same thing once more.
const DAMPING: f64 = 0.35;

impl Evidence {
    pub(super) fn add(&mut self, reason: Reason, nats: f64) {
        self.0.push((reason, nats));
    }

    pub(super) fn total(&self) -> f64 {
        self.0.iter().fold(0.0, |sum, (_, nats)| sum + nats)
    }

    /// The largest positive term counts in full, every other positive one damped.
    pub(super) fn damped(mut self) -> Self {
        let largest =
            self.0.iter().fold(0.0, |most, (_, nats)| if *nats > most { *nats } else { most });
        let mut is_spared = false;
        for (_, nats) in &mut self.0 {
            if *nats > 0.0 && (is_spared || *nats < largest) {
                *nats *= DAMPING;
            } else if *nats > 0.0 {
                is_spared = true;
            }
        }
        self
    }
}
