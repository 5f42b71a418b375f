//! Conversions: made once, kept for a week, gone with their recording, and no loss when lost.

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
    async fn new(sound: &[u8]) -> Self {
        let vault = TestVault::new().await;
        let caller = caller(&vault, &vault.account("acme").await).await;
        let id = keep(&vault, &caller, sound, None).await.unwrap().recording.recording_id;
        Self { vault, caller, id }
    }

    async fn open(&self, container: Container) -> Result<Audio> {
        let listener = Listener::Caller(&self.caller);
        self.vault.vault.open_audio(listener, self.id, Variant::Default, container).await
    }

    async fn bytes(&self, container: Container) -> Vec<u8> {
        let audio = self.open(container).await.unwrap();
        let pieces: Vec<_> =
            audio.read(0..audio.length).await.unwrap().try_collect().await.unwrap();
        pieces.concat()
    }

    fn file(&self, extension: &str) -> String {
        let id = self.id.to_string();
        format!("converted/{}/{id}.{extension}", &id[..2])
    }

    fn path(&self, extension: &str) -> std::path::PathBuf {
        self.vault.directory().join("audio").join(self.file(extension))
    }

    fn converted(&self) -> Vec<String> {
        let mut files = self.vault.audio_files();
        files.retain(|file| !file.starts_with("audio/"));
        files
    }

    async fn sweep(&self) {
        self.vault.vault.queue_sweep().await.unwrap();
        self.vault.work().await;
    }
}

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_conversion_is_kept_for_a_week_and_made_again_after_it() {
    let ground = Ground::new(sound::FLAC).await;
    let (wav, mp3) = (ground.bytes(Container::Wav).await, ground.bytes(Container::Mp3).await);
    assert_eq!(ground.converted(), [ground.file("mp3"), ground.file("wav")]);
    ground.vault.clock.advance(6 * DAY);
    ground.sweep().await;
    assert_eq!(ground.converted().len(), 2);
    ground.vault.clock.advance(DAY + Duration::from_hours(1));
    ground.sweep().await;
    assert!(ground.converted().is_empty());
    assert!(ground.bytes(Container::Wav).await == wav);
    assert!(ground.bytes(Container::Mp3).await == mp3);
    // What has expired and was not swept yet is made anew, for another week.
    ground.vault.clock.advance(7 * DAY);
    assert!(ground.bytes(Container::Wav).await == wav);
    ground.vault.clock.advance(DAY);
    ground.sweep().await;
    assert_eq!(ground.converted(), [ground.file("wav")]);
}

#[tokio::test]
async fn a_deleted_recording_takes_its_conversions_along() {
    let ground = Ground::new(sound::FLAC).await;
    ground.bytes(Container::Wav).await;
    ground.bytes(Container::Mp3).await;
    ground.vault.vault.delete_recording(&ground.caller, ground.id).await.unwrap();
    assert!(matches!(ground.open(Container::Mp3).await, Err(Error::NotFound)));
    ground.vault.work().await;
    assert!(ground.vault.audio_files().is_empty());
}

#[tokio::test]
async fn one_that_is_being_made_while_its_recording_is_deleted_does_not_stay() {
    // Long enough to be caught at it.
    let ground = Ground::new(&sound::wav(Duration::from_mins(3))).await;
    let deleting = async {
        // Until the row of the conversion is there, which is when its file is.
        while ground.converted().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        ground.vault.vault.delete_recording(&ground.caller, ground.id).await.unwrap();
        ground.vault.work().await;
    };
    let (opened, ()) = tokio::join!(ground.open(Container::Mp3), deleting);
    assert!(matches!(opened, Err(Error::NotFound)), "{:?}", opened.err());
    assert!(ground.vault.audio_files().is_empty(), "{:?}", ground.vault.audio_files());
}

#[tokio::test]
async fn whoever_goes_away_finds_it_made_later() {
    let ground = Ground::new(&sound::wav(Duration::from_mins(1))).await;
    let gone = tokio::time::timeout(Duration::from_millis(1), ground.open(Container::Mp3)).await;
    assert!(gone.is_err());
    // The next one waits for the same.
    assert!(ground.bytes(Container::Mp3).await.len() > 100_000);
    assert_eq!(ground.converted(), [ground.file("mp3")]);
}

#[tokio::test]
async fn two_programs_on_one_database_make_it_once() {
    let ground = Ground::new(&sound::wav(Duration::from_mins(1))).await;
    let other = ground.vault.reopen(|_| ()).await.unwrap();
    let listener = Listener::Caller(&ground.caller);
    let elsewhere = other.open_audio(listener, ground.id, Variant::Default, Container::Mp3);
    let (here, elsewhere) = tokio::join!(ground.open(Container::Mp3), elsewhere);
    assert_eq!(here.unwrap().etag, elsewhere.unwrap().etag);
    assert_eq!(ground.converted(), [ground.file("mp3")]);
}

#[tokio::test]
async fn a_lost_or_damaged_conversion_is_made_again() {
    let ground = Ground::new(sound::CALL).await;
    let mp3 = ground.bytes(Container::Mp3).await;
    std::fs::remove_file(ground.path("mp3")).unwrap();
    assert!(ground.bytes(Container::Mp3).await == mp3);
    std::fs::write(ground.path("mp3"), b"short").unwrap();
    assert!(ground.bytes(Container::Mp3).await == mp3);
}

#[tokio::test]
async fn verify_forgets_what_is_not_as_it_was_made_and_calls_none_an_orphan() {
    let ground = Ground::new(sound::FLAC).await;
    let verify = async || {
        let verified = ground.vault.vault.verify(|_| ()).await.unwrap();
        assert_eq!(verified.findings, []);
        (verified.conversions, verified.forgotten)
    };
    let (wav, mp3) = (ground.bytes(Container::Wav).await, ground.bytes(Container::Mp3).await);
    assert_eq!(verify().await, (2, 0));
    let mut flipped = wav.clone();
    flipped[1_000] ^= 1;
    std::fs::write(ground.path("wav"), flipped).unwrap();
    std::fs::remove_file(ground.path("mp3")).unwrap();
    // Of a newer database: nobody's, and no loss.
    let foreign = "33333333-3333-4333-8333-333333333333.mp3";
    std::fs::create_dir_all(ground.vault.directory().join("audio/converted/33")).unwrap();
    let foreign = ground.vault.directory().join("audio/converted/33").join(foreign);
    std::fs::write(&foreign, b"...").unwrap();
    assert_eq!(verify().await, (2, 3));
    assert!(ground.converted().is_empty());
    assert_eq!(verify().await, (0, 0));
    assert!(ground.bytes(Container::Wav).await == wav);
    assert!(ground.bytes(Container::Mp3).await == mp3);
}

/// What kill -9 leaves while a conversion is made: a claim that nobody renews.
#[tokio::test]
async fn what_a_crash_has_cut_off_is_taken_over_by_the_next_and_else_swept() {
    let ground = Ground::new(&sound::wav(Duration::from_mins(2))).await;
    for take_over in [false, true] {
        let other = ground.vault.reopen(|_| ()).await.unwrap();
        let (caller, id) = (ground.caller.clone(), ground.id);
        let crashed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let began = runtime.block_on(async {
                let listener = Listener::Caller(&caller);
                let open = other.open_audio(listener, id, Variant::Default, Container::Mp3);
                tokio::time::timeout(Duration::from_millis(20), open).await
            });
            runtime.shutdown_background();
            began.is_err()
        });
        assert!(crashed.join().unwrap(), "it was cut off");
        ground.vault.clock.advance(Duration::from_mins(1));
        if take_over {
            assert!(!ground.bytes(Container::Mp3).await.is_empty());
            assert_eq!(ground.converted(), [ground.file("mp3")]);
        } else {
            ground.sweep().await;
            assert!(ground.converted().is_empty(), "{:?}", ground.converted());
        }
    }
}
