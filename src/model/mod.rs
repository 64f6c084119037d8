//! Layer 3: the site's policy, and the record that is stored for each subject.

pub mod policy;
pub mod record;
