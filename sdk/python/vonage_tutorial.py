"""Does what Vonage's tutorial on deleting call recordings does, in its order, on a running callvault.

The calls, their URLs, bodies and headers are the tutorial's, unencoded where it does not encode; the
code is not. What keeps the tutorial's own code from running (docs/vonage.md) is done right here.

Speaks to the host that it is given, as https://api.vonage.com, or else to BASE_URL. Where that name
is not mapped and the CA not trusted by the machine, PROXY leads there and CA names the file.

Takes from the environment BASE_URL and what `account add` said of a fresh account: AUTH_ID,
AUTH_TOKEN, CLIENT_ID, CLIENT_SECRET, USERNAME, PASSWORD, USER_ID. Prints a line per check; fails if
one does.
"""

import base64
import io
import os
import sys
import urllib.parse
import wave
from datetime import datetime, timedelta, timezone

import requests

BASE = sys.argv[1] if len(sys.argv) > 1 else os.environ["BASE_URL"]
API = f"{BASE}/t/vbc.prod/call_recording/v1/api"
COMPANY = f"{API}/accounts/self/company_call_recordings"
OWN = f"{API}/accounts/self/users/self/call_recordings"

passed = failed = 0


def check(claim):
    """Runs the function that follows at once; the claim holds if it raises nothing."""
    def run(test):
        global passed, failed
        try:
            test()
        except Exception as error:  # noqa: BLE001, whatever it is, the claim does not hold
            failed += 1
            print(f"FAILED {claim}: {type(error).__name__}: {error}")
        else:
            passed += 1
            print(f"ok     {claim}")
    return run


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


http = requests.Session()
http.trust_env = False  # what the machine's own proxies are is beside the point
if "PROXY" in os.environ:
    http.proxies, http.verify = {"https": os.environ["PROXY"]}, os.environ["CA"]


def tone(seconds):
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(index * 7 & 0xFF for index in range(16_000 * seconds)))
        return file.getvalue()


def upload(seconds=1, **fields):
    """Adds a recording; tells its number."""
    fields = {name: (None, value) for name, value in fields.items()}
    answer = http.post(
        f"{BASE}/api/v1/recordings", files={**fields, "file": ("call.wav", tone(seconds))},
        auth=(os.environ["AUTH_ID"], os.environ["AUTH_TOKEN"]))
    same(answer.status_code, 201)
    return answer.json()["number"]


def days_ago(days):
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


company = [upload(start=days_ago(number / 5)) for number in range(25)]
on_demand = [
    upload(1 + number % 2, kind="on_demand", user_id=os.environ["USER_ID"], start=days_ago(number / 3))
    for number in range(13)]
old = upload(start=days_ago(30))


# ---- The token, by a body that nobody encodes

def token(password=os.environ["PASSWORD"]):
    body = "grant_type=password&username={}&password={}&client_id={}&client_secret={}".format(
        os.environ["USERNAME"], password, os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return http.request("POST", f"{BASE}/token", headers=headers, data=body)


granted = token().json()
HEADERS = {"Accept": "application/json", "Authorization": f"Bearer {granted['access_token']}"}


@check("the token: what the tutorial shows is in the answer")
def _():
    same(sorted(granted), ["access_token", "expires_in", "refresh_token", "scope", "token_type"])
    same((granted["scope"], granted["token_type"], granted["expires_in"]), ("default", "Bearer", 86400))


@check("the token: a password that breaks the unencoded body is a wrong one, and said in JSON")
def _():
    for password in ("p@ss&w+rd%", "100%", "%zz"):
        answer = token(password)
        same((answer.status_code, answer.json()["error"]), (400, "invalid_grant"))


@check("the token: two wrong ones later the right one works")
def _():
    same(token().status_code, 200)


# ---- The lists, page by page

week_ago = (datetime.now(timezone.utc) - timedelta(days=7)).strftime("%Y-%m-%dT00:00:00+0000")
encoded_date = urllib.parse.quote_plus(week_ago)


def listed(url, order, date):
    """The ids on each page, and the answers."""
    pages, number = [], 1
    while True:
        asked = f"{url}?order={order}&page={number}&page_size=10&start:gte={date}"
        if url == COMPANY:  # its tutorial has another order of parameters
            asked = f"{url}?order={order}&page_size=10&page={number}&start:gte={date}"
        answer = http.request("GET", asked, headers=HEADERS).json()
        pages.append(answer)
        if number >= answer["total_pages"]:
            return pages
        number += 1


def ids(page):
    return [recording["id"] for recording in page["_embedded"]["recordings"]]


company_pages = listed(COMPANY, "asc", encoded_date)
on_demand_pages = listed(OWN, "start%3ADESC", encoded_date)


@check("the company's list has 10, 10 and 5, the oldest first, and says so on every page")
def _():
    same([len(ids(page)) for page in company_pages], [10, 10, 5])
    same([page["total_pages"] for page in company_pages], [3, 3, 3])
    same(sum((ids(page) for page in company_pages), []), company[::-1])


@check("the on-demand list has 10 and 3, the latest first")
def _():
    same([len(ids(page)) for page in on_demand_pages], [10, 3])
    same(sum((ids(page) for page in on_demand_pages), []), on_demand)


@check("the date may be written in every way that clients have")
def _():
    for key in ("start:gte", "start%3Agte"):
        for date in (encoded_date, week_ago, week_ago.replace("+0000", "Z"), week_ago[:10],
                     week_ago.replace("+0000", ".000Z"), week_ago.replace("+0000", "%2B00:00")):
            answer = http.get(f"{COMPANY}?order=asc&page_size=100&{key}={date}", headers=HEADERS)
            same((answer.status_code, len(ids(answer.json()))), (200, 25))
    answer = http.get(COMPANY, params={"start:gte": week_ago, "page_size": 100}, headers=HEADERS)
    same(len(ids(answer.json())), 25)


@check("links lead over all pages")
def _():
    met, link = [], f"{OWN}?page_size=4"
    while link:
        page = http.get(link, headers=HEADERS).json()
        met += ids(page)
        link = page["_links"].get("next", {}).get("href")
    same(met, on_demand)


@check("by duration: milliseconds, here or there")
def _():
    rows = [row for page in on_demand_pages for row in page["_embedded"]["recordings"]]
    assert all(type(row["duration"]) is int for row in rows)
    short = [row["id"] for row in rows if int(row["duration"]) <= 1500]
    same(len(short), 7)
    found = http.get(f"{OWN}?duration:lte=1500&page_size=100", headers=HEADERS).json()
    same(ids(found), short)


@check("downloads are audio, though JSON is what is accepted")
def _():
    row = on_demand_pages[0]["_embedded"]["recordings"][0]
    answer = http.get(row["download_url"], headers=HEADERS)
    same((answer.status_code, answer.headers["Content-Type"]), (200, "audio/mpeg"))
    assert row["file_name"].endswith(".mp3") and answer.content[0] == 0xFF


# ---- What a loop over the wrong thing meets

@check("without a good token there is a JSON object without recordings")
def _():
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = http.get(COMPANY, headers=headers)
        same((answer.status_code, answer.json()["status"]), (401, 401))
        assert "_embedded" not in answer.json()


@check("an id of one list is not found in the other")
def _():
    same(http.delete(f"{OWN}/{company[0]}", headers=HEADERS).status_code, 404)
    same(http.delete(f"{COMPANY}/{on_demand[0]}", headers=HEADERS).status_code, 404)
    call_id = company_pages[0]["_embedded"]["recordings"][0]["call_id"]
    same(http.delete(f"{COMPANY}/{call_id}", headers=HEADERS).status_code, 404)


# ---- The deletions

@check("each delete is a 204 without a body, and the second a 404")
def _():
    for url, pages in ((COMPANY, company_pages), (OWN, on_demand_pages)):
        for number in sum((ids(page) for page in pages), []):
            answer = http.request("DELETE", f"{url}/{number}", headers=HEADERS)
            same((answer.status_code, answer.content), (204, b""))
            same(http.request("DELETE", f"{url}/{number}", headers=HEADERS).status_code, 404)
            same(http.get(f"{API}/audio/recording/{number}", headers=HEADERS).status_code, 404)


@check("the newest week is gone, as the tutorial has it; what is older is still there")
def _():
    for url in (COMPANY, OWN):
        page = http.get(f"{url}?start:gte={encoded_date}", headers=HEADERS).json()
        same((page["total_items"], ids(page)), (0, []))
    same(ids(http.get(COMPANY, headers=HEADERS).json()), [old])


@check("Plivo's list knows it too")
def _():
    credentials = f"{os.environ['AUTH_ID']}:{os.environ['AUTH_TOKEN']}".encode()
    basic = {"Authorization": "Basic " + base64.b64encode(credentials).decode()}
    url = f"{BASE}/v1/Account/{os.environ['AUTH_ID']}/Recording/"
    found = http.get(f"{url}?recording_storage_duration__gte=1", headers=basic).json()
    same(found["meta"]["total_count"], 1)


print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
