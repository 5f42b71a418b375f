//! The denoised variant: kept, never served damaged, made again.

use std::time::Duration;

use futures::TryStreamExt as _;
use testkit::{TestVault, sound};
use vault::{Audio, Caller, Container, Error, Listener, RecordingId, Result, Variant};

use crate::keeping::{caller, keep};

struct Ground {
    vault: TestVault,
    caller: Caller,
    id: RecordingId,
}

impl Ground {
    /// A recording with its variant.
    async fn new() -> Self {
        let vault = TestVault::new().await;
        let caller = caller(&vault, &vault.account("acme").await).await;
        let id = keep(&vault, &caller, sound::CALL, None).await.unwrap().recording.recording_id;
        vault.vault.denoise(&caller, id).await.unwrap();
        vault.work().await;
        Self { vault, caller, id }
    }

    async fn open(&self, variant: Variant, container: Container) -> Result<Audio> {
        let listener = Listener::Caller(&self.caller);
        self.vault.vault.open_audio(listener, self.id, variant, container).await
    }

    async fn bytes(&self, variant: Variant) -> Vec<u8> {
        let audio = self.open(variant, Container::Wav).await.unwrap();
        let pieces: Vec<_> =
            audio.read(0..audio.length).await.unwrap().try_collect().await.unwrap();
        pieces.concat()
    }

    fn path(&self) -> std::path::PathBuf {
        let id = self.id.to_string();
        let file = format!("audio/converted/{}/{id}.denoised.wav", &id[..2]);
        self.vault.directory().join(file)
    }

    fn flip(&self) {
        let mut bytes = std::fs::read(self.path()).unwrap();
        bytes[5_000] ^= 1;
        std::fs::write(self.path(), bytes).unwrap();
    }
}

#[tokio::test]
async fn it_stays_for_as_long_as_the_recording() {
    let ground = Ground::new().await;
    let denoised = ground.bytes(Variant::Denoised).await;
    ground.vault.clock.advance(Duration::from_hours(5 * 365 * 24));
    ground.vault.vault.queue_sweep().await.unwrap();
    ground.vault.work().await;
    assert!(ground.bytes(Variant::Default).await == denoised);
    let verified = ground.vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.findings.len(), verified.conversions, verified.forgotten), (0, 1, 0));
}

#[tokio::test]
async fn one_that_is_gone_or_cut_is_not_served_and_made_again() {
    let ground = Ground::new().await;
    let denoised = ground.bytes(Variant::Denoised).await;
    for damage in [None, Some(&denoised[..9_000])] {
        match damage {
            None => std::fs::remove_file(ground.path()).unwrap(),
            Some(cut) => std::fs::write(ground.path(), cut).unwrap(),
        }
        assert!(ground.bytes(Variant::Default).await == sound::CALL);
        assert!(matches!(
            ground.open(Variant::Denoised, Container::Wav).await,
            Err(Error::NoSuchForm(_))
        ));
        ground.vault.work().await;
        assert!(ground.bytes(Variant::Default).await == denoised);
    }
}

#[tokio::test]
async fn one_that_has_rotted_is_found_and_made_again() {
    let ground = Ground::new().await;
    let denoised = ground.bytes(Variant::Denoised).await;
    ground.flip();
    let verified = ground.vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.findings.len(), verified.forgotten), (0, 1));
    assert!(ground.bytes(Variant::Default).await == sound::CALL);
    ground.vault.work().await;
    assert!(ground.bytes(Variant::Default).await == denoised);

    ground.flip();
    ground.vault.vault.queue_scrub().await.unwrap();
    ground.vault.work().await;
    assert!(ground.bytes(Variant::Default).await == denoised);
}

#[tokio::test]
async fn nothing_is_made_of_one_that_has_rotted() {
    let ground = Ground::new().await;
    let mp3 = ground.open(Variant::Default, Container::Mp3).await.unwrap().etag;
    let id = ground.id.to_string();
    let made = format!("audio/converted/{}/{id}.denoised.mp3", &id[..2]);
    std::fs::remove_file(ground.vault.directory().join(made)).unwrap();
    ground.flip();
    let refused = ground.open(Variant::Default, Container::Mp3).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{:?}", refused.err());
    ground.vault.work().await;
    assert_eq!(ground.open(Variant::Default, Container::Mp3).await.unwrap().etag, mp3);
}

#[tokio::test]
async fn of_a_damaged_recording_none_is_made() {
    let ground = Ground::new().await;
    std::fs::remove_file(ground.path()).unwrap();
    let file = ground.vault.audio_files().into_iter().find(|f| f.starts_with("audio/")).unwrap();
    std::fs::write(ground.vault.directory().join("audio").join(file), b"RIFF").unwrap();
    ground.vault.vault.verify(|_| ()).await.unwrap();
    let refused = ground.vault.vault.denoise(&ground.caller, ground.id).await;
    assert!(matches!(refused, Err(Error::Damaged(_))));
    ground.vault.work().await;
    assert!(!ground.path().exists());
}
