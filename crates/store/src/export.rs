//! Exports: who asked, how far each has come, and which recordings it has.

use crate::recording::words;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{
    AccountId, Damage, ExportId, Page, Recording, RecordingId, RecordingNumber, Result, Time,
    TranscriptId, UserId,
};

/// A zip of recordings that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub export_id: ExportId,
    /// The main account whose recordings they are.
    pub root_id: AccountId,
    /// The account that asked: the main one, or a subaccount.
    pub account_id: AccountId,
    /// Whom it is for, if not for the account.
    pub user_id: Option<UserId>,
    pub kind: ExportKind,
    /// Which recordings, as whoever made it wrote it.
    pub filter: String,
    pub state: ExportState,
    /// Grows when a recording of it is deleted, or a transcript.
    pub revision: i64,
    /// How many recordings it has; 0 while that is not known.
    pub files_total: u64,
    /// How many of them were looked at.
    pub files_completed: u64,
    pub zip: Option<Zip>,
    pub created: Time,
}

/// What is known of an export's zip when it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zip {
    pub size_bytes: u64,
    /// Of all but the audio, whose hashes that has in it.
    pub sha256: [u8; 32],
    /// What its making needs to know before, as whoever made it wrote it.
    pub plan: String,
    /// It is not given out any more from then on.
    pub valid_until: Time,
}

words!(
    /// Which recordings an export is of.
    ExportKind {
        Company = "company",
        OnDemand = "on_demand",
        RecordingsTranscriptions = "recordings_transcriptions",
        Selection = "selection",
    }
);
words!(
    /// How far an export has come.
    ExportState {
        Pending = "pending",
        InProgress = "in_progress",
        Complete = "complete",
        Failed = "failed",
        Expired = "expired",
    }
);

/// An export that is about to be made.
#[derive(Debug, Clone)]
pub struct NewExport {
    pub export_id: ExportId,
    pub root_id: AccountId,
    pub account_id: AccountId,
    pub user_id: Option<UserId>,
    pub kind: ExportKind,
    pub filter: String,
    pub created: Time,
}

/// A recording of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    pub number: RecordingNumber,
    pub recording_id: RecordingId,
    pub seen: Seen,
    /// What of its transcript is in the zip, as whoever made it wrote it.
    pub words: Option<String>,
    /// The finished transcript that it has now.
    pub transcript: Option<TranscriptId>,
    /// None where it was deleted.
    pub recording: Option<Recording>,
}

/// What was found of a recording of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub number: RecordingNumber,
    pub seen: Seen,
    pub words: Option<String>,
}

/// What was found of a recording's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    NotYet,
    Ready {
        crc32: u32,
    },
    /// The recording was deleted before.
    Gone,
    /// They cannot be had, and why.
    Failed {
        reason: String,
    },
}

impl Seen {
    fn state(&self) -> &'static str {
        match self {
            Self::NotYet => "waiting",
            Self::Ready { .. } => "ready",
            Self::Gone => "gone",
            Self::Failed { .. } => "failed",
        }
    }
}

/// As it is at `$1`: nothing is complete when its time is over.
macro_rules! state_at {
    () => {
        "case when state = 'complete' and valid_until <= $1 then 'expired' else state end"
    };
}
macro_rules! select {
    ($rest:expr) => {
        concat!(
            "select export_id, root_id, account_id, user_id, kind, filter, ",
            state_at!(),
            ", revision, files_total, files_completed, size_bytes, sha256, plan, valid_until, ",
            "created from export where ",
            $rest
        )
    };
}
macro_rules! of_user {
    () => {
        concat!("root_id = $2 and user_id = $3 and coalesce($4, ", state_at!(), ") = ", state_at!())
    };
}

statements! {
    INSERT = "insert into export (export_id, root_id, account_id, user_id, kind, filter, state, \
              revision, files_total, files_completed, created) \
              values ($1, $2, $3, $4, $5, $6, 'pending', 0, 0, 0, $7)";
    FIND = select!("export_id = $2");
    PAGE = select!(concat!(of_user!(), " order by created desc, export_id limit $5 offset $6"));
    COUNT = concat!("select count(*) from export where ", of_user!());
    GATHERING = "update export set state = 'pending' \
                 where export_id = $1 and state = 'pending'";
    START = "update export set state = 'in_progress', filter = '{}', files_total = \
             (select count(*) from export_file where export_id = $1) \
             where export_id = $1 and state = 'pending'";
    WAITING = "select number, recording_id from export_file \
               where export_id = $1 and number > $2 and state = 'waiting' \
               order by number limit $3";
    SEE = "update export_file set state = $3, crc32 = $4, reason = $5, words = $6 \
           where export_id = $1 and number = $2 and state = 'waiting'";
    MISS = "update export_file set state = $3, crc32 = $4, reason = $5, words = $6 \
            where export_id = $1 and number = $2 and state <> 'waiting'";
    PROGRESS = "update export set files_completed = files_completed + $2 where export_id = $1";
    FILES = "select f.number, f.recording_id, f.state, f.crc32, f.reason, f.words, \
             t.transcript_id from export_file f left join transcript t \
             on t.recording_id = f.recording_id and t.status = 'success' \
             where f.export_id = $1 and f.number > $2 order by f.number limit $3";
    DAMAGED = "select r.damage from recording r cross join export_file f \
               where r.damage is not null and f.export_id = $1 and f.number = r.number \
               and f.state = 'ready' limit 1";
    FINISH = "update export set state = 'complete', size_bytes = $3, sha256 = $4, plan = $5, \
              valid_until = $6 where export_id = $1 and revision = $2 and state = 'in_progress'";
    FAIL = "update export set state = 'failed', filter = '{}' \
            where export_id = $1 and state in ('pending', 'in_progress')";
    UNFINISHED_OF = "select count(*) from export \
                     where root_id = $1 and state in ('pending', 'in_progress')";
    UNFINISHED = "select export_id from export where state in ('pending', 'in_progress')";
    LOSE = "update export set revision = revision + 1, \
            state = case when state = 'complete' then 'expired' else state end \
            where state in ('pending', 'in_progress', 'complete') and export_id in \
            (select export_id from export_file where recording_id = $1)";
    LOSE_WORDS = "update export set revision = revision + 1, \
                  state = case when state = 'complete' then 'expired' else state end \
                  where state in ('pending', 'in_progress', 'complete') and export_id in \
                  (select export_id from export_file where recording_id = $1 \
                  and words is not null)";
    EXPIRE = "update export set state = 'expired' where state = 'complete' and valid_until <= $1";
    FORGET_FILES = "delete from export_file where (export_id, number) in \
                    (select f.export_id, f.number from export_file f \
                    join export e on e.export_id = f.export_id \
                    where e.state in ('failed', 'expired') limit $1)";
    FORGET = "delete from export where created <= $1 and state in ('failed', 'expired') \
              and not exists (select 1 from export_file f where f.export_id = export.export_id)";
}

impl Reader {
    /// An export, whoever's it is, as it is `now`.
    pub async fn export(&mut self, id: ExportId, now: Time) -> Result<Option<Export>> {
        self.0.row(FIND, values![now, id]).await?.map(read).transpose()
    }

    /// A part of a user's exports, the newest first: of all or of one state. Call it in a
    /// snapshot.
    pub async fn exports(
        &mut self,
        root: AccountId,
        user: UserId,
        state: Option<ExportState>,
        now: Time,
        (offset, limit): (u64, u32),
    ) -> Result<Page<Export>> {
        let state = state.map(ExportState::as_str);
        let total = self.0.row(COUNT, values![now, root, user, state]).await?;
        let total = total.map_or(Ok(0), |mut row| row.next())?;
        let rows = self.0.rows(PAGE, values![now, root, user, state, limit, offset]).await?;
        let rows = rows.into_iter().map(read).collect::<Result<_>>()?;
        Ok(Page { rows, total })
    }

    /// The next recordings of an export that were not looked at.
    pub async fn waiting_files(
        &mut self,
        id: ExportId,
        after: RecordingNumber,
        limit: u32,
    ) -> Result<Vec<(RecordingNumber, RecordingId)>> {
        let rows = self.0.rows(WAITING, values![id, after, limit]).await?;
        rows.into_iter().map(|mut row| Ok((row.next()?, row.next()?))).collect()
    }

    /// The next recordings of an export. Call it in a snapshot.
    pub async fn export_files(
        &mut self,
        id: ExportId,
        after: RecordingNumber,
        limit: u32,
    ) -> Result<Vec<ExportFile>> {
        let rows = self.0.rows(FILES, values![id, after, limit]).await?;
        let files: Result<Vec<_>> = rows.into_iter().map(read_file).collect();
        let mut files = files?;
        let Some(last) = files.last() else { return Ok(files) };
        let mut recordings = self.recordings_of_export(id, after, last.number).await?.into_iter();
        let mut next = recordings.next();
        for file in &mut files {
            if next.as_ref().is_some_and(|recording| recording.number == file.number) {
                file.recording = next.take();
                next = recordings.next();
            }
        }
        Ok(files)
    }

    /// What is known to be wrong with a recording whose audio is in an export. (A cross join keeps
    /// SQLite to that order: few recordings are damaged, and an export may have any number.)
    pub async fn damage_in_export(&mut self, id: ExportId) -> Result<Option<Damage>> {
        self.0.row(DAMAGED, values![id]).await?.map(|mut row| row.word()).transpose()
    }

    /// How many of a main account somebody should be working on.
    pub async fn unfinished_exports_of(&mut self, root: AccountId) -> Result<u64> {
        let row = self.0.row(UNFINISHED_OF, values![root]).await?;
        row.map_or(Ok(0), |mut row| row.next())
    }

    /// Those that somebody should be working on.
    pub async fn unfinished_exports(&mut self) -> Result<Vec<ExportId>> {
        let rows = self.0.rows(UNFINISHED, &[]).await?;
        rows.into_iter().map(|mut row| row.next()).collect()
    }
}

impl Tx {
    /// Adds an export; the job that does it is its caller's to queue.
    pub async fn add_export(&mut self, new: &NewExport) -> Result<()> {
        let row = values![
            new.export_id,
            new.root_id,
            new.account_id,
            new.user_id,
            new.kind.as_str(),
            new.filter.as_str(),
            new.created,
        ];
        self.0.0.execute(INSERT, row).await.map(drop)
    }

    /// Says that all its recordings are known by now. What they were found by is forgotten: it may
    /// name a caller, who outlives no deletion.
    pub async fn start_export(&mut self, id: ExportId) -> Result<()> {
        if self.is_gathering(id).await? {
            self.0.0.execute(START, values![id]).await?;
        }
        Ok(())
    }

    /// Whether recordings may still be put into an export. It stays so to the end of the
    /// transaction: the row is locked, so that a worker who has lost its job adds nothing to what
    /// another has counted.
    pub(crate) async fn is_gathering(&mut self, id: ExportId) -> Result<bool> {
        Ok(self.0.0.execute(GATHERING, values![id]).await? == 1)
    }

    /// Writes down what was found of some recordings.
    pub async fn see_files(&mut self, id: ExportId, looks: &[Look]) -> Result<()> {
        let mut settled = 0_u64;
        for look in looks {
            settled += self.write_look(SEE, id, look).await?;
        }
        self.0.0.execute(PROGRESS, values![id, settled]).await.map(drop)
    }

    /// Writes down what of recordings that were looked at is gone by now, or has failed.
    pub async fn miss_files(&mut self, id: ExportId, looks: &[Look]) -> Result<()> {
        for look in looks {
            self.write_look(MISS, id, look).await?;
        }
        Ok(())
    }

    async fn write_look(&mut self, sql: &str, id: ExportId, look: &Look) -> Result<u64> {
        let (crc32, reason) = match &look.seen {
            Seen::Ready { crc32 } => (Some(*crc32), None),
            Seen::Failed { reason } => (None, Some(reason.as_str())),
            Seen::NotYet | Seen::Gone => (None, None),
        };
        let words = look.words.as_deref();
        let row = values![id, look.number, look.seen.state(), crc32, reason, words];
        self.0.0.execute(sql, row).await
    }

    /// Makes it complete; false where a recording of it was deleted since it had that revision.
    pub async fn finish_export(&mut self, id: ExportId, revision: i64, zip: &Zip) -> Result<bool> {
        let row = values![
            id,
            revision,
            zip.size_bytes,
            &zip.sha256[..],
            zip.plan.as_str(),
            zip.valid_until,
        ];
        Ok(self.0.0.execute(FINISH, row).await? == 1)
    }

    /// Gives up what is not complete.
    pub async fn fail_export(&mut self, id: ExportId) -> Result<()> {
        self.0.0.execute(FAIL, values![id]).await.map(drop)
    }

    /// Ends the exports that a recording is in, since its audio must not be had from them any
    /// more; those in the making will do without it.
    pub async fn lose_exported(&mut self, id: RecordingId) -> Result<()> {
        self.0.0.execute(LOSE, values![id]).await.map(drop)
    }

    /// Ends the exports that have a recording's transcript in them; likewise.
    pub async fn lose_exported_words(&mut self, id: RecordingId) -> Result<()> {
        self.0.0.execute(LOSE_WORDS, values![id]).await.map(drop)
    }

    /// Ends the exports whose time is over.
    pub async fn expire_exports(&mut self, now: Time) -> Result<()> {
        self.0.0.execute(EXPIRE, values![now]).await.map(drop)
    }

    /// Forgets some of the recordings of exports that are over; how many.
    pub async fn forget_export_files(&mut self, limit: u32) -> Result<u64> {
        self.0.0.execute(FORGET_FILES, values![limit]).await
    }

    /// Forgets the exports that are over and were asked for at or before `time`.
    pub async fn forget_exports(&mut self, time: Time) -> Result<()> {
        self.0.0.execute(FORGET, values![time]).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<Export> {
    let row = &mut row;
    Ok(Export {
        export_id: row.next()?,
        root_id: row.next()?,
        account_id: row.next()?,
        user_id: row.next()?,
        kind: row.word()?,
        filter: row.next()?,
        state: row.word()?,
        revision: row.next()?,
        files_total: row.next()?,
        files_completed: row.next()?,
        zip: {
            let (size, sha256, plan, valid_until): (Option<u64>, _, Option<String>, _) =
                (row.next()?, row.next::<Option<[u8; 32]>>()?, row.next()?, row.next()?);
            size.zip(sha256).zip(plan).zip(valid_until).map(
                |(((size_bytes, sha256), plan), valid_until)| Zip {
                    size_bytes,
                    sha256,
                    plan,
                    valid_until,
                },
            )
        },
        created: row.next()?,
    })
}

fn read_file(mut row: Row) -> Result<ExportFile> {
    let row = &mut row;
    let (number, recording_id) = (row.next()?, row.next()?);
    let state: String = row.next()?;
    let (crc32, reason): (Option<u32>, Option<String>) = (row.next()?, row.next()?);
    let seen = match (state.as_str(), crc32, reason) {
        ("waiting", ..) => Seen::NotYet,
        ("ready", Some(crc32), _) => Seen::Ready { crc32 },
        ("gone", ..) => Seen::Gone,
        ("failed", _, Some(reason)) => Seen::Failed { reason },
        _ => return Err(crate::Error::row(format!("a file of an export is `{state}`"))),
    };
    let (words, transcript) = (row.next()?, row.next()?);
    Ok(ExportFile { number, recording_id, seen, words, transcript, recording: None })
}
