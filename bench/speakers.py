"""How well speakers on one channel are told apart: speakers.py DIARIZE MODELS FILE...

Each file has one speaker on each of its two channels, which are put on one. Beside it is its
reference as JSON, with `segs`: [start in s, end in s, speaker]. Needs ffmpeg. The diarization error rate is the time that is missed, said where
nobody speaks, or given to another, by the time that is spoken; a quarter of a second around each
start and end in the reference does not count. What is spoken within a reference's turn is all of
it, so pauses for breath count as missed.
"""

import itertools
import json
import pathlib
import resource
import subprocess
import sys

import numpy

STEPS = 100  # a second
COLLAR = 0.25  # in s


def sound(path: pathlib.Path) -> numpy.ndarray:
    """Both channels together, at 16 kHz, from -1 to 1."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-af", "pan=mono|c0=c0+c1", "-ar", "16000",
               "-f", "f32le", "-"]
    return numpy.frombuffer(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout, "<f4")


def speaking(turns: list, length: int) -> numpy.ndarray:
    """For each speaker, when they speak."""
    speakers = sorted({speaker for _, _, speaker in turns})
    table = numpy.zeros((len(speakers), length), bool)
    for start, end, speaker in turns:
        table[speakers.index(speaker), round(start * STEPS) : round(end * STEPS)] = True
    return table


def errors(reference: list, found: list, seconds: float) -> numpy.ndarray:
    """What is missed, too much, and another's, and what is spoken, in steps."""
    length = round(seconds * STEPS) + 1
    counts = numpy.ones(length, bool)
    for edge in (edge for start, end, _ in reference for edge in (start, end)):
        low = max(0, round((edge - COLLAR) * STEPS))
        counts[low : round((edge + COLLAR) * STEPS)] = False
    theirs, ours = (speaking(turns, length)[:, counts] for turns in (reference, found))
    padding = max(0, len(theirs) - len(ours))
    ours = numpy.vstack([ours, numpy.zeros((padding, ours.shape[1]), bool)])
    right = max(
        sum((a & ours[at]).sum() for a, at in zip(theirs, order))
        for order in itertools.permutations(range(len(ours)), len(theirs))
    )
    said, heard = theirs.sum(0), ours.sum(0)
    missed = numpy.maximum(said - heard, 0).sum()
    extra = numpy.maximum(heard - said, 0).sum()
    return numpy.array([missed, extra, numpy.minimum(said, heard).sum() - right, said.sum()])


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    diarize, models, *files = map(pathlib.Path, sys.argv[1:])
    names = [["segmentation.onnx", "seg3.onnx"], ["campplus.onnx"]]
    paths = [next(models / name for name in some if (models / name).exists()) for some in names]
    total, heard = numpy.zeros(4), 0.0
    for path in files:
        samples = sound(path)
        reference = json.loads(path.with_suffix(".json").read_text())["segs"]
        output = subprocess.run([diarize, *paths], input=samples.tobytes(), check=True,
                                stdout=subprocess.PIPE).stdout.decode()
        lines = [line.split() for line in output.splitlines()]
        found = [(int(start) / 1000, int(end) / 1000, who) for start, end, who, _ in lines]
        seconds = len(samples) / 16000
        counts = errors(reference, found, seconds)
        missed, extra, other = 100 * counts[:3] / counts[3]
        print(f"{path.name}: {len({who for _, _, who in found})} speakers, error rate "
              f"{missed + extra + other:.1f} % (missed {missed:.1f}, too much {extra:.1f}, "
              f"another's {other:.1f})", flush=True)
        total, heard = total + counts, heard + seconds
    missed, extra, other = 100 * total[:3] / total[3]
    print(f"all: error rate {missed + extra + other:.1f} % (missed {missed:.1f}, too much "
          f"{extra:.1f}, another's {other:.1f}); {cpu_seconds() / heard:.3f} CPU s per s")


main()
