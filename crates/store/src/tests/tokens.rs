use super::*;

fn pair(at: u8) -> NewTokens {
    let now = NOW;
    NewTokens {
        access: [at; 32],
        access_until: now.plus(seconds(10)),
        refresh: [at + 100; 32],
        refresh_until: now.plus(seconds(100)),
    }
}

async fn user_of(store: &Store, token: u8, at: Time) -> Option<UserId> {
    let read = store.read(move |reader| Box::pin(reader.user_of_token([token; 32], at)));
    read.await.unwrap()
}

async fn refresh(store: &Store, account: AccountId, old: u8, new: u8, at: Time) -> Refreshed {
    let write = store.write(move |tx| {
        Box::pin(async move { tx.refresh(account, [old + 100; 32], &pair(new), at).await })
    });
    write.await.unwrap()
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_second_use_ends_its_line() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let other = account(&store, "MABBBBBBBBBBBBBBBBBB", None).await;
    let user = user(&store, main).await;
    for first in [1, 50] {
        store
            .write(move |tx| Box::pin(async move { tx.add_tokens(user, &pair(first)).await }))
            .await
            .unwrap();
    }
    let now = NOW;
    assert_eq!(user_of(&store, 1, now).await, Some(user));
    assert_eq!(user_of(&store, 1, now.plus(seconds(10))).await, None, "too old");
    assert_eq!(user_of(&store, 101, now).await, None, "a refresh token opens nothing");

    assert_eq!(refresh(&store, other, 1, 2, now).await, Refreshed::Unknown, "another account");
    assert_eq!(refresh(&store, main, 9, 2, now).await, Refreshed::Unknown);
    assert_eq!(refresh(&store, main, 1, 2, now.plus(seconds(100))).await, Refreshed::Unknown);
    assert_eq!(refresh(&store, main, 1, 2, now).await, Refreshed::Yes);
    assert_eq!(refresh(&store, main, 2, 3, now).await, Refreshed::Yes);
    assert_eq!(refresh(&store, main, 1, 4, now).await, Refreshed::Reused);
    assert_eq!(refresh(&store, main, 3, 5, now).await, Refreshed::Unknown, "its line has ended");
    assert_eq!(user_of(&store, 3, now).await, Some(user), "access tokens live to their end");
    assert_eq!(user_of(&store, 4, now).await, None);
    assert_eq!(refresh(&store, main, 50, 51, now).await, Refreshed::Yes, "another line goes on");

    let forget = store.write(move |tx| Box::pin(tx.forget_tokens(now.plus(seconds(10)))));
    assert_eq!(forget.await.unwrap(), 5, "the access tokens");
    let end = store.write(move |tx| Box::pin(tx.end_tokens(user)));
    assert_eq!(end.await.unwrap(), 2, "the used and the new refresh token of the second line");
}
