"""Calculator and questionnaires made on the screen: filled from the study, changed, written, and answers taken in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.pages.handouts import HANDOUTS, SURVEYS, open_calculator, open_customer_pages, open_questionnaires
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.report import design_from_study
from workbench.research import example_answers, load_design
from workbench.research.survey_design import METHODS
from workbench.study import Scenario, Study, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.pages.handouts import QuestionnairesPanel

FEATURES = ("Reports", "Audit trail", "Single sign-on", "Open API", "Alerts", "Forecasts")


def tables() -> dict[str, pd.DataFrame]:
    """Return twelve accounts in two segments, three plans priced by the seat, and six features."""
    accounts = pd.DataFrame({"account_id": [f"a{n}" for n in range(12)], "segment": ["small", "large"] * 6})
    return {
        "accounts": accounts,
        "usage": accounts[["account_id"]].assign(month="2024-06", metric="seats", quantity=range(1, 13)),
        "mrr": accounts[["account_id"]].assign(month="2024-06", amount=100, currency="EUR"),
        "plans": pd.DataFrame(
            {"plan": ["Small", "Middle", "Large"], "metric": "seats", "unit_price": [10, 40, 90], "currency": "EUR"}
        ),
        "features": pd.DataFrame({"feature": FEATURES, "must_have": [True, False, False, False, False, False]}),
    }


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Return a session on a study of that company, in a workspace of its own."""
    data = tmp_path / "data" / "acme"
    data.mkdir(parents=True)
    for name, frame in tables().items():
        frame.to_csv(data / f"{name}.csv", index=False)
    folder = tmp_path / "studies" / "acme"
    study = save(Study.new("acme", "../../data/acme", currency="EUR"), folder).study
    made = Session(folder, study)
    with strict_callbacks():
        yield made
        made.finish()


@pytest.fixture
def asked(session: Session) -> QuestionnairesPanel:
    """Return the panel of questionnaires."""
    return open_questionnaires(session)


def test_a_customer_s_page_is_shown_and_those_of_all_are_written(session: Session, tmp_path: Path) -> None:
    """The page in view is that of the customer chosen; the button writes one each, and says where they lie."""
    view = open_customer_pages(session).pages_view
    assert len(dict(view.account.options)) == 12
    assert "today's list" in dict(view.prices.options)
    view.account.value, view.brand.name.value = "a3", "Acme Data"
    view.look.click()
    page = tmp_path / HANDOUTS / "acme customers" / "a3.html"
    assert "Acme Data" in page.read_text()
    assert "iframe" in view.page.value
    view.apply.click()
    assert len(list(page.parent.glob("*.html"))) == 12
    assert "12 pages written to" in view.status.value
    view.brand.colour.value = "blueish"
    view.look.click()
    assert "blueish" in view.status.value


@pytest.mark.parametrize("method", METHODS)
def test_every_method_begins_with_what_the_study_knows(asked: QuestionnairesPanel, method: str, tmp_path: Path) -> None:
    """Prices lie around the plan in the middle, features and segments are the company's, and the page can be sent."""
    view = asked.questions_view
    view.method.value = method
    view.apply.click()
    design: Any = load_design(method, tmp_path / SURVEYS / f"{method}.json")
    assert design == view.design
    assert (design.currency, set(design.segments)) == ("EUR", {"small", "large"})
    page = (tmp_path / SURVEYS / f"{method}.html").read_text()
    if hasattr(design, "prices"):
        assert (design.prices[0], design.prices[-1], design.per) == (20, 80, "seats")
        assert "Middle" in design.offer
    if hasattr(design, "features"):
        assert {each.name for each in design.features} == set(FEATURES)
    if hasattr(design, "attributes"):
        assert design.attributes[0].levels[0] == 20
        assert "Audit trail" in page


def test_what_is_typed_is_what_is_asked(asked: QuestionnairesPanel, tmp_path: Path) -> None:
    """Every box counts, with decimal commas where semicolons stand between."""
    view = asked.questions_view
    view.method.value = "price-ladder"
    view.prices.value, view.offer.value, view.title.value = "19,90; 29,90; 49", "The new plan", "Three questions"
    view.apply.click()
    design = json.loads((tmp_path / SURVEYS / "price-ladder.json").read_text())
    assert design["prices"] == [19.9, 29.9, 49]
    assert (design["offer"], design["title"]) == ("The new plan", "Three questions")
    view.method.value = "choice"
    view.prices.value, view.features.value = "10, 20, 40", ("Alerts",)
    view.apply.click()
    design = json.loads((tmp_path / SURVEYS / "choice.json").read_text())
    assert [each["name"] for each in design["attributes"]] == ["price", "Alerts"]
    assert design["attributes"][0]["levels"] == [10, 20, 40]


@pytest.mark.parametrize(
    ("prices", "said"),
    [("ten", "are no prices"), ("20, 10, 30", "each higher than the one before"), ("20", "three or more prices")],
)
def test_prices_nobody_can_be_asked_are_refused(asked: QuestionnairesPanel, prices: str, said: str) -> None:
    """The message names what is wrong, the boxes keep what was typed, and nothing is written."""
    view = asked.questions_view
    view.method.value = "price-ladder"
    view.prices.value = prices
    view.apply.click()
    assert said in view.status.text
    assert (view.prices.value, view.page.value) == (prices, "")


def test_levels_that_are_not_asked_any_more_prohibit_nothing(session: Session, tmp_path: Path) -> None:
    """The example keeps two levels apart; once one of them is gone, there is nothing to keep apart."""
    (tmp_path / "data" / "acme" / "plans.csv").unlink()
    session.read_again()
    view = open_questionnaires(session).questions_view
    view.method.value = "choice"
    assert view.prices.value == "99, 199, 299, 449"
    view.prices.value = "10, 20, 40"
    view.apply.click()
    design = json.loads((tmp_path / SURVEYS / "choice.json").read_text())
    assert (design["attributes"][0]["levels"], design["prohibited"]) == ([10, 20, 40], [])


def test_a_company_without_plans_or_features_is_asked_the_example() -> None:
    """What is not known stays as the example has it, in the company's own currency."""
    known = {name: frame for name, frame in tables().items() if name in ("accounts", "mrr")}
    base, nothing = CustomerBase.from_tables(known), Scenario(id="baseline", name="Today", kind="baseline")
    for method in METHODS:
        assert design_from_study(method, base, nothing).currency == "EUR"


@pytest.mark.needs_stage("willingness")
def test_answers_that_come_back_reach_the_stage_that_uses_them(session: Session, asked: QuestionnairesPanel) -> None:
    """Files are read together, copies count once, and willingness to pay uses them without a new start."""
    demand = open_stage(session, "willingness")
    assert demand.result.answers.price_ladder is None
    answers = example_answers("price-ladder")
    people = list(answers.groupby("respondent"))
    sent = [(f"survey_price_ladder {who}.csv", frame.to_csv(index=False).encode()) for who, frame in people]
    view = asked.answers_view
    view.files.take([*sent, ("copy of survey_price_ladder.csv", sent[0][1]), ("notes.csv", b"a,b\n1,2\n")])
    assert f"{len(people)} respondents" in view.found.value
    view.add.click()
    assert "survey_price_ladder.csv" in view.status.text
    demand.flush()
    assert demand.result.answers.price_ladder is not None


def test_answers_with_mistakes_are_listed_by_file_and_nothing_is_added(
    session: Session, asked: QuestionnairesPanel
) -> None:
    """Every problem is shown, and the button to add stays away."""
    view = asked.answers_view
    view.files.take([("survey_price_ladder R1.csv", b"respondent,price,accepted\nR1,ten,1\n")])
    assert "ten" in view.found.value
    assert "to correct" in view.status.text
    assert view.add.layout.display == "none"
    assert not session.base.has("survey_price_ladder")


@pytest.mark.needs_stage("tiers")
def test_the_calculator_shows_today_only_where_it_is_asked_to(session: Session, tmp_path: Path) -> None:
    """A page for customers can leave out what changes for them."""
    open_stage(session, "tiers").session.propose(session.study.designs[0].with_decision(_two_tiers()))
    view = open_calculator(session).calculator_view
    for with_today in (True, False):
        view.with_today.value = with_today
        view.brand.name.value = "Acme & Sons"
        view.apply.click()
        page = next((tmp_path / HANDOUTS).glob("*.html")).read_text()
        assert ('id="title-today"' in page) == with_today
        assert "Acme &amp; Sons" in page
    view.brand.colour.value = "greenish"
    view.apply.click()
    assert "greenish" in view.status.text


def _two_tiers() -> Any:  # noqa: ANN401 - the decision of the stage
    from workbench.stages.offers import Tier, TierDecision  # noqa: PLC0415 - for this alone

    return TierDecision(tiers=(Tier(id="a", name="A", price=10), Tier(id="b", name="B", price=30)))
