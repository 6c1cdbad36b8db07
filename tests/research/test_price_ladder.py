"""Gabor and Granger's method: demand, elasticity, best prices, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import norm

from workbench.errors import DataErrors
from workbench.research import Overstatement, ResearchError, gabor_granger
from workbench.research.price_ladders import PriceLogit
from workbench.stats import never_rising

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
TRUTH = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]
ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
FILE = ORACLES / "gabor_granger.json"
PRICES = (10.0, 20.0, 30.0, 40.0, 50.0)
HIGHEST = (0, 10, 10, 20, 20, 20, 30, 30, 40, 50)


@pytest.fixture(scope="module")
def published() -> dict:
    """Read the published cases."""
    if not FILE.exists():
        pytest.skip(f"the published cases are not at {FILE}; set WORKBENCH_ORACLES to their folder")
    return json.loads(FILE.read_text(encoding="utf-8"))


def ladders(
    highest: tuple[float, ...] = HIGHEST, prices: tuple[float, ...] = PRICES, *, stops: bool = True
) -> pd.DataFrame:
    """Return rising ladders of people who accept up to a highest price; `stops`: nothing is asked after a No."""
    rows = []
    for person, most in enumerate(highest):
        refused = False
        for price in prices:
            answer = np.nan if refused and stops else float(price <= most)
            rows.append((f"R{person}", price, answer))
            refused |= price > most
    return pd.DataFrame(rows, columns=["respondent", "price", "accepted"])


def singles(asked: dict[float, tuple[int, int]]) -> pd.DataFrame:
    """Return one answer per person from price to (people asked, people who would buy)."""
    rows = [(price, float(person < buy)) for price, (count, buy) in asked.items() for person in range(count)]
    return pd.DataFrame(rows, columns=["price", "accepted"])


def drawn_singles(seed: int, count: int = 400, intercept: float = 2.4, slope: float = -0.09) -> pd.DataFrame:
    """Return people asked one price each at random, who buy by a known logit."""
    random = np.random.default_rng(seed)
    price = random.choice(PRICES, count)
    buys = random.random(count) < 1 / (1 + np.exp(-(intercept + slope * price)))
    return pd.DataFrame({"price": price, "accepted": buys.astype(float)})


@pytest.mark.parametrize("stops", [True, False])
def test_ten_people_on_a_ladder(*, stops: bool) -> None:
    """Demand, revenue, elasticity and profit of a ladder worked by hand; stopping at the first No changes nothing."""
    result = gabor_granger(ladders(stops=stops), unit_cost=8)
    np.testing.assert_allclose(result.demand, [0.9, 0.7, 0.4, 0.2, 0.1])
    np.testing.assert_allclose(result.revenue_index, [9, 14, 12, 8, 5])
    np.testing.assert_allclose(result.profit_index, [1.8, 8.4, 8.8, 6.4, 4.2])
    np.testing.assert_allclose(result.elasticity, [-0.375, -15 / 11, -7 / 3, -3])
    assert (result.revenue_price, result.profit_price) == (20, 30)


def test_published_ladder_and_weights(published: dict) -> None:
    """The published ladder, weighted by person, by row and by column, gives the published demand and best price."""
    frame = ladders(tuple(published["max_price"]), tuple(published["prices"]))
    result = gabor_granger(frame, unit_cost=published["unit_cost"])
    np.testing.assert_allclose(result.demand, published["demand"])
    np.testing.assert_allclose(result.elasticity, published["arc_elasticity_midpoint"])
    np.testing.assert_allclose(result.profit_index, published["profit_index"])
    assert result.revenue_price == published["optimal_price_revenue"] != published["pitfall_optimal"]
    assert result.profit_price == published["optimal_price_profit"]
    weights = np.array(published["weights"])
    rows = np.repeat(weights, len(PRICES))
    for given in (gabor_granger(frame, weights=weights), gabor_granger(frame, weights=rows),
                  gabor_granger(frame.assign(weight=rows))):  # fmt: skip
        np.testing.assert_allclose(given.demand, published["weighted_demand"])
        assert given.revenue_price == published["weighted_optimal"]


def test_published_single_prices(published: dict) -> None:
    """The logit of single prices has R's coefficients, errors, deviance and likelihood, and its closed-form optimum."""
    case = published["monadic_logit"]
    counts = {price: (n, buy) for price, n, buy in zip(case["prices"], case["n"], case["buy"], strict=True)}
    result = gabor_granger(singles(counts))
    expected, fit = case["expected_R_glm"], result.logit
    assert fit is not None
    assert fit.intercept == pytest.approx(expected["intercept"], abs=1e-10)
    assert fit.slope == pytest.approx(expected["slope"], abs=1e-10)
    assert fit.standard_errors == pytest.approx(expected["se"], abs=1e-10)
    assert fit.deviance == pytest.approx(expected["deviance"], abs=1e-9)
    ways = sum(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) for n, k in counts.values())
    assert fit.log_likelihood + ways == pytest.approx(expected["loglik"], abs=1e-8)
    assert result.revenue_price == pytest.approx(expected["revenue_max_price"], abs=1e-6)
    revenue = result.revenue_price * fit.curve.demand(np.array([result.revenue_price]))[0, 0]
    assert revenue == pytest.approx(expected["revenue_max"], abs=1e-8)


def test_published_repair(published: dict) -> None:
    """Shares that rise with price are averaged as R does in the published case."""
    case = published["isotonic"]
    repaired = never_rising(np.array([case["raw"]]), np.ones((1, 5)))[0]
    np.testing.assert_allclose(repaired, case["decreasing_pava"])


@pytest.mark.parametrize("cost", [0.0, 8.0, 60.0])
def test_the_closed_form_is_the_top_of_the_profit_curve(cost: float) -> None:
    """The price by Lambert's function is where a search along the curve finds the highest profit."""
    curve = PriceLogit(np.array([2.4398]), np.array([-0.0914]))
    searched = minimize_scalar(
        lambda price: -(price - cost) * curve.demand(np.array([price]))[0, 0],
        bounds=(cost, cost + 200), method="bounded", options={"xatol": 1e-9},
    )  # fmt: skip
    assert curve.best_price(cost)[0] == pytest.approx(searched.x, abs=1e-4)


def test_the_best_price_of_a_known_logit_is_held_by_nine_in_ten_intervals() -> None:
    """Over 200 simulated studies of 400 people, the 90% interval of the best price holds it 85 to 95 times in 100."""
    truth = PriceLogit(np.array([2.4]), np.array([-0.09])).best_price()[0]
    held = 0
    for study in range(200):
        interval = gabor_granger(drawn_singles(study), samples=300, seed=study).intervals["revenue_price"]
        held += interval.low <= truth <= interval.high
    assert 0.85 <= held / 200 <= 0.95


def test_demand_of_a_known_population_is_held_by_nine_in_ten_intervals() -> None:
    """Over 200 simulated ladders of 120 people, 90% intervals of demand hold the truth 85 to 95 times in 100."""
    prices = (300.0, 400.0, 500.0, 650.0)
    truth = 1 - norm.cdf(np.log(np.array(prices) / 500) / 0.4)
    held = np.zeros(len(prices))
    for study in range(200):
        willing = 500 * np.exp(np.random.default_rng(study).normal(0, 0.4, 120))
        result = gabor_granger(ladders(tuple(willing), prices), samples=20)
        held += [each.low <= true <= each.high for each, true in zip(result.demand_intervals, truth, strict=True)]
    assert ((held / 200 >= 0.85) & (held / 200 <= 0.95)).all(), held / 200


def test_the_sample_survey_gives_back_the_demand_it_was_drawn_from() -> None:
    """In every segment of the sample, 99% intervals hold the true demand and the price truly best of those asked."""
    frame = pd.read_csv(DATA / "sample" / "survey_price_ladder.csv")
    prices = np.array(TRUTH["price_ladder"], dtype=float)
    for segment, median in TRUTH["willing_to_pay_median"].items():
        result = gabor_granger(frame[frame["segment"] == segment], level=0.99)
        truth = 1 - norm.cdf(np.log(prices / median) / TRUTH["willing_to_pay_log_spread"])
        held = [each.low <= true <= each.high for each, true in zip(result.demand_intervals, truth, strict=True)]
        assert all(held), (segment, result.table, truth)
        best = prices[np.argmax(prices * truth)]
        interval = result.intervals["revenue_price"]
        assert interval.low <= best <= interval.high, segment


def test_prices_left_out_for_another_reason_are_refused_with_everybody_concerned() -> None:
    """Where a blank is not settled by a No below or a Yes above, demand is refused and each respondent is named."""
    frame = ladders(stops=False)
    frame.loc[(frame["respondent"] == "R9") & (frame["price"] == 50), "accepted"] = np.nan
    without_start = frame[~((frame["respondent"] == "R0") & (frame["price"] == 10))]
    with pytest.raises(DataErrors, match="rest on the same people") as caught:
        gabor_granger(without_start)
    (problem,) = caught.value.problems
    assert [each.split()[0] for each in problem.found.split(", ")] == ["R0", "R9"]


def test_a_falling_ladder_counts_what_was_not_asked_as_yes() -> None:
    """A ladder that starts high and stops at the first Yes leaves lower prices blank: they are accepted."""
    falling = ladders(stops=False)
    above = falling.groupby("respondent")["accepted"].transform(lambda said: said[::-1].cumsum()[::-1])
    falling.loc[(falling["accepted"] == 1) & (above > 1), "accepted"] = np.nan
    np.testing.assert_allclose(gabor_granger(falling).demand, [0.9, 0.7, 0.4, 0.2, 0.1])


def test_a_yes_above_a_no_is_counted_and_said() -> None:
    """The highest accepted price counts, and answers against the order are listed and cautioned."""
    frame = ladders(stops=False)
    frame.loc[(frame["respondent"] == "R1") & (frame["price"] == 40), "accepted"] = 1.0
    result = gabor_granger(frame)
    assert result.demand[2] == pytest.approx(0.5)
    assert set(result.inconsistent["respondent"]) == {"R1"}
    assert any("Yes above a No" in caution.text for caution in result.cautions)


def test_single_prices_that_rise_by_chance_are_repaired_and_said() -> None:
    """Raw shares stay visible, demand never rises, and the caution says that shares were averaged."""
    result = gabor_granger(singles({10: (60, 48), 20: (60, 30), 30: (60, 36), 40: (60, 12)}))
    np.testing.assert_allclose(result.raw_demand, [0.8, 0.5, 0.6, 0.2])
    np.testing.assert_allclose(result.demand, [0.8, 0.55, 0.55, 0.2])
    assert any("averaged" in caution.text for caution in result.cautions)


def test_weights_of_single_prices_give_robust_errors() -> None:
    """Weights of one kind change nothing; uneven weights widen the errors instead of counting as more people."""
    frame = drawn_singles(3)
    plain = gabor_granger(frame).logit
    doubled = gabor_granger(frame, weights=np.full(len(frame), 7.0)).logit
    uneven = gabor_granger(frame, weights=np.random.default_rng(1).exponential(1, len(frame))).logit
    assert plain is not None
    assert doubled is not None
    assert uneven is not None
    assert doubled.slope == pytest.approx(plain.slope)
    assert uneven.standard_errors[1] > plain.standard_errors[1]


def test_answers_without_a_falling_curve_fall_back_on_the_prices_asked() -> None:
    """Where buyers part from others at one price, or demand rises, no curve is made up and the caution says why."""
    parted = gabor_granger(singles({10: (40, 40), 20: (40, 40), 30: (40, 0)}))
    assert parted.logit is None
    assert parted.revenue_price == 20
    assert any("part at one price" in caution.text for caution in parted.cautions)
    rising = gabor_granger(singles({10: (80, 20), 20: (80, 40), 30: (80, 60)}))
    assert rising.revenue_price == 30
    assert any("does not fall" in caution.text for caution in rising.cautions)


def test_a_best_price_at_the_end_of_the_ladder_is_cautioned() -> None:
    """When the best price is the highest asked, or nothing covers the cost, the result says so."""
    result = gabor_granger(ladders((50.0,) * 60))
    assert any("may lie outside" in caution.text for caution in result.cautions)
    dear = gabor_granger(ladders(HIGHEST * 6), unit_cost=60)
    assert any("cover the unit cost" in caution.text for caution in dear.cautions)


def test_profit_in_earnest_counts_the_cost_before_dividing() -> None:
    """Dividing willingness by f moves the best price for profit to that of f times the cost, divided by f."""
    frame = drawn_singles(5)
    result = gabor_granger(frame, unit_cost=8, overstatement=Overstatement(1.25, 1.25))
    assert result.logit is not None
    expected = result.logit.curve.best_price(10.0)[0] / 1.25
    assert result.in_earnest["profit_price"].estimate == pytest.approx(expected)
    assert result.in_earnest["revenue_price"].estimate == pytest.approx(result.revenue_price / 1.25)
    assert any("1.25 to 1.25" in caution.text for caution in result.cautions)


def test_the_reading_names_people_prices_and_intervals() -> None:
    """The reading says how many people, the best price with its interval, and the unit cost it counted."""
    result = gabor_granger(ladders(HIGHEST * 12), unit_cost=8, currency="EUR")
    assert "120 respondents asked along a ladder" in result.reading
    assert "Revenue is highest at €20 (90% interval" in result.reading
    assert "unit cost of €8" in result.reading
    assert result.table["people asked"].tolist() == [120] * 5


def test_what_makes_no_sense_is_refused() -> None:
    """One price, a negative cost, unreadable answers, blanks without a ladder and doubled rows are refused."""
    with pytest.raises(ResearchError, match="same price, 10"):
        gabor_granger(singles({10: (20, 10)}))
    with pytest.raises(ResearchError, match="unit cost"):
        gabor_granger(ladders(), unit_cost=-1)
    with pytest.raises(DataErrors, match="perhaps"):
        gabor_granger(ladders().astype({"accepted": object}).replace({"accepted": {1.0: "perhaps"}}))
    with pytest.raises(DataErrors, match="Delete the row"):
        gabor_granger(singles({10: (5, 2), 20: (5, 2)}).assign(accepted=[1, 0, 0, 0, 0, 1, 1, 0, 0, None]))
    with pytest.raises(DataErrors, match="once"):
        gabor_granger(pd.concat([ladders(), ladders().tail(1)]))
