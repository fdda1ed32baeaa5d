"""The guide as a reader gets it: every situation, every line of evidence, every link."""

import re

import numpy as np
import pytest

from tests.explainers.pages import result, table
from tests.explainers.study_runs import cells, runs, written
from vitexplain.facts import told

ADVICE = told("advice")


def test_the_overview_has_every_situation(lesson):
    assert table(lesson, "if …") == [[str(advice.says), str(advice.right)] for advice in ADVICE]


@pytest.mark.parametrize("advice", ADVICE, ids=lambda advice: advice.says.text)
def test_each_situation_shows_its_choice_its_reason_and_its_evidence(lesson, advice):
    section = lesson.markdown.partition(f"### {advice.says}\n")[2]
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    assert f"**{advice.right}.** {advice.why}" in section
    lines = [line for line in section.splitlines() if line.startswith("- ")]
    assert len(lines) == len(advice.evidence)
    for one, line in zip(advice.evidence, lines, strict=True):
        assert line.startswith(f"- {one.says} (")
        assert all(f"]({source.url})" in line for source in one.sources)
        assert not one.see or f"]({one.see.removeprefix('lessons/')})" in line


HUNGER = "data-hunger-digits"
ALL = {"images": 1097, "augment": True}


def changed(*change: str) -> list[str]:
    families = {"CNN": "cnn", "hybrid": "hybrid", "ViT": "vit", "windows": "windowed"}
    return [f"{name} {written(runs(HUNGER, *change, family=family, **ALL))}"
            for name, family in families.items()]  # fmt: skip


def lead(study: str, images: int) -> float:
    """Return the CNN's lead over the ViT in points."""
    cnn, vit = (
        runs(study, family=family, images=images, augment=True) for family in ("cnn", "vit")
    )
    return 100 * (cnn.mean() - vit.mean())


def times(**keys: object) -> float:
    [cell] = cells("latency", **keys)
    return float(np.median([run["seconds"] for run in cell["runs"]]))


def ours() -> dict[str, list[str]]:
    """Return what each line on measurements of our own must say, from the runs themselves."""
    few = {"images": 100, "augment": True}
    models = ("ResNet-50", "ViT-S/16", "ConvNeXt-T", "Swin-T", "ViT-B/16")
    twice = {name: times(name=name, side=448) / times(name=name, side=224) for name in models}
    fused = times(name="naive", tokens=3136) / times(name="fused", tokens=3136)
    return {
        "Digits, 100 training images": [
            f"{name} {written(runs(HUNGER, family=family, **few))}"
            for name, family in (("CNN", "cnn"), ("hybrid", "hybrid"), ("ViT", "vit"))
        ],
        "The CNN's lead over the ViT": [
            f"{lead(HUNGER, 100):.1f} points from 100", f"{lead(HUNGER, 1097):.1f} from 1097",
            f"{lead('longer-digits', 1097):.1f} after 3000 steps instead of 800",
        ],
        "Twice the side, measured": [
            f"ViT-B/16 takes {twice['ViT-B/16']:.1f} times", f"Swin-T {twice['Swin-T']:.1f}",
            f"ResNet-50 {twice['ResNet-50']:.1f}",
        ],
        "Fused attention on 3136 tokens": [f"was {fused:.1f} times as fast"],
        "One image of 224 pixels": [
            f"{name} {1000 * times(name=name, side=224):.0f}" for name in models
        ],
        "Two shapes at opposite edges": [
            f"{name} {written(runs('long-range', family=family))}"
            for name, family in (
                ("17 pixels", "cnn, field 17"), ("33", "cnn, field 33"),
                ("49", "cnn, field 49"), ("ViT", "vit"),
            )
        ],
        "A small ViT on digits": [
            f"{cell['positions']} {written(runs('positions', positions=cell['positions']))}"
            for cell in cells("positions")
        ],
        "Digits, trained with shifts of 1 pixel": [
            *changed("shift", "2"),
            f"at 1, the ViT has {written(runs(HUNGER, 'shift', '1', family='vit', **ALL))}",
        ],
        "Digits of 8 × 8 pixels, a quarter": changed("occlude", "0.25"),
    }  # fmt: skip


def test_our_own_numbers_are_those_of_the_runs(lesson):
    lines = [line for line in lesson.markdown.splitlines() if line.startswith("- ")]
    for begins, parts in ours().items():
        [line] = [line for line in lines if line.startswith(f"- {begins}")]
        for part in parts:
            assert part in line


def test_every_measurement_of_ours_is_checked_so():
    """A line that rests on runs is above; the others cite, or count what the code defines."""
    said = [str(one.says) for advice in ADVICE for one in advice.evidence if not one.cites]
    assert {text for text in said if not text.startswith(tuple(ours()))} == set()


def test_works_are_listed(lesson):
    listed = lesson.markdown.partition("## Sources")[2]
    for advice in ADVICE:
        for one in advice.evidence:
            assert all(f"[{source.title}]({source.url})" in listed for source in one.sources)


def test_the_reader_can_take_it(lesson):
    said = result(lesson, "str(line.says)")
    assert "BiT-L from JFT-300M 76.29 ± 1.70%" in said  # Dosovitskiy et al., Table 2
