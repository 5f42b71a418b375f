//! A disk without room: a small tmpfs. Mounting one takes root.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::http::{Answer, Request, wav};
use crate::program::{Account, Program, Server, eventually, text};

/// A file system of so many KiB, mounted for as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where it may not be mounted and the test may be skipped.
    fn mount(path: &Path, kib: u32) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let size = format!("size={kib}k,mode=700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "callvault-test"]).arg(path);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        let may_skip = std::env::var_os("TEST_NO_SKIP").is_none();
        assert!(mounted || may_skip, "this test must be able to mount a tmpfs: run it as root");
        if !mounted {
            eprintln!("skipped: it takes root to mount a tmpfs");
        }
        mounted.then(|| Self(path.to_owned()))
    }

    fn enlarge(&self, kib: u32) {
        let size = format!("remount,size={kib}k");
        let status = Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }

    /// Takes what room there is left.
    fn fill(&self) {
        let file = std::fs::File::create(self.0.join("ballast")).unwrap();
        for size in [65536, 4096] {
            while std::io::Write::write_all(&mut &file, &vec![0; size]).is_ok() {}
        }
    }

    fn remove_ballast(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file open there keeps it until its own end.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn upload(server: &Server, account: &Account, audio: &[u8]) -> Answer {
    Request::upload(audio, &[]).signed(account).send(server)
}

/// Uploads until there is no room; what was kept.
fn upload_until_full(server: &Server, account: &Account, audio: &[u8]) -> Vec<String> {
    let mut kept = Vec::new();
    loop {
        let answer = upload(server, account, audio);
        if answer.status != 201 {
            assert_no_space(&answer);
            return kept;
        }
        kept.push(answer.json()["recording_id"].as_str().unwrap().to_owned());
        assert!(kept.len() < 1000, "the disk is full at some time");
    }
}

#[track_caller]
fn assert_no_space(answer: &Answer) {
    assert_eq!(answer.status, 507, "{}", text(&answer.body));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["title"], "Insufficient Storage");
    assert_eq!(problem["detail"], "no space left");
}

fn total_count(server: &Server, account: &Account) -> Value {
    let auth_id = account.0["auth_id"].as_str().unwrap();
    let answer = account.get(server, &format!("/v1/Account/{auth_id}/Recording/"));
    assert_eq!(answer.status, 200, "{}", text(&answer.body));
    answer.json()["meta"]["total_count"].clone()
}

fn media(server: &Server, account: &Account, id: &str) -> Vec<u8> {
    let answer = account.get(server, &format!("/api/v1/recordings/{id}/media"));
    assert_eq!(answer.status, 200, "{}", text(&answer.body));
    answer.body
}

fn delete(server: &Server, account: &Account, id: &str) -> Answer {
    Request::new("DELETE", &format!("/api/v1/recordings/{id}")).signed(account).send(server)
}

/// Uploads once the room is there that a job is just making.
fn upload_with_patience(server: &Server, account: &Account, audio: &[u8]) {
    eventually("there is room again", || {
        let answer = upload(server, account, audio);
        if answer.status != 201 {
            assert_no_space(&answer);
        }
        answer.status == 201
    });
}

fn assert_clean(program: &Program, staging: &Path) {
    assert_eq!(staging.read_dir().unwrap().count(), 0, "nothing is half kept");
    let verified = program.run(&["verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
}

#[test]
fn a_full_disk_refuses_uploads_and_nothing_else() {
    let program = Program::new();
    let place = program.data().join("small");
    let program = program.with("CALLVAULT_STORE__AUDIO", format!("file:{}", place.display()));
    let Some(disk) = SmallDisk::mount(&place, 1600) else { return };
    let account = Account::add(&program, "acme");
    let (server, audio) = (program.serve(), wav(10_000));
    let kept = upload_until_full(&server, &account, &audio);
    assert!(kept.len() > 5, "each has 160 KB");
    disk.fill();
    assert_no_space(&upload(&server, &account, &audio));
    assert_eq!(Request::get("/readyz").send(&server).status, 200);

    assert_eq!(total_count(&server, &account), kept.len());
    assert!(kept.iter().all(|id| media(&server, &account, id) == audio));
    assert_eq!(delete(&server, &account, &kept[0]).status, 204);
    assert_eq!(total_count(&server, &account), kept.len() - 1);
    upload_with_patience(&server, &account, &audio);
    assert_eq!(total_count(&server, &account), kept.len());

    disk.enlarge(4000);
    assert_eq!(upload(&server, &account, &audio).status, 201);
    assert_eq!(Request::get("/readyz").send(&server).status, 200);
    assert_clean(&program, &place.join("staging"));
    server.stop();
    assert_clean(&program, &place.join("staging"));
}

#[test]
fn a_database_on_a_full_disk_loses_nothing() {
    let program = Program::new();
    let Some(disk) = SmallDisk::mount(program.data(), 4000) else { return };
    let account = Account::add(&program, "acme");
    let (server, audio) = (program.serve(), wav(10_000));
    let kept = upload_until_full(&server, &account, &audio);
    disk.fill();
    assert_no_space(&upload(&server, &account, &audio));

    // All that is read goes on, and for deletions some room was set aside.
    assert_eq!(total_count(&server, &account), kept.len());
    assert!(kept.iter().all(|id| media(&server, &account, id) == audio));
    assert_eq!(delete(&server, &account, &kept[0]).status, 204);

    disk.remove_ballast();
    upload_with_patience(&server, &account, &audio);
    disk.enlarge(8000);
    assert_eq!(upload(&server, &account, &audio).status, 201);
    assert_eq!(total_count(&server, &account), kept.len() + 1);
    let staging = program.data().join("audio/staging");
    assert_clean(&program, &staging);
    server.stop();
    assert_clean(&program, &staging);
}

#[test]
fn on_a_disk_that_stays_full_all_can_be_deleted_and_that_makes_room() {
    let program = Program::new();
    let Some(disk) = SmallDisk::mount(program.data(), 8192) else { return };
    let account = Account::add(&program, "acme");
    let (server, audio) = (program.serve(), wav(2000));
    let kept = upload_until_full(&server, &account, &audio);
    assert!(kept.len() > 50, "each has 32 KB");
    disk.fill();
    assert_no_space(&upload(&server, &account, &wav(10)));
    assert_eq!(Request::get("/readyz").send(&server).status, 200);

    assert!(kept.iter().all(|id| media(&server, &account, id) == audio));
    for id in &kept {
        let deleted = delete(&server, &account, id);
        assert_eq!(deleted.status, 204, "{}", text(&deleted.body));
    }
    for id in &kept {
        assert_eq!(account.get(&server, &format!("/api/v1/recordings/{id}")).status, 404);
    }
    // What somebody else has taken is still there: this is the room of the erased.
    upload_with_patience(&server, &account, &audio);
    let staging = program.data().join("audio/staging");
    assert_clean(&program, &staging);
    server.stop();
    assert_clean(&program, &staging);
}
