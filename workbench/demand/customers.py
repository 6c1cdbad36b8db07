"""Who is asked to choose.

Accounts (or respondents) with what they need, how far limits serve that, and what they pay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import WorkbenchError
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import Limit

# --- The error of the demand model


class DemandError(WorkbenchError, ValueError):
    """Refuse a question about demand that the data or the numbers given cannot answer.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.demand import respondents_of
    >>> respondents_of(pd.DataFrame({"respondent": []}))
    Traceback (most recent call last):
        ...
    workbench.demand.customers.DemandError: There are no customers to ask. ...
    """


# --- Who is asked to choose: accounts (or respondents) with what they need, use, pay today and cost to serve

UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False, kw_only=True)
class Customers:
    """Those who choose, one entry each; arrays are read only.

    Arrays are read only.

    Parameters
    ----------
    ids, segment
        Names, one each.
    weight
        The number of accounts each stands for.
    needs
        Per metric, what limits must allow for (the peak month); NaN unknown.
    billed
        Per metric, what bills are made of (the mean month); NaN unknown.
    uses
        Customers x `feature_names`: who uses what; None where it is not recorded.
    feature_names
        The columns of `uses`.
    paid, plan, unit_cost
        Today's amount and cost per month, and plan; NaN or "unknown" where not known.
    realised
        The share of list prices each pays; None: all pay all of it.

    Raises
    ------
    DemandError
        When an array has another length, or there are no customers.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand import Customers
    >>> names, segment = np.array(["a", "b", "c"], object), np.array(["small", "small", "big"], object)
    >>> asked = Customers(ids=names, segment=segment, weight=np.array([10.0, 5, 1]), paid=np.array([20.0, 0, 90]))
    >>> asked.segments, asked.segment_accounts().tolist(), asked.pays.tolist()
    (('big', 'small'), [1.0, 15.0], [True, False, True])
    """

    ids: NDArray[np.object_]
    segment: NDArray[np.object_]
    weight: NDArray[np.float64]
    needs: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    billed: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    uses: NDArray[np.bool_] | None = None
    feature_names: tuple[str, ...] = ()
    paid: NDArray[np.float64] | None = None
    plan: NDArray[np.object_] | None = None
    unit_cost: NDArray[np.float64] | None = None
    realised: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        size = len(self.ids)
        named = {"segment": self.segment, "weight": self.weight, "uses": self.uses, "paid": self.paid}
        named |= {"plan": self.plan, "unit_cost": self.unit_cost, "realised": self.realised}
        named |= {**self.needs, **self.billed}
        for name, values in named.items():
            if values is not None and len(values) != size:
                raise DemandError(f"{name} has {len(values)} entries for {size} customers.", "Give one per customer.")
        if not size:
            raise DemandError("There are no customers to ask.", "Load accounts that paid or used something recently.")

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.ids)

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Return the names of the segments, in order of the alphabet."""
        return tuple(sorted({str(name) for name in self.segment}))

    @cached_property
    def segment_codes(self) -> NDArray[np.intp]:
        """Return each customer's segment as its place in `segments`."""
        return np.searchsorted(np.array(self.segments), self.segment.astype(str))

    @cached_property
    def pays(self) -> NDArray[np.bool_]:
        """Return who pays something today; everybody where nothing is recorded."""
        if self.paid is None or not np.nan_to_num(self.paid).any():
            return np.ones(len(self), dtype=bool)
        return np.nan_to_num(self.paid) > 0

    def segment_accounts(self) -> NDArray[np.float64]:
        """Return the accounts that each segment stands for."""
        found: NDArray[np.float64] = np.bincount(self.segment_codes, self.weight, len(self.segments)).astype(np.float64)
        return found

    def quantities(self, metrics: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
        """Return what bills are made of for these metrics; NaN throughout for a metric nothing is known of."""
        unknown = np.full(len(self), np.nan)
        return {metric: self.billed.get(metric, self.needs.get(metric, unknown)) for metric in metrics}

    def take(self, places: NDArray[np.intp], weight: NDArray[np.float64] | None = None) -> Customers:
        """Return the customers at these places, in that order, with their own weights or those given."""

        def at(values: NDArray | None) -> NDArray | None:
            return None if values is None else values[places]

        return Customers(
            ids=self.ids[places],
            segment=self.segment[places],
            weight=self.weight[places] if weight is None else weight,
            needs={metric: values[places] for metric, values in self.needs.items()},
            billed={metric: values[places] for metric, values in self.billed.items()},
            uses=at(self.uses),
            feature_names=self.feature_names,
            paid=at(self.paid),
            plan=at(self.plan),
            unit_cost=at(self.unit_cost),
            realised=at(self.realised),
        )


def customers_of(base: CustomerBase, months: int = 3) -> Customers:
    """Return the active accounts of a base as customers, from its latest `months` months; each counts once.

    Parameters
    ----------
    base
        The customer base, cut with `up_to` to see it as on an earlier day.
    months
        How many of the latest months needs, bills and payments are taken from.

    Returns
    -------
    Customers
        One entry per active account; money per month in the base's currency.

    Raises
    ------
    DemandError
        When no account is active.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.demand import customers_of
    >>> months = pd.date_range("2024-01-01", periods=3, freq="MS")
    >>> usage = pd.DataFrame({"account_id": "A", "month": months, "metric": "seats", "quantity": [2, 4, 6]})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> found = customers_of(CustomerBase.from_tables({"accounts": accounts, "usage": usage}))
    >>> found.ids.tolist(), found.needs["seats"].tolist(), found.billed["seats"].tolist()
    (['A'], [6.0], [4.0])
    """
    from workbench.customers.needs import profile  # noqa: PLC0415 - the demand model works without a customer base

    peak, mean = profile(base, months), profile(base, months, summary="mean")
    accounts = base.frames["accounts"]
    cost = np.full(len(accounts), np.nan)
    if "unit_cost" in accounts:
        cost = accounts["unit_cost"].to_numpy(dtype=float, na_value=np.nan)
    place = {account: number for number, account in enumerate(accounts["account_id"])}
    return Customers(
        ids=peak.account_ids,
        segment=peak.segment,
        weight=np.ones(len(peak)),
        needs=dict(peak.quantities),
        billed=dict(mean.quantities),
        uses=peak.features if peak.feature_names and peak.features.any() else None,
        feature_names=peak.feature_names,
        paid=peak.mrr,
        plan=peak.plan,
        unit_cost=cost[[place[account] for account in peak.account_ids]],
    )


def respondents_of(frame: pd.DataFrame) -> Customers:
    """Return the respondents of a survey table as customers, in the order they first appear.

    Their weights count as accounts.

    Parameters
    ----------
    frame
        Answers with a column respondent, and segment and weight where they are known; several rows of one respondent
        count once.

    Returns
    -------
    Customers
        The respondents, in the order they first appear; a missing weight is 1, a missing segment "unknown".

    Raises
    ------
    DemandError
        When nobody answered.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.demand import respondents_of
    >>> answers = pd.DataFrame({"respondent": ["b", "b", "a"], "segment": ["big", "big", None], "weight": [3, 3, None]})
    >>> found = respondents_of(answers)
    >>> found.ids.tolist(), found.segment.tolist(), found.weight.tolist()
    (['b', 'a'], ['big', 'unknown'], [3.0, 1.0])
    """
    first = frame.drop_duplicates("respondent")
    segment = _column(first, "segment", UNKNOWN).to_numpy(dtype=object)
    weight = _column(first, "weight", 1.0).to_numpy(dtype=np.float64)
    return Customers(ids=first["respondent"].to_numpy(dtype=object), segment=segment, weight=weight)


def accounts_named(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return the account each respondent answered for, "" where it is not known."""
    first = frame.drop_duplicates("respondent")
    return _column(first, "account_id", "").to_numpy(dtype=object)


def everybody(size: int, segment: ArrayLike = UNKNOWN) -> Customers:
    """Return customers nothing more is known of than their segment (one name, or one each)."""
    names = np.broadcast_to(np.asarray(segment, dtype=object), (size,)).copy()
    return Customers(ids=np.arange(size).astype(str).astype(object), segment=names, weight=np.ones(size))


def _column(frame: pd.DataFrame, name: str, otherwise: str | float) -> pd.Series:
    import pandas as pd  # noqa: PLC0415 - loaded with the first survey

    if name not in frame:
        return pd.Series([otherwise] * len(frame), index=frame.index)
    return frame[name].astype(object).where(frame[name].notna(), otherwise)


# --- What respondents cannot say: segments nobody answered for, and segments few answered for

_FEW = 30


def about_segments(respondents: Customers, accounts: Customers) -> tuple[Caution, ...]:
    """Return the cautions that name the segments nobody answered for, and those few answered for."""
    sizes = {name: int((respondents.segment == name).sum()) for name in accounts.segments}
    none = [name for name, size in sizes.items() if not size]
    few = [f"{name} ({size})" for name, size in sizes.items() if 0 < size < _FEW]
    said = []
    if none:
        said.append(Caution(f"Nobody answered for {', '.join(none)}: these accounts take the answers of all others."))
    if few:
        said.append(Caution(f"Few answers, so wide intervals: {', '.join(few)}."))
    return tuple(said)


# --- What limits do to the worth of a plan: the part of each customer's need that it allows for


def part_served(customers: Customers, limits: Iterable[Limit], beyond_limit: str) -> NDArray[np.float64]:
    """Return the part of each customer's need that limits allow for: 1 within them, 0 where the plan cannot serve.

    Beyond a limit that is 0 when `beyond_limit` is "cannot serve", else the allowed part of the need (of the
    tightest limit). A need that is not known is taken to fit. Usage that is billed beyond an included amount is no
    limit: it is on the bill.
    """
    served = np.ones(len(customers))
    for limit in limits:
        if limit.up_to is None or limit.metric not in customers.needs:
            continue
        need, most = customers.needs[limit.metric], float(limit.up_to)
        beyond = need > most
        part = most / need[beyond] if beyond_limit == "worth less" else 0.0
        served[beyond] = np.minimum(served[beyond], part)
    return served


def lacks_a_must(customers: Customers, must_have: Iterable[str], features: Iterable[str]) -> NDArray[np.bool_]:
    """Return who uses a must-have feature that an offer with these features lacks; everybody where use is unknown."""
    lacks = np.zeros(len(customers), dtype=bool)
    for name in set(must_have) - set(features):
        if customers.uses is None or name not in customers.feature_names:
            lacks |= customers.uses is None
        else:
            lacks |= customers.uses[:, customers.feature_names.index(name)]
    return lacks
