//! A whole vault in a test, with real storage, a clock to move, and clients to speak to it.
//!
//! It deliberately does not know: what any test is about.
//! Start reading at [`TestVault`], then [`Client`].

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod client;
mod receiver;
pub mod sound;
pub mod speech;
mod zip;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use callvault::deliver::Deliverer;
use callvault::deliver::guard::Allow;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use vault::{Clock, NewAccount, NewUser, Prices, SecretKey, Source, Tokens, Vault, Workers};
use web::Metrics;

pub use client::{Answer, Client, Form, Observer, Request};
pub use receiver::{Call, Receiver, Reply};
pub use zip::Zip;

/// A vault of its own: on PostgreSQL where `TEST_POSTGRES_URL` is set, else on SQLite; its audio
/// in a temporary directory; its clock standing at 2026-01-15 12:00:00 UTC.
pub struct TestVault {
    pub vault: Vault,
    pub clock: Clock,
    router: Router,
    observer: Option<Observer>,
    config: vault::Config,
    dir: Arc<TempDir>,
}

/// What every emitted URL starts with.
pub const PUBLIC_URL: &str = "http://vault.test";
pub const START: &str = "2026-01-15T12:00:00Z";
/// The largest upload that a test vault takes.
pub const MAX_UPLOAD_BYTES: u64 = 4 << 20;

impl TestVault {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A vault with something set otherwise.
    pub async fn with(change: impl FnOnce(&mut vault::Config)) -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Clock::standing_at(START.parse().unwrap());
        let allow = Allow::parse(&["127.0.0.1".to_owned()]).unwrap(); // where receivers are
        let mut config = vault::Config {
            database: database(&dir).await,
            audio: blob::Config {
                url: url::Url::from_directory_path(dir.path().join("audio")).unwrap(),
                s3_endpoint: None,
                s3_region: None,
                s3_access_key: None,
                s3_secret_key: None,
                staging: dir.path().join("staging"),
            },
            archives: BTreeMap::new(),
            secret_key: SecretKey::generate().unwrap(),
            clock: clock.clone(),
            prices: Prices::default(),
            workers: Workers::InProcess,
            speech: speech::said(),
            lame: vault::LAME.into(),
            dtln: None,
            max_upload_bytes: MAX_UPLOAD_BYTES,
            default_media_auth: false,
            outbound: Arc::new(Deliverer::new(allow)),
            rate_limit: None,
        };
        change(&mut config);
        Self::open(config, Arc::new(dir)).await
    }

    /// Opens the same stores once more, with something set otherwise.
    pub async fn reopen(&self, change: impl FnOnce(&mut vault::Config)) -> vault::Result<Vault> {
        let mut config = self.config.clone();
        change(&mut config);
        Vault::open(config).await
    }

    async fn open(config: vault::Config, dir: Arc<TempDir>) -> Self {
        let vault = Vault::open(config.clone()).await.unwrap();
        Self {
            router: doors(&vault),
            observer: None,
            vault,
            clock: config.clock.clone(),
            config,
            dir,
        }
    }

    /// Has every answer to a client of this vault looked at.
    #[must_use]
    pub fn observed(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// An account of this name.
    pub async fn account(&self, name: &str) -> NewAccount {
        self.vault.add_account(name).await.unwrap()
    }

    pub async fn subaccount(&self, parent: &NewAccount, name: &str) -> NewAccount {
        let operator = self.vault.operator(&parent.auth_id).await.unwrap();
        self.vault.add_subaccount(&operator, name).await.unwrap()
    }

    /// A client without credentials.
    pub fn stranger(&self) -> Client {
        Client::new(self.router.clone(), self.observer.clone())
    }

    /// A client with an account's Auth ID and token.
    pub fn client(&self, account: &NewAccount) -> Client {
        self.stranger().signed_in_as(account.auth_id.as_str(), &account.auth_token)
    }

    /// A client with a token of the account's administrator.
    pub async fn administrator(&self, account: &NewAccount) -> Client {
        let user = &account.vonage.as_ref().unwrap().user;
        self.stranger().with_token(&self.tokens(account, user).await.access_token)
    }

    /// A new user of the account, and a client with its token.
    pub async fn user(&self, account: &NewAccount, name: &str) -> (NewUser, Client) {
        let operator = self.vault.operator(&account.auth_id).await.unwrap();
        let user = self.vault.add_user(&operator, name, Vec::new()).await.unwrap();
        let token = self.tokens(account, &user).await.access_token;
        (user, self.stranger().with_token(&token))
    }

    pub async fn tokens(&self, account: &NewAccount, user: &NewUser) -> Tokens {
        let half = account.vonage.as_ref().unwrap();
        let here = Source::LOCAL;
        let client = self.vault.client(here, &half.client_id, &half.client_secret).await.unwrap();
        let password = &user.password;
        self.vault.tokens_for_password(here, client, &user.username, password).await.unwrap()
    }

    /// A recording of one second, sent in through the front door; what it answered.
    pub async fn recording(&self, account: &NewAccount) -> Value {
        self.recording_with(account, Form::new().file(&sound::wav(Duration::from_secs(1)))).await
    }

    pub async fn recording_with(&self, account: &NewAccount, form: Form) -> Value {
        let answer = self.client(account).post("/api/v1/recordings").form(form).send().await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// Serves the doors on 127.0.0.1 too, for clients that are no part of the test; where.
    pub async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    /// Does all queued work that is due.
    pub async fn work(&self) {
        self.vault.run_due_jobs().await.unwrap();
        let counts = self.vault.job_counts().await.unwrap();
        assert_eq!(counts.dead, 0, "a job was given up");
    }

    /// Every file of audio there is, by its path below the store's root.
    pub fn audio_files(&self) -> Vec<String> {
        let root = self.dir.path().join("audio");
        let mut files = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    files.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        files.sort();
        files
    }

    /// The directory that everything of this vault is in.
    pub fn directory(&self) -> &std::path::Path {
        self.dir.path()
    }
}

/// The doors as the program puts them together.
fn doors(vault: &Vault) -> Router {
    let metrics = Metrics::new();
    let native = native::Config {
        public_url: PUBLIC_URL.to_owned(),
        max_upload_bytes: vault.max_upload_bytes(),
        body_idle: Duration::from_millis(300),
    };
    let native =
        native::router().with_state(native::State::new(vault.clone(), native, metrics.clone()));
    let plivo = plivo::Config { public_url: PUBLIC_URL.to_owned() };
    let plivo = plivo::router().with_state(plivo::State::new(vault.clone(), plivo));
    let vonage = vonage::Config {
        public_url: PUBLIC_URL.to_owned(),
        audio_format: vonage::AudioFormat::Mp3,
    };
    let vonage = vonage::router().with_state(vonage::State::new(vault.clone(), vonage));
    web::watch(native, native::DOOR, &metrics)
        .merge(web::watch(plivo, plivo::DOOR, &metrics))
        .merge(web::watch(vonage, vonage::DOOR, &metrics))
}

#[expect(clippy::disallowed_methods, reason = "how the test command names its server")]
async fn database(dir: &TempDir) -> store::Config {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => store::Config::Postgres(schema_of_its_own(&url).await),
        Err(_) => store::Config::Sqlite(dir.path().join("vault.sqlite")),
    }
}

async fn schema_of_its_own(url: &str) -> String {
    let schema = format!("t{}", uuid::Uuid::new_v4().simple());
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("create schema {schema}")).await.unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}options=-c%20search_path%3D{schema}")
}
