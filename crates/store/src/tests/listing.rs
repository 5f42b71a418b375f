use super::*;

/// A small generator of our own: the same rows in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn everything(scope: Scope) -> RecordingFilter {
    RecordingFilter {
        scope,
        added_from: None,
        added_until: None,
        call_uuid: None,
        from_number: None,
        to_number: None,
        conference_name: None,
        conference_uuid: None,
        mpc_name: None,
        mpc_uuid: None,
    }
}

async fn list(store: &Store, filter: &RecordingFilter, limit: u32, offset: u64) -> Page<Recording> {
    let filter = filter.clone();
    store
        .snapshot(move |r| Box::pin(async move { r.recordings(&filter, limit, offset).await }))
        .await
        .unwrap()
}

#[tokio::test]
async fn counts_and_pages_agree_with_a_plain_list_at_every_depth() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let sub = account(&store, SUB, Some(main)).await;
    let mut numbers = Numbers(1);
    let from = time("2024-01-01T00:00:00Z").as_micros();
    let span = 50 * 3_600_000_000;
    // Crowded hours, equal times, and times on the very edge of an hour.
    let times: Vec<Time> = (0..3_000)
        .map(|at| match at % 5 {
            0 => from + 7 * 3_600_000_000,
            1 => from + i64::try_from(numbers.below(50)).unwrap() * 3_600_000_000,
            _ => from + i64::try_from(numbers.below(span)).unwrap(),
        })
        .map(Time::from_micros)
        .collect();
    let mut model = Vec::new();
    for chunk in times.chunks(500) {
        let news: Vec<NewRecording> = chunk
            .iter()
            .enumerate()
            .map(|(at, time)| recording(if at % 3 == 0 { sub } else { main }, main, *time))
            .collect();
        let kept = store
            .write(|tx| {
                Box::pin(async move {
                    let mut kept = Vec::new();
                    for new in news {
                        kept.push((new.add_time, tx.add_recording(&new).await?, new));
                    }
                    Ok(kept)
                })
            })
            .await
            .unwrap();
        model.extend(kept);
    }
    // Some go again.
    for at in (0..model.len()).step_by(7).rev() {
        let (.., gone) = model.swap_remove(at);
        let id = gone.recording_id;
        let take = store.write(move |tx| Box::pin(tx.take_recording(Scope::Root(main), id)));
        assert!(take.await.unwrap().is_some());
    }
    model.sort_by_key(|(time, number, _)| std::cmp::Reverse((*time, *number)));

    let hour = 3_600_000_000;
    let windows = [
        (None, None),
        (Some(0), None),
        (None, Some(7 * hour)),
        (Some(7 * hour), Some(8 * hour)),
        (Some(7 * hour + 1), Some(8 * hour - 1)),
        (Some(7 * hour + 5), Some(7 * hour + 6)),
        (Some(hour / 2), Some(49 * hour + 17)),
        (Some(3 * hour), Some(3 * hour)),
        (Some(9 * hour), Some(2 * hour)),
        (Some(hour - 1), Some(hour + 1)),
    ];
    for scope in [Scope::Root(main), Scope::Subaccount(sub)] {
        for (lower, upper) in windows {
            let bound = |offset: Option<i64>| offset.map(|o| Time::from_micros(from + o));
            let filter = RecordingFilter {
                added_from: bound(lower),
                added_until: bound(upper),
                ..everything(scope)
            };
            let expected: Vec<RecordingNumber> = model
                .iter()
                .filter(|(time, _, new)| {
                    filter.added_from.is_none_or(|from| *time >= from)
                        && filter.added_until.is_none_or(|until| *time < until)
                        && (scope == Scope::Root(main) || new.account_id == sub)
                })
                .map(|(_, number, _)| *number)
                .collect();
            let all = expected.len();
            for offset in [0, 1, 19, 20, 998, 999, 1_000, 1_001, 1_500, all / 2, all, all + 5]
                .into_iter()
                .chain([all.saturating_sub(1), all.saturating_sub(21)])
            {
                let page = list(&store, &filter, 20, offset as u64).await;
                assert_eq!(page.total, all as u64, "{lower:?} {upper:?}");
                let found: Vec<_> = page.rows.iter().map(|row| row.number).collect();
                let expected: Vec<_> = expected.iter().skip(offset).take(20).copied().collect();
                assert_eq!(found, expected, "{scope:?} {lower:?}..{upper:?} at {offset}");
            }
        }
    }
}

#[tokio::test]
async fn every_condition_finds_its_own_and_all_must_hold() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let other = account(&store, "MABBBBBBBBBBBBBBBBBB", None).await;
    let at = time("2024-01-01T00:00:00Z");
    let mut wanted = recording(main, main, at);
    wanted.call = Call {
        call_uuid: "c-1".to_owned(),
        from_number: Some("+14155550100".to_owned()),
        to_number: Some("sip:a@phone.plivo.com".to_owned()),
        conference_name: Some("My Room".to_owned()),
        conference_uuid: Some("cu".to_owned()),
        mpc_name: Some("m".to_owned()),
        mpc_uuid: Some("mu".to_owned()),
        ..Call::default()
    };
    add(&store, &wanted).await;
    add(&store, &recording(main, main, at)).await;
    let mut theirs = recording(other, other, at);
    theirs.call = wanted.call.clone();
    add(&store, &theirs).await;

    let some = |text: &str| Some(text.to_owned());
    let base = everything(Scope::Root(main));
    let filters = [
        RecordingFilter { call_uuid: some("c-1"), ..base.clone() },
        RecordingFilter { from_number: some("+14155550100"), ..base.clone() },
        RecordingFilter { from_number: some("14155550100"), ..base.clone() },
        RecordingFilter { to_number: some("sip:a@phone.plivo.com"), ..base.clone() },
        RecordingFilter { conference_name: some("My Room"), ..base.clone() },
        RecordingFilter { conference_uuid: some("cu"), ..base.clone() },
        RecordingFilter { mpc_name: some("m"), ..base.clone() },
        RecordingFilter { mpc_uuid: some("mu"), ..base.clone() },
        RecordingFilter { mpc_uuid: some("mu"), call_uuid: some("c-1"), ..base.clone() },
    ];
    for filter in filters {
        let page = list(&store, &filter, 20, 0).await;
        assert_eq!(page.total, 1, "{filter:?}");
        assert_eq!(page.rows[0].recording_id, wanted.recording_id);
    }
    for filter in [
        RecordingFilter { call_uuid: some("c-2"), ..base.clone() },
        RecordingFilter { call_uuid: some("c-1"), mpc_name: some("x"), ..base.clone() },
        RecordingFilter { conference_name: some("my room"), ..base.clone() },
        RecordingFilter { call_uuid: some("c-1"), added_until: Some(at), ..base.clone() },
        RecordingFilter { call_uuid: some("' or 1=1 --"), ..base.clone() },
    ] {
        assert_eq!(list(&store, &filter, 20, 0).await, Page { rows: vec![], total: 0 });
    }
}

#[tokio::test]
async fn another_accounts_recording_is_not_there() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let sub = account(&store, SUB, Some(main)).await;
    let other = account(&store, "MABBBBBBBBBBBBBBBBBB", None).await;
    let of_sub = recording(sub, main, time("2024-01-01T00:00:00Z"));
    let of_main = recording(main, main, time("2024-01-01T00:00:00Z"));
    add(&store, &of_sub).await;
    add(&store, &of_main).await;
    for (scope, id, there) in [
        (Scope::Root(main), of_sub.recording_id, true),
        (Scope::Subaccount(sub), of_sub.recording_id, true),
        (Scope::Subaccount(sub), of_main.recording_id, false),
        (Scope::Root(other), of_sub.recording_id, false),
        (Scope::Subaccount(main), of_main.recording_id, false),
    ] {
        let read = store.read(move |reader| Box::pin(reader.recording(scope, id)));
        assert_eq!(read.await.unwrap().is_some(), there, "{scope:?}");
        if !there {
            let take = store.write(move |tx| Box::pin(tx.take_recording(scope, id)));
            assert!(take.await.unwrap().is_none());
        }
    }
}
