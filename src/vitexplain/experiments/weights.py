"""The trained weights that ship with the package: half the bytes, the same models.

Stored as float16 in safetensors, computed with in float32. The file's header says of which study,
model and seed they are, so that `load` needs the name alone.
"""

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from vitexplain.experiments.families import build

if TYPE_CHECKING:
    from vitexplain.experiments.studies import Cell

LARGEST = 3_000_000  # bytes of one file


def names() -> list[str]:
    """Return the names of the weights that ship with the package."""
    entries = (entry.name for entry in (files("vitexplain.experiments") / "weights").iterdir())
    return sorted(name.removesuffix(".safetensors") for name in entries if "safetensors" in name)


def load(name: str, folder: Path | None = None) -> nn.Module:
    """Return a trained model in evaluation mode, by default one that ships with the package.

    Raises:
        FileNotFoundError: there are no weights of that name; the message lists what there is.
    """
    from safetensors import safe_open

    root = folder if folder is not None else files("vitexplain.experiments") / "weights"
    entry = root / f"{name}.safetensors"
    if not entry.is_file():
        raise FileNotFoundError(f"no weights {name!r}; there are {', '.join(names())}")
    with as_file(entry) as path, safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["vitexplain"])
        state = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
    model = build(about["setting"], about["family"], seed=about["seed"])
    model.load_state_dict(state)
    return model.eval()


def untrained(name: str, folder: Path | None = None) -> nn.Module:
    """Return the same model with the weights it started from."""
    about = describe(name, folder)
    return build(about["setting"], about["family"], seed=about["seed"]).eval()


def describe(name: str, folder: Path | None = None) -> dict[str, Any]:
    """Return what the header says: setting, family, seed, recipe, and what was measured."""
    from safetensors import safe_open

    root = folder if folder is not None else files("vitexplain.experiments") / "weights"
    with as_file(root / f"{name}.safetensors") as path, safe_open(path, "pt") as file:
        return json.loads(file.metadata()["vitexplain"])


def save(model: nn.Module, folder: Path, cell: "Cell", found: dict[str, Any]) -> Path:
    """Write a model's weights under the name that its cell ships, and return the file.

    Raises:
        ValueError: the file would be larger than 3 MB.
    """
    from safetensors.torch import save_file

    state = {
        key: value.detach().cpu().half().contiguous() for key, value in model.state_dict().items()
    }
    size = sum(value.numel() * value.element_size() for value in state.values())
    if size > LARGEST:
        raise ValueError(f"{cell.ship} would take {size:,} bytes, more than {LARGEST:,}")
    about = {
        "setting": cell.setting,
        "family": cell.family,
        "seed": found["seed"],
        "images": cell.images,
        "augment": cell.augment,
        "recipe": vars(cell.recipe),
        "measured": {key: value for key, value in found.items() if isinstance(value, float)},
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{cell.ship}.safetensors"
    save_file(state, path, metadata={"vitexplain": json.dumps(about)})
    return path
