"""What was captured: a sequence of attention maps, in the order in which the model made them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, overload

from jaxtyping import Float
from torch import Tensor

from vitexplain.trace import Layer

Kind = Literal["fused", "softmax", "native"]
Over = Literal["tokens", "windows", "channels"]


class CaptureError(RuntimeError):
    """Attention that was to be recorded was not, and why."""


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """The weights of one attention of one call of a module.

    `kind` says where they come from: "softmax", the model's own matrix, before dropout;
    "fused", computed again from the query, key, mask and scale that a fused kernel got;
    "native", computed again from what torch's inference path of `nn.MultiheadAttention` or
    `nn.TransformerEncoderLayer` got. Rows sum to 1, or to 0 where a mask leaves no key, unless
    `between` names what the model did to them before they met the values.
    """

    name: str  # path of the module, as in model.named_modules()
    weights: Float[Tensor, "*batch_head query key"]  # mostly (batch, head, query, key); no gradient
    kind: Kind
    operator: str  # torch's name of the kernel or softmax
    between: tuple[str, ...]  # operators that changed the softmax's result before it met the values
    over: Over  # what a row is spread over: all tokens, those of one window, or channels
    inputs: Mapping[str, tuple[int, ...]] = field(repr=False)
    """Shape of the first tensor that each enclosing module got, by name, the model first."""

    @property
    def layer(self) -> Layer:
        """The weights, as whatever reads attention takes them."""
        return Layer(self.name, self.weights)

    def __repr__(self) -> str:
        shape = tuple(self.weights.shape)
        text = f"{self.name!r}, {self.kind}, weights {shape} {self.weights.dtype}"
        text += f", over {self.over}" if self.over != "tokens" else ""
        text += f", between {' '.join(self.between)}" if self.between else ""
        return f"AttentionMap({text})"


@dataclass(frozen=True)
class Ignored:
    """A softmax that was seen and not taken for attention."""

    name: str  # path of the module that it ran in
    reason: str


class Maps(Sequence[AttentionMap]):
    """Captured maps in call order: `maps[0]`, `maps[-2:]`, `maps["blocks.0.attn"]`, `len(maps)`."""

    def __init__(self) -> None:
        self._maps: list[AttentionMap] = []
        self._ignored: list[Ignored] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each map, in call order; a module that ran twice is there twice."""
        return tuple(found.name for found in self._maps)

    @property
    def weights(self) -> tuple[Float[Tensor, "*batch_head query key"], ...]:
        """Weights of each map, as `vitexplain.reading.rollout` wants them.

        Raises:
            CaptureError: a map is not over all tokens of an image.
        """
        parts = next((found for found in self._maps if found.over != "tokens"), None)
        if parts is not None:
            raise CaptureError(
                f"{parts!r}: over {parts.over}, not all tokens of an image as a rollout needs. "
                "Roll windows out by stage_rollout(in_windows(model, maps)); maps[i].weights "
                "gives each map as it is"
            )
        return tuple(found.weights for found in self._maps)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Each map as a layer of a `vitexplain.trace.Trace`.

        Raises:
            CaptureError: as `weights`.
        """
        return tuple(map(Layer, self.names, self.weights))

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """Every softmax that was seen and not taken for attention, and why."""
        return tuple(self._ignored)

    def named(self, name: str) -> tuple[AttentionMap, ...]:
        """Return all maps of a module, in call order; none if it has none."""
        return tuple(found for found in self._maps if found.name == name)

    @overload
    def __getitem__(self, key: int | str) -> AttentionMap: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[AttentionMap, ...]: ...
    def __getitem__(self, key):
        """Return a map by its place or its name, or the maps of a slice.

        Raises:
            IndexError: no such place.
            LookupError: no map of that name, or several.
        """
        if isinstance(key, slice):
            return tuple(self._maps[key])
        if not isinstance(key, str):
            return self._maps[key]
        found = self.named(key)
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(f"{key!r} has {len(found)} maps, maps.named({key!r}) gives them all")
        near = get_close_matches(key, self.names, 3, 0) or ["none"]
        raise LookupError(f"no map is named {key!r}; the nearest: {', '.join(near)}")

    def __len__(self) -> int:
        return len(self._maps)

    def __contains__(self, key: object) -> bool:
        return key in self.names if isinstance(key, str) else key in self._maps

    def __repr__(self) -> str:
        ignored = f", ignored={self._ignored!r}" if self._ignored else ""
        return f"Maps({list(self._maps)!r}{ignored})"

    def _add(self, found: AttentionMap) -> None:
        self._maps.append(found)

    def _ignore(self, name: str, reason: str) -> None:
        ignored = Ignored(name, reason)
        if ignored not in self._ignored:  # a softmax in a loop is one line
            self._ignored.append(ignored)


def listed(names: Iterable[str], limit: int = 5) -> str:
    """Return a few names for an error message, each once."""
    unique = list(dict.fromkeys(name or "(the model itself)" for name in names))
    more = f" and {len(unique) - limit} more" if len(unique) > limit else ""
    return ", ".join(unique[:limit]) + more
