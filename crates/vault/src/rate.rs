//! How often an account may ask, where the operator sets a limit.

use std::time::Duration;

use store::{AccountId, Time};

use crate::buckets::{Buckets, Pace};
use crate::{Error, Result};

/// So many requests at once, and from then on as many in each span, evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// At least one.
    pub requests: u32,
    pub span: Duration,
}

/// How many accounts are counted at a time; those that ask least are forgotten first.
const CAPACITY: usize = 64 * 1024;

/// The requests of late, by account.
pub(crate) struct Requests(Option<Buckets<AccountId>>);

impl Requests {
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        let pace = |limit: RateLimit| {
            let burst = limit.requests.max(1);
            Pace { burst, every: limit.span / burst }
        };
        Self(limit.map(|limit| Buckets::new(pace(limit), CAPACITY)))
    }

    /// Counts a request.
    pub(crate) fn count(&self, account: AccountId, now: Time) -> Result<()> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        let taken = buckets.take(account, now);
        taken.map_err(|retry_after| Error::TooMany { what: "too many requests", retry_after })
    }
}
