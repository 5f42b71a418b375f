//! Recordings: the row, its reads by id, and its writes.

mod filter;
mod gather;
mod guard;
mod list;

use std::sync::LazyLock;
use std::time::Duration;

use crate::store::{Reader, Tx};
use crate::value::{Row, values};
use crate::{
    Account, AccountId, AuthId, RecordingId, RecordingNumber, Result, Time, UserId, account, hours,
    usage,
};

pub(crate) use self::filter::Conditions;
pub use self::filter::{Place, RecordingFilter, Scope, Sort, SortBy};
pub use self::guard::{
    Guard, GuardedPart, KeptBy, Listed, Only, Selection, Stretch, Taking, Tally,
};
pub use self::list::{Amount, Page, Part, StartAt};

/// A kept recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    pub number: RecordingNumber,
    pub recording_id: RecordingId,
    /// The account or subaccount that it belongs to, and that account's Auth ID.
    pub account_id: AccountId,
    pub auth_id: AuthId,
    /// The main account: `account_id` itself, or its parent.
    pub root_id: AccountId,
    pub call: Call,
    /// When the recorded audio starts.
    pub start: Time,
    /// When the recording was added, as its owner says: what storage age and lists go by.
    pub add_time: Time,
    /// When this vault received it.
    pub received: Time,
    pub sound: Sound,
    /// 0 once the audio was deleted.
    pub size_bytes: u64,
    /// Of the bytes as they were sent.
    pub sha256: [u8; 32],
    /// What is known to be wrong with the bytes that are kept.
    pub damage: Option<Damage>,
    /// When the audio was deleted, and only what was said kept.
    pub audio_deleted: Option<Time>,
}

/// What is known of the call that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    pub call_uuid: String,
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    pub direction: Option<Direction>,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
    pub kind: Kind,
    pub user_id: Option<UserId>,
    pub extensions: Vec<String>,
    pub cnam: Option<String>,
    pub rule_ids: Vec<String>,
}

/// What the audio was found to be, by decoding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    pub format: Format,
    /// The coding inside the container, as `pcm_s16le`, `mulaw`, `mp3`.
    pub codec: String,
    pub channels: u16,
    /// In Hz.
    pub sample_rate: u32,
    /// Samples per channel, counted from the decoded audio.
    pub frames: u64,
    /// Whether the audio ends before its header says.
    pub truncated: bool,
    /// Where a WAV's header lies about its sizes: how to serve it right.
    pub repair: Option<WavRepair>,
}

impl Sound {
    /// The exact length, to the microsecond, half up.
    pub fn duration(&self) -> Duration {
        let rate = u128::from(self.sample_rate.max(1));
        let micros = (u128::from(self.frames) * 1_000_000 + rate / 2) / rate;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// How a WAV with wrong sizes in its header is served: the first `length` bytes as sent, with the
/// 32-bit sizes at bytes 4 (RIFF) and `data_offset - 4` (data) set right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavRepair {
    /// Where the samples begin, in bytes from the start of the file.
    pub data_offset: u64,
    /// How many bytes of samples there are.
    pub data_bytes: u64,
}

impl WavRepair {
    /// The length of the file as served.
    pub fn length(&self) -> u64 {
        self.data_offset + self.data_bytes
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// As it stands in the database and in callvault's own API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::NotAnId;

            fn from_str(text: &str) -> Result<Self, crate::NotAnId> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(crate::NotAnId) }
            }
        }
    };
}
pub(crate) use words;

words!(
    /// The container that a recording was sent in.
    Format { Wav = "wav", Mp3 = "mp3", Flac = "flac", Ogg = "ogg", M4a = "m4a", Gsm = "gsm" }
);

impl Format {
    /// Each of them.
    pub const ALL: [Self; 6] = [Self::Wav, Self::Mp3, Self::Flac, Self::Ogg, Self::M4a, Self::Gsm];
}

words!(
    /// Which way the call went, seen from the account.
    Direction { Inbound = "inbound", Outbound = "outbound", Internal = "internal" }
);
words!(
    /// Whose recording it is: the company's, or one that a user made on demand.
    Kind { Company = "company", OnDemand = "on_demand" }
);
words!(
    /// What is wrong with a recording's bytes.
    Damage { Missing = "missing", Size = "size", Hash = "hash" }
);

#[expect(clippy::derivable_impls, reason = "the enum is made by a macro")]
impl Default for Kind {
    fn default() -> Self {
        Self::Company
    }
}

/// A recording that is about to be kept.
#[derive(Debug, Clone)]
pub struct NewRecording {
    pub recording_id: RecordingId,
    pub account_id: AccountId,
    pub root_id: AccountId,
    pub call: Call,
    pub start: Time,
    pub add_time: Time,
    pub received: Time,
    pub sound: Sound,
    pub size_bytes: u64,
    pub sha256: [u8; 32],
}

impl NewRecording {
    /// The row that it becomes.
    pub fn kept(&self, number: RecordingNumber, auth_id: AuthId) -> Recording {
        let new = self.clone();
        Recording {
            number,
            recording_id: new.recording_id,
            account_id: new.account_id,
            auth_id,
            root_id: new.root_id,
            call: new.call,
            start: new.start,
            add_time: new.add_time,
            received: new.received,
            sound: new.sound,
            size_bytes: new.size_bytes,
            sha256: new.sha256,
            damage: None,
            audio_deleted: None,
        }
    }
}

pub(crate) const COLUMNS: &str = "r.number, r.recording_id, r.account_id, a.auth_id, r.root_id, r.call_uuid, \
    r.from_number, r.to_number, r.direction, r.conference_name, r.conference_uuid, r.mpc_name, \
    r.mpc_uuid, r.kind, r.user_id, r.extensions, r.cnam, r.rule_ids, r.start, r.add_time, \
    r.received, r.format, r.codec, r.channels, r.sample_rate, r.frames, r.truncated, \
    r.wav_data_offset, r.wav_data_bytes, r.size_bytes, r.sha256, r.damage, r.audio_deleted";

pub(crate) const FROM: &str = "from recording r join account a on a.account_id = r.account_id";

const INSERT: &str = "insert into recording (recording_id, account_id, root_id, call_uuid, \
    from_number, to_number, direction, conference_name, conference_uuid, mpc_name, mpc_uuid, kind, \
    user_id, extensions, cnam, cnam_key, rule_ids, start, add_time, received, format, codec, channels, \
    sample_rate, frames, duration, truncated, wav_data_offset, wav_data_bytes, size_bytes, sha256) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31) returning number";

const DELETE: &str = "delete from recording where number = $1";

const SET_DAMAGE: &str = "update recording set damage = $2 where number = $1";

const DELETE_AUDIO: &str = "update recording set audio_deleted = $2, size_bytes = 0, damage = null \
    where number = $1 and audio_deleted is null";

const DAMAGED: &str = "select damage, count(*) from recording where damage is not null \
    group by damage";

/// Every statement on this table, with all optional conditions present.
pub(crate) fn statements(is_postgres: bool) -> Vec<(&'static str, String)> {
    let root = Scope::Root(AccountId(0));
    let mut all = vec![
        ("recording INSERT", INSERT.to_owned()),
        ("recording DELETE", DELETE.to_owned()),
        ("recording SET_DAMAGE", SET_DAMAGE.to_owned()),
        ("recording DELETE_AUDIO", DELETE_AUDIO.to_owned()),
        ("recording DAMAGED", DAMAGED.to_owned()),
        ("recording by id of a main account", by_id(root)),
        ("recording by id of a subaccount", by_id(Scope::Subaccount(AccountId(0)))),
        ("recording by id of a user", by_id(Scope::User(UserId(0)))),
        ("recording by number", by_number(root)),
        ("recording by id alone", by_id_alone()),
        ("recording by URL", BY_URL.clone()),
        ("recordings after a number", after()),
        ("recording_hour ADD", hours::ADD.to_owned()),
        ("recording_hour COUNT", hours::COUNT.to_owned()),
        ("recording_hour DOWNWARDS", hours::DOWNWARDS.to_owned()),
        ("recording_hour UPWARDS", hours::UPWARDS.to_owned()),
        ("recordings added at a time", usage::added_at(root)),
    ];
    all.extend(list::statements());
    all.extend(gather::statements());
    all.extend(guard::statements(is_postgres));
    all
}

fn by_id(scope: Scope) -> String {
    let condition = scope.condition();
    format!("select {COLUMNS} {FROM} where {condition} and r.recording_id = $2")
}

fn by_number(scope: Scope) -> String {
    let condition = scope.condition();
    format!("select {COLUMNS} {FROM} where {condition} and r.number = $2")
}

fn by_id_alone() -> String {
    format!("select {COLUMNS} {FROM} where r.recording_id = $1")
}

/// The account first, then its recording, or nulls, and how many variants of it are kept. Put together once: players ask for audio in
/// many small parts.
static BY_URL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, {COLUMNS}, (select count(*) from rendition v \
         where v.recording_id = r.recording_id and v.kept = 1) {} \
         left join recording r on r.recording_id = $2 and r.account_id = a.account_id \
         where a.auth_id = $1",
        account::COLUMNS,
        account::FROM
    )
});

fn after() -> String {
    format!("select {COLUMNS} {FROM} where r.number > $1 order by r.number limit $2")
}

impl Reader {
    /// A recording within the scope.
    pub async fn recording(&mut self, scope: Scope, id: RecordingId) -> Result<Option<Recording>> {
        let row = self.0.row(&by_id(scope), &[scope.value(), id.into()]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// The recording of that number within the scope.
    pub async fn recording_of_number(
        &mut self,
        scope: Scope,
        number: RecordingNumber,
    ) -> Result<Option<Recording>> {
        let row = self.0.row(&by_number(scope), &[scope.value(), number.into()]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// An account, and its own recording of this id, if it has one: what a URL of audio names.
    /// With it, whether a variant of it is kept.
    pub async fn recording_by_url(
        &mut self,
        auth_id: &AuthId,
        id: RecordingId,
    ) -> Result<Option<(Account, Option<(Recording, bool)>)>> {
        let row = self.0.row(&BY_URL, values![auth_id.as_str(), id]).await?;
        let Some(mut row) = row else { return Ok(None) };
        let account = account::read(&mut row)?;
        let number: Option<RecordingNumber> = row.next()?;
        let Some(number) = number else { return Ok(Some((account, None))) };
        let recording = read_numbered(number, &mut row)?;
        Ok(Some((account, Some((recording, row.next()?)))))
    }

    /// A recording, whoever's it is: for jobs, and never for a caller.
    pub async fn any_recording(&mut self, id: RecordingId) -> Result<Option<Recording>> {
        let row = self.0.row(&by_id_alone(), values![id]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// Whether there is a recording whose audio was not deleted.
    pub async fn has_audio(&mut self, id: RecordingId) -> Result<bool> {
        let recording = self.any_recording(id).await?;
        Ok(recording.is_some_and(|recording| recording.audio_deleted.is_none()))
    }

    /// The next recordings of all accounts, by number.
    pub async fn recordings_after(
        &mut self,
        number: RecordingNumber,
        limit: u32,
    ) -> Result<Vec<Recording>> {
        let rows = self.0.rows(&after(), values![number, limit]).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }

    /// How many recordings are known to be damaged, by what is wrong with them.
    pub async fn damaged(&mut self) -> Result<Vec<(Damage, u64)>> {
        let rows = self.0.rows(DAMAGED, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.word()?, row.next()?))).collect()
    }
}

impl Tx {
    /// Keeps a recording; the number it got.
    pub async fn add_recording(&mut self, new: &NewRecording) -> Result<RecordingNumber> {
        let call = &new.call;
        let sound = &new.sound;
        let row = self
            .0
            .0
            .row(
                INSERT,
                values![
                    new.recording_id,
                    new.account_id,
                    new.root_id,
                    call.call_uuid.as_str(),
                    call.from_number.as_deref(),
                    call.to_number.as_deref(),
                    call.direction.map(Direction::as_str),
                    call.conference_name.as_deref(),
                    call.conference_uuid.as_deref(),
                    call.mpc_name.as_deref(),
                    call.mpc_uuid.as_deref(),
                    call.kind.as_str(),
                    call.user_id,
                    &call.extensions[..],
                    call.cnam.as_deref(),
                    call.cnam.as_deref().map(filter::cnam_key),
                    &call.rule_ids[..],
                    new.start,
                    new.add_time,
                    new.received,
                    sound.format.as_str(),
                    sound.codec.as_str(),
                    sound.channels,
                    sound.sample_rate,
                    sound.frames,
                    sound.duration(),
                    sound.truncated,
                    sound.repair.map(|repair| repair.data_offset),
                    sound.repair.map(|repair| repair.data_bytes),
                    new.size_bytes,
                    &new.sha256[..],
                ],
            )
            .await?;
        let number = row.map_or(Err(crate::Error::row("no number")), |mut row| row.next())?;
        let change = hours::Change::added(new.size_bytes, sound.duration());
        self.count_in_hours(new.account_id, new.root_id, new.add_time, &change).await?;
        Ok(number)
    }

    /// Notes what is wrong with a recording's bytes, or that nothing is any more.
    pub async fn set_damage(
        &mut self,
        number: RecordingNumber,
        damage: Option<Damage>,
    ) -> Result<()> {
        let row = values![number, damage.map(Damage::as_str)];
        self.0.0.execute(SET_DAMAGE, row).await.map(drop)
    }

    /// Takes away a recording, which the caller knows that nothing keeps; false where it is gone
    /// already.
    pub async fn take_recording(&mut self, taken: &Recording, now: Time) -> Result<bool> {
        if self.0.0.execute(DELETE, values![taken.number]).await? == 0 {
            return Ok(false); // Another node was faster.
        }
        self.lose_exported(taken.recording_id).await?;
        let change = hours::Change::of(1, taken).undone();
        self.count_in_hours(taken.account_id, taken.root_id, taken.add_time, &change).await?;
        self.count_gone(1, taken, now).await?;
        Ok(true)
    }

    /// Takes away the audio of a recording, which the caller knows that nothing keeps; false where
    /// it is gone already. All else stays, and so does what was said.
    pub async fn take_audio(&mut self, taken: &Recording, now: Time) -> Result<bool> {
        if self.0.0.execute(DELETE_AUDIO, values![taken.number, now]).await? == 0 {
            return Ok(false); // Another node was faster.
        }
        self.lose_exported(taken.recording_id).await?;
        let change = hours::Change::of(0, taken).undone();
        self.count_in_hours(taken.account_id, taken.root_id, taken.add_time, &change).await?;
        self.count_gone(0, taken, now).await?;
        Ok(true)
    }
}

pub(crate) fn read(row: &mut Row) -> Result<Recording> {
    read_numbered(row.next()?, row)
}

/// Reads what comes after the number.
fn read_numbered(number: RecordingNumber, row: &mut Row) -> Result<Recording> {
    Ok(Recording {
        number,
        recording_id: row.next()?,
        account_id: row.next()?,
        auth_id: row.word()?,
        root_id: row.next()?,
        call: Call {
            call_uuid: row.next()?,
            from_number: row.next()?,
            to_number: row.next()?,
            direction: row.optional_word()?,
            conference_name: row.next()?,
            conference_uuid: row.next()?,
            mpc_name: row.next()?,
            mpc_uuid: row.next()?,
            kind: row.word()?,
            user_id: row.next()?,
            extensions: row.next()?,
            cnam: row.next()?,
            rule_ids: row.next()?,
        },
        start: row.next()?,
        add_time: row.next()?,
        received: row.next()?,
        sound: Sound {
            format: row.word()?,
            codec: row.next()?,
            channels: row.next()?,
            sample_rate: row.next()?,
            frames: row.next()?,
            truncated: row.next()?,
            repair: {
                let data_offset: Option<u64> = row.next()?;
                let data_bytes: Option<u64> = row.next()?;
                data_offset
                    .zip(data_bytes)
                    .map(|(data_offset, data_bytes)| WavRepair { data_offset, data_bytes })
            },
        },
        size_bytes: row.next()?,
        sha256: row.next()?,
        damage: row.optional_word()?,
        audio_deleted: row.next()?,
    })
}
