//! The route table: the router is built of it, and the description checked against it.

use std::time::Duration;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::routing::{MethodFilter, on};

use crate::{
    DOOR, State, account, audit, console, credentials, deliveries, denoise, error, exports, health,
    holds, jobs, linger, media, metrics, openapi, peaks, recordings, retention, rules, runs,
    search, session, subaccounts, transcript, upload, usage, users,
};

/// callvault's own API, to be mounted at the root. It brings the fallback: a path that no route
/// has is a 404 problem, so what it is merged with must have no fallback of its own at the top.
pub fn router() -> Router<State> {
    routes()
        .router
        .merge(console::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::wrong_method)
}

/// How long a request may take that is no upload. Nothing but a stuck database takes that long.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/healthz", health::alive)
        .get("/readyz", health::ready)
        .get("/metrics", metrics::get)
        .get("/api/v1/openapi.json", openapi::get)
        .post("/api/v1/session", session::begin)
        .get("/api/v1/session", session::get)
        .delete("/api/v1/session", session::end)
        .delete("/api/v1/sessions", session::end_all)
        .get("/api/v1/recordings", recordings::list)
        .get("/api/v1/recordings/{recording_id}", recordings::get)
        .delete("/api/v1/recordings/{recording_id}", recordings::delete)
        .get("/api/v1/recordings/{recording_id}/keeping", recordings::keeping)
        .get("/api/v1/recordings/{recording_id}/media", media::get)
        .put("/api/v1/recordings/{recording_id}/hold", holds::put)
        .delete("/api/v1/recordings/{recording_id}/hold", holds::lift_from_recording)
        .get("/api/v1/holds", holds::list)
        .post("/api/v1/holds", holds::create)
        .delete("/api/v1/holds/{hold_id}", holds::lift)
        .post("/api/v1/recordings/delete", runs::delete_many)
        .post("/api/v1/exports", exports::create)
        .get("/api/v1/exports/{export_id}", exports::get)
        .get("/api/v1/exports/{export_id}/zip", exports::zip)
        .get("/api/v1/jobs", jobs::list)
        .post("/api/v1/jobs/{job_id}/retry", jobs::retry)
        .get("/api/v1/retention/policies", retention::list)
        .post("/api/v1/retention/policies", retention::create)
        .get("/api/v1/retention/policies/{policy_id}", retention::get)
        .patch("/api/v1/retention/policies/{policy_id}", retention::patch)
        .delete("/api/v1/retention/policies/{policy_id}", retention::delete)
        .post("/api/v1/retention/policies/{policy_id}/run", retention::run)
        .post("/api/v1/retention/preview", retention::preview)
        .get("/api/v1/retention/runs", runs::list)
        .get("/api/v1/retention/runs/{run_id}", runs::get)
        .post("/api/v1/retention/runs/{run_id}/confirm", runs::confirm)
        .post("/api/v1/retention/runs/{run_id}/cancel", runs::cancel)
        .get("/api/v1/retention/runs/{run_id}/receipt", runs::receipt)
        .get("/api/v1/audit", audit::list)
        .get("/api/v1/recordings/{recording_id}/peaks", peaks::get)
        .post("/api/v1/recordings/{recording_id}/denoise", denoise::post)
        .get("/api/v1/recordings/{recording_id}/transcript", transcript::get)
        .post("/api/v1/recordings/{recording_id}/transcript", transcript::post)
        .delete("/api/v1/recordings/{recording_id}/transcript", transcript::delete)
        .get("/api/v1/search", search::get)
        .get("/api/v1/account", account::get)
        .patch("/api/v1/account", account::patch)
        .get("/api/v1/users", users::list)
        .post("/api/v1/users", users::create)
        .get("/api/v1/users/{user_id}", users::get)
        .patch("/api/v1/users/{user_id}", users::patch)
        .delete("/api/v1/users/{user_id}", users::delete)
        .post("/api/v1/users/{user_id}/password", users::password)
        .get("/api/v1/subaccounts", subaccounts::list)
        .post("/api/v1/subaccounts", subaccounts::create)
        .post("/api/v1/subaccounts/{auth_id}/token", subaccounts::token)
        .get("/api/v1/credentials", credentials::get)
        .post("/api/v1/credentials/auth_token", credentials::auth_token)
        .post("/api/v1/credentials/client_secret", credentials::client_secret)
        .post("/api/v1/credentials/password", credentials::password)
        .get("/api/v1/usage", usage::get)
        .get("/api/v1/deliveries", deliveries::list)
        .get("/api/v1/deliveries/{delivery_id}", deliveries::get)
        .post("/api/v1/deliveries/{delivery_id}/replay", deliveries::replay)
        .get("/api/v1/recording-rules", rules::list)
        .post("/api/v1/recording-rules", rules::create)
        .get("/api/v1/recording-rules/{rule_id}", rules::get)
        .patch("/api/v1/recording-rules/{rule_id}", rules::patch)
        .delete("/api/v1/recording-rules/{rule_id}", rules::delete)
        .within(PATIENCE)
        .post("/api/v1/recordings", upload::create.layer(from_fn(linger::linger)))
}

/// A router that remembers what was mounted on it.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<State>,
    #[cfg(test)]
    pub(crate) table: Vec<(Method, &'static str)>,
}

impl Routes {
    fn get<H: Handler<T, State>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::GET, path, handler)
    }

    fn post<H: Handler<T, State>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::POST, path, handler)
    }

    fn put<H: Handler<T, State>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PUT, path, handler)
    }

    fn patch<H: Handler<T, State>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PATCH, path, handler)
    }

    fn delete<H: Handler<T, State>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::DELETE, path, handler)
    }

    /// Gives the routes that were added until here this long to answer.
    fn within(mut self, patience: Duration) -> Self {
        self.router = web::time_limit(self.router, DOOR, patience);
        self
    }

    fn add<H: Handler<T, State>, T: 'static>(
        mut self,
        method: Method,
        path: &'static str,
        handler: H,
    ) -> Self {
        #[cfg(test)]
        self.table.push((method.clone(), path));
        let filter = MethodFilter::try_from(method).expect("only standard methods are mounted");
        self.router = self.router.route(path, on(filter, handler));
        self
    }
}
