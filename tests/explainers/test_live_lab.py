"""The page of the lab as a reader gets it: what it says of its models, and its experiments."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from builder.render import Rendered
from studies import ship
from vitexplain import export
from vitexplain.experiments import results, weights
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.vit import ViT, count_parameters

FILES = {"plain": "photo-patches", "stem": "photo-stem"}
FAMILY = {"plain": "patches", "stem": "stem"}
NEAR = 0.03  # logits of a picture that was made small another way
LARGEST = 20_480  # bytes of the page, gzipped
DRAWN = 5  # of the samples


@pytest.fixture(scope="module")
def models() -> dict[str, ViT]:
    return {name: weights.load(file, ship.home(file)) for name, file in FILES.items()}


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


def test_the_first_answers_are_those_of_the_exported_models(widget, pictures):
    for name, file in FILES.items():
        ones = export.as_trained(widget["abouts"][name])
        feeds = {"images": pictures["a ship"].numpy(), **ones}
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
    for name, photo in PHOTOGRAPHS.items():
        found[name] = torch.tensor(2 * photo.square(32) - 1, dtype=torch.float32)[None]
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


LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def shares(kind: str, logits: torch.Tensor) -> torch.Tensor:
    """Return probabilities at the temperature that the weights' header names."""
    return (logits / temperature(kind)).softmax(-1)


def temperature(kind: str) -> float:
    return weights.describe(FILES[kind], ship.home(FILES[kind]))["measured"]["temperature"]


def covered(picture: torch.Tensor, *places: tuple[int, int]) -> torch.Tensor:
    """Return the picture with those patches at 0."""
    picture = picture.clone()
    for row, col in places:
        picture[..., 4 * row : 4 * row + 4, 4 * col : 4 * col + 4] = 0
    return picture


def test_what_the_models_are(lesson, models):
    text = told(lesson, "What it is")
    count = count_parameters(models["plain"].config)
    assert f"{count:,} parameters" in text
    assert all(label in text for label in LABELS)
    assert "32 × 32 pixels, in 64 patches of 4 × 4" in text
    study, short = results.read("photographs"), results.read("teacher")
    for kind, words in (("stem", "convolutions first"), ("plain", "patches alone")):
        for taught in ("teacher", "labels"):
            keys = {"model": FAMILY[kind], "taught by": taught}
            if kind == "stem" and taught == "labels":
                continue
            [run] = study.cell(**keys)["runs"]
            seeds = [one["accuracy"] for one in short.cell(**keys)["runs"]]
            mean = f"{100 * np.mean(seeds):.1f}%"
            row = (
                f"| {words} | {taught} | {run['accuracy']:.1%} | {run['validation']:.1%} | {mean} ("
            )
            assert row in text
    for kind in FILES:
        about = weights.describe(FILES[kind], ship.home(FILES[kind]))
        run = study.cell(**{"model": FAMILY[kind], "taught by": "teacher"})["runs"][0]
        assert about["measured"]["accuracy"] == run["accuracy"]


def test_hiding_the_frog(lesson, models, pictures):
    text = told(lesson, "Hide the frog")
    places = [(int(row), int(col)) for row, col in re.findall(r"patch \((\d), (\d)\)", text)]
    assert places
    with torch.no_grad():
        before = models["plain"](pictures["a frog"])[0]
        after = models["plain"](covered(pictures["a frog"], *places))[0]
    assert LABELS[int(before.argmax())] == "frog"
    turned = re.findall(r"it says (\w+): patch", text)[0]
    assert turned != "frog"
    # The picture was made small another way, so that the last patch may just not turn it.
    assert shares("plain", after)[LABELS.index("frog")] < 0.6
    assert shares("plain", after)[LABELS.index(turned)] > 0.2


def test_where_the_ship_is_looked_at(lesson, models, pictures):
    text = told(lesson, "Does it rest on what it looks at?")
    layer, head = map(int, re.findall(r"layer (\d), head (\d)", text)[0])
    picture = pictures["a ship"]
    blocks = [step for step in models["plain"].walk(picture) if hasattr(step, "attention")]
    attended = blocks[layer].attention.attention.weights[0, head, 0, 1:]
    favourite = int(attended.argmax())
    assert f"patch ({favourite // 8}, {favourite % 8})" in text
    with torch.no_grad():
        each = torch.cat([covered(picture, divmod(patch, 8)) for patch in range(64)])
        ships = shares("plain", models["plain"](each))[:, LABELS.index("ship")]
    harder = int(re.findall(r"(\d+) cost it more", text)[0])
    assert abs(harder - int((ships < ships[favourite]).sum())) <= 4


def test_two_models_of_the_truck(lesson, said):
    text = told(lesson, "Two models, one truck")
    for words, kind in (("Patches alone:", "plain"), ("Convolutions first:", "stem")):
        found = shares(kind, said[kind, "a truck"])
        label, percent = re.findall(rf"{words} (\w+), (\d+)%", text)[0]
        assert label == LABELS[int(found.argmax())]
        assert abs(float(percent) - 100 * float(found.max())) < 3


def test_heads_of_the_horse_and_the_cat(lesson, models, pictures, said):
    text = told(lesson, "Switch one head off")
    model = models["plain"]
    config = model.config
    wide = config.dim // config.heads
    most = []
    for name in ("a horse", "cat"):
        before = shares("plain", said["plain", name])
        label = int(before.argmax())
        after = []
        for layer in range(config.depth):
            columns = model.blocks[layer].attn.proj.weight
            kept = columns.detach().clone()
            for head in range(config.heads):
                with torch.no_grad():
                    columns[:, wide * head : wide * (head + 1)] = 0
                    after.append(shares("plain", model(pictures[name])[0]))
                    columns.copy_(kept)
        most.append(100 * float(before[label] - torch.stack(after)[:, label].min()))
    found = re.findall(r"(\d+) points of the horse's probability and (\d+) of the cat's", text)[0]
    np.testing.assert_allclose([float(x) for x in found], most, atol=3)


def test_what_it_does_not_know(lesson, said):
    text = told(lesson, "Show it what it does not know")
    for name in ("a face", "astronaut", "coffee", "rocket", "temple"):
        line = re.findall(
            rf"\| {name} \| (\w+), (\d+)% \| (yes|no) \| (\w+), (\d+)% \| (yes|no) \|", text
        )[0]
        for kind, (label, percent, doubted) in zip(FILES, (line[:3], line[3:]), strict=True):
            logits = said[kind, name]
            found = shares(kind, logits)
            assert label == LABELS[int(found.argmax())]
            assert abs(float(percent) - 100 * float(found.max())) < 3
            limit = weights.describe(FILES[kind], ship.home(FILES[kind]))["measured"][
                "energy limit"
            ]
            energy = -float(logits.logsumexp(-1))
            if abs(energy - limit) > NEAR:
                assert (doubted == "yes") == (energy > limit)
