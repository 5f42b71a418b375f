use proptest::prelude::*;
use web::Basic;

use super::*;

#[track_caller]
fn refused(body: &[u8], basic: Option<Basic>, why: &str) {
    let refusal = Form::read(body, basic).unwrap_err();
    assert_eq!(format!("{refusal:?}"), why, "{}", String::from_utf8_lossy(body));
}

fn basic(user: &str, password: &str) -> Basic {
    Basic { user: user.to_owned(), password: password.to_owned() }
}

const PASSWORD: &str = "grant_type=password&username=jane@vbc.prod&password=p";

#[test]
fn the_client_is_in_the_form_or_in_the_header() {
    let expected = |openid| Form {
        client_id: "k".to_owned(),
        client_secret: "s".to_owned(),
        grant: Grant::Password { username: "jane@vbc.prod".to_owned(), password: "p".to_owned() },
        openid,
    };
    let read = |body: &str, basic| Form::read(body.as_bytes(), basic).unwrap();
    assert_eq!(read(&format!("{PASSWORD}&client_id=k&client_secret=s"), None), expected(false));
    assert_eq!(read(PASSWORD, Some(basic("k", "s"))), expected(false));
    assert_eq!(
        read(&format!("{PASSWORD}&client_id=k&x=1&x=2"), Some(basic("k", "s"))),
        expected(false)
    );
    let scoped = format!("{PASSWORD}&scope=email+openid&client_id=k&client_secret=s");
    assert_eq!(read(&scoped, None), expected(true));
    let refresh =
        read("grant_type=refresh_token&refresh_token=r&client_id=k&client_secret=s", None);
    assert!(refresh.grant == Grant::Refresh { token: "r".to_owned() });
    assert_eq!(format!("{refresh:?}"), "Form(refresh_token)");
}

#[test]
fn what_is_missing_or_contradicts_itself_is_refused() {
    let check = |body: &str, why: &str| refused(body.as_bytes(), None, why);
    check("", "Invalid(\"grant_type is missing\")");
    check("{\"grant_type\":\"password\"}", "Invalid(\"grant_type is missing\")");
    check("grant_type=&username=u", "Invalid(\"grant_type is missing\")");
    check("grant_type=client_credentials&client_id=k&client_secret=s", "UnsupportedGrant");
    check("grant_type=authorization_code&code=c", "UnsupportedGrant");
    check("grant_type=password&password=p", "Invalid(\"username is missing\")");
    check("grant_type=password&username=u&password=", "Invalid(\"password is missing\")");
    check("grant_type=refresh_token", "Invalid(\"refresh_token is missing\")");
    check(PASSWORD, "Client");
    check(&format!("{PASSWORD}&client_id=k"), "Client");
    check(&format!("{PASSWORD}&password=p"), "Invalid(\"a field is given twice\")");
    let twice = "Invalid(\"the client signs in twice, and differently\")";
    refused(format!("{PASSWORD}&client_id=other").as_bytes(), Some(basic("k", "s")), twice);
    refused(format!("{PASSWORD}&client_secret=other").as_bytes(), Some(basic("k", "s")), twice);
}

#[test]
fn a_form_that_is_not_encoded_is_read_as_it_is() {
    let body =
        b"grant_type=password&username=u&password=p@ss&w+rd%&client_id=k&client_secret=s%\xff";
    let form = Form::read(body, None).unwrap();
    assert!(
        form.grant == Grant::Password { username: "u".to_owned(), password: "p@ss".to_owned() }
    );
    assert_eq!(form.client_secret, "s%\u{fffd}");
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body: Vec<u8>) {
        let _ = Form::read(&body, None);
    }
}
