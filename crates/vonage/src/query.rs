//! The query of a list: which recordings, in which order, which page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vault::{RecordingFilter, Sort};

use crate::State;
use crate::error::{Error, Result};
use crate::page::{Cursor, Page};
use crate::{filter, order, wire};

/// What a list is asked for: the conditions of [`filter::condition`], `order` as in
/// [`order::read`], `page` and `page_size`, and `after`, which is ours and comes in the link to the
/// next page.
///
/// All conditions that are given must hold. An empty parameter is absent, an unknown one is
/// ignored. One that is given twice with different values is refused: none of the two is obviously
/// meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub filter: RecordingFilter,
    pub sort: Sort,
    pub page: Page,
    /// The conditions as they were given, names and values, for links to other pages.
    given: Vec<(String, String)>,
}

/// What each link has its own of.
const OWN: [&str; 4] = ["order", "page", "page_size", "after"];

impl FromRequestParts<State> for List {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl List {
    pub(crate) fn read(query: &str) -> Result<Self> {
        let mut list = Self {
            filter: RecordingFilter::default(),
            sort: order::LATEST_FIRST,
            page: Page::default(),
            given: Vec::new(),
        };
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in web::pairs(query).filter(|(_, value)| !value.is_empty()) {
            let known = match name.as_str() {
                "order" => {
                    list.sort = order::read(&value)?;
                    true
                }
                "page" => {
                    list.page.number = Page::read_number(&value)?;
                    true
                }
                "page_size" => {
                    list.page.size = Page::read_size(&value)?;
                    true
                }
                "after" => {
                    list.page.after = Some(Cursor::read(&value)?);
                    true
                }
                _ => filter::condition(&mut list.filter, &name, &value)?,
            };
            match seen.iter().find(|(earlier, _)| *earlier == name) {
                Some((_, earlier)) if *earlier != value && known => {
                    return Err(Error::parameter(name, "is given twice"));
                }
                None if known => seen.push((name, value)),
                _ => {}
            }
        }
        seen.retain(|(name, _)| !OWN.contains(&name.as_str()));
        list.given = seen;
        match list.page.after {
            Some(cursor) if cursor.sort != list.sort => {
                Err(Error::parameter("after", "comes from a list in another order"))
            }
            _ => Ok(list),
        }
    }

    /// The answer: what is on this page of `total`, and the way to others of the same list at
    /// `url`. Behind `next` stands the next page, if there is one.
    pub(crate) fn answer<T>(
        &self,
        url: &str,
        embedded: T,
        total: u64,
        next: Option<Cursor>,
    ) -> wire::Page<T> {
        let Page { number, size, after } = self.page;
        let pages = total.div_ceil(size.into());
        let last = pages.max(1);
        let link =
            |number, after| wire::Link { href: format!("{url}?{}", self.of_page(number, after)) };
        let links = wire::PageLinks {
            first: link(1, None),
            prev: (number > 1).then(|| link((number - 1).min(last), None)),
            itself: link(number, after),
            next: next.map(|cursor| link(number.saturating_add(1), Some(cursor))),
            last: link(last, None),
        };
        wire::Page {
            embedded,
            links,
            page: number,
            page_size: size,
            total_items: total,
            total_pages: pages,
        }
    }

    fn of_page(&self, number: u64, after: Option<Cursor>) -> String {
        let mut query =
            format!("page={number}&page_size={}&order={}", self.page.size, order::write(self.sort));
        let after = after.map(|cursor| ("after".to_owned(), cursor.to_string()));
        for (name, value) in self.given.iter().chain(&after) {
            query.push('&');
            query.extend(utf8_percent_encode(name, PLAIN));
            query.push('=');
            query.extend(utf8_percent_encode(value, PLAIN));
        }
        query
    }
}

/// All but the unreserved characters of RFC 3986, and the colon, which the vendor leaves as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

#[cfg(test)]
mod tests;
