"""Plivo's Python SDK as it is, speaking to https://api.plivo.com, which is callvault.

Takes from the environment AUTH_ID and AUTH_TOKEN of a fresh account. Where the name is not mapped
and the CA not trusted by the machine, PROXY leads there and CA names the file: the SDK's own
options.
"""

import io
import os
import sys
import wave

import plivo
import requests
from plivo.exceptions import AuthenticationError, ResourceNotFoundError

ACCOUNT = (os.environ["AUTH_ID"], os.environ["AUTH_TOKEN"])
PROXY, CA = os.environ.get("PROXY"), os.environ.get("CA")

passed = failed = 0


def check(claim, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(f"{'ok    ' if holds else 'FAILED'} {claim}")


def client_of(auth_id, auth_token):
    if not PROXY:
        return plivo.RestClient(auth_id, auth_token)
    client = plivo.RestClient(auth_id, auth_token, proxies={"https": PROXY})
    client.session.verify = CA
    return client


def raised(kind, call, *args):
    try:
        call(*args)
    except kind:
        return True
    return False


plain = requests.Session()
plain.trust_env = False  # what the machine's own proxies are is beside the point
if PROXY:
    plain.proxies, plain.verify = {"https": PROXY}, CA

with io.BytesIO() as file:
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(range(256)) * 125)
    audio = file.getvalue()

kept = plain.post("https://api.plivo.com/api/v1/recordings", auth=ACCOUNT,
                  files={"file": ("call.wav", audio)})
check("an upload by the vendor's name is kept", kept.status_code == 201)
recording_id = kept.json()["recording_id"]

client = client_of(*ACCOUNT)
listed = client.recordings.list()
check("the SDK lists it", [one.recording_id for one in listed.objects] == [recording_id])
got = client.recordings.get(recording_id)
check("the SDK gets it", got.recording_id == recording_id)
check("its URL is where the vendor's would be", got.recording_url ==
      f"https://media.plivo.com/v1/Account/{ACCOUNT[0]}/Recording/{recording_id}.wav")
media = plain.get(got.recording_url)
check("its audio comes from there", media.status_code == 200 and media.content == audio)
check("the same path answers by every name",
      plain.get(got.recording_url.replace("media.plivo.com", "api.vonage.com")).content == audio)
check("a wrong token is refused", raised(
    AuthenticationError, client_of(ACCOUNT[0], "wrong").recordings.get, recording_id))
client.recordings.delete(recording_id)
check("the SDK deletes it", raised(ResourceNotFoundError, client.recordings.get, recording_id))

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
