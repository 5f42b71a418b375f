//! Accounts, their secrets, and who is asking.

use std::time::Duration;

use serde_json::json;
use store::{Account, AccountId, AuditAction, AuthId, Scope, Settings, User, UserId};

use crate::audit::entry;
use crate::secret::{self, ALPHANUMERIC, UPPERCASE, random_text, sha256};
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
    /// Whether it is the operator's command, and no request.
    pub(crate) operator: bool,
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

/// Which secret to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotate {
    /// The auth token; the old one works on for [`TOKEN_OVERLAP`], and its sessions end.
    Token,
    ClientSecret,
    /// The password of the account's administrator.
    Password,
}

/// For how long a replaced auth token still works.
pub const TOKEN_OVERLAP: Duration = Duration::from_hours(24);

/// How the log names somebody who did not prove to be anybody.
pub(crate) const ANYBODY: &str = "anybody";

/// The realm of every login, as Vonage's clients write it.
const REALM: &str = "vbc.prod";
const NAME_LENGTH: usize = 64;

impl Vault {
    /// Checks an Auth ID and auth token, and counts the request. [`Error::TooMany`] to a source
    /// that guesses, and for an account that asks too often.
    pub async fn sign_in(&self, source: Source, auth_id: &str, auth_token: &str) -> Result<Caller> {
        // Before the database is asked: it is there for those who may ask.
        self.inner.guesses.check(source, auth_id, self.now())?;
        let account = match auth_id.parse() {
            Ok(auth_id) => self.account(&auth_id).await?,
            Err(_) => None,
        };
        let Some(account) = account else {
            self.inner.guesses.failed(source, auth_id, self.now());
            return Err(Error::BadCredentials);
        };
        self.prove(source, &account, auth_token).await?;
        Ok(Caller { account, user: None, source: Some(source), operator: false })
    }

    /// Checks that somebody has this account's own token, counts the request, and tells of it.
    pub(crate) async fn prove(&self, source: Source, account: &Account, token: &str) -> Result<()> {
        let (guesses, login) = (&self.inner.guesses, account.auth_id.as_str());
        let now = self.now();
        guesses.check(source, login, now)?;
        let from = Some(source);
        if self.is_token_of(account, token)? {
            guesses.succeeded(source, login);
            self.inner.requests.count(account.account_id, now)?;
            let detail = json!({ "with": "auth_token" });
            let told = entry(now, login.to_owned(), from, AuditAction::Login, None, &detail);
            return self.tell_once(account.root(), told).await;
        }
        guesses.failed(source, login, now);
        let detail = json!({ "what": "login", "why": "wrong auth token" });
        let subject = Some(login.to_owned());
        let told = entry(now, ANYBODY.to_owned(), from, AuditAction::Refused, subject, &detail);
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
        Ok(Caller { account, user: None, source: None, operator: true })
    }

    pub(crate) async fn account(&self, auth_id: &AuthId) -> Result<Option<Account>> {
        let auth_id = auth_id.clone();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(async move { reader.account(&auth_id).await }));
        Ok(read.await?)
    }

    /// Whether this is the account's token, or the one before, while that still works.
    fn is_token_of(&self, account: &Account, token: &str) -> Result<bool> {
        let purpose = token_purpose(&account.auth_id);
        let current = self.inner.key.open(&purpose, &account.auth_token)?;
        if secret::same(&current, token.as_bytes()) {
            return Ok(true);
        }
        match &account.old_auth_token {
            Some((old, until)) if self.now() < *until => {
                Ok(secret::same(&self.inner.key.open(&purpose, old)?, token.as_bytes()))
            }
            _ => Ok(false),
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

    /// Makes an account, or a subaccount of `parent`. For the operator.
    pub async fn add_account(&self, name: &str, parent: Option<&AuthId>) -> Result<NewAccount> {
        check_name(name)?;
        let parent_account = match parent {
            Some(auth_id) => Some(self.account(auth_id).await?.ok_or(Error::NotFound)?),
            None => None,
        };
        if parent_account.as_ref().is_some_and(|account| account.parent.is_some()) {
            return Err(Error::invalid("parent", "a subaccount has no subaccounts"));
        }
        let kind = if parent.is_some() { "SA" } else { "MA" };
        let auth_id = format!("{kind}{}", random_text(UPPERCASE, 18)?);
        let auth_id: AuthId = auth_id.parse().map_err(|_| anyhow::anyhow!("a bad auth id"))?;
        let auth_token = random_text(ALPHANUMERIC, 40)?;
        let client_id = random_text(ALPHANUMERIC, 28)?;
        let client_secret = random_text(ALPHANUMERIC, 28)?;
        let password = random_text(ALPHANUMERIC, 20)?;
        let username = username(name)?;
        let hash = hash_password(password.clone()).await?;

        let is_main = parent.is_none();
        let new = store::NewAccount {
            auth_id: auth_id.clone(),
            name: name.to_owned(),
            parent: parent_account.map(|account| account.account_id),
            auth_token: self.inner.key.seal(&token_purpose(&auth_id), &auth_token)?,
            client: is_main.then(|| (client_id.clone(), sha256(client_secret.as_bytes()))),
            settings: self.first_settings(),
            created: self.now(),
        };
        let login = username.clone();
        let (account_id, user_id) = self
            .inner
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let account_id = tx.add_account(&new).await?;
                    if new.parent.is_some() {
                        return Ok((account_id, None));
                    }
                    let administrator = store::NewUser {
                        account_id,
                        username: login,
                        password: hash,
                        administrator: true,
                        extensions: Vec::new(),
                        created: new.created,
                    };
                    Ok((account_id, Some(tx.add_user(&administrator).await?)))
                })
            })
            .await
            .map_err(|error| taken(error, &username))?;
        Ok(NewAccount {
            name: name.to_owned(),
            auth_id,
            auth_token,
            parent: parent.cloned(),
            vonage: user_id.map(|user_id| NewVonageHalf {
                account_id,
                client_id,
                client_secret,
                user: NewUser { user_id, username, password, extensions: Vec::new() },
            }),
            media_auth: self.inner.default_media_auth,
        })
    }

    /// Replaces one of an account's secrets; the new one, shown this once. For the operator.
    pub async fn rotate(&self, auth_id: &AuthId, which: Rotate) -> Result<String> {
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        if account.parent.is_some() && which != Rotate::Token {
            return Err(Error::invalid("auth_id", "a subaccount has an auth token only"));
        }
        let account_id = account.account_id;
        let secret = random_text(ALPHANUMERIC, if which == Rotate::Token { 40 } else { 28 })?;
        let store = &self.inner.store;
        match which {
            Rotate::Token => {
                let sealed = self.inner.key.seal(&token_purpose(auth_id), &secret)?;
                let until = self.now().plus(TOKEN_OVERLAP);
                let write = store.write(move |tx| {
                    Box::pin(async move {
                        tx.set_auth_token(account_id, &sealed, until).await?;
                        tx.end_sessions_of_account(account_id).await.map(drop)
                    })
                });
                write.await?;
            }
            Rotate::ClientSecret => {
                let hash = sha256(secret.as_bytes());
                let write = store.write(move |tx| {
                    Box::pin(async move { tx.set_client_secret(account_id, &hash).await })
                });
                write.await?;
            }
            Rotate::Password => {
                let hash = hash_password(secret.clone()).await?;
                let write = store.write(move |tx| {
                    Box::pin(async move {
                        // Whoever knew the old one may have tokens, and sessions.
                        let user = tx.set_administrator_password(account_id, &hash).await?;
                        let Some(user) = user else { return Ok(()) };
                        tx.end_tokens(user).await?;
                        tx.end_sessions_of_user(user).await.map(drop)
                    })
                });
                write.await?;
            }
        }
        Ok(secret)
    }

    /// Makes a user of a main account. For the operator.
    pub async fn add_user(
        &self,
        auth_id: &AuthId,
        name: &str,
        extensions: Vec<String>,
    ) -> Result<NewUser> {
        check_name(name)?;
        for extension in &extensions {
            if extension.is_empty() || extension.len() > 32 || has_control(extension) {
                return Err(Error::invalid("extension", "1 to 32 printable characters"));
            }
        }
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        if account.parent.is_some() {
            return Err(Error::invalid("account", "a subaccount has no users"));
        }
        let username = username(name)?;
        let password = random_text(ALPHANUMERIC, 20)?;
        let new = store::NewUser {
            account_id: account.account_id,
            username: username.clone(),
            password: hash_password(password.clone()).await?,
            administrator: false,
            extensions: extensions.clone(),
            created: self.now(),
        };
        let write =
            self.inner.store.write(move |tx| Box::pin(async move { tx.add_user(&new).await }));
        let user_id = write.await.map_err(|error| taken(error, &username))?;
        Ok(NewUser { user_id, username, password, extensions })
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
fn token_purpose(auth_id: &AuthId) -> String {
    format!("auth_token {auth_id}")
}

async fn hash_password(password: String) -> Result<String> {
    let hash = tokio::task::spawn_blocking(move || secret::hash_password(&password));
    hash.await.map_err(anyhow::Error::from)?
}

fn taken(error: store::Error, username: &str) -> Error {
    match error {
        store::Error::Unique(_) => Error::Conflict(format!("the login {username} is taken")),
        other => other.into(),
    }
}

fn check_name(name: &str) -> Result<()> {
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
fn username(name: &str) -> Result<String> {
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
