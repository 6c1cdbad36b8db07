"""Questionnaire pages: the same text each time, nothing from outside, and the columns of the survey tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers.tables import TABLES
from workbench.report import questionnaire, write_questionnaire
from workbench.report.questionnaire_page import TABLES as METHOD_TABLES
from workbench.report.questionnaire_page import questionnaire_data
from workbench.research import ResearchError, example_design, read_design
from workbench.research.survey_design import METHODS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("method", METHODS)
def test_the_same_design_gives_the_same_page(method: str, tmp_path: Path) -> None:
    """A page repeats byte for byte, names no address outside, and allows its own script and style only."""
    text = questionnaire(method, example_design(method))
    assert text == write_questionnaire(method, example_design(method).model_dump(), tmp_path / "p.html").read_text()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "default-src 'none'; script-src 'sha256-" in text
    assert "unsafe" not in text


@pytest.mark.parametrize("method", METHODS)
def test_answer_files_have_the_columns_of_the_survey_table(method: str) -> None:
    """Every column written is documented, or an attribute of a choice study; what is required is written."""
    data = questionnaire_data(example_design(method))
    table = TABLES[METHOD_TABLES[method]]
    extra = set(data["columns"]) - set(table.column_names)
    attributes = {each.name for each in getattr(example_design(method), "attributes", ())}
    assert extra <= attributes | {"none"}
    assert set(table.required_columns) <= set(data["columns"])


@pytest.mark.parametrize("method", METHODS)
def test_what_one_price_buys_is_asked_and_written(method: str) -> None:
    """A price per seat says so in every question about a price and in the answers; questions on features have none."""
    design = example_design(method).replaced(per="seats")
    data = questionnaire_data(design)
    is_priced = "price" in method or method == "choice"
    assert ("per" in data["columns"]) == is_priced
    assert ("per seat a month" in str(data["versions"])) == is_priced
    assert set(data["columns"]) <= set(TABLES[METHOD_TABLES[method]].column_names) | {
        "none", *(each.name for each in getattr(design, "attributes", ()))
    }  # fmt: skip


def test_a_changed_question_is_another_questionnaire() -> None:
    """Answers kept in a browser belong to one wording: its id changes with a question, not with the greeting."""
    design = example_design("price-ladder")
    other = read_design("price-ladder", {**design.model_dump(), "prices": (99, 199, 299)})
    greeted = read_design("price-ladder", {**design.model_dump(), "introduction": "Hello."})
    assert questionnaire_data(design)["id"] != questionnaire_data(other)["id"]
    assert questionnaire_data(design)["id"] == questionnaire_data(greeted)["id"]


def test_questions_can_be_left_out() -> None:
    """Without intent, too-cheap and importance questions neither steps nor columns ask for them."""
    plain = read_design("price-sensitivity", {"title": "T", "offer": "O", "ask_intent": False, "ask_too_cheap": False})
    data = questionnaire_data(plain)
    assert [step["kind"] for step in data["versions"][0]] == ["prices"]
    assert [field["name"] for field in data["versions"][0][0]["fields"]] == ["cheap", "expensive", "too_expensive"]
    assert "intent_cheap" not in data["columns"]
    fit = read_design("feature-fit", {"title": "T", "features": [{"name": "Maps"}], "ask_importance": False})
    assert "importance" not in questionnaire_data(fit)["columns"]


def test_levels_are_written_for_people() -> None:
    """Prices carry currency and period, quantities their unit, words what the design shows for them."""
    words = {
        word
        for step in questionnaire_data(example_design("choice"))["versions"][0]
        for offer in step["offers"]
        for word in offer["words"]
    }
    assert {"$99 a month", "1,000 GB a month", "Included"} <= words


def test_a_design_for_another_method_is_refused() -> None:
    """A method and a design that do not belong together are refused."""
    with pytest.raises(ResearchError, match="is for choice"):
        questionnaire("best-worst", example_design("choice"))


def test_the_command_writes_an_example_then_the_page(tmp_path: Path) -> None:
    """The command line writes a design to begin with, then the page and what its design is like; answers combine."""
    design, page = tmp_path / "design.json", tmp_path / "page.html"
    run = CliRunner().invoke
    assert run(app, ["questionnaire", "best-worst", "--design", str(design), "--example"]).exit_code == 0
    assert run(app, ["questionnaire", "best-worst", "--design", str(design), "--example"]).exit_code == 1
    done = run(app, ["questionnaire", "best-worst", "--design", str(design), "-o", str(page), "--brand", "Quill"])
    assert done.exit_code == 0
    assert "each feature is shown" in done.output
    assert "Quill" in page.read_text(encoding="utf-8")
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "survey_price_ladder-R1.csv").write_text("respondent,price,accepted\nR1,10,1\n", encoding="utf-8")
    done = run(app, ["answers", str(answers), "-o", str(tmp_path / "data")])
    assert done.exit_code == 0
    assert "survey_price_ladder: 1 respondent" in done.output
    (answers / "survey_price_ladder-R2.csv").write_text("respondent,price,accepted\nR2,10,0\n", encoding="utf-8")
    assert run(app, ["answers", str(answers), "-o", str(tmp_path / "data")]).exit_code == 0, "every row is kept"
    (answers / "survey_price_ladder-R1.csv").unlink()
    assert run(app, ["answers", str(answers), "-o", str(tmp_path / "data")]).exit_code == 1, "a row would be lost"
    assert run(app, ["answers", str(answers), "-o", str(tmp_path / "data"), "--force"]).exit_code == 1, "even so"
    assert run(app, ["answers", str(answers), "-o", str(answers), "--force"]).exit_code == 1, "its own input"
