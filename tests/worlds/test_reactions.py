"""What a record says of reactions to price moves, in companies where they are known (all of them: `make worlds`)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from judge_reactions import judge
from repriced_companies import LEARNABLE, MONTHS, Company, company

from workbench.customers import CustomerBase
from workbench.impact.uncertainty import Behaviour, learned
from workbench.stages.comparison.bills import gather_today

pytestmark = pytest.mark.slow

SEEDS = range(600, 610)


def test_ranges_hold_what_rises_truly_cost() -> None:
    """Where prices moved for some, the range of customers lost is known and holds the truth in most companies."""
    cases = [judge(company(kind, seed)) for kind in LEARNABLE for seed in SEEDS]
    known = [case for case in cases if case.known]
    assert len(known) >= 0.8 * len(cases)
    assert np.mean([case.inside for case in known]) >= 0.75
    assert np.median([case.width for case in known]) <= 0.4


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("still", "the price of 0 accounts rose"),
        ("usage", "the price of 0 accounts rose"),
        ("overage", "prices rose where use grew"),
        ("everyone", "leaves nobody to compare with"),
        ("once", "charges made once"),
        ("few", "30 are needed"),
    ],
)
def test_where_nothing_can_be_learned_it_says_why(kind: str, reason: str) -> None:
    """No price moved, only use did, all moved at once, or too few: no range, and the reason in words."""
    for seed in SEEDS:
        case = judge(company(kind, seed))
        assert not case.known
        assert reason in case.reason


def base_of(made: Company) -> CustomerBase:
    """Return the company's tables as it would hand them over: accounts, use, revenue, and today's list."""
    months = pd.date_range("2022-01-01", periods=MONTHS, freq="MS")
    who, month = np.nonzero(made.paid > 0)
    ids = np.array([f"a{number:04}" for number in range(len(made.paid))])
    here = pd.DataFrame({"account_id": ids[who], "month": months[month]})
    plan = np.array(["Small", "Large"])[made.plan[who, month]]
    joined = [months[0] - pd.DateOffset(months=int(age)) for age in made.age[:, 0]]
    seats = made.quantity[0, who, month]
    price = {name: float(np.median((made.listed[who, month] / seats)[plan == name])) for name in ("Small", "Large")}
    tables = {
        "accounts": pd.DataFrame({"account_id": ids, "segment": made.segment.astype(str), "signed_up": joined}),
        "usage": pd.concat(
            here.assign(metric=name, quantity=made.quantity[place, who, month])
            for place, name in enumerate(("seats", "calls"))
        ),
        "mrr": here.assign(amount=made.paid[who, month], plan=plan, currency="USD"),
        "plans": pd.DataFrame(
            [{"plan": name, "base_fee": 0.0, "metric": "seats", "unit_price": each} for name, each in price.items()]
        ),
    }
    return CustomerBase.from_tables(tables, currency="USD")


def test_the_tables_of_a_company_say_it_too() -> None:
    """From accounts, use, revenue and list the stage reads the same, and it takes the place of the wide guess."""
    made = company("one_plan", 601)
    (leaving, moving_down) = gather_today(base_of(made)).reactions
    assert leaving.known
    assert leaving.low <= made.truth <= leaving.high
    assert not moving_down.known  # nobody changes plans there
    used = Behaviour.of(learned((leaving, moving_down))).range_for("churn-per-rise", "any")
    assert (used.low, used.high) == (leaving.low, leaving.high)
