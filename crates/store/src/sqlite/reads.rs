//! Reads that wait for a thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::Reader;

pub(super) type Read = Box<dyn FnOnce(&mut Reader) + Send>;

/// The end that reads are put in at. When it goes, the threads end.
///
/// Each read wakes one thread, and none where all are busy. `std::sync::mpsc` has one receiver:
/// shared by a lock, each read would wake the thread that waits for it and the one that waits for
/// the lock, and both spin before they sleep.
pub(super) struct Reads(Arc<Queue>);

/// The end that a thread takes them from.
pub(super) struct Waiting(Arc<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Default)]
struct State {
    reads: VecDeque<Read>,
    /// How many threads there are, and how many of them sleep.
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Reads {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// For one more thread.
    pub(super) fn waiting(&self) -> Waiting {
        self.0.lock().threads += 1;
        Waiting(Arc::clone(&self.0))
    }

    /// Drops the read where no thread is left.
    pub(super) fn put(&self, read: Read) {
        let mut state = self.0.lock();
        if state.threads == 0 {
            return;
        }
        state.reads.push_back(read);
        let sleeper = state.idle > 0;
        drop(state);
        if sleeper {
            self.0.more.notify_one();
        }
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.more.notify_all();
    }
}

impl Waiting {
    /// The next read; nothing when there will be none.
    pub(super) fn take(&self) -> Option<Read> {
        let mut state = self.0.lock();
        loop {
            if let Some(read) = state.reads.pop_front() {
                return Some(read);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.0.more.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

/// A thread has ended, perhaps by a panic.
impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.threads -= 1;
        if state.threads == 0 {
            state.reads.clear();
        }
    }
}

impl Queue {
    /// Nothing that runs under the lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
