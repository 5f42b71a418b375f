//! Whether a bucket keeps what is deleted in it. `object_store` has no call for that.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html>

use http_body_util::BodyExt as _;
use object_store::aws::{AmazonS3ConfigKey, AwsAuthorizer};
use object_store::client::{HttpClient, HttpConnector as _, HttpRequestBody, ReqwestConnector};

use crate::{Config, Error, Result};

/// Why a bucket keeps what is deleted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// Object lock: nothing can be deleted for good before its time.
    Locked,
    /// Versioning is on: a deleted object stays as an older version.
    Versions,
    /// Versioning was on: what was kept then stays as an older version.
    OldVersions,
}

/// Asks a bucket whether, and why, it keeps what is deleted in it.
pub(crate) async fn keeps(config: &Config) -> Result<Option<Keeps>> {
    let bucket = Bucket::open(config)?;
    let (status, lock) = bucket.ask("object-lock").await?;
    // 404 where there is none; some servers do not know the question.
    if status == 200 && lock.contains("<ObjectLockEnabled>Enabled<") {
        return Ok(Some(Keeps::Locked));
    }
    let (status, versioning) = bucket.ask("versioning").await?;
    match status {
        200 if versioning.contains("<Status>Enabled<") => Ok(Some(Keeps::Versions)),
        200 if versioning.contains("<Status>Suspended<") => Ok(Some(Keeps::OldVersions)),
        200 => Ok(None),
        401 | 403 => Err(Error::Refused(format!("asked about versions: status {status}").into())),
        _ => Err(Error::Backend(format!("asked about versions: status {status}").into())),
    }
}

struct Bucket {
    url: String,
    region: String,
    builder: object_store::aws::AmazonS3Builder,
    client: HttpClient,
}

impl Bucket {
    fn open(config: &Config) -> Result<Self> {
        let builder = super::builder(config)?;
        let value = |key| builder.get_config_value(&key);
        // As object_store itself has it.
        let region = value(AmazonS3ConfigKey::Region).unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = value(AmazonS3ConfigKey::Endpoint)
            .unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let bucket = value(AmazonS3ConfigKey::Bucket).unwrap_or_default();
        let http = endpoint.starts_with("http:");
        let client = ReqwestConnector::default()
            .connect(&super::client().with_allow_http(http).with_timeout(super::PATIENCE))?;
        let url = format!("{}/{bucket}", endpoint.trim_end_matches('/'));
        Ok(Self { url, region, builder, client })
    }

    /// `GET /bucket?question`: status and body.
    async fn ask(&self, question: &str) -> Result<(u16, String)> {
        let failed = |error: object_store::client::HttpError| Error::Backend(Box::new(error));
        let signer = self.builder.clone().build()?;
        let credential = signer.credentials().get_credential().await?;
        let uri = format!("{}?{question}=", self.url);
        let request = http::Request::get(uri).body(HttpRequestBody::empty());
        let mut request = request.map_err(|error| Error::Backend(Box::new(error)))?;
        AwsAuthorizer::new(&credential, "s3", &self.region).try_authorize(&mut request, None)?;
        let answer = self.client.execute(request).await.map_err(failed)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(failed)?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
