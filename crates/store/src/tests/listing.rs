use std::time::Duration;

use super::*;

const MICRO: Duration = Duration::from_micros(1);

/// A small generator of our own: the same rows in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

async fn list_part(
    store: &Store,
    scope: Scope,
    filter: &RecordingFilter,
    part: Part,
) -> Page<Recording> {
    let filter = filter.clone();
    store
        .snapshot(move |r| Box::pin(async move { r.recordings(scope, &filter, part).await }))
        .await
        .unwrap()
}

async fn list(
    store: &Store,
    scope: Scope,
    filter: &RecordingFilter,
    limit: u32,
    offset: u64,
) -> Page<Recording> {
    list_part(store, scope, filter, newest(limit, offset)).await
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
        assert!(take(&store, Scope::Root(main), id).await);
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
                ..RecordingFilter::default()
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
                let page = list(&store, scope, &filter, 20, offset as u64).await;
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
        kind: Kind::OnDemand,
        user_id: Some(user(&store, main).await),
        direction: Some(Direction::Internal),
        extensions: vec!["107".to_owned(), "a\"b".to_owned()],
        cnam: Some("Jürgen Ärmel".to_owned()),
        ..Call::default()
    };
    wanted.start = at.minus(Duration::from_hours(1));
    wanted.sound.frames = 8_000 * 77;
    let user_id = wanted.call.user_id;
    add(&store, &wanted).await;
    add(&store, &recording(main, main, at)).await;
    let mut theirs = recording(other, other, at);
    theirs.call = wanted.call.clone();
    add(&store, &theirs).await;

    let some = |text: &str| Some(text.to_owned());
    let (scope, base) = (Scope::Root(main), RecordingFilter::default());
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
        RecordingFilter { number: some("14155550100"), ..base.clone() },
        RecordingFilter { number: some("sip:a@phone.plivo.com"), ..base.clone() },
        RecordingFilter { kind: Some(Kind::OnDemand), ..base.clone() },
        RecordingFilter { user_id, ..base.clone() },
        RecordingFilter { direction: Some(Direction::Internal), ..base.clone() },
        RecordingFilter { extension: some("107"), ..base.clone() },
        RecordingFilter { extension: some("a\"b"), ..base.clone() },
        RecordingFilter { cnam: some("JÜRGEN ÄRMEL"), ..base.clone() },
        RecordingFilter { started_until: Some(wanted.start.plus(MICRO)), ..base.clone() },
        RecordingFilter { duration_from: Some(Duration::from_secs(77)), ..base.clone() },
        RecordingFilter {
            started_from: Some(wanted.start),
            started_until: Some(at.minus(seconds(60))),
            duration_until: Some(Duration::from_secs(77) + MICRO),
            ..base.clone()
        },
    ];
    for filter in filters {
        let page = list(&store, scope, &filter, 20, 0).await;
        assert_eq!(page.total, 1, "{filter:?}");
        assert_eq!(page.rows[0].recording_id, wanted.recording_id);
    }
    for filter in [
        RecordingFilter { call_uuid: some("c-2"), ..base.clone() },
        RecordingFilter { call_uuid: some("c-1"), mpc_name: some("x"), ..base.clone() },
        RecordingFilter { conference_name: some("my room"), ..base.clone() },
        RecordingFilter { call_uuid: some("c-1"), added_until: Some(at), ..base.clone() },
        RecordingFilter { call_uuid: some("' or 1=1 --"), ..base.clone() },
        RecordingFilter { number: some("+999"), ..base.clone() },
        RecordingFilter { extension: some("10"), ..base.clone() },
        RecordingFilter { extension: some(""), ..base.clone() },
        RecordingFilter { extension: some("b"), ..base.clone() },
        RecordingFilter { cnam: some("Jürgen"), ..base.clone() },
        RecordingFilter { started_until: Some(wanted.start), ..base.clone() },
        RecordingFilter {
            kind: Some(Kind::OnDemand),
            duration_until: Some(Duration::from_secs(77)),
            ..base.clone()
        },
    ] {
        assert_eq!(list(&store, scope, &filter, 20, 0).await, Page { rows: vec![], total: 0 });
    }
}

#[tokio::test]
async fn every_order_has_every_recording_once_from_place_to_place() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let mut numbers = Numbers(2);
    for _ in 0..60 {
        let at = Time::from_micros(i64::try_from(numbers.below(7)).unwrap() * 3_600_000_000);
        let mut new = recording(main, main, at);
        new.start = at.minus(Duration::from_secs(numbers.below(5)));
        new.sound.frames = 8_000 * numbers.below(4);
        new.size_bytes = numbers.below(6);
        add(&store, &new).await;
    }
    let (scope, all) = (Scope::Root(main), RecordingFilter::default());
    let by = [SortBy::AddTime, SortBy::Start, SortBy::Duration, SortBy::Number, SortBy::SizeBytes];
    for (by, descending) in by.into_iter().flat_map(|by| [(by, false), (by, true)]) {
        let sort = Sort { by, descending };
        let part = |from, limit| Part { sort, from, limit };
        let whole = list_part(&store, scope, &all, part(StartAt::Offset(0), 100)).await.rows;
        let places: Vec<Place> = whole.iter().map(|row| row.place(sort)).collect();
        let in_order = |pair: &[Place]| {
            let [left, right] = pair else { unreachable!() };
            let (left, right) = if descending { (right, left) } else { (left, right) };
            (left.value, left.number) < (right.value, right.number)
        };
        assert_eq!(whole.len(), 60);
        assert!(places.windows(2).all(in_order), "{sort:?}");
        for offset in [1, 29, 31, 55] {
            let page = list_part(&store, scope, &all, part(StartAt::Offset(offset), 10)).await;
            let from = usize::try_from(offset).unwrap();
            assert_eq!(page.rows, whole[from..60.min(from + 10)], "{sort:?}");
        }
        let mut walked: Vec<Recording> = Vec::new();
        let mut from = StartAt::Offset(0);
        loop {
            let page = list_part(&store, scope, &all, part(from, 7)).await;
            assert_eq!(page.total, 60);
            let Some(last) = page.rows.last() else { break };
            from = StartAt::After(last.place(sort));
            walked.extend(page.rows);
        }
        assert_eq!(walked, whole, "{sort:?}");
    }
}

#[tokio::test]
async fn a_user_has_what_it_made_on_demand() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let user = user(&store, main).await;
    let at = time("2024-01-01T00:00:00Z");
    let mut own = recording(main, main, at);
    (own.call.kind, own.call.user_id) = (Kind::OnDemand, Some(user));
    let mut of_company = recording(main, main, at);
    of_company.call.user_id = Some(user);
    add(&store, &own).await;
    add(&store, &of_company).await;
    let scope = Scope::User(user);
    let page = list(&store, scope, &RecordingFilter::default(), 20, 0).await;
    assert_eq!((page.total, page.rows[0].recording_id), (1, own.recording_id));
    let number = page.rows[0].number;
    let read = store.read(move |reader| Box::pin(reader.recording_of_number(scope, number)));
    assert!(read.await.unwrap().is_some());
    for (id, there) in [(own.recording_id, true), (of_company.recording_id, false)] {
        let read = store.read(move |reader| Box::pin(reader.recording(scope, id)));
        assert_eq!(read.await.unwrap().is_some(), there);
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
            assert!(!take(&store, scope, id).await);
        }
    }
}
