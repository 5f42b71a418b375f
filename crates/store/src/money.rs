//! Money, exactly.

use std::fmt;
use std::str::FromStr;

/// An amount in US dollars, counted in billionths, so that any price per minute with up to nine
/// decimals is exact. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money(u64);

const DOLLAR: u64 = 1_000_000_000;
const DECIMALS: usize = 9;

impl Money {
    pub const ZERO: Self = Self(0);

    pub const fn from_billionths(billionths: u64) -> Self {
        Self(billionths)
    }

    pub const fn as_billionths(self) -> u64 {
        self.0
    }

    /// This much, so many times; stops at the largest amount there is.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The nearest binary fraction, for a JSON number: its shortest decimal form is the amount
    /// itself up to fifteen digits.
    #[expect(clippy::cast_precision_loss, reason = "said above")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / DOLLAR as f64
    }
}

/// Writes a plain decimal without needless zeros: `0.0004`, `0`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / DOLLAR, self.0 % DOLLAR);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Text that is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount: digits with up to nine decimals, below ten billion")]
pub struct NotAnAmount;

impl FromStr for Money {
    type Err = NotAnAmount;

    /// Reads a plain decimal: `0.0004`, `12`. No sign, no exponent.
    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 10 || fraction.len() > DECIMALS {
            return Err(NotAnAmount);
        }
        let whole: u64 = whole.parse().map_err(|_| NotAnAmount)?;
        let fraction: u64 = format!("{fraction:0<9}").parse().map_err(|_| NotAnAmount)?;
        let billionths = whole.checked_mul(DOLLAR).and_then(|all| all.checked_add(fraction));
        billionths.map(Self).ok_or(NotAnAmount)
    }
}

#[cfg(test)]
mod tests;
