//! `page` and `page_size` in, links to the other pages out.

use std::fmt;
use std::str::FromStr;

use vault::{Part, Place, Recording, RecordingNumber, Sort, StartAt};

use crate::error::{Error, Result};
use crate::filter::whole_number;
use crate::order;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// From 1.
    pub number: u64,
    /// 1 to [`LARGEST`].
    pub size: u32,
    /// Behind which recording it begins, where that is said: then the number only counts.
    pub after: Option<Cursor>,
}

/// More is refused rather than cut: one client stops where it gets fewer than it asked for.
const LARGEST: u32 = 1_000;

impl Default for Page {
    fn default() -> Self {
        Self { number: 1, size: 10, after: None }
    }
}

impl Page {
    /// Reads `page`. Pages count from 1; some of the vendor's examples begin with 0, which is the
    /// first too.
    pub(crate) fn read_number(text: &str) -> Result<u64> {
        let number = whole_number(text).map(|number| number.max(1));
        number.ok_or_else(|| Error::parameter("page", "must be a whole number from 0"))
    }

    /// Reads `page_size`.
    pub(crate) fn read_size(text: &str) -> Result<u32> {
        let size = whole_number(text).and_then(|size| u32::try_from(size).ok());
        size.filter(|size| (1..=LARGEST).contains(size)).ok_or_else(|| {
            Error::parameter("page_size", format!("must be a whole number from 1 to {LARGEST}"))
        })
    }

    /// The part of a list that it is, and one more, to know whether another page follows.
    pub(crate) fn part(&self, sort: Sort) -> Part {
        let from = match self.after {
            Some(cursor) => StartAt::After(cursor.place),
            None => StartAt::Offset((self.number - 1).saturating_mul(self.size.into())),
        };
        Part { sort, from, limit: self.size + 1 }
    }
}

/// A place in a list: behind one recording, whatever comes or goes before it. Written as the order
/// and what the recording has in it, as `start:DESC.1718452800000000.193228`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub sort: Sort,
    pub place: Place,
}

impl Cursor {
    pub(crate) fn behind(recording: &Recording, sort: Sort) -> Self {
        Self { sort, place: recording.place(sort) }
    }

    /// Reads `after`: nothing but what was written here.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let cursor = parse(text).filter(|cursor| cursor.to_string() == text);
        cursor.ok_or_else(|| Error::parameter("after", "must come from the link to a next page"))
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let (sort, rest) = text.split_once('.')?;
    let (value, number) = rest.split_once('.')?;
    let place = Place {
        value: i64::from_str(value).ok()?,
        number: RecordingNumber(i64::from_str(number).ok()?),
    };
    Some(Cursor { sort: order::read(sort).ok()?, place })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { value, number } = self.place;
        write!(f, "{}.{value}.{number}", order::write(self.sort))
    }
}

#[cfg(test)]
mod tests;
