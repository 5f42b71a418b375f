//! Every JSON shape of the API, in one place.

mod account;
mod audit;
mod deliveries;
mod exports;
mod holds;
mod jobs;
mod people;
mod recordings;
mod retention;
mod rules;
mod transcript;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::account::{Account, AccountChange, AccountUsage, Login, Session, Usage};
pub(crate) use self::audit::{Audit, AuditEntry};
pub(crate) use self::deliveries::{Deliveries, Delivery, DeliveryWithAttempts};
pub(crate) use self::exports::{Export, ExportPreview, ExportStarted, NewExport};
pub(crate) use self::holds::{Hold, HoldReason, Holds, NewHold};
pub(crate) use self::jobs::{Job, Jobs};
pub(crate) use self::people::{
    AddedSubaccount, AddedUser, Credentials, NewClientSecret, NewPassword, NewSubaccount, NewToken,
    NewUser, Subaccount, Subaccounts, User, UserChange, Users,
};
pub(crate) use self::recordings::{Keeping, Listed, Recording, Recordings, Upload};
pub(crate) use self::retention::{
    BulkDelete, BulkWhere, Confirm, NewPolicy, Policies, Policy, Preview, Receipt, ReceiptLine,
    Run, Runs, Started, Where,
};
pub(crate) use self::rules::{RecordingRule, RecordingRuleChange, RecordingRules};
pub(crate) use self::transcript::{Hit, Hits, Transcript, TranscriptState, TranscriptWish};

/// The nearest whole millisecond, half up.
fn milliseconds(span: std::time::Duration) -> u64 {
    u64::try_from((span.as_micros() + 500) / 1_000).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// That it lives, or is ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Why a request was not done, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The name of the status.
    pub title: &'static str,
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The part, parameter or key that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
