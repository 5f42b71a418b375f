"""Walks Plivo's own Python SDK, unchanged, through a running callvault.

Takes from the environment BASE_URL, AUTH_ID and AUTH_TOKEN of a fresh account, and SUB_AUTH_ID and
SUB_AUTH_TOKEN of its subaccount. Prints a line per check; fails if one does.
"""

import base64
import io
import json
import os
import queue
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid
import wave
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import plivo
import plivo.rest.client
import plivo.utils
from plivo.exceptions import AuthenticationError, ResourceNotFoundError, ValidationError

BASE = os.environ["BASE_URL"]
ACCOUNT = (os.environ["AUTH_ID"], os.environ["AUTH_TOKEN"])
SUBACCOUNT = (os.environ["SUB_AUTH_ID"], os.environ["SUB_AUTH_TOKEN"])

# The SDK has no option for another host; these are the names that it reads before each call.
for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI",
             "API_VOICE_BASE_URI_FALLBACK_1", "API_VOICE_BASE_URI_FALLBACK_2"):
    assert hasattr(plivo.rest.client, name), f"this SDK has no {name}"
    setattr(plivo.rest.client, name, f"{BASE}/v1/Account")

# ---- Checking

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


def raises(kind, call, *args, **kwargs):
    try:
        answer = call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        return str(error)
    raise AssertionError(f"{answer!r} instead of {kind.__name__}")


# ---- Plain HTTP

direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(url, body=None, headers=None):
    request = urllib.request.Request(url, body, headers or {})
    with direct.open(request, timeout=30) as answer:
        return answer.status, answer.headers, answer.read()


def tone(seconds, step):
    """A WAV that sounds different for every step."""
    samples = bytes((index * step) & 0xFF for index in range(2 * 8000 * seconds))
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(samples)
        return file.getvalue()


def upload(audio, credentials=ACCOUNT, add_time=None, **fields):
    """Adds a recording; tells its id."""
    if add_time:
        fields["add_time"] = add_time.strftime("%Y-%m-%dT%H:%M:%SZ")
    boundary = uuid.uuid4().hex
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'name="file"; filename="call.wav"\r\nContent-Type: audio/wav\r\n\r\n' + audio)
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; ".encode() + part + b"\r\n"
        for part in parts) + f"--{boundary}--\r\n".encode()
    status, _, answer = http(f"{BASE}/api/v1/recordings", body, {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Authorization": "Basic " + base64.b64encode(":".join(credentials).encode()).decode(),
    })
    same(status, 201)
    return json.loads(answer)["recording_id"]


# ---- The recordings: 45 of today, two old ones

NOW = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
TEN_DAYS_AGO = NOW - timedelta(days=10)
LONG_AGO = NOW - timedelta(days=140)
AUDIO = tone(2, 7)

plain = upload(AUDIO, call_uuid="call-plain", direction="outbound",
               from_number="+14155550100", to_number="+14155550199")
sip = upload(tone(1, 11), call_uuid="call-sip",
             from_number="sip:alice@phone.plivo.com", to_number="sip:bob@phone.plivo.com")
conference = upload(tone(1, 13), conference_name="My Room", conference_uuid="conference-1")
mpc = upload(tone(1, 17), mpc_name="sales party", mpc_uuid="mpc-1")
theirs = upload(tone(1, 19), SUBACCOUNT, from_number="+14155550100", call_uuid="call-theirs")
rest = [upload(tone(1, 21 + 2 * n), from_number=f"+1415556{n:04}") for n in range(40)]
recent = [plain, sip, conference, mpc, theirs, *rest]
old = upload(tone(1, 201), add_time=TEN_DAYS_AGO, call_uuid="call-old", from_number="+14155550100")
ancient = upload(AUDIO, add_time=LONG_AGO, call_uuid="call-ancient")

client = plivo.RestClient(*ACCOUNT)
subclient = plivo.RestClient(*SUBACCOUNT)
recordings = client.recordings


def found(**filters):
    return {recording.recording_id for recording in recordings.list(**filters)}


def total(**filters):
    return recordings.list(**filters).meta.total_count


# ---- Listing

@check("a list is a page of 20 of the last seven days, the newest first")
def _():
    page = recordings.list()
    same(len(page), 20)
    times = [recording.add_time for recording in page]
    same(times, sorted(times, reverse=True))
    assert {recording.recording_id for recording in page} <= set(recent)
    meta = page.meta
    same((meta.limit, meta.offset, meta.total_count, meta.previous), (20, 0, 45, None))
    assert page.api_id


@check("iterating follows meta.next over all pages and meets each recording once")
def _():
    met = [recording.recording_id for recording in recordings]
    same(len(met), 45)
    same(set(met), set(recent))


@check("limit and offset cut pages; the last has no next, one beyond the end is empty")
def _():
    page = recordings.list(limit=5, offset=40)
    same((len(page), page.meta.limit, page.meta.offset), (5, 5, 40))
    same(page.meta.next, None)
    assert "offset=35" in page.meta.previous, page.meta.previous
    page = recordings.list(offset=45)
    same((len(page), page.meta.total_count), (0, 45))


for claim, filters, expected in [
    ("from_number with +", {"from_number": "+14155550100"}, {plain, theirs}),
    ("from_number without +", {"from_number": "14155550100"}, {plain, theirs}),
    ("from_number that is a SIP address", {"from_number": "sip:alice@phone.plivo.com"}, {sip}),
    ("to_number with +", {"to_number": "+14155550199"}, {plain}),
    ("to_number without +", {"to_number": "14155550199"}, {plain}),
    ("to_number that is a SIP address", {"to_number": "sip:bob@phone.plivo.com"}, {sip}),
    ("a number nobody called", {"to_number": "+14155550000"}, set()),
    ("subaccount", {"subaccount": SUBACCOUNT[0]}, {theirs}),
    ("somebody else's subaccount", {"subaccount": "SA" + 18 * "0"}, set()),
    ("call_uuid", {"call_uuid": "call-plain"}, {plain}),
    ("call_uuid of any age", {"call_uuid": "call-ancient"}, {ancient}),
    ("conference_name with a space", {"conference_name": "My Room"}, {conference}),
    ("conference_uuid", {"conference_uuid": "conference-1"}, {conference}),
    ("mpc_name", {"mpc_name": "sales party"}, {mpc}),
    ("mpc_uuid", {"mpc_uuid": "mpc-1"}, {mpc}),
    ("two that agree", {"from_number": "+14155550100", "call_uuid": "call-plain"}, {plain}),
    ("two that do not", {"from_number": "+14155550100", "call_uuid": "call-sip"}, set()),
]:
    @check(f"filter: {claim}")
    def _(filters=filters, expected=expected):
        same(found(**filters), expected)
        same(total(**filters), len(expected))


DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

for claim, filters, expected in [
    ("gte and lte include their bounds",
     {"add_time__gte": TEN_DAYS_AGO, "add_time__lte": TEN_DAYS_AGO}, {old}),
    ("gt leaves its bound out", {"add_time__gt": TEN_DAYS_AGO, "add_time__lte": NOW - 8 * DAY}, set()),
    ("lt leaves its bound out", {"add_time__gte": NOW - 12 * DAY, "add_time__lt": TEN_DAYS_AGO}, set()),
    ("microseconds count",
     {"add_time__gt": TEN_DAYS_AGO - MICROSECOND, "add_time__lt": TEN_DAYS_AGO + MICROSECOND}, {old}),
    ("text down to the minute", {"add_time__gte": f"{TEN_DAYS_AGO - DAY:%Y-%m-%d %H:%M}",
                                 "add_time__lte": f"{TEN_DAYS_AGO + DAY:%Y-%m-%d %H:%M}"}, {old}),
    ("a window long ago",
     {"add_time__gte": LONG_AGO - 15 * DAY, "add_time__lte": LONG_AGO + 15 * DAY}, {ancient}),
]:
    @check(f"add_time: {claim}")
    def _(filters=filters, expected=expected):
        same(found(**filters), expected)


@check("add_time: a lower bound alone reaches to now")
def _():
    same(total(add_time__gte=NOW - 12 * DAY), 46)
    same(total(add_time__gt=NOW - DAY), 45)


for claim, filters, expected in [
    ("equal", {"recording_storage_duration": 141}, {ancient}),
    ("gt", {"recording_storage_duration__gt": 140}, {ancient}),
    ("gt its own", {"recording_storage_duration__gt": 141}, set()),
    ("gte", {"recording_storage_duration__gte": 11}, {old, ancient}),
    ("gte and lt", {"recording_storage_duration__gte": 11, "recording_storage_duration__lt": 141}, {old}),
    ("gt and lte",
     {"recording_storage_duration__gt": 1, "recording_storage_duration__lte": 141}, {old, ancient}),
]:
    @check(f"recording_storage_duration: {claim}")
    def _(filters=filters, expected=expected):
        same(found(**filters), expected)


@check("recording_storage_duration: has no window of seven days")
def _():
    same(total(recording_storage_duration__lte=11), 46)
    same(total(recording_storage_duration__lt=11), 45)


# ---- One recording

def check_shape(recording, recording_id):
    """That every field is there, with its type; SDKs in typed languages rely on them."""
    same(recording.recording_id, recording_id)
    for name in ("call_uuid", "recording_url", "recording_format", "recording_type", "add_time",
                 "resource_uri"):
        same((name, type(getattr(recording, name))), (name, str))
    for name in ("recording_duration_ms", "recording_start_ms", "recording_end_ms"):
        value = getattr(recording, name)
        assert isinstance(value, str) and re.fullmatch(r"\d+\.\d{5}", value), f"{name}: {value!r}"
    for name in ("rounded_recording_duration", "recording_storage_duration"):
        same((name, type(getattr(recording, name))), (name, int))
    for name in ("recording_storage_rate", "monthly_recording_storage_amount"):
        value = getattr(recording, name)
        assert type(value) in (int, float), f"{name}: {value!r}"
    for name in ("from_number", "to_number", "conference_name", "conference_uuid", "mpc_name",
                 "mpc_uuid"):
        value = getattr(recording, name)
        assert value is None or isinstance(value, str), f"{name}: {value!r}"
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$", recording.add_time)


@check("get: every field has its type, here and in a list")
def _():
    check_shape(recordings.get(plain), plain)
    for recording in recordings.list():
        check_shape(recording, recording.recording_id)


@check("get: every field has its value")
def _():
    recording = recordings.get(plain)
    same(recording.id, plain)
    uuid.UUID(recording.api_id)
    same(recording.call_uuid, "call-plain")
    same((recording.from_number, recording.to_number), ("+14155550100", "+14155550199"))
    same((recording.recording_format, recording.recording_type), ("wav", "normal"))
    same(recording.recording_duration_ms, "2000.00000")
    same(float(recording.recording_end_ms) - float(recording.recording_start_ms), 2000.0)
    same((recording.rounded_recording_duration, recording.recording_storage_duration), (60, 1))
    same((recording.recording_storage_rate, recording.monthly_recording_storage_amount), (0.0004, 0))
    same(recording.resource_uri, f"/v1/Account/{ACCOUNT[0]}/Recording/{plain}/")
    assert recording.recording_url.startswith(f"{BASE}/v1/Account/{ACCOUNT[0]}/Recording/{plain}.")


@check("get: a conference, a multiparty call")
def _():
    recording = recordings.get(conference)
    same((recording.conference_name, recording.conference_uuid), ("My Room", "conference-1"))
    same(recording.recording_type, "conference")
    recording = recordings.get(mpc)
    same((recording.mpc_name, recording.mpc_uuid), ("sales party", "mpc-1"))


@check("get: what is kept for more than 90 days costs")
def _():
    recording = recordings.get(ancient)
    same(recording.recording_storage_duration, 141)
    same(recording.monthly_recording_storage_amount, 0.0004)
    same(recording.add_time, f"{LONG_AGO:%Y-%m-%d %H:%M:%S}.000000+00:00")


@check("media: the bytes are those that were sent, whole and in part")
def _():
    url = recordings.get(plain).recording_url
    _, headers, audio = http(url)
    assert audio == AUDIO, f"{len(audio)} other bytes"
    assert headers["Content-Type"].startswith("audio/"), headers["Content-Type"]
    status, headers, part = http(url, headers={"Range": "bytes=100-199"})
    same((status, part), (206, AUDIO[100:200]))
    same(headers["Content-Range"], f"bytes 100-199/{len(AUDIO)}")


# ---- What is refused

@check("a wrong token is an AuthenticationError")
def _():
    stranger = plivo.RestClient(ACCOUNT[0], "x" * 40)
    raises(AuthenticationError, stranger.recordings.list)
    raises(AuthenticationError, stranger.recordings.get, plain)
    raises(AuthenticationError, stranger.recordings.delete, plain)


@check("an unknown id is a ResourceNotFoundError")
def _():
    raises(ResourceNotFoundError, recordings.get, str(uuid.uuid4()))
    raises(ResourceNotFoundError, recordings.get, "no-such-thing")
    raises(ResourceNotFoundError, recordings.delete, str(uuid.uuid4()))


for claim, filters in [
    ("a window of more than 30 days", {"add_time__gte": NOW - 31 * DAY, "add_time__lte": NOW}),
    ("a lower bound more than 30 days ago", {"add_time__gt": NOW - 31 * DAY}),
    ("an upper bound alone", {"add_time__lt": NOW}),
    ("add_time with recording_storage_duration",
     {"add_time__gte": NOW - DAY, "recording_storage_duration__gte": 1}),
    ("a time that is none", {"add_time__gte": "yesterday"}),
]:
    @check(f"{claim} is a ValidationError that says why")
    def _(filters=filters):
        assert raises(ValidationError, recordings.list, **filters)


# ---- Subaccounts

@check("a subaccount sees its own and nothing else")
def _():
    same({r.recording_id for r in subclient.recordings.list()}, {theirs})
    same(subclient.recordings.get(theirs).call_uuid, "call-theirs")
    raises(ResourceNotFoundError, subclient.recordings.get, plain)
    raises(ResourceNotFoundError, subclient.recordings.delete, plain)


@check("a subaccount's recording bears its id, whoever asks")
def _():
    for recording in (subclient.recordings.get(theirs), recordings.get(theirs)):
        same(recording.resource_uri, f"/v1/Account/{SUBACCOUNT[0]}/Recording/{theirs}/")
        assert f"/{SUBACCOUNT[0]}/" in recording.recording_url, recording.recording_url


# ---- Callbacks

received = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    """Keeps the method, path, headers and fields of what it is sent."""

    def take(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.send_response(200)
        self.end_headers()
        received.put((self.command, self.path, self.headers, dict(
            urllib.parse.parse_qsl(body or self.path.partition("?")[2], keep_blank_values=True))))

    do_GET = do_POST = take

    def log_message(self, *args):
        pass


receiver = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
CALLBACK = f"http://127.0.0.1:{receiver.server_port}/cb?of=python&again=1"


def called_back(token=ACCOUNT[1], main_token=ACCOUNT[1], patience=20):
    """The fields of the next callback, whose signatures the SDK's own validators must accept."""
    method, path, headers, fields = received.get(timeout=patience)
    uri = f"http://127.0.0.1:{receiver.server_port}{path}"
    for name, key in (("", token), ("-Ma", main_token)):
        v2, nonce = headers[f"X-Plivo-Signature{name}-V2"], headers["X-Plivo-Signature-V2-Nonce"]
        assert plivo.utils.validate_signature(uri, nonce, v2, key), f"V2{name}"
        assert not plivo.utils.validate_signature(uri, nonce, v2, "another token")
        v3, nonce = headers[f"X-Plivo-Signature{name}-V3"], headers["X-Plivo-Signature-V3-Nonce"]
        params = fields if method == "POST" else {}
        assert plivo.utils.validate_v3_signature(method, uri, nonce, key, v3, dict(params)), f"V3{name}"
        assert not plivo.utils.validate_v3_signature(method, uri, nonce, key, v3, params | {"x": "y"})
    return fields


@check("callback: a list is spawned, posted, and signed as the SDK verifies it")
def _():
    spawned = recordings.list(call_uuid="call-plain", callback_url=CALLBACK)
    same(spawned.message, "async api spawned")
    fields = called_back()
    same((fields["api_id"], fields["status_code"]), (spawned.api_id, "200"))
    same([one["recording_id"] for one in json.loads(fields["objects"])], [plain])
    same(json.loads(fields["response"])["meta"]["total_count"], 1)


@check("callback: a recording is sent with GET, and one that is not there with its 404")
def _():
    same(recordings.get(plain, CALLBACK, "GET").message, "async api spawned")
    same(called_back()["recording_id"], plain)
    recordings.get("no-such-id", CALLBACK)
    fields = called_back()
    same((fields["status_code"], fields["error"]), ("404", "not found"))


@check("callback: a subaccount's is signed with its own token and its parent's")
def _():
    subclient.recordings.get(theirs, CALLBACK)
    same(called_back(SUBACCOUNT[1])["recording_id"], theirs)


@check("callback: a delete is done at once")
def _():
    short = upload(tone(1, 203), call_uuid="call-short")
    recordings.delete(short, CALLBACK)
    raises(ResourceNotFoundError, recordings.get, short)
    same(called_back()["status_code"], "204")


@check("callback: never to an address inside")
def _():
    why = raises(ValidationError, recordings.get, plain, "http://192.168.0.1/cb")
    same(why, "callback_url leads to an address that is not public")


# ---- Transcriptions

SPOKEN = "crates/audio/fixtures/mulaw-stereo.wav"
with open(SPOKEN, "rb") as file:
    spoken = upload(file.read(), call_uuid="call-spoken")
transcriptions = client.transcriptions
MODELS = os.environ.get("TEST_MODELS_DIR")


def transcribed(kind=None):
    return transcriptions.get_transcription(spoken, kind) if kind else (
        transcriptions.get_transcription(spoken))


@check("transcription: there is none before it is created")
def _():
    raises(ResourceNotFoundError, transcribed)
    raises(ResourceNotFoundError, transcriptions.delete_transcription, spoken)
    raises(ResourceNotFoundError, transcriptions.create_transcription, str(uuid.uuid4()))
    raises(ValidationError, transcriptions.create_transcription, spoken, "http://192.168.0.1/cb")


@check("transcription: created, told of with a signature that the SDK verifies, and got")
def _():
    for _ in range(2 if MODELS else 1):  # one that has failed is made, and told of, again
        begun = transcriptions.create_transcription(spoken, CALLBACK)
        assert begun.api_id and begun.message.startswith("transcription "), begun.message
    fields = called_back(patience=300)
    same(sorted(fields), ["call_uuid", "duration", "error", "recording_id", "transcription",
                          "transcription_charge", "transcription_rate"])
    same((fields["recording_id"], fields["call_uuid"]), (spoken, "call-spoken"))
    got = transcribed()
    same(got.transcription, fields["transcription"])
    assert type(got.recording_duration_ms) is int and type(got.recording_start_ms) is int
    same(got.rate, 0.05)
    if MODELS:
        same((got.status, got.cost, fields["error"]), ("success", 0.05, ""))
        assert "Speaker 0: " in got.transcription, got.transcription
        words, turns = transcribed("raw").transcription, transcribed("diarized").transcription
        assert words and turns and turns[0]["text"], (words, turns)
    else:
        same((got.status, got.cost, got.error), ("failed", 0, fields["error"]))
        assert "callvault model add" in got.error, got.error
    assert received.empty(), "it is told once"


@check("transcription: another type is a ValidationError")
def _():
    raises(ValidationError, transcribed, "srt")


@check("transcription: deleted, and the recording is still there")
def _():
    same(transcriptions.delete_transcription(spoken), None)
    raises(ResourceNotFoundError, transcribed)
    same(recordings.get(spoken).delete(), None)


# ---- Deleting

@check("delete: the recording, its media and its place in the list are gone")
def _():
    recording = recordings.get(plain)
    same(recording.delete(), None)
    raises(ResourceNotFoundError, recordings.get, plain)
    raises(ResourceNotFoundError, recordings.delete, plain)
    try:
        http(recording.recording_url)
        raise AssertionError("its media can still be had")
    except urllib.error.HTTPError as error:
        same(error.code, 404)
    same((total(), found(call_uuid="call-plain")), (44, set()))


@check("delete: a parent may delete what is its subaccount's")
def _():
    same(recordings.delete(theirs), None)
    raises(ResourceNotFoundError, subclient.recordings.get, theirs)


print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
