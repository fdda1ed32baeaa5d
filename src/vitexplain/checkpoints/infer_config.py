"""From parameters under timm's names to our config: sizes are read off shapes, then all checked."""

from math import isqrt
from typing import Any

import torch
from torch import Tensor

from vitexplain.checkpoints.checks import check_values
from vitexplain.checkpoints.errors import CheckpointError, OtherModelError, count, some
from vitexplain.checkpoints.parsed import Parsed
from vitexplain.patches import sides
from vitexplain.vit import ViTConfig, parameter_shapes

DEEPEST = 1024  # blocks
HEADS = {1152: 16, 1280: 16, 1408: 16, 1664: 16}
"""Heads of the sizes whose heads are not 64 wide, by dims: SO400M, H, g and G.

Source: timm 1.0, `vit_so400m_*`, `vit_huge_*`, `vit_giant_*`, `vit_gigantic_*`; H also in
Dosovitskiy et al. 2021, Table 1.
"""


def infer_config(parsed: Parsed, config: ViTConfig | None) -> tuple[ViTConfig, dict[str, Tensor]]:
    """Return the config of what was found, or the given one, and parameters that fit it.

    Raises:
        CheckpointError: parameters are missing, unknown, of a wrong shape or dtype, not finite,
            or leave open what `config` would have to say.
    """
    if parsed.unknown:
        raise OtherModelError(
            f"{count(parsed.unknown)} unknown in a ViT of the {parsed.layout} layout: "
            f"{some(parsed.unknown)}"
        )
    for name, tensor in parsed.params.items():
        check_values(tensor, parsed.names[name])
    shapes = {name: tuple(tensor.shape) for name, tensor in parsed.params.items()}
    _fill_biases(parsed, shapes)
    if config is None:
        config = _config_of(parsed, shapes)
    else:  # which says all that its own guesses would
        parsed.assumed = [one for one in parsed.assumed if one.what not in ("blocks", "readout")]
    if parsed.unused:
        parsed.guess("unused", f"{count(parsed.unused)} not used: {some(parsed.unused)}")
    _align_positions(parsed, config)
    _check_shapes(parsed, config)
    double = any(tensor.dtype == torch.float64 for tensor in parsed.params.values())
    dtype = torch.float64 if double else torch.float32
    return config, {name: _aligned(parsed.params[name], dtype) for name in parameter_shapes(config)}


def _aligned(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a tensor in rows, alone in its memory, at a multiple of 64 bytes as torch's own are.

    Products of rows that lie otherwise differ in the last bit.
    """
    tensor = tensor.to(dtype).contiguous()
    alone = tensor.untyped_storage().nbytes() == tensor.nbytes
    return tensor if alone and tensor.data_ptr() % 64 == 0 else tensor.clone()


def _fill_biases(parsed: Parsed, shapes: dict[str, tuple[int, ...]]) -> None:
    """Add the zeros that a query, key and value, or a head, without bias stand for."""
    for name, shape in list(shapes.items()):
        bias = name.removesuffix("weight") + "bias"
        without = name.endswith("attn.qkv.weight") or name == "head.weight"
        if without and bias not in shapes and len(shape) == 2:
            parsed.add(bias, f"{name}, which has no bias", parsed.params[name].new_zeros(shape[0]))
            shapes[bias] = shape[:1]


def _config_of(parsed: Parsed, shapes: dict[str, tuple[int, ...]]) -> ViTConfig:
    """Return the config that the shapes and the layout's facts say."""
    dim, channels, *patch = _shape(parsed, shapes, "patch_embed.proj.weight", 4)
    depth = _depth(parsed)
    hidden = _shape(parsed, shapes, "blocks.0.mlp.fc2.weight", 2)[1]
    first = _shape(parsed, shapes, "blocks.0.mlp.fc1.weight", 2)[0]
    registers = _shape(parsed, shapes, "reg_token", 3)[1] if "reg_token" in shapes else 0
    has_class, distillation = "cls_token" in shapes, "dist_token" in shapes
    classes, width = 0, dim
    if "head.weight" in shapes:
        classes, width = _shape(parsed, shapes, "head.weight", 2)
    norm_mean = "fc_norm.weight" in shapes and "norm.weight" not in shapes
    pre_logits = None
    if "pre_logits.fc.weight" in shapes:
        pre_logits = _shape(parsed, shapes, "pre_logits.fc.weight", 2)[0]
    readout = parsed.readout or ("class" if has_class and not norm_mean else "mean")
    if pre_logits is None and width == 2 * dim:
        readout = "class+mean"
    facts: dict[str, Any] = {
        "image_size": _image_size(parsed, shapes, patch, has_class + distillation, registers),
        "patch": patch[0] if patch[0] == patch[1] else tuple(patch),
        "heads": parsed.heads or _guessed_heads(parsed, dim),
        "activation": "swiglu" if first == 2 * hidden else parsed.activation,
        "layer_scale": any(name.endswith("ls1.gamma") for name in shapes),
        "dim": dim, "depth": depth, "mlp_dim": hidden, "classes": classes, "channels": channels,
        "readout": readout, "class_token": has_class, "distillation": distillation,
        "registers": registers, "pre_logits": pre_logits, "norm_mean": norm_mean,
        "eps": parsed.eps,
    }  # fmt: skip
    try:
        return ViTConfig(**facts)
    except ValueError as error:
        raise CheckpointError(f"the parameters' shapes contradict each other: {error}") from error


def _shape(parsed: Parsed, shapes: dict[str, tuple[int, ...]], name: str, rank: int) -> Any:
    if name not in shapes:
        raise CheckpointError(f"parameter {name} (timm's name for it) is missing")
    shape = shapes[name]
    if len(shape) != rank or 0 in shape:
        raise CheckpointError(
            f"parameter {parsed.names[name]} has shape {shape}; expected {rank} axes, none empty"
        )
    return shape


def _depth(parsed: Parsed) -> int:
    """Return the number of blocks, which must be counted 0, 1, 2, … without a gap."""
    indices = {name.split(".")[1] for name in parsed.params if name.startswith("blocks.")}
    if len(indices) > DEEPEST:
        raise CheckpointError(f"found {len(indices):,} blocks, expected at most {DEEPEST:,}")
    expected = {str(index) for index in range(len(indices))}
    if indices != expected:
        raise CheckpointError(
            f"blocks must be counted 0, 1, 2, … without a gap, found {some(indices - expected)} "
            f"and no {some(expected - indices)}"
        )
    return len(indices)


def _guessed_heads(parsed: Parsed, dim: int) -> int:
    heads = heads_of(dim)
    if not parsed.named:
        parsed.guess("heads", f"{heads} heads of {dim // heads} numbers", "heads")
    return heads


def heads_of(dim: int) -> int:
    """Return the usual number of heads for a width, where the file does not say it.

    Raises:
        CheckpointError: 64 does not divide the width.
    """
    if dim not in HEADS and dim % 64:
        raise CheckpointError(
            f"the file does not say how many heads {dim} dims are cut into, and 64 does not "
            "divide them; give heads=… (--heads)"
        )
    return HEADS.get(dim, dim // 64)


def _image_size(
    parsed: Parsed, shapes: dict[str, tuple[int, ...]], patch: list[int], first: int, registers: int
) -> tuple[int, int] | int:
    """Return the pixels that the table of positions covers: as the file says, else a square."""
    rows = _shape(parsed, shapes, "pos_embed", 3)[1]
    grid = parsed.grid
    if grid is None and parsed.image_size is not None:
        height, width = parsed.image_size
        grid = height // patch[0], width // patch[1]
    prefixes = _prefixes(first, registers)
    if grid is not None and grid[0] * grid[1] in [rows - prefix for prefix in prefixes]:
        size = _pixels(grid, patch)
        if parsed.grid is None and sides(size) != parsed.image_size:
            shown = ["×".join(map(str, sides(one))) for one in (size, parsed.image_size or size)]
            parsed.guess("size", f"{shown[0]} pixels, the whole patches of {shown[1]}")
        return size
    if parsed.grid is not None:
        raise CheckpointError(
            f"the table of positions {parsed.names['pos_embed']} has {rows} rows, which is no grid "
            f"of {parsed.grid[0]}×{parsed.grid[1]} patches after {first} tokens"
        )
    for prefix in prefixes:
        side = isqrt(max(rows - prefix, 0))
        if side and side * side == rows - prefix:
            size = _pixels((side, side), patch)
            parsed.guess("grid", f"a square of {side}×{side} patches", "grid")
            return size
    raise CheckpointError(
        f"the table of positions {parsed.names['pos_embed']} has {rows} rows, which is no square "
        f"grid of patches after {first} tokens; give grid=(rows, cols) (--grid ROWSxCOLS)"
    )


def _pixels(grid: tuple[int, int], patch: list[int]) -> tuple[int, int] | int:
    size = grid[0] * patch[0], grid[1] * patch[1]
    return size[0] if size[0] == size[1] else size


def _prefixes(first: int, registers: int) -> list[int]:
    """Return how many rows may precede the patches': tokens; tokens and registers; none."""
    return [first, first + registers, 0]


def _align_positions(parsed: Parsed, config: ViTConfig) -> None:
    """Bring the table of positions to rows for class and distillation token, then the patches.

    A table without rows for these tokens gets rows of zeros; rows for registers are added to
    the registers themselves, where they do the same.
    """
    table = parsed.params.get("pos_embed")
    first = config.has_class_token + config.distillation
    if table is None or table.ndim != 3:
        return  # the check of shapes says so
    extra = table.shape[1] - config.patches
    if extra == first:
        return
    if extra == 0:
        zeros = table.new_zeros(1, first, table.shape[2])
        parsed.params["pos_embed"] = torch.cat([zeros, table], 1)
    elif extra == first + config.registers and "reg_token" in parsed.params:
        registers = table[:, first:extra]
        _same_shape(parsed, registers, parsed.params["reg_token"])
        parsed.params["reg_token"] = parsed.params["reg_token"] + registers
        parsed.params["pos_embed"] = torch.cat([table[:, :first], table[:, extra:]], 1)
    else:
        pixels = "×".join(map(str, sides(config.image_size)))
        raise CheckpointError(
            f"the table of positions {parsed.names['pos_embed']} has {table.shape[1]} rows; "
            f"expected {config.patches + first} for an image of {pixels} pixels"
        )


def _same_shape(parsed: Parsed, rows: Tensor, registers: Tensor) -> None:
    if rows.shape != registers.shape:
        raise CheckpointError(
            f"parameter {parsed.names['reg_token']} has shape {tuple(registers.shape)}; expected "
            f"{tuple(rows.shape)}, as the table of positions has it"
        )


def _check_shapes(parsed: Parsed, config: ViTConfig) -> None:
    """Raise CheckpointError unless names and shapes are those of the config."""
    expected = parameter_shapes(config)
    missing = [name for name in expected if name not in parsed.params]
    if missing:
        raise OtherModelError(f"{count(missing)} missing (in timm's names): {some(missing)}")
    for name, shape in expected.items():
        if tuple(parsed.params[name].shape) != shape:
            raise CheckpointError(
                f"parameter {parsed.names[name]} has shape {tuple(parsed.params[name].shape)}; "
                f"expected {shape}"
            )
    surplus = [parsed.names[name] for name in parsed.params if name not in expected]
    if surplus:
        raise OtherModelError(
            f"{count(surplus)} without a place in {_short(config)}: {some(surplus)}"
        )


def _short(config: ViTConfig) -> str:
    return f"a ViT of {config.depth} blocks, {config.dim} dims and readout {config.readout!r}"
