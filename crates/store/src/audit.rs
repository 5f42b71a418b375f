//! The audit log: what was done to an account's recordings and settings, entry by entry, each with
//! a hash that goes over the one before it. The tables refuse to change or lose an entry.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::recording::words;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, Value, values};
use crate::{AccountId, Result, Time};

words!(
    /// What was done.
    AuditAction {
        Listen = "listen",
        Read = "read",
        Search = "search",
        Transcribe = "transcribe",
        Export = "export",
        Login = "login",
        Logout = "logout",
        Refused = "refused",
        Delete = "delete",
        DeleteTranscript = "delete_transcript",
        HoldOn = "hold_on",
        HoldOff = "hold_off",
        Settings = "settings",
        UserAdd = "user_add",
        UserChange = "user_change",
        UserRemove = "user_remove",
        SubaccountAdd = "subaccount_add",
        Credentials = "credentials",
        PolicyAdd = "policy_add",
        PolicyChange = "policy_change",
        PolicyRemove = "policy_remove",
        RuleAdd = "rule_add",
        RuleChange = "rule_change",
        RuleRemove = "rule_remove",
        RunStart = "run_start",
        RunStop = "run_stop",
        RunConfirm = "run_confirm",
        RunCancel = "run_cancel",
        RunEnd = "run_end",
        Retry = "retry",
    }
);

/// Something to be told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewAuditEntry {
    pub at: Time,
    /// An Auth ID, `user 745249`, `policy 3`, `operator` or `anybody`.
    pub who: String,
    /// The address that it came from, over a network.
    pub source: Option<String>,
    pub action: AuditAction,
    /// What it was done to: a recording's id, an Auth ID, `user 745249`, `hold 1`, `policy 3`, `rule 5`,
    /// `run 7`, `export 3f…`.
    pub subject: Option<String>,
    /// A JSON object.
    pub detail: String,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// 1 is an account's first; there are no gaps.
    pub entry: u64,
    pub told: NewAuditEntry,
    pub hash: [u8; 32],
}

impl AuditEntry {
    /// The hash that it must have after an entry with that one: SHA-256 of the hash before (32 zero
    /// bytes before the first) and of the canonical bytes.
    ///
    /// Those are the fields in this order, each as its length in bytes in decimal, a colon, its
    /// bytes in UTF-8 and a comma: `entry` and `at` (microseconds since 1970) in decimal, `who`,
    /// `source` (empty where there is none), `action`, `subject` (likewise), `detail`.
    pub fn hash_after(&self, before: &[u8; 32]) -> [u8; 32] {
        chained(before, self.entry, &self.told)
    }
}

fn chained(before: &[u8; 32], entry: u64, told: &NewAuditEntry) -> [u8; 32] {
    let (entry, at) = (entry.to_string(), told.at.as_micros().to_string());
    let fields = [
        entry.as_str(),
        &at,
        &told.who,
        told.source.as_deref().unwrap_or_default(),
        told.action.as_str(),
        told.subject.as_deref().unwrap_or_default(),
        &told.detail,
    ];
    let mut canonical = String::new();
    for field in fields {
        let _ = write!(canonical, "{}:{field},", field.len());
    }
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(canonical);
    hash.finalize().into()
}

/// Which entries. Every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub action: Option<AuditAction>,
    pub who: Option<String>,
    pub subject: Option<String>,
    /// At or after.
    pub from: Option<Time>,
    /// Before.
    pub until: Option<Time>,
    /// Only entries with a smaller number.
    pub before: Option<u64>,
}

/// Where a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    pub entries: u64,
    pub hash: [u8; 32],
}

const COLUMNS: &str = "entry, at, who, source, action, subject, detail, hash";

statements! {
    ADD_HEAD = "insert into audit_head (root_id, entries, hash) values ($1, 0, $2)";
    HEAD = "select entries, hash from audit_head where root_id = $1";
    HEADS = "select root_id from audit_head order by root_id";
    SET_HEAD = "update audit_head set entries = $2, hash = $3 where root_id = $1";
    APPEND = "insert into audit (root_id, entry, at, who, source, action, subject, detail, hash) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    AFTER = "select entry, at, who, source, action, subject, detail, hash from audit \
             where root_id = $1 and entry > $2 order by entry limit $3";
}

/// The statement of a filtered list with all conditions present, to be checked at the start.
pub(crate) fn statement() -> (&'static str, String) {
    let text = || Some(String::new());
    let time = Some(Time::from_micros(0));
    let full = AuditFilter {
        action: Some(AuditAction::Listen),
        who: text(),
        subject: text(),
        from: time,
        until: time,
        before: Some(0),
    };
    ("audit list", list(AccountId(0), &full, 0).0)
}

fn list(root: AccountId, filter: &AuditFilter, limit: u32) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![root.into()];
    let mut sql = format!("select {COLUMNS} from audit where root_id = $1");
    let conditions: [(&str, Option<Value>); 6] = [
        ("action =", filter.action.map(|action| action.as_str().into())),
        ("who =", filter.who.as_deref().map(Value::from)),
        ("subject =", filter.subject.as_deref().map(Value::from)),
        ("at >=", filter.from.map(Value::from)),
        ("at <", filter.until.map(Value::from)),
        ("entry <", filter.before.map(Value::from)),
    ];
    for (condition, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            let _ = write!(sql, " and {condition} ${}", values.len());
        }
    }
    values.push(limit.into());
    let _ = write!(sql, " order by entry desc limit ${}", values.len());
    (sql, values)
}

impl Reader {
    /// The newest entries that match, the newest first.
    pub async fn audit(
        &mut self,
        root: AccountId,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let (sql, values) = list(root, filter, limit);
        self.0.rows(&sql, &values).await?.into_iter().map(read).collect()
    }

    /// The next entries, the oldest first.
    pub async fn audit_after(
        &mut self,
        root: AccountId,
        entry: u64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let rows = self.0.rows(AFTER, values![root, entry, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// The main accounts, each of which has a log.
    pub async fn audited_accounts(&mut self) -> Result<Vec<AccountId>> {
        self.0.rows(HEADS, &[]).await?.into_iter().map(|mut row| row.next()).collect()
    }

    pub async fn audit_head(&mut self, root: AccountId) -> Result<AuditHead> {
        self.head(HEAD, root).await
    }

    async fn head(&mut self, sql: &str, root: AccountId) -> Result<AuditHead> {
        let row = self.0.row(sql, values![root]).await?;
        let mut row = row.ok_or_else(|| crate::Error::row("an account has no log"))?;
        Ok(AuditHead { entries: row.next()?, hash: row.next()? })
    }
}

impl Tx {
    /// Begins the log of a new main account.
    pub(crate) async fn add_audit_head(&mut self, root: AccountId) -> Result<()> {
        self.0.0.execute(ADD_HEAD, values![root, &[0_u8; 32][..]]).await.map(drop)
    }

    /// Lets nobody else delete, hold or tell anything of this account until the transaction ends.
    /// Whoever does more than telling must ask for it first, before any other row: then what it
    /// decides by (holds, the run's place) stays true until it commits, and no two can wait for
    /// each other.
    pub async fn lock_account(&mut self, root: AccountId) -> Result<AuditHead> {
        // SQLite has one writer at a time.
        let lock = if self.0.0.is_postgres() { " for update" } else { "" };
        self.head(&format!("{HEAD}{lock}"), root).await
    }

    /// Appends to the account's log, in this order.
    pub async fn tell(&mut self, root: AccountId, told: &[NewAuditEntry]) -> Result<()> {
        if told.is_empty() {
            return Ok(());
        }
        let AuditHead { mut entries, mut hash } = self.lock_account(root).await?;
        for new in told {
            entries += 1;
            hash = chained(&hash, entries, new);
            let row = values![
                root,
                entries,
                new.at,
                new.who.as_str(),
                new.source.as_deref(),
                new.action.as_str(),
                new.subject.as_deref(),
                new.detail.as_str(),
                &hash[..],
            ];
            self.0.0.execute(APPEND, row).await?;
        }
        self.0.0.execute(SET_HEAD, values![root, entries, &hash[..]]).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<AuditEntry> {
    Ok(AuditEntry {
        entry: row.next()?,
        told: NewAuditEntry {
            at: row.next()?,
            who: row.next()?,
            source: row.next()?,
            action: row.word()?,
            subject: row.next()?,
            detail: row.next()?,
        },
        hash: row.next()?,
    })
}
