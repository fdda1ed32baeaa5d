"""Checkpoints from the Hugging Face hub: downloaded once, checked, and kept in its cache.

What is downloaded is the weights (safetensors before pickles) and the JSON files beside them,
all of one commit. The hub says each weight file's SHA-256, which is compared with the file's.
Needs the extra `vitexplain[hub]`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.about import read_json
from vitexplain.checkpoints.checkpoint import Size, load
from vitexplain.checkpoints.errors import CheckpointError, one_line, some
from vitexplain.checkpoints.folder import INDICES, STANDARD, SUFFIXES, shards_of
from vitexplain.extras import needed
from vitexplain.vit import ViT, ViTConfig

WORDS = ("config.json", "preprocessor_config.json")
ORDER = (STANDARD[0], INDICES[0], *STANDARD[1:], INDICES[1])


def load_pretrained(
    name: str,
    *,
    config: ViTConfig | None = None,
    image_size: Size | None = None,
    revision: str | None = None,
    cache: str | PathLike[str] | None = None,
    checksum: str | None = None,
    progress: bool = True,
) -> ViT:
    """Return a model of the Hugging Face hub, such as "google/vit-base-patch16-224".

    Args:
        config: as for `load`.
        image_size: as for `load`.
        revision: branch, tag or commit; by default the main branch.
        cache: folder to keep files in; by default the hub client's own.
        checksum: SHA-256 that the file of weights must have, or the first digits of it.
        progress: show a bar for each download.

    Raises:
        CheckpointError: there is no such repository, it holds no weights of a ViT, a file is
            damaged, or the hub cannot be reached and the cache has nothing.
        ModuleNotFoundError: huggingface_hub is not installed.
    """
    path = download(name, revision=revision, cache=cache, checksum=checksum, progress=progress)
    return load(path, config=config, image_size=image_size)


def download(
    name: str,
    *,
    revision: str | None = None,
    cache: str | PathLike[str] | None = None,
    checksum: str | None = None,
    progress: bool = True,
) -> Path:
    """Return where the weights of a repository lie once they are in the cache, for `read`.

    Arguments and what is raised: as `load_pretrained`.
    """
    hub = _Hub(_client(), name, revision, None if cache is None else Path(cache), progress)
    listed = hub.listed()
    if listed is None:
        path = hub.cached()
        _check(path, None, checksum)
        return path
    commit, files = listed
    main = _main_file(name, files)
    path = hub.get(main, commit)
    for word in WORDS:
        if word in files:
            hub.get(word, commit)
    if main not in INDICES:
        _check(path, files[main], checksum)
        return path
    for shard in shards_of(path, read_json(path)):
        _check(hub.get(shard, commit), files.get(shard), None)
    _check(path, files[main], checksum)
    return path


@dataclass(frozen=True)
class _Hub:
    """One repository on the hub, and what of it the cache has."""

    client: Any  # the module huggingface_hub
    name: str
    revision: str | None
    cache: Path | None
    progress: bool

    def listed(self) -> tuple[str, dict[str, str | None]] | None:
        """Return commit and files with their SHA-256; None if the hub cannot be reached."""
        errors = self.client.errors
        refusals = (
            errors.RepositoryNotFoundError,
            errors.RevisionNotFoundError,
            errors.HFValidationError,
        )
        try:
            info = self.client.HfApi().model_info(
                self.name, revision=self.revision, files_metadata=True
            )
        except refusals as error:
            raise CheckpointError(
                f"the hub has no model {one_line(self.name, 80)!r} that may be downloaded: "
                f"{one_line(error, 200)}"
            ) from error
        except Exception:  # no network, in the words of whichever client is installed
            return None
        files = {file.rfilename: file.lfs and file.lfs.sha256 for file in info.siblings or []}
        return info.sha, files

    def cached(self) -> Path:
        """Return the weights in the cache, for want of a network."""
        for file in ORDER:
            path = self.client.try_to_load_from_cache(
                self.name, file, cache_dir=self.cache, revision=self.revision
            )
            if isinstance(path, str):
                return Path(path)
        raise CheckpointError(
            f"the hub cannot be reached, and the cache has no weights of {one_line(self.name, 80)}"
        )

    def get(self, file: str, commit: str) -> Path:
        """Return a file once it is in the cache."""
        try:
            with nullcontext() if self.progress else _quiet(self.client.utils):
                path = self.client.hf_hub_download(
                    self.name, file, revision=commit, cache_dir=self.cache
                )
        except Exception as error:
            raise CheckpointError(
                f"{file} of {one_line(self.name, 80)} could not be downloaded: "
                f"{one_line(error, 200)}"
            ) from error
        return Path(path)


@contextmanager
def _quiet(utils: Any) -> Iterator[None]:
    """Leave the client's progress bars out inside the `with`."""
    were_shown = not utils.are_progress_bars_disabled()
    utils.disable_progress_bars()
    try:
        yield
    finally:
        if were_shown:
            utils.enable_progress_bars()


def _client() -> Any:
    note = " (vitexplain.checkpoints.load reads files that you have)"
    with needed("load_pretrained", "hub", ["huggingface_hub"], note=note):
        import huggingface_hub
        import huggingface_hub.errors
        import huggingface_hub.utils
    return huggingface_hub


def _main_file(name: str, files: dict[str, str | None]) -> str:
    """Return the file of weights, or the index of several."""
    for file in ORDER:
        if file in files:
            return file
    others = [file for file in files if "/" not in file and file.endswith(SUFFIXES)]
    if len(others) != 1:
        raise CheckpointError(
            f"{one_line(name, 80)} holds {len(others) or 'no'} files of weights (it has "
            f"{some(files)}); expected {STANDARD[0]}, or one ending in {', '.join(SUFFIXES)}"
        )
    return others[0]


def _check(path: Path, stated: str | None, wanted: str | None) -> None:
    """Raise CheckpointError unless a file has the SHA-256 that the hub, and the caller, say."""
    if not stated and not wanted:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    for expected in (stated, wanted):
        if expected and not found.startswith(expected.lower()):
            raise CheckpointError(
                f"{path.name} has the SHA-256 {found[:16]}…, expected {expected[:16]}…; delete "
                f"{path} to download it again"
            )
