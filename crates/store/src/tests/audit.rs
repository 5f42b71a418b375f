//! The audit log refuses to be changed, and shows it where it was.

use sha2::Digest as _;

use super::*;

fn told(detail: &str) -> NewAuditEntry {
    NewAuditEntry {
        at: time("2024-01-01T00:00:00Z"),
        who: "operator".to_owned(),
        source: None,
        action: AuditAction::Settings,
        subject: Some("hold 1".to_owned()),
        detail: detail.to_owned(),
    }
}

#[tokio::test]
async fn entries_are_chained_and_the_tables_refuse_to_change_them() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let entries = [told("{}"), told("{\"a\":1}"), told("{}")];
    let new = entries.clone();
    store.write(move |tx| Box::pin(async move { tx.tell(main, &new).await })).await.unwrap();
    for sql in ["update audit set detail = '{}'", "delete from audit"] {
        let write = store
            .write(move |tx| Box::pin(async move { tx.0.0.execute(sql, &[]).await.map(drop) }));
        let error = format!("{:#}", anyhow::Error::new(write.await.unwrap_err()));
        assert!(error.contains("the audit log is not"), "{error}");
    }
    let read = store.read(move |reader| Box::pin(reader.audit_after(main, 0, 10)));
    let kept = read.await.unwrap();
    assert_eq!(kept.iter().map(|entry| entry.entry).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(kept.iter().map(|entry| &entry.told).collect::<Vec<_>>(), entries.each_ref());
    let mut hash = [0; 32];
    for entry in &kept {
        assert_eq!(entry.hash_after(&hash), entry.hash);
        hash = entry.hash;
    }
    let head = store.read(move |reader| Box::pin(reader.audit_head(main))).await.unwrap();
    assert_eq!(head, AuditHead { entries: 3, hash });

    // Every field counts.
    let [first, ..] = &kept[..] else { panic!() };
    let changes: [fn(&mut AuditEntry); 7] = [
        |entry| entry.entry = 2,
        |entry| entry.told.at = entry.told.at.plus(Duration::from_micros(1)),
        |entry| entry.told.who = "policy 1".to_owned(),
        |entry| entry.told.source = Some("192.0.2.1".to_owned()),
        |entry| entry.told.action = AuditAction::Delete,
        |entry| entry.told.subject = None,
        |entry| entry.told.detail = "{\"a\":1}".to_owned(),
    ];
    for change in changes {
        let mut forged = first.clone();
        change(&mut forged);
        assert_ne!(forged.hash_after(&[0; 32]), first.hash);
    }
}

#[tokio::test]
async fn the_chain_is_the_documented_one() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    store
        .write(move |tx| Box::pin(async move { tx.tell(main, &[told("{}")]).await }))
        .await
        .unwrap();
    let read = store.read(move |reader| Box::pin(reader.audit_after(main, 0, 1)));
    let [entry] = read.await.unwrap().try_into().unwrap();
    let mut bytes = vec![0; 32];
    bytes.extend(b"1:1,16:1704067200000000,8:operator,0:,8:settings,6:hold 1,2:{},");
    assert_eq!(entry.hash[..], sha2::Sha256::digest(&bytes)[..]);
}
