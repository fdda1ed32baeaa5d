"""`vitexplain explain`: what it writes, what it refuses, and in how many words."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import vitexplain as package
from tests.cli.conftest import ASSUMED, CONFIG, sharp_vit
from tests.cli.photo import save_photo
from vitexplain.extras import install
from vitexplain.images import Preprocessing, load_image, prepare
from vitexplain.reading import READINGS, raw
from vitexplain.report import METHODS
from vitexplain.vit import ViT, ViTConfig


def python(*arguments: object, **options) -> subprocess.CompletedProcess:
    """The command line in a process of its own."""
    line = [sys.executable, "-m", "vitexplain.cli", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100", "TERM": "dumb"}
    return subprocess.run(line, capture_output=True, env=environment, **options)


def model_input(path: Path) -> torch.Tensor:
    """As timm prepares an image for a checkpoint that says nothing: 90 % of it, around 1/2."""
    return torch.from_numpy(prepare(load_image(path), Preprocessing(32, crop=0.9)))[None]


def test_one_image_is_one_page(vitexplain, checkpoint, tmp_path):
    save_photo(tmp_path / "cat.png")
    ran = vitexplain("explain", "cat.png", "--model", checkpoint)
    assert (ran.code, ran.out) == (0, "cat.html\n")
    (line,) = ran.lines
    assert line.startswith("vitexplain: cat.png: class ")
    assert "<!doctype html>" in Path("cat.html").read_text()
    assert not list(tmp_path.glob(".*"))  # no temporary file is left
    again = vitexplain("explain", "cat.png", "--model", checkpoint)
    assert again.code == 2
    assert again.lines == ["vitexplain: error: cat.html is there already; --force overwrites it"]
    Path("cat.html").write_text("old")
    assert vitexplain("explain", "cat.png", "--model", checkpoint, "--force", "-q").lines == []
    assert Path("cat.html").read_text() != "old"


@pytest.mark.parametrize("method", METHODS)
def test_json_of_every_method_holds_what_the_library_computes(
    method, vitexplain, checkpoint, tmp_path
):
    path = save_photo(tmp_path / "cat.png")
    ran = vitexplain(
        "explain", path, "-m", checkpoint, "--method", method, "-o", "-", "-f", "json"
    )  # fmt: skip
    assert (ran.code, ran.lines) == (0, [])
    found, images, vit = json.loads(ran.out), model_input(path), sharp_vit()
    logits = vit(images)
    np.testing.assert_allclose(found["probabilities"], logits.softmax(-1)[0].detach(), atol=1e-6)
    target = logits.argmax(-1)
    assert found["target"] == target.item()
    if method == "weights":
        expected = raw(vit, images)[:, 0, 1:].reshape(1, *CONFIG.grid)
    else:
        expected = READINGS[METHODS[method].name](vit, images, target)
    scale = float(expected.abs().max())
    np.testing.assert_allclose(
        found["reading"], expected[0].detach(), atol=2e-4 * scale, rtol=1e-4
    )  # fmt: skip
    assert found["made"]["method"] == method
    assert found["made"]["vitexplain"] == package.__version__
    assert found["made"]["config"]["depth"] == CONFIG.depth


def test_weights_of_one_head_and_every_number_in_npz(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    common = ("explain", path, "-m", checkpoint, "--method", "weights", "--layer", 1, "--head", 1)
    assert vitexplain(*common, "--out", "cat.npz").code == 0
    vit, images = sharp_vit(), model_input(path)
    expected = torch.stack([
        torch.stack([raw(vit, images, layer=layer, head=head)[0] for head in range(2)])
        for layer in range(3)
    ])  # fmt: skip
    with np.load("cat.npz") as numbers:
        np.testing.assert_allclose(numbers["weights"], expected, atol=1e-6)
        np.testing.assert_allclose(numbers["answer"], expected[:, :, 0], atol=1e-6)
        np.testing.assert_array_equal(numbers["reading"].ravel(), numbers["answer"][1, 1, 1:])
        np.testing.assert_allclose(numbers["logits"], vit(images)[0].detach(), atol=1e-5)
        assert numbers["image"].shape == (3, 32, 32)
        assert json.loads(str(numbers["about"]))["made"]["layout"] == "timm"


def test_pictures_show_the_reading_and_say_where_they_come_from(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    assert vitexplain("explain", path, "-m", checkpoint, "-o", "x.png").code == 0
    with Image.open("x.png") as image:
        assert image.size == (448, 448)
        assert json.loads(image.info["Comment"])["model"] == "tiny.safetensors"
        drawn = np.asarray(image.convert("RGB")) / 255
    ran = vitexplain("explain", path, "-m", checkpoint, "-o", "-", "-f", "json")
    reading = np.array(json.loads(ran.out)["reading"])
    seen = prepare(load_image(path), Preprocessing(32, (0, 0, 0), (1, 1, 1), crop=0.9))
    lit = np.kron(np.sqrt(reading / reading.max()), np.ones((112, 112)))[..., None]
    image = seen.repeat(14, 1).repeat(14, 2).transpose(1, 2, 0)
    expected = image * (1 - 0.6 * (1 - lit)) + 48 / 255 * 0.6 * (1 - lit)
    np.testing.assert_allclose(drawn, expected, atol=1.5 / 255)
    assert vitexplain("explain", path, "-m", checkpoint, "-o", "x.svg", "--stretch").code == 0
    svg = Path("x.svg").read_text()
    assert svg.count("<rect ") == 16
    assert 'fill-opacity="0.600"' in svg  # the least
    assert 'fill-opacity="0.000"' in svg  # the most
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_what_cannot_matter_is_said(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    common = ("explain", path, "-m", checkpoint, "-o", "/dev/null", "-f", "png")
    assert vitexplain(*common, "--head", 1).lines[0] == (
        "vitexplain: rollout reads all blocks and heads; one alone is --method weights"
    )
    assert vitexplain(*common, "--target", 1, "-q").lines == [
        "vitexplain: rollout is the same for every class, whatever the --target"
    ]
    assert Path("/dev/null").is_char_device()


def test_names_that_are_no_text(vitexplain, checkpoint, tmp_path):
    name = os.fsdecode(b"caf\xe9\n\x1b[31m.png")
    save_photo(tmp_path / "cat.png").rename(tmp_path / name)
    ran = vitexplain("explain", name, "-m", checkpoint)
    assert ran.code == 0, ran.lines
    assert (tmp_path / name).with_suffix(".html").is_file()
    mark = "\N{REPLACEMENT CHARACTER}"
    assert ran.out == f"caf{mark} {mark}[31m.html\n"
    (tmp_path / "names").mkdir()
    (tmp_path / name).rename(tmp_path / "names" / name)
    assert vitexplain("explain", "names", "-m", checkpoint).code == 0


def test_stdin_to_stdout(checkpoint, tmp_path):
    data = save_photo(tmp_path / "cat.jpg").read_bytes()
    ran = python("explain", "-", "-m", checkpoint, "-qf", "png", input=data, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.startswith(b"\x89PNG")
    assert ran.stdout.endswith(b"IEND\xaeB`\x82")
    ran = python("explain", "-", "-m", checkpoint, input=b"no image", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.decode().startswith("vitexplain: error: image: not an image")
    assert ran.stderr.count(b"\n") == 1


def test_target_by_label_and_a_file_of_labels(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    Path("names.txt").write_text("\n".join(["tabby", "Tiger", "lynx", "puma", "2", "lion", "cat"]))
    common = ("explain", path, "-m", checkpoint, "--labels", "names.txt", "-f", "json", "-o", "-")
    for target, index in {"tabby": 0, "tiger": 1, "3": 3, "2": 4}.items():
        ran = vitexplain(*common, "--method", "gradient", "--target", target)
        assert json.loads(ran.out)["target"] == index
    assert "from 0 to 6 or a label" in vitexplain(*common, "--target", "dog").lines[0]
    Path("few.txt").write_text("one\n")
    assert vitexplain("explain", path, "-m", checkpoint, "--labels", "few.txt").lines == [
        "vitexplain: error: --labels few.txt: 1 lines, the model has 7 classes"
    ]


def test_heads_that_the_file_does_not_say(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    ran = vitexplain("explain", path, "-m", checkpoint, "--heads", 4, "-f", "json", "-o", "-")
    vit = sharp_vit(replace(CONFIG, heads=4))
    expected = vit(model_input(path)).softmax(-1)[0].detach()
    np.testing.assert_allclose(json.loads(ran.out)["probabilities"], expected, atol=1e-6)
    assert np.shape(json.loads(ran.out)["answer"]) == (3, 4, 17)
    wrong = vitexplain("explain", path, "-m", checkpoint, "--heads", 5)
    assert (wrong.code, wrong.lines) == (
        2,
        ["vitexplain: error: --heads: dim must be a multiple of heads, got dim 128 and 5 heads"],
    )


@pytest.fixture
def photos(tmp_path) -> Path:
    for i, name in enumerate(["a.jpg", "b.png", "deep/c.webp", "deep/a.jpg"]):
        save_photo(tmp_path / "photos" / name, seed=i)
    (tmp_path / "photos" / "notes.txt").write_text("no image, and not asked for")
    (tmp_path / "photos" / ".hidden.png").write_bytes(b"")
    return tmp_path / "photos"


def test_a_folder_with_a_bad_image_and_resume(vitexplain, checkpoint, photos):
    (photos / "bad.png").write_text("text")
    first = vitexplain("explain", "photos", "-m", checkpoint, "-f", "json", "--batch", 3)
    assert (first.code, first.out) == (1, "explained\n")
    assert first.lines == [
        "vitexplain: error: photos/bad.png: not an image of a known format (PNG, JPEG, WEBP, AVIF, "
        "GIF, BMP, TIFF, PPM, JPEG2000)",
        "vitexplain: explained: 4 written, 1 failed",
    ]
    written = sorted(Path("explained").glob("*.json"))
    assert [path.name.split("-")[0] for path in written] == ["a", "a", "b", "c"]
    alone = vitexplain("explain", "photos/b.png", "-m", checkpoint, "-f", "json", "-o", "-")
    together, alone = json.loads(written[2].read_text()), json.loads(alone.out)
    assert together["name"] == alone["name"] == "b.png"
    np.testing.assert_allclose(together["answer"], alone["answer"], atol=1e-6)
    (photos / "bad.png").unlink()
    written[0].unlink()
    before = written[1].stat().st_mtime_ns
    again = vitexplain("explain", "photos", "-m", checkpoint, "-f", "json")
    assert (again.code, again.lines[-1]) == (
        0, "vitexplain: explained: 1 written, 3 there already"
    )  # fmt: skip
    assert written[1].stat().st_mtime_ns == before
    other = vitexplain("explain", "photos", "-m", checkpoint, "-f", "svg")
    assert other.code == 2
    assert "'json' (now 'svg'): choose another folder, or --force" in other.lines[0]
    forced = vitexplain("explain", "photos", "-m", checkpoint, "-f", "svg", "--force")
    assert forced.lines == ["vitexplain: explained: 4 written"]
    assert not list(Path("explained").glob("*.json"))


def test_outputs_are_no_inputs(vitexplain, checkpoint, photos):
    for _ in range(2):
        ran = vitexplain("explain", ".", "-m", checkpoint, "-f", "png")
        assert ran.code == 0
    assert ran.lines == ["vitexplain: explained: 0 written, 4 there already"]


def test_two_workers_in_processes_of_their_own(checkpoint, photos):
    ran = python(
        "explain", "photos", "-m", checkpoint, "--workers", 2, "-o", "pages", cwd=photos.parent
    )
    assert ran.returncode == 0, ran.stderr
    assumed, written = ran.stderr.decode().splitlines()  # assumed once, not by each worker
    assert assumed.startswith(ASSUMED)
    assert written == "vitexplain: pages: 4 written"
    assert len(list((photos.parent / "pages").glob("*.html"))) == 4


WRONG = {  # what is wrong → (arguments, exit code, what the line says)
    "no command": (["explan"], 2, "Did you mean 'explain'?"),
    "no image": (["explain", "-m", "M"], 2, "Missing argument"),
    "no model": (["explain", "I"], 2, "Missing option '--model'"),
    "no such model": (["explain", "I", "-m", "no.pth"], 2, "there is no model 'no.pth'"),
    "model of the hub": (["explain", "I", "-m", "google/vit"], 2, "hub:google/vit"),
    "no such method": (["explain", "I", "-m", "M", "--method", "rolout"], 2, "'rollout'?"),
    "no such format": (["explain", "I", "-m", "M", "-f", "gif"], 2, "--format must be one of"),
    "format by suffix": (["explain", "I", "-m", "M", "-o", "x.jpg"], 2, "got 'jpg'"),
    "no such layer": (["explain", "I", "-m", "M", "--layer", "3"], 2, "from 0 to 2"),
    "no such head": (["explain", "I", "-m", "M", "--head", "-3"], 2, "from 0 to 1"),
    "head in words": (["explain", "I", "-m", "M", "--head", "two"], 2, "a number or mean"),
    "no such target": (["explain", "I", "-m", "M", "--target", "7"], 2, "from 0 to 6"),
    "size": (["explain", "I", "-m", "M", "--size", "33"], 2, "patches of 8×8 do not tile"),
    "device": (["explain", "I", "-m", "M", "--device", "abacus"], 2, "--device abacus"),
    "folder of out": (["explain", "I", "-m", "M", "-o", "no/x.html"], 2, "there is no folder no"),
    "several to a file": (["explain", "I", "I", "-m", "M", "-o", "I"], 2, "is a file"),
    "several to a page": (["explain", "I", "I", "-m", "M", "-o", "x.html"], 2, "is a file"),
    "several to stdout": (["explain", "I", "I", "-m", "M", "-o", "-"], 2, "need a folder"),
    "stdin and more": (["explain", "I", "-", "-m", "M"], 2, "name it alone"),
    "no image inside": (["explain", "empty", "-m", "M"], 2, "no images in empty"),
    "image not there": (["explain", "no.png", "-m", "M"], 1, "no.png: no such file"),
    "image too large": (["explain", "I", "-m", "M", "--limit", "99"], 1, "the limit is 99"),
    "checkpoint of text": (["explain", "I", "-m", "text.safetensors"], 1, "text.safetensors"),
    "bench of nothing": (["bench", "B/17"], 2, "there is no model 'B/17'"),
}


@pytest.mark.rejects
@pytest.mark.parametrize("case", WRONG)
def test_each_error_is_one_line_and_a_code(case, vitexplain, checkpoint, tmp_path):
    arguments, code, says = WRONG[case]
    save_photo(tmp_path / "I.png").rename(tmp_path / "I")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.safetensors").write_text("I am a model, honestly.")
    ran = vitexplain(*[checkpoint if word == "M" else word for word in arguments])
    assert (ran.code, ran.out) == (code, "")
    (line,) = ran.lines
    assert line.startswith("vitexplain: error: ")
    assert says in line
    assert "Traceback" not in line


@pytest.mark.rejects
def test_weights_that_no_file_should_hold(vitexplain, tmp_path):
    from safetensors.torch import save_file

    config = ViTConfig(image_size=2048, patch=16, dim=64, depth=4, heads=1, mlp_dim=8, classes=2)
    save_file(ViT(config).state_dict(), tmp_path / "wide.safetensors")
    save_photo(tmp_path / "cat.png")
    ran = vitexplain("explain", "cat.png", "-m", "wide.safetensors", "-f", "npz")
    assert (ran.code, len(ran.lines)) == (2, 1)
    assert "4.3 GB for this model" in ran.lines[0]


def test_a_model_of_nan_is_said_for_each_image(vitexplain, photos, tmp_path):
    from safetensors.torch import save_file

    vit = sharp_vit()
    with torch.no_grad():
        vit.norm.weight.fill_(float("nan"))
    save_file(vit.state_dict(), tmp_path / "nan.safetensors")
    ran = vitexplain("explain", "photos/a.jpg", "photos/b.png", "-m", "nan.safetensors")
    assert ran.code == 1
    assert len(ran.lines) in (1, 3)  # refused by the reader of checkpoints, or image by image
    assert all("NaN" in line for line in ran.lines[:-1])


def test_debug_shows_the_traceback(checkpoint, tmp_path):
    ran = python("explain", "no.png", "-m", checkpoint, "--debug", cwd=tmp_path)
    assert b"Traceback" in ran.stderr
    assert b"ImageError" in ran.stderr


def test_version_help_and_what_they_load():
    assert python("--version").stdout.decode() == f"vitexplain {package.__version__}\n"
    code = """
import sys
import vitexplain.cli
from vitexplain.cli import main
try:
    main(["explain", "--help"])
finally:
    print(*sorted({"torch", "numpy", "plotly", "PIL"} & set(sys.modules)), file=sys.stderr)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stderr.strip() == ""
    listed = ran.stdout.replace("│", " ").split()
    for method in METHODS:
        assert any(word.strip(",.") == method for word in listed), method


def test_help_teaches_with_examples():
    from vitexplain.cli.app import app

    runner = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})
    for command, example in {
        "explain": "vitexplain explain photos/ -m vit.npz --workers 2 --out explained/",
        "models": "vitexplain models vit.safetensors",
        "bench": "vitexplain bench B/16",
    }.items():
        shown = runner.invoke(app, [command, "--help"])
        assert shown.exit_code == 0
        assert example in shown.output


def test_without_typer_one_line_names_the_extra():
    code = "import sys; sys.modules['typer'] = None; from vitexplain.cli import main; print(main())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout == "1\n"
    assert ran.stderr == (f"vitexplain: error: the command line needs typer: {install('cli')}\n")
