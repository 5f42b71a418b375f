//! What every HTTP door shares: layers, ranges, Basic and Bearer authentication, query strings, metrics,
//! where a request comes from.
//!
//! It deliberately does not know: any dialect's words, SQL, where bytes are.
//! Start reading at [`watch`] (what happens around every request) and [`ranged::answer`].

mod basic;
mod bearer;
mod layers;
mod metrics;
mod query;
pub mod ranged;
mod source;

pub use basic::Basic;
pub use bearer::Bearer;
pub use layers::{Door, Failure, RequestId, time_limit, watch};
pub use metrics::Metrics;
pub use query::pairs;
pub use source::{Source, TrustedProxies};
