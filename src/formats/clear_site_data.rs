//! The `Clear-Site-Data` header, with which a sign-out makes the browser delete data of the site.

use crate::foundation::error::{Error, ErrorCode, Result};

const TYPES: [&str; 4] = ["cache", "cookies", "storage", "executionContexts"];

/// Makes the value of the header, whose directives are quoted strings.
///
/// # Errors
/// [`ErrorCode::Config`] for an unknown type of data.
pub fn header_value(types: &[String]) -> Result<String> {
    if types.iter().any(|one| !TYPES.contains(&one.as_str())) {
        return Err(Error::with_message(
            ErrorCode::Config,
            "clearSiteData must hold 'cache', 'cookies', 'storage' or 'executionContexts'.",
        ));
    }
    Ok(types.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", "))
}
