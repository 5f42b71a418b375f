//! How a callback is to be delivered: options in its URL's fragment, which is never sent.
//!
//! <https://www.plivo.com/docs/voice/concepts/callback-configurations>

use std::time::Duration;

use vault::{DeliveryPolicy, RetryOn};

/// Reads `ct=2000&rt=40000&tt=55000&rc=1&rp=ct,rt`, in milliseconds where it is a time.
///
/// | option | meaning | from | to | default |
/// |---|---|---|---|---|
/// | `ct` | until connected | 100 | 10000 | 2000 |
/// | `rt` | until the next piece of the answer | 100 | 40000 | 40000 |
/// | `tt` | in all | 100 | 55000 | 55000 |
/// | `rc` | retries | 0 | 5 | 1 |
/// | `rp` | after what: `4xx`, `5xx`, `ct`, `rt`, `all`, separated by commas | | | `ct,rt` |
/// | `er` | the region that it is sent from; there is one only, so it does not matter | | | |
///
/// The error says what is wrong with which option.
pub(super) fn read(fragment: &str) -> Result<DeliveryPolicy, String> {
    let mut policy = DeliveryPolicy::default();
    let mut seen = Vec::new();
    for (name, value) in web::pairs(fragment) {
        match name.as_str() {
            "ct" => policy.connect_timeout = milliseconds(&name, &value, 10_000)?,
            "rt" => policy.read_timeout = milliseconds(&name, &value, 40_000)?,
            "tt" => policy.total_timeout = milliseconds(&name, &value, 55_000)?,
            "rc" => policy.retries = number(&name, &value, 0, 5)?,
            "rp" => policy.retry_on = after(&value)?,
            "er" => {}
            _ => {
                return Err(
                    "has an option after its # that is none of ct, rt, tt, rc, rp, er".into()
                );
            }
        }
        if seen.contains(&name) {
            return Err(format!("has its option {name} twice"));
        }
        seen.push(name);
    }
    Ok(policy)
}

fn milliseconds(name: &str, value: &str, most: u32) -> Result<Duration, String> {
    number(name, value, 100, most).map(|number| Duration::from_millis(number.into()))
}

fn number(name: &str, value: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = crate::page::whole_number(value).and_then(|number| u32::try_from(number).ok());
    number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        format!("has an option {name} that is no whole number from {least} to {most}")
    })
}

fn after(value: &str) -> Result<RetryOn, String> {
    let mut after = RetryOn::NOTHING;
    for word in value.split(',') {
        after = after.and(match word {
            "4xx" => RetryOn::STATUS_4XX,
            "5xx" => RetryOn::STATUS_5XX,
            "ct" => RetryOn::CONNECT,
            "rt" => RetryOn::READ,
            "all" => RetryOn::ALL,
            _ => return Err("has an option rp that is not made of 4xx, 5xx, ct, rt, all".into()),
        });
    }
    Ok(after)
}
