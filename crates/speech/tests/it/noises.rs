//! What one hears on a telephone while nobody speaks.

use std::f32::consts::TAU;

const RATE: u16 = 16_000;

/// Six kinds, each of so many seconds.
pub(crate) fn all(seconds: u16) -> [(&'static str, Vec<f32>); 6] {
    let of = |sample: fn(Moment) -> f32| moments(seconds).map(sample).collect();
    [
        ("silence", of(|_| 0.0)),
        ("noise", noise(seconds, 0.1)),
        ("a quiet line", noise(seconds, 0.001)),
        ("ringing", of(ringing)),
        ("keys", of(keys)),
        ("music", of(music)),
    ]
}

/// When a sample is.
#[derive(Clone, Copy)]
struct Moment {
    /// In s.
    at: f32,
    quarters: usize,
}

fn moments(seconds: u16) -> impl Iterator<Item = Moment> {
    let moment = |second, n| Moment {
        at: f32::from(second) + f32::from(n) / f32::from(RATE),
        quarters: usize::from(second) * 4 + usize::from(n / (RATE / 4)),
    };
    (0..seconds).flat_map(move |second| (0..RATE).map(move |n| moment(second, n)))
}

fn tone(hertz: f32, at: f32) -> f32 {
    (TAU * (hertz * at).fract()).sin()
}

/// North America's: two seconds of six.
fn ringing(Moment { at, .. }: Moment) -> f32 {
    if at % 6.0 < 2.0 { 0.2 * (tone(440.0, at) + tone(480.0, at)) } else { 0.0 }
}

/// DTMF, all sixteen in turn.
fn keys(Moment { at, quarters }: Moment) -> f32 {
    let (row, column) = ([697.0, 770.0, 852.0, 941.0], [1_209.0, 1_336.0, 1_477.0, 1_633.0]);
    let both = tone(row[quarters / 4 % 4], at) + tone(column[quarters % 4], at);
    if at % 0.25 < 0.1 { 0.25 * both } else { 0.0 }
}

/// Four chords over a bass, and a melody that fades from note to note.
fn music(Moment { at, quarters }: Moment) -> f32 {
    let note = |half_tones: f32| 220.0 * 2.0_f32.powf(half_tones / 12.0);
    let chords = [[0.0, 4.0, 7.0], [-3.0, 0.0, 4.0], [5.0, 9.0, 12.0], [7.0, 11.0, 14.0]];
    let chord = chords[quarters / 8 % 4];
    let melody = [12.0, 16.0, 19.0, 16.0, 14.0, 11.0, 12.0, 9.0][quarters / 2 % 8];
    let fading = 1.0 - (at % 0.5);
    let voices: f32 = chord.iter().map(|key| tone(note(*key), at)).sum();
    let bass = tone(note(chord[0] - 12.0), at);
    let lead = tone(note(melody), at) + 0.4 * tone(2.0 * note(melody), at);
    0.06 * voices + 0.1 * bass + 0.15 * lead * fading
}

/// White, from a fixed seed.
fn noise(seconds: u16, loudness: f32) -> Vec<f32> {
    let mut random = 1_u32;
    let sample = |_| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let centred = f32::from((random >> 16) as u16) / 32_768.0 - 1.0;
        loudness * centred
    };
    moments(seconds).map(sample).collect()
}
