//! Answers that are delivered to a customer's own server, later and perhaps more than once.

use std::fmt;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use store::{
    Account, AuthId, Delivery, DeliveryAttempt, DeliveryId, DeliveryState, Dialect, NewDelivery,
    RecordingId, RetryOn, Tx,
};

use crate::guard::{Taken, take};
use crate::jobs::Work;
use crate::{Caller, Error, Result, Spoken, Vault};

/// What carries answers out of the house: the program's, which knows dialects and the network.
pub trait Outbound: fmt::Debug + Send + Sync {
    /// Why nothing is ever sent to this URL, as far as its form tells.
    fn refusal(&self, url: &str) -> Option<String>;

    /// What a dialect says of a transcript that has ended: a JSON object of fields.
    fn transcribed(&self, dialect: Dialect, spoken: &Spoken) -> String;

    /// Tries once.
    fn send(&self, parcel: Parcel) -> BoxFuture<'static, Sent>;
}

/// A delivery, and what it is signed with.
pub struct Parcel {
    pub delivery: Delivery,
    /// The auth tokens of the account that asked: the current one, and during a rotation the one
    /// before.
    pub tokens: Vec<String>,
    /// The same of its main account, which may be itself.
    pub main_tokens: Vec<String>,
}

/// What came of trying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The server answered with this status.
    Answered(u16),
    /// No connection came about, and why.
    NoConnection(String),
    /// The connection was there, an answer was not, and why.
    NoAnswer(String),
    /// It must not be sent there, and why.
    Refused(String),
}

/// For how long deliveries are kept, whatever came of them.
const KEPT: Duration = Duration::from_hours(30 * 24);

impl Vault {
    /// Refuses a URL that nothing is ever sent to.
    pub(crate) fn check_destination(&self, url: &str) -> Result<()> {
        match self.inner.outbound.refusal(url) {
            Some(why) => Err(Error::invalid("url", why)),
            None => Ok(()),
        }
    }

    /// Takes an answer to be delivered, which tells of these recordings: when one of them is
    /// deleted, the delivery goes with it, and is not tried any more. Likewise with a transcript of
    /// which the answer `has_words`. [`Error::Invalid`] for a URL that nothing is sent to,
    /// [`Error::Unavailable`] where one was deleted just now.
    pub async fn deliver(
        &self,
        caller: &Caller,
        new: NewDelivery,
        about: Vec<RecordingId>,
        has_words: bool,
    ) -> Result<DeliveryId> {
        self.check_destination(&new.url)?;
        let (caller, now) = (caller.clone(), self.now());
        let queue = self.inner.store.write(move |tx| {
            Box::pin(async move {
                if !about.is_empty() {
                    tx.lock_account(caller.account.root()).await?;
                }
                let id = queue(tx, &caller.account, &new, now).await?;
                for recording in about {
                    if !tx.add_delivery_about(id, recording, has_words).await? {
                        let why = anyhow::anyhow!("{recording} was deleted just now");
                        return Err(store::Error::Unavailable(why));
                    }
                }
                Ok(id)
            })
        });
        let id = queue.await?;
        self.inner.work.notify_one();
        Ok(id)
    }

    /// Removes a recording for good, and takes an answer to be delivered: `gone`, or `missing`
    /// where it was not there or not the caller's. Both or neither. [`Error::Kept`] where it stays:
    /// then nothing is delivered.
    pub async fn delete_recording_and_deliver(
        &self,
        caller: &Caller,
        id: RecordingId,
        gone: NewDelivery,
        missing: NewDelivery,
    ) -> Result<DeliveryId> {
        self.check_destination(&gone.url)?;
        self.check_destination(&missing.url)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let answer = match take(tx, &caller, id, now).await? {
                    Taken::Yes => gone,
                    Taken::NoSuch => missing,
                    Taken::Kept(why) => return Ok(Err(Error::Kept(why))),
                };
                queue(tx, &caller.account, &answer, now).await.map(Ok)
            })
        });
        let id = write.await??;
        self.inner.work.notify_one();
        Ok(id)
    }

    /// Up to `limit` of the caller's deliveries, older than `before`; the newest first.
    pub async fn deliveries(
        &self,
        caller: &Caller,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let scope = caller.scope();
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.deliveries(scope, before, limit)));
        Ok(read.await?)
    }

    /// One of the caller's deliveries, with its attempts.
    pub async fn delivery(
        &self,
        caller: &Caller,
        id: DeliveryId,
    ) -> Result<(Delivery, Vec<DeliveryAttempt>)> {
        let scope = caller.scope();
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let Some(delivery) = reader.delivery(scope, id).await? else { return Ok(None) };
                let attempts = reader.delivery_attempts(id).await?;
                Ok(Some((delivery, attempts)))
            })
        });
        read.await?.ok_or(Error::NotFound)
    }

    /// Has a delivery that has ended, well or badly, tried once more from the beginning.
    /// [`Error::Conflict`] while it is still being tried.
    pub async fn replay_delivery(&self, caller: &Caller, id: DeliveryId) -> Result<()> {
        let (scope, now) = (caller.scope(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let Some(delivery) = tx.delivery(scope, id).await? else { return Ok(None) };
                let revived = tx.revive_delivery(id).await?;
                if revived {
                    let job = Work::deliver(&delivery).job(now).of(delivery.root_id, None);
                    tx.enqueue(&job).await?;
                }
                Ok(Some(revived))
            })
        });
        match write.await? {
            None => Err(Error::NotFound),
            Some(false) => Err(Error::Conflict("it is still being delivered".to_owned())),
            Some(true) => {
                self.inner.work.notify_one();
                Ok(())
            }
        }
    }

    /// Tries once; writes the attempt down, and queues the next one where there is one.
    pub(crate) async fn try_delivery(&self, id: DeliveryId, attempt: u32) -> Result<()> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.any_delivery(id)));
        let Some(delivery) = read.await? else { return Ok(()) };
        if delivery.attempts + 1 != attempt || delivery.state != DeliveryState::Pending {
            return Ok(()); // Done already: this is a job's second life.
        }
        let (tokens, main_tokens) = self.tokens_for(&delivery).await?;
        let parcel = Parcel { delivery: delivery.clone(), tokens, main_tokens };
        let (started, stopwatch) = (self.now(), Instant::now());
        let sent = self.inner.outbound.send(parcel).await;
        let duration = stopwatch.elapsed();

        let (state, tries_left) = after(&delivery, &sent);
        let (status, error) = match sent {
            Sent::Answered(status) => (Some(status), None),
            Sent::NoConnection(why) | Sent::NoAnswer(why) | Sent::Refused(why) => (None, Some(why)),
        };
        let attempt = DeliveryAttempt { attempt, started, duration, status, error };
        let next_at = self.now().plus(wait_after(&delivery, tries_left));
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let settled = tx.settle_delivery(id, &attempt, state, tries_left).await?;
                if settled && state == DeliveryState::Pending {
                    let again = Work::Deliver { delivery_id: id.0, attempt: attempt.attempt + 1 };
                    tx.enqueue(&again.job(next_at).of(delivery.root_id, None)).await?;
                }
                Ok(())
            })
        });
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }

    /// The tokens of the account that asked, and of its main account.
    async fn tokens_for(&self, delivery: &Delivery) -> Result<(Vec<String>, Vec<String>)> {
        let own = self.tokens_of(&delivery.auth_id).await?;
        let main = match &delivery.parent_auth_id {
            Some(parent) => self.tokens_of(parent).await?,
            None => own.clone(),
        };
        Ok((own, main))
    }

    async fn tokens_of(&self, auth_id: &AuthId) -> Result<Vec<String>> {
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        self.open_tokens(&account)
    }

    pub(crate) async fn forget_old_deliveries(&self) -> Result<()> {
        let expired = self.now().minus(KEPT);
        let forget = self.inner.store.write(move |tx| Box::pin(tx.forget_deliveries(expired)));
        forget.await?;
        Ok(())
    }
}

async fn queue(
    tx: &mut Tx,
    account: &Account,
    new: &NewDelivery,
    now: store::Time,
) -> store::Result<DeliveryId> {
    let id = tx.add_delivery(account.account_id, account.root(), new, now).await?;
    let first = Work::Deliver { delivery_id: id.0, attempt: 1 };
    tx.enqueue(&first.job(now).of(account.root(), None)).await?;
    Ok(id)
}

/// What an attempt makes of a delivery.
fn after(delivery: &Delivery, sent: &Sent) -> (DeliveryState, u32) {
    let failure = match sent {
        Sent::Answered(200..=299) => return (DeliveryState::Delivered, 0),
        Sent::Answered(400..=499) => RetryOn::STATUS_4XX,
        Sent::Answered(500..=599) => RetryOn::STATUS_5XX,
        Sent::Answered(_) => RetryOn::OTHER,
        Sent::NoConnection(_) => RetryOn::CONNECT,
        Sent::NoAnswer(_) => RetryOn::READ,
        Sent::Refused(_) => RetryOn::NOTHING,
    };
    let tries_left = delivery.tries_left.saturating_sub(1);
    if tries_left > 0 && delivery.new.policy.retry_on.has(failure) {
        (DeliveryState::Pending, tries_left)
    } else {
        (DeliveryState::Failed, 0)
    }
}

/// 2 s before the first retry, then doubling.
fn wait_after(delivery: &Delivery, tries_left: u32) -> Duration {
    let retry = (delivery.new.policy.retries + 1).saturating_sub(tries_left).min(10);
    Duration::from_secs(2_u64.saturating_pow(retry))
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}
