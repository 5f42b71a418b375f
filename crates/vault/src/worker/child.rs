//! The child's side.

use std::fs::File;
use std::io::{BufRead as _, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use audio::Limits;
use rlimit::Resource;

use super::Tools;
use super::wire::{self, Outcome, Task};

const MEMORY: u64 = 512 << 20;
/// In seconds, of all the files together that a worker probes. The parent's patience with one of
/// them is shorter.
const CPU_TIME: u64 = 3_600;

/// Does tasks from stdin until it ends. What `callvault worker` runs; single-threaded, before
/// anything else of the program is set up.
pub fn worker_main() -> anyhow::Result<()> {
    limit_myself()?;
    let mut limited = false;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let task: Task = serde_json::from_str(&line?).context("a task that is none")?;
        if !limited {
            // Before any stranger's byte is read. It cannot be raised again.
            let (most, seconds) = match &task {
                Task::Probe { .. } => (0, CPU_TIME),
                Task::Make { most_bytes, cpu_seconds, .. } => (*most_bytes, *cpu_seconds),
            };
            Resource::FSIZE.set(most, most).context("limiting files")?;
            Resource::CPU.set(seconds, seconds).context("limiting time")?;
            limited = true;
        }
        let outcome = match task {
            Task::Probe { path } => probe(path.as_ref()),
            Task::Make { from, to, product, lame, dtln, .. } => {
                let dtln = dtln.map(|models| models.map(PathBuf::from));
                make(from.as_ref(), to.as_ref(), product, &Tools { lame: lame.into(), dtln })
            }
        };
        serde_json::to_writer(&mut out, &outcome)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn probe(path: &Path) -> Outcome {
    let probed = File::open(path)
        .map_err(audio::Error::from)
        .and_then(|file| audio::probe(file, &Limits::default()));
    match probed {
        Ok(probe) => Outcome::Probed(probe.into()),
        Err(audio::Error::Io(error)) => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

fn make(from: &Path, to: &Path, product: wire::Product, tools: &Tools) -> Outcome {
    let Some(product) = product.into_product() else {
        return Outcome::Failed("no such product".to_owned());
    };
    match super::make_file(from, to, &product, tools) {
        Ok(()) => Outcome::Made,
        Err(audio::Error::NoEncoder(why)) => Outcome::NoEncoder(why),
        Err(audio::Error::Io(error)) if error.kind() == ErrorKind::StorageFull => Outcome::NoSpace,
        Err(audio::Error::Io(error)) => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

fn limit_myself() -> anyhow::Result<()> {
    let limits = [(Resource::AS, MEMORY), (Resource::NOFILE, 32), (Resource::CORE, 0)];
    for (resource, limit) in limits {
        resource.set(limit, limit).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}
