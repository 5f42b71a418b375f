"""How much denoising helps: PESQ and STOI of noisy calls before and after, against clean speech.

    python3 bench/quality.py path/to/callvault [how many of the clips [of the noises]]

CALLVAULT_DENOISE__ENGINE says which engine, as for the server. Fails where it misses the bars of
docs/performance.md. Needs numpy, pesq and pystoi: scripts/quality has them. The clips are of samples/dialogue.wav, eight seconds each; the four
noises are made from a fixed seed; mixtures are coded in µ-law at 8 kHz, as a recorder has them. The
server denoises them: they go in and come out over HTTP.
"""

import base64
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

import numpy as np
from pesq import pesq
from pystoi import stoi

RATE = 8000
SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
CLIPS = [(start * RATE, (start + 8) * RATE) for start in range(2, 74, 12)]
LEVELS = [0, 5, 10]
# How much PESQ each engine must gain on noisy calls, and what it may lose on clean speech.
GAINS, LOSS = {"rnnoise": 0.15, "dtln": 0.25}, 0.15
BIAS, CLIP = 0x84, 32635


def of_mulaw(codes):
    codes = ~codes & 0xFF
    size = (((codes & 0x0F) << 3) + BIAS << (codes >> 4 & 7)) - BIAS
    return np.where(codes & 0x80, -size, size).astype(np.float64)


def mulaw(sound):
    size = np.minimum(np.abs(sound).astype(int), CLIP) + BIAS
    exponent = np.floor(np.log2(size)).astype(int) - 7
    codes = np.where(sound < 0, 0x80, 0) | exponent << 4 | size >> exponent + 3 & 0x0F
    return (~codes & 0xFF).astype(np.uint8)


def wav(sound):
    data = mulaw(sound).tobytes()
    head = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, 1, RATE, RATE, 1, 8, 0)
    body = b"WAVE" + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read_mulaw(name):
    file = (SAMPLES / name).read_bytes()
    at = file.index(b"data") + 8
    channels = struct.unpack("<H", file[22:24])[0]
    codes = np.frombuffer(file[at:at + struct.unpack("<I", file[at - 4:at])[0]], np.uint8)
    return of_mulaw(codes.astype(int)).reshape(-1, channels)


def noises(length):
    random = np.random.default_rng(20261122)
    time_axis = np.arange(length) / RATE
    yield "white", random.standard_normal(length)
    voices = read_mulaw("repair-call.wav")
    starts = random.integers(0, len(voices) - length, 12)
    yield "babble", sum(voices[at:at + length, at % 2][:: 1 - 2 * (at % 3 == 0)] for at in starts)
    phases = random.uniform(0, 6.28, 24)
    yield "hum", sum(np.sin(6.283185 * 50 * (n + 1) * time_axis + phases[n]) / (n + 1) for n in range(24))
    rumble = np.convolve(random.standard_normal(length), np.exp(-np.arange(60) / 15), "same")
    passing = 1 + 0.8 * np.sin(6.283185 * time_axis / 3)
    yield "street", rumble * passing


def power(sound):
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    energy = (frames**2).mean(1)
    return energy[energy > energy.max() / 1000].mean()


class Server:
    def __init__(self, program):
        self.data = tempfile.TemporaryDirectory()
        run = lambda *words: subprocess.run([program, *words, "--data", self.data.name],
                                            check=True, capture_output=True).stdout
        account = json.loads(run("account", "add", "bench", "--json"))
        login = f"{account['auth_id']}:{account['auth_token']}".encode()
        self.login = "Basic " + base64.b64encode(login).decode()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(
            [program, "serve", "--data", self.data.name, "--listen", self.url[7:]],
            stderr=subprocess.DEVNULL)
        self.until(lambda: self.ask("GET", "/readyz"))
        change = json.dumps({"noise_cancellation": True}).encode()
        self.ask("PATCH", "/api/v1/account", change, "application/json")

    def ask(self, method, path, body=None, kind=None):
        headers = {"Authorization": self.login} | ({"Content-Type": kind} if kind else {})
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        return urllib.request.urlopen(request).read()

    def until(self, attempt):
        for _ in range(600):
            try:
                return attempt()
            except OSError:
                time.sleep(0.1)
        raise SystemExit("callvault does not answer")

    def cleaned(self, sound):
        part = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
        body = part + wav(sound) + b"\r\n--B--\r\n"
        kept = json.loads(self.ask("POST", "/api/v1/recordings", body,
                                   "multipart/form-data; boundary=B"))
        path = f"/api/v1/recordings/{kept['recording_id']}/media?variant=denoised"
        file = self.until(lambda: self.ask("GET", path))
        return np.frombuffer(file[44:], "<i2").astype(np.float64)


def scores(clean, other):
    scale = 32768.0
    return np.array([pesq(RATE, clean / scale, other / scale, "nb"), stoi(clean, other, RATE)])


def main(program, count=len(CLIPS), kinds=4):
    engine = os.environ["CALLVAULT_DENOISE__ENGINE"]
    server = Server(program)
    speech = read_mulaw("dialogue.wav")[:, 0]
    clips = [speech[start:end] for start, end in CLIPS[: int(count)]]
    rows = {}
    try:
        for clip in clips:
            kept = of_mulaw(mulaw(clip).astype(int))
            rows.setdefault(("none", None), []).append(
                (scores(clip, kept), scores(clip, server.cleaned(clip))))
            for name, noise in list(noises(len(clip)))[: int(kinds)]:
                for level in LEVELS:
                    scaled = noise * np.sqrt(power(clip) / (noise**2).mean() / 10 ** (level / 10))
                    mixed = np.clip(clip + scaled, -32768, 32767)
                    noisy = of_mulaw(mulaw(mixed).astype(int))
                    pair = (scores(clip, noisy), scores(clip, server.cleaned(mixed)))
                    rows.setdefault((name, level), []).append(pair)
    finally:
        server.process.terminate()
        server.process.wait()
    print("| noise | SNR | PESQ | denoised | STOI | denoised |\n|---|---|---|---|---|---|")
    for (name, level), pairs in rows.items():
        before, after = np.mean(pairs, axis=0)
        snr = "" if level is None else f"{level} dB"
        print(f"| {name} | {snr} | {before[0]:.2f} | {after[0]:.2f} | {before[1]:.3f} | {after[1]:.3f} |")
    noisy = [pair for (name, _), pairs in rows.items() if name != "none" for pair in pairs]
    before, after = np.mean(noisy, axis=0)
    gain = after - before
    print(f"\n{engine}, of {len(noisy)} noisy calls: PESQ {gain[0]:+.3f}, STOI {gain[1]:+.3f} on the average.")
    before, after = np.mean(rows["none", None], axis=0)
    change = after[0] - before[0]
    print(f"Clean speech: PESQ {change:+.3f}.\n")
    if gain[0] < GAINS[engine] or change < -LOSS:
        raise SystemExit(f"{engine} misses its bar: {GAINS[engine]:+} on noisy calls, -{LOSS} on clean ones")


if __name__ == "__main__":
    main(*sys.argv[1:])
