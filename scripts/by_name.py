"""The vendors' names, leading to this machine, without touching anything outside a process.

Where the kernel lets users make namespaces: one of our own, with a network that nothing else is on,
where port 443 is free, and with our own /etc/hosts and certifi's list of CAs laid over the
machine's. The SDKs then run as they are. Elsewhere (in many containers): a proxy that understands
CONNECT and leads the names to callvault; the SDKs are told of it by their own options.
"""

import fcntl
import glob
import os
import select
import socket
import socketserver
import struct
import subprocess
import sys
import threading

NAMES = ("api.plivo.com", "media.plivo.com", "api.vonage.com")
INSIDE = "CALLVAULT_WALKS_INSIDE"
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "--net"]


def inside() -> bool:
    """Tells whether this process has namespaces of its own; starts anew in them where it can."""
    if os.environ.pop(INSIDE, None):
        return True
    try:
        # All that is needed later is tried here.
        trial = [*UNSHARE, "mount", "--bind", "/etc/hosts", "/etc/hosts"]
        if subprocess.run(trial, stderr=subprocess.DEVNULL).returncode != 0:
            return False
    except FileNotFoundError:
        return False
    sys.stdout.flush()
    os.execvpe("unshare", [*UNSHARE, sys.executable, *sys.argv], os.environ | {INSIDE: "1"})


def settle(directory: str, ca: str) -> None:
    """Inside: maps the names, trusts the CA, and switches the loopback interface on."""
    hosts = os.path.join(directory, "hosts")
    with open(hosts, "w") as file:
        file.write(f"127.0.0.1 localhost {' '.join(NAMES)}\n")
    lay_over(hosts, "/etc/hosts")
    (certifi,) = glob.glob(".cache/venv/lib/python3*/site-packages/certifi/cacert.pem")
    trusted = os.path.join(directory, "trusted.pem")
    with open(trusted, "w") as file:
        for name in (certifi, ca):
            with open(name) as source:
                file.write(source.read())
    lay_over(trusted, certifi)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, up.ljust(40, b"\0"))  # SIOCSIFFLAGS


def lay_over(ours: str, theirs: str) -> None:
    subprocess.run(["mount", "--bind", ours, theirs], check=True)


class Connect(socketserver.BaseRequestHandler):
    """One client of the proxy."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            more = self.request.recv(4096)
            if not more:
                return
            head += more
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        if method != "CONNECT" or target not in [f"{name}:443" for name in NAMES]:
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(self.server.callvault) as callvault:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            other = {self.request: callvault, callvault: self.request}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    other[ready].sendall(data)


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True


def proxy(port: int) -> str:
    """Outside: starts a proxy that leads the names to this port; tells its URL."""
    server = Proxy(("127.0.0.1", 0), Connect)
    server.callvault = ("127.0.0.1", port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
