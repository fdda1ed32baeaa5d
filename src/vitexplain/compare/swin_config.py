"""A Swin Transformer's sizes, and the grid, window and shift of each of its stages.

Source: Liu et al., ICCV 2021, arXiv 2103.14030, section 3.3.
"""

from dataclasses import dataclass

from vitexplain.compare.sizes import Sizes
from vitexplain.patches import sides


@dataclass(frozen=True)
class SwinConfig(Sizes):
    """The sizes of a Swin Transformer; the defaults are Swin-T's.

    Where a stage's grid is no larger than the window, the window is the grid, and nothing is
    shifted: one stage of that kind is a Vision Transformer with relative positions.

    Raises:
        ValueError: a size is less than 1, depths and heads differ in number, the heads do not
            divide a stage's dim, patches do not tile the image, windows do not tile a grid, or
            a grid of odd sides is to be merged.
    """

    image_size: int | tuple[int, int] = 224  # pixels: one side, or (rows, columns)
    patch: int = 4  # pixels
    dim: int = 96  # numbers in a token of the first stage, C
    depths: tuple[int, ...] = (2, 2, 6, 2)  # blocks of each stage
    heads: tuple[int, ...] = (3, 6, 12, 24)  # of each stage
    window: int = 7  # places along a window, M
    mlp_ratio: float = 4.0  # hidden numbers in the MLP, as a multiple of the dim
    classes: int = 1000  # logits
    channels: int = 3
    shift: bool = True  # every second block shifts its windows by ⌊M / 2⌋
    merge: bool = True  # between stages 2 × 2 places become one, of twice the dim
    relative: bool = True  # a learned bias for every offset, equation (4)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.equally_many("depths", "heads")
        rows, cols = sides(self.image_size)
        if rows % self.patch or cols % self.patch:
            raise ValueError(f"patches of {self.patch}² do not tile an image of {rows}×{cols}")
        for stage, heads in enumerate(self.heads):
            if self.dims[stage] % heads:
                raise ValueError(
                    f"a stage's dim must be a multiple of its heads, "
                    f"got dim {self.dims[stage]} and {heads} heads in stage {stage}"
                )
            (rows, cols), (height, width) = self.grid(stage), self.window_of(stage)
            if rows % height or cols % width:
                raise ValueError(
                    f"windows of {height}×{width} do not tile the grid of {rows}×{cols} "
                    f"of stage {stage}"
                )
            if self.merge and stage + 1 < len(self.depths) and (rows % 2 or cols % 2):
                raise ValueError(
                    f"a grid of {rows}×{cols} cannot be merged 2×2 after stage {stage}"
                )

    @property
    def dims(self) -> tuple[int, ...]:
        """Numbers in a token of each stage."""
        return tuple(self.dim * 2**i if self.merge else self.dim for i in range(len(self.depths)))

    def grid(self, stage: int) -> tuple[int, int]:
        """Return the places in a column and in a row of a stage's map."""
        rows, cols = (side // self.patch for side in sides(self.image_size))
        return (rows >> stage, cols >> stage) if self.merge else (rows, cols)

    def window_of(self, stage: int) -> tuple[int, int]:
        """Return the sides of a stage's windows: M, or the grid's where that is smaller."""
        rows, cols = self.grid(stage)
        return min(self.window, rows), min(self.window, cols)

    def shift_of(self, stage: int, block: int) -> tuple[int, int]:
        """Return how far a block's windows are moved down and to the right.

        Every second block's, by half a window (section 3.2), along sides of two windows or more.
        """
        if not self.shift or block % 2 == 0:
            return 0, 0
        (rows, cols), (height, width) = self.grid(stage), self.window_of(stage)
        return (height // 2 if rows > height else 0), (width // 2 if cols > width else 0)


SWINS = {
    "swin_t": SwinConfig(),
    "swin_s": SwinConfig(depths=(2, 2, 18, 2)),
    "swin_b": SwinConfig(dim=128, depths=(2, 2, 18, 2), heads=(4, 8, 16, 32)),
    "swin_l": SwinConfig(dim=192, depths=(2, 2, 18, 2), heads=(6, 12, 24, 48)),
}
"""The published sizes at 224 pixels and 1000 classes; `dataclasses.replace` changes any."""
