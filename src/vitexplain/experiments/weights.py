"""The trained weights that ship with the package: half the bytes, the same models.

Stored as float16 in safetensors, computed with in float32. A file's header says of which study,
model and seed it is, so that `load` needs the name alone, and a card beside it says it in words.
"""

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from vitexplain.experiments.families import build
from vitexplain.moved import tell

FOLDER = Path(__file__).parent / "weights"


def names() -> list[str]:
    """Return the names of the weights that ship with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def load(name: str, folder: Path | str = FOLDER) -> Any:
    """Return a trained model in evaluation mode, by default one that ships with the package.

    Raises:
        FileNotFoundError: there are no weights of that name; the message lists what there is.
        ValueError: the file is damaged or not one of ours.
    """
    about, state = _read(name, folder)
    model = build(about["setting"], about["family"], seed=about["seed"])
    model.load_state_dict({key: value.float() for key, value in state.items()})
    return model.eval()


def untrained(name: str, folder: Path | str = FOLDER) -> Any:
    """Return the same model with the weights it started from. Raises as `load`."""
    about = describe(name, folder)
    return build(about["setting"], about["family"], seed=about["seed"]).eval()


def describe(name: str, folder: Path | str = FOLDER) -> dict[str, Any]:
    """Return what the header says: study, model, seed, recipe, measures. Raises as `load`."""
    return _read(name, folder)[0]


def _read(name: str, folder: Path | str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    path = Path(folder) / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}; there are {', '.join(names())}")
    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["vitexplain"])
            return about, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"{name} is not a file of weights written by vitexplain") from error


tell(globals())
