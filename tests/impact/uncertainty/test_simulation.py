"""Laws of the simulation, and its sums held against customers simulated one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_customers import Truth, expected, expected_of_offer, made_up

from workbench.impact.migration import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
    Policy,
    account_bills,
    migrate,
)
from workbench.impact.uncertainty import (
    TODAY,
    Behaviour,
    UncertaintyError,
    chances_of_missing,
    default_assumptions,
    nobody_reacts,
    prepare_simulation,
    simulate,
    tornado,
)
from workbench.impact.uncertainty.behaviour import MOST
from workbench.study import Assumption, Guardrails

POLICIES: tuple[Policy, ...] = (
    EveryoneAtOnce(notice_months=2),
    AtRenewal(notice_months=2),
    CappedRise(per_year=0.08, at_renewal=True),
    PhasedSteps(notice_months=1),
    BySegment(segments={"small": NewCustomersOnly()}, otherwise=AtRenewal()),
    OptIn(notice_months=1, take_up_low=0.2, take_up_high=0.2),
    OptIn(incentive=0, over_months=9, take_up_low=0.1, take_up_high=0.1),
)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_nobody_reacting_is_the_path(policy: Policy) -> None:
    """When nobody reacts every draw is the migration path to the cent, and today's prices are today's revenue."""
    bills = made_up(300, 1)
    path = migrate(bills, policy)
    found = simulate({"new": path}, nobody_reacts(), draws=20)
    wanted = np.broadcast_to(path.table["today"], (20, 24))
    assert found.outcomes["new"].revenue == pytest.approx(wanted, rel=1e-9)
    assert found.outcomes[TODAY].revenue == pytest.approx(np.full((20, 24), bills.old.sum()), rel=1e-9)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_sums_agree_with_single_customers(policy: Policy) -> None:
    """Revenue from the sums is within 0.1% of a simulation of every account, in every draw and month."""
    bills = made_up(2_000, 3)
    path = migrate(bills, policy)
    found = simulate({"new": path}, Behaviour.of(), draws=60, luck=False)
    values = {each.id: _values(found, each) for each in found.behaviour.assumptions}
    worst = 0.0
    for draw in range(60):
        truth = Truth(
            churn=dict.fromkeys(bills.segments, values["churn-per-rise"][draw]),
            usual=values["usual-churn"][draw],
            downgrade=values["downgrade-per-rise"][draw],
            saving=values["downgrade-saving"][draw],
            usage=values["usage-per-rise"][draw],
            attach=values["add-on-attach"][draw],
        )
        exact = (
            expected_of_offer(bills, policy, 24, truth)
            if isinstance(policy, OptIn)
            else expected(bills, path.schedule.bills, path.schedule.moved, truth)
        )
        worst = max(worst, float(np.abs(found.outcomes["new"].revenue[draw] / exact - 1).max()))
    assert worst < 0.001


@pytest.mark.parametrize("usage", [1.0, 1.3, 1.7, 2.0, 2.5, 2.9, MOST["usage-per-rise"]])
@pytest.mark.parametrize("rise", [-1.0, -0.6, -0.3, 0.1])
def test_sums_agree_where_usage_answers_as_strongly_as_it_can(rise: float, usage: float) -> None:
    """Within 0.1% of every account also where bills are all metered and falls double usage, or rises end it."""
    bills = made_up(2_000, 1, rise=rise)
    bills = replace(bills, metered=bills.new * 1.0, add_ons=bills.new * 0)
    path = migrate(bills, EveryoneAtOnce(), months=1)
    strong = nobody_reacts().with_ranges(usage_per_rise=(usage, usage))
    found = simulate({"new": path}, strong, draws=2, luck=False).total("new")
    truth = Truth(dict.fromkeys(bills.segments, 0.0), usual=0, downgrade=0, saving=0, usage=usage, attach=1)
    exact = expected(bills, path.schedule.bills, path.schedule.moved, truth)
    assert found == pytest.approx(np.full(2, exact[0]), rel=0.001)


def test_who_half_moved_pays_half_of_what_is_metered() -> None:
    """A bill of 1,000 that becomes 100, all metered, is 500 of the old and 50 metered when half have moved."""
    bills = account_bills(["A"], ["s"], [1_000], [100], start="2025-01", metered=[100])
    found = prepare_simulation({"offer": migrate(bills, OptIn(incentive=0, over_months=2))})["offer"]
    assert found.metered.sum(axis=(0, 1))[:3] == pytest.approx([50, 100, 100])
    assert found.flat.sum(axis=(0, 1))[:3] == pytest.approx([500, 0, 0])


def _values(found: object, assumption: Assumption) -> np.ndarray:
    ends = 1.6448536269514722
    most = {"usual-churn": 0.99, "downgrade-saving": 1.0, "add-on-attach": 1.0}.get(assumption.id, 1e9)
    half = (assumption.high - assumption.low) / 2
    normals = found.normals[assumption.id]  # type: ignore[attr-defined]
    return np.clip((assumption.low + assumption.high) / 2 + normals * half / ends, 0, most)


def test_the_same_scenario_twice_differs_nowhere() -> None:
    """Two names for the same scenario bring the same in every draw: the draws are common."""
    path = migrate(made_up(200, 5), AtRenewal())
    found = simulate({"one": path, "two": path}, draws=500)
    assert (found.difference("one", "two") == 0).all()
    assert found.chance_of_beating("one", "two") == 0
    never = simulate({"never": migrate(made_up(200, 5), NewCustomersOnly())}, draws=500)
    assert np.abs(never.difference("never")).max() <= 1e-9 * never.total(TODAY).max()


def test_a_scenario_brings_the_same_whatever_else_is_compared() -> None:
    """A scenario's draws do not depend on which other scenarios are simulated beside it."""
    bills = made_up(200, 5)
    one, two = migrate(bills, AtRenewal()), migrate(bills, CappedRise())
    alone = simulate({"one": one}, draws=400).outcomes["one"].revenue
    beside = simulate({"two": two, "one": one}, draws=400).outcomes["one"].revenue
    assert beside == pytest.approx(alone, rel=1e-12)


def test_the_seed_decides_everything() -> None:
    """The same seed gives the same numbers, another one others."""
    paths = {"new": migrate(made_up(200, 5), AtRenewal())}
    first, again, other = (simulate(paths, draws=300, seed=seed).outcomes["new"].revenue for seed in (4, 4, 5))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@settings(max_examples=15, deadline=None)
@given(
    kind=st.sampled_from([each.id for each in default_assumptions() if each.high > each.low]),
    wider=st.floats(1.05, 3.0),
    seed=st.integers(0, 1000),
)
def test_widening_a_range_never_narrows_the_fan(kind: str, wider: float, seed: int) -> None:
    """With one guess made wider around its middle, every month's 90% band is at least as wide as before."""
    paths = {"new": migrate(made_up(150, seed), EveryoneAtOnce(notice_months=1))}
    narrow = {each.id: (each.low, each.high) for each in default_assumptions()}
    middle, half = sum(narrow[kind]) / 2, (narrow[kind][1] - narrow[kind][0]) / 4
    names = {key: key.replace("-", "_") for key in narrow}
    fixed = Behaviour.of().with_ranges(**{names[key]: (sum(ends) / 2,) * 2 for key, ends in narrow.items()})
    bands = []
    for size in (half, min(half * wider, middle, MOST[kind] - middle)):
        behaviour = fixed.with_ranges(**{names[kind]: (middle - size, middle + size)})
        fan = simulate(paths, behaviour, draws=800, luck=False).fan("new")
        bands.append((fan["p95"] - fan["p5"]).to_numpy())
    assert (bands[1] >= bands[0] * (1 - 1e-9) - 1e-9).all()


def test_widening_holds_beside_other_guesses_and_luck() -> None:
    """With every other guess and luck in play, a doubled range still gives a band that is no narrower."""
    paths = {"new": migrate(made_up(300, 2), EveryoneAtOnce())}
    for kind, (low, high) in {"churn_per_rise": (0.3, 0.5), "usual_churn": (0.08, 0.12)}.items():
        twice = (low - (high - low) / 2, high + (high - low) / 2)
        fans = [simulate(paths, Behaviour.of().with_ranges(**{kind: ends})).fan("new") for ends in ((low, high), twice)]
        before, after = (fan["p95"] - fan["p5"] for fan in fans)
        assert (after >= before * 0.99).all()


def test_a_segment_can_have_a_range_of_its_own() -> None:
    """A range for one segment changes that segment alone, and moves with the others as far as they are alike."""
    bills = made_up(400, 7, rise=0.3)
    paths = {"new": migrate(bills, EveryoneAtOnce())}
    own = Assumption(id="churn-per-rise:small", label="Small customers lost", low=0.0, high=0.0)
    plain = simulate(paths, Behaviour.of(), draws=500).outcomes["new"].by_segment
    told = simulate(paths, Behaviour.of([own]), draws=500).outcomes["new"].by_segment
    assert told[:, :2] == pytest.approx(plain[:, :2], rel=1e-12)
    assert told[:, 2].mean() > plain[:, 2].mean()
    ranged = own.replaced(low=0.1, high=0.9)
    for alike, low, high in ((1.0, 0.999, 1.001), (0.5, 0.6, 0.8), (0.0, -0.1, 0.1)):
        normals = simulate(paths, Behaviour.of([ranged], alike=alike), draws=2000).normals
        assert low < np.corrcoef(normals["churn-per-rise"], normals[ranged.id])[0, 1] < high


def test_new_customers_and_offers_are_drawn_from_their_ranges() -> None:
    """New customers pay the scenario's prices, and the take-up of an offer covers the policy's range."""
    bills = made_up(300, 1)
    behaviour = nobody_reacts().with_ranges(new_customers=(10, 10))
    found = simulate({"new": migrate(bills, EveryoneAtOnce())}, behaviour, draws=10)
    growth = found.outcomes["new"].revenue[0, -1] - bills.new.sum()
    assert growth == pytest.approx(240 * bills.new.mean())
    path = migrate(bills, OptIn(incentive=0, take_up_low=0.1, take_up_high=0.5))
    fan = simulate({"offer": path}, nobody_reacts(), draws=2000).fan("offer")
    assert fan["p5"].to_numpy() == pytest.approx(path.table["revenue_low"].to_numpy(), rel=2e-3)
    assert fan["p95"].to_numpy() == pytest.approx(path.table["revenue_high"].to_numpy(), rel=2e-3)


def test_the_new_customers_of_a_path_are_in_its_draws() -> None:
    """A path made with new customers and their bill brings its own revenue when nobody reacts; ranges are drawn."""
    bills = made_up(300, 1, rise=0.2)
    five = migrate(bills, EveryoneAtOnce(), new_customers=NewCustomers(low=5, high=5, bill=1_000))
    found = simulate({"new": five}, nobody_reacts(), draws=20)
    assert found.total("new") == pytest.approx(np.full(20, five.revenue))
    assert found.total(TODAY) == pytest.approx(np.full(20, 24 * bills.old.sum() + 5 * 300 * bills.old.mean()))
    some = migrate(bills, EveryoneAtOnce(), new_customers=NewCustomers(low=2, high=8))
    fan = simulate({"new": some}, nobody_reacts(), draws=2_000).fan("new")
    for band, end in (("p5", "revenue_low"), ("p95", "revenue_high")):
        assert fan[band].to_numpy() == pytest.approx(some.table[end].to_numpy(), rel=2e-3)
    same = nobody_reacts().with_ranges(new_customers=(5, 5))
    assert np.array_equal(simulate({"new": five}, same, draws=20).total("new"), found.total("new"))


def test_new_customers_that_differ_are_refused() -> None:
    """Scenarios that assume other new customers than each other or than the ranges cannot be compared."""
    bills = made_up(50, 1)
    none, some = (migrate(bills, EveryoneAtOnce(), new_customers=NewCustomers(high=most)) for most in (0, 4))
    more = migrate(bills, AtRenewal(), new_customers=NewCustomers(high=9))
    with pytest.raises(UncertaintyError, match="0 to 4 in some; 0 to 9 in more"):
        simulate({"some": some, "more": more}, draws=20)
    with pytest.raises(UncertaintyError, match="0 to 4 in some; 1 to 2 in the assumptions"):
        simulate({"some": some}, Behaviour.of().with_ranges(new_customers=(1, 2)), draws=20)
    assert simulate({"none": none, "some": some}, draws=20).behaviour.range_for("new-customers", "").high == 4


def test_a_new_customer_costs_what_an_old_one_does() -> None:
    """Where every account costs what it pays, contribution is nothing however many new customers come."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 300], [100, 300], start="2025-01", unit_cost=[100, 300])
    ten = nobody_reacts().with_ranges(new_customers=(10, 10))
    found = simulate({"new": migrate(bills, EveryoneAtOnce())}, ten, draws=10, luck=False)
    for outcome in found.outcomes.values():
        assert outcome.contribution == pytest.approx(np.zeros(10), abs=1e-9 * outcome.revenue.sum())


def test_limits_are_shares_of_draws() -> None:
    """The chance of missing a limit is 0 or 1 where every draw agrees, and a condition of one's own is counted."""
    bills = made_up(200, 1, rise=0.2)
    found = simulate({"new": migrate(bills, EveryoneAtOnce())}, nobody_reacts(), draws=50)
    strict = chances_of_missing(found, "new", Guardrails(least_revenue_change=10.0, most_revenue_change=None))
    loose = chances_of_missing(found, "new", Guardrails(least_revenue_change=-1.0, least_segment_change=-1.0))
    assert strict["chance"].iloc[0] == 1
    assert (loose["chance"] == 0).all()
    assert loose["subject"].tolist() == ["", "large", "mid", "small"]
    assert found.chance("new", lambda totals: totals.kept >= 1 - 1e-9) == 1
    assert found.chance_of_beating("new") == 1


@pytest.mark.parametrize("behaviour", [nobody_reacts(), Behaviour.of()], ids=["nobody reacts", "wide guesses"])
def test_an_unchanged_price_list_wins_nothing_and_misses_nothing(behaviour: Behaviour) -> None:
    """Where every new bill is the old one, no draw beats today or crosses a limit of no change, rounding or not."""
    rises = made_up(500, 1)
    bills = replace(rises, new=rises.old, metered=rises.old * 0.37, add_ons=rises.old * 0)
    limits = Guardrails(least_revenue_change=0.0, most_revenue_change=0.0, least_segment_change=0.0)
    for policy in (EveryoneAtOnce(), AtRenewal(), CappedRise()):
        found = simulate({"same": migrate(bills, policy)}, behaviour, draws=200)
        assert found.chance_of_beating("same") == found.chance_of_beating(TODAY, "same") == 0
        assert (chances_of_missing(found, "same", limits)["chance"] == 0).all()
        table = tornado(found, "same")
        assert (table["swing"] == 0).all()
        assert table["break_even"].isna().all()


def test_break_even_stands_beside_what_was_drawn() -> None:
    """The table gives the path's break-even churn next to the 90% range of customers lost to price."""
    path = migrate(made_up(300, 1, rise=0.2), EveryoneAtOnce())
    table = simulate({"new": path}, draws=2000).table().set_index("scenario")
    assert table.loc["new", "break_even_churn"] == path.break_even_churn
    assert 0 < table.loc["new", "lost_to_price_low"] < table.loc["new", "lost_to_price_high"] < 0.5
    assert table.loc[TODAY, "lost_to_price_high"] == 0


def test_the_largest_account_is_that_of_each_price_list() -> None:
    """The largest share of today's revenue is that of today's bills; one account that becomes too large is said."""
    bills = account_bills(list("ABCDEFGHIJ"), ["s"] * 10, [10] * 10, [90, *[10] * 9], start="2025-01")
    found = prepare_simulation({"new": migrate(bills, EveryoneAtOnce())})
    assert (found[TODAY].largest, found["new"].largest) == pytest.approx((0.1, 0.5))
    (said,) = (each.text for each in simulate(found, draws=20).cautions if "One account" in each.text)
    assert said.startswith("One account is 50% of revenue")


def test_what_cannot_be_compared_is_refused() -> None:
    """Scenarios over other accounts, impossible ranges and unknown kinds are refused with the value."""
    with pytest.raises(UncertaintyError, match="other accounts"):
        prepare_simulation({"a": migrate(made_up(50, 1), AtRenewal()), "b": migrate(made_up(60, 1), AtRenewal())})
    with pytest.raises(UncertaintyError, match=r"from 0 to 0\.99"):
        Behaviour.of().with_ranges(usual_churn=(0.1, 1.5))
    with pytest.raises(UncertaintyError, match="no assumption 'mood'"):
        Behaviour.of().with_ranges(mood=(0, 1))
    with pytest.raises(UncertaintyError, match="no scenario 'x'"):
        simulate({"a": migrate(made_up(50, 1), AtRenewal())}, draws=20).fan("x")
    typo = Assumption(id="churn-per-rise:smal", label="Small ones lost", low=0, high=1)
    with pytest.raises(UncertaintyError, match=r"Small ones lost \(churn-per-rise:smal\).*large, mid, small"):
        simulate({"a": migrate(made_up(50, 1), AtRenewal())}, Behaviour.of([typo]), draws=20)
    with pytest.raises(UncertaintyError, match="new customers of one segment"):
        Behaviour.of([Assumption(id="new-customers:small", label="New small ones", low=5, high=10)])
    assert Behaviour.of([Assumption(id="something-else", label="x", low=0, high=1)]) == Behaviour.of()
    assert all("assumption" in each.note for each in default_assumptions() if each.high)
