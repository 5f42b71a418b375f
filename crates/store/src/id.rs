//! The names of things. Each is a type of its own, so that one cannot stand for another.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// An account or subaccount: the key of its row, and Vonage's `account_id`.
    AccountId
);
number!(
    /// A user of an account: the key of its row, and Vonage's `user_id`.
    UserId
);
number!(
    /// A recording's integer, Vonage's id: unique over the vault and never used twice.
    RecordingNumber
);
number!(
    /// A piece of queued work.
    JobId
);
number!(
    /// A rule by which a company's calls are recorded: never used twice.
    RuleId
);
number!(
    /// A legal hold.
    HoldId
);
number!(
    /// A retention policy.
    PolicyId
);
number!(
    /// A run of a policy, or a bulk deletion.
    RunId
);
number!(
    /// An answer on its way to a customer's own server.
    DeliveryId
);

macro_rules! random {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes up a new one.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Takes the hyphenated lower-case form that [`fmt::Display`] writes, and no other: a
            /// second spelling of an id would be a second URL of the same thing.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Self(Uuid::try_parse(text).map_err(|_| NotAnId)?);
                if id.to_string() == text { Ok(id) } else { Err(NotAnId) }
            }
        }
    };
}

random!(
    /// A recording's public id: 122 bits from the operating system's generator (UUID version 4),
    /// never derived from time or a counter, since media may be public by it.
    RecordingId
);
random!(
    /// An export: Vonage's job id.
    ExportId
);
random!(
    /// A transcript, of those that a recording had one after the other.
    TranscriptId
);

/// Text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

/// A Plivo Auth ID: `MA` (account) or `SA` (subaccount) and 18 of `A-Z0-9`. The vendor's clients
/// refuse any other form before they send.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuthId(String);

impl AuthId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_subaccount(&self) -> bool {
        self.0.starts_with("SA")
    }
}

impl fmt::Display for AuthId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AuthId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let well_formed = text.len() == 20
            && (text.starts_with("MA") || text.starts_with("SA"))
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if well_formed { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
    }
}
