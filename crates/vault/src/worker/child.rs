//! The child's side.

use std::fs::File;
use std::io::{BufRead as _, ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use audio::Limits;
use rlimit::Resource;

use super::wire::{self, Outcome, Task};

const MEMORY: u64 = 512 << 20;
/// In seconds, of all its tasks together. The parent's patience with one task is shorter.
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
            let most = match &task {
                Task::Probe { .. } => 0,
                Task::Make { most_bytes, .. } => *most_bytes,
            };
            Resource::FSIZE.set(most, most).context("limiting files")?;
            limited = true;
        }
        let outcome = match task {
            Task::Probe { path } => probe(path.as_ref()),
            Task::Make { from, to, product, lame, .. } => {
                make(from.as_ref(), to.as_ref(), product, lame.as_ref())
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

fn make(from: &Path, to: &Path, product: wire::Product, lame: &Path) -> Outcome {
    let Some(product) = product.into_product() else {
        return Outcome::Failed("no such product".to_owned());
    };
    match super::make_file(from, to, &product, lame) {
        Ok(()) => Outcome::Made,
        Err(audio::Error::NoEncoder(why)) => Outcome::NoEncoder(why),
        Err(audio::Error::Io(error)) if error.kind() == ErrorKind::StorageFull => Outcome::NoSpace,
        Err(audio::Error::Io(error)) => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

fn limit_myself() -> anyhow::Result<()> {
    let limits = [
        (Resource::AS, MEMORY),
        (Resource::CPU, CPU_TIME),
        (Resource::NOFILE, 32),
        (Resource::CORE, 0),
    ];
    for (resource, limit) in limits {
        resource.set(limit, limit).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}
