//! `retention …`: the operator's hand on an account's policies.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde_json::{Value, json};
use vault::{
    Action, Caller, Policy, PolicyChange, PolicyId, Preview, RunId, SettingsChange, Vault, Where,
};

use super::{about, answer, auth_id, print};
use crate::cli::{Retention, RetentionDeed as Deed, Timing, WhereArgs};
use crate::config::Config;
use crate::open;

/// The most policies that an account can have.
const ALL: u32 = 1_000;

pub(super) async fn obey(command: Retention, config: &Config) -> anyhow::Result<()> {
    let account = command.account.context("--account is missing: whose policies?")?;
    let account = auth_id(&account)?;
    let vault = open::existing(config).await?;
    let operator = vault.operator(&account).await.map_err(|error| about(&account, error))?;
    let json = command.json;
    match command.deed {
        Deed::List => list(&vault, &operator, json).await,
        Deed::Add { name, select, timing } => {
            let change =
                PolicyChange { name: Some(name), what: Some(selected(&select)?), ..timed(timing)? };
            let policy = vault.add_policy(&operator, change).await?;
            shown(&policy, json)
        }
        Deed::Show { policy_id } => {
            let policy = vault.policy(&operator, PolicyId(policy_id)).await;
            shown(&policy.map_err(|error| of_policy(policy_id, error))?, json)
        }
        Deed::Preview { policy_id, select, action } => {
            let given = action.as_deref().map(parsed_action).transpose()?;
            let (what, action) = match policy_id {
                Some(id) => {
                    let policy = vault.policy(&operator, PolicyId(id)).await;
                    let policy = policy.map_err(|error| of_policy(id, error))?;
                    (policy.what, policy.action)
                }
                None => (selected(&select)?, Action::Delete),
            };
            let action = given.unwrap_or(action);
            previewed(&vault.preview(&operator, what, action).await?, json)
        }
        Deed::Run { policy_id } => {
            let run = vault.run_now(&operator, PolicyId(policy_id)).await;
            let run = run.map_err(|error| of_policy(policy_id, error))?;
            let remark = "The server does it; GET /api/v1/retention/runs shows how far it is.\n";
            answer(json, [("run_id", json!(run.0))], remark)
        }
        Deed::Cancel { run_id } => {
            vault.cancel_run(&operator, RunId(run_id)).await.map_err(|error| match error {
                vault::Error::NotFound => {
                    anyhow::anyhow!("there is no run {run_id} of this account")
                }
                other => other.into(),
            })?;
            answer(json, [("run_id", json!(run_id))], "It deletes nothing.\n")
        }
        Deed::Pause { policy_id } => paused(&vault, &operator, policy_id, true, json).await,
        Deed::Resume { policy_id } => paused(&vault, &operator, policy_id, false, json).await,
        Deed::Remove { policy_id } => {
            let removed = vault.remove_policy(&operator, PolicyId(policy_id)).await;
            removed.map_err(|error| of_policy(policy_id, error))?;
            answer(json, [("policy_id", json!(policy_id))], "Its runs and receipts stay.\n")
        }
        Deed::Minimum { span } => {
            let minimum = vault::span::parse(&span).map_err(anyhow::Error::msg)?;
            let change =
                SettingsChange { minimum_retention: Some(minimum), ..SettingsChange::default() };
            let settings = vault.change_settings(&operator, change).await?;
            let minimum = vault::span::write(settings.minimum_retention);
            answer(json, [("minimum_retention", json!(minimum))], "The audit log tells of it.\n")
        }
    }
}

async fn paused(
    vault: &Vault,
    operator: &Caller,
    id: i64,
    paused: bool,
    json: bool,
) -> anyhow::Result<()> {
    let change = PolicyChange { paused: Some(paused), ..PolicyChange::default() };
    let policy = vault.change_policy(operator, PolicyId(id), change).await;
    shown(&policy.map_err(|error| of_policy(id, error))?, json)
}

async fn list(vault: &Vault, operator: &Caller, json: bool) -> anyhow::Result<()> {
    let policies = vault.policies(operator, PolicyId(0), ALL).await?;
    if json {
        let all: Vec<Value> =
            policies.iter().map(|policy| object(policy).into_iter().collect()).collect();
        return answer(json, [("policies", json!(all))], "");
    }
    let mut text = String::new();
    for policy in &policies {
        let next = policy.next_run.map_or(String::new(), |next| format!(", next {next}"));
        let (id, status) = (policy.policy_id, policy.status.as_str());
        writeln!(text, "{id:6} {status:8} {}: {}{next}", policy.name, words(&policy.what))?;
    }
    print(&text)
}

fn shown(policy: &Policy, json: bool) -> anyhow::Result<()> {
    answer(json, object(policy), "")
}

fn object(policy: &Policy) -> [(&'static str, Value); 10] {
    let what: Value =
        policy.what.pairs().into_iter().map(|(key, value)| (key, json!(value))).collect();
    [
        ("policy_id", json!(policy.policy_id.0)),
        ("name", json!(policy.name)),
        ("where", what),
        ("schedule", json!(policy.schedule)),
        ("time_zone", json!(policy.time_zone)),
        ("action", json!(policy.action.as_str())),
        ("archive_to", json!(policy.archive_to)),
        ("pending", json!(vault::span::write(policy.pending))),
        ("status", json!(policy.status.as_str())),
        ("next_run", json!(policy.next_run.map(|time| time.to_string()))),
    ]
}

fn previewed(preview: &Preview, json: bool) -> anyhow::Result<()> {
    let held_by: Value = preview.held_by.iter().map(|it| (&it.by, json!(it.recordings))).collect();
    let minutes = preview.duration.as_secs() / 60;
    let object = [
        ("recordings", json!(preview.recordings)),
        ("minutes", json!(minutes)),
        ("bytes", json!(preview.bytes)),
        ("held", json!(preview.held)),
        ("held_by", held_by),
        ("without_transcript", json!(preview.without_transcript)),
        ("would_delete", json!(preview.would_delete)),
        ("monthly_amount", json!(preview.monthly_amount.as_f64())),
        ("oldest", json!(preview.oldest.map(|time| time.to_string()))),
        ("newest", json!(preview.newest.map(|time| time.to_string()))),
    ];
    answer(json, object, "Nothing was changed.\n")
}

fn selected(given: &WhereArgs) -> anyhow::Result<Where> {
    let mut all = Where::default();
    for (key, value) in given.pairs() {
        let Some(value) = value else { continue };
        let flag = key.replace('_', "-");
        all.set(key, value).map_err(|why| anyhow::anyhow!("--{flag}: {why}"))?;
    }
    Ok(all)
}

fn timed(given: Timing) -> anyhow::Result<PolicyChange> {
    let flag = |flag, why: String| anyhow::anyhow!("--{flag}: {why}");
    let pending = given.pending.map(|text| vault::span::parse(&text));
    Ok(PolicyChange {
        schedule: given.schedule,
        time_zone: given.time_zone,
        action: given.action.as_deref().map(parsed_action).transpose()?,
        archive_to: given.archive_to.map(Some),
        pending: pending.transpose().map_err(|why| flag("pending", why))?,
        ..PolicyChange::default()
    })
}

fn parsed_action(text: &str) -> anyhow::Result<Action> {
    Action::parse(text).map_err(|why| anyhow::anyhow!("--action: {why}"))
}

fn words(what: &Where) -> String {
    let pairs = what.pairs().into_iter().map(|(key, value)| format!("{key} {value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn of_policy(id: i64, error: vault::Error) -> anyhow::Error {
    match error {
        vault::Error::NotFound => anyhow::anyhow!("there is no policy {id} of this account"),
        other => other.into(),
    }
}
