//! Sessions: how a browser stays signed in.

use std::time::Duration;

use serde_json::json;
use store::{AuditAction, AuthId, Session, Time};

use crate::accounts::Proof;
use crate::credentials::REPLACED;
use crate::secret::{ALPHANUMERIC, random_text, sha256};
use crate::{Caller, Error, Result, Source, Vault};

/// For how long a session lasts at most.
pub const SESSION_LIFE: Duration = Duration::from_hours(7 * 24);
/// For how long a session lasts without being used.
pub const SESSION_IDLE: Duration = Duration::from_hours(12);
/// How late its use may be written down, so that not every request writes.
const LATE: Duration = Duration::from_mins(5);

/// A session that was begun.
#[derive(Clone)]
pub struct NewSession {
    pub caller: Caller,
    /// What the browser keeps, shown this once.
    pub token: String,
}

impl Vault {
    /// Begins a session for an account, with its Auth ID and auth token (not the one before), or for
    /// a user, with login and password. Errors as those of [`Vault::sign_in`].
    pub async fn begin_session(
        &self,
        source: Source,
        login: &str,
        secret: &str,
    ) -> Result<NewSession> {
        let (mut caller, with) = if login.parse::<AuthId>().is_ok() {
            let account = self.account_named(source, login).await?;
            let proof = self.check_token(source, &account, secret).await?;
            let caller = Caller { account, user: None, source: Some(source), proof };
            if proof == Proof::OldAuthToken {
                self.tell_refused(&caller, "login", REPLACED).await?;
                return Err(Error::BadCredentials);
            }
            (caller, "auth_token")
        } else {
            let user = self.user_of_password(source, login, secret, None).await?;
            let id = user.account_id;
            let read = self.inner.store.read(move |reader| Box::pin(reader.account_of_id(id)));
            let account = read.await?.ok_or(Error::BadCredentials)?;
            self.inner.requests.count(id, self.now())?;
            let (user, source) = (Some(user), Some(source));
            (Caller { account, user, source, proof: Proof::Password }, "password")
        };
        let token = random_text(ALPHANUMERIC, 40)?;
        let (hash, now) = (sha256(token.as_bytes()), self.now());
        let session = Session {
            account_id: caller.account_id(),
            user_id: caller.user_id(),
            ends: now.plus(SESSION_LIFE),
            expires: now.plus(SESSION_IDLE),
        };
        let root = caller.account.root();
        let detail = json!({ "with": with, "for": "session" });
        let told = caller.tells(now, AuditAction::Login, None, &detail);
        let proven = caller.clone();
        caller.proof = Proof::Session(hash);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if !proven.is_owner_still(tx, now).await? {
                    return Ok(false);
                }
                tx.add_session(hash, session).await?;
                tx.tell(root, &[told]).await?;
                Ok(true)
            })
        });
        if write.await? { Ok(NewSession { caller, token }) } else { Err(Error::BadCredentials) }
    }

    /// Whose session this is, and counts the request. [`Error::BadCredentials`] where it has ended.
    pub async fn sign_in_with_session(&self, source: Source, token: &str) -> Result<Caller> {
        let (token, now) = (sha256(token.as_bytes()), self.now());
        let read = self.inner.store.glance(move |reader| {
            Box::pin(async move {
                let Some(session) = reader.session(token, now).await? else { return Ok(None) };
                let user = match session.user_id {
                    Some(user) => reader.user(user).await?,
                    None => None,
                };
                let account = reader.account_of_id(session.account_id).await?;
                Ok(account.filter(|_| user.is_some() == session.user_id.is_some()).map(|account| {
                    let (source, proof) = (Some(source), Proof::Session(token));
                    (session, Caller { account, user, source, proof })
                }))
            })
        });
        let (session, caller) = read.await?.ok_or(Error::BadCredentials)?;
        self.inner.requests.count(caller.account_id(), now)?;
        self.extend(token, session, now).await?;
        Ok(caller)
    }

    /// Writes down that the session is used, at most every few minutes.
    async fn extend(&self, token: [u8; 32], session: Session, now: Time) -> Result<()> {
        let expires = now.plus(SESSION_IDLE).min(session.ends);
        if expires.since(session.expires) < LATE {
            return Ok(());
        }
        let write = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { tx.extend_session(token, expires).await }));
        Ok(write.await?)
    }

    /// Ends this session.
    pub async fn end_session(&self, caller: &Caller, token: &str) -> Result<()> {
        let token = sha256(token.as_bytes());
        let root = caller.account.root();
        let told = caller.tells(self.now(), AuditAction::Logout, None, &json!({}));
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if tx.end_session(token).await? {
                    tx.tell(root, &[told]).await?;
                }
                Ok(())
            })
        });
        Ok(write.await?)
    }

    /// Ends every session of the caller: those of the user, or those of the account without those
    /// of its users.
    pub async fn end_sessions(&self, caller: &Caller) -> Result<()> {
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                let ended = match caller.user_id() {
                    Some(user) => tx.end_sessions_of_user(user, None).await?,
                    None => tx.end_sessions_of_account(caller.account_id(), None).await?,
                };
                let detail = json!({ "sessions": ended });
                let told = caller.tells(now, AuditAction::Logout, None, &detail);
                tx.tell(root, &[told]).await
            })
        });
        Ok(write.await?)
    }
}
