//! Sounds to send.

use std::time::Duration;

/// A real call's first seconds, µ-law, 8 kHz, stereo: see `crates/audio/fixtures/README.md`.
pub const CALL: &[u8] = include_bytes!("../../audio/fixtures/mulaw-stereo.wav");
pub const MP3: &[u8] = include_bytes!("../../audio/fixtures/tag-stereo.mp3");
pub const FLAC: &[u8] = include_bytes!("../../audio/fixtures/stereo.flac");
pub const GSM: &[u8] = include_bytes!("../../audio/fixtures/mono.gsm");
pub const GSM_WAV: &[u8] = include_bytes!("../../audio/fixtures/gsm-mono.wav");
pub const IMA_WAV: &[u8] = include_bytes!("../../audio/fixtures/ima-stereo.wav");
pub const OPUS: &[u8] = include_bytes!("../../audio/fixtures/stereo.opus");
pub const VORBIS: &[u8] = include_bytes!("../../audio/fixtures/stereo.ogg");
pub const M4A: &[u8] = include_bytes!("../../audio/fixtures/stereo.m4a");
/// A call, and what audiowaveform makes of it: JSON of 1,024 samples, and of 256 each binary, and
/// binary of the channels' mix.
pub const PEAKS: (&[u8], &[u8], &[u8], &[u8]) = (
    include_bytes!("../../audio/fixtures/peaks/stereo.wav"),
    include_bytes!("../../audio/fixtures/peaks/stereo.split.json"),
    include_bytes!("../../audio/fixtures/peaks/stereo.split.dat"),
    include_bytes!("../../audio/fixtures/peaks/stereo.mix.dat"),
);

/// A tone of 440 Hz as a WAV of 16 bits, mono, 8 kHz, with the plainest header there is.
pub fn wav(length: Duration) -> Vec<u8> {
    let frames = u32::try_from(length.as_micros() / 125).expect("a short sound");
    let data = frames * 2;
    let mut file = Vec::with_capacity(44 + data as usize);
    file.extend(b"RIFF");
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(1_u16.to_le_bytes()); // PCM
    file.extend(1_u16.to_le_bytes());
    file.extend(8_000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    for frame in 0..frames {
        let phase = f64::from(frame) * 440.0 / 8_000.0 * std::f64::consts::TAU;
        #[expect(clippy::cast_possible_truncation, reason = "well inside 16 bits")]
        let sample = (phase.sin() * 8_000.0) as i16;
        file.extend(sample.to_le_bytes());
    }
    file
}
