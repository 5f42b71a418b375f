use super::*;

/// How SQLite goes about a statement, step by step.
async fn plan(store: &Store, name: &str) -> Vec<String> {
    let fixed = [export::STATEMENTS, job::STATEMENTS].concat();
    let fixed = fixed.into_iter().map(|(name, sql)| (name, sql.to_owned()));
    let mut all = recording::statements(false).into_iter().chain(fixed);
    let (_, sql) = all.find(|(known, _)| *known == name).unwrap();
    let read = store.read(move |reader| {
        Box::pin(async move {
            let rows = reader.0.rows(&format!("explain query plan {sql}"), &[]).await?;
            let step = |mut row: value::Row| {
                let _ids: (i64, i64, i64) = (row.next()?, row.next()?, row.next()?);
                row.next()
            };
            rows.into_iter().map(step).collect()
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn what_was_said_is_found_by_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Config::Sqlite(dir.path().join("x"))).await.unwrap();
    for name in ["guarded page of what was said", "guarded count of what was said"] {
        let plan = plan(&store, name).await;
        let step = "SEARCH r USING INDEX sqlite_autoindex_recording_1 (recording_id=?)";
        assert!(plan.iter().any(|found| found == step), "{name}: {plan:#?}");
    }
}

#[tokio::test]
async fn what_goes_batch_by_batch_sorts_nothing_and_has_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Config::Sqlite(dir.path().join("x"))).await.unwrap();
    for (name, step) in [
        (
            "guarded stretch of all of a main account",
            "SEARCH r USING INDEX recording_root_number (root_id=? AND number>? AND number<?)",
        ),
        (
            "guarded stretch of all of a subaccount",
            "SEARCH r USING INDEX recording_subaccount_number (account_id=? AND number>? AND number<?)",
        ),
        (
            "all of a main account into an export",
            "SEARCH r USING INDEX recording_root_number (root_id=? AND number>?)",
        ),
        (
            "all of a subaccount into an export",
            "SEARCH r USING INDEX recording_subaccount_number (account_id=? AND number>?)",
        ),
        ("DAMAGED", "SEARCH r USING COVERING INDEX recording_damage (damage>?)"),
        ("OF_STATE", "SEARCH job USING INDEX job_of_state (root_id=? AND state=? AND job_id<?)"),
        ("OF_ACCOUNT", "SEARCH job USING INDEX job_of (root_id=? AND job_id<?)"),
    ] {
        let plan = plan(&store, name).await;
        assert!(plan.iter().any(|found| found == step), "{name}: {plan:#?}");
        assert!(!plan.iter().any(|found| found.contains("TEMP B-TREE")), "{name}: {plan:#?}");
    }
}
