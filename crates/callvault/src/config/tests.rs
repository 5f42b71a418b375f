use super::*;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Loads a file of this text, named `c.toml`, under these variables.
fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let source = Source { path: "c.toml".into(), text: text.to_owned() };
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let mut file = source.parse().map_err(|error| error.to_string())?;
    environment::overlay(&mut file, variables).map_err(|error| error.to_string())?;
    meant::config(file, "data".into(), &source).map_err(|error| error.to_string())
}

#[track_caller]
fn refuse(text: &str, variables: &[(&str, &str)], why: &str) {
    assert_eq!(load(text, variables).unwrap_err(), why);
}

#[test]
fn nothing_given_means_the_defaults() {
    let shown = shown::toml(&load("", &[]).unwrap());
    let expected = r#"# data directory: data

[server]
listen = "127.0.0.1:8080"
public_url = "http://127.0.0.1:8080"
trusted_proxies = []
max_upload_bytes = 2147483648
default_media_auth = false

[outbound]
allow = []

[price]
storage_per_minute_month = "0.0004"
free_days = 90
transcription_per_minute = "0.05"

[vonage]
audio_format = "mp3"

[store]
database = "sqlite:data/callvault.db"
audio = "file:data/audio"

[speech]
model = "whisper-base"
jobs = JOBS

[denoise]
engine = "auto"

[models]
dir = "data/models"
"#;
    let cores = std::thread::available_parallelism().unwrap().get();
    let jobs = (cores - 1).max(1).to_string();
    assert_eq!(shown, expected.replace("JOBS", &jobs));
}

#[test]
fn everything_given_is_shown_without_its_secrets() {
    let text = r#"
        [server]
        listen = "[::]:80"
        public_url = "https://calls.example.com/"
        trusted_proxies = ["10.0.0.0/8", "192.0.2.1"]
        secret_key = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
        max_upload_bytes = "500 MiB"
        default_media_auth = true
        [outbound]
        allow = ["10.0.0.0/8"]
        [price]
        storage_per_minute_month = 0.0012
        free_days = 0
        transcription_per_minute = 0.01
        [vonage]
        audio_format = "stored"
        [store]
        database = "postgres://callvault:hunter2@db.example.com/calls?password=hunter3"
        audio = "s3://bucket/a/b/"
        s3_endpoint = "http://127.0.0.1:9000"
        s3_access_key = "AKIA"
        s3_secret_key = "hunter4"
        [speech]
        model = "/models/large.bin"
        language = "de"
        jobs = 3

        [denoise]
        engine = "rnnoise"
        [models]
        dir = "/models"
    "#;
    let config = load(text, &[]).unwrap();
    let shown = shown::toml(&config);
    let expected = r#"# data directory: data

[server]
listen = "[::]:80"
public_url = "https://calls.example.com"
trusted_proxies = ["10.0.0.0/8", "192.0.2.1/32"]
secret_key = "(hidden)"
max_upload_bytes = 524288000
default_media_auth = true

[outbound]
allow = ["10.0.0.0/8"]

[price]
storage_per_minute_month = "0.0012"
free_days = 0
transcription_per_minute = "0.01"

[vonage]
audio_format = "stored"

[store]
database = "postgres://db.example.com/calls"
audio = "s3://bucket/a/b"
s3_endpoint = "http://127.0.0.1:9000"
s3_region = "us-east-1"
s3_access_key = "(hidden)"
s3_secret_key = "(hidden)"

[speech]
model = "/models/large.bin"
language = "de"
jobs = 3

[denoise]
engine = "rnnoise"

[models]
dir = "/models"
"#;
    assert_eq!(shown, expected);
    let debug = format!("{config:?}");
    assert!(!debug.contains("hunter") && !debug.contains("AKIA") && !debug.contains("AABB"));
}

#[test]
fn archives_have_names() {
    let text = r#"
        [archive.cold]
        place = "file:/mnt/cold"
        accounts = ["MA00000000000000000A"]
        [archive.far_away]
        place = "s3://archive/calls"
        s3_endpoint = "https://s3.example.com"
    "#;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&secret, "hunter2\n").unwrap();
    let variables = [
        ("CALLVAULT_ARCHIVE__FAR_AWAY__S3_ACCESS_KEY", "AKIA"),
        ("CALLVAULT_ARCHIVE__FAR_AWAY__S3_SECRET_KEY_FILE", secret.path().to_str().unwrap()),
        ("CALLVAULT_ARCHIVE__TAPE__PLACE", "file:/mnt/tape"),
        ("CALLVAULT_ARCHIVE__TAPE__ACCOUNTS", ""),
    ];
    let config = load(text, &variables).unwrap();
    let Audio::S3(far_away) = &config.archives["far_away"].place else { panic!("no bucket") };
    assert_eq!(far_away.keys.as_ref().unwrap().1.reveal(), "hunter2");
    let shown = shown::toml(&config);
    let expected = r#"
[archive.cold]
place = "file:/mnt/cold"
accounts = ["MA00000000000000000A"]

[archive.far_away]
place = "s3://archive/calls"
s3_endpoint = "https://s3.example.com"
s3_region = "us-east-1"
s3_access_key = "(hidden)"
s3_secret_key = "(hidden)"

[archive.tape]
place = "file:/mnt/tape"
accounts = []

[speech]
"#;
    assert!(shown.contains(expected), "{shown}");

    for name in ["Cold", "a-b", "a__b", "_a", ""] {
        let why = "must be a name of lower-case letters, digits and single underscores";
        let text = format!("[archive.\"{name}\"]\nplace = \"file:/mnt\"");
        refuse(&text, &[], &format!("archive.{name}: {why}"));
    }
    refuse("[archive.cold]", &[], "archive.cold.place must be given");
    for place in ["file:", "/mnt/cold", "https://s3.example.com/bucket"] {
        let why = format!("must be file:PATH or s3://BUCKET/PREFIX, not {place:?}");
        let text = format!("archive.cold.place = {place:?}");
        refuse(&text, &[], &format!("c.toml:1: archive.cold.place: {why}"));
    }
    refuse(
        "[archive.cold]\nplace = \"file:/mnt\"\ns3_region = \"eu\"",
        &[],
        "c.toml:3: archive.cold.s3_region: is only for archive.cold.place = \"s3://…\"",
    );
    refuse(
        "[archive.cold]\nplace = \"file:/mnt\"\naccounts = [\"SA00000000000000000A\"]",
        &[],
        "c.toml:3: archive.cold.accounts: must be Auth IDs of main accounts, not \
         \"SA00000000000000000A\"",
    );
    let unknown = "CALLVAULT_ARCHIVE__COLD__COLOUR";
    refuse("", &[(unknown, "blue")], &format!("{unknown}: no such setting"));
}

#[test]
fn the_environment_wins_over_the_file() {
    let variables = [
        ("PATH", "/bin"),
        ("CALLVAULT_SERVER__LISTEN", "127.0.0.1:1"),
        ("CALLVAULT_SERVER__DEFAULT_MEDIA_AUTH", "true"),
        ("CALLVAULT_OUTBOUND__ALLOW", "a.internal,b.internal"),
        ("CALLVAULT_SERVER__MAX_UPLOAD_BYTES", "1 GiB"),
    ];
    let config = load("server.listen = \"127.0.0.1:2\"", &variables).unwrap();
    assert_eq!(config.listen.port, 1);
    assert!(config.default_media_auth);
    assert_eq!(config.outbound_allow, ["a.internal", "b.internal"]);
    assert_eq!(config.max_upload_bytes, 1 << 30);
}

#[test]
fn flags_win_over_the_environment() {
    let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), ..Flags::default() };
    let variables = [("CALLVAULT_SERVER__LISTEN".into(), "127.0.0.1:1".into())];
    assert_eq!(Config::load(&flags, variables).unwrap().listen.port, 3);
    let flags = Flags { listen: Some("3".to_owned()), ..Flags::default() };
    let error = Config::load(&flags, []).unwrap_err();
    assert_eq!(error.to_string(), "--listen: must be HOST:PORT, not \"3\"");
}

#[test]
fn secrets_come_from_files_too() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let path = file.path().to_str().unwrap();
    let config = load("", &[("CALLVAULT_SERVER__SECRET_KEY_FILE", path)]).unwrap();
    assert_eq!(config.secret_key.unwrap().reveal(), KEY);
    refuse(
        "",
        &[("CALLVAULT_SERVER__SECRET_KEY", KEY), ("CALLVAULT_SERVER__SECRET_KEY_FILE", path)],
        "CALLVAULT_SERVER__SECRET_KEY_FILE: given twice: by value and by file",
    );
    refuse(
        "",
        &[("CALLVAULT_STORE__DATABASE_FILE", "/nowhere")],
        "CALLVAULT_STORE__DATABASE_FILE: /nowhere: No such file or directory (os error 2)",
    );
    refuse(
        "",
        &[("CALLVAULT_SERVER__LISTEN_FILE", path)],
        "CALLVAULT_SERVER__LISTEN_FILE: no such setting",
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    refuse(
        "[server]\nlisten = \"127.0.0.1:1\"\nlisen = 7\n",
        &[],
        "c.toml:3: unknown field `lisen`, expected one of `listen`, `public_url`, `tls_cert`, \
         `tls_key`, `trusted_proxies`, `secret_key`, `max_upload_bytes`, `rate_limit`, `default_media_auth`",
    );
    refuse(
        "[servr]\n",
        &[],
        "c.toml:1: unknown field `servr`, expected one of `server`, `outbound`, `price`, `vonage`, \
         `store`, `archive`, `speech`, `denoise`, `models`",
    );
    refuse(
        "\n[server]\nlisten = 8080\n",
        &[],
        "c.toml:3: invalid type: integer `8080`, expected a string",
    );
    refuse(
        "[server]\nlisten =\n",
        &[],
        "c.toml:2: string values must be quoted, expected literal string",
    );
    refuse("", &[("CALLVAULT_SERVR__LISTEN", "x")], "CALLVAULT_SERVR__LISTEN: no such setting");
    refuse("", &[("CALLVAULT_DATA", "x")], "CALLVAULT_DATA: no such setting");
}

#[test]
fn what_cannot_be_used_is_named_with_its_place() {
    refuse(
        "[server]\nlisten = \"8080\"",
        &[],
        "c.toml:2: server.listen: must be HOST:PORT, not \"8080\"",
    );
    refuse(
        "",
        &[("CALLVAULT_SERVER__LISTEN", "a b:1")],
        "CALLVAULT_SERVER__LISTEN: must be HOST:PORT, not \"a b:1\"",
    );
    refuse(
        "[server]\nmax_upload_bytes = 0",
        &[],
        "c.toml:2: server.max_upload_bytes: must be at least 1",
    );
    refuse(
        "server.secret_key = \"hunter2\"",
        &[],
        "c.toml:1: server.secret_key: must be 64 hexadecimal characters, as `openssl rand -hex 32` \
         writes them",
    );
    refuse(
        "speech.language = \"English\"",
        &[],
        "c.toml:1: speech.language: must be a language by its ISO 639-1 code, as \"en\", not \
         \"English\"",
    );
    refuse("speech.jobs = 0", &[], "c.toml:1: speech.jobs: must be a whole number from 1 to 256");
    refuse(
        "price.storage_per_minute_month = -1",
        &[],
        "c.toml:1: price.storage_per_minute_month: must be a decimal number from 0 with at most \
         nine decimals, not \"-1\"",
    );
    refuse(
        "store.database = \"mysql://root:hunter2@db\"",
        &[],
        "c.toml:1: store.database: must be sqlite:, sqlite:PATH or postgres://…",
    );
    refuse(
        "vonage.audio_format = \"ogg\"",
        &[],
        "c.toml:1: vonage.audio_format: must be \"mp3\" or \"stored\", not \"ogg\"",
    );
    refuse(
        "store.audio = \"s3://bucket/../other\"",
        &[],
        "c.toml:1: store.audio: must be file:, file:PATH or s3://BUCKET/PREFIX, not \
         \"s3://bucket/../other\"",
    );
    refuse(
        "server.trusted_proxies = [\"proxy.internal\"]",
        &[],
        "c.toml:1: server.trusted_proxies: must be addresses or networks, as 10.0.0.0/8, not \
         \"proxy.internal\"",
    );
    refuse(
        "outbound.allow = [\"a b\"]",
        &[],
        "c.toml:1: outbound.allow: must be hosts or networks, not \"a b\"",
    );
}

#[test]
fn public_urls_are_bare() {
    for text in
        ["calls.example.com", "ftp://a", "https://a/b", "https://a?b", "https://u:p@a", "https://"]
    {
        refuse(
            &format!("server.public_url = {text:?}"),
            &[],
            &format!(
                "c.toml:1: server.public_url: must be http:// or https:// and a host, without a \
                 path, not {text:?}"
            ),
        );
    }
}

#[test]
fn combinations_are_checked() {
    refuse(
        "server.listen = \"0.0.0.0:8080\"",
        &[],
        "c.toml:1: server.listen: 0.0.0.0:8080 listens on every address, so server.public_url must \
         say what callvault is reached at",
    );
    refuse(
        "",
        &[("CALLVAULT_SERVER__LISTEN", "[::]:8080")],
        "CALLVAULT_SERVER__LISTEN: [::]:8080 listens on every address, so server.public_url must \
         say what callvault is reached at",
    );
    refuse(
        "store.database = \"postgres://db/calls\"",
        &[],
        "server.secret_key must be given with PostgreSQL, which several machines may share; \
         `openssl rand -hex 32` makes one",
    );
    for name in ["server.tls_cert", "server.tls_key"] {
        refuse(
            &format!("{name} = \"x.pem\""),
            &[],
            "server.tls_cert and server.tls_key must be given together",
        );
    }
    refuse(
        "store.s3_region = \"eu-west-1\"",
        &[],
        "c.toml:1: store.s3_region: is only for store.audio = \"s3://…\"",
    );
    refuse(
        "store.audio = \"s3://bucket\"\nstore.s3_access_key = \"a\"",
        &[],
        "store.s3_access_key and store.s3_secret_key must be given together",
    );
}

#[test]
fn with_tls_the_public_url_is_https() {
    let config = load("[server]\ntls_cert = \"c.pem\"\ntls_key = \"k.pem\"", &[]).unwrap();
    assert_eq!(config.public_url(), "https://127.0.0.1:8080");
    assert!(shown::toml(&config).contains("tls_cert = \"c.pem\"\ntls_key = \"k.pem\"\n"));
}

#[test]
fn a_rate_limit_is_a_count_and_a_span() {
    let config = load("server.rate_limit = \"300/5s\"", &[]).unwrap();
    let limit = vault::RateLimit { requests: 300, span: std::time::Duration::from_secs(5) };
    assert_eq!(config.rate_limit, Some(limit));
    assert!(shown::toml(&config).contains("\nrate_limit = \"300/5s\"\n"));
    for text in ["300", "0/5s", "300/0s", "300/5m", "-1/5s", "/s"] {
        refuse(
            &format!("server.rate_limit = {text:?}"),
            &[],
            &format!(
                "c.toml:1: server.rate_limit: must be COUNT/SPAN, as in \"300/5s\", not {text:?}"
            ),
        );
    }
}

#[test]
fn the_page_of_settings_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, docs::page(), "`cargo run -- config docs > docs/configuration.md` writes it");
}
