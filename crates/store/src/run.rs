//! Retention runs and bulk deletions, as rows, and what became of each recording.

use std::time::Duration;

use crate::recording::words;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{
    AccountId, PolicyId, Recording, RecordingId, RecordingNumber, Result, RunId, Time, UserId,
};

words!(
    /// How far a run is.
    RunStatus {
        Running = "running",
        Stopped = "stopped",
        Cancelled = "cancelled",
        Done = "done",
    }
);
words!(
    /// What became of a recording.
    Outcome { Deleted = "deleted", AudioDeleted = "audio_deleted", Held = "held", Failed = "failed" }
);

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub run_id: RunId,
    pub new: NewRunRow,
    pub status: RunStatus,
    pub progress: Progress,
    pub ended: Option<Time>,
    pub cancelled_by: Option<String>,
}

/// A run that is about to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRunRow {
    pub root_id: AccountId,
    /// The main account itself, or a subaccount that asked.
    pub account_id: AccountId,
    /// A plain user that asked.
    pub user_id: Option<UserId>,
    pub policy_id: Option<PolicyId>,
    /// What the schedule said.
    pub slot: Option<Time>,
    pub started_by: String,
    /// What is to be done, in the vault's JSON.
    pub policy: String,
    /// Ages are counted from here.
    pub as_of: Time,
    /// What came later is not concerned.
    pub last_number: RecordingNumber,
    pub started: Time,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The last recording that was looked at: its number, or its place in the list.
    pub place: i64,
    /// How many were to be deleted; `None` until they are counted.
    pub would_delete: Option<u64>,
    pub deleted: u64,
    /// While it is stopped, and where it was cancelled: how many are held of those counted.
    pub held: u64,
    pub failed: u64,
    /// Of the deleted ones, as the next.
    pub bytes: u64,
    pub duration: Duration,
}

/// What became of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    pub recording_id: RecordingId,
    /// `None` where there was no such recording.
    pub was: Option<Was>,
    pub outcome: Outcome,
    pub reason: Option<String>,
    /// Where its copy is: the archive's name and the path in it.
    pub archived_to: Option<String>,
    pub at: Time,
}

/// What a recording was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Was {
    pub number: RecordingNumber,
    pub sha256: [u8; 32],
    pub start: Time,
    pub add_time: Time,
    pub received: Time,
    pub duration: Duration,
    pub size_bytes: u64,
}

impl From<&Recording> for Was {
    fn from(recording: &Recording) -> Self {
        Self {
            number: recording.number,
            sha256: recording.sha256,
            start: recording.start,
            add_time: recording.add_time,
            received: recording.received,
            duration: recording.sound.duration(),
            size_bytes: recording.size_bytes,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select run_id, root_id, account_id, user_id, policy_id, slot, started_by, policy, \
             as_of, last_number, started, status, place, would_delete, deleted, held, failed, \
             bytes, duration, ended, cancelled_by from retention_run where ",
            $rest
        )
    };
}

statements! {
    ADD = "insert into retention_run (root_id, account_id, user_id, policy_id, slot, started_by, \
           policy, as_of, last_number, started, status, place, deleted, held, failed, bytes, \
           duration) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'running', 0, 0, 0, 0, 0, 0) \
           returning run_id";
    SET = "update retention_run set status = $2, place = $3, would_delete = $4, deleted = $5, \
           held = $6, failed = $7, bytes = $8, duration = $9, ended = $10 where run_id = $1";
    CANCEL = "update retention_run set status = 'cancelled', cancelled_by = $2, ended = $3 \
              where run_id = $1";
    SET_POLICY = "update retention_run set policy = $2 where run_id = $1";
    ANY = select!("run_id = $1");
    LIST = select!("root_id = $1 and run_id < $2 order by run_id desc limit $3");
    LIST_OF = select!(
        "root_id = $1 and run_id < $2 and started_by = $4 order by run_id desc limit $3"
    );
    RUNNING = select!("status = 'running' order by run_id");
    ADD_LINE = "insert into retention_receipt (run_id, position, recording_id, number, sha256, \
                start, add_time, received, duration, size_bytes, outcome, reason, archived_to, \
                at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    LINES = "select recording_id, number, sha256, start, add_time, received, duration, size_bytes, \
             outcome, reason, archived_to, at from retention_receipt where run_id = $1 and position > $2 \
             order by position limit $3";
}

impl Reader {
    /// The account's runs before that one, the newest first: all, or what one has started.
    pub async fn runs(
        &mut self,
        root: AccountId,
        before: RunId,
        limit: u32,
        started_by: Option<&str>,
    ) -> Result<Vec<RunRow>> {
        let rows = match started_by {
            None => self.0.rows(LIST, values![root, before, limit]).await?,
            Some(who) => self.0.rows(LIST_OF, values![root, before, limit, who]).await?,
        };
        rows.into_iter().map(read).collect()
    }

    /// A run, whoever's it is.
    pub async fn any_run(&mut self, id: RunId) -> Result<Option<RunRow>> {
        self.0.row(ANY, values![id]).await?.map(read).transpose()
    }

    /// All that is running, of all accounts.
    pub async fn running_runs(&mut self) -> Result<Vec<RunRow>> {
        self.0.rows(RUNNING, &[]).await?.into_iter().map(read).collect()
    }

    /// The next lines of a receipt.
    pub async fn receipt_lines(
        &mut self,
        run: RunId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ReceiptLine>> {
        let rows = self.0.rows(LINES, values![run, after, limit]).await?;
        rows.into_iter().map(read_line).collect()
    }
}

impl Tx {
    pub async fn add_run(&mut self, new: &NewRunRow) -> Result<RunId> {
        let row = values![
            new.root_id,
            new.account_id,
            new.user_id,
            new.policy_id,
            new.slot,
            new.started_by.as_str(),
            new.policy.as_str(),
            new.as_of,
            new.last_number,
            new.started,
        ];
        let row = self.0.0.row(ADD, row).await?;
        row.map_or(Err(crate::Error::row("no run_id")), |mut row| row.next())
    }

    /// Writes down how far a run is. Who does it must hold the account's lock.
    pub async fn set_run(
        &mut self,
        id: RunId,
        status: RunStatus,
        progress: &Progress,
        ended: Option<Time>,
    ) -> Result<()> {
        let row = values![
            id,
            status.as_str(),
            progress.place,
            progress.would_delete,
            progress.deleted,
            progress.held,
            progress.failed,
            progress.bytes,
            progress.duration,
            ended,
        ];
        self.0.0.execute(SET, row).await.map(drop)
    }

    /// Ends a run that has deleted nothing. Who does it must hold the account's lock.
    pub async fn cancel_run(&mut self, id: RunId, who: &str, at: Time) -> Result<()> {
        self.0.0.execute(CANCEL, values![id, who, at]).await.map(drop)
    }

    /// Says otherwise what was to be done, by whoever forgets a part of it. Likewise.
    pub async fn set_run_policy(&mut self, id: RunId, policy: &str) -> Result<()> {
        self.0.0.execute(SET_POLICY, values![id, policy]).await.map(drop)
    }

    /// Adds a line to a run's receipt.
    pub async fn add_receipt_line(
        &mut self,
        run: RunId,
        position: u64,
        line: &ReceiptLine,
    ) -> Result<()> {
        let was = line.was.as_ref();
        let row = values![
            run,
            position,
            line.recording_id,
            was.map(|was| was.number),
            was.map(|was| &was.sha256[..]),
            was.map(|was| was.start),
            was.map(|was| was.add_time),
            was.map(|was| was.received),
            was.map(|was| was.duration),
            was.map(|was| was.size_bytes),
            line.outcome.as_str(),
            line.reason.as_deref(),
            line.archived_to.as_deref(),
            line.at,
        ];
        self.0.0.execute(ADD_LINE, row).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<RunRow> {
    Ok(RunRow {
        run_id: row.next()?,
        new: NewRunRow {
            root_id: row.next()?,
            account_id: row.next()?,
            user_id: row.next()?,
            policy_id: row.next()?,
            slot: row.next()?,
            started_by: row.next()?,
            policy: row.next()?,
            as_of: row.next()?,
            last_number: row.next()?,
            started: row.next()?,
        },
        status: row.word()?,
        progress: Progress {
            place: row.next()?,
            would_delete: row.next()?,
            deleted: row.next()?,
            held: row.next()?,
            failed: row.next()?,
            bytes: row.next()?,
            duration: row.next()?,
        },
        ended: row.next()?,
        cancelled_by: row.next()?,
    })
}

fn read_line(mut row: Row) -> Result<ReceiptLine> {
    let recording_id = row.next()?;
    let (number, sha256): (Option<RecordingNumber>, Option<[u8; 32]>) = (row.next()?, row.next()?);
    let (start, add_time): (Option<Time>, Option<Time>) = (row.next()?, row.next()?);
    let (received, duration): (Option<Time>, Option<Duration>) = (row.next()?, row.next()?);
    let size_bytes: Option<u64> = row.next()?;
    let was = || {
        Some(Was {
            number: number?,
            sha256: sha256?,
            start: start?,
            add_time: add_time?,
            received: received?,
            duration: duration?,
            size_bytes: size_bytes?,
        })
    };
    Ok(ReceiptLine {
        recording_id,
        was: was(),
        outcome: row.word()?,
        reason: row.next()?,
        archived_to: row.next()?,
        at: row.next()?,
    })
}
