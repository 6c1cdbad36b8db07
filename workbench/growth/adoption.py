"""Use cases per customer and feature adoption, from weekly feature use.

A use case is a feature area in which a customer used at least one feature in a calendar month. A week
belongs to the month in which it ends, on Sunday: no use is counted in two months, and a month is complete on
its last day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.cache import RecentOf
from workbench.growth.recurring_revenue import as_one

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase

_CASES: RecentOf[CustomerBase, str, pd.DataFrame] = RecentOf(1)


def use_cases_on_record(base: CustomerBase) -> pd.DataFrame | None:
    """Return the use cases of each account and month of a customer base, worked out once; None without a record."""
    if not (base.has("feature_use") and base.has("features")):
        return None
    used, features = base.frames["feature_use"], base.frames["features"]
    return _CASES.once(base, "area", lambda: use_cases(as_one(base, used), features))


def use_cases(
    feature_use: pd.DataFrame, features: pd.DataFrame, *, minimum_uses: int = 1, by: str = "area"
) -> pd.DataFrame:
    """Return how many distinct use cases each account had in each month.

    Parameters
    ----------
    feature_use
        account_id, week (Monday), feature, uses.
    features
        Feature and `by`, the column that groups features to use cases. Features that are not listed or have no area are
        left out: to which use case they belong is unknown.
    minimum_uses
        Uses in the month below which a feature does not count as used.
    by
        The column of `features` that groups them to use cases.

    Returns
    -------
    pd.DataFrame
        account_id, month, use_cases.

    Examples
    --------
    >>> import pandas as pd
    >>> weeks = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-01", "2024-02-05"])
    >>> used = pd.DataFrame({"account_id": ["A", "A", "B", "B"], "week": weeks, "uses": [5, 1, 2, 4]})
    >>> used["feature"] = ["charts", "API", "charts", "API"]
    >>> from workbench.growth import use_cases
    >>> features = pd.DataFrame({"feature": ["charts", "API"], "area": ["look", "link"]})
    >>> use_cases(used, features)["use_cases"].tolist()
    [2, 1, 1]
    """
    monthly = monthly_uses(feature_use, minimum_uses)
    areas = features.loc[features[by].notna(), ["feature", by]]
    used = monthly.merge(areas, on="feature", how="inner")[["account_id", "month", by]].drop_duplicates()
    return used.groupby(["account_id", "month"], as_index=False).size().rename(columns={"size": "use_cases"})


def use_cases_per_customer(
    feature_use: pd.DataFrame, features: pd.DataFrame, population: pd.DataFrame | None = None, *, minimum_uses: int = 1
) -> pd.DataFrame:
    """Return the average number of use cases per customer.

    Months before the first recorded use are left out.

    Parameters
    ----------
    feature_use
        account_id, week (Monday), feature, uses.
    features
        Feature and its area.
    population
        account_id and month say who counts as a customer when, for instance the paying rows of the mrr table; its
        accounts without any use count with zero use cases. Without it, those who used some feature in the month.
    minimum_uses
        Uses in the month below which a feature does not count as used.

    Returns
    -------
    pd.DataFrame
        month, accounts, use_cases.

    Examples
    --------
    >>> import pandas as pd
    >>> weeks = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-01", "2024-02-05"])
    >>> used = pd.DataFrame({"account_id": ["A", "A", "B", "B"], "week": weeks, "uses": [5, 1, 2, 4]})
    >>> used["feature"] = ["charts", "API", "charts", "API"]
    >>> from workbench.growth import use_cases_per_customer
    >>> features = pd.DataFrame({"feature": ["charts", "API"], "area": ["look", "link"]})
    >>> use_cases_per_customer(used, features)
           month  accounts  use_cases
    0 2024-01-01         2        1.5
    1 2024-02-01         1        1.0
    """
    counted = use_cases(feature_use, features, minimum_uses=minimum_uses)
    customers = monthly_uses(feature_use, 1) if population is None else population
    first = pd.to_datetime(customers["month"]).dt.to_period("M").dt.to_timestamp()
    customers = customers[["account_id"]].assign(month=first).drop_duplicates()
    joined = customers.merge(counted, on=["account_id", "month"], how="left")
    joined = joined.assign(use_cases=joined["use_cases"].fillna(0.0))
    recorded = _month_of_week(feature_use["week"])
    joined = joined[(joined["month"] >= recorded.min()) & (joined["month"] <= recorded.max())]
    return joined.groupby("month", as_index=False).agg(accounts=("account_id", "size"), use_cases=("use_cases", "mean"))


def monthly_uses(feature_use: pd.DataFrame, minimum_uses: int) -> pd.DataFrame:
    """Add up weekly uses to account_id, month, feature, uses; leave out what is below the minimum."""
    weeks = feature_use.loc[feature_use["uses"] > 0]
    monthly = (
        weeks.assign(month=_month_of_week(weeks["week"]))
        .groupby(["account_id", "month", "feature"], as_index=False, observed=True)["uses"]
        .sum()
    )
    return monthly[monthly["uses"] >= minimum_uses]


def _month_of_week(weeks: pd.Series) -> pd.Series:
    """Return the first day of the month in which each week, given by its Monday, ends."""
    ends = pd.to_datetime(weeks) + pd.Timedelta(days=6)
    return ends - pd.to_timedelta(ends.dt.day - 1, unit="D")
