//! Deleting: the row at once, the bytes by a job that is done in the end.

use std::time::Duration;

use testkit::{Receiver, Reply, TestVault, sound};
use tokio_util::sync::CancellationToken;
use vault::{DeliveryMethod, DeliveryPolicy, Dialect, Error, NewDelivery, RetryOn};

use crate::keeping::{caller, keep};

#[tokio::test]
async fn a_deleted_recording_is_gone_at_once_and_its_bytes_with_the_job() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let id = keep(&vault, &acme, sound::MP3, None).await.unwrap().recording.recording_id;
    vault.vault.delete_recording(&acme, id).await.unwrap();
    assert!(matches!(vault.vault.recording(&acme, id).await, Err(Error::NotFound)));
    assert!(matches!(vault.vault.delete_recording(&acme, id).await, Err(Error::NotFound)));
    assert_eq!(vault.audio_files().len(), 1);
    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.recordings, verified.erasing, verified.findings.len()), (0, 1, 0));
    vault.work().await;
    assert!(vault.audio_files().is_empty());
}

#[tokio::test]
async fn a_strangers_recording_cannot_be_deleted() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let sub = vault.subaccount(&account, "sub").await;
    let (acme, sub) = (caller(&vault, &account).await, caller(&vault, &sub).await);
    let other = caller(&vault, &vault.account("other").await).await;
    let of_acme = keep(&vault, &acme, sound::CALL, None).await.unwrap().recording.recording_id;
    let of_sub = keep(&vault, &sub, sound::CALL, None).await.unwrap().recording.recording_id;
    for (who, id) in [(&other, of_acme), (&other, of_sub), (&sub, of_acme)] {
        let refused = vault.vault.delete_recording(who, id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    }
    vault.vault.delete_recording(&acme, of_sub).await.unwrap();
}

#[tokio::test]
async fn an_erasure_that_fails_is_tried_again_until_it_is_done() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let id = keep(&vault, &acme, sound::CALL, None).await.unwrap().recording.recording_id;
    // In the way: a directory where the file was, which no deletion of a file removes.
    let path = vault.directory().join("audio").join(&vault.audio_files()[0]);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    vault.vault.delete_recording(&acme, id).await.unwrap();
    vault.work().await;
    assert_eq!(vault.vault.job_counts().await.unwrap().ready, 1);

    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, sound::CALL).unwrap();
    assert_eq!(vault.vault.run_due_jobs().await.unwrap(), 0, "it waits first");
    vault.clock.advance(Duration::from_secs(2));
    vault.work().await;
    assert_eq!(vault.vault.job_counts().await.unwrap().ready, 0);
    assert!(vault.audio_files().is_empty());
}

#[tokio::test]
async fn receivers_that_never_answer_do_not_hold_up_an_erasure() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let id = keep(&vault, &acme, sound::MP3, None).await.unwrap().recording.recording_id;
    let receiver = Receiver::that_replies(vec![Reply::Silence; 40]).await;
    let policy = DeliveryPolicy {
        connect_timeout: Duration::from_mins(1),
        read_timeout: Duration::from_hours(1),
        total_timeout: Duration::from_hours(1),
        retries: 0,
        retry_on: RetryOn::NOTHING,
    };
    let delivery = NewDelivery {
        dialect: Dialect::Plivo,
        url: receiver.url.clone(),
        method: DeliveryMethod::Post,
        policy,
        status: Some(200),
        answer: "{}".to_owned(),
    };
    for _ in 0..40 {
        vault.vault.deliver(&acme, delivery.clone(), Vec::new(), false).await.unwrap();
    }
    let shutdown = CancellationToken::new();
    let runner = tokio::spawn({
        let (vault, shutdown) = (vault.vault.clone(), shutdown.clone());
        async move { vault.run_jobs(shutdown).await }
    });
    let work = async {
        // Until every slot that deliveries can have is taken, and more wait for one.
        loop {
            let (jobs, calls) = (vault.vault.job_counts().await.unwrap(), receiver.calls().len());
            // (A sweep and a scrub may wait, too.)
            if jobs.ready > 2 && calls > 0 && jobs.running == calls as u64 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        vault.vault.delete_recording(&acme, id).await.unwrap();
        while !vault.audio_files().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("it is erased");
    let deliveries = vault.vault.deliveries(&acme, None, 100).await.unwrap();
    assert_eq!(deliveries.iter().filter(|delivery| delivery.attempts == 0).count(), 40);
    shutdown.cancel();
    runner.await.unwrap();
}
