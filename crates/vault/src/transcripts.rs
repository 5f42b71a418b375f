//! Transcripts: asking for one, reading it, finding words in them, removing it. Making one:
//! `transcribe.rs`.

mod file;

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;
use speech::Word;
use store::{
    AccountId, AuditAction, Destination, Hit, Money, NewAuditEntry, Page, Part, Reader, Recording,
    RecordingId, Scope, SpeakersKnown, Time, Transcript, TranscriptCallback, TranscriptId,
    TranscriptStatus, Turn, Tx,
};

use crate::guard::{Gate, Taken};
use crate::jobs::Work;
use crate::media::audible;
use crate::{Caller, Error, RecordingQuery, Result, Vault, Where};

/// How long a search or a list may take: any number of turns may have the words.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a transcript that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TranscriptWish {
    /// ISO 639-1. Default: `speech.language`, or what is detected.
    pub language: Option<String>,
    /// Where its end is to be told.
    pub callback: Option<Destination>,
}

/// A transcript, with all that was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    pub recording: Recording,
    pub transcript: Transcript,
    pub turns: Vec<Turn>,
    pub words: Vec<Word>,
}

impl Spoken {
    /// Whether it is known who spoke.
    pub fn knows_speakers(&self) -> bool {
        !matches!(self.transcript.speakers, None | Some(SpeakersKnown::Unknown))
    }

    /// A line for each turn; who spoke, where that is known.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for turn in &self.turns {
            if self.knows_speakers() {
                let _ = write!(text, "Speaker {}: ", turn.speaker);
            }
            text.push_str(&one_line(&turn.text));
            text.push('\n');
        }
        text
    }
}

/// Without what would end a line.
pub fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|sign: char| sign.is_whitespace() || sign.is_control())
        .filter(|part| !part.is_empty())
        .collect();
    words.join(" ")
}

impl TranscriptWish {
    pub(crate) fn check(&self, vault: &Vault) -> Result<()> {
        if let Some(language) = &self.language
            && !is_language(language)
        {
            let why = "must be a language by its ISO 639-1 code, as en or de";
            return Err(Error::invalid("language", why));
        }
        self.callback.as_ref().map_or(Ok(()), |callback| vault.check_destination(&callback.url))
    }
}

/// Two lower-case letters; three where the engine knows a language that has no such code.
fn is_language(text: &str) -> bool {
    matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Who asks, of whose account.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) account: AccountId,
    pub(crate) root: AccountId,
    /// What the log is told where a transcript begins.
    pub(crate) told: NewAuditEntry,
}

impl Asker {
    pub(crate) fn new(caller: &Caller, id: RecordingId, now: Time) -> Self {
        let told = caller.tells(now, AuditAction::Transcribe, Some(id.to_string()), &json!({}));
        Self { account: caller.account_id(), root: caller.account.root(), told }
    }
}

/// Gives up a search or a list that takes too long, so that others can read:
/// [`Error::Unavailable`].
pub(crate) async fn in_time<T>(read: impl Future<Output = store::Result<T>>) -> Result<T> {
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(found) => Ok(found?),
        Err(_) => Err(Error::Unavailable { what: "search", retry_after: PATIENCE }),
    }
}

impl Vault {
    /// Has one of the caller's recordings transcribed, by a job. Where that is under way or done,
    /// nothing begins: only the callback is noted. One that has failed is tried again.
    ///
    /// Tells of the transcript as it is now, and whether it is new.
    pub async fn request_transcript(
        &self,
        caller: &Caller,
        id: RecordingId,
        wish: TranscriptWish,
    ) -> Result<(Transcript, bool)> {
        wish.check(self)?;
        let recording = self.recording(caller, id).await?;
        audible(&recording)?;
        let (scope, rate, now) =
            (caller.scope(), self.prices().transcription_per_minute, self.now());
        let asker = Asker::new(caller, id, now);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(asker.root).await?;
                if tx.recording(scope, id).await?.is_none() {
                    return Ok(None);
                }
                request(tx, &asker, id, wish, rate, now).await.map(Some)
            })
        });
        let requested = write.await?.ok_or(Error::NotFound)?;
        self.inner.work.notify_one();
        Ok(requested)
    }

    /// What was said on one of the caller's recordings, which may also be named by the id of its
    /// transcript. Turns and words are there once it is a success.
    pub async fn transcript(&self, caller: &Caller, id: RecordingId) -> Result<Spoken> {
        let scope = caller.scope();
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let Some((recording, transcript)) = find(reader, scope, id).await? else {
                    return Ok(None);
                };
                spoken(reader, recording, transcript).await.map(Some)
            })
        });
        let spoken = read.await?.ok_or(Error::NotFound)?;
        if spoken.transcript.status == TranscriptStatus::Success {
            let subject = Some(spoken.recording.recording_id.to_string());
            let told = caller.tells(self.now(), AuditAction::Read, subject, &json!({}));
            self.tell_once(spoken.recording.root_id, told).await?;
        }
        Ok(spoken)
    }

    /// A part of the transcripts of such recordings, without what was said, in the order of these.
    pub async fn transcripts(
        &self,
        caller: &Caller,
        query: &RecordingQuery,
        part: Part,
    ) -> Result<Page<(Transcript, Recording)>> {
        let Some(scope) = self.scope_of(caller, query).await? else {
            return Ok(Page { rows: Vec::new(), total: 0 });
        };
        let filter = query.filter.clone();
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move { reader.transcripts(scope, &filter, part).await })
        });
        Ok(read.await?)
    }

    /// The turns of such recordings in which all that is asked for was said, the best first: words
    /// in any order, and phrases in double quotes.
    pub async fn search(
        &self,
        caller: &Caller,
        what: &Where,
        asked: &str,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Hit>> {
        let (scope, now) = (caller.scope(), self.now());
        self.tell_searched(caller).await?;
        let (what, asked) = (what.clone(), asked.to_owned());
        let read = self.inner.store.read(move |reader| {
            Box::pin(async move {
                let of = what.selection(reader, scope, now).await?;
                reader.search(of.scope, &of.filter, &asked, offset, limit).await
            })
        });
        in_time(read).await
    }

    /// Tells that somebody searches. Not what for: it may be what somebody has said.
    pub(crate) async fn tell_searched(&self, caller: &Caller) -> Result<()> {
        let told = caller.tells(self.now(), AuditAction::Search, None, &json!({}));
        self.tell_once(caller.account.root(), told).await
    }

    /// What was said, where that is still this transcript.
    pub(crate) async fn spoken_still(&self, transcript: &Transcript) -> Result<Option<Spoken>> {
        let (id, wanted) = (transcript.recording_id, transcript.clone());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let Some(recording) = reader.any_recording(id).await? else { return Ok(None) };
                let found = reader.transcript_of(id).await?;
                let Some(found) = found.filter(|found| *found == wanted) else { return Ok(None) };
                spoken(reader, recording, found).await.map(Some)
            })
        });
        Ok(read.await?)
    }

    /// Removes the transcript of one of the caller's recordings, which may also be named by its own
    /// id, and what has its words. One that is being made is not made any more. [`Error::Kept`]
    /// where the recording may not be deleted: what keeps that keeps this.
    pub async fn delete_transcript(&self, caller: &Caller, id: RecordingId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.now());
        let write = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { take(tx, &caller, id, now).await }));
        Result::from(write.await?)?;
        self.note_deleted();
        Ok(())
    }
}

/// Adds a transcript and its job, unless there is one; notes who is to be told. Under the account's
/// lock.
pub(crate) async fn request(
    tx: &mut Tx,
    asker: &Asker,
    id: RecordingId,
    wish: TranscriptWish,
    rate: Money,
    now: Time,
) -> store::Result<(Transcript, bool)> {
    let known = tx.transcript_of(id).await?;
    let known = known.filter(|known| known.status != TranscriptStatus::Failed);
    let is_new = known.is_none();
    let transcript = if let Some(known) = known {
        known
    } else {
        tx.forget_transcript(id).await?;
        let new = new_transcript(id, wish.language, rate, now);
        tx.add_transcript(&new).await?;
        let job = Work::transcribe(new.transcript_id).job(now).of(asker.root, Some(id));
        tx.enqueue(&job).await?;
        tx.tell(asker.root, std::slice::from_ref(&asker.told)).await?;
        new
    };
    if let Some(to) = wish.callback {
        let callback = TranscriptCallback { account_id: asker.account, to };
        tx.add_transcript_callback(id, &callback).await?;
        if transcript.status != TranscriptStatus::InProgress {
            let job = Work::tell_transcript(transcript.transcript_id).job(now);
            tx.enqueue(&job.of(asker.root, Some(id))).await?;
        }
    }
    Ok((transcript, is_new))
}

fn new_transcript(id: RecordingId, hint: Option<String>, rate: Money, now: Time) -> Transcript {
    Transcript {
        transcript_id: TranscriptId::random(),
        recording_id: id,
        status: TranscriptStatus::InProgress,
        error: None,
        hint,
        language: None,
        speakers: None,
        rate,
        cost: Money::ZERO,
        created: now,
        finished: None,
    }
}

async fn take(tx: &mut Tx, caller: &Caller, id: RecordingId, now: Time) -> store::Result<Taken> {
    let root = caller.account.root();
    tx.lock_account(root).await?;
    let Some((recording, _)) = find(tx, caller.scope(), id).await? else {
        return Ok(Taken::NoSuch);
    };
    let id = recording.recording_id;
    let gate = Gate::of(tx, root, now).await?;
    if let Some((_, Some(kept))) = tx.guarded_recording(caller.scope(), id, &gate.guard).await? {
        let why = gate.reason(tx, &recording, kept).await?;
        let detail = json!({ "what": "delete_transcript", "why": why });
        let told = caller.tells(now, AuditAction::Refused, Some(id.to_string()), &detail);
        tx.tell(root, &[told]).await?;
        return Ok(Taken::Kept(why));
    }
    tx.forget_transcript(id).await?;
    tx.lose_exported_words(id).await?;
    tx.forget_deliveries_of_words(id).await?;
    let told = caller.tells(now, AuditAction::DeleteTranscript, Some(id.to_string()), &json!({}));
    tx.tell(root, &[told]).await?;
    Ok(Taken::Yes)
}

/// A transcript and its recording, by the id of either.
async fn find(
    reader: &mut Reader,
    scope: Scope,
    id: RecordingId,
) -> store::Result<Option<(Recording, Transcript)>> {
    let own = TranscriptId::from_bytes(*id.as_bytes());
    let transcript = match reader.transcript_of(id).await? {
        Some(transcript) => Some(transcript),
        None => reader.any_transcript(own).await?,
    };
    let Some(transcript) = transcript else { return Ok(None) };
    let recording = reader.recording(scope, transcript.recording_id).await?;
    Ok(recording.map(|recording| (recording, transcript)))
}

pub(crate) async fn spoken(
    reader: &mut Reader,
    recording: Recording,
    transcript: Transcript,
) -> store::Result<Spoken> {
    let id = recording.recording_id;
    let turns = reader.turns(id).await?;
    let words = match reader.transcript_words(id).await? {
        None => Vec::new(),
        Some(words) => serde_json::from_str(&words).map_err(|error| {
            let error = anyhow::Error::new(error);
            store::Error::Database(error.context("the words of a transcript cannot be read"))
        })?,
    };
    Ok(Spoken { recording, transcript, turns, words })
}
