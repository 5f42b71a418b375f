//! The JSON shapes of users, subaccounts and credentials.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of users, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Users {
    pub users: Vec<User>,
    /// What to send as `after` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A user of the account.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct User {
    /// Never used twice.
    pub user_id: i64,
    /// The login, with its realm.
    #[schema(example = "alice@vbc.prod")]
    pub username: String,
    /// Whether it may do everything; else it reaches its own on-demand recordings only.
    pub administrator: bool,
    pub extensions: Vec<String>,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::User> for User {
    fn from(user: vault::User) -> Self {
        Self {
            user_id: user.user_id.0,
            username: user.username,
            administrator: user.administrator,
            extensions: user.extensions,
            created: user.created.to_string(),
        }
    }
}

/// A user to be made. Read key by key in `users.rs`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct NewUser {
    /// What the login is made of: 1 to 64 printable characters.
    #[schema(example = "alice")]
    name: String,
    /// Which no other user of the account may have.
    extensions: Option<Vec<String>>,
}

/// What to change of a user; what is absent stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct UserChange {
    /// All that it is to have, and no other user of the account may have.
    extensions: Option<Vec<String>>,
}

/// A user that was made. The password is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedUser {
    pub user_id: i64,
    pub username: String,
    #[schema(format = Password)]
    pub password: String,
    pub extensions: Vec<String>,
}

impl From<vault::NewUser> for AddedUser {
    fn from(user: vault::NewUser) -> Self {
        Self {
            user_id: user.user_id.0,
            username: user.username,
            password: user.password,
            extensions: user.extensions,
        }
    }
}

/// A page of subaccounts, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subaccounts {
    pub subaccounts: Vec<Subaccount>,
    /// What to send as `after` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A subaccount.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subaccount {
    pub auth_id: String,
    pub name: String,
    /// Until when its auth token of before works; null where it does not.
    #[schema(format = DateTime)]
    pub old_auth_token_until: Option<String>,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::Subaccount> for Subaccount {
    fn from(subaccount: vault::Subaccount) -> Self {
        Self {
            auth_id: subaccount.auth_id.to_string(),
            name: subaccount.name,
            old_auth_token_until: subaccount.old_auth_token_until.map(|until| until.to_string()),
            created: subaccount.created.to_string(),
        }
    }
}

/// A subaccount to be made.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct NewSubaccount {
    /// 1 to 64 printable characters.
    name: String,
}

/// A subaccount that was made. The auth token is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedSubaccount {
    pub auth_id: String,
    pub name: String,
    #[schema(format = Password)]
    pub auth_token: String,
}

impl From<vault::NewAccount> for AddedSubaccount {
    fn from(account: vault::NewAccount) -> Self {
        Self {
            auth_id: account.auth_id.to_string(),
            name: account.name,
            auth_token: account.auth_token,
        }
    }
}

/// What the account signs in with, without the secrets: nobody can be shown those again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Credentials {
    pub auth_id: String,
    /// Until when the auth token of before works; null where it does not.
    #[schema(format = DateTime)]
    pub old_auth_token_until: Option<String>,
    /// What Vonage's clients ask for tokens with, beside the client secret.
    pub client_id: String,
    /// The account's administrator.
    pub user_id: i64,
    pub username: String,
}

impl From<vault::Credentials> for Credentials {
    fn from(credentials: vault::Credentials) -> Self {
        Self {
            auth_id: credentials.auth_id.to_string(),
            old_auth_token_until: credentials.old_auth_token_until.map(|until| until.to_string()),
            client_id: credentials.client_id,
            user_id: credentials.administrator.user_id.0,
            username: credentials.administrator.username,
        }
    }
}

/// A new auth token, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewToken {
    pub auth_id: String,
    #[schema(format = Password)]
    pub auth_token: String,
    /// Until when the one before works on, though not to begin a session or to replace a secret.
    #[schema(format = DateTime)]
    pub old_auth_token_until: String,
}

impl From<vault::NewToken> for NewToken {
    fn from(new: vault::NewToken) -> Self {
        Self {
            auth_id: new.auth_id.to_string(),
            auth_token: new.auth_token,
            old_auth_token_until: new.old_auth_token_until.to_string(),
        }
    }
}

/// A new client secret, shown this once. The one before no longer works.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewClientSecret {
    pub client_id: String,
    #[schema(format = Password)]
    pub client_secret: String,
}

impl From<vault::NewClientSecret> for NewClientSecret {
    fn from(new: vault::NewClientSecret) -> Self {
        Self { client_id: new.client_id, client_secret: new.client_secret }
    }
}

/// A new password, shown this once. The one before no longer works.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewPassword {
    pub user_id: i64,
    pub username: String,
    #[schema(format = Password)]
    pub password: String,
}

impl From<vault::NewPassword> for NewPassword {
    fn from(new: vault::NewPassword) -> Self {
        Self { user_id: new.user_id.0, username: new.username, password: new.password }
    }
}
