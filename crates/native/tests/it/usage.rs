//! Use and cost by month: against sums made here, recording by recording, of what Plivo's side of
//! the contract says each month costs.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Form, TestVault, sound};
use vault::{NewAccount, Time};

use crate::{path, problem, wrong};

const DAY: Duration = Duration::from_hours(24);

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

async fn usage(client: &Client, query: &str) -> Value {
    let answer = client.get(format!("/api/v1/usage{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn added(test: &TestVault, owner: &NewAccount, time: Time, seconds: u64) -> Value {
    let form = Form::new()
        .text("add_time", &time.to_string())
        .file(&sound::wav(Duration::from_secs(seconds)));
    test.recording_with(owner, form).await
}

/// `(recordings, deleted, billed minutes, amount)` of one month of one account.
fn month(usage: &Value, account: usize, month: &str) -> (u64, u64, u64, f64) {
    let months = usage["accounts"][account]["months"].as_array().unwrap();
    let month = months.iter().find(|found| found["month"] == month).unwrap();
    let number = |name: &str| month[name].as_u64().unwrap();
    let amount = month["amount"].as_f64().unwrap();
    (number("recordings"), number("deleted"), number("billed_minutes"), amount)
}

#[tokio::test]
async fn a_month_costs_what_was_there_at_its_end_for_longer_than_the_free_days() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let branch = test.subaccount(&account, "branch").await;
    let client = test.client(&account);

    // 90 days before 2026-01-01 00:00:00 is 2025-10-03 00:00:00: then and not later is billed.
    added(&test, &account, at("2025-10-03T00:00:00Z"), 90).await; // two minutes
    added(&test, &account, at("2025-10-03T00:00:00.000001Z"), 10).await; // one
    added(&test, &branch, at("2025-06-01T10:00:00Z"), 10).await;
    let gone = added(&test, &account, at("2025-06-01T10:00:00Z"), 10).await;
    let before = usage(&client, "").await;
    assert_eq!(before["storage_rate"], 0.0004);
    assert_eq!(month(&before, 0, "2025-12"), (4, 0, 4, 0.0016), "all but the second");
    assert_eq!(month(&before, 1, "2025-12"), (1, 0, 1, 0.0004), "the subaccount's own");
    assert_eq!(before["accounts"][1]["auth_id"], branch.auth_id.as_str());
    assert_eq!(before["accounts"][0]["months"].as_array().unwrap().len(), 12);

    // Deleted on 2026-02-10: February is not billed any more, January stays.
    test.clock.set(at("2026-02-10T00:00:00Z"));
    assert_eq!(client.delete(path(&gone)).send().await.status, 204);
    test.clock.set(at("2026-04-01T00:00:00Z"));
    let after = usage(&client, "?from=2025-07&to=2026-06").await;
    for (name, expected) in [
        ("2025-07", (2, 0, 0, 0.0)),
        ("2025-08", (2, 0, 2, 0.0008)), // 2025-06-03 and what is older
        ("2025-12", (4, 0, 4, 0.0016)),
        ("2026-01", (4, 0, 5, 0.002)),
        ("2026-02", (3, 1, 4, 0.0016)),
        ("2026-03", (3, 0, 4, 0.0016)),
        ("2026-06", (3, 0, 4, 0.0016)),
    ] {
        assert_eq!(month(&after, 0, name), expected, "{name}");
    }
    let forecast = |at: usize| after["accounts"][0]["months"][at]["forecast"].clone();
    assert_eq!((forecast(8), forecast(9)), (json!(false), json!(true)), "April has begun");
}

#[tokio::test]
async fn every_month_agrees_with_the_recordings_own_storage_cost() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let (client, prices) = (test.client(&account), test.vault.prices());
    let mut known = Vec::new();
    for number in 0..30_u32 {
        let time = at("2025-09-01T00:00:00Z").plus(DAY * 4 * number).minus(DAY / 24 * number);
        if time > test.vault.now() {
            test.clock.set(time);
        }
        let seconds = u64::from(number % 4) * 29 + 1;
        added(&test, &account, time, seconds).await;
        known.push((time, Duration::from_secs(seconds)));
    }
    let found = usage(&client, "?from=2025-09&to=2026-08").await;
    let ends = ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-06-01", "2026-09-01"];
    let months = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-05", "2026-08"];
    for (name, end) in months.into_iter().zip(ends) {
        let end = at(&format!("{end}T00:00:00Z"));
        let there = known.iter().filter(|(time, _)| *time <= end);
        let costs: Vec<f64> = there
            .map(|(time, length)| prices.storage(*length, *time, end).last_month.as_f64())
            .collect();
        let (recordings, _, _, amount) = month(&found, 0, name);
        assert_eq!(recordings, costs.len() as u64, "{name}");
        assert!((amount - costs.iter().sum::<f64>()).abs() < 1e-9, "{name}: {amount}");
    }
}

#[tokio::test]
async fn use_is_for_administrators_and_its_months_are_months() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let branch = test.subaccount(&account, "branch").await;
    let (_, user) = test.user(&account, "alice").await;
    usage(&test.administrator(&account).await, "").await;
    let why = "only an administrator of the account may do this";
    for client in [&test.client(&branch), &user] {
        problem(&client.get("/api/v1/usage").send().await, 403, "Forbidden", why);
    }
    let client = test.client(&account);
    for (query, field, why) in [
        ("from=2026", "from", "from: must be a month, as in 2026-01"),
        ("to=2026-13", "to", "to: must be a month, as in 2026-01"),
        ("from=2026-02&to=2026-01", "from", "from: is after `to`"),
        ("from=2020-01&to=2025-01", "to", "to: is more than 60 months on"),
        ("month=2020-01", "month", "month: no such parameter"),
    ] {
        wrong(&client.get(format!("/api/v1/usage?{query}")).send().await, field, why);
    }
    let one = usage(&client, "?from=2030-01&to=2030-01").await;
    assert_eq!(month(&one, 0, "2030-01"), (0, 0, 0, 0.0));
}

#[tokio::test]
async fn the_forecast_with_policies_is_what_comes_of_them() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let branch = test.subaccount(&account, "branch").await;
    let client = test.client(&account);
    let post = async |path: &str, body: Value| {
        let answer = client.post(path).json(&body).send().await;
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        answer.json()
    };
    let settings = json!({ "retention_max_share": 1, "minimum_retention": "50d" });
    assert_eq!(client.patch("/api/v1/account").json(&settings).send().await.status, 200);
    let plain = usage(&client, "?from=2026-01&to=2026-01").await;
    let empty = json!({ "recordings": 0, "duration_ms": 0, "bytes": 0, "billed_minutes": 0,
        "amount": 0.0 });
    assert_eq!(plain["accounts"][0]["months"][0]["with_policies"], empty);

    // All were received on 15 January, so nothing goes before 6 March.
    for (owner, time, seconds) in [
        (&account, "2025-10-01T00:00:00Z", 90),
        (&account, "2026-01-01T00:00:00Z", 150),
        (&branch, "2025-11-20T00:00:00Z", 10),
        (&branch, "2026-01-14T00:00:00Z", 10),
    ] {
        added(&test, owner, at(time), seconds).await;
    }
    let held = added(&test, &account, at("2025-10-01T00:00:00Z"), 10).await;
    let put = client.put(format!("{}/hold", path(&held)));
    assert_eq!(put.json(&json!({ "reason": "case 17" })).send().await.status, 204);
    let policies = "/api/v1/retention/policies";
    let old = json!({ "name": "old", "where": { "older_than": "100d", "by": "add_time" },
        "schedule": "0 3 1 * *", "time_zone": "Europe/Berlin" });
    post(policies, old).await;
    let short = json!({ "name": "short", "where": { "shorter_than": "30s" },
        "schedule": "30 12 10 3 *" });
    post(policies, short).await;
    let paused = json!({ "name": "all", "where": { "kind": "company" }, "paused": true });
    post(policies, paused).await;

    let months = ["2026-02", "2026-03", "2026-04", "2026-05"];
    let before = usage(&client, "?from=2025-12&to=2027-02").await;
    let found = |usage: &Value, account: usize, name: &str| {
        let months = usage["accounts"][account]["months"].as_array().unwrap();
        months.iter().find(|found| found["month"] == name).unwrap().clone()
    };
    let with = |account: usize, name: &str| found(&before, account, name)["with_policies"].clone();
    assert_eq!(with(0, "2025-12"), Value::Null, "it has ended");
    assert_eq!(with(0, "2027-01"), Value::Null, "after a year");
    assert_eq!(with(0, "2026-12")["recordings"], 1, "the held one");
    let expected = [(0, [5, 3, 2, 1]), (1, [2, 0, 0, 0])];
    for (account, numbers) in expected {
        for (name, number) in months.iter().zip(numbers) {
            assert_eq!(with(account, name)["recordings"], number, "{account} {name}");
            let plain = found(&before, account, name);
            assert_eq!(plain["recordings"], [5, 2][account], "{account} {name}");
        }
    }

    // And so it comes.
    for name in months {
        let end = at(&format!("{name}-01T00:00:00Z")).plus(DAY * 32);
        let first = format!("{}-01T00:00:00Z", &end.to_string()[..7]);
        while test.clock.now() < at(&first) {
            test.work().await;
            test.clock.set(test.clock.now().plus(DAY / 2).min(at(&first)));
        }
        let after = usage(&client, &format!("?from={name}&to={name}")).await;
        for account in [0, 1] {
            let (came, told) = (found(&after, account, name), with(account, name));
            assert_eq!(came["forecast"], false);
            for key in ["recordings", "duration_ms", "bytes", "billed_minutes", "amount"] {
                assert_eq!(came[key], told[key], "{account} {name} {key}");
            }
        }
    }
}
