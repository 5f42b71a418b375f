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

sys.path.append("scripts")
from watched import repeated

CALLVAULT = os.path.abspath(sys.argv[1])
CHOSEN = sys.argv[2:]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
DELETIONS = int(os.environ.get("BENCH_DELETIONS", "100000"))
PAINTS = int(os.environ.get("BENCH_PAINTS", "25"))
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
    """Whichever of its threads started them."""
    threads = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


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
    """A callvault of its own, with some accounts."""

    def __init__(self, name: str, accounts: int = 1):
        self.data = work / name
        self.accounts = [self.add_account(f"bench{number}") for number in range(accounts)]
        self.account = self.accounts[0]

    def add_account(self, name: str) -> dict:
        add = [CALLVAULT, "account", "add", name, "--json", "--data", str(self.data)]
        return json.loads(subprocess.run(
            add, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)

    def login(self, account: dict | None = None) -> str:
        account = account or self.account
        pair = f"{account['auth_id']}:{account['auth_token']}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [CALLVAULT, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{port}"]
        environment = {**os.environ, "RUST_LOG": "info"}
        self.server = start(command, f"{self.url}/readyz", env=environment)

    def get(self, path: str, account: dict | None = None):
        headers = {"Authorization": self.login(account)}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def send(self, method: str, path: str, body: dict | None = None):
        headers = {"Authorization": self.login(), "Content-Type": "application/json"}
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def recordings(self, account: dict | None = None) -> str:
        return f"/v1/Account/{(account or self.account)['auth_id']}/Recording/"

    def list_since(self, since: int, account: dict | None = None) -> str:
        """Those added since then, in seconds."""
        since = time.strftime("%Y-%m-%d+%H:%M:%S", time.gmtime(since))
        return f"{self.recordings(account)}?add_time__gte={since}"

    def upload(self, path: pathlib.Path) -> dict:
        curl = ["curl", "-fsS", "-H", f"Authorization: {self.login()}", "-F", f"file=@{path}",
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
        f'wrk.headers["Authorization"] = "{vault.login()}"\n')
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


def fill(vault: "Vault", rows: int, days: int) -> None:
    """Writes rows straight into a database that no server has open, with the hours' sums: the
    oldest first, as they come, and in turn for each account."""
    now = int(time.time() * 1e6)
    step = days * DAY // rows
    ids = [account["account_id"] for account in vault.accounts]
    call = "-".join(f"lower(hex(randomblob({bytes})))" for bytes in (4, 2, 2, 2, 6))
    call = call.replace("-", " || '-' || ")
    with sqlite3.connect(vault.data / "callvault.db") as database:
        # Nothing to lose yet. An index is made much faster of what is there.
        database.executescript("pragma journal_mode = off; pragma synchronous = off; "
                               "pragma cache_size = -1000000; pragma temp_store = file;")
        database.execute("create temp table owner (turn integer primary key, id integer)")
        database.executemany("insert into owner values (?, ?)", enumerate(ids))
        indices = database.execute("select name, sql from sqlite_master where type = 'index' "
                                   "and tbl_name = 'recording' and sql is not null").fetchall()
        for name, _ in indices:
            database.execute(f"drop index {name}")
        database.execute(
            f"""with recursive numbers (n) as
                (select :rows - 1 union all select n - 1 from numbers where n > 0)
            insert into recording ({COLUMNS})
            select randomblob(16), id, id, {call}, printf('+1415555%04d', n % 10000),
                printf('+1212555%04d', n % 1000), 'inbound', 'company', '[]', '[]',
                :newest - n * :step - {MINUTE}, :newest - n * :step, :newest - n * :step, 'wav',
                'mulaw', 1, 8000, 480000, {MINUTE}, 0, 480058, zeroblob(32)
            from numbers cross join owner on turn = n % :owners""",
            {"rows": rows, "newest": now - MINUTE, "step": step, "owners": len(ids)})
        for _, sql in indices:
            database.execute(sql)
        database.execute(
            "insert into recording_hour select root_id, add_time / ?, 0, count(*), "
            "sum(size_bytes), sum(duration), count(*) from recording group by 1, 2", (HOUR,))
        database.commit()
        database.execute("pragma journal_mode = wal")
    database.close()


def listing() -> None:
    """A page of 20 with the exact count, over a million rows of one account, against PocketBase on
    the same rows with the same index. Both answer the newest 20 of the account's last 7 days."""
    compare_lists(1)


def accounts() -> None:
    """The same where the rows are a hundred accounts', who ask in turn."""
    compare_lists(100)


def compare_lists(accounts: int) -> None:
    vault = Vault(f"list-{accounts}", accounts)
    fill(vault, ROWS, 30)
    vault.start()
    since = int(time.time()) - 7 * 86_400
    peer = PocketBase(vault, since)
    for account in vault.accounts:
        listed = vault.get(vault.list_since(since, account), account)["meta"]["total_count"]
        assert listed == (total := peer.total(account)), (listed, total)
    ours = [(vault.list_since(since, account), {"Authorization": vault.login(account)})
            for account in vault.accounts]
    theirs = [(peer.list_of(account), {}) for account in vault.accounts]
    (ours_turns := work / "ours.lua").write_text(in_turn(ours))
    (theirs_turns := work / "theirs.lua").write_text(in_turn(theirs))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(load(vault.url, vault.server, "-s", str(ours_turns))[1])
        theirs.append(load(peer.url, peer.server, "-s", str(theirs_turns))[1])
    stop(vault.server)
    stop(peer.server)
    report(f"list of 20, {total:,} of {ROWS:,} of {accounts} accounts", ours, theirs,
           "PocketBase", "per CPU s")


def in_turn(requests: list[tuple[str, dict]]) -> str:
    """A script for wrk that sends these GETs, one after the other, over and over."""
    def formatted(path: str, headers: dict) -> str:
        pairs = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}"
                          for name, value in headers.items())
        return f'  wrk.format("GET", {json.dumps(path)}, {{{pairs}}}),\n'

    lines = "".join(formatted(*request) for request in requests)
    return (f"local turn, requests = 0, {{}}\n"
            f"function init()\n requests = {{\n{lines} }}\nend\n"
            "function request()\n turn = turn % #requests + 1\n return requests[turn]\nend\n")


class PocketBase:
    """The same rows in PocketBase, readable by anybody."""

    def __init__(self, vault: Vault, since: int):
        # It keeps migrations beside its directory.
        data, port = work / f"{vault.data.name}-pocketbase" / "data", free_port()
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
        self.url, self.since = base, since * 1_000_000

    def list_of(self, account: dict) -> str:
        return ("/api/collections/recording/records?perPage=20&sort=-add_time"
                f"&filter=(account={account['account_id']}%26%26add_time%3E={self.since})")

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

    def total(self, account: dict) -> int:
        with urllib.request.urlopen(self.url + self.list_of(account)) as answer:
            return json.load(answer)["totalItems"]


def post(url: str, body: dict, token: str = "") -> dict:
    headers = {"Content-Type": "application/json", "Authorization": token}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def deep() -> None:
    """The deepest page of ten million recordings of one account against the first, and the count
    exact."""
    vault = Vault("deep")
    begun = time.monotonic()
    fill(vault, DEEP_ROWS, 30)
    size = (vault.data / "callvault.db").stat().st_size
    print(f"{DEEP_ROWS:,} rows: {size / 1e9:.1f} GB, made in {time.monotonic() - begun:.0f} s")
    vault.start()
    since = int(time.time()) - 30 * 86_400 + 120
    window = vault.list_since(since)
    total = vault.get(window)["meta"]["total_count"]
    with sqlite3.connect(f"file:{vault.data}/callvault.db?mode=ro", uri=True) as database:
        counted = database.execute("select count(*) from recording where root_id = ? and "
                                   "add_time >= ?", (vault.account["account_id"],
                                                     since * 1_000_000)).fetchone()[0]
    assert total == counted, (total, counted)
    deepest = f"{window}&offset={total - 20}"
    assert len(vault.get(deepest)["objects"]) == 20
    login = ["-H", f"Authorization: {vault.login()}"]
    first, last = [], []
    for _ in range(ROUNDS):
        first.append(load(vault.url + window, vault.server, *login)[1])
        last.append(load(vault.url + deepest, vault.server, *login)[1])
    stop(vault.server)
    ratio = statistics.median(first) / statistics.median(last)
    print(f"{total:,} recordings, counted exactly: the first page "
          f"{statistics.median(first):,.0f} per CPU s, the deepest {statistics.median(last):,.0f}: "
          f"{ratio:.2f} times the cost")


def delete() -> None:
    """A policy's run over recordings of 100 KB, until receipt, rows and files are done, against `rm`
    of as many such files and one SQL DELETE of as many rows; and the list's p99 meanwhile. Each
    side's files are made just before."""
    vault = Vault("delete")
    fill(vault, DELETIONS, 30)
    copy = work / "delete.db"
    shutil.copy(vault.data / "callvault.db", copy)

    rows, files = vault.data / "callvault.db", work / "files"
    make_files(rows, files)
    begun = time.monotonic()
    subprocess.run(["rm", "-r", str(files)], check=True)
    removed = time.monotonic() - begun
    with sqlite3.connect(copy) as database:
        database.execute("pragma synchronous = full")
        begun = time.monotonic()
        database.execute("delete from recording")
        database.commit()
        dropped = time.monotonic() - begun
    database.close()

    audio = vault.data / "audio" / "audio"
    make_files(rows, audio)
    vault.start()
    before = latencies(vault, lambda passed: passed > 10)
    settings = {"retention_pending": "0d", "retention_max_share": 1}
    vault.send("PATCH", "/api/v1/account", settings)
    policies = "/api/v1/retention/policies"
    policy = vault.send("POST", policies, {"name": "all", "where": {"kind": "company"}})
    begun = time.monotonic()
    run = vault.send("POST", f"{policies}/{policy['policy_id']}/run")["run_id"]
    path, state = f"/api/v1/retention/runs/{run}", {}

    def done(_: float) -> bool:
        if state.get("status") != "done":
            state.update(vault.get(path))
        return state["status"] == "done" and not any(any(os.scandir(it)) for it in audio.iterdir())

    meanwhile = latencies(vault, done)
    took = time.monotonic() - begun
    assert state["deleted"] == DELETIONS, state
    stop(vault.server)
    print(f"{DELETIONS:,} recordings deleted in {took:.1f} s, rm {removed:.1f} s and DELETE "
          f"{dropped:.1f} s: {took / (removed + dropped):.2f} times as long")
    print(f"the list's p99 {1000 * p99(meanwhile):.1f} ms meanwhile, {1000 * p99(before):.1f} ms "
          f"before: {p99(meanwhile) / p99(before):.2f} times")


def transcribing() -> None:
    """The list's p99 while two calls are transcribed, on a core each, and while they stand still,
    each for a second in turn; asked for without a pause, so that no core falls asleep. The client
    has a priority as if it had a core of its own, for a user's would: it wants root."""
    os.environ["CALLVAULT_SPEECH__JOBS"] = "2"
    vault = Vault("transcribing")
    fill(vault, 1000, 30)
    vault.start()
    call = work / "call.wav"
    call.write_bytes(repeated("samples/repair-call.wav", 10 * ROUNDS))
    for _ in range(2):
        recording = vault.upload(call)["recording_id"]
        vault.send("POST", f"/api/v1/recordings/{recording}/transcript")
    workers = []
    while len(workers) < 2:
        time.sleep(1)
        workers = [pid for pid in children(vault.server.pid) if memory(pid) > 200]
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    alone, beside = [], []
    for _ in range(8 * ROUNDS):
        for times, order in ((alone, signal.SIGSTOP), (beside, signal.SIGCONT)):
            for pid in workers:
                os.kill(pid, order)
            time.sleep(0.2)
            times += latencies(vault, lambda _: True, pause=0)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    used = [cpu_seconds(pid) for pid in workers]
    assert min(used) > 2 * ROUNDS, f"they were no burden: {used}"
    stop(vault.server)
    print(f"the list's p99 {1000 * p99(beside):.2f} ms while both cores transcribe, "
          f"{1000 * p99(alone):.2f} ms while they do not: {p99(beside) / p99(alone):.2f} times")


def make_files(rows: pathlib.Path, folder: pathlib.Path) -> None:
    """A file of 100 KB for each recording, where callvault keeps it; all of them on the disk."""
    body = wav(100_000)
    with sqlite3.connect(f"file:{rows}?mode=ro", uri=True) as database:
        for (recording,) in database.execute("select recording_id from recording"):
            name = str(uuid.UUID(bytes=recording))
            (folder / name[:2]).mkdir(parents=True, exist_ok=True)
            (folder / name[:2] / f"{name}.wav").write_bytes(body)
    database.close()
    subprocess.run(["sync", "-f", str(folder)], check=True)


def latencies(vault: Vault, done, pause: float = 0.01) -> list[float]:
    """Of a list, asked for every so many seconds, until a second's end finds it done."""
    path = vault.list_since(int(time.time()) - 7 * 86_400)
    found, begun = [], time.monotonic()
    while True:
        second = time.monotonic() + 1
        while (at := time.monotonic()) < second:
            vault.get(path)
            found.append(time.monotonic() - at)
            time.sleep(max(0, at + pause - time.monotonic()))
        if done(time.monotonic() - begun):
            return found


def p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


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


def console() -> None:
    """When the console's first page is painted, over all rows of one account and over a hundred:
    each time in a browser that knows nothing but the session's cookie."""
    vaults = {"many": Vault("console-many"), "few": Vault("console-few")}
    fill(vaults["many"], ROWS, 30)
    fill(vaults["few"], 100, 30)
    asked = {}
    for name, vault in vaults.items():
        vault.start()
        asked[name] = {"url": vault.url, "login": vault.account["auth_id"],
                       "password": vault.account["auth_token"]}
    repeats = str(PAINTS)
    command = ["node", "crates/native/console/tests/paint.js", json.dumps(asked), repeats]
    measured = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    for what, times in json.loads(measured).items():
        report(f"the console's {what}, {ROWS:,} recordings and 100", times["many"], times["few"],
               "with 100", "ms")
    for vault in vaults.values():
        stop(vault.server)


MEASURES = {"ingest": ingest, "list": listing, "accounts": accounts, "deep": deep,
            "ranged": ranged, "memory": resident, "delete": delete, "console": console,
            "transcribing": transcribing}

# Its rows take minutes to make, and gigabytes.
ONLY_WHEN_ASKED = {"deep"}

try:
    for name in CHOSEN or [name for name in MEASURES if name not in ONLY_WHEN_ASKED]:
        MEASURES[name]()
finally:
    for server in running:
        server.kill()
        server.wait()
    shutil.rmtree(work, ignore_errors=True)
