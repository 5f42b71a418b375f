//! Secrets: shown once, kept so that they cannot be read, replaceable.

use std::time::Duration;

use testkit::TestVault;
use vault::{Error, Rotate, SecretKey, Source};

#[tokio::test]
async fn an_account_has_everything_both_dialects_need() {
    let vault = TestVault::new().await;
    let account = vault.account("Acme Ltd.").await;
    assert!(account.auth_id.as_str().starts_with("MA"));
    assert_eq!(account.auth_token.len(), 40);
    let vonage = account.vonage.unwrap();
    assert_eq!(vonage.user.username, "acme.ltd@vbc.prod");
    for secret in [&account.auth_token, &vonage.client_secret, &vonage.user.password] {
        assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
    }
}

#[tokio::test]
async fn a_subaccount_has_no_vonage_half_and_no_subaccounts() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let sub = vault.subaccount(&account, "sales").await;
    assert!(sub.auth_id.as_str().starts_with("SA") && sub.vonage.is_none());
    assert_eq!(sub.parent, Some(account.auth_id));
    let operator = vault.vault.operator(&sub.auth_id).await;
    assert_eq!(operator.unwrap_err().to_string(), "account: must be a main account");
}

#[tokio::test]
async fn a_login_is_taken_once() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let again = vault.vault.add_account("ACME").await;
    assert_eq!(again.unwrap_err().to_string(), "the login acme@vbc.prod is taken");
    let operator = vault.vault.operator(&account.auth_id).await.unwrap();
    vault.vault.add_user(&operator, "bob", vec!["101".to_owned()]).await.unwrap();
    let again = vault.vault.add_user(&operator, "bob@vbc.prod", vec![]).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    for bad in ["", " ", "a\nb", "…", &"x".repeat(65)] {
        let refused = vault.vault.add_account(bad).await;
        assert!(matches!(refused, Err(Error::Invalid { what: "name", .. })), "{bad:?}");
    }
}

#[tokio::test]
async fn a_replaced_token_works_on_for_a_day() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let (id, old) = (account.auth_id.as_str(), &account.auth_token);
    let new = vault.vault.rotate(&account.auth_id, Rotate::Token).await.unwrap();
    assert!(vault.vault.sign_in(Source::LOCAL, id, &new).await.is_ok());
    assert!(vault.vault.sign_in(Source::LOCAL, id, old).await.is_ok());
    vault.clock.advance(Duration::from_hours(24) - Duration::from_micros(1));
    assert!(vault.vault.sign_in(Source::LOCAL, id, old).await.is_ok());
    vault.clock.advance(Duration::from_micros(1));
    assert!(matches!(
        vault.vault.sign_in(Source::LOCAL, id, old).await,
        Err(Error::BadCredentials)
    ));
    assert!(vault.vault.sign_in(Source::LOCAL, id, &new).await.is_ok());
    // Of two replacements within the day only the last old one works on.
    let second = vault.vault.rotate(&account.auth_id, Rotate::Token).await.unwrap();
    vault.vault.rotate(&account.auth_id, Rotate::Token).await.unwrap();
    assert!(vault.vault.sign_in(Source::LOCAL, id, &new).await.is_err());
    assert!(vault.vault.sign_in(Source::LOCAL, id, &second).await.is_ok());
}

#[tokio::test]
async fn nothing_but_the_exact_pair_signs_in() {
    let vault = TestVault::new().await;
    let (acme, other) = (vault.account("acme").await, vault.account("other").await);
    let id = acme.auth_id.as_str();
    let token = acme.auth_token.as_str();
    for (id, token) in [
        (id, ""),
        (id, &token[..39]),
        (id, &format!("{token}x")),
        (id, &token.to_lowercase()),
        (id, &other.auth_token),
        (&id.to_lowercase(), token),
        ("", token),
        ("MA000000000000000000", token),
        ("MA\0", token),
    ] {
        let refused = vault.vault.sign_in(Source::LOCAL, id, token).await;
        assert!(matches!(refused, Err(Error::BadCredentials)), "{id} {token}");
    }
}

#[tokio::test]
async fn with_another_key_the_vault_does_not_open() {
    let vault = TestVault::new().await;
    let refused = vault.reopen(|config| config.secret_key = SecretKey::generate().unwrap()).await;
    let Err(error) = refused else { panic!("it opened") };
    let why = "server.secret_key is not the one that this vault was made with";
    assert_eq!(error.to_string(), why);
    assert!(vault.reopen(|_| ()).await.is_ok());
}
