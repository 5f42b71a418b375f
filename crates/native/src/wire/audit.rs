//! The shapes of the audit log.

use serde::Serialize;
use utoipa::ToSchema;

use super::hex;

/// A page of the audit log, the newest entries first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audit {
    pub entries: Vec<AuditEntry>,
    /// What to send as `before` for the next page; null where there is none.
    pub next: Option<u64>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// 1 is the account's first; there are no gaps.
    pub entry: u64,
    /// RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub at: String,
    /// An Auth ID, `user 745249`, `policy 3`, `operator` or `anybody`.
    pub who: String,
    /// The address that it came from, of IPv6 the network; null for commands and policies.
    pub source: Option<String>,
    /// `listen`, `read`, `search`, `login`, `refused`, `transcribe`, `delete`,
    /// `delete_transcript`, `hold_on`, `hold_off`, `settings`, `user_add`, `user_change`,
    /// `user_remove`, `subaccount_add`, `credentials`, `policy_add`, `policy_change`,
    /// `policy_remove`, `rule_add`, `rule_change`, `rule_remove`, `run_start`, `run_stop`,
    /// `run_confirm`, `run_cancel`, `run_end`, `export`, `logout`, `retry`.
    pub action: &'static str,
    /// A recording's id, an Auth ID, `user 745249`, `hold 1`, `policy 3`, `rule 5`, `run 7`.
    pub subject: Option<String>,
    pub detail: serde_json::Value,
    /// SHA-256 over the hash before and this entry, in hex.
    pub hash: String,
}

impl From<vault::AuditEntry> for AuditEntry {
    fn from(entry: vault::AuditEntry) -> Self {
        let told = entry.told;
        Self {
            entry: entry.entry,
            at: told.at.to_string(),
            who: told.who,
            source: told.source,
            action: told.action.as_str(),
            subject: told.subject,
            detail: serde_json::from_str(&told.detail).unwrap_or_default(),
            hash: hex(&entry.hash),
        }
    }
}
