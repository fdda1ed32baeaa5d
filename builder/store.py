"""Rendered lessons kept on disk, so that only what changed is run again; two at a time."""

import base64
import functools
import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_notebook

import builder
import vitexplain
from builder.freshness import hashed
from builder.lesson import LessonError, Meta, read_meta
from builder.render import Rendered, render
from builder.shown import code_block
from vitexplain.experiments import fetched
from vitexplain.files import whole

# What a lesson's numbers and files can depend on besides its own text and our source.
_PACKAGES = (  # whose numbers or whose text stand on the pages
    "numpy", "torch", "plotly", "scipy", "scikit-learn", "pillow", "onnx", "jupytext", "nbclient",
    "ipykernel", "array-api-compat",
)  # fmt: skip
WORKERS = 2


@functools.cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def fingerprint() -> str:
    """Return a hash of everything but the lesson that its outcome depends on."""
    gpu = Path("/dev/nvidia0").exists()  # lessons may use it
    versions = [f"{package}={_version(package)}" for package in _PACKAGES]
    ours = [hashed(Path(part.__file__ or "").parent) for part in (builder, vitexplain)]
    return " ".join([*ours, platform.python_version(), str(gpu), *versions])


def render_all(
    paths: Iterable[Path],
    *,
    cache: Path,
    say: Callable[[str], None] = print,
    failed: Callable[[Path, LessonError], Rendered] | None = None,
) -> dict[str, Rendered]:
    """Return each lesson rendered, by name, in the order of `paths`.

    Raises `LessonError` from the first lesson (in that order) that fails, after all have run;
    with `failed`, what it returns stands in for that lesson.
    """
    paths = list(paths)
    common = fingerprint()
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:  # the work is done in kernels, not in threads
        # The longest first, or the last one would run with nothing beside it.
        longest = sorted(paths, key=lambda path: path.stat().st_size, reverse=True)
        jobs = {path: pool.submit(_render_one, path, common, cache, say) for path in longest}
    rendered = {}
    for path in paths:
        try:
            rendered[path.stem] = jobs[path].result()
        except LessonError as error:
            if failed is None:
                raise
            rendered[path.stem] = failed(path, error)
    return rendered


def in_its_place(path: Path, error: LessonError) -> Rendered:
    """Return a page that shows why a lesson failed, for the one who is writing it."""
    meta = read_meta(path.read_text(encoding="utf-8"), name=path.stem)
    text = f"# {meta.title}\n\nThis lesson does not run yet.\n\n{code_block(str(error), 'text')}\n"
    return Rendered(text, {}, dict(new_notebook(cells=[new_markdown_cell(text)])), meta, str(error))


def _render_one(path: Path, common: str, cache: Path, say: Callable[[str], None]) -> Rendered:
    source, name = path.read_text(encoding="utf-8"), path.stem
    if "experiments.fetched" in source:  # it shows models that this machine may have
        common += fetched.fingerprint()
    key = hashlib.sha256(f"{common}\0{name}\0{source}".encode()).hexdigest()[:24]
    kept = cache / f"{name}.{key}.json"
    if kept.exists():
        rendered = _load(kept)
        say(f"lesson {name}: unchanged, {_summary(rendered)}")
        return rendered
    began = time.perf_counter()
    say(f"lesson {name}: running")
    rendered = render(source, name=name)
    for old in cache.glob(f"{name}.*.json"):
        old.unlink(missing_ok=True)
    _save(rendered, kept)
    say(f"lesson {name}: {time.perf_counter() - began:.1f} s, {_summary(rendered)}")
    if rendered.messages:
        say(f"lesson {name} writes to standard error:\n{rendered.messages.rstrip()}")
    return rendered


def _summary(rendered: Rendered) -> str:
    count = sum(path.startswith("assets/figures/") for path in rendered.assets)
    return f"{count} figure{'s' * (count != 1)}"


def _save(rendered: Rendered, path: Path) -> None:
    text = json.dumps(asdict(rendered), default=lambda raw: base64.b64encode(raw).decode())
    with whole(path) as file:  # another build may write the same
        file.write(text.encode())


def _load(path: Path) -> Rendered:
    kept = json.loads(path.read_text(encoding="utf-8"))
    assets = {name: base64.b64decode(text) for name, text in kept["assets"].items()}
    return Rendered(**{**kept, "assets": assets, "meta": Meta(**kept["meta"])})
