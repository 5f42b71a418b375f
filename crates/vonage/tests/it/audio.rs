//! The audio of a recording.

use std::time::Duration;

use testkit::sound;

use crate::kit::{API, INDIA, Kit, OLDER, company, refused};

#[tokio::test]
async fn audio_is_mp3_whole_and_in_part() {
    let kit = Kit::new().await;
    let id = kit.company().await;
    let mut whole = None;
    for prefix in [API, OLDER, INDIA] {
        for accept in ["application/json", "audio/mpeg", "audio/mpeg, audio/wav, */*", "text/html"]
        {
            let path = format!("{prefix}/audio/recording/{id}");
            let request = kit.administrator.get(path).header("accept", accept);
            let answer = request.header("content-type", "application/json").send().await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "audio/mpeg"));
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            let first = whole.get_or_insert_with(|| answer.body.clone());
            assert_eq!(*first, answer.body);
        }
    }
    let whole = whole.unwrap();
    assert_eq!(whole[0], 0xff, "a frame of MP3");
    let path = format!("{API}/audio/recording/{id}");
    let part = kit.administrator.get(&path).header("range", "bytes=10-19").send().await;
    assert_eq!((part.status, &part.body[..]), (206, &whole[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", whole.len()));
    let beyond = kit.administrator.get(&path).header("range", "bytes=999999-").send().await;
    let why = format!("the range is not within the {} bytes of the audio", whole.len());
    refused(&beyond, 416, "Range Not Satisfiable", &why);
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", whole.len()));
    let head = kit.administrator.head(&path).send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.len().to_string());
    let etag = head.header("etag").to_owned();
    let known = kit.administrator.get(&path).header("if-none-match", &etag).send().await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let other = kit.administrator.get(&path).header("if-match", "\"x\"").send().await;
    refused(&other, 412, "Precondition Failed", "the audio is not the one of If-Match");
}

#[tokio::test]
async fn audio_is_for_those_who_may_see_the_recording() {
    let kit = Kit::new().await;
    let (_, as_bob) = kit.test.user(&kit.account, "bob").await;
    let other = kit.test.account("other").await;
    let as_other = kit.test.administrator(&other).await;
    let (of_company, of_alice) = (kit.company().await, kit.on_demand(&kit.alice).await);
    for (client, id, status) in [
        (&kit.administrator, of_company, 200),
        (&kit.administrator, of_alice, 200),
        (&kit.as_alice, of_alice, 200),
        (&kit.as_alice, of_company, 404),
        (&as_bob, of_alice, 404),
        (&as_other, of_company, 404),
        (&as_other, of_alice, 404),
    ] {
        let answer = client.get(format!("{API}/audio/recording/{id}")).send().await;
        assert_eq!(answer.status, status);
    }
    for id in ["0", "x", "-1", "999999999", "1.mp3"] {
        let answer = kit.administrator.get(format!("{API}/audio/recording/{id}")).send().await;
        refused(&answer, 404, "Not Found", "not found");
    }
}

#[tokio::test]
async fn what_is_kept_may_be_given_out_instead() {
    let kit = Kit::new().await;
    let id = kit.company().await;
    let config = vonage::Config {
        public_url: "http://vault.test/".to_owned(),
        audio_format: vonage::AudioFormat::Stored,
    };
    let state = vonage::State::new(kit.test.vault.clone(), config);
    let client = kit.administrator.to(vonage::router().with_state(state));
    let answer = client.get(format!("{API}/audio/recording/{id}")).send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "audio/wav"));
    assert_eq!(answer.body, sound::wav(Duration::from_secs(1)));
    let row = client.get(company(&format!("/{id}"))).send().await.json();
    assert_eq!(row["file_name"].as_str().unwrap().rsplit('.').next(), Some("wav"));
    assert_eq!(row["file_size_in_bytes"], answer.body.len());
    let url = format!("http://vault.test{API}/audio/recording/{id}");
    assert_eq!(row["download_url"], url.as_str());
}
