//! The parent's side: a few long-lived children, each replaced when it breaks or grows old.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context as _;
use audio::Probe;
use speech::Models;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::error::Elapsed;

use super::hearing::{self, Allowance, Heard, Hearing};
use super::wire::{Outcome, Task};
use super::{Making, Product, TASK_TIME, TASKS, not_convertible};
use crate::{Error, Result};

/// Up to so many worker processes.
#[derive(Debug)]
pub struct Pool {
    program: PathBuf,
    turns: Semaphore,
    /// Of what is made, which must not keep uploads waiting.
    slow_turns: Semaphore,
    /// Of what nobody waits for, which must keep neither waiting.
    background_turns: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    tasks: u32,
}

impl Pool {
    pub(super) fn new(program: PathBuf, count: usize) -> Self {
        Self {
            program,
            turns: Semaphore::new(count.max(1)),
            slow_turns: Semaphore::new((count / 2).max(1)),
            background_turns: Semaphore::new((count / 2).max(1)),
            idle: Mutex::new(Vec::new()),
        }
    }

    pub(super) async fn probe(&self, path: &Path) -> Result<Probe> {
        let task = Task::Probe { path: path.into() };
        let unknown = || Error::Internal(anyhow::anyhow!("the worker answered with riddles"));
        match self.run(&task).await? {
            Outcome::Probed(probed) => probed.into_probe().ok_or_else(unknown),
            Outcome::Refused(why) => Err(Error::NotAudio(why)),
            Outcome::Failed(why) => Err(Error::Internal(anyhow::anyhow!("probing: {why}"))),
            Outcome::Made | Outcome::NoEncoder(_) | Outcome::NoSpace => Err(unknown()),
        }
    }

    /// Makes it in a process of its own, whose limits fit this one file.
    pub(super) async fn make(&self, making: &Making<'_>) -> Result<()> {
        let task = Task::Make {
            from: making.from.as_os_str().to_owned(),
            to: making.to.as_os_str().to_owned(),
            product: making.product.clone().into(),
            most_bytes: making.most_bytes,
            cpu_seconds: making.patience.as_secs(),
            lame: making.tools.lame.as_os_str().to_owned(),
            dtln: making.tools.dtln.clone().map(|models| models.map(PathBuf::into_os_string)),
        };
        let turns = match making.product {
            Product::Denoised => &self.background_turns,
            Product::Audio { .. } | Product::Peaks(_) => &self.slow_turns,
        };
        let _turn = turns.acquire().await.map_err(anyhow::Error::from)?;
        let mut worker = Worker::start(&self.program)?;
        let outcome = tokio::time::timeout(making.patience, worker.run(&task)).await;
        match outcome.map_err(anyhow::Error::from).flatten() {
            Ok(Outcome::Made) => Ok(()),
            Ok(Outcome::NoEncoder(why)) => Err(Error::NoSuchForm(why)),
            Ok(Outcome::Refused(why)) => Err(not_convertible(&why)),
            Ok(Outcome::NoSpace) => Err(Error::NoSpace),
            Ok(Outcome::Failed(why)) => Err(anyhow::anyhow!("converting: {why}").into()),
            Ok(Outcome::Probed(_)) => Err(anyhow::anyhow!("the worker answered riddles").into()),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a worker broke on a conversion");
                Err(not_convertible("it exceeds the limits"))
            }
        }
    }

    /// Tells what was said, in a process of its own. Its caller knows how many may run at once.
    pub(super) async fn hear(&self, hearing: &Hearing<'_>, models: &Models) -> Result<Heard> {
        let model_bytes = tokio::fs::metadata(&models.whisper).await.map_or(0, |file| file.len());
        let allowance = Allowance::of(hearing, model_bytes);
        let task = Task::Hear {
            from: hearing.from.as_os_str().to_owned(),
            to: hearing.to.as_os_str().to_owned(),
            models: models.into(),
            language: hearing.hints.language.clone(),
            memory_bytes: allowance.memory_bytes,
            cpu_seconds: allowance.cpu_time.as_secs(),
            file_bytes: allowance.file_bytes,
        };
        let mut worker = Worker::start(&self.program)?;
        let outcome = tokio::time::timeout(allowance.patience(), worker.run(&task)).await;
        Ok(match outcome.map_err(anyhow::Error::from).flatten() {
            Ok(Outcome::Made) => Heard::Said(hearing::result(hearing.to).await?),
            Ok(Outcome::Refused(why)) => Heard::Refused(why),
            Ok(Outcome::Failed(why)) => Heard::Broke(why),
            Ok(Outcome::NoEncoder(_) | Outcome::NoSpace | Outcome::Probed(_)) => {
                Heard::Broke("the worker answered riddles".to_owned())
            }
            Err(error) => Heard::Broke(format!("the engine broke: {error:#}")),
        })
    }

    /// Has a task done. A worker that breaks on it is replaced, once: the first may have been old,
    /// or killed from outside. Where the second breaks too, it is the file's doing.
    async fn run(&self, task: &Task) -> Result<Outcome> {
        let _turn = self.turns.acquire().await.map_err(anyhow::Error::from)?;
        let worker = self.take_idle().map_or_else(|| self.start(), Ok)?;
        match self.run_on(worker, task).await {
            Ok(outcome) => return Ok(outcome),
            // A second one would be no faster.
            Err(error) if error.is::<Elapsed>() => return Err(undecodable()),
            Err(error) => tracing::warn!(error = format!("{error:#}"), "a worker broke"),
        }
        self.run_on(self.start()?, task).await.map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "its successor broke too");
            // None of the limits kills so early: somebody else does, for lack of memory perhaps.
            let killed = |Ended(status): &Ended| status.signal() == Some(SIGKILL);
            if error.downcast_ref().is_some_and(killed) {
                return unavailable();
            }
            undecodable()
        })
    }

    fn start(&self) -> Result<Worker> {
        Worker::start(&self.program).map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "no worker could be started");
            unavailable()
        })
    }

    async fn run_on(&self, mut worker: Worker, task: &Task) -> anyhow::Result<Outcome> {
        // Dropped on any error, and then killed.
        let outcome = tokio::time::timeout(TASK_TIME, worker.run(task)).await??;
        worker.tasks += 1;
        if worker.tasks < TASKS {
            self.idle.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.push(worker);
        }
        Ok(outcome)
    }

    fn take_idle(&self) -> Option<Worker> {
        self.idle.lock().ok()?.pop()
    }
}

/// A worker that ended instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("it ended: {0}")]
struct Ended(ExitStatus);

const SIGKILL: i32 = 9;

fn undecodable() -> Error {
    Error::NotAudio("the audio cannot be decoded within the limits".to_owned())
}

fn unavailable() -> Error {
    Error::Unavailable { what: "workers", retry_after: Duration::from_secs(5) }
}

impl Worker {
    fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("worker")
            .env_clear() // It needs nothing, least of all our secrets.
            // In KiB. The program's allocator would otherwise map a gigabyte before the worker
            // can limit itself, and a limit does not take back what is mapped.
            .env("MIMALLOC_ARENA_RESERVE", "16384")
            // In ms. What is free goes back at once: DTLN's tensors would else heap up.
            .env("MIMALLOC_PURGE_DELAY", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("starting a worker")?;
        let input = child.stdin.take().context("a worker without stdin")?;
        let output = BufReader::new(child.stdout.take().context("a worker without stdout")?);
        Ok(Self { child, input, output, tasks: 0 })
    }

    async fn run(&mut self, task: &Task) -> anyhow::Result<Outcome> {
        let mut line = serde_json::to_string(task)?;
        line.push('\n');
        self.input.write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        self.output.read_line(&mut answer).await?;
        if answer.is_empty() {
            return Err(Ended(self.child.wait().await?).into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

#[cfg(test)]
mod tests;
