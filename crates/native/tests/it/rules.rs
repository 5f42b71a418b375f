//! Rules by which the company's calls are recorded, and what recordings get of them.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, Form, PUBLIC_URL, TestVault, sound};

use crate::{problem, wrong};

const PATH: &str = "/api/v1/recording-rules";

async fn add(client: &Client, rule: Value) -> Answer {
    client.post(PATH).json(&rule).send().await
}

async fn added(client: &Client, rule: Value) -> i64 {
    let answer = add(client, rule).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["rule_id"].as_i64().unwrap()
}

fn one(id: i64) -> String {
    format!("{PATH}/{id}")
}

#[tokio::test]
async fn a_rule_is_kept_shown_changed_and_removed() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let answer = add(&client, json!({ "name": "all" })).await;
    let mut all = answer.json();
    let id = all["rule_id"].as_i64().unwrap();
    assert_eq!(answer.header("location"), format!("{PUBLIC_URL}{}", one(id)));
    let defaults = json!({ "rule_id": id, "name": "all", "percentage": 100, "directions": [],
        "extensions": [], "enabled": true, "created": "2026-01-15T12:00:00Z" });
    assert_eq!(all, defaults);
    let sales = added(
        &client,
        json!({ "name": "Sales", "percentage": 5, "directions": ["inbound", "outbound"],
            "extensions": ["101", "102"], "enabled": false }),
    )
    .await;
    assert!(sales > id);

    let change = json!({ "percentage": 50, "directions": ["internal"] });
    let changed = client.patch(one(id)).json(&change).send().await;
    all["percentage"] = 50.into();
    all["directions"] = json!(["internal"]);
    assert_eq!((changed.status, changed.json()), (200, all.clone()));
    assert_eq!(client.get(one(id)).send().await.json(), all);
    let list = client.get(PATH).send().await.json();
    assert_eq!(list["rules"][0], all);
    assert_eq!(list["rules"][1]["name"], "Sales");

    assert_eq!(client.delete(one(sales)).send().await.status, 204);
    for answer in [
        client.get(one(sales)).send().await,
        client.delete(one(sales)).send().await,
        client.patch(one(sales)).json(&change).send().await,
    ] {
        problem(&answer, 404, "Not Found", "not found");
    }
    assert!(added(&client, json!({ "name": "again" })).await > sales, "no number twice");

    let log = client.get("/api/v1/audit?limit=100").send().await.json();
    let told: Vec<Value> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"].as_str().unwrap().starts_with("rule_"))
        .map(|entry| json!([entry["action"], entry["subject"], entry["detail"]["name"]]))
        .collect();
    let (id, other) = (format!("rule {id}"), format!("rule {sales}"));
    let again = &told[0];
    assert_eq!((&again[0], &again[2]), (&json!("rule_add"), &json!("again")));
    assert_eq!(
        told[1..],
        [
            json!(["rule_remove", other, "Sales"]),
            json!(["rule_change", id, "all"]),
            json!(["rule_add", other, "Sales"]),
            json!(["rule_add", id, "all"]),
        ]
    );
    let changed = client.get("/api/v1/audit?action=rule_change").send().await.json();
    let detail = json!({ "name": "all", "percentage": 50, "directions": ["internal"],
        "extensions": [], "enabled": true });
    assert_eq!(changed["entries"][0]["detail"], detail);
}

#[tokio::test]
async fn what_cannot_be_a_rule_is_refused_with_the_key() {
    let vault = TestVault::new().await;
    let client = vault.client(&vault.account("acme").await);
    let id = added(&client, json!({ "name": "all" })).await;
    let long = "1".repeat(33);
    for (change, field, why) in [
        (json!({ "name": "" }), "name", "1 to 128 printable characters"),
        (json!({ "name": "a\u{7}" }), "name", "1 to 128 printable characters"),
        (json!({ "name": 1 }), "name", "must be text"),
        (json!({ "percentage": 0 }), "percentage", "must be from 1 to 100"),
        (json!({ "percentage": 101 }), "percentage", "must be from 1 to 100"),
        (json!({ "percentage": 0.5 }), "percentage", "must be a whole number from 1 to 100"),
        (
            json!({ "directions": ["INBOUND"] }),
            "directions",
            "each must be one of inbound, outbound, internal",
        ),
        (json!({ "directions": ["inbound", "inbound"] }), "directions", "has one twice"),
        (json!({ "extensions": "101" }), "extensions", "must be a list of texts"),
        (json!({ "extensions": ["7", "7"] }), "extensions", "has one twice"),
        (
            json!({ "extensions": [long] }),
            "extensions",
            "each must be 1 to 32 printable characters",
        ),
        (json!({ "enabled": 1 }), "enabled", "must be true or false"),
        (json!({ "rule_id": 7 }), "rule_id", "no such key"),
    ] {
        let answer = client.patch(one(id)).json(&change).send().await;
        wrong(&answer, field, &format!("{field}: {why}"));
    }
    wrong(&add(&client, json!({})).await, "name", "name: is needed");
    let broken =
        client.post(PATH).header("content-type", "application/json").body("{").send().await;
    problem(&broken, 400, "Bad Request", "the body is not JSON");
}

#[tokio::test]
async fn rules_are_the_main_accounts_and_its_administrators() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let id = added(&vault.client(&account), json!({ "name": "all" })).await;
    let administrator = vault.administrator(&account).await;
    assert_eq!(administrator.get(one(id)).send().await.status, 200);
    let (_, user) = vault.user(&account, "alice").await;
    let subaccount = vault.client(&vault.subaccount(&account, "sales").await);
    let why = "only an administrator of the account may do this";
    for client in [user, subaccount] {
        for answer in [
            client.get(PATH).send().await,
            add(&client, json!({ "name": "mine" })).await,
            client.get(one(id)).send().await,
            client.patch(one(id)).json(&json!({ "enabled": false })).send().await,
            client.delete(one(id)).send().await,
        ] {
            problem(&answer, 403, "Forbidden", why);
        }
    }
    let other = vault.client(&vault.account("other").await);
    for id in [id.to_string(), "0".to_owned(), "-1".to_owned(), "x".to_owned(), "9".repeat(40)] {
        let answer = other.get(format!("{PATH}/{id}")).send().await;
        problem(&answer, 404, "Not Found", "not found");
    }
}

#[tokio::test]
async fn a_company_recording_that_names_no_rule_gets_those_it_falls_under() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let all = added(&client, json!({ "name": "all", "percentage": 1 })).await;
    let inbound = added(&client, json!({ "name": "in", "directions": ["inbound"] })).await;
    let desk =
        added(&client, json!({ "name": "desk", "extensions": ["101"], "percentage": 7 })).await;
    added(&client, json!({ "name": "off", "enabled": false })).await;
    let other = vault.client(&vault.account("other").await);
    added(&other, json!({ "name": "another's" })).await;

    let form = || Form::new().file(&sound::wav(Duration::from_millis(100)));
    let ids = async |form: Form| {
        let kept = vault.recording_with(&account, form).await;
        let path = format!("/api/v1/recordings/{}", kept["recording_id"].as_str().unwrap());
        assert_eq!(client.get(path).send().await.json()["rule_ids"], kept["rule_ids"]);
        kept["rule_ids"].clone()
    };
    let texts = |ids: &[i64]| json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(ids(form()).await, texts(&[all]));
    assert_eq!(ids(form().text("direction", "inbound")).await, texts(&[all, inbound]));
    let to_desk = form().text("direction", "outbound").text("extensions", "7,101");
    assert_eq!(ids(to_desk).await, texts(&[all, desk]));
    assert_eq!(ids(form().text("rule_ids", "r1")).await, json!(["r1"]), "what was said holds");
    let user = account.vonage.as_ref().unwrap().user.user_id;
    let on_demand = form().text("kind", "on_demand").text("user_id", &user.to_string());
    assert_eq!(ids(on_demand).await, json!([]));
    let sales = vault.subaccount(&account, "sales").await;
    let of_sales = vault.recording_with(&sales, form()).await;
    assert_eq!(of_sales["rule_ids"], texts(&[all]), "its main account's");
}
