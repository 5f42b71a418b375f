//! Taking in: nothing half-kept, nothing kept twice.

use std::time::{Duration, SystemTime};

use testkit::{TestVault, sound};
use vault::{Caller, Error, Kept, NewAccount, RecordingDetails, Result};

pub(crate) async fn caller(vault: &TestVault, account: &NewAccount) -> Caller {
    vault
        .vault
        .sign_in(vault::Source::LOCAL, account.auth_id.as_str(), &account.auth_token)
        .await
        .unwrap()
}

pub(crate) async fn keep(
    vault: &TestVault,
    caller: &Caller,
    bytes: &[u8],
    key: Option<&str>,
) -> Result<Kept> {
    let mut upload = vault.vault.begin_recording(caller).await?;
    for piece in bytes.chunks(1_000) {
        upload.write(piece).await?;
    }
    vault.vault.finish_recording(caller, upload, RecordingDetails::default(), key).await
}

fn second() -> Vec<u8> {
    sound::wav(Duration::from_secs(1))
}

#[tokio::test]
async fn what_is_kept_has_its_bytes_under_its_own_id_and_no_staging_file() {
    let vault = TestVault::new().await;
    let caller = caller(&vault, &vault.account("acme").await).await;
    let kept = keep(&vault, &caller, &second(), None).await.unwrap();
    let id = kept.recording.recording_id.to_string();
    assert_eq!(vault.audio_files(), [format!("audio/{}/{id}.wav", &id[..2])]);
    assert_eq!(kept.recording.sound.duration(), Duration::from_secs(1));
    assert_eq!(kept.recording.start, kept.recording.add_time.minus(Duration::from_secs(1)));
}

#[tokio::test]
async fn an_upload_that_is_dropped_or_refused_leaves_nothing() {
    let vault = TestVault::new().await;
    let caller = caller(&vault, &vault.account("acme").await).await;
    let mut upload = vault.vault.begin_recording(&caller).await.unwrap();
    upload.write(&second()).await.unwrap();
    assert_eq!(vault.audio_files().len(), 1);
    drop(upload);
    assert!(vault.audio_files().is_empty());

    let refused = keep(&vault, &caller, b"not a sound", None).await;
    assert!(matches!(refused, Err(Error::NotAudio(_))));
    assert!(vault.audio_files().is_empty());

    let mut upload = vault.vault.begin_recording(&caller).await.unwrap();
    let too_much = vec![0; usize::try_from(testkit::MAX_UPLOAD_BYTES).unwrap() + 1];
    assert!(matches!(upload.write(&too_much).await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn one_key_at_once_keeps_one_recording() {
    let vault = TestVault::new().await;
    let caller = caller(&vault, &vault.account("acme").await).await;
    let bytes = second();
    let both =
        futures::future::join_all((0..6).map(|_| keep(&vault, &caller, &bytes, Some("the key"))));
    let kept: Vec<Kept> = both.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(kept.iter().filter(|kept| kept.fresh).count(), 1);
    assert!(kept.iter().all(|other| other.recording == kept[0].recording));
    assert_eq!(vault.audio_files().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_account_its_bytes_and_its_day() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let other = caller(&vault, &vault.account("other").await).await;
    let first = keep(&vault, &acme, &second(), Some("k")).await.unwrap();
    assert!(keep(&vault, &other, &second(), Some("k")).await.unwrap().fresh);

    let longer = sound::wav(Duration::from_secs(2));
    let refused = keep(&vault, &acme, &longer, Some("k")).await;
    let Err(Error::Invalid { what: "Idempotency-Key", why }) = refused else { panic!() };
    assert_eq!(why, "was used for an upload of other bytes");

    vault.vault.delete_recording(&acme, first.recording.recording_id).await.unwrap();
    let gone = keep(&vault, &acme, &second(), Some("k")).await;
    assert!(matches!(gone, Err(Error::Conflict(_))), "a retry must not bring it back");

    vault.clock.advance(Duration::from_hours(24));
    assert!(keep(&vault, &acme, &second(), Some("k")).await.unwrap().fresh);
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_all_or_nothing() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    for wait in 0..30 {
        let keeping = keep(&vault, &acme, sound::CALL, None);
        let _ = tokio::time::timeout(Duration::from_micros(wait * 100), keeping).await;
    }
    // What was begun in the background comes to its end.
    for _ in 0..200 {
        if vault.audio_files().iter().all(|path| !path.starts_with("staging")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!(verified.recordings, vault.audio_files().len() as u64);
}

/// What kill -9 leaves between the bytes and the row, and after the row.
#[tokio::test]
async fn the_sweep_ends_what_a_crash_has_cut_off_and_touches_nothing_else() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let kept = keep(&vault, &acme, &second(), None).await.unwrap().recording.recording_id;
    let root = vault.directory().join("audio");
    let staged = |id: &str| {
        let path = root.join(format!("staging/{id}.part"));
        std::fs::write(&path, b"...").unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    };
    let object = |id: &str| {
        let folder = root.join(format!("audio/{}", &id[..2]));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{id}.mp3")), b"...").unwrap();
    };
    let cut_off = "11111111-1111-4111-8111-111111111111";
    staged(cut_off);
    object(cut_off);
    staged("22222222-2222-4222-8222-222222222222"); // before the bytes were kept
    staged(&kept.to_string()); // after the row was there
    let newer = "33333333-3333-4333-8333-333333333333"; // of a newer database
    object(newer);

    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!(verified.uploading, 1);
    vault.vault.queue_sweep().await.unwrap();
    vault.work().await;

    let kept = kept.to_string();
    let mut left = [format!("audio/{}/{kept}.wav", &kept[..2]), format!("audio/33/{newer}.mp3")];
    left.sort();
    assert_eq!(vault.audio_files(), left);
    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.recordings, verified.findings.len()), (1, 1));
}
