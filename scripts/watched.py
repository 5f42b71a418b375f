"""A callvault of a script's own, whose memory and whose workers' is watched."""

import base64
import http.client
import json
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time


def memory(pid: int) -> float:
    """The most that a process ever had resident, in MiB; 0 where it has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def repeated(file: str, times: int) -> bytes:
    """A WAV file of the project's, so many times over."""
    whole = (pathlib.Path(__file__).resolve().parent.parent / file).read_bytes()
    at = whole.index(b"data")
    head, sound = whole[:at], whole[at + 8:]
    size = len(sound) * times
    return (b"RIFF" + struct.pack("<I", len(head) + size) + head[8:] + b"data" + struct.pack("<I", size)
            + sound * times)


class Server:
    """Used in a `with`; ends well, or the script fails. Knows the most memory that it (`own`) and
    any worker (`worker`) had, in MiB."""

    def __init__(self, binary: str, log_path: str, patience: float = 600):
        self.binary, self.log_path, self.patience = binary, log_path, patience
        self.own = self.worker = 0.0
        self.local = threading.local()

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.log = open(self.log_path, "wb")
        added = self.run("account", "add", "script", "--json")
        account = json.loads(added)
        pair = base64.b64encode(f"{account['auth_id']}:{account['auth_token']}".encode()).decode()
        self.login = {"Authorization": f"Basic {pair}"}
        self.plivo = f"/v1/Account/{account['auth_id']}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [self.binary, "serve", "--data", self.directory.name,
                   "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stderr=self.log, stdin=subprocess.DEVNULL)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.1)
        self.stop = threading.Event()
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()
        return self

    def run(self, *words: str) -> bytes:
        command = [self.binary, *words, "--data", self.directory.name]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=self.log).stdout

    def watch(self) -> None:
        threads = pathlib.Path(f"/proc/{self.process.pid}/task")
        while not self.stop.wait(0.05):
            self.own = max(self.own, memory(self.process.pid))
            for children in threads.glob("*/children"):
                try:
                    for worker in children.read_text().split():
                        # Before it is one, it shows the memory of the server.
                        if b"worker" in pathlib.Path(f"/proc/{worker}/cmdline").read_bytes():
                            self.worker = max(self.worker, memory(int(worker)))
                except OSError:
                    continue

    def ask(self, method: str, path: str, body=None, headers=None) -> tuple[int, bytes]:
        """Each thread has a connection of its own."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self.patience)
        self.local.connection.request(method, path, body, {**self.login, **(headers or {})})
        answer = self.local.connection.getresponse()
        return answer.status, answer.read()

    def upload(self, file: bytes) -> tuple[int, dict]:
        before = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        status, answer = self.ask("POST", "/api/v1/recordings", before + file + b"\r\n--B--\r\n", kind)
        return status, json.loads(answer)

    def __exit__(self, kind, *_):
        self.stop.set()
        self.watcher.join()
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            if self.process.wait(60) != 0:
                raise SystemExit(f"the server ended with {self.process.returncode}: {self.log_path}")
            if kind is None:
                self.run("verify")
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()
            self.directory.cleanup()
        if "panicked" in pathlib.Path(self.log_path).read_text(errors="replace"):
            raise SystemExit(f"something panicked: {self.log_path}")
