//! Archives: where a run copies recordings before it deletes them.
//!
//! A copy is made and read back outside of any transaction, and a recording is only taken away in
//! one that finds it as it was copied. So a kill leaves copies too many, never too few.

mod metadata;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use blob::{Archive, CopyKey};
use sha2::{Digest as _, Sha256};
use store::{AuthId, Reader, Recording, RecordingId, RunRow, Transcript, TranscriptStatus};
use uuid::Uuid;

use crate::guard::Gate;
use crate::media::blob_key;
use crate::preview::policy_of;
use crate::runs::next;
use crate::{Error, Result, Vault};

/// A place of the operator's own.
#[derive(Debug, Clone)]
pub struct ArchiveConfig {
    pub place: blob::Config,
    /// The main accounts that may copy to it; `None` is all.
    pub accounts: Option<Vec<AuthId>>,
}

/// All archives, by name.
pub(crate) struct Archives(BTreeMap<String, Destination>);

struct Destination {
    archive: Archive,
    accounts: Option<Vec<AuthId>>,
}

/// What was copied for a batch: each recording as it was, and where its copy is, or why there is
/// none.
#[derive(Default)]
pub(crate) struct Copies(HashMap<RecordingId, (Copied, Result<String, String>)>);

/// What a copy is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    recording: Recording,
    /// The finished one; what is in progress has no words to be kept.
    transcript: Option<Transcript>,
}

impl Copied {
    /// The recording with its transcript, as that is now.
    pub(crate) async fn of(reader: &mut Reader, recording: Recording) -> store::Result<Self> {
        let transcript = reader.transcript_of(recording.recording_id).await?;
        let transcript = transcript.filter(|it| it.status == TranscriptStatus::Success);
        Ok(Self { recording, transcript })
    }
}

/// Why a recording has no copy.
enum Failure {
    /// Our own stores fail: the run waits.
    Ours(Error),
    /// The recording itself cannot be copied, and why.
    Recording(&'static str),
    /// The archive fails, and others are likely to fail as well.
    Archive(blob::Error),
}

/// An archive that failed so often in a row is not tried for the rest of a batch: where it does not
/// answer, each try takes long.
const MOST_FAILURES: u32 = 3;

impl Archives {
    pub(crate) fn open(configs: BTreeMap<String, ArchiveConfig>) -> Result<Self> {
        let open = |(name, config): (String, ArchiveConfig)| {
            let archive = Archive::open(&config.place)?;
            Ok((name, Destination { archive, accounts: config.accounts }))
        };
        Ok(Self(configs.into_iter().map(open).collect::<Result<_>>()?))
    }

    /// The archive of that name, if the account may copy to it.
    pub(crate) fn open_to(&self, name: &str, account: &AuthId) -> Option<&Archive> {
        let found = self.0.get(name)?;
        let allowed = found.accounts.as_ref().is_none_or(|accounts| accounts.contains(account));
        allowed.then_some(&found.archive)
    }

    /// Removes what crashes have left of copies that were being written longer ago than this.
    pub(crate) async fn sweep(&self, older_than: Duration) {
        for (name, Destination { archive, .. }) in &self.0 {
            if let Err(error) = archive.sweep(older_than).await {
                tracing::warn!(archive = name, %error, "could not be swept");
            }
        }
    }
}

impl Copies {
    fn add(&mut self, copied: Copied, result: Result<String, String>) {
        self.0.insert(copied.recording.recording_id, (copied, result));
    }

    /// Where this recording's copy is, or why there is none; `None` where it was not copied, or not
    /// as it is now.
    pub(crate) fn of(&self, now: &Copied) -> Option<&Result<String, String>> {
        let (copied, result) = self.0.get(&now.recording.recording_id)?;
        (copied == now).then_some(result)
    }
}

impl Vault {
    /// Copies what the next batch of a run would delete; `None` where the run copies nothing.
    pub(crate) async fn copy_next(&self, run: RunRow) -> Result<Option<Copies>> {
        let Some(name) = policy_of(&run.new)?.archive_to else { return Ok(None) };
        let (root, now) = (run.new.root_id, self.now());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let gate = Gate::of_run(reader, &run.new, now).await?;
                let (found, _) = next(reader, &run, &gate).await?;
                let mut free = Vec::new();
                for found in found {
                    let Some((recording, None)) = found.recording else { continue };
                    free.push(Copied::of(reader, recording).await?);
                }
                Ok((free, reader.account_of_id(root).await?))
            })
        });
        let (free, account) = read.await?;
        let archive = account.and_then(|it| self.inner.archives.open_to(&name, &it.auth_id));
        let mut copies = Copies::default();
        let mut failures = 0;
        let mut last = format!("the operator has no archive {name} for this account any more");
        for wanted in free {
            let result = match archive {
                Some(archive) if failures < MOST_FAILURES => self.copy(archive, &wanted).await,
                _ => {
                    copies.add(wanted, Err(last.clone()));
                    continue;
                }
            };
            let result = match result {
                Ok(key) => Ok(format!("{name}/{}", key.as_str())),
                Err(Failure::Ours(error)) => return Err(error),
                Err(Failure::Recording(why)) => Err(why.to_owned()),
                Err(Failure::Archive(error)) => {
                    let full = matches!(error, blob::Error::NoSpace);
                    let why = if full { "is full" } else { "cannot be reached or written to" };
                    last = format!("the archive {name} {why}");
                    let error = format!("{:#}", anyhow::Error::new(error));
                    tracing::warn!(archive = name, recording.id = %wanted.recording.recording_id, error, "not copied");
                    failures += 1;
                    copies.add(wanted, Err(last.clone()));
                    continue;
                }
            };
            failures = 0;
            copies.add(wanted, result);
        }
        Ok(Some(copies))
    }

    /// Copies a recording, what is known of it and what was said; what the audio is called in the
    /// archive, or where that was deleted what is known. What is there already and right stays as it is.
    async fn copy(&self, archive: &Archive, wanted: &Copied) -> Result<CopyKey, Failure> {
        let Copied { recording, transcript } = wanted;
        if recording.damage.is_some() {
            return Err(Failure::Recording("its audio is damaged"));
        }
        let format = recording.sound.format;
        let metadata = key_of(recording, "json");
        let audio = key_of(recording, format.as_str());
        let source = async {
            let key = blob_key(recording.recording_id, format);
            self.inner.blobs.as_file(&key).await.map_err(|error| match error {
                blob::Error::Missing(_) => Failure::Recording("its audio is damaged"),
                error => Failure::Ours(error.into()),
            })
        };
        let has_audio = recording.audio_deleted.is_none();
        if has_audio {
            ensure(archive, &audio, recording.sha256, source).await?;
        }

        let known = self.metadata(recording).await.map_err(Failure::Ours)?;
        self.copy_text(archive, &metadata, &known).await?;
        if let Some(transcript) = transcript
            // Where it is another one by now, the batch finds that, and all is copied again.
            && let Some(said) = self.spoken_still(transcript).await.map_err(Failure::Ours)?
        {
            let key = key_of(recording, "transcript.json");
            self.copy_text(archive, &key, &said.json()).await?;
        }
        Ok(if has_audio { audio } else { metadata })
    }

    async fn copy_text(
        &self,
        archive: &Archive,
        key: &CopyKey,
        text: &[u8],
    ) -> Result<(), Failure> {
        let source = async {
            let staged = self.staged(text).await;
            staged.map_err(|error| Failure::Ours(error.into()))
        };
        ensure(archive, key, Sha256::digest(text).into(), source).await
    }

    async fn staged(&self, bytes: &[u8]) -> blob::Result<blob::Staged> {
        let mut staged = self.inner.blobs.stage(Uuid::new_v4()).await?;
        staged.write(bytes).await?;
        staged.finish().await?;
        Ok(staged)
    }
}

/// Makes one file of a copy, unless it is there and right, and reads it back.
async fn ensure<S: AsRef<Path>>(
    archive: &Archive,
    key: &CopyKey,
    sha256: [u8; 32],
    source: impl Future<Output = Result<S, Failure>>,
) -> Result<(), Failure> {
    if archive.has(key, sha256).await.map_err(Failure::Archive)? {
        return Ok(());
    }
    let source = source.await?;
    archive.put(source.as_ref(), key).await.map_err(Failure::Archive)?;
    if archive.has(key, sha256).await.map_err(Failure::Archive)? {
        Ok(())
    } else {
        Err(Failure::Recording("its copy in the archive is not what was sent"))
    }
}

/// `MA…/2026/01/15/<recording>.wav`: whose it is, the day in UTC on which it starts, and its id.
fn key_of(recording: &Recording, ending: &str) -> CopyKey {
    let day = recording.start.civil().date();
    let (year, month, day) = (day.year(), day.month(), day.day());
    let folder = format!("{}/{year:04}/{month:02}/{day:02}", recording.auth_id);
    CopyKey::new(&folder, Uuid::from_bytes(*recording.recording_id.as_bytes()), ending)
}
