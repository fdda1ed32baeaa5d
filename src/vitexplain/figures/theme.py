"""The palette of every figure and page, in light and dark.

One colour, one meaning, everywhere: query, key, value and weight, and the four
families of models. `LIGHT` and `DARK` have the same keys; a page switches theme
by replacing each light colour by its dark twin. Text colours have a contrast of
at least 4.5:1 on `paper`. The families stay apart in the eyes of readers who do
not see red, green or blue as others do.
The two `scale` lists run from 0 to 1 in even steps of OKLCH lightness.
"""

LIGHT = {
    "paper": "#fbfaf7",
    "surface": "#f2f0ea",
    "ink": "#1b1c22",
    "muted": "#5b5d68",
    "line": "#d9d6cd",
    "query": "#0a4fd0",
    "key": "#a05000",
    "value": "#007d58",
    "weight": "#a1319b",
    "cnn": "#cb3f30",
    "vit": "#4a41b8",
    "hybrid": "#2e4703",
    "windowed": "#0a7e83",
}
DARK = {
    "paper": "#15161c",
    "surface": "#1e2028",
    "ink": "#ececf1",
    "muted": "#a5a8b5",
    "line": "#3a3d49",
    "query": "#4d8dff",
    "key": "#ea9c66",
    "value": "#6cc6a1",
    "weight": "#ec85e4",
    "cnn": "#f47564",
    "vit": "#8f80f7",
    "hybrid": "#dccb3c",
    "windowed": "#47d2e8",
}
LIGHT_SCALE = [
    "#f9f6f8", "#f2d3ef", "#e7b1e5", "#d890d9", "#c672cb",
    "#b056b9", "#973ea4", "#7e268e", "#660678",
]  # fmt: skip
DARK_SCALE = [
    "#191418", "#382136", "#582d55", "#793b75", "#9a4c95",
    "#ba61b3", "#d879d0", "#f395eb", "#ffb1ff",
]  # fmt: skip


def colour_scale(colours: list[str] = LIGHT_SCALE) -> list[tuple[float, str]]:
    """Return `colours` as a Plotly colour scale: (position in [0, 1], colour) pairs."""
    return [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)]


def twins() -> dict[str, str]:
    """Return each light colour with its dark twin."""
    named = {LIGHT[name]: DARK[name] for name in LIGHT}
    return named | dict(zip(LIGHT_SCALE, DARK_SCALE, strict=True))
