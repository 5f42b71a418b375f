//! Secrets: making them, sealing them, comparing them.

use std::fmt;
use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::media::hex;
use crate::{Error, Result};

/// The server's key: 32 bytes that seal what must be readable again.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

const NONCE: usize = 24;

impl SecretKey {
    /// Makes up a new one, from the operating system's generator.
    pub fn generate() -> Result<Self> {
        random().map(Self)
    }

    /// Reads the 64 hexadecimal digits that [`SecretKey::to_hex`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut key = [0; 32];
        for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(key))
    }

    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// Encrypts and authenticates, bound to its purpose.
    pub(crate) fn seal(&self, purpose: &str, secret: &str) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload { msg: secret.as_bytes(), aad: purpose.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| anyhow::anyhow!("sealing failed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`SecretKey::seal`] made for the same purpose.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong =
            || anyhow::anyhow!("a secret does not open: is it the right server.secret_key?");
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        opened.map_err(|_| Error::Internal(wrong()))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("random numbers: {error}"))?;
    Ok(bytes)
}

/// Makes up text of `length` characters of the alphabet, each equally likely.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> Result<String> {
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random::<64>()? {
            // A byte beyond the last whole round of the alphabet would favour its first letters.
            if usize::from(byte) < fair && text.len() < length {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    Ok(text)
}

/// What generated secrets are made of: clients send them unencoded.
pub(crate) const ALPHANUMERIC: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// What Plivo's ids are made of.
pub(crate) const UPPERCASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Compares in a time that does not depend on where they differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Hashes a password with argon2id, in PHC form. It takes a while: not on an async thread.
pub(crate) fn hash_password(password: &str) -> Result<String> {
    let hash = argon2::Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| anyhow::anyhow!("argon2: {error}"))?.to_string())
}

/// Whether the password is the one of that hash. It takes as long where there is no hash to
/// compare with, so that nobody learns from the time who has a login. Not on an async thread.
pub(crate) fn is_password(password: &str, hash: Option<&str>) -> Result<bool> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    let nobodys = NOBODYS.get_or_init(|| hash_password("").unwrap_or_default());
    let parsed = PasswordHash::new(hash.unwrap_or(nobodys));
    let parsed = parsed.map_err(|error| anyhow::anyhow!("a password's hash: {error}"))?;
    let same = argon2::Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(same && hash.is_some())
}

#[cfg(test)]
mod tests;
