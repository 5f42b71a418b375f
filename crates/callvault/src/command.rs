//! The commands: each does one thing and prints what it did.

mod account;
mod model;
mod retention;
mod user;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use blob::Keeps;
use serde_json::Value;
use vault::AuthId;

use crate::cli::Command;
use crate::config::{Config, shown};
use crate::{open, serve, verify};

pub(crate) async fn obey(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { .. } => serve::serve(config).await?,
        Command::Account(command) => account::obey(command, config).await?,
        Command::Retention(command) => retention::obey(*command, config).await?,
        Command::Model(command) => model::obey(command, &config.models)?,
        Command::User(command) => user::obey(command, config).await?,
        Command::Verify => return verify::verify(config).await,
        Command::Purge => {
            open::existing(config).await?.purge().await?;
            print("the database was written anew\n")?;
        }
        Command::Config(_) | Command::Worker => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the effective configuration, or says what is wrong with it or with the files it names.
pub(crate) async fn check(config: &Config) -> anyhow::Result<()> {
    open::check_denoiser(config)?;
    let mut warnings = Vec::new();
    if let Some(files) = &config.tls {
        files.check()?;
        warnings.extend(files.warning());
    }
    warnings.extend(deletes_that_do_not_delete(config).await?);
    for warning in warnings {
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
    print(&shown::toml(config))
}

/// What there is to say of a bucket that keeps what is deleted in it.
async fn deletes_that_do_not_delete(config: &Config) -> anyhow::Result<Option<String>> {
    let audio = open::audio(config)?;
    let why = match audio.keeps_deleted().await {
        Ok(None) => return Ok(None),
        Ok(Some(Keeps::Locked)) => {
            "has object lock on: nothing can be deleted there for good".into()
        }
        Ok(Some(Keeps::Versions)) => {
            "has versioning on: a deleted recording stays there as an older version".into()
        }
        Ok(Some(Keeps::OldVersions)) => {
            "has had versioning on: a recording of that time stays there as an older version".into()
        }
        Err(error) => {
            let error = anyhow::Error::new(error);
            format!("could not be asked whether it keeps what is deleted: {error:#}")
        }
    };
    Ok(Some(format!("store.audio: the bucket {why}")))
}

/// Prints text that is meant for standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("writing to standard output")
}

/// Says on standard error why a command failed. Where that fails too, nothing is left to do.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}

/// Prints what was made: one JSON object, or a line for each of its keys that has a value. The
/// remark is for people: with JSON it goes to standard error.
fn answer<const N: usize>(
    json: bool,
    object: [(&str, Value); N],
    remark: &str,
) -> anyhow::Result<()> {
    if json {
        let _ = write!(std::io::stderr(), "{remark}");
        let object: Value = object.into_iter().collect();
        return print(&format!("{object}\n"));
    }
    let mut text = String::new();
    for (key, value) in &object {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Array(entries) => {
                entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        writeln!(text, "{key:20} {value}")?;
    }
    print(&format!("{text}\n{remark}"))
}

/// Reads an Auth ID that was typed.
fn auth_id(text: &str) -> anyhow::Result<AuthId> {
    text.parse()
        .map_err(|_| anyhow::anyhow!("{text:?} is not an Auth ID: MA or SA and 18 of A-Z and 0-9"))
}

/// Words what the vault said of an account that was named on the command line.
fn about(auth_id: &AuthId, error: vault::Error) -> anyhow::Error {
    match error {
        vault::Error::NotFound => anyhow::anyhow!("there is no account {auth_id}"),
        other => other.into(),
    }
}
