//! Reading, watched: parts of a file by position, and the stream that a decoder gets.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use symphonia::core::io::{
    MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource,
};

/// Reads from a position until the buffer is full or the file ends, and tells how much it got.
pub(crate) fn read_at(
    file: &mut (impl Read + Seek),
    position: u64,
    buffer: &mut [u8],
) -> io::Result<usize> {
    // A header may name what no system can seek to.
    if position >= length(file)? {
        return Ok(0);
    }
    file.seek(SeekFrom::Start(position))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// How long the file is, in bytes.
pub(crate) fn length(file: &mut impl Seek) -> io::Result<u64> {
    file.seek(SeekFrom::End(0))
}

/// What the reading end of a decoder's stream tells of it. The decoders take an error of reading
/// for the end of the file, so the first one is kept here.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<State>);

#[derive(Default)]
struct State {
    failure: Mutex<Option<io::Error>>,
    since_packet: AtomicU64,
}

impl Watch {
    /// A packet came out, so what was read made sense.
    pub(crate) fn fed(&self) {
        self.0.since_packet.store(0, Ordering::Relaxed);
    }

    /// The error that ended the stream, if one did.
    pub(crate) fn failure(&self) -> Option<io::Error> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn starved(&self, read: usize, patience: u64) -> bool {
        let read = read as u64;
        self.0.since_packet.fetch_add(read, Ordering::Relaxed).saturating_add(read) > patience
    }

    fn keep(&self, error: io::Error) {
        let mut failure = self.0.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }
}

struct Watched<R> {
    inner: R,
    /// The most bytes without a packet: a decoder that gathers them up in search of the next
    /// frame would grow by as much.
    patience: u64,
    watch: Watch,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(read) if self.watch.starved(read, self.patience) => return Ok(0),
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.watch.keep(error);
                    return Ok(0);
                }
            }
        }
    }
}

/// A stream for a decoder, which ends after `patience` bytes that gave no packet.
pub(crate) fn stream<'f>(
    inner: impl Read + Send + Sync + 'f,
    patience: u64,
) -> (MediaSourceStream<'f>, Watch) {
    let watch = Watch::default();
    // It cannot seek, on purpose: lengths and estimates are not the demuxer's to make.
    let source = ReadOnlySource::new(Watched { inner, patience, watch: watch.clone() });
    (MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default()), watch)
}

/// A stream for a demuxer that must find its way about in a file that should have such a length.
pub(crate) fn seekable<'f>(
    inner: impl Read + Seek + Send + Sync + 'f,
    length: u64,
) -> (MediaSourceStream<'f>, Watch) {
    let watch = Watch::default();
    let watched = Watched { inner, patience: u64::MAX, watch: watch.clone() };
    let source = Box::new(Seekable { watched, length });
    (MediaSourceStream::new(source, MediaSourceStreamOptions::default()), watch)
}

struct Seekable<R> {
    watched: Watched<R>,
    length: u64,
}

impl<R: Read> Read for Seekable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watched.read(buffer)
    }
}

impl<R: Seek> Seek for Seekable<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.watched.inner.seek(match to {
            SeekFrom::End(back) => SeekFrom::Start(self.length.saturating_add_signed(back)),
            other => other,
        })
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Seekable<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn behind_the_end_of_a_file_there_is_nothing() {
        let mut file = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
        for position in [1 << 40, u64::MAX >> 1, 1 << 63, u64::MAX] {
            assert_eq!(read_at(&mut file, position, &mut [0; 8]).unwrap(), 0, "{position}");
        }
    }
}
