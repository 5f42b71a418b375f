//! Who gets in.

use crate::kit::{Expect, Kit};

#[tokio::test]
async fn an_account_gets_in_with_its_own_pair_under_its_own_path() {
    let kit = Kit::new().await;
    assert_eq!(kit.ask("GET", "/Recording/").await.status, 200);
    let sub = kit.subaccount().await;
    assert_eq!(kit.ask_as(&sub, "GET", "/Recording/").await.status, 200);
}

#[tokio::test]
async fn everybody_else_reads_the_same_two_lines() {
    let kit = Kit::new().await;
    let (other, sub) = (kit.other_account().await, kit.subaccount().await);
    let (id, token) = (kit.account.auth_id.as_str(), kit.account.auth_token.as_str());
    let path = format!("/v1/Account/{id}/Recording/");
    let stranger = kit.test.stranger();
    stranger.get(&path).send().await.is_unauthorized();
    let lower = id.to_lowercase();
    let pairs = [
        (id, "wrong"),
        (id, ""),
        ("", token),
        ("MA0000000000000000ZZ", token),
        (&lower, token),
        (other.auth_id.as_str(), &other.auth_token),
        (sub.auth_id.as_str(), &sub.auth_token),
        (id, &sub.auth_token),
    ];
    for (user, password) in pairs {
        stranger.signed_in_as(user, password).get(&path).send().await.is_unauthorized();
    }
    for header in ["Basic", "Basic !!!", "Bearer x", &format!("Basic {}", "A".repeat(5000))] {
        stranger.get(&path).header("authorization", header).send().await.is_unauthorized();
    }
    let twice = kit.test.client(&kit.account).get(&path).header("authorization", "Basic Og==");
    twice.send().await.is_unauthorized();
}

#[tokio::test]
async fn the_path_is_the_callers_own() {
    let kit = Kit::new().await;
    let (other, sub) = (kit.other_account().await, kit.subaccount().await);
    let client = kit.test.client(&kit.account);
    let ids = [other.auth_id.as_str(), sub.auth_id.as_str(), "MA0000000000000000ZZ", "x", "%FF"];
    for id in ids {
        for below in ["/Recording/", "/Recording", "/Recording/x/", "/Call/x/Record/", ""] {
            let path = format!("/v1/Account/{id}{below}");
            client.get(&path).send().await.is_unauthorized();
        }
    }
}

#[tokio::test]
async fn nothing_is_told_before_the_login() {
    let kit = Kit::new().await;
    let id = kit.account.auth_id.as_str();
    for below in ["/Recording/%FF/", "/Nothing/", "/Recording/?limit=0", "/Recording/x.y/z", "/"] {
        let path = format!("/v1/Account/{id}{below}");
        kit.ask_as_stranger("GET", &path).await.is_unauthorized();
        kit.ask_as_stranger("POST", &path).await.is_unauthorized();
    }
}
