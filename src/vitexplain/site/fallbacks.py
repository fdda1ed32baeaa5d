"""Stand-ins for the site's letters: fonts of the reader's machine, made as wide and as high.

Where the site's own letters may not be shown, each line keeps its height and nearly its length.
Source: CSS Fonts Module Level 5, `size-adjust` (https://www.w3.org/TR/css-fonts-5/#size-adjust-desc).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

# How often each character stands in English text, of 10,000: the table by which the MIT-licensed
# package @capsizecss/metrics 4.3.0 averages widths (https://github.com/seek-oss/capsize).
OFTEN = {
    1540: " ", 922: "e", 672: "t", 668: "a", 588: "i", 578: "n", 571: "o", 526: "r", 469: "s",
    351: "h", 304: "l", 298: "d", 232: "c", 207: "u", 181: "m", 170: "f", 163: "p", 155: "g",
    123: "y", 114: "b", 110: "w", 83: ",", 79: ".", 76: "v", 53: "0", 46: "k", 41: "TS", 40: "A",
    38: "|", 31: "C", 26: "2", 25: "Mx", 23: "1P", 22: "I", 21: "[", 20: "B", 18: "-", 16: "U",
    15: "5RF", 14: "'N", 13: "HD", 12: 'L"W', 11: "zGE", 10: "3()", 9: "jJO", 8: "4q:",
    7: "68]K=", 6: "9", 5: "7V", 3: "Y", 2: "$Z", 1: "Q/%;X",
}  # fmt: skip
BOLD = 680  # the weight of <strong>, between those of headings and of names


@dataclass(frozen=True)
class Local:
    """A font of the reader's machine, with those that have the same widths.

    `regular` and `bold` are mean advances in em, by `OFTEN`. fontTools read them from Debian's
    fonts-liberation2, -roboto-unhinted, -noto-core, -dejavu and -hack; those of Segoe UI,
    Helvetica Neue and Roboto Mono, and Courier New's and Arial's once more, are in
    @capsizecss/metrics 4.3.0.
    """

    names: tuple[str, ...]
    regular: float
    bold: float


TEXT = (
    Local(("Arial", "Liberation Sans", "Arimo", "Helvetica"), 913 / 2048, 983 / 2048),
    Local(("Helvetica Neue",), 0.450, 0.480),
    Local(("Segoe UI",), 908 / 2048, 973 / 2048),
    Local(("Roboto",), 911 / 2048, 926 / 2048),
    Local(("Noto Sans",), 0.474, 0.504),
    Local(("DejaVu Sans", "Bitstream Vera Sans"), 0.5082, 0.5741),
)
CODE = (
    Local(("Courier New", "Liberation Mono", "Cousine"), 1229 / 2048, 1229 / 2048),
    Local(("Menlo", "DejaVu Sans Mono", "Hack"), 1233 / 2048, 1233 / 2048),
    Local(("Roboto Mono",), 1229 / 2048, 1229 / 2048),
    Local(("Noto Sans Mono",), 0.600, 0.600),
)


def mean_advance(font: Any, weight: float) -> float:
    """Return the mean width of a character of English text, in em, at a weight of the font."""
    glyphs, names = font.getGlyphSet(location={"wght": weight}), font.getBestCmap()
    widths = {n: sum(glyphs[names[ord(c)]].width for c in text) for n, text in OFTEN.items()}
    total = sum(n * len(text) for n, text in OFTEN.items())
    return sum(n * width for n, width in widths.items()) / total / font["head"].unitsPerEm


def faces(file: Path, family: str, locals_: tuple[Local, ...], variable: str) -> str:
    """Return the CSS of the stand-ins for the font in a file, and the property that lists them."""
    font: Any = TTFont(file)  # its tables are made at run time: no checker knows them
    height, em = font["hhea"], font["head"].unitsPerEm
    regular, bold = mean_advance(font, 400), mean_advance(font, BOLD)
    css, families = [], []
    for local in locals_:
        families.append(f'"{local.names[0]} as {family}"')
        for styles, weights, wide in (
            (("", " Regular"), "300 549", regular / local.regular),
            ((" Bold",), "550 900", bold / local.bold),
        ):
            source = ",".join(f'local("{n}{style}")' for n in local.names for style in styles)
            css.append(
                f"@font-face{{font-family:{families[-1]};font-weight:{weights};src:{source};"
                f"size-adjust:{wide:.2%};ascent-override:{height.ascent / em / wide:.2%};"
                f"descent-override:{-height.descent / em / wide:.2%};"
                f"line-gap-override:{height.lineGap / em / wide:.2%}}}\n"
            )
    return "".join(css) + f":root{{{variable}:{','.join(families)}}}\n"
