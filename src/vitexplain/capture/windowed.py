"""Captured maps of windowed models, with the place of each window on the image's grid.

with capture(swin) as maps:
    swin(images)
layers = in_windows(swin, maps)
layers[0].full  # (batch, head, token, token) of the grid
stage_rollout(layers)  # vitexplain.reading
"""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor, nn

from vitexplain.capture.maps import AttentionMap, CaptureError, Over
from vitexplain.capture.running import clean
from vitexplain.trace import Layer
from vitexplain.windows import Grid, Places, grid_places, window_places

Shape = tuple[int, ...]
Cut = tuple[Grid, Places]  # a layer's grid, and which token stands where in its windows


def in_windows(model: nn.Module, maps: Iterable[AttentionMap]) -> tuple[Layer, ...]:
    """Return the maps with a window axis of their own, and the tokens that the windows hold.

    Known are Swin (both versions) of timm, torchvision and transformers, MaxViT of timm, and
    `vitexplain.compare.Swin`.

    Raises:
        CaptureError: a map comes from no windowed attention that is known, or its weights are
            not those of the windows, as after `capture(..., heads=...)` of fused windows.
    """
    modules = {clean(name): module for name, module in model.named_modules()}
    return tuple(_windowed(found, modules) for found in maps)


def _windowed(found: AttentionMap, modules: dict[str, nn.Module]) -> Layer:
    for name in reversed(list(found.inputs)):  # innermost first
        module = modules[name]
        read = CUTS.get(_kind(module))
        if read is not None:
            grid, places = read(module, found.inputs[name], found)
            weights = _with_windows(found, len(places), found.inputs[name][0])
            return Layer(found.name, weights, grid=grid, places=places)
    raise CaptureError(
        f"{found.name} is no windowed attention that is known: it is of none of "
        f"{', '.join(sorted({f'{library} {kind}' for library, kind in CUTS}))}"
    )


def what_of(weights: Tensor, images: Shape, modules: Iterable[nn.Module]) -> Over:
    """Return whether weights are over all tokens of an image, over parts of them, or channels.

    Args:
        weights: (batch, head, query, key), before heads are fused.
        images: shape of what the model was given; of more than three axes, the first counts them.
        modules: those that are running.
    """
    kinds = {_kind(module) for module in modules}
    if kinds & CHANNELS:
        return "channels"
    larger = len(images) > 3 and weights.ndim > 3 and len(weights) > images[0]
    return "windows" if kinds & CUTS.keys() or larger or weights.ndim > 4 else "tokens"


def _kind(module: nn.Module) -> tuple[str, str]:
    return type(module).__module__.split(".")[0], type(module).__name__


def _with_windows(found: AttentionMap, windows: int, batch: int) -> Tensor:
    """Return (batch, window, head, query, key); windows may have been a larger batch, or heads."""
    weights = found.weights
    if weights.ndim == 3:  # heads are fused
        weights = weights.unsqueeze(-3)
    if weights.ndim == 4 and len(weights) == batch * windows:
        return weights.unflatten(0, (batch, windows))
    if weights.ndim == 4 and len(weights) == batch and weights.shape[1] % windows == 0:
        return weights.unflatten(1, (windows, -1))
    raise CaptureError(
        f"{found.name}: weights {tuple(found.weights.shape)} are not those of {windows} windows "
        f"of {batch} images"
    )


def _timm_swin(block: Any, shape: Shape, _: AttentionMap) -> Cut:
    grid = shape[1], shape[2]
    window, shift = tuple(block.window_size), tuple(block.shift_size)
    return grid, window_places(grid, window, shift, pad="last")


def _torchvision_swin(attention: Any, shape: Shape, _: AttentionMap) -> Cut:
    grid, window = (shape[1], shape[2]), tuple(attention.window_size)
    shift = tuple(attention.shift_size)
    if window[0] >= grid[0]:  # one window along a side needs no shift
        shift = 0, shift[1]
    if window[1] >= grid[1]:
        shift = shift[0], 0
    return grid, window_places(grid, window, shift)


def _transformers_swin(layer: Any, shape: Shape, found: AttentionMap) -> Cut:
    """The layer gets tokens in a row; one step in pixels alone makes the image as many of them."""
    image, tokens = next(iter(found.inputs.values())), shape[1]
    sides = image[-2:] if len(image) == 4 else (0, 0)
    rows, cols = sides
    grids = ((-(-rows // step), -(-cols // step)) for step in range(1, max(sides) + 1))
    grid = next((grid for grid in grids if grid[0] * grid[1] == tokens), None)
    if grid is None:
        raise CaptureError(f"{found.name}: {tokens} tokens are no grid of an image {image}")
    window, shift = int(layer.window_size), int(layer.shift_size)
    return grid, window_places(grid, (window, window), (shift, shift))


def _timm_maxvit(attention: Any, shape: Shape, _: AttentionMap) -> Cut:
    channels_last = type(attention).__name__.endswith("Cl")
    grid = (shape[1], shape[2]) if channels_last else (shape[2], shape[3])
    cut = window_places if attention.partition_block else grid_places
    return grid, cut(grid, tuple(attention.partition_size))


def _our_swin(attention: Any, shape: Shape, _: AttentionMap) -> Cut:
    grid = shape[1], shape[2]
    if attention.sparse:
        return grid, grid_places(grid, attention.window)
    return grid, window_places(grid, attention.window, attention.shift)


CUTS: dict[tuple[str, str], Callable[[Any, Shape, AttentionMap], Cut]] = {
    ("timm", "SwinTransformerBlock"): _timm_swin,
    ("timm", "SwinTransformerV2Block"): _timm_swin,
    ("timm", "PartitionAttentionCl"): _timm_maxvit,
    ("timm", "PartitionAttention2d"): _timm_maxvit,
    ("torchvision", "ShiftedWindowAttention"): _torchvision_swin,
    ("torchvision", "ShiftedWindowAttentionV2"): _torchvision_swin,
    ("transformers", "SwinLayer"): _transformers_swin,
    ("transformers", "Swinv2Layer"): _transformers_swin,
    ("vitexplain", "WindowAttention"): _our_swin,
}
"""Library and class of the module that cuts windows, and how to ask it where."""

CHANNELS = {
    ("timm", "XCA"),
    ("timm", "ChannelAttention"),
    ("timm", "ChannelAttentionV2"),
    ("timm", "CrossCovarianceAttn"),
}
"""Library and class of attention between channels: XCiT's, DaViT's and EdgeNeXt's."""
