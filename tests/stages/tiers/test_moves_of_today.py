"""What tiers do to the customers of today: revenue paid with paid, bill shock, a free plan, contracts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.impact import replay
from workbench.pricing import PriceBook
from workbench.rules.packaging import Asked, bill_shock, contracts, free_plan, revenue_kept
from workbench.stages.offers import Tier, TierDecision, ValueMetricDecision
from workbench.stages.price_book import plan_of
from workbench.stages.tiers import evaluate, summarise
from workbench.stages.tiers.suggestion import PriceShape, best_price_levels, price_shapes, propose, shock
from workbench.study import Scenario

if TYPE_CHECKING:
    from workbench.rules import Finding
    from workbench.stages.tiers.result import TierResult

MONTHS = ("2024-10", "2024-11", "2024-12")
OPEN = Scenario(id="design", name="Design")
DISCOUNTS = {3: 0.8, 7: 0.5}


def company(
    free: int = 0, on_request: int = 0, seats: tuple[int, ...] = (2, 3, 4, 6, 8, 10, 15, 20, 30, 60)
) -> CustomerBase:
    """Make accounts on a list of 10 a seat, two of them with a discount; some on a free plan, some on a contract.

    Free accounts have one seat and pay nothing; accounts on a contract have 200 seats and pay 500 flat.
    """
    paying = [(f"p{at}", "Team", many, 10.0 * many * DISCOUNTS.get(at, 1.0)) for at, many in enumerate(seats)]
    nothing = [(f"f{at}", "Free", 1, 0.0) for at in range(free)]
    large = [(f"c{at}", "Contract", 200, 500.0) for at in range(on_request)]
    rows = [*paying, *nothing, *large]
    plans = [("Team", 0.0, "seats", 10.0)]
    plans += [("Free", 0.0, None, None)] if free else []
    plans += [("Contract", None, None, None)] if on_request else []
    limits = pd.DataFrame([("Free", "seats", 1.0)], columns=["plan", "metric", "limit"])
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame([(one, plan) for one, plan, _, _ in rows], columns=["account_id", "plan"]),
            "usage": pd.DataFrame(
                [(one, month, "seats", many) for one, _, many, _ in rows for month in MONTHS],
                columns=["account_id", "month", "metric", "quantity"],
            ),
            "mrr": pd.DataFrame(
                [(one, month, paid, plan) for one, plan, _, paid in rows for month in MONTHS],
                columns=["account_id", "month", "amount", "plan"],
            ),
            "plans": pd.DataFrame(plans, columns=["plan", "base_fee", "metric", "unit_price"]),
            **({"plan_limits": limits} if free else {}),
        },
        as_of="2024-12-31",
        currency="USD",
    )


def tier(name: str, price: int | None, **more: object) -> Tier:
    """Return a tier per account, or per seat where said."""
    return Tier(id=name.lower(), name=name, price=None if price is None else Decimal(price), **more)


def judged(base: CustomerBase, *tiers: Tier) -> tuple[TierResult, dict[str, Finding]]:
    """Evaluate tiers; return the result and its findings by rule."""
    result = evaluate(base, OPEN.with_decision(TierDecision(tiers=tiers)))
    return result, {each.rule_id: each for each in result.findings}


def test_the_list_of_today_again_changes_nobodys_bill() -> None:
    """At today's price per seat with own discounts kept, revenue is kept to the cent and nobody is shocked."""
    result, found = judged(company(), tier("Team", 10, price_per="seats"))
    assert result.change.new == pytest.approx(result.change.today)
    assert found["T5"].measured == pytest.approx(1.0)
    assert found["T6"].measured == 0
    # List against paid would have said the opposite: a rise for both accounts with a discount.
    assert (result.bill > result.evidence.mrr + 1).sum() == len(DISCOUNTS)


def test_a_rise_counts_from_what_each_account_pays() -> None:
    """At 14 a seat every bill rises by 40%, discounted or not; at 12 none rises by more than 25%."""
    base = company()
    dear, fair = (judged(base, tier("Team", price, price_per="seats"))[1] for price in (14, 12))
    assert dear["T6"].measured == 1.0
    assert "The largest rise is +40%." in dear["T6"].evidence
    assert dear["T5"].measured == pytest.approx(1.4)
    assert fair["T6"].measured == 0
    assert set(dear["T6"].affected) == {f"p{at}" for at in range(10)}


def test_bills_here_are_those_of_the_replay() -> None:
    """Revenue and rises are worked out anew from the replay engine, account by account."""
    base = company()
    tiers = (tier("Small", 60, limits={"seats": Decimal(8)}), tier("Large", 300))
    _, found = judged(base, *tiers)
    book = PriceBook(name="New", currency="USD", plans=tuple(plan_of(each) for each in tiers))
    new = replay(base, book, months=1)
    before = new.rows.recorded
    kept = np.array([DISCOUNTS.get(at, 1.0) for at in range(10)])[new.rows.account]
    net = new.amounts * kept
    assert found["T5"].measured == pytest.approx(net.sum() / before.sum())
    assert found["T6"].measured == pytest.approx((net > 1.25 * before + 1e-9).mean())


def test_contracts_stay_in_the_tier_on_request() -> None:
    """Two accounts that pay 500 on a contract would be billed 2,000 a month at list: Custom keeps them as they are."""
    base = company(on_request=2)
    alone, found = judged(base, tier("Team", 10, price_per="seats"))
    assert found["T8"].status == "breach"
    assert alone.change.new == pytest.approx(alone.change.today + 2 * 1500)
    kept, said = judged(base, tier("Team", 10, price_per="seats"), tier("Custom", None, public=False))
    assert said["T8"].status == "ok"
    assert "$1,000 a month" in said["T8"].evidence
    assert kept.outcomes[1].accounts == 2
    assert kept.change.new == pytest.approx(kept.change.today)
    assert kept.compared == len(kept.evidence)
    movers = kept.tables["top_movers"].frame.set_index("account")
    assert movers.loc["c0", "why this tier"] == "has no published price today, and keeps its contract"


def test_prices_are_solved_for_the_accounts_on_the_list() -> None:
    """A starting point keeps contracts and free accounts out of what prices have to bring, and both tiers on offer."""
    base = company(free=6, on_request=2)
    found = propose(base, OPEN)
    names = [each.name for each in found.decision.tiers]
    assert (names[0], names[-1], len(names)) == ("Free", "Custom", 5)
    assert found.decision.tiers[0].is_free
    assert found.decision.tiers[0].limits == {"seats": 1}
    result = evaluate(base, OPEN.with_decision(found.decision))
    placed = {outcome.tier.name: outcome.accounts for outcome in result.outcomes}
    assert (placed["Free"], placed["Custom"]) == (6, 2)
    on_list = np.isin(result.evidence.plan, ["Team"])
    new, paid = result.net_bill[on_list].sum(), result.evidence.mrr[on_list].sum()
    assert new == pytest.approx(paid, rel=0.1)
    words = {each.rule_id: each.status_word for each in result.findings}
    assert words["T7"] == words["T8"] == "Met"
    assert any("free plan Free stays" in reason for reason in found.reasons)


@pytest.mark.parametrize("name", ["Scale", "essentials", "Custom"])
def test_a_free_plan_called_as_a_tier_is_told_from_it(name: str) -> None:
    """No price book may hold one name twice: the free plan says that it is the free one."""
    frames = {key: frame.replace("Free", name) for key, frame in company(free=6, on_request=2).frames.items()}
    base = CustomerBase.from_tables(frames, as_of="2024-12-31", currency="USD")
    found = propose(base, OPEN)
    names = [each.name.casefold() for each in found.decision.tiers]
    assert found.decision.tiers[0].name == f"{name} (free)"
    assert len({*names}) == len(names) == 5


def test_a_free_plan_dropped_is_said_with_what_it_asks() -> None:
    """Without a free tier six accounts of one seat are asked for 10 each."""
    _, found = judged(company(free=6), tier("Team", 10, price_per="seats"))
    told = found["T7"]
    assert (told.status, told.measured) == ("breach", 6)
    assert "6 of 6 accounts on the free plan Free today would be asked to pay" in told.evidence
    assert "$10 a month or more, $60 in all" in told.evidence
    assert found["T6"].measured == pytest.approx(6 / 16), "to pay at all after paying nothing is a steep rise"


def test_a_free_plan_that_would_give_the_product_away_is_not_kept_in_silence() -> None:
    """Where many who pay would fit into today's free plan the draft leaves it out, and says who loses it."""
    base = company(free=6, seats=(1, 1, 1, 1, 6, 9, 12, 20))
    found = propose(base, OPEN)
    assert not any(each.is_free for each in found.decision.tiers)
    assert any(
        "4 accounts that pay today would fit" in each.text and "6 accounts lose it" in each.text
        for each in found.cautions
    )
    _, said = judged(base, *found.decision.tiers)
    assert said["T7"].status == "breach"


def test_without_plans_nothing_is_said_about_them() -> None:
    """No free plan and no contract: no finding on either."""
    _, found = judged(company(), tier("Team", 10, price_per="seats"))
    assert not {"T7", "T8"} & set(found)


SIZES = np.array([1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80, 120], dtype=float)


def test_of_the_shapes_that_keep_revenue_the_least_shocking_is_taken() -> None:
    """No shape within reach has clearly less shock, by brute force over all of them."""
    from workbench.rules import RULEBOOK  # noqa: PLC0415 - used once

    rng = np.random.default_rng(4)
    today = 12 * SIZES * rng.lognormal(0, 0.3, SIZES.size)
    level = (SIZES > 4).astype(int) + (SIZES > 20)
    quantities = {"seats": SIZES}
    band = RULEBOOK.threshold("T4")
    shapes = price_shapes(["seats"], None, None, band)
    found = best_price_levels(shapes, level, quantities, today, target=float(today.sum()), threshold=band)

    def scaled(shape: PriceShape) -> np.ndarray:
        bills = shape.bills(level, quantities)
        return bills * today.sum() / bills.sum()

    def spread(shape: PriceShape) -> float:
        return float(np.expm1(np.median(np.abs(np.log(scaled(shape) / today)))))

    reach = [each for each in shapes if spread(each) <= max(0.5, min(map(spread, shapes)))]
    assert shock(scaled(found.shape), today) <= min(shock(scaled(each), today) for each in reach) + 0.01


def test_shock_counts_rises_beyond_a_quarter_and_how_far_they_go() -> None:
    """+20% is none, 2.5 times the bill is one doubling beyond a quarter, five times two; free accounts do not count."""
    today = np.array([100.0, 100.0, 100.0, 0.0])
    assert shock(np.array([120.0, 250.0, 500.0, 50.0]), today) == pytest.approx((0 + 2 + 3) / 3)
    assert shock(today, today) == 0


def test_the_samples_starting_point_shocks_few_and_keeps_revenue(sample_company: CustomerBase) -> None:
    """Paid with paid the sample keeps its revenue within 1%, and fewer than one account in ten rises by over 25%."""
    base = sample_company
    design = OPEN.with_decision(ValueMetricDecision(metric="gigabytes_processed"))
    result = evaluate(base, design.with_decision(propose(base, design).decision))
    found = {each.rule_id: each for each in result.findings}
    assert found["T5"].status_word == "Set so"
    assert found["T6"].measured < 0.10


@pytest.mark.parametrize(("new", "status"), [(101, "ok"), (99, "ok"), (97, "watch"), (90, "breach")])
def test_revenue_kept_by_its_marks(new: float, status: str) -> None:
    """A percent less counts as kept, five percent less does not."""
    assert revenue_kept(new, 100).status == status


def test_what_is_not_known_is_unknown() -> None:
    """Without revenue on record, or without anybody's plan, there is no verdict."""
    assert revenue_kept(None, None).status == "unknown"
    assert bill_shock(None, 0).status == "unknown"
    assert free_plan(["Free"], None, has_free_tier=True).status == "unknown"
    assert free_plan(["Free"], Asked(0, 5), has_free_tier=True).status == "ok"
    assert contracts(2, None, custom=["Custom"]).status == "ok"


def test_who_pays_nothing_is_not_counted_as_paying() -> None:
    """Of sixteen active accounts ten pay today, and those are compared: nobody is said to pay more than nothing."""
    base = company(free=6)
    design = OPEN.with_decision(TierDecision(tiers=(tier("Team", 10, price_per="seats"),)))
    result = evaluate(base, design)
    assert (result.change.accounts, result.change.paying) == (10, 10)
    assert "from 10 accounts" in summarise(design.decision(TierDecision), result)
