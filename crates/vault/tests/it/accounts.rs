//! Secrets: shown once, kept so that they cannot be read, replaceable.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
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
async fn of_two_who_replace_the_token_at_once_one_is_too_late() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let sub = test.subaccount(&account, "sales").await.auth_id;
    let (vault, id) = (&test.vault, account.auth_id.as_str());
    let caller = vault.sign_in(Source::LOCAL, id, &account.auth_token).await.unwrap();
    let both = tokio::join!(vault.replace_auth_token(&caller), vault.replace_auth_token(&caller));
    let new = match both {
        (Ok(new), Err(Error::BadCredentials)) | (Err(Error::BadCredentials), Ok(new)) => new,
        (first, second) => panic!("{:?}, {:?}", first.err(), second.err()),
    };
    // Whoever signed in with the old one is too late for all else, too.
    let user = account.vonage.as_ref().unwrap().user.user_id;
    for refused in [
        vault.replace_subaccount_token(&caller, &sub).await.err(),
        vault.replace_client_secret(&caller).await.err(),
        vault.replace_administrator_password(&caller).await.err(),
        vault.replace_password(&caller, user).await.err(),
        vault.add_user(&caller, "mallory", vec![]).await.err(),
        vault.change_user(&caller, user, Some(vec!["1".to_owned()])).await.err(),
        vault.remove_user(&caller, user).await.err(),
        vault.add_subaccount(&caller, "mallory").await.err(),
    ] {
        assert!(matches!(refused, Some(Error::BadCredentials)), "{refused:?}");
    }
    let owner = vault.sign_in(Source::LOCAL, id, &new.auth_token).await.unwrap();
    assert!(vault.replace_auth_token(&owner).await.is_ok());
}

#[tokio::test]
async fn a_new_password_ends_tokens_that_are_being_refreshed() {
    let test = TestVault::new().await;
    let account = test.account("acme").await;
    let half = account.vonage.as_ref().unwrap();
    let (vault, here) = (&test.vault, Source::LOCAL);
    let client = vault.client(here, &half.client_id, &half.client_secret).await.unwrap();
    let replaced = AtomicBool::new(false);
    let tokens = join_all((0..4).map(|_| test.tokens(&account, &half.user))).await;
    let lines = join_all(tokens.into_iter().map(async |mut last| {
        loop {
            let is_over = replaced.load(Ordering::Relaxed);
            match vault.tokens_for_refresh(client, &last.refresh_token).await {
                Ok(_) if is_over => panic!("it outlives the password"),
                Ok(next) => last = next,
                Err(Error::BadCredentials) => break,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(vault.sign_in_with_token(&last.access_token).await.is_err());
    }));
    let replace = async {
        vault.rotate(&account.auth_id, Rotate::Password).await.unwrap();
        replaced.store(true, Ordering::Relaxed);
    };
    tokio::join!(lines, replace);
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
