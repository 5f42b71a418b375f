//! Recordings: the row, its filter, its reads and its writes.

use std::fmt::Write as _;
use std::time::Duration;

use crate::store::{Reader, Tx};
use crate::value::{Row, Value, values};
use crate::{AccountId, AuthId, RecordingId, RecordingNumber, Result, Time, UserId, hours};

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
    pub size_bytes: u64,
    /// Of the bytes as they were sent.
    pub sha256: [u8; 32],
    /// What is known to be wrong with the bytes that are kept.
    pub damage: Option<Damage>,
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
        }
    }
}

/// Which recordings a list is about. Every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFilter {
    pub scope: Scope,
    /// Added at or after.
    pub added_from: Option<Time>,
    /// Added before.
    pub added_until: Option<Time>,
    pub call_uuid: Option<String>,
    /// Digits match with and without a leading `+`.
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
}

/// Whose recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Of a main account and of all its subaccounts.
    Root(AccountId),
    /// Of this one subaccount.
    Subaccount(AccountId),
}

impl Scope {
    /// The account under which its recordings are counted by the hour.
    pub(crate) fn counted_under(self) -> AccountId {
        match self {
            Self::Root(account) | Self::Subaccount(account) => account,
        }
    }

    /// As a condition whose value is `$1`. The second form is what the partial index is of.
    fn condition(self) -> &'static str {
        match self {
            Self::Root(_) => "r.root_id = $1",
            Self::Subaccount(_) => "r.account_id = $1 and r.account_id <> r.root_id",
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// How many there are on all pages, exactly.
    pub total: u64,
}

const COLUMNS: &str = "r.number, r.recording_id, r.account_id, a.auth_id, r.root_id, r.call_uuid, \
    r.from_number, r.to_number, r.direction, r.conference_name, r.conference_uuid, r.mpc_name, \
    r.mpc_uuid, r.kind, r.user_id, r.extensions, r.cnam, r.rule_ids, r.start, r.add_time, \
    r.received, r.format, r.codec, r.channels, r.sample_rate, r.frames, r.truncated, \
    r.wav_data_offset, r.wav_data_bytes, r.size_bytes, r.sha256, r.damage";

const FROM: &str = "from recording r join account a on a.account_id = r.account_id";

const INSERT: &str = "insert into recording (recording_id, account_id, root_id, call_uuid, \
    from_number, to_number, direction, conference_name, conference_uuid, mpc_name, mpc_uuid, kind, \
    user_id, extensions, cnam, rule_ids, start, add_time, received, format, codec, channels, \
    sample_rate, frames, duration, truncated, wav_data_offset, wav_data_bytes, size_bytes, sha256) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30) returning number";

const DELETE: &str = "delete from recording where number = $1";

const SET_DAMAGE: &str = "update recording set damage = $2 where number = $1";

const DAMAGED: &str = "select damage, count(*) from recording where damage is not null \
    group by damage";

/// Every statement on this table, with all optional conditions present.
pub(crate) fn statements() -> Vec<(&'static str, String)> {
    let filter = |scope| RecordingFilter {
        scope,
        added_from: Some(Time::from_micros(0)),
        added_until: Some(Time::from_micros(0)),
        call_uuid: Some(String::new()),
        from_number: Some(String::new()),
        to_number: Some(String::new()),
        conference_name: Some(String::new()),
        conference_uuid: Some(String::new()),
        mpc_name: Some(String::new()),
        mpc_uuid: Some(String::new()),
    };
    let page = |scope, order| Conditions::of(&filter(scope)).page(order).0;
    let (root, subaccount) = (Scope::Root(AccountId(0)), Scope::Subaccount(AccountId(0)));
    vec![
        ("recording INSERT", INSERT.to_owned()),
        ("recording DELETE", DELETE.to_owned()),
        ("recording SET_DAMAGE", SET_DAMAGE.to_owned()),
        ("recording DAMAGED", DAMAGED.to_owned()),
        ("recording by id of a main account", by_id(root)),
        ("recording by id of a subaccount", by_id(subaccount)),
        ("recording by id alone", by_id_alone()),
        ("recordings after a number", after()),
        ("recordings of a main account", page(root, Order::NewestFirst)),
        ("recordings of a main account, upwards", page(root, Order::OldestFirst)),
        ("recordings of a subaccount", page(subaccount, Order::NewestFirst)),
        ("recordings of a subaccount, upwards", page(subaccount, Order::OldestFirst)),
        ("count of recordings", Conditions::of(&filter(root)).count().0),
        ("recording_hour ADD", hours::ADD.to_owned()),
        ("recording_hour COUNT", hours::COUNT.to_owned()),
        ("recording_hour DOWNWARDS", hours::DOWNWARDS.to_owned()),
        ("recording_hour UPWARDS", hours::UPWARDS.to_owned()),
    ]
}

fn by_id(scope: Scope) -> String {
    let condition = scope.condition();
    format!("select {COLUMNS} {FROM} where {condition} and r.recording_id = $2")
}

fn by_id_alone() -> String {
    format!("select {COLUMNS} {FROM} where r.recording_id = $1")
}

fn after() -> String {
    format!("select {COLUMNS} {FROM} where r.number > $1 order by r.number limit $2")
}

/// From which end a list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
}

/// The one place where a filter becomes SQL.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &RecordingFilter) -> Self {
        let mut all = Self {
            text: filter.scope.condition().to_owned(),
            values: vec![filter.scope.counted_under().into()],
        };
        all.push("r.add_time >=", filter.added_from);
        all.push("r.add_time <", filter.added_until);
        all.push("r.call_uuid =", filter.call_uuid.as_deref());
        all.push_number("r.from_number", filter.from_number.as_deref());
        all.push_number("r.to_number", filter.to_number.as_deref());
        all.push("r.conference_name =", filter.conference_name.as_deref());
        all.push("r.conference_uuid =", filter.conference_uuid.as_deref());
        all.push("r.mpc_name =", filter.mpc_name.as_deref());
        all.push("r.mpc_uuid =", filter.mpc_uuid.as_deref());
        all
    }

    fn push(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            let _ = write!(self.text, " and {condition} ${}", self.values.len());
        }
    }

    fn push_number(&mut self, column: &str, number: Option<&str>) {
        let Some(number) = number else { return };
        let bare = number.strip_prefix('+').unwrap_or(number);
        self.values.push(bare.into());
        self.values.push(format!("+{bare}").into());
        let last = self.values.len();
        let _ = write!(self.text, " and {column} in (${}, ${last})", last - 1);
    }

    fn count(self) -> (String, Vec<Value>) {
        (format!("select count(*) from recording r where {}", self.text), self.values)
    }

    /// Limit and offset are two more values, to be added.
    fn page(self, order: Order) -> (String, Vec<Value>) {
        let way = match order {
            Order::NewestFirst => "desc",
            Order::OldestFirst => "asc",
        };
        let next = self.values.len() + 1;
        let sql = format!(
            "select {COLUMNS} {FROM} where {} order by r.add_time {way}, r.number {way} \
             limit ${next} offset ${}",
            self.text,
            next + 1
        );
        (sql, self.values)
    }
}

impl RecordingFilter {
    /// Whether nothing but the time of adding is asked for, so that the hours know the answer.
    fn is_only_a_window(&self) -> bool {
        let conditions = [
            &self.call_uuid,
            &self.from_number,
            &self.to_number,
            &self.conference_name,
            &self.conference_uuid,
            &self.mpc_name,
            &self.mpc_uuid,
        ];
        conditions.iter().all(|condition| condition.is_none())
    }
}

impl Reader {
    /// A recording within the scope.
    pub async fn recording(&mut self, scope: Scope, id: RecordingId) -> Result<Option<Recording>> {
        let row = self.0.row(&by_id(scope), values![scope.counted_under(), id]).await?;
        row.map(read).transpose()
    }

    /// A recording, whoever's it is: only for media, whose id is the key to it, and for jobs.
    pub async fn any_recording(&mut self, id: RecordingId) -> Result<Option<Recording>> {
        let row = self.0.row(&by_id_alone(), values![id]).await?;
        row.map(read).transpose()
    }

    /// The next recordings of all accounts, by number.
    pub async fn recordings_after(
        &mut self,
        number: RecordingNumber,
        limit: u32,
    ) -> Result<Vec<Recording>> {
        let rows = self.0.rows(&after(), values![number, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// How many recordings are known to be damaged, by what is wrong with them.
    pub async fn damaged(&mut self) -> Result<Vec<(Damage, u64)>> {
        let rows = self.0.rows(DAMAGED, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.word()?, row.next()?))).collect()
    }

    /// One page, the newest first, and how many there are in all. Call it in a snapshot.
    pub async fn recordings(
        &mut self,
        filter: &RecordingFilter,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Recording>> {
        let by_hours = filter.is_only_a_window();
        let total =
            if by_hours { self.count_by_hours(filter).await? } else { self.count(filter).await? };
        if offset >= total {
            return Ok(Page { rows: Vec::new(), total });
        }
        // From the nearer end.
        let wanted = u64::from(limit).min(total - offset);
        let (order, mut skip) = if offset <= total / 2 {
            (Order::NewestFirst, offset)
        } else {
            (Order::OldestFirst, total - offset - wanted)
        };
        let mut filter = filter.clone();
        if by_hours {
            skip = self.skip_by_hours(&mut filter, order, skip).await?;
        }
        let (sql, mut values) = Conditions::of(&filter).page(order);
        values.extend([wanted.into(), skip.into()]);
        let rows = self.0.rows(&sql, &values).await?;
        let mut rows = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        if order == Order::OldestFirst {
            rows.reverse();
        }
        Ok(Page { rows, total })
    }

    /// Counts rows one by one.
    pub(crate) async fn count(&mut self, filter: &RecordingFilter) -> Result<u64> {
        let (sql, values) = Conditions::of(filter).count();
        let row = self.0.row(&sql, &values).await?;
        row.map_or(Ok(0), |mut row| row.next())
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

    /// Takes a recording away and returns what it was.
    pub async fn take_recording(
        &mut self,
        scope: Scope,
        id: RecordingId,
    ) -> Result<Option<Recording>> {
        let Some(taken) = self.recording(scope, id).await? else {
            return Ok(None);
        };
        if self.0.0.execute(DELETE, values![taken.number]).await? == 0 {
            return Ok(None); // Another node was faster.
        }
        let change = hours::Change::added(taken.size_bytes, taken.sound.duration());
        self.count_in_hours(taken.account_id, taken.root_id, taken.add_time, &change.undone())
            .await?;
        Ok(Some(taken))
    }
}

fn read(mut row: Row) -> Result<Recording> {
    let row = &mut row;
    Ok(Recording {
        number: row.next()?,
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
    })
}
