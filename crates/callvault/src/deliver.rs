//! Carrying answers out: one request to a customer's own server, in the words of the dialect that
//! it was asked in.
//!
//! The server is a stranger's choice, so nothing is sent to addresses that are not public, see
//! [`guard`]; a name is looked up once, every address that it leads to is checked, and one of
//! these very addresses is connected to. Redirects are answers like any other.

pub mod guard;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Url};
use vault::{DeliveryPolicy, Dialect, Outbound, Parcel, Sent, Spoken};

use guard::Allow;

/// What carries answers out.
#[derive(Clone)]
pub struct Deliverer {
    allow: Allow,
    names: Names,
}

/// Finds the addresses of a name.
type Names =
    Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// How much of an answer's body is taken before the connection is closed, and for how long: it
/// does not matter, but a server that is cut off while it writes would see an error.
const DRAINED: usize = 64 << 10;
const DRAINING: Duration = Duration::from_secs(1);

impl Deliverer {
    /// Sends to public addresses, and to what `allow` has: `outbound.allow`.
    pub fn new(allow: Allow) -> Self {
        let names: Names = Arc::new(|host, port| {
            async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) }.boxed()
        });
        Self { allow, names }
    }

    async fn attempt(self, parcel: Parcel) -> Sent {
        let policy = parcel.delivery.new.policy;
        let (url, request) = match prepared(&parcel) {
            Ok(prepared) => prepared,
            Err(error) => return Sent::Refused(format!("{error:#}")),
        };
        let whole = policy.total_timeout;
        let exchange = timeout(whole, self.exchange(&url, request, policy)).await;
        exchange.unwrap_or_else(|_| {
            Sent::NoAnswer(format!("not finished within {} ms", whole.as_millis()))
        })
    }

    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
        policy: DeliveryPolicy,
    ) -> Sent {
        let DeliveryPolicy { connect_timeout, read_timeout, .. } = policy;
        let stream = match timeout(connect_timeout, self.connect(url)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(sent)) => return sent,
            Err(_) => {
                let why = format!("not connected within {} ms", connect_timeout.as_millis());
                return Sent::NoConnection(why);
            }
        };
        match timeout(read_timeout, ask(stream, request)).await {
            Ok(Ok((answer, connection))) => {
                let status = answer.status().as_u16();
                let _ = timeout(DRAINING, drain(answer)).await;
                drop(connection);
                Sent::Answered(status)
            }
            Ok(Err(error)) => Sent::NoAnswer(format!("no answer: {error}")),
            Err(_) => Sent::NoAnswer(format!("no answer within {} ms", read_timeout.as_millis())),
        }
    }

    async fn connect(&self, url: &Url) -> Result<Box<dyn Wire>, Sent> {
        let mut last = "the name has no address".to_owned();
        for address in self.addresses(url).await? {
            match TcpStream::connect(address).await {
                Ok(stream) if url.scheme() == "https" => return encrypted(url, stream).await,
                Ok(stream) => return Ok(Box::new(stream)),
                Err(error) => last = error.to_string(),
            }
        }
        Err(Sent::NoConnection(format!("no connection: {last}")))
    }

    /// The addresses that may be connected to: all that the host has, or an error.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, Sent> {
        if let Some(why) = self.refusal(url.as_str()) {
            return Err(Sent::Refused(format!("the URL {why}")));
        }
        let port = url.port_or_known_default().unwrap_or(80);
        let name = match url.host() {
            Some(Host::Ipv4(address)) => return Ok(vec![(IpAddr::V4(address), port).into()]),
            Some(Host::Ipv6(address)) => return Ok(vec![(IpAddr::V6(address), port).into()]),
            Some(Host::Domain(name)) => name.to_owned(),
            None => return Err(Sent::Refused("the URL has no host".to_owned())),
        };
        let addresses = (self.names)(name.clone(), port).await.map_err(|error| {
            Sent::NoConnection(format!("the name cannot be looked up: {error}"))
        })?;
        let permitted = |address: &SocketAddr| self.allow.permits(&name, address.ip());
        if addresses.iter().all(permitted) {
            Ok(addresses)
        } else {
            // Which address it is would tell strangers of the network inside.
            Err(Sent::Refused("the name leads to an address that is not public".to_owned()))
        }
    }
}

impl Outbound for Deliverer {
    fn refusal(&self, url: &str) -> Option<String> {
        self.allow.refusal(url).map(str::to_owned)
    }

    fn transcribed(&self, dialect: Dialect, spoken: &Spoken) -> String {
        match dialect {
            Dialect::Plivo => plivo::transcribed(spoken),
        }
    }

    fn send(&self, parcel: Parcel) -> BoxFuture<'static, Sent> {
        self.clone().attempt(parcel).boxed()
    }
}

impl fmt::Debug for Deliverer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliverer").field("allow", &self.allow).finish_non_exhaustive()
    }
}

/// The request, as the dialect words it, and where it goes.
fn prepared(parcel: &Parcel) -> anyhow::Result<(Url, Request<Full<Bytes>>)> {
    let request = match parcel.delivery.new.dialect {
        Dialect::Plivo => plivo::callback(parcel, &nonce()?),
    };
    let mut request = request.context("the URL makes no request")?.map(Full::new);
    let url = Url::parse(&request.uri().to_string()).context("the URL cannot be read")?;
    let authority = request.uri().authority().context("the URL has no host")?.as_str();
    let host = HeaderValue::try_from(authority).context("the host makes no header")?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().context("the path makes no request")?;
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("callvault/", env!("CARGO_PKG_VERSION"))),
    );
    Ok((url, request))
}

/// Twenty digits that nobody can guess.
fn nonce() -> anyhow::Result<String> {
    let number = getrandom::u64().map_err(|error| anyhow::anyhow!("random numbers: {error}"))?;
    Ok(format!("{number:020}"))
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Sends a request; its answer, and what must live as long as that is read.
async fn ask(
    stream: Box<dyn Wire>,
    request: Request<Full<Bytes>>,
) -> hyper::Result<(Response<hyper::body::Incoming>, AbortOnDropHandle<()>)> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = AbortOnDropHandle::new(tokio::spawn(connection.map(drop)));
    Ok((sender.send_request(request).await?, connection))
}

async fn drain(answer: Response<hyper::body::Incoming>) {
    let (mut body, mut taken) = (answer.into_body(), 0);
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.data_ref().map_or(0, Bytes::len);
        if taken > DRAINED {
            return;
        }
    }
}

/// TLS over a connection, with the certificate checked against the name in the URL.
async fn encrypted(url: &Url, stream: TcpStream) -> Result<Box<dyn Wire>, Sent> {
    let failed = |why: String| Sent::NoConnection(format!("no TLS connection: {why}"));
    let name = match url.host() {
        Some(Host::Domain(name)) => {
            ServerName::try_from(name.to_owned()).map_err(|error| failed(error.to_string()))?
        }
        Some(Host::Ipv4(address)) => ServerName::from(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => ServerName::from(IpAddr::V6(address)),
        None => return Err(failed("no host".to_owned())),
    };
    let config = tls().map_err(|error| failed(format!("{error:#}")))?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    Ok(Box::new(stream.map_err(|error| failed(error.to_string()))?))
}

/// Trusts what this machine trusts, as it was when the first answer went out.
fn tls() -> anyhow::Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Arc::clone(config));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    anyhow::ensure!(!roots.is_empty(), "this machine has no trusted certificates");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::clone(CONFIG.get_or_init(|| Arc::new(config))))
}

#[cfg(test)]
mod tests;
