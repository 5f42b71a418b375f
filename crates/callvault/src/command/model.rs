//! `model list` and `model add`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{answer, print};
use crate::cli::Model;
use crate::model::{KNOWN, Known, State, add_own, own};

pub(super) fn obey(command: Model, directory: &Path) -> anyhow::Result<()> {
    match command {
        Model::List { json } => list(directory, json),
        Model::Add { which, from: Some(from), json } => add_known(&which, &from, directory, json),
        Model::Add { which, from: None, json } => {
            if let Some(known) = Known::by_name(&which).filter(|_| !which.exists()) {
                anyhow::bail!(
                    "{0} is made of files: say with --from DIR where they are",
                    known.name
                );
            }
            let name = add_own(&which, directory)?;
            added(&name, "Installed.\n", directory, json)
        }
    }
}

fn list(directory: &Path, json: bool) -> anyhow::Result<()> {
    let mut models = Vec::new();
    for known in KNOWN {
        models.push(json!({
            "name": known.name,
            "state": known.state(directory)?.as_str(),
            "purpose": known.purpose,
            "licence": known.licence,
            "known": true,
            "files": known.files().collect::<Vec<_>>(),
            "packages": known.packages(),
        }));
    }
    for (name, state) in own(directory)? {
        models.push(json!({
            "name": name,
            "state": state.as_str(),
            "purpose": "speech, your own",
            "licence": null,
            "known": false,
            "files": [format!("{name}.bin")],
            "packages": [],
        }));
    }
    if json {
        return print(&format!("{}\n", json!({ "dir": directory, "models": models })));
    }
    let mut text = format!("in {}:\n", directory.display());
    for model in &models {
        let field = |name: &str| model[name].as_str().unwrap_or_default();
        let licence = field("licence");
        writeln!(
            text,
            "{:20} {:10} {:12} {}",
            field("name"),
            field("state"),
            licence,
            field("purpose")
        )?;
    }
    print(&text)
}

fn add_known(name: &Path, from: &Path, directory: &Path, json: bool) -> anyhow::Result<()> {
    let Some(known) = Known::by_name(name) else {
        let names: Vec<_> = KNOWN.iter().map(|known| known.name).collect();
        anyhow::bail!("no model {} is known; these are: {}", name.display(), names.join(", "));
    };
    if known.state(directory)? == State::Installed {
        return added(known.name, "It was there already.\n", directory, json);
    }
    known.install(from, directory)?;
    added(known.name, "Installed.\n", directory, json)
}

fn added(name: &str, remark: &str, directory: &Path, json: bool) -> anyhow::Result<()> {
    let object: [(&str, Value); 2] = [("name", json!(name)), ("dir", json!(directory))];
    answer(json, object, remark)
}
