"""Lets Schemathesis ask a running callvault all that docs/vonage-openapi.json describes.

Whatever is asked, the answer is never a 5xx and is as described. The cases are the same in every
run. Takes from the environment BASE_URL and what `account add` said of a fresh account.
"""

import json
import os
import subprocess
import sys
import tempfile

import requests

BASE = os.environ["BASE_URL"]

http = requests.Session()
http.trust_env = False
granted = http.post(f"{BASE}/token", data={
    "grant_type": "password", "username": os.environ["USERNAME"],
    "password": os.environ["PASSWORD"], "client_id": os.environ["CLIENT_ID"],
    "client_secret": os.environ["CLIENT_SECRET"]}).json()
numbers = []
for kind in ({}, {"kind": "on_demand", "user_id": os.environ["USER_ID"]}) * 10:
    with open("crates/audio/fixtures/mulaw-stereo.wav", "rb") as file:
        parts = {name: (None, value) for name, value in kind.items()} | {"file": file}
        answer = http.post(f"{BASE}/api/v1/recordings", files=parts, auth=(
            os.environ["AUTH_ID"], os.environ["AUTH_TOKEN"]))
        answer.raise_for_status()
        numbers.append(str(answer.json()["number"]))

http.headers["Authorization"] = f"Bearer {granted['access_token']}"
company = f"{BASE}/t/vbc.prod/call_recording/v1/api/accounts/self/company_call_recordings"
jobs = http.post(f"{company}/export").json()["job_ids"]

# What is made up is hardly ever there: so the paths name what is, for the most part.
with open("docs/vonage-openapi.json") as file:
    description = json.load(file)
parameters = description["components"]["parameters"]
parameters["account_id"]["schema"] = parameters["user_id"]["schema"] = {"const": "self"}
parameters["recording_id"]["schema"] = {"enum": numbers}
parameters["job_id"]["schema"] = parameters["job"]["schema"] = {"enum": jobs}
folder = tempfile.TemporaryDirectory()  # Schemathesis leaves files where it runs
described = os.path.join(folder.name, "described.json")
with open(described, "w") as file:
    json.dump(description, file)

command = [
    os.path.join(os.path.dirname(os.path.abspath(sys.executable)), "schemathesis"), "run", described,
    "--url", BASE, "--header", f"Authorization: Bearer {granted['access_token']}",
    "--mode", "all", "--phases", "coverage,fuzzing", "--max-examples", "25",
    "--generation-deterministic", "--workers", "1", "--no-color",
    "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
                "response_schema_conformance,response_headers_conformance,"
                "unsupported_method,ignored_auth",
]
environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
done = subprocess.run(command, cwd=folder.name, env=environment, stdout=subprocess.PIPE, text=True)
good = done.returncode == 0
if not good:
    print(done.stdout)
print("ok    " if good else "FAILED", "whatever is asked, the answer is as described")
print(f"{int(good)} passed, {int(not good)} failed")
sys.exit(not good)
