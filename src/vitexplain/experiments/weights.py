"""The trained weights that ship with the package: half the bytes, the same models.

Stored as float16 in safetensors, computed with in float32. A file's header says of which study,
model and seed it is, so that `load` needs the name alone, and a card beside it says it in words.
"""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from vitexplain.experiments.families import build
from vitexplain.vit import ViT

if TYPE_CHECKING:
    from vitexplain.experiments.studies import Cell

FOLDER = Path(__file__).parent / "weights"
LARGEST = 3_000_000  # bytes of one file


def names() -> list[str]:
    """Return the names of the weights that ship with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def load(name: str, folder: Path = FOLDER) -> Any:
    """Return a trained model in evaluation mode, by default one that ships with the package.

    Raises:
        FileNotFoundError: there are no weights of that name; the message lists what there is.
        ValueError: the file is damaged or not one of ours.
    """
    about, state = _read(name, folder)
    model = build(about["setting"], about["family"], seed=about["seed"])
    model.load_state_dict({key: value.float() for key, value in state.items()})
    return model.eval()


def untrained(name: str, folder: Path = FOLDER) -> Any:
    """Return the same model with the weights it started from. Raises as `load`."""
    about = describe(name, folder)
    return build(about["setting"], about["family"], seed=about["seed"]).eval()


def describe(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return what the header says: study, model, seed, recipe, measures. Raises as `load`."""
    return _read(name, folder)[0]


def _read(name: str, folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    path = folder / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}; there are {', '.join(names())}")
    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["vitexplain"])
            return about, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"{name} is not a file of weights written by vitexplain") from error


def save(model: nn.Module, study: str, cell: "Cell", found: dict[str, Any], folder: Path) -> Path:
    """Write a model's weights and card under the name that its cell ships; return the file.

    Raises:
        ValueError: the file would be larger than 3 MB.
    """
    from safetensors.torch import save_file

    state = {
        name: value.detach().cpu().half().contiguous() for name, value in model.state_dict().items()
    }
    size = sum(value.nbytes for value in state.values())
    if size > LARGEST:
        raise ValueError(f"{cell.ship} would take {size:,} bytes, more than {LARGEST:,}")
    about = {
        "study": study,
        "setting": cell.setting,
        "family": cell.family,
        "seed": found["seed"],
        "images": cell.images,
        "augment": cell.augment,
        "recipe": vars(cell.recipe),
        "measured": {key: value for key, value in found.items() if isinstance(value, float)},
    }
    if isinstance(model, ViT):  # so that any reader of checkpoints knows its heads
        about["config"] = asdict(model.config)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{cell.ship}.safetensors"
    save_file(state, path, metadata={"vitexplain": json.dumps(about)})
    path.with_suffix(".md").write_text(card(cell.ship, folder), encoding="utf-8")
    return path


WHERE = {
    "digits": "scikit-learn's digits, 8×8 grey pixels (Alpaydin and Kaynak 1998, UCI, CC BY 4.0), "
    "split at random, so that writers are shared between the parts",
    "cifar10": "CIFAR-10, 32×32 colour pixels (Krizhevsky 2009), from a copy recompressed as JPEG: "
    "its accuracies are not to be compared with those on the original pixels",
    "far-places": "pictures drawn for each batch: two glyphs at the edges, are they the same?",
    "find": "pictures composed for each batch of scikit-learn's digits (Alpaydin and Kaynak 1998, "
    "UCI, CC BY 4.0): one or two of them among quarters of others, 28×28 grey pixels",
    "faces": "faces drawn by `vitexplain.faces`, 64×64 pixels, one face a picture",
}


def card(name: str, folder: Path = FOLDER) -> str:
    """Return the model card: what it is, what it learned from, how well it does, what it is for."""
    about = describe(name, folder)
    model = build(about["setting"], about["family"], seed=about["seed"])
    count = sum(parameter.numel() for parameter in model.parameters())
    recipe = about["recipe"]
    measured = "\n".join(
        f"- {key}: {value:.4g}" for key, value in about["measured"].items() if key != "seconds"
    )
    images = f", {about['images']:,} images" if about["images"] else ""
    what = textwrap.fill(
        f'A small model of the study `{about["study"]}`: "{about["family"]}" for '
        f"{about['setting']}, {count:,} parameters, stored as float16. Load it with "
        f'`vitexplain.experiments.weights.load("{name}")`.',
        100,
    )
    learned = textwrap.fill(
        f"{WHERE[about['setting']]}{images}; {'with' if about['augment'] else 'without'} "
        f"augmentation. {recipe['steps']:,} steps of {recipe['batch']} with AdamW, largest rate "
        f"{recipe['rate']:g}, weight decay {recipe['decay']:g}, seed {about['seed']}. Train it "
        f"again with `python -m vitexplain.experiments {about['study']}`.",
        100,
    )
    return f"""# {name}

{what}

## Learned from

{learned}

## Measured, on images it has not learned from

{measured}

One seed: the study's results hold the others and their interval.

## For, and not for

It is made to be looked into, on the pages of vitexplain and in class. It is too small, and its
data are too narrow, to be used for anything else. MIT licence, as the code.
"""
