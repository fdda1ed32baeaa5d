"""The pitfalls as a reader gets them: every block runs alone, and its numbers are in the text."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from builder.lesson import read_lesson
from builder.render import Rendered
from tests.explainers.pages import numbers, result, table, words
from vitexplain.experiments import results
from vitexplain.facts import LADDERS, POSITION_ABLATION, TABLE_5, find

SOURCE = (Path(__file__).parents[2] / "explainers" / "pitfalls.py").read_text(encoding="utf-8")
LESSON = read_lesson(SOURCE, name="pitfalls")
BLOCKS = [
    cell.source
    for cell in LESSON.cells
    if cell.source
    and cell.cell_type == "code"
    and "remove-code" not in cell.metadata.get("tags", ())
]


@pytest.fixture
def no_gradients() -> Iterator[None]:
    """The first block turns gradients off for good; other tests may want them."""
    with torch.random.fork_rng(), torch.no_grad():
        yield


def section(page: Rendered, number: int) -> str:
    """Return one pitfall's text."""
    text = re.split(r"^#{2,3} ", page.markdown, flags=re.MULTILINE)
    [found] = [part for part in text if part.startswith(f"{number}. ")]
    return " ".join(found.split())


def test_each_pitfall_says_what_happens_and_what_to_do(lesson):
    pitfalls = re.findall(r"^### (\d+)\. ", lesson.markdown, flags=re.MULTILINE)
    assert pitfalls == [str(i + 1) for i in range(17)]
    for number in pitfalls:
        text = section(lesson, int(number))
        assert text.count("**What happens.**") == text.count("**Do.**") == 1
        assert "```" in text  # each is an experiment


@pytest.mark.parametrize("block", BLOCKS[1:], ids=[b.splitlines()[0][:40] for b in BLOCKS[1:]])
@pytest.mark.usefixtures("no_gradients")
def test_each_block_runs_after_the_first_alone(block):
    names: dict = {}
    exec(BLOCKS[0], names)
    exec(block, names)


def test_accuracies_are_those_of_the_study(lesson):
    hunger = results.read("data-hunger-digits")
    shown = result(lesson, "for images in (100, 1097)")
    for images in (100, 1097):
        for family in ("cnn", "vit"):
            mean = hunger.of("accuracy", family=family, images=images, augment=True).mean
            assert f"({images}, '{family}'): '{mean:.1%}'" in shown


def test_positions_off_and_positions_never_learned(lesson):
    before, after = numbers(result(lesson, "model.pos_embed.zero_()"))
    text = section(lesson, 3)
    never = results.read("positions").of("accuracy", positions="none").mean
    assert after < never < before
    for share in (before, after, never):
        assert f"{share:.1%}" in text
    for kind in ("none", "learned, 1-D"):
        assert f"{100 * POSITION_ABLATION[kind].value:.1f}%" in text


def test_unscaled_weights_saturate_the_softmax(lesson):
    rows = {row[0]: [float(x) for x in row[1:]] for row in table(lesson, "entropy, nats")}
    np.testing.assert_allclose(rows["`randn`"], [64.15, 0.9791, 0.0504], rtol=0.03)
    np.testing.assert_allclose(rows["`randn / 8`"], [1.002, 0.2444, 2.3590], rtol=0.03)


def test_attention_over_the_batch_hears_other_images_alone(lesson):
    wrong, right = re.findall(r"\[(.*?)\]", result(lesson, "batch_first=first"))
    own, others = numbers(wrong)
    assert own == 0 < others
    own, others = numbers(right)
    assert others == 0 < own


def test_a_mask_of_the_other_meaning_looks_ahead(lesson):
    rows = re.findall(r"\[\[?(.*?)\]", result(lesson, "_, given = module(x, x, x, attn_mask=may"))
    assert len(rows) == 6
    for i, row in enumerate(rows[:5]):
        assert not any(numbers(row)[: i + 1])
        assert sum(numbers(row)) == pytest.approx(1, abs=0.03)
    assert rows[5].count("nan") == 6


def test_batch_norm_in_training_hears_the_batch(lesson):
    training, evaluating = numbers(result(lesson, "resnet.train(training)"))
    assert evaluating < 1e-5 < 1e-2 < training


def test_equivariant_is_not_invariant(lesson):
    alike, changed, mean = numbers(result(lesson, "randperm(16)"))
    assert max(alike, mean) < 1e-5 < 0.1 < changed


def test_group_norm_carries_news_past_the_kernels(lesson):
    shown = result(lesson, "field_extent(fields[family])")
    assert "'cnn, field 17': (17, (17, 17))" in shown
    assert "'cnn, field 17, group norm': (17, (32, 32))" in shown
    study = results.read("long-range")
    for family in ("cnn, field 17", "cnn, field 17, group norm"):
        assert f"{study.of('accuracy', family=family).mean:.1%}" in section(lesson, 13)


def test_flops_are_two_for_each_multiply_add(lesson):
    flops, macs = numbers(result(lesson, "FlopCounterMode(display"))
    assert flops == pytest.approx(2 * macs, rel=1e-3)
    assert macs == pytest.approx(17.564, abs=5e-4)


def test_published_numbers_are_the_sources(lesson):
    rows = {row[1] for row in table(lesson, "top-1, %")}
    jft = find(TABLE_5, "ViT-B/16", task="ImageNet", data="JFT-300M")
    published = [jft, *LADDERS["ViT-B/16"], *LADDERS["ResNet-50"]]
    assert rows == {f"{one.value:.1f}" for one in published}
    assert words(lesson).count(jft.source.url) >= 2


def test_the_seeds_disagree(lesson):
    cells = results.read("data-hunger-digits")
    vit, windowed = (
        [r["accuracy"] for r in cells.cell(family=f, images=100, augment=True)["runs"]]
        for f in ("vit", "windowed")
    )
    ahead = [100 * (a - b) for a, b in zip(vit, windowed, strict=True)]
    text = section(lesson, 17)
    assert f"{max(ahead):.1f} points ahead" in text
    assert f"{-min(ahead):.1f} behind" in text
