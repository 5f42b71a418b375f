use super::*;

const DAY: u64 = 24 * 3600;

/// A recording as the model knows it.
struct Known {
    new: NewRecording,
    gone: Option<Time>,
}

/// The first moment of the month: 12 times the year, and the month from 0.
fn month_start(month: i64) -> Time {
    time(&format!("{:04}-{:02}-01T00:00:00Z", month / 12, month % 12 + 1))
}

#[tokio::test]
async fn a_stock_knows_what_was_there_at_the_end_of_every_month() {
    let store = store().await;
    let main = account(&store, MAIN, None).await;
    let sub = account(&store, SUB, Some(main)).await;
    let start = time("2024-01-30T00:00:00Z");
    let mut known = Vec::new();
    for at in 0_u64..120 {
        // Each third at midnight sharp; lengths around half minutes.
        let added = start.plus(seconds(at * 3 / 4 * DAY + if at % 3 == 0 { 0 } else { 977 * at }));
        let mut new = recording(if at % 4 == 0 { sub } else { main }, main, added);
        new.sound.frames = 8_000 * [10, 89, 90, 29, 30, 3_600][usize::try_from(at % 6).unwrap()];
        new.size_bytes = 1_000 + at;
        add(&store, &new).await;
        let gone = (at % 5 == 0).then(|| added.plus(seconds(at * 37 % 100 * DAY)));
        if let Some(gone) = gone {
            let id = new.recording_id;
            assert!(take_at(&store, Scope::Root(main), id, gone).await);
        }
        known.push(Known { new, gone });
    }
    let months: Vec<i64> = (2024 * 12..2024 * 12 + 9).collect();
    let free = seconds(90 * DAY);
    let ends = months.iter().map(|month| month_start(month + 1));
    let midnights: Vec<Time> = ends.flat_map(|end| [end, end.minus(free)]).collect();
    for scope in [Scope::Root(main), Scope::Subaccount(sub)] {
        let asked = midnights.clone();
        let read = store.snapshot(move |r| Box::pin(async move { r.stock(scope, &asked).await }));
        let stock = read.await.unwrap();
        for month in &months {
            let end = month_start(month + 1);
            for added in [end, end.minus(free)] {
                let mut expected = Sums::default();
                let there = known.iter().filter(|known| {
                    (scope == Scope::Root(main) || known.new.account_id == sub)
                        && known.new.add_time <= added
                        && known.gone.is_none_or(|gone| gone >= end)
                });
                for Known { new, .. } in there {
                    let length = new.sound.duration();
                    expected += Sums {
                        recordings: 1,
                        bytes: new.size_bytes,
                        duration: length,
                        minutes: ((length.as_secs() + 30) / 60).max(1),
                    };
                }
                assert_eq!(stock.at_end_of(*month, added), expected, "{scope:?} {month}");
            }
            let deleted = known.iter().filter(|known| {
                (scope == Scope::Root(main) || known.new.account_id == sub)
                    && known.gone.is_some_and(|gone| {
                        gone >= month_start(*month) && gone < month_start(month + 1)
                    })
            });
            assert_eq!(stock.deleted_in(*month), deleted.count() as u64);
        }
    }
    let read = store.read(move |reader| Box::pin(reader.subaccounts(main)));
    assert_eq!(read.await.unwrap(), [(sub, SUB.parse().unwrap(), "test".to_owned())]);
}
