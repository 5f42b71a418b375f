//! One suite for both databases: on PostgreSQL where `TEST_POSTGRES_URL` is set, else on SQLite.

mod audit;
mod exports;
mod jobs;
mod listing;
mod plans;
mod reads;
mod renditions;
mod tokens;
mod transactions;
mod transcripts;
mod usage;

use std::path::Path;
use std::time::Duration;

use crate::*;

/// A store of its own for each test.
struct TestStore {
    store: Store,
    config: Config,
    _dir: tempfile::TempDir,
}

impl std::ops::Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

#[expect(clippy::disallowed_methods, reason = "how the test command names its server")]
fn postgres_url() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

async fn store() -> TestStore {
    let dir = tempfile::tempdir().unwrap();
    let config = match postgres_url() {
        Some(url) => Config::Postgres(schema_of_its_own(&url).await),
        None => Config::Sqlite(dir.path().join("vault.sqlite")),
    };
    let store = Store::open(&config).await.unwrap();
    TestStore { store, config, _dir: dir }
}

async fn schema_of_its_own(url: &str) -> String {
    let schema = format!("t{}", uuid::Uuid::new_v4().simple());
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("create schema {schema}")).await.unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}options=-c%20search_path%3D{schema}")
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn account(store: &Store, auth_id: &str, parent: Option<AccountId>) -> AccountId {
    let new = NewAccount {
        auth_id: auth_id.parse().unwrap(),
        name: "test".to_owned(),
        parent,
        auth_token: vec![1, 2, 3],
        client: parent.is_none().then(|| (auth_id.to_owned(), [7; 32])),
        settings: Settings {
            media_auth: false,
            noise_cancellation: false,
            retention_pending: seconds(7),
            retention_max_share_ppm: 250_000,
            minimum_retention: Duration::ZERO,
        },
        created: time("2024-01-01T00:00:00Z"),
    };
    store.write(|tx| Box::pin(async move { tx.add_account(&new).await })).await.unwrap()
}

const MAIN: &str = "MAAAAAAAAAAAAAAAAAAA";
const SUB: &str = "SAAAAAAAAAAAAAAAAAAA";

async fn user(store: &Store, account_id: AccountId) -> UserId {
    let new = NewUser {
        account_id,
        username: format!("{}@vbc.prod", RecordingId::random()),
        password: String::new(),
        administrator: false,
        extensions: Vec::new(),
        created: time("2024-01-01T00:00:00Z"),
    };
    store.write(move |tx| Box::pin(async move { tx.add_user(&new).await })).await.unwrap()
}

/// 2024-06-15 12:00:00.
const NOW: Time = Time::from_micros(1_718_452_800_000_000);

fn newest(limit: u32, offset: u64) -> Part {
    Part { sort: Sort::NEWEST_FIRST, from: StartAt::Offset(offset), limit }
}

fn recording(account_id: AccountId, root_id: AccountId, add_time: Time) -> NewRecording {
    NewRecording {
        recording_id: RecordingId::random(),
        account_id,
        root_id,
        call: Call {
            call_uuid: "call".to_owned(),
            extensions: vec!["101".to_owned(), "1,02".to_owned()],
            rule_ids: vec!["ü".to_owned()],
            ..Call::default()
        },
        start: add_time.minus(seconds(60)),
        add_time,
        received: add_time,
        sound: Sound {
            format: Format::Wav,
            codec: "mulaw".to_owned(),
            channels: 2,
            sample_rate: 8000,
            frames: 480_001,
            truncated: true,
            repair: Some(WavRepair { data_offset: 58, data_bytes: 960_002 }),
        },
        size_bytes: 960_060,
        sha256: [9; 32],
    }
}

async fn add(store: &Store, new: &NewRecording) -> RecordingNumber {
    let new = new.clone();
    store.write(|tx| Box::pin(async move { tx.add_recording(&new).await })).await.unwrap()
}

/// Takes a recording of that scope away, if there is one.
async fn take(store: &Store, scope: Scope, id: RecordingId) -> bool {
    take_at(store, scope, id, NOW).await
}

async fn take_at(store: &Store, scope: Scope, id: RecordingId, now: Time) -> bool {
    let take = store.write(move |tx| {
        Box::pin(async move {
            match tx.recording(scope, id).await? {
                Some(recording) => tx.take_recording(&recording, now).await,
                None => Ok(false),
            }
        })
    });
    take.await.unwrap()
}

#[tokio::test]
async fn a_recording_is_read_as_it_was_written() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let mut new = recording(main, main, time("2024-02-29T23:59:59.999999Z"));
    new.call.from_number = Some("+14155550100".to_owned());
    new.call.direction = Some(Direction::Internal);
    new.call.kind = Kind::OnDemand;
    let number = add(&store, &new).await;

    let id = new.recording_id;
    let read = store.read(move |reader| Box::pin(reader.recording(Scope::Root(main), id)));
    assert_eq!(read.await.unwrap(), Some(new.kept(number, MAIN.parse().unwrap())));
    assert_eq!(new.sound.duration(), Duration::from_micros(60_000_125));
}

#[tokio::test]
async fn numbers_have_six_digits_and_are_never_used_twice() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    assert_eq!(main, AccountId(549_825));
    let new = recording(main, main, time("2024-01-01T00:00:00Z"));
    let first = add(&store, &new).await;
    assert_eq!(first, RecordingNumber(193_228));
    assert!(take(&store, Scope::Root(main), new.recording_id).await);
    let second = add(&store, &recording(main, main, time("2024-01-01T00:00:00Z"))).await;
    assert!(second > first);
}

#[tokio::test]
async fn a_subaccount_inherits_and_tightens_media_auth() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let sub = account(&store, SUB, Some(main)).await;
    let effective = async |auth_id: &str| {
        let auth_id: AuthId = auth_id.parse().unwrap();
        let read = store.read(move |r| Box::pin(async move { r.account(&auth_id).await }));
        read.await.unwrap().unwrap().settings.media_auth
    };
    let set = async |account, value| {
        store.write(move |tx| Box::pin(tx.set_media_auth(account, value))).await.unwrap();
    };
    assert!(!effective(SUB).await);
    set(sub, true).await;
    assert!(effective(SUB).await && !effective(MAIN).await);
    set(sub, false).await;
    set(main, true).await;
    assert!(effective(SUB).await && effective(MAIN).await);
}

#[tokio::test]
async fn an_idempotency_key_stands_for_one_upload_for_a_day() {
    let store = store().await;
    let now = time("2024-01-02T00:00:00Z");
    let claim = async |sha: u8, created: Time| {
        let new = Idempotent {
            account_id: AccountId(1),
            key: "k".to_owned(),
            sha256: [sha; 32],
            recording_id: RecordingId::random(),
            created,
        };
        let since = created.minus(seconds(86_400));
        store
            .write(move |tx| Box::pin(async move { tx.claim_idempotency(&new, since).await }))
            .await
            .unwrap()
    };
    assert!(claim(1, now).await);
    assert!(!claim(2, now.plus(seconds(86_399))).await);
    let known = async |since| {
        let read = store
            .read(move |r| Box::pin(async move { r.idempotent(AccountId(1), "k", since).await }));
        read.await.unwrap().map(|known| known.sha256[0])
    };
    assert_eq!(known(now.minus(seconds(1))).await, Some(1));
    assert_eq!(known(now).await, None);
    assert!(claim(3, now.plus(seconds(86_400))).await);
    assert_eq!(known(now).await, Some(3));
}

#[tokio::test]
async fn opening_again_keeps_everything_and_a_newer_database_is_refused() {
    let store = store().await;
    account(&store, MAIN, None).await;
    let again = Store::open(&store.config).await.unwrap();
    again.ping().await.unwrap();
    again
        .write(|tx| {
            Box::pin(async { tx.0.0.execute("insert into migration values (999)", &[]).await })
        })
        .await
        .unwrap();
    let Err(error) = Store::open(&store.config).await else { panic!("opened") };
    let text = format!("{:#}", anyhow::Error::new(error));
    assert!(text.contains("written by a newer callvault (migration 999)"), "{text}");
}

#[tokio::test]
async fn both_databases_have_the_same_columns() {
    let Some(url) = postgres_url() else { return };
    let columns = async |store: &Store, table: &'static str, sql: &'static str| {
        let read = store.read(move |reader| {
            Box::pin(async move {
                let rows = reader.0.rows(sql, crate::value::values![table]).await?;
                rows.into_iter().map(|mut row| row.next::<String>()).collect::<Result<Vec<_>>>()
            })
        });
        read.await.unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let sqlite = Store::open(&Config::Sqlite(dir.path().join("x"))).await.unwrap();
    let postgres = Config::Postgres(schema_of_its_own(&url).await);
    let postgres = Store::open(&postgres).await.unwrap();
    let tables = [
        "account",
        "account_user",
        "audit",
        "audit_head",
        "hold",
        "retention_policy",
        "retention_receipt",
        "retention_run",
        "recording",
        "recording_hour",
        "idempotency",
        "job",
        "key_check",
        "recording_gone",
        "token",
        "rendition",
        "export",
        "export_file",
        "recording_rule",
        "delivery_recording",
        "transcript",
        "transcript_callback",
        "transcript_turn",
    ];
    for table in tables {
        let left = columns(&sqlite, table, "select name from pragma_table_info($1)").await;
        let right = columns(
            &postgres,
            table,
            "select cast(column_name as text) from information_schema.columns \
             where cast(table_name as text) = $1 and table_schema = current_schema() \
             order by ordinal_position",
        )
        .await;
        assert!(!left.is_empty() && left == right, "{table}: {left:?} {right:?}");
    }
}

#[tokio::test]
async fn sqlite_is_new_enough_and_its_files_are_durable_and_wiped() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Config::Sqlite(dir.path().join("x"))).await.unwrap();
    let pragma = async |sql: &'static str| {
        let read = store.write(move |tx| {
            Box::pin(async move {
                let row = tx.0.0.row(sql, &[]).await?;
                Ok(row.map(|mut row| row.next::<i64>().unwrap()))
            })
        });
        read.await.unwrap()
    };
    assert_eq!(pragma("pragma synchronous").await, Some(2));
    assert_eq!(pragma("pragma secure_delete").await, Some(1));
    assert!(rusqlite::version_number() >= 3_051_003);
    assert!(Path::new(dir.path()).join("x-wal").exists());
}
