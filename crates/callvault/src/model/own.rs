//! Models of the user's own: Whisper in ggml's format.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::{Known, State, make_directory, put, temporary};

/// What the file of a speech model ends in.
const ENDING: &str = ".bin";

/// Installs a file of the user's own; the model's name, which is the file's without its ending.
pub(crate) fn add_own(file: &Path, directory: &Path) -> anyhow::Result<String> {
    let place = file.display();
    let mut from = File::open(file).with_context(|| place.to_string())?;
    check(&mut from).with_context(|| place.to_string())?;
    let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ensure!(
        !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain),
        "{place}: a model is named after its file: give it a name of A-Z, a-z, 0-9, -, _ and ."
    );
    ensure!(
        Known::by_name(Path::new(name)).is_none(),
        "{place}: {name} is the name of a known model: rename the file"
    );
    make_directory(directory)?;
    let mut made = temporary(directory)?;
    from.rewind()?;
    io::copy(&mut from, &mut made).with_context(|| format!("copying {place}"))?;
    put(made, directory, &format!("{name}{ENDING}"))?;
    Ok(name.to_owned())
}

/// The user's own models, by name.
pub(crate) fn own(directory: &Path) -> anyhow::Result<Vec<(String, State)>> {
    let entries = match directory.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| directory.display().to_string())?,
    };
    let mut models = Vec::new();
    for entry in entries {
        let file = entry?.file_name();
        let Some(name) = file.to_str().and_then(|file| file.strip_suffix(ENDING)) else { continue };
        if Known::by_name(Path::new(name)).is_none() {
            let checked = File::open(directory.join(&file))
                .map_err(anyhow::Error::from)
                .and_then(|mut file| check(&mut file));
            let state = if checked.is_ok() { State::Installed } else { State::Damaged };
            models.push((name.to_owned(), state));
        }
    }
    models.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(models)
}

/// Looks at the header of ggml's Whisper files: twelve little-endian words of 32 bits, the magic
/// and eleven sizes, of which these are the same in all models.
fn check(file: &mut File) -> anyhow::Result<()> {
    let mut header = [0; 48];
    let long_enough = file.read_exact(&mut header);
    let (words, _) = header.as_chunks::<4>();
    if long_enough.is_err() || &words[0] != b"lmgg" {
        bail!("not a Whisper model in ggml's format");
    }
    let word = |at: usize| u32::from_le_bytes(words[at]);
    let (audio_context, text_context, mels) = (word(2), word(6), word(10));
    ensure!(
        audio_context == 1_500 && text_context == 448 && [80, 128].contains(&mels),
        "a model in ggml's format, but not a Whisper model"
    );
    Ok(())
}
