//! `user add`.

use serde_json::json;

use super::{about, answer, auth_id};
use crate::cli::User;
use crate::config::Config;
use crate::open;

pub(super) async fn obey(command: User, config: &Config) -> anyhow::Result<()> {
    let User::Add { name, account, extensions, json } = command;
    let account = auth_id(&account)?;
    let vault = open::existing(config).await?;
    let operator = vault.operator(&account).await.map_err(|error| about(&account, error))?;
    let user = vault.add_user(&operator, &name, extensions).await?;
    let object = [
        ("user_id", json!(user.user_id.0)),
        ("username", json!(user.username)),
        ("password", json!(user.password)),
        ("extensions", json!(user.extensions)),
    ];
    answer(json, object, "The password is not shown again.\n")
}
