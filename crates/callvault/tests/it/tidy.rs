//! The rules of the house that a machine can check.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which crates of the house each may use: every other arrow is a change to `ARCHITECTURE.md`.
const ARROWS: &[(&str, &[&str])] = &[
    ("store", &[]),
    ("blob", &[]),
    ("audio", &[]),
    ("speech", &[]),
    ("fuzz", &[]),
    ("vault", &["store", "blob", "audio", "speech"]),
    ("web", &["vault"]),
    ("plivo", &["web", "vault"]),
    ("vonage", &["web", "vault"]),
    ("native", &["web", "vault"]),
    (
        "callvault",
        &["audio", "blob", "native", "plivo", "speech", "store", "vault", "vonage", "web"],
    ),
];

/// The test kit sees everything, and nothing but tests sees it.
const TEST_ONLY: &str = "testkit";

#[test]
fn dependencies_point_one_way() {
    let members: BTreeSet<String> = crates().iter().map(|path| name(path)).collect();
    for path in crates() {
        let crate_name = name(&path);
        if crate_name == TEST_ONLY {
            continue;
        }
        let allowed = ARROWS.iter().find(|(from, _)| *from == crate_name);
        let allowed =
            allowed.unwrap_or_else(|| panic!("{crate_name} is new: say what it may use")).1;
        let used = dependencies(&path);
        for used in used.intersection(&members) {
            assert!(allowed.contains(&used.as_str()), "{crate_name} must not use {used}");
        }
    }
}

#[test]
fn sql_is_in_the_store_only() {
    for path in sources().filter(|path| !path.components().any(|part| part.as_os_str() == "store"))
    {
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for words in [
            concat!("select", " * from "),
            concat!("insert", " into "),
            concat!("delete", " from "),
        ] {
            assert!(!text.contains(words), "{words:?} in {}", path.display());
        }
    }
}

#[test]
fn no_file_is_called_mod() {
    for path in sources() {
        assert_ne!(path.file_name().unwrap(), "mod.rs", "{}", path.display());
    }
}

#[test]
fn handlers_do_not_spawn() {
    let doors = ["native", "plivo", "vonage"];
    let in_a_door = |path: &PathBuf| {
        // Whatever the folder is called that all crates are in.
        let parts: Vec<_> = path.strip_prefix(home()).unwrap().iter().collect();
        doors.iter().any(|door| parts.contains(&std::ffi::OsStr::new(door)))
            && parts.contains(&std::ffi::OsStr::new("src"))
    };
    for path in sources().filter(in_a_door) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("tokio::spawn"), "{}", path.display());
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn crates() -> Vec<PathBuf> {
    let entries = home().read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("Cargo.toml").exists()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn dependencies(path: &Path) -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let table = manifest.get("dependencies").and_then(|table| table.as_table());
    table.into_iter().flat_map(|table| table.keys().cloned()).collect()
}

/// Every Rust file of every crate.
fn sources() -> impl Iterator<Item = PathBuf> {
    let mut folders = crates();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.into_iter()
}
