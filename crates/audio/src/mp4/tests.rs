use super::*;
use crate::fixtures::*;

#[test]
fn an_m4a_is_cut_by_its_edit_list() {
    // The movie's header after the sound, and before it.
    assert!(find(STEREO_M4A, b"mdat") < find(STEREO_M4A, b"moov"));
    assert!(find(MONO_M4A, b"moov") < find(MONO_M4A, b"mdat"));
    for (file, channels) in [(STEREO_M4A, 2), (MONO_M4A, 1)] {
        let (probe, samples) = decoded(file);
        let expected = Probe {
            container: Container::M4a,
            codec: Codec::Aac,
            channels,
            sample_rate: 8_000,
            frames: 12_345,
            truncated: false,
            repair: None,
        };
        assert_eq!(probe, expected);
        assert_eq!(samples.len(), 12_345 * usize::from(channels));
    }
    let alike = likeness(&decoded(STEREO_M4A).1, &decoded(STEREO_FLAC).1);
    assert!(alike > 0.8, "{alike}");
}

/// The position of the edit's length.
fn edit(file: &[u8]) -> usize {
    find(file, b"elst") + 12
}

#[test]
fn an_edit_may_play_a_part() {
    let at = edit(MONO_M4A);
    let (_, whole) = decoded(MONO_M4A);
    let bytes = with(MONO_M4A, at, &[500_u32.to_be_bytes(), 3_000_u32.to_be_bytes()].concat());
    let (probe, samples) = decoded(&bytes);
    assert_eq!(probe.frames, 4_000);
    assert_eq!(samples, whole[3_000 - 1_024..][..4_000]);
    // Without an edit, with one at another speed, and with one that cannot be read.
    let speed = with(MONO_M4A, at + 8, &[0, 2, 0, 0]);
    let name = with(MONO_M4A, at - 12, b"free");
    for bytes in [speed, name] {
        assert_eq!(check(&bytes).unwrap().frames, 12_345 + 1_024);
    }
    let endless = with(MONO_M4A, at, &[u32::MAX.to_be_bytes(), 1_024_u32.to_be_bytes()].concat());
    assert_eq!(check(&endless).unwrap().frames, 12_345);
    let beyond = with(MONO_M4A, at + 4, &0x7fff_ffff_u32.to_be_bytes());
    assert_eq!(refusal(&beyond), "no audio in the file");
}

#[test]
fn one_that_ends_early_is_truncated() {
    let cut = &MONO_M4A[..MONO_M4A.len() - 1_000];
    let probe = check(cut).unwrap();
    assert!(probe.truncated && probe.frames < 12_345 && probe.frames > 5_000, "{probe:?}");
    assert_eq!(refusal(&STEREO_M4A[..STEREO_M4A.len() - 1_000]), "the MP4 ends too early");
}

#[test]
fn what_is_no_sound_is_refused() {
    let untold = with(MONO_M4A, find(MONO_M4A, b"esds"), b"free");
    assert_eq!(refusal(&untold), "MP4 with other audio than AAC is not supported");
    assert!(!refusal(&with(MONO_M4A, find(MONO_M4A, b"moov"), b"free")).is_empty());
}
