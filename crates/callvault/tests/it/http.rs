//! Just enough of an HTTP client: one request per connection.

use std::io::{Read, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use serde_json::Value;

use crate::program::{Account, PATIENCE, Server};

pub(crate) struct Request {
    head: String,
    body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self::new_at(method, path, "test").header("Connection", "close")
    }

    /// A request by the host's name, on a connection that stays.
    pub(crate) fn new_at(method: &str, target: &str, host: &str) -> Self {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        Self { head, body: Vec::new() }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// An upload of this file, with these text parts before it.
    pub(crate) fn upload(file: &[u8], parts: &[(&str, &str)]) -> Self {
        let mut body = Vec::new();
        for (name, text) in parts {
            let head = format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{text}\r\n").as_bytes());
        }
        let head =
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--B--\r\n");
        Self::new("POST", "/api/v1/recordings")
            .header("Content-Type", "multipart/form-data; boundary=B")
            .body(body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    pub(crate) fn signed(self, account: &Account) -> Self {
        let field = |name: &str| account.0[name].as_str().unwrap().to_owned();
        let pair = format!("{}:{}", field("auth_id"), field("auth_token"));
        let token = base64::engine::general_purpose::STANDARD.encode(pair);
        self.header("Authorization", &format!("Basic {token}"))
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The whole request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head = format!("{}Content-Length: {}\r\n\r\n", self.head, self.body.len());
        [head.as_bytes(), &self.body].concat()
    }

    #[track_caller]
    pub(crate) fn send(&self, server: &Server) -> Answer {
        if let Some(trust) = &server.trust {
            let mut stream = trust.connect(server).expect("a handshake");
            stream.write_all(&self.bytes()).unwrap();
            return receive(stream).expect("an answer");
        }
        let mut stream = connect(server);
        stream.write_all(&self.bytes()).unwrap();
        receive(stream).expect("an answer")
    }
}

pub(crate) fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads an answer to the end of the connection; `None` where there is none.
pub(crate) fn receive(mut stream: impl Read) -> Option<Answer> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let body = bytes[end + 4..].to_vec();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    Some(Answer { status, head, body: if chunked { joined(&body) } else { body } })
}

/// Puts the chunks of a body together.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    whole
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A mono WAV of 16-bit samples at 8000 Hz, of so many milliseconds of a rising tone.
pub(crate) fn wav(milliseconds: u32) -> Vec<u8> {
    let frames = 8 * milliseconds;
    let size = frames * 2;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + size).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&8000_u32.to_le_bytes());
    bytes.extend_from_slice(&16000_u32.to_le_bytes());
    bytes.extend_from_slice(b"\x02\0\x10\0data");
    bytes.extend_from_slice(&size.to_le_bytes());
    for frame in 0..frames {
        let sample = i16::try_from(frame % 200 * 100).unwrap();
        bytes.extend_from_slice(&sample.to_le_bytes());
    }
    bytes
}
