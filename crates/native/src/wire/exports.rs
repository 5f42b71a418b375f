//! The shapes of exports.

use serde::Serialize;
use utoipa::ToSchema;
use vault::{Amount, ExportId};

use super::{BulkWhere, milliseconds};

/// Many recordings to be put into a zip: `ids` or `where`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `exports.rs` reads it")]
pub(crate) struct NewExport {
    /// 1 to 1000 of `recording_id`.
    ids: Option<Vec<String>>,
    /// An empty one is all of them.
    r#where: Option<BulkWhere>,
    /// Only says what would be in it.
    dry_run: Option<bool>,
}

/// What a zip would have in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportPreview {
    pub recordings: u64,
    pub duration_ms: u64,
    /// Of their audio, as it was sent.
    pub bytes: u64,
}

impl From<Amount> for ExportPreview {
    fn from(amount: Amount) -> Self {
        Self {
            recordings: amount.recordings,
            duration_ms: milliseconds(amount.duration),
            bytes: amount.bytes,
        }
    }
}

/// That a zip is being made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportStarted {
    /// A UUID.
    pub export_id: String,
}

impl From<ExportId> for ExportStarted {
    fn from(id: ExportId) -> Self {
        Self { export_id: id.to_string() }
    }
}

/// How far a zip is.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Export {
    pub export_id: String,
    /// `pending`, `in_progress`, `complete`, `failed` or `expired`.
    pub status: &'static str,
    /// How many recordings it has; null until that is known.
    #[schema(required)]
    pub recordings: Option<u64>,
    /// How many of them were looked at.
    pub completed: u64,
    /// How large the zip is; null until it is complete.
    #[schema(required)]
    pub size_bytes: Option<u64>,
    /// Until when it can be fetched; null until it is complete.
    #[schema(required, format = DateTime)]
    pub valid_until: Option<String>,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::Export> for Export {
    fn from(export: vault::Export) -> Self {
        let is_known = export.state != vault::ExportState::Pending;
        Self {
            export_id: export.export_id.to_string(),
            status: export.state.as_str(),
            recordings: is_known.then_some(export.files_total),
            completed: export.files_completed,
            size_bytes: export.zip.as_ref().map(|zip| zip.size_bytes),
            valid_until: export.zip.map(|zip| zip.valid_until.to_string()),
            created: export.created.to_string(),
        }
    }
}
