//! The time, from a clock that tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use store::Time;

/// Tells the time.
#[derive(Debug, Clone)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `time` until it is moved. Its clones move with it.
    pub fn standing_at(time: Time) -> Self {
        Self(Some(Arc::new(AtomicI64::new(time.as_micros()))))
    }

    /// Moves a standing clock forward.
    ///
    /// # Panics
    /// On the machine's clock.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().plus(span));
    }

    /// Sets a standing clock.
    ///
    /// # Panics
    /// On the machine's clock.
    pub fn set(&self, time: Time) {
        let hand = self.0.as_ref().expect("only a standing clock can be moved");
        hand.store(time.as_micros(), Ordering::SeqCst);
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    pub fn now(&self) -> Time {
        match &self.0 {
            Some(hand) => Time::from_micros(hand.load(Ordering::SeqCst)),
            None => Time::from(jiff::Timestamp::now()),
        }
    }
}
