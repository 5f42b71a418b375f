//! The console's sessions, as SHA-256 of what their cookies hold.

use crate::store::{Reader, Tx, statements};
use crate::value::values;
use crate::{AccountId, Result, Time, UserId};

/// Whose session it is, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    pub account_id: AccountId,
    /// `None` is the account itself.
    pub user_id: Option<UserId>,
    /// When it ends, however often it is used.
    pub ends: Time,
    /// When it ends unless it is used.
    pub expires: Time,
}

statements! {
    INSERT = "insert into session (sha256, account_id, user_id, ends, expires) \
              values ($1, $2, $3, $4, $5)";
    FIND = "select account_id, user_id, ends, expires from session \
            where sha256 = $1 and expires > $2";
    EXTEND = "update session set expires = $2 where sha256 = $1";
    END = "delete from session where sha256 = $1";
    END_ACCOUNT = "delete from session where account_id = $1 and user_id is null \
                   and sha256 <> $2";
    END_USER = "delete from session where user_id = $1 and sha256 <> $2";
    FORGET = "delete from session where expires <= $1";
}

impl Reader {
    /// The session, if it has not ended.
    pub async fn session(&mut self, token: [u8; 32], now: Time) -> Result<Option<Session>> {
        let Some(mut row) = self.0.row(FIND, values![&token[..], now]).await? else {
            return Ok(None);
        };
        Ok(Some(Session {
            account_id: row.next()?,
            user_id: row.next()?,
            ends: row.next()?,
            expires: row.next()?,
        }))
    }
}

impl Tx {
    pub async fn add_session(&mut self, token: [u8; 32], new: Session) -> Result<()> {
        let row = values![&token[..], new.account_id, new.user_id, new.ends, new.expires];
        self.0.0.execute(INSERT, row).await.map(drop)
    }

    /// Lets a session that is still there last until `expires`.
    pub async fn extend_session(&mut self, token: [u8; 32], expires: Time) -> Result<()> {
        self.0.0.execute(EXTEND, values![&token[..], expires]).await.map(drop)
    }

    /// Ends one session; whether there was one.
    pub async fn end_session(&mut self, token: [u8; 32]) -> Result<bool> {
        Ok(self.0.0.execute(END, values![&token[..]]).await? > 0)
    }

    /// Ends the sessions of an account itself, without those of its users, and but for one.
    pub async fn end_sessions_of_account(
        &mut self,
        account: AccountId,
        but: Option<[u8; 32]>,
    ) -> Result<u64> {
        self.0.0.execute(END_ACCOUNT, values![account, or_none(but.as_ref())]).await
    }

    /// Ends the sessions of a user, but for one.
    pub async fn end_sessions_of_user(
        &mut self,
        user: UserId,
        but: Option<[u8; 32]>,
    ) -> Result<u64> {
        self.0.0.execute(END_USER, values![user, or_none(but.as_ref())]).await
    }

    /// Forgets the sessions that last until `time` or less.
    pub async fn forget_sessions(&mut self, time: Time) -> Result<u64> {
        self.0.0.execute(FORGET, values![time]).await
    }
}

/// The SHA-256, or what none is.
fn or_none(token: Option<&[u8; 32]>) -> &[u8] {
    token.map_or(&[], |token| &token[..])
}
