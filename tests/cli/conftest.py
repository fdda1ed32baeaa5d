"""A tiny checkpoint in timm's layout, and the command line run in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from vitexplain.cli import main
from vitexplain.cli.lines import debugging
from vitexplain.vit import ViT, ViTConfig

ASSUMED = "vitexplain: assumed: "
CONFIG = ViTConfig(image_size=32, patch=8, dim=128, depth=3, heads=2, mlp_dim=64, classes=7)


def sharp_vit(config: ViTConfig = CONFIG, seed: int = 0) -> ViT:
    """A random model whose attention and answers are far from even."""
    torch.manual_seed(seed)
    vit = ViT(config).eval()
    with torch.no_grad():
        for name, parameter in vit.named_parameters():
            parameter.mul_(3 if "qkv" in name or "head" in name or "pos" in name else 1)
    return vit


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_file(sharp_vit().state_dict(), path)
    return path


@dataclass(frozen=True)
class Ran:
    """What a command did: exit code, stdout, and the lines of stderr."""

    code: int
    out: str
    lines: list[str]
    assumed: str = ""  # the line of stderr that says what the checkpoint does not


@pytest.fixture
def vitexplain(capsys, monkeypatch, tmp_path) -> Callable[..., Ran]:
    """Run a command line in a folder of its own: `vitexplain("explain", "a.png", …)`."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        debugging(False)
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        lines = said.err.splitlines()
        assumed = [line for line in lines if line.startswith(ASSUMED)]
        others = [line for line in lines if line not in assumed]
        return Ran(code, said.out, others, "".join(assumed).removeprefix(ASSUMED))

    return run
