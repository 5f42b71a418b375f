//! One contract, kept by every kind of store.
//!
//! The S3 half runs where `TEST_S3_URL` is set, as `http://KEY:SECRET@127.0.0.1:PORT/bucket`.

use std::fs;

use futures::TryStreamExt as _;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

/// Runs each test on a store of its own, on disk and in S3.
macro_rules! on_each_store {
    ($($test:ident)*) => {
        mod on_disk {
            $(#[tokio::test] async fn $test() {
                let ground = super::Ground::disk();
                super::$test(&ground.blobs).await;
            })*
        }
        mod on_s3 {
            $(#[tokio::test] async fn $test() {
                if let Some(ground) = super::Ground::s3() {
                    super::$test(&ground.blobs).await;
                }
            })*
        }
    };
}

on_each_store! {
    what_was_kept_is_read_back
    any_range_can_be_read
    nothing_can_be_read_beyond_the_end
    an_empty_object_is_an_object
    an_object_is_never_overwritten
    what_is_missing_is_said_to_be_missing
    deleting_twice_is_no_error
    many_are_deleted_together
    a_listing_shows_the_audio_and_nothing_else
    twenty_megabytes_go_in_and_out
    conversions_have_a_folder_of_their_own
    an_object_is_had_as_a_file
    what_another_process_wrote_is_kept
    staged_bytes_can_be_looked_at
    a_staging_file_goes_with_its_owner
    a_staging_file_can_be_left_for_the_sweep
    what_was_abandoned_is_found_by_its_name_and_nothing_else_is
    a_store_that_works_passes_its_check
}

async fn what_was_kept_is_read_back(blobs: &Blobs) {
    for extension in Extension::ALL {
        let key = key(extension);
        keep(blobs, &key, b"hello, hello").await.unwrap();
        assert_eq!(blobs.size(&key).await.unwrap(), 12);
        assert_eq!(read(blobs, &key, 0..12).await.unwrap(), b"hello, hello");
    }
}

async fn any_range_can_be_read(blobs: &Blobs) {
    let (key, bytes) = (key(Extension::Wav), noise(1_000_000));
    keep(blobs, &key, &bytes).await.unwrap();
    for range in [0..1, 5..5, 999_999..1_000_000, 262_143..262_145, 1..700_000, 0..1_000_000] {
        let part = read(blobs, &key, range.clone()).await.unwrap();
        assert!(part == bytes[usize_range(&range)], "{range:?}");
    }
}

async fn nothing_can_be_read_beyond_the_end(blobs: &Blobs) {
    let key = key(Extension::Wav);
    keep(blobs, &key, b"12345").await.unwrap();
    assert!(matches!(read(blobs, &key, 3..6).await, Err(Error::Short(k)) if k == key));
    assert!(read(blobs, &key, 6..7).await.is_err());
}

async fn an_empty_object_is_an_object(blobs: &Blobs) {
    let key = key(Extension::Wav);
    keep(blobs, &key, b"").await.unwrap();
    assert_eq!(blobs.size(&key).await.unwrap(), 0);
    assert_eq!(read(blobs, &key, 0..0).await.unwrap(), b"");
}

async fn an_object_is_never_overwritten(blobs: &Blobs) {
    let key = key(Extension::Mp3);
    keep(blobs, &key, b"first").await.unwrap();
    let again = keep(blobs, &key, b"second").await;
    assert!(matches!(again, Err(Error::AlreadyThere(k)) if k == key));
    assert_eq!(read(blobs, &key, 0..5).await.unwrap(), b"first");
}

async fn what_is_missing_is_said_to_be_missing(blobs: &Blobs) {
    let key = key(Extension::Wav);
    assert!(matches!(blobs.size(&key).await, Err(Error::Missing(k)) if k == key));
    for range in [0..1, 0..0] {
        let found = blobs.read(&key, range).await.map(|_| ());
        assert!(matches!(found, Err(Error::Missing(k)) if k == key));
    }
}

async fn deleting_twice_is_no_error(blobs: &Blobs) {
    let key = key(Extension::Wav);
    blobs.delete(&key).await.unwrap();
    keep(blobs, &key, b"gone soon").await.unwrap();
    blobs.delete(&key).await.unwrap();
    assert!(matches!(blobs.size(&key).await, Err(Error::Missing(_))));
    blobs.delete(&key).await.unwrap();
    keep(blobs, &key, b"back again").await.unwrap();
}

async fn many_are_deleted_together(blobs: &Blobs) {
    let kept = key(Extension::Wav);
    keep(blobs, &kept, b"stays").await.unwrap();
    for number in [0, 1, 20] {
        let mut keys = vec![key(Extension::Mp3)]; // of which there is none
        for _ in 0..number {
            let key = key(Extension::Wav);
            keep(blobs, &key, b"gone soon").await.unwrap();
            keys.push(key);
        }
        blobs.delete_all(keys).await.unwrap();
        let left: Vec<BlobKey> = list(blobs).await.into_iter().map(|found| found.key).collect();
        assert_eq!(left, std::slice::from_ref(&kept));
    }
    blobs.delete_all(Vec::new()).await.unwrap();
    blobs.delete_all(vec![kept]).await.unwrap();
    assert!(list(blobs).await.is_empty());
}

async fn a_listing_shows_the_audio_and_nothing_else(blobs: &Blobs) {
    assert!(list(blobs).await.is_empty());
    let _in_progress = stage(blobs, b"not audio yet").await.unwrap();
    let mut kept = Vec::new();
    for length in 0..5 {
        let key = key(Extension::Flac);
        keep(blobs, &key, &noise(length)).await.unwrap();
        kept.push((key, length as u64));
    }
    kept.sort_unstable();

    let found = list(blobs).await;
    assert!(found.iter().all(|object| object.modified.elapsed().unwrap_or_default() < MINUTE));
    let mut found: Vec<_> = found.into_iter().map(|object| (object.key, object.size)).collect();
    found.sort_unstable();
    assert_eq!(found, kept);
}

async fn twenty_megabytes_go_in_and_out(blobs: &Blobs) {
    let (key, bytes) = (key(Extension::Wav), noise(20_000_003));
    keep(blobs, &key, &bytes).await.unwrap();
    assert_eq!(blobs.size(&key).await.unwrap(), 20_000_003);
    assert!(read(blobs, &key, 0..20_000_003).await.unwrap() == bytes);
    assert!(read(blobs, &key, 8_388_607..8_388_609).await.unwrap() == bytes[8_388_607..8_388_609]);
    let again = keep(blobs, &key, &bytes).await;
    assert!(matches!(again, Err(Error::AlreadyThere(_))));
}

async fn conversions_have_a_folder_of_their_own(blobs: &Blobs) {
    let recording = Uuid::new_v4();
    let extension = Extension::Wav;
    let sent = BlobKey::Audio { recording, extension };
    let made = BlobKey::Converted { recording, form: "ch0.1000-2000.wav".to_owned() };
    assert_eq!(made.recording(), recording);
    assert_eq!(BlobKey::parse(&made.to_string()), Some(made.clone()));
    keep(blobs, &sent, b"sent").await.unwrap();
    keep(blobs, &made, b"made").await.unwrap();
    assert_eq!(read(blobs, &made, 0..4).await.unwrap(), b"made");
    let keys = async |listing: BoxStream<'static, Result<Listed>>| -> Vec<BlobKey> {
        listing.map_ok(|object| object.key).try_collect().await.unwrap()
    };
    assert_eq!(keys(blobs.list()).await, std::slice::from_ref(&sent));
    assert_eq!(keys(blobs.list_converted()).await, std::slice::from_ref(&made));
    blobs.delete(&made).await.unwrap();
    assert_eq!(read(blobs, &sent, 0..4).await.unwrap(), b"sent");
}

async fn an_object_is_had_as_a_file(blobs: &Blobs) {
    let (key, bytes) = (key(Extension::Wav), noise(700_001));
    assert!(matches!(blobs.as_file(&key).await, Err(Error::Missing(_))));
    keep(blobs, &key, &bytes).await.unwrap();
    let file = blobs.as_file(&key).await.unwrap();
    assert!(fs::read(file.path()).unwrap() == bytes);
    drop(file);
    assert!(read(blobs, &key, 0..700_001).await.unwrap() == bytes);
    assert!(blobs.staged().await.unwrap().is_empty());
}

async fn what_another_process_wrote_is_kept(blobs: &Blobs) {
    let mut staged = blobs.stage(Uuid::new_v4()).await.unwrap();
    fs::write(staged.path(), noise(70_000)).unwrap();
    staged.written_by_another().await.unwrap();
    assert_eq!(staged.len(), 70_000);
    let key = key(Extension::Mp3);
    blobs.keep(&mut staged, &key).await.unwrap();
    assert!(read(blobs, &key, 0..70_000).await.unwrap() == noise(70_000));
}

async fn staged_bytes_can_be_looked_at(blobs: &Blobs) {
    let mut staged = blobs.stage(Uuid::new_v4()).await.unwrap();
    let bytes = noise(700_001);
    for piece in bytes.chunks(10_007) {
        staged.write(piece).await.unwrap();
    }
    staged.finish().await.unwrap();
    assert_eq!(staged.len(), 700_001);
    assert!(fs::read(staged.path()).unwrap() == bytes);
}

async fn a_staging_file_goes_with_its_owner(blobs: &Blobs) {
    let dropped = stage(blobs, b"never mind").await.unwrap();
    let path = dropped.path().to_path_buf();
    assert!(path.exists());
    drop(dropped);
    assert!(!path.exists());

    let mut kept = stage(blobs, b"keep me").await.unwrap();
    let path = kept.path().to_path_buf();
    blobs.keep(&mut kept, &key(Extension::Wav)).await.unwrap();
    assert!(path.exists(), "its row may still be to come");
    drop(kept);
    assert!(!path.exists());
}

async fn a_staging_file_can_be_left_for_the_sweep(blobs: &Blobs) {
    let left = stage(blobs, b"who knows").await.unwrap();
    let path = left.path().to_path_buf();
    left.leave();
    assert!(path.exists());
    let abandoned = blobs.abandoned(Duration::ZERO).await.unwrap();
    let [abandoned] = abandoned.try_into().unwrap();
    blobs.forget(abandoned).await.unwrap();
    assert!(!path.exists());
}

async fn what_was_abandoned_is_found_by_its_name_and_nothing_else_is(blobs: &Blobs) {
    let in_use = stage(blobs, b"in use").await.unwrap();
    let recording = Uuid::new_v4();
    let path = in_use.path().with_file_name(format!("{recording}.part"));
    fs::write(&path, b"of a process that crashed").unwrap();
    fs::write(in_use.path().with_file_name("notes.txt"), b"of the operator").unwrap();

    let fresh = blobs.abandoned(MINUTE).await.unwrap();
    assert!(fresh.is_empty(), "its owner may be about to lock it");

    let abandoned = blobs.abandoned(Duration::ZERO).await.unwrap();
    let [abandoned] = abandoned.try_into().unwrap();
    assert_eq!(abandoned.recording(), recording);
    assert_eq!(blobs.staged().await.unwrap().len(), 2);
    blobs.forget(abandoned).await.unwrap();
    assert!(!path.exists());
    assert!(in_use.path().exists());
    assert!(in_use.path().with_file_name("notes.txt").exists());
}

async fn a_store_that_works_passes_its_check(blobs: &Blobs) {
    blobs.check().await.unwrap();
    assert!(list(blobs).await.is_empty());
}

#[tokio::test]
async fn of_many_who_keep_one_key_only_one_does() {
    let ground = Ground::disk();
    let key = key(Extension::Wav);
    let keeping = (0..8_u8).map(async |n| keep(&ground.blobs, &key, &[n]).await);
    let kept = futures::future::join_all(keeping).await;
    assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), 1);
    let lost = kept.iter().filter(|kept| matches!(kept, Err(Error::AlreadyThere(_)))).count();
    assert_eq!(lost, 7);
}

#[tokio::test]
async fn a_full_disk_is_no_space() {
    let mut staged = Staged::on_a_full_disk();
    staged.write(b"lost").await.unwrap(); // still in the buffer
    assert!(matches!(staged.finish().await, Err(Error::NoSpace)));
    assert!(staged.finish().await.is_err(), "half a recording is not to be kept");
}

#[tokio::test]
async fn a_disk_that_is_gone_fails_its_check() {
    let ground = Ground::disk();
    fs::remove_dir_all(ground.directory.path()).unwrap();
    assert!(matches!(ground.blobs.check().await, Err(Error::Backend(_))));
}

#[tokio::test]
async fn a_file_that_is_none_of_ours_is_left_alone() {
    let ground = Ground::disk();
    let audio = ground.directory.path().join("store/audio");
    fs::write(audio.join("README"), "put here by hand").unwrap();
    assert!(list(&ground.blobs).await.is_empty());
}

#[tokio::test]
async fn recordings_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let ground = Ground::disk();
    let key = key(Extension::Wav);
    keep(&ground.blobs, &key, b"secret").await.unwrap();
    let file = ground.directory.path().join("store").join(key.to_string());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_wrong_s3_secret_is_refused() {
    let Some(settings) = s3_settings() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let secret = Some("not the secret".to_owned());
    let config = Config { s3_secret_key: secret, ..settings.config(&directory) };
    let blobs = Blobs::open(&config).unwrap();
    assert!(matches!(blobs.check().await, Err(Error::Refused(_))));
    let kept = keep(&blobs, &key(Extension::Wav), b"x").await;
    assert!(matches!(kept, Err(Error::Refused(_))), "{kept:?}");
    assert!(matches!(blobs.size(&key(Extension::Wav)).await, Err(Error::Refused(_))));
    let listed: Result<Vec<_>> = blobs.list().try_collect().await;
    assert!(listed.is_err());
}

#[tokio::test]
async fn an_s3_server_that_is_down_is_told_soon() {
    // Bound and closed again: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let directory = tempfile::tempdir().unwrap();
    let settings = S3 { endpoint: format!("http://127.0.0.1:{port}"), ..S3::default() };
    let blobs = Blobs::open(&settings.config(&directory)).unwrap();
    let check = tokio::time::timeout(Duration::from_secs(10), blobs.check()).await;
    assert!(matches!(check.unwrap(), Err(Error::Backend(_))));
}

#[tokio::test]
async fn an_s3_server_that_never_answers_is_told_soon() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let blobs = Blobs::open(&S3 { endpoint, ..S3::default() }.config(&directory)).unwrap();
    let check = tokio::time::timeout(Duration::from_secs(10), blobs.check()).await;
    assert!(matches!(check.unwrap(), Err(Error::Backend(_))));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |config: Config| match Blobs::open(&config) {
        Err(Error::Settings(why)) => why,
        other => panic!("{other:?}"),
    };
    let good = || S3::default().config(&directory);
    let url = |url: &str| Url::parse(url).unwrap();

    let why = refused(Config { url: url("gs://bucket"), ..good() });
    assert_eq!(why, "audio is kept in file: or s3:, not gs:");
    let why = refused(Config { url: url("file://server/share"), ..good() });
    assert_eq!(why, "file://server/share does not name a directory");
    let why = refused(Config { url: url("s3:///prefix"), ..good() });
    assert_eq!(why, "s3:///prefix names no bucket");
    let why = refused(Config { s3_secret_key: None, ..good() });
    assert_eq!(why, "S3 needs both keys or none");
}

#[test]
fn secrets_are_not_printed() {
    let config = S3::default().config(&tempfile::tempdir().unwrap());
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn a_key_has_one_spelling() {
    let recording = Uuid::from_u128(0xab54_a98c_eb1f_4ad2_9026_0242_ac11_0002);
    let key = BlobKey::Audio { recording, extension: Extension::Mp3 };
    let path = "audio/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.mp3";
    assert_eq!(key.to_string(), path);
    assert_eq!(BlobKey::parse(path), Some(key));
    for other in [
        "",
        "audio",
        "audio/ab/",
        "audio/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002",
        "audio/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.aac",
        "audio/ac/ab54a98c-eb1f-4ad2-9026-0242ac110002.mp3",
        "audio/ab/AB54A98C-EB1F-4AD2-9026-0242AC110002.mp3",
        "audio/ab/ab54a98ceb1f4ad290260242ac110002.mp3",
        "staging/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.mp3",
        "converted/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.",
        "converted/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.WAV",
        "converted/ab/ab54a98c-eb1f-4ad2-9026-0242ac110002.a/b",
    ] {
        assert_eq!(BlobKey::parse(other), None, "{other}");
    }
}

const MINUTE: Duration = Duration::from_mins(1);

/// A store to test on, gone with this.
struct Ground {
    blobs: Blobs,
    directory: TempDir,
}

impl Ground {
    fn disk() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = Url::from_directory_path(directory.path().join("store")).unwrap();
        let blobs = Blobs::open(&Config { url, ..S3::default().config(&directory) }).unwrap();
        Self { blobs, directory }
    }

    fn s3() -> Option<Self> {
        let settings = s3_settings()?;
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&settings.config(&directory)).unwrap();
        Some(Self { blobs, directory })
    }
}

struct S3 {
    endpoint: String,
    bucket: String,
    access: String,
    secret: String,
}

impl Default for S3 {
    fn default() -> Self {
        let [endpoint, bucket, access, secret] =
            ["http://127.0.0.1:1", "bucket", "a key", "a secret"].map(str::to_owned);
        Self { endpoint, bucket, access, secret }
    }
}

impl S3 {
    /// In a folder of its own, so that tests do not see each other's objects.
    fn config(&self, directory: &TempDir) -> Config {
        let url = format!("s3://{}/blob-tests/{}/", self.bucket, Uuid::new_v4());
        Config {
            url: Url::parse(&url).unwrap(),
            s3_endpoint: Some(self.endpoint.clone()),
            s3_region: None,
            s3_access_key: Some(self.access.clone()),
            s3_secret_key: Some(self.secret.clone()),
            staging: directory.path().join("waiting"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "make test says where its servers are")]
#[expect(clippy::print_stderr, reason = "a test that does nothing should say so")]
fn s3_settings() -> Option<S3> {
    let Ok(url) = std::env::var("TEST_S3_URL") else {
        assert!(std::env::var("TEST_NO_SKIP").is_err(), "TEST_S3_URL is not set");
        eprintln!("skipped: TEST_S3_URL is not set");
        return None;
    };
    let mut url = Url::parse(&url).unwrap();
    let bucket = url.path().trim_matches('/').to_owned();
    let (access, secret) = (url.username().to_owned(), url.password().unwrap().to_owned());
    url.set_username("").unwrap();
    url.set_password(None).unwrap();
    url.set_path("");
    let endpoint = url.as_str().trim_end_matches('/').to_owned();
    Some(S3 { endpoint, bucket, access, secret })
}

fn key(extension: Extension) -> BlobKey {
    BlobKey::Audio { recording: Uuid::new_v4(), extension }
}

async fn stage(blobs: &Blobs, bytes: &[u8]) -> Result<Staged> {
    let mut staged = blobs.stage(Uuid::new_v4()).await?;
    staged.write(bytes).await?;
    Ok(staged)
}

async fn keep(blobs: &Blobs, key: &BlobKey, bytes: &[u8]) -> Result<()> {
    blobs.keep(&mut stage(blobs, bytes).await?, key).await
}

async fn read(blobs: &Blobs, key: &BlobKey, range: Range<u64>) -> Result<Vec<u8>> {
    let pieces: Vec<Bytes> = blobs.read(key, range).await?.try_collect().await?;
    Ok(pieces.concat())
}

async fn list(blobs: &Blobs) -> Vec<Listed> {
    blobs.list().try_collect().await.unwrap()
}

fn usize_range(range: &Range<u64>) -> Range<usize> {
    let end = |n: u64| usize::try_from(n).unwrap();
    end(range.start)..end(range.end)
}

/// Bytes of which no two parts are alike.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

impl Staged {
    fn on_a_full_disk() -> Self {
        Self::of(fs::OpenOptions::new().write(true).open("/dev/full").unwrap(), Path::new(""))
    }
}

/// Asks the server for something that no store of ours ever does.
async fn put_bucket(s3: &S3, bucket: &str, question: &str, body: &'static str) {
    use object_store::aws::{AwsAuthorizer, AwsCredential};
    use object_store::client::{HttpConnector as _, HttpRequestBody, ReqwestConnector};
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = object_store::ClientOptions::new().with_allow_http(true);
    let client = ReqwestConnector::default().connect(&options).unwrap();
    let credential =
        AwsCredential { key_id: s3.access.clone(), secret_key: s3.secret.clone(), token: None };
    let request = http::Request::put(format!("{}/{bucket}{question}", s3.endpoint));
    let mut request = request.body(HttpRequestBody::from(body.to_owned())).unwrap();
    AwsAuthorizer::new(&credential, "s3", "us-east-1").try_authorize(&mut request, None).unwrap();
    let answer = client.execute(request).await.unwrap();
    assert!(answer.status().is_success(), "{bucket}{question}: {}", answer.status());
}

#[tokio::test]
async fn a_bucket_that_keeps_what_is_deleted_is_known() {
    let Some(mut s3) = s3_settings() else { return };
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(s3.config(&directory).keeps_deleted().await.unwrap(), None);
    let bucket = format!("versions-{}", Uuid::new_v4().simple());
    put_bucket(&s3, &bucket, "", "").await;
    for (status, expected) in [("Enabled", Keeps::Versions), ("Suspended", Keeps::OldVersions)] {
        let body = match status {
            "Enabled" => {
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            }
            _ => "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
        };
        put_bucket(&s3, &bucket, "?versioning=", body).await;
        let config = S3 { bucket: bucket.clone(), ..s3_settings().unwrap() }.config(&directory);
        assert_eq!(config.keeps_deleted().await.unwrap(), Some(expected), "{status}");
    }
    s3.secret.push('x');
    let refused = s3.config(&directory).keeps_deleted().await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let disk = Config {
        url: Url::from_directory_path(directory.path()).unwrap(),
        ..s3.config(&directory)
    };
    assert_eq!(disk.keeps_deleted().await.unwrap(), None);
}

/// A file of these bytes.
fn file(directory: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = directory.path().join("source");
    fs::write(&path, bytes).unwrap();
    path
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

async fn a_copy_is_made_known_by_its_hash_and_replaced(archive: &Archive) {
    let directory = TempDir::new().unwrap();
    let key = CopyKey::new("MA00000000000000000A/2026/01/15", Uuid::new_v4(), "wav");
    let large = noise(20_000_000);
    assert!(!archive.has(&key, hash(b"one")).await.unwrap());
    for bytes in [&b"one"[..], b"", &large] {
        archive.put(&file(&directory, bytes), &key).await.unwrap();
        assert!(archive.has(&key, hash(bytes)).await.unwrap());
        assert!(!archive.has(&key, hash(b"another")).await.unwrap());
    }
    archive.sweep(Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn an_archive_on_disk() {
    let directory = TempDir::new().unwrap();
    let mut config = S3::default().config(&directory);
    config.url = Url::from_directory_path(directory.path().join("cold")).unwrap();
    let archive = Archive::open(&config).unwrap();
    let key = CopyKey::new("MA00000000000000000A/2026/01/15", Uuid::new_v4(), "wav");
    let away = archive.put(&file(&directory, b"one"), &key).await;
    assert!(matches!(away, Err(Error::Backend(_))), "the disk is not mounted: {away:?}");
    archive.sweep(Duration::ZERO).await.unwrap();

    fs::create_dir(directory.path().join("cold")).unwrap();
    a_copy_is_made_known_by_its_hash_and_replaced(&archive).await;
    let staging = directory.path().join("cold/.callvault");
    assert_eq!(fs::read_dir(&staging).unwrap().count(), 0, "nothing is left of the writing");
    let left = staging.join(format!("{}.part", Uuid::new_v4()));
    fs::write(&left, b"half").unwrap();
    archive.sweep(Duration::from_mins(1)).await.unwrap();
    assert!(left.exists(), "it may be just being written");
    archive.sweep(Duration::ZERO).await.unwrap();
    assert!(!left.exists());
    let gone = archive.put(&directory.path().join("no such file"), &key).await;
    assert!(gone.is_err());
    assert_eq!(fs::read_dir(&staging).unwrap().count(), 0);
}

#[tokio::test]
async fn an_archive_in_s3() {
    let directory = TempDir::new().unwrap();
    let Some(settings) = s3_settings() else { return };
    let archive = Archive::open(&settings.config(&directory)).unwrap();
    a_copy_is_made_known_by_its_hash_and_replaced(&archive).await;
}
