use super::*;

fn allow(entries: &[&str]) -> Allow {
    let entries: Vec<_> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    Allow::parse(&entries).unwrap()
}

const NOT_PUBLIC: &[&str] = &[
    // Loopback, in every spelling that some parser takes.
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "0177.0.0.1",
    "017700000001",
    "0177.0.1",
    "127.0.0.0x1",
    "127.0.0.01",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    // Unspecified, and what some systems take for it.
    "0.0.0.0",
    "0",
    "0x0",
    "00",
    "0.1.2.3",
    "[::]",
    // Private, link-local (with the clouds' metadata), carriers' NAT.
    "10.0.0.1",
    "10.255.255.255",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "0xac100001",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "100.64.0.1",
    "100.127.255.255",
    // Multicast, reserved, broadcast, documentation, benchmarks, protocols.
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.255",
    "192.0.0.1",
    "192.88.99.1",
    // IPv4 inside IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[::a00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[::ffff:0:127.0.0.1]",
    // Unique-local, link-local, site-local, multicast, documentation, discard, benchmarks, ORCHID.
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
];

const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "0x08080808",
    "134744072",
    "11.0.0.1",
    "9.255.255.255",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.0.1",
    "169.255.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "192.0.3.1",
    "192.167.0.1",
    "192.169.0.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]",
    "[2001:200::1]",
    "[2a00::1]",
    "[3ffe::1]",
    "example.com",
    "notlocalhost",
    "localhost.example.com",
];

#[test]
fn nothing_is_sent_to_an_address_that_is_not_public_however_it_is_spelt() {
    let none = allow(&[]);
    for host in NOT_PUBLIC {
        for url in [format!("http://{host}/cb"), format!("https://{host}:8443/cb?x=1")] {
            let why = none.refusal(&url);
            assert_eq!(why, Some("leads to an address that is not public"), "{url}");
        }
    }
    for host in PUBLIC {
        assert_eq!(none.refusal(&format!("http://{host}:22/")), None, "{host}");
    }
}

#[test]
fn a_url_that_is_none_of_ours_is_refused() {
    let none = allow(&[]);
    let scheme = "must start with http:// or https://";
    let user = "must not have a user or password in it";
    let cases = [
        ("ftp://example.com/", scheme),
        ("file:///etc/passwd", scheme),
        ("gopher://example.com/", scheme),
        ("data:text/plain,x", scheme),
        ("https://me@example.com/", user),
        ("https://me:secret@example.com/", user),
        ("https://:secret@example.com/", user),
        ("http://example.com@127.0.0.1/", user),
        ("http://", "cannot be read"),
        ("//example.com", "cannot be read"),
        ("http://1.2.3.4.5/", "cannot be read"),
        ("http://256.0.0.1/", "cannot be read"),
        ("http://[fe80::1%25eth0]/", "cannot be read"),
    ];
    for (url, why) in cases {
        assert_eq!(none.refusal(url), Some(why), "{url}");
    }
    assert_eq!(
        none.refusal("http:\\\\127.0.0.1\\"),
        Some("leads to an address that is not public")
    );
}

#[test]
fn the_operator_may_allow_addresses_networks_and_names() {
    let some = allow(&["127.0.0.1", "10.1.0.0/16", "[fd00::1]", "fd12::/16", "Calls.Internal"]);
    let good = ["127.1", "[::ffff:127.0.0.1]", "10.1.255.1", "[fd00::1]", "[fd12::7]"];
    for host in good {
        assert_eq!(some.refusal(&format!("http://{host}/")), None, "{host}");
    }
    for host in ["127.0.0.2", "10.2.0.1", "[fd00::2]", "localhost"] {
        assert!(some.refusal(&format!("http://{host}/")).is_some(), "{host}");
    }
    let private = IpAddr::from([192, 168, 7, 7]);
    for name in ["calls.internal", "CALLS.internal", "calls.internal."] {
        assert!(some.permits(name, private), "{name}");
    }
    assert!(!some.permits("x.calls.internal", private));
    assert_eq!(allow(&["localhost"]).refusal("http://localhost/"), None);
}

#[test]
fn an_entry_that_is_no_host_is_named() {
    for entry in ["10.0.0.0/33", "a/b", "http://a", "a:80", "", "10.0.0"] {
        let wrong = Allow::parse(&[entry.to_owned()]);
        assert_eq!(wrong.unwrap_err(), format!("must be hosts or networks, not {entry:?}"));
    }
}
