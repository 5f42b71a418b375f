use proptest::prelude::*;

use vault::RecordingFilter;

use super::*;

/// 2024-06-15 12:00:00.
const NOW: i64 = 1_718_452_800_000_000;
const DAY: i64 = 86_400_000_000;

fn now() -> Time {
    Time::from_micros(NOW)
}

fn ok(query: &str) -> List {
    List::read(query, now()).unwrap_or_else(|error| panic!("{query}: {error}"))
}

#[track_caller]
fn window(query: &str, from: Option<i64>, until: Option<i64>) {
    let list = ok(query);
    let micros = |time: Option<Time>| time.map(Time::as_micros);
    assert_eq!(
        (micros(list.query.filter.added_from), micros(list.query.filter.added_until)),
        (from, until),
        "{query}"
    );
}

#[track_caller]
fn refused(query: &str, error: &str) {
    match List::read(query, now()) {
        Ok(list) => panic!("{query} is taken: {list:?}"),
        Err(refused) => assert_eq!(refused.to_string(), error, "{query}"),
    }
}

/// Microseconds of a time of June 2024.
fn june(text: &str) -> i64 {
    time::read(&format!("2024-06-{text}")).unwrap().time.as_micros()
}

#[test]
fn each_filter_goes_to_its_place() {
    let list = ok("from_number=%2B14155551234&to_number=sip%3Aa%40phone.plivo.com\
                   &subaccount=SA2025RK4E639VJFZAGV&call_uuid=u-1&conference_name=My+Room\
                   &conference_uuid=cu&mpc_name=m&mpc_uuid=mu&limit=5&offset=10");
    let some = |text: &str| Some(text.to_owned());
    let expected = RecordingQuery {
        subaccount: Some("SA2025RK4E639VJFZAGV".parse().unwrap()),
        filter: RecordingFilter {
            call_uuid: some("u-1"),
            from_number: some("+14155551234"),
            to_number: some("sip:a@phone.plivo.com"),
            conference_name: some("My Room"),
            conference_uuid: some("cu"),
            mpc_name: some("m"),
            mpc_uuid: some("mu"),
            ..RecordingFilter::default()
        },
    };
    assert_eq!(list.query, expected);
    assert_eq!(list.page, Page { limit: 5, offset: 10 });
    assert_eq!(list.filters.len(), 8);
}

#[test]
fn a_filter_is_repeated_as_it_was_given() {
    let list =
        ok("limit=5&add_time_gt=2024-06-10+10%3A00&x=y&from_number=+1415&cursor=abc&mpc_name=");
    let filters: Vec<_> = list.filters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(filters, [("add_time_gt", "2024-06-10 10:00"), ("from_number", " 1415")]);
    assert_eq!(list.query.filter.from_number.as_deref(), Some("+1415"));
}

#[test]
fn empty_and_unknown_parameters_are_absent() {
    let nothing = ok("");
    assert_eq!(nothing.page, Page { limit: 20, offset: 0 });
    for query in [
        "limit=&offset=&from_number=&add_time__gt=&recording_storage_duration=&callback_url=",
        "cursor=abc%3D%3D&recording_id=x&transcription_id=y&callback_method=POST",
        "add_time__range=x&add_time__=x&add_timegt=x&add_time____gt=x&addTime=x&ADD_TIME=x",
        "recording_storage_durationx=1&recording_storage=x&=x&&&%FF=%FF",
        "limit",
    ] {
        assert_eq!(ok(query), nothing, "{query}");
    }
}

#[test]
fn without_a_window_it_is_the_last_seven_days_except_for_a_call() {
    window("", Some(NOW - 7 * DAY), None);
    window("from_number=1", Some(NOW - 7 * DAY), None);
    window(
        "conference_uuid=1&mpc_uuid=1&subaccount=SA2025RK4E639VJFZAGV",
        Some(NOW - 7 * DAY),
        None,
    );
    window("call_uuid=u-1", None, None);
    window("call_uuid=u-1&from_number=1", None, None);
    window("call_uuid=", Some(NOW - 7 * DAY), None);
    window(
        "call_uuid=u-1&add_time=2024-06-01 10:00",
        Some(june("01 10:00")),
        Some(june("01 10:01")),
    );
}

#[test]
fn a_bare_add_time_is_as_long_as_it_is_precise() {
    let (minute, second) = (june("01 10:00"), june("01 10:00:05"));
    window("add_time=2024-06-01 10:00", Some(minute), Some(minute + 60_000_000));
    window("add_time=2024-06-01+10:00:05", Some(second), Some(second + 1_000_000));
    window("add_time=2024-06-01T10:00:05.25", Some(second + 250_000), Some(second + 250_001));
    window("add_time=2001-01-01 00:00", Some(978_307_200_000_000), Some(978_307_260_000_000));
}

#[test]
fn add_times_are_combined_and_all_must_hold() {
    let (a, b) = (june("01 10:00"), june("02 10:00"));
    window("add_time__gte=2024-06-01 10:00&add_time__lt=2024-06-02 10:00", Some(a), Some(b));
    window(
        "add_time__gt=2024-06-01 10:00&add_time__lte=2024-06-02 10:00",
        Some(a + 1),
        Some(b + 1),
    );
    window(
        "add_time_gt=2024-06-01 10:00&add_time___lte=2024-06-02 10:00",
        Some(a + 1),
        Some(b + 1),
    );
    let three = "add_time__gte=2024-06-01 10:00&add_time__gt=2024-06-01 10:00&add_time__lt=2024-06-02 10:00";
    window(three, Some(a + 1), Some(b));
    window(
        "add_time=2024-06-01 10:00&add_time__gte=2024-06-01 10:00:30",
        Some(a + 30_000_000),
        Some(a + 60_000_000),
    );
    // They contradict each other: nothing can be between.
    window("add_time__gt=2024-06-02 10:00&add_time__lt=2024-06-01 10:00", Some(b + 1), Some(b + 1));
    window("add_time=2024-06-02 10:00&add_time__lt=2024-06-01 10:00", Some(b), Some(b));
}

#[test]
fn a_lower_bound_alone_reaches_to_now() {
    window("add_time__gt=2024-06-01 10:00", Some(june("01 10:00") + 1), None);
    window("add_time__gte=2024-05-16 12:00:00", Some(NOW - 30 * DAY), None);
    window("add_time__gte=2030-01-01 00:00", Some(1_893_456_000_000_000), None);
    let why = "is more than 30 days ago and needs add_time__lt or add_time__lte beside it, \
               at most 30 days later";
    refused("add_time__gte=2024-05-16 11:59:59.999999", &format!("add_time__gte {why}"));
    refused("add_time_gt=1970-01-01 00:00", &format!("add_time_gt {why}"));
}

#[test]
fn an_upper_bound_alone_is_refused() {
    let why = "needs add_time__gt or add_time__gte beside it, at most 30 days earlier";
    refused("add_time__lt=2024-06-01 10:00", &format!("add_time__lt {why}"));
    refused("add_time__lte=2024-06-01 10:00&call_uuid=u-1", &format!("add_time__lte {why}"));
}

#[test]
fn a_range_is_thirty_days_at_most() {
    window(
        "add_time__gte=2024-01-01 00:00&add_time__lte=2024-01-31 00:00",
        Some(1_704_067_200_000_000),
        Some(1_706_659_200_000_001),
    );
    refused(
        "add_time__gte=2024-01-01 00:00&add_time__lte=2024-01-31 00:00:00.000001",
        "add_time__gte is more than 30 days before add_time__lte",
    );
    refused(
        "add_time__lt=2024-06-15 12:00&add_time__gt=2024-05-15 12:00&call_uuid=u-1",
        "add_time__gt is more than 30 days before add_time__lt",
    );
}

#[test]
fn storage_days_are_counted_back_from_now() {
    let query = |query: &str| format!("recording_storage_duration{query}");
    window(&query("=1"), Some(NOW - DAY + 1), Some(NOW + 1));
    window(&query("=10"), Some(NOW - 10 * DAY + 1), Some(NOW - 9 * DAY + 1));
    window(&query("__gt=90"), None, Some(NOW - 90 * DAY + 1));
    window(&query("__gte=90"), None, Some(NOW - 89 * DAY + 1));
    window(&query("___gte=90"), None, Some(NOW - 89 * DAY + 1));
    window(&query("__lt=2"), Some(NOW - DAY + 1), None);
    window(&query("_lte=2"), Some(NOW - 2 * DAY + 1), None);
    window(&query("__gt=4294967295"), None, Some(0));
    window(
        "recording_storage_duration__gte=2&recording_storage_duration__lte=3",
        Some(NOW - 3 * DAY + 1),
        Some(NOW - DAY + 1),
    );
    for bad in ["-1", "1.5", "+1", "x", "1d", "4294967296", "99999999999999999999"] {
        refused(
            &query(&format!("__lt={bad}").replace('+', "%2B")),
            "recording_storage_duration__lt must be a whole number of days",
        );
    }
}

#[test]
fn storage_days_and_add_time_do_not_go_together() {
    refused(
        "add_time__gt=2024-06-10 10:00&recording_storage_duration___lt=5",
        "recording_storage_duration___lt cannot be combined with add_time__gt",
    );
    refused(
        "recording_storage_duration=5&add_time=2024-06-10 10:00",
        "recording_storage_duration cannot be combined with add_time",
    );
}

#[test]
fn what_cannot_be_used_is_named() {
    refused(
        "add_time__gte=yesterday",
        "add_time__gte must be a time in UTC, written YYYY-MM-DD HH:MM[:ss[.uuuuuu]]",
    );
    refused("limit=21", "limit must be a whole number from 1 to 20");
    refused("offset=-1", "offset must be a whole number from 0 to 9223372036854775807");
    refused("limit=5&limit=6", "limit is given twice");
    refused("mpc_name=a&mpc_name=b", "mpc_name is given twice");
    refused(
        "add_time__gt=2024-06-10 10:00&add_time_gt=2024-06-11 10:00",
        "add_time_gt is given twice",
    );
}

#[test]
fn the_same_thing_said_twice_is_said_once() {
    assert_eq!(ok("limit=5&limit=5&mpc_name=a&mpc_name=a"), ok("limit=5&mpc_name=a"));
    assert_eq!(ok("limit=5&limit="), ok("limit=5"));
}

#[test]
fn what_is_no_auth_id_finds_nothing() {
    window("subaccount=SA1", Some(0), Some(0));
    window("subaccount=sa2025rk4e639vjfzagv&call_uuid=u", Some(0), Some(0));
    refused("subaccount=SA1&limit=0", "limit must be a whole number from 1 to 20");
}

proptest! {
    #[test]
    fn no_query_makes_it_panic(
        query in "\\PC{0,80}|((limit|offset|(add_time|recording_storage_duration)_{0,4}[glte]{0,3})\
                  =[-0-9 :.T%+]{0,25}&){0,4}",
        now: i64,
    ) {
        if let Ok(list) = List::read(&query, Time::from_micros(now)) {
            prop_assert!((1..=20).contains(&list.page.limit));
            let (from, until) = (list.query.filter.added_from, list.query.filter.added_until);
            prop_assert!(from.zip(until).is_none_or(|(from, until)| from <= until));
        }
    }
}
