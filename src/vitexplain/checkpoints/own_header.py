"""What the header of weights that this package wrote says of their model.

A safetensors header has room for text beside the tensors; `vitexplain.experiments.weights`
writes the config there, because shapes do not tell how many heads there are.
"""

import json
from collections.abc import Mapping

from vitexplain.checkpoints.errors import refused
from vitexplain.vit import ViTConfig

KEY = "vitexplain"


def own_config(words: Mapping[str, str]) -> ViTConfig | None:
    """Return the config in the header of a safetensors file, or None where there is none.

    Raises:
        CheckpointError: the header has our key, but no config that a ViT can have.
    """
    if KEY not in words:
        return None
    with refused("its header names this package, but no sound config"):
        config = json.loads(words[KEY]).get("config")
        if config is None:
            return None
        # JSON has lists for pairs
        pairs = {name: tuple(x) for name, x in config.items() if isinstance(x, list)}
        return ViTConfig(**{**config, **pairs})
