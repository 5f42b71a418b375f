//! Configuration in two stages: what was typed ([`file::File`]), and what is meant ([`Config`]).

pub(crate) mod docs;
mod environment;
pub mod file;
mod given;
mod meant;
mod parse;
pub(crate) mod shown;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::certificate::Files;
use file::File;
use given::{Given, Origin};

/// What is meant: parsed, and its combinations checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    pub listen: Listen,
    /// `server.public_url`, without a slash at the end, where it is given.
    pub given_public_url: Option<String>,
    /// Where it is not given, HTTP is plain.
    pub tls: Option<Files>,
    pub trusted_proxies: web::TrustedProxies,
    pub max_upload_bytes: u64,
    pub rate_limit: Option<vault::RateLimit>,
    pub default_media_auth: bool,
    /// Hosts and networks that callbacks may reach though they are not public.
    pub outbound_allow: Vec<String>,
    pub prices: vault::Prices,
    pub vonage_audio: vonage::AudioFormat,
    pub database: Database,
    pub audio: Audio,
    pub denoiser: Denoiser,
    pub models: PathBuf,
    /// 64 hexadecimal characters; where it is not given, a file in the data directory has it.
    pub secret_key: Option<Secret>,
}

/// Where to listen: a name or an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// An IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
}

/// What denoises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Denoiser {
    /// DTLN where it is installed.
    #[default]
    Auto,
    RnNoise,
    Dtln,
}

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(Secret),
}

#[derive(Debug, Clone)]
pub enum Audio {
    Files(PathBuf),
    S3(S3),
}

#[derive(Debug, Clone)]
pub struct S3 {
    pub bucket: String,
    /// Without a slash at either end; may be empty.
    pub prefix: String,
    /// `None` is Amazon's.
    pub endpoint: Option<String>,
    pub region: String,
    /// The access key and the secret key.
    pub keys: Option<(Secret, Secret)>,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a configuration cannot be used, with the place.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// What flags say.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub listen: Option<String>,
}

impl Config {
    /// Reads the file, lays the environment over it, the flags over both, and checks the whole.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Error> {
        let source = match &flags.config {
            None => Source::default(),
            Some(path) => Source::open(path)?,
        };
        let mut file = source.parse()?;
        environment::overlay(&mut file, environment)?;
        if let Some(listen) = &flags.listen {
            file.server.listen =
                Some(Given { value: listen.clone(), origin: Origin::Flag("--listen") });
        }
        let data = flags.data.clone().unwrap_or_else(|| PathBuf::from("callvault-data"));
        meant::config(file, data, &source)
    }

    /// What every URL that is handed out starts with.
    pub fn public_url(&self) -> String {
        self.public_url_at(self.listen.port)
    }

    /// What is spoken on the listener.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The same where the port was chosen by the system.
    pub fn public_url_at(&self, port: u16) -> String {
        let listen = Listen { host: self.listen.host.clone(), port };
        self.given_public_url.clone().unwrap_or_else(|| format!("{}://{listen}", self.scheme()))
    }
}

/// The file that was read, for the places in it.
#[derive(Debug, Default)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
        Ok(Self { path: path.to_owned(), text })
    }

    fn parse(&self) -> Result<File, Error> {
        toml::from_str(&self.text).map_err(|error| {
            let place = self.place(error.span().map_or(0, |span| span.start));
            Error::new(format!("{place}: {}", error.message()))
        })
    }

    /// A byte's place, as `callvault.toml:3`.
    fn place(&self, byte: usize) -> String {
        let before = self.text.as_bytes().iter().take(byte);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        format!("{}:{line}", self.path.display())
    }

    /// Says that a setting's value cannot be used.
    fn wrong(&self, name: &str, origin: &Origin, why: impl fmt::Display) -> Error {
        Error::new(match origin {
            Origin::File(byte) => format!("{}: {name}: {why}", self.place(*byte)),
            Origin::Variable(variable) => format!("{variable}: {why}"),
            Origin::Flag(flag) => format!("{flag}: {why}"),
        })
    }
}

impl Error {
    fn new(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A URL's scheme, host and path: what may be shown of it.
    fn without_password(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        format!("{scheme}://{place}")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests;
