//! Who guesses waits.

use std::time::Duration;

use testkit::TestVault;

use crate::problem;

const PATH: &str = "/api/v1/account";
const SOURCE: &str = "198.51.100.7";

#[tokio::test]
async fn a_guesser_waits_and_the_owner_does_not() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let owner = vault.client(&account);
    let guesser = owner.signed_in_as(account.auth_id.as_str(), "guess").from(SOURCE);
    for _ in 0..10 {
        assert_eq!(guesser.get(PATH).send().await.status, 401);
    }
    vault.clock.advance(Duration::from_millis(500));
    let answer = owner.from(SOURCE).get(PATH).send().await;
    problem(&answer, 429, "Too Many Requests", "too many failed logins");
    assert_eq!(answer.header("retry-after"), "30", "29.5, and never too early");
    assert_eq!(owner.from("198.51.100.8").get(PATH).send().await.status, 200);
    vault.clock.advance(Duration::from_secs(30));
    assert_eq!(owner.from(SOURCE).get(PATH).send().await.status, 200);
}
