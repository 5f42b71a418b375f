//! The shapes of recording rules.

use serde::Serialize;
use utoipa::ToSchema;

/// All rules of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingRules {
    /// The oldest first.
    pub rules: Vec<RecordingRule>,
}

/// A rule by which the company's calls are recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingRule {
    /// Never used twice.
    pub rule_id: i64,
    pub name: String,
    /// How many of a hundred matching calls the phone system is to record. Which rules a recording
    /// falls under does not depend on it.
    #[schema(minimum = 1, maximum = 100)]
    pub percentage: u32,
    /// Of `inbound`, `outbound`, `internal`; empty means all.
    pub directions: Vec<&'static str>,
    /// Empty means all.
    pub extensions: Vec<String>,
    pub enabled: bool,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::RecordingRule> for RecordingRule {
    fn from(rule: vault::RecordingRule) -> Self {
        let vault::RecordingRule { rule_id, new } = rule;
        Self {
            rule_id: rule_id.0,
            name: new.name,
            percentage: new.percentage,
            directions: new.directions.into_iter().map(vault::Direction::as_str).collect(),
            extensions: new.extensions,
            enabled: new.enabled,
            created: new.created.to_string(),
        }
    }
}

/// A new rule, which needs a name, or a change of one: what is absent is the default, or stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct RecordingRuleChange {
    /// 1 to 128 printable characters.
    name: Option<String>,
    /// Default: 100.
    #[schema(minimum = 1, maximum = 100)]
    percentage: Option<u32>,
    /// Of `inbound`, `outbound`, `internal`; default: all.
    directions: Option<Vec<String>>,
    /// Default: all.
    extensions: Option<Vec<String>>,
    /// Default: true.
    enabled: Option<bool>,
}
