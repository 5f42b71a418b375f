//! Bearer tokens, as SHA-256 of their texts.

use crate::store::{Reader, Tx, statements};
use crate::value::values;
use crate::{AccountId, Result, Time, UserId};

/// A pair of tokens that is about to be handed out.
#[derive(Debug, Clone, Copy)]
pub struct NewTokens {
    pub access: [u8; 32],
    pub access_until: Time,
    pub refresh: [u8; 32],
    pub refresh_until: Time,
}

/// How the use of a refresh token ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The new pair is kept.
    Yes,
    /// It is unknown, too old, or of another account.
    Unknown,
    /// It was used before: somebody has a copy. No refresh token of its family works any more.
    Reused,
}

statements! {
    INSERT = "insert into token (sha256, kind, family, user_id, used, expires) \
              values ($1, $2, $3, $4, 0, $5)";
    ACCESS = "select user_id from token where sha256 = $1 and kind = 'access' and expires > $2";
    REFRESH = "select t.family, t.user_id from token t \
               join account_user u on u.user_id = t.user_id \
               where t.sha256 = $1 and t.kind = 'refresh' and t.expires > $2 \
               and u.account_id = $3 and u.removed is null";
    USE = "update token set used = 1 where sha256 = $1 and used = 0";
    END_FAMILY = "delete from token where family = $1 and kind = 'refresh'";
    END_USER = "delete from token where user_id = $1";
    FORGET = "delete from token where expires <= $1";
}

impl Reader {
    /// Whose access token this is, if it still works.
    pub async fn user_of_token(&mut self, token: [u8; 32], now: Time) -> Result<Option<UserId>> {
        let row = self.0.row(ACCESS, values![&token[..], now]).await?;
        row.map(|mut row| row.next()).transpose()
    }
}

impl Tx {
    /// Keeps the first pair of a family.
    pub async fn add_tokens(&mut self, user: UserId, new: &NewTokens) -> Result<()> {
        self.add_pair(user, new, new.refresh).await
    }

    /// Trades a refresh token of that account's for a new pair.
    pub async fn refresh(
        &mut self,
        account: AccountId,
        old: [u8; 32],
        new: &NewTokens,
        now: Time,
    ) -> Result<Refreshed> {
        let Some(mut row) = self.0.0.row(REFRESH, values![&old[..], now, account]).await? else {
            return Ok(Refreshed::Unknown);
        };
        let (family, user): ([u8; 32], UserId) = (row.next()?, row.next()?);
        if self.0.0.execute(USE, values![&old[..]]).await? == 0 {
            self.0.0.execute(END_FAMILY, values![&family[..]]).await?;
            return Ok(Refreshed::Reused);
        }
        self.add_pair(user, new, family).await?;
        Ok(Refreshed::Yes)
    }

    async fn add_pair(&mut self, user: UserId, new: &NewTokens, family: [u8; 32]) -> Result<()> {
        let NewTokens { access, access_until, refresh, refresh_until } = new;
        let pair = [("access", access, access_until), ("refresh", refresh, refresh_until)];
        for (kind, token, until) in pair {
            let row = values![&token[..], kind, &family[..], user, *until];
            self.0.0.execute(INSERT, row).await?;
        }
        Ok(())
    }

    /// Ends all tokens of a user.
    pub async fn end_tokens(&mut self, user: UserId) -> Result<u64> {
        self.0.0.execute(END_USER, values![user]).await
    }

    /// Forgets the tokens that work until `time` or less.
    pub async fn forget_tokens(&mut self, time: Time) -> Result<u64> {
        self.0.0.execute(FORGET, values![time]).await
    }
}
