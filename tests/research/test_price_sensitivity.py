"""Van Westendorp's price points: what they are, how sure they are, and what is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataErrors
from workbench.research import ResearchError, by_segment, van_westendorp
from workbench.research.price_curves import INTENT_SCALE, Curves, intent_reach

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
TRUTH = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]
FACTORS = {"too_cheap": 0.42, "cheap": 0.7, "expensive": 1.15, "too_expensive": 1.6}
# Curves of prices spread alike around a factor of the same middle cross at the geometric mean of the two factors.
MEETS = {"pmc": ("too_cheap", "cheap"), "pme": ("expensive", "too_expensive"), "idp": ("cheap", "expensive"),
         "opp": ("too_cheap", "too_expensive")}  # fmt: skip


def people(count: int, seed: int, middle: float = 500.0, spread: float = 0.4) -> pd.DataFrame:
    """Return respondents whose four prices are factors of what they would pay."""
    willing = middle * np.exp(np.random.default_rng(seed).normal(0, spread, count))
    return pd.DataFrame({name: willing * factor for name, factor in FACTORS.items()})


def truth(point: str, middle: float = 500.0) -> float:
    """Return where a point lies when everybody is asked."""
    one, two = MEETS[point]
    return middle * float(np.sqrt(FACTORS[one] * FACTORS[two]))


@pytest.mark.parametrize("point", MEETS)
def test_points_of_a_known_population_are_recovered(point: str) -> None:
    """With many respondents each point comes to where the curves of the population cross."""
    found = getattr(van_westendorp(people(20_000, 1), samples=20), point)
    assert found.middle == pytest.approx(truth(point), rel=0.01)


def test_nine_in_ten_intervals_hold_the_truth() -> None:
    """Over 200 simulated studies of 150 respondents, 90% intervals hold the truth in 85 to 95 of 100."""
    studies = 200
    held = dict.fromkeys(MEETS, 0)
    for study in range(studies):
        result = van_westendorp(people(150, study), samples=200, seed=study)
        for point in MEETS:
            interval = result.intervals[point]
            held[point] += interval.low <= truth(point) <= interval.high
    for point, number in held.items():
        assert 0.85 <= number / studies <= 0.95, (point, number / studies)


def test_the_sample_survey_gives_back_the_prices_it_was_drawn_from() -> None:
    """In every segment of the sample survey each point's 99% interval holds the crossing of the true curves."""
    frame = pd.read_csv(DATA / "sample" / "survey_price_sensitivity.csv")
    found = by_segment(frame, level=0.99)
    for segment, median in TRUTH["willing_to_pay_median"].items():
        factors = TRUTH["price_sensitivity_factors"]
        for point, (one, two) in MEETS.items():
            where = median * np.sqrt(factors[one] * factors[two])
            interval = found.results[segment].intervals[point]
            assert interval.low <= where <= interval.high, (segment, point, where, interval)
    invalid = 1 - sum(result.valid for result in found.results.values()) / len(frame)
    assert invalid == pytest.approx(TRUTH["price_sensitivity_invalid_share"], abs=0.05)


def test_segments_that_differ_are_told_apart_and_others_are_not() -> None:
    """The interval of a difference leaves out nothing where segments differ, and holds it where they do not."""
    apart = pd.concat([people(200, 1).assign(segment="small"), people(200, 2, 900).assign(segment="large")])
    alike = pd.concat([people(200, 3).assign(segment="small"), people(200, 4).assign(segment="large")])
    for frame, clear in ((apart, True), (alike, False)):
        result = by_segment(frame, currency="USD")
        opp = next(each for each in result.differences if each.point == "opp")
        assert opp.is_clear is clear
        assert (opp.segment, opp.other) == ("small", "large")
        assert "large" in result.reading
    gap = result.difference_table
    assert ((gap["interval from"] <= gap["difference"]) & (gap["difference"] <= gap["interval to"])).all()


def test_segments_need_a_segment_and_say_who_has_none() -> None:
    """Respondents without a segment are counted, segments without a possible answer named, no segments refused."""
    frame = people(60, 1).assign(segment=["a"] * 30 + [None] * 30)
    upside_down = people(5, 2).rename(columns={"cheap": "expensive", "expensive": "cheap"}).assign(segment="b")
    texts = " ".join(caution.text for caution in by_segment(pd.concat([frame, upside_down])).cautions)
    assert "30 respondents name no segment" in texts
    assert "b: nobody" in texts
    with pytest.raises(ResearchError, match="segment"):
        by_segment(people(20, 1))


def test_a_resample_is_the_survey_of_the_people_drawn() -> None:
    """Weighting people by how often they were drawn gives the points of a survey with exactly those people."""
    frame = people(40, 5).round(-1)
    stated = {name: frame[name].to_numpy() for name in FACTORS}
    drawn = np.random.default_rng(1).multinomial(40, np.full(40, 1 / 40), size=25).astype(float)
    together = Curves(stated, drawn)
    for sample, counts in enumerate(drawn.astype(int)):
        again = {name: np.repeat(values, counts) for name, values in stated.items()}
        alone = Curves(again, np.ones((1, counts.sum())))
        for convention in ("linear", "r-1.3.0", "r-1.3.3"):
            for one, two in MEETS.values():
                expected = alone.crossing(one, two, convention)[0]
                np.testing.assert_allclose(together.crossing(one, two, convention)[sample], expected)


def test_weights_count_as_people() -> None:
    """A weight of 3 is three people with the same answer; a weight of 0 is nobody, and listed as such."""
    frame = people(30, 6).round(0)
    weights = np.random.default_rng(2).integers(0, 4, 30)
    repeated = frame.loc[frame.index.repeat(weights)]
    weighted, plain = van_westendorp(frame, weights=weights, samples=20), van_westendorp(repeated, samples=20)
    for point in MEETS:
        assert getattr(weighted, point) == pytest.approx(getattr(plain, point))
    assert weighted.valid == (weights > 0).sum()
    assert set(weighted.invalid_rows["why"]) == {"has a weight of 0"}


def test_prices_in_another_currency_give_the_same_points_there() -> None:
    """Multiplying every answer multiplies every point and interval."""
    frame = people(80, 7)
    one, other = van_westendorp(frame, seed=3), van_westendorp(frame * 8, seed=3)
    for name, interval in one.intervals.items():
        assert other.intervals[name].low == pytest.approx(interval.low * 8)
        assert other.intervals[name].high == pytest.approx(interval.high * 8)


def test_who_is_left_out_is_counted_listed_and_explained() -> None:
    """Prices out of order, equal or missing leave a respondent out, with the row and the reason."""
    frame = people(20, 8)
    frame.loc[3, "too_cheap"] = np.nan
    frame.loc[5, "cheap"] = frame.loc[5, "expensive"]
    frame.loc[9, "too_expensive"] = 1.0
    result = van_westendorp(frame, samples=20)
    assert (result.total, result.valid, result.invalid) == (20, 17, 3)
    rows = dict(zip(result.invalid_rows["row"], result.invalid_rows["why"], strict=True))
    assert rows == {
        5: "too cheap has no price",
        7: "cheap is not below expensive",
        11: "expensive is not below too expensive",
    }
    assert "3 respondents of 20 (15%) left out" in " ".join(caution.text for caution in result.cautions)


def test_without_too_cheap_the_other_points_remain() -> None:
    """When nobody was asked for too cheap, the points that need it are unknown and the others as before."""
    frame = people(60, 9)
    whole = van_westendorp(frame)
    for without in (frame.drop(columns="too_cheap"), frame.assign(too_cheap=np.nan)):
        result = van_westendorp(without, intent=(np.full(60, 5), np.full(60, 2)))
        assert result.pmc is None
        assert result.opp is None
        assert result.idp == pytest.approx(whole.idp, rel=0.01)
        assert result.pme == pytest.approx(whole.pme, rel=0.01)
        assert result.valid == 60
        assert any("too cheap" in caution.text for caution in result.cautions)
        assert result.reach_price is not None
        assert "rule out" in result.reading


def test_reach_is_the_mean_of_each_persons_straight_lines() -> None:
    """Reach at any price is the weighted mean of every respondent's chance, straight between their four prices."""
    frame = people(25, 10)
    intent = np.random.default_rng(3).integers(1, 6, (25, 2))
    weights = np.random.default_rng(4).uniform(0.5, 2, 25)
    result = van_westendorp(frame, weights=weights, intent=(intent[:, 0], intent[:, 1]), samples=20)
    assert result.reach_curve is not None
    chances = np.vectorize(INTENT_SCALE.get)(intent)
    by_hand = np.zeros(len(result.reach_curve))
    for person in range(25):
        corners = frame.iloc[person].to_numpy()
        by_hand += weights[person] * np.interp(result.reach_curve["price"], corners, [0, *chances[person], 0])
    np.testing.assert_allclose(result.reach_curve["reach"], by_hand / weights.sum(), atol=1e-12)
    assert result.reach_price == result.reach_curve["price"][result.reach_curve["reach"].idxmax()]
    assert result.revenue_price == result.reach_curve["price"][result.reach_curve["revenue"].idxmax()]


def test_intent_is_read_from_columns_names_or_arrays_or_left_out() -> None:
    """Intent comes from its own columns, from columns named or from arrays; False leaves it out."""
    frame = people(30, 11).assign(intent_cheap=5, intent_expensive=3)
    from_columns = van_westendorp(frame, samples=20)
    renamed = frame.rename(columns={"intent_cheap": "a", "intent_expensive": "b"})
    assert van_westendorp(renamed, intent=("a", "b"), samples=20).revenue_price == from_columns.revenue_price
    arrays = (np.full(30, 5), np.full(30, 3))
    assert van_westendorp(people(30, 11), intent=arrays, samples=20).revenue_price == from_columns.revenue_price
    both = frame[["intent_cheap", "intent_expensive"]]
    assert van_westendorp(people(30, 11), intent=both, samples=20).revenue_price == from_columns.revenue_price
    assert van_westendorp(frame, intent=False, samples=20).reach_curve is None
    with pytest.raises(ResearchError, match="no intent"):
        van_westendorp(people(30, 11), intent=True)
    with pytest.raises(ResearchError, match="'c'"):
        van_westendorp(renamed, intent=("a", "c"))
    with pytest.raises(DataErrors, match="from 1 to 5"):
        van_westendorp(frame.assign(intent_cheap=7))


def test_reach_of_one_person_stands_at_the_four_corners() -> None:
    """One person's reach is 0, the chance at cheap, the chance at expensive and 0 at the four prices."""
    prices = np.array([10.0, 20.0, 40.0, 50.0])
    found = intent_reach(prices, prices[None, :], np.array([[0, 0.7, 0.1, 0]]), np.ones((1, 1)))
    np.testing.assert_allclose(found.share[:, 0], [0, 0.7, 0.1, 0], atol=1e-15)
    assert (found.best_for_reach[0], found.best_for_revenue[0]) == (20, 20)


def test_overstatement_is_applied_in_the_open() -> None:
    """Prices in earnest are stated ones divided by the range, and the range is written wherever they are."""
    result = van_westendorp(people(200, 12), currency="USD")
    stated, real = result.intervals["opp"], result.in_earnest["opp"]
    assert (real.low, real.high) == pytest.approx((stated.low / 1.4, stated.high))
    assert any("1 to 1.4" in caution.text and "Schmidt" in caution.text for caution in result.cautions)
    other = result.with_overstatement(1.1, 1.2)
    assert other.in_earnest["opp"].low == pytest.approx(stated.low / 1.2)
    assert other.opp == result.opp
    assert any("1.1 to 1.2" in caution.text and "your own" in caution.text for caution in other.cautions)
    with pytest.raises(ResearchError, match="cannot overstate"):
        result.with_overstatement(1.4, 1.0)


def test_the_reading_names_people_prices_and_their_interval() -> None:
    """The reading says how many people, which prices in which currency, and how sure."""
    result = van_westendorp(people(200, 13).round(0), currency="EUR")
    assert result.pmc is not None
    assert "200 respondents" in result.reading
    assert f"€{result.pmc.middle:,.0f}" in result.reading
    assert "90% interval" in result.reading
    per_seat = van_westendorp(people(200, 13).round(0).assign(per="seats"), currency="EUR")
    assert "200 respondents gave prices per seat" in per_seat.reading
    assert result.in_currency("USD").reading == result.reading.replace("€", "$")
    assert result.table["point"].tolist()[0] == "point of marginal cheapness"


def test_few_answers_and_older_conventions_carry_cautions() -> None:
    """Few answers, uneven weights, and the conventions of older software are said with the result."""
    few = van_westendorp(people(12, 14), convention="r-1.3.0")
    texts = " ".join(caution.text for caution in few.cautions)
    assert "Only 12 answers" in texts
    assert "version 1.3.0" in texts
    assert few.cautions[0].severity == "warning"
    uneven = van_westendorp(people(150, 14), weights=np.r_[np.full(140, 0.01), np.full(10, 10.0)])
    assert any("weigh as much as 10" in caution.text for caution in uneven.cautions)


def test_what_makes_no_sense_is_refused() -> None:
    """Unknown conventions, ranges, levels and samples, and answers with nobody in order, are refused in words."""
    frame = people(10, 15)
    for setting, words in (
        ({"convention": "excel"}, "no convention 'excel'"),
        ({"range_": "wide"}, "no range 'wide'"),
        ({"touching": "mode"}, "'mode'"),
        ({"grid_step": 1.0}, "needs no grid"),
        ({"samples": 3}, "3 samples"),
        ({"level": 1.5}, "1.5"),
    ):
        with pytest.raises(ResearchError, match=words):
            van_westendorp(frame, **setting)
    with pytest.raises(ResearchError, match="mixed up"):
        van_westendorp(frame.rename(columns={"cheap": "expensive", "expensive": "cheap"}))
    with pytest.raises(DataErrors):
        van_westendorp(frame.assign(cheap="dear"))


def test_a_thousand_resamples_of_a_thousand_people_take_well_under_a_second() -> None:
    """The bootstrap keeps to the size of the answers: it never makes a table of prices by samples."""
    frame = people(1000, 16)
    van_westendorp(frame)
    start = time.process_time()
    van_westendorp(frame)
    assert time.process_time() - start < 1.0
