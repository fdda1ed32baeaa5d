"""`vitexplain explain`: one image to one file, many to a folder."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vitexplain.cli import CommandError
from vitexplain.cli.lines import say, size_of
from vitexplain.cli.model import ModelChoice, load

SUFFIXES = (
    ".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png",
    ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
"""What is an image in a folder; a file that is named is always opened."""
STDIN = STDOUT = "-"
FOLDER = Path("explained")
LARGEST_STDIN = 2**30  # bytes


def explain_command(
    images: Sequence[str],
    *,
    model: str,
    method: str,
    layer: int,
    head: str,
    target: str | None,
    size: int | None,
    heads: int | None,
    labels: Path | None,
    out: Path | None,
    form: str | None,
    stretch: bool,
    force: bool,
    batch: int,
    workers: int,
    device: str,
    limit: int | None,
    quiet: bool,
) -> int:
    """Explain images and return the exit code."""
    from vitexplain.images import LIMIT
    from vitexplain.report import find_method

    several = len(images) > 1 or (images[0] != STDIN and Path(images[0]).is_dir())
    form = _format(form, out, several)
    method = _usage(lambda: find_method(method).slug, "--method")
    from vitexplain.cli.work import Order
    from vitexplain.report import Request

    request = Request(
        method=method,
        layer=layer,
        head=_head(head),
        target=target,
        keep=None if form == "html" else "none",
        weights=form == "npz",
    )
    choice = ModelChoice(model, size, device, labels, heads)
    order = Order(choice, request, form, stretch, limit or LIMIT)
    if form in ("png", "svg") and method != "weights" and (layer != -1 or head != "mean"):
        say(f"{method} reads all blocks and heads; one alone is --method weights")
    if several:
        out = out or FOLDER
        paths = find_images(images, out)
        return _many(order, paths, out, batch, workers, force, quiet)
    return _one(order, images[0], out, force, quiet)


def find_images(names: Sequence[str], out: Path) -> list[Path]:
    """Return the named files and every image below the named folders, each once, in order.

    What lies in `out` is an output of an earlier run, and left out.

    Raises:
        CommandError: stdin among several, a name that is not there, or a folder without images.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if name == STDIN:
            raise CommandError("stdin (-) is one image; name it alone")
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(
            one
            for one in path.rglob("*")
            if one.suffix.lower() in SUFFIXES
            and one.is_file()
            and not any(part.startswith(".") for part in one.relative_to(path).parts)
            and not one.resolve().is_relative_to(out.resolve())
        )
        if not inside:
            raise CommandError(f"no images in {name}: looked for {', '.join(SUFFIXES)}")
        found.update(dict.fromkeys(inside))
    return list(found)


def _one(order, source: str, out: Path | None, force: bool, quiet: bool) -> int:
    from vitexplain.cli.work import explain_pictures
    from vitexplain.images import printable, read_image
    from vitexplain.report import write

    piped = source == STDIN
    path = _target_file(source, out, order.form, piped)
    if path is not None and path.exists() and not force:
        raise CommandError(f"{path} is there already; --force overwrites it")
    if path is not None and not path.parent.is_dir():
        raise CommandError(f"there is no folder {path.parent}")
    if path is None and order.form in ("png", "npz") and sys.stdout.isatty():
        raise CommandError(f"{order.form} is not for a terminal; use --out FILE")
    name = "standard input" if piped else Path(source).name
    picture = read_image(io.BytesIO(_stdin()) if piped else Path(source), limit=order.limit)
    _check(order)
    (found,) = explain_pictures(order, [printable(name)], [picture])
    data = write(found, order.form, stretch=order.stretch)
    if path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return 0
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
    top = found.top(1)
    answer = f"{top[0][1]} ({100 * top[0][2]:.1f} %), " if top else ""
    if not quiet:
        say(f"{name}: {answer}{found.about().lower()}, {size_of(len(data))}")
    print(path)
    return 0


def _many(
    order, paths: list[Path], out: Path, batch: int, workers: int, force: bool, quiet: bool
) -> int:
    from vitexplain import jobs

    if str(out) == STDOUT:
        raise CommandError("several images need a folder: --out FOLDER")
    if out.is_file():
        raise CommandError(f"several images need a folder, {out} is a file")
    model = Path(order.model.path)
    _check(order)
    try:
        summary = jobs.run(
            paths,
            order.make_work(),
            out,
            batch=batch,
            workers=workers,
            resume=not force,
            progress=not quiet and sys.stderr.isatty(),
            job={
                "model": order.model.path,
                "bytes": model.stat().st_size if model.is_file() else None,
                "size": order.model.size,
                "heads": order.model.heads,
                "labels": None if order.model.labels is None else str(order.model.labels),
                "method": order.request.method,
                "layer": order.request.layer,
                "head": order.request.head,
                "target": order.request.target,
                "format": order.form,
                "stretch": order.stretch,
                "limit": order.limit,
            },
        )
    except jobs.JobError as error:
        raise CommandError(str(error).replace("resume=False", "--force")) from error
    if os.environ.get("RANK", "0") != "0":
        return 1 if summary.failed else 0
    for path, error in summary.failed.items():
        line = error.partition(": ")[2]  # without the name of its class
        say(line if line.startswith(str(path)) else f"{path}: {line}", kind="error")
    parts = [f"{summary.done} written"]
    parts += [f"{summary.skipped} there already"] if summary.skipped else []
    parts += [f"{len(summary.failed)} failed"] if summary.failed else []
    if not quiet:
        say(f"{out}: {', '.join(parts)}")
    print(out)
    return 1 if summary.failed else 0


def _check(order) -> None:
    """Load the model and say what of the request does not fit it, before any image is read."""
    from vitexplain.report import METHODS, class_index

    loaded = load(order.model)
    config, request = loaded.checkpoint.config, order.request
    for name, index, count in [
        ("--layer", request.layer, config.depth),
        ("--head", request.head, config.heads),
    ]:
        if index is not None and not -count <= index < count:
            raise CommandError(
                f"{name} must be from 0 to {count - 1}, or -1 for the last, got {index}"
            )
    answers = config.classes and config.readout != "patches"
    if request.target is not None:
        if not answers:
            raise CommandError("--target: this model has no classes")
        _usage(lambda: class_index(request.target, loaded.labels, config), "--target")
    if METHODS[request.method].by_class and not answers:
        raise CommandError(
            f"--method {request.method} reads a class, and this model has no classes"
        )


def _target_file(source: str, out: Path | None, form: str, piped: bool) -> Path | None:
    """Return the file to write, None for stdout."""
    if out is None:
        return None if piped else Path(f"{Path(source).stem}.{form}")
    if str(out) == STDOUT:
        return None
    return out / f"{'stdin' if piped else Path(source).stem}.{form}" if out.is_dir() else out


def _format(form: str | None, out: Path | None, several: bool) -> str:
    from vitexplain.report import FORMATS

    suffix = "" if out is None or several else out.suffix.lower().removeprefix(".")
    form = form or suffix or "html"
    if form not in FORMATS:
        raise CommandError(f"--format must be one of {', '.join(FORMATS)}, got {form!r}")
    return form


def _head(text: str) -> int | None:
    if text == "mean":
        return None
    try:
        return int(text)
    except ValueError:
        raise CommandError(f"--head must be a number or mean, got {text!r}") from None


def _usage(ask, option: str):
    try:
        return ask()
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from error


def _stdin() -> bytes:
    data = sys.stdin.buffer.read(LARGEST_STDIN + 1)
    if len(data) > LARGEST_STDIN:
        raise CommandError(f"stdin: more than {size_of(LARGEST_STDIN)}")
    return data
