//! Accounts, their secrets, and who is asking.

use std::time::Duration;

use serde_json::json;
use store::{Account, AccountId, AuditAction, AuthId, Scope, Settings, Time, Tx, User, UserId};

use crate::audit::entry;
use crate::secret::{self, ALPHANUMERIC, UPPERCASE, random_text, sha256};
use crate::tokens::has_still;
use crate::{Error, Result, Source, Vault};

/// Somebody who proved to be this account, or a user of it. Every deed on customer data takes one
/// first.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) account: Account,
    /// Who came with a bearer token, or in a session of its own.
    pub(crate) user: Option<User>,
    /// Where the request came from.
    pub(crate) source: Option<Source>,
    pub(crate) proof: Proof,
}

/// By what a caller proved to be itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    AuthToken,
    /// The auth token of before, while that still works.
    OldAuthToken,
    Password,
    /// An access token, by its SHA-256.
    AccessToken([u8; 32]),
    /// A session, by its SHA-256.
    Session([u8; 32]),
    /// Nothing: it is the operator's command, and no request.
    Operator,
}

impl Caller {
    pub fn account_id(&self) -> AccountId {
        self.account.account_id
    }

    pub fn auth_id(&self) -> &AuthId {
        &self.account.auth_id
    }

    pub fn is_subaccount(&self) -> bool {
        self.account.parent.is_some()
    }

    /// The account's name, as it was given to the operator.
    pub fn account_name(&self) -> &str {
        &self.account.name
    }

    /// The user who is asking: with a bearer token, or in a session.
    pub fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().map(|user| user.user_id)
    }

    /// The user's login, with its realm.
    pub fn username(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.username.as_str())
    }

    /// Whether the caller may act for the whole main account: with its own pair, or as its
    /// administrator.
    pub fn is_administrator(&self) -> bool {
        !self.is_subaccount() && self.user.as_ref().is_none_or(|user| user.administrator)
    }

    /// The same caller, who came from there.
    #[must_use]
    pub fn coming_from(self, source: Source) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Whether this is a user who may act for itself only.
    pub(crate) fn is_plain_user(&self) -> bool {
        self.user.as_ref().is_some_and(|user| !user.administrator)
    }

    pub(crate) fn is_operator(&self) -> bool {
        self.proof == Proof::Operator
    }

    /// The session that the caller came in.
    pub(crate) fn session(&self) -> Option<[u8; 32]> {
        match self.proof {
            Proof::Session(session) => Some(session),
            _ => None,
        }
    }

    /// By what the caller would be let in now; `None` where it would not. A request may take its
    /// time: meanwhile the secret may have been replaced, or the user removed. Who must not be late
    /// asks under the account's lock, which whoever ends anything has.
    pub(crate) async fn proof_now(&self, tx: &mut Tx, now: Time) -> store::Result<Option<Proof>> {
        let still = match (self.proof, &self.user) {
            (Proof::AuthToken, _) => {
                return self.token_now(tx, Some(&self.account.auth_token), now).await;
            }
            (Proof::OldAuthToken, _) => {
                let token = self.account.old_auth_token.as_ref().map(|(token, _)| token);
                return self.token_now(tx, token, now).await;
            }
            (Proof::Password, None) => false,
            (Proof::Password, Some(user)) => has_still(tx, user).await?,
            (Proof::AccessToken(token), _) => tx.user_of_token(token, now).await?.is_some(),
            (Proof::Session(session), _) => tx.session(session, now).await?.is_some(),
            (Proof::Operator, _) => true,
        };
        Ok(still.then_some(self.proof))
    }

    /// Whether the caller would still be let in: see [`Caller::proof_now`].
    pub(crate) async fn is_let_in_still(&self, tx: &mut Tx, now: Time) -> store::Result<bool> {
        Ok(self.proof_now(tx, now).await?.is_some())
    }

    /// What the auth token that the caller came with, sealed, is now.
    async fn token_now(
        &self,
        tx: &mut Tx,
        token: Option<&Vec<u8>>,
        now: Time,
    ) -> store::Result<Option<Proof>> {
        let account = tx.account(self.auth_id()).await?;
        Ok(account.and_then(|account| match account.old_auth_token {
            _ if token == Some(&account.auth_token) => Some(Proof::AuthToken),
            Some((old, until)) if now < until && token == Some(&old) => Some(Proof::OldAuthToken),
            _ => None,
        }))
    }

    /// Whether secrets may still be handed out to the caller: see [`Vault::only_owners`].
    pub(crate) async fn is_owner_still(&self, tx: &mut Tx, now: Time) -> store::Result<bool> {
        let proof = self.proof_now(tx, now).await?;
        Ok(proof.is_some_and(|proof| proof != Proof::OldAuthToken))
    }

    /// Whose recordings the caller sees: a main account those of its subaccounts too, a plain user
    /// only those that it made on demand.
    pub(crate) fn scope(&self) -> Scope {
        match &self.user {
            Some(user) if !user.administrator => Scope::User(user.user_id),
            _ if self.is_subaccount() => Scope::Subaccount(self.account.account_id),
            _ => Scope::Root(self.account.account_id),
        }
    }
}

/// A new account's secrets, shown this once.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub auth_id: AuthId,
    pub auth_token: String,
    pub parent: Option<AuthId>,
    /// The Vonage half; subaccounts have none.
    pub vonage: Option<NewVonageHalf>,
    /// Whether its recordings start with HTTP Auth on.
    pub media_auth: bool,
}

/// What Vonage's side of an account signs in with.
#[derive(Debug, Clone)]
pub struct NewVonageHalf {
    pub account_id: AccountId,
    pub client_id: String,
    pub client_secret: String,
    pub user: NewUser,
}

/// A new user's secrets, shown this once.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub user_id: UserId,
    pub username: String,
    pub password: String,
    pub extensions: Vec<String>,
}

/// How the log names somebody who did not prove to be anybody.
pub(crate) const ANYBODY: &str = "anybody";

/// The realm of every login, as Vonage's clients write it.
const REALM: &str = "vbc.prod";
const NAME_LENGTH: usize = 64;
pub(crate) const TOKEN_LENGTH: usize = 40;
pub(crate) const PASSWORD_LENGTH: usize = 20;

impl Vault {
    /// Checks an Auth ID and auth token, and counts the request. [`Error::TooMany`] to a source
    /// that guesses, and for an account that asks too often.
    pub async fn sign_in(&self, source: Source, auth_id: &str, auth_token: &str) -> Result<Caller> {
        let account = self.account_named(source, auth_id).await?;
        let proof = self.prove(source, &account, auth_token).await?;
        Ok(Caller { account, user: None, source: Some(source), proof })
    }

    /// The account that somebody names who is to prove to be it.
    pub(crate) async fn account_named(&self, source: Source, auth_id: &str) -> Result<Account> {
        // Before the database is asked: it is there for those who may ask.
        self.inner.guesses.check(source, auth_id, self.now())?;
        let account = match auth_id.parse() {
            Ok(auth_id) => self.account(&auth_id).await?,
            Err(_) => None,
        };
        if account.is_none() {
            self.inner.guesses.failed(source, auth_id, self.now());
        }
        account.ok_or(Error::BadCredentials)
    }

    /// Checks that somebody has this account's own token, counts the request, and tells of it.
    pub(crate) async fn prove(
        &self,
        source: Source,
        account: &Account,
        token: &str,
    ) -> Result<Proof> {
        let proof = self.check_token(source, account, token).await?;
        let (who, detail) = (account.auth_id.to_string(), json!({ "with": "auth_token" }));
        let told = entry(self.now(), who, Some(source), AuditAction::Login, None, &detail);
        self.tell_once(account.root(), told).await?;
        Ok(proof)
    }

    /// The same, but tells only of a wrong token.
    pub(crate) async fn check_token(
        &self,
        source: Source,
        account: &Account,
        token: &str,
    ) -> Result<Proof> {
        let (guesses, login) = (&self.inner.guesses, account.auth_id.as_str());
        let now = self.now();
        guesses.check(source, login, now)?;
        if let Some(proof) = self.token_of(account, token)? {
            guesses.succeeded(source, login);
            self.inner.requests.count(account.account_id, now)?;
            return Ok(proof);
        }
        guesses.failed(source, login, now);
        let detail = json!({ "what": "login", "why": "wrong auth token" });
        let subject = Some(login.to_owned());
        let (who, from) = (ANYBODY.to_owned(), Some(source));
        let told = entry(now, who, from, AuditAction::Refused, subject, &detail);
        self.tell_soon(account.root(), told).await?;
        Err(Error::BadCredentials)
    }

    /// Whether the caller may act for a user: an administrator for all users of its account, a
    /// plain user for itself. [`Error::NotFound`] where the account has no such user, which a plain
    /// user is not told.
    pub async fn must_act_for(&self, caller: &Caller, user: UserId) -> Result<()> {
        if caller.user_id() == Some(user) {
            return Ok(());
        }
        self.no_plain_users(caller, "user").await?;
        let account = caller.account_id();
        let read = self.inner.store.read(move |reader| Box::pin(reader.is_user_of(user, account)));
        if read.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The operator, who acts for this main account by the command line. For the operator.
    pub async fn operator(&self, auth_id: &AuthId) -> Result<Caller> {
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        if account.parent.is_some() {
            return Err(Error::invalid("account", "must be a main account"));
        }
        Ok(Caller { account, user: None, source: None, proof: Proof::Operator })
    }

    pub(crate) async fn account(&self, auth_id: &AuthId) -> Result<Option<Account>> {
        let auth_id = auth_id.clone();
        let read = self
            .inner
            .store
            .glance(move |reader| Box::pin(async move { reader.account(&auth_id).await }));
        Ok(read.await?)
    }

    /// Whether this is the account's token, or the one before, while that still works.
    fn token_of(&self, account: &Account, token: &str) -> Result<Option<Proof>> {
        let purpose = token_purpose(&account.auth_id);
        let is = |sealed: &[u8]| -> Result<bool> {
            Ok(secret::same(&self.inner.key.open(&purpose, sealed)?, token.as_bytes()))
        };
        if is(&account.auth_token)? {
            return Ok(Some(Proof::AuthToken));
        }
        match &account.old_auth_token {
            Some((old, until)) if self.now() < *until && is(old)? => Ok(Some(Proof::OldAuthToken)),
            _ => Ok(None),
        }
    }

    /// The account's token, and the one before, while that still works.
    pub(crate) fn open_tokens(&self, account: &Account) -> Result<Vec<String>> {
        let purpose = token_purpose(&account.auth_id);
        let old = account.old_auth_token.as_ref();
        let old = old.filter(|(_, until)| self.now() < *until).map(|(old, _)| old);
        let sealed = std::iter::once(&account.auth_token).chain(old);
        let open = |sealed: &Vec<u8>| {
            let token = self.inner.key.open(&purpose, sealed)?;
            String::from_utf8(token).map_err(|_| anyhow::anyhow!("a token is not text").into())
        };
        sealed.map(open).collect()
    }

    /// Makes a main account. For the operator.
    pub async fn add_account(&self, name: &str) -> Result<NewAccount> {
        check_name(name)?;
        let (new, auth_token) = self.new_account("MA", name, None)?;
        let client_id = random_text(ALPHANUMERIC, 28)?;
        let client_secret = random_text(ALPHANUMERIC, 28)?;
        let new = store::NewAccount {
            client: Some((client_id.clone(), sha256(client_secret.as_bytes()))),
            ..new
        };
        let auth_id = new.auth_id.clone();
        let username = username(name)?;
        let password = random_text(ALPHANUMERIC, PASSWORD_LENGTH)?;
        let (login, hash) = (username.clone(), self.hash_password(password.clone()).await?);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let account_id = tx.add_account(&new).await?;
                let administrator = store::NewUser {
                    account_id,
                    username: login,
                    password: hash,
                    administrator: true,
                    extensions: Vec::new(),
                    created: new.created,
                };
                Ok((account_id, tx.add_user(&administrator).await?))
            })
        });
        let (account_id, user_id) = write.await.map_err(|error| taken(error, &username))?;
        let user = NewUser { user_id, username, password, extensions: Vec::new() };
        Ok(NewAccount {
            name: name.to_owned(),
            auth_id,
            auth_token,
            parent: None,
            vonage: Some(NewVonageHalf { account_id, client_id, client_secret, user }),
            media_auth: self.inner.default_media_auth,
        })
    }

    /// What a new account is kept as, and its auth token.
    pub(crate) fn new_account(
        &self,
        kind: &str,
        name: &str,
        parent: Option<AccountId>,
    ) -> Result<(store::NewAccount, String)> {
        let auth_id = format!("{kind}{}", random_text(UPPERCASE, 18)?);
        let auth_id: AuthId = auth_id.parse().map_err(|_| anyhow::anyhow!("a bad auth id"))?;
        let auth_token = random_text(ALPHANUMERIC, TOKEN_LENGTH)?;
        let new = store::NewAccount {
            auth_token: self.inner.key.seal(&token_purpose(&auth_id), &auth_token)?,
            auth_id,
            name: name.to_owned(),
            parent,
            client: None,
            settings: self.first_settings(),
            created: self.now(),
        };
        Ok((new, auth_token))
    }

    fn first_settings(&self) -> Settings {
        Settings {
            media_auth: self.inner.default_media_auth,
            noise_cancellation: false,
            retention_pending: Duration::from_hours(7 * 24),
            retention_max_share_ppm: 250_000,
            minimum_retention: Duration::ZERO,
        }
    }
}

/// What a sealed auth token is bound to: it opens for no other account.
pub(crate) fn token_purpose(auth_id: &AuthId) -> String {
    format!("auth_token {auth_id}")
}

pub(crate) fn taken(error: store::Error, username: &str) -> Error {
    match error {
        store::Error::Unique(_) => Error::Conflict(format!("the login {username} is taken")),
        other => other.into(),
    }
}

pub(crate) fn check_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > NAME_LENGTH || has_control(name) {
        return Err(Error::invalid("name", format!("1 to {NAME_LENGTH} printable characters")));
    }
    Ok(())
}

/// The login that somebody means, whatever realm it is written with, if any.
pub(crate) fn login(given: &str) -> String {
    let local = given.rsplit_once('@').map_or(given, |(local, _)| local);
    format!("{}@{REALM}", local.to_lowercase())
}

/// The login that a name makes: lower case, with what an address cannot hold made a dot.
pub(crate) fn username(name: &str) -> Result<String> {
    let local = name.strip_suffix("@vbc.prod").unwrap_or(name).to_lowercase();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '.' }
    };
    let local: String = local.chars().map(plain).collect();
    let local = local.trim_matches('.');
    if local.is_empty() {
        return Err(Error::invalid("name", "needs a letter or digit of ASCII for the login"));
    }
    Ok(format!("{local}@{REALM}"))
}

pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
