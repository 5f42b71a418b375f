//! The overlay of environment variables: `CALLVAULT_SECTION__KEY`, and `…_FILE` for secrets.

use std::ffi::OsString;

use super::Error;
use super::file::{File, KEYS, Secrecy};
use super::given::Origin;

/// Lays the `CALLVAULT_…` variables over what the file says. One that names no setting is an
/// error, and so is a secret that is given twice.
pub(super) fn overlay(
    file: &mut File,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), Error> {
    let mut seen = Vec::new();
    for (variable, text) in variables {
        let variable = variable.to_string_lossy().into_owned();
        if !variable.starts_with("CALLVAULT_") {
            continue;
        }
        let wrong = |why: String| Error::new(format!("{variable}: {why}"));
        let text = text.into_string().map_err(|_| wrong("must be UTF-8 text".to_owned()))?;
        let (name, text) = meant(&variable, text).map_err(wrong)?;
        if seen.contains(&name) {
            return Err(wrong("given twice: by value and by file".to_owned()));
        }
        file.set(&name, &text, Origin::Variable(variable.clone())).map_err(wrong)?;
        seen.push(name);
    }
    Ok(())
}

/// The setting that a variable is about, and its text: a secret's may come from a file, without
/// the line end that it ends with.
fn meant(variable: &str, text: String) -> Result<(String, String), String> {
    if let Some(name) = KEYS.iter().find_map(|key| key.meant_by(variable)) {
        return Ok((name, text));
    }
    let name = variable
        .strip_suffix("_FILE")
        .and_then(|variable| {
            let mut secrets = KEYS.iter().filter(|key| key.secrecy == Secrecy::Secret);
            secrets.find_map(|key| key.meant_by(variable))
        })
        .ok_or_else(|| "no such setting".to_owned())?;
    let secret = std::fs::read_to_string(&text).map_err(|error| format!("{text}: {error}"))?;
    let line = secret.strip_suffix('\n').unwrap_or(&secret);
    Ok((name, line.strip_suffix('\r').unwrap_or(line).to_owned()))
}
