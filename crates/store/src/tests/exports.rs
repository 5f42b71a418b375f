use super::*;

/// Adds an export of a main account's recordings.
async fn export(store: &Store, root_id: AccountId) -> ExportId {
    let export_id = ExportId::random();
    let new = NewExport {
        export_id,
        root_id,
        account_id: root_id,
        user_id: None,
        kind: ExportKind::Selection,
        filter: "{}".to_owned(),
        created: NOW,
    };
    store.write(move |tx| Box::pin(async move { tx.add_export(&new).await })).await.unwrap();
    export_id
}

async fn gather(store: &Store, id: ExportId, scope: Scope, limit: u32) -> u64 {
    let all = Selection { scope, filter: RecordingFilter::default() };
    let guard = Guard { queries: Vec::new(), received_until: NOW, keeps_words: false };
    let write = store.write(move |tx| {
        Box::pin(async move { tx.gather_export(id, &all, &guard, &Only::default(), limit).await })
    });
    write.await.unwrap()
}

async fn put(store: &Store, id: ExportId, scope: Scope, recordings: &[RecordingId]) {
    let all = recordings.to_vec();
    let write =
        store.write(move |tx| Box::pin(async move { tx.put_into_export(id, scope, &all).await }));
    write.await.unwrap();
}

/// How many recordings it says that it has, and those that it has.
async fn files(store: &Store, id: ExportId) -> (u64, Vec<RecordingId>) {
    let read = store.snapshot(move |reader| {
        Box::pin(async move {
            let total = reader.export(id, NOW).await?.map_or(0, |export| export.files_total);
            let files = reader.export_files(id, RecordingNumber(0), 10).await?;
            Ok((total, files.into_iter().map(|file| file.recording_id).collect()))
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn nothing_is_put_into_an_export_once_it_was_started() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let scope = Scope::Root(main);
    let some = [1, 2, 3].map(|_| recording(main, main, NOW));
    for new in &some[..2] {
        add(&store, new).await;
    }
    let ids = some.each_ref().map(|new| new.recording_id);
    let (all, chosen) = (export(&store, main).await, export(&store, main).await);
    assert_eq!(gather(&store, all, scope, 1).await, 1);
    assert_eq!(gather(&store, all, scope, 9).await, 1);
    put(&store, chosen, scope, &ids[..2]).await;
    for id in [all, chosen] {
        store.write(move |tx| Box::pin(tx.start_export(id))).await.unwrap();
    }
    // What follows does a worker that has lost its job to the one before.
    add(&store, &some[2]).await;
    assert_eq!(gather(&store, all, scope, 9).await, 0);
    put(&store, chosen, scope, &ids).await;
    for id in [all, chosen] {
        store.write(move |tx| Box::pin(tx.start_export(id))).await.unwrap();
        assert_eq!(files(&store, id).await, (2, ids[..2].to_vec()));
    }
}
