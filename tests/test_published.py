"""Published figures: complete, sourced, and equal to what we can count ourselves."""

import dataclasses
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from vitexplain import facts
from vitexplain.facts import SOURCES, find, published, told
from vitexplain.vit import PRESETS, count_macs, count_parameters


def results(of: object) -> Iterator[facts.Result]:
    """Yield the results in tables of all kinds."""
    if isinstance(of, facts.Result):
        yield of
    elif isinstance(of, (facts.Listed, facts.Scaled)):
        yield of.result if isinstance(of, facts.Listed) else of.imagenet
    elif isinstance(of, (dict, tuple)):
        for one in of.values() if isinstance(of, dict) else of:
            yield from results(one)


TABLES = [getattr(published, name) for name in published.__all__ if name.isupper()]
RESULTS = [one for one in results(tuple(TABLES)) if one.task != "COCO, box AP"]


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: f"{r.model}-{r.task}-{r.value}")
def test_every_result_has_a_source_a_place_and_a_regime(result):
    assert result.source is SOURCES[result.source.key]
    assert result.where
    assert 60 < result.value < 100  # top-1 in %, never a share of one
    assert result.spread is None or 0 < result.spread < 2
    regime = result.regime
    assert all(getattr(regime, field.name) for field in dataclasses.fields(regime))
    assert 200 < regime.pixels < 600
    assert regime.method in ("scratch", "distilled", "fine-tuned", "linear probe")
    if regime.method in ("scratch", "distilled"):
        assert regime.data == "ImageNet"
    assert str(regime.pixels) in str(regime)


def test_table_5_is_whole():
    """Five models, three sets, six tasks; H/14 was not pre-trained on ImageNet."""
    cells = Counter((r.regime.data, r.task) for r in facts.TABLE_5)
    assert len(cells) == 18
    assert all(n == (4 if data == "ImageNet" else 5) for (data, _), n in cells.items())
    assert find(facts.TABLE_5, "ViT-H/14", task="ImageNet", data="JFT-300M").value == 88.04
    assert find(facts.TABLE_5, "ViT-L/32", task="Pets", data="ImageNet").value == 91.35


def test_table_5_and_table_6_differ_only_in_h14():
    """L/16 is the one of 14 epochs; the paper prints two values for H/14."""
    longest = {row.model: row.imagenet.value for row in facts.TABLE_6 if row.family == "ViT"}
    jft = {
        r.model: r.value
        for r in facts.TABLE_5
        if (r.regime.data, r.task) == ("JFT-300M", "ImageNet")
    }
    assert {model for model in jft if jft[model] != longest[model]} == {"ViT-H/14"}
    assert (jft["ViT-H/14"], longest["ViT-H/14"]) == (88.04, 88.08)


def test_more_data_does_not_help_b32():
    value = {
        r.regime.data: r.value
        for r in facts.TABLE_5
        if (r.model, r.task) == ("ViT-B/32", "ImageNet")
    }
    assert value["JFT-300M"] < value["ImageNet-21k"]


def test_find_wants_exactly_one():
    with pytest.raises(KeyError, match="18 results"):
        find(facts.TABLE_5, "ViT-B/16")
    with pytest.raises(KeyError, match="0 results"):
        find(facts.TABLE_5, "ViT-B/8")


@pytest.mark.parametrize("name", facts.SIZES)
def test_published_sizes_are_counted(name):
    assert count_parameters(PRESETS[name]) == facts.SIZES[name].parameters
    np.testing.assert_allclose(count_macs(PRESETS[name]) / 1e9, facts.SIZES[name].gmacs, atol=5e-4)


def test_table_1_is_the_rounded_count():
    for size, preset in {"B": "B/16", "L": "L/32", "H": "H/14"}.items():
        exact = count_parameters(PRESETS[preset])
        np.testing.assert_allclose(facts.TABLE_1_PARAMETERS[size].value, exact, rtol=0.01)


def test_exaflops_are_those_of_table_6():
    """Six times multiply-adds, images and epochs; facts known to four digits, printed within 2%."""
    assert len(facts.RECOMPUTED) == 6
    printed = [row.exaflops for row, _ in facts.RECOMPUTED]
    ours = [value for _, value in facts.RECOMPUTED]
    np.testing.assert_allclose(ours, [56.1, 223.5, 195.7, 783.3, 1566.7, 4258], rtol=6e-4)
    np.testing.assert_allclose(ours, printed, rtol=0.021)
    assert facts.exaflops(1e9, 1, images=1e9) == 6


def test_hybrid_gains_fade():
    points = [gain.points for gain in facts.HYBRID_GAINS.values()]
    assert points == [4.17, 1.43, 1.31, 0.30, 0.00]
    np.testing.assert_allclose(
        [gain.compute for gain in facts.HYBRID_GAINS.values()],
        [1.93, 1.22, 1.26, 1.10, 1.06],
        atol=0.006,
    )
    for gain in facts.HYBRID_GAINS.values():
        assert (gain.vit.vit, gain.vit.epochs) == (gain.hybrid.vit, gain.hybrid.epochs)


def test_ladders_climb_and_hold_the_architecture():
    for model, ladder in facts.LADDERS.items():
        values = [result.value for result in ladder]
        assert values == sorted(values)
        assert {result.model.removeprefix("ViT-") for result in ladder} == {
            model.removeprefix("ViT-")
        }


def test_epochs_help_only_with_augmentation():
    """Table 1 of Beyer et al.: without it 300 epochs are no better than 150."""
    bare, whole = (
        [result.value for result in facts.PLAIN_VIT[setup]]
        for setup in ("improved, not augmented", "improved")
    )
    assert bare[2] == bare[1]
    assert whole[0] < whole[1] < whole[2]


def test_families_are_distinct_and_count_as_we_do():
    names = Counter(listed.model for listed in facts.FAMILIES)
    assert set(names.values()) == {1}
    for listed in facts.FAMILIES:
        if listed.model in ("ViT-S/16", "ViT-B/16"):
            config = PRESETS[listed.model.removeprefix("ViT-")]
            np.testing.assert_allclose(listed.parameters, count_parameters(config) / 1e6, rtol=5e-3)
            np.testing.assert_allclose(listed.gmacs or 0, count_macs(config) / 1e9, rtol=5e-3)
    assert list(facts.AT_4_5_GMACS) == ["ConvNeXt-T", "Swin-T", "CvT-13"]
    assert all(
        listed.gmacs == 4.5 for listed in facts.FAMILIES if listed.model in facts.AT_4_5_GMACS
    )


def test_families_are_those_of_torchvision():
    """torchvision's own metadata, where it lists the model, within the printed digits."""
    pytest.importorskip("torchvision")
    from torchvision import models

    lists = {
        "ResNet-50": models.ResNet50_Weights.IMAGENET1K_V2,
        "ResNet-101": models.ResNet101_Weights.IMAGENET1K_V2,
        "ResNet-152": models.ResNet152_Weights.IMAGENET1K_V2,
    }
    meta = {listed.model: listed for listed in facts.FAMILIES}
    for model, weights in lists.items():
        assert meta[model].result.value == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
        np.testing.assert_allclose(meta[model].gmacs or 0, weights.meta["_ops"], atol=6e-3)
        np.testing.assert_allclose(
            meta[model].parameters, weights.meta["num_params"] / 1e6, atol=0.06
        )
    for result, weights in (
        (facts.LADDERS["ResNet-50"][0], models.ResNet50_Weights.IMAGENET1K_V1),
        (facts.LADDERS["ResNet-152"][0], models.ResNet152_Weights.IMAGENET1K_V1),
        *zip(
            facts.TORCHVISION_VITS,
            (
                models.ViT_B_16_Weights.IMAGENET1K_V1,
                models.ViT_B_32_Weights.IMAGENET1K_V1,
                models.ViT_L_16_Weights.IMAGENET1K_V1,
                models.ViT_L_32_Weights.IMAGENET1K_V1,
            ),
            strict=True,
        ),
    ):
        assert result.value == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]


def test_bars_are_near_what_is_printed_and_of_several_regimes():
    assert [bar.model for bar in facts.BARS] == [
        "ResNet-50", "ResNet-152", "ViT-S/16", "ViT-B/16", "ViT-L/16", "DINOv2-L",
    ]  # fmt: skip
    for bar in facts.BARS:
        assert abs(bar.printed - bar.result.value) < 0.25
    assert [bar.model for bar in facts.BARS if bar.kind == "slip"] == ["DINOv2-L"]
    assert len({bar.group for bar in facts.BARS}) == 3
    assert len({bar.result.regime for bar in facts.BARS}) == 5


def test_a_cnn_and_windows_detect_alike():
    ap = {result.model: result.value for result in facts.DETECTION}
    assert len({result.regime for result in facts.DETECTION}) == 1
    assert ap["Swin-T"] == ap["ConvNeXt-T"]
    assert ap["Swin-B"] < ap["ConvNeXt-B"]


def test_datasets_are_rounded_right_and_only_jft_is_private():
    assert (
        [d.name for d in facts.DATASETS]
        == ["ImageNet", "ImageNet-21k", "JFT-300M"]
        == list(facts.IMAGES)
    )
    assert [d.public for d in facts.DATASETS] == [True, True, False]
    for dataset in facts.DATASETS:
        assert (dataset.exact is not None) == dataset.public
        if dataset.exact:
            np.testing.assert_allclose(dataset.images, dataset.exact.value, rtol=0.02)
    imagenet = facts.DATASETS[0]
    assert imagenet.exact
    assert round(imagenet.exact.value, -5) == imagenet.images
    assert facts.SLIDES_IMAGENET.value < imagenet.exact.value


def test_small_sets_are_ours():
    """The digits are those that scikit-learn ships; the other two are read from a user's folder."""
    from sklearn.datasets import load_digits

    digits = facts.SMALL[0]
    pixels, answers = load_digits(return_X_y=True)
    assert pixels.shape == (digits.images, np.prod(digits.shape))
    assert len(set(answers)) == digits.classes
    assert [s.name for s in facts.SMALL] == ["digits", "MNIST", "CIFAR-10"]


def test_the_ablation_and_table_2():
    assert list(facts.POSITION_ABLATION) == ["none", "learned, 1-D", "learned, 2-D", "relative"]
    assert (
        max(facts.POSITION_ABLATION, key=lambda k: facts.POSITION_ABLATION[k].value)
        == "learned, 1-D"
    )
    assert {result.task for result in facts.TABLE_2} == {"ImageNet", "VTAB, 19 tasks"}
    assert facts.CORE_DAYS["BiT-L (ResNet-152x4)"].value > 3 * facts.CORE_DAYS["ViT-H/14"].value
    bit = find(facts.TABLE_2, "BiT-L (ResNet-152x4)", task="ImageNet")
    assert bit.value == facts.BIT[-1].value


def test_all_names_are_there():
    assert set(published.__all__) <= set(dir(published))


def test_only_the_giant_dinov2_learned_without_a_teacher():
    """The README calls S, B and L distilled; a bar shows L."""
    alone = {r.model for r in facts.DINOV2 if "distilled from g" not in r.regime.data}
    assert alone == {"ViT-g/14"}
    [bar] = [one for one in told("errata") if str(one.says).startswith("DINOv2-L")]
    assert "distilled from g" in str(bar.right)
