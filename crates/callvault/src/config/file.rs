//! What was typed: the one table of settings, of which the reader of the file, the environment
//! variables and `docs/configuration.md` are made.

use serde::Deserialize;

use super::given::{FromText, Given, Number, Origin, Size};

/// A setting, as it is described to people.
#[derive(Debug)]
pub struct Key {
    pub section: &'static str,
    /// With its section, as `server.listen`.
    pub name: &'static str,
    pub secrecy: Secrecy,
    /// What holds where nothing is given, in words.
    pub default: &'static str,
    pub doc: &'static [&'static str],
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    Plain,
    /// Never shown, and also read from the file that `…_FILE` names.
    Secret,
}

impl Key {
    /// Its environment variable, as `CALLVAULT_SERVER__LISTEN`.
    pub fn variable(&self) -> String {
        format!("CALLVAULT_{}", self.name.replace('.', "__").to_uppercase())
    }
}

macro_rules! settings {
    ($(
        $(#[doc = $section_doc:literal])*
        $section:ident: $Section:ident {
            $(
                $(#[doc = $doc:literal])*
                $key:ident: $type:ty, $secrecy:ident, $default:literal;
            )*
        }
    )*) => {
        /// What was typed, in the file, the environment or behind a flag.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct File {
            $($(#[doc = $section_doc])* pub $section: $Section,)*
        }

        $(
            $(#[doc = $section_doc])*
            #[derive(Debug, Default, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            pub struct $Section {
                $($(#[doc = $doc])* pub $key: Option<Given<$type>>,)*
            }
        )*

        /// Every setting.
        pub static KEYS: &[Key] = &[$($(Key {
            section: stringify!($section),
            name: concat!(stringify!($section), ".", stringify!($key)),
            secrecy: Secrecy::$secrecy,
            default: $default,
            doc: &[$($doc),*],
        },)*)*];

        /// Every section, and what it is about.
        pub static SECTIONS: &[(&str, &[&str])] =
            &[$((stringify!($section), &[$($section_doc),*]),)*];

        impl File {
            /// Sets a setting from text. The error says what is wanted.
            pub(super) fn set(
                &mut self,
                name: &str,
                text: &str,
                origin: Origin,
            ) -> Result<(), String> {
                $($(
                    if name == concat!(stringify!($section), ".", stringify!($key)) {
                        let value = <$type>::from_text(text)?;
                        self.$section.$key = Some(Given { value, origin });
                        return Ok(());
                    }
                )*)*
                Err("no such setting".to_owned())
            }
        }
    };
}

settings! {
    /// The listener and what it guards.
    server: Server {
        /// Where to listen, as `HOST:PORT`. Port 0 takes a free one.
        listen: String, Plain, "`127.0.0.1:8080`";
        /// What callvault is reached at from outside: `http://` or `https://` and a host, without
        /// a path. Every URL that is handed out starts with it. It must be given where `listen`
        /// is a wildcard address (`0.0.0.0`, `::`).
        public_url: String, Plain, "`http://`, or with TLS `https://`, and `server.listen`";
        /// A PEM file with the certificate, and after it those that lead to its root. Given
        /// together with `tls_key`; then the listener speaks HTTPS only (TLS 1.2 and 1.3). Both
        /// files are read again when they change; where the new ones cannot be used, the log says
        /// why and the old ones stay.
        tls_cert: String, Plain, "none: plain HTTP";
        /// A PEM file with the certificate's key, without a passphrase.
        tls_key: String, Plain, "none: plain HTTP";
        /// The addresses or networks of the proxies in front of callvault, whose `X-Forwarded-For`
        /// is believed: failed logins are counted by where they come from, and behind a proxy
        /// that is not named here all clients are one. In the environment: separated by commas.
        trusted_proxies: Vec<String>, Plain, "empty";
        /// The key that auth tokens are sealed under: 64 hexadecimal characters, as
        /// `openssl rand -hex 32` writes them. It must be given with PostgreSQL, which several
        /// machines may share. Whoever loses it loses every auth token.
        secret_key: String, Secret, "the file `secret.key` in the data directory, made at the first start";
        /// The largest body that an upload may have: a number of bytes, or text such as
        /// `"500 MiB"`.
        max_upload_bytes: Size, Plain, "2 GiB";
        /// How many requests an account may make in a span of seconds, as `300/5s`, which is
        /// Plivo's: so many at once, and then evenly as they come back. More are 429 with
        /// `Retry-After`. Requests without a login are not counted.
        rate_limit: String, Plain, "none";
        /// Whether new accounts start with `media_auth` on: whether media need credentials.
        default_media_auth: bool, Plain, "`false`";
    }
    /// Requests that callvault makes itself: callbacks.
    outbound: Outbound {
        /// Hosts and networks that callbacks may reach though they are not public. In the
        /// environment: separated by commas.
        allow: Vec<String>, Plain, "empty";
    }
    /// What keeping recordings costs, as the Plivo dialect shows it, in US dollars.
    price: Price {
        /// The price of keeping a minute for a month.
        storage_per_minute_month: Number, Plain, "`0.0004`";
        /// The days that cost nothing.
        free_days: u32, Plain, "`90`";
    }
    /// The Vonage dialect.
    vonage: Vonage {
        /// What is downloaded: `"mp3"`, for which other audio is converted, or `"stored"`, what is
        /// kept.
        audio_format: String, Plain, "`\"mp3\"`";
    }
    /// Where rows and audio are kept.
    store: Store {
        /// The database: `sqlite:` in the data directory, `sqlite:PATH`, or
        /// `postgres://USER:PASSWORD@HOST/DATABASE`.
        database: String, Secret, "`sqlite:`";
        /// The audio: `file:` in the data directory, `file:PATH`, or `s3://BUCKET/PREFIX`.
        audio: String, Plain, "`file:`";
        /// The S3 server, where it is not Amazon's: `https://` or `http://` and a host.
        s3_endpoint: String, Plain, "Amazon's";
        /// The bucket's region.
        s3_region: String, Plain, "`us-east-1`";
        /// The access key. Given together with `s3_secret_key`.
        s3_access_key: String, Secret, "none";
        /// The secret key. Given together with `s3_access_key`.
        s3_secret_key: String, Secret, "none";
    }
    /// Noise cancellation.
    denoise: Denoise {
        /// What denoises: `"dtln"`, which helps more and must be installed
        /// (`callvault model add dtln`), `"rnnoise"`, which is in the program and costs a seventh,
        /// or `"auto"`: DTLN where it is installed.
        engine: String, Plain, "`\"auto\"`";
    }
    /// Speech and denoising models.
    models: Models {
        /// The directory that they are installed in.
        dir: String, Plain, "`models` in the data directory";
    }
}
