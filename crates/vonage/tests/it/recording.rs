//! One recording: its fields, and its end.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Form;

use crate::kit::{API, INDIA, Kit, OLDER, company, on_demand, own, refused};

#[tokio::test]
async fn every_field_has_its_value() {
    let kit = Kit::new().await;
    let form = Form::new()
        .text("call_uuid", "c91150a6-8cc4-4e73-9fef-17fd925c6448")
        .text("from_number", "+17325550100")
        .text("to_number", "sip:bob@example.com")
        .text("direction", "inbound")
        .text("cnam", "JOHN SMITH")
        .text("extensions", "999,101")
        .text("rule_ids", "1989,sales,2012")
        .text("start", "2026-01-10T10:00:00.750Z");
    let id = kit.keep_sound(form, Duration::from_millis(1_500)).await;
    let account = kit.half().account_id;
    for prefix in [API, OLDER, INDIA] {
        let list = format!("{prefix}/accounts/self/company_call_recordings");
        let answer = kit.administrator.get(format!("{list}/{id}")).send().await;
        assert_eq!(answer.header("content-type"), "application/json");
        let root = format!("http://vault.test{prefix}");
        let expected = json!({
            "id": id,
            "call_id": "c91150a6-8cc4-4e73-9fef-17fd925c6448",
            "call_direction": "INBOUND",
            "caller_id": "17325550100",
            "cnam": "JOHN SMITH",
            "dnis": "sip:bob@example.com",
            "duration": 1_500,
            "start": "2026-01-10T10:00:00+0000",
            "end": "2026-01-10T10:00:02+0000",
            "extensions": ["999", "101"],
            "extension": null,
            "file_name": format!("{account}.{id}.1768039200750.mp3"),
            "file_size_in_bytes": 24_044,
            "download_url": format!("{root}/audio/recording/{id}"),
            "rule_ids": [1989, 2012],
            "_links": { "self": {
                "href": format!("{root}/accounts/{account}/company_call_recordings/{id}"),
            } },
        });
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
        let page = kit.administrator.get(&list).send().await.json();
        assert_eq!(page["_embedded"]["recordings"], json!([expected]), "a list has the same");
    }
}

#[tokio::test]
async fn what_nobody_knows_is_empty() {
    let kit = Kit::new().await;
    let id = kit.keep(on_demand(&kit.alice).text("rule_ids", "7")).await;
    let mut answer = kit.as_alice.get(own(&format!("/{id}"))).send().await.json();
    let row = answer.as_object_mut().unwrap();
    for name in ["call_direction", "caller_id", "cnam", "dnis"] {
        assert_eq!(row[name], "", "{name}");
    }
    assert_eq!(row["call_id"].as_str().unwrap().len(), 36);
    assert_eq!((&row["extensions"], &row["rule_ids"]), (&json!([]), &json!([])));
    let (account, user) = (kit.half().account_id, kit.alice.user_id);
    let shelf = format!("http://vault.test{API}/accounts/{account}/users/{user}/call_recordings");
    assert_eq!(row["_links"], json!({ "self": { "href": format!("{shelf}/{id}") } }));
}

#[tokio::test]
async fn a_deleted_recording_is_gone() {
    let kit = Kit::new().await;
    let (of_company, of_alice) = (kit.company().await, kit.on_demand(&kit.alice).await);
    for (client, path, id) in [
        (&kit.administrator, company(&format!("/{of_company}")), of_company),
        (&kit.as_alice, own(&format!("/{of_alice}")), of_alice),
    ] {
        // As some clients have it: a type for a body that is not there.
        let request = client.delete(&path).header("content-type", "application/json");
        let answer = request.header("accept", "application/json").send().await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert_eq!(answer.header("content-type"), "");
        refused(&client.get(&path).send().await, 404, "Not Found", "not found");
        refused(&client.delete(&path).send().await, 404, "Not Found", "not found");
        let audio = format!("{API}/audio/recording/{id}");
        refused(&client.get(audio).send().await, 404, "Not Found", "not found");
    }
    kit.test.work().await;
    assert_eq!(kit.test.audio_files(), [""; 0]);
    let plivo = format!("/v1/Account/{}/Recording/", kit.account.auth_id);
    let list = kit.test.client(&kit.account).get(plivo).send().await.json();
    assert_eq!(list["meta"]["total_count"], 0);
}

#[tokio::test]
async fn a_recording_is_on_its_own_shelf_only() {
    let kit = Kit::new().await;
    let (bob, _) = kit.test.user(&kit.account, "bob").await;
    let (of_company, of_alice) = (kit.company().await, kit.on_demand(&kit.alice).await);
    let of_bob = format!("{API}/accounts/self/users/{}/call_recordings", bob.user_id);
    for path in [
        company(&format!("/{of_alice}")),
        own(&format!("/{of_company}")),
        own(&format!("/{of_alice}")),
        format!("{of_bob}/{of_alice}"),
        company("/0"),
        company("/999999999"),
        company(&format!("/0{of_company}")),
        company(&format!("/+{of_company}")),
        company(&format!("/{of_company}.mp3")),
        company("/9223372036854775808"),
        company("/%FF"),
        company("/abc"),
    ] {
        for answer in [
            kit.administrator.get(&path).send().await,
            kit.administrator.delete(&path).send().await,
        ] {
            refused(&answer, 404, "Not Found", "not found");
        }
    }
    let there = |path: String| kit.administrator.get(path).send();
    assert_eq!(there(company(&format!("/{of_company}"))).await.status, 200);
    let of_user = format!("{API}/accounts/self/users/{}/call_recordings", kit.alice.user_id);
    assert_eq!(there(format!("{of_user}/{of_alice}")).await.status, 200);
}

#[tokio::test]
async fn a_file_name_is_unique_and_a_safe_path() {
    let kit = Kit::new().await;
    let mut names: Vec<Value> = Vec::new();
    for _ in 0..3 {
        let form = Form::new().text("call_uuid", "../../x").text("cnam", "a/b");
        let id = kit.keep(form.text("start", "2026-01-10T10:00:00Z")).await;
        let row = kit.administrator.get(company(&format!("/{id}"))).send().await.json();
        let name = row["file_name"].as_str().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'), "{name}");
        assert!(!name.contains("..") && name.rsplit('.').next() == Some("mp3"), "{name}");
        assert!(!names.contains(&row["file_name"]));
        names.push(row["file_name"].clone());
    }
}
