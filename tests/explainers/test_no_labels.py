"""The lesson on learning without labels: its game is DINO's, and its yardsticks are measured."""

import re

import numpy as np
import pytest
import torch

from studies.dino import Settings, self_distillation
from tests.explainers.pages import assets, cells, numbers, result, table
from vitexplain.experiments import results
from vitexplain.experiments.scenes import KINDS, draw_scenes
from vitexplain.experiments.tasks import generator_of
from vitexplain.facts import QUOTED


@pytest.fixture(scope="module")
def game() -> dict:
    """What the page's own code for the game defines and finds."""
    [code] = [cell.source for cell in cells("no_labels") if "def play(" in cell.source]
    found: dict = {"np": np}
    exec(code, found)
    return found


def test_the_student_goes_down_the_slope_of_dino_s_loss(game):
    """One round, with the gradient by torch of the loss of the studies."""
    rng = np.random.default_rng(3)
    look, says = rng.normal(size=(5, 20)), rng.normal(size=(5, 12))
    centre, matrix = rng.normal(size=12), rng.normal(size=(20, 12))
    P_s = game["softmax"](look @ matrix / 0.1)
    P_t = game["softmax"]((says - centre) / 0.04)
    weights = torch.tensor(matrix, requires_grad=True)
    answers = torch.stack([torch.zeros(5, 12, dtype=torch.float64), torch.tensor(look) @ weights])
    loss = self_distillation(
        answers, torch.tensor(says)[None], torch.tensor(centre), Settings(0.1, 0.04)
    )
    loss.backward()
    assert weights.grad is not None
    np.testing.assert_allclose(
        weights.grad, look.T @ (P_s - P_t) / 5 / 0.1, rtol=1e-9
    )  # the page's rate has the 1 / 0.1 in it


def test_what_the_page_shows_is_what_the_games_found(game, lesson):
    shown = result(lesson, "def play(")
    for name, (called, _) in game["GAMES"].items():
        words = re.search(rf"'{name}': array\(\[([\d, ]+)\]\)", shown)
        assert words
        assert [int(x) for x in words[1].split(",")] == called.argmax(-1).tolist()
    both, same, shrug = (called for called, _ in game["GAMES"].values())
    assert len(set(both.argmax(-1))) >= 4
    assert len(set(same.argmax(-1))) == 1
    np.testing.assert_allclose(shrug, 1 / 12, atol=0.03)


def test_published_overlaps_are_cited(lesson, prose):
    rows = table(lesson, "overlap with the object")
    keys = ("DINO, overlap", "DINO, overlap with labels", "DINO, overlap untrained")
    assert [row[1] for row in rows] == [f"{QUOTED[key].value:g}%" for key in keys]
    assert "Figure 4" in prose


def test_yardsticks_are_measured_on_the_scenes(lesson):
    """Brightness by hand: the brightest patches with 60 % of the light, against the outline."""
    scenes = draw_scenes(300, generator_of(7, 0))
    light = (scenes.grey[:, 0] + 1) / 2
    patches = light.unfold(1, 6, 6).unfold(2, 6, 6).mean((-1, -2))
    found = []
    for one, mask in zip(patches, scenes.masks, strict=True):
        order = one.flatten().argsort(descending=True)
        total, chosen = 0.0, torch.zeros(64, dtype=torch.bool)
        for place in order:
            if total >= 0.6 * float(one.sum()):
                break
            chosen[place] = True
            total += float(one.flatten()[place])
        pixels = chosen.reshape(8, 8).repeat_interleave(6, 0).repeat_interleave(6, 1)
        found.append(float((pixels & mask).sum() / (pixels | mask).sum()))
    shown = dict(re.findall(r"<tr><td>([a-z ]+)</td><td>(0\.\d+)</td></tr>", lesson.markdown))
    assert float(shown["brightness"]) == pytest.approx(np.mean(found), abs=2e-3)
    assert set(shown) >= {"darkness", "contrast", "any patches"}


def test_every_kind_is_shown(lesson):
    [alt] = re.findall(r'aria-label="Six scenes, each with one thing([^"]*)"', lesson.markdown)
    assert all(kind in alt for kind in KINDS)


def test_the_table_of_ours_is_the_study_s(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "asked of new scenes")}
    found = results.read("dino")
    for name, measure in (
        ("overlap with the object, best head", "overlap{} best head"),
        ("weight on the object, best head", "weight on object{} best head"),
        ("kind right, by its nearest neighbours", "kind by neighbours{}"),
    ):
        for shown, learner, when in zip(
            rows[name], ("dino", "labels", "dino"), ("", "", ", untrained"), strict=True
        ):
            cell = found.cell(learner=learner)
            key = measure.format(when).split(" best head")[0]
            runs = [run[key] for run in cell["runs"]]
            values = [run["best head"] if isinstance(run, dict) else run for run in runs]
            assert numbers(shown)[0] == pytest.approx(100 * np.mean(values), abs=0.051)


def test_the_sliders_show_every_scene_and_every_number_of_hidden_patches(lesson):
    moved = [one for one in assets(lesson, "figures") if one["layout"].get("sliders")]
    stops = {len(one["layout"]["sliders"][0]["steps"]) for one in moved}
    painted = results.read("mae").cell(labels=0)["runs"][0]["painted"]
    assert stops == {len(KINDS), len(painted) - 1}
