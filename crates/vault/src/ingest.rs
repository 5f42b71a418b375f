//! Taking audio in: spool, hash, probe, keep.

use std::time::Duration;

use audio::Probe;
use blob::Staged;
use sha2::{Digest as _, Sha256};
use store::{
    AuthId, Call, Format, Idempotent, Kind, NewRecording, Recording, RecordingId, Scope, Sound,
    Time, WavRepair,
};

use crate::accounts::has_control;
use crate::jobs::Work;
use crate::media::blob_key;
use crate::transcripts::{self, Asker};
use crate::{Caller, Error, Result, TranscriptWish, Vault, rules};

/// What the sender says of a recording, beside its audio.
#[derive(Debug, Clone, Default)]
pub struct RecordingDetails {
    /// `call_uuid` is made up where it is empty.
    pub call: Call,
    /// Default: `add_time` less the duration.
    pub start: Option<Time>,
    /// Default: now. Never in the future.
    pub add_time: Option<Time>,
    /// Whether it is to be transcribed at once.
    pub transcript: Option<TranscriptWish>,
}

/// Audio on its way in. Dropped unfinished, it leaves nothing behind.
pub struct Upload {
    id: RecordingId,
    staged: Staged,
    hash: Sha256,
    limit: u64,
}

/// A recording that is durable.
#[derive(Debug, Clone)]
pub struct Kept {
    pub recording: Recording,
    /// False where the idempotency key had kept it before.
    pub fresh: bool,
}

/// For how long an idempotency key is remembered.
pub(crate) const IDEMPOTENCY: Duration = Duration::from_hours(24);
const TEXT_LENGTH: usize = 128;
/// How far a sender's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(1);

impl Upload {
    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.staged.len() + bytes.len() as u64 > self.limit {
            return Err(Error::TooLarge { limit: self.limit });
        }
        self.hash.update(bytes);
        Ok(self.staged.write(bytes).await?)
    }
}

/// What is to be made of it once it is kept.
#[derive(Clone)]
struct FollowUp {
    denoise: bool,
    transcript: Option<(Asker, TranscriptWish)>,
}

/// How an attempt to keep a row ended.
enum Claim {
    Kept(Box<Recording>),
    /// The idempotency key stands for another upload.
    Taken(Idempotent),
}

impl Vault {
    /// Opens an upload. Its bytes go to [`Upload::write`], piece by piece.
    pub async fn begin_recording(&self, _caller: &Caller) -> Result<Upload> {
        self.inner.store.keep_room().await?;
        let id = RecordingId::random();
        let staged = self.inner.blobs.stage(uuid::Uuid::from_bytes(*id.as_bytes())).await?;
        Ok(Upload { id, staged, hash: Sha256::new(), limit: self.inner.max_upload_bytes })
    }

    /// Looks at what was uploaded and keeps it: when this returns, bytes and row are durable.
    ///
    /// The order is bytes first, row second. Until the row is there the staging file stays beside
    /// the bytes, so that the sweep finds what a crash between the two has left.
    pub async fn finish_recording(
        &self,
        caller: &Caller,
        mut upload: Upload,
        details: RecordingDetails,
        idempotency_key: Option<&str>,
    ) -> Result<Kept> {
        let now = self.now();
        self.check_details(caller, &details, now).await?;
        if let Some(wish) = &details.transcript {
            wish.check(self)?;
        }
        upload.staged.finish().await?;
        let size_bytes = upload.staged.len();
        let sha256: [u8; 32] = upload.hash.finalize().into();
        if let Some(key) = idempotency_key
            && let Some(known) = self.find_idempotent(caller, key).await?
        {
            return self.repeat(caller, &known, &sha256).await;
        }

        let sound = sound(&self.inner.workers.probe(upload.staged.path()).await?);
        let follow_up = FollowUp {
            denoise: caller.account.settings.noise_cancellation,
            transcript: details
                .transcript
                .clone()
                .map(|wish| (Asker::new(caller, upload.id, now), wish)),
        };
        let new = describe(caller, upload.id, details, sound, now, size_bytes, sha256);
        let idempotent = idempotency_key.map(|key| Idempotent {
            account_id: caller.account_id(),
            key: key.to_owned(),
            sha256,
            recording_id: new.recording_id,
            created: now,
        });
        // A task of its own: a caller who goes away now must not leave half of it done.
        let (vault, auth_id) = (self.clone(), caller.auth_id().clone());
        let keeping =
            async move { vault.keep(upload.staged, new, auth_id, idempotent, follow_up).await };
        match tokio::spawn(keeping).await.map_err(anyhow::Error::from)?? {
            Claim::Kept(recording) => Ok(Kept { recording: *recording, fresh: true }),
            Claim::Taken(known) => self.repeat(caller, &known, &sha256).await,
        }
    }

    async fn keep(
        &self,
        mut staged: Staged,
        new: NewRecording,
        auth_id: AuthId,
        idempotent: Option<Idempotent>,
        follow_up: FollowUp,
    ) -> Result<Claim> {
        let key = blob_key(new.recording_id, new.sound.format);
        let kept = self.inner.blobs.keep(&mut staged, &key).await;
        let claim = match kept {
            Ok(()) => match self.keep_row(&new, &auth_id, idempotent.as_ref(), &follow_up).await {
                // The first attempt has made what room can be made.
                Err(Error::NoSpace) if self.inner.store.keep_room().await.is_ok() => {
                    self.keep_row(&new, &auth_id, idempotent.as_ref(), &follow_up).await
                }
                done => done,
            },
            Err(error) => Err(error.into()),
        };
        match &claim {
            Ok(Claim::Kept(_)) => {}
            // Where a store was lost in the middle, it may have done it after all: then the sweep
            // finds out whether there is a row, and takes the bytes if there is none.
            Err(Error::Unavailable { .. }) => staged.leave(),
            Ok(Claim::Taken(_)) | Err(_) => {
                if let Err(error) = self.inner.blobs.delete(&key).await {
                    tracing::warn!(%key, %error, "bytes without a row stay until the next sweep");
                    staged.leave();
                }
            }
        }
        claim
    }

    async fn check_details(
        &self,
        caller: &Caller,
        details: &RecordingDetails,
        now: Time,
    ) -> Result<()> {
        if let Scope::User(user) = caller.scope()
            && (details.call.kind, details.call.user_id) != (Kind::OnDemand, Some(user))
        {
            return Err(Error::Forbidden("a user may add on-demand recordings of its own only"));
        }
        if details.add_time.is_some_and(|add_time| add_time > now.plus(AHEAD)) {
            return Err(Error::invalid("add_time", "is in the future"));
        }
        if details.start.is_some_and(|start| start > now.plus(AHEAD)) {
            return Err(Error::invalid("start", "is in the future"));
        }
        for (what, text) in texts(&details.call) {
            if text.chars().count() > TEXT_LENGTH {
                let why = format!("is longer than {TEXT_LENGTH} characters");
                return Err(Error::invalid(what, why));
            }
            if has_control(text) {
                return Err(Error::invalid(what, "has a control character"));
            }
        }
        match (details.call.kind, details.call.user_id) {
            (Kind::OnDemand, None) => {
                Err(Error::invalid("user_id", "is needed for an on-demand recording"))
            }
            (_, None) => Ok(()),
            (_, Some(user)) => {
                let root = caller.account.root();
                let known = self
                    .inner
                    .store
                    .read(move |reader| Box::pin(reader.is_user_of(user, root)))
                    .await?;
                if known {
                    Ok(())
                } else {
                    Err(Error::invalid("user_id", "is no user of this account"))
                }
            }
        }
    }

    async fn find_idempotent(&self, caller: &Caller, key: &str) -> Result<Option<Idempotent>> {
        let (account, key) = (caller.account_id(), key.to_owned());
        let since = self.now().minus(IDEMPOTENCY);
        let read = self.inner.store.read(move |reader| {
            Box::pin(async move { reader.idempotent(account, &key, since).await })
        });
        Ok(read.await?)
    }

    /// Answers an upload whose key was used before.
    async fn repeat(&self, caller: &Caller, known: &Idempotent, sha256: &[u8; 32]) -> Result<Kept> {
        if known.sha256 != *sha256 {
            return Err(Error::invalid("Idempotency-Key", "was used for an upload of other bytes"));
        }
        match self.recording(caller, known.recording_id).await {
            Ok(recording) => Ok(Kept { recording, fresh: false }),
            Err(Error::NotFound) => Err(Error::Conflict(
                "the recording that this Idempotency-Key kept has been deleted".to_owned(),
            )),
            Err(error) => Err(error),
        }
    }

    async fn keep_row(
        &self,
        new: &NewRecording,
        auth_id: &AuthId,
        idempotent: Option<&Idempotent>,
        follow_up: &FollowUp,
    ) -> Result<Claim> {
        let (mut new, auth_id, idempotent) = (new.clone(), auth_id.clone(), idempotent.cloned());
        let FollowUp { denoise, transcript } = follow_up.clone();
        let (since, rate) = (self.now().minus(IDEMPOTENCY), self.prices().transcription_per_minute);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                if transcript.is_some() {
                    tx.lock_account(new.root_id).await?;
                }
                if let Some(claim) = &idempotent
                    && !tx.claim_idempotency(claim, since).await?
                {
                    let taken = tx.idempotent(claim.account_id, &claim.key, since).await?;
                    return taken.map(Claim::Taken).ok_or_else(|| {
                        store::Error::Unavailable(anyhow::anyhow!("the key was just given up"))
                    });
                }
                rules::apply(tx, &mut new).await?;
                let number = tx.add_recording(&new).await?;
                if denoise {
                    let (id, root) = (new.recording_id, new.root_id);
                    let job = Work::denoise(id).job(new.received).of(root, Some(id));
                    tx.enqueue(&job).await?;
                }
                if let Some((asker, wish)) = transcript {
                    let (id, now) = (new.recording_id, new.received);
                    transcripts::request(tx, &asker, id, wish, rate, now).await?;
                }
                Ok(Claim::Kept(Box::new(new.kept(number, auth_id))))
            })
        });
        let claim = write.await?;
        self.inner.work.notify_one();
        Ok(claim)
    }
}

fn describe(
    caller: &Caller,
    recording_id: RecordingId,
    details: RecordingDetails,
    sound: Sound,
    now: Time,
    size_bytes: u64,
    sha256: [u8; 32],
) -> NewRecording {
    let add_time = details.add_time.unwrap_or(now).min(now);
    let start = details.start.unwrap_or_else(|| add_time.minus(sound.duration()));
    let mut call = details.call;
    if call.call_uuid.is_empty() {
        call.call_uuid = uuid::Uuid::new_v4().to_string();
    }
    NewRecording {
        recording_id,
        account_id: caller.account_id(),
        root_id: caller.account.root(),
        call,
        start,
        add_time,
        received: now,
        sound,
        size_bytes,
        sha256,
    }
}

/// Every free text of a call, by its name in callvault's own API.
fn texts(call: &Call) -> impl Iterator<Item = (&'static str, &str)> {
    let optional = [
        ("from_number", &call.from_number),
        ("to_number", &call.to_number),
        ("conference_name", &call.conference_name),
        ("conference_uuid", &call.conference_uuid),
        ("mpc_name", &call.mpc_name),
        ("mpc_uuid", &call.mpc_uuid),
        ("cnam", &call.cnam),
    ];
    let lists = [("extensions", &call.extensions), ("rule_ids", &call.rule_ids)];
    std::iter::once(("call_uuid", call.call_uuid.as_str()))
        .chain(optional.into_iter().filter_map(|(what, text)| Some((what, text.as_deref()?))))
        .chain(
            lists
                .into_iter()
                .flat_map(|(what, list)| list.iter().map(move |text| (what, text.as_str()))),
        )
}

fn sound(probe: &Probe) -> Sound {
    Sound {
        format: match probe.container {
            audio::Container::Wav => Format::Wav,
            audio::Container::Mp3 => Format::Mp3,
            audio::Container::Flac => Format::Flac,
            audio::Container::Ogg => Format::Ogg,
            audio::Container::M4a => Format::M4a,
            audio::Container::Gsm => Format::Gsm,
        },
        codec: probe.codec.as_str().to_owned(),
        channels: probe.channels,
        sample_rate: probe.sample_rate,
        frames: probe.frames,
        truncated: probe.truncated,
        repair: probe.repair.map(|repair| WavRepair {
            data_offset: repair.data_offset,
            data_bytes: repair.data_bytes,
        }),
    }
}
