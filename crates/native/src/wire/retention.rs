//! The shapes of policies, runs and receipts.

use serde::Serialize;
use utoipa::ToSchema;
use vault::span;

use super::{Recording, hex, milliseconds};

/// A policy that is to be made, or what is to be changed of one.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `retention.rs` reads it")]
pub(crate) struct NewPolicy {
    name: Option<String>,
    r#where: Option<Where>,
    /// Five fields of cron; default: Sundays at 03:00.
    #[schema(example = "0 3 * * 0")]
    schedule: Option<String>,
    /// A name of the IANA's; default: UTC.
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// `delete` (the default), or `delete_audio`, which keeps the transcript.
    action: Option<String>,
    /// The name of an archive that the operator has configured for the account: recordings are
    /// copied there before they are deleted. Null: to none.
    archive_to: Option<String>,
    /// How long it waits when it is new or was changed; only longer than the account's
    /// `retention_pending`, which is the default.
    #[schema(example = "7d")]
    pending: Option<String>,
    paused: Option<bool>,
}

/// A page of policies, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Policies {
    pub policies: Vec<Policy>,
    /// What to send as `after` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A retention policy.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Policy {
    pub policy_id: i64,
    pub name: String,
    pub r#where: Where,
    pub schedule: String,
    pub time_zone: String,
    pub action: &'static str,
    /// The archive that recordings are copied to first; null: none.
    pub archive_to: Option<String>,
    pub pending: String,
    /// `pending`, `active` or `paused`.
    pub status: &'static str,
    /// RFC 3339 in UTC; null while it is paused.
    #[schema(format = DateTime)]
    pub next_run: Option<String>,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::Policy> for Policy {
    fn from(policy: vault::Policy) -> Self {
        Self {
            policy_id: policy.policy_id.0,
            name: policy.name,
            r#where: policy.what.into(),
            schedule: policy.schedule,
            time_zone: policy.time_zone,
            action: policy.action.as_str(),
            archive_to: policy.archive_to,
            pending: span::write(policy.pending),
            status: policy.status.as_str(),
            next_run: policy.next_run.map(|time| time.to_string()),
            created: policy.created.to_string(),
        }
    }
}

/// What would be deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// All that are selected; so are the next two, and the last three.
    pub recordings: u64,
    pub duration_ms: u64,
    pub bytes: u64,
    /// Those of them that stay.
    pub held: u64,
    /// What they stay for.
    pub held_by: Vec<HeldCount>,
    /// Those of them that stay because only audio is to go and they have no finished transcript.
    pub without_transcript: u64,
    /// Those of them that go.
    pub would_delete: u64,
    /// What those would cost at the end of this month, in US dollars.
    pub monthly_amount: f64,
    /// The earliest and the latest start, RFC 3339 in UTC; null where nothing is selected.
    #[schema(format = DateTime)]
    pub oldest: Option<String>,
    #[schema(format = DateTime)]
    pub newest: Option<String>,
    /// Up to five of them.
    pub sample: Vec<Recording>,
}

/// How many recordings something keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldCount {
    /// `hold` for those on single recordings, `hold 3` for one by query, `minimum_retention`.
    pub by: String,
    /// A query's.
    pub reason: Option<String>,
    pub recordings: u64,
}

impl From<vault::Preview> for Preview {
    fn from(preview: vault::Preview) -> Self {
        let held_by = preview.held_by.into_iter().map(|count| HeldCount {
            by: count.by,
            reason: count.reason,
            recordings: count.recordings,
        });
        Self {
            recordings: preview.recordings,
            duration_ms: milliseconds(preview.duration),
            bytes: preview.bytes,
            held: preview.held,
            held_by: held_by.collect(),
            without_transcript: preview.without_transcript,
            would_delete: preview.would_delete,
            monthly_amount: preview.monthly_amount.as_f64(),
            oldest: preview.oldest.map(|time| time.to_string()),
            newest: preview.newest.map(|time| time.to_string()),
            sample: preview.sample.into_iter().map(Recording::from).collect(),
        }
    }
}

/// Many recordings to be deleted: `ids` or `where`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `runs.rs` reads it")]
pub(crate) struct BulkDelete {
    /// 1 to 1000 of `recording_id`.
    ids: Option<Vec<String>>,
    r#where: Option<BulkWhere>,
    /// Only says what would be deleted.
    dry_run: Option<bool>,
    /// What a dry run has said: 409, and nothing is deleted, where it is another number by now.
    would_delete: Option<u64>,
}

/// Which recordings, by all that the list can be filtered by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkWhere {
    #[serde(flatten)]
    what: Where,
    /// Only those under legal hold, or only the others.
    held: Option<bool>,
    /// Only recordings with a transcript in one turn of which all of this was said: words, and
    /// phrases in double quotes, as in a search.
    text: Option<String>,
}

/// A run that has started or goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    pub run_id: i64,
}

/// That so many may be deleted.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `runs.rs` reads it")]
pub(crate) struct Confirm {
    would_delete: u64,
}

/// A page of runs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Runs {
    pub runs: Vec<Run>,
    /// What to send as `before` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A run of a policy, or a bulk deletion.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Run {
    pub run_id: i64,
    /// `running`, `stopped`, `cancelled` or `done`.
    pub status: &'static str,
    /// An Auth ID, `user 745249`, `policy 3` or `operator`.
    pub started_by: String,
    /// Null for a bulk deletion.
    pub policy_id: Option<i64>,
    /// When the schedule wanted it; null where it was started by hand.
    #[schema(format = DateTime)]
    pub slot: Option<String>,
    /// What was to be done, as it was then. Of what was deleted by hand and has ended `extension`,
    /// `number`, `conference` and `text` are null in its `where`.
    pub policy: serde_json::Value,
    /// Null until it is counted.
    pub would_delete: Option<u64>,
    pub deleted: u64,
    /// While it is stopped, and where it was cancelled: how many are held of those counted.
    pub held: u64,
    pub failed: u64,
    /// Of the deleted ones, as the next.
    pub bytes: u64,
    pub duration_ms: u64,
    #[schema(format = DateTime)]
    pub started: String,
    #[schema(format = DateTime)]
    pub ended: Option<String>,
    /// As `started_by`; null where nobody has cancelled it.
    pub cancelled_by: Option<String>,
}

impl From<vault::RunRow> for Run {
    fn from(run: vault::RunRow) -> Self {
        Self {
            run_id: run.run_id.0,
            status: run.status.as_str(),
            started_by: run.new.started_by,
            policy_id: run.new.policy_id.map(|id| id.0),
            slot: run.new.slot.map(|slot| slot.to_string()),
            policy: serde_json::from_str(&run.new.policy).unwrap_or_default(),
            would_delete: run.progress.would_delete,
            deleted: run.progress.deleted,
            held: run.progress.held,
            failed: run.progress.failed,
            bytes: run.progress.bytes,
            duration_ms: milliseconds(run.progress.duration),
            started: run.new.started.to_string(),
            ended: run.ended.map(|time| time.to_string()),
            cancelled_by: run.cancelled_by,
        }
    }
}

/// A run, and what became of each recording.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `runs.rs` writes it piece by piece")]
pub(crate) struct Receipt {
    run: Run,
    recordings: Vec<ReceiptLine>,
}

/// What became of a recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptLine {
    pub recording_id: String,
    /// Null where there was no such recording, as the next six.
    pub number: Option<i64>,
    pub sha256: Option<String>,
    #[schema(format = DateTime)]
    pub start: Option<String>,
    #[schema(format = DateTime)]
    pub add_time: Option<String>,
    #[schema(format = DateTime)]
    pub received: Option<String>,
    pub duration_ms: Option<u64>,
    pub size_bytes: Option<u64>,
    /// `deleted`, `audio_deleted`, `held` or `failed`.
    pub outcome: &'static str,
    pub reason: Option<String>,
    #[schema(format = DateTime)]
    pub at: String,
    /// Where its copy is: the name of the archive, `/`, and the path of the audio in it; null
    /// where it was not copied.
    pub archived_to: Option<String>,
}

impl From<vault::ReceiptLine> for ReceiptLine {
    fn from(line: vault::ReceiptLine) -> Self {
        let was = line.was.as_ref();
        Self {
            recording_id: line.recording_id.to_string(),
            number: was.map(|was| was.number.0),
            sha256: was.map(|was| hex(&was.sha256)),
            start: was.map(|was| was.start.to_string()),
            add_time: was.map(|was| was.add_time.to_string()),
            received: was.map(|was| was.received.to_string()),
            duration_ms: was.map(|was| milliseconds(was.duration)),
            size_bytes: was.map(|was| was.size_bytes),
            outcome: line.outcome.as_str(),
            reason: line.reason,
            at: line.at.to_string(),
            archived_to: line.archived_to,
        }
    }
}

impl ReceiptLine {
    pub(crate) const CSV_HEAD: &str = "recording_id,number,sha256,start,add_time,received,\
        duration_ms,size_bytes,outcome,reason,at,archived_to\r\n";

    /// As a line of CSV (RFC 4180). Only the reason can need quotes.
    pub(crate) fn csv(self) -> String {
        let number = |number: Option<u64>| number.map_or(String::new(), |it| it.to_string());
        let reason = self.reason.map(|it| format!("\"{}\"", it.replace('"', "\"\"")));
        let fields = [
            self.recording_id,
            self.number.map_or(String::new(), |it| it.to_string()),
            self.sha256.unwrap_or_default(),
            self.start.unwrap_or_default(),
            self.add_time.unwrap_or_default(),
            self.received.unwrap_or_default(),
            number(self.duration_ms),
            number(self.size_bytes),
            self.outcome.to_owned(),
            reason.unwrap_or_default(),
            self.at,
            self.archived_to.unwrap_or_default(),
        ];
        format!("{}\r\n", fields.join(","))
    }
}

/// Which recordings; all conditions that are given must hold.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Where {
    /// Older than this: a whole number with a unit (`d`, `h`, `m`, `s`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "90d")]
    pub older_than: Option<String>,
    /// What age, `from` and `until` go by: `start` (default) or `add_time`.
    pub by: &'static str,
    /// At or after, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// Before, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "30s")]
    pub shorter_than: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2h")]
    pub longer_than: Option<String>,
    /// `company` or `on_demand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// `inbound`, `outbound` or `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// At either end of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// The conference's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    /// An Auth ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<String>,
}

impl From<vault::Where> for Where {
    fn from(what: vault::Where) -> Self {
        Self {
            older_than: what.older_than.map(span::write),
            by: match what.by {
                vault::By::Start => "start",
                vault::By::AddTime => "add_time",
            },
            from: what.from.map(|time| time.to_string()),
            until: what.until.map(|time| time.to_string()),
            shorter_than: what.shorter_than.map(span::write),
            longer_than: what.longer_than.map(span::write),
            kind: what.kind.map(vault::Kind::as_str),
            direction: what.direction.map(vault::Direction::as_str),
            extension: what.extension,
            number: what.number,
            user_id: what.user_id.map(|user| user.0),
            conference: what.conference,
            subaccount: what.subaccount.map(|id| id.to_string()),
        }
    }
}
