"""What a model did with an image, as plain arrays and names: what every format is written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from vitexplain.explorer.packed import Kept, Packed

WEIGHTS = "weights"


@dataclass(frozen=True)
class Method:
    """A way to read attention, as the command line and the page name it."""

    slug: str  # "gradient-x-attention"
    name: str  # "gradient × attention"
    about: str  # one sentence
    by_class: bool  # whether the map depends on the class


@dataclass(frozen=True, eq=False)
class Explanation:
    """One image, seen by one model, read by one method.

    The answer is what the model's logits are read from: the class token, or the mean of the
    patches. `answer` is its row of weights in every head.
    """

    name: str  # of the image
    image: Float[np.ndarray, "3 y x"]  # what the model saw, in [0, 1]
    size: tuple[int, int]  # of the whole image, rows and columns of pixels
    notes: tuple[str, ...]  # what was done to the file on the way
    grid: tuple[int, int]  # patches in a column and in a row
    tokens: tuple[str, ...]  # the names of those before the patches
    answer_is: str  # "the class token", "the mean of the patches"
    method: Method
    map: Float[np.ndarray, "row col"]  # the reading, higher is more important
    layer: int  # shown first, and what method "weights" reads
    head: int | None  # None: the mean over heads
    logits: Float[np.ndarray, " classes"] | None  # None: the model gives no answer an image
    labels: tuple[str, ...] | None
    target: int | None  # the class that the reading is about
    answer: Float[np.ndarray, "layer head token"]
    kept: Kept  # which weights `packed` holds
    packed: Packed | None
    weights: Float[np.ndarray, "layer head token token"] | None  # only where asked for
    made: Mapping[str, object]  # model, layout, config, preprocessing, version: provenance

    @cached_property
    def probabilities(self) -> Float[np.ndarray, " classes"] | None:
        """The softmax of the logits."""
        if self.logits is None:
            return None
        shifted = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return (shifted / shifted.sum()).astype(np.float32)

    def label(self, index: int) -> str:
        """Return a class's name, or its number where the checkpoint has no names."""
        return self.labels[index] if self.labels else f"class {index}"

    def top(self, count: int = 5) -> list[tuple[int, str, float]]:
        """Return the most probable classes: index, name, probability."""
        shares = self.probabilities
        if shares is None:
            return []
        order = np.argsort(-shares, kind="stable")[:count]
        return [(int(i), self.label(int(i)), float(shares[i])) for i in order]

    def title(self) -> str:
        """Return what the map shows, such as "Rollout" or "Weights of block 11, head 3"."""
        if self.method.slug != WEIGHTS:
            return self.method.name[0].upper() + self.method.name[1:]
        head = "mean of heads" if self.head is None else f"head {self.head}"
        return f"Weights of block {self.layer}, {head}"

    def about(self) -> str:
        """Return the title with the class that it is about, where it is about one."""
        if self.target is None or not self.method.by_class:
            return self.title()
        return f"{self.title()} for {self.label(self.target)}"
