//! Callbacks, by the program itself.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::http::Request;
use crate::program::{Account, Program, eventually};
use crate::tls::Authority;

/// What a receiver was sent.
pub(crate) struct Call {
    head: Vec<String>,
    pub(crate) body: String,
}

/// Takes one request and answers 200.
pub(crate) fn take(stream: impl Read + Write) -> io::Result<Call> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body)?;
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    reader.get_mut().flush()?;
    Ok(Call { head, body: String::from_utf8(body).unwrap() })
}

#[test]
fn a_callback_reaches_a_server_that_is_allowed_and_no_other() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let program = Program::new();
    let account = Account::add(&program, "acme");
    let path = format!(
        "/v1/Account/{}/Recording/?callback_url=http://127.0.0.1:{port}/cb",
        account.0["auth_id"].as_str().unwrap()
    );
    let closed = program.serve();
    assert_eq!(account.get(&closed, &path).status, 400);
    closed.stop();

    let open = program.serve_with(&[("CALLVAULT_OUTBOUND__ALLOW", "127.0.0.1")]);
    assert_eq!(Request::get(&path).signed(&account).send(&open).status, 202);
    let (stream, _) = listener.accept().unwrap();
    let call = take(stream).unwrap();
    assert_eq!(call.head[0], "POST /cb HTTP/1.1");
    let signatures = call.head.iter().filter(|line| line.starts_with("x-plivo-signature")).count();
    assert_eq!(signatures, 7);
    assert!(call.body.contains("&response="));
    open.stop();
}

/// Serves one connection with this certificate; what was sent over it, or how TLS failed.
fn take_over_tls(
    listener: TcpListener,
    (cert, key): (String, String),
) -> thread::JoinHandle<io::Result<Call>> {
    let chain = CertificateDer::pem_slice_iter(cert.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        let connection = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
        take(StreamOwned::new(connection, stream))
    })
}

#[test]
fn a_callback_goes_by_https_only_to_whom_a_trusted_certificate_names() {
    // The second has the name of the first, and another key.
    let (trusted, impostor) = (Authority::new(), Authority::new());
    let program = Program::new();
    let roots = program.data().join("roots.pem");
    std::fs::write(&roots, trusted.pem()).unwrap();
    // How an operator gives a private CA to the program.
    let program = program.with("SSL_CERT_FILE", roots.to_str().unwrap());
    let account = Account::add(&program, "acme");
    let auth_id = account.0["auth_id"].as_str().unwrap();
    let server = program.serve_with(&[("CALLVAULT_OUTBOUND__ALLOW", "localhost")]);
    let deliver = |certificate| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("https://localhost:{port}/cb%23rc=0");
        let receiver = take_over_tls(listener, certificate);
        let path = format!("/v1/Account/{auth_id}/Recording/?callback_url={url}");
        assert_eq!(account.get(&server, &path).status, 202);
        let call = receiver.join().unwrap();
        let newest = || account.get(&server, "/api/v1/deliveries").json()["deliveries"][0].clone();
        eventually("the delivery ends", || newest()["state"] != "pending");
        let id = &newest()["delivery_id"];
        (call, account.get(&server, &format!("/api/v1/deliveries/{id}")).json())
    };

    let (call, delivery) = deliver(trusted.issue_for(&["localhost"]));
    let call = call.unwrap();
    assert_eq!(call.head[0], "POST /cb HTTP/1.1");
    assert!(call.body.contains("&response="));
    assert_eq!(
        (&delivery["state"], &delivery["tried"][0]["status"]),
        (&"delivered".into(), &200.into())
    );

    let wrong_name = trusted.issue_for(&["calls.example.com"]);
    let forged = impostor.issue_for(&["localhost"]);
    let reasons = ["certificate not valid for name \"localhost\"", "BadSignature"];
    for (certificate, why) in [wrong_name, forged].into_iter().zip(reasons) {
        let (call, delivery) = deliver(certificate);
        assert!(call.is_err(), "nothing was said to whom it is not for");
        assert_eq!(delivery["state"], "failed");
        let error = delivery["tried"][0]["error"].as_str().unwrap();
        let start = format!("no TLS connection: invalid peer certificate: {why}");
        assert!(error.starts_with(&start), "{error}");
    }
    server.stop();
}
