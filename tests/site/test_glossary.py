"""The glossary: in order, one sentence or two a word, and each where its lesson uses it."""

import re

import pytest

from builder.lesson import read_meta
from tests.lessons import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^\*\*(.+?)\.\*\* (.+) \[.+?\]\((.+?)\)$", PAGE, flags=re.MULTILINE)
SOURCES = {
    path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "explainers").glob("*.py")
}
PAGES = {read_meta(text, name=name).page: text for name, text in SOURCES.items()}


def test_about_sixty_words_in_order_within_their_part():
    assert len(ENTRIES) == PAGE.count("\n**") > 55
    for part in PAGE.split("\n## ")[1:]:
        words = [word.lower() for word in re.findall(r"^\*\*(.+?)\.\*\*", part, flags=re.MULTILINE)]
        assert words == sorted(words)


PAGES["live/vit.md"] += (ROOT / "docs/javascripts/strings/en/machine.js").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize(("word", "says", "page"), ENTRIES, ids=[word for word, *_ in ENTRIES])
def test_a_word_is_short_and_at_least_a_part_of_it_used_where_it_leads(word, says, page):
    assert len(says.split()) < 35
    parts = re.findall(r"[a-z]{3,}", re.sub(r" \(.*", "", word).lower())
    stems = [re.sub(r"(ing|ion|ed|e)$", "", part) for part in parts if part != "attention"]
    assert any(stem in PAGES[page].lower() for stem in stems or ["attention"])
