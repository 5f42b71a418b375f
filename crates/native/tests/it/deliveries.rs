//! Deliveries: shown to those who asked for them, and sent again.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Receiver, TestVault};
use vault::NewAccount;

use crate::{problem, wrong};

const PATH: &str = "/api/v1/deliveries";

async fn ask(client: &Client, account: &NewAccount, url: &str) {
    let path = format!("/v1/Account/{}/Recording/?callback_url={url}", account.auth_id);
    assert_eq!(client.get(path).send().await.status, 202);
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_delivery_is_shown_with_all_that_was_tried() {
    let (vault, receiver) = (TestVault::new().await, Receiver::new().await);
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    ask(&client, &account, &format!("{}/cb", receiver.url)).await;
    let mut expected = json!({
        "delivery_id": 1,
        "dialect": "plivo",
        "auth_id": account.auth_id.as_str(),
        "url": format!("{}/cb", receiver.url),
        "method": "POST",
        "status": 200,
        "state": "pending",
        "attempts": 0,
        "created": testkit::START,
    });
    let page = json!({ "deliveries": [expected.clone()], "next": null });
    assert_eq!(get(&client, PATH).await, page);
    vault.work().await;
    let mut shown = get(&client, &format!("{PATH}/1")).await;
    assert!(shown["tried"][0]["duration_ms"].take().is_u64());
    assert_eq!(shown["answer"].take()["objects"], json!([]));
    expected["state"] = "delivered".into();
    expected["attempts"] = 1.into();
    expected["answer"] = Value::Null;
    expected["tried"] = json!([{
        "attempt": 1, "started": testkit::START, "duration_ms": null, "status": 200, "error": null,
    }]);
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn the_newest_come_first_page_by_page() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    for name in 0..5 {
        ask(&client, &account, &format!("http://{name}.example/")).await;
    }
    let mut pages = Vec::new();
    let mut path = format!("{PATH}?limit=2");
    loop {
        let page = get(&client, &path).await;
        let ids = page["deliveries"].as_array().unwrap();
        pages.push(ids.iter().map(|d| d["delivery_id"].as_i64().unwrap()).collect::<Vec<_>>());
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("{PATH}?limit=2&before={next}");
    }
    assert_eq!(pages, [vec![5, 4], vec![3, 2], vec![1]]);
    let limit = "limit: must be a whole number from 1 to 100";
    for text in ["0", "101", "-1", "x", "99999999999999999999"] {
        wrong(&client.get(format!("{PATH}?limit={text}")).send().await, "limit", limit);
    }
    let answer = client.get(format!("{PATH}?before=x")).send().await;
    wrong(&answer, "before", "before: must be a delivery_id");
    wrong(&client.get(format!("{PATH}?a=1")).send().await, "a", "a: no such parameter");
}

#[tokio::test]
async fn a_strangers_delivery_is_not_there() {
    let vault = TestVault::new().await;
    let (main, other) = (vault.account("acme").await, vault.account("other").await);
    let sub = vault.subaccount(&main, "sales").await;
    ask(&vault.client(&sub), &sub, "http://a.example/").await;
    ask(&vault.client(&main), &main, "http://b.example/").await;
    let count = async |account| {
        get(&vault.client(account), PATH).await["deliveries"].as_array().unwrap().len()
    };
    assert_eq!((count(&main).await, count(&sub).await, count(&other).await), (2, 1, 0));
    for (account, ids) in
        [(&other, ["1", "2", "3", "x", "-1"]), (&sub, ["2", "3", "0", "1%20", "1.0"])]
    {
        let client = vault.client(account);
        for id in ids {
            let answer = client.get(format!("{PATH}/{id}")).send().await;
            problem(&answer, 404, "Not Found", "not found");
            let answer = client.post(format!("{PATH}/{id}/replay")).send().await;
            problem(&answer, 404, "Not Found", "not found");
        }
    }
    let answer = vault.stranger().get(PATH).send().await;
    assert_eq!(answer.status, 401);
    let answer = vault.client(&main).post(format!("{PATH}/1/replay")).send().await;
    problem(&answer, 409, "Conflict", "it is still being delivered");
}

#[tokio::test]
async fn deliveries_are_forgotten_after_thirty_days() {
    let (vault, receiver) = (TestVault::new().await, Receiver::new().await);
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    ask(&client, &account, &receiver.url).await;
    vault.work().await;
    for (days, left) in [(29, 1), (1, 0)] {
        vault.clock.advance(Duration::from_hours(days * 24));
        vault.vault.queue_sweep().await.unwrap();
        vault.work().await;
        assert_eq!(get(&client, PATH).await["deliveries"].as_array().unwrap().len(), left);
    }
    assert_eq!(client.get(format!("{PATH}/1")).send().await.status, 404);
}
