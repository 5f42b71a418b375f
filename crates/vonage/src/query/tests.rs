use proptest::prelude::*;
use vault::SortBy;

use super::*;

fn ok(query: &str) -> List {
    List::read(query).unwrap_or_else(|error| panic!("{query}: {error}"))
}

#[track_caller]
fn refused(query: &str, why: &str) {
    match List::read(query) {
        Ok(list) => panic!("{query} is taken: {list:?}"),
        Err(error) => assert_eq!(error.to_string(), why, "{query}"),
    }
}

#[test]
fn nothing_given_is_the_first_page_of_the_latest() {
    for query in ["", "&", "page=&order=&cnam=", "rule=7&x", "page=1&page_size=10&order=start:DESC"]
    {
        let list = ok(query);
        assert_eq!((list.sort, list.page), (order::LATEST_FIRST, Page::default()), "{query}");
        assert_eq!(list.filter, RecordingFilter::default(), "{query}");
    }
}

#[test]
fn keys_and_values_may_be_encoded_or_not() {
    let expected = ok("start:gte=2026-11-14T00:00:00%2B0000&order=start:DESC");
    for query in [
        "order=start%3ADESC&start:gte=2026-11-14T00%3A00%3A00%2B0000",
        "start%3Agte=2026-11-14T00%3A00%3A00%2B0000",
        "start:gte=2026-11-14T00:00:00+0000",
        "start:gte=2026-11-14T00:00:00Z",
        "start:gte=2026-11-14",
    ] {
        let list = ok(query);
        assert_eq!((list.filter, list.sort), (expected.filter.clone(), expected.sort), "{query}");
    }
    assert_eq!(ok("cnam=JOHN+SMITH").filter, ok("cnam=JOHN%20SMITH").filter);
}

#[test]
fn what_contradicts_itself_is_refused() {
    assert_eq!(ok("cnam=a&cnam=a").filter.cnam.as_deref(), Some("a"));
    ok("unknown=a&unknown=b");
    refused("cnam=a&cnam=b", "cnam is given twice");
    refused("page=1&page=2", "page is given twice");
    refused("after=start:DESC.1.2&order=asc", "after comes from a list in another order");
    refused("order=asc&after=start:DESC.1.2", "after comes from a list in another order");
    ok("after=start:DESC.1.2");
    ok("order=id:ASC&after=id:ASC.2.2");
}

#[test]
fn links_repeat_what_was_asked() {
    let list =
        ok("cnam=A%26B&start%3Agte=2019-01-01T00:00:00%2B0000&page=2&page_size=5&order=asc&x=y");
    let place = vault::Place { value: 7, number: vault::RecordingNumber(3) };
    let cursor = Cursor { sort: list.sort, place };
    let page = list.answer("U", (), 14, Some(cursor));
    let rest = "page_size=5&order=start:ASC&cnam=A%26B&start:gte=2019-01-01T00:00:00%2B0000";
    assert_eq!(page.links.first.href, format!("U?page=1&{rest}"));
    assert_eq!(page.links.prev.unwrap().href, format!("U?page=1&{rest}"));
    assert_eq!(page.links.itself.href, format!("U?page=2&{rest}"));
    assert_eq!(page.links.next.unwrap().href, format!("U?page=3&{rest}&after=start:ASC.7.3"));
    assert_eq!(page.links.last.href, format!("U?page=3&{rest}"));
    assert_eq!((page.page, page.page_size, page.total_items, page.total_pages), (2, 5, 14, 3));
}

#[test]
fn at_an_end_nothing_is_beyond() {
    let page = ok("").answer("U", (), 0, None);
    assert!(page.links.prev.is_none() && page.links.next.is_none());
    assert_eq!(page.links.last.href, "U?page=1&page_size=10&order=start:DESC");
    assert_eq!((page.total_items, page.total_pages), (0, 0));
    let beyond = ok("page=99").answer("U", (), 11, None);
    assert_eq!(beyond.links.prev.unwrap().href, "U?page=2&page_size=10&order=start:DESC");
}

proptest! {
    #[test]
    fn no_query_makes_it_panic(query in "(&?(order|page|page_size|after|cnam|start:gte|duration%3Alte)=[\\PC&&[^&]]{0,12}){0,4}") {
        let _ = List::read(&query);
    }

    #[test]
    fn a_link_asks_for_the_same(cnam in "\\PC{1,12}", page in 1..99_u64, size in 1..1000_u32, way in "asc|desc") {
        let encoded = utf8_percent_encode(&cnam, PLAIN);
        let list = ok(&format!("cnam={encoded}&page={page}&page_size={size}&order=id:{way}"));
        prop_assert_eq!(list.filter.cnam.as_deref(), Some(cnam.as_str()));
        let link = list.answer("U", (), 0, None).links.itself.href;
        prop_assert_eq!(ok(link.strip_prefix("U?").unwrap()), list.clone());
        prop_assert_eq!(list.sort.by, SortBy::Number);
    }
}
