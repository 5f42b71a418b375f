//! The route table: the router is built of it, and the tests and the description check against it.

use std::time::Duration;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, any, on};

use crate::auth::VonageAuth;
use crate::error::Error;
use crate::{DOOR, State, audio, export, recordings, token, transcriptions};

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What the vendor's paths begin with: its OpenAPI has the first, its tutorials the second.
const PREFIXES: [&str; 2] = ["/t/vbc.prod/call_recording/api", "/t/vbc.prod/call_recording/v1/api"];
/// Company recordings only.
const INDIA: &str = "/t/vbc.prod/call_recording_india/api";
/// Where tokens are to be had; the second is the name of the vendor's other host.
const TOKEN: [&str; 2] = ["/token", "/t/vbc.prod/oauth2/token"];

/// Everything of the vendor's, to be mounted at the root.
pub fn router() -> Router<State> {
    let mut router = routes().router;
    for path in TOKEN {
        router = router.route(path, any(token::wrong_method));
    }
    for prefix in PREFIXES.into_iter().chain([INDIA]) {
        router = router.route(&format!("{prefix}/{{*rest}}"), any(unknown));
    }
    let router = router.method_not_allowed_fallback(wrong_method);
    web::time_limit(router, DOOR, TIME_LIMIT)
}

/// Every method and path that does something, `{names}` in them as the description has them.
pub fn table() -> Vec<(Method, String)> {
    routes().table
}

/// With which of the prefixes a path begins.
pub(crate) fn prefix_of(path: &str) -> Option<&'static str> {
    let begins =
        |prefix: &&str| path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    PREFIXES.into_iter().chain([INDIA]).find(begins)
}

fn routes() -> Routes {
    let mut routes = Routes::default();
    for path in TOKEN {
        routes = routes.post(path, token::post);
    }
    for prefix in PREFIXES.into_iter().chain([INDIA]) {
        routes = routes
            .below(&format!("{prefix}/accounts/{{account_id}}/company_call_recordings"))
            .get("", recordings::list)
            .get("/{recording_id}", recordings::get)
            .delete("/{recording_id}", recordings::delete)
            .post("/export", export::create)
            .below(prefix)
            .get("/audio/recording/{recording_id}", audio::get)
            .get("/bulkDownload/retrieve", export::retrieve);
    }
    for prefix in PREFIXES {
        routes = routes
            .below(&format!("{prefix}/accounts/{{account_id}}/users/{{user_id}}/call_recordings"))
            .get("", recordings::list)
            .get("/{recording_id}", recordings::get)
            .delete("/{recording_id}", recordings::delete)
            .post("/export", export::create)
            .get("/jobs", export::list)
            .get("/jobs/{job_id}", export::get)
            .below(&format!("{prefix}/accounts/{{account_id}}/company_call_recordings"))
            .get("/transcriptions", transcriptions::list)
            .post("/recordings_transcriptions/export", export::create_with_transcriptions)
            .below(prefix)
            .get("/bulkDownload/recordings_transcriptions/retrieve", export::retrieve)
            .get("/transcription/{recording_id}", transcriptions::get);
    }
    routes
}

/// A router that remembers what was mounted on it.
#[derive(Default)]
struct Routes {
    router: Router<State>,
    table: Vec<(Method, String)>,
    /// What the paths begin with that are added next.
    prefix: String,
}

impl Routes {
    fn below(self, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..self }
    }

    fn get<H: Handler<T, State>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::GET, path, handler)
    }

    fn post<H: Handler<T, State>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::POST, path, handler)
    }

    fn delete<H: Handler<T, State>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::DELETE, path, handler)
    }

    fn add<H: Handler<T, State>, T: 'static>(
        mut self,
        method: Method,
        path: &str,
        handler: H,
    ) -> Self {
        let path = format!("{}{path}", self.prefix);
        let filter = MethodFilter::try_from(method.clone()).expect("only standard methods");
        self.router = self.router.route(&path, on(filter, handler));
        self.table.push((method, path));
        self
    }
}

/// What we do not have is told to those who have a token only.
async fn unknown(_: VonageAuth) -> Error {
    Error::NoRoute
}

/// The router adds `Allow`.
async fn wrong_method(_: VonageAuth) -> Error {
    Error::MethodNotAllowed
}

#[cfg(test)]
mod tests {
    /// The router panics where two routes contradict each other.
    #[test]
    fn the_routes_go_together() {
        let _ = super::router();
    }

    #[test]
    fn a_path_begins_with_a_prefix() {
        let check = |path, expected| assert_eq!(super::prefix_of(path), expected, "{path}");
        check("/t/vbc.prod/call_recording/api/x", Some("/t/vbc.prod/call_recording/api"));
        check("/t/vbc.prod/call_recording/v1/api/x", Some("/t/vbc.prod/call_recording/v1/api"));
        check("/t/vbc.prod/call_recording_india/api/", Some(super::INDIA));
        check("/t/vbc.prod/call_recording/apix", None);
        check("/token", None);
    }
}
