//! Makes the table of the console's files, of what `npm run build` has put into `console/dist/web`.
//! Where nothing is there the program works without them, and its page says so.

#![expect(clippy::disallowed_methods, reason = "this runs while building, not in the vault")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=console/dist");
    let directory = |name| env::var(name).map(PathBuf::from).map_err(io::Error::other);
    let dist = directory("CARGO_MANIFEST_DIR")?.join("console/dist/web");
    let mut files = Vec::new();
    if dist.exists() {
        find(&dist, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in files.iter().filter(|file| !is_compressed(file)) {
        let path = file.strip_prefix(&dist).map_err(io::Error::other)?;
        let bytes = |file: &Path| format!("include_bytes!({:?})", file.display().to_string());
        let packed = |coding: &str| {
            let packed = PathBuf::from(format!("{}.{coding}", file.display()));
            if packed.exists() { format!("Some({})", bytes(&packed)) } else { "None".to_owned() }
        };
        let _ = writeln!(
            table,
            "File {{ path: {:?}, bytes: {}, brotli: {}, gzip: {} }},",
            path.display().to_string(),
            bytes(file),
            packed("br"),
            packed("gz"),
        );
    }
    table.push(']');
    fs::write(directory("OUT_DIR")?.join("console.rs"), table)
}

/// Every file in there.
fn find(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}
