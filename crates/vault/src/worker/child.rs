//! The child's side.

use std::fs::File;
use std::io::{BufRead as _, Write as _};

use anyhow::Context as _;
use audio::Limits;
use rlimit::Resource;

use super::wire::{Outcome, Task};

const MEMORY: u64 = 512 << 20;
/// In seconds, of all its tasks together. The parent's patience with one task is shorter.
const CPU_TIME: u64 = 3_600;

/// Does tasks from stdin until it ends. What `callvault worker` runs; single-threaded, before
/// anything else of the program is set up.
pub fn worker_main() -> anyhow::Result<()> {
    limit_myself()?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let task: Task = serde_json::from_str(&line?).context("a task that is none")?;
        let outcome = match task {
            Task::Probe { path } => probe(path.as_ref()),
        };
        serde_json::to_writer(&mut out, &outcome)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn probe(path: &std::path::Path) -> Outcome {
    let probed = File::open(path)
        .map_err(audio::Error::from)
        .and_then(|file| audio::probe(file, &Limits::default()));
    match probed {
        Ok(probe) => Outcome::Probed(probe.into()),
        Err(audio::Error::Io(error)) => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

fn limit_myself() -> anyhow::Result<()> {
    let limits = [
        (Resource::AS, MEMORY),
        (Resource::CPU, CPU_TIME),
        (Resource::FSIZE, 0),
        (Resource::NOFILE, 32),
        (Resource::CORE, 0),
    ];
    for (resource, limit) in limits {
        resource.set(limit, limit).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}
