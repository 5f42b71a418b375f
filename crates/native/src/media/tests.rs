use super::*;

async fn read(query: &str) -> Result<Wanted, String> {
    let uri = format!("/api/v1/recordings/x/media?{query}");
    let request = http::Request::builder().uri(uri).body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    Wanted::from_request_parts(&mut parts, &()).await.map_err(|error| error.to_string())
}

async fn check(query: &str, variant: Variant, container: Container) {
    assert_eq!(read(query).await, Ok(Wanted(vault::Wanted::whole(variant, container))), "{query}");
}

async fn refuse(query: &str, why: &str) {
    assert_eq!(read(query).await, Err(why.to_owned()), "{query}");
}

#[tokio::test]
async fn forms_are_read() {
    check("", Variant::Default, Container::Stored).await;
    check("format=asis", Variant::Default, Container::Stored).await;
    check("variant=original", Variant::Original, Container::Stored).await;
    check("variant=denoised", Variant::Denoised, Container::Stored).await;
    check("format=wav", Variant::Default, Container::Wav).await;
    check("variant=original&format=asis", Variant::Original, Container::AsSent).await;
    check("format=mp3&variant=default", Variant::Default, Container::Mp3).await;
}

#[tokio::test]
async fn other_forms_are_refused_by_name() {
    refuse("format=ogg", "format: must be one of asis, wav, mp3").await;
    refuse("format=asis&channel=0", "format: asis is all that was sent, and no part").await;
    refuse("format=", "format: must be one of asis, wav, mp3").await;
    refuse("variant=x", "variant: must be one of default, original, denoised").await;
    refuse("format=wav&format=wav", "format: given twice").await;
    refuse("begin_ms=5", "begin_ms: no such parameter").await;
    refuse("fromat%00=wav", "fromat: no such parameter").await;
}
