"""The figures of price sensitivity and price ladders: small, worded, and honest about what is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import vl_convert

from workbench.research import by_segment, gabor_granger, van_westendorp
from workbench.stages.willingness import figures_stated_prices

if TYPE_CHECKING:
    from workbench.stages.figure import Figure


def answers(*, too_cheap: bool = True, intent: bool = True, count: int = 1500) -> pd.DataFrame:
    """Return respondents with prices nobody else names, so that there are thousands of corners."""
    random = np.random.default_rng(1)
    willing = 100 * np.exp(random.normal(0, 0.4, count))
    frame = pd.DataFrame({"cheap": willing * 0.7, "expensive": willing * 1.15, "too_expensive": willing * 1.6})
    frame["segment"] = random.choice(["small", "large"], count)
    frame["per"] = "seats"
    if too_cheap:
        frame["too_cheap"] = willing * 0.4
    return frame.assign(intent_cheap=4, intent_expensive=2) if intent else frame


def ladder_answers() -> pd.DataFrame:
    """Return whole ladders of 90 people."""
    willing = 100 * np.exp(np.random.default_rng(2).normal(0, 0.4, 90))
    rows = [(f"R{at}", price, float(price <= most)) for at, most in enumerate(willing) for price in (50, 80, 110, 160)]
    return pd.DataFrame(rows, columns=["respondent", "price", "accepted"])


def single_answers() -> pd.DataFrame:
    """Return 400 people asked one price each."""
    random = np.random.default_rng(3)
    price = random.choice([50.0, 80.0, 110.0, 160.0], 400)
    return pd.DataFrame({"price": price, "accepted": (random.random(400) < 1 - price / 200).astype(float)})


def every_figure() -> list[Figure]:
    """Return the figures of every kind of result."""
    return [
        *figures_stated_prices.sensitivity_figures(van_westendorp(answers(), samples=50), "USD"),
        *figures_stated_prices.sensitivity_figures(van_westendorp(answers(), range_="narrower", samples=50), "EUR"),
        *figures_stated_prices.sensitivity_figures(van_westendorp(answers(too_cheap=False), samples=50), "SEK"),
        *figures_stated_prices.segment_figures(by_segment(answers(), samples=50), "USD"),
        *figures_stated_prices.ladder_figures(gabor_granger(ladder_answers(), unit_cost=20, samples=50), "USD"),
        *figures_stated_prices.ladder_figures(gabor_granger(single_answers(), samples=50), "EUR"),
    ]


FIGURES = every_figure()


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_every_figure_can_be_drawn_in_light_and_dark(figure: Figure) -> None:
    """Each chart draws on both grounds from fewer than 2,000 rows, however many respondents there are."""
    assert sum(len(rows) for rows in figure.data.values()) < 2000
    for dark in (False, True):
        svg = vl_convert.vegalite_to_svg(figure.full_spec(dark=dark))
        assert "NaN" not in svg
        assert svg.count("<path") > 5


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_every_figure_says_what_it_shows_and_what_is_assumed(figure: Figure) -> None:
    """Each figure has a description, a reading, a table, and the overstatement assumed in its footnotes."""
    assert figure.description.strip()
    assert figure.reading.endswith(".")
    assert figure.table is not None
    assert len(figure.table)
    assert figure.table_caption
    assert any("divided by 1 to 1.4" in note for note in figure.footnotes)


def test_without_intent_there_are_no_figures_of_intent() -> None:
    """Reach and revenue are drawn only where people stated their intent."""
    keys = [
        each.key
        for each in figures_stated_prices.sensitivity_figures(van_westendorp(answers(intent=False), samples=50), "USD")
    ]
    assert keys == ["price-curves", "price-points"]


def test_the_marks_stand_where_the_curves_cross() -> None:
    """Each point is drawn at the height its curve has there, and only points that could be had are drawn."""
    result = van_westendorp(answers(), samples=50)
    rows = figures_stated_prices.sensitivity_figures(result, "USD")[0].data["points"].set_index("point")
    for words, curve in (("indifference price", "not_expensive"), ("optimal price point", "too_expensive"),
                         ("point of marginal cheapness", "not_cheap")):  # fmt: skip
        height = np.interp(rows.loc[words, "price"], result.curves["price"], result.curves[curve])
        assert rows.loc[words, "share"] == pytest.approx(height, abs=1e-3)
    without = van_westendorp(answers(too_cheap=False), samples=50)
    drawn = figures_stated_prices.sensitivity_figures(without, "USD")[0].data["points"]["point"].tolist()
    assert drawn == ["indifference price", "point of marginal expensiveness"]


def test_the_axis_says_what_a_price_buys() -> None:
    """Prices per seat are called so on the axis, and a survey of other prices is another chart."""
    per_seat = figures_stated_prices.sensitivity_figures(van_westendorp(answers(), samples=50), "USD")[0]
    plain = figures_stated_prices.sensitivity_figures(van_westendorp(answers().drop(columns="per"), samples=50), "USD")[
        0
    ]
    assert "Price per seat" in str(per_seat.spec())
    assert "Price per seat" not in str(plain.spec())
    assert per_seat.identity != plain.identity
