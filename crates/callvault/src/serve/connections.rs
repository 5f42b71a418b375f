//! The listener and its connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::patient::Patient;

/// How long a request's head may take, and how long a connection may wait for its next request.
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
    doors: Router,
    shutdown: CancellationToken,
    grace: Duration,
) {
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some(stream) = shutdown.run_until_cancelled(accept(&listener, &places)).await {
        let (stream, place) = stream;
        let service = TowerToHyperService::new(doors.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_header_size(HEAD_SIZE)
            // Who has said all there is to say may shut that half, and still wants the answer.
            .half_close(true)
            .serve_connection(TokioIo::new(Patient::new(stream, STILL)), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!("requests are still running after {} s", grace.as_secs());
    }
}

/// Waits for a place, then for a connection.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, place);
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
