"""The page of the lab as a reader gets it: what it says of its models, and its experiments."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from builder.render import Rendered
from vitexplain import export
from vitexplain.experiments import results, weights
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.reading import occlusion
from vitexplain.vit import ViT, count_parameters

FILES = {"class": "lab-class", "mean": "lab-mean"}
NEAR = 0.03  # logits of a picture that was made small another way
LARGEST = 20_480  # bytes of the page, gzipped
DRAWN = 5  # of the samples


@pytest.fixture(scope="module")
def models() -> dict[str, ViT]:
    return {name: weights.load(file) for name, file in FILES.items()}


def told(lesson: Rendered, heading: str) -> str:
    """Return what stands under a heading, on one line."""
    section = lesson.markdown.partition(f"# {heading}\n")[2]
    return " ".join(re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0].split())


def near(text: str, *expected: float) -> None:
    """Check the numbers with two decimals, in their order."""
    found = [float(x.replace("−", "-")) for x in re.findall(r"−?\d+\.\d\d", text)]
    np.testing.assert_allclose(found, [float(x) for x in expected], atol=NEAR)


def test_the_widget_has_its_models_and_pictures(lesson, widget):
    for name, file in FILES.items():
        source = widget["models"][name]
        model = lesson.assets[f"assets/live/live_lab/{source['url']}"]
        assert model == export.graph(file).read_bytes()
        assert source["bytes"] == len(model)
        assert widget["abouts"][name] == export.about(export.graph(file))
    names = [sample["name"] for sample in widget["samples"]]
    assert names[:DRAWN] == ["a ship", "a truck", "a frog", "a horse", "a face"]
    drawn = widget["samples"][:DRAWN]
    assert all(one["image"].startswith("data:image/png;base64,") for one in drawn)
    assert len(lesson.assets["assets/live/live_lab/01.json"]) < 60_000


def test_the_photographs_are_files_and_their_authors_are_named(lesson, widget):
    photos = widget["samples"][DRAWN:]
    assert [one["name"] for one in photos] == list(PHOTOGRAPHS)
    for one, photo in zip(photos, PHOTOGRAPHS.values(), strict=True):
        assert one["alt"] == photo.alt
        assert len(one["thumb"]) < 6_000
        assert one["image"].startswith("../../../assets/pictures/live_lab/")
        assert lesson.assets[one["image"].removeprefix("../../../")] == photo.path.read_bytes()
        assert f"[{photo.author}]({photo.source})" in told(lesson, "The photographs")


def test_what_it_says_of_photographs(lesson, models):
    text = told(lesson, "Show it what it does not know")
    for name in ("astronaut", "rocket"):
        pixels = torch.tensor(2 * PHOTOGRAPHS[name].square(32) - 1)[None]
        with torch.no_grad():
            said = LABELS[int(models["class"](pixels).argmax())]
        assert f"{name} is a {said}" in text or f"{name} a {said}" in text


def test_the_first_answers_are_those_of_the_exported_models(widget, pictures):
    for name, file in FILES.items():
        feeds = {"images": pictures["a ship"].numpy(), "gates": np.ones((6, 4))}
        logits = export.run(export.graph(file), feeds, ["logits"])["logits"][0]
        np.testing.assert_allclose(widget["first"][name], logits, atol=NEAR)


@pytest.fixture(scope="module")
def pictures(widget) -> dict[str, torch.Tensor]:
    """The samples as the models' input, made small another way: means of 8 × 8 pixels."""
    found = {}
    for sample in widget["samples"][:DRAWN]:
        data = base64.b64decode(sample["image"].partition(",")[2])
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)
        small = pixels.reshape(32, 8, 32, 8, 3).mean((1, 3))
        values = np.moveaxis(small / 127.5 - 1, -1, 0)[None]
        found[sample["name"]] = torch.tensor(values, dtype=torch.float32)
    return found


@pytest.fixture(scope="module")
def said(models, pictures) -> dict[tuple[str, str], torch.Tensor]:
    """What each model says of each sample, by the model's own forward pass."""
    with torch.no_grad():
        return {
            (kind, name): model(x)[0]
            for kind, model in models.items()
            for name, x in pictures.items()
        }


FROG = 6
LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def falls(models, picture: torch.Tensor, label: str) -> np.ndarray:
    """Return how much each patch, covered, takes from a class of the class-token model."""
    target = torch.tensor([LABELS.index(label)])
    return occlusion(models["class"], picture, target, baseline=0.0)[0].flatten().numpy()


def test_what_the_models_are(lesson, models):
    text = told(lesson, "What it is")
    assert f"{count_parameters(models['class'].config):,} parameters" in text
    for kind, readout in (("class", "class token"), ("mean", "mean of patches")):
        own = weights.describe(FILES[kind])["measured"]["accuracy"]
        found = results.read("lab").of("accuracy", readout=readout)
        span = f"{found.mean:.1%}, {found.low:.1%} to {found.high:.1%}"
        assert f"{own:.1%} (over {found.seeds} seeds {span})" in text
    assert all(label in text for label in LABELS)
    assert "32 × 32 pixels, in 64 patches of 4 × 4" in text


def test_one_patch_of_the_frog(lesson, models, pictures, said):
    text = told(lesson, "Hide one patch of the frog")
    frog = pictures["a frog"]
    named = {tuple(map(int, place)) for place in re.findall(r"patch \((\d), (\d)\)", text)}
    found = set()
    for patch in range(64):
        row, col = divmod(patch, 8)
        covered = frog.clone()
        covered[..., 4 * row : 4 * row + 4, 4 * col : 4 * col + 4] = 0
        with torch.no_grad():
            if int(models["class"](covered).argmax()) != FROG:
                found.add((row, col))
    assert named
    assert named <= found
    assert len(found - named) <= 1  # one changes sides with the last digits
    worst = int(falls(models, frog, "frog").argmax())
    assert f"Hide patch ({worst // 8}, {worst % 8})" in text
    logit = said["class", "a frog"][FROG]
    near(text, logit, logit - falls(models, frog, "frog").max())


def test_where_the_ship_is_looked_at(lesson, models, pictures, said):
    text = told(lesson, "Does it rest on what it looks at?")
    block = [
        step for step in models["class"].walk(pictures["a ship"]) if hasattr(step, "attention")
    ]
    attended = block[-1].attention.attention.weights[0, 1, 0, 1:]
    favourite = int(attended.argmax())
    assert f"patch ({favourite // 8}, {favourite % 8})" in text
    fall = falls(models, pictures["a ship"], "ship")
    logit = said["class", "a ship"][LABELS.index("ship")].item()
    near(text, logit, logit - fall[favourite])
    harder = int(re.findall(r"(\d+) cost it more", text)[0])
    assert abs(harder - (fall > fall[favourite]).sum()) <= 2


def test_two_readers_of_the_truck(lesson, said):
    text = told(lesson, "Two readers, one truck")
    best = [said[kind, "a truck"] for kind in FILES]
    for words, logits in zip(("The class token says", "the mean"), best, strict=True):
        assert f"{words} {LABELS[int(logits.argmax())]} (" in text
    near(text, *(logits.max() for logits in best))


def test_heads_of_the_horse(lesson, models, pictures, said):
    text = told(lesson, "Switch one head off")
    horse, falls = LABELS.index("horse"), np.zeros((6, 4))
    for layer in range(6):
        for head in range(4):
            columns = models["class"].blocks[layer].attn.proj.weight
            kept = columns.detach().clone()
            with torch.no_grad():
                columns[:, 16 * head : 16 * head + 16] = 0
                logits = models["class"](pictures["a horse"])[0]
                columns.copy_(kept)
            falls[layer, head] = said["class", "a horse"][horse] - logits[horse]
            words = f"head {head} of layer {layer} makes the horse a {LABELS[int(logits.argmax())]}"
            assert (words in text) == (int(logits.argmax()) != horse)
    near(text, falls[5].max(), falls[0].max())


def test_the_face_has_no_class(lesson, said):
    text = told(lesson, "Show it what it does not know")
    face, ship = said["class", "a face"], said["class", "a ship"]
    assert f"{LABELS[int(face.argmax())].capitalize()}, with " in text
    near(text, face.max(), ship.max())
