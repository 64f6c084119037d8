//! The reasons of a risk assessment, the signals that were missing, and the sum of the evidence.
//! The texts and the order of both tables are part of the JavaScript API.

/// Declares an enum from a table that gives each variant its text in the JavaScript API.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every variant in the order of the table. A variant's index is its number in results.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The text of this variant in the JavaScript API.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

string_enum! {
    /// A property of the request that contributed to the evidence.
    RiskReason {
        /// The network is known, as far as the host describes it.
        NetworkKnown = "network_known";
        /// A network prefix that was not seen before, of a known provider.
        NetworkNew = "network_new";
        /// A provider (ASN) that was not seen before.
        ProviderNew = "provider_new";
        /// A country that was not seen before.
        CountryNew = "country_new";
        /// Farther from the last location than a person travels in that time.
        Velocity = "velocity";
        /// A data centre or VPN of a provider that is not known.
        Hosting = "hosting";
        /// An exit node of the Tor network.
        Tor = "tor";
        /// The browser, system and device class of the session's last request.
        BrowserSame = "browser_same";
        /// A newer version of the session's browser.
        BrowserNewer = "browser_newer";
        /// An older version of the session's browser.
        BrowserOlder = "browser_older";
        /// Another browser, system or device class than the session was seen with.
        BrowserChanged = "browser_changed";
        /// The other browser that this session was seen with.
        BrowserAccepted = "browser_accepted";
        /// The user has signed in with this browser before.
        DeviceKnown = "device_known";
        /// The user has not signed in with this browser before.
        DeviceNew = "device_new";
        /// The device cookie belongs to this user.
        DeviceTagKnown = "device_tag_known";
        /// The device cookie is absent or belongs to somebody else.
        DeviceTagMissing = "device_tag_missing";
        /// The TLS client of the session's last request.
        TlsSame = "tls_same";
        /// Another TLS client than the session was seen with.
        TlsChanged = "tls_changed";
        /// The client hints contradict the user agent.
        HintsContradict = "hints_contradict";
        /// Another language than the session or the user was seen with.
        LanguageChanged = "language_changed";
        /// How usual the hour of the day (UTC) is for this user.
        Hour = "hour";
        /// A much longer round trip than usual, from an unknown network.
        RoundTrip = "round_trip";
        /// More refreshes than the lifetime of access tokens explains.
        Hurried = "hurried";
        /// Two devices alternate in one session.
        Alternating = "alternating";
        /// A superseded token, within its grace window.
        TokenRetried = "token_retried";
        /// A superseded token, after its grace window.
        TokenReused = "token_reused";
        /// Two clients continued from the same token.
        TokenForked = "token_forked";
        /// A valid proof of possession (RFC 9449).
        ProofOk = "proof_ok";
        /// An invalid proof of possession (RFC 9449).
        ProofFailed = "proof_failed";
    }
}

/// The signals that the host did not pass or that could not be read, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MissingSignals(pub u16);

impl MissingSignals {
    /// The name of each bit, the lowest bit first. `history` means that the user has no risk
    /// profile.
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
    /// The bit of `history`, which no signal of the request sets.
    pub(super) const HISTORY: u16 = 1 << 12;

    /// Collects the missing signals from one flag for each name: true where the signal is present.
    pub(super) fn from_signals(told: &[bool]) -> Self {
        Self(told.iter().rev().fold(0, |bits, told| bits << 1 | u16::from(!told)))
    }

    /// The name of every missing signal.
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

/// Reasons with their evidence in nats. Positive evidence speaks for a thief, negative for the
/// owner.
#[derive(Debug, Clone, Default)]
pub struct Evidence(pub Vec<(RiskReason, f64)>);

/// Weight of every positive term but the largest. Such terms are correlated, so a full sum would
/// count one cause several times.
const DAMPING: f64 = 0.35;

impl Evidence {
    /// Adds a reason with its evidence in nats.
    pub(super) fn add(&mut self, reason: RiskReason, nats: f64) {
        self.0.push((reason, nats));
    }

    /// The sum of the evidence in nats.
    pub(super) fn total(&self) -> f64 {
        self.0.iter().fold(0.0, |sum, (_, nats)| sum + nats)
    }

    /// Damps correlated terms: the largest positive term counts in full, and every other positive
    /// term is multiplied by [`DAMPING`]. The listed terms still add up to the total.
    pub(super) fn damp_correlated(mut self) -> Self {
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
