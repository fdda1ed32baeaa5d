"""What the header of weights that this package wrote says of their model.

A safetensors header has room for text beside the tensors; `vitexplain.experiments.weights`
writes the config there, because shapes do not tell how many heads there are.
"""

import json
from collections.abc import Mapping

from vitexplain.checkpoints.errors import CheckpointError, one_line
from vitexplain.vit import ViTConfig

KEY = "vitexplain"


def own_config(words: Mapping[str, str]) -> ViTConfig | None:
    """Return the config in the header of a safetensors file, or None where there is none.

    Raises:
        CheckpointError: the header has our key, but no config that a ViT can have.
    """
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
            f"its header names this package, but no sound config: {one_line(error)}"
        ) from error
