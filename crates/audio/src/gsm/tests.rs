use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::fixtures::*;

#[test]
fn it_decodes_to_the_bit_what_libgsm_does() {
    let (probe, samples) = decoded(MONO_GSM);
    let (container, codec) = (Container::Gsm, Codec::Gsm);
    let frames = 78 * 160;
    let expected = Probe {
        container,
        codec,
        channels: 1,
        sample_rate: 8_000,
        frames,
        truncated: false,
        repair: None,
    };
    assert_eq!(probe, expected);
    assert_eq!(probe.duration(), Duration::from_millis(1_560));
    assert_eq!(digest(&samples), LIBGSM);
    // Its fact chunk says where the sound ends.
    let (in_wav, in_blocks) = decoded(GSM_MONO);
    assert_eq!(in_wav, Probe { container: Container::Wav, frames: 12_345, ..expected });
    assert_eq!(in_blocks, samples[..12_345]);
    let unknown = with(GSM_MONO, find(GSM_MONO, b"fact") + 8, &[0; 4]);
    assert_eq!(digest(&decoded(&unknown).1), LIBGSM);
}

/// Of both files, as ffmpeg's own decoder and sox with libgsm have them alike.
const LIBGSM: u64 = 0x493a_93ed_f61e_714b;

#[test]
fn a_part_of_a_frame_at_the_end_is_left_out() {
    let probe = check(&MONO_GSM[..33 * 50 + 20]).unwrap();
    assert_eq!((probe.frames, probe.truncated), (8_000, true));
    assert!(!check(&MONO_GSM[..33 * 50]).unwrap().truncated);
    let error = refusal(&MONO_GSM[..33 * 3]);
    assert_eq!(error, "no known audio format", "too few to be sure");
}

#[test]
fn a_frame_without_its_mark_is_silence_and_many_are_damage() {
    // Beyond what is looked at to know the format.
    let long = MONO_GSM.repeat(40);
    let frame = 33 * 2_500;
    let (probe, samples) = decoded(&with(&long, frame, &[0x0f; 33]));
    assert_eq!(probe.frames, 40 * 78 * 160);
    assert!(samples[2_500 * 160..2_501 * 160].iter().all(|sample| *sample == 0));
    let mut bytes = long.clone();
    bytes.resize(long.len() * 3, 0);
    assert_eq!(refusal(&bytes), "6240 of 9360 GSM frames lack their mark");
}

#[test]
fn a_wav_block_is_two_frames() {
    assert_eq!(
        refusal(&with(GSM_MONO, 32, &[66])),
        "a WAV block of 66 bytes cannot hold 1 samples of 0 bits"
    );
    let fact = find(GSM_MONO, b"fact") + 8;
    let absurd = with(GSM_MONO, fact, &u32::MAX.to_le_bytes());
    assert_eq!(check(&absurd).unwrap().frames, 12_480);
}

proptest! {
    /// Any parameters give a sound of the same length.
    #[test]
    fn no_frame_is_too_odd(mut bytes in proptest::collection::vec(any::<u8>(), 33 * 6)) {
        bytes.iter_mut().step_by(33).for_each(|byte| *byte = 0xd0 | *byte & 0xf);
        let (probe, samples) = decoded(&bytes);
        prop_assert_eq!((probe.frames, samples.len()), (960, 960));
    }
}
