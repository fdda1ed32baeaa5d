"""The Swin Transformer: attention inside windows, windows that shift, places that merge.

Source: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
ICCV 2021, arXiv 2103.14030. Every submodule is named as in timm's `SwinTransformer`, so that
`swin.load_state_dict(timm_model.state_dict())` works.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from vitexplain.compare.checks import check_size
from vitexplain.compare.swin_block import Block, Merge, PatchMerging, SwinBlock
from vitexplain.compare.swin_config import SWINS, SwinConfig

__all__ = ["SWINS", "Block", "Embedding", "Merge", "Readout", "Step", "Swin", "SwinConfig"]


@dataclass(frozen=True, eq=False)
class Embedding:
    """The image becomes a map of tokens; no position is added."""

    name: str  # "embedding"
    projected: Float[Tensor, "batch row col dim"]
    output: Float[Tensor, "batch row col dim"]  # LN(projected)


@dataclass(frozen=True, eq=False)
class Readout:
    """The norm, the mean over all places, then a linear layer."""

    name: str  # "readout"
    normed: Float[Tensor, "batch row col dim"]
    pooled: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]


Step = Embedding | Merge | Block | Readout


class Swin(nn.Module):
    """A Swin Transformer of any size, with random weights until others are loaded.

    `swin(images)` gives logits, (batch, classes), for images (batch, channel, row, col), by
    torch's fused attention; `swin.walk(images)` yields the same computation by name.
    """

    def __init__(self, config: SwinConfig) -> None:
        super().__init__()
        self.config = config
        self.patch_embed = PatchEmbed(config)
        self.layers = nn.ModuleList(Stage(config, stage) for stage in range(len(config.depths)))
        self.norm = nn.LayerNorm(config.dims[-1])
        self.head = nn.ModuleDict({"fc": nn.Linear(config.dims[-1], config.classes)})
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights as `vitexplain.vit.init_params` says, tables with deviation 0.02."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "norm" in name:
                nn.init.ones_(parameter)
            elif name.endswith("table"):
                nn.init.trunc_normal_(parameter, std=0.02)
            else:
                nn.init.xavier_uniform_(parameter.view(parameter.shape[0], -1))

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channel, row, col).

        Raises:
            ValueError: the images do not have the config's channels and size.
        """
        return self.head["fc"](self.norm(self.encode(images)).mean((1, 2)))

    def features(self, images: Tensor) -> Tensor:
        """Return the last map after the final norm, (batch, dim, row, col).

        Raises:
            ValueError: as `forward`.
        """
        return self.norm(self.encode(images)).permute(0, 3, 1, 2)

    def encode(self, images: Tensor) -> Tensor:
        """Return the map after the last block, (batch, row, col, dim)."""
        check_size(images, self.config.channels, self.config.image_size)
        x = self.patch_embed(images)
        for part in self.parts():
            x = part(x)
        return x

    def parts(self) -> Iterator[PatchMerging | SwinBlock]:
        """Yield each merge and each block, in order."""
        for stage in self.layers:
            if stage.downsample is not None:
                yield stage.downsample  # pyright: ignore[reportReturnType]
            yield from stage.blocks  # pyright: ignore

    def walk(self, images: Tensor) -> Iterator[Step]:
        """Yield the steps of the forward pass in order: embedding, blocks and merges, readout.

        Each step is computed when it is asked for, and none is kept here.

        Raises:
            ValueError: as `forward`; also if the images hold NaN or infinity.
        """
        check_size(images, self.config.channels, self.config.image_size)
        step = self.patch_embed.step(images)
        x = step.output
        yield step
        for part in self.parts():
            del step  # before the next is computed
            step = part.step(x)
            x = step.output
            yield step
        normed = self.norm(x)
        pooled = normed.mean((1, 2))
        yield Readout("readout", normed, pooled, self.head["fc"](pooled))

    def extra_repr(self) -> str:
        return repr(self.config)


class Stage(nn.Module):
    """A merge, unless it is the first stage or there is none, and the blocks; `Swin` runs them."""

    def __init__(self, config: SwinConfig, stage: int) -> None:
        super().__init__()
        merges = config.merge and stage > 0
        self.downsample = PatchMerging(config, stage) if merges else None
        self.blocks = nn.ModuleList(
            SwinBlock(config, stage, i) for i in range(config.depths[stage])
        )


class PatchEmbed(nn.Module):
    """The patch projection as a convolution, then a norm."""

    def __init__(self, config: SwinConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(config.channels, config.dim, config.patch, stride=config.patch)
        self.norm = nn.LayerNorm(config.dim)

    def forward(self, images: Tensor) -> Tensor:
        return self.norm(self.proj(images).permute(0, 2, 3, 1))

    def step(self, images: Tensor) -> Embedding:
        projected = self.proj(images).permute(0, 2, 3, 1)
        return Embedding("embedding", projected, self.norm(projected))
