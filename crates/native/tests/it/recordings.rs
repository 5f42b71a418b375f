//! Looking at a recording, and deleting it.

use testkit::TestVault;

use crate::{path, problem};

#[tokio::test]
async fn a_recording_is_shown_as_it_was_kept() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let kept = vault.recording(&account).await;
    let answer = vault.client(&account).get(path(&kept)).send().await;
    assert_eq!((answer.status, answer.json()), (200, kept));
}

#[tokio::test]
async fn a_deleted_recording_is_gone_with_its_audio() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let path = path(&vault.recording(&account).await);
    let answer = client.delete(&path).send().await;
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    for answer in [client.get(&path).send().await, client.delete(&path).send().await] {
        problem(&answer, 404, "Not Found", "not found");
    }
    vault.work().await;
    assert_eq!(vault.audio_files(), [""; 0]);
}

#[tokio::test]
async fn a_strangers_recording_is_not_told_from_none() {
    let vault = TestVault::new().await;
    let theirs = path(&vault.recording(&vault.account("other").await).await);
    let client = vault.client(&vault.account("acme").await);
    let never = "/api/v1/recordings/0b7dd1a8-6a3f-4a52-8a79-4f2a5e0f9d11";
    for path in [theirs.as_str(), never] {
        problem(&client.get(path).send().await, 404, "Not Found", "not found");
        problem(&client.delete(path).send().await, 404, "Not Found", "not found");
        let media = client.get(format!("{path}/media")).send().await;
        problem(&media, 404, "Not Found", "not found");
    }
}

#[tokio::test]
async fn what_is_no_id_is_answered_as_an_id_that_never_was() {
    let vault = TestVault::new().await;
    let account = vault.account("acme").await;
    let client = vault.client(&account);
    let kept = vault.recording(&account).await;
    let id = kept["recording_id"].as_str().unwrap();
    let number = kept["number"].to_string();
    let tricks = [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("%7B{id}%7D"),
        format!("{id}%00"),
        format!("{id}%20"),
        format!("{id}.wav"),
        format!("urn:uuid:{id}"),
        number,
        "-1".to_owned(),
        "9".repeat(400),
        "..%2f..%2f..%2fetc%2fpasswd".to_owned(),
        "%2e%2e".to_owned(),
        "%ff%fe".to_owned(),
        "'%20or%20'1'='1".to_owned(),
    ];
    for trick in tricks {
        let path = format!("/api/v1/recordings/{trick}");
        problem(&client.get(&path).send().await, 404, "Not Found", "not found");
        problem(&client.delete(&path).send().await, 404, "Not Found", "not found");
    }
    assert_eq!(client.get(path(&kept)).send().await.status, 200);
}

#[tokio::test]
async fn a_main_account_sees_its_subaccounts_recordings_and_not_the_reverse() {
    let vault = TestVault::new().await;
    let main = vault.account("acme").await;
    let sales = vault.subaccount(&main, "sales").await;
    let support = vault.subaccount(&main, "support").await;
    let (of_main, of_sales) = (vault.recording(&main).await, vault.recording(&sales).await);
    let status =
        async |account, recording| vault.client(account).get(path(recording)).send().await.status;
    assert_eq!(status(&main, &of_sales).await, 200);
    assert_eq!(status(&sales, &of_sales).await, 200);
    assert_eq!(status(&sales, &of_main).await, 404);
    assert_eq!(status(&support, &of_sales).await, 404);
    assert_eq!(vault.client(&main).delete(path(&of_sales)).send().await.status, 204);
    assert_eq!(status(&sales, &of_sales).await, 404);
}
