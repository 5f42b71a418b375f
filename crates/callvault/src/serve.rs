//! `serve`: all doors on one listener, and the jobs, under one shutdown token.

mod connections;
mod patient;
mod signals;
mod tls;

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vault::Vault;
use web::Metrics;

use crate::config::Config;
use crate::open;

use self::tls::Tls;

/// How long running requests may take to finish once the end was asked for.
const GRACE: Duration = Duration::from_secs(20);
/// How long running jobs may take to leave themselves resumable.
const JOBS_GRACE: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT: then takes no more connections, finishes what runs, leaves the
/// jobs resumable, and returns.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    signals::watch(shutdown.clone())?;
    open::check_denoiser(config)?;
    // Before anything is made: a certificate that cannot be used stops the start.
    let tls = config.tls.clone().map(|files| Tls::open(files, shutdown.clone())).transpose()?;
    let listen = &config.listen;
    let listener = TcpListener::bind((listen.host.as_str(), listen.port))
        .await
        .with_context(|| format!("listening on {listen}"))?;
    let address = listener.local_addr().context("finding out the port")?;
    let public_url = config.public_url_at(address.port());

    let vault = open::vault(config).await?;
    let doors = doors(&vault, config, public_url);
    let jobs = tokio::spawn({
        let (vault, shutdown) = (vault.clone(), shutdown.clone());
        async move { vault.run_jobs(shutdown).await }
    });
    tracing::info!("listening on {}://{address}", config.scheme());
    let proxies = config.trusted_proxies.clone();
    let connections = connections::serve(listener, tls, proxies, doors, shutdown, GRACE);
    // As a task: the runtime's own threads see a new connection first.
    tokio::spawn(connections).await.context("the listener broke")?;
    if let Ok(ended) = tokio::time::timeout(JOBS_GRACE, jobs).await {
        ended.context("the job runner broke")?;
    } else {
        tracing::warn!("jobs are still running; they will be taken up again");
    }
    // No request runs any more: what they have left to be told is all there is.
    vault.write_log().await.context("writing the audit log")?;
    tracing::info!("stopped");
    Ok(())
}

/// Every door. The native one brings the answer to what no door knows.
fn doors(vault: &Vault, config: &Config, public_url: String) -> Router {
    let metrics = Metrics::new();
    let api = native::Config {
        public_url: public_url.clone(),
        max_upload_bytes: config.max_upload_bytes,
        ..native::Config::default()
    };
    let native =
        native::router().with_state(native::State::new(vault.clone(), api, metrics.clone()));
    let plivo = plivo::Config { public_url: public_url.clone() };
    let plivo = plivo::router().with_state(plivo::State::new(vault.clone(), plivo));
    let vonage = vonage::Config { public_url, audio_format: config.vonage_audio };
    let vonage = vonage::router().with_state(vonage::State::new(vault.clone(), vonage));
    web::watch(native, native::DOOR, &metrics)
        .merge(web::watch(plivo, plivo::DOOR, &metrics))
        .merge(web::watch(vonage, vonage::DOOR, &metrics))
}
