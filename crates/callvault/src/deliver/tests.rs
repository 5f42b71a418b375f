use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vault::{
    AccountId, Delivery, DeliveryId, DeliveryMethod, DeliveryState, NewDelivery, RetryOn, Time,
};

use super::*;

/// A name server that answers so, in turn, and never again.
fn names(answers: &[&[&str]]) -> (Names, Arc<Mutex<VecDeque<Vec<IpAddr>>>>) {
    let answers =
        answers.iter().map(|list| list.iter().map(|text| text.parse().unwrap()).collect());
    let answers = Arc::new(Mutex::new(answers.collect::<VecDeque<Vec<IpAddr>>>()));
    let left = Arc::clone(&answers);
    let names: Names = Arc::new(move |_, port| {
        let answer = answers.lock().unwrap().pop_front().expect("no further look-up");
        async move { Ok(answer.into_iter().map(|address| (address, port).into()).collect()) }
            .boxed()
    });
    (names, left)
}

fn deliverer(allow: &[&str], names: Names) -> Deliverer {
    let allow: Vec<_> = allow.iter().map(|entry| (*entry).to_owned()).collect();
    Deliverer { allow: Allow::parse(&allow).unwrap(), names }
}

fn parcel(url: &str) -> Parcel {
    let patience = Duration::from_secs(10);
    let new = NewDelivery {
        dialect: Dialect::Plivo,
        url: url.to_owned(),
        method: DeliveryMethod::Post,
        policy: DeliveryPolicy {
            connect_timeout: patience,
            read_timeout: patience,
            total_timeout: patience,
            retries: 0,
            retry_on: RetryOn::NOTHING,
        },
        status: Some(200),
        answer: "{\"api_id\":\"x\"}".to_owned(),
    };
    let delivery = Delivery {
        delivery_id: DeliveryId(1),
        account_id: AccountId(1),
        root_id: AccountId(1),
        auth_id: "MAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        parent_auth_id: None,
        new,
        state: DeliveryState::Pending,
        attempts: 0,
        tries_left: 1,
        created: Time::from_micros(0),
    };
    Parcel { delivery, tokens: vec!["token".to_owned()], main_tokens: vec!["token".to_owned()] }
}

/// A server that answers one request with this, and tells what that was.
async fn server(answer: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 16 << 10];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    (port, served)
}

const NOT_PUBLIC: &str = "the name leads to an address that is not public";

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_connected_to() {
    let (port, served) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    // The second answer would lead elsewhere; nobody asks for it.
    let (names, left) = names(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let sent = deliverer(&["127.0.0.1"], names)
        .attempt(parcel(&format!("http://calls.test:{port}/cb?a=1")));
    assert_eq!(sent.await, Sent::Answered(204));
    assert_eq!(left.lock().unwrap().len(), 1, "one look-up");
    let request = served.await.unwrap();
    assert!(request.starts_with("POST /cb?a=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nhost: calls.test:{port}\r\n")), "{request}");
}

#[tokio::test]
async fn a_name_that_turns_to_an_inner_address_is_refused_without_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("http://rebind.test:{port}/");
    let inner: &[&[&str]] = &[
        &["127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["1.1.1.1", "127.0.0.1"],
        &["127.0.0.1", "1.1.1.1"],
        &["2606:4700:4700::1111", "fd00::1"],
    ];
    for answer in inner {
        let (names, _) = names(&[answer]);
        let sent = deliverer(&[], names).attempt(parcel(&url)).await;
        assert_eq!(sent, Sent::Refused(NOT_PUBLIC.to_owned()), "{answer:?}");
    }
    let nobody = timeout(Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nobody has connected");
}

#[tokio::test]
async fn a_name_that_is_allowed_may_lead_anywhere() {
    let (port, _served) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let (names, _) = names(&[&["127.0.0.1"]]);
    let sent = deliverer(&["calls.internal"], names);
    let sent = sent.attempt(parcel(&format!("http://calls.internal:{port}/"))).await;
    assert_eq!(sent, Sent::Answered(200));
}

#[tokio::test]
async fn literal_addresses_are_never_looked_up() {
    let (names, _) = names(&[]);
    let sent = deliverer(&[], names).attempt(parcel("http://2130706433/")).await;
    let why = "the URL leads to an address that is not public";
    assert_eq!(sent, Sent::Refused(why.to_owned()));
}

#[tokio::test]
async fn what_is_no_http_and_no_tls_is_told() {
    let (port, _served) = server("SSH-2.0-OpenSSH_9.9\r\n").await;
    let (names, _) = names(&[]);
    let deliverer = deliverer(&["127.0.0.1"], names);
    let sent = deliverer.clone().attempt(parcel(&format!("http://127.0.0.1:{port}/"))).await;
    assert!(matches!(&sent, Sent::NoAnswer(why) if why.starts_with("no answer: ")), "{sent:?}");
    let (port, _served) = server("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let sent = deliverer.attempt(parcel(&format!("https://127.0.0.1:{port}/"))).await;
    assert!(
        matches!(&sent, Sent::NoConnection(why) if why.starts_with("no TLS connection: ")),
        "{sent:?}"
    );
}
