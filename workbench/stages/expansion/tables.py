"""The tables of the stage: scorecards, the past before and after the study's day, cohorts, triggers, and calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import DAYS_PER_MONTH
from workbench.errors import WorkbenchError
from workbench.formatting import metric_words
from workbench.growth import Scorecard, arpa, cohort_triangle, retention, use_cases_per_customer
from workbench.growth.recurring_revenue import as_one, ledger_of, revenue_of
from workbench.growth.triggers.back_test import HORIZONS, OUTCOMES
from workbench.tables import COUNT, MONTH, NUMBER, TEXT, DataTable, Money, Number, Own, Percent, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers.base import CustomerBase
    from workbench.growth.scorecard import ScorecardLine, ScoreReading
    from workbench.stages.expansion.result import ExpansionResult
    from workbench.tables import Kind

say = texts(__name__)
_SHARE = Percent(1)
_AGE, _MOST_AGES = 6, 7  # months between the columns of the triangle, and how many columns


def no_rows() -> DataTable:
    """Return a table without rows, which nobody shows."""
    return DataTable.of_rows([(say("account"), TEXT)], [])


def scorecard_table(result: ExpansionResult) -> DataTable:
    """Return each metric as printed and in its strict reading, with target, interval and verdict."""
    card = result.known_card
    if card is None:
        return no_rows()
    rows = [
        (
            f"{line.metric.key} {line.metric.name}", line.metric.target,
            *(cell for each in (line.printed, line.strict) for cell in (_valued(each, line), _verdict(each.verdict))),
        )
        for line in card.lines
    ]  # fmt: skip
    names = ("metric", "target", "printed", "verdict", "strict", "strict_verdict")
    return DataTable.of_rows([(say(each), TEXT) for each in names], rows)


def meanings_table(result: ExpansionResult) -> DataTable:
    """Return the definition of each metric as printed and in its strict reading."""
    card = result.known_card
    if card is None:
        return no_rows()
    rows = [
        (f"{line.metric.key} {line.metric.name}", line.printed.definition, line.strict.definition)
        for line in card.lines
    ]
    return DataTable.of_rows([(say(each), TEXT) for each in ("metric", "printed", "strict")], rows)


def _valued(reading: ScoreReading, line: ScorecardLine) -> object:
    if reading.value is None:
        return reading.reason
    kind = estimate_of(Number(0, unit=" days") if line.band.unit == "days" else _SHARE, alone=True)
    between = reading.interval
    known = between is not None and np.isfinite(between.high)
    ends = (between.low, between.high) if between is not None and known else (None, None)
    return Own((reading.value, *ends), kind)


def _verdict(status: str) -> str:
    return say(f"is_{status}")


def under_table(result: ExpansionResult) -> DataTable:
    """Return the strict readings of what was paid beside those of the same months billed under the scenario's list."""
    paid, billed = result.known_card, result.card_under
    if paid is None or not isinstance(billed, Scorecard):
        return no_rows()
    rows = [
        (
            f"{line.metric.key} {line.metric.name}", line.metric.target,
            _valued(line.strict, line), _verdict(line.strict.verdict),
            _valued(billed[line.metric.key].strict, line), _verdict(billed[line.metric.key].strict.verdict),
        )
        for line in paid.lines
    ]  # fmt: skip
    names = ("metric", "target", "as_paid", "verdict", "as_billed", "billed_verdict")
    return DataTable.of_rows([(say(each), TEXT) for each in names], rows)


def definitions_table(result: ExpansionResult) -> DataTable:
    """Return a year of the ledger as this study and five tools count it, and the net retention that follows."""
    compared = result.lived.compared()
    if isinstance(compared, str):
        return no_rows()
    names = list(compared.frame.columns)
    money = Money(result.currency)
    columns = [(say("counted_by"), TEXT, names[0]),
               *((say(each.lower()), money, each) for each in names[1:9] if each != "Currency"),
               (say("net_retention"), _SHARE, names[-1])]  # fmt: skip
    return DataTable.of_frame(compared.frame, columns)


def opt_in_table(result: ExpansionResult) -> DataTable:
    """Return who would opt into usage beside today's plans, most of all first."""
    found = result.movers
    if isinstance(found, str) or not len(found.accounts):
        return no_rows()
    uses, bill = say("uses", metric=metric_words(found.metric)), Money(result.currency, "bill")
    columns = [(say("account"), TEXT, "account_id"), (uses, NUMBER, "quantity"), (say("would_add"), bill, "adds")]
    return DataTable.of_frame(found.accounts, columns)


def case_table(result: ExpansionResult) -> DataTable:
    """Return revenue per account, use cases per customer and net retention then and now; None without a later day."""
    then, now = result.evidence.base, result.lived.base
    if now is then or not (then.has("mrr") and now.has("mrr")) or len(now.months) <= len(then.months):
        return no_rows()
    money, rows = Money(result.currency), []
    measures: tuple[tuple[str, Callable[[CustomerBase], float | None], Kind], ...] = (
        ("arpa", _arpa, money), ("use_cases", _use_cases, Number(1)), ("net_retention", _net, Percent()),
    )  # fmt: skip
    for name, measure, kind in measures:
        before, after = measure(then), measure(now)
        known = before is not None and after is not None
        change = after / before - 1 if known and name != "net_retention" else None  # type: ignore[operator]
        rows.append((say(name), *(Own(each, kind) if each is not None else say("unknown") for each in (before, after)),
                     Own(change, Percent(signed=True)) if change is not None else ""))  # fmt: skip
    columns = [(say("figure"), TEXT), *((f"{each.months[-1]:%Y-%m}", TEXT) for each in (then, now)),
               (say("change"), TEXT)]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def _arpa(base: CustomerBase) -> float | None:
    value = float(arpa(ledger_of(base)).iloc[-1]["arpa"])
    return value if np.isfinite(value) else None


def _use_cases(base: CustomerBase) -> float | None:
    if not (base.has("feature_use") and base.has("features")):
        return None
    try:
        used = as_one(base, base.frames["feature_use"])
        found = use_cases_per_customer(used, base.frames["features"], revenue_of(base))
    except WorkbenchError:
        return None
    return float(found["use_cases"].iloc[-1]) if len(found) else None


def _net(base: CustomerBase) -> float | None:
    try:
        return retention(ledger_of(base)).net
    except WorkbenchError:
        return None


def expansion_table(result: ExpansionResult) -> DataTable:
    """Return how long each segment takes to expand first, with the biased mean beside it, called so."""
    card = result.known_card
    if card is None or not card.expansion.curve.cases:
        return no_rows()
    waited = card.expansion
    days = Number(0, unit=" days")
    rows: list[tuple[object, ...]] = []
    for name, curve in ((say("all"), waited.curve), *waited.by_group.items()):
        low, high = waited.median_between(curve)
        median = say("not_reached") if curve.median is None else Own((curve.median, low, high), estimate_of(days))
        rows.append((name, curve.cases, int(curve.events.sum()), median, 1 - curve.after(90), 1 - curve.after(365)))
    mean = say("mean_of_expanded")
    if waited.mean_of_expanded is not None:
        rows.append(
            (mean, int(waited.accounts["expanded"].sum()), None, Own(waited.mean_of_expanded, days), None, None)
        )
    columns = [(say("group"), TEXT), (say("accounts"), COUNT), (say("expanded"), COUNT), (say("median"), TEXT),
               (say("within_90"), _SHARE), (say("within_year"), _SHARE)]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def _triangle(result: ExpansionResult) -> tuple[pd.DataFrame, list[int]]:
    wide = cohort_triangle(result.lived.ledger)
    months = range(0, len(wide.columns) - 2, _AGE)  # after the cohort and how many there were
    return wide, [*months][:_MOST_AGES]


def cohort_frame(result: ExpansionResult) -> pd.DataFrame:
    """Return what is left of each cohort's revenue every half year, a row for each cell."""
    if result.known_card is None:
        return pd.DataFrame(columns=["cohort", "age", "share"])
    wide, ages = _triangle(result)
    return wide.melt(["cohort"], ages, "age", "share").dropna(subset="share").reset_index(drop=True)


def cohort_table(result: ExpansionResult) -> DataTable:
    """Return the triangle as a reader sees it."""
    if result.known_card is None:
        return no_rows()
    wide, ages = _triangle(result)
    columns = [(say("cohort"), TEXT, "cohort"), (say("accounts"), COUNT, "accounts"),
               *((say("after_months", months=each), Percent(missing=""), each) for each in ages)]  # fmt: skip
    return DataTable.of_frame(wide, columns)


def trigger_table(result: ExpansionResult, horizon: int = HORIZONS[-1]) -> DataTable:
    """Return how each trigger did within so many months, and beside them contact at renewal."""
    test = result.known_test
    if test is None:
        return no_rows()
    triggers, times = result.decision.triggers.triggers, estimate_of(Number(2))
    rows: list[tuple[object, ...]] = []
    for each in test.records:
        by = {outcome: each.lifts[outcome, horizon] for outcome in OUTCOMES}
        lift = by["expansion"]
        ends = (None, None, None) if lift.lift is None else (lift.lift.estimate, lift.lift.low, lift.lift.high)
        verdict = say(each.verdict.replace(" ", "_")) if lift.lift is not None else say("unknown")
        rows.append(
            (
                f"{each.rule} {triggers[each.key].name}".strip(), lift.entries, lift.open, lift.followed,
                lift.expected, ends, verdict, *each.hits.shown, by["contraction"].followed, by["churn"].followed,
            )
        )  # fmt: skip
    renewal = test.at_renewal
    share = renewal.hits / renewal.entries if renewal.entries and horizon == HORIZONS[-1] else None
    rows.append((say("at_renewal"), renewal.entries, renewal.open, share, None, (None, None, None),
                 say("beside"), *renewal.shown, None, None))  # fmt: skip
    columns = [
        (say("trigger"), TEXT), (say("fired"), COUNT), (say("still_open"), COUNT),
        (say("followed"), Percent()), (say("alike"), Percent(missing="")), (say("lift"), times),
        (say("evidence"), TEXT), (say("lead"), Number(1, missing="")), (say("caught"), Percent()),
        (say("contracted"), Percent(missing="")), (say("left"), Percent(missing="")),
    ]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def trend_table(result: ExpansionResult) -> DataTable:
    """Return net retention at the end of each quarter, in both readings."""
    card = result.known_card
    if card is None:
        return no_rows()
    columns = [(say("month"), MONTH, "month"), (say("printed"), _SHARE, "printed"), (say("strict"), _SHARE, "strict")]
    return DataTable.of_frame(card["S5"].trend, columns)


def order_table(result: ExpansionResult) -> DataTable:
    """Return how many of the expansions are reached by calling so many accounts, in each order."""
    if result.calls is None:
        return no_rows()
    names = {"called": say("called"), "in this order": say("in_order"), "largest first": say("largest_first")}
    columns = [(told, Percent(), name) for name, told in names.items()]
    return DataTable.of_frame(result.calls.gain.iloc[::2].reset_index(drop=True), columns)


def probability_table(result: ExpansionResult) -> DataTable:
    """Return what was expected of each tenth of the account-months, and what came."""
    if result.calls is None:
        return no_rows()
    columns = [(say("predicted"), _SHARE, "predicted"), (say("came"), _SHARE, "came"),
               (say("account_months"), COUNT, "accounts")]  # fmt: skip
    return DataTable.of_frame(result.calls.calibration, columns)


def calls_table(result: ExpansionResult) -> DataTable:
    """Return whom to call, the highest expected amount first, with bills of today's and the next offer."""
    calls = result.calls
    if calls is None or not len(calls.accounts):
        return no_rows()
    bills = result.offers.set_index("account_id")[["plan", "offer", "pays", "would_pay"]]
    bills = bills.rename(columns={"offer": "next_offer"})
    frame = calls.accounts.join(bills, on="account_id")
    frame["when"] = [
        say("this_week") if week == 0 else say("in_weeks", weeks=int(week)) if week > 0
        else say("no_talks" if who else "no_trigger")
        for week, who in zip(frame["week"], frame["who"], strict=True)
    ]  # fmt: skip
    # Who is called first stands first; whom nothing gives a reason to call follows.
    frame = frame.sort_values("week", key=lambda week: week.where(week >= 0, np.inf), kind="stable", ignore_index=True)
    frame["who"] = frame["who"].where(frame["who"] != "", say("nobody_named"))
    told = zip(frame["reasons"], frame["say"], strict=True)
    frame["who_when"] = [
        say("who_when", who=who, when=when) for who, when in zip(frame["who"], frame["when"], strict=True)
    ]
    frame["why_said"] = [say("why_said", why=why, line=line) for why, line in told]
    money = Money(result.currency, "bill")
    columns = [
        (say("account"), TEXT, "account_id"), (say("when"), TEXT, "when"), (say("who"), TEXT, "who"),
        (say("probability"), Percent(), "probability"), (say("amount"), money, "amount"),
        (say("expected"), money, "expected"), (say("plan"), TEXT, "plan"), (say("next_offer"), TEXT, "next_offer"),
        (say("pays"), money, "pays"), (say("would_pay"), money, "would_pay"), (say("reasons"), TEXT, "reasons"),
        (say("offer"), TEXT, "offer"), (say("say"), TEXT, "say"),
        (say("who_and_when"), TEXT, "who_when"), (say("why_and_what"), TEXT, "why_said"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)


JOINED = ("who_when", "why_said")
ON_SCREEN = ("account_id", "who_when", "probability", "amount", "expected", "next_offer", "why_said")
"""The columns of the list of calls that a screen has room for; files hold all but those that join two of them."""


def survival_frame(result: ExpansionResult) -> pd.DataFrame:
    """Return the share that has expanded by month, for all and each segment, as steps."""
    card = result.known_card
    if card is None:
        return pd.DataFrame(columns=["months", "share", "group"])
    waited, parts = card.expansion, []
    for name, curve in ((say("all"), waited.curve), *waited.by_group.items()):
        months = np.concatenate([[0.0], curve.times / DAYS_PER_MONTH, [curve.last / DAYS_PER_MONTH]])
        share = 1 - np.concatenate([[1.0], curve.survival, curve.survival[-1:] if len(curve.survival) else [1.0]])
        parts.append(pd.DataFrame({"months": months, "share": share, "group": name}))
    return pd.concat(parts, ignore_index=True)
