"""Where a checkpoint's weights and the words about them lie: a file, or a folder with both."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vitexplain.checkpoints.about import read_json
from vitexplain.checkpoints.errors import CheckpointError, one_line, some
from vitexplain.checkpoints.files import EXPECTED, Stored, first_bytes, open_file
from vitexplain.checkpoints.kinds import check_kind

STANDARD = ("model.safetensors", "pytorch_model.safetensors", "pytorch_model.bin", "model.bin")
INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
ORDER = (STANDARD[0], INDICES[0], *STANDARD[1:], INDICES[1])
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".npz")
MOST_SHARDS = 1000


@dataclass(frozen=True)
class Opened:
    """What the files of weights hold, and the JSON beside them (empty where there is none)."""

    stored: Stored
    about: dict[str, Any]  # config.json
    prepare: dict[str, Any]  # preprocessor_config.json


def open_path(path: Path, *, any_kind: bool = False) -> Opened:
    """Return what a file, an index of several files, or a folder of either holds.

    The JSON files of a folder belong to the standard names that libraries write there
    (`model.safetensors`, …), not to any other file that lies beside them.

    Args:
        any_kind: whatever kind of model config.json names.

    Raises:
        OtherModelError: config.json names a model that is no plain ViT.
        CheckpointError: there are no weights, several, or they cannot be read.
    """
    if path.is_dir():
        path /= main_file((file.name for file in path.iterdir()), f"the folder {path.name}")
    beside = path.parent if path.name in STANDARD + INDICES else None
    about = read_json(beside / "config.json") if beside else {}
    prepare = read_json(beside / "preprocessor_config.json") if beside else {}
    if not any_kind:
        check_kind(about, path.parent)
    stored = Stored(_open_shards(path)) if path.name in INDICES else open_file(path)
    if not stored.tensors:
        raise CheckpointError(f"{path.name} holds no tensors; {EXPECTED}")
    return Opened(stored, about, prepare)


def main_file(names: Iterable[str], where: str) -> str:
    """Return which of the files in a folder, or on the hub, holds the weights or their index.

    Raises:
        CheckpointError: none does, or several do.
    """
    names = list(names)
    for name in ORDER:
        if name in names:
            return name
    others = [name for name in names if "/" not in name and name.endswith(SUFFIXES)]
    if len(others) == 1:
        return others[0]
    raise CheckpointError(
        f"{where} holds {len(others) or 'no'} files of weights (it has "
        f"{some(names) or 'nothing'}); expected {STANDARD[0]}, {STANDARD[2]}, or one file ending "
        f"in {', '.join(SUFFIXES)}"
    )


def shards_of(index: Path, content: dict[str, Any]) -> dict[str, set[str]]:
    """Return the files that an index names, each with its parameters' names.

    Raises:
        CheckpointError: it is no index, or names anything but files beside it.
    """
    where = content.get("weight_map")
    if not isinstance(where, dict) or not all(isinstance(file, str) for file in where.values()):
        raise CheckpointError(f"{index.name} must map parameters to files in its weight_map")
    shards: dict[str, set[str]] = {}
    for key, file in where.items():
        shards.setdefault(file, set()).add(key)
    for file in shards:
        if Path(file).name != file or not file.endswith(SUFFIXES):
            raise CheckpointError(
                f"{index.name} names {one_line(file, 80)!r}; expected files beside it, no paths"
            )
    if len(shards) > MOST_SHARDS:
        raise CheckpointError(f"{index.name} names {len(shards):,} files, at most {MOST_SHARDS:,}")
    return dict(sorted(shards.items()))


def _open_shards(index: Path) -> dict[str, Tensor]:
    """Return the tensors of all the files that an index names, each from the file it says."""
    first_bytes(index)
    tensors = {}
    for file, keys in shards_of(index, read_json(index)).items():
        shard = open_file(index.parent / file).tensors
        if missing := keys - shard.keys():
            raise CheckpointError(f"{file} lacks {some(missing)}, which {index.name} promises")
        tensors |= {key: shard[key] for key in shard if key in keys}
    return tensors
