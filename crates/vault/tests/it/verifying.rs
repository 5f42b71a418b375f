//! `verify` finds every way in which bytes can be wrong.

use testkit::{TestVault, sound};
use vault::Fault;

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
