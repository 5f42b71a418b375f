//! Who may do what: every route, asked by everybody.

use axum::http::Method;
use testkit::{Answer, Client};
use vault::ACCESS_LIFE;

use crate::kit::{Kit, company, own, refused};

/// What a route answers.
struct Row {
    /// The end of its path, as the route table has it.
    route: &'static str,
    /// To the administrator of another account: on the first account's paths, and on its own.
    other: [Expected; 2],
    user: Expected,
    administrator: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Ok,
    OtherAccount,
    NotTheCompanys,
    NotThere,
}

use Expected::{NotTheCompanys, NotThere, Ok, OtherAccount};

/// The recording, and the job, is Alice's where the path is a user's, else the company's; the user
/// is Alice.
const ROWS: [Row; 16] = [
    Row {
        route: "GET accounts/{account_id}/company_call_recordings",
        other: [OtherAccount, Ok],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/company_call_recordings/{recording_id}",
        other: [OtherAccount, NotThere],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "DELETE accounts/{account_id}/company_call_recordings/{recording_id}",
        other: [OtherAccount, NotThere],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/company_call_recordings/transcriptions",
        other: [OtherAccount, Ok],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/users/{user_id}/call_recordings",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/users/{user_id}/call_recordings/{recording_id}",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "DELETE accounts/{account_id}/users/{user_id}/call_recordings/{recording_id}",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "GET audio/recording/{recording_id}",
        other: [NotThere, NotThere],
        user: NotThere,
        administrator: Ok,
    },
    Row {
        route: "GET transcription/{recording_id}",
        other: [NotThere, NotThere],
        user: NotThere,
        administrator: NotThere,
    },
    Row {
        route: "POST accounts/{account_id}/company_call_recordings/export",
        other: [OtherAccount, Ok],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "POST accounts/{account_id}/company_call_recordings/recordings_transcriptions/export",
        other: [OtherAccount, Ok],
        user: NotTheCompanys,
        administrator: Ok,
    },
    Row {
        route: "POST accounts/{account_id}/users/{user_id}/call_recordings/export",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/users/{user_id}/call_recordings/jobs",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "GET accounts/{account_id}/users/{user_id}/call_recordings/jobs/{job_id}",
        other: [OtherAccount, NotThere],
        user: Ok,
        administrator: Ok,
    },
    Row {
        route: "GET bulkDownload/retrieve",
        other: [NotThere, NotThere],
        user: NotThere,
        administrator: Ok,
    },
    Row {
        route: "GET bulkDownload/recordings_transcriptions/retrieve",
        other: [NotThere, NotThere],
        user: NotThere,
        administrator: Ok,
    },
];

/// What needs no token.
const OPEN: [&str; 2] = ["POST /token", "POST /t/vbc.prod/oauth2/token"];

impl Expected {
    #[track_caller]
    fn check(self, answer: &Answer, what: &str) {
        let because = |detail| {
            assert!(answer.status >= 400, "{what}: {}", answer.status);
            assert_eq!(answer.json()["detail"], detail, "{what}");
        };
        match self {
            Ok => assert!([200, 202, 204].contains(&answer.status), "{what}: {}", answer.text()),
            OtherAccount => {
                because("User is not permitted to make a request against this account");
                assert_eq!(answer.status, 403, "{what}");
            }
            NotTheCompanys => {
                because("User is not authorized to search CCR recordings for this account");
                assert_eq!(answer.status, 403, "{what}");
            }
            NotThere => {
                because("not found");
                assert_eq!(answer.status, 404, "{what}");
            }
        }
    }
}

struct Asked<'a> {
    kit: &'a Kit,
    method: Method,
    path: &'a str,
    /// Complete exports: of Alice's recordings, and of the company's.
    jobs: &'a [String; 2],
}

impl Asked<'_> {
    /// Asks with the path's names filled in: a recording is made for each time.
    async fn by(&self, client: &Client, account: &str) -> Answer {
        let number = if self.path.contains("{user_id}") {
            self.kit.on_demand(&self.kit.alice).await
        } else {
            self.kit.company().await
        };
        let [of_alice, of_company] = self.jobs;
        let path = self
            .path
            .replace("/retrieve", &format!("/retrieve?job_id={of_company}"))
            .replace("{job_id}", of_alice)
            .replace("{account_id}", account)
            .replace("{user_id}", &self.kit.alice.user_id.to_string())
            .replace("{recording_id}", &number.to_string());
        client.request(self.method.clone(), path).send().await
    }
}

/// Asks for an export; the job's id.
async fn job(client: &Client, path: String) -> String {
    let answer = client.post(path).send().await.json();
    answer["job_ids"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_route_is_for_those_who_may() {
    let kit = Kit::new().await;
    let other = kit.test.account("other").await;
    let stranger = kit.test.stranger();
    let expired = kit.test.administrator(&kit.account).await;
    kit.test.clock.advance(ACCESS_LIFE);
    let of_other = kit.test.administrator(&other).await;
    let administrator = kit.test.administrator(&kit.account).await;
    let user = kit.test.tokens(&kit.account, &kit.alice).await.access_token;
    let user = stranger.with_token(&user);
    let account = kit.half().account_id.to_string();
    let jobs = [job(&user, own("/export")).await, job(&administrator, company("/export")).await];
    kit.test.work().await;

    for (method, path) in vonage::table() {
        let name = format!("{method} {path}");
        if OPEN.contains(&name.as_str()) {
            continue;
        }
        let (_, end) = path.split_once("/api/").unwrap();
        let end = format!("{method} {end}");
        let row = ROWS.iter().find(|row| row.route == end);
        let row = row.unwrap_or_else(|| panic!("nobody says who may {end}"));
        let asked = Asked { kit: &kit, method, path: &path, jobs: &jobs };

        let basic = stranger.signed_in_as(kit.account.auth_id.as_str(), &kit.account.auth_token);
        for nobody in [&stranger, &stranger.with_token("wrong"), &expired, &basic] {
            let answer = asked.by(nobody, &account).await;
            let why = "the access token is missing, unknown or too old";
            refused(&answer, 401, "Problem with provided token", why);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"callvault\"");
        }
        row.other[0].check(&asked.by(&of_other, &account).await, &name);
        row.other[1].check(&asked.by(&of_other, "self").await, &name);
        for account in ["self", &account] {
            row.user.check(&asked.by(&user, account).await, &name);
            row.administrator.check(&asked.by(&administrator, account).await, &name);
        }
    }
}

#[tokio::test]
async fn whose_recordings_a_path_may_name() {
    let kit = Kit::new().await;
    let (bob, _) = kit.test.user(&kit.account, "bob").await;
    let other = kit.test.account("other").await;
    let stranger = other.vonage.unwrap().user.user_id;
    let path = |user: &str| {
        format!("/t/vbc.prod/call_recording/api/accounts/self/users/{user}/call_recordings")
    };
    let administrator = kit.half().user.user_id;
    for user in [bob.user_id, stranger, administrator] {
        let answer = kit.as_alice.get(path(&user.to_string())).send().await;
        let why = "only an administrator of the account may do this";
        refused(&answer, 403, "Forbidden", why);
    }
    let alice = kit.alice.user_id;
    for user in ["self".to_owned(), alice.to_string(), bob.user_id.to_string()] {
        assert_eq!(kit.administrator.get(path(&user)).send().await.status, 200, "{user}");
    }
    for user in [stranger.to_string(), "999999".to_owned(), format!("0{alice}"), "alice".to_owned()]
    {
        let answer = kit.administrator.get(path(&user)).send().await;
        refused(&answer, 404, "Not Found", "not found");
    }
    for account in ["0", "SELF", "x", "99999999999999999999", "%20self"] {
        let path =
            format!("/t/vbc.prod/call_recording/api/accounts/{account}/company_call_recordings");
        let answer = kit.administrator.get(path).send().await;
        let why = "User is not permitted to make a request against this account";
        refused(&answer, 403, "Forbidden", why);
    }
}
