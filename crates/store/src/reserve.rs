//! Room for the database on a full disk.
//!
//! A deletion must be written down before it frees anything, so a disk that is full to the brim
//! could never be emptied by deleting. A file of no content is therefore kept beside the database.
//! When the disk is full it is given up, and comes back as soon as there is room again; until then
//! nothing new is to be taken in, which would only use up what the deletions need.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

/// Enough for the changes of some dozens of deletions, and for what of earlier ones is still to be
/// moved from the write-ahead log into the database.
const LARGEST: u64 = 8 << 20;
/// Of a small disk, so much at most.
const SHARE: u64 = 16;

pub(crate) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// The one of this database, whose file it is called after.
    pub(crate) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-reserve");
        Self { path: path.into() }
    }

    /// Makes it where it is not there, or not whole. Fails where there is no room for it.
    pub(crate) fn keep(&self) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = statvfs(folder.unwrap_or(Path::new(".")))?;
        let size = LARGEST.min(disk.f_blocks.saturating_mul(disk.f_frsize) / SHARE);
        if fs::metadata(&self.path).is_ok_and(|file| file.len() >= size) {
            return Ok(());
        }
        let made = self.make(size);
        if made.is_err() {
            self.give_up();
        }
        made
    }

    pub(crate) fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Gives it up; true where it was there.
    pub(crate) fn give_up(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }

    fn make(&self, size: u64) -> io::Result<()> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, size) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => fill(&file, size),
            done => Ok(done?),
        }
    }
}

/// Where a file system takes no order for room.
fn fill(mut file: &File, size: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(size), &mut file)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn it_takes_real_room_until_it_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(&directory.path().join("vault.db"));
        let path = directory.path().join("vault.db-reserve");
        reserve.keep().unwrap();
        let file = fs::metadata(&path).unwrap();
        assert!(file.len() > 0 && file.len() <= LARGEST);
        assert!(file.blocks() * 512 >= file.len(), "it is no hole");
        assert_eq!(file.mode() & 0o777, 0o600);
        assert!(reserve.give_up());
        assert!(!path.exists());
        assert!(!reserve.give_up());
    }

    #[test]
    fn what_was_begun_is_made_whole() {
        let directory = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(&directory.path().join("vault.db"));
        reserve.keep().unwrap();
        let path = directory.path().join("vault.db-reserve");
        let whole = fs::metadata(&path).unwrap().len();
        File::options().write(true).open(&path).unwrap().set_len(1).unwrap();
        reserve.keep().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), whole);
    }

    #[test]
    fn it_is_filled_where_it_cannot_be_ordered() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let file = File::create(&path).unwrap();
        fill(&file, 200_000).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 200_000);
    }

    #[test]
    fn on_a_full_disk_it_cannot_be_made() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(fill(&full, 1).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
