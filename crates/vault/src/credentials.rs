//! What an account signs in with: looking at it, and replacing the secrets. Each new one is shown
//! once.

use std::time::Duration;

use serde_json::json;
use store::{AccountId, AuditAction, AuthId, Time, User, UserId};

use crate::accounts::{PASSWORD_LENGTH, Proof, TOKEN_LENGTH, token_purpose};
use crate::secret::{ALPHANUMERIC, random_text, sha256};
use crate::{Caller, Error, Result, Vault};

/// For how long a replaced auth token still works.
pub const TOKEN_OVERLAP: Duration = Duration::from_hours(24);

/// Why the auth token of before is refused.
pub(crate) const REPLACED: &str = "the auth token has been replaced: this needs the new one";

/// What a main account signs in with, without the secrets.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub auth_id: AuthId,
    /// Until when the auth token of before works, where it still does.
    pub old_auth_token_until: Option<Time>,
    pub client_id: String,
    pub administrator: User,
}

/// A new auth token, shown this once.
#[derive(Clone)]
pub struct NewToken {
    pub auth_id: AuthId,
    pub auth_token: String,
    /// Until when the one before works.
    pub old_auth_token_until: Time,
}

/// A new client secret, shown this once.
#[derive(Clone)]
pub struct NewClientSecret {
    pub client_id: String,
    pub client_secret: String,
}

/// A new password of a user, shown this once.
#[derive(Clone)]
pub struct NewPassword {
    pub user_id: UserId,
    pub username: String,
    pub password: String,
}

/// Which secret to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotate {
    Token,
    ClientSecret,
    /// The password of the account's administrator.
    Password,
}

impl Vault {
    /// What the account signs in with. For administrators.
    pub async fn credentials(&self, caller: &Caller) -> Result<Credentials> {
        self.only_administrators(caller, "credentials").await?;
        let (account, now) = (caller.account.clone(), self.now());
        let read = self.inner.store.read(move |reader| {
            Box::pin(async move {
                Ok(Credentials {
                    client_id: reader.client_id(account.account_id).await?,
                    administrator: reader.administrator(account.account_id).await?,
                    old_auth_token_until: old_token_until(&account, now),
                    auth_id: account.auth_id,
                })
            })
        });
        Ok(read.await?)
    }

    /// Replaces the account's auth token. The old one works on for [`TOKEN_OVERLAP`], but not to
    /// begin a session, nor to replace this one. The account's sessions end, but for the one that
    /// this is asked in. For administrators.
    pub async fn replace_auth_token(&self, caller: &Caller) -> Result<NewToken> {
        self.only_owners(caller, "credentials").await?;
        self.replace_token_of(caller, caller.account_id(), caller.auth_id().clone()).await
    }

    /// The same of an account that is the caller's to give a token to.
    pub(crate) async fn replace_token_of(
        &self,
        caller: &Caller,
        account: AccountId,
        auth_id: AuthId,
    ) -> Result<NewToken> {
        let auth_token = random_text(ALPHANUMERIC, TOKEN_LENGTH)?;
        let sealed = self.inner.key.seal(&token_purpose(&auth_id), &auth_token)?;
        let now = self.now();
        let until = now.plus(TOKEN_OVERLAP);
        let (root, session) = (caller.account.root(), caller.session());
        let subject = Some(auth_id.to_string());
        let detail = json!({ "replaced": "auth_token" });
        let told = caller.tells(now, AuditAction::Credentials, subject, &detail);
        let caller = caller.clone();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if !caller.is_owner_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                tx.set_auth_token(account, &sealed, until).await?;
                tx.end_sessions_of_account(account, session).await?;
                tx.tell(root, &[told]).await?;
                Ok(Ok(()))
            })
        });
        write.await??;
        Ok(NewToken { auth_id, auth_token, old_auth_token_until: until })
    }

    /// Replaces the client secret: the old one works no more, tokens that it helped to get do. For
    /// administrators.
    pub async fn replace_client_secret(&self, caller: &Caller) -> Result<NewClientSecret> {
        self.only_owners(caller, "credentials").await?;
        let client_secret = random_text(ALPHANUMERIC, 28)?;
        let hash = sha256(client_secret.as_bytes());
        let (account, subject) = (caller.account_id(), Some(caller.auth_id().to_string()));
        let detail = json!({ "replaced": "client_secret" });
        let (caller, now) = (caller.clone(), self.now());
        let told = caller.tells(now, AuditAction::Credentials, subject, &detail);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(account).await?;
                if !caller.is_owner_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                tx.set_client_secret(account, &hash).await?;
                tx.tell(account, &[told]).await?;
                Ok(Ok(tx.client_id(account).await?))
            })
        });
        Ok(NewClientSecret { client_id: write.await??, client_secret })
    }

    /// Replaces the password of the account's administrator, as [`Vault::replace_password`]. For
    /// administrators.
    pub async fn replace_administrator_password(&self, caller: &Caller) -> Result<NewPassword> {
        self.only_owners(caller, "credentials").await?;
        let account = caller.account_id();
        let read = self.inner.store.read(move |reader| Box::pin(reader.administrator(account)));
        let administrator = read.await?;
        self.replace_password(caller, administrator.user_id).await
    }

    /// Replaces a user's password. The old one works no more, the user's tokens neither, and the
    /// sessions end, but for the one that this is asked in: whoever knew the old one may have some.
    /// For administrators.
    pub async fn replace_password(&self, caller: &Caller, id: UserId) -> Result<NewPassword> {
        self.only_owners(caller, "credentials").await?;
        let password = random_text(ALPHANUMERIC, PASSWORD_LENGTH)?;
        let hash = self.hash_password(password.clone()).await?;
        let (account, session) = (caller.account_id(), caller.session());
        let detail = json!({ "replaced": "password" });
        let subject = Some(format!("user {id}"));
        let (caller, now) = (caller.clone(), self.now());
        let told = caller.tells(now, AuditAction::Credentials, subject, &detail);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(account).await?;
                if !caller.is_owner_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let user = tx.user(id).await?.filter(|user| user.account_id == account);
                let Some(user) = user else { return Ok(Err(Error::NotFound)) };
                tx.set_password(id, &hash).await?;
                tx.end_tokens(id).await?;
                tx.end_sessions_of_user(id, session).await?;
                tx.tell(account, &[told]).await?;
                Ok(Ok(user.username))
            })
        });
        let username = write.await??;
        Ok(NewPassword { user_id: id, username, password })
    }

    /// Replaces one of an account's secrets; the new one, shown this once. For the operator.
    pub async fn rotate(&self, auth_id: &AuthId, which: Rotate) -> Result<String> {
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        let caller = Caller { account, user: None, source: None, proof: Proof::Operator };
        if which == Rotate::Token {
            let new = self.replace_token_of(&caller, caller.account_id(), auth_id.clone()).await?;
            return Ok(new.auth_token);
        }
        if caller.is_subaccount() {
            return Err(Error::invalid("auth_id", "a subaccount has an auth token only"));
        }
        if which == Rotate::ClientSecret {
            return Ok(self.replace_client_secret(&caller).await?.client_secret);
        }
        Ok(self.replace_administrator_password(&caller).await?.password)
    }

    /// To whom secrets may be handed out: administrators, but not with the auth token of before.
    /// Whoever has that may be the reason why it was replaced, and would be let in for good. It may
    /// be replaced just after: what hands them out asks [`Caller::is_owner_still`] as well.
    pub(crate) async fn only_owners(&self, caller: &Caller, what: &'static str) -> Result<()> {
        self.only_administrators(caller, what).await?;
        if caller.proof != Proof::OldAuthToken {
            return Ok(());
        }
        self.tell_refused(caller, what, REPLACED).await?;
        Err(Error::Forbidden(REPLACED))
    }
}

/// Until when an account's auth token of before works, where it still does.
pub(crate) fn old_token_until(account: &store::Account, now: Time) -> Option<Time> {
    account.old_auth_token.as_ref().map(|(_, until)| *until).filter(|until| now < *until)
}
