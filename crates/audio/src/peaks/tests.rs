use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::fixtures::*;

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/peaks/", $name))
    };
}

fn drawn(file: &[u8], format: PeaksFormat, samples_per_pixel: u32, mix: bool) -> Vec<u8> {
    let wanted = Peaks { format, samples_per_pixel, mix };
    let mut made = Vec::new();
    let probe = peaks(Cursor::new(file), &mut made, wanted, &Limits::default()).unwrap();
    assert!(made.len() as u64 <= wanted.most_bytes(probe.channels, probe.frames));
    made
}

#[test]
fn they_are_audiowaveforms_to_the_byte() {
    use PeaksFormat::{Binary, Json};
    let (stereo, mono) = (file!("stereo.wav"), file!("mono.wav"));
    assert_eq!(drawn(stereo, Binary, 256, true), file!("stereo.mix.dat"));
    assert_eq!(drawn(stereo, Binary, 256, false), file!("stereo.split.dat"));
    assert_eq!(drawn(stereo, Json, 1_024, false), file!("stereo.split.json"));
    for mix in [false, true] {
        assert_eq!(drawn(mono, Binary, 256, mix), file!("mono.dat"));
        assert_eq!(drawn(mono, Json, 1_024, mix), file!("mono.json"));
    }
}

#[test]
fn every_format_has_them() {
    for file in ALL {
        let probe = check(file).unwrap();
        let made = drawn(file, PeaksFormat::Binary, 64, false);
        let head = if probe.channels == 1 { 20 } else { 24 };
        let pixels = probe.frames.div_ceil(64) * 2 * u64::from(probe.channels);
        assert_eq!(made.len() as u64, head + pixels, "{probe:?}");
        let json = drawn(file, PeaksFormat::Json, 64, true);
        assert!(json.starts_with(b"{\"version\":2,\"channels\":1,") && json.ends_with(b"]}\n"));
    }
}

proptest! {
    /// Whatever a stranger sends ends in an answer.
    #[test]
    fn damaged_files_never_panic(which in 0..ALL.len(), at in 0..9_000_usize, byte: u8) {
        let mut bytes = ALL[which].to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let wanted = Peaks { format: PeaksFormat::Json, samples_per_pixel: 256, mix: false };
        let _ = peaks(Cursor::new(&bytes), Vec::new(), wanted, &Limits::default());
    }
}
