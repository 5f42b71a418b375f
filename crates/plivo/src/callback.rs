//! Asynchronous requests: `callback_url` on any call has its answer sent there.
//!
//! <https://www.plivo.com/docs/voice/api/request#asynchronous-request>

mod options;

use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;
use vault::{
    Caller, DeliveryMethod, DeliveryPolicy, Destination, Dialect, NewDelivery, Parcel, RecordingId,
    Spoken, Vault,
};

use crate::error::{Error, Result};
use crate::wire::Telling;
use crate::{State, signature, wire};

/// Where an answer is wanted, instead of here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callback {
    url: Url,
    method: DeliveryMethod,
    policy: DeliveryPolicy,
}

const URL: &str = "callback_url";
const METHOD: &str = "callback_method";
/// More than any URL that works everywhere.
const LONGEST: usize = 4096;

/// A callback that the query asks for, if it does.
pub(crate) struct Asked(pub Option<Callback>);

impl FromRequestParts<State> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self> {
        Callback::read(web::pairs(parts.uri.query().unwrap_or_default())).map(Self)
    }
}

/// A callback that the query of a DELETE asks for, or its JSON body; what else is in that, and a
/// body that is no JSON object, does not matter.
pub(crate) async fn asked_by_delete(query: &str, body: Body) -> Result<Option<Callback>> {
    let body = crate::body::bytes(body).await?;
    let mut pairs: Vec<_> = web::pairs(query).collect();
    if let Ok(Value::Object(object)) = serde_json::from_slice(&body) {
        for (name, value) in object {
            match value {
                _ if name != URL && name != METHOD => {}
                Value::Null => {}
                Value::String(text) => pairs.push((name, text)),
                _ => return Err(Error::parameter(&name, "must be a text")),
            }
        }
    }
    Callback::read(pairs)
}

impl Callback {
    /// Reads `callback_url` and `callback_method`; an empty one is absent.
    pub(crate) fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Option<Self>> {
        Self::read_named(pairs, URL, Some(METHOD))
    }

    /// Reads parameters of other names; without one for the method it is POST.
    pub(crate) fn read_named(
        pairs: impl IntoIterator<Item = (String, String)>,
        url_name: &str,
        method_name: Option<&str>,
    ) -> Result<Option<Self>> {
        let (mut url, mut method) = (None, None);
        for (name, value) in pairs {
            let place = if name == url_name {
                &mut url
            } else if Some(name.as_str()) == method_name {
                &mut method
            } else {
                continue;
            };
            if value.is_empty() || place.as_ref() == Some(&value) {
                continue;
            }
            if place.replace(value).is_some() {
                return Err(Error::parameter(&name, "is given twice"));
            }
        }
        let Some(url) = url else { return Ok(None) };
        let method = match method {
            None => DeliveryMethod::Post,
            Some(text) if text.eq_ignore_ascii_case("POST") => DeliveryMethod::Post,
            Some(text) if text.eq_ignore_ascii_case("GET") => DeliveryMethod::Get,
            Some(_) => {
                let name = method_name.unwrap_or_default();
                return Err(Error::parameter(name, "must be GET or POST"));
            }
        };
        if url.len() > LONGEST {
            let why = format!("must have at most {LONGEST} characters");
            return Err(Error::parameter(url_name, why));
        }
        let parsed = Url::parse(&url);
        let mut url =
            parsed.map_err(|why| Error::parameter(url_name, format!("is no URL: {why}")))?;
        let policy = options::read(url.fragment().unwrap_or_default())
            .map_err(|why| Error::parameter(url_name, why))?;
        url.set_fragment(None);
        Ok(Some(Self { url, method, policy }))
    }

    pub(crate) fn into_destination(self) -> Destination {
        let Self { url, method, policy } = self;
        Destination { dialect: Dialect::Plivo, url: url.to_string(), method, policy }
    }

    /// The delivery of this answer.
    fn delivery(&self, status: StatusCode, body: &impl Serialize) -> Result<NewDelivery> {
        let answer = serde_json::to_string(body).map_err(|why| vault::Error::Internal(why.into()));
        Ok(NewDelivery {
            dialect: Dialect::Plivo,
            url: self.url.to_string(),
            method: self.method,
            policy: self.policy,
            status: Some(status.as_u16()),
            answer: answer?,
        })
    }

    /// Deletes, and has the answer to that delivered. One SDK takes no other status than 200 here.
    pub(crate) async fn delete(
        &self,
        vault: &Vault,
        caller: &Caller,
        id: RecordingId,
    ) -> Result<Response> {
        let gone = wire::Gone { api_id: wire::api_id() };
        let gone = self.delivery(StatusCode::NO_CONTENT, &gone)?;
        let (status, missing) = Error::Vault(vault::Error::NotFound).answer();
        let missing = self.delivery(status, &missing)?;
        let queued = vault.delete_recording_and_deliver(caller, id, gone, missing).await;
        match queued {
            Err(error @ vault::Error::Kept(_)) => {
                // Nothing has happened, so that its telling can be a deed of its own.
                self.answer::<wire::Gone>(vault, caller, StatusCode::OK, Err(error.into())).await
            }
            queued => queued.map(|_| spawned(StatusCode::OK)).map_err(refused),
        }
    }

    /// Has an answer delivered, be it good or bad. What is our own fault, or comes before the
    /// login, is told at once, so that the client can try again.
    pub(crate) async fn answer<T: Telling>(
        &self,
        vault: &Vault,
        caller: &Caller,
        immediate: StatusCode,
        answer: Result<T>,
    ) -> Result<Response> {
        let (new, about, has_words) = match answer {
            Ok(body) => (self.delivery(StatusCode::OK, &body)?, body.about(), body.has_words()),
            Err(error) => match error.answer() {
                (status, body) if status.is_client_error() => {
                    (self.delivery(status, &body)?, Vec::new(), false)
                }
                _ => return Err(error),
            },
        };
        vault.deliver(caller, new, about, has_words).await.map_err(refused)?;
        Ok(spawned(immediate))
    }
}

/// Answers here, or has the answer delivered where that was asked for.
pub(crate) async fn answer<T: Telling>(
    Asked(callback): Asked,
    vault: &Vault,
    caller: &Caller,
    answer: Result<T>,
) -> Result<Response> {
    match callback {
        None => Ok(Json(answer?).into_response()),
        Some(callback) => callback.answer(vault, caller, StatusCode::ACCEPTED, answer).await,
    }
}

/// The vault's word for the URL is not the vendor's.
fn refused(error: vault::Error) -> Error {
    match error {
        vault::Error::Invalid { what: "url", why } => Error::parameter(URL, why),
        other => Error::Vault(other),
    }
}

fn spawned(status: StatusCode) -> Response {
    let body = wire::Spawned { api_id: wire::api_id(), message: "async api spawned" };
    (status, Json(body)).into_response()
}

/// The request that brings an answer to its server: as a form, or in the query, and signed.
///
/// Fields are the answer's own keys, what is nested in them as JSON text and null as an empty text;
/// `status_code`, the status that the answer would have had; and `response`, the whole as JSON. What
/// answers nothing has neither of these two. The nonce is a number of some twenty digits that was
/// never used before.
pub fn request(parcel: &Parcel, nonce: &str) -> http::Result<Request<Bytes>> {
    let delivery = &parcel.delivery.new;
    let fields = fields(delivery.status, &delivery.answer);
    let mut url = delivery.url.clone();
    let (method, signed, body) = match delivery.method {
        DeliveryMethod::Post => {
            let body = Serializer::new(String::new()).extend_pairs(&fields).finish();
            (Method::POST, fields, Bytes::from(body))
        }
        DeliveryMethod::Get => {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&Serializer::new(String::new()).extend_pairs(&fields).finish());
            (Method::GET, Vec::new(), Bytes::new())
        }
    };
    let all = |tokens: &[String], sign: &dyn Fn(&str) -> String| {
        tokens.iter().map(|token| sign(token)).collect::<Vec<_>>().join(",")
    };
    let v1 = |token: &str| signature::v1(token, &url, &signed);
    let v2 = |token: &str| signature::v2(token, &url, nonce);
    let v3 = |token: &str| signature::v3(token, delivery.method, &url, &signed, nonce);
    let (own, main) = (&parcel.tokens, &parcel.main_tokens);
    let headers = [
        ("x-plivo-signature", all(own, &v1)),
        ("x-plivo-signature-v2", all(own, &v2)),
        ("x-plivo-signature-ma-v2", all(main, &v2)),
        ("x-plivo-signature-v2-nonce", nonce.to_owned()),
        ("x-plivo-signature-v3", all(own, &v3)),
        ("x-plivo-signature-ma-v3", all(main, &v3)),
        ("x-plivo-signature-v3-nonce", nonce.to_owned()),
    ];
    let mut request = Request::builder().method(&method).uri(&url);
    if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(HeaderName::from_static(name), HeaderValue::try_from(value)?);
    }
    request.body(body)
}

fn fields(status: Option<u16>, answer: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    if let Ok(Value::Object(object)) = serde_json::from_str(answer) {
        for (name, value) in object {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            };
            fields.push((name, text));
        }
    }
    if let Some(status) = status {
        fields.push(("status_code".to_owned(), status.to_string()));
        fields.push(("response".to_owned(), answer.to_owned()));
    }
    fields
}

/// The fields that tell of a transcript's end, as a JSON object.
///
/// <https://www.plivo.com/docs/voice/api/call#record-a-call>, "Transcription"
pub fn transcribed(spoken: &Spoken) -> String {
    let Spoken { recording, transcript, .. } = spoken;
    serde_json::json!({
        "call_uuid": recording.call.call_uuid,
        "duration": recording.sound.duration().as_secs(),
        "error": transcript.error,
        "recording_id": recording.recording_id.to_string(),
        "transcription": wire::text(spoken),
        "transcription_charge": transcript.cost.as_f64(),
        "transcription_rate": transcript.rate.as_f64(),
    })
    .to_string()
}

#[cfg(test)]
mod tests;
