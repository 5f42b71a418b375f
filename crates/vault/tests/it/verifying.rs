//! `verify` finds every way in which bytes can be wrong.

use std::time::Duration;

use testkit::{TestVault, sound};
use vault::{Caller, Container, Damage, Error, Fault, Listener, RecordingId, Scrubbed, Variant};

use crate::keeping::{caller, keep};

#[tokio::test]
async fn flipped_cut_grown_missing_and_foreign_bytes_are_found() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let root = vault.directory().join("audio");
    let mut paths = Vec::new();
    for _ in 0..5 {
        let id = keep(&vault, &acme, sound::CALL, None).await.unwrap().recording.recording_id;
        let id = id.to_string();
        paths.push(format!("audio/{}/{id}.wav", &id[..2]));
    }
    assert_eq!(vault.vault.verify(|_| ()).await.unwrap().findings, []);

    let size = sound::CALL.len() as u64;
    let mut flipped = sound::CALL.to_vec();
    flipped[1_000] ^= 1;
    std::fs::write(root.join(&paths[0]), flipped).unwrap();
    std::fs::write(root.join(&paths[1]), &sound::CALL[..sound::CALL.len() - 1]).unwrap();
    std::fs::write(root.join(&paths[2]), [sound::CALL, b"x"].concat()).unwrap();
    std::fs::remove_file(root.join(&paths[3])).unwrap();
    let foreign = "audio/33/33333333-3333-4333-8333-333333333333.wav";
    std::fs::create_dir_all(root.join("audio/33")).unwrap();
    std::fs::write(root.join(foreign), b"...").unwrap();

    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.recordings, verified.bytes), (5, 5 * size));
    let fault = |path: &str| {
        let found = verified.findings.iter().find(|finding| finding.path == path);
        found.map(|finding| finding.fault.clone())
    };
    assert_eq!(verified.findings.len(), 5);
    assert_eq!(fault(&paths[0]), Some(Fault::Hash));
    assert_eq!(fault(&paths[1]), Some(Fault::Size { expected: size, found: size - 1 }));
    assert_eq!(fault(&paths[2]), Some(Fault::Size { expected: size, found: size + 1 }));
    assert_eq!(fault(&paths[3]), Some(Fault::Missing));
    assert_eq!(fault(foreign), Some(Fault::Orphan));
}

/// The bytes of one of many recordings: no two are the same.
fn numbered(number: usize) -> Vec<u8> {
    let mut bytes = sound::wav(Duration::from_millis(40));
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&u32::try_from(number).unwrap().to_le_bytes());
    bytes
}

#[tokio::test]
async fn every_flipped_cut_and_missing_recording_is_found_remembered_and_forgotten() {
    let vault = TestVault::new().await;
    let acme = caller(&vault, &vault.account("acme").await).await;
    let root = vault.directory().join("audio/audio");
    let mut kept = Vec::new();
    for number in 0..300 {
        let bytes = numbered(number);
        let id = keep(&vault, &acme, &bytes, None).await.unwrap().recording.recording_id;
        kept.push((id, root.join(&id.to_string()[..2]).join(format!("{id}.wav")), bytes));
    }
    let (flipped, rest) = kept.split_at(200);
    let (cut, rest) = rest.split_at(50);
    let (missing, whole) = rest.split_at(20);
    for (number, (_, path, bytes)) in flipped.iter().enumerate() {
        let mut bytes = bytes.clone();
        let at = number * 7919 % bytes.len();
        bytes[at] ^= 1 << (number % 8);
        std::fs::write(path, bytes).unwrap();
    }
    for (number, (_, path, bytes)) in cut.iter().enumerate() {
        std::fs::write(path, &bytes[..number * 7]).unwrap();
    }
    for (_, path, _) in missing {
        std::fs::remove_file(path).unwrap();
    }

    let all = [(Damage::Hash, 200), (Damage::Missing, 20), (Damage::Size, 50)];
    assert_eq!(vault.vault.scrubbed().await.unwrap(), Scrubbed::default());
    vault.vault.queue_scrub().await.unwrap();
    vault.work().await;
    let found = |mut scrubbed: Scrubbed| {
        scrubbed.damaged.sort_by_key(|(damage, _)| damage.as_str());
        scrubbed
    };
    let first = found(vault.vault.scrubbed().await.unwrap());
    assert_eq!(first.damaged, all);
    assert_eq!(first.last_end, Some(vault.vault.now()));
    let verified = vault.vault.verify(|_| ()).await.unwrap();
    assert_eq!((verified.recordings, verified.findings.len()), (300, 270));
    assert_eq!(found(vault.vault.scrubbed().await.unwrap()), first, "they agree");

    for (damage, recordings) in
        [(Damage::Hash, flipped), (Damage::Size, cut), (Damage::Missing, missing)]
    {
        for (id, ..) in recordings {
            let refused = open(&vault, &acme, *id).await.err();
            assert!(matches!(refused, Some(Error::Damaged(what)) if what == damage), "{refused:?}");
        }
    }
    for (id, ..) in whole {
        assert!(open(&vault, &acme, *id).await.is_ok());
    }

    // One is deleted; of the others the right bytes come back.
    vault.vault.delete_recording(&acme, flipped[0].0).await.unwrap();
    vault.work().await;
    for (_, path, bytes) in &kept[1..150] {
        std::fs::write(path, bytes).unwrap();
    }
    assert_eq!(vault.vault.verify(|_| ()).await.unwrap().findings.len(), 270 - 150);
    let damaged = found(vault.vault.scrubbed().await.unwrap()).damaged;
    assert_eq!(damaged, [(Damage::Hash, 50), (Damage::Missing, 20), (Damage::Size, 50)]);
    for (_, path, bytes) in &kept[150..] {
        std::fs::write(path, bytes).unwrap();
    }
    vault.work().await;
    assert_eq!(vault.vault.scrubbed().await.unwrap().damaged.len(), 3, "it is not due");
    vault.clock.advance(Duration::from_hours(24));
    vault.work().await;
    let last_end = Some(vault.vault.now());
    assert_eq!(vault.vault.scrubbed().await.unwrap(), Scrubbed { damaged: vec![], last_end });
    for (id, ..) in &kept[1..] {
        assert!(open(&vault, &acme, *id).await.is_ok());
    }
}

async fn open(vault: &TestVault, caller: &Caller, id: RecordingId) -> vault::Result<()> {
    let listener = Listener::Caller(caller);
    let opened = vault.vault.open_audio(listener, id, Variant::Default, Container::Stored);
    opened.await.map(drop)
}
