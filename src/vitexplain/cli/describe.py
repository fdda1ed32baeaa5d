"""`vitexplain models`: which layouts and sizes are known, and what a checkpoint is."""

import json
from dataclasses import asdict
from pathlib import Path

from vitexplain.cli.lines import size_of, table
from vitexplain.cli.model import checkpoint_path

LAYOUTS = {
    "timm": ".safetensors, .pth, .bin; ViT, DeiT, DINOv2, with config.json beside it or without",
    "huggingface": "folder or file; ViT, DeiT, DINOv2 with and without registers",
    "torchvision": ".pth; vit_b_16 and its siblings",
    "google": ".npz of the ViT and big_vision repositories",
}


def models_command(
    name: str | None, *, heads: int | None, grid: tuple[int, int] | None, as_json: bool
) -> str:
    """Return what is known, or what a checkpoint is, as text or JSON."""
    facts = _known() if name is None else _facts(name, heads, grid)
    if as_json:
        return json.dumps(facts, indent=1, ensure_ascii=False)
    return _known_text(facts) if name is None else _facts_text(facts)


def _known() -> dict:
    from vitexplain.report import METHODS
    from vitexplain.vit import PRESETS, count_macs, count_parameters

    return {
        "layouts": LAYOUTS,
        "presets": {
            name: {
                "patch": config.patch, "dim": config.dim, "depth": config.depth,
                "heads": config.heads, "parameters": count_parameters(config),
                "multiply-adds": count_macs(config),
            }
            for name, config in PRESETS.items()
        },
        "methods": {slug: method.about for slug, method in METHODS.items()},
    }  # fmt: skip


def _known_text(facts: dict) -> str:
    layouts = [(f"  {name}", about) for name, about in facts["layouts"].items()]
    sizes: list[tuple[object, ...]] = [
        ("  size", "patch", "dim", "depth", "heads", "parameters", "multiply-adds")
    ]
    for name, one in facts["presets"].items():
        sizes.append(
            (
                f"  {name}", one["patch"], one["dim"], one["depth"], one["heads"],
                f"{one['parameters'] / 1e6:.1f} M", f"{one['multiply-adds'] / 1e9:.1f} G",
            )
        )  # fmt: skip
    methods = [(f"  {slug}", about) for slug, about in facts["methods"].items()]
    return "\n".join(
        [
            "Checkpoints that are read, known by the names of their parameters:",
            table(layouts),
            "",
            "Published sizes, at 224 pixels and 1000 classes (vitexplain bench SIZE):",
            table(sizes, right=tuple(range(1, 7))),
            "",
            "Methods (vitexplain explain --method NAME):",
            table(methods),
        ]
    )


def _facts(name: str, heads: int | None, grid: tuple[int, int] | None) -> dict:
    from vitexplain import checkpoints
    from vitexplain.vit import PRESETS, count_macs, count_parameters

    path = checkpoint_path(name)
    checkpoint = checkpoints.read(path, heads=heads, grid=grid)
    config = checkpoint.config
    sizes = [
        preset
        for preset, known in PRESETS.items()
        if (known.patch, known.dim, known.depth, known.heads, known.mlp_dim)
        == (config.patch, config.dim, config.depth, config.heads, config.mlp_dim)
    ]
    return {
        "checkpoint": str(path),
        "bytes": _bytes(path),
        "layout": checkpoint.layout,
        "size": sizes[0] if sizes else None,
        "config": asdict(config),
        "tokens": config.tokens,
        "parameters": count_parameters(config),
        "multiply-adds": count_macs(config),
        "dtype": str(next(iter(checkpoint.params.values())).dtype).removeprefix("torch."),
        "positions": checkpoint.resize,
        "preprocessing": asdict(checkpoint.preprocessing),
        "labels": checkpoint.labels,
        "assumed": [str(one) for one in checkpoint.assumed],
    }


def _facts_text(facts: dict) -> str:
    from vitexplain.images import Preprocessing

    config, seen = facts["config"], Preprocessing(**facts["preprocessing"]).words()
    side, patch = (
        f"{x} × {x}" if isinstance(x, int) else f"{x[0]} × {x[1]}"
        for x in (config["image_size"], config["patch"])
    )
    labels = facts["labels"]
    rows = [
        ("checkpoint", f"{Path(facts['checkpoint']).name}, {size_of(facts['bytes'])}"),
        ("layout", facts["layout"]),
        ("size", facts["size"] or "none of the published"),
        ("image", f"{side} pixels in patches of {patch}, {facts['tokens']} tokens"),
        ("blocks", f"{config['depth']}, each {config['heads']} heads, {config['dim']} numbers a "
         f"token, {config['mlp_dim']} in the MLP ({config['activation']})"),
        ("extra tokens", _extra(config)),
        ("answer", f"{config['classes']} classes, read from: {config['readout']}"
         if config["classes"] else f"no head; features read from: {config['readout']}"),
        ("parameters", f"{facts['parameters']:,} in {facts['dtype']}"),
        ("multiply-adds", f"{facts['multiply-adds'] / 1e9:.3g} G an image"),
        ("images", "; ".join(seen)),
        ("positions", f"resized as {facts['positions']} does"),
        ("labels", "none in the file" if labels is None
         else f"{len(labels)}: {', '.join(labels[:3])}{', …' if len(labels) > 3 else ''}"),
    ]  # fmt: skip
    for index, line in enumerate(facts["assumed"] or ["nothing"]):
        rows.append(("" if index else "assumed", line))
    return table(rows)


def _extra(config: dict) -> str:
    from vitexplain.vit import ViTConfig

    first = ViTConfig(**config).first
    names = [name.removesuffix(" token") for name in first if "register" not in name]
    registers = len(first) - len(names)
    return ", ".join(names + [f"{registers} registers"] * bool(registers)) or "none"


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)
