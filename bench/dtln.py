"""What onnxruntime makes of DTLN's models: the reference that a test of crates/audio compares with.

    python3 bench/dtln.py DIR > crates/audio/fixtures/dtln.txt

DIR has the models as `callvault model add dtln` installs them. Needs onnxruntime and what quality.py needs. The left
channel of crates/audio/fixtures/peaks/stereo.wav, which is µ-law, is taken as if it had 16 kHz.
"""

import pathlib
import sys

import numpy as np
import onnxruntime
from quality import of_mulaw

CALL = pathlib.Path(__file__).resolve().parent.parent / "crates/audio/fixtures/peaks/stereo.wav"


def main(directory):
    models = [onnxruntime.InferenceSession(f"{directory}/dtln-{n}.onnx") for n in (1, 2)]
    states = [np.zeros((1, 2, 128, 2), np.float32)] * 2

    def run(which, numbers):
        names = [put.name for put in models[which].get_inputs()]
        numbers = numbers.astype(np.float32).reshape(1, 1, -1)
        made, states[which] = models[which].run(None, dict(zip(names, [numbers, states[which]])))
        return made.reshape(-1)

    file = CALL.read_bytes()
    codes = np.frombuffer(file[file.index(b"data") + 8:], np.uint8)[::2]
    sound = of_mulaw(codes.astype(int)) / 32768
    block, total, made = np.zeros(512), np.zeros(512), []
    for at in range(0, len(sound) // 128 * 128, 128):
        block = np.append(block[128:], sound[at:at + 128])
        spectrum = np.fft.rfft(block)
        mask = run(0, np.abs(spectrum))
        total = np.append(total[128:], np.zeros(128)) + run(1, np.fft.irfft(spectrum * mask))
        made.extend(total[:128])
    print("\n".join(f"{sample:.7f}" for sample in made[::100]))


main(sys.argv[1])
