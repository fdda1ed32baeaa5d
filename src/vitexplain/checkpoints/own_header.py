"""What the header of weights that this package wrote says of their model.

A safetensors header has room for text beside the tensors; `vitexplain.experiments.weights`
writes the config there, because shapes do not tell how many heads there are.
"""

import json
from pathlib import Path

from vitexplain.checkpoints.errors import CheckpointError, one_line
from vitexplain.vit import ViTConfig

KEY = "vitexplain"


def own_config(path: Path) -> ViTConfig | None:
    """Return the config in the header of a safetensors file, or None where there is none.

    The file has been opened before, so that its header is known to be sound JSON.

    Raises:
        CheckpointError: the header has our key, but no config that a ViT can have.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        words = json.loads(file.read(length)).get("__metadata__") or {}
    if KEY not in words:
        return None
    try:
        config = json.loads(words[KEY]).get("config")
        if config is None:
            return None
        for name in ("image_size", "patch"):  # JSON has lists for pairs
            if isinstance(config.get(name), list):
                config[name] = tuple(config[name])
        return ViTConfig(**config)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} names this package in its header, but no sound config: {one_line(error)}"
        ) from error
