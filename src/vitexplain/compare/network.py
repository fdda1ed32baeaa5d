"""What every network here is made of: a stem, blocks in a row, a readout; and their norms.

Each part computes in one `forward`, which notes every intermediate by name for whoever asks: so
the forward pass and the walk through it are one line of parts, told once.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from math import gcd, prod, sqrt
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.moved import tell
from vitexplain.patches import sides
from vitexplain.vit.forward import Note, unnoted


@dataclass(frozen=True, eq=False, kw_only=True)
class Taken:
    """A step that was taken: what it is called, what came in and what went out."""

    name: str
    input: Float[Tensor, "batch *before"]
    output: Float[Tensor, "batch *after"]


@dataclass(frozen=True, eq=False, kw_only=True)
class TakenBlock(Taken):
    """A block's step, and where the block is."""

    stage: int
    index: int


@dataclass(frozen=True, eq=False)
class Readout:
    """From the last map to the logits: the mean over all places, then a linear layer.

    A LayerNorm is between them in ConvNeXt and CoAtNet, and before both in Swin.
    """

    name: str  # "readout"
    pooled: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]
    normed: Float[Tensor, "batch *places dim"] | None = None
    pre_logits: Float[Tensor, "batch dim"] | None = None  # a tanh layer, where there is one


def noted(kind: type[Taken], forward: Callable[..., Tensor], x: Tensor, **told: Any) -> Any:
    """Return the step of that kind: what a forward pass notes on its way, and what is `told`."""
    seen = {**told, "input": x}

    def note(name: str, value: Any) -> Any:
        seen[name] = value
        return value

    output = forward(x, note)
    return kind(**seen, output=output)


class Part(nn.Module):
    """From map to map; `kind` is of its step, and `told` what that says beside the numbers."""

    kind: type[Taken]

    def __init__(self, name: str, **told: Any) -> None:
        super().__init__()
        self.told = {"name": name, **told}

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        """Return the map that goes out, and note what is computed on the way."""
        raise NotImplementedError

    def step(self, x: Tensor) -> Any:
        """Return the same with every intermediate."""
        return noted(self.kind, self, x, **self.told)


class Numbered(Part):
    """A part that has a number in a stage; `part` says which of a block's parts it is."""

    def __init__(self, stage: int, index: int, part: str = "", **told: Any) -> None:
        name = f"stage {stage} block {index} {part}".rstrip()
        super().__init__(name, stage=stage, index=index, **told)


class Backbone(nn.Module):
    """From images (batch, channel, row, col) to a feature map, part by part.

    A kind of network says how it begins, and what kind of step that is; what comes after are
    its parts, in the order in which they were added.
    """

    stem_kind: type[Taken] = Taken
    stem_name = "stem"
    stem: Any

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        """Return what the stem makes of the images."""
        return self.stem(images)

    def parts(self) -> Iterator[Part]:
        """Yield each part after the stem, in order."""
        stem = getattr(self, "stem", None)
        return (one for one in self.modules() if isinstance(one, Part) and one is not stem)

    def check(self, images: Tensor) -> None:
        """Raise ValueError unless the images fit the config."""
        check_images(images, self.config.channels, getattr(self.config, "image_size", None))

    def encode(self, images: Tensor) -> Tensor:
        """Return what the last part gives."""
        self.check(images)
        x = self.begin(images)
        for part in self.parts():
            x = part(x)
        return x

    def features(self, images: Tensor) -> Tensor:
        """Return the last feature map, (batch, dim, row, col).

        Raises:
            ValueError: the images do not have the config's channels, and size if it has one.
        """
        return self.encode(images)

    def forward(self, images: Tensor) -> Tensor:
        """Return `features`; a `Network` gives logits."""
        return self.features(images)

    def walk(self, images: Tensor) -> Generator[Any, None, Tensor]:
        """Yield the steps of the forward pass in order, and return the last one's output.

        Each step is computed when it is asked for, and none is kept here.

        Raises:
            ValueError: as `features`; with attention, also if the images hold NaN or infinity.
        """
        self.check(images)
        step = noted(self.stem_kind, self.begin, images, name=self.stem_name)
        x = step.output
        yield step
        for part in self.parts():
            del step  # before the next is computed
            step = part.step(x)
            x = step.output
            yield step
        return x

    def extra_repr(self) -> str:
        return repr(self.config)


class Network(Backbone):
    """A backbone and its readout, with random weights until others are loaded.

    `network(images)` gives logits, (batch, classes), for images (batch, channel, row, col), where
    it attends by torch's fused attention; `network.walk(images)` yields the same by name.
    """

    head: Any

    def read(self, x: Tensor) -> Readout:
        """Return the readout's step, for what the last part gives."""
        if isinstance(self.head, Head):
            return self.head.step(x)
        pooled = x.mean((2, 3))
        return Readout("readout", pooled, self.head(pooled))

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channel, row, col).

        Raises:
            ValueError: as `features`.
        """
        return self.read(self.encode(images)).logits

    def walk(self, images: Tensor) -> Generator[Any, None, Tensor]:
        x = yield from super().walk(images)
        yield self.read(x)
        return x


def stage_of(blocks: list[nn.Module], downsample: nn.Module | None = None) -> nn.Module:
    """Return blocks on one size of map, and before them what makes it smaller, if anything."""
    before = {} if downsample is None else {"downsample": downsample}
    return nn.ModuleDict({**before, "blocks": nn.Sequential(*blocks)})


class PlaceNorm(nn.LayerNorm):
    """LayerNorm over the channels of each place of a map, (batch, width, row, col).

    The one norm here that carries nothing from place to place, in training or after: a layer
    with it sees what its kernel sees. Source: Liu et al. 2022, arXiv 2201.03545, section 2.6.
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class SameConv(nn.Conv2d):
    """A convolution padded "same", as TensorFlow pads."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(pad_same(input, self.kernel_size[0], self.stride[0]))


def pad_same(
    x: Float[Tensor, "batch width row col"], kernel: int, stride: int, value: float = 0.0
) -> Float[Tensor, "batch width row_out col_out"]:
    """Return the map padded so that the kernel, at that stride, gives ⌈side / stride⌉ places."""
    pads = []
    for side in (x.shape[-1], x.shape[-2]):  # F.pad takes columns first
        total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value) if any(pads) else x


class ConvNorm(nn.Sequential):
    """A convolution without bias, padded by half its kernel; BatchNorm; the activation, if any."""

    def __init__(
        self, dim: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1, *,
        act: Callable[[], nn.Module] = nn.Identity,
    ) -> None:  # fmt: skip
        conv = nn.Conv2d(dim, out, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(OrderedDict(conv=conv, bn=nn.BatchNorm2d(out), act=act()))


def make_norm(kind: str, width: int, groups: int = 8, eps: float = 1e-5) -> nn.Module:
    """Return a norm over that many channels.

    "batch" (Ioffe and Szegedy 2015, arXiv 1502.03167) takes mean and variance over the batch in
    training. "group" (Wu and He 2018, arXiv 1803.08494) takes them over up to `groups` groups of
    one image's channels: the answer is the same whatever else is in the batch, but every place
    hears of the whole map. "place" takes them over the channels of one place.
    """
    if kind == "batch":
        return nn.BatchNorm2d(width, eps)
    groups = gcd(groups, width)
    return PlaceNorm(width, eps) if kind == "place" else nn.GroupNorm(groups, width, eps)


class Head(nn.Module):
    """Mean over all places, LayerNorm, a tanh layer where there is one, linear layer."""

    def __init__(self, dim: int, classes: int, eps: float, *, tanh: bool = False) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps)
        self.pre_logits = nn.ModuleDict({"fc": nn.Linear(dim, dim)} if tanh else {})
        self.fc = nn.Linear(dim, classes)

    def step(self, x: Tensor) -> Readout:
        """Return the readout of a map (batch, dim, row, col)."""
        pooled = x.mean((2, 3))
        last = normed = self.norm(pooled)
        pre_logits = None
        if self.pre_logits:
            last = pre_logits = self.pre_logits["fc"](normed).tanh()
        return Readout("readout", pooled, self.fc(last), normed, pre_logits)


def draw(convolution: nn.Conv2d) -> None:
    """Draw kernels from N(0, 2 / (kernel² · channels out, of one group)), biases 0.

    This keeps the size of gradients. Source: He et al., ICCV 2015, arXiv 1502.01852, eq. (14).
    """
    fan_out = prod(convolution.kernel_size) * convolution.out_channels // convolution.groups
    nn.init.normal_(convolution.weight, std=sqrt(2) / sqrt(fan_out))
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)


def draw_all(network: nn.Module) -> None:
    """Draw kernels as `draw` says, matrices as a ViT's, tables and tokens with deviation 0.02."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            draw(module)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    for name, parameter in network.named_parameters():
        if name.endswith(("table", "token")):
            nn.init.trunc_normal_(parameter, std=0.02)


def check_images(
    images: Tensor, channels: int, image_size: int | tuple[int, int] | None = None
) -> None:
    """Raise ValueError unless images are (batch, channel, row, col) of these channels and size."""
    shape, got = tuple(images.shape), f"got shape {tuple(images.shape)}"
    if image_size is None:
        if len(shape) != 4 or shape[1] != channels:
            raise ValueError(
                f"images must be (batch, channel, row, col) with {channels} channels, {got}"
            )
    elif len(shape) != 4 or shape[1:] != (channels, *sides(image_size)):
        expected = ", ".join(map(str, (channels, *sides(image_size))))
        raise ValueError(f"images must be (batch, channel, row, col) = (batch, {expected}), {got}")


tell(globals())
