//! Floor 0. What can go wrong, in two kinds that are never mixed.
//!
//! An [`Error`] means misuse, a corrupt record or a broken host; it is thrown. A
//! [`RejectionReason`] says why a request was refused, which is an expected answer. Each has a
//! stable code and a sentence that says what to do.

use std::borrow::Cow;
use std::fmt;

/// Makes an enum of codes from a table, so that a code and its text stand on one line and cannot
/// drift apart.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $text:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every code there is, in the table's order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable code. It names the stage that refused.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// The HTTP status that says it best.
            pub const fn status(self) -> u16 {
                match self { $($name::$variant => $status),+ }
            }

            /// One sentence that says what to do.
            pub const fn message(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}

codes! {
    /// Codes of errors: misuse, a corrupt record, a broken host.
    ErrorCode {
        /// An option is out of its range.
        Config = "ERR_CONFIG", 500, "An option is wrong: correct it where createSessions is called.";
        /// A secret is too short, too uniform or public knowledge.
        WeakSecret = "ERR_WEAK_SECRET", 500, "A secret is too weak: use 32 random bytes, as generateSecret() gives them.";
        /// An argument of a call is wrong.
        Argument = "ERR_ARGUMENT", 400, "An argument is wrong.";
        /// The clock gave no usable time.
        Clock = "ERR_CLOCK", 500, "The clock gave no usable time: it must return milliseconds since 1970. (On Workers it is 0 at global scope: call from a handler.)";
        /// The source of randomness gave too little or nothing random.
        Entropy = "ERR_ENTROPY", 500, "The source of randomness failed, so nothing was issued: it must return as many random bytes as asked for.";
        /// Development mode met a host that is not this machine.
        DevelopmentMode = "ERR_DEVELOPMENT_MODE", 500, "Development mode answers http://localhost, 127.0.0.1 and [::1] only: switch policy.development off for this host.";
        /// A cookie would be larger than browsers keep.
        CookieTooLarge = "ERR_COOKIE_TOO_LARGE", 500, "A cookie would exceed the 4096 bytes that browsers keep: shorten the issuer, audience, subject, acr or amr.";
        /// The record of a subject would outgrow 64 KiB.
        RecordTooLarge = "ERR_RECORD_TOO_LARGE", 409, "The subject's record would exceed 64 KiB: store less data on its sessions, or lower maxSessionsPerSubject.";
        /// What the store gave is not a record of ours, or was changed.
        RecordCorrupt = "ERR_RECORD_CORRUPT", 500, "The stored record was changed or belongs elsewhere: nothing was written. Compare the store with its backup, and check that no other program writes these keys.";
        /// A newer portcullis wrote the record.
        RecordVersion = "ERR_RECORD_VERSION", 500, "The stored record was written by a newer portcullis: update this one. Nothing was lost.";
        /// No key of the ring opens the record.
        RecordUnknownKey = "ERR_RECORD_UNKNOWN_KEY", 500, "The stored record was sealed with a key that is not in the ring: put that key back (behind the newest). Nothing was lost.";
        /// What was to be opened was changed, or sealed as something else.
        SealedCorrupt = "ERR_SEALED_CORRUPT", 400, "The sealed bytes were changed, cut, or sealed with other associated data: do not trust them.";
        /// A newer portcullis sealed it.
        SealedVersion = "ERR_SEALED_VERSION", 500, "The sealed bytes were written by a newer portcullis: update this one.";
        /// No key of the ring opens it.
        SealedUnknownKey = "ERR_SEALED_UNKNOWN_KEY", 500, "The bytes were sealed with a key that is not in the ring: put that key back (behind the newest).";
        /// Another jsonwebtoken provider holds the process.
        CryptoProvider = "ERR_CRYPTO_PROVIDER", 500, "Another CryptoProvider of jsonwebtoken is installed in this process: let portcullis install its own first.";
        /// A state that should not be reachable; answered instead of a panic.
        Internal = "ERR_INTERNAL", 500, "Something that should be impossible happened: please report it.";
    }
}

codes! {
    /// Why a request or a token was refused.
    RejectionReason {
        /// No access cookie.
        TokenMissing = "ERR_TOKEN_MISSING", 401, "There is no access token: refresh, or sign in.";
        /// Not three canonical base64url segments of at most 8192 bytes in all.
        TokenMalformed = "ERR_TOKEN_MALFORMED", 401, "This is not a token: three base64url segments of at most 8192 bytes are.";
        /// The header is not JSON of the names alg, typ and kid.
        TokenHeader = "ERR_TOKEN_HEADER", 401, "The token's header is not one of ours: alg, typ and kid are all it may hold.";
        /// The algorithm is not the one of the key.
        TokenAlgorithm = "ERR_TOKEN_ALGORITHM", 401, "The token's algorithm is not its key's.";
        /// No such key.
        TokenUnknownKey = "ERR_TOKEN_UNKNOWN_KEY", 401, "The token names a key that is not in the ring: refresh, or sign in again.";
        /// The signature is wrong.
        TokenSignature = "ERR_TOKEN_SIGNATURE", 401, "The token's signature is wrong: sign in again.";
        /// The claims are not JSON.
        TokenClaimsJson = "ERR_TOKEN_CLAIMS_JSON", 401, "The token's claims are not a JSON object.";
        /// A claim is missing, of the wrong type or of the wrong value.
        TokenClaimInvalid = "ERR_TOKEN_CLAIM_INVALID", 401, "A claim is missing or not what this site expects (iss, aud, exp, nbf, iat): sign in again.";
        /// The token has expired.
        TokenExpired = "ERR_TOKEN_EXPIRED", 401, "The access token has expired: refresh.";
        /// The token is for something else.
        TokenType = "ERR_TOKEN_TYPE", 401, "The token was made for another purpose (its typ says so).";
        /// The Cookie header is oversize, or names one of our cookies twice.
        CookieHeader = "ERR_COOKIE_HEADER", 400, "The Cookie header is too large, or holds one of our cookies twice: clear this site's cookies in the browser.";
        /// An unsafe method from another origin, or from nobody knows where.
        CrossOrigin = "ERR_CROSS_ORIGIN", 403, "A request that changes something must come from this origin: send Sec-Fetch-Site: same-origin, or an Origin header that matches.";
        /// The CSRF token is missing or no good.
        CsrfToken = "ERR_CSRF_TOKEN", 403, "The CSRF token is missing, another session's, or from before a step-up: get a new one (sessions.csrfToken) and send it in x-csrf-token.";
        /// Both a bearer token and our cookies.
        CredentialsConflict = "ERR_CREDENTIALS_CONFLICT", 400, "The request carries a bearer token and session cookies: send one of them.";
        /// A browser fetches ahead of its user.
        Prefetch = "ERR_PREFETCH", 409, "This is a prefetch, so no session was changed: the request that follows it will be answered.";
        /// No refresh cookie.
        RefreshMissing = "ERR_REFRESH_MISSING", 401, "There is no refresh token: sign in.";
        /// Not a refresh token of ours.
        RefreshMalformed = "ERR_REFRESH_MALFORMED", 401, "This is not a refresh token of this site: sign in.";
        /// Past a deadline.
        SessionExpired = "ERR_SESSION_EXPIRED", 401, "The session has expired: sign in.";
        /// Signed out or revoked.
        SessionRevoked = "ERR_SESSION_REVOKED", 401, "The session was ended: sign in.";
        /// Displaced by newer sessions.
        SessionEvicted = "ERR_SESSION_EVICTED", 401, "The session was displaced by newer ones of the same user: sign in.";
        /// Nothing is known of the session.
        SessionUnknown = "ERR_SESSION_UNKNOWN", 401, "Nothing is known of this session: sign in.";
        /// A spent refresh token was used again.
        SessionReuseDetected = "ERR_SESSION_REUSE_DETECTED", 401, "A refresh token of this session was used twice, so somebody else may have it and the session was ended: sign in.";
        /// A stranger's score: the session was ended.
        SessionRiskRevoked = "ERR_SESSION_RISK_REVOKED", 401, "This session was used as its owner hardly would, so it was ended: sign in.";
        /// A score that asks for more.
        RiskStepUpRequired = "ERR_RISK_STEP_UP_REQUIRED", 403, "This is unusual for the user: ask for another proof of who they are, then call stepUp (or signIn with stepUpVerified: true).";
        /// The refresh token is from before a step-up that this client has not finished.
        StepUpUnfinished = "ERR_STEP_UP_UNFINISHED", 409, "The user just proved more of who they are, and this request still carries the cookies from before: try again with the cookies you have now, or step up again.";
        /// Another request was first.
        Superseded = "ERR_SUPERSEDED", 409, "Another request refreshed this session first: try again with the cookies you have now.";
    }
}

/// An error: a code, and a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Error {
    /// An error with a sentence of its own, for this case.
    pub fn with_message(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence. Holds no secret.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::with_message(code, code.message())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.code(), self.message)
    }
}

impl std::error::Error for Error {}

/// What most functions of the core give.
pub type Result<T> = std::result::Result<T, Error>;
