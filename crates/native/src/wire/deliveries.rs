//! The shapes of deliveries.

use serde::Serialize;
use utoipa::ToSchema;

use super::milliseconds;

/// A page of deliveries, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    pub deliveries: Vec<Delivery>,
    /// What to send as `before` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// An answer that was asked to be sent to a server of the account's own.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Delivery {
    pub delivery_id: i64,
    /// Whose words the answer is in: `plivo`.
    pub dialect: &'static str,
    /// The account or subaccount that asked.
    pub auth_id: String,
    pub url: String,
    /// `POST` or `GET`.
    pub method: &'static str,
    /// The status that the answer would have had; null where it answers nothing.
    pub status: Option<u16>,
    /// `pending`, `delivered` or `failed`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was asked for, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub created: String,
}

/// A delivery with all that was tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryWithAttempts {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The answer's body.
    pub answer: serde_json::Value,
    /// The first one first.
    pub tried: Vec<Attempt>,
}

/// One attempt at a delivery.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Attempt {
    /// 1 is the first.
    pub attempt: u32,
    #[schema(format = DateTime)]
    pub started: String,
    pub duration_ms: u64,
    /// What the server answered; null where it did not.
    pub status: Option<u16>,
    /// Why there was no answer; null where there was one.
    pub error: Option<String>,
}

impl From<vault::Delivery> for Delivery {
    fn from(delivery: vault::Delivery) -> Self {
        Self {
            delivery_id: delivery.delivery_id.0,
            dialect: delivery.new.dialect.as_str(),
            auth_id: delivery.auth_id.to_string(),
            url: delivery.new.url,
            method: delivery.new.method.as_str(),
            status: delivery.new.status,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            created: delivery.created.to_string(),
        }
    }
}

impl DeliveryWithAttempts {
    pub(crate) fn new(delivery: vault::Delivery, attempts: Vec<vault::DeliveryAttempt>) -> Self {
        let answer = serde_json::from_str(&delivery.new.answer).unwrap_or_default();
        let tried = attempts.into_iter().map(|attempt| Attempt {
            attempt: attempt.attempt,
            started: attempt.started.to_string(),
            duration_ms: milliseconds(attempt.duration),
            status: attempt.status,
            error: attempt.error,
        });
        Self { tried: tried.collect(), answer, delivery: delivery.into() }
    }
}
