//! Rules by which a company's calls are recorded. The phone system follows them; here a recording
//! gets the ids of those that it falls under, where it does not say by which it was made.

use std::collections::HashSet;

use serde_json::json;
use store::{
    AuditAction, Direction, NewRecording, NewRecordingRule, RecordingRule, RuleId, Time, Tx,
};

use crate::accounts::has_control;
use crate::{Caller, Error, Result, Vault};

/// What a rule says. An absent one of these is as it was, or its default in a new rule, which
/// needs a name.
#[derive(Debug, Clone, Default)]
pub struct RuleChange {
    pub name: Option<String>,
    /// 1 to 100; default 100.
    pub percentage: Option<u32>,
    /// None means all; so is the default.
    pub directions: Option<Vec<Direction>>,
    /// Likewise.
    pub extensions: Option<Vec<String>>,
    /// Default: true.
    pub enabled: Option<bool>,
}

/// How many rules an account can have: each company recording is compared with all.
const RULES: usize = 100;
const NAME_LENGTH: usize = 128;
const EXTENSIONS: usize = 1_000;
const EXTENSION_LENGTH: usize = 32;

impl Vault {
    /// The account's rules, the oldest first.
    pub async fn recording_rules(&self, caller: &Caller) -> Result<Vec<RecordingRule>> {
        self.only_administrators(caller, "recording rules").await?;
        let account = caller.account_id();
        let read = self.inner.store.read(move |reader| Box::pin(reader.recording_rules(account)));
        Ok(read.await?)
    }

    pub async fn recording_rule(&self, caller: &Caller, id: RuleId) -> Result<RecordingRule> {
        self.only_administrators(caller, "recording rules").await?;
        let account = caller.account_id();
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.recording_rule(account, id)));
        read.await?.ok_or(Error::NotFound)
    }

    /// Adds a rule.
    pub async fn add_recording_rule(
        &self,
        caller: &Caller,
        change: RuleChange,
    ) -> Result<RecordingRule> {
        self.only_administrators(caller, "recording rules").await?;
        if change.name.is_none() {
            return Err(Error::invalid("name", "is needed"));
        }
        let blank = NewRecordingRule {
            account_id: caller.account_id(),
            name: String::new(),
            percentage: 100,
            directions: Vec::new(),
            extensions: Vec::new(),
            enabled: true,
            created: self.now(),
        };
        let (new, caller) = (changed(blank, change)?, caller.clone());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(new.account_id).await?;
                if tx.recording_rules(new.account_id).await?.len() >= RULES {
                    return Ok(None);
                }
                let rule_id = tx.add_recording_rule(&new).await?;
                let rule = RecordingRule { rule_id, new };
                tell(tx, &caller, AuditAction::RuleAdd, &rule, rule.new.created).await?;
                Ok(Some(rule))
            })
        });
        write
            .await?
            .ok_or_else(|| Error::Conflict(format!("the account has {RULES} rules already")))
    }

    /// Changes what is given of a rule; the rule as it is then. Recordings keep their ids.
    pub async fn change_recording_rule(
        &self,
        caller: &Caller,
        id: RuleId,
        change: RuleChange,
    ) -> Result<RecordingRule> {
        self.only_administrators(caller, "recording rules").await?;
        let (caller, account, now) = (caller.clone(), caller.account_id(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(account).await?;
                let Some(rule) = tx.recording_rule(account, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                let new = match changed(rule.new, change) {
                    Ok(new) => new,
                    Err(error) => return Ok(Err(error)),
                };
                let rule = RecordingRule { rule_id: id, new };
                tx.set_recording_rule(&rule).await?;
                tell(tx, &caller, AuditAction::RuleChange, &rule, now).await?;
                Ok(Ok(rule))
            })
        });
        write.await?
    }

    /// Removes a rule. Its number is not used again, and recordings keep it.
    pub async fn remove_recording_rule(&self, caller: &Caller, id: RuleId) -> Result<()> {
        self.only_administrators(caller, "recording rules").await?;
        let (caller, account, now) = (caller.clone(), caller.account_id(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(account).await?;
                let Some(rule) = tx.recording_rule(account, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                tx.remove_recording_rule(account, id).await?;
                tell(tx, &caller, AuditAction::RuleRemove, &rule, now).await?;
                Ok(Ok(()))
            })
        });
        write.await?
    }
}

async fn tell(
    tx: &mut Tx,
    caller: &Caller,
    action: AuditAction,
    rule: &RecordingRule,
    now: Time,
) -> store::Result<()> {
    let NewRecordingRule { name, percentage, directions, extensions, enabled, .. } = &rule.new;
    let directions: Vec<_> = directions.iter().map(|direction| direction.as_str()).collect();
    let detail = json!({
        "name": name,
        "percentage": percentage,
        "directions": directions,
        "extensions": extensions,
        "enabled": enabled,
    });
    let told = caller.tells(now, action, Some(format!("rule {}", rule.rule_id)), &detail);
    tx.tell(rule.new.account_id, &[told]).await
}

/// The ids of the rules that a recording falls under, where it is the company's and names none.
pub(crate) async fn apply(tx: &mut Tx, new: &mut NewRecording) -> store::Result<()> {
    if new.call.kind == store::Kind::Company && new.call.rule_ids.is_empty() {
        let rules = tx.recording_rules(new.root_id).await?;
        let matching = rules.iter().filter(|rule| rule.new.matches(&new.call));
        new.call.rule_ids = matching.map(|rule| rule.rule_id.to_string()).collect();
    }
    Ok(())
}

fn changed(rule: NewRecordingRule, change: RuleChange) -> Result<NewRecordingRule> {
    let new = NewRecordingRule {
        name: change.name.unwrap_or(rule.name),
        percentage: change.percentage.unwrap_or(rule.percentage),
        directions: change.directions.unwrap_or(rule.directions),
        extensions: change.extensions.unwrap_or(rule.extensions),
        enabled: change.enabled.unwrap_or(rule.enabled),
        ..rule
    };
    if new.name.trim().is_empty()
        || new.name.chars().count() > NAME_LENGTH
        || has_control(&new.name)
    {
        return Err(Error::invalid("name", format!("1 to {NAME_LENGTH} printable characters")));
    }
    if !(1..=100).contains(&new.percentage) {
        return Err(Error::invalid("percentage", "must be from 1 to 100"));
    }
    if has_twice(&new.directions) {
        return Err(Error::invalid("directions", "has one twice"));
    }
    if new.extensions.len() > EXTENSIONS {
        return Err(Error::invalid("extensions", format!("at most {EXTENSIONS}")));
    }
    let plain = |extension: &String| {
        !extension.is_empty()
            && extension.chars().count() <= EXTENSION_LENGTH
            && !has_control(extension)
    };
    if !new.extensions.iter().all(plain) {
        let why = format!("each must be 1 to {EXTENSION_LENGTH} printable characters");
        return Err(Error::invalid("extensions", why));
    }
    if has_twice(&new.extensions) {
        return Err(Error::invalid("extensions", "has one twice"));
    }
    Ok(new)
}

fn has_twice<T: Eq + std::hash::Hash>(list: &[T]) -> bool {
    let mut seen = HashSet::new();
    !list.iter().all(|one| seen.insert(one))
}
