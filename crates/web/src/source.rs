//! Where a request comes from, also behind proxies.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// Where the request comes from, as whoever took it in found out ([`TrustedProxies::source`]);
/// without that, from this machine.
#[derive(Debug, Clone, Copy)]
pub struct Source(pub vault::Source);

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(vault::Source::LOCAL)))
    }
}

/// The proxies whose `X-Forwarded-For` is believed. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Reads networks such as `10.0.0.0/8`, and single addresses. The error is the entry that is
    /// neither.
    pub fn parse(entries: &[String]) -> Result<Self, &str> {
        let network = |entry: &'_ String| {
            let address = || entry.parse::<IpAddr>().map(IpNet::from);
            entry.parse().or_else(|_| address()).ok()
        };
        entries
            .iter()
            .map(|entry| network(entry).ok_or(entry.as_str()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// As they would be written.
    pub fn networks(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(IpNet::to_string)
    }

    /// The last hop that is not one of the proxies: each of these is believed to have added whom
    /// it was asked by. What stands before that hop anybody may have written.
    pub fn source(&self, peer: IpAddr, headers: &HeaderMap) -> Source {
        let mut hop = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while self.0.iter().any(|network| network.contains(&hop)) {
            match hops.next().and_then(address) {
                Some(before) => hop = before,
                None => break,
            }
        }
        Source(hop.into())
    }
}

/// An address, with or without a port, in or without the brackets of IPv6.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn source(peer: &str, lines: &[&[u8]]) -> vault::Source {
        let trusted = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"].map(str::to_owned);
        let name = HeaderName::from_static("x-forwarded-for");
        let value = |line: &&[u8]| (name.clone(), HeaderValue::from_bytes(line).unwrap());
        let headers = lines.iter().map(value).collect();
        TrustedProxies::parse(&trusted).unwrap().source(peer.parse().unwrap(), &headers).0
    }

    #[track_caller]
    fn check(peer: &str, lines: &[&str], expected: &str) {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let expected: IpAddr = expected.parse().unwrap();
        assert_eq!(source(peer, &lines), expected.into(), "{peer} {lines:?}");
    }

    #[test]
    fn the_last_hop_that_is_not_a_proxy_is_the_source() {
        check("198.51.100.1", &[], "198.51.100.1");
        check("198.51.100.1", &["203.0.113.9"], "198.51.100.1");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["203.0.113.9"], "203.0.113.9");
        check("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9");
        check("10.0.0.1", &["1.1.1.1, 203.0.113.9,10.0.0.2 , 192.0.2.1"], "203.0.113.9");
        check("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9");
        check("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
        check("10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9");
        check("10.0.0.1", &["[2001:dc8::1]:4711"], "2001:dc8::1");
        check("2001:db8::5", &["[2001:dc8::1]"], "2001:dc8::1");
        check("10.0.0.1", &["203.0.113.9, unknown"], "10.0.0.1");
        check("10.0.0.1", &["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2");
    }

    #[test]
    fn what_is_no_network_is_named() {
        let entries = ["10.0.0.0/8".to_owned(), "proxy.internal".to_owned()];
        assert_eq!(TrustedProxies::parse(&entries), Err("proxy.internal"));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(line in "[ -~\t\u{80}-\u{ff}]{0,60}") {
            let _ = source("10.0.0.1", &[line.as_bytes()]);
        }
    }
}
