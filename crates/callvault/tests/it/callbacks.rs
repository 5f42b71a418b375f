//! Callbacks, by the program itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use crate::http::Request;
use crate::program::{Account, Program};

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
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    assert_eq!(head[0], "POST /cb HTTP/1.1");
    let signatures = head.iter().filter(|line| line.starts_with("x-plivo-signature")).count();
    assert_eq!(signatures, 7);
    assert!(String::from_utf8(body).unwrap().contains("&response="));
    open.stop();
}
