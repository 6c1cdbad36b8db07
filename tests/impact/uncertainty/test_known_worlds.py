"""Simulations held against worlds that can be written down: one certain one, or a few that are equally likely."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    EveryoneAtOnce,
    Grandfather,
    NewCustomers,
    NewCustomersOnly,
    PhasedSteps,
    Policy,
    Step,
    account_bills,
    migrate,
)
from workbench.impact.uncertainty import (
    TODAY,
    Behaviour,
    Simulation,
    chances_of_missing,
    nobody_reacts,
    prepare_simulation,
    simulate,
    tornado,
    value_of_information,
)
from workbench.impact.uncertainty.scenario_revenue import END, outcomes
from workbench.study import Assumption, Guardrails

MONTHS = 24
POLICIES: tuple[Policy, ...] = (
    NewCustomersOnly(),
    EveryoneAtOnce(notice_months=3),
    EveryoneAtOnce(notice_months=40),
    AtRenewal(notice_months=2),
    Grandfather(months=7),
    PhasedSteps(notice_months=1, steps=(Step(month=0, share=0.5), Step(month=6, share=1))),
)


@dataclass(frozen=True)
class World:
    """What customers of one world do for certain, in the words of the guesses."""

    churn: float = 0.0
    usual: float = 0.0
    downgrade: float = 0.0
    saving: float = 0.0
    usage: float = 0.0
    attach: float = 1.0
    comers: float = 0.0
    cap: float = 0.5

    @property
    def behaviour(self) -> Behaviour:
        """Return the ranges that hold nothing but this world."""
        values = {
            "churn_per_rise": self.churn,
            "usual_churn": self.usual,
            "downgrade_per_rise": self.downgrade,
            "downgrade_saving": self.saving,
            "usage_per_rise": self.usage,
            "add_on_attach": self.attach,
            "new_customers": self.comers,
        }
        return replace(nobody_reacts(), most_extra_churn=self.cap).with_ranges(
            **{name: (value, value) for name, value in values.items()}
        )


def book(rng: np.random.Generator, *, costs: bool = False) -> AccountBills:
    """Return a few accounts whose rises double a thirtieth, so that half of each is on the grid of rises."""
    size = int(rng.integers(1, 12))
    old = np.round(rng.lognormal(4, 1, size), 2)
    rise = np.where(rng.random(size) < 0.3, rng.uniform(-1 / 3, 0, size), rng.integers(0, 15, size) / 15)
    new = old * (1 + rise)
    free = rng.random(size) < 0.15
    new[free], old[free] = rng.uniform(1, 50, int(free.sum())), 0
    metered = new * rng.uniform(0, 0.6, size)
    return account_bills(
        [f"A{place}" for place in range(size)],
        rng.choice(["small", "large"], size),
        old,
        new,
        start="2025-01",
        renewal=rng.integers(0, 24, size),
        metered=metered,
        add_ons=(new - metered) * rng.uniform(0, 0.5, size),
        unit_cost=rng.uniform(0, 30, size) if costs else np.nan,
    )


def begins(policy: Policy, renewal: int) -> int:
    """Return the month in which new prices begin for an account."""
    if isinstance(policy, AtRenewal):
        return renewal if renewal >= policy.notice_months else renewal + 12
    if isinstance(policy, NewCustomersOnly):
        return MONTHS + 1
    return policy.months if isinstance(policy, Grandfather) else policy.notice_months


def by_hand(bills: AccountBills, policy: Policy, worlds: dict[str, World]) -> tuple[list[float], list[float]]:
    """Return revenue and cost of every month: each account followed through each month; a world for each segment."""
    revenue, spent = [0.0] * MONTHS, [0.0] * MONTHS
    for place in range(len(bills)):
        old, new, world = bills.old[place], bills.new[place], worlds[bills.segment[place]]
        first = begins(policy, int(bills.renewal[place]))
        for month in range(MONTHS):
            bill, of_new = old, 0.0
            if month >= first:
                half = isinstance(policy, PhasedSteps) and month < first + 6 and new > old  # a fall comes in full
                bill = (old + new) / 2 if half else new
                of_new = bill / new if new else 0.0
            rise = 0.0 if bill == old else 10.0 if old == 0 else bill / old - 1
            up = max(0.0, rise)
            kept = (1 - min(world.cap, world.churn * up)) * (1 - world.usual) ** (month / 12)
            paid = 1 - min(1.0, world.downgrade * up) * world.saving
            metered, add_ons = bills.metered[place] * of_new, bills.add_ons[place] * of_new
            usage = min(2.0, max(0.0, 1 - world.usage * rise))
            revenue[month] += kept * paid * (bill - metered - add_ons + metered * usage + add_ons * world.attach)
            spent[month] += kept * bills.unit_cost[place]
    return revenue, spent


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_a_certain_world_is_the_path_worked_out_by_hand(policy: Policy, seed: int) -> None:
    """Where every range is a point the fan is one line: each account's bill, reaction and usual churn added up."""
    rng = np.random.default_rng(seed)
    bills = book(rng, costs=True)
    world = World(
        churn=float(rng.choice([0.2, 2.0])),
        usual=0.15,
        downgrade=float(rng.choice([0.3, 3.0])),
        saving=0.25,
        usage=float(rng.choice([0.4, 3.0])),
        attach=0.7,
        comers=float(rng.choice([0, 2.5])),
        cap=float(rng.choice([0.3, 1])),
    )
    world = replace(world, churn=world.cap / (2 / 3), downgrade=3.0) if seed % 2 else replace(world, churn=0.02)
    found = simulate({"new": migrate(bills, policy)}, world.behaviour, draws=7, luck=False)
    worlds = dict.fromkeys(bills.segments, world)
    new_ones = [world.comers * (month + 1) for month in range(MONTHS)]
    for name, way, bill in (("new", policy, bills.new.mean()), (TODAY, NewCustomersOnly(), bills.old.mean())):
        revenue, spent = by_hand(bills, way, worlds)
        wanted = [amount + count * bill for amount, count in zip(revenue, new_ones, strict=True)]
        fan = found.fan(name)
        for column in ("p5", "p25", "p50", "p75", "p95", "mean"):
            assert fan[column].tolist() == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        cost = sum(spent) + sum(new_ones) * bills.unit_cost.mean()
        assert found.outcomes[name].contribution == pytest.approx(np.full(7, sum(wanted) - cost), rel=1e-9, abs=1e-6)


def test_a_segment_reacts_by_its_own_guess() -> None:
    """A guess of its own holds for a segment, the common one for the others, and both add up."""
    bills = account_bills(["a", "b"], ["large", "small"], [100, 200], [120, 240], start="2025-01")
    own = Assumption(id="churn-per-rise:small", label="Small ones", low=1.5, high=1.5, unit="share")
    common = nobody_reacts().with_ranges(churn_per_rise=(0.5, 0.5))
    assumed = replace(common, assumptions=(*common.assumptions, own))
    found = simulate({"new": migrate(bills, EveryoneAtOnce())}, assumed, draws=5, luck=False)
    worlds = {"large": World(churn=0.5), "small": World(churn=1.5)}
    assert found.fan("new")["mean"].tolist() == pytest.approx(by_hand(bills, EveryoneAtOnce(), worlds)[0])
    segments = found.totals("new").segment_change
    assert segments["large"] == pytest.approx(np.full(5, 0.9 * 1.2 - 1))
    assert segments["small"] == pytest.approx(np.full(5, 0.7 * 1.2 - 1))


def few_worlds(bills: AccountBills, policies: dict[str, Policy], churn: list[float], attach: list[float]) -> Simulation:
    """Return a simulation whose draws are every pair of these values of two guesses, equally often."""
    assumed = nobody_reacts().with_ranges(churn_per_rise=(churn[0], churn[-1]), add_on_attach=(attach[0], attach[-1]))
    statistics = prepare_simulation({name: migrate(bills, policy) for name, policy in policies.items()})
    pairs = np.array(list(product((-END, END)[: len(churn)], (-END, END)[: len(attach)])) * 1000)
    pairs[:, 0] = pairs[:, 0] if len(churn) > 1 else 0
    pairs[:, 1] = pairs[:, 1] if len(attach) > 1 else 0
    still = np.zeros(len(pairs))
    normals = {each.id: still for each in assumed.assumptions} | {"opt-in-take-up": still}
    normals |= {"churn-per-rise": pairs[:, 0], "add-on-attach": pairs[:, 1]}
    done = outcomes(list(statistics.values()), assumed, normals, luck=False)
    named = dict(zip(statistics, done, strict=True))
    return Simulation(statistics, assumed, named, normals, draws=len(pairs), luck=False)


def test_two_equally_likely_worlds_by_hand() -> None:
    """A rise of 20% brings 15.2% more or 28% less: it beats today in half of all cases, and knowing is worth 7.6%."""
    bills = account_bills(["a", "b"], ["large", "small"], [100, 300], [120, 360], start="2025-01")
    found = few_worlds(bills, {"once": EveryoneAtOnce()}, [0.2, 2.0], [1.0])
    assert found.chance_of_beating("once") == 0.5
    assert set(np.round(found.totals("once").change, 9)) == {0.152, -0.28}
    for least, most, chances in ((-0.02, 0.1, [0.5, 0.5, 0.5, 0.5]), (-0.3, 0.2, [0] * 4), (-0.28, 0.152, [0] * 4)):
        limits = Guardrails(least_revenue_change=least, most_revenue_change=most, least_segment_change=least)
        assert chances_of_missing(found, "once", limits)["chance"].tolist() == chances
    limits = Guardrails(least_revenue_change=0.16, most_revenue_change=-0.3, least_segment_change=None)
    assert chances_of_missing(found, "once", limits)["chance"].tolist() == [1, 1]
    worth = value_of_information(found)
    assert worth.best == TODAY
    assert worth.perfect == pytest.approx(24 * 400 * 0.152 / 2)
    assert worth.table["id"].tolist() == ["churn-per-rise"]
    assert worth.table["worth"].tolist() == pytest.approx([worth.perfect])


@pytest.mark.parametrize("objective", ["revenue", "contribution"])
@pytest.mark.parametrize("seed", range(8))
def test_four_equally_likely_worlds_by_enumeration(seed: int, objective: str) -> None:
    """Chances, the value of knowing all or one guess, and the bars of the tornado are those of the four worlds."""
    rng = np.random.default_rng(seed)
    bills = book(rng, costs=True)
    policies: dict[str, Policy] = {"once": EveryoneAtOnce(), "later": Grandfather(months=9), "renewal": AtRenewal()}
    churn, attach = [0.1, float(rng.uniform(1, 3))], [float(rng.uniform(0, 0.5)), 1.0]
    found = few_worlds(bills, policies, churn, attach)
    worth: dict[tuple[int, int], dict[str, float]] = {}
    revenue: dict[tuple[int, int], dict[str, float]] = {}
    for (one, high_churn), (two, attached) in product(enumerate(churn), enumerate(attach)):
        worlds = dict.fromkeys(bills.segments, World(churn=high_churn, attach=attached))
        for name, policy in {TODAY: NewCustomersOnly(), **policies}.items():
            brought, spent = (sum(each) for each in by_hand(bills, policy, worlds))
            revenue.setdefault((one, two), {})[name] = brought
            worth.setdefault((one, two), {})[name] = brought - (spent if objective == "contribution" else 0)
    for name in policies:
        better = [each[name] > each[TODAY] * (1 + 1e-9) for each in revenue.values()]
        assert found.chance_of_beating(name) == sum(better) / 4
    best = max(sum(each[name] for each in worth.values()) / 4 for name in [TODAY, *policies])
    perfect = sum(max(each.values()) for each in worth.values()) / 4 - best
    knowing = value_of_information(found, objective)  # type: ignore[arg-type]
    scale = max(abs(best), 1.0)
    assert knowing.perfect == pytest.approx(perfect, rel=1e-6, abs=2e-6 * scale)
    one_alone = knowing.table.set_index("id")["worth"]
    for place, guess in enumerate(("churn-per-rise", "add-on-attach")):
        halves = [[each for key, each in worth.items() if key[place] == end] for end in (0, 1)]
        known = sum(max(sum(each[name] for each in half) / 2 for name in half[0]) for half in halves) / 2 - best
        assert one_alone[guess] == pytest.approx(known, abs=0.02 * perfect + 2e-6 * scale)
    bars = tornado(found, "once").set_index("id")
    for place, guess in enumerate(("churn-per-rise", "add-on-attach")):
        for end, column in enumerate(("at_low", "at_high")):
            half = [each["once"] - each[TODAY] for key, each in revenue.items() if key[place] == end]
            assert bars.loc[guess, column] == pytest.approx(sum(half) / 2, rel=1e-6, abs=1e-6 * scale)


def test_new_customers_of_a_path_are_those_of_the_draws() -> None:
    """A path made with three new customers a month brings them in every draw, at the prices each scenario has."""
    bills = account_bills(["a", "b"], ["s", "s"], [100, 300], [110, 330], start="2025-01")
    path = migrate(bills, EveryoneAtOnce(), new_customers=NewCustomers(low=3, high=3))
    found = simulate({"new": path}, nobody_reacts(), draws=3)
    months = pd.Series(range(1, MONTHS + 1))
    assert found.fan("new")["p50"].tolist() == pytest.approx((440 + 3 * 220 * months).tolist())
    assert found.fan(TODAY)["p50"].tolist() == pytest.approx((400 + 3 * 200 * months).tolist())
