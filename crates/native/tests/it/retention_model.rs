//! Months of calls, holds and policies, held day by day against a model that shares nothing with
//! the program.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};
use testkit::{Answer, Client, Form, TestVault, sound};
use vault::{Clock, NewAccount, NewUser};

const POLICIES: &str = "/api/v1/retention/policies";
const DAYS: u32 = 92;
/// What the server comes to its work after, over and over.
const STEP: SignedDuration = SignedDuration::from_mins(30);

/// February's 29th; New York's clocks go forward on 12 March, Berlin's on the 26th.
#[tokio::test]
async fn three_months_with_a_leap_day_and_clocks_going_forward() {
    Life::new("2028-01-20T00:00:00Z", 1).await.live().await;
}

/// Berlin's clocks go back on 29 October, New York's on 5 November.
#[tokio::test]
async fn three_months_with_clocks_going_back() {
    Life::new("2028-09-10T00:00:00Z", 2).await.live().await;
}

/// What docs/retention.md says, and no more.
#[derive(Default)]
struct Model {
    calls: BTreeMap<String, Call>,
    holds: BTreeMap<i64, Value>,
    policies: BTreeMap<i64, Policy>,
    minimum: SignedDuration,
    /// The policy and slot of each run since it was last looked at.
    runs: BTreeSet<(i64, String)>,
}

struct Call {
    received: Timestamp,
    start: Timestamp,
    add_time: Timestamp,
    length: SignedDuration,
    extensions: Vec<&'static str>,
    numbers: [&'static str; 2],
    /// The other keys of a `where`.
    facts: Value,
    held: bool,
}

struct Policy {
    what: Value,
    schedule: &'static str,
    zone: &'static str,
    pending: SignedDuration,
    active_from: Timestamp,
    next: Option<Timestamp>,
}

impl Model {
    fn keeps(&self, call: &Call, now: Timestamp) -> bool {
        let held = call.held || self.holds.values().any(|what| call.is_meant(what, now));
        held || now < call.received + self.minimum
    }

    /// Those that are selected, and of them those that would go.
    fn selects(&self, what: &Value, now: Timestamp) -> (Vec<String>, Vec<String>) {
        let meant = self.calls.iter().filter(|(_, call)| call.is_meant(what, now));
        let free = meant.clone().filter(|(_, call)| !self.keeps(call, now));
        (meant.map(|(id, _)| id.clone()).collect(), free.map(|(id, _)| id.clone()).collect())
    }

    /// Runs the policies whose slots have come.
    fn work(&mut self, now: Timestamp) {
        let due = |policy: &Policy| policy.next.filter(|slot| *slot <= now);
        let due = self.policies.iter().filter_map(|(id, policy)| Some((*id, due(policy)?)));
        for (id, slot) in due.collect::<Vec<_>>() {
            let (_, gone) = self.selects(&self.policies[&id].what, now);
            self.calls.retain(|id, _| !gone.contains(id));
            self.runs.insert((id, slot.to_string()));
            self.policies.get_mut(&id).unwrap().go_on_after(now);
        }
    }
}

impl Call {
    fn is_meant(&self, what: &Value, now: Timestamp) -> bool {
        let age = if what["by"] == "add_time" { self.add_time } else { self.start };
        what.as_object().unwrap().iter().all(|(key, value)| match key.as_str() {
            "by" => true,
            "older_than" => age < now - span(value),
            "from" => age >= value.as_str().unwrap().parse().unwrap(),
            "until" => age < value.as_str().unwrap().parse().unwrap(),
            "shorter_than" => self.length < span(value),
            "longer_than" => self.length > span(value),
            "extension" => self.extensions.iter().any(|extension| value == extension),
            "number" => {
                let bare = |number: &str| number.trim_start_matches('+').to_owned();
                self.numbers.iter().any(|number| bare(number) == bare(value.as_str().unwrap()))
            }
            _ => self.facts[key] == *value,
        })
    }
}

impl Policy {
    fn go_on_after(&mut self, time: Timestamp) {
        self.next = Some(next_slot(self.schedule, self.zone, time.max(self.active_from)));
    }
}

/// A whole number and its unit.
fn span(value: &Value) -> SignedDuration {
    let (count, unit) = value.as_str().unwrap().split_at(value.as_str().unwrap().len() - 1);
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => 1,
    };
    SignedDuration::from_secs(count.parse::<i64>().unwrap() * seconds)
}

/// The first slot after that: a minute, an hour, and days of the month, months and days of the week
/// that are one number or any.
fn next_slot(schedule: &str, zone: &str, after: Timestamp) -> Timestamp {
    let fields: Vec<Option<i8>> = schedule.split(' ').map(|field| field.parse().ok()).collect();
    let zone = TimeZone::get(zone).unwrap();
    let first = after.to_zoned(zone.clone()).date().yesterday().unwrap();
    let is_one = |date: &Date| {
        let is_day = fields[2].map(|day| day == date.day());
        let weekday = date.weekday().to_sunday_zero_offset();
        let is_weekday = fields[4].map(|day| day % 7 == weekday);
        fields[3].is_none_or(|month| month == date.month())
            && match (is_day, is_weekday) {
                (Some(day), Some(weekday)) => day || weekday,
                (day, weekday) => day.or(weekday).unwrap_or(true),
            }
    };
    let slot = |date: Date| {
        let time = date.at(fields[1].unwrap(), fields[0].unwrap(), 0, 0);
        match zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).unwrap(),
            // Skipped: right after the gap.
            AmbiguousOffset::Gap { after, .. } => {
                let before_it = after.to_timestamp(time).unwrap();
                zone.following(before_it).next().unwrap().timestamp()
            }
            // Twice: the first time.
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).unwrap(),
        }
    };
    first.series(1.day()).filter(is_one).map(slot).find(|slot| *slot > after).unwrap()
}

/// The same random numbers for the same seed, on every machine (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        let at = self.below(u64::try_from(choices.len()).unwrap());
        choices[usize::try_from(at).unwrap()].clone()
    }

    fn days(&mut self, end: u64) -> SignedDuration {
        SignedDuration::from_secs(i64::try_from(self.below(end * 86_400)).unwrap())
    }
}

const KINDS: [&str; 2] = ["company", "on_demand"];
const DIRECTIONS: [&str; 3] = ["inbound", "outbound", "internal"];
const EXTENSIONS: [&str; 4] = ["101", "102", "103", "1010"];
const NUMBERS: [&str; 5] =
    ["+14155550100", "14155550100", "+14155550101", "+4930555010", "4930555011"];
const ZONES: [&str; 2] = ["Europe/Berlin", "America/New_York"];
/// In the gaps and folds, next to them, at month ends, on the leap day.
const SCHEDULES: [&str; 10] = [
    "0 3 * * 0",
    "30 2 * * *",
    "0 2 * * 0",
    "30 1 * * *",
    "0 1 * * 7",
    "0 0 1 * *",
    "30 23 31 * *",
    "0 4 29 * *",
    "30 12 15 * 3",
    "0 3 29 2 *",
];

/// Those that fall into each gap and each fold.
const LASTING: [(&str, &str); 3] =
    [("30 2 * * *", ZONES[0]), ("30 2 * * *", ZONES[1]), ("30 1 * * *", ZONES[1])];

/// An account's three months.
struct Life {
    test: TestVault,
    client: Client,
    accounts: [NewAccount; 2],
    users: [NewUser; 2],
    dice: Dice,
    model: Model,
    /// How many recordings the model has ever had.
    came: usize,
    refused: usize,
    runs: usize,
    last_run: i64,
}

impl Life {
    async fn new(start: &str, seed: u64) -> Self {
        let clock = Clock::standing_at(start.parse().unwrap());
        let test = TestVault::with(|config| config.clock = clock).await;
        let main = test.account("acme").await;
        let client = test.client(&main);
        let settings = json!({ "retention_pending": "12h", "retention_max_share": 1 });
        ok(&client.patch("/api/v1/account").json(&settings).send().await, 200);
        let users = [test.user(&main, "alice").await.0, test.user(&main, "bob").await.0];
        let accounts = [test.subaccount(&main, "sales").await, main];
        let (dice, model) = (Dice(seed), Model::default());
        Self {
            test,
            client,
            accounts,
            users,
            dice,
            model,
            came: 0,
            refused: 0,
            runs: 0,
            last_run: 0,
        }
    }

    fn now(&self) -> Timestamp {
        self.test.clock.now().timestamp()
    }

    async fn live(mut self) {
        for (schedule, zone) in LASTING {
            self.add_policy(schedule, zone).await;
        }
        let mut step = self.now();
        for day in 0..DAYS {
            // Now and then the server is down, for up to two days.
            if self.dice.one_in(15) {
                step += STEP * i32::try_from(self.dice.below(96)).unwrap();
            }
            for _ in 0..48 {
                let moment = i64::try_from(self.dice.below(1_799)).unwrap();
                self.test.clock.set((step + SignedDuration::from_secs(1 + moment)).into());
                if self.dice.one_in(8) {
                    self.receive().await;
                }
                if self.dice.one_in(16) {
                    self.do_something(day).await;
                }
                step += STEP;
                self.test.clock.set(step.into());
                self.test.work().await;
                self.model.work(step);
            }
            self.compare().await;
        }
        // What was looked at was worth it.
        let gone = self.came - self.model.calls.len();
        assert!(self.model.calls.len() > 20 && gone > 200, "{gone} of {}", self.came);
        assert!(self.runs > 100, "{}", self.runs);
        assert!(self.refused > 3, "{}", self.refused);
    }

    /// What is left is what the model says, and so are the schedules and a preview.
    async fn compare(&mut self) {
        let now = self.now();
        let mut left = self.recordings().await;
        left.sort();
        assert_eq!(left, self.model.calls.keys().cloned().collect::<Vec<_>>(), "at {now}");
        assert_eq!(self.test.audio_files().len(), left.len(), "at {now}");

        let shown = self.client.get(format!("{POLICIES}?limit=100")).send().await.json();
        let shown = shown["policies"].as_array().unwrap().iter();
        let shown: Vec<Value> =
            shown.map(|it| json!([it["policy_id"], it["status"], it["next_run"]])).collect();
        let meant = self.model.policies.iter().map(|(id, policy)| {
            let status = match policy.next {
                None => "paused",
                Some(_) if now < policy.active_from => "pending",
                Some(_) => "active",
            };
            json!([id, status, policy.next.map(|next| next.to_string())])
        });
        assert_eq!(shown, meant.collect::<Vec<_>>(), "at {now}");

        let runs = self.client.get("/api/v1/retention/runs?limit=100").send().await.json();
        let runs = runs["runs"].as_array().unwrap().iter();
        let runs: Vec<&Value> =
            runs.filter(|run| run["run_id"].as_i64().unwrap() > self.last_run).collect();
        for run in &runs {
            assert_eq!((&run["status"], &run["failed"]), (&json!("done"), &json!(0)), "{run}");
        }
        self.last_run = runs.first().map_or(self.last_run, |run| run["run_id"].as_i64().unwrap());
        self.runs += runs.len();
        let runs = runs.iter().map(|run| (run["policy_id"].as_i64().unwrap(), text(&run["slot"])));
        let mut runs: Vec<_> = runs.collect();
        runs.sort();
        let meant = std::mem::take(&mut self.model.runs);
        assert_eq!(runs, meant.into_iter().collect::<Vec<_>>(), "at {now}");

        let what = self.what();
        let body = json!({ "name": "x", "where": what });
        let preview = self.client.post("/api/v1/retention/preview").json(&body).send().await;
        ok(&preview, 200);
        let preview = preview.json();
        let (selected, free) = self.model.selects(&what, now);
        assert_eq!(
            (&preview["recordings"], &preview["would_delete"]),
            (&json!(selected.len()), &json!(free.len())),
            "{what} at {now}"
        );
    }

    async fn recordings(&self) -> Vec<String> {
        let list = format!("/v1/Account/{}/Recording/", self.accounts[1].auth_id);
        let mut found = Vec::new();
        loop {
            let page = format!("{list}?recording_storage_duration__gte=0&offset={}", found.len());
            let page = self.client.get(page).send().await.json();
            let page = page["objects"].as_array().unwrap();
            found.extend(page.iter().map(|recording| text(&recording["recording_id"])));
            if page.len() < 20 {
                return found;
            }
        }
    }

    async fn receive(&mut self) {
        let now = self.now();
        let dice = &mut self.dice;
        let milliseconds = 20 * (1 + dice.below(100));
        let length = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap());
        let wav = sound::wav(Duration::from_millis(milliseconds));
        let mut form = Form::new();
        let mut add_time = now;
        if dice.one_in(2) {
            add_time -= dice.days(40);
            form = form.text("add_time", &add_time.to_string());
        }
        let mut start = add_time - length;
        if dice.one_in(2) {
            start = now - dice.days(60);
            form = form.text("start", &start.to_string());
        }
        let account = dice.of(&[0, 1, 1]);
        let mut facts = json!({ "kind": dice.of(&KINDS), "direction": dice.of(&DIRECTIONS) });
        if account == 0 {
            facts["kind"] = "company".into();
            facts["subaccount"] = self.accounts[0].auth_id.as_str().into();
        } else if facts["kind"] == "on_demand" || dice.one_in(2) {
            facts["user_id"] = self.users[dice.of(&[0, 1])].user_id.0.into();
        }
        for (key, value) in facts.as_object().unwrap().iter().filter(|it| it.0 != "subaccount") {
            form = form.text(key, value.to_string().trim_matches('"'));
        }
        let numbers = [dice.of(&NUMBERS), dice.of(&NUMBERS)];
        let mut extensions = vec![dice.of(&EXTENSIONS), dice.of(&EXTENSIONS)];
        extensions.dedup();
        let form = form
            .text("from_number", numbers[0])
            .text("to_number", numbers[1])
            .text("extensions", &extensions.join(","))
            .file(&wav);
        let kept = self.test.recording_with(&self.accounts[account], form).await;
        let received = now;
        let call =
            Call { received, start, add_time, length, extensions, numbers, facts, held: false };
        self.model.calls.insert(text(&kept["recording_id"]), call);
        self.came += 1;
    }

    /// A `where` of one to three conditions.
    fn what(&mut self) -> Value {
        let mut what = json!({});
        for _ in 0..=self.dice.below(3) {
            let days = self.dice.days(50);
            let dice = &mut self.dice;
            let (key, value) = match dice.below(12) {
                0..3 => ("older_than", json!(format!("{}d", 2 + dice.below(30)))),
                3 => ("older_than", json!(format!("{}h", 30 + dice.below(500)))),
                4 => ("until", json!((self.test.clock.now().timestamp() - days).to_string())),
                5 => ("shorter_than", json!("1s")),
                6 => ("longer_than", json!("1s")),
                7 => ("kind", json!(dice.of(&KINDS))),
                8 => ("direction", json!(dice.of(&DIRECTIONS))),
                9 => ("extension", json!(dice.of(&EXTENSIONS))),
                10 => ("number", json!(dice.of(&NUMBERS))),
                _ if dice.one_in(2) => ("user_id", json!(self.users[dice.of(&[0, 1])].user_id.0)),
                _ => ("subaccount", json!(self.accounts[0].auth_id.as_str())),
            };
            what[key] = value;
        }
        if self.dice.one_in(3) {
            what["by"] = "add_time".into();
        }
        what
    }

    async fn do_something(&mut self, day: u32) {
        match self.dice.below(12) {
            0..3 => {
                let (schedule, zone) = (self.dice.of(&SCHEDULES), self.dice.of(&ZONES));
                self.add_policy(schedule, zone).await;
            }
            3..6 => self.change_policy().await,
            6 => self.put_hold_on_one().await,
            7 => self.lift_hold_on_one().await,
            8 => self.hold_by_query().await,
            9 => self.lift_hold_by_query().await,
            10 => self.delete_one().await,
            _ => {
                let minimum = SignedDuration::from_hours(i64::from(day));
                let body = json!({ "minimum_retention": format!("{day}h") });
                ok(&self.client.patch("/api/v1/account").json(&body).send().await, 200);
                self.model.minimum = minimum;
            }
        }
    }

    /// What a policy deletes: never too much, so that something is left to look at.
    fn policy_what(&mut self) -> Value {
        let mut what = self.what();
        if what.get("older_than").is_none() {
            what["older_than"] = format!("{}d", 3 + self.dice.below(20)).into();
        }
        what
    }

    async fn add_policy(&mut self, schedule: &'static str, zone: &'static str) {
        let what = self.policy_what();
        let pending = json!(format!("{}h", 12 + self.dice.below(80)));
        let body = json!({ "name": "x", "where": what, "schedule": schedule, "time_zone": zone,
            "pending": pending });
        let made = self.client.post(POLICIES).json(&body).send().await;
        ok(&made, 201);
        let (pending, next) = (span(&pending), None);
        let active_from = self.now() + pending;
        let mut policy = Policy { what, schedule, zone, pending, active_from, next };
        policy.go_on_after(self.now());
        self.model.policies.insert(made.json()["policy_id"].as_i64().unwrap(), policy);
    }

    async fn change_policy(&mut self) {
        let (now, what) = (self.now(), self.policy_what());
        let ids = self.model.policies.keys().copied().skip(LASTING.len()).collect::<Vec<_>>();
        if ids.is_empty() {
            return;
        }
        let id = self.dice.of(&ids);
        let path = format!("{POLICIES}/{id}");
        let policy = self.model.policies.get_mut(&id).unwrap();
        let was_paused = policy.next.is_none();
        let change = match self.dice.below(5) {
            0 => {
                ok(&self.client.delete(&path).send().await, 204);
                self.model.policies.remove(&id);
                return;
            }
            1 => {
                policy.what = what.clone();
                policy.active_from = now + policy.pending;
                json!({ "where": what })
            }
            2 => {
                let before = (policy.schedule, policy.zone);
                policy.schedule = self.dice.of(&SCHEDULES);
                policy.zone = self.dice.of(&ZONES);
                if before != (policy.schedule, policy.zone) {
                    policy.active_from = now + policy.pending;
                }
                json!({ "schedule": policy.schedule, "time_zone": policy.zone })
            }
            3 => json!({ "name": "y" }),
            _ => json!({ "paused": !was_paused }),
        };
        policy.go_on_after(now);
        if change["paused"].as_bool().unwrap_or(was_paused) {
            policy.next = None;
        }
        ok(&self.client.patch(&path).json(&change).send().await, 200);
    }

    /// One of the recordings, if there is one like that.
    fn one(&mut self, is_one: impl Fn(&Call) -> bool) -> Option<String> {
        let calls = self.model.calls.iter().filter(|(_, call)| is_one(call));
        let ids: Vec<String> = calls.map(|(id, _)| id.clone()).collect();
        (!ids.is_empty()).then(|| self.dice.of(&ids))
    }

    async fn put_hold_on_one(&mut self) {
        let Some(id) = self.one(|_| true) else { return };
        let put = self.client.put(format!("/api/v1/recordings/{id}/hold"));
        ok(&put.json(&json!({ "reason": "case 17" })).send().await, 204);
        self.model.calls.get_mut(&id).unwrap().held = true;
    }

    async fn lift_hold_on_one(&mut self) {
        let Some(id) = self.one(|call| call.held) else { return };
        let lift = format!("/api/v1/recordings/{id}/hold?reason=settled");
        ok(&self.client.delete(lift).send().await, 204);
        self.model.calls.get_mut(&id).unwrap().held = false;
    }

    async fn hold_by_query(&mut self) {
        let what = self.what();
        let body = json!({ "reason": "case 18", "where": what });
        let made = self.client.post("/api/v1/holds").json(&body).send().await;
        ok(&made, 201);
        self.model.holds.insert(made.json()["hold_id"].as_i64().unwrap(), what);
        if self.model.holds.len() > 3 {
            self.lift_hold_by_query().await;
        }
    }

    async fn lift_hold_by_query(&mut self) {
        let ids: Vec<i64> = self.model.holds.keys().copied().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.dice.of(&ids);
        let lift = format!("/api/v1/holds/{id}?reason=settled");
        ok(&self.client.delete(lift).send().await, 204);
        self.model.holds.remove(&id);
    }

    async fn delete_one(&mut self) {
        let Some(id) = self.one(|_| true) else { return };
        let is_kept = self.model.keeps(&self.model.calls[&id], self.now());
        let answer = self.client.delete(format!("/api/v1/recordings/{id}")).send().await;
        ok(&answer, if is_kept { 403 } else { 204 });
        if is_kept {
            self.refused += 1;
        } else {
            self.model.calls.remove(&id);
        }
    }
}

#[track_caller]
fn ok(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
