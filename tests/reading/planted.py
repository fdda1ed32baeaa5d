"""Models whose weights are set by hand, so that we know which patch the answer depends on.

Channels of a token: 0 the class token's flag, 1 to 3 flags of three patches, 4 and 5 the patch's
brightness, up and down, 6 what attention carries, 7 nothing. LayerNorm takes the mean off every
channel: what is read is the difference of two. Flags are large beside the brightness, so that
LayerNorm's scale hardly depends on it.
"""

import torch

from vitexplain.vit import ViT, ViTConfig

CLASS, ANSWER, DECOY, RELAY, BRIGHT, DARK, CARRIED, NOTHING = range(8)
FLAG, SHARP = 100.0, 200.0
PLACES = {ANSWER: 5, DECOY: 2, RELAY: 7}  # patch numbers on the 3×3 grid


def plant(depth: int, heads: int) -> ViT:
    """A ViT of zero weights with flags and brightness in its tokens; logits ± what is carried."""
    config = ViTConfig(
        image_size=6, patch=2, dim=8, depth=depth, heads=heads, mlp_dim=4, classes=2, channels=1
    )
    vit = ViT(config).double()
    with torch.no_grad():
        for name, parameter in vit.named_parameters():
            parameter.fill_(float("norm" in name and name.endswith("weight")))
        vit.get_parameter("patch_embed.proj.weight")[BRIGHT] = 0.25
        vit.get_parameter("patch_embed.proj.weight")[DARK] = -0.25
        vit.cls_token[0, 0, CLASS] = FLAG
        for flag, patch in PLACES.items():
            vit.pos_embed[0, 1 + patch, flag] = FLAG
        vit.get_parameter("head.weight")[0, CARRIED] = 1
        vit.get_parameter("head.weight")[1, CARRIED] = -1
    return vit.eval()


def look(vit: ViT, layer: int, head: int, slot: int, *, flag: int, at: int) -> None:
    """Let the token with a flag attend, in one head, to the token with the flag `at`."""
    row = head * vit.config.dim // vit.config.heads + slot
    with torch.no_grad():
        qkv = vit.get_parameter(f"blocks.{layer}.attn.qkv.weight")
        qkv[row, flag], qkv[row, NOTHING] = SHARP, -SHARP
        qkv[vit.config.dim + row, at] = 1


def carry(vit: ViT, layer: int, head: int, *, up: int, down: int, gain: float) -> None:
    """Let one head carry a difference of channels of what it attends to."""
    row = head * vit.config.dim // vit.config.heads
    with torch.no_grad():
        qkv = vit.get_parameter(f"blocks.{layer}.attn.qkv.weight")
        qkv[2 * vit.config.dim + row, up] = 1
        qkv[2 * vit.config.dim + row, down] = -1
        vit.get_parameter(f"blocks.{layer}.attn.proj.weight")[CARRIED, row] = gain


def direct() -> ViT:
    """One head looks at the answer's patch and carries its brightness; one looks at a decoy."""
    vit = plant(depth=1, heads=2)
    look(vit, 0, 0, 0, flag=CLASS, at=ANSWER)
    carry(vit, 0, 0, up=BRIGHT, down=DARK, gain=500)
    look(vit, 0, 1, 0, flag=CLASS, at=DECOY)  # and carries nothing
    return vit


def relayed() -> ViT:
    """The relay's token fetches the answer's brightness, and the class token reads the relay."""
    vit = plant(depth=2, heads=1)
    look(vit, 0, 0, 0, flag=RELAY, at=ANSWER)
    look(vit, 0, 0, 1, flag=CLASS, at=CLASS)
    carry(vit, 0, 0, up=BRIGHT, down=DARK, gain=500)
    look(vit, 1, 0, 0, flag=CLASS, at=RELAY)
    carry(vit, 1, 0, up=CARRIED, down=NOTHING, gain=50)
    return vit


def bright_images(batch: int = 2) -> torch.Tensor:
    """Grey noise with a bright patch where the answer is."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batch, 1, 6, 6, generator=generator, dtype=torch.float64)
    return brighter(images)


def brighter(images: torch.Tensor) -> torch.Tensor:
    """The images with 1 added where the answer is."""
    row, col = (2 * place for place in divmod(PLACES[ANSWER], 3))
    images = images.clone()
    images[..., row : row + 2, col : col + 2] += 1
    return images
