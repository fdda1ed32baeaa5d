"""One line from a model and an image, or from any trace, to its explorer."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vitexplain.arrays import Array, as_numpy
from vitexplain.explorer.build import Example, Explorer, explorer
from vitexplain.explorer.tour import Step
from vitexplain.explorer.traces import Kept, maps_of

Grid = tuple[int, int]


def explore(
    trace: Any,
    image: Array | Mapping[str, Array] | None = None,
    *,
    title: str = "",
    show: Array | Mapping[str, Array] | None = None,
    tokens: Sequence[str] | Mapping[str, Sequence[str]] = (),
    short: Sequence[str] = (),
    grid: Grid | None = None,
    layers: Collection[int] | None = None,
    heads: Collection[int] | None = None,
    steps: Kept | None = None,
    mean: bool = True,
    rollout: bool = True,
    stage: int = 0,
    dims: Sequence[str] = (),
    value_dims: Sequence[str] = (),
    query: int | None = None,
    map: str | int | tuple[int, Any] | None = None,
    tour: Sequence[Step] = (),
    url: bool = False,
    compact: bool = False,
    rounds: Sequence[int] = (),
) -> Explorer:
    """Return the explorer of a model on an image, or of any trace.

        explore(vit, image)                                  # every layer and head
        explore(vit, {"a face": one, "a flower": other})     # two pictures to choose from
        explore(swin, image, stage=1)                        # windows, undone to the grid
        explore(attention, tokens=["the", "goat", "grazes"]) # what `attend` returned
        explore(capture_of_any_model, picture, grid=(14, 14))

    A model runs once an image, without gradients; its patches and special tokens are named by
    their place. Layers, heads and rows are counted from 0.

    Args:
        trace: a `vitexplain.vit.ViT`, a `vitexplain.compare.swin.Swin`, or what `maps_of` takes.
        image: of a model its input, (channel, row, col) or a batch of one, or several by name;
            of a trace the picture to show, as in `explorer`.
        title: by default the model's name and size.
        show: the picture to show where the model's input is not one: (row, col, channel) in
            [0, 1] or uint8; by name if `image` is, too.
        tokens: names of all tokens, or of the patches alone, by name if `image` is and they
            differ; a sentence's words.
        grid: of a trace, rows and columns of patches.
        stage: of a Swin, whose stages have grids of their own; layers count from its first block.

    Which maps there are, and which of them carry their steps, is said by `layers`, `heads`,
    `steps`, `mean`, `rollout`, `dims` and `value_dims`, as in `maps_of`; what the reader sees
    first, and the rest, by `short`, `query`, `map`, `tour`, `url`, `compact` and `rounds`, as in
    `explorer`.

    Raises:
        TypeError: what is neither a known model nor a trace.
        ValueError: an image or tokens that do not fit, or as `maps_of` and `explorer`.
    """
    chosen: dict[str, Any] = {
        "layers": layers, "heads": heads, "steps": steps, "mean": mean, "rollout": rollout,
        "dims": dims, "value_dims": value_dims,
    }  # fmt: skip
    rest: dict[str, Any] = {
        "query": query, "map": map, "tour": tour, "url": url, "compact": compact, "rounds": rounds,
    }  # fmt: skip
    if not hasattr(trace, "walk"):
        if isinstance(image, Mapping) or isinstance(tokens, Mapping):
            raise ValueError("a trace is of one picture: make examples of several (`Example`)")
        maps = maps_of(trace, **chosen)
        names, short = _names(tokens, short, grid, len(maps[0].weights), ())
        return explorer(
            maps, title=title or "Attention", tokens=names, short=short, image=image, grid=grid,
            **rest,
        )  # fmt: skip
    if image is None:
        raise ValueError("a model needs an image to look at: explore(model, image)")
    grid, prefix, about = _about(trace, stage)
    several = isinstance(image, Mapping)
    images = image if several else {"": image}
    shown, named = _each("show", show, images), _each("tokens", tokens, images)
    examples = []
    for name, one in images.items():
        batch, picture = _input(trace, one), shown[name]
        maps = maps_of(_walk(trace, batch, stage), **chosen)
        names, briefly = _names(named[name], short, grid, len(maps[0].weights), prefix)
        seen = _picture(batch) if picture is None else picture
        examples.append(Example(name, names, maps, seen, grid, briefly))
    if several:
        return explorer(examples=examples, title=title or about, **rest)
    (one,) = examples
    return explorer(
        one.maps, title=title or about, tokens=one.tokens, image=one.image, grid=grid,
        short=one.short, **rest,
    )  # fmt: skip


def _each(what: str, given: Any, images: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given for each image, the same for all unless it goes by name."""
    each = given if isinstance(given, Mapping) else dict.fromkeys(images, given)
    if set(each) != set(images):
        raise ValueError(f"{what} must be there for each of {list(images)}, got {list(each)}")
    return each


def _about(model: Any, stage: int) -> tuple[Grid, tuple[str, ...], str]:
    """Return a model's grid, the names of the tokens before its patches, and a title."""
    config: Any = getattr(model, "config", None)
    if hasattr(config, "prefix"):
        return config.grid, config.first, f"ViT, {config.depth} layers of {config.heads} heads"
    if hasattr(config, "window_of"):
        depths = config.depths
        if not 0 <= stage < len(depths):
            raise ValueError(f"stage must be 0 to {len(depths) - 1}, got {stage}")
        size = f"{depths[stage]} layers of {config.heads[stage]} heads"
        return config.grid(stage), (), f"Swin, stage {stage}: {size}"
    raise TypeError(
        f"explore runs a ViT or a Swin of this package, got {type(model).__name__}: capture "
        "another model's attention (vitexplain.capture) and explore that"
    )


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


def _walk(model: Any, batch: Any, stage: int) -> Iterator[Any]:
    """Yield the steps of a model, of a Swin those of one stage."""
    import torch

    walked = iter(model.walk(batch))
    while True:
        with torch.no_grad():  # not around a yield: the caller's own setting stays
            step = next(walked, None)
        if step is None:
            return
        if getattr(step, "stage", stage) == stage:
            yield step


def _picture(batch: Any) -> np.ndarray:
    """Return a model's input as a picture, (row, col, channel), if it is one."""
    picture = np.moveaxis(as_numpy(batch[0]), 0, -1)
    if picture.shape[-1] not in (1, 3) or picture.min() < 0 or picture.max() > 1:
        raise ValueError(
            "the model's input is no picture (1 or 3 channels in [0, 1]): give the one to show, "
            f"show=(row, col, channel); got {picture.shape[-1]} channels from {picture.min():.3g} "
            f"to {picture.max():.3g}"
        )
    return picture


def _names(
    tokens: Sequence[str],
    short: Sequence[str],
    grid: Grid | None,
    count: int,
    prefix: Sequence[str],
) -> tuple[list[str], list[str]]:
    """Return the names of all tokens, and short ones for margins."""
    if grid is None:
        if len(tokens) != count:
            raise ValueError(f"a trace of {count} tokens needs their names, got {len(tokens)}")
        return list(tokens), list(short)
    before = count - grid[0] * grid[1]
    if before < 0:
        raise ValueError(f"a grid of {grid} has more patches than the trace has tokens, {count}")
    first = list(prefix) or (
        ["class token"] if before == 1 else [f"token {i}" for i in range(before)]
    )
    if not tokens:
        names, briefly = patch_names(grid, first)
        return names, list(short) or briefly
    if len(tokens) not in (count, grid[0] * grid[1]):
        raise ValueError(
            f"tokens must name all {count} tokens or the {grid[0] * grid[1]} patches, "
            f"got {len(tokens)}"
        )
    named = [*first, *tokens] if len(tokens) < count else list(tokens)
    return named, list(short)


def patch_names(grid: Grid, first: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Return the names of tokens before the patches and of those, and short ones for margins."""
    places = [f"{row}, {col}" for row in range(grid[0]) for col in range(grid[1])]
    names = [*first, *(f"patch ({place})" for place in places)]
    return names, [*(name.split()[0] for name in first), *places]
