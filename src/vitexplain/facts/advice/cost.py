"""Advice that turns on compute, time and the size of the images."""

from vitexplain.compare.cost import global_attention_macs, window_attention_macs
from vitexplain.experiments import results
from vitexplain.facts.advice.entry import HYBRIDS, PRICE, Advice, Evidence
from vitexplain.facts.published import CLAIMS, FAMILIES, HYBRID_GAINS, TABLE_6

_STAGE = (56, 56, 96)  # Swin-T's first stage: rows, columns, channels
_WINDOW = 7
_TOKENS = 56 * 56


def _windows() -> float:
    return global_attention_macs(*_STAGE) / window_attention_macs(*_STAGE, _WINDOW)


def _seconds(**keys: object) -> float:
    return results.read("latency").cell(**keys)["median"]


def _twice_the_side(name: str) -> float:
    return _seconds(name=name, side=448) / _seconds(name=name, side=224)


def _twice() -> str:
    vit, swin, resnet = (_twice_the_side(name) for name in ("ViT-B/16", "Swin-T", "ResNet-50"))
    return (
        f"Twice the side, measured: ViT-B/16 takes {vit:.1f} times as long, Swin-T {swin:.1f}, "
        f"ResNet-50 {resnet:.1f}."
    )


def _fused() -> float:
    naive, fused = (_seconds(name=name, tokens=_TOKENS) for name in ("naive", "fused"))
    return naive / fused


_TIMED = ("ResNet-50", "ViT-S/16", "ConvNeXt-T", "Swin-T", "ViT-B/16")


def _times() -> str:
    rows = (f"{name} {1000 * _seconds(name=name, side=224):.0f}" for name in _TIMED)
    return f"One image of 224 pixels on one thread of our processor, ms: {', '.join(rows)}."


def _times_hold() -> bool:
    """No family is the slow one: among models of about 4.5 G the times mix."""
    times = {name: _seconds(name=name, side=224) for name in _TIMED}
    small = [times[name] for name in _TIMED[:4]]
    return max(small) < 2 * min(small) and times["ViT-B/16"] > 2 * times["ViT-S/16"]


def _levit() -> str:
    levit = next(f for f in FAMILIES if f.model == "LeViT-192")
    return (
        f"LeViT-192, a hybrid, has {levit.result.value:.1f}% with {levit.gmacs} G multiply-adds. "
        f"At that accuracy its authors measure {CLAIMS['LeViT'].value} times the speed of an "
        "EfficientNet, on their CPU."
    )


def _gains() -> str:
    (small, first), *_, (large, last) = HYBRID_GAINS.items()
    return (
        f"A ResNet-50 in front of a {small}: {first.points:+.2f} points for {first.compute:.2f} "
        f"times the compute; of an {large}: {last.points:.2f} for {last.compute:.2f} times."
    )


def _gains_hold() -> bool:
    points = [gain.points for gain in HYBRID_GAINS.values()]
    return points[0] > 4 and points == sorted(points, reverse=True) and points[-1] == 0


_SCALED = {row.model: row for row in TABLE_6}
_SMALLER, _LARGER = _SCALED["R50x1+ViT-B/32"], _SCALED["ViT-B/16"]


def _cheaper() -> str:
    rows = (
        f"{row.model} {row.imagenet.value:.2f}% for {row.exaflops:.0f} exaFLOPs"
        for row in (_SMALLER, _LARGER)
    )
    return f"At least as good, for less than half the compute: {', '.join(rows)}."


def _cheaper_holds() -> bool:
    better = _SMALLER.imagenet.value >= _LARGER.imagenet.value
    return better and _SMALLER.exaflops < _LARGER.exaflops / 2


def _stem() -> str:
    least, most = (CLAIMS[f"conv stem, {end}"].value for end in ("least", "most"))
    return (
        f"A stem of a few 3 × 3 convolutions: {least} to {most} points more on ImageNet for the "
        "same multiply-adds, and steadier training."
    )


COST = (
    Advice(
        "Your images are large",
        "Windows, or a pyramid of resolutions; a fused kernel in any case",
        "Attention of all to all grows with the square of the tokens. In windows it grows with "
        "the tokens.",
        (
            Evidence(
                lambda: (
                    f"With {_STAGE[0]} × {_STAGE[1]} tokens, attention of all to all takes "
                    f"{_windows():.2f} times the multiply-adds of windows of {_WINDOW} × {_WINDOW}."
                ),
                f"{PRICE}#a-way-out-windows",
                ("swin",),
                lambda: _windows() > 10,
            ),
            Evidence(
                _twice,
                f"{PRICE}#time",
                holds=lambda: (
                    _twice_the_side("ViT-B/16")
                    > max(_twice_the_side("Swin-T"), _twice_the_side("ResNet-50"))
                ),
            ),
            Evidence(
                lambda: f"Fused attention on {_TOKENS} tokens was {_fused():.1f} times as fast.",
                f"{PRICE}#another-way-out-never-store-the-weights",
                ("flash",),
                lambda: _fused() > 2,
            ),
        ),
    ),
    Advice(
        "It must answer in real time, on a phone or a CPU",
        "Measure on your own device; begin with a small CNN or a hybrid made for speed",
        "Multiply-adds do not tell time, and no family is always the fast one.",
        (
            Evidence(_times, f"{PRICE}#time", holds=_times_hold),
            Evidence(
                _levit,
                cites=("levit-code", "levit"),
                holds=lambda: any(f.model == "LeViT-192" and f.kind == "hybrid" for f in FAMILIES),
            ),
        ),
    ),
    Advice(
        "You have little compute to train with",
        "A small hybrid",
        "Convolutions in front of a small ViT bring more than a larger ViT does. In large ones the "
        "gain is gone.",
        (
            Evidence(_cheaper, f"{HYBRIDS}#does-it-pay", ("vit",), _cheaper_holds),
            Evidence(_gains, f"{HYBRIDS}#does-it-pay", ("vit",), _gains_hold),
            Evidence(_stem, cites=("conv-stem",)),
        ),
    ),
)
