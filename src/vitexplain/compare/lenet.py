"""LeNet-5, layer by layer as the paper's text and its Table I have it.

Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86(11), 1998, doi 10.1109/5.726791, section II-B. Layers have
the paper's names. Its output code is of bitmaps that we have drawn anew, 7×12 a digit, and weights
begin as torch draws them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.network import check_images

TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Table I: the maps of S2 from which each of the sixteen maps of C3 takes its input."""
EVERY = ((0, 1, 2, 3, 4, 5),) * 16

PAPER, INK = -0.1, 1.175  # what an empty and a black pixel come in as
_ROWS = (  # of seven bits, twelve a digit
    "1c2241414141414141221c00", "081828080808080808083e00", "3c4241010204081020407f00",
    "3c42410101061c0101413e00", "02060a12224242427f020200", "7f40407c4201010101423c00",
    "1c2040405c62414141221c00", "7f4101020204040808101000", "3e4141413e22414141413e00",
    "1c224141413f010102041800",
)  # fmt: skip


class Row(NamedTuple):
    """What the paper says of a layer."""

    name: str
    maps: int
    side: int
    parameters: int
    connections: int


def bitmaps() -> Float[Tensor, "digit 12 7"]:
    """Return the code of each digit as a picture of -1 and 1."""
    rows = torch.tensor([list(bytes.fromhex(digit)) for digit in _ROWS])[..., None]
    return 2.0 * (rows >> torch.arange(6, -1, -1) & 1) - 1


def squash(x: Tensor) -> Tensor:
    """Return 1.7159 tanh(2x/3), which is 1 at 1."""
    return 1.7159 * torch.tanh(2 * x / 3)


class Subsample(nn.Module):
    """Four neighbours added up, times one number a map, and a bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps).uniform_(0.25, 0.5))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, x: Tensor) -> Tensor:
        by, plus = self.weight[:, None, None], self.bias[:, None, None]
        return by * 4 * F.avg_pool2d(x, 2) + plus


class Picked(nn.Module):
    """A convolution whose every output takes the maps that a table names.

    It runs as a full one with zeros for what is left out: so it counts in `cost.multiply_adds`.
    """

    at: Tensor

    def __init__(self, table: Sequence[Sequence[int]], kernel: int) -> None:
        super().__init__()
        at = torch.tensor([(i, m) for i, maps in enumerate(table) for m in maps]).T
        wide = torch.tensor([len(maps) * kernel**2 for maps in table]).rsqrt()[at[0], None, None]
        self.weight = nn.Parameter((2 * torch.rand(at.shape[1], kernel, kernel) - 1) * wide)
        self.bias = nn.Parameter(torch.zeros(len(table)))
        self.register_buffer("at", at, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        full = self.weight.new_zeros(len(self.bias), x.shape[1], *self.weight.shape[1:])
        return F.conv2d(x, full.index_put(tuple(self.at), self.weight), self.bias)


class Code(nn.Module):
    """Minus the squared distance to each digit's bitmap: the radial basis functions, unlearned."""

    code: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("code", bitmaps().flatten(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self.code).square().sum(-1)


class LeNet5(nn.Module):
    """From images (batch, 1, 32, 32) to logits (batch, 10).

    Args:
        table: which maps of S2 each map of C3 takes; the paper's, or `EVERY`.
        code: end in the distances to the bitmaps; or in a linear layer, as one would today.
    """

    def __init__(self, table: Sequence[Sequence[int]] = TABLE, *, code: bool = True) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({
            "C1": nn.Conv2d(1, 6, 5), "S2": Subsample(6), "C3": Picked(table, 5),
            "S4": Subsample(16), "C5": nn.Conv2d(16, 120, 5), "F6": nn.Linear(120, 84),
        })  # fmt: skip
        self.output = Code() if code else nn.Linear(84, 10)

    def walk(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield each layer's name and what it gives, the logits last.

        Raises:
            ValueError: the images are not (batch, 1, 32, 32).
        """
        check_images(images, 1, 32)
        x = images
        for name, layer in self.layers.items():
            x = squash(layer(x.flatten(1) if name == "F6" else x))
            yield name, x
        yield "output", self.output(x)

    def forward(self, images: Tensor) -> Tensor:
        *_, (_, logits) = self.walk(images)
        return logits

    def rows(self) -> list[Row]:
        """Return the paper's numbers of each layer up to F6; a bias is a connection as well."""
        rows = []
        for name, x in [*LeNet5.walk(self, torch.zeros(1, 1, 32, 32))][:-1]:
            layer, places = self.layers[name], x[0, 0].numel()
            count = sum(parameter.numel() for parameter in layer.parameters())
            unit = 5 * x.shape[1] if isinstance(layer, Subsample) else count
            rows.append(Row(name, x.shape[1], round(places**0.5), count, unit * places))
        return rows


class DigitsLeNet5(LeNet5):
    """The same for digits of 8×8 pixels in [-1, 1], which it sees as `enlarged`."""

    def walk(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        return super().walk(enlarged(images))


def enlarged(images: Float[Tensor, "batch 1 row col"]) -> Float[Tensor, "batch 1 32 32"]:
    """Return digits in [-1, 1] as the paper shows its own: 20×20 in the middle of 32×32 pixels."""
    grown = F.interpolate(images, size=(20, 20), mode="bilinear", align_corners=False)
    return PAPER + (INK - PAPER) / 2 * (1 + F.pad(grown, (6,) * 4, value=-1.0))
