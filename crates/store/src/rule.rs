//! Rules by which a company's calls are recorded.

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, Call, Direction, Kind, Result, RuleId, Time};

/// A rule of a main account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRule {
    pub rule_id: RuleId,
    pub new: NewRecordingRule,
}

/// A rule that is about to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecordingRule {
    /// The main account.
    pub account_id: AccountId,
    pub name: String,
    /// How many of a hundred matching calls the phone system is to record. It has chosen when a
    /// recording comes here, so that this says nothing of which rules match.
    pub percentage: u32,
    /// None means all.
    pub directions: Vec<Direction>,
    /// Likewise.
    pub extensions: Vec<String>,
    pub enabled: bool,
    pub created: Time,
}

impl NewRecordingRule {
    /// Whether a call that was recorded falls under it.
    pub fn matches(&self, call: &Call) -> bool {
        let direction = self.directions.is_empty()
            || call.direction.is_some_and(|direction| self.directions.contains(&direction));
        let extension = self.extensions.is_empty()
            || call.extensions.iter().any(|extension| self.extensions.contains(extension));
        self.enabled && call.kind == Kind::Company && direction && extension
    }

    fn direction_words(&self) -> Vec<String> {
        self.directions.iter().map(|direction| direction.as_str().to_owned()).collect()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select rule_id, account_id, name, percentage, directions, extensions, enabled, ",
            "created from recording_rule where ",
            $rest
        )
    };
}

statements! {
    INSERT = "insert into recording_rule \
              (account_id, name, percentage, directions, extensions, enabled, created) \
              values ($1, $2, $3, $4, $5, $6, $7) returning rule_id";
    UPDATE = "update recording_rule set name = $3, percentage = $4, directions = $5, \
              extensions = $6, enabled = $7 where account_id = $1 and rule_id = $2";
    DELETE = "delete from recording_rule where account_id = $1 and rule_id = $2";
    FIND = select!("account_id = $1 and rule_id = $2");
    ALL = select!("account_id = $1 order by rule_id");
}

impl Reader {
    pub async fn recording_rule(
        &mut self,
        account: AccountId,
        id: RuleId,
    ) -> Result<Option<RecordingRule>> {
        self.0.row(FIND, values![account, id]).await?.map(read).transpose()
    }

    /// A main account's rules, the oldest first.
    pub async fn recording_rules(&mut self, account: AccountId) -> Result<Vec<RecordingRule>> {
        self.0.rows(ALL, values![account]).await?.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Adds a rule; the number it got.
    pub async fn add_recording_rule(&mut self, new: &NewRecordingRule) -> Result<RuleId> {
        let row = values![
            new.account_id,
            new.name.as_str(),
            new.percentage,
            &new.direction_words()[..],
            &new.extensions[..],
            new.enabled,
            new.created,
        ];
        let row = self.0.0.row(INSERT, row).await?;
        row.map_or(Err(crate::Error::row("no rule_id")), |mut row| row.next())
    }

    /// Changes a rule to what is given.
    pub async fn set_recording_rule(&mut self, rule: &RecordingRule) -> Result<()> {
        let RecordingRule { rule_id, new } = rule;
        let row = values![
            new.account_id,
            *rule_id,
            new.name.as_str(),
            new.percentage,
            &new.direction_words()[..],
            &new.extensions[..],
            new.enabled,
        ];
        self.0.0.execute(UPDATE, row).await.map(drop)
    }

    /// Takes a rule away; false where there is none.
    pub async fn remove_recording_rule(&mut self, account: AccountId, id: RuleId) -> Result<bool> {
        Ok(self.0.0.execute(DELETE, values![account, id]).await? == 1)
    }
}

fn read(mut row: Row) -> Result<RecordingRule> {
    let row = &mut row;
    Ok(RecordingRule {
        rule_id: row.next()?,
        new: NewRecordingRule {
            account_id: row.next()?,
            name: row.next()?,
            percentage: row.next()?,
            directions: {
                let words: Vec<String> = row.next()?;
                let words = words.iter().map(|word| word.parse());
                words
                    .collect::<Result<_, _>>()
                    .map_err(|_| crate::Error::row("an unknown direction"))?
            },
            extensions: row.next()?,
            enabled: row.next()?,
            created: row.next()?,
        },
    })
}
