//! The subaccounts of an account.

use serde_json::json;
use store::{Account, AccountId, AuditAction, AuthId, Time};

use crate::accounts::check_name;
use crate::credentials::{NewToken, old_token_until};
use crate::{Caller, Error, NewAccount, Result, Vault};

/// A subaccount.
#[derive(Debug, Clone)]
pub struct Subaccount {
    pub account_id: AccountId,
    pub auth_id: AuthId,
    pub name: String,
    /// Until when its auth token of before works, where it still does.
    pub old_auth_token_until: Option<Time>,
    pub created: Time,
}

impl Vault {
    /// The account's subaccounts after that one. For administrators.
    pub async fn subaccounts(
        &self,
        caller: &Caller,
        after: AccountId,
        limit: u32,
    ) -> Result<Vec<Subaccount>> {
        self.only_administrators(caller, "subaccounts").await?;
        let (parent, now) = (caller.account_id(), self.now());
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(reader.subaccounts_after(parent, after, limit)));
        let shown = |account: Account| Subaccount {
            old_auth_token_until: old_token_until(&account, now),
            account_id: account.account_id,
            auth_id: account.auth_id,
            name: account.name,
            created: account.created,
        };
        Ok(read.await?.into_iter().map(shown).collect())
    }

    /// Makes a subaccount. For administrators.
    pub async fn add_subaccount(&self, caller: &Caller, name: &str) -> Result<NewAccount> {
        self.only_owners(caller, "subaccounts").await?;
        check_name(name)?;
        let root = caller.account_id();
        let (new, auth_token) = self.new_account("SA", name, Some(root))?;
        let auth_id = new.auth_id.clone();
        let detail = json!({ "name": name });
        let subject = Some(auth_id.to_string());
        let told = caller.tells(new.created, AuditAction::SubaccountAdd, subject, &detail);
        let (parent, caller) = (caller.auth_id().clone(), caller.clone());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if !caller.is_owner_still(tx, new.created).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                tx.add_account(&new).await?;
                tx.tell(root, &[told]).await?;
                Ok(Ok(()))
            })
        });
        write.await??;
        Ok(NewAccount {
            name: name.to_owned(),
            auth_id,
            auth_token,
            parent: Some(parent),
            vonage: None,
            media_auth: self.inner.default_media_auth,
        })
    }

    /// Replaces a subaccount's auth token; the old one works on as [`Vault::replace_auth_token`]
    /// says, and its sessions end. For administrators.
    pub async fn replace_subaccount_token(
        &self,
        caller: &Caller,
        auth_id: &AuthId,
    ) -> Result<NewToken> {
        self.only_owners(caller, "subaccounts").await?;
        let account = self.account(auth_id).await?;
        let own = account.filter(|account| account.parent == Some(caller.account_id()));
        let account = own.ok_or(Error::NotFound)?;
        self.replace_token_of(caller, account.account_id, account.auth_id).await
    }
}
