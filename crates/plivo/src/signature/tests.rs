use proptest::prelude::*;

use super::*;

const TOKEN: &str = "my_auth_token";
const NONCE: &str = "12345";

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn version_2_is_as_the_sdks_tests_have_it() {
    let expected = "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=";
    assert_eq!(v2(TOKEN, "https://answer.url", NONCE), expected);
    assert_eq!(v2(TOKEN, "https://answer.url?b=2", NONCE), expected);
    assert_eq!(v2(TOKEN, "https://answer.url#rt=100", NONCE), expected);
}

#[track_caller]
fn check_v3(
    method: DeliveryMethod,
    url: &str,
    parameters: &[(&str, &str)],
    text: &str,
    expected: &str,
) {
    let parameters = pairs(parameters);
    assert_eq!(v3_text(method, url, &parameters), text);
    assert_eq!(v3(TOKEN, method, url, &parameters, NONCE), expected);
}

/// Made with the Python SDK, and verified with the Node.js one.
#[test]
fn version_3_is_as_the_sdks_make_it() {
    use DeliveryMethod::{Get, Post};
    let plain = "https://example.com/cb";
    check_v3(Get, plain, &[], plain, "DdZCw7RApGnt1SpmoT/T2dn8ogSU00JJ2UlwrZ99RvQ=");
    check_v3(
        Get,
        "https://example.com/cb?b=2&a=1",
        &[],
        "https://example.com/cb?a=1&b=2",
        "QlYpRjZMsnrH7pnmrdDue2+1TjYIotiY8SHAc6U4ns0=",
    );
    check_v3(
        Get,
        "https://example.com:8443/cb",
        &[("RecordUrl", "https://m/x.mp3"), ("CallUUID", "u-1")],
        "https://example.com:8443/cb?CallUUID=u-1&RecordUrl=https://m/x.mp3",
        "DvT5TiNf8YA5BswE2hxqzapSjAf+C9RyGRkjQKJV5xQ=",
    );
    check_v3(
        Post,
        plain,
        &[("RecordUrl", "https://m/x.mp3"), ("CallUUID", "u-1"), ("Duration", "12")],
        "https://example.com/cb?CallUUIDu-1Duration12RecordUrlhttps://m/x.mp3",
        "VMWt/XDyMa+DSijyJ5pYtZdaUO/tyRtw1ANxbCkfGV4=",
    );
    check_v3(
        Post,
        "https://example.com/cb?z=9&a=1",
        &[("RecordUrl", "https://m/x.mp3"), ("CallUUID", "u-1")],
        "https://example.com/cb?a=1&z=9.CallUUIDu-1RecordUrlhttps://m/x.mp3",
        "bEkoSJLnWZUt22l68ZslTQBL7CgPE1y4LOBX11YpNeA=",
    );
    check_v3(Post, plain, &[], plain, "DdZCw7RApGnt1SpmoT/T2dn8ogSU00JJ2UlwrZ99RvQ=");
    check_v3(
        Post,
        "https://example.com/cb?z=9",
        &[],
        "https://example.com/cb?z=9",
        "U0KCTrBEh2WGrw/PVva1PmaoGCJFyot4+x7jXmhMhFM=",
    );
    check_v3(
        Post,
        plain,
        &[("k", "b"), ("k", "a")],
        "https://example.com/cb?kakb",
        "gmwild6cerw90Ka7YaSQJvTHS+gYJOGGInxWZWBX2uA=",
    );
}

/// Made with the Node.js SDK's `computeOldSignature`.
#[test]
fn version_1_signs_the_url_and_the_sorted_parameters() {
    let made = v1(TOKEN, "https://example.com/cb", &pairs(&[("b", "2"), ("a", "1")]));
    assert_eq!(made, "v0aiqDLhCwWaezzhqMSyHnaTHSo=");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        token in "\\PC{0,40}",
        url in "\\PC{0,60}",
        pairs in proptest::collection::vec(("\\PC{0,8}", "\\PC{0,8}"), 0..6),
        nonce in "\\PC{0,20}",
    ) {
        let mut other_way: Vec<_> = pairs.clone();
        other_way.reverse();
        for method in [DeliveryMethod::Get, DeliveryMethod::Post] {
            let made = v3(&token, method, &url, &pairs, &nonce);
            prop_assert_eq!(made.len(), 44);
            prop_assert_eq!(made, v3(&token, method, &url, &other_way, &nonce));
        }
        prop_assert_eq!(v2(&token, &url, &nonce).len(), 44);
        prop_assert_eq!(v1(&token, &url, &pairs).len(), 28);
    }
}
