"""Questionnaires as a respondent meets them: every method filled in, saved, combined, loaded and estimated."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from offline_page import CONTRAST, NAMELESS, opened

from workbench.customers import CustomerBase
from workbench.report import Brand, questionnaire
from workbench.report.questionnaire_page import questionnaire_data
from workbench.research import combine_answers, example_design, fit_mnl, gabor_granger, kano, maxdiff, read_design
from workbench.research.survey_design import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from workbench.research.survey_design import Design

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=document.title='taken'>"
OFFER = "A plan for a team of ten"


def design(method: str, **fields: Any) -> Design:  # noqa: ANN401 - any field of a design
    """Return a small design of a method, two segments asked for."""
    return read_design(method, {"title": "A few questions", "segments": ["small", "large"], **fields})


@contextmanager
def answering(browser: Browser, folder: Path, asked: Design, who: str, version: int = 1) -> Iterator[Page]:
    """Open a questionnaire by the address of an invitation, past its first page."""
    html = questionnaire(asked.method, asked)
    with opened(browser, folder, html, hash_text=f"#respondent={who}&account=A1&version={version}") as page:
        page.get_by_label("small").check()
        go_on(page)
        yield page


def go_on(page: Page) -> None:
    """Press the main button."""
    page.locator("#next").click()


def saved(page: Page, folder: Path) -> Path:
    """Save the answers at the end, and return the file."""
    assert page.locator("#question").inner_text() == "Thank you"
    with page.expect_download() as download:
        go_on(page)
    folder.mkdir(exist_ok=True)
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def loaded(folder: Path, answers: Path) -> CustomerBase:
    """Return a customer base that has the combined answers beside one account."""
    data = folder / "data"
    combine_answers(answers).save(data)
    pd.DataFrame({"account_id": ["A1"], "segment": ["small"]}).to_csv(data / "accounts.csv", index=False)
    pd.DataFrame({"account_id": ["A1"], "month": ["2024-01"], "amount": [10]}).to_csv(data / "mrr.csv", index=False)
    return CustomerBase.load(data)


def test_price_questions_are_checked_and_arrive(browser: Browser, tmp_path: Path) -> None:
    """Prices in a wrong order are refused with a kind sentence; corrected ones load with intents and segment."""
    asked = design("price-sensitivity", offer=OFFER)
    with answering(browser, tmp_path, asked, "P1") as page:
        for name, typed in (("too_cheap", "20"), ("cheap", "15"), ("expensive", "1,200.50"), ("too_expensive", "abc")):
            page.locator(f"#{name}").fill(typed)
        go_on(page)
        assert "A bargain costs more" in page.locator("#problem-cheap").inner_text()
        assert "$15 here and $20 before" in page.locator("#problem-cheap").inner_text()
        assert "type a price as a number" in page.locator("#problem-too_expensive").inner_text()
        assert page.locator("#cheap").get_attribute("aria-invalid") == "true"
        assert page.evaluate("() => document.activeElement.id") == "cheap"
        page.locator("#cheap").fill("25,5")
        page.locator("#too_expensive").fill("$1.500")
        assert page.locator("#read-too_expensive").inner_text() == "Read as $1,500."
        page.locator("#too_cheap").fill("0.125")
        assert page.locator("#read-too_cheap").inner_text() == "Read as $0.125."
        page.locator("#too_cheap").fill("20")
        assert page.locator("#read-too_cheap").inner_text() == ""
        go_on(page)
        assert "At $25.50 a month" in page.locator("#step").inner_text()
        go_on(page)
        assert page.locator("#problem").inner_text() == "Please answer for both prices."
        page.locator("#cheap-5").check()
        page.locator("#expensive-2").check()
        go_on(page)
        saved(page, tmp_path / "answers")
    row = loaded(tmp_path, tmp_path / "answers").survey_price_sensitivity.iloc[0]
    assert row[["too_cheap", "cheap", "expensive", "too_expensive"]].tolist() == [20, 25.5, 1200.5, 1500]
    assert row[["intent_cheap", "intent_expensive"]].tolist() == [5, 2]
    version = f"{questionnaire_data(asked)['id'][:6]}-1"
    assert row[["respondent", "account_id", "segment", "version"]].tolist() == ["P1", "A1", "small", version]


def test_a_ladder_stops_at_the_first_no(browser: Browser, tmp_path: Path) -> None:
    """After a No later prices are not asked and stay blank; demand at each price counts them as No."""
    asked = design("price-ladder", offer=OFFER, prices=[10, 20, 40])
    for who, most in (("L1", 0), ("L2", 1), ("L3", 3)):
        with answering(browser, tmp_path, asked, who) as page:
            for place in range(min(most + 1, 3)):
                page.get_by_label("Yes, I would buy it" if place < most else "No, I would not").check()
                go_on(page)
            saved(page, tmp_path / "answers")
    base = loaded(tmp_path, tmp_path / "answers")
    table = base.survey_price_ladder
    assert table[table["respondent"] == "L1"]["accepted"].isna().tolist() == [False, True, True]
    found = gabor_granger(table, samples=20)
    found = gabor_granger(table, samples=20).table
    assert found["would buy, as answered"].tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 3])


def test_a_randomised_price_is_asked_once(browser: Browser, tmp_path: Path) -> None:
    """Each version asks one price, and each respondent leaves one row."""
    asked = design("randomised-price", offer=OFFER, prices=[10, 20, 40])
    with answering(browser, tmp_path, asked, "S1", version=2) as page:
        assert page.locator("#question").inner_text() == "Would you buy it at $20 a month?"
        page.get_by_label("No, I would not").check()
        go_on(page)
        saved(page, tmp_path / "answers")
    table = loaded(tmp_path, tmp_path / "answers").survey_price_ladder
    assert table[["price", "accepted"]].to_numpy().tolist() == [[20.0, False]]
    assert table["version"].iloc[0].endswith("-2")


def test_choices_arrive_with_what_was_shown(browser: Browser, tmp_path: Path) -> None:
    """The file holds every offer as designed with the one chosen, none included; a model can be fitted to it."""
    attributes = [
        {"name": "price", "levels": [10, 20, 40]},
        {"name": "support", "levels": ["mail", "phone"], "shown": {"mail": "By mail", "phone": "By phone"}},
    ]
    asked = design("choice", attributes=attributes, tasks=4, alternatives=2, versions=2)
    picks = {"C1": [0, 1, 2, 0], "C2": [1, 1, 0, 2], "C3": [0, 0, 1, 1], "C4": [1, 0, 0, 0]}
    for place, (who, chosen) in enumerate(picks.items()):
        with answering(browser, tmp_path, asked, who, version=place % 2 + 1) as page:
            assert page.get_by_text("By phone").count() > 0
            for at in chosen:
                page.locator("#step input[type=radio]").nth(at).check()
                go_on(page)
            saved(page, tmp_path / "answers")
    table = loaded(tmp_path, tmp_path / "answers").survey_choice
    first = table[(table["respondent"] == "C1")].reset_index(drop=True)
    shown = asked.design().frame.query("version == 1").reset_index(drop=True)
    assert first["price"].tolist() == shown["price"].tolist()
    assert first["support"].fillna("").tolist() == shown["support"].tolist()
    assert first["none"].tolist() == shown["none"].tolist()
    assert first.groupby("task")["chosen"].apply(lambda each: each.tolist().index(True)).tolist() == picks["C1"]
    model = fit_mnl(table)
    assert model.cases == 16
    assert set(model.coefficients.index) == {"price", "support: phone", "none"}


def test_best_and_worst_arrive(browser: Browser, tmp_path: Path) -> None:
    """A feature cannot be both; what was chosen ranks the features."""
    names = ["Alerts", "Exports", "Sign-on", "Forecasts"]
    asked = design("best-worst", features=[{"name": name} for name in names], shown=4, tasks=2, versions=1)
    for who in ("B1", "B2"):
        with answering(browser, tmp_path, asked, who) as page:
            for _ in range(2):
                page.get_by_label("Exports: matters least").check()
                page.get_by_label("Exports: matters most").check()
                assert not page.get_by_label("Exports: matters least").is_checked()
                go_on(page)
                assert page.locator("#problem").inner_text() == "Please choose which matters least."
                page.get_by_label("Alerts: matters least").check()
                go_on(page)
            saved(page, tmp_path / "answers")
    found = maxdiff(loaded(tmp_path, tmp_path / "answers").survey_best_worst, samples=20)
    assert found.table["feature"].iloc[[0, -1]].tolist() == ["Exports", "Alerts"]
    assert found.table["best"].sum() == 4


def test_feelings_arrive(browser: Browser, tmp_path: Path) -> None:
    """Both feelings and the importance of every feature are asked for, and give its kind."""
    asked = design("feature-fit", features=[{"name": "Sign-on", "description": "One account"}, {"name": "Maps"}])
    with answering(browser, tmp_path, asked, "K1") as page:
        for place, answer in enumerate([(2, 5, 9), (3, 3, 1)], start=1):
            for name, value in zip(("functional", "dysfunctional", "importance"), answer, strict=True):
                go_on(page)
                assert page.locator("#problem").inner_text().startswith("Please say")
                page.locator(f"#feature-{place}-{name}-{value}").check()
            go_on(page)
        saved(page, tmp_path / "answers")
    found = kano(loaded(tmp_path, tmp_path / "answers").survey_feature_fit, samples=20)
    assert {each.feature: each.category for each in found.features} == {"Sign-on": "must_be", "Maps": "indifferent"}
    assert found.of("Sign-on").importance.estimate == 9


def test_answers_survive_a_reload_and_can_be_changed(browser: Browser, tmp_path: Path) -> None:
    """After a reload the same question stands with the same answers; back leads to the earlier ones."""
    asked = design("feature-fit", features=[{"name": "Sign-on"}, {"name": "Maps"}], ask_importance=False)
    with answering(browser, tmp_path, asked, "K1") as page:
        page.locator("#feature-1-functional-2").check()
        page.locator("#feature-1-dysfunctional-4").check()
        go_on(page)
        page.locator("#feature-2-functional-1").check()
        page.reload()
        page.locator("html[data-ready=yes]").wait_for()
        assert page.locator("#question").inner_text() == "Maps"
        assert page.locator("#feature-2-functional-1").is_checked()
        assert page.locator("#progress").inner_text() == "Question 2 of 2"
        page.locator("#back").click()
        assert page.locator("#feature-1-dysfunctional-4").is_checked()
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator("#restart").click()
        go_on(page)
        assert page.locator("#problem").inner_text() == "Please choose what describes you best."


def test_without_an_invitation_a_code_is_given_and_checked(browser: Browser, tmp_path: Path) -> None:
    """Somebody without a code gets one; a code that is none is refused, and the file is named after a good one."""
    asked = read_design("price-ladder", {"title": "Prices", "offer": OFFER, "prices": [1, 2, 3]})
    with opened(browser, tmp_path, questionnaire("price-ladder", asked)) as page:
        assert page.locator("#respondent").input_value().startswith("R-")
        page.locator("#respondent").fill("=cmd|x")
        go_on(page)
        assert "letters, digits" in page.locator("#problem").inner_text()
        page.locator("#respondent").fill("team-7")
        go_on(page)
        page.get_by_label("No, I would not").check()
        go_on(page)
        file = saved(page, tmp_path / "answers")
    assert file.name == "survey_price_ladder-team-7.csv"
    with file.open(encoding="utf-8") as text:
        assert [row["respondent"] for row in csv.DictReader(text)] == ["team-7"] * 3


def test_the_keyboard_alone_fills_it_in(browser: Browser, tmp_path: Path) -> None:
    """Tab, arrows, space and Enter answer and go on; the question has the focus when it appears."""
    asked = design("price-ladder", offer=OFFER, prices=[1, 2, 3])
    with opened(browser, tmp_path, questionnaire("price-ladder", asked), hash_text="#respondent=X") as page:
        page.locator("#segment-small").focus()
        page.keyboard.press("ArrowDown")
        assert page.get_by_label("large").is_checked()
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "question"
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("#question").inner_text() == "Thank you"


@pytest.mark.parametrize("method", METHODS)
def test_every_page_is_readable_named_and_fits_a_phone(browser: Browser, tmp_path: Path, method: str) -> None:
    """At 390 pixels nothing is wider than the screen; contrast is 4.5 or more in dark, and every control has a name."""
    html = questionnaire(method, example_design(method), brand=Brand("Brand", "#ffd400"))
    with opened(browser, tmp_path, html, scheme="dark", width=390, hash_text="#version=1") as page:
        page.locator("input[name=segment]").first.check()
        for _ in range(2):
            assert page.evaluate("() => document.documentElement.scrollWidth") == 390
            assert page.evaluate(CONTRAST) == []
            assert page.evaluate(NAMELESS) == []
            go_on(page)


def test_names_are_text_whatever_they_hold(browser: Browser, tmp_path: Path) -> None:
    """Features whose names are markup are shown as they are, none of it runs, and the file holds them whole."""
    names = [HOSTILE, 'Say "hi", twice', "C"]
    asked = design("best-worst", features=[{"name": name} for name in names], shown=3, tasks=1, versions=1)
    with answering(browser, tmp_path, asked, "H1") as page:
        assert page.locator("img").count() == 0
        page.locator("tbody input").nth(0).check()
        page.locator("tbody input").nth(3).check()
        go_on(page)
        file = saved(page, tmp_path / "answers")
        assert page.title() != "taken"
    with file.open(encoding="utf-8", newline="") as text:
        assert {row["feature"] for row in csv.DictReader(text)} == set(names)
