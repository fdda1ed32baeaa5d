"""From parameters under timm's names to our config: sizes are read off shapes, then all checked."""

from math import isqrt
from typing import Any

import torch
from torch import Tensor

from vitexplain.checkpoints.checks import check_values
from vitexplain.checkpoints.errors import CheckpointError, OtherModelError, count, refused, some
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
    _fill_biases(parsed)
    if config is None:
        config = _config_of(parsed)
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


def _fill_biases(parsed: Parsed) -> None:
    """Add the zeros that a query, key and value, or a head, without bias stand for."""
    for name, tensor in list(parsed.params.items()):
        bias = name.removesuffix("weight") + "bias"
        without = name.endswith("attn.qkv.weight") or name == "head.weight"
        if without and bias not in parsed.params and tensor.ndim == 2:
            parsed.add(bias, f"{name}, which has no bias", tensor.new_zeros(len(tensor)))


def _config_of(parsed: Parsed) -> ViTConfig:
    """Return the config that the shapes and the layout's facts say."""
    has = parsed.params.keys()
    dim, channels, *patch = _shape(parsed, "patch_embed.proj.weight", 4)
    depth = _depth(parsed)
    hidden = _shape(parsed, "blocks.0.mlp.fc2.weight", 2)[1]
    first = _shape(parsed, "blocks.0.mlp.fc1.weight", 2)[0]
    registers = _shape(parsed, "reg_token", 3)[1] if "reg_token" in has else 0
    has_class, distillation = "cls_token" in has, "dist_token" in has
    classes, width = _shape(parsed, "head.weight", 2) if "head.weight" in has else (0, dim)
    pre_logits = None
    if "pre_logits.fc.weight" in has:
        pre_logits = _shape(parsed, "pre_logits.fc.weight", 2)[0]
    norm_mean = "fc_norm.weight" in has and "norm.weight" not in has
    readout: Any = parsed.readout or ("class" if has_class and not norm_mean else "mean")
    if pre_logits is None and width == 2 * dim:
        readout = "class+mean"
    activation: Any = "swiglu" if first == 2 * hidden else parsed.activation
    image_size = _image_size(parsed, patch, has_class + distillation, registers)
    heads = parsed.heads or _guessed_heads(parsed, dim)
    with refused("the parameters' shapes contradict each other", ValueError):
        return ViTConfig(
            image_size=image_size, patch=patch[0] if patch[0] == patch[1] else tuple(patch),
            heads=heads, activation=activation, dim=dim, depth=depth, mlp_dim=hidden,
            classes=classes, channels=channels, readout=readout, class_token=has_class,
            distillation=distillation, registers=registers, pre_logits=pre_logits,
            norm_mean=norm_mean, eps=parsed.eps,
            layer_scale=any(name.endswith("ls1.gamma") for name in has),
        )  # fmt: skip


def _shape(parsed: Parsed, name: str, rank: int) -> Any:
    if name not in parsed.params:
        raise CheckpointError(f"parameter {name} (timm's name for it) is missing")
    shape = tuple(parsed.params[name].shape)
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
    parsed: Parsed, patch: list[int], first: int, registers: int
) -> tuple[int, int] | int:
    """Return the pixels that the table of positions covers: as the file says, else a square."""
    rows = _shape(parsed, "pos_embed", 3)[1]
    table = f"the table of positions {parsed.names['pos_embed']} has {rows} rows, which is no"
    # before the patches' rows there may be those of tokens; of tokens and registers; none
    counts = [rows - prefix for prefix in (first, first + registers, 0)]

    def size(grid: tuple[int, int]) -> tuple[int, int] | int:
        pixels = grid[0] * patch[0], grid[1] * patch[1]
        return pixels[0] if pixels[0] == pixels[1] else pixels

    if parsed.grid is not None:
        if parsed.grid[0] * parsed.grid[1] in counts:
            return size(parsed.grid)
        raise CheckpointError(
            f"{table} grid of {parsed.grid[0]}×{parsed.grid[1]} patches after {first} tokens"
        )
    if parsed.image_size is not None:
        grid = parsed.image_size[0] // patch[0], parsed.image_size[1] // patch[1]
        if grid[0] * grid[1] in counts:
            if sides(size(grid)) != parsed.image_size:
                shown = ["×".join(map(str, sides(x))) for x in (size(grid), parsed.image_size)]
                parsed.guess("size", f"{shown[0]} pixels, the whole patches of {shown[1]}")
            return size(grid)
    for patches in counts:
        side = isqrt(max(patches, 0))
        if side and side * side == patches:
            parsed.guess("grid", f"a square of {side}×{side} patches", "grid")
            return size((side, side))
    raise CheckpointError(
        f"{table} square grid of patches after {first} tokens; give grid=(rows, cols) "
        "(--grid ROWSxCOLS)"
    )


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
        rows, registers = table[:, first:extra], parsed.params["reg_token"]
        _check_shape(parsed, "reg_token", tuple(rows.shape))
        parsed.params["reg_token"] = registers + rows
        parsed.params["pos_embed"] = torch.cat([table[:, :first], table[:, extra:]], 1)
    else:
        pixels = "×".join(map(str, sides(config.image_size)))
        raise CheckpointError(
            f"the table of positions {parsed.names['pos_embed']} has {table.shape[1]} rows; "
            f"expected {config.patches + first} for an image of {pixels} pixels"
        )


def _check_shapes(parsed: Parsed, config: ViTConfig) -> None:
    """Raise CheckpointError unless names and shapes are those of the config."""
    expected = parameter_shapes(config)
    if missing := [name for name in expected if name not in parsed.params]:
        raise OtherModelError(f"{count(missing)} missing (in timm's names): {some(missing)}")
    for name, shape in expected.items():
        _check_shape(parsed, name, shape)
    if surplus := [parsed.names[name] for name in parsed.params if name not in expected]:
        raise OtherModelError(
            f"{count(surplus)} without a place in a ViT of {config.depth} blocks, {config.dim} "
            f"dims and readout {config.readout!r}: {some(surplus)}"
        )


def _check_shape(parsed: Parsed, name: str, expected: tuple[int, ...]) -> None:
    if (found := tuple(parsed.params[name].shape)) != expected:
        raise CheckpointError(
            f"parameter {parsed.names[name]} has shape {found}; expected {expected}"
        )
