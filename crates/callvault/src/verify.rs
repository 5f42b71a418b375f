//! `verify`: every recording has its bytes, and every byte its hash.

use std::fmt::Write as _;
use std::process::ExitCode;

use vault::{Fault, Verified};

use crate::config::Config;
use crate::{command, open};

/// Prints what is wrong, a line each, then what was looked at. Fails where anything is wrong.
pub(crate) async fn verify(config: &Config) -> anyhow::Result<ExitCode> {
    let vault = open::existing(config).await?;
    let verified = vault.verify(|recordings| tracing::info!(recordings, "verifying")).await?;
    command::print(&report(&verified))?;
    Ok(if verified.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(verified: &Verified) -> String {
    let mut text = String::new();
    for finding in &verified.findings {
        let _ = writeln!(text, "{}: {}", finding.path, fault(&finding.fault));
    }
    let Verified { recordings, bytes, findings, erasing, uploading, forgotten, .. } = verified;
    let wrong = findings.len();
    let _ = writeln!(text, "{recordings} recordings, {bytes} bytes: {wrong} wrong");
    if *erasing > 0 {
        let _ = writeln!(text, "{erasing} deleted, whose bytes are about to be removed");
    }
    if *uploading > 0 {
        let _ = writeln!(text, "{uploading} uploads in progress");
    }
    if *forgotten > 0 {
        let _ = writeln!(text, "{forgotten} conversions removed, to be made again when asked for");
    }
    if verified.transcripts > 0 {
        let _ = writeln!(text, "{} transcripts", verified.transcripts);
    }
    if verified.log_entries > 0 {
        let _ = writeln!(text, "{} entries of audit logs", verified.log_entries);
    }
    text
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Missing => "the bytes are missing".to_owned(),
        Fault::Size { expected, found } => format!("{found} bytes instead of {expected}"),
        Fault::Hash => "the bytes are not those that were sent".to_owned(),
        Fault::Unreadable(why) => format!("the bytes cannot be read: {why}"),
        Fault::Log(why) | Fault::Transcript(why) => (*why).to_owned(),
        Fault::Orphan => "bytes that no recording has".to_owned(),
    }
}
