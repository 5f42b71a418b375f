use proptest::prelude::*;
use store::{Direction, Kind};

use super::*;

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("\\PC{0,8}")
}

fn time() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of((0..i64::MAX).prop_map(Time::from_micros))
}

fn span() -> impl Strategy<Value = Option<Duration>> {
    proptest::option::of(any::<u64>().prop_map(Duration::from_micros))
}

prop_compose! {
    fn filters()(
        times in [time(), time(), time(), time()],
        spans in [span(), span()],
        texts in proptest::collection::vec(text(), 10),
        user in proptest::option::of(any::<i64>().prop_map(UserId)),
        kind in proptest::option::of(Just(Kind::OnDemand)),
        direction in proptest::option::of(Just(Direction::Internal)),
        with_audio in any::<bool>(),
    ) -> RecordingFilter {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        RecordingFilter {
            added_from: times[0],
            added_until: times[1],
            started_from: times[2],
            started_until: times[3],
            duration_from: spans[0],
            duration_until: spans[1],
            call_uuid: text(),
            from_number: text(),
            to_number: text(),
            number: text(),
            direction,
            conference_name: text(),
            conference_uuid: text(),
            mpc_name: text(),
            mpc_uuid: text(),
            kind,
            user_id: user,
            extension: text(),
            cnam: text(),
            with_audio,
        }
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_what_was_asked_for(filter in filters()) {
        prop_assert_eq!(read(&write(&filter)).unwrap(), filter);
    }
}

#[test]
fn a_condition_that_is_not_known_is_no_condition_left_out() {
    assert_eq!(read("{}").unwrap(), RecordingFilter::default());
    assert!(read("{\"colour\":\"red\"}").is_err());
    assert!(read("{\"direction\":\"up\"}").is_err());
}
