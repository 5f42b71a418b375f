//! What the vault remembers: rows, and the only SQL in the house.
//!
//! It deliberately does not know: HTTP, files of audio, any dialect's words.
//! Start reading at [`Store`], then `recording.rs`.

mod account;
mod audit;
mod connection;
mod delivery;
mod error;
mod export;
mod hold;
mod hours;
mod id;
mod idempotency;
mod job;
mod migrate;
mod money;
mod policy;
mod postgres;
mod recording;
mod rendition;
mod reserve;
mod rule;
mod run;
mod session;
mod sqlite;
mod store;
#[cfg(test)]
mod tests;
mod time;
mod token;
mod transcript;
mod usage;
mod user;
mod value;

pub use account::{Account, NewAccount, Settings};
pub use audit::{AuditAction, AuditEntry, AuditFilter, AuditHead, NewAuditEntry};
pub use delivery::{
    Delivery, DeliveryAttempt, DeliveryMethod, DeliveryPolicy, DeliveryState, Dialect, NewDelivery,
    RetryOn,
};
pub use error::{Error, Result};
pub use export::{Export, ExportFile, ExportKind, ExportState, Look, NewExport, Seen, Zip};
pub use hold::{HeldBy, Hold, NewHold};
pub use id::{
    AccountId, AuthId, DeliveryId, ExportId, HoldId, JobId, NotAnId, PolicyId, RecordingId,
    RecordingNumber, RuleId, RunId, TranscriptId, UserId,
};
pub use idempotency::Idempotent;
pub use job::{Job, JobCounts, JobOf, JobState, NewJob, ShownJob};
pub use money::{Money, NotAnAmount};
pub use policy::{NewPolicyRow, PolicyRow};
pub use recording::{
    Amount, Call, Damage, Direction, Format, Guard, GuardedPart, KeptBy, Kind, Listed,
    NewRecording, Only, Page, Part, Place, Recording, RecordingFilter, Scope, Selection, Sort,
    SortBy, Sound, StartAt, Stretch, Taking, Tally, WavRepair,
};
pub use rendition::{Claimed, Rendition, RenditionClaim};
pub use rule::{NewRecordingRule, RecordingRule};
pub use run::{NewRunRow, Outcome, Progress, ReceiptLine, RunRow, RunStatus, Was};
pub use session::Session;
pub use store::{Config, Purge, Reader, Store, Tx};
pub use time::{NotATime, Time};
pub use token::{NewTokens, Refreshed};
pub use transcript::{
    Destination, Hit, KeptTranscript, SpeakersKnown, Transcript, TranscriptCallback, TranscriptEnd,
    TranscriptStatus, Turn,
};
pub use usage::{Stock, Sums, rounded_minutes};
pub use user::{NewUser, User};
