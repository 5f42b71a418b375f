//! The server's certificate and key: read from their files, and checked.

use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, ServerConfig};

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// PEM: the certificate, then those that lead to its root.
    pub cert: PathBuf,
    /// PEM: PKCS #8, SEC 1 or PKCS #1, without a passphrase.
    pub key: PathBuf,
}

/// What the two files hold, to see whether they have changed.
#[derive(PartialEq, Eq)]
pub(crate) struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

/// Why the files cannot be used, with the setting and the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {}: {why}", path.display())]
pub(crate) struct Error {
    setting: &'static str,
    path: PathBuf,
    why: String,
}

const CERT: &str = "server.tls_cert";
const KEY: &str = "server.tls_key";

impl Files {
    pub(crate) fn read(&self) -> Result<Contents, Error> {
        let read =
            |setting, path: &Path| std::fs::read(path).map_err(|error| wrong(setting, path, error));
        Ok(Contents { cert: read(CERT, &self.cert)?, key: read(KEY, &self.key)? })
    }

    /// What connections are served with: TLS 1.2 and 1.3, HTTP/1.1.
    pub(crate) fn server(&self, contents: &Contents) -> Result<Arc<ServerConfig>, Error> {
        let provider = Arc::new(ring::default_provider());
        let chain = self.chain(&contents.cert)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| match error {
            pem::Error::NoItemsFound => wrong(
                KEY,
                &self.key,
                "there is no private key in it (of PEM, without a passphrase)",
            ),
            error => wrong(KEY, &self.key, error),
        })?;
        let signer = provider
            .key_provider
            .load_private_key(key)
            .map_err(|_| wrong(KEY, &self.key, "the private key is of no kind that TLS can use"))?;
        let certified = CertifiedKey::new(chain, signer);
        match certified.keys_match() {
            // A key that cannot tell is believed, as rustls does.
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                let why = format!("is not the key of the certificate in {}", self.cert.display());
                return Err(wrong(KEY, &self.key, why));
            }
            Err(error) => return Err(wrong(CERT, &self.cert, error)),
        }
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(CERT, &self.cert, error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn chain(&self, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
        let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| wrong(CERT, &self.cert, error))?;
        if chain.is_empty() {
            return Err(wrong(CERT, &self.cert, "there is no certificate in it (of PEM)"));
        }
        Ok(chain)
    }

    /// Reads and checks both.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.server(&self.read()?).map(drop)
    }

    /// What is unwise but works.
    pub(crate) fn warning(&self) -> Option<String> {
        let mode = self.key.metadata().ok()?.permissions().mode() & 0o777;
        (mode & 0o007 != 0).then(|| {
            let key = self.key.display();
            format!("{KEY}: {key}: everybody on this machine may read or change it (mode {mode:o})")
        })
    }
}

fn wrong(setting: &'static str, path: &Path, why: impl fmt::Display) -> Error {
    Error { setting, path: path.to_owned(), why: why.to_string() }
}
