"""The search: lessons first, and nothing that a reader may type makes it stop."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.pages import visits

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


@pytest.fixture(scope="module")
def found(site: Site, browser: Browser) -> Iterator[Callable[[str], list[str]]]:
    """Return a function that types a query and gives the pages that are shown, in their order."""
    with visits(site.address, browser, expected=()) as open_page:
        page = open_page("about/?q=softmax")
        box, answer = page.locator(".md-search__input"), page.locator(".md-search-result__meta")

        def ask(query: str) -> list[str]:
            for text, counts in (("", 0), (query, 1)):
                box.fill(text)
                box.dispatch_event("keyup")
                page.wait_for_function(
                    "([meta, counts]) => /document/.test(meta.textContent) == counts",
                    arg=[answer.element_handle(), counts],
                )
            return shown(page, site)

        assert shown(page, site)  # of the link
        yield ask


def shown(page: Page, site: Site) -> list[str]:
    """The pages that the search shows, as soon as it has answered."""
    expect(page.locator(".md-search-result__meta")).to_contain_text("document")
    items = page.locator(".md-search-result__item > a:first-child")
    links: list[str] = items.evaluate_all("all => all.map((link) => link.href)")
    return [link.removeprefix(site.address).partition("?")[0].partition("#")[0] for link in links]


@pytest.mark.parametrize(("query", "lesson"), QUERIES.items(), ids=QUERIES)
def test_a_lesson_is_among_the_first_two(found, query: str, lesson: str) -> None:
    assert lesson in found(query)[:2]


@pytest.mark.parametrize("query", ["class", "classes", "4", "0.", "faces", "rollout_of"])
def test_something_is_found(found, query: str) -> None:
    assert found(query)


@pytest.mark.parametrize("name", ["patchify", "multi_head", "sinusoidal"])
def test_a_name_of_the_api_is_found_behind_the_lessons(found, name: str) -> None:
    pages = found(name)
    in_api = [place for place, page in enumerate(pages) if page.startswith("api/")]
    assert in_api
    assert in_api == list(range(in_api[0], len(pages)))


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
