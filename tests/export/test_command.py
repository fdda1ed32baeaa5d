"""`vitexplain export-onnx`, as a user types it; and what is said where ONNX is missing."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.cli.conftest import CONFIG
from vitexplain import checkpoints, export
from vitexplain.extras import install
from vitexplain.images import Preprocessing

NAMES = [f"class {i}" for i in range(CONFIG.classes)]


def test_a_checkpoint_becomes_a_graph(vitexplain, checkpoint, tmp_path):
    Path("names.txt").write_text("\n".join(NAMES))
    ran = vitexplain(
        "export-onnx", checkpoint, "--outputs", "weights, logits", "--labels", "names.txt"
    )
    assert (ran.code, ran.out) == (0, "tiny.onnx\n")
    assert ran.lines[:2] == [
        "vitexplain: tracing 3 blocks",
        "vitexplain: running it beside torch on an image of random numbers",
    ]
    first, _, last = ran.lines[2].rpartition(", at most ")
    size = (tmp_path / "tiny.onnx").stat().st_size
    assert first == f"vitexplain: tiny.onnx: {size / 1000:.1f} kB, inputs images, gates, 4 outputs"
    assert last.endswith(" from torch")
    assert float(last.split()[0]) <= 1e-5

    says = export.about("tiny.onnx")
    seen = Preprocessing(size=32, crop=0.9)  # timm's, where the file says nothing
    assert says["labels"] == NAMES
    assert (says["name"], says["inputs"]) == ("tiny", ["images", "gates"])
    assert (says["mean"], says["std"]) == (list(seen.mean), list(seen.std))
    assert (says["crop"], says["interpolation"], says["fit"]) == (0.9, "bicubic", "crop")
    images = np.random.default_rng(0).standard_normal((2, 3, 32, 32))
    found = export.run("tiny.onnx", {"images": images, "gates": np.ones((3, 2))})
    stored = export.stored(checkpoints.load(checkpoint))
    params = {name: p.double().numpy() for name, p in stored.items()}
    expected = export.answers(params, images, CONFIG, ["weights", "logits"])
    assert max(export.difference(found, expected).values()) <= 1e-5

    again = vitexplain("export-onnx", checkpoint)
    assert again.code == 2
    assert again.lines == ["vitexplain: error: tiny.onnx is there already; --force overwrites it"]


def test_options(vitexplain, checkpoint, tmp_path):
    ran = vitexplain(
        "export-onnx", checkpoint, "--outputs", "logits", "--float32", "--no-gates", "--positions",
        "--size", 64, "--out", tmp_path / "mine.onnx", "--quiet",
    )  # fmt: skip
    assert (ran.code, ran.lines, ran.out) == (0, [], f"{tmp_path / 'mine.onnx'}\n")
    says = export.about(tmp_path / "mine.onnx")
    assert (says["inputs"], says["float16"]) == (["images", "positions"], False)
    assert (says["image_size"], says["grid"], says["outputs"]) == ([64, 64], [8, 8], ["logits"])


@pytest.mark.rejects
def test_what_is_wrong_is_one_line(vitexplain, checkpoint, tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(checkpoint.read_bytes()[:5000])
    with pytest.raises(checkpoints.CheckpointError) as caught:
        checkpoints.read(damaged)
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.ones(3, 4)}, other)
    for arguments, code, line in [
        ([damaged], 1, f"error: {caught.value}"),
        ([other], 1, "error: other.safetensors: found 1 tensors (weight) of no known layout"),
        (["none.pth"], 2, "error: there is no model 'none.pth'"),
        ([checkpoint, "--outputs", "attn"], 2, "error: --outputs: unknown output 'attn'; there "),
        ([checkpoint, "--outputs", ""], 2, "error: --outputs: outputs must be a list of names"),
        ([checkpoint, "--out", "no/a.onnx"], 2, "error: there is no folder no"),
        ([checkpoint, "--size", 33], 2, "error: --size: patches of 8×8 do not tile"),
    ]:
        ran = vitexplain("export-onnx", *arguments)
        way = 4 if arguments == [other] else 0  # lines of code, by which `capture` reads it
        assert (ran.code, len(ran.lines)) == (code, 1 + way), ran.lines
        assert ran.lines[0].startswith(f"vitexplain: {line}")
    assert list(tmp_path.glob("**/*.onnx*")) == []


@pytest.mark.rejects
def test_a_wrong_graph_is_not_kept(vitexplain, checkpoint, tmp_path, monkeypatch):
    from vitexplain.export import models

    stored = models.stored

    def shifted(model, **options):
        return {name: p + 0.01 for name, p in stored(model, **options).items()}

    monkeypatch.setattr(models, "stored", shifted)  # the graph's, not that of the comparison
    ran = vitexplain("export-onnx", checkpoint, "--outputs", "logits")
    assert ran.code == 1
    assert ran.lines[-1].startswith("vitexplain: error: the graph differs from torch by ")
    assert list(tmp_path.glob("*.onnx*")) == []


def test_without_onnx_the_extra_is_named(checkpoint):
    code = f"""
import sys
from vitexplain.cli import main
for missing in ("onnxruntime", "onnxscript", "onnx"):
    sys.modules[missing] = None  # what an import meets where it is not installed
    for name in [name for name in sys.modules if name.startswith("vitexplain.export")]:
        del sys.modules[name]
    print(main(["export-onnx", {str(checkpoint)!r}, "--out", "never.onnx"]))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout == "1\n1\n1\n", ran.stderr
    told = zip(ran.stderr.splitlines(), ("onnxruntime", "onnxscript", "onnx"), strict=True)
    for line, missing in told:
        assert line.endswith(f" needs {missing}: {install('export')}")


def test_the_functions_and_files_need_neither_onnx_nor_torch():
    code = """
import sys
for name in ("onnx", "onnx_ir", "onnxscript", "onnxruntime", "torch"):
    sys.modules[name] = None
import numpy as np
from vitexplain import export
eye = np.eye(2)
print(export.steps(eye, eye, eye, eye).weights.shape, export.graph("sentence").name)
print(len(export.face_params()), "logits" in export.OUTPUTS, "vit" in dir(export))
try:
    export.vit
except ModuleNotFoundError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.splitlines() == [
        "(2, 2) sentence.onnx", "6 True True",
        f"vitexplain.export.vit needs onnx: {install('export')}",
    ], ran.stderr  # fmt: skip
