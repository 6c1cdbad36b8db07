"""The charts of choices: what they show, what they say, and when there are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.research import MixedModel, fit_mixed_logit, fit_mnl
from workbench.stages.willingness.figures_preferences import choice_figures


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """Return 120 respondents who choose between three offers and none, eight times."""
    random = np.random.default_rng(6)
    people, tasks, shown = 120, 8, 4
    grid = np.indices((people, tasks, shown)).reshape(3, -1)
    none = grid[2] == shown - 1
    offer = {
        "price": np.where(none, 0, random.choice([20, 30, 50], len(none))),
        "storage": np.where(none, 0, random.choice([100, 200, 400], len(none))),
        "agent": np.where(none, 0, random.integers(0, 2, len(none))),
        "support": np.where(none, "", random.choice(["mail", "phone"], len(none))),
        "none": none.astype(int),
    }
    frame = pd.DataFrame({"respondent": grid[0].astype(str), "task": grid[1], "alternative": grid[2], **offer})
    taste = random.normal(0.5, 1.5, people)[grid[0]]
    utility = -0.06 * frame["price"] + 0.004 * frame["storage"] + taste * frame["agent"] - 1.5 * frame["none"]
    utility += 0.4 * (frame["support"] == "phone") + random.gumbel(size=len(frame))
    best = utility.groupby([frame["respondent"], frame["task"]]).transform("max")
    return frame.assign(chosen=(utility == best).astype(int))


@pytest.fixture(scope="module")
def mixed(survey: pd.DataFrame) -> MixedModel:
    """Fit tastes that differ about two attributes."""
    return fit_mixed_logit(survey, random={"agent": "normal", "storage": "normal"}, starts=2, draws=64, currency="EUR")


def test_one_figure_for_everybody_two_for_single_respondents(survey: pd.DataFrame, mixed: MixedModel) -> None:
    """The multinomial logit shows worth; the mixed one also how far respondents differ; both draw."""
    assert [each.key for each in choice_figures(fit_mnl(survey), "EUR")] == ["choice-worth"]
    found = choice_figures(mixed, "EUR")
    assert [each.key for each in found] == ["choice-worth", "choice-spread"]
    for figure in found:
        assert figure.static_svg().startswith("<svg")
        assert figure.description
        assert any(note.startswith("Prices as chosen in the survey") for note in figure.footnotes)


def test_worth_is_that_of_the_whole_step_in_money(survey: pd.DataFrame) -> None:
    """Quantities count from least to most shown among offers, levels against their base; choosing none is left out."""
    model = fit_mnl(survey, currency="EUR")
    (figure,) = choice_figures(model, "EUR")
    rows = figure.data["worth"].set_index("attribute")
    worth = model.willingness_to_pay()
    assert set(rows.index) == {"storage from 100 to 400", "agent", "support: phone instead of mail"}
    assert rows.loc["storage from 100 to 400", "worth"] == pytest.approx(300 * worth["storage"].estimate)
    assert rows.loc["storage from 100 to 400", "low"] == pytest.approx(300 * worth["storage"].low)
    assert rows.loc["agent", "high"] == pytest.approx(worth["agent"].high)
    assert "€" in figure.reading
    assert "120 respondents, 960 choices" in figure.table_caption


def test_spread_shows_what_differs_and_whom_it_divides(mixed: MixedModel) -> None:
    """Only attributes that differ between respondents have a bar, its quantiles in order; the reading names one."""
    _, figure = choice_figures(mixed, "EUR")
    rows = figure.data["spread"]
    assert set(rows["attribute"]) == {"storage from 100 to 400", "agent"}
    ends = rows[["p10", "p25", "p50", "p75", "p90"]].to_numpy()
    assert (np.diff(ends, axis=1) >= 0).all()
    assert "divided are respondents about agent" in figure.reading
    assert figure.table.words()["Worth something to"].str.endswith("%").all()


def test_what_the_choices_do_not_settle_is_named_not_drawn() -> None:
    """An attribute that separates the choices has no point; a footnote says so, and the table unknown."""
    random = np.random.default_rng(0)
    reports = np.tile([1, 0], 200)
    data = pd.DataFrame({"case": np.repeat(np.arange(200), 2), "chosen": reports, "reports": reports})
    data["price"] = random.uniform(1, 5, 400).round(2)
    (figure,) = choice_figures(fit_mnl(data, case="case"), "USD")
    assert figure.data["worth"].empty
    assert any("Not settled by the choices: reports" in each for each in figure.footnotes)
    assert list(figure.table.words()["Worth"]) == ["unknown"]
    assert figure.static_svg().startswith("<svg")


def test_without_a_price_there_is_no_figure(survey: pd.DataFrame) -> None:
    """Worth in money needs a price."""
    assert choice_figures(fit_mnl(survey, price=None, attributes=["agent", "none"]), "USD") == ()
