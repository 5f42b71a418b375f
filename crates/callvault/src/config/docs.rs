//! `docs/configuration.md`, made of the one table of settings.

use std::fmt::Write;

use super::file::{KEYS, SECTIONS, Secrecy};

/// Writes the page. `callvault config docs > docs/configuration.md` brings it up to date.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    for (section, doc) in SECTIONS {
        let _ = write!(page, "\n## `[{section}]`\n\n{}\n", prose(doc));
        for key in KEYS.iter().filter(|key| key.section == *section) {
            let _ = write!(page, "\n### `{}`\n\n{}\n\n", key.name, prose(key.doc));
            let _ = writeln!(page, "- Default: {}", key.default);
            let variable = key.variable();
            let _ = match key.secrecy {
                Secrecy::Plain => writeln!(page, "- Variable: `{variable}`"),
                Secrecy::Secret => {
                    writeln!(page, "- Variable: `{variable}`, or `{variable}_FILE`; a secret")
                }
            };
        }
    }
    page
}

/// A doc comment as one line.
fn prose(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

const HEAD: &str = "\
# Configuration

<!-- Made by `callvault config docs` from crates/callvault/src/config/file.rs: change it there. -->

callvault runs without any configuration: `callvault serve` keeps everything in `./callvault-data` \
and listens on `127.0.0.1:8080`. What should be otherwise goes into one TOML file, named by \
`--config FILE`. Every setting can also be given by an environment variable, a secret also by a \
variable that ends in `_FILE` and names a file that holds it; the environment wins over the file, \
and a flag (`--listen`) over both. The data directory is named by `--data DIR`. Relative paths \
start from the working directory.

A key or `CALLVAULT_` variable that callvault does not know, or a value that it cannot use, stops \
the start with its place and the reason. `callvault config check` shows the effective \
configuration, secrets hidden.

```toml
[server]
listen = \"0.0.0.0:8080\"
public_url = \"https://calls.example.com\"

[store]
database = \"postgres://callvault@db.example.com/callvault\"
audio = \"s3://recordings/callvault\"
```
";
