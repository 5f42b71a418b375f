//! Deleting many at once: by ids, by a query, and as many as was said.

use serde_json::{Value, json};
use testkit::TestVault;

use crate::retention::{BULK, RUNS, call, lines, post, run, set};
use crate::{path, problem, wrong};

#[tokio::test]
async fn many_are_deleted_by_their_ids_with_a_receipt_for_each() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sales = test.subaccount(&account, "sales").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_max_share": 1 })).await;
    let (one, two) = (test.recording(&sales).await, test.recording(&sales).await);
    let of_main = test.recording(&account).await;
    let hold = client.put(format!("{}/hold", path(&two)));
    assert_eq!(hold.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let id = |recording: &Value| recording["recording_id"].clone();
    let ids = json!([id(&one), id(&one), id(&two), id(&of_main)]);

    let as_sales = test.client(&sales);
    let dry = post(&as_sales, BULK, json!({ "ids": ids, "dry_run": true })).await;
    let dry = (dry.status, dry.json());
    assert_eq!((dry.0, &dry.1["recordings"], &dry.1["held"]), (200, &json!(2), &json!(1)));
    let started = post(&as_sales, BULK, json!({ "ids": ids })).await;
    assert_eq!(started.status, 202, "{}", started.text());
    test.work().await;
    let run_id = started.json()["run_id"].clone();
    let done = run(&as_sales, &run_id).await;
    assert_eq!(
        (&done["status"], &done["deleted"], &done["held"], &done["failed"]),
        (&json!("done"), &json!(1), &json!(1), &json!(1))
    );
    let outcomes: Vec<Value> = lines(&as_sales, &run_id)
        .await
        .iter()
        .map(|line| json!([line["recording_id"], line["outcome"], line["number"]]))
        .collect();
    assert_eq!(
        outcomes,
        [
            json!([id(&one), "deleted", one["number"]]),
            json!([id(&two), "held", two["number"]]),
            json!([id(&of_main), "failed", null]),
        ]
    );
    assert_eq!(client.get(path(&of_main)).send().await.status, 200, "not the subaccount's");
    let support = test.client(&test.subaccount(&account, "support").await);
    assert_eq!(support.get(format!("{RUNS}/{run_id}")).send().await.status, 404);
    assert_eq!(support.get(RUNS).send().await.json()["runs"], json!([]));
    assert_eq!(client.get(format!("{RUNS}/{run_id}")).send().await.status, 200);
}

#[tokio::test]
async fn what_was_said_and_what_is_held_choose_what_is_deleted() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_max_share": 1 })).await;
    let mut all = Vec::new();
    for spoken in [true, true, true, false] {
        let form = call(&test, 10, 1);
        let form = if spoken { form.text("transcription_type", "auto") } else { form };
        all.push(test.recording_with(&account, form).await);
    }
    test.work().await;
    let put = client.put(format!("{}/hold", path(&all[1])));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);

    for (chosen, query, recordings, would_delete) in [
        (json!({ "text": "money \"my money\"" }), "text=money+%22my+money%22", 3, 2),
        (json!({ "text": "money", "held": true }), "text=money&held=true", 1, 0),
        (json!({ "text": "money", "held": false }), "text=money&held=false", 2, 2),
        (json!({ "kind": "company", "held": false }), "kind=company&held=false", 3, 3),
        (json!({ "text": "refund" }), "text=refund", 0, 0),
        (json!({ "text": "?" }), "text=%3F", 0, 0),
    ] {
        let list = client.get(format!("/api/v1/recordings?{query}")).send().await.json();
        assert_eq!(list["total"], recordings, "{query}");
        let dry = post(&client, BULK, json!({ "where": chosen, "dry_run": true })).await.json();
        let counts = (&dry["recordings"], &dry["would_delete"]);
        assert_eq!(counts, (&json!(recordings), &json!(would_delete)), "{chosen}");
        assert_eq!(dry["sample"].as_array().unwrap().len(), recordings, "{chosen}");
    }
    let told = client.get("/api/v1/audit?action=search").send().await.json();
    assert_eq!(told["entries"][0]["detail"], json!({}), "not what for");

    let what = json!({ "text": "money", "held": false, "number": "+4917", "older_than": "7d" });
    let none = post(&client, BULK, json!({ "where": what, "would_delete": 0 })).await;
    assert_eq!(none.status, 202, "{}", none.text());
    let what = json!({ "text": "money", "held": false });
    let started = post(&client, BULK, json!({ "where": what, "would_delete": 2 })).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let id = &started.json()["run_id"];
    assert_eq!(run(&client, id).await["policy"]["where"], what);
    test.work().await;
    let gone: Vec<Value> =
        lines(&client, id).await.iter().map(|line| line["recording_id"].clone()).collect();
    assert_eq!(gone, [all[0]["recording_id"].clone(), all[2]["recording_id"].clone()]);
    assert_eq!(client.get(path(&all[3])).send().await.status, 200);

    // Of who was asked for, and what was said, the keys are left.
    assert_eq!(run(&client, id).await["policy"]["where"], json!({ "text": null, "held": false }));
    let other = run(&client, &none.json()["run_id"]).await;
    let left = json!({ "text": null, "held": false, "number": null, "older_than": "7d" });
    assert_eq!(other["policy"], json!({ "where": left }));
    let told = client.get("/api/v1/audit?action=run_start").send().await.json();
    assert_eq!(told["entries"][1]["detail"]["as"], json!({ "where": left }));
}

#[tokio::test]
async fn a_deletion_that_was_cancelled_forgets_who_was_asked_for() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    let form = call(&test, 10, 1).text("from_number", "+4917012345");
    test.recording_with(&account, form).await;
    let what = json!({ "number": "+4917012345", "older_than": "7d" });
    let id = post(&client, BULK, json!({ "where": what })).await.json()["run_id"].clone();
    test.work().await;
    assert_eq!(run(&client, &id).await["policy"], json!({ "where": what }), "it may go on");
    let cancelled = client.post(format!("{RUNS}/{id}/cancel")).send().await.json();
    let left = json!({ "where": { "number": null, "older_than": "7d" } });
    assert_eq!((&cancelled["status"], &cancelled["policy"]), (&json!("cancelled"), &left));
    let log = client.get("/api/v1/audit").send().await.text();
    assert!(!log.contains("4917012345"), "{log}");
}

#[tokio::test]
async fn many_are_deleted_only_where_they_are_as_many_as_was_said() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let client = test.client(&account);
    set(&client, json!({ "retention_max_share": 1 })).await;
    for _ in 0..3 {
        test.recording_with(&account, call(&test, 10, 1)).await;
    }
    let old = json!({ "older_than": "7d" });
    let dry = post(&client, BULK, json!({ "where": old, "dry_run": true })).await.json();
    assert_eq!(dry["would_delete"], 3);
    test.recording_with(&account, call(&test, 10, 1)).await;
    let more = post(&client, BULK, json!({ "where": old, "would_delete": 3 })).await;
    problem(&more, 409, "Conflict", "it would delete 4 recordings now");
    test.work().await;
    assert_eq!(client.get(RUNS).send().await.json()["runs"], json!([]));
    assert_eq!(test.audio_files().len(), 4);

    let started = post(&client, BULK, json!({ "where": old, "would_delete": 4 })).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let late = test.recording_with(&account, call(&test, 10, 1)).await;
    test.work().await;
    let done = run(&client, &started.json()["run_id"]).await;
    assert_eq!((&done["status"], &done["deleted"]), (&json!("done"), &json!(4)));

    let ids = json!([late["recording_id"]]);
    let put = client.put(format!("{}/hold", path(&late)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let held = post(&client, BULK, json!({ "ids": ids, "would_delete": 1 })).await;
    problem(&held, 409, "Conflict", "it would delete 0 recordings now");
    let quoted = post(&client, BULK, json!({ "ids": ids, "would_delete": "1" })).await;
    wrong(&quoted, "would_delete", "would_delete: must be a number");
}
