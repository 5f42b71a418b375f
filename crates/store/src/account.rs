//! Accounts and subaccounts.

use std::time::Duration;

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, AuthId, Result, Time};

/// An account, or a subaccount where `parent` is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub account_id: AccountId,
    pub auth_id: AuthId,
    pub name: String,
    /// The main account of a subaccount.
    pub parent: Option<AccountId>,
    /// The auth token, sealed under the server's key.
    pub auth_token: Vec<u8>,
    /// The token before the last rotation, sealed, and until when it still works.
    pub old_auth_token: Option<(Vec<u8>, Time)>,
    /// What holds for it: a subaccount's is its parent's, with `media_auth` tightened if it wants.
    pub settings: Settings,
    pub created: Time,
}

impl Account {
    /// The main account whose recordings these are counted among: its own, or its parent.
    pub fn root(&self) -> AccountId {
        self.parent.unwrap_or(self.account_id)
    }
}

/// What an account has set, see `/api/v1/account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Plivo's "HTTP Auth on recordings".
    pub media_auth: bool,
    pub noise_cancellation: bool,
    /// How long a new retention policy waits before its first run.
    pub retention_pending: Duration,
    /// The share of the account that a run may delete unasked, in millionths.
    pub retention_max_share_ppm: i64,
    /// Nothing received more recently than this is deleted by anyone.
    pub minimum_retention: Duration,
}

/// An account that is about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub auth_id: AuthId,
    pub name: String,
    pub parent: Option<AccountId>,
    pub auth_token: Vec<u8>,
    /// The Vonage half: client id and the SHA-256 of the client secret.
    pub client: Option<(String, [u8; 32])>,
    pub settings: Settings,
    pub created: Time,
}

/// Of an account `a` and its parent `p`, in the order of [`read`].
macro_rules! columns {
    () => {
        "a.account_id, a.auth_id, a.name, a.parent_id, a.auth_token, a.old_auth_token, \
         a.old_auth_token_until, \
         case when p.media_auth = 1 then 1 else a.media_auth end, \
         coalesce(p.noise_cancellation, a.noise_cancellation), \
         coalesce(p.retention_pending, a.retention_pending), \
         coalesce(p.retention_max_share_ppm, a.retention_max_share_ppm), \
         coalesce(p.minimum_retention, a.minimum_retention), a.created"
    };
}

/// An account and its parent.
macro_rules! from {
    () => {
        "from account a left join account p on p.account_id = a.parent_id"
    };
}

pub(crate) const COLUMNS: &str = columns!();
pub(crate) const FROM: &str = from!();

statements! {
    FIND = concat!("select ", columns!(), " ", from!(), " where a.auth_id = $1");
    BY_ID = concat!("select ", columns!(), " ", from!(), " where a.account_id = $1");
    SUBACCOUNTS_AFTER = concat!(
        "select ", columns!(), " ", from!(),
        " where a.parent_id = $1 and a.account_id > $2 order by a.account_id limit $3"
    );
    CLIENT_ID = "select client_id from account where account_id = $1";
    CLIENT = "select account_id, client_secret from account where client_id = $1";
    INSERT = "insert into account (auth_id, name, parent_id, auth_token, client_id, client_secret, \
              media_auth, noise_cancellation, retention_pending, retention_max_share_ppm, \
              minimum_retention, created) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning account_id";
    SET_TOKEN = "update account set auth_token = $2, old_auth_token = auth_token, \
                 old_auth_token_until = $3 where account_id = $1";
    SET_CLIENT_SECRET = "update account set client_secret = $2 where account_id = $1";
    SET_SETTINGS = "update account set media_auth = $2, noise_cancellation = $3, \
                    retention_pending = $4, retention_max_share_ppm = $5, minimum_retention = $6 \
                    where account_id = $1";
    KEY_CHECK = "select sealed from key_check";
    SET_KEY_CHECK = "insert into key_check (sealed) select $1 \
                     where not exists (select sealed from key_check)";
    SET_MEDIA_AUTH = "update account set media_auth = $2 where account_id = $1";
}

impl Reader {
    pub async fn account(&mut self, auth_id: &AuthId) -> Result<Option<Account>> {
        let row = self.0.row(FIND, values![auth_id.as_str()]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    pub async fn account_of_id(&mut self, account: AccountId) -> Result<Option<Account>> {
        let row = self.0.row(BY_ID, values![account]).await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// A main account's subaccounts after that one.
    pub async fn subaccounts_after(
        &mut self,
        parent: AccountId,
        after: AccountId,
        limit: u32,
    ) -> Result<Vec<Account>> {
        let rows = self.0.rows(SUBACCOUNTS_AFTER, values![parent, after, limit]).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }

    /// A main account's client id.
    pub async fn client_id(&mut self, account: AccountId) -> Result<String> {
        let row = self.0.row(CLIENT_ID, values![account]).await?;
        row.map_or(Err(crate::Error::row("no such account")), |mut row| row.next())
    }

    /// The account that this client id is of, and the SHA-256 of the client secret.
    pub async fn client(&mut self, client_id: &str) -> Result<Option<(AccountId, [u8; 32])>> {
        let row = self.0.row(CLIENT, values![client_id]).await?;
        row.map(|mut row| Ok((row.next()?, row.next()?))).transpose()
    }

    /// The known text, sealed under the key that this vault was made with.
    pub async fn key_check(&mut self) -> Result<Option<Vec<u8>>> {
        let row = self.0.row(KEY_CHECK, &[]).await?;
        row.map(|mut row| row.next()).transpose()
    }
}

impl Tx {
    /// Keeps the sealed text, if there is none yet.
    pub async fn set_key_check(&mut self, sealed: &[u8]) -> Result<()> {
        self.0.0.execute(SET_KEY_CHECK, values![sealed]).await.map(drop)
    }

    pub async fn add_account(&mut self, new: &NewAccount) -> Result<AccountId> {
        let settings = &new.settings;
        let row = values![
            new.auth_id.as_str(),
            new.name.as_str(),
            new.parent,
            new.auth_token.as_slice(),
            new.client.as_ref().map(|(id, _)| id.as_str()),
            new.client.as_ref().map(|(_, secret)| &secret[..]),
            settings.media_auth,
            settings.noise_cancellation,
            settings.retention_pending,
            settings.retention_max_share_ppm,
            settings.minimum_retention,
            new.created,
        ];
        let row = self.0.0.row(INSERT, row).await?;
        let account = row.map_or(Err(crate::Error::row("no account_id")), |mut row| row.next())?;
        if new.parent.is_none() {
            self.add_audit_head(account).await?;
        }
        Ok(account)
    }

    /// Replaces the auth token; the old one is kept until then.
    pub async fn set_auth_token(
        &mut self,
        account: AccountId,
        token: &[u8],
        old_until: Time,
    ) -> Result<()> {
        self.0.0.execute(SET_TOKEN, values![account, token, old_until]).await.map(drop)
    }

    /// Replaces the client secret, given as SHA-256.
    pub async fn set_client_secret(&mut self, account: AccountId, secret: &[u8; 32]) -> Result<()> {
        self.0.0.execute(SET_CLIENT_SECRET, values![account, &secret[..]]).await.map(drop)
    }

    /// Sets all settings of a main account.
    pub async fn set_settings(&mut self, account: AccountId, settings: &Settings) -> Result<()> {
        let row = values![
            account,
            settings.media_auth,
            settings.noise_cancellation,
            settings.retention_pending,
            settings.retention_max_share_ppm,
            settings.minimum_retention,
        ];
        self.0.0.execute(SET_SETTINGS, row).await.map(drop)
    }

    /// Sets the one setting that a subaccount has of its own.
    pub async fn set_media_auth(&mut self, account: AccountId, media_auth: bool) -> Result<()> {
        self.0.0.execute(SET_MEDIA_AUTH, values![account, media_auth]).await.map(drop)
    }
}

pub(crate) fn read(row: &mut Row) -> Result<Account> {
    Ok(Account {
        account_id: row.next()?,
        auth_id: row.word()?,
        name: row.next()?,
        parent: row.next()?,
        auth_token: row.next()?,
        old_auth_token: {
            let token: Option<Vec<u8>> = row.next()?;
            token.zip(row.next()?)
        },
        settings: Settings {
            media_auth: row.next()?,
            noise_cancellation: row.next()?,
            retention_pending: row.next()?,
            retention_max_share_ppm: row.next()?,
            minimum_retention: row.next()?,
        },
        created: row.next()?,
    })
}
