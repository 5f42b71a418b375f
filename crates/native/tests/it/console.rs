//! The console's files: how they are handed out. What they do is tested in a browser.

use testkit::TestVault;

#[tokio::test]
async fn every_view_is_the_page_and_nothing_of_it_may_come_from_elsewhere() {
    let test = TestVault::new().await;
    let client = test.stranger();
    let mut policies = Vec::new();
    for path in ["/console", "/console/", "/console/recordings/0b0a4c1e", "/console/index.html"] {
        let answer = client.get(path).send().await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        policies.push(policy);
    }
    assert_ne!(policies[0], policies[1], "each has a nonce of its own");
}

#[tokio::test]
async fn a_browser_is_led_there_and_others_are_not() {
    let test = TestVault::new().await;
    let browser = test.stranger().get("/").header("accept", "text/html,*/*;q=0.8").send().await;
    assert_eq!((browser.status, browser.header("location")), (303, "/console/"));
    assert_eq!(test.stranger().get("/").header("accept", "*/*").send().await.status, 404);
    assert_eq!(test.stranger().get("/console/assets/none.js").send().await.status, 404);
}
