//! Serves a vault that tells two voices on one channel apart, whatever is heard, for the console's
//! tests: the models that do so are not on every machine. Prints its address and an account as one
//! line of JSON, and goes on until it is ended.

use std::io::Write as _;
use std::time::Duration;

use serde_json::json;
use speech::{Speakers, Transcript, Turn, Word};
use testkit::TestVault;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let test = TestVault::with(|config| {
        config.clock = vault::Clock::system();
        config.speech = testkit::speech::scripted(|_, _| Ok(two_voices()));
    })
    .await;
    let account = test.account("voices").await;
    let url = test.listen().await;
    let told = json!({
        "url": url,
        "auth_id": account.auth_id.as_str(),
        "auth_token": account.auth_token,
    });
    writeln!(std::io::stdout(), "{told}")?;
    loop {
        test.work().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Two turns, of which the second is less sure, and says what must not become part of a page.
fn two_voices() -> Transcript {
    let lines = [("Hello, who is there?", 0.93), ("<img src=x onerror=window.forged=1>", 0.62)];
    let mut said = Transcript { speakers: Speakers::Estimated, ..Transcript::default() };
    for (speaker, (line, confidence)) in (0_u16..).zip(lines) {
        let start_ms = u64::from(speaker) * 2_000;
        for (place, word) in (0_u64..).zip(line.split(' ')) {
            let start_ms = start_ms + place * 300;
            said.words.push(Word {
                word: word.to_owned(),
                start_ms,
                end_ms: start_ms + 250,
                confidence: 0.9,
                channel: 0,
                speaker,
            });
        }
        said.turns.push(Turn {
            speaker,
            start_ms,
            end_ms: start_ms + 1_500,
            text: line.to_owned(),
            channel: 0,
            confidence,
        });
    }
    said
}
