//! Bearer tokens: what users sign in with on Vonage's side, and on our own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use store::{AccountId, AuditAction, NewTokens, Refreshed, Tx, User};

use crate::accounts::{ANYBODY, Proof, login};
use crate::audit::entry;
use crate::secret::{self, ALPHANUMERIC, random_text, sha256};
use crate::{Caller, Error, Result, Source, Vault};

/// For how long an access token works.
pub const ACCESS_LIFE: Duration = Duration::from_hours(24);
/// For how long a refresh token can be traded for a new pair.
pub const REFRESH_LIFE: Duration = Duration::from_hours(7 * 24);
/// Longer than any secret that we hand out or take.
const LONGEST: usize = 256;

/// An application that proved to be an account's.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    account_id: AccountId,
}

/// A pair of tokens, shown this once.
#[derive(Clone)]
pub struct Tokens {
    pub access_token: String,
    /// Works once.
    pub refresh_token: String,
    pub expires_in: Duration,
}

impl Vault {
    /// Checks a client id and client secret. [`Error::BadCredentials`] where they are wrong,
    /// [`Error::TooMany`] to a source that guesses.
    pub async fn client(&self, source: Source, id: &str, secret: &str) -> Result<Client> {
        let now = self.now();
        self.inner.guesses.check(source, id, now)?;
        let wanted = id.to_owned();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(async move { reader.client(&wanted).await }));
        let known = if is_plain(id) { read.await? } else { None };
        match known {
            Some((account_id, hash)) if secret::same(&hash, &sha256(secret.as_bytes())) => {
                Ok(Client { account_id })
            }
            _ => {
                self.inner.guesses.failed(source, id, now);
                Err(Error::BadCredentials)
            }
        }
    }

    /// Trades a user's login and password for tokens. The login may have any realm, or none.
    /// [`Error::BadCredentials`] also for a user of another account than the client's.
    pub async fn tokens_for_password(
        &self,
        source: Source,
        client: Client,
        username: &str,
        password: &str,
    ) -> Result<Tokens> {
        let user = self.user_of_password(source, username, password, Some(client)).await?;
        let (tokens, new) = self.new_tokens()?;
        let (user_id, root, now) = (user.user_id, user.account_id, self.now());
        let who = format!("user {user_id}");
        let detail = json!({ "with": "password" });
        let told = entry(now, who, Some(source), AuditAction::Login, None, &detail);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if !has_still(tx, &user).await? {
                    return Ok(false);
                }
                tx.add_tokens(user_id, &new).await?;
                tx.tell(root, &[told]).await?;
                Ok(true)
            })
        });
        if write.await? { Ok(tokens) } else { Err(Error::BadCredentials) }
    }

    /// The user with that login and password, who must be of the client's account where there is a
    /// client. Errors as those of [`Vault::tokens_for_password`].
    pub(crate) async fn user_of_password(
        &self,
        source: Source,
        username: &str,
        password: &str,
        client: Option<Client>,
    ) -> Result<User> {
        let login = login(username);
        self.inner.guesses.check(source, &login, self.now())?;
        let wanted = login.clone();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(async move { reader.user_by_login(&wanted).await }));
        let user = if is_plain(&login) { read.await? } else { None };
        let account = client.map_or_else(
            || user.as_ref().map(|user| user.account_id),
            |client| Some(client.account_id),
        );
        let user = user.filter(|user| Some(user.account_id) == account);
        let hash = user.as_ref().map(|user| user.password.clone());
        let right =
            password.len() <= LONGEST && self.is_password(password.to_owned(), hash).await?;
        let Some(user) = user.filter(|_| right) else {
            let now = self.now();
            self.inner.guesses.failed(source, &login, now);
            // Of nobody's login there is no account to tell.
            let Some(root) = account else { return Err(Error::BadCredentials) };
            // Not the login as it was typed, which may be anything: people mistake the field.
            let detail = json!({ "what": "login", "why": "wrong login or password" });
            let (who, from) = (ANYBODY.to_owned(), Some(source));
            let told = entry(now, who, from, AuditAction::Refused, None, &detail);
            self.tell_soon(root, told).await?;
            return Err(Error::BadCredentials);
        };
        self.inner.guesses.succeeded(source, &login);
        Ok(user)
    }

    /// Trades a refresh token for a new pair. One that was used before ends its whole line of
    /// refresh tokens, since then somebody has a copy; access tokens live to their end.
    /// [`Error::BadCredentials`] where it does not work.
    pub async fn tokens_for_refresh(&self, client: Client, refresh: &str) -> Result<Tokens> {
        let (tokens, new) = self.new_tokens()?;
        let (account, old, now) = (client.account_id, sha256(refresh.as_bytes()), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                // Whoever ends the tokens at this moment must find the new ones too.
                tx.lock_account(account).await?;
                tx.refresh(account, old, &new, now).await
            })
        });
        match write.await? {
            Refreshed::Yes => Ok(tokens),
            Refreshed::Unknown => Err(Error::BadCredentials),
            Refreshed::Reused => {
                tracing::warn!(account.id = %account, "a refresh token was used twice");
                Err(Error::BadCredentials)
            }
        }
    }

    /// Checks an access token, and counts the request. There is no guessing at these.
    pub async fn sign_in_with_token(&self, access_token: &str) -> Result<Caller> {
        let (token, now) = (sha256(access_token.as_bytes()), self.now());
        let read = self.inner.store.glance(move |reader| {
            Box::pin(async move {
                let Some(user_id) = reader.user_of_token(token, now).await? else {
                    return Ok(None);
                };
                let Some(user) = reader.user(user_id).await? else { return Ok(None) };
                let account = reader.account_of_id(user.account_id).await?;
                Ok(account.map(|account| Caller {
                    account,
                    user: Some(user),
                    source: None,
                    proof: Proof::AccessToken(token),
                }))
            })
        });
        let caller = read.await?.ok_or(Error::BadCredentials)?;
        self.inner.requests.count(caller.account_id(), now)?;
        Ok(caller)
    }

    /// Hashes a password. As few at a time as are checked.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String> {
        self.in_turn(move || secret::hash_password(&password)).await
    }

    async fn is_password(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.in_turn(move || secret::is_password(&password, hash.as_deref())).await
    }

    /// A few at a time: each takes 20 MB for a while.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turns = Arc::clone(&self.inner.password_checks);
        let turn = turns.acquire_owned().await.map_err(anyhow::Error::from)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn; // Whoever asked may be gone.
            work()
        });
        done.await.map_err(anyhow::Error::from)?
    }

    fn new_tokens(&self) -> Result<(Tokens, NewTokens)> {
        let (access_token, refresh_token) =
            (random_text(ALPHANUMERIC, 40)?, random_text(ALPHANUMERIC, 40)?);
        let now = self.now();
        let new = NewTokens {
            access: sha256(access_token.as_bytes()),
            access_until: now.plus(ACCESS_LIFE),
            refresh: sha256(refresh_token.as_bytes()),
            refresh_until: now.plus(REFRESH_LIFE),
        };
        Ok((Tokens { access_token, refresh_token, expires_in: ACCESS_LIFE }, new))
    }
}

/// Whether a user is there with the password that was checked. Meanwhile somebody may have replaced
/// it, or removed the user, and with that ended what there was.
pub(crate) async fn has_still(tx: &mut Tx, user: &User) -> store::Result<bool> {
    let now = tx.user(user.user_id).await?;
    Ok(now.is_some_and(|now| now.password == user.password))
}

/// Whether a database can be asked for it.
fn is_plain(text: &str) -> bool {
    text.len() <= LONGEST && !crate::accounts::has_control(text)
}
