"""Trained weights written as float16 with a card beside them, for `vitexplain.experiments`."""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from studies.catalogue import STUDIES, Cell
from studies.grammar import vocabulary
from vitexplain.experiments.families import build
from vitexplain.experiments.weights import FOLDER, describe
from vitexplain.vit import ViT

KEPT = Path(__file__).parent / "weights"  # not in the wheel
KEPT_APART = ("cifar10-", "photo-labels", "photo-stem")  # the wheel has to stay small
LARGEST = 3_000_000  # bytes of one file


def home(name: str) -> Path:
    """Return the folder that the weights of this name ship from: the package's, or ours."""
    return KEPT if name.startswith(KEPT_APART) else FOLDER


def save(model: nn.Module, study: str, cell: Cell, found: dict[str, Any], folder: Path) -> Path:
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
        "taught": cell.taught,
        "recipe": cell.recipe.stated(),
        "measured": {key: value for key, value in found.items() if isinstance(value, float)},
    }
    if cell.loss and cell.after:
        about |= {"unlabelled": cell.unlabelled, "teacher": cell.after.ship, "loss": cell.loss}
    if isinstance(model, ViT):  # so that any reader of checkpoints knows its heads
        about["config"] = asdict(model.config)
    if cell.setting == "sentences":
        about["words"] = vocabulary()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{cell.ship}.safetensors"
    save_file(state, path, metadata={"vitexplain": json.dumps(about)})
    path.with_suffix(".md").write_text(card(cell.ship, folder), encoding="utf-8")
    return path


CIFAR10 = (
    "CIFAR-10, 32×32 colour pixels (Krizhevsky 2009), from a copy recompressed as JPEG: "
    "its accuracies are not to be compared with those on the original pixels"
)
WHERE = {
    "digits": "scikit-learn's digits, 8×8 grey pixels (Alpaydin and Kaynak 1998, UCI, CC BY 4.0), "
    "split at random, so that writers are shared between the parts",
    "cifar10": CIFAR10,
    "photographs": CIFAR10,
    "far-places": "pictures drawn for each batch: two glyphs at the edges, are they the same?",
    "find": "pictures composed for each batch of scikit-learn's digits (Alpaydin and Kaynak 1998, "
    "UCI, CC BY 4.0): one or two of them among quarters of others, 28×28 grey pixels",
    "scenes": "scenes drawn for each batch by `vitexplain.experiments.scenes`: one object of six "
    "kinds before blotches, in crops of 24×24 grey pixels",
    "sentences": "sentences of a small world, made by `studies/grammar.py` in English, French, "
    "Chinese and Japanese",
    "faces": "faces drawn by `vitexplain.faces`, 64×64 pixels, one face a picture",
}


TAUGHT = ", by the answers of a larger CNN that had learned from the labels"
OPTIMIZER = {"adamw": "AdamW", "muon": "Muon and AdamW", "sgd": "SGD"}


ONCE = "One seed, of a study that runs once."
ONCE_ONLY = {name for name, study in STUDIES.items() if study.once}
SEEDS = "One seed: the study's results hold the others and their interval."


def card(name: str, folder: Path = FOLDER) -> str:
    """Return the model card: what it is, what it learned from, how well it does, what it is for."""
    about = describe(name, folder)
    model = build(about["setting"], about["family"], seed=about["seed"])
    count = sum(parameter.numel() for parameter in model.parameters())
    recipe = about["recipe"]
    measured = "\n".join(
        f"- {key}: {value:.4g}" for key, value in about["measured"].items() if key != "seconds"
    )
    steps_by = OPTIMIZER[recipe.get("optimizer", "adamw")]
    images = f", {about['images']:,} images" if about["images"] else ""
    if "teacher" in about:
        images += (
            f" with labels, {about['unlabelled']:,} without, and the answers of "
            f"`{about['teacher']}` to all of them, by "
            f"the loss “{about['loss']}” of `studies/pupils.py`"
        )
    things = "sentences" if about["setting"] == "sentences" else "images"
    where = ', "studies/weights"' if home(name) == KEPT else ""
    what = textwrap.fill(
        f'A small model of the study `{about["study"]}`: "{about["family"]}" for '
        f"{about['setting']}, {count:,} parameters, stored as float16. Load it with "
        f'`vitexplain.experiments.weights.load("{name}"{where})`.',
        100,
    )
    taught = TAUGHT if about.get("taught") else ""
    learned = textwrap.fill(
        f"{WHERE[about['setting']]}{images}; {'with' if about['augment'] else 'without'} "
        f"augmentation{taught}. {recipe['steps']:,} steps of {recipe['batch']} with {steps_by}, "
        f"largest rate {recipe['rate']:g}, weight decay {recipe['decay']:g}, "
        f"seed {about['seed']}. Train it again with `python -m studies {about['study']}`.",
        100,
    )
    return f"""# {name}

{what}

## Learned from

{learned}

## Measured, on {things} it has not learned from

{measured}

{ONCE if about["study"] in ONCE_ONLY else SEEDS}

## For, and not for

It is made to be looked into, on the pages of vitexplain and in class. It is too small, and its
data are too narrow, to be used for anything else. MIT licence, as the code.
"""
