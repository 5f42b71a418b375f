use super::*;

#[test]
fn what_was_sealed_opens_with_the_same_key_and_purpose_only() {
    let key = SecretKey::generate().unwrap();
    let sealed = key.seal("auth_token MA1", "hush").unwrap();
    assert_eq!(key.open("auth_token MA1", &sealed).unwrap(), b"hush");
    assert!(key.open("auth_token MA2", &sealed).is_err());
    assert!(SecretKey::generate().unwrap().open("auth_token MA1", &sealed).is_err());
    for broken in [&sealed[..0], &sealed[..20], &sealed[..sealed.len() - 1]] {
        assert!(key.open("auth_token MA1", broken).is_err());
    }
    assert!(!sealed.windows(4).any(|window| window == b"hush"));
    assert_ne!(sealed, key.seal("auth_token MA1", "hush").unwrap());
}

#[test]
fn a_key_is_64_hexadecimal_digits() {
    let key = SecretKey::generate().unwrap();
    assert_eq!(SecretKey::parse(&key.to_hex()).unwrap().0, key.0);
    for text in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"é".repeat(32)] {
        assert!(SecretKey::parse(text).is_none(), "{text:?}");
    }
    assert_eq!(format!("{key:?}"), "SecretKey(hidden)");
}

#[test]
fn random_text_is_of_its_alphabet_and_uses_all_of_it() {
    let text = random_text(UPPERCASE, 4_000).unwrap();
    assert_eq!(text.len(), 4_000);
    for letter in UPPERCASE {
        assert!(text.as_bytes().contains(letter));
    }
    assert!(text.bytes().all(|byte| UPPERCASE.contains(&byte)));
}

#[test]
fn a_password_becomes_an_argon2id_hash_with_a_salt() {
    let hash = hash_password("secret").unwrap();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    assert_ne!(hash, hash_password("secret").unwrap());
}
