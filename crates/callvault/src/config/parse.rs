//! Parsers of single settings. Each error says what is wanted instead, fit to follow `name: `.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;
use vault::{Money, RateLimit};
use vonage::AudioFormat;
use web::TrustedProxies;

use super::given::{Number, Size};
use super::{Denoiser, Listen, Secret};
use crate::deliver::guard::Allow;

/// `HOST:PORT`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn listen(text: &str) -> Result<Listen, String> {
    let why = || format!("must be HOST:PORT, not {text:?}");
    let (host, port) = text.rsplit_once(':').ok_or_else(why)?;
    let port = port.parse().map_err(|_| why())?;
    let name = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    };
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) if address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()) => {
            Ok(Listen { host: address.to_owned(), port })
        }
        None if name(host) => Ok(Listen { host: host.to_owned(), port }),
        _ => Err(why()),
    }
}

impl Listen {
    pub(super) fn is_wildcard(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
    }
}

/// An `http` or `https` URL of nothing but a host and perhaps a port; without the slash at the
/// end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let why = || format!("must be http:// or https:// and a host, without a path, not {text:?}");
    let url = Url::parse(text).map_err(|_| why())?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if bare && ["http", "https"].contains(&url.scheme()) && url.has_host() {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(why())
    }
}

/// `COUNT/SPAN`, as `300/5s`: a number of requests in a number of seconds.
pub(super) fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let positive = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    let limit = || {
        let (requests, span) = text.split_once('/')?;
        let span = Duration::from_secs(positive(span.strip_suffix('s')?)?.into());
        Some(RateLimit { requests: positive(requests)?, span })
    };
    limit().ok_or_else(|| format!("must be COUNT/SPAN, as in \"300/5s\", not {text:?}"))
}

/// 64 hexadecimal characters. The text is not repeated: it may be another secret.
pub(super) fn secret_key(text: &str) -> Result<Secret, String> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err("must be 64 hexadecimal characters, as `openssl rand -hex 32` writes them".to_owned())
    }
}

/// At least one byte.
pub(super) fn upload_limit(Size(bytes): Size) -> Result<u64, String> {
    if bytes == 0 { Err("must be at least 1".to_owned()) } else { Ok(bytes) }
}

/// An exact amount, never negative.
pub(super) fn money(Number(text): &Number) -> Result<Money, String> {
    text.parse().map_err(|_| {
        format!("must be a decimal number from 0 with at most nine decimals, not {text:?}")
    })
}

pub(super) fn hosts(entries: &[String]) -> Result<Vec<String>, String> {
    Allow::parse(entries).map(|_| entries.to_vec())
}

/// Networks and addresses; a name would have to be looked up, by whoever answers.
pub(super) fn proxies(entries: &[String]) -> Result<TrustedProxies, String> {
    TrustedProxies::parse(entries)
        .map_err(|entry| format!("must be addresses or networks, as 10.0.0.0/8, not {entry:?}"))
}

pub(super) fn audio_format(text: &str) -> Result<AudioFormat, String> {
    match text {
        "mp3" => Ok(AudioFormat::Mp3),
        "stored" => Ok(AudioFormat::Stored),
        _ => Err(format!("must be \"mp3\" or \"stored\", not {text:?}")),
    }
}

pub(super) fn denoiser(text: &str) -> Result<Denoiser, String> {
    match text {
        "auto" => Ok(Denoiser::Auto),
        "rnnoise" => Ok(Denoiser::RnNoise),
        "dtln" => Ok(Denoiser::Dtln),
        _ => Err(format!("must be \"auto\", \"rnnoise\" or \"dtln\", not {text:?}")),
    }
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.contains('\0') {
        Err("must be a path".to_owned())
    } else {
        Ok(PathBuf::from(text))
    }
}

/// What `store.database` may say.
pub(super) enum DatabasePlace {
    DataDirectory,
    File(PathBuf),
    Postgres(Secret),
}

/// `sqlite:`, `sqlite:PATH` or a `postgres://` URL. The text may hold a password: it is not
/// repeated.
pub(super) fn database(text: &str) -> Result<DatabasePlace, String> {
    match text.split_once(':') {
        Some(("sqlite", "")) => Ok(DatabasePlace::DataDirectory),
        Some(("sqlite", file)) if !file.starts_with(':') => path(file).map(DatabasePlace::File),
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            Ok(DatabasePlace::Postgres(Secret::new(text.to_owned())))
        }
        _ => Err("must be sqlite:, sqlite:PATH or postgres://…".to_owned()),
    }
}

/// What `store.audio` may say.
pub(super) enum AudioPlace {
    DataDirectory,
    Directory(PathBuf),
    S3 { bucket: String, prefix: String },
}

/// `file:`, `file:PATH` (also `file:///PATH`) or `s3://BUCKET/PREFIX`.
pub(super) fn audio(text: &str) -> Result<AudioPlace, String> {
    let why = || format!("must be file:, file:PATH or s3://BUCKET/PREFIX, not {text:?}");
    match text.split_once(':') {
        Some(("file", "")) => Ok(AudioPlace::DataDirectory),
        Some(("file", place)) => {
            let place = place.strip_prefix("//").unwrap_or(place);
            path(place).map(AudioPlace::Directory)
        }
        Some(("s3", place)) => {
            let place = place.strip_prefix("//").ok_or_else(why)?;
            let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
            let prefix = prefix.trim_end_matches('/');
            let letters =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
            let plain = |part: &str| {
                let safe = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                !["", ".", ".."].contains(&part) && part.bytes().all(safe)
            };
            let named = !bucket.is_empty() && bucket.bytes().all(letters);
            if named && (prefix.is_empty() || prefix.split('/').all(plain)) {
                Ok(AudioPlace::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
            } else {
                Err(why())
            }
        }
        _ => Err(why()),
    }
}
