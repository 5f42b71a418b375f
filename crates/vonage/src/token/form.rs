//! The form that asks for a token.

use std::fmt;

use super::refusal::Refusal;

/// What is asked for, and by which client.
#[derive(PartialEq, Eq)]
pub(crate) struct Form {
    pub client_id: String,
    pub client_secret: String,
    pub grant: Grant,
    /// Whether `openid` is among the scopes.
    pub openid: bool,
}

/// What the client has in its hands.
#[derive(PartialEq, Eq)]
pub(crate) enum Grant {
    Password { username: String, password: String },
    Refresh { token: String },
}

/// The fields that we know; others are ignored.
const KNOWN: [&str; 7] =
    ["grant_type", "client_id", "client_secret", "username", "password", "refresh_token", "scope"];

impl Form {
    /// Reads `application/x-www-form-urlencoded`, whatever the request calls it. The client signs
    /// in by its fields, or by HTTP Basic, or by both if they agree. An empty field is absent; one
    /// that comes twice is refused (RFC 6749, sections 3.2 and 2.3).
    ///
    /// Clients are known to send their fields unencoded. A secret with `%`, `&` or `+` is then
    /// another one, or none: wrong like any other.
    pub(crate) fn read(body: &[u8], basic: Option<web::Basic>) -> Result<Self, Refusal> {
        let body = String::from_utf8_lossy(body);
        let mut fields: [Option<String>; KNOWN.len()] = Default::default();
        for (name, value) in web::pairs(&body).filter(|(_, value)| !value.is_empty()) {
            let Some(at) = KNOWN.iter().position(|known| *known == name) else { continue };
            if fields[at].replace(value).is_some() {
                return Err(Refusal::Invalid("a field is given twice"));
            }
        }
        let [grant_type, id, secret, username, password, refresh_token, scope] = fields;
        let grant = match grant_type.as_deref() {
            Some("password") => Grant::Password {
                username: username.ok_or(Refusal::Invalid("username is missing"))?,
                password: password.ok_or(Refusal::Invalid("password is missing"))?,
            },
            Some("refresh_token") => {
                let token = refresh_token.ok_or(Refusal::Invalid("refresh_token is missing"))?;
                Grant::Refresh { token }
            }
            Some(_) => return Err(Refusal::UnsupportedGrant),
            None => return Err(Refusal::Invalid("grant_type is missing")),
        };
        let (client_id, client_secret) = client(id, secret, basic)?;
        let openid = scope.is_some_and(|scope| scope.split(' ').any(|scope| scope == "openid"));
        Ok(Self { client_id, client_secret, grant, openid })
    }
}

fn client(
    id: Option<String>,
    secret: Option<String>,
    basic: Option<web::Basic>,
) -> Result<(String, String), Refusal> {
    let Some(web::Basic { user, password }) = basic else {
        return id.zip(secret).ok_or(Refusal::Client);
    };
    let agree = id.is_none_or(|id| id == user) && secret.is_none_or(|secret| secret == password);
    if agree {
        Ok((user, password))
    } else {
        Err(Refusal::Invalid("the client signs in twice, and differently"))
    }
}

/// Without what is secret, so that no log line can have it by mistake.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grant = match self.grant {
            Grant::Password { .. } => "password",
            Grant::Refresh { .. } => "refresh_token",
        };
        write!(f, "Form({grant})")
    }
}

#[cfg(test)]
mod tests;
