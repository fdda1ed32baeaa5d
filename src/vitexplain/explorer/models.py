"""One line from a model and an image, or from any trace, to its explorer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitexplain.arrays import Array, as_numpy
from vitexplain.explorer.build import Example, Explorer, explorer
from vitexplain.explorer.maps import Map
from vitexplain.explorer.tour import Step
from vitexplain.explorer.traces import ALL, Keep, maps_of
from vitexplain.moved import renamed
from vitexplain.trace import Model
from vitexplain.vit import ViTConfig
from vitexplain.windows import Grid


@dataclass(frozen=True)
class Start:
    """What a reader sees first and how the explorer lives on its page, as in `explorer`."""

    query: int | None = None  # a token, from 0
    map: str | int | tuple[int, Any] | None = None  # by name, number, or (layer, head)
    url: bool = False  # keep the state in the page's address
    compact: bool = False  # picture and readout alone
    rounds: Sequence[int] = ()  # the tokens that a compact one visits


PLAIN = Start()
_KEEP, _START = "it is in keep=Keep(...)", "it is in start=Start(...)"


@renamed(
    image="it is `picture`, the second argument",
    show="for another picture than the model's input, explore(model.walk(input), picture)",
    short="name maps and tokens by `explorer`",
    stage="all stages are shown; keep=Keep(layers=...) takes some",
    **dict.fromkeys(("layers", "heads", "steps", "mean", "rollout", "dims", "value_dims"), _KEEP),
    **dict.fromkeys(("query", "map", "url", "compact", "rounds"), _START),
)
def explore(
    trace: Any,
    picture: Array | Mapping[str, Array] | None = None,
    *,
    title: str = "",
    tokens: Sequence[str] | Mapping[str, Sequence[str]] = (),
    grid: Grid | None = None,
    tour: Sequence[Step] = (),
    keep: Keep = ALL,
    start: Start = PLAIN,
) -> Explorer:
    """Return the explorer of a model on an image, or of any trace.

        explore(vit, image)                                  # every layer and head
        explore(vit, {"a face": one, "a flower": other})     # two pictures to choose from
        explore(swin, image)                                 # windows, undone to the grid
        explore(attention, tokens=["the", "goat", "grazes"]) # what `attend` returned
        explore(capture_of_any_model, picture, grid=(14, 14))

    A model runs once an image, without gradients; its patches and special tokens are named by
    their place. Layers, heads and rows are counted from 0.

    Args:
        trace: a model of this package, or what it or another did: see `maps_of`.
        picture: of a model its input, (channel, row, col) or a batch of one, or several by name;
            of a trace the picture to show, as in `explorer`.
        title: by default the model's name and size.
        tokens: names of all tokens, or of the patches alone, by name if `picture` is and they
            differ; a sentence's words.
        grid: rows and columns of patches, where the trace does not know them.
        tour: steps, see `Step`.
        keep: which maps there are, and which of them carry their steps.
        start: what the reader sees first.

    Raises:
        TypeError: what is neither a model nor a trace, or a keyword that moved.
        ValueError: an image or tokens that do not fit, or as `maps_of` and `explorer`.
    """
    first: tuple[str, ...] = ()
    if not isinstance(trace, Model):
        if isinstance(picture, Mapping) or isinstance(tokens, Mapping):
            raise ValueError("a trace is of one picture: make examples of several (`Example`)")
        shown: dict[str, Any] = {"": picture}
        traced = {"": maps_of(trace, keep)}
    else:
        if picture is None:
            raise ValueError("a model needs an image to look at: explore(model, image)")
        if isinstance(trace.config, ViTConfig):
            first, grid = trace.config.first, trace.config.grid
        images = picture if isinstance(picture, Mapping) else {"": picture}
        batches = {name: _input(trace, one) for name, one in images.items()}
        traced = {name: maps_of(_walk(trace, batch), keep) for name, batch in batches.items()}
        shown = {name: _picture(batch) for name, batch in batches.items()}
    named = tokens if isinstance(tokens, Mapping) else dict.fromkeys(traced, tokens)
    if set(named) != set(traced):
        raise ValueError(f"tokens must be there for each of {list(traced)}, got {list(named)}")
    examples = []
    for name, maps in traced.items():
        names, short = _all_names(named[name], grid, maps, first)
        examples.append(Example(name, names, maps, shown[name], grid or maps[0].grid, short))
    about = title or _title(trace, examples[0].maps)
    return explorer(examples=examples, title=about, tour=tour, **vars(start))


def _title(trace: Any, maps: Sequence[Map]) -> str:
    """Return a model's name and size."""
    if not isinstance(trace, Model):
        return "Attention"
    layers = {one.layer for one in maps}
    heads = {one.head for one in maps if isinstance(one.head, int)}
    return f"{type(trace).__name__}, {len(layers)} layers of {len(heads)} heads"


def _input(model: Any, image: Array) -> Any:
    """Return an image as a batch of one on the model's device, in its dtype."""
    import torch

    like = next(model.parameters())
    batch = torch.as_tensor(image).to(like.device, like.dtype)
    batch = batch[None] if batch.ndim == 3 else batch
    if batch.ndim != 4 or len(batch) != 1:
        raise ValueError(
            "an image must be (channel, row, col) or a batch of one; several go by name, "
            f'{{"one": image, …}}; got shape {tuple(batch.shape)}'
        )
    return batch


def _walk(model: Model, batch: Any) -> Iterator[Any]:
    """Yield the steps of a model."""
    import torch

    walked = iter(model.walk(batch))
    while True:
        with torch.no_grad():  # not around a yield: the caller's own setting stays
            step = next(walked, None)
        if step is None:
            return
        yield step


def _picture(batch: Any) -> np.ndarray:
    """Return a model's input as a picture, (row, col, channel), if it is one."""
    picture = np.moveaxis(as_numpy(batch[0]), 0, -1)
    if picture.shape[-1] not in (1, 3) or picture.min() < 0 or picture.max() > 1:
        raise ValueError(
            "the model's input is no picture (1 or 3 channels in [0, 1]): give its walk and the "
            "one to show, explore(model.walk(input), picture); got "
            f"{picture.shape[-1]} channels from {picture.min():.3g} to {picture.max():.3g}"
        )
    return picture


def _all_names(
    tokens: Sequence[str], grid: Grid | None, maps: Sequence[Map], prefix: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the names of all tokens, and short ones; each stage of a model has its own."""
    stages = {one.keys: one for one in maps}
    if len(stages) == 1 or tokens:
        count = max(len(one.weights) if one.keys is None else one.keys.stop for one in maps)
        return _names(tokens, None if len(stages) > 1 else grid or maps[0].grid, count, prefix)
    parts = [_names((), one.grid, len(one.weights), ()) for one in stages.values()]
    names = [
        f"{name} of {one.grid[0]} × {one.grid[1]}" if one.grid else name
        for (own, _), one in zip(parts, stages.values(), strict=True)
        for name in own
    ]
    return names, [name for _, own in parts for name in own]


def _names(
    tokens: Sequence[str], grid: Grid | None, count: int, prefix: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the names of all tokens, and short ones for margins."""
    if grid is None:
        if len(tokens) != count:
            raise ValueError(f"a trace of {count} tokens needs their names, got {len(tokens)}")
        return list(tokens), []
    patches = grid[0] * grid[1]
    before = count - patches
    if before < 0:
        raise ValueError(f"a grid of {grid} has more patches than the trace has tokens, {count}")
    first = list(prefix) or (
        ["class token"] if before == 1 else [f"token {i}" for i in range(before)]
    )
    if not tokens:
        return patch_names(grid, first)
    if len(tokens) not in (count, patches):
        raise ValueError(
            f"tokens must name all {count} tokens or the {patches} patches, got {len(tokens)}"
        )
    return [*first, *tokens] if len(tokens) < count else list(tokens), []


def patch_names(grid: Grid, first: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Return the names of tokens before the patches and of those, and short ones for margins."""
    places = [f"{row}, {col}" for row in range(grid[0]) for col in range(grid[1])]
    names = [*first, *(f"patch ({place})" for place in places)]
    return names, [*(name.split()[0] for name in first), *places]
