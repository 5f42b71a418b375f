//! Who guesses at secrets is slowed down, by where it comes from: so nobody can lock an owner out
//! who comes from elsewhere.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use store::Time;

use crate::buckets::{Buckets, Pace};
use crate::{Error, Result};

/// Where a request comes from: an IPv4 address, or an IPv6 network of 64 bits, which is what one
/// customer gets at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// This machine: whoever does not come over a network.
    pub const LOCAL: Self = Self(IpAddr::V4(Ipv4Addr::LOCALHOST));
}

/// The address, or the network as `2001:db8::/64`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// Failed logins of one source as one login. It is the stricter one, so that a client with an old
/// token stops itself long before it stops others behind the same address.
const OF_LOGIN: Pace = Pace { burst: 10, every: Duration::from_secs(30) };
/// Failed logins of one source, whatever it calls itself.
const OF_SOURCE: Pace = Pace { burst: 30, every: Duration::from_secs(10) };
/// How many sources are remembered, and how many pairs: a megabyte or two.
const CAPACITY: usize = 16 * 1024;

/// The failed logins of late.
pub(crate) struct Guesses {
    of_login: Buckets<(Source, u64)>,
    of_source: Buckets<Source>,
    /// Logins are kept as their hashes, with a key that nobody knows.
    hasher: RandomState,
}

impl Guesses {
    pub(crate) fn new() -> Self {
        Self {
            of_login: Buckets::new(OF_LOGIN, CAPACITY),
            of_source: Buckets::new(OF_SOURCE, CAPACITY),
            hasher: RandomState::new(),
        }
    }

    /// Whether the source may try this login now. To be asked before any secret is compared, so
    /// that a right guess in the meantime looks like a wrong one.
    pub(crate) fn check(&self, source: Source, login: &str, now: Time) -> Result<()> {
        let of_login = self.of_login.wait(&self.key(source, login), now);
        let wait = of_login.max(self.of_source.wait(&source, now));
        wait.map_or(Ok(()), |retry_after| {
            Err(Error::TooMany { what: "too many failed logins", retry_after })
        })
    }

    pub(crate) fn failed(&self, source: Source, login: &str, now: Time) {
        self.of_login.add(self.key(source, login), now);
        self.of_source.add(source, now);
    }

    /// Forgets this login's failures. Those of the source stay: else whoever has one account could
    /// guess at all others.
    pub(crate) fn succeeded(&self, source: Source, login: &str) {
        self.of_login.forget(&self.key(source, login));
    }

    fn key(&self, source: Source, login: &str) -> (Source, u64) {
        (source, self.hasher.hash_one(login))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let source = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    }
}
