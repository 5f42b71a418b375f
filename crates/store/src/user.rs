//! Users: the people of an account, as Vonage's side knows them.

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, Result, Time, UserId};

/// A user of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub user_id: UserId,
    pub account_id: AccountId,
    /// The login, with its realm: `alice@vbc.prod`.
    pub username: String,
    /// An argon2id hash in PHC form.
    pub password: String,
    /// Whether this is the account's administrator.
    pub administrator: bool,
    pub extensions: Vec<String>,
    pub created: Time,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select user_id, account_id, username, password, administrator, extensions, created ",
            "from account_user where removed is null and ",
            $rest
        )
    };
}

statements! {
    INSERT = "insert into account_user \
              (account_id, username, password, administrator, extensions, created) \
              values ($1, $2, $3, $4, $5, $6) returning user_id";
    IS_OF = "select user_id from account_user where account_id = $1 and user_id = $2";
    FIND = select!("user_id = $1");
    BY_LOGIN = select!("username = $1");
    ADMINISTRATOR = select!("account_id = $1 and administrator = 1");
    ALL = select!("account_id = $1 order by user_id");
    AFTER = select!("account_id = $1 and user_id > $2 order by user_id limit $3");
    SET_PASSWORD = "update account_user set password = $2 where user_id = $1";
    SET_EXTENSIONS = "update account_user set extensions = $2 where user_id = $1";
    REMOVE = "update account_user set username = $2, password = '', extensions = '[]', \
              removed = $3 where user_id = $1";
}

/// A user who is about to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub account_id: AccountId,
    pub username: String,
    pub password: String,
    pub administrator: bool,
    pub extensions: Vec<String>,
    pub created: Time,
}

impl Reader {
    /// Whether this is, or was, a user of that account.
    pub async fn is_user_of(&mut self, user: UserId, account: AccountId) -> Result<bool> {
        Ok(self.0.row(IS_OF, values![account, user]).await?.is_some())
    }

    pub async fn user(&mut self, user: UserId) -> Result<Option<User>> {
        self.0.row(FIND, values![user]).await?.map(read).transpose()
    }

    /// The user with that login, realm included.
    pub async fn user_by_login(&mut self, username: &str) -> Result<Option<User>> {
        self.0.row(BY_LOGIN, values![username]).await?.map(read).transpose()
    }

    /// A main account's administrator.
    pub async fn administrator(&mut self, account: AccountId) -> Result<User> {
        let row = self.0.row(ADMINISTRATOR, values![account]).await?;
        row.map_or(Err(crate::Error::row("an account has no administrator")), read)
    }

    /// All users of an account.
    pub async fn users(&mut self, account: AccountId) -> Result<Vec<User>> {
        self.0.rows(ALL, values![account]).await?.into_iter().map(read).collect()
    }

    /// An account's users after that one.
    pub async fn users_after(
        &mut self,
        account: AccountId,
        after: UserId,
        limit: u32,
    ) -> Result<Vec<User>> {
        let rows = self.0.rows(AFTER, values![account, after, limit]).await?;
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Adds a user; [`crate::Error::Unique`] where the login is taken.
    pub async fn add_user(&mut self, new: &NewUser) -> Result<UserId> {
        let row = values![
            new.account_id,
            new.username.as_str(),
            new.password.as_str(),
            new.administrator,
            &new.extensions[..],
            new.created,
        ];
        let row = self.0.0.row(INSERT, row).await?;
        row.map_or(Err(crate::Error::row("no user_id")), |mut row| row.next())
    }

    /// Replaces the hash of a user's password.
    pub async fn set_password(&mut self, user: UserId, password: &str) -> Result<()> {
        self.0.0.execute(SET_PASSWORD, values![user, password]).await.map(drop)
    }

    pub async fn set_extensions(&mut self, user: UserId, extensions: &[String]) -> Result<()> {
        self.0.0.execute(SET_EXTENSIONS, values![user, extensions]).await.map(drop)
    }

    /// Removes a user, whose tokens and sessions work no more. Recordings and exports go on naming
    /// the number; the login can be taken by another.
    pub async fn remove_user(&mut self, user: UserId, now: Time) -> Result<()> {
        self.end_tokens(user).await?;
        self.end_sessions_of_user(user, None).await?;
        // No login is like this: they have a realm.
        let nobody = format!("removed {user}");
        self.0.0.execute(REMOVE, values![user, nobody.as_str(), now]).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<User> {
    Ok(User {
        user_id: row.next()?,
        account_id: row.next()?,
        username: row.next()?,
        password: row.next()?,
        administrator: row.next()?,
        extensions: row.next()?,
        created: row.next()?,
    })
}
