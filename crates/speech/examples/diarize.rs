//! Who speaks when: `diarize SEGMENTATION EMBEDDING < SOUND`, where the sound is raw samples, `f32`
//! in little-endian order, of one channel at 16 kHz. Prints a line for each turn: start and end in
//! ms, speaker, confidence.

use std::error::Error;
use std::io::{Read, Write};

use speech::{Diarizer, SpeakerModels};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1);
    let (Some(segmentation), Some(embedding)) = (paths.next(), paths.next()) else {
        return Err("usage: diarize SEGMENTATION EMBEDDING < SOUND".into());
    };
    let models = SpeakerModels { segmentation: segmentation.into(), embedding: embedding.into() };
    let mut diarizer = Diarizer::new(&models)?;
    let mut bytes = vec![0; 1 << 16];
    let mut input = std::io::stdin().lock();
    loop {
        let mut filled = 0;
        while filled < bytes.len() {
            match input.read(&mut bytes[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        let samples: Vec<_> =
            bytes[..filled].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if samples.is_empty() {
            break;
        }
        diarizer.take(&samples)?;
    }
    let mut output = std::io::stdout().lock();
    for turn in diarizer.finish()?.turns {
        writeln!(
            output,
            "{} {} {} {:.3}",
            turn.start_ms, turn.end_ms, turn.speaker, turn.confidence
        )?;
    }
    Ok(())
}
