"""An account plan that nobody wrote yet, filled from the data: where it stands, what it lacks, who, risks and days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, metric_words, number, percent
from workbench.growth.programme.account_plan import (
    AccountPlan,
    PlanMeasure,
    PlanOpportunity,
    PlanReview,
    PlanRisk,
    PlanTarget,
    Stakeholder,
)
from workbench.growth.programme.cadence import AT_RISK, PROGRAMME, STEADY, programme_calendar
from workbench.growth.programme.white_space import FEWEST_PEERS, white_space
from workbench.growth.recurring_revenue import as_one
from workbench.growth.watching import disconnected
from workbench.stats import rank_correlation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.growth.programme.white_space import WhiteSpace
    from workbench.impact import Replay
    from workbench.results import Floats

QUARTER, YEAR, LATELY_DAYS, RENEWAL_DAYS = 3, 12, 90, 120
FELL = -0.1
GOES_WITH = 0.3
"""The rank correlation with what accounts pay from which more of a metric is taken to be better."""
SPONSOR = "executive sponsor"
MOST_OPPORTUNITIES = 6
_CARE = {
    "use falls": "Hold an optimisation session: find out which work is done elsewhere, and what would bring it back.",
    "value rises while use falls": "Move the price to what the customer gets out of it, or agree a minimum with a share"
    " of what is saved.",
    "nobody spoke with it lately": "Call the champion this week, and put the next review into the calendar.",
    "no executive sponsor": "Ask the champion for one, and hold an executive alignment.",
    "contract comes up for renewal": "Show what it brought before the price is on the table.",
}
_ASK = "Ask the champion what is behind it."


def draft_plan(
    replay: Replay,
    base: CustomerBase,
    account_id: str,
    *,
    likelihood: float | None = None,
    alerts: Iterable[str] = (),
    talks: pd.DataFrame | None = None,
) -> AccountPlan:
    """Return the plan of an account as the data have it.

    Targets are what accounts alike grew by in the year, in the middle. Days are those of the value programme.

    Parameters
    ----------
    replay
        The bills of today's prices, or of a scenario's.
    base
        The customers, as known on the last day.
    account_id
        Whose plan.
    likelihood
        How likely it expands within three months, where somebody knows.
    alerts
        What is on alert for it, such as "sudden change".
    talks
        date, kind and role of its talks in the team's calendar of the year; those of the usual programme, as if
        everybody had time, when None.

    Returns
    -------
    AccountPlan
        The plan; what no data say is left open.

    Raises
    ------
    ProgrammeError
        When the account is unknown, or was no customer in the last month.

    Examples
    --------
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import draft_plan
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> import pandas as pd
    >>> use = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "metric": "seats", "quantity": [4, 5]})
    >>> accounts = pd.DataFrame({"account_id": ["A"], "name": ["Acme"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": use}, currency="USD")
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> plan = draft_plan(replay(base, book), base, "A")
    >>> plan.bill, plan.baseline[0].value, [str(each.day) for each in plan.reviews]
    (50.0, 4.5, ['2024-09-02'])
    """
    space = white_space(replay, account_id)
    frame = base.frames["accounts"]
    row = int(np.flatnonzero(frame["account_id"] == account_id)[0])
    account = frame.iloc[row]
    segment = "" if pd.isna(account["segment"]) else str(account["segment"])
    day = base.months[-1] + pd.offsets.MonthEnd(0) if base.as_of is None else pd.Timestamp(base.as_of)
    bill = _known(space.bill)
    people = _contacts(base, account_id)
    measures = _measures(replay, base)
    risks = _risks(base, row, day, people, bill=bill, alerts=alerts, measures=measures)
    alike = frame["segment"].eq(account["segment"]).fillna(value=False).to_numpy(dtype=bool)
    if talks is None:
        health = AT_RISK if risks else STEADY
        talks = programme_calendar(
            pd.DataFrame({"account_id": [account_id], "segment": [segment], "health": [health]}),
            day.date() + pd.Timedelta(days=1),
            dict.fromkeys({each.role for each in PROGRAMME}, 1e3),
        ).talks
    return AccountPlan(
        account_id=account_id,
        name=account_id if pd.isna(account["name"]) else str(account["name"]),
        as_of=day.date(),
        currency=replay.currency,
        bill=bill,
        revenue_target=None if bill is None else bill + max((each for each in _adds(space)), default=0.0),
        likelihood=likelihood,
        baseline=tuple(_baseline(base, row, account_id)),
        targets=tuple(_targets({name: base.usage_by_month[name] for name in measures}, row, alike, day)),
        opportunities=tuple(_opportunities(space)),
        value=tuple(_value(base, account_id)),
        stakeholders=tuple(people),
        risks=tuple(risks),
        reviews=tuple(
            PlanReview(day=each["date"].date(), kind=each["kind"], role=each["role"])
            for each in talks.to_dict("records")
        ),
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _adds(space: WhiteSpace) -> list[float]:
    return [float(each) for each in space.found["adds"] if np.isfinite(each)]


def _recent(values: Floats, back: int = 0) -> float:
    """Return the mean of the last three months, or of those so many before; NaN where any of them is unknown."""
    end = values.shape[-1] - back
    months = values[..., max(end - QUARTER, 0) : end]
    return float(months.mean()) if months.shape[-1] and np.isfinite(months).all() else float("nan")


def _change(values: Floats) -> float:
    """Return the change of the last three months against the same a year before; NaN where unknown."""
    before = _recent(values, YEAR) if values.shape[-1] >= YEAR + QUARTER else float("nan")
    return _recent(values) / before - 1 if before > 0 else float("nan")


def _baseline(base: CustomerBase, row: int, account_id: str) -> Iterable[PlanMeasure]:
    for metric, values in base.usage_by_month.items():
        now = _recent(values[row])
        if np.isfinite(now):
            yield PlanMeasure(name=metric, value=now, change=_known(_change(values[row])))
    for kind, seen, _ in _outcomes(base, account_id):
        yield PlanMeasure(name=kind, value=seen[-1], change=seen[-1] / seen[0] - 1 if seen[0] > 0 else None)


def _outcomes(base: CustomerBase, account_id: str) -> Iterable[tuple[str, list[float], pd.Series]]:
    """Go through what was recorded of an account by kind: the values in their order, and their days."""
    if base.has("outcomes"):
        own = base.frames["outcomes"]
        own = own[own["account_id"] == account_id].sort_values("date", kind="stable")
        for kind, each in own.groupby("kind", sort=True):
            yield str(kind), [float(value) for value in each["value"]], each["date"]


def _measures(replay: Replay, base: CustomerBase) -> tuple[str, ...]:
    """Return the metrics of which more is better for both: those charged, and those that go with what accounts pay.

    More support tickets, say, are nobody's target.
    """
    paid = replay.bills[:, -1]
    paid = np.where(paid > 0, paid, np.nan)
    found = []
    for metric, values in base.usage_by_month.items():
        together = rank_correlation(values[:, -1], paid).estimate
        if metric in replay.book.charged_metrics or together > GOES_WITH:
            found.append(metric)
    return tuple(found)


def _targets(usage: Mapping[str, Floats], row: int, alike: np.ndarray, day: pd.Timestamp) -> Iterable[PlanTarget]:
    """Go through what each measure would be in a year, had it grown as accounts alike did."""
    for metric, values in usage.items():
        now = _recent(values[row])
        others = [change for at in np.flatnonzero(alike) if at != row and np.isfinite(change := _change(values[at]))]
        if np.isfinite(now) and now > 0 and len(others) >= FEWEST_PEERS:
            grown = now * (1 + max(float(np.median(others)), 0.0))
            yield PlanTarget(name=metric, value=grown, by=(day + pd.DateOffset(years=1)).date())


def _opportunities(space: WhiteSpace) -> Iterable[PlanOpportunity]:
    for each in space.found.head(MOST_OPPORTUNITIES).to_dict("records"):
        comes = f"; it comes with {each['by']}" if each["by"] else ""
        yield PlanOpportunity(
            name=each["name"],
            kind=each["kind"],
            why=f"{percent(each['share'])} of {space.peers} organisations alike have it{comes}.",
            adds=_known(each["adds"]),
        )


def _value(base: CustomerBase, account_id: str) -> Iterable[str]:
    told = False
    for kind, values, days in _outcomes(base, account_id):
        told = True
        since = f"{days.iloc[0]:%Y-%m}"
        moved = f"from {number(values[0])} to {number(values[-1])} since {since}" if len(values) > 1 else "once so far"
        yield f"{metric_words(kind).capitalize()}: recorded {moved}. Agree what the next step would be worth."
    if not told:
        yield "No outcome is on record: agree on one, and measure it at the next review."


def _contacts(base: CustomerBase, account_id: str) -> list[Stakeholder]:
    """Return the roles spoken with, each once: who came last in a role and team is the one there now."""
    if not base.has("contacts"):
        return []
    own = as_one(base, base.frames["contacts"])
    own = own[own["account_id"] == account_id].sort_values("since", kind="stable", na_position="first")
    own = own.drop_duplicates(["role", "team"], keep="last")
    return [
        Stakeholder(
            role=str(each["role"]),
            team="" if pd.isna(each["team"]) else str(each["team"]),
            region="" if pd.isna(each["region"]) else str(each["region"]),
            last_contact=None if pd.isna(each["last_contact"]) else each["last_contact"].date(),
        )
        for each in own.to_dict("records")
    ]


def _risks(
    base: CustomerBase,
    row: int,
    day: pd.Timestamp,
    people: list[Stakeholder],
    *,
    bill: float | None,
    alerts: Iterable[str],
    measures: tuple[str, ...],
) -> list[PlanRisk]:
    """Return what could go wrong, what shows it, and what to do; the whole bill is at stake, or what use lost of it."""
    found: list[tuple[str, str, str, float | None]] = []
    account_id = str(base.frames["accounts"]["account_id"].iloc[row])
    seen = {metric: _change(base.usage_by_month[metric][row]) for metric in measures}
    falls = {metric: change for metric, change in seen.items() if change < FELL}
    for metric, change in falls.items():
        told = f"{metric_words(metric).capitalize()} {percent(change, signed=True)} against a year before."
        found.append(("use falls", metric, told, None if bill is None else -change * bill))
    for kind, recorded, days in _outcomes(base, account_id):
        at = base.months.get_indexer(pd.DatetimeIndex(days.dt.to_period("M").dt.to_timestamp()))
        for metric in falls:
            series = np.full(len(base.months), np.nan)
            series[at[at >= 0]] = np.array(recorded)[at >= 0]
            if disconnected(series, base.usage_by_month[metric][row]):
                told = f"{metric_words(kind).capitalize()} rises while {metric_words(metric)} falls."
                found.append(("value rises while use falls", f"{kind}, {metric}", told, bill))
    if people:
        last = max((each.last_contact for each in people if each.last_contact), default=None)
        gap = None if last is None else (day.date() - last).days
        if gap is None or gap > LATELY_DAYS:
            told = "No talk is on record." if gap is None else f"The last talk was {count('day', gap)} ago."
            found.append(("nobody spoke with it lately", "", told, bill))
        if all(each.role.casefold() != SPONSOR for each in people):
            found.append(
                ("no executive sponsor", "", f"{count('role', len(people))} on record, none of them one.", bill)
            )
    renews = base.frames["accounts"]["renews_on"].iloc[row]
    if pd.notna(renews) and 0 <= (renews - day).days <= RENEWAL_DAYS:
        found.append(("contract comes up for renewal", "", f"On {renews:%Y-%m-%d}.", bill))
    found += [(each, "", "On alert.", bill) for each in alerts]
    return [
        PlanRisk(name=name, about=about, evidence=told, at_stake=stake, mitigation=_CARE.get(name, _ASK))
        for name, about, told, stake in found
    ]
