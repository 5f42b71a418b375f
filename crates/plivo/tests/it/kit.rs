//! A vault with one account, and what Plivo's tests ask of every answer.

use std::time::Duration;

use axum::http::Method;
use testkit::{Answer, TestVault, sound};
use vault::{Caller, NewAccount, Recording, RecordingDetails, SettingsChange, Time};

/// 2024-06-15 12:00:00, where every test's clock stands at first.
pub(crate) const NOW: Time = Time::from_micros(1_718_452_800_000_000);

pub(crate) struct Kit {
    pub(crate) test: TestVault,
    /// The account that most tests are about.
    pub(crate) account: NewAccount,
}

impl Kit {
    pub(crate) async fn new() -> Self {
        Self::of(TestVault::new().await).await
    }

    pub(crate) async fn of(test: TestVault) -> Self {
        test.clock.set(NOW);
        let account = test.account("acme").await;
        Self { test, account }
    }

    pub(crate) async fn other_account(&self) -> NewAccount {
        self.test.account("other").await
    }

    pub(crate) async fn subaccount(&self) -> NewAccount {
        self.test.subaccount(&self.account, "branch").await
    }

    async fn caller(&self, account: &NewAccount) -> Caller {
        let (auth_id, token) = (account.auth_id.as_str(), &account.auth_token);
        self.test.vault.sign_in(vault::Source::LOCAL, auth_id, token).await.unwrap()
    }

    /// Turns HTTP Auth on recordings on.
    pub(crate) async fn want_login(&self, account: &NewAccount) {
        let change = SettingsChange { media_auth: Some(true), ..SettingsChange::default() };
        self.test.vault.change_settings(&self.caller(account).await, change).await.unwrap();
    }

    /// Keeps a second of sound.
    pub(crate) async fn keep(&self, owner: &NewAccount, details: RecordingDetails) -> Recording {
        self.keep_sound(owner, details, &sound::wav(Duration::from_secs(1))).await
    }

    pub(crate) async fn keep_sound(
        &self,
        owner: &NewAccount,
        details: RecordingDetails,
        sound: &[u8],
    ) -> Recording {
        let (vault, caller) = (&self.test.vault, self.caller(owner).await);
        let mut upload = vault.begin_recording(&caller).await.unwrap();
        upload.write(sound).await.unwrap();
        vault.finish_recording(&caller, upload, details, None).await.unwrap().recording
    }

    /// Keeps a recording that was added so long ago.
    pub(crate) async fn keep_aged(&self, age: Duration) -> Recording {
        let add_time = Some(self.test.clock.now().minus(age));
        self.keep(&self.account, RecordingDetails { add_time, ..RecordingDetails::default() }).await
    }

    /// Asks as the account, below its path.
    pub(crate) async fn ask(&self, method: &str, below: &str) -> Answer {
        self.ask_as(&self.account, method, below).await
    }

    pub(crate) async fn ask_as(&self, account: &NewAccount, method: &str, below: &str) -> Answer {
        let path = format!("/v1/Account/{}{below}", account.auth_id);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.test.client(account).request(method, path).send().await
    }

    /// Asks without credentials.
    pub(crate) async fn ask_as_stranger(&self, method: &str, path: &str) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.test.stranger().request(method, path).send().await
    }
}

pub(crate) trait Expect {
    /// An error's status and text, in a body that has an `api_id` and no more.
    fn is_error(&self, status: u16, error: &str);
    fn is_unauthorized(&self);
}

impl Expect for Answer {
    #[track_caller]
    fn is_error(&self, status: u16, error: &str) {
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        assert_eq!((self.status, body["error"].as_str().unwrap()), (status, error));
        assert_eq!(body["api_id"], self.header("x-request-id"));
        assert_eq!(body.as_object().unwrap().len(), 2);
    }

    #[track_caller]
    fn is_unauthorized(&self) {
        let text = "Could not verify your access level for that URL.\n\
                    You have to login with proper credentials";
        assert_eq!((self.status, self.text().as_str()), (401, text));
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(self.header("www-authenticate"), r#"Basic realm="Login Required""#);
    }
}
