"""When triggers fire, on what was known by a day: signals by month, week and day, and the entries that open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.base import CustomerBase, account_places
from workbench.customers.values import places
from workbench.growth.desk.pace import paces_by_day
from workbench.growth.triggers.life_cycle import FIRING, entries, spaced_entries, states, with_hysteresis
from workbench.growth.triggers.rules import TriggerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.growth.triggers.rules import Trigger, TriggerCondition
    from workbench.results import Floats

_LINE_MONTHS = 6

# --- What is known by a day: the day is part of the type, so that no function can look beyond it


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What a company knew at the end of a day: its customer base cut to it, and columns of its own.

    Attributes
    ----------
    base
        The customer base, cut to the day.
    day
        The day one stands on.
    limits, features
        What plans allow (plan, metric, limit) and contain (plan, feature): the price list, which has no dates.
    columns
        Tables of the team's own by name, each with a date in every row.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import Past
    >>> used = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "metric": "seats", "quantity": [4, 9]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used})
    >>> Past.of(base, "2024-02-10").base.usage["quantity"].tolist()
    [4.0]
    """

    base: CustomerBase
    day: pd.Timestamp
    limits: pd.DataFrame
    features: pd.DataFrame
    columns: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Refuse a base that is not cut to the day, and columns with rows from after it."""
        cut = self.base.as_of
        if cut is None or pd.Timestamp(cut) > self.day:
            known = f"up to {cut}" if cut else "whole"
            raise TriggerError(
                f"The customer base is known {known}, and one stands on {self.day:%Y-%m-%d}.",
                "Make it with Past.of, which cuts it.",
            )
        for name, frame in self.columns.items():
            late = frame.loc[pd.to_datetime(frame["date"]) > self.day]
            if len(late):
                row = late.iloc[0]
                raise TriggerError(
                    f"{name} has {len(late)} rows dated after {self.day:%Y-%m-%d}, the first of {row['account_id']} on "
                    f"{pd.Timestamp(row['date']):%Y-%m-%d}.",
                    "Nothing from after the day may be looked at: leave these rows out, or stand on a later day.",
                )

    @classmethod
    def of(
        cls,
        base: CustomerBase,
        day: str | pd.Timestamp | None = None,
        *,
        limits: pd.DataFrame | None = None,
        features: pd.DataFrame | None = None,
    ) -> Past:
        """Return what was known at the end of a day; of the last day on record when None.

        `limits` and `features` stand for those of the customer base where they are given.
        """
        last = pd.Timestamp(base.months[-1]) + pd.offsets.MonthEnd(0)
        at = (pd.Timestamp(base.as_of) if base.as_of else last) if day is None else pd.Timestamp(day).normalize()
        own = [
            frame if frame is not None else base.frames[table] if base.has(table) else pd.DataFrame(columns=columns)
            for frame, table, columns in (
                (limits, "plan_limits", ["plan", "metric", "limit"]),
                (features, "plan_features", ["plan", "feature"]),
            )
        ]
        return cls(base.up_to(at), at, own[0], own[1])

    def with_column(self, name: str, table: pd.DataFrame) -> Past:
        """Return the past with a table of one's own: account_id, date and what else it has."""
        return replace(self, columns=MappingProxyType({**self.columns, name: table}))

    def plans(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the plan of each account in each month as its place among the names, -1 where unknown."""
        found: tuple[NDArray[np.intp], NDArray[np.object_]] = _seen.once(self.base, "", lambda: _plans_of(self.base))
        return found


_seen: RecentOf[CustomerBase, str, Any] = RecentOf(4)
"""The plans of a base: each trigger asks for them."""


def _plans_of(base: CustomerBase) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    found = np.full((len(base), len(base.months)), -1, dtype=np.intp)
    if not base.has("mrr"):
        return found, np.empty(0, dtype=object)
    mrr, ids = base.frames["mrr"], base.frames["accounts"]["account_id"]
    codes, names = pd.factorize(mrr["plan"])
    known = codes >= 0
    month = base.months.get_indexer(pd.DatetimeIndex(mrr["month"]))[known]
    ways = [account_places(base, mrr), *([places(mrr["account_id"], ids)] if base.has("merges") else [])]
    for rows in ways:
        found[rows[known], month] = codes[known]  # of two that merged that of the one that remains
    return found, np.array([*names], dtype=object)


# --- Signals: accounts x steps, NaN where unknown


def month_signal(past: Past, condition: TriggerCondition) -> Floats:
    """Return a monthly signal: accounts x months, NaN where unknown."""
    usage = past.base.usage_by_month
    names = [condition.of] if condition.of else sorted(usage)
    found = np.full((len(past.base), len(past.base.months)), np.nan)
    for name in names:
        if name not in usage:
            continue
        quantity = usage[name]
        if condition.signal == "usage":
            own = np.asarray(quantity, dtype=float)
        elif condition.signal == "usage_growth":
            own = _over_mean_before(quantity, condition.over)
        else:
            limit = _limits(past, name)
            with np.errstate(divide="ignore", invalid="ignore"):
                own = quantity / limit if condition.signal == "share_of_limit" else _months_to(quantity, limit)
        found = np.fmin(found, own) if condition.at_most is not None else np.fmax(found, own)
    return found


def _limits(past: Past, metric: str) -> Floats:
    """Return the limit of each account and month; NaN without one, with one of nothing, and where it is unlimited."""
    own = past.limits[past.limits["metric"] == metric].drop_duplicates("plan", keep="last")
    by_plan = {plan: limit for plan, limit in zip(own["plan"], own["limit"], strict=True) if 0 < limit < np.inf}
    codes, names = past.plans()
    known: Floats = np.array([*(by_plan.get(name, np.nan) for name in names), np.nan], dtype=float)
    return known[codes]


def _over_mean_before(quantity: Floats, months: int) -> Floats:
    """Return each month over the mean of so many months before, NaN where one of them is unknown."""
    found = np.full(quantity.shape, np.nan)
    if quantity.shape[1] > months:
        before = np.lib.stride_tricks.sliding_window_view(quantity, months, axis=1)[:, :-1].mean(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, months:] = np.where(before > 0, quantity[:, months:] / before, np.nan)
    return found


def _months_to(quantity: Floats, limit: Floats) -> Floats:
    """Return in how many months a line through the last months reaches the limit; inf where it falls or stays."""
    found = np.full(quantity.shape, np.nan)
    if quantity.shape[1] >= _LINE_MONTHS:
        window = np.lib.stride_tricks.sliding_window_view(quantity, _LINE_MONTHS, axis=1)
        time = np.arange(_LINE_MONTHS) - (_LINE_MONTHS - 1) / 2
        slope = window @ time / (time @ time)
        now = window.mean(axis=2) + slope * time[-1]
        left = limit[:, _LINE_MONTHS - 1 :] - now
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.where(left <= 0, 0.0, np.where(slope > 0, left / slope, np.inf))
        found[:, _LINE_MONTHS - 1 :] = np.where(np.isfinite(left), ahead, np.nan)
    return found


def weekly_uses(past: Past, feature: str = "") -> tuple[Floats, NDArray[np.datetime64]]:
    """Return uses of a feature, accounts x complete weeks, and the Sunday of each; a week without a row is one of 0."""
    base = past.base
    empty = np.zeros((len(base), 0)), np.empty(0, dtype="datetime64[D]")
    if not base.has("feature_use"):
        return empty
    use = base.frames["feature_use"]
    mondays = use["week"].to_numpy("datetime64[D]")
    first = mondays.min()
    # The running week does not count until it is over, whether or not somebody has used something in it.
    last = np.datetime64(past.day.date(), "D") - 6
    weeks = int((last - first).astype(int) // 7) + 1
    if weeks < 1:
        return empty
    at = ((mondays - first).astype(int)) // 7
    here = (at < weeks) & ((use["feature"] == feature).to_numpy() if feature else np.ones(len(use), dtype=bool))
    rows = account_places(base, use)
    found = np.zeros((len(base), weeks))
    if feature:
        np.add.at(found, (rows[here], at[here]), use["uses"].to_numpy(float)[here])
    else:
        np.maximum.at(found, (rows[here], at[here]), use["uses"].to_numpy(float)[here])
    return found, first + 7 * np.arange(weeks) + 6


def day_signal(past: Past, condition: TriggerCondition) -> pd.DataFrame:
    """Return what happened on days: account (its place in the base), day and value, in the order of both."""
    base = past.base
    if condition.signal == "days_to_limit":
        return _days_to_limit(past, condition.of)
    table = "requests" if condition.signal == "higher_tier_request" else "outcomes"
    if not base.has(table):
        return pd.DataFrame({"account": [], "day": [], "value": []}).astype({"account": int, "day": "datetime64[s]"})
    rows = base.frames[table]
    account = account_places(base, rows)
    found = pd.DataFrame({"account": account, "day": rows["date"].to_numpy("datetime64[s]"), "value": 1.0})
    if table == "requests":
        return found[_of_a_higher_tier(past, rows, account)].sort_values(["account", "day"], kind="stable")
    found = found.assign(value=rows["value"].to_numpy(float), kind=rows["kind"].to_numpy(object))
    found = found[found["kind"] == condition.of] if condition.of else found
    found = found.sort_values(["account", "day"], kind="stable")
    if condition.signal == "outcome_growth":
        first = found.groupby(["account", "kind"])["value"].transform("first")
        found = found.assign(value=np.where(first > 0, found["value"] / first, np.nan))
    return found


def _days_to_limit(past: Past, metric: str) -> pd.DataFrame:
    """Return after how many days use reaches its limit, day by day, each with nothing from after it."""
    usage = past.base.usage_by_month
    parts = [pd.DataFrame({"account": [], "day": [], "value": []}).astype({"account": int, "day": "datetime64[s]"})]
    for name in [metric] if metric else sorted(usage):
        limits = _limits(past, name)
        for day, pace in paces_by_day(past.base, name):
            last = int(past.base.months.searchsorted(pace.month)) - 1  # the plan of the last month that was over
            days = pace.days_to(limits[:, last])[1]
            account = np.flatnonzero(np.isfinite(days))
            parts.append(pd.DataFrame({"account": account, "day": day.to_datetime64(), "value": days[account]}))
    found = pd.concat(parts).groupby(["account", "day"], as_index=False)["value"].min()
    found = found.assign(day=found["day"].to_numpy("datetime64[s]"))
    return found.sort_values(["account", "day"], kind="stable")


def _of_a_higher_tier(past: Past, rows: pd.DataFrame, account: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which requests are for a feature that the plan lacks and another has, by the plan known on that day."""
    months = past.base.months
    day = rows["date"].to_numpy("datetime64[D]")
    month = day.astype("datetime64[M]")
    over = (month + 1).astype("datetime64[D]") - 1 == day  # on its last day a month is known
    column = (month - np.datetime64(months[0], "M")).astype(int) - ~over
    inside = (column >= 0) & (column < len(months))
    plans, names = past.plans()
    own = np.array([*names, None], dtype=object)[
        np.where(inside, plans[account, np.clip(column, 0, len(months) - 1)], -1)
    ]
    contents: dict[str, set[str]] = {}
    for plan, feature in zip(past.features["plan"], past.features["feature"], strict=True):
        contents.setdefault(str(plan), set()).add(str(feature))
    everywhere = set().union(*contents.values()) if contents else set()
    lacked = [
        str(plan) in contents and feature in everywhere and feature not in contents[str(plan)]
        for plan, feature in zip(own, rows["feature"], strict=True)
    ]
    return np.array(lacked, dtype=np.bool_)


# --- Firing


@dataclass(frozen=True, slots=True, eq=False)
class Firings:
    """When a trigger fired on what was known by a day.

    Attributes
    ----------
    trigger, day
        The trigger, and the day one stood on.
    entries
        account_id and day: where an entry of the playbook opened.
    account_ids, days, state
        For triggers of months and weeks: the state of each account after each step (0 inactive, 1 pending, 2 firing);
        days is the last of each step. None for triggers of days.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import PLAYBOOK, Past, fire
    >>> months = ["2024-01", "2024-02", "2024-03"]
    >>> used = pd.DataFrame({"account_id": "A", "month": months, "metric": "seats", "quantity": [7.9, 8.0, 9.0]})
    >>> paid = pd.DataFrame({"account_id": "A", "month": months, "amount": 50.0, "plan": "Team"})
    >>> limits = pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "limit": [10.0]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used, "mrr": paid, "plan_limits": limits}
    >>> past = Past.of(CustomerBase.from_tables(tables, currency="USD"), "2024-03-31")
    >>> fire(past, PLAYBOOK.triggers["near_limit"]).entries["day"].astype(str).tolist()
    ['2024-02-29']
    """

    trigger: Trigger
    day: pd.Timestamp
    entries: pd.DataFrame
    account_ids: NDArray[np.object_]
    days: NDArray[np.datetime64] | None = None
    state: NDArray[np.int8] | None = None


def fire(past: Past, trigger: Trigger) -> Firings:
    """Return when a trigger fired, with nothing from after the day of the past, nor from after the step it fired in.

    Parameters
    ----------
    past
        What was known by a day.
    trigger
        The trigger.

    Returns
    -------
    Firings
        States by step, and the entries that opened.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import PLAYBOOK, Past, fire
    >>> weeks = pd.date_range("2024-01-01", periods=5, freq="7D")
    >>> used = pd.DataFrame({"account_id": "A", "week": weeks, "feature": "charts", "uses": [3, 4, 3, 5, 2]})
    >>> paid = pd.DataFrame({"account_id": ["A"], "month": ["2024-01"], "amount": [50.0]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid, "feature_use": used}
    >>> past = Past.of(CustomerBase.from_tables(tables, currency="USD"), "2024-02-29")
    >>> fire(past, PLAYBOOK.triggers["power_use"]).entries["day"].astype(str).tolist()
    ['2024-01-28']
    """
    ids = past.base.frames["accounts"]["account_id"].to_numpy(object)
    if trigger.every == "day":
        return _fired_on_days(past, trigger, ids)
    if trigger.every == "month":
        days = (past.base.months.to_numpy("datetime64[M]") + 1).astype("datetime64[D]") - 1
        signals = [month_signal(past, condition) for condition in trigger.when]
    else:
        found = [weekly_uses(past, condition.of) for condition in trigger.when]
        days, signals = found[0][1], [each for each, _ in found]
    met = np.ones((len(ids), len(days)), dtype=bool)
    for condition, signal in zip(trigger.when, signals, strict=True):
        on = _is_met(condition, signal)
        met &= on if condition.off_below is None else with_hysteresis(on, signal >= condition.off_below)
    state = states(met, trigger.hold, trigger.keep)
    opens = entries(state == FIRING, days, trigger.cool_down_days, again_while_on=trigger.again_while_on)
    row, step = np.nonzero(opens)
    table = pd.DataFrame({"account_id": ids[row], "day": days[step].astype("datetime64[s]")})
    return Firings(trigger, past.day, table, ids, days, state)


def _is_met(condition: TriggerCondition, values: Floats) -> NDArray[np.bool_]:
    if condition.at_least is not None:
        return values >= condition.at_least
    if condition.above is not None:
        return values > condition.above
    return values <= (np.nan if condition.at_most is None else condition.at_most)


def _fired_on_days(past: Past, trigger: Trigger, ids: NDArray[np.object_]) -> Firings:
    """Return the entries of what happens on days, all conditions on the same day."""
    kept: pd.DataFrame | None = None
    for condition in trigger.when:
        found = day_signal(past, condition)
        found = found[_is_met(condition, found["value"].to_numpy(float))][["account", "day"]].drop_duplicates()
        kept = found if kept is None else kept.merge(found, on=["account", "day"])
    events = (kept if kept is not None else pd.DataFrame({"account": [], "day": []})).sort_values(["account", "day"])
    account = events["account"].to_numpy(np.intp)
    opens = spaced_entries(account, events["day"].to_numpy("datetime64[D]"), trigger.cool_down_days)
    table = pd.DataFrame({"account_id": ids[account[opens]], "day": events["day"].to_numpy()[opens]})
    return Firings(trigger, past.day, table, ids)
