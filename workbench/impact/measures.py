"""What a replay says about the business: growth, concentration, volatility of revenue, jumps of bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count
from workbench.growth import arpa, retention
from workbench.growth.movements import MovementsError
from workbench.impact.concentration import gini, top_share
from workbench.impact.errors import ReplayError
from workbench.impact.swings import BillShock, around_trend, bill_shock
from workbench.results import KeyFigure

if TYPE_CHECKING:
    from workbench.impact.replay import Replay

_TOP = 10


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of a replay's revenue comes from few accounts; shares of revenue, NaN when there is none."""

    top_ten: float
    top_tenth: float
    gini: float
    accounts: int


@dataclass(frozen=True, slots=True)
class GrowthShown:
    """The growth a price book would have shown over a period, from accounts billed in all their months.

    Retention follows the cohort that paid at the start; `arpa_growth` compares revenue per paying account at both
    ends. 1.08 is 108%; 0.05 is +5%. NaN when the replay is too short, nobody paid at the start or nobody could be
    billed in all months; `accounts` counts who could.
    """

    months: int
    accounts: int
    net_retention: float
    gross_retention: float
    arpa_growth: float


@dataclass(frozen=True, slots=True)
class Measures:
    """A replay's concentration, growth, revenue volatility (share of trend) and bill shock.

    Growth and volatility are those of the accounts billed in all their months: a bill that is not known is no fall.
    """

    concentration: Concentration
    growth: GrowthShown
    volatility: float
    shock: BillShock


def measures(replay: Replay, months: int = 12) -> Measures:
    """Return all measures of a replay; growth looks `months` back from its last month."""
    monthly = replay.bills[replay.billed_throughout].sum(axis=0)
    return Measures(
        concentration(replay), growth_shown(replay, months), around_trend(monthly), bill_shock(replay.bills)
    )


def concentration(replay: Replay) -> Concentration:
    """Return how concentrated the revenue of the whole replay is."""
    revenue = replay.rows.by_account(replay.known_amounts)
    paying = np.sort(revenue[revenue > 0])[::-1]
    total = paying.sum()
    top = float(paying[:_TOP].sum() / total) if total > 0 else float("nan")
    return Concentration(top, top_share(paying), gini(paying), len(paying))


def growth_shown(replay: Replay, months: int = 12) -> GrowthShown:
    """Return the retention and growth of revenue per account the price book would have shown."""
    unknown = float("nan"), float("nan"), float("nan")
    try:
        ledger = replay.ledger()
    except ReplayError:
        return GrowthShown(months, 0, *unknown)
    average = arpa(ledger).set_index("month")["arpa"]
    try:
        seen = retention(ledger, months=months)
    except MovementsError:
        return GrowthShown(months, len(ledger.account_ids), *unknown)
    growth = average[seen.end_month] / average[seen.start_month] - 1
    return GrowthShown(months, len(ledger.account_ids), seen.net, seen.gross, float(growth))


def key_figures(replay: Replay, months: int = 12) -> tuple[KeyFigure, ...]:
    """Return a replay's figures for a reader, each with its unit, period and population.

    Growth looks back over `months`, or over as many as there are where the replay is shorter; its period says which.
    """
    months = max(1, min(months, len(replay.rows.shown_months) - 1))
    found = measures(replay, months)
    basis = replay.basis
    period = f"{basis.first_month} to {basis.last_month}"
    population = f"{basis.accounts:,} accounts"
    year = f"{count('month', months)} to {basis.last_month}"
    followed = throughout = f"{found.growth.accounts:,} accounts billed in all their months"
    if len(replay.rows.shown_months) <= months:
        followed = "it takes two months of bills to see"
    return (
        KeyFigure("Revenue at list prices, all months together", replay.revenue, replay.currency, period, population),
        KeyFigure("Net revenue retention", _known(found.growth.net_retention), "percent", year, followed),
        KeyFigure("Gross revenue retention", _known(found.growth.gross_retention), "percent", year, followed),
        KeyFigure("Growth of revenue per account", _known(found.growth.arpa_growth), "percent", year, followed),
        KeyFigure(
            "Revenue from the ten largest accounts", _known(found.concentration.top_ten), "percent", period, population
        ),
        KeyFigure(
            "Monthly revenue around its trend", _known(found.volatility), "percent", period, throughout, digits=1
        ),
        KeyFigure(
            "Accounts with a month more than 25% above the one before",
            _known(found.shock.over_25), "percent", period,
            f"{found.shock.accounts:,} accounts with two bills in a row",
        ),
    )  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
