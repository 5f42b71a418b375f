use super::*;

async fn total(store: &Store, main: AccountId) -> u64 {
    let (scope, filter) = (Scope::Root(main), RecordingFilter::default());
    let read = store.snapshot(move |reader| {
        Box::pin(async move {
            let page = reader.recordings(scope, &filter, newest(1, 0)).await?;
            // The hours and the rows must always agree.
            assert_eq!(page.total, reader.count(scope, &filter).await?);
            Ok(page.total)
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_nothing_and_its_neighbours_stand() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let taken = recording(main, main, time("2024-01-01T00:00:00Z"));
    add(&store, &taken).await;
    // Many at once, so that SQLite puts good and bad into one group.
    let writes = (0..60).map(|at| {
        let store = store.store.clone();
        let mut new = recording(main, main, time("2024-01-01T00:30:00Z"));
        let second = NewRecording {
            recording_id: if at % 3 == 0 { taken.recording_id } else { RecordingId::random() },
            ..new.clone()
        };
        new.recording_id = RecordingId::random();
        tokio::spawn(async move {
            let write = store.write(move |tx| {
                Box::pin(async move {
                    tx.add_recording(&new).await?;
                    tx.add_recording(&second).await
                })
            });
            write.await
        })
    });
    let mut refused = 0;
    for result in futures::future::join_all(writes).await {
        match result.unwrap() {
            Ok(_) => {}
            Err(Error::Unique(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 20);
    assert_eq!(total(&store, main).await, 1 + 40 * 2);
}

#[tokio::test]
async fn what_was_written_is_there_for_the_next_reader_and_after_opening_again() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    for done in 1..=20 {
        add(&store, &recording(main, main, time("2024-01-01T00:00:00Z"))).await;
        assert_eq!(total(&store, main).await, done);
    }
    let again = Store::open(&store.config).await.unwrap();
    assert_eq!(total(&again, main).await, 20);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_leave_a_transaction_open() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    for _ in 0..40 {
        let new = recording(main, main, time("2024-01-01T00:00:00Z"));
        let write = store.write(move |tx| Box::pin(async move { tx.add_recording(&new).await }));
        let _ = tokio::time::timeout(Duration::from_micros(50), write).await;
    }
    add(&store, &recording(main, main, time("2024-01-01T00:00:00Z"))).await;
    assert!(total(&store, main).await >= 1);
}

#[tokio::test]
async fn two_takers_of_one_recording_do_not_both_get_it() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let new = recording(main, main, time("2024-01-01T00:00:00Z"));
    add(&store, &new).await;
    let id = new.recording_id;
    let takes = (0..8).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move { take(&store, Scope::Root(main), id).await })
    });
    let results = futures::future::join_all(takes).await;
    assert_eq!(results.into_iter().filter(|took| *took.as_ref().unwrap()).count(), 1);
    assert_eq!(total(&store, main).await, 0);
}

#[tokio::test]
async fn a_purge_empties_the_log_and_holds_nobody_up() {
    let store = store().await;
    account(&store, "MAAAAAAAAAAAAAAAAAAA", None).await;
    let Config::Sqlite(path) = &store.config else {
        assert!(store.purge(Purge::Deleted).await.unwrap());
        return;
    };
    let log = path.with_extension("sqlite-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    // Somebody reads what was there before the last write.
    let reader = rusqlite::Connection::open(path).unwrap();
    reader.execute_batch("begin; select count(*) from account").unwrap();
    account(&store, "MABBBBBBBBBBBBBBBBBB", None).await;
    assert!(!store.purge(Purge::Deleted).await.unwrap());
    assert!(size() > 0);
    account(&store, "MACCCCCCCCCCCCCCCCCC", None).await;
    reader.execute_batch("rollback").unwrap();
    assert!(store.purge(Purge::Deleted).await.unwrap());
    assert_eq!(size(), 0);
    account(&store, "MADDDDDDDDDDDDDDDDDD", None).await;
    assert!(store.purge(Purge::Everything).await.unwrap());
    assert_eq!(size(), 0);
}
