"""A floor under revenue is bought with discount, each account commits to its quantile, and seats do not swing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.programme import ProgrammeError, commitment_frontier, first_to_migrate
from workbench.impact import ReplayError, replay
from workbench.impact.migration import opt_in_overage
from workbench.pricing import Charge, Plan, PriceBook

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")
BOOK = PriceBook("by use", "USD", [Plan("Use", 50, [Charge("rows", "per_unit", unit_price="0.1")])])


def base_of(use: dict[str, list[float] | np.ndarray], metric: str = "rows") -> CustomerBase:
    """Return accounts with their use of 24 months."""
    usage = pd.concat(
        pd.DataFrame({"account_id": name, "month": MONTHS, "metric": metric, "quantity": rows})
        for name, rows in use.items()
    )
    return CustomerBase.from_tables(
        {"accounts": pd.DataFrame({"account_id": list(use)}), "usage": usage}, currency="USD"
    )


def test_each_account_commits_to_its_quantile() -> None:
    """With 20% off and 10% more beyond, the cheapest commitment is the (d + o) / (1 + o) quantile of its past."""
    random = np.random.default_rng(1)
    past = random.permutation(np.arange(1, 13) * 100.0)
    base = base_of({"A": np.concatenate([past, past])})
    found = commitment_frontier(replay(base, BOOK), offered=0.2, premium=0.1)
    place = int(np.ceil((0.2 + 0.1) / 1.1 * 12)) - 1
    committed = np.sort(past)[place] * 0.1
    spend = past * 0.1
    cost = lambda c: 0.8 * c + 1.1 * np.maximum(spend - c, 0).mean()  # noqa: E731 - the definition
    assert found.accounts["committed"].iloc[0] == pytest.approx(committed)
    assert all(cost(committed) <= cost(other) + 1e-9 for other in np.linspace(0, 120, 481))
    assert found.accounts["saves"].iloc[0] == pytest.approx(spend.mean() - cost(committed))


def test_a_larger_discount_buys_a_larger_share_of_floor() -> None:
    """Along the frontier commitments rise and revenue falls; the fee is part of the floor at every discount."""
    random = np.random.default_rng(2)
    base = base_of({f"A{at}": random.gamma(4, 100, 24) for at in range(20)})
    found = commitment_frontier(replay(base, BOOK), discounts=(0.0, 0.1, 0.2, 0.3)).frontier
    assert (np.diff(found["floor_share"]) > 0).all()
    assert (np.diff(found["revenue"]) < 0).all()
    assert (found["floor"] > 20 * 50).all()
    assert (np.diff(found["volatility"]) < 0).all()


def test_commitments_move_with_what_was_used() -> None:
    """Steady use commits to all of it, use that comes and goes to its low months."""
    steady, wild = [1000.0] * 24, [200.0, 1800.0] * 12
    found = commitment_frontier(replay(base_of({"S": steady, "W": wild}), BOOK)).accounts.set_index("account_id")
    assert found["committed"].to_dict() == pytest.approx({"S": 100.0, "W": 20.0})
    assert found.loc["S", "saves"] == pytest.approx(15.0)


def test_nothing_is_said_where_no_usage_is_charged() -> None:
    """Seats do not swing by use; too few months are told as well; a discount that is none is refused."""
    seats = PriceBook("seats", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    found = commitment_frontier(replay(base_of({"A": [5.0] * 24}, "seats"), seats))
    assert (found.reason, len(found.frontier), len(found.accounts)) == ("seats charges no usage", 0, 0)
    short = commitment_frontier(replay(base_of({"A": [5.0] * 24}), BOOK, months=13))
    assert short.reason == "13 months are too few to learn from 12 and bill two more"
    with pytest.raises(ReplayError, match="no commitment"):
        commitment_frontier(replay(base_of({"A": [5.0] * 24}), BOOK), discounts=(1.5,))


def test_portfolio_names_who_swings_against_the_rest() -> None:
    """Two groups with opposite seasons: the smaller one is named as what steadies the larger."""
    season = np.cos(2 * np.pi * (np.arange(24) - 4) / 12)
    base = base_of({"A": 1000 * (1 + 0.5 * season), "B": 600 * (1 - 0.5 * season)})
    found = commitment_frontier(replay(base, BOOK)).balance
    assert "high in April to June" in found
    assert "swing against it most (correlation -0.9" in found
    assert commitment_frontier(replay(base_of({"A": 1000 * (1 + 0.5 * season)}), BOOK)).balance == ""


def test_who_uses_more_than_is_included_migrates_first() -> None:
    """Accounts above what the component includes, the largest bill first; who grows beyond it joins them."""
    team = Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])
    book = opt_in_overage(PriceBook("list", "USD", [team]), "rows", unit_price="0.01", included=1000)

    def first(rows: dict[str, float]) -> list[tuple[str, float]]:
        usage = pd.DataFrame(
            [(who, metric, units) for who, use in rows.items() for metric, units in (("rows", use), ("seats", 5.0))],
            columns=["account_id", "metric", "quantity"],
        ).assign(month="2024-01")
        paid = pd.DataFrame({"account_id": list(rows), "month": "2024-01", "amount": 50.0, "plan": "Team"})
        tables = {"accounts": paid[["account_id"]], "usage": usage, "mrr": paid}
        found = first_to_migrate(CustomerBase.from_tables(tables, currency="USD"), book, "rows")
        return list(zip(found["account_id"], found["adds"].round(2), strict=True))

    assert first({"A": 900, "B": 1500, "C": 4000}) == [("C", 30.0), ("B", 5.0)]
    assert first({"A": 9000, "B": 1500, "C": 4000}) == [("A", 80.0), ("C", 30.0), ("B", 5.0)]
    with pytest.raises(ProgrammeError, match="Nothing is known of the use of tokens"):
        first_to_migrate(base_of({"A": [1.0] * 24}), book, "tokens")
