"""Whether a converted model answers as its own library does, with the same weights."""

import json
from pathlib import Path

import torch

from pretrained.operators import name_torchvision_operators
from vitexplain.checkpoints import Checkpoint
from vitexplain.patches import sides

WRONG = 1e-3  # of the largest answer; rounding alone is about 1e-6


@torch.no_grad()
def difference(folder: Path, checkpoint: Checkpoint) -> tuple[str, float]:
    """Return the library that was asked, and max |ours − theirs| / max |theirs|.

    Asked is a picture of random numbers at the checkpoint's own size: its logits, or the class
    token after the last norm where there is no head.

    Args:
        folder: where the weights lie with their config.json; the library reads nothing else.
    """
    name_torchvision_operators()
    config = checkpoint.config
    shape = 2, config.channels, *sides(config.image_size)
    images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if "architecture" in about:
        import timm

        library = "timm"
        theirs = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()(images)
    else:
        from transformers import AutoModel

        library = "transformers"
        model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        theirs = model(images).last_hidden_state[:, 0]
    ours = checkpoint.build()(images)
    return library, float((ours - theirs).abs().max() / theirs.abs().max())
