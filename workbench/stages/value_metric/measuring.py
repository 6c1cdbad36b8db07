"""Everything the data tells about one candidate: a statistic per measure, with a note where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count
from workbench.stages.value_metric.influence import Statistic, gini, mean, median, rank_correlation, top_share
from workbench.stages.value_metric.success import TARGETS, change_before, level_before
from workbench.stages.value_metric.usage_measures import annual_growth, forecast_error, month_to_month, recent_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.history import History

    Values = NDArray[np.float64]

FEWEST_ACCOUNTS = 10
BY_CONSTRUCTION = "today's price is charged on it, so payments follow it by construction: not counted"
_NEEDS = {
    "outcomes": "needs the table outcomes and nine months of usage",
    "retention": "needs nine months of history in which some accounts left",
    "expansion": "needs the table mrr and nine months of usage",
    "cost": "needs unit_cost on the accounts",
}


def statistics_of(history: History, candidate: Candidate) -> dict[str, Statistic]:
    """Return every statistic that can be computed for a candidate, by measure key; its accounts may be too few."""
    quantity = current_quantity(history, candidate)
    found = {
        "breadth": mean(np.where(history.active, (np.nan_to_num(quantity) > 0).astype(float), np.nan), "share"),
        "gini": gini(quantity),
        "top_tenth": top_share(quantity),
        "cost": rank_correlation(quantity, history.cost),
    }
    if candidate.source == "usage":
        found |= _inside_accounts(history, history.usage[candidate.name])
        found |= _with_success(history, history.usage[candidate.name])
    return found


def current_quantity(history: History, candidate: Candidate) -> Values:
    """Return the candidate's mean quantity over the last three months for active accounts; NaN for others."""
    if candidate.source == "usage":
        return np.where(history.active, recent_mean(history.usage[candidate.name]), np.nan)
    return np.where(history.active, history.seats, np.nan)


def billed_quantity(history: History, candidate: Candidate) -> Values:
    """Return the candidate's quantity in the month whose payments are known, for active accounts; NaN for others.

    Bills on a new price are held against what was paid, so both are of one month: a mean of earlier ones would set
    the smaller quantities of a growing metric against the payments of today.
    """
    quantity = history.usage[candidate.name][:, history.billed_month] if candidate.source == "usage" else history.seats
    return np.where(history.active, quantity, np.nan)


def growth_inside(history: History, candidate: Candidate) -> Values:
    """Return each active account's log growth a year; NaN where unknown."""
    if candidate.source != "usage":
        return np.full(len(history.active), np.nan)
    return np.where(history.active, annual_growth(history.usage[candidate.name]), np.nan)


def why_unknown(candidate: Candidate, key: str, statistic: Statistic | None) -> str:
    """Say why a measure is unknown for a candidate, and what would tell."""
    if candidate.source == "team":
        return "no data measures it yet"
    if statistic is not None and 0 < statistic.accounts < FEWEST_ACCOUNTS:
        told = f"{count('account', statistic.accounts)} {'tells' if statistic.accounts == 1 else 'tell'}"
        return f"only {told}, {FEWEST_ACCOUNTS} are needed"
    target = key.partition("_")[0]
    if target in _NEEDS:
        return _NEEDS[target]
    if candidate.source == "accounts":
        return "needs monthly usage of it; the accounts know only the latest number"
    return "needs nine months of usage"


def _inside_accounts(history: History, usage: Values) -> Mapping[str, Statistic]:
    """Measure growth and predictability, account by account, over the active accounts."""
    growth = np.where(history.active, annual_growth(usage), np.nan)
    return {
        "growth": median(growth),
        "growing": mean(np.where(np.isfinite(growth), (growth > 0).astype(float), np.nan), "share"),
        "variation": median(np.where(history.active, month_to_month(usage), np.nan)),
        "forecast_error": median(np.where(history.active, forecast_error(usage), np.nan)),
    }


def _with_success(history: History, usage: Values) -> Mapping[str, Statistic]:
    """Measure how the metric's level and change go with later success; ranks are taken inside segments."""
    if history.split is None:
        return {}
    before = {"level": level_before(usage, history.split), "change": change_before(usage, history.split)}
    return {
        f"{target}_{name}": rank_correlation(values, history.targets[target], history.strata)
        for target in TARGETS
        if target in history.targets
        for name, values in before.items()
    }
