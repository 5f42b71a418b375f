//! Answers on their way to a customer's own server, and the attempts to get them there.

use std::time::Duration;

use crate::recording::words;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, AuthId, DeliveryId, RecordingId, Result, Scope, Time};

/// An answer that is to be delivered, was, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub delivery_id: DeliveryId,
    /// Who asked, and that account's Auth ID.
    pub account_id: AccountId,
    pub root_id: AccountId,
    pub auth_id: AuthId,
    /// The Auth ID of its main account, where it is a subaccount.
    pub parent_auth_id: Option<AuthId>,
    pub new: NewDelivery,
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// How many more tries it has, before anything is done about it by hand.
    pub tries_left: u32,
    pub created: Time,
}

/// An answer that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Whose words the answer is in.
    pub dialect: Dialect,
    /// Without a fragment.
    pub url: String,
    pub method: DeliveryMethod,
    pub policy: DeliveryPolicy,
    /// The status that the answer would have had; `None` where it answers nothing.
    pub status: Option<u16>,
    /// Its body: a JSON object.
    pub answer: String,
}

/// How long to try, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// For a connection to be there.
    pub connect_timeout: Duration,
    /// Between two pieces of the answer.
    pub read_timeout: Duration,
    /// For the whole of one attempt.
    pub total_timeout: Duration,
    /// How often it is tried again.
    pub retries: u32,
    pub retry_on: RetryOn,
}

impl Default for DeliveryPolicy {
    /// Plivo's own.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            read_timeout: Duration::from_secs(40),
            total_timeout: Duration::from_secs(55),
            retries: 1,
            retry_on: RetryOn::CONNECT.and(RetryOn::READ),
        }
    }
}

/// After which failures to try again: a set of its constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryOn(u32);

impl RetryOn {
    pub const NOTHING: Self = Self(0);
    pub const STATUS_4XX: Self = Self(1);
    pub const STATUS_5XX: Self = Self(2);
    /// No connection came about.
    pub const CONNECT: Self = Self(4);
    /// The connection was there, an answer was not.
    pub const READ: Self = Self(8);
    /// Any other answer than a 2xx.
    pub const OTHER: Self = Self(16);
    pub const ALL: Self = Self(31);

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

words!(
    /// Whose words an answer is in.
    Dialect { Plivo = "plivo" }
);
words!(
    /// How an answer is brought.
    DeliveryMethod { Get = "GET", Post = "POST" }
);
words!(
    /// How far a delivery is.
    DeliveryState { Pending = "pending", Delivered = "delivered", Failed = "failed" }
);

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// 1 is the first.
    pub attempt: u32,
    pub started: Time,
    pub duration: Duration,
    /// What the server answered.
    pub status: Option<u16>,
    /// Or why it did not.
    pub error: Option<String>,
}

/// In the column, which was there before there were such.
const NO_STATUS: u16 = 0;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select d.delivery_id, d.account_id, d.root_id, a.auth_id, p.auth_id, d.dialect, d.url, ",
            "d.method, d.connect_timeout, d.read_timeout, d.total_timeout, d.retries, d.retry_on, ",
            "d.status, d.answer, d.state, d.attempts, d.tries_left, d.created from delivery d ",
            "join account a on a.account_id = d.account_id ",
            "left join account p on p.account_id = a.parent_id ",
            $rest
        )
    };
}

statements! {
    INSERT = "insert into delivery (account_id, root_id, dialect, url, method, connect_timeout, \
              read_timeout, total_timeout, retries, retry_on, status, answer, state, attempts, \
              tries_left, created) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', 0, $13, $14) \
              returning delivery_id";
    FIND = select!("where d.delivery_id = $1");
    FIND_OF_ROOT = select!("where d.root_id = $1 and d.delivery_id = $2");
    FIND_OF_ACCOUNT = select!("where d.account_id = $1 and d.delivery_id = $2");
    PAGE_OF_ROOT = select!(
        "where d.root_id = $1 and d.delivery_id < $2 order by d.delivery_id desc limit $3"
    );
    PAGE_OF_ACCOUNT = select!(
        "where d.account_id = $1 and d.delivery_id < $2 order by d.delivery_id desc limit $3"
    );
    ATTEMPTS = "select attempt, started, duration, status, error from delivery_attempt \
                where delivery_id = $1 order by attempt";
    ADD_ATTEMPT = "insert into delivery_attempt \
                   (delivery_id, attempt, started, duration, status, error) \
                   values ($1, $2, $3, $4, $5, $6)";
    SETTLE = "update delivery set state = $3, tries_left = $4, attempts = $2 \
              where delivery_id = $1 and attempts + 1 = $2";
    REVIVE = "update delivery set state = 'pending', tries_left = retries + 1 \
              where delivery_id = $1 and state <> 'pending'";
    FORGET_ATTEMPTS = "delete from delivery_attempt where delivery_id in \
                       (select delivery_id from delivery where created <= $1)";
    FORGET_ABOUT = "delete from delivery_recording where delivery_id in \
                    (select delivery_id from delivery where created <= $1)";
    FORGET = "delete from delivery where created <= $1";
    ADD_ABOUT = "insert into delivery_recording (recording_id, delivery_id, words) \
                 select r.recording_id, d.delivery_id, $3 from recording r, delivery d \
                 where r.recording_id = $1 and d.delivery_id = $2";
    TAKE_ABOUT = "delete from delivery_recording where recording_id = $1 returning delivery_id";
    TAKE_WORDS = "delete from delivery_recording where recording_id = $1 and words = 1 \
                  returning delivery_id";
    FORGET_ONES_ATTEMPTS = "delete from delivery_attempt where delivery_id = $1";
    FORGET_ONES_ABOUT = "delete from delivery_recording where delivery_id = $1";
    FORGET_ONE = "delete from delivery where delivery_id = $1";
}

impl Reader {
    /// A delivery of the scope. They are accounts' own: a user has none.
    pub async fn delivery(&mut self, scope: Scope, id: DeliveryId) -> Result<Option<Delivery>> {
        let (sql, account) = match scope {
            Scope::Root(account) => (FIND_OF_ROOT, account),
            Scope::Subaccount(account) => (FIND_OF_ACCOUNT, account),
            Scope::User(_) => return Ok(None),
        };
        self.0.row(sql, values![account, id]).await?.map(read).transpose()
    }

    /// A delivery, whoever's it is: for the job.
    pub async fn any_delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>> {
        self.0.row(FIND, values![id]).await?.map(read).transpose()
    }

    /// Up to `limit` deliveries of the scope, older than `before`; the newest first.
    pub async fn deliveries(
        &mut self,
        scope: Scope,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let (sql, account) = match scope {
            Scope::Root(account) => (PAGE_OF_ROOT, account),
            Scope::Subaccount(account) => (PAGE_OF_ACCOUNT, account),
            Scope::User(_) => return Ok(Vec::new()),
        };
        let before = before.unwrap_or(DeliveryId(i64::MAX));
        let rows = self.0.rows(sql, values![account, before, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// The attempts at a delivery, the first one first.
    pub async fn delivery_attempts(&mut self, id: DeliveryId) -> Result<Vec<DeliveryAttempt>> {
        let rows = self.0.rows(ATTEMPTS, values![id]).await?;
        let read = |mut row: Row| {
            Ok(DeliveryAttempt {
                attempt: row.next()?,
                started: row.next()?,
                duration: row.next()?,
                status: row.next()?,
                error: row.next()?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Adds a delivery for an account; the job that sends it is its caller's to queue.
    pub async fn add_delivery(
        &mut self,
        account: AccountId,
        root: AccountId,
        new: &NewDelivery,
        now: Time,
    ) -> Result<DeliveryId> {
        let policy = &new.policy;
        let row = values![
            account,
            root,
            new.dialect.as_str(),
            new.url.as_str(),
            new.method.as_str(),
            policy.connect_timeout,
            policy.read_timeout,
            policy.total_timeout,
            policy.retries,
            policy.retry_on.0,
            new.status.unwrap_or(NO_STATUS),
            new.answer.as_str(),
            policy.retries.saturating_add(1),
            now,
        ];
        let row = self.0.0.row(INSERT, row).await?;
        row.map_or(Err(crate::Error::row("no delivery_id")), |mut row| row.next())
    }

    /// Says that a delivery's answer tells of a recording, and must go when that goes, or, where it
    /// has words of its transcript, when that goes; false where the recording is gone already. To
    /// be asked under the account's lock.
    pub async fn add_delivery_about(
        &mut self,
        id: DeliveryId,
        recording: RecordingId,
        words: bool,
    ) -> Result<bool> {
        Ok(self.0.0.execute(ADD_ABOUT, values![recording, id, words]).await? == 1)
    }

    /// Writes down an attempt and what it means for the delivery; false where this attempt is
    /// written down already, or the delivery is gone.
    pub async fn settle_delivery(
        &mut self,
        id: DeliveryId,
        attempt: &DeliveryAttempt,
        state: DeliveryState,
        tries_left: u32,
    ) -> Result<bool> {
        let row = values![id, attempt.attempt, state.as_str(), tries_left];
        if self.0.0.execute(SETTLE, row).await? == 0 {
            return Ok(false);
        }
        let row = values![
            id,
            attempt.attempt,
            attempt.started,
            attempt.duration,
            attempt.status,
            attempt.error.as_deref(),
        ];
        self.0.0.execute(ADD_ATTEMPT, row).await?;
        Ok(true)
    }

    /// Gives a delivery that has ended all its tries again; false where it has not ended.
    pub async fn revive_delivery(&mut self, id: DeliveryId) -> Result<bool> {
        Ok(self.0.0.execute(REVIVE, values![id]).await? == 1)
    }

    /// Forgets the deliveries that were made at or before `time`, whatever came of them.
    pub async fn forget_deliveries(&mut self, time: Time) -> Result<u64> {
        self.0.0.execute(FORGET_ATTEMPTS, values![time]).await?;
        self.0.0.execute(FORGET_ABOUT, values![time]).await?;
        self.0.0.execute(FORGET, values![time]).await
    }

    /// Forgets the deliveries whose answers tell of a recording, whatever came of them.
    pub async fn forget_deliveries_about(&mut self, recording: RecordingId) -> Result<()> {
        self.forget_taken(TAKE_ABOUT, recording).await
    }

    /// The same for those that have words of its transcript.
    pub async fn forget_deliveries_of_words(&mut self, recording: RecordingId) -> Result<()> {
        self.forget_taken(TAKE_WORDS, recording).await
    }

    async fn forget_taken(&mut self, take: &str, recording: RecordingId) -> Result<()> {
        for mut row in self.0.0.rows(take, values![recording]).await? {
            let id: DeliveryId = row.next()?;
            for sql in [FORGET_ONES_ATTEMPTS, FORGET_ONES_ABOUT, FORGET_ONE] {
                self.0.0.execute(sql, values![id]).await?;
            }
        }
        Ok(())
    }
}

fn read(mut row: Row) -> Result<Delivery> {
    let row = &mut row;
    Ok(Delivery {
        delivery_id: row.next()?,
        account_id: row.next()?,
        root_id: row.next()?,
        auth_id: row.word()?,
        parent_auth_id: row.optional_word()?,
        new: NewDelivery {
            dialect: row.word()?,
            url: row.next()?,
            method: row.word()?,
            policy: DeliveryPolicy {
                connect_timeout: row.next()?,
                read_timeout: row.next()?,
                total_timeout: row.next()?,
                retries: row.next()?,
                retry_on: RetryOn(row.next()?),
            },
            status: Some(row.next()?).filter(|status| *status != NO_STATUS),
            answer: row.next()?,
        },
        state: row.word()?,
        attempts: row.next()?,
        tries_left: row.next()?,
        created: row.next()?,
    })
}
