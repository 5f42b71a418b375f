//! Reading a zip that is not there: its bytes from any to any, put together of the originals.

use std::ops::Range;

use blob::BlobKey;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use store::{Export, ExportFile, ExportState, Recording, RecordingNumber, Seen, TranscriptId};

use super::manifest::{self, Form};
use super::words::{Words, WordsForm};
use super::zip::{self, Entry};
use crate::media::{AudioStream, audible, blob_key, hex};
use crate::{Error, Result, Vault};

/// Changes when anything in a zip's making does: what an older program has completed is not given
/// out then, since no byte of it would be where it was.
const LAYOUT: u32 = 2;
/// How many recordings are in memory at once.
const PAGE: u32 = 200;

/// A complete zip, ready to be read in any part.
pub struct ExportZip {
    pub file_name: String,
    pub length: u64,
    /// A strong validator, without quotes.
    pub etag: String,
    vault: Vault,
    export: Export,
    plan: Plan,
}

/// What stands before the manifests, of which they must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    layout: u32,
    csv: Extent,
    json: Extent,
}

/// How long a manifest is, and its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    pub(super) size: u64,
    pub(super) crc32: u32,
}

impl Plan {
    pub(super) fn new(csv: Extent, json: Extent) -> Self {
        Self { layout: LAYOUT, csv, json }
    }
}

impl ExportZip {
    /// None where it is not complete.
    pub(super) fn of(vault: &Vault, export: Export) -> Result<Option<Self>> {
        let Some(zip) = export.zip.as_ref().filter(|_| export.state == ExportState::Complete)
        else {
            return Ok(None);
        };
        let plan: Plan = serde_json::from_str(&zip.plan).map_err(anyhow::Error::from)?;
        if plan.layout != LAYOUT {
            return Ok(None);
        }
        Ok(Some(Self {
            file_name: format!("export-{}.zip", export.export_id),
            length: zip.size_bytes,
            etag: hex(&zip.sha256),
            vault: vault.clone(),
            export,
            plan,
        }))
    }

    /// Reads a part, in order. The range must lie within the length. It breaks off where a
    /// recording is deleted or found to be damaged meanwhile.
    pub fn read(&self, range: Range<u64>) -> AudioStream {
        let walk = Walk::new(&self.vault, &self.export, self.plan);
        let pages = stream::try_unfold((walk, 0), move |(mut walk, mut at)| {
            let range = range.clone();
            async move {
                if at >= range.end {
                    return Ok(None);
                }
                let Some(pieces) = walk.next().await? else { return Ok(None) };
                let mut clipped = Vec::new();
                for piece in pieces {
                    let end = at + piece.len();
                    if range.start < end && at < range.end {
                        let part = range.start.max(at) - at..range.end.min(end) - at;
                        clipped.push(Ok((piece, part)));
                    }
                    at = end;
                }
                Ok::<_, Error>(Some((stream::iter(clipped), (walk, at))))
            }
        });
        let vault = self.vault.clone();
        let pieces = pages.try_flatten().and_then(move |(piece, part)| {
            let vault = vault.clone();
            async move { vault.read_piece(piece, part).await }
        });
        pieces.try_flatten().boxed()
    }
}

/// A piece of a zip.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes(Vec<u8>),
    Audio { key: BlobKey, length: u64 },
    Words { id: TranscriptId, form: WordsForm, length: u64 },
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Audio { length, .. } | Self::Words { length, .. } => *length,
        }
    }
}

/// The parts of a zip, in their order. Each goes through all recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Files,
    Manifest(Form),
    Directory,
}

impl Section {
    fn next(self) -> Option<Self> {
        match self {
            Self::Files => Some(Self::Manifest(Form::Csv)),
            Self::Manifest(Form::Csv) => Some(Self::Manifest(Form::Json)),
            Self::Manifest(Form::Json) => Some(Self::Directory),
            Self::Directory => None,
        }
    }
}

/// Goes through a zip from its beginning, some recordings at a time.
pub(super) struct Walk {
    vault: Vault,
    export: Export,
    plan: Plan,
    section: Option<Section>,
    /// The last recording that this section is through with.
    after: RecordingNumber,
    /// How much of the zip there was before.
    offset: u64,
    /// Of the directory: where it begins, how many entries it has, and where the next one's file
    /// is.
    directory: u64,
    entries: u64,
    entry: u64,
}

impl Walk {
    pub(super) fn new(vault: &Vault, export: &Export, plan: Plan) -> Self {
        Self {
            vault: vault.clone(),
            export: export.clone(),
            plan,
            section: Some(Section::Files),
            after: RecordingNumber(0),
            offset: 0,
            directory: 0,
            entries: 0,
            entry: 0,
        }
    }

    /// The next pieces; none at the end. [`Error::NotFound`] where the export is not any more what
    /// it was.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Piece>>> {
        let Some(section) = self.section else { return Ok(None) };
        let files = self.vault.export_files(&self.export, self.after).await?;
        let files = files.ok_or(Error::NotFound)?;
        let mut out = Out::default();
        let mut first = self.after == RecordingNumber(0);
        if first {
            self.begin(section, &mut out);
        }
        for file in &files {
            self.put(section, file, first, &mut out)?;
            first = false;
        }
        if let Some(last) = files.last() {
            self.after = last.number;
        } else {
            self.end(section, &mut out);
            self.section = section.next();
            self.after = RecordingNumber(0);
        }
        self.offset += out.0.iter().map(Piece::len).sum::<u64>();
        Ok(Some(out.0))
    }

    fn begin(&mut self, section: Section, out: &mut Out) {
        match section {
            Section::Files => {}
            Section::Manifest(form) => {
                out.bytes(&self.manifest(form).header());
                out.bytes(form.head(&self.export).as_bytes());
            }
            Section::Directory => self.directory = self.offset,
        }
    }

    fn put(
        &mut self,
        section: Section,
        file: &ExportFile,
        first: bool,
        out: &mut Out,
    ) -> Result<()> {
        let words = Words::of(file)?;
        if let Section::Manifest(form) = section {
            let words = words.as_ref().map(|(_, words)| words);
            out.bytes(form.line(file, words, first).as_bytes());
            return Ok(());
        }
        if let (Seen::Ready { crc32 }, Some(recording)) = (&file.seen, &file.recording) {
            audible(recording)?;
            let key = blob_key(recording.recording_id, recording.sound.format);
            let audio = Piece::Audio { key, length: recording.size_bytes };
            self.put_entry(section, &of_recording(recording, *crc32), audio, out);
        }
        if let Some((recording, words)) = words {
            if !words.are_there(file) {
                return Err(Error::NotFound);
            }
            let id = words.transcript_id()?;
            for form in WordsForm::ALL {
                let entry = words.entry(recording, form);
                let piece = Piece::Words { id, form, length: entry.size };
                self.put_entry(section, &entry, piece, out);
            }
        }
        Ok(())
    }

    fn put_entry(&mut self, section: Section, entry: &Entry, content: Piece, out: &mut Out) {
        if section == Section::Files {
            out.bytes(&entry.header());
            out.0.push(content);
        } else {
            self.list(entry, out);
        }
    }

    fn end(&mut self, section: Section, out: &mut Out) {
        match section {
            Section::Files => {}
            Section::Manifest(form) => out.bytes(form.tail().as_bytes()),
            Section::Directory => {
                for form in [Form::Csv, Form::Json] {
                    self.list(&self.manifest(form), out);
                }
                let end = self.offset + out.0.iter().map(Piece::len).sum::<u64>();
                out.bytes(&zip::end(self.entries, &(self.directory..end)));
            }
        }
    }

    fn list(&mut self, entry: &Entry, out: &mut Out) {
        out.bytes(&entry.listed(self.entry));
        self.entry += entry.header().len() as u64 + entry.size;
        self.entries += 1;
    }

    fn manifest(&self, form: Form) -> Entry {
        let extent = match form {
            Form::Csv => self.plan.csv,
            Form::Json => self.plan.json,
        };
        Entry {
            name: form.file_name().to_owned(),
            modified: self.export.created.civil(),
            size: extent.size,
            crc32: extent.crc32,
        }
    }
}

/// Pieces that are gathered; bytes that follow bytes are one.
#[derive(Default)]
struct Out(Vec<Piece>);

impl Out {
    fn bytes(&mut self, bytes: &[u8]) {
        if let Some(Piece::Bytes(last)) = self.0.last_mut() {
            last.extend_from_slice(bytes);
        } else {
            self.0.push(Piece::Bytes(bytes.to_vec()));
        }
    }
}

fn of_recording(recording: &Recording, crc32: u32) -> Entry {
    Entry {
        name: manifest::file_name(recording),
        modified: recording.start.civil(),
        size: recording.size_bytes,
        crc32,
    }
}

fn clipped(bytes: Vec<u8>, part: &Range<u64>) -> Result<BoxStream<'static, Result<Bytes>>> {
    let from = usize::try_from(part.start).map_err(anyhow::Error::from)?;
    let to = usize::try_from(part.end).map_err(anyhow::Error::from)?;
    let bytes = Bytes::from(bytes).slice(from..to);
    Ok(stream::once(async { Ok(bytes) }).boxed())
}

impl Vault {
    /// The next recordings of an export; none of it where it is not any more what it was.
    pub(super) async fn export_files(
        &self,
        export: &Export,
        after: RecordingNumber,
    ) -> Result<Option<Vec<ExportFile>>> {
        let (id, now) = (export.export_id, self.now());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let known = reader.export(id, now).await?;
                Ok((known, reader.export_files(id, after, PAGE).await?))
            })
        });
        let (known, files) = read.await?;
        let same = |known: Export| {
            known.revision == export.revision
                && matches!(known.state, ExportState::InProgress | ExportState::Complete)
        };
        Ok(known.is_some_and(same).then_some(files))
    }

    async fn read_piece(
        &self,
        piece: Piece,
        part: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        match piece {
            Piece::Bytes(bytes) => clipped(bytes, &part),
            Piece::Words { id, form, length } => {
                let bytes = self.read_words(id, form).await?;
                if bytes.len() as u64 != length {
                    return Err(anyhow::anyhow!("transcript {id} is not what it was").into());
                }
                clipped(bytes, &part)
            }
            Piece::Audio { key, .. } => {
                let pieces = self.inner.blobs.read(&key, part).await?;
                Ok(pieces.map(|piece| Ok(piece?)).boxed())
            }
        }
    }
}
