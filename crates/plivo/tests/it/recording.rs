//! One recording: get and delete.

use std::time::Duration;

use serde_json::json;
use testkit::sound;
use vault::{Call, Recording, RecordingDetails, Time};

use crate::kit::{Expect, Kit, NOW};

fn details(call: Call) -> RecordingDetails {
    RecordingDetails { call, ..RecordingDetails::default() }
}

#[tokio::test]
async fn a_recording_has_every_field_in_its_type() {
    let kit = Kit::new().await;
    let call = Call {
        call_uuid: "c2c128e2-1c8c-11e4-9bff-1db8a9db0432".to_owned(),
        from_number: Some("+14155550100".to_owned()),
        to_number: Some("sip:alice@phone.plivo.com".to_owned()),
        ..Call::default()
    };
    let details = RecordingDetails {
        call,
        start: Some(Time::from_micros(1_718_000_000_000_456)),
        add_time: Some(NOW.minus(Duration::from_micros(86_400_000_001))),
        transcript: None,
    };
    let wav = sound::wav(Duration::from_millis(1234));
    let Recording { recording_id: id, .. } = kit.keep_sound(&kit.account, details, &wav).await;
    let answer = kit.ask("GET", &format!("/Recording/{id}/")).await;
    assert_eq!(answer.status, 200);
    let path = format!("/v1/Account/{}/Recording/{id}", kit.account.auth_id);
    let expected = json!({
        "add_time": "2024-06-14 11:59:59.999999+00:00",
        "api_id": answer.header("x-request-id"),
        "call_uuid": "c2c128e2-1c8c-11e4-9bff-1db8a9db0432",
        "conference_name": null,
        "conference_uuid": null,
        "from_number": "+14155550100",
        "monthly_recording_storage_amount": 0.0,
        "mpc_name": null,
        "mpc_uuid": null,
        "recording_duration_ms": "1234.00000",
        "recording_end_ms": "1718000001234.45600",
        "recording_format": "wav",
        "recording_id": id.to_string(),
        "recording_start_ms": "1718000000000.45600",
        "recording_storage_duration": 2,
        "recording_storage_rate": 0.0004,
        "recording_type": "normal",
        "recording_url": format!("http://vault.test{path}.wav"),
        "resource_uri": format!("{path}/"),
        "rounded_recording_duration": 60,
        "to_number": "sip:alice@phone.plivo.com",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn what_nobody_said_is_null_or_empty() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let body = kit.ask("GET", &format!("/Recording/{id}/")).await.json();
    assert_eq!(body.as_object().unwrap().len(), 21);
    assert_eq!((&body["from_number"], &body["to_number"]), (&json!(""), &json!("")));
}

#[tokio::test]
async fn a_conference_of_either_kind_is_a_conference() {
    let kit = Kit::new().await;
    let text = || Some("noname".to_owned());
    let calls = [
        Call { conference_name: text(), ..Call::default() },
        Call { conference_uuid: text(), ..Call::default() },
        Call { mpc_name: text(), ..Call::default() },
        Call { mpc_uuid: text(), ..Call::default() },
    ];
    for call in calls {
        let id = kit.keep(&kit.account, details(call)).await.recording_id;
        let body = kit.ask("GET", &format!("/Recording/{id}/")).await.json();
        assert_eq!(body["recording_type"], "conference");
    }
}

#[tokio::test]
async fn storage_is_charged_at_the_months_end_after_ninety_days() {
    let kit = Kit::new().await;
    let id = kit.keep_aged(Duration::from_hours(100 * 24)).await.recording_id;
    let body = kit.ask("GET", &format!("/Recording/{id}/")).await.json();
    assert_eq!(body["recording_storage_duration"], 101);
    assert_eq!(body["monthly_recording_storage_amount"], 0.0);
    kit.test.clock.advance(Duration::from_hours(16 * 24));
    let body = kit.ask("GET", &format!("/Recording/{id}/")).await.json();
    assert_eq!(body["monthly_recording_storage_amount"], 0.0004);
}

#[tokio::test]
async fn what_is_not_there_not_ones_own_or_no_id_at_all_is_not_found() {
    let kit = Kit::new().await;
    let other = kit.other_account().await;
    let theirs = kit.keep(&other, RecordingDetails::default()).await.recording_id;
    let own = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let ids = [
        theirs.to_string(),
        "c2186400-1c8c-4124-a664-0026b945b522".to_owned(),
        own.to_string().to_uppercase(),
        own.to_string().replace('-', ""),
        format!("%7B{own}%7D"),
        format!("{own}%00"),
        format!("{own}%2F"),
        format!("%20{own}"),
        format!("{own}%2Ewav"),
        "rid-1".to_owned(),
        "%FF".to_owned(),
        "%00".to_owned(),
        "%0d%0aX:y".to_owned(),
        "..".to_owned(),
        "x".repeat(5000),
    ];
    for id in ids {
        for path in [format!("/Recording/{id}"), format!("/Recording/{id}/")] {
            for method in ["GET", "DELETE"] {
                if method == "GET" && id == ".." {
                    continue; // a file without a name, below
                }
                kit.ask(method, &path).await.is_error(404, "not found");
            }
        }
    }
    assert_eq!(kit.ask("GET", &format!("/Recording/{own}")).await.status, 200);
}

#[tokio::test]
async fn a_deleted_recording_is_gone() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let answer = kit.ask("DELETE", &format!("/Recording/{id}/")).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.headers.get("content-type"), None);
    assert_eq!(answer.headers.get("content-length"), None);
    for method in ["GET", "DELETE"] {
        kit.ask(method, &format!("/Recording/{id}/")).await.is_error(404, "not found");
    }
    kit.ask("GET", &format!("/Recording/{id}.wav")).await.is_error(404, "not found");
    assert_eq!(kit.ask("GET", "/Recording/").await.json()["meta"]["total_count"], 0);
}

#[tokio::test]
async fn whatever_comes_with_a_delete_is_not_looked_at() {
    let kit = Kit::new().await;
    let bodies = ["", "{}", "{\"recording_id\": \"rid-1\"}", "{oops", "\u{0}", "[1]", "null"];
    for body in bodies {
        for query in ["", "?recording_id=x&limit=900&callback_method=PUT&%FF=%zz"] {
            let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
            let path = format!("/v1/Account/{}/Recording/{id}/{query}", kit.account.auth_id);
            let delete = kit.test.client(&kit.account).delete(path).body(body);
            let answer = delete.header("content-type", "application/json").send().await;
            assert_eq!(answer.status, 204, "{body}");
        }
    }
}

#[tokio::test]
async fn a_file_is_not_deleted_by_its_name() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    kit.ask("DELETE", &format!("/Recording/{id}.wav")).await.is_error(404, "not found");
    assert_eq!(kit.ask("GET", &format!("/Recording/{id}/")).await.status, 200);
}

#[tokio::test]
async fn the_main_account_has_its_subaccounts_recordings_and_not_the_other_way() {
    let kit = Kit::new().await;
    let sub = kit.subaccount().await;
    let branch = kit.keep(&sub, RecordingDetails::default()).await.recording_id;
    let main = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let own_path = format!("/v1/Account/{}/Recording/{branch}", sub.auth_id);
    for account in [&kit.account, &sub] {
        let body = kit.ask_as(account, "GET", &format!("/Recording/{branch}/")).await.json();
        assert_eq!(body["resource_uri"], format!("{own_path}/"));
        assert_eq!(body["recording_url"], format!("http://vault.test{own_path}.wav"));
    }
    for method in ["GET", "DELETE"] {
        let answer = kit.ask_as(&sub, method, &format!("/Recording/{main}/")).await;
        answer.is_error(404, "not found");
    }
    assert_eq!(kit.ask("DELETE", &format!("/Recording/{branch}/")).await.status, 204);
}

#[tokio::test]
async fn a_leaked_id_is_ignored() {
    let kit = Kit::new().await;
    let id = kit.keep(&kit.account, RecordingDetails::default()).await.recording_id;
    let leaked = kit.ask("GET", &format!("/Recording/{id}/?recording_id={id}&callback_url=")).await;
    assert_eq!(leaked.status, 200);
}
