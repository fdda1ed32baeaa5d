"""Checkpoints from the Hugging Face hub: downloaded once, checked, and kept in its cache.

What is downloaded is the weights (safetensors before pickles) and the JSON files beside them,
all of one commit. The hub says each weight file's SHA-256, which is compared with the file's.
Needs the extra `vitexplain[hub]`.
"""

import fnmatch
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.checkpoint import Size, load
from vitexplain.checkpoints.errors import CheckpointError, one_line, refused
from vitexplain.checkpoints.folder import INDICES, ORDER, main_file
from vitexplain.extras import needed
from vitexplain.vit import ViT, ViTConfig

WORDS = ("config.json", "preprocessor_config.json")
SHARDS: dict[str, str] = dict(
    zip(INDICES, ("model-*.safetensors", "pytorch_model-*.bin"), strict=True)
)


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
    client, shown = _client(), one_line(name, 80)
    errors = client.errors
    try:
        info = client.HfApi().model_info(name, revision=revision, files_metadata=True)
    except (
        errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError,
    ) as error:  # fmt: skip
        raise CheckpointError(
            f"the hub has no model {shown!r} that may be downloaded: {one_line(error, 200)}"
        ) from error
    except Exception:  # no network, in the words of whichever client is installed
        path = _cached(client, name, revision, cache)
        _check(path, None, checksum)
        return path
    stated = {file.rfilename: file.lfs and file.lfs.sha256 for file in info.siblings or []}
    main = main_file(stated, shown)
    words = [file for file in WORDS if file in stated]
    folder = Path()
    with nullcontext() if progress else _quiet(client.utils):
        for file in (*words, *fnmatch.filter(stated, SHARDS.get(main, "")), main):
            with refused(f"{file} of {shown} could not be downloaded"):
                path = client.hf_hub_download(name, file, revision=info.sha, cache_dir=cache)
            _check(Path(path), stated[file], checksum if file == main else None)
            folder = Path(path).parent
    return folder / main


def _cached(
    client: Any, name: str, revision: str | None, cache: str | PathLike[str] | None
) -> Path:
    """Return the weights in the cache, for want of a network."""
    for file in ORDER:
        path = client.try_to_load_from_cache(name, file, cache_dir=cache, revision=revision)
        if isinstance(path, str):
            return Path(path)
    raise CheckpointError(
        f"the hub cannot be reached, and the cache has no weights of {one_line(name, 80)}"
    )


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
