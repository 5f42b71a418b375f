use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000;

/// 2024-06-15 12:00:00.
fn now() -> Time {
    Time::from_micros(1_718_452_800 * SECOND)
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{From, Is, Over, Under, UpTo};
    prop::sample::select(vec![Is, Over, From, Under, UpTo])
}

fn is_in(window: Window, time: Time) -> bool {
    window.from.is_none_or(|from| time >= from) && window.until.is_none_or(|until| time < until)
}

fn holds<T: PartialOrd>(operator: Operator, value: &T, bound: &T) -> bool {
    match operator {
        Operator::Is => value == bound,
        Operator::Over => value > bound,
        Operator::From => value >= bound,
        Operator::Under => value < bound,
        Operator::UpTo => value <= bound,
    }
}

fn storage_day(added: Time) -> i64 {
    (now().as_micros() - added.as_micros()) / DAY_MICROS + 1
}

#[test]
fn nothing_is_in_never_and_everything_in_always() {
    for micros in [0, 1, now().as_micros(), i64::MAX] {
        assert!(!is_in(Window::NEVER, Time::from_micros(micros)));
        assert!(is_in(Window::ALWAYS, Time::from_micros(micros)));
    }
}

proptest! {
    #[test]
    fn a_window_of_days_has_just_what_the_conditions_say(
        bounds in prop::collection::vec((operator(), 0_u32..40), 1..4),
        age in prop_oneof![
            0..40 * DAY_MICROS,
            (0_i64..40, -1_i64..=1).prop_map(|(days, more)| (days * DAY_MICROS + more).max(0)),
        ],
    ) {
        let added = Time::from_micros(now().as_micros() - age);
        let day = storage_day(added);
        let expected =
            bounds.iter().all(|(operator, days)| holds(*operator, &day, &i64::from(*days)));
        let bounds: Vec<_> = bounds
            .into_iter()
            .map(|(operator, value)| Bound { name: String::new(), operator, value })
            .collect();
        let window = of_days(&bounds, now());
        prop_assert_eq!(is_in(window, added), expected, "day {} of {:?}", day, window);
    }

    #[test]
    fn a_window_of_times_has_just_what_the_conditions_say(
        bounds in prop::collection::vec((operator(), 0_i64..30, 0..3_usize), 1..4),
        at in 0_i64..30 * SECOND,
    ) {
        let start = now().as_micros() - 60 * SECOND;
        let added = start + at / 250_000 * 250_000;
        let precisions = [60 * SECOND, SECOND, 1];
        let mut expected = true;
        let mut given = Vec::new();
        for (operator, seconds, precision) in bounds {
            let (time, precision) = (start + seconds * SECOND, precisions[precision]);
            expected &= match operator {
                Operator::Is => (time..time + precision).contains(&added),
                _ => holds(operator, &added, &time),
            };
            let precision = Duration::from_micros(precision.unsigned_abs());
            let value = time::Written { time: Time::from_micros(time), precision };
            given.push(Bound { name: String::new(), operator, value });
        }
        if let Ok(window) = of_times(&given, now()) {
            prop_assert_eq!(is_in(window, Time::from_micros(added)), expected);
        } else {
            let upper = [Operator::Under, Operator::UpTo];
            prop_assert!(given.iter().all(|bound| upper.contains(&bound.operator)));
        }
    }

    #[test]
    fn no_window_is_turned_around_or_too_long(
        times in prop::collection::vec((operator(), any::<i64>()), 0..5),
        days in prop::collection::vec((operator(), any::<u32>()), 0..5),
        at: i64,
    ) {
        let now = Time::from_micros(at);
        let precision = Duration::from_mins(1);
        let times: Vec<_> = times
            .into_iter()
            .map(|(operator, micros)| (operator, Time::from_micros(micros)))
            .map(|(operator, time)| (operator, time::Written { time, precision }))
            .map(|(operator, value)| Bound { name: String::new(), operator, value })
            .collect();
        let days: Vec<_> = days
            .into_iter()
            .map(|(operator, value)| Bound { name: String::new(), operator, value })
            .collect();
        let days = of_days(&days, now);
        prop_assert!(days.from.zip(days.until).is_none_or(|(from, until)| from <= until));
        if let Ok(Window { from: Some(from), until }) = of_times(&times, now) {
            let until = until.unwrap_or(now.max(from));
            prop_assert!(from <= until);
            prop_assert!(until.since(from) <= DAY * LONGEST_DAYS + Duration::from_micros(1));
        }
    }
}
