use super::*;

const NOW: &str = "2024-01-01T00:00:00Z";

fn new_transcript(recording_id: RecordingId) -> Transcript {
    Transcript {
        transcript_id: TranscriptId::random(),
        recording_id,
        status: TranscriptStatus::InProgress,
        error: None,
        hint: Some("de".to_owned()),
        language: None,
        speakers: None,
        rate: Money::from_billionths(50_000_000),
        cost: Money::ZERO,
        created: time(NOW),
        finished: None,
    }
}

fn turn(speaker: u16, start_ms: u64, text: &str) -> Turn {
    Turn {
        speaker,
        channel: speaker,
        start_ms,
        end_ms: start_ms + 900,
        confidence_ppm: 1_000_000,
        text: text.to_owned(),
    }
}

fn said(texts: &[&str]) -> TranscriptEnd {
    let turns = (0_u16..).zip(texts).map(|(at, text)| turn(at % 2, u64::from(at) * 1_000, text));
    TranscriptEnd::Success {
        language: Some("en".to_owned()),
        speakers: SpeakersKnown::Channel,
        words: "[]".to_owned(),
        turns: turns.collect(),
        cost: Money::from_billionths(100_000_000),
    }
}

/// A recording, and what was said on it.
async fn spoken(store: &Store, account: AccountId, root: AccountId, texts: &[&str]) -> RecordingId {
    let new = recording(account, root, time(NOW));
    add(store, &new).await;
    let (transcript, end) = (new_transcript(new.recording_id), said(texts));
    let write = store.write(move |tx| {
        Box::pin(async move {
            tx.add_transcript(&transcript).await?;
            assert!(tx.finish_transcript(&transcript, &end, time(NOW)).await?);
            assert!(!tx.finish_transcript(&transcript, &end, time(NOW)).await?);
            Ok(())
        })
    });
    write.await.unwrap();
    new.recording_id
}

async fn search(store: &Store, scope: Scope, query: &'static str) -> Vec<(RecordingId, u64)> {
    let read = store.read(move |reader| {
        Box::pin(
            async move { reader.search(scope, &RecordingFilter::default(), query, 0, 10).await },
        )
    });
    let found = read.await.unwrap();
    found.into_iter().map(|hit| (hit.recording.recording_id, hit.turn.start_ms)).collect()
}

#[tokio::test]
async fn words_and_phrases_are_found_where_they_were_said() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let texts = [
        "Hello, this is Ana. How can I help you?",
        "I'd like my money back, please: 42.50 Euros, for the café's order.",
        "你好世界 – that is Chinese.",
        "Money, money, money.",
    ];
    let id = spoken(&store, main, main, &texts).await;
    let found = async |query| {
        let all = search(&store, Scope::Root(main), query).await;
        assert!(all.iter().all(|(of, _)| *of == id));
        let mut at: Vec<u64> = all.into_iter().map(|(_, at)| at).collect();
        at.sort_unstable();
        at
    };
    assert_eq!(found("HELLO").await, [0]);
    assert_eq!(found("money").await, [1_000, 3_000]);
    assert_eq!(found("money back").await, [1_000]);
    assert_eq!(found("back money").await, [1_000]);
    assert_eq!(found(r#""money back""#).await, [1_000]);
    assert_eq!(found(r#""back money""#).await, [0; 0]);
    assert_eq!(found(r#"please "42.50 euros" I'd"#).await, [1_000]);
    assert_eq!(found("id").await, [1_000]);
    assert_eq!(found("café's").await, [1_000]);
    assert_eq!(found("世界").await, [2_000]);
    assert_eq!(found(r#""好世""#).await, [2_000]);
    assert_eq!(found("mon").await, [0; 0]);
    for nothing in ["", "  ", "\"", "--", "'", "& | ! ( ) : *"] {
        assert_eq!(found(nothing).await, [0; 0], "{nothing}");
    }
    assert_eq!(search(&store, Scope::Root(main), "money").await[0].1, 3_000, "the best first");
}

#[tokio::test]
async fn only_what_is_in_the_scope_is_found() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let sub = account(&store, SUB, Some(main)).await;
    let stranger = account(&store, "MABBBBBBBBBBBBBBBBBB", None).await;
    let id = spoken(&store, sub, main, &["the secret word"]).await;
    for (scope, hits) in [
        (Scope::Root(main), 1),
        (Scope::Subaccount(sub), 1),
        (Scope::Root(stranger), 0),
        (Scope::User(user(&store, main).await), 0),
    ] {
        let found = search(&store, scope, "secret").await;
        assert_eq!(found, [(id, 0)][..hits], "{scope:?}");
    }
}

#[tokio::test]
async fn a_transcript_is_read_as_it_was_written_and_goes_whole() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let id = spoken(&store, main, main, &["one", "two"]).await;
    let callback = TranscriptCallback {
        account_id: main,
        to: Destination {
            dialect: Dialect::Plivo,
            url: "http://there/".to_owned(),
            method: DeliveryMethod::Post,
            policy: DeliveryPolicy {
                connect_timeout: seconds(1),
                read_timeout: seconds(2),
                total_timeout: seconds(3),
                retries: 4,
                retry_on: RetryOn::CONNECT.and(RetryOn::READ),
            },
        },
    };
    let read = async || {
        let read = store.read(move |reader| {
            Box::pin(async move {
                let transcript = reader.transcript_of(id).await?;
                Ok((transcript, reader.turns(id).await?, reader.transcript_callbacks(id).await?))
            })
        });
        read.await.unwrap()
    };
    let added = callback.clone();
    let write = store.write(move |tx| {
        Box::pin(async move {
            tx.add_transcript_callback(id, &added).await?;
            tx.add_transcript_callback(id, &added).await
        })
    });
    write.await.unwrap();
    let (transcript, turns, callbacks) = read().await;
    let transcript = transcript.unwrap();
    assert_eq!(transcript.status, TranscriptStatus::Success);
    assert_eq!(transcript.cost, Money::from_billionths(100_000_000));
    assert_eq!(
        (transcript.hint.as_deref(), transcript.language.as_deref()),
        (Some("de"), Some("en"))
    );
    assert_eq!(turns, [turn(0, 0, "one"), turn(1, 1_000, "two")]);
    assert_eq!(callbacks, std::slice::from_ref(&callback));

    let told = async |times: usize| {
        for time in 0..times {
            let callback = callback.clone();
            let write = store.write(move |tx| {
                Box::pin(async move { tx.set_transcript_told(id, &callback).await })
            });
            assert_eq!(write.await.unwrap(), time == 0);
        }
    };
    told(2).await;
    assert_eq!(read().await.2, []);
    let forget = || store.write(move |tx| Box::pin(tx.forget_transcript(id)));
    assert!(forget().await.unwrap());
    assert_eq!(read().await, (None, vec![], vec![]));
    assert!(search(&store, Scope::Root(main), "one").await.is_empty());
    assert!(!forget().await.unwrap());
}

#[tokio::test]
async fn the_list_has_the_latest_added_first() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(spoken(&store, main, main, &["x"]).await);
        add(&store, &recording(main, main, time(NOW))).await;
    }
    ids.reverse();
    let list = async |offset, limit| {
        let read = store.snapshot(move |reader| {
            Box::pin(async move {
                let all = RecordingFilter::default();
                reader.transcripts(Scope::Root(main), &all, newest(limit, offset)).await
            })
        });
        let page = read.await.unwrap();
        assert_eq!(page.total, 3);
        page.rows
            .into_iter()
            .map(|(transcript, of)| {
                assert_eq!(transcript.recording_id, of.recording_id);
                of.recording_id
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(list(0, 2).await, ids[..2]);
    assert_eq!(list(2, 2).await, ids[2..]);
}
