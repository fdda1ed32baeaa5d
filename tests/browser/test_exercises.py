"""Exercises used as readers use them: by mouse, finger and keyboard, and by ear."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from builder.shown import Outputs
from tests.browser.live import publish, served
from tests.browser.pages import ROOT, check_targets, violations, visits
from vitexplain import exercises
from vitexplain.designed import designed_attention
from vitexplain.faces import GRID

PHONE = {"width": 320, "height": 700}
FACE = designed_attention()
EYES = FACE.head(0).weights[1]
NAMES = [f"{label} {i}" for i, label in enumerate(FACE.face.labels)]
BROKEN = "s = q + k\na = s.sum(axis=0)\ny = a / 2"
SUMS = ["a = s.sum(axis=1)", "a = s.sum()"]
Q = np.array([[1.0, 2.0], [3.0, 5.0]])
ASKED = exercises.Exercises(
    exercises.calculate("What is a **half**?", 0.5, slips=[(2, "That is `twice`.")],
                        hints=["One of two.", "Less than one."], because="Two halves are one."),
    exercises.choose("Which is red?", {"rose": True, "leaf": False, "sky": False},
                     slips={"leaf": "A leaf is green."}, because="Roses are red."),
    exercises.choose("Which are even?", {"two": True, "three": False, "four": True}, several=True,
                     slips={"three": "Three is odd."}, because="Two divides them."),
    exercises.arrange("From small to large?", {"one": 1, "three": 3, "two": 2},
                      slips=[({"one": 3, "three": 1, "two": 2}, "Turned round.")],
                      because="They count."),
    exercises.look("Which patch does the left eye attend to most?", NAMES, EYES, query=1,
                   image=FACE.face.pixels.transpose(1, 2, 0), grid=GRID,
                   slips={NAMES[1]: "You would think so."}, because="It is its partner."),
    exercises.repair("The rows should be added.", BROKEN, 1, SUMS, given={"q": Q, "k": Q},
                     makes=Q.sum(axis=1), slips={SUMS[1]: "That adds up everything."},
                     because="Rows run along axis one."),
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("exercises")
    outputs = Outputs("some")
    shown = outputs.exercises(ASKED.asked)
    body = shown.replace('src="vx:', 'src="').replace("vx:exercises.md", "answers.html")
    publish(folder, body, outputs.assets)
    (folder / "stylesheets").mkdir()
    sheet = ROOT / "docs" / "stylesheets" / "exercises.css"
    (folder / "stylesheets" / sheet.name).symlink_to(sheet)
    with served(folder) as url:
        yield url


@pytest.fixture
def visit(browser, address):
    with visits(address, browser) as open_page:

        def visit(**options) -> Page:
            page = open_page(**options)
            page.locator("lesson-exercises").scroll_into_view_if_needed()
            expect(page.locator("lesson-exercises[data-state=ready]")).to_be_attached()
            return page

        yield visit


def card(page: Page, asks: str) -> Locator:
    return page.get_by_role("region", name=asks)


def said(one: Locator) -> Locator:
    return one.locator(".vxe-said")


def test_without_scripts_a_link_leads_to_all_answers(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    link = page.get_by_role("link", name="6 exercises, with answers")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "answers.html#some"
    context.close()


def test_what_they_need_is_loaded_when_they_come_near(browser, address):
    with visits(address, browser) as open_page:
        asked: list[str] = []
        page = open_page(
            script="addEventListener('DOMContentLoaded', () => {"
            "document.querySelector('h1').style.marginBottom = '5000px'})",
            heed=lambda page, wrong: page.on("request", lambda one: asked.append(one.url)),
        )
        page.wait_for_load_state("networkidle")
        assert not [url for url in asked if "exercises" in url]
        page.locator("lesson-exercises").scroll_into_view_if_needed()
        expect(page.locator("lesson-exercises[data-state=ready]")).to_be_attached()
        assert [url for url in asked if "exercises.css" in url]


def test_a_number_by_keyboard_alone(visit):
    page = visit()
    one = card(page, "What is a half?")
    field = one.get_by_label("Your answer")
    field.focus()
    for typed, answer in [("a goat", "Write a number"), ("2", "Not quite. That is twice."),
                          ("7", "Not quite. That is too large."), ("0.47", "Nearly")]:  # fmt: skip
        field.fill(typed)
        page.keyboard.press("Enter")
        expect(said(one)).to_contain_text(answer)
        expect(field).to_have_attribute("aria-invalid", "true")
    expect(said(one).locator("code")).to_have_count(0)
    for _ in range(2):
        page.keyboard.press("Tab")  # past Check, to the hint
    page.keyboard.press("Enter")
    expect(one.get_by_role("listitem")).to_have_text(["One of two."])
    page.keyboard.press("Enter")
    expect(one.get_by_role("listitem")).to_have_text(["One of two.", "Less than one."])
    expect(one.get_by_role("button", name="Show the answer")).to_be_focused()
    field.fill("1/2")
    field.press("Enter")
    expect(said(one)).to_have_text("Right. Two halves are one.")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(one.get_by_role("button", name="Show the answer")).to_be_hidden()
    expect(page.locator(".vxe-score")).to_have_text("1 of 6 answered right")


def test_the_answer_is_shown_to_who_asks_and_does_not_count(visit):
    page = visit()
    for one in page.get_by_role("region").all():
        one.get_by_role("button", name="Show the answer").press("Enter")
        expect(said(one)).to_contain_text("The answer: ")
        expect(said(one)).to_be_focused()
    one = card(page, "What is a half?")
    one.get_by_label("Your answer").fill("0.5")
    one.get_by_role("button", name="Check").click()
    expect(said(one)).to_have_text("Right. Two halves are one.")
    expect(page.locator(".vxe-score")).to_be_empty()
    repair = card(page, "The rows should be added.")
    expect(repair.locator(".vxe-line").nth(1)).to_have_text(SUMS[0])
    repair.locator(".vxe-line").nth(1).click()
    expect(said(repair)).to_contain_text("Rows run along axis one.")
    assert violations(page) == []


def test_one_is_chosen_by_a_finger(visit):
    page = visit(has_touch=True, viewport=PHONE)
    one = card(page, "Which is red?")
    answers = {
        "sky": "Not quite. Try another one.",
        "leaf": "Not quite. A leaf is green.",
        "rose": "Right. Roses are red.",
    }
    for option, answer in answers.items():
        one.get_by_role("button", name=option).tap()
        expect(said(one)).to_have_text(answer)
    assert [b.get_attribute("data-verdict") for b in one.locator(".vxe-option").all()] == [
        "wrong",
        "right",
        "wrong",
    ]


def test_several_are_chosen_and_checked(visit):
    page = visit()
    one = card(page, "Which are even?")
    check = one.get_by_role("button", name="Check")
    check.click()
    expect(said(one)).to_have_text("Choose something first.")
    one.get_by_label("two").check()
    check.click()
    expect(said(one)).to_contain_text("something is missing")
    one.get_by_label("three").check()
    check.click()
    expect(said(one)).to_have_text("Not quite. Three is odd.")
    one.get_by_label("three").uncheck()
    one.get_by_label("four").check()
    check.click()
    expect(said(one)).to_have_text("Right. Two divides them.")


def test_items_are_moved_by_keys_and_the_focus_goes_with_them(visit):
    page = visit()
    one = card(page, "From small to large?")
    rows = one.locator(".vxe-order li > span")
    expect(rows).to_have_text(["one", "three", "two"])
    check = one.get_by_role("button", name="Check")
    check.click()
    expect(said(one)).to_have_text("Not quite. 1 of 3 are in the right place.")
    one.get_by_role("button", name="Move up: three").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_text(["three", "one", "two"])
    expect(one.get_by_role("button", name="Move down: three")).to_be_focused()
    expect(one.locator(".vx-unseen[role=status]")).to_have_text("three: now 1 of 3.")
    one.get_by_role("button", name="Move up: two").press("Enter")
    check.click()
    expect(said(one)).to_have_text("Not quite. Turned round.")
    one.get_by_role("button", name="Move down: three").press("Enter")
    one.get_by_role("button", name="Move down: three").press("Enter")
    expect(rows).to_have_text(["two", "one", "three"])
    one.get_by_role("button", name="Move up: one").press("Enter")
    check.click()
    expect(said(one)).to_have_text("Right. They count.")


def test_a_patch_is_guessed_before_weights_are_seen(visit):
    page = visit(viewport=PHONE)
    one = card(page, "Which patch does the left eye attend to most?")
    patches = one.locator(".vxe-key")
    expect(patches).to_have_count(16)
    expect(one.locator("data:visible")).to_have_count(0)
    first = one.get_by_role("button", name=NAMES[0])
    first.focus()
    page.keyboard.press("ArrowRight")  # the left eye itself
    expect(one.get_by_role("button", name=f"{NAMES[1]} (the query)")).to_be_focused()
    page.keyboard.press("Enter")
    place = 1 + np.count_nonzero(EYES[1] < EYES)
    expect(said(one)).to_contain_text(
        f"You chose {NAMES[1]}: weight {EYES[1]:.4f}, number {place} of 16."
    )
    expect(said(one)).to_contain_text("You would think so. It is its partner.")
    expect(one.locator("data:visible")).to_have_count(16)
    expect(patches.nth(int(EYES.argmax()))).to_have_attribute("data-verdict", "right")
    expect(one.get_by_role("button", name=f"{NAMES[1]} (the query)")).to_be_focused()
    assert violations(page) == []


def test_the_broken_line_is_found_and_then_mended(visit):
    page = visit()
    one = card(page, "The rows should be added.")
    mend = one.get_by_role("button", name=SUMS[0])
    expect(mend).to_be_hidden()
    one.get_by_role("button", name="y = a / 2").click()
    expect(said(one)).to_have_text("Not quite. That line does what it should.")
    one.get_by_role("button", name="a = s.sum(axis=0)").click()
    expect(said(one)).to_have_text("Yes, that line. What should it be?")
    one.get_by_role("button", name=SUMS[1], exact=True).click()
    expect(said(one)).to_have_text("Not quite. That adds up everything.")
    mend.click()
    expect(said(one)).to_have_text("Right. Rows run along axis one.")
    expect(one.locator(".vxe-line").nth(1)).to_have_text(SUMS[0])


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_it_fits_a_narrow_screen_and_keeps_nobody_out(visit, scheme):
    page = visit(viewport=PHONE)
    page.evaluate("scheme => document.body.dataset.mdColorScheme = scheme", scheme)
    check_targets(page, "lesson-exercises .vx-button, lesson-exercises input")
    assert violations(page) == []
    card(page, "Which is red?").get_by_role("button", name="sky").click()
    card(page, "Which is red?").get_by_role("button", name="rose").click()
    assert violations(page) == []


def test_a_verdict_is_a_sign_and_not_a_colour_alone(visit):
    page = visit(forced_colors="active")
    one = card(page, "Which is red?")
    for option, sign in (("sky", "✗"), ("rose", "✓")):
        button = one.get_by_role("button", name=option)
        button.click()
        shown = button.evaluate("one => getComputedStyle(one, '::before').content")
        assert sign in shown
