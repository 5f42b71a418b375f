"""Word error rate and CPU time of transcription, beside faster-whisper on the same weights.

    python bench/speech.py TRANSCRIBE MODELS PEER FILE...

Needs faster-whisper: scripts/bench-speech has it. TRANSCRIBE is the example of the crate speech,
MODELS the directory of installed models, PEER that of the same Whisper for faster-whisper. Beside
each file is its reference, as JSON, with the words of its two channels as A and B. Both hear each
channel by itself, behind silero VAD, on one thread, greedily, in a language that they are told.
Then the same calls with both channels on one, which must not be over a sixth cheaper.
"""

import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

BLOCK = 20  # words that are drawn together


def words(text):
    return re.sub(r"[^a-z0-9 ]", "", re.sub(r"[-—]", " ", text.lower())).split()


def errors(reference, heard):
    """For each reference word the errors at it; what was inserted counts at the word after it."""
    best = [list(range(len(heard) + 1))]
    for said in reference:
        above, row = best[-1], [best[-1][0] + 1]
        for nth, word in enumerate(heard):
            row.append(min(above[nth] + (said != word), above[nth + 1] + 1, row[-1] + 1))
        best.append(row)
    at, row, column = [0] * (len(reference) + 1), len(reference), len(heard)
    while row or column:
        here = best[row][column]
        if row and column and here == best[row - 1][column - 1] + (reference[row - 1] != heard[column - 1]):
            row, column = row - 1, column - 1
            at[row] += reference[row] != heard[column]
        elif row and here == best[row - 1][column] + 1:
            row -= 1
            at[row] += 1
        else:
            column -= 1
            at[row] += 1
    at[-2] += at.pop()
    return at


def cpu_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = subprocess.run(command, check=True, capture_output=True, text=True,
                           env=os.environ | {"OMP_NUM_THREADS": "1"}).stdout.splitlines()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, [json.loads(line) for line in lines]


def peer(model, files):
    """What faster-whisper hears, and the CPU time of that, without Python's imports."""
    from faster_whisper import WhisperModel
    from faster_whisper.audio import decode_audio

    start = time.process_time()
    whisper = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    for file in files:
        legs = []
        for samples in decode_audio(file, split_stereo=True):
            segments, _ = whisper.transcribe(samples, language="en", beam_size=1, vad_filter=True)
            legs.append(" ".join(segment.text for segment in segments))
        print(json.dumps(legs))
    print(json.dumps(time.process_time() - start))


def main(transcribe, models, peer_model, *files):
    references = [json.loads(pathlib.Path(file).with_suffix(".json").read_text()) for file in files]
    models = pathlib.Path(models)
    hear = [transcribe, models / "whisper-base.bin", models / "silero-vad.onnx", "en"]
    ours_cpu, ours = cpu_of([*hear, *files])
    _, theirs = cpu_of([sys.executable, __file__, "--peer", peer_model, *files])
    theirs_cpu = theirs.pop()
    pairs = []
    for reference, our, their in zip(references, ours, theirs):
        for channel, leg in enumerate("AB"):
            heard = " ".join(word["word"] for word in our["words"] if word["channel"] == channel)
            said = words(reference[leg])
            both = list(zip(errors(said, words(heard)), errors(said, words(their[channel]))))
            pairs += [both[at:at + BLOCK] for at in range(0, len(both), BLOCK)]
    count = sum(map(len, pairs))
    rate = lambda side: 100 * sum(pair[side] for block in pairs for pair in block) / count
    draws = random.Random(20261122)
    differences = []
    for _ in range(10_000):
        drawn = draws.choices(pairs, k=len(pairs))
        total = sum(map(len, drawn))
        differences.append(100 * sum(a - b for block in drawn for a, b in block) / total)
    differences.sort()
    low, high = differences[250], differences[-251]
    print(f"words {count}: errors {rate(0):.2f} % and faster-whisper's {rate(1):.2f} %; "
          f"difference {rate(0) - rate(1):+.2f}, 95 % from {low:+.2f} to {high:+.2f} points")
    print(f"CPU {ours_cpu:.1f} s and faster-whisper's {theirs_cpu:.1f} s: {ours_cpu / theirs_cpu:.2f} times")
    with tempfile.TemporaryDirectory() as directory:
        mixed = [pathlib.Path(directory) / f"{nth}.wav" for nth in range(len(files))]
        for file, mono in zip(files, mixed):
            subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-ac", "1", mono], check=True)
        mono_cpu, _ = cpu_of([*hear, *mixed])
    print(f"two channels {ours_cpu:.1f} s, both on one {mono_cpu:.1f} s: {ours_cpu / mono_cpu:.2f} times")


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], sys.argv[3:])
    else:
        main(*sys.argv[1:])
