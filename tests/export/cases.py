"""The same inputs for every way to compute them: NumPy, torch, ONNX Runtime, the browser.

`cases()` gives for each the graph that ships, what is fed to it and what NumPy says in float64.
Inputs are float32 numbers, so that all compute with the same ones. Some are golden (the lecture's
sentences, the canonical face), some random.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from studies import ship
from vitexplain import export
from vitexplain.compare.stem import MapViT
from vitexplain.experiments import weights
from vitexplain.faces import PATCH, draw_face
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI

EYE = np.eye(2)
PHOTOGRAPHS = ("photo-patches", "photo-stem")
MODELS = {"face-learned": "face-tag"} | {name: name for name in PHOTOGRAPHS}
"""Each graph of a trained model, and the name of the weights."""


class Case(NamedTuple):
    """One run of a graph that ships, and what it must answer."""

    name: str
    graph: str
    feeds: dict[str, np.ndarray]
    expected: dict[str, np.ndarray]  # NumPy, float64


def cases() -> list[Case]:
    """Return every case, its expected values computed by NumPy in float64."""
    made = [*_sentences(), *_designed(), *_learned(), *_photographs()]
    return [Case(name, graph, feeds, compute(graph, feeds)) for name, graph, feeds in made]


def compute(
    graph: str,
    feeds: Mapping[str, np.ndarray],
    array: Callable[[Any], Any] = lambda x: np.asarray(x, np.float64),
) -> dict[str, Any]:
    """Return what a graph answers, computed by the Python that it was traced from.

    Args:
        array: makes an array of numbers, and so says by what is computed and how finely.
    """
    given = {name: x if x.dtype == bool else array(x) for name, x in feeds.items()}
    if graph == "sentence":
        for name in ("scaling", "causal"):  # torch takes no NumPy arrays as conditions
            given[name] = bool(given[name])
        return vars(export.steps(**given))
    if graph == "face-designed":
        params = {name: array(x) for name, x in export.face_params().items()}
        return export.face_steps(params, **given)
    model, stored = _model(graph)
    params = {name: array(x) for name, x in stored.items()}
    x = given.pop("images")
    if isinstance(model, MapViT):  # the convolutions before it are torch's own
        with torch.no_grad():
            x = array(model.backbone(torch.as_tensor(x, dtype=torch.float64)).numpy())
    wanted = export.about(export.graph(graph))["outputs"]
    return export.answers(params, x, model.config, wanted, **given)


@cache
def _model(graph: str) -> tuple[Any, dict[str, np.ndarray]]:
    name = MODELS[graph]
    model = weights.load(name, ship.home(name))
    stored = {name: p.numpy() for name, p in export.stored(model).items()}
    return model.double(), stored


def single(x: Any) -> np.ndarray:
    return np.asarray(x, np.float32)


def double(x: Any) -> np.ndarray:
    return np.asarray(x, np.float64)


def tensor(x: Any) -> torch.Tensor:
    return torch.as_tensor(np.asarray(x), dtype=torch.float32)


def graph_of(case: Case) -> Path:
    return export.graph(case.graph)


Made = tuple[str, str, dict[str, np.ndarray]]


def _sentence(tokens: Any, matrices: Any = (EYE, EYE, EYE), **switches: Any) -> dict:
    settings = {"scaling": True, "temperature": 1.0, "causal": False} | switches
    feeds = {"tokens": single(tokens)}
    feeds |= {name: single(x) for name, x in zip(("w_q", "w_k", "w_v"), matrices, strict=True)}
    feeds |= {name: np.asarray(settings[name]) for name in ("scaling", "causal")}
    return feeds | {"temperature": single(settings["temperature"])}


def _sentences() -> list[Made]:
    golden = {"goat, animal": GOAT_ANIMAL, "goat, footballer": GOAT_FOOTBALLER, "Messi": MESSI}
    made = {name: _sentence(one.embeddings) for name, one in golden.items()}
    made["Messi, unscaled"] = _sentence(MESSI.embeddings, scaling=False)
    made["Messi, causal, cold"] = _sentence(MESSI.embeddings, causal=True, temperature=0.3)
    for count in range(1, 10):
        rng = np.random.default_rng(count)
        made[f"random, {count} token{'s' * (count > 1)}"] = _sentence(
            3 * rng.standard_normal((count, 2)), rng.standard_normal((3, 2, 2)),
            scaling=count % 2 == 0, causal=count % 3 == 0, temperature=rng.uniform(0.5, 3),
        )  # fmt: skip
    return [(f"sentence: {name}", "sentence", feeds) for name, feeds in made.items()]


def one_eyed() -> np.ndarray:
    """Return the canonical face with its left eye painted as the background."""
    pixels = draw_face().pixels.copy()
    pixels[:, :PATCH, PATCH : 2 * PATCH] = pixels[:, -1:, -1:]
    return pixels


def _pictures() -> dict[str, np.ndarray]:
    noise = np.random.default_rng(0).uniform(size=(3, 64, 64))
    return {"canonical": draw_face().pixels, "one eye": one_eyed(), "noise": noise}


def _designed() -> list[Made]:
    return [
        (
            f"designed face: {name}{'' if positions else ', no positions'}", "face-designed",
            {"pixels": single(pixels), "positions": single(positions)},
        )
        for name, pixels in _pictures().items() for positions in (1, 0)
    ]  # fmt: skip


def _learned() -> list[Made]:
    """The learned face takes pixels in [-1, 1]; with all heads, with one, without positions."""
    gates = np.ones((3, 4))
    one_off = gates.copy()
    one_off[1, 2] = 0
    settings = {"": (gates, 1), ", a head off": (one_off, 1), ", no positions": (gates, 0)}
    return [
        (
            f"learned face: {name}{what}", "face-learned",
            {
                "images": single(2 * pixels[None] - 1),
                "gates": single(on), "positions": single(positions),
            },
        )
        for name, pixels in _pictures().items() for what, (on, positions) in settings.items()
    ]  # fmt: skip


def _photographs() -> list[Made]:
    rng = np.random.default_rng(1)
    images = {
        "a gradient": np.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32),
        "two of noise": rng.uniform(-1, 1, (2, 3, 32, 32)),
    }
    abouts = {name: export.about(export.graph(name)) for name in PHOTOGRAPHS}
    depth = {name: says["layers"] for name, says in abouts.items()}
    cut = np.ones((6, 4))
    cut[1, 3], cut[4, 0] = 0, 0.5  # without an MLP, and half of what comes by attention
    more = {"positions": single(0.25), "branches": single(cut)}
    whole = {
        name: {one: x for one, x in more.items() if one in says["inputs"]}
        for name, says in abouts.items()
    }
    settings = {"": np.ones((6, 4)), ", half the heads off": rng.integers(0, 2, (6, 4))}
    return [
        (
            f"{graph}: {name}{what}", graph,
            {"images": single(pixels), "gates": single(gates[: depth[graph]])} | whole[graph],
        )
        for graph in PHOTOGRAPHS for name, pixels in images.items()
        for what, gates in settings.items()
    ]  # fmt: skip
