"""Everything that an output depends on but the image, and how it is carried out."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from vitexplain import jobs
from vitexplain.cli.model import ModelChoice, load
from vitexplain.images import LIMIT, ImageError, Picture, printable, read_image
from vitexplain.report import Explanation, Request, explain, write


@dataclass(frozen=True)
class Order:
    """Which model, what to read, in which form; it can be sent to another process.

    `ready` and the call are what `jobs.run` asks for: the factory, and the work on a batch.
    """

    model: ModelChoice
    request: Request
    form: str = "html"
    stretch: bool = False
    limit: int = LIMIT

    def described(self) -> dict[str, object]:
        """Return, for JSON, what must be the same in all outputs of a folder."""
        path = Path(self.model.path)
        choices = {one.name for one in fields(self.model)} - {"path", "device"}
        return {
            "model": jobs.fingerprint(path) if path.exists() else self.model.path,
            **{name: str(getattr(self.model, name)) for name in sorted(choices)},
            **{name: getattr(self.request, name) for name in ("method", "layer", "head", "target")},
            "format": self.form,
            "stretch": self.stretch,
            "limit": self.limit,
        }

    def explain(self, names: Sequence[str], pictures: Sequence[Picture]) -> list[Explanation]:
        """Return an explanation of each picture."""
        loaded = load(self.model)
        return explain(
            loaded.vit,
            pictures,
            self.request,
            names=names,
            labels=loaded.labels,
            preprocessing=loaded.checkpoint.preprocessing,
            made={
                "model": printable(Path(self.model.path).name),
                "layout": loaded.checkpoint.layout,
                "assumed": [str(one) for one in loaded.checkpoint.assumed],
            },
        )

    def write(self, explanation: Explanation) -> bytes:
        """Return an explanation as a file of the form."""
        return write(explanation, self.form, stretch=self.stretch)

    def ready(self) -> Self:
        """Load the model, which stays at hand."""
        load(self.model)
        return self

    def __call__(self, paths: Sequence[Path]) -> list[bytes | Exception]:
        """Return the file of each image, or why it has none."""
        read = {path: self._read(path) for path in paths}
        good = {path: one for path, one in read.items() if isinstance(one, Picture)}
        names = [printable(path.name) for path in good]
        found = dict(zip(good, self.explain(names, [*good.values()]) if good else (), strict=True))
        return [
            one if isinstance(one, ImageError) else self.write(found[path])
            for path, one in read.items()
        ]

    def _read(self, path: Path) -> Picture | ImageError:
        try:
            return read_image(path, limit=self.limit)
        except ImageError as error:
            return error
