//! A vault with one account, its administrator and a plain user. Every answer is checked against
//! the description.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use testkit::{Answer, Client, Form, TestVault, sound};
use vault::{NewAccount, NewUser, NewVonageHalf};

use crate::described;

pub(crate) const API: &str = "/t/vbc.prod/call_recording/v1/api";
pub(crate) const OLDER: &str = "/t/vbc.prod/call_recording/api";
pub(crate) const INDIA: &str = "/t/vbc.prod/call_recording_india/api";

pub(crate) struct Kit {
    pub(crate) test: TestVault,
    pub(crate) account: NewAccount,
    pub(crate) administrator: Client,
    pub(crate) alice: NewUser,
    pub(crate) as_alice: Client,
}

impl Kit {
    pub(crate) async fn new() -> Self {
        Self::of(TestVault::new().await).await
    }

    pub(crate) async fn of(test: TestVault) -> Self {
        let test = test.observed(Arc::new(described::check));
        let account = test.account("acme").await;
        let administrator = test.administrator(&account).await;
        let (alice, as_alice) = test.user(&account, "alice").await;
        Self { test, account, administrator, alice, as_alice }
    }

    pub(crate) fn half(&self) -> &NewVonageHalf {
        self.account.vonage.as_ref().unwrap()
    }

    /// Keeps a company recording of a second; its number.
    pub(crate) async fn company(&self) -> i64 {
        self.keep(Form::new()).await
    }

    /// Keeps one that a user made on demand; its number.
    pub(crate) async fn on_demand(&self, user: &NewUser) -> i64 {
        self.keep(on_demand(user)).await
    }

    pub(crate) async fn keep(&self, form: Form) -> i64 {
        self.keep_sound(form, Duration::from_secs(1)).await
    }

    pub(crate) async fn keep_sound(&self, form: Form, length: Duration) -> i64 {
        let form = form.file(&sound::wav(length));
        let kept = self.test.recording_with(&self.account, form).await;
        kept["number"].as_i64().unwrap()
    }
}

pub(crate) fn on_demand(user: &NewUser) -> Form {
    Form::new().text("kind", "on_demand").text("user_id", &user.user_id.to_string())
}

/// The company's recordings.
pub(crate) fn company(below: &str) -> String {
    format!("{API}/accounts/self/company_call_recordings{below}")
}

/// A user's own.
pub(crate) fn own(below: &str) -> String {
    format!("{API}/accounts/self/users/self/call_recordings{below}")
}

/// The numbers of the recordings on a page.
pub(crate) fn ids(page: &Value) -> Vec<i64> {
    let recordings = page["_embedded"]["recordings"].as_array().unwrap();
    recordings.iter().map(|recording| recording["id"].as_i64().unwrap()).collect()
}

/// The numbers on a page that must be there.
pub(crate) async fn listed(client: &Client, path: String) -> Vec<i64> {
    let answer = client.get(&path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    ids(&answer.json())
}

/// An error's status, title and text, in a body that has no more.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, title: &str, detail: &str) {
    assert_eq!(answer.header("content-type"), "application/json");
    let expected = serde_json::json!({ "status": status, "title": title, "detail": detail });
    assert_eq!((answer.status, answer.json()), (status, expected));
}
