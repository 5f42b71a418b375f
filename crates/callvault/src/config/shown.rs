//! The effective configuration as people read it.

use std::fmt::Write;

use toml::Value;
use vonage::AudioFormat;

use super::file::{KEYS, SECTIONS};
use super::{Audio, Config, Database, Denoiser};

const HIDDEN: &str = "(hidden)";

/// Writes the configuration as TOML, secrets hidden, after a comment that names the data
/// directory. What is not set and has no default is left out.
pub(crate) fn toml(config: &Config) -> String {
    let mut text = format!("# data directory: {}\n", config.data.display());
    for (section, _) in SECTIONS {
        let _ = write!(text, "\n[{section}]\n");
        for key in KEYS.iter().filter(|key| key.section == *section) {
            if let Some(value) = value(config, key.name) {
                let name = key.name.rsplit('.').next().unwrap_or_default();
                let _ = writeln!(text, "{name} = {value}");
            }
        }
    }
    text
}

fn value(config: &Config, name: &str) -> Option<Value> {
    let text = |text: &str| Some(Value::String(text.to_owned()));
    let s3 = match &config.audio {
        Audio::S3(s3) => Some(s3),
        Audio::Files(_) => None,
    };
    match name {
        "server.listen" => text(&config.listen.to_string()),
        "server.public_url" => text(&config.public_url()),
        "server.tls_cert" => config.tls.as_ref().and_then(|tls| text(&tls.cert.to_string_lossy())),
        "server.tls_key" => config.tls.as_ref().and_then(|tls| text(&tls.key.to_string_lossy())),
        "server.trusted_proxies" => {
            Some(config.trusted_proxies.networks().collect::<Vec<_>>().into())
        }
        "server.secret_key" => config.secret_key.as_ref().and_then(|_| text(HIDDEN)),
        "server.max_upload_bytes" => i64::try_from(config.max_upload_bytes).ok().map(Value::from),
        "server.rate_limit" => config
            .rate_limit
            .and_then(|limit| text(&format!("{}/{}s", limit.requests, limit.span.as_secs()))),
        "server.default_media_auth" => Some(config.default_media_auth.into()),
        "outbound.allow" => Some(config.outbound_allow.clone().into()),
        "price.storage_per_minute_month" => {
            text(&config.prices.storage_per_minute_month.to_string())
        }
        "price.free_days" => Some(i64::from(config.prices.free_days).into()),
        "vonage.audio_format" => text(match config.vonage_audio {
            AudioFormat::Mp3 => "mp3",
            AudioFormat::Stored => "stored",
        }),
        "store.database" => text(&database(&config.database)),
        "store.audio" => text(&audio(&config.audio)),
        "store.s3_endpoint" => s3.and_then(|s3| text(s3.endpoint.as_deref()?)),
        "store.s3_region" => s3.and_then(|s3| text(&s3.region)),
        "store.s3_access_key" | "store.s3_secret_key" => {
            s3.and_then(|s3| s3.keys.as_ref()).and_then(|_| text(HIDDEN))
        }
        "denoise.engine" => text(match config.denoiser {
            Denoiser::Auto => "auto",
            Denoiser::RnNoise => "rnnoise",
            Denoiser::Dtln => "dtln",
        }),
        "models.dir" => text(&config.models.display().to_string()),
        _ => None,
    }
}

fn database(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.without_password(),
    }
}

fn audio(audio: &Audio) -> String {
    match audio {
        Audio::Files(path) => format!("file:{}", path.display()),
        Audio::S3(s3) => format!("s3://{}/{}", s3.bucket, s3.prefix),
    }
}
