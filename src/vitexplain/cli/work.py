"""What a worker does with a batch of images; its settings can be sent to another process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vitexplain.cli.model import ModelChoice, load
from vitexplain.images import LIMIT, ImageError, Picture, printable, read_image
from vitexplain.jobs import Work, output_name
from vitexplain.report import Explanation, Request, explain, write


@dataclass(frozen=True)
class Order:
    """All that an output depends on, but for the image."""

    model: ModelChoice
    request: Request
    form: str = "html"
    stretch: bool = False
    limit: int = LIMIT

    def make_work(self) -> Callable[[], Work]:
        """Return the factory that `jobs.run` wants: called once a worker, which loads the model."""
        return partial(_make_work, self)


def explain_pictures(
    order: Order, names: Sequence[str], pictures: Sequence[Picture]
) -> list[Explanation]:
    """Return an explanation of each picture."""
    loaded = load(order.model)
    return explain(
        loaded.vit,
        pictures,
        order.request,
        names=names,
        labels=loaded.labels,
        preprocessing=loaded.checkpoint.preprocessing,
        made={
            "model": printable(Path(order.model.path).name),
            "layout": loaded.checkpoint.layout,
            "assumed": [str(one) for one in loaded.checkpoint.assumed],
        },
    )


def _make_work(order: Order) -> Work:
    load(order.model)
    return partial(_work, order)


def _work(order: Order, paths: list[Path]) -> list[tuple[str, bytes] | Exception]:
    pictures = [_read(path, order.limit) for path in paths]
    good = [
        (path, picture)
        for path, picture in zip(paths, pictures, strict=True)
        if isinstance(picture, Picture)
    ]
    found = iter(
        explain_pictures(
            order, [printable(path.name) for path, _ in good], [picture for _, picture in good]
        )
        if good
        else ()
    )
    return [
        (output_name(path, f".{order.form}"), write(next(found), order.form, stretch=order.stretch))
        if isinstance(picture, Picture)
        else picture
        for path, picture in zip(paths, pictures, strict=True)
    ]


def _read(path: Path, limit: int) -> Picture | ImageError:
    try:
        return read_image(path, limit=limit)
    except ImageError as error:
        return error
