use std::io::Cursor;

use super::*;
use crate::fixtures::*;

fn heard(file: &[u8], sample_rate: u32) -> (Probe, Vec<Vec<f32>>) {
    let mut all = Vec::new();
    let mut sink = |block: &[Vec<f32>]| {
        all.resize(block.len(), Vec::new());
        assert!(block.iter().all(|channel| channel.len() == block[0].len()));
        for (all, channel) in all.iter_mut().zip(block) {
            all.extend(channel);
        }
        Ok::<_, Error>(())
    };
    let probe = hear(Cursor::new(file), sample_rate, &Limits::default(), &mut sink).unwrap();
    (probe, all)
}

/// A tone that comes and goes, on one channel.
fn tone(rate: u32, frames: u32) -> Vec<f64> {
    let at = |n| f64::from(n) / f64::from(rate);
    let tone = |n| (at(n) * 440.0 * std::f64::consts::TAU).sin();
    (0..frames).map(|n| tone(n) * (at(n) * 3.0).sin().powi(2) * 0.5).collect()
}

#[test]
fn every_format_is_heard_in_full_on_all_channels() {
    for file in ALL {
        for rate in [8_000, 16_000] {
            let (probe, all) = heard(file, rate);
            assert_eq!(all.len(), usize::from(probe.channels));
            let length = (probe.frames * u64::from(rate)).div_ceil(probe.sample_rate.into());
            assert_eq!(all[0].len() as u64, length, "{probe:?}");
        }
    }
}

#[test]
fn at_its_own_rate_each_sample_is_what_it_was() {
    let (probe, samples) = decoded(S16_STEREO);
    let (_, all) = heard(S16_STEREO, probe.sample_rate);
    for (n, sample) in samples.iter().enumerate() {
        assert!((all[n % 2][n / 2] * 32_768.0 - f32::from(*sample)).abs() < 0.01);
    }
}

#[test]
fn at_another_rate_each_moment_stays_where_it_was() {
    for rate in [4_000, 8_000, 11_025, 22_050, 44_100, 48_000, 96_000] {
        let data: Vec<u8> = tone(rate, rate * 3).iter().flat_map(|s| s.to_le_bytes()).collect();
        let (_, all) = heard(&wav(&[format(3, 1, rate, 8, 64), chunk(b"data", &data)]), 16_000);
        let expected = tone(16_000, 48_000);
        let error = |here: &[f32], there: &[f64]| {
            let pairs = here.iter().zip(there).take(40_000);
            pairs.map(|(a, b)| (f64::from(*a) - b).powi(2)).sum::<f64>()
        };
        let (all, in_place) = (&all[0], error(&all[0][100..], &expected[100..]));
        // By half a sample at most.
        assert!(in_place < error(&all[101..], &expected[100..]) / 3.0, "{rate}");
        assert!(in_place < error(&all[100..], &expected[101..]) / 3.0, "{rate}");
    }
}

#[test]
fn the_sinks_refusal_ends_it() {
    #[derive(Debug, PartialEq)]
    enum Refusal {
        Own,
        File,
    }
    impl From<Error> for Refusal {
        fn from(_: Error) -> Self {
            Self::File
        }
    }
    let limits = Limits::default();
    let mut calls = 0;
    let answer = hear(Cursor::new(STEREO_FLAC), 16_000, &limits, &mut |_| {
        calls += 1;
        Err(Refusal::Own)
    });
    assert_eq!((answer, calls), (Err(Refusal::Own), 1));
    let answer = hear(Cursor::new(b"nothing"), 16_000, &limits, &mut |_| Err(Refusal::Own));
    assert_eq!(answer, Err(Refusal::File));
}
