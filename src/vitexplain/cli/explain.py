"""`vitexplain explain`: one image to one file, many to a folder."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from vitexplain import jobs
from vitexplain.cli.inputs import STDIN, find_images, read_stdin
from vitexplain.cli.lines import say, size_of
from vitexplain.cli.model import ModelChoice, load, tell_assumed
from vitexplain.cli.order import Order
from vitexplain.cli.wrong import CommandError, blaming
from vitexplain.files import whole
from vitexplain.images import LIMIT, printable, read_image
from vitexplain.jobs.ranks import rank_of
from vitexplain.report import FORMATS, METHODS, Request, class_index, find_method
from vitexplain.report.explanation import WEIGHTS

STDOUT = "-"
FOLDER = Path("explained")
LARGEST_NPZ = 4 * 10**9  # bytes


def explain_command(
    images: Sequence[str],
    choice: ModelChoice,
    *,
    method: str,
    layer: int,
    head: str,
    target: str | None,
    out: Path | None,
    form: str | None,
    stretch: bool,
    force: bool,
    batch: int,
    workers: int,
    limit: int | None,
    quiet: bool,
) -> int:
    """Explain images and return the exit code."""
    several = len(images) > 1 or (images[0] != STDIN and Path(images[0]).is_dir())
    form = _format(form, out, several)
    with blaming("--method"):
        method = find_method(method).slug
    request = Request(
        method=method,
        layer=layer,
        head=_head(head),
        target=target,
        keep=None if form == "html" else "none",
        weights=form == "npz",
    )
    order = Order(choice, request, form, stretch, limit or LIMIT)
    if several:
        out = out or FOLDER
        paths = find_images(images, out)
        return _many(order, paths, out, batch, workers, force, quiet)
    return _one(order, images[0], out, force, quiet)


def _one(order: Order, source: str, out: Path | None, force: bool, quiet: bool) -> int:
    piped = source == STDIN
    path = _target_file(source, out, order.form, piped)
    if path is not None and path.is_file() and not force:
        raise CommandError(f"{path} is there already; --force overwrites it")
    if path is not None and not path.parent.is_dir():
        raise CommandError(f"there is no folder {path.parent}")
    if path is None and order.form in ("png", "npz") and sys.stdout.isatty():
        raise CommandError(f"{order.form} is not for a terminal; use --out FILE")
    name = "standard input" if piped else Path(source).name
    picture = read_image(io.BytesIO(read_stdin()) if piped else Path(source), limit=order.limit)
    _check(order, quiet)
    (found,) = order.explain([printable(name)], [picture])
    data = order.write(found)
    if path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return 0
    with whole(path) as file:
        file.write(data)
    top = found.top(1)
    answer = f"{top[0][1]} ({100 * top[0][2]:.1f} %), " if top else ""
    if not quiet:
        say(f"{name}: {answer}{found.about().lower()}, {size_of(len(data))}")
    print(printable(path))
    return 0


def _many(
    order: Order, paths: list[Path], out: Path, batch: int, workers: int, force: bool, quiet: bool
) -> int:
    if str(out) == STDOUT:
        raise CommandError("several images need a folder: --out FOLDER")
    if out.is_file() or out.suffix.removeprefix(".") in FORMATS:
        raise CommandError(f"several images need a folder, {out} is a file")
    _check(order, quiet)
    try:
        summary = jobs.run(
            paths,
            order.ready,
            out,
            suffix=f".{order.form}",
            batch=batch,
            workers=workers,
            resume=not force,
            progress=not quiet and sys.stderr.isatty(),
            job=order.described(),
        )
    except jobs.JobError as error:
        raise CommandError(str(error).replace("resume=False", "--force")) from error
    if rank_of()[0] != 0:  # the first says it for all
        return 1 if summary.failed else 0
    for path, error in summary.failed.items():
        line = error.partition(": ")[2]  # without the name of its class
        say(line if line.startswith(str(path)) else f"{path}: {line}", kind="error")
    parts = [f"{summary.done} written"]
    parts += [f"{summary.skipped} there already"] if summary.skipped else []
    parts += [f"{len(summary.failed)} failed"] if summary.failed else []
    if not quiet:
        say(f"{out}: {', '.join(parts)}")
    print(printable(out))
    return 1 if summary.failed else 0


def _check(order: Order, quiet: bool) -> None:
    """Load the model and say what of the request does not fit it, or changes nothing."""
    loaded = load(order.model)
    if not quiet:
        tell_assumed(loaded.checkpoint)
    config, request = loaded.checkpoint.config, order.request
    try:
        config.place(request.layer, request.head)
    except IndexError as error:
        raise CommandError(f"--{error}") from None
    weights = 4 * config.depth * config.heads * config.tokens**2  # bytes
    if request.weights and weights > LARGEST_NPZ:
        raise CommandError(
            f"--format npz holds every weight, {size_of(weights)} for this model and each image; "
            "json has those of the answer"
        )
    answers = config.classes and config.readout != "patches"
    if request.target is not None:
        if not answers:
            raise CommandError("--target: this model has no classes")
        with blaming("--target"):
            class_index(request.target, loaded.labels, config)
    method = METHODS[request.method]
    if method.by_class and not answers:
        raise CommandError(f"--method {method.slug} reads a class, and this model has no classes")
    one = request.layer != -1 or request.head is not None
    if one and order.form in ("png", "svg") and method.slug != WEIGHTS:
        say(f"{method.slug} reads all blocks and heads; one alone is --method weights")
    if request.target is not None and not method.by_class:
        say(f"{method.slug} is the same for every class, whatever the --target")


def _target_file(source: str, out: Path | None, form: str, piped: bool) -> Path | None:
    """Return the file to write, None for stdout."""
    if out is None:
        return None if piped else Path(f"{Path(source).stem}.{form}")
    if str(out) == STDOUT:
        return None
    return out / f"{'stdin' if piped else Path(source).stem}.{form}" if out.is_dir() else out


def _format(form: str | None, out: Path | None, several: bool) -> str:
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
