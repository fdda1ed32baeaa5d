"""The commands on the page "At the command line", run; what they print is what the page shows.

`python -m tests.cli.test_docs` writes what they print into the page.
"""

import contextlib
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.cli.photo import save_photo
from vitexplain.cli import main
from vitexplain.cli.lines import debugging
from vitexplain.vit import PRESETS, ViT

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
VARIES = [  # what differs from machine to machine
    (r"\d+\.\d [kM]B", "# MB"),
    (r" +[\d.]+ ms| +[\d.]+ to [\d.]+ ms", " # ms"),
    (r" +[\d.]+ ×  ", " # ×  "),
    (r"\d+ threads, torch \S+,", "# threads, torch #,"),
    (r"at most \de-\d+ from", "at most # from"),
    (r" +middle half| +median| +ratio", " head"),
]


def prepare(folder: Path) -> None:
    """Make the files that the page's commands name."""
    torch.manual_seed(0)
    weights = ViT(PRESETS["Ti/16"]).state_dict()
    torch.save(weights, folder / "weights.pth")
    (folder / "vit").mkdir()
    save_file(weights, folder / "vit" / "model.safetensors")
    seen = {"input_size": [3, 224, 224], "mean": [0.5] * 3, "std": [0.5] * 3, "crop_pct": 0.9}
    about = {"architecture": "vit_tiny_patch16_224", "pretrained_cfg": seen}
    (folder / "vit" / "config.json").write_text(json.dumps(about))
    save_photo(folder / "cat.png", rows=300, cols=400)
    for i, name in enumerate(["beach.png", "dog.jpg", "2026/tree.webp"]):
        save_photo(folder / "photos" / name, seed=i)
    (folder / "photos" / "notes.png").write_text("Call the vet.")


def transcript(commands: list[str]) -> str:
    """Run commands, as a shell would show them: each, what it says, what it prints."""
    shown, code = "", 0
    for command in commands:
        shown += f"$ {command}\n"
        if command == "echo $?":
            shown += f"{code}\n"
            continue
        program, *arguments = command.split()
        assert program == "vitexplain"
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
        shown += err.getvalue() + out.getvalue()
    return shown


def commands_of(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def masked(text: str) -> str:
    for pattern, mark in VARIES:
        text = re.sub(pattern, mark, text)
    return text


@pytest.fixture(scope="module")
def blocks(tmp_path_factory) -> dict[str, str]:
    """Each block of the page, and what its commands print now."""
    folder, before = tmp_path_factory.mktemp("docs"), Path.cwd()
    debugging(False)
    prepare(folder)
    os.chdir(folder)
    try:
        return {block: transcript(commands_of(block)) for block in BLOCK.findall(PAGE.read_text())}
    finally:
        os.chdir(before)


def test_every_output_on_the_page_is_real(blocks):
    assert len(blocks) >= 9
    for block, printed in blocks.items():
        assert masked(printed) == masked(block)


def test_masking_hides_no_more_than_it_should():
    assert masked("x: cat, 12.3 MB") == masked("x: cat, 0.4 kB") != masked("x: dog, 0.4 kB")
    far = "at most 1e-06 from torch"
    assert masked(far) == masked(far.replace("1e", "3e")) != masked(far.replace("torch", "me"))
    line = "look     12.3 ms  11.0 to 13.0 ms  1.02 ×  every weight"
    assert masked(line) == masked(line.replace("12.3", "8.1")) != masked(line[1:])


def write() -> None:
    """Put what the commands print into the page."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        os.chdir(name)
        page = PAGE.read_text()
        page = BLOCK.sub(lambda m: f"```console\n{transcript(commands_of(m[1]))}```", page)
        PAGE.write_text(page)


if __name__ == "__main__":
    sys.exit(write())
