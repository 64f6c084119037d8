//! The errors and the rejections of the core, which are never mixed.
//!
//! An [`Error`] means misuse, a corrupt record or a broken host, and is thrown. A
//! [`RejectionReason`] is an expected refusal, and is returned. Each has a stable code and a
//! message that says what is wrong and what to do.

use std::borrow::Cow;
use std::fmt;

/// Declares an enum of codes from a table, which keeps each code beside its status and message.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(
                $(#[$doc:meta])*
                $variant:ident = $code:literal, $status:literal, $text:literal;
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every code, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable code, which names the stage that failed.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// The HTTP status for a response.
            pub const fn status(self) -> u16 {
                match self { $($name::$variant => $status),+ }
            }

            /// The message: what is wrong, and what to do.
            pub const fn message(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}

codes! {
    /// The code of an error: misuse, a corrupt record or a broken host.
    ErrorCode {
        /// An option is missing, unknown or out of its range.
        Config = "ERR_CONFIG", 500,
            "Invalid configuration option: correct it where createSessions is called.";
        /// A secret is too short, too uniform or published.
        WeakSecret = "ERR_WEAK_SECRET", 500,
            "Weak secret: use 32 random bytes from generateSecret().";
        /// An argument of a call has a wrong type or value.
        Argument = "ERR_ARGUMENT", 400,
            "Invalid argument: see the description of the call.";
        /// The clock gave no valid time.
        Clock = "ERR_CLOCK", 500,
            "Invalid clock value: return milliseconds since 1970. (On Workers, call from a request \
             handler.)";
        /// The random source gave too few bytes, or bytes that are not random.
        Entropy = "ERR_ENTROPY", 500,
            "The random source failed and nothing was issued: return as many random bytes as \
             requested.";
        /// The policy is for development, and the host is not this machine.
        DevelopmentMode = "ERR_DEVELOPMENT_MODE", 500,
            "Development mode accepts only localhost, 127.0.0.1 and [::1]: disable \
             policy.development.";
        /// A cookie would be larger than browsers accept.
        CookieTooLarge = "ERR_COOKIE_TOO_LARGE", 500,
            "A cookie would exceed 4096 bytes: shorten the issuer, audience, subject, acr or amr.";
        /// The subject record would exceed 64 KiB.
        RecordTooLarge = "ERR_RECORD_TOO_LARGE", 409,
            "The subject's record would exceed 64 KiB: store less data, or lower \
             maxSessionsPerSubject.";
        /// The stored value is no record of this subject, or was modified.
        RecordCorrupt = "ERR_RECORD_CORRUPT", 500,
            "Corrupt or misplaced record; nothing was written: check for other writers and compare \
             a backup.";
        /// A newer version of portcullis wrote the record.
        RecordVersion = "ERR_RECORD_VERSION", 500,
            "The record was written by a newer portcullis: update this one. No data was lost.";
        /// No key of the ring unseals the record.
        RecordUnknownKey = "ERR_RECORD_UNKNOWN_KEY", 500,
            "The record's encryption key is missing: add it to the end of the ring. No data was \
             lost.";
        /// The sealed bytes were modified or belong to another purpose.
        SealedCorrupt = "ERR_SEALED_CORRUPT", 400,
            "Unsealing failed: the data was modified or truncated, or its associated data differs.";
        /// A newer version of portcullis sealed the bytes.
        SealedVersion = "ERR_SEALED_VERSION", 500,
            "The sealed bytes were written by a newer portcullis: update this one.";
        /// No key of the ring unseals the bytes.
        SealedUnknownKey = "ERR_SEALED_UNKNOWN_KEY", 500,
            "The encryption key of the sealed bytes is missing: add it to the end of the ring.";
        /// Another CryptoProvider of jsonwebtoken holds the process.
        CryptoProvider = "ERR_CRYPTO_PROVIDER", 500,
            "Another CryptoProvider of jsonwebtoken is installed: let portcullis install its own \
             first.";
        /// A state that should be impossible. The core answers it instead of a panic.
        Internal = "ERR_INTERNAL", 500,
            "Internal error: please report it.";
    }
}

codes! {
    /// The reason for which a request or a token was rejected.
    RejectionReason {
        /// The request carries no access token.
        TokenMissing = "ERR_TOKEN_MISSING", 401,
            "No access token was sent: refresh the session or sign in.";
        /// The token is not three canonical base64url segments of at most 8192 bytes in total.
        TokenMalformed = "ERR_TOKEN_MALFORMED", 401,
            "Malformed token: expected three base64url segments of at most 8192 bytes in total.";
        /// The header is not a JSON object with only `alg`, `typ` and `kid`.
        TokenHeader = "ERR_TOKEN_HEADER", 401,
            "Invalid token header: only alg, typ and kid are allowed.";
        /// The algorithm of the header is not the algorithm of the key.
        TokenAlgorithm = "ERR_TOKEN_ALGORITHM", 401,
            "The token's algorithm does not match its key: sign in again.";
        /// No trusted key has the key ID of the token.
        TokenUnknownKey = "ERR_TOKEN_UNKNOWN_KEY", 401,
            "Unknown key ID (kid): refresh the session or sign in again.";
        /// The signature does not verify.
        TokenSignature = "ERR_TOKEN_SIGNATURE", 401,
            "Invalid token signature: sign in again.";
        /// The claims are not a JSON object.
        TokenClaimsJson = "ERR_TOKEN_CLAIMS_JSON", 401,
            "The token's claims are not a JSON object: sign in again.";
        /// A claim is missing, or has a wrong type or value.
        TokenClaimInvalid = "ERR_TOKEN_CLAIM_INVALID", 401,
            "Missing or invalid claim (iss, aud, exp, nbf, iat, sub, jti): sign in again.";
        /// The token has expired.
        TokenExpired = "ERR_TOKEN_EXPIRED", 401,
            "The access token has expired: refresh the session.";
        /// The token is of a type for another use.
        TokenType = "ERR_TOKEN_TYPE", 401,
            "Wrong token type (typ) for this use: send an access token.";
        /// The Cookie header is too large, or holds a session cookie twice.
        CookieHeader = "ERR_COOKIE_HEADER", 400,
            "Invalid Cookie header: too large, or a session cookie twice. Clear this site's \
             cookies.";
        /// The request has an unsafe method and comes from another or an unknown origin.
        CrossOrigin = "ERR_CROSS_ORIGIN", 403,
            "Cross-origin request rejected: send a same-origin Sec-Fetch-Site or a trusted Origin \
             header.";
        /// The CSRF token is missing, or is not of this session and its last authentication.
        CsrfToken = "ERR_CSRF_TOKEN", 403,
            "Missing or invalid CSRF token: get a new one and send it as X-CSRF-Token.";
        /// The request carries a bearer token and session cookies.
        CredentialsConflict = "ERR_CREDENTIALS_CONFLICT", 400,
            "Bearer token and session cookies were both sent: send one of them.";
        /// The browser prefetches, before its user asks for the page.
        Prefetch = "ERR_PREFETCH", 409,
            "A prefetch cannot change a session: repeat it as a normal request.";
        /// The request carries no refresh token.
        RefreshMissing = "ERR_REFRESH_MISSING", 401,
            "No refresh token was sent: sign in.";
        /// The refresh token is malformed or not authentic.
        RefreshMalformed = "ERR_REFRESH_MALFORMED", 401,
            "Invalid refresh token: sign in.";
        /// The session is past a deadline.
        SessionExpired = "ERR_SESSION_EXPIRED", 401,
            "The session has expired: sign in.";
        /// The session was signed out or revoked.
        SessionRevoked = "ERR_SESSION_REVOKED", 401,
            "The session was revoked: sign in.";
        /// The session limit removed the session.
        SessionEvicted = "ERR_SESSION_EVICTED", 401,
            "The session was removed by the session limit: sign in.";
        /// The record does not have the session.
        SessionUnknown = "ERR_SESSION_UNKNOWN", 401,
            "Unknown session: sign in.";
        /// A superseded refresh token was used outside its window.
        SessionReuseDetected = "ERR_SESSION_REUSE_DETECTED", 401,
            "Refresh token reuse was detected and the session revoked: sign in.";
        /// The risk assessment revoked the session.
        SessionRiskRevoked = "ERR_SESSION_RISK_REVOKED", 401,
            "The session was revoked because of unusual activity: sign in.";
        /// The risk assessment asks for a second factor.
        RiskStepUpRequired = "ERR_RISK_STEP_UP_REQUIRED", 403,
            "Unusual activity: verify a second factor, then call stepUp, or signIn with \
             stepUpVerified: true.";
        /// The refresh token is from before a step-up that is under way or unfinished.
        StepUpUnfinished = "ERR_STEP_UP_UNFINISHED", 409,
            "A step-up is in progress: retry with the current cookies, or repeat it.";
        /// Another request of the client has refreshed the session.
        Superseded = "ERR_SUPERSEDED", 409,
            "Another request has refreshed this session: retry with the current cookies.";
    }
}

/// An error: a code, and a message that says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Error {
    /// An error with a message for this case.
    pub fn with_message(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The stable code of the error.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The message, which holds no secret.
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

/// The result of a function of the core that can fail.
pub type Result<T> = std::result::Result<T, Error>;
