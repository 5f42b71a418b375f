use std::io::Cursor;

use super::*;
use crate::fixtures::*;

fn all(bytes: &[u8]) -> Vec<i16> {
    let mut all = Vec::new();
    let mut keep = |samples: &[i16]| {
        all.extend(samples);
        Ok(())
    };
    samples(&mut Cursor::new(bytes), &Limits::default(), &mut keep).unwrap();
    all
}

#[test]
fn the_laws_are_those_of_g711() {
    for (byte, sample) in
        [(0x00, -32_124), (0x80, 32_124), (0xff, 0), (0x7f, 0), (0xfe, 8), (0x0f, -16_764)]
    {
        assert_eq!(mu_law(byte), sample, "{byte:#x}");
    }
    for (byte, sample) in
        [(0x2a, -32_256), (0xaa, 32_256), (0xd5, 8), (0x55, -8), (0xd4, 24), (0x80, 5_504)]
    {
        assert_eq!(a_law(byte), sample, "{byte:#x}");
    }
}

#[test]
fn more_bits_are_rounded_and_clipped() {
    assert_eq!(of_i32(i32::MAX), i16::MAX);
    assert_eq!(of_i32(i32::MIN), i16::MIN);
    assert_eq!([of_i32(0x7fff), of_i32(0x8000), of_i32(-0x8001)], [0, 1, -1]);
    for (sample, expected) in
        [(1.0, i16::MAX), (-1.0, i16::MIN), (9.0, i16::MAX), (-9.0, i16::MIN), (f64::NAN, 0)]
    {
        assert_eq!(of_f64(sample), expected);
    }
    assert_eq!(of_f64(0.5 / 32_768.0), 1);
}

/// The goldens of every coding were made of the same µ-law call, so that but for the two laws
/// they all say the same.
#[test]
fn every_coding_says_the_same() {
    let stereo = all(S16_STEREO);
    assert_eq!(stereo.len(), 8_002);
    assert_eq!(all(MULAW_STEREO), stereo);
    assert_eq!(all(S24_STEREO), stereo);
    assert_eq!(all(F32_STEREO), stereo);
    let left: Vec<i16> = stereo.iter().step_by(2).copied().collect();
    let right: Vec<i16> = stereo.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(all(F64_MONO), left);
    assert_eq!(all(S32_MONO), right);
    assert_eq!(all(S24_EXTENSIBLE_MONO), right);
    let near = |other: &[u8], within: u16| {
        let other = all(other);
        assert!(left.iter().zip(&other).all(|(a, b)| a.abs_diff(*b) <= within));
    };
    near(U8_MONO, 512); // dithered
    near(ALAW_MONO, 1_024);
}
