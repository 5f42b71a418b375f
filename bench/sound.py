"""What audio costs, in CPU time, beside lame and ffmpeg in the same run.

    python3 bench/sound.py path/to/callvault [minutes]

Ours is what a worker process uses from its start to its end, theirs likewise. The call is the minute
of samples/repair-call.wav, over and over, with a party on each channel, at 8 kHz. Fails above the bars
of docs/performance.md. CALLVAULT_MODELS__DIR is where DTLN may be installed.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

CALL = pathlib.Path(__file__).resolve().parent.parent / "samples/repair-call.wav"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LAME = "libmp3lame.so.0"
# As the server starts its workers.
ENVIRONMENT = {"MIMALLOC_ARENA_RESERVE": "16384", "MIMALLOC_PURGE_DELAY": "0",
               "PATH": os.environ["PATH"]}


def cpu(command, task=None):
    """Of a process that succeeds, in seconds."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    if task:
        process.stdin.write(json.dumps(task).encode() + b"\n")
    process.stdin.close()
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status or (task and answer != b'"made"\n'):
        raise SystemExit(f"{command}: {status} {answer!r}")
    return usage.ru_utime + usage.ru_stime


def worker(source, product, dtln=None):
    """Has a worker make something, as the server does."""
    text = lambda path: {"Unix": list(os.fsencode(path))}
    with tempfile.NamedTemporaryFile(dir=source.parent) as made:
        return cpu([callvault, "worker"], {"make": {
            "from": text(source), "to": text(made.name), "product": product, "most_bytes": 1 << 32,
            "cpu_seconds": 3600, "lame": text(LAME), "dtln": dtln and [text(path) for path in dtln]}})


def ratio(what, bar, ours, theirs, whose):
    """Rounds alternate; the median of each side counts."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    left, right = (statistics.median(side) for side in zip(*pairs))
    print(f"{what}: callvault {left:.2f} CPU s, {whose} {right:.2f}: ratio {left / right:.2f} (bar {bar})",
          flush=True)
    return [what] if left / right > bar else []


def main(minutes=10):
    missed = []
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as directory:
        wav, mp3 = pathlib.Path(directory, "call.wav"), pathlib.Path(directory, "call.mp3")
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", str(minutes - 1), "-i", CALL,
                        "-c:a", "pcm_s16le", wav], check=True)
        lame = ["lame", "--quiet", "-m", "s", "--cbr", "-b", "64", "-q", "5", "--resample", "8", wav]
        subprocess.run([*lame, mp3], check=True)
        whole = {"audio": {"container": "mp3", "mix": False, "channel": None, "frames": [0, (1 << 64) - 1]}}
        missed += ratio("MP3 encoding", 1.1, lambda: worker(wav, whole),
                        lambda: cpu([*lame, "/dev/null"]), "lame")
        peaks = {"peaks": {"json": False, "samples_per_pixel": 256, "mix": False}}
        for source in wav, mp3:
            ffmpeg = ["ffmpeg", "-v", "error", "-i", source, "-f", "null", "-"]
            missed += ratio(f"peaks of {source.suffix[1:].upper()}", 1.5,
                            lambda: worker(source, peaks), lambda: cpu(ffmpeg), "ffmpeg")
        legs = minutes * 60 * 2
        models = pathlib.Path(os.environ.get("CALLVAULT_MODELS__DIR", "."))
        dtln = [models / "dtln-1.onnx", models / "dtln-2.onnx"]
        for name, files in [("RNNoise", None), ("DTLN", dtln)]:
            if files and not files[0].exists():
                continue
            cost = statistics.median(worker(wav, "denoised", files) for _ in range(ROUNDS)) / legs
            print(f"denoising with {name}: {cost:.4f} of real time for each leg"
                  + ("" if files else " (bar 0.02)"), flush=True)
            missed += [name] if not files and cost > 0.02 else []
    if missed:
        raise SystemExit(f"above the bar: {', '.join(missed)}")


callvault = os.path.abspath(sys.argv[1])
main(*map(int, sys.argv[2:]))
