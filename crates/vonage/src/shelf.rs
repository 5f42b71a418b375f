//! Whose recordings a path is about, and whether the caller may ask for them.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use vault::{Caller, Kind, Recording, RecordingFilter, RecordingNumber, UserId, Vault};

use crate::auth::VonageAuth;
use crate::error::{Error, Result};
use crate::links::Links;
use crate::{State, filter};

/// One place of recordings, which a path names: the company's of an account
/// (`accounts/{account_id}/company_call_recordings`), or those that one of its users made on
/// demand (`accounts/{account_id}/users/{user_id}/call_recordings`).
///
/// `self` is the token's own account or user. Without a token it is 401; another account is 403,
/// and so are the company's recordings, and others' users, to a user who is no administrator; a
/// user whom the account does not have is 404.
pub(crate) struct Shelf {
    pub caller: Caller,
    pub of: Of,
    pub links: Links,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Company,
    User(UserId),
}

impl FromRequestParts<State> for Shelf {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let VonageAuth(caller) = VonageAuth::from_request_parts(parts, state).await?;
        let names = names(parts, state).await?;
        let account = names.get("account_id").map(String::as_str).unwrap_or_default();
        if account != "self" && account != caller.account_id().to_string() {
            return Err(refused(state, &caller, "another account", Error::OtherAccount).await);
        }
        let of = match names.get("user_id") {
            None if !caller.is_administrator() => {
                let what = "company recordings";
                return Err(refused(state, &caller, what, Error::NotTheCompanys).await);
            }
            None => Of::Company,
            Some(user) => Of::User(self::user(&state.vault, &caller, user).await?),
        };
        let links = Links::from_request_parts(parts, state).await?;
        Ok(Self { caller, of, links })
    }
}

/// Tells the audit log of a refusal.
async fn refused(state: &State, caller: &Caller, what: &str, why: Error) -> Error {
    let told = state.vault.tell_refused(caller, what, &why.to_string()).await;
    told.map_or_else(Error::from, |()| why)
}

async fn user(vault: &Vault, caller: &Caller, name: &str) -> Result<UserId> {
    let user = match name {
        "self" => caller.user_id().ok_or(vault::Error::NotFound)?,
        // What is no number is nobody's, and whose is not for everybody to know.
        _ => UserId(positive(name).unwrap_or(0)),
    };
    vault.must_act_for(caller, user).await?;
    Ok(user)
}

impl Shelf {
    /// Narrows a filter down to what stands here.
    pub(crate) fn filter(&self, filter: RecordingFilter) -> RecordingFilter {
        match self.of {
            Of::Company => RecordingFilter { kind: Some(Kind::Company), ..filter },
            Of::User(user) => {
                RecordingFilter { kind: Some(Kind::OnDemand), user_id: Some(user), ..filter }
            }
        }
    }

    /// The recording of that number, if it stands here.
    pub(crate) async fn recording(
        &self,
        vault: &Vault,
        number: RecordingNumber,
    ) -> Result<Recording> {
        let found = vault.recording_of_number(&self.caller, number).await?;
        let call = &found.call;
        let here = match self.of {
            Of::Company => call.kind == Kind::Company,
            Of::User(user) => call.kind == Kind::OnDemand && call.user_id == Some(user),
        };
        if here { Ok(found) } else { Err(vault::Error::NotFound.into()) }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        let account = self.caller.account_id();
        match self.of {
            Of::Company => self.links.to(&format!("/accounts/{account}/company_call_recordings")),
            Of::User(user) => {
                self.links.to(&format!("/accounts/{account}/users/{user}/call_recordings"))
            }
        }
    }
}

/// The `recording_id` of a path. What is no number names no recording: 404.
pub(crate) struct RecordingPath(pub RecordingNumber);

impl FromRequestParts<State> for RecordingPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let names = names(parts, state).await?;
        let number = names.get("recording_id").and_then(|text| positive(text));
        number.map(|number| Self(RecordingNumber(number))).ok_or(vault::Error::NotFound.into())
    }
}

/// What the path says, by the names in the route.
pub(crate) async fn names(parts: &mut Parts, state: &State) -> Result<HashMap<String, String>> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
    path.map(|Path(names)| names).map_err(|_| vault::Error::NotFound.into())
}

/// Reads a number as we write it: a second spelling would be a second URL of the same thing.
fn positive(text: &str) -> Option<i64> {
    let number = filter::whole_number(text).and_then(|number| i64::try_from(number).ok())?;
    (number.to_string() == text && number > 0).then_some(number)
}
