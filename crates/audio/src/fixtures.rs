//! The golden files (`fixtures/README.md` says what each is), and ways to damage them.

use std::io::Cursor;

use crate::probe::probe_decoding;
use crate::samples::samples;
use crate::{Error, Limits, Probe, probe, probe_plain_wav};

macro_rules! golden {
    ($($name:ident = $file:literal;)*) => {
        $(pub(crate) const $name: &[u8] =
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $file));)*
        pub(crate) const ALL: &[&[u8]] = &[$($name),*];
    };
}

golden! {
    U8_MONO = "u8-mono.wav";
    S16_STEREO = "s16-stereo.wav";
    S24_STEREO = "s24-stereo.wav";
    S24_EXTENSIBLE_MONO = "s24-extensible-mono.wav";
    S32_MONO = "s32-mono.wav";
    F32_STEREO = "f32-stereo.wav";
    F64_MONO = "f64-mono.wav";
    MULAW_STEREO = "mulaw-stereo.wav";
    ALAW_MONO = "alaw-mono.wav";
    TAG_STEREO_MP3 = "tag-stereo.mp3";
    NO_TAG_STEREO_MP3 = "no-tag-stereo.mp3";
    ID3_VBR_MONO_MP3 = "id3-vbr-mono.mp3";
    STEREO_FLAC = "stereo.flac";
    S24_MONO_FLAC = "s24-mono.flac";
    IMA_MONO = "ima-mono.wav";
    IMA_STEREO = "ima-stereo.wav";
    GSM_MONO = "gsm-mono.wav";
    MONO_GSM = "mono.gsm";
    MONO_OPUS = "mono.opus";
    STEREO_OPUS = "stereo.opus";
    STEREO_OGG = "stereo.ogg";
    MONO_M4A = "mono.m4a";
    STEREO_M4A = "stereo.m4a";
}

/// Probes bytes both ways, which must not contradict each other.
pub(crate) fn check(bytes: &[u8]) -> Result<Probe, Error> {
    check_within(bytes, &Limits::default())
}

pub(crate) fn check_within(bytes: &[u8], limits: &Limits) -> Result<Probe, Error> {
    let answer = probe(Cursor::new(bytes), limits);
    match (&answer, probe_plain_wav(Cursor::new(bytes), limits)) {
        (_, Ok(None)) => assert!(!bytes.starts_with(b"RIFF") || bytes.get(8..12) != Some(b"WAVE")),
        (Ok(answer), Ok(Some(plain))) => assert_eq!(*answer, plain),
        (Err(answer), Err(plain)) => assert_eq!(answer.to_string(), plain.to_string()),
        (answer, plain) => panic!("{answer:?} and {plain:?}"),
    }
    answer
}

/// The text of a refusal.
pub(crate) fn refusal(bytes: &[u8]) -> String {
    check(bytes).unwrap_err().to_string()
}

/// With other bytes at a position.
pub(crate) fn with(bytes: &[u8], at: usize, other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + other.len()].copy_from_slice(other);
    bytes
}

/// Where some bytes first stand.
pub(crate) fn find(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).position(|window| window == mark).unwrap()
}

/// A RIFF chunk, made even.
pub(crate) fn chunk(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    let mut bytes = [id, &size.to_le_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// A WAV of such chunks.
pub(crate) fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

/// A `fmt ` chunk of 16 bytes.
pub(crate) fn format(tag: u16, channels: u16, rate: u32, block: u16, bits: u16) -> Vec<u8> {
    let mut content = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    content.extend(rate.to_le_bytes());
    content.extend(rate.wrapping_mul(u32::from(block)).to_le_bytes());
    content.extend([block.to_le_bytes(), bits.to_le_bytes()].concat());
    chunk(b"fmt ", &content)
}

/// All samples, interleaved, and what they are of.
pub(crate) fn decoded(bytes: &[u8]) -> (Probe, Vec<i16>) {
    let (mut file, limits) = (Cursor::new(bytes), Limits::default());
    let (probe, delay) = probe_decoding(&mut file, &limits, &mut |_| Ok(())).unwrap();
    let mut all = Vec::new();
    let mut sink = |samples: &[i16]| {
        all.extend_from_slice(samples);
        Ok(())
    };
    samples(&mut file, &probe, delay, &limits, &mut sink).unwrap();
    (probe, all)
}

/// FNV-1a of the samples as 16 bits, little endian: what other decoders' output is known by.
pub(crate) fn digest(samples: &[i16]) -> u64 {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
}

/// How like two sounds are: 1 where one is the other, louder or softer.
pub(crate) fn likeness(a: &[i16], b: &[i16]) -> f64 {
    let dot = |a: &[i16], b: &[i16]| {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
