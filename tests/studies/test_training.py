"""A run is the same whether it runs through, is killed and resumed, or is shared by two."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from studies.classify import Classify
from studies.optimizers import OPTIMIZERS
from studies.training import Recipe, train
from tests.studies.one_run import run_cell, share
from tests.waiting import wait_for
from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.families import build
from vitexplain.vit import ViT, ViTConfig

PROGRAM = "tests.studies.one_run"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
TINY = ViTConfig(
    image_size=8, patch=4, dim=16, depth=1, heads=2, mlp_dim=16, classes=3, channels=1,
    readout="mean",
)  # fmt: skip


def run_program(*arguments: str, launcher: tuple[str, ...] = ()) -> str:
    """Run the program to its end and return what it printed."""
    command = [sys.executable, *launcher, "-m", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def weights_of(folder: Path) -> dict[str, np.ndarray]:
    state = load_file(folder / "weights" / "short.safetensors")
    return {name: value.float().numpy() for name, value in state.items()}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """As the programs have: how many there are decides how sums are rounded."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> tuple[dict, dict]:
    folder = tmp_path_factory.mktemp("straight")
    found = json.loads(json.dumps(run_cell(folder)))
    assert found["accuracy"] > 0.15  # it has begun to learn: the weights below are not the first
    return found, weights_of(folder)


def test_killed_and_resumed_it_ends_with_the_same_numbers(tmp_path, straight):
    slow = [sys.executable, "-m", PROGRAM, "run", str(tmp_path), "halt"]
    process = subprocess.Popen(slow, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    checkpoint = tmp_path / "cache" / "short.checkpoint"
    wait_for(checkpoint.exists, of=process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "cache" / "short.json").exists()
    done = torch.load(checkpoint, weights_only=True)["step"]
    assert 0 < done < 40
    found = json.loads(run_program("run", str(tmp_path)))
    expected, weights = straight
    assert {**found, "seconds": 0} == {**expected, "seconds": 0}
    for name, value in weights_of(tmp_path).items():
        np.testing.assert_array_equal(value, weights[name], err_msg=name)
    assert not checkpoint.exists()


def test_two_processes_end_where_one_does(tmp_path):
    share(tmp_path / "one")
    # By address: not every machine can look up its own name.
    here = ("--standalone", "--local-addr", "127.0.0.1")
    torchrun = ("-m", "torch.distributed.run", *here, "--nproc-per-node", "2")
    run_program("share", str(tmp_path / "two"), launcher=torchrun)
    one = load_file(tmp_path / "one" / "0-of-1.safetensors")
    two = [load_file(tmp_path / "two" / f"{rank}-of-2.safetensors") for rank in range(2)]
    first = build("digits", "hybrid", seed=0).double().state_dict()
    for name, value in one.items():
        assert torch.equal(two[0][name], two[1][name]), name  # the processes agree to the bit
        torch.testing.assert_close(two[0][name], value, atol=1e-9, rtol=0, msg=name)
        assert float((value - first[name]).abs().max()) > 1e-3  # training has moved it


def task() -> Classify:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(30, 1, 8, 8, generator=generator)
    return Classify(Labelled(images, torch.arange(30) % 3), seed=0)


def test_it_learns_and_ends_in_evaluation_mode():
    torch.manual_seed(0)
    losses = []
    recipe = Recipe(60, 1e-2, batch=30)
    model = train(ViT(TINY), task(), recipe, progress=lambda step, loss: losses.append(loss))
    assert len(losses) == 60
    assert losses[-1] < 0.5 * losses[0]
    assert not model.training


def test_the_rate_rises_then_falls_to_nothing():
    recipe = Recipe(100, 1e-3, warmup=0.1)
    shares = [recipe.share(step) for step in range(100)]
    np.testing.assert_allclose(shares[:10], np.arange(1, 11) / 10)
    np.testing.assert_allclose(shares[55], 0.5)  # half way down
    assert max(shares) == 1.0
    assert shares[-1] < 1e-3


def test_matrices_decay_and_nothing_else():
    model = ViT(TINY)
    (optimizer,) = OPTIMIZERS["adamw"](model, 1.0, 0.05)
    (decayed, decay), (kept, none) = (
        (group["params"], group["weight_decay"]) for group in optimizer.param_groups
    )
    assert (decay, none) == (0.05, 0.0)
    names = {id(p): name for name, p in model.named_parameters()}
    assert {names[id(p)] for p in decayed} == {
        "patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "blocks.0.attn.proj.weight",
        "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc2.weight", "head.weight",
    }  # fmt: skip
    assert len(decayed) + len(kept) == len(names)


def test_a_checkpoint_of_something_else_is_an_error(tmp_path):
    path = tmp_path / "one.checkpoint"
    train(ViT(TINY), task(), Recipe(2, 1e-3, batch=6), checkpoint=path, every=2)
    with pytest.raises(ValueError, match="another recipe"):
        train(ViT(TINY), task(), Recipe(3, 1e-3, batch=6), checkpoint=path)
    other = ViT(replace(TINY, dim=8))
    with pytest.raises(ValueError, match="another model"):
        train(other, task(), Recipe(2, 1e-3, batch=6), checkpoint=path)


def test_impossible_recipes_are_errors():
    with pytest.raises(ValueError, match="at least 1"):
        Recipe(0, 1e-3)
