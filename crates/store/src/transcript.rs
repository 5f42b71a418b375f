//! Transcripts: what was said on recordings, turn by turn, and where their end is told.

mod terms;

use std::ops::Range;

use crate::delivery::{DeliveryMethod, DeliveryPolicy, Dialect, RetryOn};
use crate::recording::{self, Conditions, words};
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, Value, values};
use crate::{
    AccountId, Money, Page, Part, Place, Recording, RecordingFilter, RecordingId, RecordingNumber,
    Result, Scope, Sort, StartAt, Time, TranscriptId, UserId,
};

use self::terms::{Asked, terms};

/// A transcript, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    pub transcript_id: TranscriptId,
    pub recording_id: RecordingId,
    pub status: TranscriptStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// The language that whoever asked said it is in: ISO 639-1.
    pub hint: Option<String>,
    /// The one it is in; none where nobody spoke.
    pub language: Option<String>,
    pub speakers: Option<SpeakersKnown>,
    /// What a minute cost when it was asked for.
    pub rate: Money,
    /// Nothing, until it is a success.
    pub cost: Money,
    pub created: Time,
    pub finished: Option<Time>,
}

words!(
    /// How far a transcript is.
    TranscriptStatus { InProgress = "in_progress", Success = "success", Failed = "failed" }
);
words!(
    /// How it is known who spoke.
    SpeakersKnown { Channel = "channel", Estimated = "estimated", Unknown = "unknown" }
);

/// What was said in one go by one speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// From 0; on a stereo call its channel.
    pub speaker: u16,
    pub channel: u16,
    /// From the start of the recording.
    pub start_ms: u64,
    pub end_ms: u64,
    /// That it was this speaker, in millionths.
    pub confidence_ppm: u32,
    pub text: String,
}

/// How a transcript ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TranscriptEnd {
    Success {
        language: Option<String>,
        speakers: SpeakersKnown,
        /// JSON.
        words: String,
        turns: Vec<Turn>,
        cost: Money,
    },
    Failed(String),
}

/// What is kept of a finished transcript, for whoever checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTranscript {
    pub recording_id: RecordingId,
    /// JSON.
    pub words: Option<String>,
    /// Whether its recording is there.
    pub has_recording: bool,
}

/// Where else the end of a transcript is told, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptCallback {
    pub account_id: AccountId,
    pub to: Destination,
}

/// Where something is to be delivered, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub dialect: Dialect,
    /// Without a fragment.
    pub url: String,
    pub method: DeliveryMethod,
    pub policy: DeliveryPolicy,
}

/// A turn in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub recording: Recording,
    pub turn: Turn,
    /// What of its text was asked for, in characters.
    pub places: Vec<Range<usize>>,
}

macro_rules! columns {
    () => {
        "t.transcript_id, t.recording_id, t.status, t.error, t.hint, t.language, t.speakers, \
         t.rate, t.cost, t.created, t.finished"
    };
}

statements! {
    INSERT = "insert into transcript (transcript_id, recording_id, status, hint, rate, cost, \
              created) values ($1, $2, 'in_progress', $3, $4, 0, $5)";
    FIND = concat!("select ", columns!(), " from transcript t where t.recording_id = $1");
    BY_ID = concat!("select ", columns!(), " from transcript t where t.transcript_id = $1");
    UNFINISHED = "select transcript_id from transcript where status = 'in_progress'";
    FINISHED = "select t.recording_id, t.words, r.number from transcript t \
                left join recording r on r.recording_id = t.recording_id \
                where t.status = 'success' and t.recording_id > $1 \
                order by t.recording_id limit $2";
    WORDS = "select words from transcript where recording_id = $1";
    FINISH = "update transcript set status = $2, error = $3, language = $4, speakers = $5, \
              words = $6, cost = $7, finished = $8 \
              where transcript_id = $1 and status = 'in_progress'";
    ADD_TURN = "insert into transcript_turn (recording_id, position, speaker, channel, start_ms, \
                end_ms, confidence, text, terms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    TURNS = "select t.speaker, t.channel, t.start_ms, t.end_ms, t.confidence, t.text \
             from transcript_turn t where t.recording_id = $1 order by t.position";
    FORGET = "delete from transcript where recording_id = $1";
    FORGET_TURNS = "delete from transcript_turn where recording_id = $1";
    FORGET_CALLBACKS = "delete from transcript_callback where recording_id = $1";
    ADD_CALLBACK = "insert into transcript_callback (recording_id, account_id, dialect, url, \
                    method, connect_timeout, read_timeout, total_timeout, retries, retry_on, told) \
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) on conflict do nothing";
    CALLBACKS = "select account_id, dialect, url, method, connect_timeout, read_timeout, \
                 total_timeout, retries, retry_on from transcript_callback \
                 where recording_id = $1 and told = 0 order by account_id, url";
    TOLD = "update transcript_callback set told = 1 \
            where recording_id = $1 and account_id = $2 and url = $3 and told = 0";
}

/// The statements that a filter is part of, with all its conditions present.
pub(crate) fn filtered_statements() -> Vec<(&'static str, String)> {
    let filter = RecordingFilter::full();
    let of = || Conditions::of(Scope::Root(AccountId(0)), &filter);
    let user = Conditions::of(Scope::User(UserId(0)), &filter);
    let (newest, place) = (Sort::NEWEST_FIRST, Place { value: 0, number: RecordingNumber(0) });
    vec![
        ("transcripts", page(of(), newest).0),
        ("transcripts of a user", page(user.after(newest, place), newest).0),
        ("count of transcripts", count(of()).0),
    ]
}

/// The statements of a search differ, so each database checks its own.
pub(crate) fn search_statements(is_postgres: bool) -> Vec<(&'static str, String)> {
    let conditions = Conditions::of(Scope::Root(AccountId(0)), &RecordingFilter::full());
    vec![
        ("search", search(conditions, String::new(), is_postgres).0),
        ("turns that are not found", not_found(is_postgres)),
    ]
}

/// PostgreSQL keeps its index of the turns by itself; SQLite has triggers for that, and a row in
/// `turn_index_docsize` for each turn that is in it.
fn not_found(is_postgres: bool) -> String {
    let sql = "select count(*) from transcript_turn t where t.recording_id = $1";
    let not_indexed = "not exists (select 1 from turn_index_docsize d where d.id = t.turn_id)";
    format!("{sql} and {}", if is_postgres { "1 = 0" } else { not_indexed })
}

/// Limit and offset are two more values, to be added.
fn page(conditions: Conditions, sort: Sort) -> (String, Vec<Value>) {
    let (text, values) = conditions.into_parts();
    let next = values.len() + 1;
    let sql = format!(
        "select {}, {} {} join transcript t on t.recording_id = r.recording_id where {text} \
         order by {} limit ${next} offset ${}",
        columns!(),
        recording::COLUMNS,
        recording::FROM,
        sort.order(),
        next + 1
    );
    (sql, values)
}

fn count(conditions: Conditions) -> (String, Vec<Value>) {
    let (text, values) = conditions.into_parts();
    let sql = format!(
        "select count(*) from recording r join transcript t on t.recording_id = r.recording_id \
         where {text}"
    );
    (sql, values)
}

/// Limit and offset are two more values, to be added.
fn search(mut conditions: Conditions, asked: String, is_postgres: bool) -> (String, Vec<Value>) {
    let asked = conditions.value(asked);
    let (text, values) = conditions.into_parts();
    let Found { from, matches, rank } = Found::of(&asked, is_postgres);
    let next = values.len() + 1;
    let sql = format!(
        "select t.speaker, t.channel, t.start_ms, t.end_ms, t.confidence, t.text, {} \
         from {from} join recording r on r.recording_id = t.recording_id \
         join account a on a.account_id = r.account_id where {matches} and {text} \
         order by {rank}, r.add_time desc, t.turn_id limit ${next} offset ${}",
        recording::COLUMNS,
        next + 1
    );
    (sql, values)
}

/// How the turns `t` are found in which something was said.
struct Found {
    from: &'static str,
    matches: String,
    rank: String,
}

impl Found {
    /// Both databases take words and phrases in quotes, all of which must be there; they differ in
    /// how they are asked, and in what they rank by: SQLite by BM25, PostgreSQL by how often and
    /// how near.
    fn of(asked: &str, is_postgres: bool) -> Self {
        if is_postgres {
            let (indexed, asked) =
                ("to_tsvector('simple', t.terms)", format!("to_tsquery('simple', {asked})"));
            Self {
                from: "transcript_turn t",
                matches: format!("{indexed} @@ {asked}"),
                rank: format!("ts_rank({indexed}, {asked}) desc"),
            }
        } else {
            Self {
                from: "turn_index join transcript_turn t on t.turn_id = turn_index.rowid",
                matches: format!("turn_index match {asked}"),
                rank: "turn_index.rank".to_owned(),
            }
        }
    }
}

/// As a condition on a recording `r`: that all of this was said in one turn of it.
pub(crate) fn was_said(conditions: &mut Conditions, query: &str, is_postgres: bool) -> String {
    let asked = Asked::read(query);
    if asked.is_empty() {
        return "1 = 0".to_owned();
    }
    let asked = conditions.value(asked.write(is_postgres));
    let Found { from, matches, .. } = Found::of(&asked, is_postgres);
    format!("r.recording_id in (select t.recording_id from {from} where {matches})")
}

impl Reader {
    /// The transcript of a recording. Whose that is, is for its caller to know.
    pub async fn transcript_of(&mut self, id: RecordingId) -> Result<Option<Transcript>> {
        let row = self.0.row(FIND, values![id]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// A transcript, whoever's it is: likewise.
    pub async fn any_transcript(&mut self, id: TranscriptId) -> Result<Option<Transcript>> {
        let row = self.0.row(BY_ID, values![id]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// The transcripts that are being made, or are to be.
    pub async fn unfinished_transcripts(&mut self) -> Result<Vec<TranscriptId>> {
        self.0.rows(UNFINISHED, &[]).await?.into_iter().map(|mut row| row.next()).collect()
    }

    /// The next finished transcripts, in the order of their recordings' ids.
    pub async fn finished_transcripts(
        &mut self,
        after: RecordingId,
        limit: u32,
    ) -> Result<Vec<KeptTranscript>> {
        let rows = self.0.rows(FINISHED, values![after, limit]).await?;
        let read = |mut row: Row| {
            Ok(KeptTranscript {
                recording_id: row.next()?,
                words: row.next()?,
                has_recording: row.next::<Option<RecordingNumber>>()?.is_some(),
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many turns of a recording's transcript no search finds.
    pub async fn turns_not_found(&mut self, id: RecordingId) -> Result<u64> {
        let row = self.0.row(&not_found(self.0.is_postgres()), values![id]).await?;
        row.map_or(Ok(0), |mut row| row.next())
    }

    /// The words of a recording's transcript, as JSON.
    pub async fn transcript_words(&mut self, id: RecordingId) -> Result<Option<String>> {
        let row = self.0.row(WORDS, values![id]).await?;
        row.map_or(Ok(None), |mut row| row.next())
    }

    /// The turns of a recording's transcript, in the order of their starts.
    pub async fn turns(&mut self, id: RecordingId) -> Result<Vec<Turn>> {
        let rows = self.0.rows(TURNS, values![id]).await?;
        rows.into_iter().map(|mut row| read_turn(&mut row)).collect()
    }

    /// A part of the transcripts of such recordings, in the order of these, and how many there are
    /// in all. Call it in a snapshot.
    pub async fn transcripts(
        &mut self,
        scope: Scope,
        filter: &RecordingFilter,
        part: Part,
    ) -> Result<Page<(Transcript, Recording)>> {
        let (sql, values) = count(Conditions::of(scope, filter));
        let row = self.0.row(&sql, &values).await?;
        let total = row.map_or(Ok(0), |mut row| row.next())?;
        let Part { sort, from, limit } = part;
        let conditions = Conditions::of(scope, filter);
        let (conditions, offset) = match from {
            StartAt::Offset(offset) => (conditions, offset),
            StartAt::After(place) => (conditions.after(sort, place), 0),
        };
        let (sql, mut values) = page(conditions, sort);
        values.extend([limit.into(), offset.into()]);
        let rows = self.0.rows(&sql, &values).await?;
        let read = |mut row: Row| Ok((read(&mut row)?, recording::read(&mut row)?));
        Ok(Page { rows: rows.into_iter().map(read).collect::<Result<_>>()?, total })
    }

    /// The turns of such recordings in which all that is asked for was said, the best first. Words
    /// stand by themselves, phrases in double quotes; case and punctuation do not matter. Nothing
    /// is found where nothing is asked for.
    pub async fn search(
        &mut self,
        scope: Scope,
        filter: &RecordingFilter,
        query: &str,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Hit>> {
        let is_postgres = self.0.is_postgres();
        let asked = Asked::read(query);
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let conditions = Conditions::of(scope, filter);
        let (sql, mut values) = search(conditions, asked.write(is_postgres), is_postgres);
        values.extend([limit.into(), offset.into()]);
        let rows = self.0.rows(&sql, &values).await?;
        let read = |mut row: Row| {
            let turn = read_turn(&mut row)?;
            let places = asked.places(&turn.text);
            Ok(Hit { turn, recording: recording::read(&mut row)?, places })
        };
        rows.into_iter().map(read).collect()
    }

    /// Where the end of a recording's transcript is still to be told.
    pub async fn transcript_callbacks(
        &mut self,
        id: RecordingId,
    ) -> Result<Vec<TranscriptCallback>> {
        self.0.rows(CALLBACKS, values![id]).await?.into_iter().map(read_callback).collect()
    }
}

impl Tx {
    /// Adds a transcript that is to be made.
    pub async fn add_transcript(&mut self, new: &Transcript) -> Result<()> {
        let hint = new.hint.as_deref();
        let row = values![new.transcript_id, new.recording_id, hint, new.rate, new.created];
        self.0.0.execute(INSERT, row).await.map(drop)
    }

    /// Ends a transcript; false where it has ended, or is gone.
    pub async fn finish_transcript(
        &mut self,
        transcript: &Transcript,
        end: &TranscriptEnd,
        now: Time,
    ) -> Result<bool> {
        let id = transcript.transcript_id;
        let (turns, row) = match end {
            TranscriptEnd::Success { language, speakers, words, turns, cost } => {
                let status = TranscriptStatus::Success.as_str();
                let (language, words) = (language.as_deref(), words.as_str());
                let none = None::<&str>;
                let how = speakers.as_str();
                (&turns[..], values![id, status, none, language, how, words, *cost, now].to_vec())
            }
            TranscriptEnd::Failed(why) => {
                let (status, none) = (TranscriptStatus::Failed.as_str(), None::<&str>);
                let why = why.as_str();
                (&[][..], values![id, status, why, none, none, none, Money::ZERO, now].to_vec())
            }
        };
        if self.0.0.execute(FINISH, &row).await? == 0 {
            return Ok(false);
        }
        for (position, turn) in (0_u64..).zip(turns) {
            let row = values![
                transcript.recording_id,
                position,
                turn.speaker,
                turn.channel,
                turn.start_ms,
                turn.end_ms,
                turn.confidence_ppm,
                turn.text.as_str(),
                terms(&turn.text),
            ];
            self.0.0.execute(ADD_TURN, row).await?;
        }
        Ok(true)
    }

    /// Removes a recording's transcript, if there is one, and what was to be told of it.
    pub async fn forget_transcript(&mut self, id: RecordingId) -> Result<bool> {
        // This row first: whoever is just about to end the transcript has it, and then its turns
        // are there to be removed.
        let was_there = self.0.0.execute(FORGET, values![id]).await? == 1;
        self.0.0.execute(FORGET_TURNS, values![id]).await?;
        self.0.0.execute(FORGET_CALLBACKS, values![id]).await?;
        Ok(was_there)
    }

    /// Has the end of a transcript told there too; nothing changes where it is already.
    pub async fn add_transcript_callback(
        &mut self,
        id: RecordingId,
        new: &TranscriptCallback,
    ) -> Result<()> {
        let Destination { dialect, url, method, policy } = &new.to;
        let row = values![
            id,
            new.account_id,
            dialect.as_str(),
            url.as_str(),
            method.as_str(),
            policy.connect_timeout,
            policy.read_timeout,
            policy.total_timeout,
            policy.retries,
            policy.retry_on.bits(),
        ];
        self.0.0.execute(ADD_CALLBACK, row).await.map(drop)
    }

    /// Notes that it is told; false where it was already, or is gone.
    pub async fn set_transcript_told(
        &mut self,
        id: RecordingId,
        callback: &TranscriptCallback,
    ) -> Result<bool> {
        let row = values![id, callback.account_id, callback.to.url.as_str()];
        Ok(self.0.0.execute(TOLD, row).await? == 1)
    }
}

fn read(row: &mut Row) -> Result<Transcript> {
    Ok(Transcript {
        transcript_id: row.next()?,
        recording_id: row.next()?,
        status: row.word()?,
        error: row.next()?,
        hint: row.next()?,
        language: row.next()?,
        speakers: row.optional_word()?,
        rate: row.next()?,
        cost: row.next()?,
        created: row.next()?,
        finished: row.next()?,
    })
}

fn read_turn(row: &mut Row) -> Result<Turn> {
    Ok(Turn {
        speaker: row.next()?,
        channel: row.next()?,
        start_ms: row.next()?,
        end_ms: row.next()?,
        confidence_ppm: row.next()?,
        text: row.next()?,
    })
}

fn read_callback(mut row: Row) -> Result<TranscriptCallback> {
    Ok(TranscriptCallback {
        account_id: row.next()?,
        to: Destination {
            dialect: row.word()?,
            url: row.next()?,
            method: row.word()?,
            policy: DeliveryPolicy {
                connect_timeout: row.next()?,
                read_timeout: row.next()?,
                total_timeout: row.next()?,
                retries: row.next()?,
                retry_on: RetryOn::from_bits(row.next()?),
            },
        },
    })
}
