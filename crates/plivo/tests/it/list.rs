//! Lists: filters, windows, pages.

use std::time::Duration;

use serde_json::{Value, json};
use vault::{Call, RecordingDetails};

use crate::kit::{Expect, Kit, NOW};

const DAY: Duration = Duration::from_hours(24);

fn ids(body: &Value) -> Vec<String> {
    let objects = body["objects"].as_array().unwrap();
    objects.iter().map(|object| object["recording_id"].as_str().unwrap().to_owned()).collect()
}

async fn found(kit: &Kit, query: &str) -> Vec<String> {
    let answer = kit.ask("GET", &format!("/Recording/?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    ids(&answer.json())
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let kit = Kit::new().await;
    let answer = kit.ask("GET", "/Recording/").await;
    let expected = json!({
        "api_id": answer.header("x-request-id"),
        "meta": { "limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 0 },
        "objects": [],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn an_object_of_a_list_is_the_recording_without_an_api_id() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let mut one = kit.ask("GET", &format!("/Recording/{id}/")).await.json();
    one.as_object_mut().unwrap().remove("api_id");
    assert_eq!(kit.ask("GET", "/Recording/").await.json()["objects"], json!([one]));
}

#[tokio::test]
async fn the_newest_comes_first_and_the_pages_join_up() {
    let kit = Kit::new().await;
    let mut expected = Vec::new();
    for age in 1..=7 {
        expected.push(kit.keep_aged(Duration::from_hours(age)).await.recording_id.to_string());
    }
    let mut seen = Vec::new();
    let mut below = "/Recording/?limit=3".to_owned();
    let mut offsets = Vec::new();
    loop {
        let body = kit.ask("GET", &below).await.json();
        assert_eq!(body["meta"]["total_count"], 7);
        seen.extend(ids(&body));
        offsets.push((body["meta"]["offset"].clone(), body["meta"]["previous"].clone()));
        let Some(next) = body["meta"]["next"].as_str() else {
            break;
        };
        let prefix = format!("/v1/Account/{}", kit.account.auth_id);
        next.strip_prefix(&prefix).unwrap().clone_into(&mut below);
    }
    assert_eq!(seen, expected);
    let path =
        |offset| format!("/v1/Account/{}/Recording/?limit=3&offset={offset}", kit.account.auth_id);
    let expected =
        [(json!(0), json!(null)), (json!(3), json!(path(0))), (json!(6), json!(path(3)))];
    assert_eq!(offsets, expected);
}

#[tokio::test]
async fn without_a_window_only_the_last_week_is_listed() {
    let kit = Kit::new().await;
    let old = kit.keep_aged(DAY * 7 + Duration::from_micros(1)).await;
    let edge = kit.keep_aged(DAY * 7).await;
    let new = kit.keep_aged(Duration::ZERO).await;
    let [old_id, edge_id, new_id] =
        [&old, &edge, &new].map(|recording| recording.recording_id.to_string());
    assert_eq!(found(&kit, "").await, [new_id.clone(), edge_id.clone()]);
    assert_eq!(found(&kit, &format!("call_uuid={}", old.call.call_uuid)).await, [old_id.as_str()]);
    assert_eq!(
        found(&kit, "recording_storage_duration__gte=1").await,
        [new_id.clone(), edge_id.clone(), old_id.clone()]
    );
    assert_eq!(found(&kit, "recording_storage_duration=8").await, [edge_id, old_id.clone()]);
    assert_eq!(found(&kit, "recording_storage_duration___gt=8").await, Vec::<String>::new());
    let window = "add_time__gte=2024-06-01+00:00&add_time_lt=2024-06-08%2012:00";
    assert_eq!(found(&kit, window).await, [old_id.as_str()]);
    assert_eq!(found(&kit, "add_time=2024-06-08 11:59".replace(' ', "+").as_str()).await, [old_id]);
    assert_eq!(found(&kit, "add_time__gt=2024-06-15+11:59").await, [new_id]);
}

#[tokio::test]
async fn a_recording_grows_a_day_older_after_24_hours_exactly() {
    let kit = Kit::new().await;
    let id = kit.keep_aged(Duration::ZERO).await.recording_id.to_string();
    kit.test.clock.set(NOW.plus(DAY).minus(Duration::from_micros(1)));
    assert_eq!(found(&kit, "recording_storage_duration=1").await, [id.as_str()]);
    kit.test.clock.advance(Duration::from_micros(1));
    assert_eq!(found(&kit, "recording_storage_duration=1").await, Vec::<String>::new());
    assert_eq!(found(&kit, "recording_storage_duration=2").await, [id]);
}

#[tokio::test]
async fn each_filter_finds_its_recordings() {
    let kit = Kit::new().await;
    let text = |text: &str| Some(text.to_owned());
    let calls = [
        Call { call_uuid: "u-1".to_owned(), ..Call::default() },
        Call { from_number: text("+14155551234"), ..Call::default() },
        Call { to_number: text("sip:a@phone.plivo.com"), ..Call::default() },
        Call { conference_name: text("My Room"), ..Call::default() },
        Call { conference_uuid: text("cu"), ..Call::default() },
        Call { mpc_name: text("ünï & co"), ..Call::default() },
        Call { mpc_uuid: text("mu"), ..Call::default() },
    ];
    let queries: [&[&str]; 7] = [
        &["call_uuid=u-1"],
        &["from_number=%2B14155551234", "from_number=14155551234", "from_number=+14155551234"],
        &["to_number=sip%3Aa%40phone.plivo.com", "to_number=sip:a@phone.plivo.com"],
        &["conference_name=My+Room", "conference_name=My%20Room"],
        &["conference_uuid=cu", "conference_uuid=cu&limit=&cursor=abc%3D%3D"],
        &["mpc_name=%C3%BCn%C3%AF%20%26%20co"],
        &["mpc_uuid=mu"],
    ];
    for (call, queries) in calls.into_iter().zip(queries) {
        let details = RecordingDetails { call, ..RecordingDetails::default() };
        let id = kit.keep(&kit.account, details).await.recording_id.to_string();
        for query in queries {
            assert_eq!(found(&kit, query).await, [id.as_str()], "{query}");
        }
    }
    for nothing in [
        "call_uuid=U-1",
        "mpc_name=%00",
        "conference_name=My",
        "mpc_uuid=%FF",
        "call_uuid=u-1&mpc_uuid=mu",
        "from_number=%27%20or%201%3D1",
    ] {
        assert_eq!(found(&kit, nothing).await, Vec::<String>::new(), "{nothing}");
    }
}

#[tokio::test]
async fn subaccounts_are_found_by_their_id_and_only_ones_own() {
    let kit = Kit::new().await;
    let (sub, other) = (kit.subaccount().await, kit.other_account().await);
    let branch = kit.keep(&sub, RecordingDetails::default()).await.recording_id.to_string();
    let main = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id.to_string();
    kit.keep(&other, RecordingDetails::default()).await;
    let mut all = found(&kit, "").await;
    all.sort();
    let mut expected = [main, branch.clone()];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(found(&kit, &format!("subaccount={}", sub.auth_id)).await, [branch.as_str()]);
    for id in [other.auth_id.as_str(), "SA0000000000000000ZZ", "SA1", "%00"] {
        let answer = kit.ask("GET", &format!("/Recording/?subaccount={id}")).await;
        assert_eq!(answer.json()["meta"]["total_count"], 0, "{id}");
    }
    assert_eq!(ids(&kit.ask_as(&sub, "GET", "/Recording/").await.json()), [branch]);
}

#[tokio::test]
async fn links_to_other_pages_repeat_the_filters() {
    let kit = Kit::new().await;
    for _ in 0..2 {
        let call = Call { mpc_name: Some("a b".to_owned()), ..Call::default() };
        kit.keep(&kit.account, RecordingDetails { call, ..RecordingDetails::default() }).await;
    }
    let answer = kit.ask("GET", "/Recording/?limit=1&mpc_name=a+b&cursor=x&from_number=").await;
    let expected =
        format!("/v1/Account/{}/Recording/?mpc_name=a%20b&limit=1&offset=1", kit.account.auth_id);
    assert_eq!(answer.json()["meta"]["next"], expected);
}

#[tokio::test]
async fn what_cannot_be_used_is_a_400_that_says_why() {
    let kit = Kit::new().await;
    let cases = [
        ("limit=21", "limit must be a whole number from 1 to 20"),
        ("limit=0", "limit must be a whole number from 1 to 20"),
        ("offset=-1", "offset must be a whole number from 0 to 9223372036854775807"),
        (
            "add_time__gt=2024-02-30+00:00",
            "add_time__gt must be a time in UTC, written YYYY-MM-DD HH:MM[:ss[.uuuuuu]]",
        ),
        (
            "add_time__gte=2024-05-01+00:00",
            "add_time__gte is more than 30 days ago and needs add_time__lt or add_time__lte \
             beside it, at most 30 days later",
        ),
        (
            "add_time__lt=2024-05-01+00:00",
            "add_time__lt needs add_time__gt or add_time__gte beside it, at most 30 days earlier",
        ),
        (
            "recording_storage_duration=1&add_time=2024-06-01+00:00",
            "recording_storage_duration cannot be combined with add_time",
        ),
    ];
    for (query, error) in cases {
        kit.ask("GET", &format!("/Recording/?{query}")).await.is_error(400, error);
    }
}

#[tokio::test]
async fn the_furthest_offset_is_an_empty_page() {
    let kit = Kit::new().await;
    kit.keep_aged(Duration::ZERO).await;
    let body = kit.ask("GET", "/Recording/?offset=9223372036854775807").await.json();
    assert_eq!((&body["objects"], &body["meta"]["total_count"]), (&json!([]), &json!(1)));
    assert_eq!(body["meta"]["offset"], 9_223_372_036_854_775_807_u64);
    assert_eq!(body["meta"]["next"], json!(null));
}
