"""A number in prose, in a caption or in the words of facts is computed, or it is given."""

from pathlib import Path

import pytest

from builder import typed
from builder.lesson import LessonError, read_lesson
from builder.render import render
from vitexplain.facts.words import Words

LESSONS = sorted((Path(__file__).parents[2] / "explainers").glob("*.py"))
HEADER = "# ---\n# title: A lesson\n# description: Written by a test.\n{}# ---\n\n# %% [markdown]\n"


def lesson(body: str, given: str = "") -> str:
    return HEADER.format(f"# given:\n#   {given}\n" if given else "") + body


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_lesson_types_a_number(path):
    source = path.read_text(encoding="utf-8")
    assert list(typed.faults(read_lesson(source, name=path.stem))) == []


def test_no_words_of_facts_type_a_number():
    assert list(typed.faults_of_facts()) == []


@pytest.mark.parametrize(
    "text",
    [
        "ViT-B/16, ResNet-50, DeiT III, ImageNet-21k, R50x1+ViT-B/32 and DINOv2 are names.",
        "A grid of 4 × 4, kernels of 3×3, 16 · 16 · 3 numbers, 224 / 16 patches in a row.",
        "Since 2017 (section 3.2.1 and 3.3; Table 5; Figures 3 and 4; equation (2); appendix D.3).",
        "## 4. It is not a ViT\n\n**1.** What is it?\n\n1. a list",
        "10⁹ operations, 10<sup>18</sup>, √2, 16², 6*D* tokens, 2-D positions.",
        "Shares between 0 and 1; about 95% intervals, at 224 pixels.",
        "Code `x[3]`, {eval}`f'{8:.1f}'` times, [a link](page.md#2-it), $x_{12} = 3$.",
        "```\n0.4596\n```\nA <span class='x9'>mark</span>, *W*<sub>12</sub>.",
    ],
)
def test_what_is_no_result_needs_no_mark(text):
    assert list(typed.typed(text)) == []


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("The matrices are 8 times too large.", "The matrices are 8 times too large."),
        ("ResNet-50 has 25.6 M, listed.", "… has 25.6 M, listed."),
        ("right up to 60% with 80% covered", "right up to 60% with 80% covered"),
        ("The weight is 0.94.", "The weight is 0.94."),
        ("It scores 41.8 BLEU", "It scores 41.8 BLEU"),
        ("about 80,000 parameters", "about 80,000 parameters"),
        ("a loss of 1% and a share of 1.5", "a loss of 1% and a share of 1.5"),
        ("so it sees\n2048 pixels", "so it sees 2048 pixels"),
        ("It takes 2000% more", "It takes 2000% more"),
        ("the weight is $0.46$", "the weight is $0.46$"),
    ],
)
def test_a_result_that_is_typed_is_found(text, around):
    found = list(typed.typed(text))
    assert found
    assert found[0][1] == around
    assert found[0][0] == text.count("\n")


def test_what_is_given_is_known_by_the_words_around_it():
    text = "Patches of\n32 pixels; after 32 epochs"
    assert [line for line, _ in typed.typed(text, {"of 32 pixels": "ViT-B/32"})] == [1]
    assert len(list(typed.typed("1.25 and 25", {"25": "a count"}))) == 1


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("# It is fast:\n# 8 times as fast.\n", 8),
        ("# Words.\n\n# %%\nx = 2\nfigure(\n    caption='it is 8 times as fast',\n)\n", 12),
        ("# Words.\n\n# %%\npoints = [\n    Point(1, note='8 times as fast')\n]\n", 11),
        ("# Words.\n\n# %%\ntable(['a'], [(f'{x:.2f} of 8 M',)])\n", 10),
    ],
)
def test_a_planted_result_stops_the_build(body, line):
    with pytest.raises(
        LessonError, match=rf"planted, cell \d \(line {line}\): the number in “.*8 "
    ):
        render(lesson(body), name="planted")
    given = '"8 times": Nobody et al., Table 1' if "times" in body else '"of 8 M": counted there'
    assert list(typed.faults(read_lesson(lesson(body, given), name="given"))) == []


def test_keys_formats_and_styles_are_no_words():
    code = """figure(
    far["cnn, field 17"], f"{x:.2f}", note="yes" if name == "field 33" else "no", family="cnn 9"
)"""
    assert list(typed.faults(read_lesson(lesson("# Words.\n\n# %%\n" + code), name="keys"))) == []
    style = "# Words.\n\n# %%\nHTML('<style>td { width: 33.3% }</style>')\n"
    assert list(typed.faults(read_lesson(lesson(style), name="style"))) == []


def test_what_is_given_in_vain_is_said():
    source = lesson("# Words.\n", '"12 heads": of ViT-B/16')
    [fault] = typed.faults(read_lesson(source, name="vain"))
    assert fault == "vain: the header gives '12 heads', which stands nowhere"


def test_a_slot_is_not_typed_and_what_stands_beside_it_is():
    words = Words("A field of {field[ResNet-50]} pixels, 483 in words.")
    assert [around for _, around in typed.typed(words.typed)] == [
        "A field of … pixels, 483 in words."
    ]
