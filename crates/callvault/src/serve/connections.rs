//! The listener and its connections.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use web::TrustedProxies;

use super::patient::Patient;
use super::tls::Tls;

/// How long a TLS handshake may take, and after it a request's head, and how long a connection may
/// wait for its next request.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a client may take none of an answer that is ready for it. A player that was paused asks
/// for the rest anew.
const STILL: Duration = Duration::from_mins(1);
/// The largest head of a request, in bytes.
const HEAD_SIZE: usize = 32 * 1024;
/// How many connections there may be at a time: a process usually has 1024 open files.
const CONNECTIONS: usize = 512;

/// Accepts connections until the shutdown, then gives running requests so long to finish. What
/// runs on after that ends with the program.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    proxies: TrustedProxies,
    doors: Router,
    shutdown: CancellationToken,
    grace: Duration,
) {
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some(accepted) = shutdown.run_until_cancelled(accept(&listener, &places)).await {
        let (stream, peer, place) = accepted;
        let (tls, entrance) =
            (tls.clone(), Entrance { doors: doors.clone(), peer, proxies: proxies.clone() });
        let (watcher, shutdown) = (connections.watcher(), shutdown.clone());
        tokio::spawn(async move {
            match tls {
                None => converse(Patient::new(stream, STILL), entrance, watcher).await,
                Some(tls) => {
                    let shaken = tokio::time::timeout(HEAD_TIME, tls.accept(stream));
                    let shaken = shutdown.run_until_cancelled(shaken).await;
                    if let Some(Ok(Some(stream))) = shaken {
                        converse(Patient::new(stream, STILL), entrance, watcher).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!("requests are still running after {} s", grace.as_secs());
    }
}

/// The doors, and who stands before them.
struct Entrance {
    doors: Router,
    peer: IpAddr,
    proxies: TrustedProxies,
}

/// Answers a connection's requests to its end. Each request is told where it comes from.
async fn converse<S>(
    stream: Patient<S>,
    Entrance { doors, peer, proxies }: Entrance,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let doors = TowerToHyperService::new(doors);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let source = proxies.source(peer, request.headers());
        request.extensions_mut().insert(source);
        doors.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_header_size(HEAD_SIZE)
        // Who has said all there is to say may shut that half, and still wants the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Waits for a place, then for a connection.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, IpAddr, Option<OwnedSemaphorePermit>) {
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                return (stream, peer.ip(), place);
            }
            Err(error) => refused(&error).await,
        }
    }
}

/// A connection that its client gave up is nothing; but where files or memory are used up, trying
/// again at once would only burn time.
async fn refused(error: &io::Error) {
    let gone = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !gone.contains(&error.kind()) {
        tracing::warn!(%error, "no connection could be accepted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
