//! Transcriptions of company recordings.

use serde_json::{Value, json};
use testkit::Form;

use crate::kit::{API, Kit, company, on_demand, refused};

#[tokio::test]
async fn they_are_those_of_the_companys_recordings() {
    let kit = Kit::new().await;
    let transcribed = || Form::new().text("transcription_type", "auto");
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(kit.keep(transcribed()).await);
    }
    kit.company().await; // of which there is none
    let alices = kit.keep(on_demand(&kit.alice).text("transcription_type", "auto")).await;
    let get =
        async |id: i64| kit.administrator.get(format!("{API}/transcription/{id}")).send().await;
    assert_eq!(get(ids[0]).await.json()["status"], "in_progress");
    assert_eq!(get(ids[0]).await.json()["segments"], json!([]));
    kit.test.work().await;

    let listed = async |query: &str| {
        let path = company(&format!("/transcriptions?{query}"));
        let answer = kit.administrator.get(path).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let rows = page["_embedded"]["transcriptions"].as_array().unwrap().clone();
        (rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>(), page)
    };
    assert_eq!(listed("order=id:ASC").await.0, ids);
    let (first, page) = listed("order=id:ASC&page_size=2").await;
    assert_eq!((first, &page["total_items"]), (ids[..2].to_vec(), &json!(3)));
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    let next = next.split_once('?').unwrap().1;
    assert_eq!(listed(next).await.0, ids[2..]);

    let mut one = get(ids[0]).await.json();
    let call_id = one["call_id"].take();
    assert_eq!(call_id.as_str().unwrap().len(), 36);
    assert_eq!(
        one,
        json!({
            "id": ids[0], "call_id": null, "status": "complete", "error": null, "language": "en",
            "duration": 1000, "created": "2026-01-15T12:00:00+0000",
            "_links": { "self": {
                "href": format!("http://vault.test{API}/transcription/{}", ids[0]) } },
            "segments": [
                { "speaker": 0, "start": 0, "end": 1500, "text": "Hello, how can I help you?" },
                { "speaker": 0, "start": 2000, "end": 3500, "text": "I want my money back!" },
                { "speaker": 0, "start": 4000, "end": 5500, "text": "Of course. One moment." },
            ],
        })
    );
    refused(&get(alices).await, 404, "Not Found", "not found");
    let path = format!("{API}/transcription/{}", ids[0]);
    refused(&kit.as_alice.get(path).send().await, 404, "Not Found", "not found");
    let gone = kit.administrator.delete(company(&format!("/{}", ids[0]))).send().await;
    assert_eq!(gone.status, 204);
    refused(&get(ids[0]).await, 404, "Not Found", "not found");
    let left: Vec<Value> = ids[1..].iter().map(|id| json!(id)).collect();
    assert_eq!(json!(listed("order=id:ASC").await.0), json!(left));
}
