use std::io::{self, Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::fixtures::*;
use crate::{Error, Limits, Probe, probe, probe_plain_wav};

/// A file whose reading fails behind a position.
struct Failing(Cursor<&'static [u8]>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(100);
        match self.0.position() {
            position if position >= self.1 => Err(io::Error::other("the disk is on fire")),
            _ => self.0.read(&mut buffer[..most]),
        }
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_disk_that_fails_is_not_the_files_fault() {
    let limits = Limits::default();
    for (bytes, position) in [
        (STEREO_FLAC, 80),
        (MULAW_STEREO, 20),
        (STEREO_FLAC, 10),
        (ID3_VBR_MONO_MP3, 0),
        (STEREO_OPUS, 500),
        (STEREO_OGG, 5_000),
        (STEREO_M4A, 600),
        (MONO_GSM, 2_000),
    ] {
        let error = probe(Failing(Cursor::new(bytes), position), &limits).unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{error:?}");
        assert_eq!(error.to_string(), "cannot read the file: the disk is on fire");
    }
    let file = Failing(Cursor::new(MULAW_STEREO), 20);
    assert!(matches!(probe_plain_wav(file, &limits), Err(Error::Io(_))));
}

#[test]
fn an_open_file_can_be_probed_and_used_again() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stereo.flac");
    let file = std::fs::File::open(path).unwrap();
    let first = probe(&file, &Limits::default()).unwrap();
    assert_eq!(probe(&file, &Limits::default()).unwrap(), first);
}

/// What holds of every answer.
fn sane(bytes: &[u8]) {
    if let Ok(Probe { channels, sample_rate, frames, repair, .. }) = check(bytes) {
        assert!((1..=8).contains(&channels));
        assert!((4_000..=192_000).contains(&sample_rate));
        assert!(frames > 0);
        if let Some(repair) = repair {
            assert!(repair.length() <= bytes.len() as u64);
            // 320 samples in 65 bytes is the densest there is.
            assert!(repair.data_bytes * 5 >= frames * u64::from(channels));
        }
    }
}

fn golden() -> impl Strategy<Value = Vec<u8>> {
    select(ALL).prop_map(<[u8]>::to_vec)
}

const STARTS: &[&[u8]] = &[
    b"",
    b"RIFF\0\0\0\0WAVE",
    b"fLaC\0\0\0\x22",
    b"\xff\xfb",
    b"ID3",
    b"OggS\0\x02",
    b"\0\0\0\x18ftypM4A ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_bytes_are_too_strange(
        start in select(STARTS),
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        sane(&[start, &bytes].concat());
    }

    #[test]
    fn no_damage_is_too_much(
        mut bytes in golden(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..40),
        // In the header as likely as elsewhere.
        header in prop::collection::vec((0..80_usize, any::<u8>()), 0..4),
        cut in prop::option::of(any::<Index>()),
    ) {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for (at, byte) in header {
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        sane(&bytes);
    }
}
