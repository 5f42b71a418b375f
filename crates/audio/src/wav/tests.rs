use std::time::Duration;

use crate::fixtures::*;
use crate::{Codec, Container, Limits, Probe, WavRepair};

/// A second of µ-law, 8 kHz, stereo, and where its parts are.
const RIFF_SIZE: usize = 4;
const DATA: usize = 58;

fn golden(codec: Codec, channels: u16) -> Probe {
    Probe {
        container: Container::Wav,
        codec,
        channels,
        sample_rate: 8_000,
        frames: 4_001,
        truncated: false,
        repair: None,
    }
}

#[test]
fn every_kind_of_sample_is_told() {
    for (bytes, codec, name, channels) in [
        (U8_MONO, Codec::PcmU8, "pcm_u8", 1),
        (S16_STEREO, Codec::PcmS16Le, "pcm_s16le", 2),
        (S24_STEREO, Codec::PcmS24Le, "pcm_s24le", 2),
        (S24_EXTENSIBLE_MONO, Codec::PcmS24Le, "pcm_s24le", 1),
        (S32_MONO, Codec::PcmS32Le, "pcm_s32le", 1),
        (F32_STEREO, Codec::PcmF32Le, "pcm_f32le", 2),
        (F64_MONO, Codec::PcmF64Le, "pcm_f64le", 1),
        (MULAW_STEREO, Codec::MuLaw, "mulaw", 2),
        (ALAW_MONO, Codec::ALaw, "alaw", 1),
    ] {
        assert_eq!(check(bytes).unwrap(), golden(codec, channels), "{name}");
        assert_eq!(codec.as_str(), name);
    }
    assert_eq!(check(ALAW_MONO).unwrap().duration(), Duration::from_micros(500_125));
}

#[test]
fn an_extensible_format_may_be_any_of_them() {
    let extensible = |tag: u8, bits: u8, block: u8| {
        let bytes = with(S24_EXTENSIBLE_MONO, 44, &[tag]);
        with(&with(&bytes, 34, &[bits]), 32, &[block])
    };
    assert_eq!(check(&extensible(1, 16, 2)).unwrap().codec, Codec::PcmS16Le);
    assert_eq!(check(&extensible(3, 32, 4)).unwrap().codec, Codec::PcmF32Le);
    assert_eq!(check(&extensible(7, 8, 1)).unwrap().codec, Codec::MuLaw);
    assert_eq!(refusal(&extensible(2, 4, 1)), "Microsoft ADPCM in WAV is not supported");
    let other = with(S24_EXTENSIBLE_MONO, 50, &[9]);
    assert_eq!(refusal(&other), "this extensible format in WAV is not supported");
}

#[test]
fn chunks_before_and_after_the_samples_do_no_harm() {
    let wav = wav(&[
        chunk(b"JUNK", &[0; 28]),
        chunk(b"bext", &[b'x'; 603]),
        format(1, 2, 16_000, 4, 16),
        chunk(b"LIST", b"INFOISFT\x06\0\0\0vault\0"),
        chunk(b"data", &[0; 4_000]),
        chunk(b"LIST", b"INFO"),
    ]);
    let probe = check(&wav).unwrap();
    assert_eq!((probe.frames, probe.truncated, probe.repair), (1_000, false, None));
}

#[test]
fn a_recorder_that_crashed_or_wrote_to_a_pipe_left_no_size() {
    for size in [0_u32, 0x7fff_f000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffdb, u32::MAX] {
        let bytes = with(MULAW_STEREO, DATA - 4, &size.to_le_bytes());
        let probe = check(&bytes).unwrap();
        assert_eq!((probe.frames, probe.truncated), (4_001, false), "{size:#x}");
        assert_eq!(probe.repair, Some(WavRepair { data_offset: 58, data_bytes: 8_002 }));
    }
}

#[test]
fn a_size_that_promises_more_than_there_is_means_truncated() {
    let bytes = with(MULAW_STEREO, DATA - 4, &8_003_u32.to_le_bytes());
    let probe = check(&bytes).unwrap();
    assert_eq!((probe.frames, probe.truncated), (4_001, true));
    assert_eq!(probe.repair, Some(WavRepair { data_offset: 58, data_bytes: 8_002 }));

    // Cut within a block: the half of it is left out.
    let probe = check(&MULAW_STEREO[..1_001]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (471, true));
    assert_eq!(probe.repair, Some(WavRepair { data_offset: 58, data_bytes: 942 }));
}

#[test]
fn a_wrong_riff_size_alone_is_repaired_too() {
    for size in [0_u32, 36, 8_000, 8_053, 9_000, u32::MAX] {
        let probe = check(&with(MULAW_STEREO, RIFF_SIZE, &size.to_le_bytes())).unwrap();
        assert_eq!((probe.frames, probe.truncated), (4_001, false), "{size}");
        assert_eq!(probe.repair, Some(WavRepair { data_offset: 58, data_bytes: 8_002 }));
    }
}

#[test]
fn an_odd_number_of_bytes_may_be_evened_or_not() {
    let odd =
        |bytes: &[u8], riff: u32| check(&with(bytes, RIFF_SIZE, &riff.to_le_bytes())).unwrap();
    let evened = U8_MONO;
    let bare = &U8_MONO[..4_045];
    for (bytes, riff) in [(evened, 4_038), (evened, 4_037), (bare, 4_037), (bare, 4_038)] {
        assert_eq!(odd(bytes, riff), golden(Codec::PcmU8, 1), "{riff}");
    }
    assert!(odd(bare, 4_036).repair.is_none());
    assert!(odd(bare, 4_035).repair.is_some());
}

#[test]
fn a_part_of_a_block_is_no_frame() {
    let wav = wav(&[format(1, 2, 8_000, 4, 16), chunk(b"data", &[0; 10])]);
    let probe = check(&wav).unwrap();
    assert_eq!((probe.frames, probe.truncated, probe.repair), (2, false, None));
}

#[test]
fn a_wav_without_samples_is_empty() {
    let format = || format(7, 1, 8_000, 1, 8);
    let list = || chunk(b"LIST", b"INFOISFT\x05\0\0\0vault");
    for bytes in [
        wav(&[format(), chunk(b"data", b"")]),
        // Truly empty, since what follows are chunks to the very end.
        wav(&[format(), chunk(b"data", b""), list()]),
        wav(&[format(), chunk(b"data", b""), list(), chunk(b"id3 ", b"ID3")]),
        MULAW_STEREO[..DATA].to_vec(),
        // Less than a block.
        MULAW_STEREO[..=DATA].to_vec(),
    ] {
        assert_eq!(refusal(&bytes), "no audio in the file");
    }
    // One byte more, and it is no longer chunks.
    let mut bytes = wav(&[format(), chunk(b"data", b""), list()]);
    bytes.push(0);
    assert_eq!(check(&bytes).unwrap().frames, 8 + 17 + 1 + 1);
}

#[test]
fn a_header_that_breaks_off_or_lies_is_refused() {
    let format = || format(7, 1, 8_000, 1, 8);
    let data = || chunk(b"data", &[0; 100]);
    let none = "the WAV ends before its data chunk";
    assert_eq!(refusal(&MULAW_STEREO[..12]), none);
    assert_eq!(refusal(&MULAW_STEREO[..50]), none);
    assert_eq!(refusal(&wav(&[format()])), none);
    assert_eq!(refusal(&wav(&[data()])), "the WAV has no fmt chunk");
    assert_eq!(refusal(&wav(&[format(), format(), data()])), "the WAV has two fmt chunks");

    let past = "a chunk of the WAV runs past the end of the file";
    let (list, fmt) = (find(F32_STEREO, b"fact") + 4, find(F32_STEREO, b"fmt ") + 4);
    assert_eq!(refusal(&with(F32_STEREO, list, &u32::MAX.to_le_bytes())), past);
    assert_eq!(refusal(&with(F32_STEREO, fmt, &u32::MAX.to_le_bytes())), past);
    assert_eq!(refusal(&MULAW_STEREO[..20]), past);

    let short = wav(&[chunk(b"fmt ", &[1; 14]), data()]);
    assert_eq!(refusal(&short), "a WAV fmt chunk of 14 bytes");
    let junk = wav(&[chunk(b"JUNK", b"").repeat(100_000), format(), data()]);
    assert_eq!(refusal(&junk), "more than 256 chunks before the samples of the WAV");
    let large = wav(&[format(), chunk(b"JUNK", &vec![0; 16 << 20]), data()]);
    assert_eq!(refusal(&large), "no data chunk in the first 16 MiB of the WAV");
}

#[test]
fn an_impossible_format_is_refused_before_it_is_divided_by() {
    let refusal = |tag, channels, rate, block, bits| {
        refusal(&wav(&[format(tag, channels, rate, block, bits), chunk(b"data", &[0; 100])]))
    };
    assert_eq!(refusal(1, 1, 0, 2, 16), "a sample rate of 0 Hz is not supported");
    assert_eq!(refusal(1, 1, 3_999, 2, 16), "a sample rate of 3999 Hz is not supported");
    assert_eq!(refusal(1, 1, u32::MAX, 2, 16), "a sample rate of 4294967295 Hz is not supported");
    assert_eq!(refusal(1, 0, 8_000, 0, 16), "audio of 0 channels is not supported");
    assert_eq!(refusal(1, 9, 8_000, 18, 16), "audio of 9 channels is not supported");
    assert_eq!(refusal(1, u16::MAX, 8_000, 2, 16), "audio of 65535 channels is not supported");
    assert_eq!(
        refusal(1, 2, 8_000, 0, 16),
        "a WAV block of 0 bytes cannot hold 2 samples of 16 bits"
    );
    assert_eq!(
        refusal(1, 2, 8_000, 2, 16),
        "a WAV block of 2 bytes cannot hold 2 samples of 16 bits"
    );
    assert_eq!(refusal(1, 1, 8_000, 2, 0), "PCM of 0 bits in WAV is not supported");
    assert_eq!(refusal(1, 1, 8_000, 1, 7), "PCM of 7 bits in WAV is not supported");
    assert_eq!(refusal(7, 1, 8_000, 2, 16), "µ-law of 16 bits in WAV is not supported");
}

#[test]
fn a_codec_that_is_not_taken_is_named() {
    for (tag, name) in
        [(0x0002, "Microsoft ADPCM"), (0x028f, "G.722"), (0x0055, "MP3"), (0x4242, "format 0x4242")]
    {
        let bytes = wav(&[format(tag, 1, 8_000, 1, 4), chunk(b"data", &[0; 100])]);
        assert_eq!(refusal(&bytes), format!("{name} in WAV is not supported"));
    }
}

#[test]
fn a_limit_is_the_longest_that_is_taken() {
    let limits =
        |micros| Limits { max_duration: Duration::from_micros(micros), ..Limits::default() };
    assert!(check_within(MULAW_STEREO, &limits(500_125)).is_ok());
    let error = check_within(MULAW_STEREO, &limits(500_000)).unwrap_err();
    assert_eq!(error.to_string(), "longer than the limit of 500ms");
}
