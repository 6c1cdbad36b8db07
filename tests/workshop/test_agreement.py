"""Agreement of a room: published worked examples, closed forms, and rooms whose opinions are known."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.workshop import (
    VoteError,
    agreement_of_ratings,
    co_placement,
    kendalls_w,
    krippendorffs_alpha,
    pooled_ranges,
    rand_ucla,
    tastle_wierman,
)
from workbench.workshop.agreement import alphas, interval_of_alpha, interval_of_w

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
MEASURES = ORACLES / "agreement_measures.json"
published = pytest.mark.skipif(not MEASURES.is_file(), reason="WORKBENCH_ORACLES names no folder of published numbers")


def cases(name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the published cases of one measure."""
    return json.loads(MEASURES.read_text(encoding="utf-8"))[name]


def with_gaps(rows: list[list[float | None]]) -> np.ndarray:
    """Return a table of numbers whose gaps are NaN."""
    return np.array([[np.nan if each is None else each for each in row] for row in rows], dtype=float)


@published
def test_kendalls_w_of_every_published_ranking() -> None:
    """Coefficient, test and probability, with ties and where it is not defined."""
    for case in cases("kendall_w"):
        found = kendalls_w(case["ranks_by_judge"])
        assert found.w == (case["W"] if case["W"] is None else pytest.approx(case["W"], abs=1e-6))
        if "chi_square" in case:
            assert (found.squares, found.freedom) == (case["S"], case["df"])
            assert found.chi_square == pytest.approx(case["chi_square"], abs=1e-4)
            assert found.p == pytest.approx(case["p"], abs=1e-5)


@published
def test_krippendorffs_alpha_of_every_published_table() -> None:
    """Four measures, with answers missing."""
    for case in cases("krippendorff_alpha"):
        values = with_gaps(case["values_by_voter"])
        found = {measure: krippendorffs_alpha(values, measure) for measure in case["alpha"]}
        assert found == pytest.approx(case["alpha"], abs=1e-6)


@published
def test_consensus_and_disagreement_as_printed() -> None:
    """Tastle and Wierman's consensus by counts, and the worked table of the RAND/UCLA rule."""
    for counts, expected in cases("tastle_wierman_consensus")["Cns_by_counts"].items():
        votes = np.repeat([1, 2, 3, 4, 5], json.loads(counts))
        assert tastle_wierman(votes, 1, 5) == pytest.approx(expected, abs=5e-4)
    case = cases("rand_ucla")[0]
    found = rand_ucla([4, 5, 6] + [7] * 5 + [8] * 5 + [9] * 2, *case["scale"])
    assert (found.ipr, found.disagreement) == (case["ipr"], case["disagreement"])
    assert found.ipras == pytest.approx(case["ipras"], abs=0.05)
    quartiles = cases("delphi_consensus")[0]
    ratings = agreement_of_ratings(quartiles["votes"], 1, 10)
    assert [ratings.quartiles[0], ratings.median, ratings.quartiles[1]] == quartiles["quartiles_by_convention"][
        "linear"
    ]


def test_a_room_in_two_camps_disagrees_and_one_of_a_mind_does_not() -> None:
    """Half at each end of nine points is the clearest disagreement there is."""
    camps = agreement_of_ratings([1] * 8 + [9] * 8, 1, 9)
    assert (camps.consensus, camps.level, camps.agreed) == (0, "none", False)
    assert camps.rand_ucla.disagreement
    assert camps.middle_votes == (1, 9)
    one = agreement_of_ratings([7] * 6, 1, 9)
    assert (one.consensus, one.level, one.agreed, one.middle_votes) == (1, "very good", True, None)
    assert (one.within_one.low, one.iqr.high) == (1, 0)


@pytest.mark.parametrize(
    ("votes", "level"),
    [
        ([5] * 8 + [9, 9], "very good"),
        ([5] * 6 + [7] * 2 + [9] * 2, "good"),
        ([1] * 2 + [5] * 4 + [7] * 2 + [9] * 2, "some"),
        ([1] * 4 + [5] * 2 + [9] * 4, "none"),
    ],
)
def test_words_follow_the_shares_around_the_median(votes: list[int], level: str) -> None:
    """80% within 1 is very good, 50% within 1 good, 50% within 2 some, anything else none."""
    assert agreement_of_ratings(votes, 1, 9).level == level


def test_below_five_people_only_counts_are_shown() -> None:
    """Four answers give no spread, no words and no interval."""
    few = agreement_of_ratings([1, 5, 5, np.nan, 3], 1, 5)
    assert (few.answers, few.counts) == (4, {1: 1, 3: 1, 5: 2})
    assert (few.median, few.level, few.agreed, few.within_one) == (None,) * 4
    assert pooled_ranges([[1, 2, 3]] * 4) is None
    assert interval_of_alpha(np.arange(12.0).reshape(4, 3)) is None
    assert interval_of_w(np.array([[1, 2, 3]] * 4)) is None
    assert interval_of_w(np.array([[1, 2, 3]] * 4 + [[1, np.nan, 3]])) is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: agreement_of_ratings([1, 6], 1, 5), "The vote 6 is not on the scale from 1 to 5"),
        (lambda: tastle_wierman([], 1, 5), "Nobody has voted"),
        (lambda: rand_ucla([1], 5, 1), "no length"),
        (lambda: kendalls_w([[1, 1, 1]]), "is no ranking of 3 items"),
        (lambda: kendalls_w([[1.2, 1.8, 3]]), "1.2, 1.8, 3 is no ranking of 3 items"),
        (lambda: krippendorffs_alpha([[-1, 2], [1, 2]], "ratio"), "from 0 upwards"),
        (lambda: pooled_ranges([[3, 2, 4]]), "3, 2, 4 is no range"),
        (lambda: pooled_ranges([[0, 2, 4]], log=True), "above 0"),
    ],
)
def test_answers_that_cannot_be_counted_are_named(asked: Any, said: str) -> None:  # noqa: ANN401 - a call
    """The message says which value and why."""
    with pytest.raises(VoteError, match=said):
        asked()


def test_a_ranking_with_a_gap_is_left_out_and_counted() -> None:
    """W needs whole rankings; nothing is guessed."""
    found = kendalls_w([[1, 2, 3], [1, 2, 3], [1, np.nan, 3]])
    assert (found.w, found.voters, found.left_out) == (1, 2, 1)


@given(st.permutations(range(1, 7)), st.permutations(range(1, 7)))
def test_of_two_rankings_w_is_half_of_one_plus_spearman(one: list[int], other: list[int]) -> None:
    """The closed form for two voters."""
    rho = np.corrcoef(one, other)[0, 1]
    assert kendalls_w([one, other]).w == pytest.approx((1 + rho) / 2, abs=1e-9)


@given(st.lists(st.integers(1, 5), min_size=5, max_size=30))
def test_order_and_names_of_people_change_nothing(votes: list[int]) -> None:
    """Agreement belongs to the room."""
    assert agreement_of_ratings(votes, 1, 5) == agreement_of_ratings(sorted(votes), 1, 5)
    assert 0 <= tastle_wierman(votes, 1, 5) <= 1


def test_cards_that_always_lie_together_are_found() -> None:
    """A planted sort: two groups, one card undecided, one nobody else placed."""
    people = [{"a": "x", "b": "x", "c": "y"}] * 3 + [{"a": "x", "b": "y", "c": "y"}] + [{"d": "x"}]
    cards, shares = co_placement(people)
    at = {card: place for place, card in enumerate(cards)}
    assert shares[at["a"], at["b"]] == 0.75
    assert shares[at["a"], at["c"]] == 0
    assert shares[at["b"], at["c"]] == 0.25
    assert np.isnan(shares[at["a"], at["d"]])
    assert (np.diag(shares) == 1).all()


def test_pooled_ranges_as_worked_out_by_hand() -> None:
    """The same answer five times pools to itself; medians of quantiles are medians."""
    same = pooled_ranges([[10, 20, 40]] * 5, log=True)
    for pooled in (same.equal_weights, same.median_quantiles):
        assert (pooled.low, pooled.estimate, pooled.high) == pytest.approx((10, 20, 40), rel=2e-3)
    apart = pooled_ranges([[1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [50, 60, 70]])
    assert (apart.median_quantiles.low, apart.median_quantiles.high) == (3, 5)
    assert apart.equal_weights.high > 60, "one in five thinks of 60: more than one in twenty"
    assert apart.equal_weights.low < 2.2


ROOMS = 300
NOISE, ITEMS = 0.8, np.random.default_rng(5).normal(size=6)


def opinions(random: np.random.Generator, people: int) -> np.ndarray:
    """Return what people think of six things whose worth is known: the worth, and a doubt of their own."""
    return ITEMS + random.normal(scale=NOISE, size=(people, len(ITEMS)))


def rankings(random: np.random.Generator, people: int) -> np.ndarray:
    """Return their rankings."""
    return opinions(random, people).argsort(axis=1).argsort(axis=1) + 1.0


@pytest.mark.parametrize("people", [5, 14, 40])
def test_the_interval_of_alpha_holds_in_rooms_whose_agreement_is_known(people: int) -> None:
    """Drawn rooms, in which one in six answers is missing: the true share lies within nine in ten of them."""
    random, held = np.random.default_rng(people), 0
    truth = ITEMS.var() / (ITEMS.var() + NOISE**2)  # what the worth has of all variance
    for _ in range(ROOMS):
        values = np.round(opinions(random, people), 1)
        values[random.random(values.shape) < 1 / 6] = np.nan
        found = interval_of_alpha(values, draws=200)
        assert found.estimate == krippendorffs_alpha(values)
        held += found.low <= truth <= found.high
    assert held >= 0.86 * ROOMS


@pytest.mark.parametrize("people", [5, 14, 40])
def test_the_interval_of_w_holds_in_rooms_whose_agreement_is_known(people: int) -> None:
    """Drawn rooms: W of so many people, from how alike two of a large room rank, lies within nine in ten of them."""
    random, held = np.random.default_rng(people), 0
    large, many = rankings(random, 1_000), 1_000
    alike = (many * kendalls_w(large).w - 1) / (many - 1)  # the mean correlation of two people's rankings
    truth = (1 + (people - 1) * alike) / people
    for _ in range(ROOMS):
        given = rankings(random, people)
        found = interval_of_w(given, draws=200)
        assert found.estimate == pytest.approx(kendalls_w(given).w)
        held += found.low <= truth <= found.high
    assert held >= 0.86 * ROOMS


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval", "ratio"])
def test_a_room_of_one_mind_has_no_spread(measure: Any) -> None:  # noqa: ANN401 - a name
    """Where all answer alike every draw does: both ends are 1."""
    for found in (interval_of_alpha([[1, 2, 3, 5]] * 6, measure), interval_of_w([[1, 2.5, 2.5, 4]] * 6)):
        assert (found.low, found.estimate, found.high) == pytest.approx((1, 1, 1))


def test_an_interval_over_pairs_is_that_of_a_loop() -> None:
    """Each draw by hand: pairs of different people alone, with gaps and any measure."""
    values = np.array([[1, 2, 3, 5], [1, 2, np.nan, 4], [2, 2, 3, 5], [5, 1, 1, 2], [1, 3, 3, np.nan]])
    drawn = [(0, 0, 1, 2, 4), (3, 3, 3, 1, 0), (0, 1, 2, 3, 4)]
    for pick in drawn:
        cells = [(who, item, values[who, item]) for who in pick for item in range(4) if not np.isnan(values[who, item])]
        means = []
        for item in range(4):
            here = [(who, value) for who, at, value in cells if at == item]
            apart = [(one - two) ** 2 for who, one in here for other, two in here if who != other]
            means += [np.mean(apart)] * len(here) if apart else []
        every = [(one - two) ** 2 for a, i, one in cells for b, j, two in cells if (a, i) != (b, j)]
        times = np.bincount(pick, minlength=5)[None, :].astype(float)
        assert alphas(values, "interval", times)[0] == pytest.approx(1 - np.mean(means) / np.mean(every))
