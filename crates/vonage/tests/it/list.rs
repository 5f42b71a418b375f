//! Lists: filters, orders, pages.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Form;

use crate::kit::{API, INDIA, Kit, OLDER, company, ids, listed, on_demand, own, refused};

async fn found(kit: &Kit, query: &str) -> Vec<i64> {
    listed(&kit.administrator, company(&format!("?{query}"))).await
}

/// The path of a link, without the host.
fn path(link: &Value) -> Option<String> {
    let href = link.get("href")?.as_str().unwrap();
    Some(href.strip_prefix("http://vault.test").unwrap().to_owned())
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let kit = Kit::new().await;
    for prefix in [API, OLDER] {
        for (asked, shown) in [
            ("company_call_recordings".to_owned(), "company_call_recordings".to_owned()),
            (
                "users/self/call_recordings".to_owned(),
                format!("users/{}/call_recordings", kit.half().user.user_id),
            ),
        ] {
            let path = format!("{prefix}/accounts/self/{asked}");
            let answer = kit.administrator.get(&path).send().await;
            assert_eq!(answer.header("content-type"), "application/json");
            let account = kit.half().account_id;
            let page = json!({ "href": format!(
                "http://vault.test{prefix}/accounts/{account}/{shown}\
                 ?page=1&page_size=10&order=start:DESC"
            ) });
            let expected = json!({
                "_embedded": { "recordings": [] },
                "_links": { "first": page, "self": page, "last": page },
                "page": 1, "page_size": 10, "total_items": 0, "total_pages": 0,
            });
            assert_eq!((answer.status, answer.json()), (200, expected), "{path}");
        }
    }
}

#[tokio::test]
async fn each_kind_stands_on_its_own_shelf() {
    let kit = Kit::new().await;
    let (bob, as_bob) = kit.test.user(&kit.account, "bob").await;
    let of_company = kit.company().await;
    let of_alice = kit.on_demand(&kit.alice).await;
    let of_bob = kit.on_demand(&bob).await;
    let of_user = |id| format!("{API}/accounts/self/users/{id}/call_recordings");
    let account = kit.half().account_id;
    let admin = &kit.administrator;
    assert_eq!(listed(admin, company("")).await, [of_company]);
    let by_number = format!("{API}/accounts/{account}/company_call_recordings");
    assert_eq!(listed(admin, by_number).await, [of_company]);
    assert_eq!(listed(admin, own("")).await, [0; 0]);
    assert_eq!(listed(admin, of_user(kit.alice.user_id)).await, [of_alice]);
    assert_eq!(listed(admin, of_user(bob.user_id)).await, [of_bob]);
    assert_eq!(listed(&kit.as_alice, own("")).await, [of_alice]);
    assert_eq!(listed(&kit.as_alice, of_user(kit.alice.user_id)).await, [of_alice]);
    assert_eq!(listed(&as_bob, own("")).await, [of_bob]);
    let indian = format!("{INDIA}/accounts/self/company_call_recordings");
    let answer = admin.get(&indian).send().await.json();
    assert_eq!(ids(&answer), [of_company]);
    let link = answer["_embedded"]["recordings"][0]["download_url"].as_str().unwrap();
    assert_eq!(link, format!("http://vault.test{INDIA}/audio/recording/{of_company}"));
}

#[tokio::test]
async fn the_latest_comes_first_and_any_field_may_be_the_order() {
    let kit = Kit::new().await;
    let start = |text: &str| Form::new().text("start", text);
    let second = Duration::from_secs(1);
    let a = kit.keep_sound(start("2026-01-10T10:00:00Z"), second * 2).await;
    let b = kit.keep_sound(start("2026-01-12T10:00:00Z"), second).await;
    let c = kit.keep_sound(start("2026-01-11T10:00:00Z"), second * 3).await;
    for (query, expected) in [
        ("", [b, c, a]),
        ("order=start:DESC", [b, c, a]),
        ("order=start%3ADESC", [b, c, a]),
        ("order=desc", [b, c, a]),
        ("order=asc", [a, c, b]),
        ("order=start:ASC", [a, c, b]),
        ("order=duration:ASC", [b, a, c]),
        ("order=duration:DESC", [c, a, b]),
        ("order=file_size_in_bytes:DESC", [c, a, b]),
        ("order=id:ASC", [a, b, c]),
        ("order=id:DESC", [c, b, a]),
    ] {
        assert_eq!(found(&kit, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn each_filter_finds_its_recordings() {
    let kit = Kit::new().await;
    let text = |name, value| Form::new().text(name, value);
    let cases: [(Form, &[&str]); 10] = [
        (text("call_uuid", "c91150a6-8cc4"), &["call_id=c91150a6-8cc4"]),
        (
            text("from_number", "+17325550100"),
            &["caller_id=17325550100", "caller_id=%2B17325550100", "caller_id=+17325550100"],
        ),
        (text("to_number", "17325550111"), &["dnis=17325550111", "dnis=%2B17325550111"]),
        (text("cnam", "John Smith"), &["cnam=JOHN%20SMITH", "cnam=john+smith"]),
        (text("extensions", "101,102"), &["extension=101", "extension=102"]),
        (text("direction", "inbound"), &["call_direction=INBOUND", "call_direction=inbound"]),
        (text("direction", "outbound"), &["call_direction=OUTBOUND"]),
        (text("direction", "internal"), &["call_direction=INTRA_PBX"]),
        (
            text("start", "2025-12-24T18:30:15.250Z"),
            &[
                "start:lte=2025-12-24T18:30:15%2B0000",
                "start%3Alte=2025-12-24T18:30:15Z",
                "start:lte=2025-12-24T18:30:15+0000&start:gte=2025-12-24T18:30:15+0000",
                "start:lte=2025-12-25&start:gte=2025-12-24",
                "start:gte=2025-12-24T18:30:15.250Z&start:lte=2025-12-24T18:30:15.250Z",
                "start:gte=2025-12-25T00:00:15%2B05:30&start:lte=2025-12-25T00:00:15+0530",
            ],
        ),
        (
            text("start", "2026-01-15T11:00:00Z"),
            &["start:gte=2026-01-15T10:59:59.999Z&start:lte=2026-01-15T11:30:00Z"],
        ),
    ];
    for (form, queries) in cases {
        let number = kit.keep(form).await;
        for query in queries {
            assert_eq!(found(&kit, query).await, [number], "{query}");
            // Both shelves read alike.
            assert_eq!(listed(&kit.as_alice, own(&format!("?{query}"))).await, [0; 0]);
        }
    }
    for query in [
        "call_id=c91150a6",
        "cnam=John",
        "cnam=%00",
        "extension=10",
        "extension=101,102",
        "caller_id=7325550100",
        "caller_id=17325550100&dnis=17325550111",
        "start:lte=2025-12-24T18:30:14.999Z",
        "start:gte=2026-01-16",
        "start:gte=9999-12-31T23:59:59Z",
    ] {
        assert_eq!(found(&kit, query).await, [0; 0], "{query}");
    }
    let all = found(&kit, "rule=1&unknown:gte=x&cnam=&page_size=100").await;
    assert_eq!(all.len(), 10, "what is unknown or empty is ignored");
}

#[tokio::test]
async fn durations_are_milliseconds_as_shown() {
    let kit = Kit::new().await;
    let length = |micros| kit.keep_sound(Form::new(), Duration::from_micros(micros));
    // A sample at 8000 Hz is 125 µs.
    let (short, exact, over) =
        (length(999_375).await, length(1_000_000).await, length(1_000_625).await);
    let answer = kit.administrator.get(company("?order=id:ASC")).send().await.json();
    let rows = answer["_embedded"]["recordings"].as_array().unwrap();
    let shown: Vec<_> = rows.iter().map(|row| row["duration"].as_u64().unwrap()).collect();
    assert_eq!(shown, [999, 1_000, 1_001]);
    for (query, expected) in [
        ("duration:lte=999", &[short][..]),
        ("duration:gte=1000&duration:lte=1000", &[exact]),
        ("duration%3Agte=1001", &[over]),
        ("duration:lte=1000", &[short, exact]),
        ("duration:gte=0", &[short, exact, over]),
        ("duration:gte=18446744073709551615", &[]),
        ("duration:lte=18446744073709551615", &[short, exact, over]),
    ] {
        assert_eq!(found(&kit, &format!("{query}&order=id:ASC")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let kit = Kit::new().await;
    let order = "order must be start, duration, id or file_size_in_bytes, a colon, and ASC or DESC";
    let time = |name| format!("{name} must be a time, written YYYY-MM-DDTHH:MM:SS+0000");
    for (query, why) in [
        ("order=cnam:ASC", order.to_owned()),
        ("order=start", order.to_owned()),
        ("page=-1", "page must be a whole number from 0".to_owned()),
        ("page_size=0", "page_size must be a whole number from 1 to 1000".to_owned()),
        ("page_size=1001", "page_size must be a whole number from 1 to 1000".to_owned()),
        ("start:gte=2026-09-25+09:00:41", time("start:gte")),
        ("start%3Alte=yesterday", time("start:lte")),
        ("duration:gte=1s", "duration:gte must be a whole number of milliseconds".to_owned()),
        ("call_direction=UP", "call_direction must be INBOUND, OUTBOUND or INTRA_PBX".to_owned()),
        ("after=x", "after must come from the link to a next page".to_owned()),
        ("after=id:ASC.1.1", "after comes from a list in another order".to_owned()),
        ("extension=1&extension=2", "extension is given twice".to_owned()),
    ] {
        for path in [company(""), own(""), company("/transcriptions")] {
            let answer = kit.administrator.get(format!("{path}?{query}")).send().await;
            refused(&answer, 400, "Bad Request", &why);
        }
    }
}

#[tokio::test]
async fn pages_join_up_by_number() {
    let kit = Kit::new().await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.push(kit.company().await);
    }
    for (query, range) in [
        ("page=0", 0..3),
        ("page=1", 0..3),
        ("page=2", 3..6),
        ("page=3", 6..7),
        ("page=4", 7..7),
        ("page=18446744073709551615", 7..7),
    ] {
        let path = company(&format!("?order=asc&page_size=3&{query}"));
        let answer = kit.administrator.get(path).send().await.json();
        assert_eq!(ids(&answer), expected[range], "{query}");
        assert_eq!((&answer["total_items"], &answer["total_pages"]), (&json!(7), &json!(3)));
    }
    assert_eq!(found(&kit, "order=asc&page_size=1000").await, expected);
}

#[tokio::test]
async fn each_recording_is_met_once_though_others_come_and_go() {
    let kit = Kit::new().await;
    for order in ["start:DESC", "start:ASC", "duration:DESC", "id:ASC", "file_size_in_bytes:ASC"] {
        let mut there = Vec::new();
        for _ in 0..7 {
            there.push(kit.on_demand(&kit.alice).await);
        }
        let mut met = Vec::new();
        let mut deleted = Vec::new();
        let mut next = Some(own(&format!("?page_size=2&order={order}")));
        let mut number = 0;
        while let Some(path_of_page) = next {
            let page = kit.as_alice.get(&path_of_page).send().await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            number += 1;
            assert_eq!(page["page"], number);
            assert_eq!(page["_links"].get("prev").is_some(), number > 1);
            let again = kit.as_alice.get(path(&page["_links"]["self"]).unwrap()).send().await;
            assert_eq!(ids(&again.json()), ids(&page), "self leads to this page");
            met.extend(ids(&page));
            next = path(&page["_links"]["next"]);
            if next.is_some() {
                // All on this page go, and one comes before it.
                for id in ids(&page) {
                    assert_eq!(
                        kit.as_alice.delete(own(&format!("/{id}"))).send().await.status,
                        204
                    );
                    deleted.push(id);
                }
                let early = if order == "start:DESC" {
                    "2026-01-15T11:59:59.999Z"
                } else {
                    "2000-01-01T00:00:00Z"
                };
                kit.keep(on_demand(&kit.alice).text("start", early)).await;
            }
        }
        let mut once = met.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), met.len(), "{order}: {met:?}");
        assert!(there.iter().all(|id| met.contains(id)), "{order}: {there:?} {met:?}");
        for id in listed(&kit.as_alice, own("?page_size=1000")).await {
            assert_eq!(kit.as_alice.delete(own(&format!("/{id}"))).send().await.status, 204);
        }
        assert!(!deleted.is_empty());
    }
}
