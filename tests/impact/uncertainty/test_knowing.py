"""Laws of what drives a result, and of what it is worth to know more."""

from __future__ import annotations

import numpy as np
import pytest
from single_customers import made_up

from workbench.impact.migration import AtRenewal, CappedRise, EveryoneAtOnce, OptIn, migrate
from workbench.impact.uncertainty import (
    TODAY,
    Behaviour,
    Simulation,
    UncertaintyError,
    drivers,
    nobody_reacts,
    prepare_simulation,
    simulate,
    tornado,
    value_of_information,
)
from workbench.impact.uncertainty.sensitivity import variance_share, worth_of_one


def simulated(behaviour: Behaviour | None = None, *, costs: bool = False, luck: bool = True) -> Simulation:
    """Return three ways to new prices over the same accounts."""
    bills = made_up(400, 4, rise=0.15, costs=costs)
    policies = {"once": EveryoneAtOnce(), "renewal": AtRenewal(), "capped": CappedRise(per_year=0.05), "offer": OptIn()}
    return simulate(
        {name: migrate(bills, policy) for name, policy in policies.items()}, behaviour, draws=4_000, luck=luck
    )


def only(kind: str, low: float, high: float) -> Behaviour:
    """Return the behaviour in which one guess alone has a range."""
    return nobody_reacts().with_ranges(**{kind.replace("-", "_"): (low, high)})


def test_knowing_more_is_worth_something_and_at_most_everything() -> None:
    """0 <= the worth of one answer <= the worth of all answers, for revenue and for contribution."""
    found = simulated(costs=True)
    for objective in ("revenue", "contribution"):
        worth = value_of_information(found, objective)  # type: ignore[arg-type]
        assert worth.perfect >= 0
        assert ((worth.table["worth"] >= 0) & (worth.table["worth"] <= worth.perfect)).all()
        assert worth.best in found.outcomes


def test_the_only_guess_is_worth_all_there_is_to_know() -> None:
    """Where one guess alone is uncertain, knowing it is worth as much as knowing everything."""
    found = simulated(only("churn-per-rise", 0.0, 1.6))
    worth = value_of_information(found)
    one = worth.table.set_index("id").loc["churn-per-rise", "worth"]
    assert worth.perfect > 0
    assert one == pytest.approx(worth.perfect, rel=0.05)
    assert worth.first == "Extra customers lost for a rise of 100%"
    assert worth.sentence().startswith("Research first: extra customers lost")


def test_a_guess_that_changes_no_choice_is_worth_nothing() -> None:
    """Where one scenario is best whatever happens, no research is worth anything, and the sentence says so."""
    bills = made_up(300, 1, rise=0.8)
    found = simulate({"once": migrate(bills, EveryoneAtOnce())}, only("usual-churn", 0.0, 0.3), draws=2_000)
    worth = value_of_information(found)
    assert (worth.best, worth.perfect, worth.first) == ("once", 0, None)
    assert worth.sentence() == "Whatever the guesses turn out to be within their ranges, once brings most."


def test_noise_has_no_worth() -> None:
    """A guess that moves all scenarios alike is worth next to nothing even where the choice is close."""
    found = simulated()
    table = value_of_information(found).table.set_index("id")["worth"]
    perfect = value_of_information(found).perfect
    assert table["churn-per-rise"] > 0.3 * perfect
    assert table["downgrade-saving"] < 0.1 * perfect


def test_worth_of_one_answer_in_closed_form() -> None:
    """Where a choice brings a + b of two normals and the other nothing, knowing a is worth its mean when positive."""
    rng = np.random.default_rng(1)
    a, b, neither = rng.standard_normal((3, 20_000))
    worth = np.column_stack([np.zeros_like(a), a + b])
    one = 1 / np.sqrt(2 * np.pi)  # the mean of the positive part of a standard normal
    assert worth_of_one(worth, a) == pytest.approx(one, abs=0.02)
    assert worth.max(axis=1).mean() == pytest.approx(one * np.sqrt(2), abs=0.02)
    assert worth_of_one(worth, neither) < 0.01


def test_few_draws_do_not_invent_a_reason_for_research() -> None:
    """With ten draws in a bin and a close choice, a driver without consequence is worth nothing on average."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(200):
        result, driver = rng.standard_normal((2, 200))
        found.append(worth_of_one(np.column_stack([np.zeros(200), result]), driver))
    assert np.mean(found) < 0.02  # judged by the draws that chose, it is 0.10


def test_contribution_needs_every_cost() -> None:
    """Without a known cost for every account, choosing by contribution is refused."""
    with pytest.raises(UncertaintyError, match="not known for all"):
        value_of_information(simulated(), "contribution")


def test_a_tornado_sorts_the_guesses_by_what_they_move() -> None:
    """Bars are sorted by width, more churn brings less, and what has no effect has no bar."""
    found = simulated()
    table = tornado(found, "once")
    assert table["swing"].abs().is_monotonic_decreasing
    bars = table.set_index("id")
    assert bars.loc["churn-per-rise", "swing"] < 0 < bars.loc["add-on-attach", "swing"]
    assert "opt-in-take-up" not in bars.index
    assert ((bars["variance_share"] >= 0) & (bars["variance_share"] <= 1)).all()
    assert tornado(found, "once", "once")["swing"].abs().max() == 0
    offered = tornado(found, "offer").set_index("id")
    assert offered.loc["churn-per-rise", "swing"] == pytest.approx(0, abs=1e-6 * found.total(TODAY).mean())
    assert offered.loc["opt-in-take-up", "low"] == 0.02


def test_one_guess_alone_explains_everything() -> None:
    """The share of variance is 1 for the only guess there is, and each part's own for a sum of two."""
    found = simulated(only("churn-per-rise", 0.2, 0.6), luck=False)
    assert tornado(found, "renewal").loc[0, "variance_share"] > 0.98
    rng = np.random.default_rng(0)
    one, two = rng.standard_normal((2, 20_000))
    assert variance_share(one, 2 * one + two) == pytest.approx(0.8, abs=0.02)
    assert variance_share(one, two) == pytest.approx(0, abs=0.002)
    few = [variance_share(*rng.standard_normal((2, 200))) for _ in range(200)]
    assert np.mean(few) < 0.04  # bins of ten noisy draws differ by chance; that is taken off


def test_at_its_break_even_value_a_guess_leaves_both_scenarios_equal() -> None:
    """With churn at its break-even value and all else in the middle, new prices bring what today's do."""
    found = simulated(only("churn-per-rise", 0.2, 0.6).with_ranges(usual_churn=(0.1, 0.1)))
    value = tornado(found, "once").set_index("id").loc["churn-per-rise", "break_even"]
    assert 0 < value < 5
    fixed = nobody_reacts().with_ranges(churn_per_rise=(value, value), usual_churn=(0.1, 0.1))
    at = simulate(found.statistics, fixed, draws=10, luck=False)
    assert at.difference("once") == pytest.approx(np.zeros(10), abs=1e-4 * at.total(TODAY).mean())


def test_a_uniform_rise_breaks_even_at_the_textbook_churn() -> None:
    """When every bill rises by 25%, churn per rise breaks even where 25% of it is 1 - 1/1.25 = 20%."""
    bills = made_up(200, 1)
    from dataclasses import replace  # noqa: PLC0415 - one account book is bent here only

    even = replace(bills, new=bills.old * 1.25, metered=bills.old * 0, add_ons=bills.old * 0)
    found = simulate({"new": migrate(even, EveryoneAtOnce())}, only("churn-per-rise", 0.2, 0.6), draws=100)
    assert tornado(found, "new").loc[0, "break_even"] == pytest.approx(0.8, rel=1e-3)
    assert found.statistics["new"].break_even_churn == pytest.approx(0.2)


def test_ranges_that_are_points_are_no_drivers() -> None:
    """A guess without a range drives nothing and is not listed."""
    found = simulated(nobody_reacts())
    assert [each.id for each in drivers(found)] == ["opt-in-take-up"]
    assert drivers(found, "once") == ()
    assert tornado(found, "once").empty


def test_prepared_sums_give_the_same_as_paths() -> None:
    """Simulating prepared sums is simulating the paths they came from."""
    paths = {"new": migrate(made_up(100, 2), AtRenewal())}
    one, two = (simulate(each, draws=200).total("new") for each in (paths, prepare_simulation(paths)))
    assert np.array_equal(one, two)
