use std::time::Duration;

use crate::fixtures::*;
use crate::{Codec, Container, Limits, Probe};

const FRAMES: u64 = 12_345;

fn golden(channels: u16) -> Probe {
    Probe {
        container: Container::Flac,
        codec: Codec::Flac,
        channels,
        sample_rate: 8_000,
        frames: FRAMES,
        truncated: false,
        repair: None,
    }
}

/// With another number of samples in STREAMINFO: the low 32 of 36 bits.
fn promising(frames: u32) -> Vec<u8> {
    with(STEREO_FLAC, 22, &frames.to_be_bytes())
}

#[test]
fn flac_counts_what_decodes() {
    assert_eq!(check(STEREO_FLAC).unwrap(), golden(2));
    assert_eq!(check(S24_MONO_FLAC).unwrap(), golden(1));
    assert_eq!(check(STEREO_FLAC).unwrap().duration(), Duration::from_micros(1_543_125));
}

#[test]
fn a_count_in_streaminfo_is_not_believed() {
    assert_eq!(check(&promising(0)).unwrap(), golden(2), "unknown");
    assert_eq!(check(&promising(1)).unwrap(), golden(2), "too few");
    let many = check(&promising(u32::MAX)).unwrap();
    assert_eq!(many, Probe { truncated: true, ..golden(2) });
}

#[test]
fn flac_that_is_cut_off_is_truncated() {
    let probe = check(&STEREO_FLAC[..STEREO_FLAC.len() / 2]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (4_096, true));
    // A frame that its checksum does not fit is left out.
    let probe = check(&with(&promising(0), STEREO_FLAC.len() / 2, &[0x55; 8])).unwrap();
    assert_eq!((probe.frames, probe.truncated), (FRAMES - 4_096, true));
}

#[test]
fn tags_about_it_do_no_harm() {
    let id3v2 = [b"ID3\x04\0\0\0\0\x01\x00".as_slice(), &[0; 128]].concat();
    let id3v1 = [b"TAG".as_slice(), &[b' '; 125]].concat();
    assert_eq!(check(&[&id3v2, STEREO_FLAC, &id3v1].concat()).unwrap(), golden(2));
}

#[test]
fn a_broken_header_is_refused() {
    assert_eq!(refusal(b"fLaC"), "the FLAC header is cut off");
    assert_eq!(refusal(&STEREO_FLAC[..40]), "the FLAC header is cut off");
    let other = with(STEREO_FLAC, 4, &[1]);
    assert_eq!(refusal(&other), "FLAC does not begin with its STREAMINFO");
    // A picture of 16 MB that is not there.
    let large = [&STEREO_FLAC[..42], &[6, 0xff, 0xff, 0xff]].concat();
    assert_eq!(refusal(&large), "the FLAC header is cut off");
    let blocks = [with(&STEREO_FLAC[..42], 4, &[0]), [1, 0, 0, 0].repeat(10_000)].concat();
    assert_eq!(refusal(&blocks), "more than 1024 FLAC metadata blocks");
    let rate = with(STEREO_FLAC, 18, &[0, 0, 2]);
    assert_eq!(refusal(&rate), "a sample rate of 0 Hz is not supported");
}

#[test]
fn a_header_with_no_frame_is_refused() {
    let header = with(&STEREO_FLAC[..42], 4, &[0x80]);
    assert_eq!(refusal(&header), "no audio in the file");
    let zeros = [header.clone(), vec![0; 100_000]].concat();
    assert_eq!(refusal(&zeros), "no FLAC frame in the file");
    // The bounds of blocks in STREAMINFO fit no frame.
    let none = with(STEREO_FLAC, 8, &[0, 16, 0, 16]);
    assert_eq!(refusal(&none), "no FLAC frame in the file");
}

#[test]
fn a_frame_is_not_gathered_up_without_end() {
    let hole = [&STEREO_FLAC[..7_000], &vec![0x55; 24 << 20], &STEREO_FLAC[7_000..]].concat();
    let probe = check(&hole).unwrap();
    assert_eq!((probe.frames, probe.truncated), (4_096, true));
}

#[test]
fn decoding_stops_at_the_limit() {
    let limits =
        |micros| Limits { max_duration: Duration::from_micros(micros), ..Limits::default() };
    assert!(check_within(STEREO_FLAC, &limits(1_543_125)).is_ok());
    let error = check_within(&promising(1), &limits(1_000_000)).unwrap_err();
    assert_eq!(error.to_string(), "longer than the limit of 1s");
}
