"""What every configuration of a network asks of its sizes. Needs neither torch nor NumPy."""

from dataclasses import dataclass, fields
from math import prod
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Sizes:
    """The sizes of a network, each checked by the type of its field.

    A number is at least 1, a tuple of numbers has one or more of them, and a `Literal` is one of
    its choices.

    Raises:
        ValueError: one is not.
    """

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for name in (field.name for field in fields(self)):
            value, hint = getattr(self, name), hints[name]
            if hint is int and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
            if hint == tuple[int, ...] and (not value or min(value) < 1):
                raise ValueError(f"{name} must be one or more sizes of at least 1, got {value}")
            if get_origin(hint) is Literal and value not in get_args(hint):
                expected = " or ".join(map(repr, get_args(hint)))
                raise ValueError(f"{name} must be {expected}, got {value!r}")

    def equally_many(self, one: str, other: str) -> None:
        """Raise ValueError unless two tuples have a size for each of the same stages."""
        sizes: tuple[Any, Any] = getattr(self, one), getattr(self, other)
        if len(sizes[0]) != len(sizes[1]):
            raise ValueError(
                f"{one} and {other} must be of one length, got {sizes[0]} and {sizes[1]}"
            )

    def odd(self, name: str) -> None:
        """Raise ValueError unless a kernel has a centre."""
        if getattr(self, name) % 2 == 0:
            raise ValueError(f"{name} must be odd, to have a centre, got {getattr(self, name)}")


@dataclass(frozen=True)
class Staged(Sizes):
    """The sizes of a network whose map shrinks from stage to stage.

    Raises:
        ValueError: as `Sizes`, stages differ in number, or the strides do not divide the image.
    """

    image_size: int | tuple[int, int] = 224  # pixels: one side, or (rows, columns)
    channels: int = 3
    classes: int = 1000  # logits
    stem_stride: int = 2  # of what is before the stages
    strides: tuple[int, ...] = (2, 2, 2, 2)  # of each stage's first block

    by_stage: ClassVar[tuple[str, ...]] = ()  # what there is one of for each of `dims`

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.by_stage:
            self.equally_many(name, "dims")
        if any(side % self.whole for side in self._sides):
            said = f"strides of {self.whole} in all must divide the image, {self.image_size}"
            raise ValueError(said)

    @property
    def _sides(self) -> tuple[int, int]:
        from vitexplain.patches import sides  # NumPy comes with it, and sizes alone need none

        return sides(self.image_size)

    @property
    def whole(self) -> int:
        """What must divide the image: the pixels along a place of the last map."""
        return self.stem_stride * prod(self.strides)

    def grid(self, stage: int) -> tuple[int, int]:
        """Return the places in a column and in a row of a stage's map; stage -1 is the stem's."""
        stride = self.stem_stride * prod(self.strides[: stage + 1])
        rows, cols = (-(-side // stride) for side in self._sides)
        return rows, cols
