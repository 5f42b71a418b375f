use super::*;

async fn enqueue(store: &Store, payload: &str, at: Time, uniq: Option<&'static str>) {
    let payload = payload.to_owned();
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.enqueue(&NewJob {
                    kind: "test",
                    payload,
                    run_at: at,
                    uniq: uniq.map(Into::into),
                    of: None,
                })
                .await
            })
        })
        .await
        .unwrap();
}

async fn next(store: &Store, kind: &'static str) -> Option<Time> {
    store.read(move |reader| Box::pin(reader.next_job_at(kind))).await.unwrap()
}

async fn claim(store: &Store, now: Time, limit: u32) -> Vec<Job> {
    let until = now.plus(seconds(60));
    store.write(move |tx| Box::pin(tx.claim_jobs("test", now, until, limit))).await.unwrap()
}

async fn finish(store: &Store, job: &Job) -> bool {
    let job = job.clone();
    store.write(|tx| Box::pin(async move { tx.finish_job(&job).await })).await.unwrap()
}

async fn counts(store: &Store) -> (u64, u64, u64) {
    let counts = store.read(|reader| Box::pin(reader.job_counts())).await.unwrap();
    (counts.ready, counts.running, counts.dead)
}

const START: &str = "2024-01-01T00:00:00Z";

#[tokio::test]
async fn a_job_is_claimed_once_and_gone_when_finished() {
    let store = store().await;
    let now = time(START);
    enqueue(&store, "a", now, None).await;
    enqueue(&store, "later", now.plus(seconds(10)), None).await;
    let claimed = claim(&store, now, 10).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].payload.as_str(), claimed[0].attempts), ("a", 1));
    assert!(claim(&store, now, 10).await.is_empty());
    assert!(finish(&store, &claimed[0]).await);
    assert!(!finish(&store, &claimed[0]).await);
    assert_eq!(counts(&store).await, (1, 0, 0));
    assert_eq!(next(&store, "test").await, Some(now.plus(seconds(10))));
}

#[tokio::test]
async fn a_kind_is_claimed_by_itself_the_oldest_first() {
    let store = store().await;
    let now = time(START);
    for (payload, age) in [("young", 0), ("old", 60), ("middle", 30)] {
        enqueue(&store, payload, time("2023-12-31T23:58:00Z").plus(seconds(60 - age)), None).await;
    }
    let other =
        NewJob { kind: "other", payload: "x".to_owned(), run_at: now, uniq: None, of: None };
    store.write(move |tx| Box::pin(async move { tx.enqueue(&other).await })).await.unwrap();
    let until = now.plus(seconds(60));
    let mut order = Vec::new();
    for _ in 0..3 {
        order.extend(claim(&store, now, 1).await.into_iter().map(|job| job.payload));
    }
    assert_eq!(order, ["old", "middle", "young"]);
    assert!(claim(&store, now, 10).await.is_empty());
    assert_eq!((next(&store, "test").await, next(&store, "other").await), (Some(until), Some(now)));
    let claimed = store.write(move |tx| Box::pin(tx.claim_jobs("other", now, until, 10))).await;
    assert_eq!(claimed.unwrap().remove(0).payload, "x");
}

#[tokio::test]
async fn a_job_whose_worker_is_not_heard_of_goes_to_another_and_the_first_has_lost_it() {
    let store = store().await;
    let now = time(START);
    enqueue(&store, "a", now, None).await;
    let first = claim(&store, now, 1).await.remove(0);
    let later = now.plus(seconds(61));
    let second = claim(&store, later, 1).await.remove(0);
    assert_eq!((first.attempts, second.attempts), (1, 1), "what was cut off does not count");
    assert!(second.lease_token > first.lease_token);
    assert!(!finish(&store, &first).await);
    let (lost, held) = (first.clone(), second.clone());
    let renew = store.write(move |tx| {
        Box::pin(async move {
            let lost = tx.renew_job(&lost, later.plus(seconds(60))).await?;
            Ok((lost, tx.renew_job(&held, later.plus(seconds(60))).await?))
        })
    });
    assert_eq!(renew.await.unwrap(), (false, true));
    assert!(claim(&store, later.plus(seconds(59)), 1).await.is_empty());
    assert!(finish(&store, &second).await);
}

#[tokio::test]
async fn a_job_is_tried_again_later_or_kept_as_dead() {
    let store = store().await;
    let now = time(START);
    enqueue(&store, "a", now, None).await;
    let job = claim(&store, now, 1).await.remove(0);
    let at = now.plus(seconds(5));
    let retry =
        store.write(move |tx| Box::pin(async move { tx.retry_job(&job, at, ("no", "no")).await }));
    assert!(retry.await.unwrap());
    assert!(claim(&store, now, 1).await.is_empty());
    let job = claim(&store, at, 1).await.remove(0);
    assert_eq!(job.attempts, 2);
    let dead =
        store.write(move |tx| Box::pin(async move { tx.give_up_job(&job, ("no", "no")).await }));
    assert!(dead.await.unwrap());
    assert_eq!(counts(&store).await, (0, 0, 1));
    assert!(claim(&store, at.plus(seconds(9_999)), 1).await.is_empty());
}

#[tokio::test]
async fn of_a_unique_job_one_lives_at_a_time() {
    let store = store().await;
    let now = time(START);
    enqueue(&store, "1", now, Some("sweep")).await;
    enqueue(&store, "2", now, Some("sweep")).await;
    enqueue(&store, "3", now, None).await;
    assert_eq!(counts(&store).await.0, 2);
    for job in claim(&store, now, 10).await {
        assert!(finish(&store, &job).await);
    }
    enqueue(&store, "4", now, Some("sweep")).await;
    assert_eq!(claim(&store, now, 10).await[0].payload, "4");
}

#[tokio::test]
async fn a_unique_job_that_is_queued_anew_is_done_again_though_somebody_works_on_it() {
    let store = store().await;
    let now = time(START);
    enqueue(&store, "1", now, Some("run 7")).await;
    enqueue(&store, "other", now.plus(seconds(1)), Some("run 8")).await;
    let first = claim(&store, now, 1).await.remove(0);
    let anew = NewJob {
        kind: "test",
        payload: "2".to_owned(),
        run_at: now,
        uniq: Some("run 7".into()),
        of: None,
    };
    store.write(move |tx| Box::pin(async move { tx.enqueue_anew(&anew).await })).await.unwrap();
    assert!(!finish(&store, &first).await, "it has lost the job");
    assert_eq!(claim(&store, now, 10).await[0].payload, "2");
    assert_eq!(counts(&store).await, (1, 1, 0));
}

#[tokio::test]
async fn many_claimers_never_get_the_same_job() {
    let store = store().await;
    let now = time(START);
    for at in 0..40 {
        enqueue(&store, &at.to_string(), now, None).await;
    }
    let claims = (0..8).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let jobs = claim(&store, now, 3).await;
                if jobs.is_empty() {
                    return mine;
                }
                mine.extend(jobs.into_iter().map(|job| job.payload));
            }
        })
    });
    let mut all = Vec::new();
    for claimed in futures::future::join_all(claims).await {
        all.extend(claimed.unwrap());
    }
    all.sort_by_key(|payload| payload.parse::<u32>().unwrap());
    assert_eq!(all, (0..40).map(|at| at.to_string()).collect::<Vec<_>>());
}
