//! What the vault does: its deeds, and the jobs that follow them.
//!
//! It deliberately does not know: HTTP, status codes, JSON on the wire, any dialect.
//! Start reading at [`Vault`], then `recordings.rs` and `ingest.rs`.

mod accounts;
mod archives;
mod audit;
mod buckets;
mod clock;
mod convert;
mod credentials;
mod deliveries;
mod denoise;
mod error;
mod exports;
mod form;
mod guard;
mod guesses;
mod holds;
mod ingest;
mod jobs;
mod listing;
mod media;
mod policies;
mod preview;
mod purge;
mod rate;
mod recordings;
mod rules;
mod runs;
mod schedule;
mod scrub;
mod secret;
mod selection;
mod sessions;
mod settings;
pub mod span;
mod storage_cost;
mod subaccounts;
mod tokens;
mod transcribe;
mod transcripts;
mod usage;
mod users;
mod verify;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use blob::Blobs;
use store::Store;
use tokio::sync::{Notify, Semaphore};

use crate::archives::Archives;
use crate::guesses::Guesses;
use crate::rate::Requests;

pub use accounts::{Caller, NewAccount, NewUser, NewVonageHalf};
pub use archives::ArchiveConfig;
pub use audio::{Channel, LAME, Peaks, PeaksFormat};
pub use clock::Clock;
pub use credentials::{Credentials, NewClientSecret, NewPassword, NewToken, Rotate, TOKEN_OVERLAP};
pub use deliveries::{Outbound, Parcel, Sent};
pub use denoise::{DTLN, Denoised, Shown};
pub use error::{Error, Result};
pub use exports::ExportZip;
pub use guesses::Source;
pub use holds::{HoldOn, LegalHold};
pub use ingest::{Kept, RecordingDetails, Upload};
pub use jobs::BackgroundJob;
pub use listing::{Deletion, Fate, Keeping, ListQuery, Listing};
pub use media::{Audio, AudioStream, Container, Listener, Variant, Wanted};
pub use policies::{Action, Policy, PolicyChange, PolicyStatus};
pub use preview::{Bulk, HeldCount, Preview};
pub use rate::RateLimit;
pub use recordings::RecordingQuery;
pub use rules::RuleChange;
pub use scrub::Scrubbed;
pub use secret::SecretKey;
pub use selection::{By, Where};
pub use sessions::{NewSession, SESSION_IDLE, SESSION_LIFE};
pub use settings::SettingsChange;
pub use speech::Word;
pub use storage_cost::{Prices, StorageCost};
pub use subaccounts::Subaccount;
pub use tokens::{ACCESS_LIFE, Client, REFRESH_LIFE, Tokens};
pub use transcribe::Speech;
pub use transcripts::{Spoken, TranscriptWish, one_line};
// Doors see rows through the vault: the one deliberate re-export of the house.
pub use store::{
    AccountId, Amount, AuditAction, AuditEntry, AuditFilter, AuthId, Call, Damage, Delivery,
    DeliveryAttempt, DeliveryId, DeliveryMethod, DeliveryPolicy, DeliveryState, Destination,
    Dialect, Direction, Export, ExportId, ExportKind, ExportState, Format, Hit, HoldId, JobCounts,
    JobId, JobState, Kind, Money, NewDelivery, Only, Outcome, Page, Part, Place, PolicyId,
    ReceiptLine, Recording, RecordingFilter, RecordingId, RecordingNumber, RecordingRule, RetryOn,
    RuleId, RunId, RunRow, RunStatus, Settings, Sort, SortBy, Sound, SpeakersKnown, StartAt, Time,
    Transcript, TranscriptId, TranscriptStatus, Turn, User, UserId,
};
pub use usage::{Month, MonthUsage, NotAMonth, Remaining, Usage};
pub use verify::{Fault, Finding, Verified};
pub use worker::{Workers, worker_main};

/// The vault. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    blobs: Blobs,
    archives: Archives,
    key: SecretKey,
    clock: Clock,
    prices: Prices,
    workers: Workers,
    speech: Speech,
    lame: PathBuf,
    dtln: Option<PathBuf>,
    conversions: convert::Flights,
    max_upload_bytes: u64,
    default_media_auth: bool,
    outbound: Arc<dyn Outbound>,
    guesses: Guesses,
    requests: Requests,
    /// What waits to be told in the audit log.
    told: audit::Waiting,
    /// How many passwords may be checked at once.
    password_checks: Arc<Semaphore>,
    /// Whether anything was deleted since the last purge.
    deleted: AtomicBool,
    /// Rung when a deed has queued work.
    work: Notify,
}

/// What a vault is made of.
#[derive(Debug, Clone)]
pub struct Config {
    pub database: store::Config,
    pub audio: blob::Config,
    /// Where policies may copy to, by name.
    pub archives: BTreeMap<String, ArchiveConfig>,
    /// Seals the auth tokens.
    pub secret_key: SecretKey,
    pub clock: Clock,
    pub prices: Prices,
    /// Where strangers' audio is decoded.
    pub workers: Workers,
    pub speech: Speech,
    /// LAME's library, which MP3 is made with: [`LAME`], or where else it is. It may be missing.
    pub lame: PathBuf,
    /// The directory where [`DTLN`] may be installed: where it is, it denoises.
    pub dtln: Option<PathBuf>,
    pub max_upload_bytes: u64,
    /// Whether new accounts start with HTTP Auth on recordings.
    pub default_media_auth: bool,
    /// Carries answers to customers' own servers.
    pub outbound: Arc<dyn Outbound>,
    /// How often each account may ask; a subaccount has a limit of its own.
    pub rate_limit: Option<RateLimit>,
}

impl Vault {
    /// Opens the stores, and makes or migrates what is missing.
    pub async fn open(config: Config) -> Result<Self> {
        let blobs = Blobs::open(&config.audio)?;
        let archives = Archives::open(config.archives)?;
        let store = Store::open(&config.database).await?;
        check_key(&store, &config.secret_key).await?;
        let inner = Inner {
            store,
            blobs,
            archives,
            key: config.secret_key,
            clock: config.clock,
            prices: config.prices,
            workers: config.workers,
            speech: config.speech,
            lame: config.lame,
            dtln: config.dtln,
            conversions: convert::Flights::default(),
            max_upload_bytes: config.max_upload_bytes,
            default_media_auth: config.default_media_auth,
            outbound: config.outbound,
            guesses: Guesses::new(),
            requests: Requests::new(config.rate_limit),
            told: audit::Waiting::default(),
            password_checks: Arc::new(Semaphore::new(2)),
            deleted: AtomicBool::new(false),
            work: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The time, by this vault's clock.
    pub fn now(&self) -> Time {
        self.inner.clock.now()
    }

    pub fn prices(&self) -> Prices {
        self.inner.prices
    }

    /// The largest recording that is taken in.
    pub fn max_upload_bytes(&self) -> u64 {
        self.inner.max_upload_bytes
    }

    /// Whether the database and the audio store answer.
    pub async fn ready(&self) -> Result<()> {
        let patience = Duration::from_secs(10);
        let late = |what| Error::Unavailable { what, retry_after: Duration::from_secs(5) };
        let database = async {
            let answer = tokio::time::timeout(patience, self.inner.store.ping()).await;
            answer.map_err(|_| late("database"))?.map_err(Error::from)
        };
        let audio = async {
            let answer = tokio::time::timeout(patience, self.inner.blobs.check()).await;
            match answer.map_err(|_| late("audio store"))? {
                // What is there can still be heard, and deleted.
                Err(blob::Error::NoSpace) => Ok(()),
                answer => Ok(answer?),
            }
        };
        tokio::try_join!(database, audio).map(drop)
    }

    /// How much work is queued.
    pub async fn job_counts(&self) -> Result<JobCounts> {
        Ok(self.inner.store.read(|reader| Box::pin(reader.job_counts())).await?)
    }
}

/// Fails where the vault was made with another key, whose secrets this one cannot open.
async fn check_key(store: &Store, key: &SecretKey) -> Result<()> {
    const PURPOSE: &str = "key check";
    let mut known = store.read(|reader| Box::pin(reader.key_check())).await?;
    if known.is_none() {
        let sealed = key.seal(PURPOSE, PURPOSE)?;
        let write = store.write(move |tx| {
            Box::pin(async move {
                tx.set_key_check(&sealed).await?;
                tx.key_check().await // Another node may have been faster.
            })
        });
        known = write.await?;
    }
    let opens = known.is_some_and(|sealed| key.open(PURPOSE, &sealed).is_ok());
    if opens {
        return Ok(());
    }
    let why = "server.secret_key is not the one that this vault was made with";
    Err(Error::Internal(anyhow::anyhow!(why)))
}
