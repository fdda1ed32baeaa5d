"""A masked autoencoder: an encoder that sees a quarter of the patches, a decoder that paints all.

Source: He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022, arXiv 2111.06377,
section 3. A hidden patch is NaN in the image, so that nothing of it can reach the model unnoticed.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from vitexplain.experiments.tasks import Task
from vitexplain.patches import patchify, unpatchify
from vitexplain.vit import ViT, ViTConfig
from vitexplain.vit.forward import embed
from vitexplain.vit.module import TransformerBlock

MASKED = 0.75  # share of the patches that are hidden in training, section 4.1

Images = Float[Tensor, "image channel row col"]
Patches = Float[Tensor, "image patch dim"]


class MaskedAutoencoder(nn.Module):
    """An encoder on the visible patches, and a light decoder on all of them.

    The encoder is a ViT with a class token and no head: what is kept when training is over.
    """

    def __init__(self, encoder: ViT, decoder: ViTConfig) -> None:
        """Take sizes of blocks, tokens and patches of the decoder from a config.

        Raises:
            ValueError: the encoder has no class token, or encoder and decoder differ in patches.
        """
        super().__init__()
        config = encoder.config
        if config.first != ("class token",) or decoder.first != config.first:
            raise ValueError(f"both need a class token alone before the patches, got {config}")
        if (config.grid, config.patch_dim) != (decoder.grid, decoder.patch_dim):
            raise ValueError("encoder and decoder must have the same patches")
        self.encoder, self.config = encoder, decoder
        self.narrow = nn.Linear(config.dim, decoder.dim)
        self.mask_token = nn.Parameter(0.02 * torch.randn(1, 1, decoder.dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, decoder.tokens, decoder.dim))
        self.blocks = nn.ModuleList(TransformerBlock(decoder) for _ in range(decoder.depth))
        self.norm = nn.LayerNorm(decoder.dim, decoder.eps)
        self.paint = nn.Linear(decoder.dim, decoder.patch_dim)

    def forward(self, images: Images) -> Patches:
        """Return a painting of every patch of images whose hidden patches are NaN.

        Raises:
            ValueError: the images do not show the same number of patches each, at least one.
        """
        hidden = patchify(images.isnan().float(), self.config.patch).any(-1)
        seen = (~hidden).sum(1)
        if not seen.all() or (seen != seen[0]).any():
            raise ValueError("each image must show the same number of patches, and at least one")
        order = hidden.byte().argsort(stable=True, dim=1)  # the visible ones first
        x = self.narrow(self.encode(images, order[:, : seen[0]]))
        number, _, dim = x.shape
        masks = self.mask_token.expand(number, order.shape[1] - int(seen[0]), dim)
        back = order.argsort(1)[:, :, None].expand(-1, -1, dim)
        patches = torch.cat([x[:, 1:], masks], 1).gather(1, back)
        x = torch.cat([x[:, :1], patches], 1) + self.pos_embed
        for layer in self.blocks:
            x = layer(x)
        return self.paint(self.norm(x)[:, 1:])

    def encode(self, images: Images, visible: Tensor) -> Float[Tensor, "image token dim"]:
        """Return the encoder's class token and visible patches after its last norm.

        Args:
            visible: the numbers of the patches that are to be seen, (image, visible).
        """
        x = seen_alone(embed(self.encoder, images.nan_to_num(), self.encoder.config), 1, visible)
        for layer in self.encoder.blocks:
            x = layer(x)
        return self.encoder.norm(x)

    @torch.no_grad()
    def filled(self, images: Images) -> Images:
        """Return the images with what is hidden painted, and the rest as it is."""
        one = self.config
        painted = unpatchify(self(images), one.grid, channels=one.channels, patch=one.patch)
        return torch.where(images.isnan(), painted, images)


def seen_alone(
    x: Float[Tensor, "image token dim"], first: int, visible: Tensor
) -> Float[Tensor, "image some dim"]:
    """Return the tokens of which patches only those are left, in that order.

    Args:
        first: how many tokens come before the patches; they stay.
        visible: the numbers of the patches that stay, (image, visible).
    """
    kept = visible[:, :, None].expand(-1, -1, x.shape[-1])
    return torch.cat([x[:, :first], x[:, first:].gather(1, kept)], 1)


def masked(images: Images, patch: int, hidden: Bool[Tensor, "image patch"]) -> Images:
    """Return the images with NaN where patches are hidden."""
    grid = images.shape[-2] // patch, images.shape[-1] // patch
    cover = hidden[:, :, None].float().expand(-1, -1, patch * patch)
    return images.masked_fill(unpatchify(cover, grid, channels=1, patch=patch).bool(), torch.nan)


def normalised(patches: Patches) -> Patches:
    """Return each patch with mean 0 and variance 1, (x - mean) / √(variance + 10⁻⁶).

    Section 3, "Reconstruction target"; the variance divides by one less than the pixels.
    """
    mean, variance = patches.mean(-1, keepdim=True), patches.var(-1, keepdim=True)
    return (patches - mean) / (variance + 1e-6).sqrt()


@dataclass
class Mask(Task):
    """Paint what is hidden of pictures that another task asks about; nobody tells their classes.

    The loss is the mean squared error over the hidden patches alone, of pixels or, if `normal`,
    of normalised pixels.
    """

    pictures: Task
    patch: int
    normal: bool = False
    share: float = MASKED

    @property
    def seed(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """That of the pictures."""
        return self.pictures.seed

    def ask(self, size, generator, step):
        images, _ = self.pictures.ask(size, generator, step)
        return self.asked(images, generator)

    def asked(self, images: Images, generator: torch.Generator) -> tuple[Images, Patches]:
        """Return images that hide patches at random, and the targets: NaN where they are seen."""
        patches = patchify(images, self.patch)
        number, count, _ = patches.shape
        noise = torch.rand(number, count, generator=generator)
        hidden = noise.argsort(1).argsort(1) >= count - round(self.share * count)
        target = normalised(patches) if self.normal else patches
        seen = ~hidden[:, :, None]
        return masked(images, self.patch, hidden), target.masked_fill(seen, torch.nan)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        hidden = ~targets.isnan()
        return (outputs[hidden] - targets[hidden]).square().mean()
