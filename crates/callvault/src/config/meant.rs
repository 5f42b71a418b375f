//! From what was typed to what is meant: the defaults, and what only together is right or wrong.

use std::path::{Path, PathBuf};

use vault::Prices;

use crate::certificate::Files;

use super::file::{File, Price, Server, Store};
use super::given::{Given, Number, Origin};
use super::parse::{self, AudioPlace, DatabasePlace};
use super::{Audio, Config, Database, Error, Listen, S3, Secret, Source};

const DEFAULT_MAX_UPLOAD: u64 = 2 << 30;

pub(super) fn config(file: File, data: PathBuf, source: &Source) -> Result<Config, Error> {
    let File { server, outbound, price, vonage, store, denoise, models } = file;
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
    let name = "price.storage_per_minute_month";
    let default =
        Given { value: Number("0.0004".to_owned()), origin: Origin::Flag("the default price") };
    let given = price.storage_per_minute_month.clone().unwrap_or(default);
    Ok(Prices {
        storage_per_minute_month: source
            .read(name, Some(&given), parse::money)?
            .unwrap_or_default(),
        free_days: price.free_days.as_ref().map_or(90, |given| given.value),
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
    let (bucket, prefix) = match place {
        Some(AudioPlace::S3 { bucket, prefix }) => (bucket, prefix),
        Some(AudioPlace::Directory(path)) => {
            refuse_s3(store, source)?;
            return Ok(Audio::Files(path));
        }
        None | Some(AudioPlace::DataDirectory) => {
            refuse_s3(store, source)?;
            return Ok(Audio::Files(data.join("audio")));
        }
    };
    let endpoint = source
        .read("store.s3_endpoint", store.s3_endpoint.as_ref(), |text| parse::base_url(text))?;
    let text = |given: Option<&Given<String>>| given.map(|given| given.value.clone());
    let region = text(store.s3_region.as_ref()).unwrap_or_else(|| "us-east-1".to_owned());
    let keys = match (text(store.s3_access_key.as_ref()), text(store.s3_secret_key.as_ref())) {
        (None, None) => None,
        (Some(access), Some(secret)) => Some((Secret::new(access), Secret::new(secret))),
        _ => {
            return Err(Error::new(
                "store.s3_access_key and store.s3_secret_key must be given together".to_owned(),
            ));
        }
    };
    Ok(Audio::S3(S3 { bucket, prefix, endpoint, region, keys }))
}

fn refuse_s3(store: &Store, source: &Source) -> Result<(), Error> {
    let of_s3 = [
        ("store.s3_endpoint", &store.s3_endpoint),
        ("store.s3_region", &store.s3_region),
        ("store.s3_access_key", &store.s3_access_key),
        ("store.s3_secret_key", &store.s3_secret_key),
    ];
    for (name, given) in of_s3 {
        let why = || Err::<(), _>("is only for store.audio = \"s3://…\"".to_owned());
        source.read(name, given.as_ref(), |_| why())?;
    }
    Ok(())
}
