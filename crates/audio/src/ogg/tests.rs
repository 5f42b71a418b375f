use std::time::Duration;

use crate::fixtures::*;
use crate::{Codec, Container};

#[test]
fn opus_has_the_very_length_that_was_encoded() {
    for (file, channels) in [(MONO_OPUS, 1), (STEREO_OPUS, 2)] {
        let (probe, samples) = decoded(file);
        assert_eq!((probe.container, probe.codec), (Container::Ogg, Codec::Opus));
        assert_eq!((probe.channels, probe.sample_rate), (channels, 48_000));
        // 12,345 samples at 8 kHz.
        assert_eq!((probe.frames, probe.truncated), (12_345 * 6, false));
        assert_eq!(probe.duration(), Duration::from_micros(1_543_125));
        assert_eq!(samples.len() as u64, probe.frames * u64::from(channels));
    }
}

#[test]
fn the_sound_of_opus_is_where_it_was() {
    let call = decoded(STEREO_FLAC).1;
    let narrow: Vec<i16> =
        decoded(STEREO_OPUS).1.chunks_exact(12).flat_map(|six| [six[0], six[1]]).collect();
    for shift in [-8_isize, -2, 2, 8] {
        let at = shift.unsigned_abs() * 2;
        let other =
            if shift < 0 { likeness(&call[at..], &narrow) } else { likeness(&call, &narrow[at..]) };
        assert!(other < likeness(&call, &narrow), "{shift}");
    }
    assert!(likeness(&call, &narrow) > 0.6, "{}", likeness(&call, &narrow));
}

#[test]
fn a_long_pre_skip_is_taken_off_whole() {
    // More than the first packets have. The checksum must be right for the page to be read.
    let head = find(MONO_OPUS, b"OpusHead");
    let bytes = checksummed(&with(MONO_OPUS, head + 10, &4_000_u16.to_le_bytes()));
    let told = u64::from(u16::from_le_bytes([MONO_OPUS[head + 10], MONO_OPUS[head + 11]]));
    assert_eq!(check(&bytes).unwrap().frames, 12_345 * 6 + told - 4_000);
}

/// With the checksum of the first page set right.
fn checksummed(bytes: &[u8]) -> Vec<u8> {
    let end = 28 + usize::from(bytes[27]);
    let mut bytes = with(bytes, 22, &[0; 4]);
    let crc = bytes[..end].iter().fold(0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 }
        })
    });
    bytes[22..26].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn vorbis_has_the_very_length_that_was_encoded() {
    let (probe, samples) = decoded(STEREO_OGG);
    assert_eq!((probe.container, probe.codec), (Container::Ogg, Codec::Vorbis));
    assert_eq!((probe.channels, probe.sample_rate, probe.frames), (2, 8_000, 12_345));
    let alike = likeness(&samples, &decoded(STEREO_FLAC).1);
    assert!(alike > 0.8, "{alike}");
}

#[test]
fn one_without_its_last_page_is_truncated() {
    for file in [STEREO_OPUS, STEREO_OGG] {
        let last = file.windows(4).rposition(|window| window == b"OggS").unwrap();
        match check(&file[..last]) {
            Ok(probe) => assert!(probe.truncated),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn what_else_ogg_has_is_refused_by_name() {
    let page = |packet: &[u8]| {
        let mut page = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13".to_vec();
        page.extend(packet);
        page.resize(200, 0);
        refusal(&page)
    };
    assert_eq!(page(b"Speex   1.2"), "Speex in Ogg is not supported");
    assert_eq!(page(b"\x7fFLAC\x01"), "FLAC in Ogg is not supported");
    assert_eq!(page(b"\x80theora"), "Ogg video is not supported");
    assert!(!page(b"OpusHead").is_empty());
}
