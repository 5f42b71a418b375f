use proptest::prelude::*;

use super::*;

const PACE: Pace = Pace { burst: 3, every: Duration::from_secs(10) };

fn at(seconds: u64) -> Time {
    Time::from_micros(1_700_000_000_000_000).plus(Duration::from_secs(seconds))
}

#[test]
fn a_burst_fits_and_then_one_at_a_time() {
    let buckets = Buckets::new(PACE, 10);
    for _ in 0..3 {
        assert_eq!(buckets.take("a", at(0)), Ok(()));
    }
    assert_eq!(buckets.take("a", at(0)), Err(Duration::from_secs(10)));
    assert_eq!(buckets.take("b", at(0)), Ok(()), "another bucket");
    assert_eq!(buckets.take("a", at(4)), Err(Duration::from_secs(6)));
    assert_eq!(buckets.take("a", at(10)), Ok(()));
    assert_eq!(buckets.take("a", at(10)), Err(Duration::from_secs(10)));
    buckets.forget(&"a");
    assert_eq!(buckets.wait(&"a", at(10)), None);
}

#[test]
fn more_than_full_is_full() {
    let buckets = Buckets::new(PACE, 10);
    for _ in 0..100 {
        buckets.add("a", at(0));
    }
    assert_eq!(buckets.wait(&"a", at(0)), Some(Duration::from_secs(10)));
    assert_eq!(buckets.wait(&"a", at(10)), None);
}

#[test]
fn a_clock_that_was_set_back_locks_nobody_out() {
    let buckets = Buckets::new(PACE, 10);
    for _ in 0..3 {
        buckets.add("a", at(1_000_000));
    }
    assert_eq!(buckets.wait(&"a", at(0)), Some(Duration::from_secs(10)));
}

#[test]
fn memory_is_bounded_and_the_fullest_are_kept() {
    let buckets = Buckets::new(PACE, 100);
    for _ in 0..3 {
        buckets.add(u64::MAX, at(0));
    }
    for key in 0..10_000 {
        buckets.add(key, at(0));
        assert!(buckets.lock().len() <= 100);
    }
    assert!(buckets.wait(&u64::MAX, at(0)).is_some());
}

proptest! {
    /// However the requests come, no span sees more than the burst and what leaks in it.
    #[test]
    fn no_span_sees_more_than_it_may(gaps in prop::collection::vec(0_u64..8, 1..200)) {
        let buckets = Buckets::new(PACE, 10);
        let mut now = 0;
        let mut taken = Vec::new();
        for gap in gaps {
            now += gap;
            if buckets.take((), at(now)).is_ok() {
                taken.push(now);
            }
        }
        for (index, first) in taken.iter().enumerate() {
            for (count, last) in taken[index..].iter().enumerate() {
                prop_assert!((count as u64) < 3 + (last - first) / 10);
            }
        }
    }
}
