//! Figures for Prometheus.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use vault::{Damage, JobCounts, Scrubbed};

/// The registry, and the figures that every HTTP door counts. Clones share both.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    pub(crate) http: Http,
    jobs: Family<InState, Gauge>,
    damaged: Family<OfDamage, Gauge>,
    scrubbed: Gauge,
}

/// What is counted of HTTP. Labels have few values: a route is its pattern, never a path.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) requests: Family<Answered, Counter>,
    pub(crate) seconds: Family<Asked, Histogram, fn() -> Histogram>,
    pub(crate) received_bytes: Family<Through, Counter>,
    pub(crate) sent_bytes: Family<Through, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) door: &'static str,
    pub(crate) route: Arc<str>,
    pub(crate) method: &'static str,
    /// The class: `2xx`, or `none` where the client left before there was an answer.
    pub(crate) status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Asked {
    pub(crate) door: &'static str,
    pub(crate) route: Arc<str>,
    pub(crate) method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Through {
    pub(crate) door: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDamage {
    damage: &'static str,
}

/// In seconds. The vendors' clients give up after five.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

impl Metrics {
    /// The media type of [`Metrics::text`].
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    pub fn new() -> Self {
        let http = Http {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            received_bytes: Family::default(),
            sent_bytes: Family::default(),
        };
        let mut all = Registry::with_prefix("callvault");
        all.register("http_requests", "HTTP requests answered", http.requests.clone());
        all.register(
            "http_request_duration_seconds",
            "Time from a request's head to its answer's head",
            http.seconds.clone(),
        );
        all.register("http_received_bytes", "Bytes of request bodies", http.received_bytes.clone());
        all.register("http_sent_bytes", "Bytes of answers' bodies", http.sent_bytes.clone());
        let jobs = Family::default();
        let help = "Queued work; `dead` was given up and waits for somebody to look";
        all.register("jobs", help, jobs.clone());
        let damaged = Family::default();
        let help = "Recordings whose bytes are known to be wrong; they are not served";
        all.register("damaged_recordings", help, damaged.clone());
        let scrubbed = Gauge::default();
        let help = "When every recording had been read again, in seconds since 1970; 0 is never";
        all.register("scrub_last_end_seconds", help, scrubbed.clone());
        Self { registry: Arc::new(Mutex::new(all)), http, jobs, damaged, scrubbed }
    }

    /// Notes how much work is queued.
    pub fn set_jobs(&self, counts: JobCounts) {
        let states = [("ready", counts.ready), ("running", counts.running), ("dead", counts.dead)];
        for (state, jobs) in states {
            let jobs = i64::try_from(jobs).unwrap_or(i64::MAX);
            self.jobs.get_or_create(&InState { state }).set(jobs);
        }
    }

    /// Notes what the scrub has found.
    pub fn set_scrubbed(&self, scrubbed: &Scrubbed) {
        for damage in [Damage::Missing, Damage::Size, Damage::Hash] {
            let found = scrubbed.damaged.iter().find(|(what, _)| *what == damage);
            let recordings = found.map_or(0, |(_, recordings)| *recordings);
            let recordings = i64::try_from(recordings).unwrap_or(i64::MAX);
            self.damaged.get_or_create(&OfDamage { damage: damage.as_str() }).set(recordings);
        }
        self.scrubbed.set(scrubbed.last_end.map_or(0, |end| end.as_micros() / 1_000_000));
    }

    /// All figures in `OpenMetrics` text, which Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry).expect("a string takes any text");
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
