use std::f64::consts::TAU;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::fixtures::*;
use crate::{Channel, Codec, LAME};

fn convert_within(bytes: &[u8], to: Container, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut made = Cursor::new(Vec::new());
    let encoder = Encoder { lame: Path::new(LAME) };
    let source = convert(Cursor::new(bytes), &mut made, to, &Part::WHOLE, encoder, limits)?;
    assert_eq!(source, check(bytes).unwrap());
    let made = made.into_inner();
    let most = most_bytes(to, source.channels, source.sample_rate, source.frames).unwrap();
    assert!(made.len() as u64 <= most, "{} of {most}", made.len());
    Ok(made)
}

fn converted(bytes: &[u8], to: Container) -> Vec<u8> {
    convert_within(bytes, to, &Limits::default()).unwrap()
}

/// A WAV of 16 bits.
fn wav_of(channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    wav(&[format(1, channels, rate, channels * 2, 16), chunk(b"data", &data)])
}

#[expect(clippy::cast_possible_truncation, reason = "well inside 16 bits")]
fn tone(frames: u32, hz: f64, rate: u32) -> impl Iterator<Item = i16> {
    (0..frames)
        .map(move |at| ((f64::from(at) * hz / f64::from(rate) * TAU).sin() * 20_000.0) as i16)
}

/// The samples of a WAV with the plain header.
fn samples_of(wav: &[u8]) -> Vec<i16> {
    wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[test]
fn an_mp3_has_the_very_frames_of_its_source() {
    for source in ALL {
        let from = check(source).unwrap();
        if from.container == Container::Mp3 {
            continue;
        }
        let to = check(&converted(source, Container::Mp3)).unwrap();
        assert_eq!((to.container, to.codec), (Container::Mp3, Codec::Mp3));
        let shape = |probe: &Probe| (probe.channels, probe.sample_rate, probe.frames);
        assert_eq!(shape(&to), shape(&from), "{from:?}");
        assert!(!to.truncated);
    }
}

#[test]
fn at_every_rate_of_mp3_and_every_length_the_frames_are_exact() {
    for rate in [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        for channels in [1, 2] {
            for frames in [1, 2, 575, 576, 577, 1_105, 1_152, 5_000, 12_345] {
                let samples: Vec<i16> = tone(frames * u32::from(channels), 400.0, rate).collect();
                let mp3 = converted(&wav_of(channels, rate, &samples), Container::Mp3);
                let probe = check(&mp3).unwrap();
                let shape = (probe.channels, probe.sample_rate, probe.frames, probe.truncated);
                assert_eq!(shape, (channels, rate, u64::from(frames), false));
            }
        }
    }
}

#[test]
fn every_frame_is_plain_stereo() {
    let mp3 = converted(S16_STEREO, Container::Mp3);
    // 64 kbit/s at 8 kHz: frames of 576 bytes.
    for frame in mp3.chunks(576) {
        assert_eq!((frame[0], frame[1] & 0xe0), (0xff, 0xe0));
        assert_eq!(frame[3] >> 6, 0, "neither joint, dual nor mono");
    }
}

#[test]
fn one_partys_channel_stays_silent_while_the_other_speaks() {
    for rate in [8_000, 16_000, 44_100] {
        for silent in [0, 1] {
            let mut samples = Vec::new();
            for sample in tone(rate * 2, 440.0, rate) {
                samples.extend(if silent == 1 { [sample, 0] } else { [0, sample] });
            }
            let source = wav_of(2, rate, &samples);
            let back = samples_of(&converted(&converted(&source, Container::Mp3), Container::Wav));
            assert_eq!(back.len(), samples.len());
            let energy = |channel: usize| {
                let of = back.iter().skip(channel).step_by(2);
                of.map(|sample| f64::from(*sample).powi(2)).sum::<f64>()
            };
            let (quiet, loud) = (energy(silent), energy(1 - silent));
            assert!(quiet < loud * 1e-6, "{rate} {silent}: {quiet} of {loud}");
            // The tone is where it was, and as loud.
            let sent: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
            let both = samples.iter().zip(&back);
            let like: f64 = both.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            assert!(like > 0.98 * (sent * loud).sqrt(), "{rate} {silent}");
        }
    }
}

#[test]
fn a_flac_becomes_a_wav_to_the_bit() {
    let made = converted(STEREO_FLAC, Container::Wav);
    let probe = check(&made).unwrap();
    assert_eq!((probe.container, probe.codec), (Container::Wav, Codec::PcmS16Le));
    assert_eq!((probe.channels, probe.sample_rate, probe.frames), (2, 8_000, 12_345));
    assert_eq!((probe.truncated, probe.repair), (false, None));
    // Both goldens begin at the same second of the same call.
    let call = samples_of(&converted(S16_STEREO, Container::Wav));
    assert_eq!(samples_of(&made)[..call.len()], call);
    let mono = samples_of(&converted(S24_MONO_FLAC, Container::Wav));
    let left: Vec<i16> = samples_of(&made).iter().step_by(2).copied().collect();
    assert_eq!(mono, left);
}

#[test]
fn an_mp3_becomes_a_wav_of_the_very_frames() {
    for source in [TAG_STEREO_MP3, NO_TAG_STEREO_MP3, ID3_VBR_MONO_MP3] {
        let (from, made) = (check(source).unwrap(), converted(source, Container::Wav));
        let to = check(&made).unwrap();
        let shape = |probe: &Probe| (probe.channels, probe.sample_rate, probe.frames);
        assert_eq!(shape(&to), shape(&from));
        assert_eq!(made.len() as u64, 44 + from.frames * 2 * u64::from(from.channels));
    }
    // What the tag takes off at the beginning and at the end is what the encoder had added.
    let (with, without) = (
        samples_of(&converted(TAG_STEREO_MP3, Container::Wav)),
        samples_of(&converted(NO_TAG_STEREO_MP3, Container::Wav)),
    );
    assert_eq!(with, without[2 * 1_105..][..with.len()]);
}

#[test]
fn a_wav_whose_header_lies_is_converted_by_what_is_there() {
    let lying = with(&with(S16_STEREO, 4, &[0; 4]), 40, &[0; 4]);
    assert!(check(&lying).unwrap().repair.is_some());
    assert_eq!(converted(&lying, Container::Mp3), converted(S16_STEREO, Container::Mp3));
    let cut = &S16_STEREO[..S16_STEREO.len() - 1_000];
    assert_eq!(check(&converted(cut, Container::Mp3)).unwrap().frames, 4_001 - 250);
}

#[test]
fn what_has_no_place_in_a_container_is_refused_with_the_reason() {
    let refused = |channels, rate, to| {
        let source = wav_of(channels, rate, &[0; 60]);
        convert_within(&source, to, &Limits::default()).unwrap_err().to_string()
    };
    assert_eq!(refused(1, 11_000, Container::Mp3), "MP3 of 11000 Hz is not supported");
    assert_eq!(refused(2, 96_000, Container::Mp3), "MP3 of 96000 Hz is not supported");
    assert_eq!(refused(3, 8_000, Container::Mp3), "MP3 of 3 channels is not supported");
    assert_eq!(refused(1, 8_000, Container::Flac), "writing FLAC is not supported");
    let error = most_bytes(Container::Wav, 2, 48_000, 1 << 30).unwrap_err().to_string();
    assert_eq!(error, "WAV of more than 4 GiB is not supported");
    let limits = Limits { max_channels: 1, ..Limits::default() };
    assert!(convert_within(S16_STEREO, Container::Mp3, &limits).is_err());
}

#[test]
fn without_lame_there_is_wav_only() {
    let lame = Path::new("/nowhere/libmp3lame.so.0");
    let convert = |source: &[u8], to| {
        let (source, limits) = (Cursor::new(source), Limits::default());
        convert(source, Cursor::new(Vec::new()), to, &Part::WHOLE, Encoder { lame }, &limits)
    };
    assert!(convert(STEREO_FLAC, Container::Wav).is_ok());
    let error = convert(S16_STEREO, Container::Mp3).unwrap_err();
    assert!(matches!(error, Error::NoEncoder(_)));
    let why = "MP3 needs the library LAME, which is not installed; Debian has it as libmp3lame0";
    assert!(error.to_string().starts_with(why), "{error}");
}

#[test]
fn many_samples_stay_in_order() {
    // More than is read or encoded at once, and of no round length.
    let ramp: Vec<i16> = (0..40_001_i32).map(|at| (at % 30_000) as i16).collect();
    let wav = wav_of(1, 16_000, &ramp);
    assert_eq!(samples_of(&converted(&wav, Container::Wav)), ramp);
}

#[test]
fn a_part_is_cut_to_the_sample() {
    let (_, call) = decoded(STEREO_FLAC);
    let part = Part { channel: Some(Channel::One(1)), frames: 1_000..9_000 };
    let cut = |to| {
        let (mut made, encoder) = (Cursor::new(Vec::new()), Encoder { lame: Path::new(LAME) });
        let from = Cursor::new(STEREO_FLAC);
        convert(from, &mut made, to, &part, encoder, &Limits::default()).unwrap();
        made.into_inner()
    };
    let right: Vec<i16> = call.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(samples_of(&cut(Container::Wav)), right[1_000..9_000]);
    let mp3 = check(&cut(Container::Mp3)).unwrap();
    assert_eq!((mp3.channels, mp3.frames), (1, 8_000));
    let beyond = Part { channel: None, frames: 12_345..20_000 };
    let encoder = Encoder { lame: Path::new(LAME) };
    let (from, to) = (Cursor::new(STEREO_FLAC), Cursor::new(Vec::new()));
    let error = convert(from, to, Container::Wav, &beyond, encoder, &Limits::default());
    assert_eq!(error.unwrap_err().to_string(), "no audio in the file");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a stranger sends ends in an answer.
    #[test]
    fn damaged_files_never_panic(
        which in 0..ALL.len(),
        at in 0..20_000_usize,
        other in proptest::collection::vec(any::<u8>(), 1..40),
        cut in 0..20_000_usize,
    ) {
        let mut bytes = ALL[which].to_vec();
        let at = at % bytes.len();
        let end = (at + other.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&other[..end - at]);
        bytes.truncate(bytes.len() - cut % bytes.len());
        for to in [Container::Wav, Container::Mp3] {
            let encoder = Encoder { lame: Path::new(LAME) };
            let limits = Limits::default();
            let mut made = Cursor::new(Vec::new());
            let _ = convert(Cursor::new(&bytes), &mut made, to, &Part::WHOLE, encoder, &limits);
        }
    }
}
