use std::time::Duration;

use crate::fixtures::*;
use crate::{Codec, Container, Limits, Probe};

/// The sound that was encoded.
const FRAMES: u64 = 12_345;
/// What each frame of the stereo files decodes to, and how long each is.
const FRAME: u64 = 576;
const FRAME_BYTES: usize = 288;
/// Where the Info tag has its number of frames.
const INFO: usize = 21;

fn golden(frames: u64) -> Probe {
    Probe {
        container: Container::Mp3,
        codec: Codec::Mp3,
        channels: 2,
        sample_rate: 8_000,
        frames,
        truncated: false,
        repair: None,
    }
}

#[test]
fn delay_and_padding_are_taken_off_where_they_are_told() {
    assert_eq!(check(TAG_STEREO_MP3).unwrap(), golden(FRAMES));
    let mono = Probe { channels: 1, sample_rate: 44_100, ..golden(44_100) };
    assert_eq!(check(ID3_VBR_MONO_MP3).unwrap(), mono);
}

#[test]
fn without_a_tag_it_is_what_decodes() {
    assert_eq!(check(NO_TAG_STEREO_MP3).unwrap(), golden(24 * FRAME));
    let headless = &TAG_STEREO_MP3[FRAME_BYTES..];
    assert_eq!(check(headless).unwrap(), golden(24 * FRAME));
}

#[test]
fn an_mp3_that_is_cut_off_is_truncated_where_it_can_be_told() {
    let whole = 10 * FRAME_BYTES;
    // Ten frames, of which one is the tag's, less the delay of 576 + 529.
    let probe = check(&TAG_STEREO_MP3[..whole]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (9 * FRAME - 1_105, true));
    let probe = check(&TAG_STEREO_MP3[..whole + 100]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (9 * FRAME - 1_105, true));
    let probe = check(&NO_TAG_STEREO_MP3[..whole]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (10 * FRAME, false));
}

#[test]
fn a_count_in_the_tag_is_not_believed() {
    let count = INFO + 8;
    // The tag's checksum no longer fits, so that its delay and padding are void too.
    let many = check(&with(TAG_STEREO_MP3, count, &0x7fff_ffff_u32.to_be_bytes())).unwrap();
    assert_eq!(many, Probe { truncated: true, ..golden(24 * FRAME) });
    let few = check(&with(TAG_STEREO_MP3, count, &1_u32.to_be_bytes())).unwrap();
    assert_eq!(few, golden(24 * FRAME));
    // Whether an encoder counts the tag's own frame is not sure.
    let own = check(&with(TAG_STEREO_MP3, count, &25_u32.to_be_bytes())).unwrap();
    assert_eq!(own, golden(24 * FRAME));
}

#[test]
fn two_joined_are_as_long_as_both() {
    let joined = [TAG_STEREO_MP3, TAG_STEREO_MP3].concat();
    assert_eq!(check(&joined).unwrap(), golden(48 * FRAME - 1_105));
}

#[test]
fn tags_and_junk_about_it_do_no_harm() {
    let id3v2 = [b"ID3\x03\0\0\0\0\x02\x00".as_slice(), &[0; 256]].concat();
    let mut ape = b"APETAGEX\xd0\x07\0\0\x4c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    ape.splice(0..0, [0xff, 0xfb].repeat(22));
    let id3v1 = [b"TAG".as_slice(), &[0xff; 125]].concat();
    let bytes = [&id3v2, &id3v2, TAG_STEREO_MP3, &ape, &id3v1].concat();
    assert_eq!(check(&bytes).unwrap(), golden(FRAMES));

    // Cut out of a stream, from within a frame on.
    let cut = &NO_TAG_STEREO_MP3[100..];
    assert_eq!(check(cut).unwrap(), golden(23 * FRAME));
}

#[test]
fn a_few_bad_frames_are_passed_over_and_many_are_not() {
    // A reference to bytes that came before the first frame, which has none.
    let bad = |count| {
        let mut bytes = NO_TAG_STEREO_MP3.to_vec();
        for frame in bytes.chunks_mut(FRAME_BYTES).take(count) {
            frame[4..].fill(0xfe);
        }
        bytes
    };
    let probe = check(&bad(3)).unwrap();
    assert!((18 * FRAME..=21 * FRAME).contains(&probe.frames), "{probe:?}");
    let error = refusal(&bad(24));
    assert_eq!(error, "24 of 24 frames cannot be decoded");
}

#[test]
fn nothing_but_tags_is_empty() {
    let id3 = &ID3_VBR_MONO_MP3[..find(ID3_VBR_MONO_MP3, b"\xff\xfb\x90")];
    assert_eq!(refusal(id3), "no audio in the file");
    assert_eq!(refusal(&id3[..50]), "no audio in the file");
    // An Info tag, and no frame for it to tell of.
    assert_eq!(refusal(&TAG_STEREO_MP3[..FRAME_BYTES]), "no audio in the file");
    assert_eq!(refusal(&TAG_STEREO_MP3[..100]), "no whole MP3 frame in the file");
}

#[test]
fn decoding_stops_at_the_limit() {
    let limits =
        |micros| Limits { max_duration: Duration::from_micros(micros), ..Limits::default() };
    assert!(check_within(TAG_STEREO_MP3, &limits(1_543_125)).is_ok());
    let error = check_within(TAG_STEREO_MP3, &limits(1_543_000)).unwrap_err();
    assert_eq!(error.to_string(), "longer than the limit of 1.543s");
    let limits = Limits { sample_rate: 16_000..=48_000, ..Limits::default() };
    let error = check_within(TAG_STEREO_MP3, &limits).unwrap_err();
    assert_eq!(error.to_string(), "a sample rate of 8000 Hz is not supported");
    let limits = Limits { max_channels: 1, ..Limits::default() };
    let error = check_within(TAG_STEREO_MP3, &limits).unwrap_err();
    assert_eq!(error.to_string(), "audio of 2 channels is not supported");
}
