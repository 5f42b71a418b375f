//! From what was typed to what is meant: the defaults, and what only together is right or wrong.

use std::path::{Path, PathBuf};

use vault::Prices;

use crate::certificate::Files;

use super::file::{self, File, Price, Server, Store};
use super::given::{Given, Number};
use super::parse::{self, ArchivePlace, AudioPlace, DatabasePlace};
use super::{Archive, Audio, Config, Database, Error, Listen, S3, Secret, Source, Speech};

const DEFAULT_MAX_UPLOAD: u64 = 2 << 30;

pub(super) fn config(file: File, data: PathBuf, source: &Source) -> Result<Config, Error> {
    let File { server, outbound, price, vonage, store, archive, speech, denoise, models } = file;
    let tls = tls(&server, source)?;
    let (listen, given_public_url) = addresses(&server, source)?;
    let secret_key = source
        .read("server.secret_key", server.secret_key.as_ref(), |text| parse::secret_key(text))?;
    let proxies = server.trusted_proxies.as_ref();
    let proxies = source.read("server.trusted_proxies", proxies, |list| parse::proxies(list))?;
    let rate_limit = source
        .read("server.rate_limit", server.rate_limit.as_ref(), |text| parse::rate_limit(text))?;
    let max_upload = server.max_upload_bytes.as_ref();
    let max_upload =
        source.read("server.max_upload_bytes", max_upload, |size| parse::upload_limit(*size))?;
    let outbound_allow =
        source.read("outbound.allow", outbound.allow.as_ref(), |list| parse::hosts(list))?;
    let vonage_audio = vonage.audio_format.as_ref();
    let vonage_audio =
        source.read("vonage.audio_format", vonage_audio, |text| parse::audio_format(text))?;
    let denoiser = denoise.engine.as_ref();
    let denoiser = source.read("denoise.engine", denoiser, |text| parse::denoiser(text))?;
    let models = source.read("models.dir", models.dir.as_ref(), |text| parse::path(text))?;
    Ok(Config {
        listen,
        given_public_url,
        tls,
        trusted_proxies: proxies.unwrap_or_default(),
        max_upload_bytes: max_upload.unwrap_or(DEFAULT_MAX_UPLOAD),
        rate_limit,
        default_media_auth: server.default_media_auth.is_some_and(|given| given.value),
        outbound_allow: outbound_allow.unwrap_or_default(),
        prices: prices(&price, source)?,
        vonage_audio: vonage_audio.unwrap_or_default(),
        database: database(&store, &data, secret_key.as_ref(), source)?,
        audio: audio(&store, &data, source)?,
        archives: archive.into_iter().map(|it| archive_of(it, source)).collect::<Result<_, _>>()?,
        speech: self::speech(&speech, source)?,
        denoiser: denoiser.unwrap_or_default(),
        models: models.unwrap_or_else(|| data.join("models")),
        secret_key,
        data,
    })
}

impl Source {
    /// Reads a given value; the error names its place.
    fn read<T, U>(
        &self,
        name: &str,
        given: Option<&Given<T>>,
        parse: impl FnOnce(&T) -> Result<U, String>,
    ) -> Result<Option<U>, Error> {
        let Some(given) = given else { return Ok(None) };
        parse(&given.value).map(Some).map_err(|why| self.wrong(name, &given.origin, why))
    }
}

/// Whether the files are there and good is checked where they are used: other commands run as
/// users who may not read the key.
fn tls(server: &Server, source: &Source) -> Result<Option<Files>, Error> {
    let cert =
        source.read("server.tls_cert", server.tls_cert.as_ref(), |text| parse::path(text))?;
    let key = source.read("server.tls_key", server.tls_key.as_ref(), |text| parse::path(text))?;
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Files { cert, key })),
        (None, None) => Ok(None),
        _ => {
            Err(Error::new("server.tls_cert and server.tls_key must be given together".to_owned()))
        }
    }
}

fn addresses(server: &Server, source: &Source) -> Result<(Listen, Option<String>), Error> {
    let name = "server.listen";
    let listen = source.read(name, server.listen.as_ref(), |text| parse::listen(text))?;
    let listen = listen.unwrap_or(Listen { host: "127.0.0.1".to_owned(), port: 8080 });
    let public_url = source
        .read("server.public_url", server.public_url.as_ref(), |text| parse::base_url(text))?;
    match (&server.listen, &public_url) {
        (Some(given), None) if listen.is_wildcard() => {
            let why = format!(
                "{listen} listens on every address, so server.public_url must say what callvault \
                 is reached at"
            );
            Err(source.wrong(name, &given.origin, why))
        }
        _ => Ok((listen, public_url)),
    }
}

fn prices(price: &Price, source: &Source) -> Result<Prices, Error> {
    let default = Prices::default();
    let money =
        |name, given: &Option<Given<Number>>| source.read(name, given.as_ref(), parse::money);
    let storage = money("price.storage_per_minute_month", &price.storage_per_minute_month)?;
    let transcription = money("price.transcription_per_minute", &price.transcription_per_minute)?;
    Ok(Prices {
        storage_per_minute_month: storage.unwrap_or(default.storage_per_minute_month),
        free_days: price.free_days.as_ref().map_or(default.free_days, |given| given.value),
        transcription_per_minute: transcription.unwrap_or(default.transcription_per_minute),
    })
}

fn speech(given: &file::Speech, source: &Source) -> Result<Speech, Error> {
    let model = source.read("speech.model", given.model.as_ref(), |text| parse::model(text))?;
    let language = given.language.as_ref();
    let language = source.read("speech.language", language, |text| parse::language(text))?;
    let jobs = source.read("speech.jobs", given.jobs.as_ref(), |jobs| parse::jobs(*jobs))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Speech {
        model: model.unwrap_or_else(|| "whisper-base".to_owned()),
        language,
        jobs: jobs.unwrap_or_else(|| cores.saturating_sub(1).max(1)),
    })
}

fn database(
    store: &Store,
    data: &Path,
    secret_key: Option<&Secret>,
    source: &Source,
) -> Result<Database, Error> {
    let place =
        source.read("store.database", store.database.as_ref(), |text| parse::database(text))?;
    match place {
        None | Some(DatabasePlace::DataDirectory) => {
            Ok(Database::Sqlite(data.join("callvault.db")))
        }
        Some(DatabasePlace::File(path)) => Ok(Database::Sqlite(path)),
        Some(DatabasePlace::Postgres(url)) if secret_key.is_some() => Ok(Database::Postgres(url)),
        Some(DatabasePlace::Postgres(_)) => Err(Error::new(
            "server.secret_key must be given with PostgreSQL, which several machines may share; \
             `openssl rand -hex 32` makes one"
                .to_owned(),
        )),
    }
}

fn audio(store: &Store, data: &Path, source: &Source) -> Result<Audio, Error> {
    let place = source.read("store.audio", store.audio.as_ref(), |text| parse::audio(text))?;
    let s3 = S3Keys {
        setting: "store.audio",
        section: "store",
        endpoint: store.s3_endpoint.as_ref(),
        region: store.s3_region.as_ref(),
        access_key: store.s3_access_key.as_ref(),
        secret_key: store.s3_secret_key.as_ref(),
    };
    match place {
        Some(AudioPlace::S3 { bucket, prefix }) => s3.bucket(bucket, prefix, source),
        Some(AudioPlace::Directory(path)) => s3.folder(path, source),
        None | Some(AudioPlace::DataDirectory) => s3.folder(data.join("audio"), source),
    }
}

fn archive_of(
    (name, given): (String, file::Archive),
    source: &Source,
) -> Result<(String, Archive), Error> {
    let section = format!("archive.{name}");
    if !parse::is_name(&name) {
        let why = "must be a name of lower-case letters, digits and single underscores";
        return Err(Error::new(format!("{section}: {why}")));
    }
    let setting = format!("{section}.place");
    let place = source.read(&setting, given.place.as_ref(), |text| parse::archive(text))?;
    let place = place.ok_or_else(|| Error::new(format!("{setting} must be given")))?;
    let s3 = S3Keys {
        setting: &setting,
        section: &section,
        endpoint: given.s3_endpoint.as_ref(),
        region: given.s3_region.as_ref(),
        access_key: given.s3_access_key.as_ref(),
        secret_key: given.s3_secret_key.as_ref(),
    };
    let place = match place {
        ArchivePlace::S3 { bucket, prefix } => s3.bucket(bucket, prefix, source)?,
        ArchivePlace::Directory(path) => s3.folder(path, source)?,
    };
    let accounts = format!("{section}.accounts");
    let accounts =
        source.read(&accounts, given.accounts.as_ref(), |list| parse::main_accounts(list))?;
    Ok((name, Archive { place, accounts }))
}

/// What only a bucket has, of one section.
struct S3Keys<'a> {
    /// The setting that says whether there is one.
    setting: &'a str,
    section: &'a str,
    endpoint: Option<&'a Given<String>>,
    region: Option<&'a Given<String>>,
    access_key: Option<&'a Given<String>>,
    secret_key: Option<&'a Given<String>>,
}

impl S3Keys<'_> {
    fn bucket(self, bucket: String, prefix: String, source: &Source) -> Result<Audio, Error> {
        let section = self.section;
        let endpoint = source
            .read(&format!("{section}.s3_endpoint"), self.endpoint, |text| parse::base_url(text))?;
        let text = |given: Option<&Given<String>>| given.map(|given| given.value.clone());
        let region = text(self.region).unwrap_or_else(|| "us-east-1".to_owned());
        let keys = match (text(self.access_key), text(self.secret_key)) {
            (None, None) => None,
            (Some(access), Some(secret)) => Some((Secret::new(access), Secret::new(secret))),
            _ => {
                return Err(Error::new(format!(
                    "{section}.s3_access_key and {section}.s3_secret_key must be given together"
                )));
            }
        };
        Ok(Audio::S3(S3 { bucket, prefix, endpoint, region, keys }))
    }

    fn folder(self, path: PathBuf, source: &Source) -> Result<Audio, Error> {
        let all = [
            ("s3_endpoint", self.endpoint),
            ("s3_region", self.region),
            ("s3_access_key", self.access_key),
            ("s3_secret_key", self.secret_key),
        ];
        for (key, given) in all {
            let why = || Err::<(), _>(format!("is only for {} = \"s3://…\"", self.setting));
            source.read(&format!("{}.{key}", self.section), given, |_| why())?;
        }
        Ok(Audio::Files(path))
    }
}
