"""The search: lessons first, and nothing that a reader may type makes it stop."""

import json

import pytest

from tests.browser.conftest import Site, Visit
from tests.browser.test_pages import Open

# What a student types, and the lesson that explains it.
QUERIES = {
    "class token": "lessons/vit/",
    "softmax": "lessons/goat/",
    "positional embedding": "lessons/vit/",
    "rollout": "lessons/vit-at-work/",
    "Swin": "lessons/hybrids/",
    "patch": "lessons/vit/",
    "CLS": "lessons/vit/",
    "why divide by sqrt d": "lessons/goat/",
    "receptive field": "lessons/cnn-vs-vit/",
    "multi-head": "lessons/vit/",
}


def _found(seen: Visit, site: Site) -> list[str]:
    """The pages that the search shows, in its order, as soon as it has answered."""
    seen.page.wait_for_function(
        """() => /document/.test(document.querySelector('.md-search-result__meta').textContent)"""
    )
    items = seen.page.locator(".md-search-result__item > a:first-child")
    links: list[str] = items.evaluate_all("all => all.map((link) => link.href)")
    return [link.removeprefix(site.address).partition("?")[0].partition("#")[0] for link in links]


@pytest.mark.parametrize(("query", "lesson"), QUERIES.items(), ids=QUERIES)
def test_a_lesson_is_among_the_first_two(visit: Open, site: Site, query: str, lesson: str) -> None:
    seen = visit(f"about/?q={query}")
    assert lesson in _found(seen, site)[:2]
    assert seen.complaints == []


@pytest.mark.parametrize("query", ["class", "classes", "4", "0.", "faces", "rollout_of"])
def test_something_is_found(visit: Open, site: Site, query: str) -> None:
    seen = visit(f"?q={query}")
    assert _found(seen, site)
    assert seen.complaints == []


def test_a_name_of_the_api_is_found_behind_the_lessons(visit: Open, site: Site) -> None:
    found = _found(visit("?q=softmax"), site)
    in_api = [place for place, page in enumerate(found) if page.startswith("api/")]
    assert in_api
    assert in_api == list(range(in_api[0], len(found)))
    assert _found(visit("?q=rollout_of"), site)


def test_no_listing_of_source_code_is_searched(site: Site) -> None:
    index = json.loads((site.folder / "search" / "search_index.json").read_text("utf-8"))
    api = [doc for doc in index["docs"] if doc["location"].startswith("api/")]
    html = (site.folder / "api" / "attention" / "index.html").read_text(encoding="utf-8")
    assert "ValueError" in html
    assert "Source code" in html
    assert len(api) > 100
    assert [doc["location"] for doc in api if "Source code" in doc["text"]] == []
    assert [doc["location"] for doc in api if "raise ValueError(" in doc["text"]] == []


def test_a_dictionary_in_which_two_states_look_alike(visit: Open) -> None:
    """lunr 2.3.9 took the state behind "o" for the one behind "m" and looked for "o2" in vain."""
    words = f"m1 m2 n{'x' * 316} o1zq"
    seen = visit("")
    found = seen.page.evaluate(
        """async (text) => {
          const config = JSON.parse(document.getElementById('__config').textContent);
          const worker = new Worker(new URL(config.search, location));
          const answer = (message) => new Promise((done) => {
            worker.addEventListener('message', ({ data }) => done(data), { once: true });
            worker.postMessage(message);
          });
          const fields = { title: { boost: 1 }, text: { boost: 1 }, tags: { boost: 1 } };
          await answer({ type: 0, data: {
            config: { lang: ['en'], separator: ' +', pipeline: ['stopWordFilter'], fields },
            docs: [{ location: 'a/', title: 'A', text }],
            options: { suggest: false },
          } });
          return (await answer({ type: 2, data: 'o' })).data.items.length;
        }""",
        words,
    )
    assert found == 1
    assert seen.complaints == []
