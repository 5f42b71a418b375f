//! Where nothing is ever sent: addresses that are not public, unless the operator allows them.
//!
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>,
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

/// What may be reached though it is not public: `outbound.allow`.
#[derive(Debug, Clone, Default)]
pub struct Allow {
    /// In lower case.
    hosts: Vec<String>,
    networks: Vec<IpNet>,
}

impl Allow {
    /// Reads addresses, networks with a slash, and names; the error tells which is none of them.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut allow = Self::default();
        for entry in entries {
            let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
            if let Ok(address) = bare.unwrap_or(entry).parse::<IpAddr>() {
                allow.networks.push(address.into());
            } else if let Ok(network) = entry.parse::<IpNet>() {
                allow.networks.push(network);
            } else if let Ok(Host::Domain(name)) = Host::parse(entry) {
                allow.hosts.push(name.trim_end_matches('.').to_owned());
            } else {
                return Err(format!("must be hosts or networks, not {entry:?}"));
            }
        }
        Ok(allow)
    }

    /// Why nothing is sent to this URL, as far as that can be told without looking a name up.
    pub(super) fn refusal(&self, url: &str) -> Option<&'static str> {
        let Ok(url) = Url::parse(url) else { return Some("cannot be read") };
        if !matches!(url.scheme(), "http" | "https") {
            return Some("must start with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("must not have a user or password in it");
        }
        let public = match url.host() {
            None => return Some("has no host"),
            Some(Host::Ipv4(address)) => self.permits("", address.into()),
            Some(Host::Ipv6(address)) => self.permits("", address.into()),
            Some(Host::Domain(name)) => !is_local(name) || self.has_host(name),
        };
        (!public).then_some("leads to an address that is not public")
    }

    /// Whether this address, which the name has been found to lead to, may be connected to.
    pub(super) fn permits(&self, name: &str, address: IpAddr) -> bool {
        let allowed =
            |address: &IpAddr| self.networks.iter().any(|network| network.contains(address));
        is_public(address)
            || allowed(&address)
            || allowed(&address.to_canonical())
            || self.has_host(name)
    }

    fn has_host(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }
}

/// Names that lead to this machine, whoever is asked (RFC 6761).
fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether packets for this address go to the public internet, and to nobody in between.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let reserved = match first {
        // This network, private, loopback; multicast, reserved, broadcast.
        0 | 10 | 127 | 224..=255 => true,
        // Carriers' NAT.
        100 => second & 0xc0 == 64,
        // Link-local.
        169 => second == 254,
        // Private.
        172 => second & 0xf0 == 16,
        // Private; protocols, documentation; 6to4 relays.
        192 => matches!((second, third), (168, _) | (0, 0 | 2) | (88, 99)),
        // Benchmarks; documentation.
        198 => second & 0xfe == 18 || (second, third) == (51, 100),
        // Documentation.
        203 => (second, third) == (0, 113),
        _ => false,
    };
    !reserved
}

/// Only `2000::/3` is handed out. What is outside is loopback, unspecified, mapped or compatible
/// IPv4, NAT64, discard-only, unique-local, link-local, site-local, multicast, or unassigned.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let special = match first {
        0x2001 => second < 0x0200 || second == 0x0db8, // Teredo, benchmarks, ORCHID; documentation
        0x2002 => true,                                // 6to4: any IPv4 may be inside
        0x3fff => second < 0x1000,                     // documentation
        _ => false,
    };
    first & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests;
