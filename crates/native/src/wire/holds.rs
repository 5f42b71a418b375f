//! The shapes of legal holds.

use serde::Serialize;
use utoipa::ToSchema;

use super::Where;

/// Why a recording is held.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `holds.rs` reads it")]
pub(crate) struct HoldReason {
    /// 1 to 1000 printable characters.
    reason: String,
}

/// A hold by query that is to be put on.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `holds.rs` reads it")]
pub(crate) struct NewHold {
    /// 1 to 1000 printable characters.
    reason: String,
    r#where: Where,
}

/// A page of holds, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Holds {
    pub holds: Vec<Hold>,
    /// What to send as `after` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Hold {
    pub hold_id: i64,
    /// The one recording that it is on; null where it is by query.
    pub recording_id: Option<String>,
    /// What it is on; null where it is on one recording.
    pub r#where: Option<Where>,
    pub reason: String,
    /// RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub created: String,
    /// An Auth ID, `user 745249` or `operator`.
    pub created_by: String,
}

impl From<vault::LegalHold> for Hold {
    fn from(hold: vault::LegalHold) -> Self {
        let (recording_id, what) = match hold.on {
            vault::HoldOn::Recording(id) => (Some(id.to_string()), None),
            vault::HoldOn::Query(what) => (None, Some(what.into())),
        };
        Self {
            hold_id: hold.hold_id.0,
            recording_id,
            r#where: what,
            reason: hold.reason,
            created: hold.created.to_string(),
            created_by: hold.created_by,
        }
    }
}
