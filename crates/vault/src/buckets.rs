//! How often something may happen, by key: leaky buckets, in memory, by the vault's clock.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::Time;

/// So many at once, and then one more after each such span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) burst: u32,
    pub(crate) every: Duration,
}

/// A bucket for each key. Each drop leaks out after a while; a drop more than `burst` does not fit.
///
/// Of each bucket is kept when it will be empty (GCRA's "theoretical arrival time").
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    pace: Pace,
    capacity: usize,
    empty_at: Mutex<HashMap<K, i64>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Never keeps more than `capacity` buckets: where there are more, the emptier half of them is
    /// forgotten.
    pub(crate) fn new(pace: Pace, capacity: usize) -> Self {
        Self { pace, capacity, empty_at: Mutex::default() }
    }

    /// How long to wait until another drop fits; nothing where one fits now.
    pub(crate) fn wait(&self, key: &K, now: Time) -> Option<Duration> {
        self.over(&self.lock(), key, now)
    }

    /// Adds a drop. A bucket that is full stays as full as it is.
    pub(crate) fn add(&self, key: K, now: Time) {
        self.pour(&mut self.lock(), key, now);
    }

    /// Adds a drop, or says how long to wait.
    pub(crate) fn take(&self, key: K, now: Time) -> Result<(), Duration> {
        let mut buckets = self.lock();
        self.over(&buckets, &key, now).map_or(Ok(()), Err)?;
        self.pour(&mut buckets, key, now);
        Ok(())
    }

    pub(crate) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn over(&self, buckets: &HashMap<K, i64>, key: &K, now: Time) -> Option<Duration> {
        let level = buckets.get(key).map_or(0, |empty_at| self.level(*empty_at, now));
        let over = level + self.one() - self.full();
        u64::try_from(over).ok().filter(|over| *over > 0).map(Duration::from_micros)
    }

    fn pour(&self, buckets: &mut HashMap<K, i64>, key: K, now: Time) {
        if buckets.len() >= self.capacity && !buckets.contains_key(&key) {
            make_room(buckets, self.capacity, now);
        }
        let empty_at = buckets.entry(key).or_insert(now.as_micros());
        let level = self.level(*empty_at, now) + self.one();
        *empty_at = now.as_micros() + level.min(self.full());
    }

    /// The microseconds until a bucket is empty. A clock that was set back does not overfill it.
    fn level(&self, empty_at: i64, now: Time) -> i64 {
        (empty_at - now.as_micros()).clamp(0, self.full())
    }

    fn one(&self) -> i64 {
        i64::try_from(self.pace.every.as_micros()).unwrap_or(i64::MAX).max(1)
    }

    fn full(&self) -> i64 {
        self.one().saturating_mul(i64::from(self.pace.burst))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, i64>> {
        self.empty_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the buckets that are empty, and where that is not enough, the emptier half of the rest.
/// So that making room is rare, it makes much of it.
fn make_room<K: Eq + Hash>(buckets: &mut HashMap<K, i64>, capacity: usize, now: Time) {
    buckets.retain(|_, empty_at| *empty_at > now.as_micros());
    if buckets.len() > capacity / 2 {
        let mut levels: Vec<i64> = buckets.values().copied().collect();
        let middle = levels.len() / 2;
        let (_, median, _) = levels.select_nth_unstable(middle);
        let median = *median;
        buckets.retain(|_, empty_at| *empty_at > median);
    }
}

#[cfg(test)]
mod tests;
