use tokio::sync::mpsc;

use super::*;

/// Says that it has begun, and reads for ever.
async fn endless(store: Store, begun: mpsc::UnboundedSender<()>) -> Result<()> {
    let sql = "with recursive n (n) as (select 1 union all select n + 1 from n) \
               select count(*) from n";
    let read = store.read(move |reader| {
        Box::pin(async move {
            begun.send(()).unwrap();
            reader.0.row(sql, &[]).await.map(drop)
        })
    });
    read.await
}

#[tokio::test]
async fn a_read_ends_with_its_asker() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Config::Sqlite(dir.path().join("x"))).await.unwrap();
    let (begun, mut beginnings) = mpsc::unbounded_channel();
    // As many as there are threads.
    let threads = std::thread::available_parallelism().unwrap().get();
    let ask = |_| tokio::spawn(endless(store.clone(), begun.clone()));
    let askers: Vec<_> = (0..threads).map(ask).collect();
    for _ in &askers {
        beginnings.recv().await.unwrap();
    }
    for asker in askers {
        asker.abort();
    }
    let answer = tokio::time::timeout(Duration::from_mins(1), store.ping());
    answer.await.expect("nothing is read any more").unwrap();
}

#[tokio::test]
async fn postgres_ends_what_takes_too_long() {
    if postgres_url().is_none() {
        return;
    }
    let store = store().await;
    let limit = "select current_setting('statement_timeout')";
    let read = store.read(move |reader| Box::pin(reader.0.row(limit, &[])));
    assert_eq!(read.await.unwrap().unwrap().next::<String>().unwrap(), "15s");
    let late = store.write(|tx| {
        Box::pin(async {
            tx.0.0.script("set local statement_timeout = 1").await?;
            tx.0.0.row("select cast(1 as bigint) from pg_sleep(600)", &[]).await.map(drop)
        })
    });
    assert!(matches!(late.await, Err(Error::Unavailable(_))));
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_session_of_postgres_does_not_keep_every_statement_prepared() {
    if postgres_url().is_none() {
        return;
    }
    let store = store().await;
    let number = async |sql: String| {
        let read = store.read(move |reader| Box::pin(async move { reader.0.row(&sql, &[]).await }));
        read.await.unwrap().unwrap().next::<i64>().unwrap()
    };
    let prepared = async || number("select count(*) from pg_prepared_statements".to_owned()).await;
    for at in 0..200 {
        assert_eq!(number(format!("select cast({at} as bigint)")).await, at);
    }
    assert!(prepared().await > 200);
    for at in 200..300 {
        number(format!("select cast({at} as bigint)")).await;
    }
    assert!(prepared().await < 200);
}
