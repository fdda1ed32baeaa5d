"""Whether a built site is what building it again would give."""

import hashlib
import json
import os
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

MODELS = ".cache/models"  # where `make models` has put what it fetched
INPUTS = (
    "builder", "docs", "explainers", "overrides", "src", "web", "mkdocs.yml",
    f"{MODELS}/models.json",
)  # fmt: skip
_SKIP = {"__pycache__", "node_modules"}
_VARIABLES = (
    "SITE_URL", "SOURCE_URL", "SOURCE_BRANCH", "VITEXPLAIN_ONLY", "VITEXPLAIN_EXPLAINERS",
    "VITEXPLAIN_MODELS",
)  # fmt: skip


def hashed(root: Path, names: Iterable[str] = ("",), also: Iterable[object] = ()) -> str:
    """Return a hash of these files and folders, by name and content, and of what else counts."""
    digest = hashlib.sha256("\n".join(map(str, also)).encode())
    for path in _files(root, names):
        digest.update(f"\n{path.relative_to(root)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def inputs(root: Path) -> str:
    """Return a hash of all that a site is made from: sources, settings, installed versions."""
    settings = [f"{name}={os.environ.get(name, '')}" for name in _VARIABLES]
    installed = sorted({f"{d.name}={d.version}" for d in metadata.distributions()})
    packages = (root / "web" / "node_modules" / ".package-lock.json").exists()
    return hashed(root, INPUTS, (*settings, *installed, packages))


def outputs(site: Path) -> str:
    """Return a hash of the names, sizes and times of the files of a built site."""
    digest = hashlib.sha256(str(site.resolve()).encode())
    for path in sorted(site.rglob("*")):
        stat = path.stat()
        if path.is_file():
            digest.update(f"{path}{stat.st_size}{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_fresh(root: Path, site: Path) -> bool:
    """Return whether nothing has changed since `remember`: neither the sources nor the site."""
    kept = _record(root)
    if not kept.exists() or not (site / "index.html").exists():
        return False
    return json.loads(kept.read_text()) == {"inputs": inputs(root), "outputs": outputs(site)}


def remember(root: Path, site: Path, made_from: str) -> None:
    """Note what the site was made from (`inputs`, taken before the build) and what came out."""
    kept = _record(root)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"inputs": made_from, "outputs": outputs(site)}))


def _record(root: Path) -> Path:
    return root / ".cache" / "built.json"


def _files(root: Path, names: Iterable[str]) -> list[Path]:
    found = []
    for name in names:
        for folder, inner, files in os.walk(root / name):
            inner[:] = sorted(set(inner) - _SKIP)
            found += [Path(folder) / file for file in sorted(files)]
        if (root / name).is_file():
            found.append(root / name)
    return found
