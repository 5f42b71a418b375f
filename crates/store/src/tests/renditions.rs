use super::*;

const START: &str = "2024-01-01T00:00:00Z";

/// A recording, the time, and the store that it is in.
struct Ground {
    store: TestStore,
    account: AccountId,
    id: RecordingId,
    now: Time,
}

impl Ground {
    async fn new() -> Self {
        let store = store().await;
        let account = account(&store, MAIN, None).await;
        let new = recording(account, account, time(START));
        add(&store, &new).await;
        Self { store, account, id: new.recording_id, now: time(START) }
    }

    async fn claim(&self, now: Time) -> Claimed {
        let (id, expired) = (self.id, now.minus(seconds(1_000)));
        let write = self.store.write(move |tx| {
            Box::pin(tx.claim_rendition(id, "mp3", now, now.plus(seconds(60)), expired))
        });
        write.await.unwrap()
    }

    async fn claimed(&self, now: Time) -> RenditionClaim {
        match self.claim(now).await {
            Claimed::Yours(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    fn made(&self, now: Time) -> Rendition {
        let (recording_id, form) = (self.id, "mp3".to_owned());
        Rendition { recording_id, form, kept: false, size_bytes: 7, sha256: [7; 32], made: now }
    }

    async fn finish(&self, claim: &RenditionClaim, now: Time) -> bool {
        let (claim, made) = (claim.clone(), self.made(now));
        let write = self
            .store
            .write(move |tx| Box::pin(async move { tx.finish_rendition(claim, &made).await }));
        write.await.unwrap()
    }

    async fn find(&self) -> Option<Rendition> {
        let (id, since) = (self.id, self.now.minus(seconds(1)));
        let read = self.store.read(move |reader| Box::pin(reader.rendition(id, "mp3", since)));
        read.await.unwrap().map(|(rendition, _)| rendition)
    }

    async fn stale(&self, now: Time) -> Vec<RenditionClaim> {
        let expired = now.minus(seconds(1_000));
        let read =
            self.store.read(move |reader| Box::pin(reader.stale_renditions(now, expired, 10)));
        read.await.unwrap()
    }

    async fn erase_all(&self, now: Time) -> Vec<RenditionClaim> {
        let id = self.id;
        let write = self
            .store
            .write(move |tx| Box::pin(tx.erase_renditions(id, now, now.plus(seconds(60)))));
        write.await.unwrap()
    }

    async fn forget(&self, claim: &RenditionClaim) -> bool {
        let claim = claim.clone();
        self.store.write(move |tx| Box::pin(tx.forget_rendition(claim))).await.unwrap()
    }
}

#[tokio::test]
async fn one_makes_it_and_all_have_it() {
    let ground = Ground::new().await;
    let now = ground.now;
    let claim = ground.claimed(now).await;
    assert_eq!(ground.claim(now).await, Claimed::Busy);
    assert_eq!(ground.find().await, None);
    assert!(ground.finish(&claim, now).await);
    assert_eq!(ground.find().await, Some(ground.made(now)));
    assert_eq!(ground.claim(now).await, Claimed::Busy);
    assert!(!ground.forget(&claim).await, "what is ready is erased first");
}

#[tokio::test]
async fn a_maker_that_is_not_heard_of_loses_it_to_the_next() {
    let ground = Ground::new().await;
    let now = ground.now;
    let lost = ground.claimed(now).await;
    let later = now.plus(seconds(60));
    assert_eq!(ground.stale(later.minus(seconds(1))).await, []);
    assert_eq!(ground.stale(later).await, std::slice::from_ref(&lost));
    let claim = ground.claimed(later).await;
    assert!(claim.token > lost.token);
    assert!(!ground.finish(&lost, later).await && !ground.forget(&lost).await);
    let read = ground.store.read(move |reader| Box::pin(reader.holds_rendition(lost)));
    assert!(!read.await.unwrap());
    let until = later.plus(seconds(120));
    let held = claim.clone();
    let renew = ground.store.write(move |tx| Box::pin(tx.renew_rendition(held, until)));
    assert!(renew.await.unwrap());
    assert_eq!(ground.stale(later.plus(seconds(100))).await, []);
    assert!(ground.finish(&claim, later).await);
}

#[tokio::test]
async fn what_has_expired_is_erased_once_or_made_anew() {
    let ground = Ground::new().await;
    let now = ground.now;
    let claim = ground.claimed(now).await;
    ground.finish(&claim, now).await;
    let later = now.plus(seconds(1_000));
    let [stale] = ground.stale(later).await.try_into().unwrap();
    let erase = async || {
        let (stale, until) = (stale.clone(), later.plus(seconds(60)));
        let write = ground.store.write(move |tx| Box::pin(tx.erase_rendition(stale, later, until)));
        write.await.unwrap()
    };
    let eraser = erase().await.unwrap();
    assert_eq!(erase().await, None);
    assert_eq!((ground.find().await, ground.claim(later).await), (None, Claimed::Busy));
    assert!(ground.forget(&eraser).await);
    let again = ground.claimed(later).await;
    ground.finish(&again, later).await;
    ground.claimed(later.plus(seconds(1_000))).await;
}

#[tokio::test]
async fn a_deleted_recording_takes_what_is_ready_and_what_is_being_made_along() {
    let ground = Ground::new().await;
    let (now, id, root) = (ground.now, ground.id, Scope::Root(ground.account));
    let ready = ground.claimed(now).await;
    ground.finish(&ready, now).await;
    let [eraser] = ground.erase_all(now).await.try_into().unwrap();
    assert!(ground.forget(&eraser).await);

    let making = ground.claimed(now).await;
    assert!(take(&ground.store, root, id).await);
    assert_eq!(ground.erase_all(now).await, [], "its maker will");
    assert!(!ground.finish(&making, now).await);
    assert!(ground.forget(&making).await);
    assert_eq!(ground.claim(now).await, Claimed::NoRecording);
}

#[tokio::test]
async fn they_are_walked_through_in_order() {
    let ground = Ground::new().await;
    ground.finish(&ground.claimed(ground.now).await, ground.now).await;
    let after = async |after| {
        let read = ground.store.read(move |reader| Box::pin(reader.renditions_after(after, 10)));
        read.await.unwrap()
    };
    let [(rendition, claim)] = after(None).await.try_into().unwrap();
    assert_eq!((rendition, claim.token), (ground.made(ground.now), 1));
    assert!(after(Some((ground.id, "mp3".to_owned()))).await.is_empty());
    assert_eq!(after(Some((ground.id, "flac".to_owned()))).await.len(), 1);
}

#[tokio::test]
async fn what_is_kept_does_not_expire() {
    let ground = Ground::new().await;
    let (now, claim) = (ground.now, ground.claimed(ground.now).await);
    let kept = Rendition { kept: true, ..ground.made(now) };
    let row = kept.clone();
    let finish = ground
        .store
        .write(move |tx| Box::pin(async move { tx.finish_rendition(claim, &row).await }));
    assert!(finish.await.unwrap());
    let years = now.plus(seconds(100_000_000));
    assert_eq!(ground.stale(years).await, []);
    assert_eq!(ground.claim(years).await, Claimed::Busy);
    let id = ground.id;
    let read = ground.store.read(move |reader| Box::pin(reader.rendition(id, "mp3", years)));
    assert_eq!(read.await.unwrap().map(|(found, _)| found), Some(kept.clone()));
    let read = ground.store.read(move |reader| Box::pin(reader.renditions_of(id)));
    let [(found, _)] = read.await.unwrap().try_into().unwrap();
    assert_eq!(found, kept);
    assert_eq!(ground.erase_all(now).await.len(), 1);
}
