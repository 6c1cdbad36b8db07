"""Alerts on the usage of customers, from one month's data to the next: what is new, what cleared, what stays open.

What opens an alert is seen in the usage alone (`watching`); what it is about since then, who owns it and until when it
may wait is kept in a log. The log and the same data again give the same log: a run may be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import StringConstraints

from workbench.growth.desk.accounts import customers_now
from workbench.growth.recurring_revenue import MovementsError
from workbench.growth.watching import KINDS_OF_ALERT, WINDOW, KindOfAlert, watch_usage
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.watching import Watch
    from workbench.results import Floats

FALSE_ALARMS, MOST_FALSE = 10.0, 0.02  # a month over all that is watched; the largest share of accounts
LARGE_FALL, NEW_LEVEL = 0.3, 6  # what is urgent; months after which a changed level is the usual one
SUDDEN, PLATEAU, DECLINE, SILENCE = KINDS_OF_ALERT
_BEFORE = 3  # months that say what was usual before a sudden change
_NONE = 0.02  # of the usual level: what use that stops is written as in logarithms
Cleared = Literal["", "back", "new level", "silent", "left", "not watched"]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]


class Alert(FrozenModel):
    """What happened to the use of a metric at one account, and who looks after it.

    Parameters
    ----------
    account_id, metric, kind
        What happened where; one of `KINDS_OF_ALERT`.
    opened, seen
        The month it happened in, and the last month of the data in which it was first seen.
    before, now
        The evidence: use in a month before it, and in the last one seen.
    score
        How unusual the month was in which it opened; None where that is not what opened it.
    cleared, why
        The month in which it was found over, and why.
    owner, snoozed_until, note
        Who looks after it, the day until which it may wait, and a remark.

    Examples
    --------
    >>> from workbench.growth.desk import Alert
    >>> alert = Alert(account_id="A", metric="calls", kind="silence", opened="2024-05", seen="2024-06")
    >>> alert.id, alert.is_open
    ('A/calls/silence/2024-05', True)
    """

    account_id: str
    metric: str
    kind: KindOfAlert
    opened: Month
    seen: Month
    before: float | None = None
    now: float | None = None
    score: float | None = None
    cleared: Month | None = None
    why: Cleared = ""
    owner: str = ""
    snoozed_until: date | None = None
    note: str = ""

    @property
    def id(self) -> str:
        """Return what names it: account, metric, kind and the month it opened in."""
        return f"{self.account_id}/{self.metric}/{self.kind}/{self.opened}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is not over."""
        return self.cleared is None

    @property
    def change(self) -> float | None:
        """Return how far use has moved since before it, as a share; None where that is unknown."""
        return None if not self.before or self.now is None else self.now / self.before - 1

    def is_snoozed(self, day: date) -> bool:
        """Tell whether it may wait on this day."""
        return self.snoozed_until is not None and day < self.snoozed_until


class AlertLog(FrozenModel):
    """Every alert there has been since the first run, in the order they were seen.

    Parameters
    ----------
    month
        The last month of the data last looked at; None before the first run.
    alerts
        The alerts.

    Examples
    --------
    >>> from workbench.growth.desk import Alert, AlertLog
    >>> alert = Alert(account_id="A", metric="calls", kind="silence", opened="2024-05", seen="2024-06")
    >>> log = AlertLog(month="2024-06", alerts=(alert,))
    >>> log.changed(alert.id, owner="North team").alerts[0].owner
    'North team'
    """

    month: Month | None = None
    alerts: tuple[Alert, ...] = ()

    def changed(self, alert_id: str, **changes: object) -> AlertLog:
        """Return the log with one alert changed: its owner, how long it is snoozed, its note.

        Raises
        ------
        MovementsError
            When there is no such alert.
        """
        known = {each.id: each for each in self.alerts}
        if alert_id not in known:
            some = ", ".join([each.id for each in self.alerts if each.is_open][:3])
            raise MovementsError(f"There is no alert {alert_id!r}.", f"Name one that is listed, such as {some or '-'}.")
        known[alert_id] = known[alert_id].replaced(**changes)
        return self.replaced(alerts=tuple(known.values()))


@dataclass(frozen=True, slots=True, eq=False)
class WatchRun:
    """What a look at one month's data found.

    Attributes
    ----------
    log
        The log from now on.
    month, day
        The last month of the data, and the day one stands on.
    expected_false, accounts
        How many sudden changes a month to expect without any reason, and how many accounts were watched.
    expected_by_kind
        How many alerts of each kind to expect so.
    metrics, left_out
        What was watched, and what was not, with the reason.
    revenue
        What each account that is a customer pays a month; NaN where that is unknown.
    watched
        What there was to see of each metric, month by month.
    middle_revenue
        What the customer in the middle pays a month; NaN where that is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import watch_accounts
    >>> months = pd.date_range("2023-01-01", periods=18, freq="MS").strftime("%Y-%m")
    >>> use = {"A": [100.0] * 16 + [0.0, 0.0], "B": [100.0] * 18}
    >>> rows = [(name, month, "calls", each) for name in use for month, each in zip(months, use[name])]
    >>> used = pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"])
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"]})
    >>> run = watch_accounts(CustomerBase.from_tables({"accounts": accounts, "usage": used}))
    >>> [(each.kind, each.opened, run.is_urgent(each)) for each in run.new if each.kind == "silence"]
    [('silence', '2024-06', True)]
    """

    log: AlertLog
    month: str
    day: date
    expected_false: float
    accounts: int
    metrics: tuple[str, ...]
    left_out: Mapping[str, str]
    revenue: Mapping[str, float]
    watched: Mapping[str, Watch]
    middle_revenue: float
    expected_by_kind: Mapping[str, float]

    @property
    def expected_in_all(self) -> float:
        """Return how many alerts a month to expect without any reason, of all kinds."""
        return sum(self.expected_by_kind.values())

    @property
    def new(self) -> tuple[Alert, ...]:
        """Return the alerts first seen in this data, those that matter most first."""
        return self._ranked(each for each in self.log.alerts if each.is_open and each.seen == self.month)

    @property
    def cleared(self) -> tuple[Alert, ...]:
        """Return the alerts found over in this data."""
        return self._ranked(each for each in self.log.alerts if each.cleared == self.month)

    @property
    def still_open(self) -> tuple[Alert, ...]:
        """Return the alerts seen before that are not over."""
        return self._ranked(each for each in self.log.alerts if each.is_open and each.seen != self.month)

    @property
    def open(self) -> tuple[Alert, ...]:
        """Return all open alerts, those that matter most first."""
        return self._ranked(each for each in self.log.alerts if each.is_open)

    @property
    def urgent(self) -> tuple[Alert, ...]:
        """Return the open alerts that are urgent."""
        return tuple(each for each in self.open if self.is_urgent(each))

    def with_changes(self, owners: Mapping[str, str], snoozed: Mapping[str, date | None]) -> WatchRun:
        """Return the run with owners of alerts, and the days until which some may wait (None: no longer)."""
        log = self.log
        for alert, owner in owners.items():
            log = log.changed(alert, owner=owner)
        for alert, day in snoozed.items():
            log = log.changed(alert, snoozed_until=day)
        return replace(self, log=log)

    def is_urgent(self, alert: Alert) -> bool:
        """Tell whether an alert is open, not snoozed, and about a large fall at one of the larger half of customers."""
        if not alert.is_open or alert.is_snoozed(self.day):
            return False
        fell = alert.kind == SILENCE or (alert.kind != PLATEAU and (alert.change or 0.0) <= -LARGE_FALL)
        paid = self.revenue.get(alert.account_id, np.nan)
        return fell and not paid < self.middle_revenue  # unknown is not below

    def table(self, alerts: Iterable[Alert]) -> pd.DataFrame:
        """Return alerts as rows: what happened where, its evidence, and who looks after it."""
        rows = [
            {
                "alert": each.id, "account_id": each.account_id, "kind": each.kind, "metric": each.metric,
                "opened": each.opened, "seen": each.seen, "before": each.before, "now": each.now,
                "change": each.change, "score": each.score, "revenue": self.revenue.get(each.account_id, np.nan),
                "state": self.state(each), "urgent": self.is_urgent(each), "owner": each.owner,
                "snoozed_until": each.snoozed_until, "note": each.note,
            }
            for each in alerts
        ]  # fmt: skip
        numbers = dict.fromkeys(("before", "now", "change", "score", "revenue"), float)
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)

    def state(self, alert: Alert) -> str:
        """Return how an alert stands: new, open, snoozed, or cleared with the reason."""
        if not alert.is_open:
            return f"cleared: {alert.why}"
        if alert.is_snoozed(self.day):
            return "snoozed"
        return "new" if alert.seen == self.month else "open"

    def _ranked(self, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
        def weight(each: Alert) -> tuple[bool, float, str]:
            paid = self.revenue.get(each.account_id, np.nan)
            return not self.is_urgent(each), -float(np.nan_to_num(paid)), each.id

        return tuple(sorted(alerts, key=weight))


COLUMNS = (
    "alert", "account_id", "kind", "metric", "opened", "seen", "before", "now", "change", "score",
    "revenue", "state", "urgent", "owner", "snoozed_until", "note",
)  # fmt: skip


def watch_accounts(
    base: CustomerBase,
    log: AlertLog | None = None,
    metrics: Sequence[str] | None = None,
    *,
    false_alarms: float = FALSE_ALARMS,
    control: Literal["alarms", "discoveries"] = "alarms",
    seen: Mapping[str, Watch] | None = None,
) -> WatchRun:
    """Look at the usage of all customers, and carry the log of alerts on.

    A sudden change is over when use has come back more than half of the way; the others when they are met no more, by a
    level that lies below the one that opened them. After six months a changed or a standing level is the usual one.
    Whoever left has no open alert.

    Parameters
    ----------
    base
        The customer base; its months are complete.
    log
        What was known before; nothing when None.
    metrics
        What is watched; every metric of the usage when None.
    false_alarms
        How many sudden changes without reason there may be a month over all accounts and metrics, at most one in fifty;
        with `control` of discoveries the share of alarms that may be.
    control
        Which of the two is held.
    seen
        What an earlier run on the same data and bounds saw of each metric, its `watched`: it takes most of the time.

    Returns
    -------
    WatchRun
        What is new, what cleared, what stays open, and the log from now on.

    Raises
    ------
    MovementsError
        When there is no usage, a metric is unknown, the log is of later data, or the share to hold is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import watch_accounts
    >>> months = pd.date_range("2023-01-01", periods=18, freq="MS").strftime("%Y-%m")
    >>> use = [100.0] * 16 + [0.0, 0.0]
    >>> used = pd.DataFrame({"account_id": "A", "month": months, "metric": "calls", "quantity": use})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used})
    >>> first = watch_accounts(base)
    >>> watch_accounts(base, first.log).log == first.log
    True
    """
    if control == "discoveries" and not 0 <= false_alarms < 1:
        raise MovementsError(f"A share of {false_alarms:g} of the alarms is none to hold.", "Give one such as 0.1.")
    known = log or AlertLog()
    usage = base.usage_by_month
    if not usage:
        raise MovementsError("No usage is on record, so there is nothing to watch.", "Add the table usage.")
    unknown = [name for name in metrics or () if name not in usage]
    if unknown:
        raise MovementsError(f"No usage of {', '.join(unknown)} is on record.", f"Name some of {', '.join(usage)}.")
    months = pd.DatetimeIndex(base.months)
    month, day = f"{months[-1]:%Y-%m}", base.as_of or (months[-1] + pd.offsets.MonthEnd(0)).date()
    if known.month is not None and known.month > month:
        raise MovementsError(
            f"The log of alerts goes up to {known.month}, and the data ends with {month}.",
            "Watch newer data, or begin a new log.",
        )
    ids = base.frames["accounts"]["account_id"].to_numpy(dtype=object)
    customers = customers_now(base)
    revenue = np.nan_to_num(base.mrr_by_month[:, -1]) if base.has("mrr") else np.full(len(base), np.nan)
    wanted = tuple(metrics) if metrics is not None else tuple(usage)
    left_out = {each: "no account has it in the last month" for each in wanted if not (usage[each][:, -1] > 0).any()}
    watched = tuple(each for each in wanted if each not in left_out)
    share = false_alarms if control == "discoveries" else _share(false_alarms, usage, watched, customers)
    found: list[Alert] = []
    expected: dict[str, float] = dict.fromkeys(KINDS_OF_ALERT, 0.0)
    places = {str(account): row for row, account in enumerate(ids)}
    days = months.days_in_month.to_numpy(dtype=float)
    rates = {name: usage[name] if is_counted_once(usage[name]) else usage[name] / days for name in watched}
    if seen is None:
        seen = {
            name: watch_usage(rate, months, ids, false_alarms=share, control=control, by_day=False)
            for name, rate in rates.items()
        }
    for name, watch in seen.items():
        known_now = np.isfinite(watch.score[:, -1]) & customers
        sudden = watch.met[SUDDEN][:, -1] & customers
        expected[SUDDEN] += share * float(known_now.sum() if control == "alarms" else sudden.sum())
        for kind, each in watch.by_chance.items():
            expected[kind] += float(each[customers].sum())
        found += _candidates(name, watch, usage[name], rates[name], customers, known.month)
    now = {name: (rates.get(name, each), each) for name, each in usage.items()}
    alerts = _carried_on(known, found, months, now, places, customers, watched)
    paid = {str(account): float(revenue[row]) for account, row in places.items() if customers[row]}
    return WatchRun(
        AlertLog(month=month, alerts=alerts),
        month,
        day,
        expected[SUDDEN],
        int(customers.sum()),
        watched,
        left_out,
        paid,
        seen,
        _middle(paid.values()),
        expected,
    )


def _middle(paid: Iterable[float]) -> float:
    known = [each for each in paid if np.isfinite(each)]
    return float(np.median(known)) if known else float("nan")


def _share(
    false_alarms: float, usage: Mapping[str, Floats], watched: Sequence[str], customers: NDArray[np.bool_]
) -> float:
    """Return the share of accounts that may be called without reason, of each metric."""
    looked_at = sum(int((np.isfinite(usage[name][:, -1]) & customers).sum()) for name in watched)
    return min(MOST_FALSE, false_alarms / max(looked_at, 1))


def is_counted_once(usage: Floats) -> bool:
    """Tell whether a metric stands still in most months, as seats do: a longer month has no more of them."""
    change = np.diff(usage, axis=1)
    known = np.isfinite(change) & (usage[:, 1:] > 0)
    return bool(known.any() and (change[known] == 0).mean() > 0.5)  # noqa: PLR2004 - most


def _candidates(  # noqa: PLR0917 - one metric as it was watched, and of whom
    name: str, watch: Watch, usage: Floats, rate: Floats, customers: NDArray[np.bool_], since: str | None
) -> list[Alert]:
    """Return the alerts that are met now, or were since the last run and are not over."""
    found = []
    last = len(watch.months) - 1
    for kind in KINDS_OF_ALERT:
        met = watch.met[kind] & customers[:, None]
        if kind == SUDDEN:
            start = 0 if since is None else int(watch.months.searchsorted(pd.Timestamp(since)))
            start = max(start, last - NEW_LEVEL + 1, 0)
            rows, at = np.nonzero(met[:, start:])
            opened = at + start
        else:
            rows = np.flatnonzero(met[:, last])
            ends = np.column_stack([np.zeros(len(rows), dtype=bool), met[rows]])[:, ::-1]
            opened = last + 1 - (~ends).argmax(axis=1)  # the month after the last one in which it was not met
        for row, begun in zip(rows.tolist(), opened.tolist(), strict=True):
            if _is_over(kind, rate[row], begun):
                continue
            alert = Alert(
                account_id=str(watch.account_ids[row]), metric=name, kind=kind, opened=f"{watch.months[begun]:%Y-%m}",
                seen=f"{watch.months[last]:%Y-%m}", before=_usual(usage[row], begun, kind),
                now=_known(usage[row, last]), score=_known(watch.score[row, begun]) if kind == SUDDEN else None,
            )  # fmt: skip
            found.append(alert)
    return found


def _usual(values: Floats, opened: int, kind: KindOfAlert) -> float | None:
    """Return what was usual before an alert: just before it, before the months that stand still, or a year before."""
    start = opened - {SUDDEN: _BEFORE, SILENCE: _BEFORE + 1, PLATEAU: WINDOW, DECLINE: 12}[kind]
    before = values[max(start, 0) : max(start, 0) + _BEFORE]
    known = before[np.isfinite(before)]
    return float(np.median(known)) if len(known) else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _is_over(kind: str, rate: Floats, opened: int) -> Cleared:
    """Return why what opened is over by itself: half of the way back (in logarithms), or the usual level by now."""
    last = len(rate) - 1
    if kind in (SUDDEN, PLATEAU) and last - opened >= NEW_LEVEL:
        return "new level"
    before = _usual(rate, opened, SUDDEN)
    if kind != SUDDEN or not before:
        return ""
    level, moved = np.log(np.maximum(np.nan_to_num(rate[[last, opened]]), _NONE * before)) - np.log(before)
    return "" if level * np.sign(moved) > abs(moved) / 2 else "back"


def _carried_on(  # noqa: PLR0917 - what alerts are held against
    log: AlertLog,
    found: Sequence[Alert],
    months: pd.DatetimeIndex,
    use: Mapping[str, tuple[Floats, Floats]],
    places: Mapping[str, int],
    customers: NDArray[np.bool_],
    watched: Sequence[str],
) -> tuple[Alert, ...]:
    """Return the log's alerts as they stand now, and those that are new behind them."""
    now = {each.id: each for each in found}
    silent = {(each.account_id, each.metric) for each in found if each.kind == SILENCE}
    owners = {(each.account_id, each.metric): each.owner for each in log.alerts if each.is_open and each.owner}
    kept = []
    for alert in log.alerts:
        here = now.pop(alert.id, None)
        if not alert.is_open and (here is None or alert.kind == SUDDEN):
            kept.append(alert)
            continue
        row = places.get(alert.account_id)
        rate, quantity = use.get(alert.metric, (None, None))
        why: Cleared
        if row is None or not customers[row]:
            why = "left"
        elif rate is None or alert.metric not in watched:
            why = "not watched"
        else:
            falls_silent = alert.kind != SILENCE and (alert.account_id, alert.metric) in silent
            opened = int(months.searchsorted(pd.Timestamp(alert.opened)))
            goes_on = here is not None or alert.kind == SUDDEN
            why = "silent" if falls_silent else _is_over(alert.kind, rate[row], opened) or ("" if goes_on else "back")
        value = None if row is None or quantity is None else _known(quantity[row, -1])
        kept.append(alert.replaced(now=value, cleared=f"{months[-1]:%Y-%m}" if why else None, why=why))
    # One entry per episode: what moves on while a sudden change is open, and the slope it draws, are the same change;
    # who falls silent has no other.
    told = {(each.account_id, each.metric) for each in kept if each.is_open and each.kind == SUDDEN} | silent
    for alert in sorted(now.values(), key=lambda each: (each.kind != SUDDEN, each.opened, each.id)):
        where = alert.account_id, alert.metric
        if alert.kind == SILENCE or where not in told:
            kept.append(alert.replaced(owner=owners.get(where, "")))
        told |= {where} if alert.kind == SUDDEN else set()
    return tuple(kept)
