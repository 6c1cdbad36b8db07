"""How customers do, one by one, by segment and in all: growth, use cases, adoption, value, usage for each outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.growth.account_figures import ALL, AccountFigure, AccountSums, estimates, ratio_of
from workbench.growth.adoption import monthly_uses, use_cases_on_record
from workbench.growth.desk.accounts import customers_now, mean_of_recent, outcome_by_month
from workbench.growth.recurring_revenue import as_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.account_figures import Estimate
    from workbench.results import Floats

_HALF = 6  # months of the first outcomes, and of the last

FIGURES = (
    AccountFigure(
        "growth", "Growth of usage in a month", "percent", "usage of the last month / of the month before - 1",
        lambda s: ratio_of(s["use_now"], s["use_before"]) - 1, lambda _: "nobody used it in both months",
    ),
    AccountFigure(
        "use_cases", "Use cases per customer", "number", "feature areas used in the last month / customers",
        lambda s: ratio_of(s["cases"], s["counted"]), lambda _: "no use of features with an area is on record",
    ),
    AccountFigure(
        "adoption", "Features in use", "percent", "features used in the last month / features of the plan",
        lambda s: ratio_of(s["in_use"], s["in_plan"]), lambda _: "no use of the plan's features is on record",
    ),
    AccountFigure(
        "value", "Outcomes against the first ones", "percent", "outcomes of the last six months / of the first six - 1",
        lambda s: ratio_of(s["got_now"], s["got_first"]) - 1, lambda _: "no outcomes are a year apart",
    ),
    AccountFigure(
        "use_for_value", "Usage for each outcome", "number", "usage / outcomes of the last six months",
        lambda s: ratio_of(s["use_recent"], s["got_recent"]), lambda _: "no outcomes are on record",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class DeskFigures:
    """Figures of how customers do.

    Attributes
    ----------
    account_ids, sums
        The customers of the last month, and what each adds to the sums the figures are made of.
    estimates
        For all and for each segment, with a 90% range over accounts.
    metric, outcome
        Whose usage and which outcomes are meant; "" where none are on record.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import desk_figures
    >>> used = pd.DataFrame({"account_id": list("AABB"), "month": ["2024-01", "2024-02"] * 2, "quantity": [4, 6, 6, 6]})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": used.assign(metric="calls")})
    >>> found = desk_figures(base, "calls")
    >>> round(found.of("growth").value, 2), found.of_account("A")["growth"], found.of("value").reason
    (0.2, 0.5, 'no outcomes are a year apart')
    """

    account_ids: NDArray[np.object_]
    sums: AccountSums
    estimates: tuple[Estimate, ...]
    metric: str
    outcome: str

    def of(self, key: str, dimension: str = ALL, group: str = ALL) -> Estimate:
        """Return one figure of all or of a group."""
        wanted = (key, dimension, group)
        return next(each for each in self.estimates if (each.figure.key, each.dimension, each.group) == wanted)

    def of_account(self, account_id: str) -> dict[str, float]:
        """Return the figures of one account by key, NaN where unknown."""
        row = int(np.flatnonzero(self.account_ids == account_id)[0])
        named = self.sums.named(self.sums.parts[row])
        return {each.key: float(each.of(named)) for each in FIGURES}

    def by_account(self, key: str) -> Floats:
        """Return one figure of every account, NaN where unknown."""
        figure = next(each for each in FIGURES if each.key == key)
        found: Floats = figure.of(self.sums.named(self.sums.parts))
        return found


def desk_figures(base: CustomerBase, metric: str, outcome: str = "", *, draws: int = 500) -> DeskFigures:
    """Return how customers do, by segment and over all.

    Parameters
    ----------
    base
        The customer base, whose months are complete.
    metric
        Whose usage is meant.
    outcome
        The kind of recorded outcome; none when blank.
    draws
        For the ranges over accounts.

    Returns
    -------
    DeskFigures
        The figures, each unknown with its reason where data are lacking.

    Examples
    --------
    >>> from workbench.workspace import sample_base
    >>> from workbench.growth.desk import desk_figures
    >>> found = desk_figures(sample_base(), "gigabytes_processed", "hours_saved")
    >>> bool(2 < found.of("use_cases").value < 3)
    True
    """
    customers = customers_now(base)
    usage, got = base.usage_by_month[metric], outcome_by_month(base, outcome)
    now, before = usage[:, -1], usage[:, -2] if usage.shape[1] > 1 else np.full(len(usage), np.nan)
    both = np.isfinite(now) & (np.nan_to_num(before) > 0)
    recent, first = mean_of_recent(got, _HALF), _first_outcomes(got)
    apart = np.isfinite(recent) & np.isfinite(first)
    used = mean_of_recent(usage, _HALF)
    valued = np.isfinite(recent) & np.isfinite(used)
    cases, counted = _cases_used(base)
    in_use, in_plan = _adopted(base)
    parts = {
        "use_now": np.where(both, now, 0.0), "use_before": np.where(both, before, 0.0), "cases": cases,
        "counted": counted, "in_use": in_use, "in_plan": in_plan, "got_now": np.where(apart, recent, 0.0),
        "got_first": np.where(apart, first, 0.0), "got_recent": np.where(valued, recent, 0.0),
        "use_recent": np.where(valued, used, 0.0),
    }  # fmt: skip
    here = np.flatnonzero(customers)
    sums = AccountSums.of({name: np.nan_to_num(each)[here] for name, each in parts.items()})
    accounts = base.frames["accounts"]
    segments = accounts["segment"].astype(object).where(accounts["segment"].notna(), None).to_numpy()[here]
    groups = {"segment": segments} if any(segments) else {}
    ids = accounts["account_id"].astype(str).to_numpy(dtype=object)[here]
    return DeskFigures(ids, sums, estimates(sums, FIGURES, groups, draws=draws), metric, outcome)


def _first_outcomes(got: Floats) -> Floats:
    """Return the mean of the first six months with outcomes, NaN where they run into the last six."""
    width, known = got.shape[1], np.isfinite(got)
    first = np.where(known.any(axis=1), known.argmax(axis=1), width)
    inside = (np.arange(width) >= first[:, None]) & (np.arange(width) < first[:, None] + _HALF) & known
    mean = np.where(inside, got, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    return np.where(first + 2 * _HALF <= width, mean, np.nan)


def _cases_used(base: CustomerBase) -> tuple[Floats, Floats]:
    """Return how many use cases each account had in the last month, and whom that counts."""
    none = np.zeros(len(base))
    found = use_cases_on_record(base)
    if found is None:
        return none, none
    last = found[found["month"] == base.months[-1]].set_index("account_id")["use_cases"]
    if last.empty:
        return none, none
    ids = base.frames["accounts"]["account_id"]
    return last.reindex(ids).fillna(0).to_numpy(dtype=float), np.ones(len(base))


def _adopted(base: CustomerBase) -> tuple[Floats, Floats]:
    """Return how many features of its plan each account used in the last month, and how many the plan has."""
    none = np.zeros(len(base))
    if not (base.has("feature_use") and base.has("plan_features")):
        return none, none
    accounts = base.frames["accounts"][["account_id", "plan"]]
    plans = base.frames["plan_features"].drop_duplicates(["plan", "feature"])
    used = monthly_uses(as_one(base, base.frames["feature_use"]), 1)
    used = used.loc[used["month"] == base.months[-1], ["account_id", "feature"]].assign(used=1.0)
    have = accounts.merge(plans, on="plan").merge(used, on=["account_id", "feature"], how="left")
    counts = have.groupby("account_id").agg(there=("feature", "size"), used=("used", "sum"))
    both = counts.reindex(accounts["account_id"]).fillna(0)
    return both["used"].to_numpy(dtype=float), both["there"].to_numpy(dtype=float)
