//! A store that keeps earlier values: values, revisions and a history.

use std::collections::BTreeMap;

/// The number of kept revisions, for stale reads and backups.
const KEPT: usize = 8;

#[derive(Debug, Clone)]
pub struct StoredVersion {
    pub value: Vec<u8>,
    pub revision: u64,
}

#[derive(Debug, Default)]
pub struct Store {
    values: BTreeMap<String, Vec<StoredVersion>>,
    revisions: u64,
}

impl Store {
    pub fn get(&self, key: &str) -> Option<&StoredVersion> {
        self.values.get(key)?.last()
    }

    /// The value of some writes ago.
    pub fn earlier(&self, key: &str, writes: usize) -> Option<&StoredVersion> {
        let kept = self.values.get(key)?;
        kept.get(kept.len().checked_sub(1 + writes)?)
    }

    /// Stores a value. The caller compares the revision in the same turn.
    pub fn put(&mut self, key: &str, value: &[u8]) {
        self.revisions += 1;
        let kept = self.values.entry(key.to_owned()).or_default();
        kept.push(StoredVersion { value: value.to_vec(), revision: self.revisions });
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }

    /// The record of another subject.
    pub fn find_other_record(&self, key: &str) -> Option<&StoredVersion> {
        self.values.iter().find(|(other, _)| *other != key).and_then(|(_, kept)| kept.last())
    }
}
