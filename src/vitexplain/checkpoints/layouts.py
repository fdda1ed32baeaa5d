"""Layouts as tables of names, ours: theirs, and the one converter that reads them all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError
from vitexplain.checkpoints.files import Stored
from vitexplain.checkpoints.folder import Words
from vitexplain.checkpoints.parsed import Parsed

WILD = {"#": r"(\d+)", "**": ".*", "@": "(query|key|value|q|k|v)"}
SPLIT = re.compile(r"(\*\*|[#*@])")
SHORT = {"q": "query", "k": "key", "v": "value"}
Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Layout:
    """How a library names the parameters of a ViT, and what it knows of them besides.

    A table has our names, and theirs, by spaces apart: `#` is a number, `*` one of `kinds`, `@` a
    query, key or value, `**` anything. Behind a colon stands the part of a layer in `FUSED`. What
    is "" to us is passed over, and what is "-" left out with a note.
    """

    name: str
    mark: str  # the name by which a file is known, behind any prefix
    names: Mapping[str, str]
    blocks: str  # what precedes the names of a block's parameters
    of_a_block: Mapping[str, str]
    settle: Callable[[Parsed, Stored, Words, str], None]  # adds what else is known; with the prefix
    prefixes: tuple[str, ...] = ()  # the best first; none: any
    alone: bool = True  # a parameter without the prefix is unknown, not of something else
    kinds: Mapping[str, str] = field(default_factory=lambda: {"weight": "weight", "bias": "bias"})
    arranged: Callable[[Tensors], Tensors] = dict  # the file's tensors with our axes

    def convert(self, stored: Stored, words: Words) -> Parsed | None:
        """Return what a file holds under our names, or None if it is of another layout.

        Raises:
            CheckpointError: it holds several models, a parameter twice, or a part of one alone.
        """
        starts = [
            name.removesuffix(self.mark) for name in stored.tensors if name.endswith(self.mark)
        ]
        if self.prefixes:
            starts = [start for start in self.prefixes if start in starts][:1]
        if not starts:
            return None
        if len(starts) > 1:
            shown = ", ".join(map(repr, starts[:3]))
            raise CheckpointError(
                f"found {len(starts)} ViTs in one file, behind {shown}; expected one"
            )
        parsed, prefix = Parsed(self.name), starts[0]
        for source, tensor in self.arranged(stored.tensors).items():
            ours = self.ours(source.removeprefix(prefix))
            if ours == "":
                continue
            if ours == "-" or not (self.alone or source.startswith(prefix)):
                parsed.unused.append(source)
            elif ours is None:
                parsed.unknown.append(source)
            else:
                parsed.add(ours, source, tensor)
        parsed.fuse()
        self.settle(parsed, stored, words, prefix)
        return parsed

    def ours(self, name: str) -> str | None:
        """Return what a parameter's name becomes, or None where the layout has none such."""
        words = SHORT | dict(self.kinds)
        for pattern, ours in self._patterns:
            if found := pattern.fullmatch(name):
                groups = iter(found.groups())
                parts = [next(groups) if part in ("#", "*", "@") else part for part in ours]
                return "".join(words.get(part, part) for part in parts)
        return None

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], list[str]]]:
        rules = [(theirs, ours) for ours in self.names for theirs in self.names[ours].split()]
        rules += [
            (start + theirs, f"blocks.#.{ours}")
            for start in self.blocks.split()
            for ours in self.of_a_block
            for theirs in self.of_a_block[ours].split()
        ]
        wild = WILD | {"*": f"({'|'.join(self.kinds)})"}

        def compiled(theirs: str) -> re.Pattern[str]:
            parts = SPLIT.split(theirs)
            return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))

        return [(compiled(theirs), SPLIT.split(ours)) for theirs, ours in rules]
