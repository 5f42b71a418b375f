"""Measures callvault beside something outside the project, in the same run, and prints ratios.

Rounds alternate, so that whatever else the machine does hits both; the median of each side counts.
"Per CPU second" divides by what the measured server itself used: user and system time.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid

CALLVAULT = os.path.abspath(sys.argv[1])
CHOSEN = sys.argv[2:]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
DEEP_ROWS = int(os.environ.get("BENCH_DEEP_ROWS", "10000000"))
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000  # in microseconds
TICKS = os.sysconf("SC_CLK_TCK")

# Beside the project, so that it is on a disk and not in memory.
work = pathlib.Path(tempfile.mkdtemp(prefix=".bench-", dir="."))
running: list[subprocess.Popen] = []


# ---- Servers and load


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def start(command: list[str], url: str, **options) -> subprocess.Popen:
    """Starts a server and waits until the URL answers anything."""
    log = open(work / "log", "a")
    server = subprocess.Popen(command, stdout=log, stderr=log, **options)
    running.append(server)
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return server
        except urllib.error.HTTPError:
            return server
        except OSError:
            if server.poll() is not None:
                sys.exit(f"{command[0]} ended: see {work}/log")
            time.sleep(0.1)
    sys.exit(f"{command[0]} does not answer")


def stop(server: subprocess.Popen) -> None:
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    running.remove(server)


def cpu_seconds(pid: int) -> float:
    """Of a process and its living children, as nginx's worker is."""
    total = 0.0
    for task in [pid, *children(pid)]:
        fields = pathlib.Path(f"/proc/{task}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def children(pid: int) -> list[int]:
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def memory(pid: int, what: str = "VmRSS") -> int:
    """In MB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", status)[1]) // 1024


def load(url: str, server: subprocess.Popen, *options: str) -> tuple[float, float]:
    """8 connections for some seconds: requests per second, and per CPU second of the server."""
    before = cpu_seconds(server.pid)
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", *options, url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    used = cpu_seconds(server.pid) - before
    if "Non-2xx" in done or "Socket errors" in done:
        sys.exit(f"{url}: {done}")
    requests = int(re.search(r"(\d+) requests in", done)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1]), requests / used


def report(what: str, ours: list[float], theirs: list[float], whose: str, unit: str) -> float:
    left, right = statistics.median(ours), statistics.median(theirs)
    spread = lambda values: f"{min(values):,.0f} to {max(values):,.0f}"
    print(f"{what}: callvault {left:,.0f} {unit} ({spread(ours)}), "
          f"{whose} {right:,.0f} ({spread(theirs)}): ratio {left / right:.2f}")
    return left / right


class Vault:
    """A callvault of its own."""

    def __init__(self, name: str):
        self.data = work / name
        add = [CALLVAULT, "account", "add", "bench", "--json", "--data", str(self.data)]
        self.account = json.loads(subprocess.run(
            add, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
        pair = f"{self.account['auth_id']}:{self.account['auth_token']}"
        self.login = "Basic " + base64.b64encode(pair.encode()).decode()

    def start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [CALLVAULT, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{port}"]
        environment = {**os.environ, "RUST_LOG": "info"}
        self.server = start(command, f"{self.url}/readyz", env=environment)

    def get(self, path: str):
        request = urllib.request.Request(self.url + path, headers={"Authorization": self.login})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def recordings(self) -> str:
        return f"/v1/Account/{self.account['auth_id']}/Recording/"

    def upload(self, path: pathlib.Path) -> dict:
        curl = ["curl", "-fsS", "-H", f"Authorization: {self.login}", "-F", f"file=@{path}",
                f"{self.url}/api/v1/recordings"]
        return json.loads(subprocess.run(curl, check=True, stdout=subprocess.PIPE).stdout)


def wav(size: int) -> bytes:
    """A WAV of 16 bits, mono, 8 kHz, of about so many bytes; no two are alike."""
    sound = os.urandom(size - 44)
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVEfmt ", 16, 1, 1,
                       8000, 16000, 2, 16, b"data", len(sound))
    return head + sound


# ---- What is measured


def ingest() -> None:
    """Durable uploads of 100 KB by 8 clients, against a bare loop of 8 threads on the same disk:
    create, write, fsync, rename, fsync of the directory."""
    vault = Vault("ingest")
    vault.start()
    body = (b"--bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
            + wav(100_000) + b"\r\n--bench--\r\n")
    (work / "body").write_bytes(body)
    (work / "upload.lua").write_text(
        f'wrk.method = "POST"\nlocal file = io.open("{work}/body", "rb")\n'
        'wrk.body = file:read("*a")\n'
        'wrk.headers["Content-Type"] = "multipart/form-data; boundary=bench"\n'
        f'wrk.headers["Authorization"] = "{vault.login}"\n')
    ours, loop = [], []
    for _ in range(ROUNDS):
        options = ["-s", str(work / "upload.lua")]
        ours.append(load(f"{vault.url}/api/v1/recordings", vault.server, *options)[0])
        loop.append(bare_loop(body))
    stop(vault.server)
    report("ingest of 100 KB, 8 clients", ours, loop, "bare loop", "per s")


def bare_loop(body: bytes) -> float:
    folder = work / "loop"
    folder.mkdir(exist_ok=True)
    directory = os.open(folder, os.O_RDONLY)
    end = time.monotonic() + SECONDS
    counts = [0] * 8

    def thread(which: int) -> None:
        while time.monotonic() < end:
            name = str(uuid.uuid4())
            file = os.open(folder / f"{name}.part", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.write(file, body)
            os.fsync(file)
            os.close(file)
            os.rename(folder / f"{name}.part", folder / name)
            os.fsync(directory)
            counts[which] += 1

    threads = [threading.Thread(target=thread, args=(which,)) for which in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    os.close(directory)
    shutil.rmtree(folder)
    return sum(counts) / SECONDS


COLUMNS = ("recording_id, account_id, root_id, call_uuid, from_number, to_number, direction, kind, "
           "extensions, rule_ids, start, add_time, received, format, codec, channels, sample_rate, "
           "frames, duration, truncated, size_bytes, sha256")


def fill(vault: Vault, rows: int, days: int) -> None:
    """Writes rows straight into a database that no server has open, with the hours' sums."""
    now = int(time.time() * 1e6)
    step = days * DAY // rows
    account = vault.account["account_id"]

    def row(number: int) -> tuple:
        added = now - MINUTE - number * step
        return (uuid.uuid4().bytes, account, account, str(uuid.uuid4()),
                f"+1415555{number % 10_000:04}", f"+1212555{number % 1_000:04}", "inbound",
                "company", "[]", "[]", added - MINUTE, added, added, "wav", "mulaw", 1, 8000,
                480_000, MINUTE, 0, 480_058, bytes(32))

    with sqlite3.connect(vault.data / "callvault.db") as database:
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        # The newest last, as they come.
        numbers = range(rows - 1, -1, -1)
        database.executemany(f"insert into recording ({COLUMNS}) values ({marks})",
                             map(row, numbers))
        database.execute(
            "insert into recording_hour select root_id, add_time / ?, 0, count(*), "
            "sum(size_bytes), sum(duration) from recording group by 1, 2", (HOUR,))
    database.close()


def listing() -> None:
    """A page of 20 with the exact count, over a million rows, against PocketBase on the same rows
    with the same index. Both answer the newest 20 of the account's last 7 days."""
    vault = Vault("list")
    fill(vault, ROWS, 30)
    vault.start()
    peer = PocketBase(vault)
    ours_url = vault.url + vault.recordings()
    total = vault.get(vault.recordings())["meta"]["total_count"]
    assert total == peer.total(), (total, peer.total())
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(load(ours_url, vault.server, "-H", f"Authorization: {vault.login}")[1])
        theirs.append(load(peer.url, peer.server)[1])
    stop(vault.server)
    stop(peer.server)
    report(f"list of 20, {total:,} of {ROWS:,}", ours, theirs, "PocketBase", "per CPU s")


class PocketBase:
    """The same rows in PocketBase, readable by anybody."""

    def __init__(self, vault: Vault):
        data, port = work / "pocketbase", free_port()
        base = f"http://127.0.0.1:{port}"
        program = ".cache/bench/bin/pocketbase"
        serve = [program, "serve", "--http", f"127.0.0.1:{port}", "--dir", str(data)]
        subprocess.run([program, "superuser", "upsert", "a@example.com", "benchbench",
                        "--dir", str(data)], check=True, stdout=subprocess.DEVNULL)
        server = start(serve, f"{base}/api/health")
        self.make_collection(base)
        stop(server)
        self.copy_rows(vault, data)
        self.server = start(serve, f"{base}/api/health")
        since = int((time.time() - 7 * 86_400) * 1e6)
        account = vault.account["account_id"]
        self.url = (f"{base}/api/collections/recording/records?perPage=20&sort=-add_time"
                    f"&filter=(account={account}%26%26add_time%3E={since})")

    def make_collection(self, base: str) -> None:
        login = {"identity": "a@example.com", "password": "benchbench"}
        token = post(f"{base}/api/collections/_superusers/auth-with-password", login)["token"]
        text = ["recording_id", "call_uuid", "from_number", "to_number", "direction", "kind",
                "format", "codec", "sha256"]
        number = ["account", "start", "add_time", "channels", "sample_rate", "frames", "duration",
                  "size_bytes"]
        fields = ([{"name": name, "type": "text"} for name in text]
                  + [{"name": name, "type": "number"} for name in number])
        index = "create index recording_account on recording (account, add_time)"
        post(f"{base}/api/collections", {"name": "recording", "type": "base", "fields": fields,
                                         "listRule": "", "indexes": [index]}, token)

    def copy_rows(self, vault: Vault, data: pathlib.Path) -> None:
        with sqlite3.connect(data / "data.db") as database:
            database.execute("attach ? as vault", (str(vault.data / "callvault.db"),))
            database.execute(
                "insert into recording (id, recording_id, call_uuid, from_number, to_number, "
                "direction, kind, format, codec, sha256, account, start, add_time, channels, "
                "sample_rate, frames, duration, size_bytes) select lower(hex(randomblob(7))) || "
                "'x', lower(hex(recording_id)), call_uuid, from_number, to_number, direction, "
                "kind, format, codec, lower(hex(sha256)), account_id, start, add_time, channels, "
                "sample_rate, frames, duration, size_bytes from vault.recording order by number")
        database.close()

    def total(self) -> int:
        with urllib.request.urlopen(self.url) as answer:
            return json.load(answer)["totalItems"]


def post(url: str, body: dict, token: str = "") -> dict:
    headers = {"Content-Type": "application/json", "Authorization": token}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def deep() -> None:
    """The deepest page of ten million recordings against the first, and the count exact."""
    vault = Vault("deep")
    fill(vault, DEEP_ROWS, 30)
    vault.start()
    since = time.strftime("%Y-%m-%d+%H:%M:%S", time.gmtime(time.time() - 30 * 86_400 + 120))
    window = f"{vault.recordings()}?add_time__gte={since}"
    total = vault.get(window)["meta"]["total_count"]
    with sqlite3.connect(f"file:{vault.data}/callvault.db?mode=ro", uri=True) as database:
        bound = int(time.time() * 1e6) - 30 * DAY + 120_000_000
        counted = database.execute("select count(*) from recording where add_time >= ?",
                                   (bound,)).fetchone()[0]
    login = ["-H", f"Authorization: {vault.login}"]
    first, last = [], []
    for _ in range(ROUNDS):
        first.append(load(vault.url + window, vault.server, *login)[1])
        last.append(load(f"{vault.url}{window}&offset={total - 20}", vault.server, *login)[1])
    stop(vault.server)
    # The bounds are a moment apart.
    print(f"{DEEP_ROWS:,} rows: counted {total:,}, row by row {counted:,}")
    ratio = statistics.median(first) / statistics.median(last)
    print(f"{DEEP_ROWS:,} rows: the first page {statistics.median(first):,.0f} per CPU s, "
          f"the deepest {statistics.median(last):,.0f}: {ratio:.2f} times the cost")


def ranged() -> None:
    """A range of 64 KB out of a recording of 1 MB, against nginx with the same file."""
    vault = Vault("ranged")
    vault.start()
    file = work / "megabyte.wav"
    file.write_bytes(wav(1_000_000))
    recording = vault.upload(file)["recording_id"]
    port = free_port()
    (work / "nginx.conf").write_text(f"""
        daemon off; worker_processes 1; pid {work.absolute()}/nginx.pid;
        error_log {work.absolute()}/nginx.log;
        events {{ }}
        http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port};
          root {work.absolute()}; }} }}""")
    file.chmod(0o644)
    work.chmod(0o755)
    theirs_url = f"http://127.0.0.1:{port}/megabyte.wav"
    nginx = start(["nginx", "-c", str((work / "nginx.conf").absolute())], theirs_url)
    ours_url = vault.url + vault.recordings() + recording + ".wav"
    part = ["-H", "Range: bytes=300000-365535"]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(load(ours_url, vault.server, *part)[1])
        theirs.append(load(theirs_url, nginx, *part)[1])
    stop(vault.server)
    stop(nginx)
    report("range of 64 KB", ours, theirs, "nginx", "per CPU s")


def resident() -> None:
    """Memory at rest, and with an upload and a download of 500 MB."""
    vault = Vault("memory")
    vault.start()
    time.sleep(1)
    rest = memory(vault.server.pid)
    file = work / "large.wav"
    file.write_bytes(wav(500_000_000))
    recording = vault.upload(file)["recording_id"]
    curl = ["curl", "-fsS", "-o", "/dev/null", vault.url + vault.recordings() + recording + ".wav"]
    subprocess.run(curl, check=True)
    peak = memory(vault.server.pid, "VmHWM")
    stop(vault.server)
    print(f"memory: {rest} MB at rest, at most {peak} MB with 500 MB in and out "
          f"({peak - rest} MB more)")


MEASURES = {"ingest": ingest, "list": listing, "deep": deep, "ranged": ranged,
            "memory": resident}

try:
    for name in CHOSEN or MEASURES:
        MEASURES[name]()
finally:
    for server in running:
        server.kill()
        server.wait()
    shutil.rmtree(work, ignore_errors=True)
