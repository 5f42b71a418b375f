//! The users of an account: its people, as Vonage's side knows them.

use std::collections::HashSet;

use serde_json::json;
use store::{AuditAction, Tx, User, UserId};

use crate::accounts::{PASSWORD_LENGTH, check_name, has_control, taken, username};
use crate::secret::{ALPHANUMERIC, random_text};
use crate::{Caller, Error, NewUser, Result, Vault};

const EXTENSIONS: usize = 100;
const EXTENSION_LENGTH: usize = 32;

impl Vault {
    /// The account's users after that one. For administrators.
    pub async fn users(&self, caller: &Caller, after: UserId, limit: u32) -> Result<Vec<User>> {
        self.only_administrators(caller, "users").await?;
        let account = caller.account_id();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(reader.users_after(account, after, limit)));
        Ok(read.await?)
    }

    /// One of the account's users. For administrators.
    pub async fn user(&self, caller: &Caller, id: UserId) -> Result<User> {
        self.only_administrators(caller, "users").await?;
        let account = caller.account_id();
        let read = self.inner.store.read(move |reader| Box::pin(reader.user(id)));
        read.await?.filter(|user| user.account_id == account).ok_or(Error::NotFound)
    }

    /// Makes a user. [`Error::Conflict`] where the login, or an extension, is another's. For
    /// administrators.
    pub async fn add_user(
        &self,
        caller: &Caller,
        name: &str,
        extensions: Vec<String>,
    ) -> Result<NewUser> {
        self.only_owners(caller, "users").await?;
        check_name(name)?;
        check_extensions(&extensions)?;
        let username = username(name)?;
        let password = random_text(ALPHANUMERIC, PASSWORD_LENGTH)?;
        let new = store::NewUser {
            account_id: caller.account_id(),
            username: username.clone(),
            password: self.hash_password(password.clone()).await?,
            administrator: false,
            extensions: extensions.clone(),
            created: self.now(),
        };
        let asking = caller.clone();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = new.account_id;
                tx.lock_account(root).await?;
                if !asking.is_owner_still(tx, new.created).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let others = tx.users(root).await?;
                if let Err(error) = check_free(&others, &new.extensions) {
                    return Ok(Err(error));
                }
                let user_id = tx.add_user(&new).await?;
                let detail = json!({ "username": new.username, "extensions": new.extensions });
                let subject = Some(subject(user_id));
                let told = asking.tells(new.created, AuditAction::UserAdd, subject, &detail);
                tx.tell(root, &[told]).await?;
                Ok(Ok(user_id))
            })
        });
        let added = write.await.map_err(|error| taken(error, &username));
        if let Err(Error::Conflict(why)) = &added {
            // It may be another account's, of which this is all that one can learn.
            self.tell_refused(caller, "users", why).await?;
        }
        let user_id = added??;
        Ok(NewUser { user_id, username, password, extensions })
    }

    /// Gives a user other extensions; the user as it is then. [`Error::Conflict`] where one is
    /// another's. For administrators.
    pub async fn change_user(
        &self,
        caller: &Caller,
        id: UserId,
        extensions: Option<Vec<String>>,
    ) -> Result<User> {
        self.only_owners(caller, "users").await?;
        let Some(extensions) = extensions else { return self.user(caller, id).await };
        check_extensions(&extensions)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account_id();
                tx.lock_account(root).await?;
                if !caller.is_owner_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let mut others = tx.users(root).await?;
                let Some(at) = others.iter().position(|user| user.user_id == id) else {
                    return Ok(Err(Error::NotFound));
                };
                let before = others.remove(at);
                if let Err(error) = check_free(&others, &extensions) {
                    return Ok(Err(error));
                }
                if before.extensions == extensions {
                    return Ok(Ok(before));
                }
                tx.set_extensions(id, &extensions).await?;
                let detail = json!({ "extensions": [before.extensions, extensions] });
                let told = caller.tells(now, AuditAction::UserChange, Some(subject(id)), &detail);
                tx.tell(root, &[told]).await?;
                Ok(Ok(User { extensions, ..before }))
            })
        });
        write.await?
    }

    /// Removes a user: tokens and sessions end at once. Recordings stay, under that number, with
    /// those who may act for the account; the login can be given again. Not the administrator. For
    /// administrators.
    pub async fn remove_user(&self, caller: &Caller, id: UserId) -> Result<()> {
        self.only_owners(caller, "users").await?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| Box::pin(remove(tx, caller, id, now)));
        write.await?
    }
}

async fn remove(
    tx: &mut Tx,
    caller: Caller,
    id: UserId,
    now: store::Time,
) -> store::Result<Result<()>> {
    let root = caller.account_id();
    tx.lock_account(root).await?;
    if !caller.is_owner_still(tx, now).await? {
        return Ok(Err(Error::BadCredentials));
    }
    let Some(user) = tx.user(id).await?.filter(|user| user.account_id == root) else {
        return Ok(Err(Error::NotFound));
    };
    if user.administrator {
        return Ok(Err(Error::Forbidden("the account's administrator cannot be removed")));
    }
    tx.remove_user(id, now).await?;
    let detail = json!({ "username": user.username, "extensions": user.extensions });
    let told = caller.tells(now, AuditAction::UserRemove, Some(subject(id)), &detail);
    tx.tell(root, &[told]).await?;
    Ok(Ok(()))
}

/// How the log names a user.
fn subject(id: UserId) -> String {
    format!("user {id}")
}

fn check_extensions(extensions: &[String]) -> Result<()> {
    if extensions.len() > EXTENSIONS {
        return Err(Error::invalid("extensions", format!("at most {EXTENSIONS}")));
    }
    let mut seen = HashSet::new();
    for extension in extensions {
        let length = extension.chars().count();
        if extension.trim().is_empty() || length > EXTENSION_LENGTH || has_control(extension) {
            let why = format!("each must be 1 to {EXTENSION_LENGTH} printable characters");
            return Err(Error::invalid("extensions", why));
        }
        if !seen.insert(extension) {
            return Err(Error::invalid("extensions", "has one twice"));
        }
    }
    Ok(())
}

/// Whether no other user has one of these.
fn check_free(others: &[User], extensions: &[String]) -> Result<()> {
    for extension in extensions {
        let other = others.iter().find(|user| user.extensions.contains(extension));
        if let Some(other) = other {
            let why = format!("extension {extension} is that of {}", other.username);
            return Err(Error::Conflict(why));
        }
    }
    Ok(())
}
