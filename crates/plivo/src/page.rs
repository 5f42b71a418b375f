//! `limit` and `offset` in, `meta` out.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vault::{AuthId, Part, Sort, StartAt};

use crate::error::Error;
use crate::wire;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// 1 to 20.
    pub limit: u32,
    /// Up to 2⁶³ − 1, which is what the vendor's SDKs can send.
    pub offset: u64,
}

/// The vendor's, as documented. More is refused rather than cut: one SDK goes on by its own limit
/// and would skip what was cut off.
const LARGEST: u32 = 20;

impl Default for Page {
    fn default() -> Self {
        Self { limit: LARGEST, offset: 0 }
    }
}

/// Reads a `limit`.
pub(crate) fn limit(text: &str) -> Result<u32, Error> {
    let limit = whole_number(text).and_then(|number| u32::try_from(number).ok());
    limit
        .filter(|limit| (1..=LARGEST).contains(limit))
        .ok_or_else(|| Error::parameter("limit", "must be a whole number from 1 to 20"))
}

/// Reads an `offset`.
pub(crate) fn offset(text: &str) -> Result<u64, Error> {
    whole_number(text).filter(|number| i64::try_from(*number).is_ok()).ok_or_else(|| {
        Error::parameter("offset", "must be a whole number from 0 to 9223372036854775807")
    })
}

/// Reads digits and nothing else: no sign, space, fraction or exponent.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl Page {
    /// The part of a list that it is, the latest added first.
    pub(crate) fn part(&self) -> Part {
        Part { sort: Sort::NEWEST_FIRST, from: StartAt::Offset(self.offset), limit: self.limit }
    }

    /// Where this page is among `total`, and the paths of its neighbours. These repeat the filters
    /// that were given, for people; the SDKs read limit and offset from them.
    pub(crate) fn meta(
        self,
        auth_id: &AuthId,
        resource: &str,
        filters: &[(String, String)],
        total: u64,
    ) -> wire::Meta {
        let limit = u64::from(self.limit);
        let path = |offset| self.path(auth_id, resource, filters, offset);
        let next = self.offset.saturating_add(limit);
        wire::Meta {
            limit,
            offset: self.offset,
            total_count: total,
            next: (next < total).then(|| path(next)),
            previous: (self.offset > 0).then(|| path(self.offset.saturating_sub(limit))),
        }
    }

    fn path(
        self,
        auth_id: &AuthId,
        resource: &str,
        filters: &[(String, String)],
        offset: u64,
    ) -> String {
        let mut query = String::new();
        for (name, value) in filters {
            query.extend(utf8_percent_encode(name, UNRESERVED));
            query.push('=');
            query.extend(utf8_percent_encode(value, UNRESERVED));
            query.push('&');
        }
        format!("/v1/Account/{auth_id}/{resource}/?{query}limit={}&offset={offset}", self.limit)
    }
}

/// All but the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests;
