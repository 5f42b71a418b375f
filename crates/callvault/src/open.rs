//! Opening the vault that a configuration means.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use speech::{Engine, Models, SpeakerModels};
use url::Url;
use vault::{ArchiveConfig, Clock, Vault, Workers};

use crate::config::{Archive, Audio, Config, Database, Denoiser, Secret};
use crate::deliver::Deliverer;
use crate::deliver::guard::Allow;
use crate::secret_key;

/// Opens the vault, and makes what is missing of it.
pub(crate) async fn vault(config: &Config) -> anyhow::Result<Vault> {
    let mut directory = DirBuilder::new();
    directory.recursive(true).mode(0o700);
    let data = &config.data;
    directory.create(data).with_context(|| format!("making {}", data.display()))?;
    let opened = Vault::open(assembled(config)?).await;
    opened.with_context(|| format!("opening the vault in {}", data.display()))
}

/// Opens a vault that is there already: a wrong directory is an error, not a new, empty vault.
pub(crate) async fn existing(config: &Config) -> anyhow::Result<Vault> {
    if let Database::Sqlite(path) = &config.database {
        anyhow::ensure!(path.exists(), "there is no vault: {} is missing", path.display());
    }
    vault(config).await
}

fn assembled(config: &Config) -> anyhow::Result<vault::Config> {
    let allow = Allow::parse(&config.outbound_allow).map_err(anyhow::Error::msg)?;
    Ok(vault::Config {
        secret_key: secret_key::secret_key(config)?,
        database: match &config.database {
            Database::Sqlite(path) => store::Config::Sqlite(path.clone()),
            Database::Postgres(url) => store::Config::Postgres(url.reveal().to_owned()),
        },
        audio: audio(config)?,
        archives: archives(config)?,
        clock: Clock::system(),
        prices: config.prices,
        workers: workers(),
        speech: speech(config),
        lame: vault::LAME.into(),
        dtln: (config.denoiser != Denoiser::RnNoise).then(|| config.models.clone()),
        max_upload_bytes: config.max_upload_bytes,
        default_media_auth: config.default_media_auth,
        outbound: Arc::new(Deliverer::new(allow)),
        rate_limit: config.rate_limit,
    })
}

/// Refuses a configuration that wants a denoiser that is not installed.
pub(crate) fn check_denoiser(config: &Config) -> anyhow::Result<()> {
    let is_there = || vault::DTLN.iter().all(|file| config.models.join(file).exists());
    anyhow::ensure!(
        config.denoiser != Denoiser::Dtln || is_there(),
        "denoise.engine: dtln is not installed in {}: `callvault model add dtln --from DIR` does it",
        config.models.display()
    );
    Ok(())
}

pub(crate) fn audio(config: &Config) -> anyhow::Result<blob::Config> {
    place(&config.audio, "store.audio", config)
}

fn archives(config: &Config) -> anyhow::Result<BTreeMap<String, ArchiveConfig>> {
    let archive = |(name, archive): (&String, &Archive)| {
        let place = place(&archive.place, &format!("archive.{name}.place"), config)?;
        Ok((name.clone(), ArchiveConfig { place, accounts: archive.accounts.clone() }))
    };
    config.archives.iter().map(archive).collect()
}

/// The folder or bucket that a setting means.
fn place(place: &Audio, setting: &str, config: &Config) -> anyhow::Result<blob::Config> {
    let reveal = |secret: &Secret| secret.reveal().to_owned();
    let mut audio = blob::Config {
        url: Url::parse("file:///")?,
        s3_endpoint: None,
        s3_region: None,
        s3_access_key: None,
        s3_secret_key: None,
        staging: config.data.join("staging"),
    };
    match place {
        Audio::Files(path) => {
            let path = std::path::absolute(path).context("finding the working directory")?;
            audio.url = Url::from_directory_path(&path)
                .map_err(|()| anyhow::anyhow!("{} is no directory", path.display()))?;
        }
        Audio::S3(s3) => {
            audio.url = Url::parse(&format!("s3://{}/{}", s3.bucket, s3.prefix))
                .with_context(|| format!("reading {setting}"))?;
            audio.s3_endpoint.clone_from(&s3.endpoint);
            audio.s3_region = Some(s3.region.clone());
            audio.s3_access_key = s3.keys.as_ref().map(|(access, _)| reveal(access));
            audio.s3_secret_key = s3.keys.as_ref().map(|(_, secret)| reveal(secret));
        }
    }
    Ok(audio)
}

/// The models, by where they are installed; whether they are is found out when they are needed.
fn speech(config: &Config) -> vault::Speech {
    let crate::config::Speech { model, language, jobs } = config.speech.clone();
    let installed = |file: &str| config.models.join(file);
    let is_path = model.contains(std::path::is_separator);
    let models = Models {
        whisper: if is_path { model.clone().into() } else { installed(&format!("{model}.bin")) },
        vad: installed("silero-vad.onnx"),
        speakers: Some(SpeakerModels {
            segmentation: installed("segmentation.onnx"),
            embedding: installed("campplus.onnx"),
        }),
    };
    vault::Speech { engine: Engine::Whisper(models), model, language, jobs }
}

/// As many workers as cores, of this very program: Linux leads to it even after the file was
/// replaced by another version, which would speak another protocol.
fn workers() -> Workers {
    let this = Path::new("/proc/self/exe");
    let program = if this.exists() {
        this.to_owned()
    } else {
        std::env::current_exe().unwrap_or_else(|_| PathBuf::from("callvault"))
    };
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    Workers::processes(program, count)
}
