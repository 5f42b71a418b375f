//! The child's side.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use audio::Limits;
use rlimit::Resource;
use speech::Hints;

use super::Tools;
use super::hearing::{Failure, hear_into};
use super::wire::{self, Outcome, Task};

const MEMORY: u64 = 512 << 20;
/// Of all the files together that a worker probes. The parent's patience with one of them is
/// shorter.
const PROBING: Duration = Duration::from_hours(1);
/// Whoever waits for an answer comes first.
const NICE: i32 = 15;

/// Does tasks from stdin until it ends. What `callvault worker` runs; single-threaded, before
/// anything else of the program is set up.
pub fn worker_main() -> anyhow::Result<()> {
    let mut limited = false;
    let mut out = std::io::stdout().lock();
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line)? > 0 {
        let task: Task = serde_json::from_str(&line).context("a task that is none")?;
        if !limited {
            // Before any stranger's byte is read. It cannot be raised again.
            limit_myself(&task)?;
            limited = true;
        }
        let outcome = match task {
            Task::Probe { path } => probe(path.as_ref()),
            Task::Make { from, to, product, lame, dtln, .. } => {
                let dtln = dtln.map(|models| models.map(PathBuf::from));
                make(from.as_ref(), to.as_ref(), product, &Tools { lame: lame.into(), dtln })
            }
            Task::Hear { from, to, models, language, .. } => {
                end_with_the_parent();
                let hints = Hints { language };
                match hear_into(from.as_ref(), to.as_ref(), models.into(), &hints) {
                    Ok(()) => Outcome::Made,
                    Err(Failure::Refused(why)) => Outcome::Refused(why),
                    Err(Failure::Failed(why)) => Outcome::Failed(why),
                }
            }
        };
        serde_json::to_writer(&mut out, &outcome)?;
        out.write_all(b"\n")?;
        out.flush()?;
        line.clear();
    }
    Ok(())
}

/// Other tasks are short, and the end of input is seen after them. This one may take hours: it must
/// not be done for nobody, beside whoever does it again.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        while std::io::stdin().read(&mut rest).is_ok_and(|read| read > 0) {}
        #[expect(clippy::exit, reason = "the other thread cannot be asked to stop")]
        std::process::exit(1);
    });
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

fn limit_myself(task: &Task) -> anyhow::Result<()> {
    let (memory, cpu_seconds, file) = match task {
        Task::Probe { .. } => (MEMORY, PROBING.as_secs(), 0),
        Task::Make { most_bytes, cpu_seconds, .. } => (MEMORY, *cpu_seconds, *most_bytes),
        Task::Hear { memory_bytes, cpu_seconds, file_bytes, .. } => {
            rustix::process::nice(NICE).context("letting others go first")?;
            (*memory_bytes, *cpu_seconds, *file_bytes)
        }
    };
    let limits = [
        (Resource::AS, memory),
        (Resource::CPU, cpu_seconds),
        (Resource::FSIZE, file),
        (Resource::NOFILE, 32),
        (Resource::CORE, 0),
    ];
    for (resource, limit) in limits {
        resource.set(limit, limit).with_context(|| format!("limiting {resource:?}"))?;
    }
    Ok(())
}
