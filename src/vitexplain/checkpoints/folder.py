"""Where a checkpoint's weights and the words about them lie: a file, or a folder with both."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.about import read_json
from vitexplain.checkpoints.checks import check_stored
from vitexplain.checkpoints.errors import CheckpointError, one_line, some
from vitexplain.checkpoints.files import EXPECTED, Stored, first_bytes, open_file
from vitexplain.moved import tell

STANDARD = ("model.safetensors", "pytorch_model.safetensors", "pytorch_model.bin", "model.bin")
INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
ORDER = (STANDARD[0], INDICES[0], *STANDARD[1:], INDICES[1])
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".npz")
MOST_SHARDS = 1000


@dataclass(frozen=True)
class Words:
    """The JSON beside the weights; empty where there is none."""

    config: dict[str, Any]  # config.json
    prepare: dict[str, Any]  # preprocessor_config.json


def find(path: Path) -> tuple[Path, Words]:
    """Return the file of weights or their index that a path leads to, and the words beside it.

    The JSON files of a folder belong to the standard names that libraries write there
    (`model.safetensors`, …), not to any other file that lies beside them.

    Raises:
        CheckpointError: a folder holds no weights or several, or the JSON cannot be read.
    """
    if path.is_dir():
        path /= main_file((file.name for file in path.iterdir()), f"the folder {path.name}")
    if path.name not in ORDER:
        return path, Words({}, {})
    names = ("config.json", "preprocessor_config.json")
    return path, Words(*(read_json(path.parent / name) for name in names))


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


def open_weights(path: Path) -> Stored:
    """Return what a file holds, or those that an index names: dense tensors that are in them.

    Raises:
        CheckpointError: a file cannot be read, or lacks what is promised.
    """
    stored = open_file(path) if path.name not in INDICES else Stored({})
    if path.name in INDICES:
        first_bytes(path)
        for file, keys in shards_of(path, read_json(path)).items():
            shard = open_file(path.parent / file).tensors
            if missing := keys - shard.keys():
                raise CheckpointError(f"{file} lacks {some(missing)}, which {path.name} promises")
            stored.tensors.update((key, shard[key]) for key in shard if key in keys)
    if not stored.tensors:
        raise CheckpointError(f"{path.name} holds no tensors; {EXPECTED}")
    check_stored(stored.tensors)
    return stored


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


tell(globals())
