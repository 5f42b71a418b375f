//! The job that makes an export: gathers its recordings, reads each of them once, and completes
//! it. What it has found is in rows, a little at a time: whenever it is cut off, it goes on there.

use std::time::Duration;

use blob::BlobKey;
use crc32fast::Hasher;
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use store::{
    Damage, Export, ExportFile, ExportId, ExportKind, ExportState, Look, NewJob, Only, Recording,
    RecordingId, RecordingNumber, Scope, Seen, Selection, Zip,
};

use super::manifest::Form;
use super::reading::{Extent, Piece, Plan, Walk};
use super::words::{Words, has_words};
use super::{VALID, filter};
use crate::accounts::has_control;
use crate::guard::Gate;
use crate::jobs::Work;
use crate::media::blob_key;
use crate::{Bulk, Error, Fault, Result, Vault};

/// How many recordings are gathered in one transaction.
const GATHER: u32 = 1_000;
/// Transactions in one job: others come in between here too.
const GATHERS: u32 = 10;
/// A slice is a job, so that others come in between.
const SLICE: u32 = 100;
const SLICE_BYTES: u64 = 256 << 20;
/// What is written down at once: what a restart does again, at most.
const BATCH: usize = 16;
const BATCH_BYTES: u64 = 16 << 20;
/// When to look again at an export whose recordings are being deleted just now.
const AGAIN: Duration = Duration::from_secs(2);

impl Vault {
    /// Does a part of an export, from after this recording on; the job that goes on with it.
    pub(crate) async fn make_export(
        &self,
        id: ExportId,
        after: RecordingNumber,
    ) -> Result<Option<NewJob<'static>>> {
        let Some(export) = self.any_export(id).await? else { return Ok(None) };
        match export.state {
            ExportState::Pending => {
                self.gather(&export).await?;
                Ok(Some(Work::export(id, 0).job(self.now())))
            }
            ExportState::InProgress => match self.look_at_slice(&export, after).await? {
                Some(last) => Ok(Some(Work::export(id, last.0).job(self.now()))),
                None if self.complete(&export).await? => Ok(None),
                None => Ok(Some(Work::export(id, after.0).job(self.now().plus(AGAIN)))),
            },
            ExportState::Complete | ExportState::Failed | ExportState::Expired => Ok(None),
        }
    }

    /// Gathers the recordings, or some more of them; the export is pending until all are there.
    async fn gather(&self, export: &Export) -> Result<()> {
        let scope = scope_of(export);
        if export.kind == ExportKind::Selection {
            return self.gather_chosen(export, scope).await;
        }
        let filter = filter::read(&export.filter)?;
        self.gather_all(export, Selection { scope, filter }, Only::default()).await
    }

    /// Gathers what was chosen by somebody, at the time at which they asked.
    async fn gather_chosen(&self, export: &Export, scope: Scope) -> Result<()> {
        let (id, asked) = (export.export_id, export.created);
        match Bulk::from_json(&export.filter)? {
            Bulk::Where(what, only) => {
                let read = self.inner.store.read(move |reader| {
                    Box::pin(async move { what.selection(reader, scope, asked).await })
                });
                self.gather_all(export, read.await?, only).await
            }
            Bulk::Ids(ids) => {
                let write = self.inner.store.write(move |tx| {
                    Box::pin(async move {
                        tx.put_into_export(id, scope, &ids).await?;
                        tx.start_export(id).await
                    })
                });
                Ok(write.await?)
            }
        }
    }

    async fn gather_all(&self, export: &Export, all: Selection, only: Only) -> Result<()> {
        let (id, root, now) = (export.export_id, export.root_id, self.now());
        for _ in 0..GATHERS {
            let (all, only) = (all.clone(), only.clone());
            let write = self.inner.store.write(move |tx| {
                Box::pin(async move {
                    // No recording has a control character in its texts, and one database cannot
                    // be asked.
                    if !all.filter.texts().any(has_control) {
                        let guard = Gate::of(tx, root, now).await?.guard;
                        let found = tx.gather_export(id, &all, &guard, &only, GATHER).await?;
                        if found == u64::from(GATHER) {
                            return Ok(true);
                        }
                    }
                    tx.start_export(id).await?;
                    Ok(false)
                })
            });
            if !write.await? {
                break;
            }
        }
        Ok(())
    }

    /// Looks at the next recordings; the last of them, or none where there are no more.
    async fn look_at_slice(
        &self,
        export: &Export,
        after: RecordingNumber,
    ) -> Result<Option<RecordingNumber>> {
        let id = export.export_id;
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.waiting_files(id, after, SLICE)));
        let (mut last, mut bytes, mut unwritten) = (None, 0, 0);
        let mut seen = Vec::new();
        for (number, recording_id) in read.await? {
            let (found, length) = self.look_at(recording_id).await?;
            let words = match found {
                Seen::Gone => None,
                _ if has_words(export.kind) => self.exported_words(recording_id).await?,
                _ => None,
            };
            let words = words.map(|words| words.document());
            seen.push(Look { number, seen: found, words });
            last = Some(number);
            bytes += length;
            unwritten += length;
            if seen.len() >= BATCH || unwritten >= BATCH_BYTES {
                self.write_down(id, std::mem::take(&mut seen)).await?;
                unwritten = 0;
            }
            if bytes >= SLICE_BYTES {
                break;
            }
        }
        self.write_down(id, seen).await?;
        Ok(last)
    }

    async fn write_down(&self, id: ExportId, seen: Vec<Look>) -> Result<()> {
        let write = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { tx.see_files(id, &seen).await }));
        Ok(write.await?)
    }

    /// Reads a recording; what was found, and how much was read.
    async fn look_at(&self, id: RecordingId) -> Result<(Seen, u64)> {
        let find = || self.inner.store.read(move |reader| Box::pin(reader.any_recording(id)));
        let Some(recording) = find().await? else { return Ok((Seen::Gone, 0)) };
        if recording.audio_deleted.is_some() {
            return Ok((failed(AUDIO_DELETED), 0));
        }
        let found = match self.checksum(&recording).await {
            // Where the store as such is well, it is this recording that cannot be read.
            Err(Error::Unavailable { .. }) => {
                self.inner.blobs.check().await?;
                match self.checksum(&recording).await {
                    Err(Error::Unavailable { .. }) => Err(Fault::Unreadable(String::new())),
                    found => found?,
                }
            }
            found => found?,
        };
        self.remember(&recording, found.as_ref().err()).await?;
        let seen = match found {
            Ok(crc32) => Seen::Ready { crc32 },
            Err(_) if !self.has_audio(id).await? => Seen::Gone,
            Err(fault) => failed(reason(&fault)),
        };
        Ok((seen, recording.size_bytes))
    }

    /// The checksum of a recording whose bytes are right, or what is wrong with them.
    async fn checksum(&self, recording: &Recording) -> Result<Result<u32, Fault>> {
        let key = blob_key(recording.recording_id, recording.sound.format);
        let expected = recording.size_bytes;
        match self.inner.blobs.size(&key).await {
            Ok(found) if found == expected => {}
            Ok(found) => return Ok(Err(Fault::Size { expected, found })),
            Err(blob::Error::Missing(_)) => return Ok(Err(Fault::Missing)),
            Err(error) => return Err(error.into()),
        }
        match self.sums(&key, expected).await {
            Ok((sha256, crc32)) if sha256 == recording.sha256 => Ok(Ok(crc32)),
            Ok(_) => Ok(Err(Fault::Hash)),
            Err(blob::Error::Missing(_)) => Ok(Err(Fault::Missing)),
            Err(error) => Err(error.into()),
        }
    }

    async fn sums(&self, key: &BlobKey, length: u64) -> blob::Result<([u8; 32], u32)> {
        let mut pieces = self.inner.blobs.read(key, 0..length).await?;
        let (mut sha256, mut crc32) = (Sha256::new(), Hasher::new());
        while let Some(piece) = pieces.try_next().await? {
            sha256.update(&piece);
            crc32.update(&piece);
        }
        Ok((sha256.finalize().into(), crc32.finalize()))
    }

    /// Completes an export whose recordings were all looked at; false where one of them was
    /// deleted while this went on.
    async fn complete(&self, export: &Export) -> Result<bool> {
        let Some(csv) = self.measure(export, Form::Csv).await? else { return Ok(false) };
        let Some(json) = self.measure(export, Form::Json).await? else { return Ok(false) };
        let plan = Plan::new(csv, json);
        let mut walk = Walk::new(self, export, plan);
        let (mut size_bytes, mut sha256) = (0, Sha256::new());
        loop {
            let pieces = match walk.next().await {
                Ok(Some(pieces)) => pieces,
                Ok(None) => break,
                Err(Error::NotFound) => return Ok(false),
                Err(error) => return Err(error),
            };
            for piece in pieces {
                size_bytes += piece.len();
                if let Piece::Bytes(bytes) = piece {
                    sha256.update(&bytes);
                }
            }
        }
        let zip = Zip {
            size_bytes,
            sha256: sha256.finalize().into(),
            plan: serde_json::to_string(&plan).map_err(anyhow::Error::from)?,
            valid_until: self.now().plus(VALID),
        };
        let (id, revision) = (export.export_id, export.revision);
        let finish = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { tx.finish_export(id, revision, &zip).await }));
        Ok(finish.await?)
    }

    /// Goes through a manifest, which shows what was deleted or damaged since it was looked at;
    /// none where that had to be written down first.
    async fn measure(&self, export: &Export, form: Form) -> Result<Option<Extent>> {
        let (mut size, mut crc32) = (0, Hasher::new());
        let mut put = |text: &str| {
            size += text.len() as u64;
            crc32.update(text.as_bytes());
        };
        put(&form.head(export));
        let (mut after, mut first) = (RecordingNumber(0), true);
        let mut missed = Vec::new();
        loop {
            let Some(files) = self.export_files(export, after).await? else { return Ok(None) };
            let Some(last) = files.last() else { break };
            after = last.number;
            for file in &files {
                let words = Words::of(file)?.map(|(_, words)| words);
                put(&form.line(file, words.as_ref(), first));
                first = false;
                missed.extend(missed_of(file, words.as_ref()));
            }
        }
        put(form.tail());
        if missed.is_empty() {
            return Ok(Some(Extent { size, crc32: crc32.finalize() }));
        }
        let id = export.export_id;
        let write = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { tx.miss_files(id, &missed).await }));
        write.await?;
        Ok(None)
    }
}

/// Whose recordings an export has.
fn scope_of(export: &Export) -> Scope {
    match (export.kind, export.user_id) {
        (ExportKind::OnDemand | ExportKind::Selection, Some(user)) => Scope::User(user),
        (ExportKind::Selection, None) if export.account_id != export.root_id => {
            Scope::Subaccount(export.account_id)
        }
        _ => Scope::Root(export.root_id),
    }
}

/// What is gone of it since it was looked at, or has failed.
fn missed_of(file: &ExportFile, words: Option<&Words>) -> Option<Look> {
    let seen = match (&file.seen, &file.recording) {
        (Seen::Gone | Seen::NotYet, _) => return None,
        (_, None) => Seen::Gone,
        (Seen::Ready { .. }, Some(it)) if it.audio_deleted.is_some() => failed(AUDIO_DELETED),
        (Seen::Ready { crc32 }, Some(it)) => match it.damage {
            Some(damage) => failed(damage.as_str()),
            None => Seen::Ready { crc32: *crc32 },
        },
        (Seen::Failed { .. }, Some(_)) => file.seen.clone(),
    };
    let there = words.filter(|words| seen != Seen::Gone && words.are_there(file));
    let look = Look { number: file.number, seen, words: there.map(Words::document) };
    (look.seen != file.seen || look.words != file.words).then_some(look)
}

/// The reason of a recording that has only its transcript left.
const AUDIO_DELETED: &str = "audio_deleted";

/// As the manifest has it.
fn reason(fault: &Fault) -> &'static str {
    match fault {
        Fault::Missing => Damage::Missing.as_str(),
        Fault::Size { .. } => Damage::Size.as_str(),
        Fault::Hash => Damage::Hash.as_str(),
        Fault::Unreadable(_) | Fault::Log(_) | Fault::Transcript(_) | Fault::Orphan => "unreadable",
    }
}

fn failed(reason: &str) -> Seen {
    Seen::Failed { reason: reason.to_owned() }
}
