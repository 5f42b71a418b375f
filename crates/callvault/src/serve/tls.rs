//! TLS, with a certificate that may change while the server runs.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::certificate::{Contents, Error, Files};

/// How often the files are looked at. They are small: comparing all of them is simpler than
/// trusting a time of change, which a copied file may bring along.
const LOOK: Duration = Duration::from_secs(2);

/// The certificate that new connections get. Clones see the same one.
#[derive(Clone)]
pub(super) struct Tls(watch::Receiver<Arc<ServerConfig>>);

impl Tls {
    /// Reads the files, and again when they change, until the shutdown.
    pub(super) fn open(files: Files, shutdown: CancellationToken) -> Result<Self, Error> {
        if let Some(warning) = files.warning() {
            tracing::warn!("{warning}");
        }
        let contents = files.read()?;
        let (send, receive) = watch::channel(files.server(&contents)?);
        let mut watched = Watched { seen: Ok(contents), files, send };
        tokio::spawn(shutdown.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                watched.look();
            }
        }));
        Ok(Self(receive))
    }

    /// Shakes hands. `None` where the client does not speak TLS or breaks off.
    pub(super) async fn accept(&self, mut stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        if speaks_http(&stream).await {
            refuse(&mut stream).await;
            return None;
        }
        let config = Arc::clone(&self.0.borrow());
        let shaken = TlsAcceptor::from(config).accept(stream).await;
        shaken.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed")).ok()
    }
}

struct Watched {
    files: Files,
    /// What was found the last time, be it good or bad.
    seen: Result<Contents, Error>,
    send: watch::Sender<Arc<ServerConfig>>,
}

impl Watched {
    /// Takes up what has changed. What cannot be used is logged once and changes nothing.
    fn look(&mut self) {
        let found = self.files.read();
        if found == self.seen {
            return;
        }
        let usable = found.as_ref().map_err(Error::clone);
        match usable.and_then(|contents| self.files.server(contents)) {
            Ok(config) => {
                tracing::info!("new connections get the new certificate");
                self.send.send_replace(config);
            }
            Err(error) => tracing::warn!(%error, "the certificate in use stays"),
        }
        self.seen = found;
    }
}

/// Whether the client begins with a method's letter, where TLS begins with a byte of 22.
async fn speaks_http(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0].is_ascii_uppercase()
}

/// Tells a client of plain HTTP, in plain HTTP, what it should have done.
async fn refuse(stream: &mut TcpStream) {
    const ANSWER: &str = "HTTP/1.1 400 Bad Request\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Length: 34\r\n\
        Connection: close\r\n\r\n\
        this port speaks https, not http.\n";
    // A connection that is closed over unread bytes is reset, and the answer with it.
    let _ = stream.read(&mut vec![0; 8192]).await;
    let _ = stream.write_all(ANSWER.as_bytes()).await;
    let _ = stream.shutdown().await;
}
