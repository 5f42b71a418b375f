//! The filters that make mel bands of a spectrum: triangles on Slaney's scale, each of the same
//! area, as in librosa's `filters.mel`.

use std::io::{self, Write};

/// What Whisper was trained on: 16 kHz, windows of 400 samples.
const HERTZ_PER_BIN: f64 = 16_000.0 / 400.0;
const BINS: u32 = 201;
const HIGHEST: f64 = 8_000.0;

/// Up to here the scale is linear, above it is logarithmic.
const BEND_HERTZ: f64 = 1_000.0;
const HERTZ_PER_MEL: f64 = 200.0 / 3.0;
const BEND_MELS: f64 = BEND_HERTZ / HERTZ_PER_MEL;

/// Writes the number of bands, that of bins, and band by band its weights.
pub(super) fn write(bands: u32, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&bands.to_le_bytes())?;
    to.write_all(&BINS.to_le_bytes())?;
    for weight in filters(bands) {
        to.write_all(&weight.to_le_bytes())?;
    }
    Ok(())
}

pub(super) fn filters(bands: u32) -> impl Iterator<Item = f32> {
    let edge = move |n: u32| hertz(mels(HIGHEST) * f64::from(n) / f64::from(bands + 1));
    (0..bands).flat_map(move |band| {
        let (low, middle, high) = (edge(band), edge(band + 1), edge(band + 2));
        (0..BINS).map(move |bin| {
            let at = f64::from(bin) * HERTZ_PER_BIN;
            let rising = (at - low) / (middle - low);
            let falling = (high - at) / (high - middle);
            #[expect(clippy::cast_possible_truncation, reason = "so they are kept")]
            let weight = (rising.min(falling).max(0.0) * 2.0 / (high - low)) as f32;
            weight
        })
    })
}

/// By how much the frequency grows from one mel to the next above the bend.
fn step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn mels(hertz: f64) -> f64 {
    if hertz < BEND_HERTZ {
        hertz / HERTZ_PER_MEL
    } else {
        BEND_MELS + (hertz / BEND_HERTZ).ln() / step()
    }
}

fn hertz(mels: f64) -> f64 {
    if mels < BEND_MELS {
        mels * HERTZ_PER_MEL
    } else {
        BEND_HERTZ * (step() * (mels - BEND_MELS)).exp()
    }
}
