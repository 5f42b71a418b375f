use futures::stream;

use super::*;

const IDLE: Duration = Duration::from_secs(30);

fn body(pieces: &[&'static [u8]]) -> Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        pieces.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
    Body::from_stream(stream::iter(pieces))
}

#[tokio::test]
async fn a_body_within_its_limit_is_read_whole() {
    assert_eq!(whole(body(&[b"ab", b"cd"]), 4, IDLE).await.unwrap(), "abcd");
}

#[tokio::test]
async fn a_body_beyond_its_limit_is_refused() {
    let error = whole(body(&[b"ab", b"cd"]), 3, IDLE).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 3 }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_body_is_given_up() {
    let head = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"ab"))]);
    let silent = Body::from_stream(head.chain(stream::pending()));
    let start = Instant::now();
    let error = whole(silent, 10, IDLE).await.unwrap_err();
    assert!(matches!(error, Error::Idle), "{error}");
    assert_eq!(start.elapsed(), IDLE);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_may_take_as_long_as_it_needs() {
    let slow = stream::iter(0..100).then(|_| async {
        tokio::time::sleep(Duration::from_secs(29)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
    });
    assert_eq!(whole(Body::from_stream(slow), 100, IDLE).await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let broken = stream::iter([Ok(Bytes::from_static(b"ab")), Err(std::io::Error::other("gone"))]);
    let error = whole(Body::from_stream(broken), 10, IDLE).await.unwrap_err();
    assert_eq!(error.to_string(), "the body ends too early");
}
