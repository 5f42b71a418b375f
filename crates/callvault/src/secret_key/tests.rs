use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::Flags;

fn config(data: &Path) -> Config {
    let flags = Flags { data: Some(data.to_owned()), ..Flags::default() };
    Config::load(&flags, []).unwrap()
}

#[track_caller]
fn refuse(data: &Path, why: &str) {
    assert_eq!(format!("{:#}", secret_key(&config(data)).unwrap_err()), why);
}

#[test]
fn it_is_made_once_and_for_its_owner_only() {
    let data = tempfile::tempdir().unwrap();
    let first = secret_key(&config(data.path())).unwrap().to_hex();
    let again = secret_key(&config(data.path())).unwrap().to_hex();
    assert_eq!(first, again);
    let mode = data.path().join("secret.key").metadata().unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(data.path().read_dir().unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn what_makes_one_together_gets_one() {
    let data = tempfile::tempdir().unwrap();
    let config = config(data.path());
    let keys: Vec<String> = std::thread::scope(|scope| {
        let one = || secret_key(&config).unwrap().to_hex();
        let makers = [scope.spawn(one), scope.spawn(one), scope.spawn(one)];
        makers.map(|maker| maker.join().unwrap()).to_vec()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_lost_key_is_not_made_up_anew() {
    let data = tempfile::tempdir().unwrap();
    let (key, database) = (data.path().join("secret.key"), data.path().join("callvault.db"));
    std::fs::write(&database, "").unwrap();
    let why = format!(
        "{} is missing, but {} is there: its secrets open with the key that it was made with",
        key.display(),
        database.display()
    );
    refuse(data.path(), &why);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let data = tempfile::tempdir().unwrap();
    secret_key(&config(data.path())).unwrap();
    let path = data.path().join("secret.key");
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let path = path.display();
    refuse(data.path(), &format!("others than its owner may read {path}: `chmod 600 {path}`"));
}

#[test]
fn a_damaged_key_is_refused() {
    let data = tempfile::tempdir().unwrap();
    secret_key(&config(data.path())).unwrap();
    let path = data.path().join("secret.key");
    std::fs::write(&path, "0011").unwrap();
    refuse(data.path(), &format!("{}: must be 64 hexadecimal characters", path.display()));
}
