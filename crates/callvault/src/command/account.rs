//! `account add` and `account rotate`.

use serde_json::json;
use vault::{AuthId, NewAccount, Rotate, TOKEN_OVERLAP, Vault};

use super::{about, answer, auth_id};
use crate::cli::{Account, Which};
use crate::config::Config;
use crate::open;

pub(super) async fn obey(command: Account, config: &Config) -> anyhow::Result<()> {
    match command {
        Account::Add { name, parent, json } => {
            let vault = open::vault(config).await?;
            add(&vault, &name, parent.as_deref(), json).await
        }
        Account::Rotate { auth_id, which, json } => {
            let vault = open::existing(config).await?;
            rotate(&vault, &auth_id, &which, json).await
        }
    }
}

async fn add(vault: &Vault, name: &str, parent: Option<&str>, json: bool) -> anyhow::Result<()> {
    let account = match parent.map(auth_id).transpose()? {
        None => vault.add_account(name).await?,
        Some(parent) => {
            let operator = vault.operator(&parent).await.map_err(|error| about(&parent, error))?;
            vault.add_subaccount(&operator, name).await?
        }
    };
    let vonage = account.vonage.as_ref();
    let user = vonage.map(|vonage| &vonage.user);
    let object = [
        ("name", json!(account.name)),
        ("auth_id", json!(account.auth_id.as_str())),
        ("auth_token", json!(account.auth_token)),
        ("parent", json!(account.parent.as_ref().map(AuthId::as_str))),
        ("account_id", json!(vonage.map(|vonage| vonage.account_id.0))),
        ("client_id", json!(vonage.map(|vonage| &vonage.client_id))),
        ("client_secret", json!(vonage.map(|vonage| &vonage.client_secret))),
        ("user_id", json!(user.map(|user| user.user_id.0))),
        ("username", json!(user.map(|user| &user.username))),
        ("password", json!(user.map(|user| &user.password))),
        ("media_auth", json!(account.media_auth)),
    ];
    answer(json, object, &remark(&account))
}

/// What the operator should know of a new account.
fn remark(account: &NewAccount) -> String {
    let media = if account.media_auth {
        "media_auth is on: audio is played to this account's credentials only."
    } else {
        "media_auth is off, as it is with Plivo: whoever has a recording's unguessable URL may \
         listen."
    };
    format!(
        "The secrets are not shown again.\n{media}\nPATCH /api/v1/account changes it for this \
         account, server.default_media_auth for new ones.\n"
    )
}

async fn rotate(vault: &Vault, id: &str, which: &Which, json: bool) -> anyhow::Result<()> {
    let id = auth_id(id)?;
    let which = match () {
        () if which.token => Rotate::Token,
        () if which.client_secret => Rotate::ClientSecret,
        () => Rotate::Password,
    };
    let new = vault.rotate(&id, which).await.map_err(|error| about(&id, error))?;
    let (id, new) = (("auth_id", json!(id.as_str())), json!(new));
    match which {
        Rotate::Token => {
            let until = vault.now().plus(TOKEN_OVERLAP).to_string();
            let hours = TOKEN_OVERLAP.as_secs() / 3_600;
            let remark = format!("The old token works on for {hours} hours.\n");
            let until = ("old_auth_token_until", json!(until));
            answer(json, [id, ("auth_token", new), until], &remark)
        }
        Rotate::ClientSecret => {
            answer(json, [id, ("client_secret", new)], "The old secret no longer works.\n")
        }
        Rotate::Password => {
            answer(json, [id, ("password", new)], "The old password no longer works.\n")
        }
    }
}
