use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use super::*;
use crate::fixtures::*;

/// DTLN, where `TEST_MODELS_DIR` says that it is installed.
pub(super) fn dtln() -> Option<&'static Dtln> {
    static DTLN: LazyLock<Option<Dtln>> = LazyLock::new(|| {
        let Some(directory) = std::env::var_os("TEST_MODELS_DIR") else {
            assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_MODELS_DIR is not set");
            return None;
        };
        let model = |file| Path::new(&directory).join(file);
        Some(Dtln::load(&model("dtln-1.onnx"), &model("dtln-2.onnx")).unwrap())
    });
    DTLN.as_ref()
}

/// Every engine that there is.
fn engines() -> impl Iterator<Item = Engine<'static>> {
    [Engine::RnNoise].into_iter().chain(dtln().map(Engine::Dtln))
}

fn cleaned(engine: Engine<'_>, file: &[u8]) -> Vec<i16> {
    let mut made = Vec::new();
    let source = denoise(Cursor::new(file), &mut made, engine, &Limits::default()).unwrap();
    let probe = check(&made).unwrap();
    let shape = |probe: &Probe| (probe.channels, probe.sample_rate, probe.frames);
    assert_eq!(shape(&probe), shape(&source));
    assert_eq!((probe.truncated, probe.repair), (false, None));
    decoded(&made).1
}

/// The end of a call, with the two parties on the two channels.
const CALL: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/peaks/stereo.wav"));

fn legs(samples: &[i16]) -> (Vec<i16>, Vec<i16>) {
    samples.chunks_exact(2).map(|two| (two[0], two[1])).unzip()
}

#[test]
fn every_format_comes_out_as_long_as_it_was() {
    for engine in engines() {
        for file in ALL {
            assert_eq!(cleaned(engine, file).len(), decoded(file).1.len());
        }
    }
}

#[test]
fn at_every_rate_and_length_it_is_as_long_and_where_it_was() {
    let (call, _) = legs(&decoded(CALL).1);
    for rate in [4_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000_u32] {
        for frames in [1, 479, 480, 481, 9_000] {
            let data: Vec<u8> =
                call[..frames].iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let file = wav(&[format(1, 1, rate, 2, 16), chunk(b"data", &data)]);
            for engine in engines() {
                assert_eq!(cleaned(engine, &file).len(), frames, "{rate} {engine:?}");
            }
        }
    }
}

#[test]
fn each_leg_stays_where_it_was_and_takes_nothing_of_the_other() {
    for engine in engines() {
        let (left, right) = legs(&decoded(CALL).1);
        let (clean_left, clean_right) = legs(&cleaned(engine, CALL));
        for (own, clean, other) in [(&left, &clean_left, &right), (&right, &clean_right, &left)] {
            let like = likeness(own, clean);
            assert!(like > 0.95, "{like}");
            // To the sample.
            for shift in 1..=4 {
                assert!(likeness(&own[shift..], clean) < like, "{shift}");
                assert!(likeness(own, &clean[shift..]) < like, "{shift}");
            }
            let cross = likeness(other, clean).abs();
            assert!(cross < likeness(other, own).abs() + 0.02, "{cross}");
        }
    }
}

/// In dB, of the stretches of 20 ms in which somebody speaks.
fn speech_level(reference: &[i16], samples: &[i16]) -> f64 {
    let energy = |part: &[i16]| part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let loudest = reference.chunks(160).map(energy).fold(0.0, f64::max);
    let spoken = reference.chunks(160).zip(samples.chunks(160));
    let spoken = spoken.filter(|(reference, _)| energy(reference) > loudest / 1_000.0);
    10.0 * spoken.map(|(_, part)| energy(part)).sum::<f64>().log10()
}

#[test]
fn speech_stays_as_loud() {
    for engine in engines() {
        let (before, after) = (legs(&decoded(CALL).1), legs(&cleaned(engine, CALL)));
        for (before, after) in [(before.0, after.0), (before.1, after.1)] {
            let change = speech_level(&before, &after) - speech_level(&before, &before);
            assert!(change.abs() < 0.5, "{change} dB");
        }
    }
}

#[test]
fn noise_becomes_less() {
    for engine in engines() {
        let (call, _) = legs(&decoded(CALL).1);
        let mut random = 1_u32;
        let mut noise = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 22) as i16 - 512
        };
        // Five seconds of noise, and a voice over it in the middle.
        let mixed: Vec<i16> = call.iter().map(|sample| sample.saturating_add(noise())).collect();
        let alone: Vec<i16> = (0..16_000).map(|_| noise()).collect();
        let all = [&alone[..], &mixed, &alone].concat();
        let data: Vec<u8> = all.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let clean = cleaned(engine, &wav(&[format(1, 1, 8_000, 2, 16), chunk(b"data", &data)]));
        let energy = |part: &[i16]| part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        // After the first second, which it takes to know the noise.
        let (before, after) = (energy(&all[8_000..14_000]), energy(&clean[8_000..14_000]));
        assert!(after < before / 4.0, "{before} {after}");
        let middle = 16_000..16_000 + call.len();
        let error = |sound: &[i16]| {
            let difference = sound.iter().zip(&call).map(|(a, b)| f64::from(*a) - f64::from(*b));
            difference.map(|d| d * d).sum::<f64>()
        };
        assert!(error(&clean[middle.clone()]) < error(&all[middle]));
    }
}
