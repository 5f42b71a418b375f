//! HTTPS: the certificate, its checks, and its change while the server runs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use crate::http::{Request, connect, receive, wav};
use crate::program::{Account, PATIENCE, Program, Server, text};

const NAMES: [&str; 3] = ["api.plivo.com", "media.plivo.com", "api.vonage.com"];

/// A CA of a test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A new certificate for the vendors' names, and its key, both PEM.
    fn issue(&self) -> (String, String) {
        self.issue_for(&NAMES)
    }

    /// The same for these names.
    pub(crate) fn issue_for(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// Its own certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn trust(&self) -> Trust {
        self.trust_in(&[&rustls::version::TLS12, &rustls::version::TLS13])
    }

    fn trust_in(&self, versions: &[&'static SupportedProtocolVersion]) -> Trust {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Trust { config, name: NAMES[0] }
    }
}

/// How a client shakes hands, and with whom it thinks to speak.
#[derive(Clone)]
pub(crate) struct Trust {
    config: ClientConfig,
    name: &'static str,
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

impl Trust {
    pub(crate) fn connect(&self, server: &Server) -> Result<Stream, rustls::Error> {
        let name = ServerName::try_from(self.name).unwrap();
        let client = ClientConnection::new(Arc::new(self.config.clone()), name)?;
        let mut stream = StreamOwned::new(client, connect(server));
        while stream.conn.is_handshaking() {
            let done = stream.conn.complete_io(&mut stream.sock);
            done.map_err(|error| rustls::Error::General(error.to_string()))?;
        }
        Ok(stream)
    }

    fn named(&self, name: &'static str) -> Self {
        Self { name, ..self.clone() }
    }
}

/// The certificate that the server shows now.
fn shown(server: &Server) -> CertificateDer<'static> {
    let stream = server.trust.as_ref().unwrap().connect(server).unwrap();
    stream.conn.peer_certificates().unwrap()[0].clone()
}

/// A program whose configuration names a certificate and a key.
struct Site {
    program: Program,
    cert: PathBuf,
    key: PathBuf,
}

impl Site {
    fn new((cert, key): (String, String)) -> Self {
        let program = Program::new();
        let path = |name| program.data().join(name);
        let site = Self { cert: path("cert.pem"), key: path("key.pem"), program };
        site.put(&cert, &key);
        site
    }

    fn put(&self, cert: &str, key: &str) {
        for (path, pem) in [(&self.key, key), (&self.cert, cert)] {
            // Renamed into place, so that the server never sees half a file.
            let new = path.with_extension("new");
            std::fs::write(&new, pem).unwrap();
            std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::fs::rename(&new, path).unwrap();
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        command
            .env("CALLVAULT_SERVER__TLS_CERT", &self.cert)
            .env("CALLVAULT_SERVER__TLS_KEY", &self.key);
        command
    }

    #[track_caller]
    fn serve(&self, trust: Trust) -> Server {
        Program::start(self.command(&["serve", "--listen", "127.0.0.1:0"]), Some(trust))
    }

    /// Both `config check` and `serve` fail with this.
    #[track_caller]
    fn refuse(&self, why: &str) {
        for arguments in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let output = self.command(arguments).output().unwrap();
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.ends_with(&format!("error: {why}\n")), "{said}");
        }
    }
}

#[test]
fn the_vendors_names_are_served_over_tls() {
    let authority = Authority::new();
    let site = Site::new(authority.issue());
    let account = Account::add(&site.program, "acme");
    let server = site.serve(authority.trust());
    let answer = Request::upload(&wav(200), &[]).signed(&account).send(&server);
    assert_eq!(answer.status, 201);
    let id = answer.json()["recording_id"].as_str().unwrap().to_owned();
    let auth_id = account.0["auth_id"].as_str().unwrap();
    let path = format!("/v1/Account/{auth_id}/Recording/{id}/");
    for name in NAMES {
        let mut stream = server.trust.as_ref().unwrap().named(name).connect(&server).unwrap();
        // As a client or a proxy may write it: with a port, or the whole URL.
        let targets = [path.clone(), format!("https://{name}{path}")];
        for (target, host) in targets.iter().zip([name.to_owned(), format!("{name}:443")]) {
            let request = Request::new_at("GET", target, &host).signed(&account);
            stream.write_all(&request.bytes()).unwrap();
            let mut bytes = vec![0; 4096];
            let read = stream.read(&mut bytes).unwrap();
            let answer = receive(&bytes[..read]).unwrap();
            assert_eq!(answer.status, 200, "{name} {target}");
            // Whatever name it came by, the URL is the public one.
            let url = format!("https://{}/v1/Account/{auth_id}/Recording/{id}.wav", server.address);
            assert_eq!(answer.json()["recording_url"], url);
        }
    }
    let refused = server.trust.as_ref().unwrap().named("calls.example.com").connect(&server);
    assert!(refused.is_err(), "a name that the certificate does not have");
    server.stop();
}

#[test]
fn both_versions_of_tls_and_only_http_1_are_spoken() {
    let authority = Authority::new();
    let site = Site::new(authority.issue());
    let server = site.serve(authority.trust());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut trust = authority.trust_in(&[version]);
        trust.config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = trust.connect(&server).unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    }
    server.stop();
}

#[test]
fn plain_http_is_told_to_speak_https() {
    let authority = Authority::new();
    let server = Site::new(authority.issue()).serve(authority.trust());
    let mut stream = connect(&server);
    stream.write_all(&Request::get("/healthz").bytes()).unwrap();
    let answer = receive(stream).unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(text(&answer.body), "this port speaks https, not http.\n");

    let mut stream = connect(&server);
    stream.write_all(&[0; 64]).unwrap();
    assert!(receive(stream).is_none(), "what is neither gets no answer");
    assert_eq!(Request::get("/healthz").send(&server).status, 200);
    server.stop();
}

#[test]
fn a_handshake_that_nobody_finishes_does_not_hold_up_the_end() {
    let authority = Authority::new();
    let server = Site::new(authority.issue()).serve(authority.trust());
    let _silent = connect(&server);
    let start = Instant::now();
    server.stop();
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
    let authority = Authority::new();
    let first = authority.issue();
    let site = Site::new(first.clone());
    let server = site.serve(authority.trust());
    let before = shown(&server);
    let mut old = server.trust.as_ref().unwrap().connect(&server).unwrap();

    site.put(&authority.issue().0, &first.1);
    let line = server.wait_for("the certificate in use stays");
    let why = format!(
        "server.tls_key: {}: is not the key of the certificate in {}",
        site.key.display(),
        site.cert.display()
    );
    assert!(line.contains(&why), "{line}");
    assert_eq!(shown(&server), before);

    std::fs::remove_file(&site.cert).unwrap();
    server.wait_for("the certificate in use stays");
    assert_eq!(shown(&server), before);

    let (cert, key) = authority.issue();
    site.put(&cert, &key);
    server.wait_for("new connections get the new certificate");
    assert_ne!(shown(&server), before);
    assert_eq!(Request::get("/healthz").send(&server).status, 200);

    old.write_all(&Request::get("/healthz").bytes()).unwrap();
    assert_eq!(receive(old).unwrap().status, 200, "an old connection goes on");
    server.stop();
}

#[test]
fn what_cannot_be_used_is_said_in_a_sentence() {
    let (cert, key) = Authority::new().issue();
    let site = Site::new((cert.clone(), key.clone()));
    let (cert_path, key_path) = (site.cert.display(), site.key.display());

    site.put("nothing\n", &key);
    site.refuse(&format!("server.tls_cert: {cert_path}: there is no certificate in it (of PEM)"));
    site.put(&cert, &cert);
    site.refuse(&format!(
        "server.tls_key: {key_path}: there is no private key in it (of PEM, without a passphrase)"
    ));
    site.put(&cert, &KeyPair::generate().unwrap().serialize_pem());
    site.refuse(&format!(
        "server.tls_key: {key_path}: is not the key of the certificate in {cert_path}"
    ));
    std::fs::remove_file(&site.key).unwrap();
    site.refuse(&format!("server.tls_key: {key_path}: No such file or directory (os error 2)"));

    site.put(&cert, &key);
    let output = site.command(&["config", "check"]).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    std::fs::set_permissions(&site.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = site.command(&["config", "check"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        text(&output.stderr),
        format!(
            "warning: server.tls_key: {key_path}: everybody on this machine may read or change it \
             (mode 644)\n"
        )
    );
}
