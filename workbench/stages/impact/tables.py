"""The tables of an impact, each column with its unit: bridge, guardrails, bills, accounts, tools, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import exact_money, money, with_sign
from workbench.impact.bill_replay import offer_lines, offers_of
from workbench.impact.guardrails import VERDICT_WORDS
from workbench.locales import month_name
from workbench.pricing.values import plain
from workbench.stages.impact.evaluation import NET, NEW_LIST, PAID, TODAYS_LIST, TRIED
from workbench.stages.impact.evidence import MEANINGS
from workbench.tables import COUNT, MONTH, NUMBER, TEXT, DataTable, Kind, Money, Own, Percent, Reworded, Words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.price_realisation import Reconciliation
    from workbench.impact.revenue_measures import Portfolio
    from workbench.pricing.charge import Line
    from workbench.stages.impact.evaluation import Floats, Steady
    from workbench.stages.impact.evidence import Bridge

say = texts(__name__)

# --- Tables of accounts: bills that change most, one account month by month and line by line


def signed(amount: float, currency: str) -> str:
    """Write an amount with its sign."""
    return with_sign(money(abs(amount), currency), amount)


def distribution_table(found: pd.DataFrame) -> DataTable:
    """Return the distribution of bill changes for reading."""
    total = max(1, int(found["accounts"].sum()))
    columns = (("Bill change", TEXT, "band"), ("Accounts", COUNT, "accounts"), ("Share", Percent(1), "share"))
    return DataTable.of_frame(found.assign(share=found["accounts"] / total), columns)


def accounts_table(comparison: Comparison, most: int) -> DataTable:
    """Return old and new bill a month per account, the largest change first."""
    largest = largest_first(comparison.accounts["change"].to_numpy(dtype=float), most)
    return _bills(comparison.accounts.iloc[largest], comparison.currency)


def largest_first(changes: Floats, most: int) -> NDArray[np.intp]:
    """Return the places of the largest changes up or down, the largest first, of equals the first."""
    size = np.abs(changes)
    few = np.flatnonzero(size >= np.partition(size, -most)[-most]) if len(size) > most else np.arange(len(size))
    return few[np.argsort(-size[few], kind="stable")][:most]


def movers_table(movers: pd.DataFrame, currency: str) -> DataTable:
    """Return the accounts that move most, with the reason in words."""
    return _bills(movers, currency, ("Reason", TEXT, "reason")) if len(movers) else DataTable.plain(pd.DataFrame())


def _bills(accounts: pd.DataFrame, currency: str, *more: tuple[str, Kind, str]) -> DataTable:
    bill = Money(currency, "bill")
    moves = [_move(*pair) for pair in zip(accounts["plan_before"], accounts["plan_after"], strict=True)]
    columns = (
        ("Account", TEXT, "account_id"),
        ("Segment", TEXT, "segment"),
        ("Plan", TEXT, "plan"),
        ("Bill a month today", bill, "before"),
        ("New bill a month", bill, "after"),
        ("Change", Words("{} ({})", (_signed_bill(currency), Percent(1, signed=True))), ("change", "percent")),
        *more,
    )
    return DataTable.of_frame(accounts.assign(plan=moves), columns)


def _signed_bill(currency: str) -> Money:
    return Money(currency, "bill", signed=True)


def _move(before: str, after: str) -> str:
    return before if before == after else f"{before} to {after}"


def months_table(comparison: Comparison, account_id: str) -> DataTable:
    """Return one account month by month: plan and bill today and under the new prices."""
    sides = [replay for replay in (comparison.before, comparison.after) if replay is not None]
    rows, currency = sides[0].rows, comparison.currency
    here = np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0]))
    columns: list[tuple[str, Kind]] = [("Month", MONTH)]
    values: list[Iterable[object]] = [rows.months[rows.month[here]]]
    for plan, bill, replay in zip(("Plan today", "New plan"), ("Bill today", "New bill"), sides, strict=False):
        columns += [(plan, TEXT), (bill, Money(currency, "bill"))]
        values += [[_plan(replay, int(row)) for row in here], replay.amounts[here]]
    if len(sides) > 1:
        columns.append(("Change", _signed_bill(currency)))
        values.append(sides[1].amounts[here] - sides[0].amounts[here])
    return DataTable.of_rows(columns, zip(*values, strict=True))


def items_table(comparison: Comparison, account_id: str) -> DataTable:
    """Return every line of an account's bills, month by month, under both price lists."""
    found: list[tuple[Any, ...]] = []
    for words, replay in (("today", comparison.before), ("new", comparison.after)):
        if replay is None:
            continue
        rows, currency = replay.rows, comparison.currency
        for row in np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0])):
            if not replay.known[row]:
                continue  # the table of months says that there is no bill
            month = rows.months[rows.month[row]]
            found += [
                (month, words, offer.name, _line_words(line, currency), line.amount)
                for offer in offers_of(replay, int(row))
                for line in offer_lines(replay, offer, int(row))
            ]
    found.sort(key=lambda line: (line[0], line[1] == "new"))
    columns = (("Month", MONTH), *((name, TEXT) for name in ("Prices", "Offer", "Line")))
    return DataTable.of_rows((*columns, ("Amount", Money(comparison.currency, "priced"))), found)


def _line_words(line: Line, currency: str) -> str:
    """Write what a line is for, its price with the currency."""
    text = line.text.replace("_", " ")
    if line.kind == "units" and line.unit_price is not None:
        written = plain(line.unit_price)
        price = exact_money(line.unit_price, currency)
        text = text.replace(f" x {written}", f" \N{MULTIPLICATION SIGN} {price}", 1)
    return text.replace(" x ", " \N{MULTIPLICATION SIGN} ")


def _plan(replay: Replay, row: int) -> str:
    place = int(replay.plan_index[row])
    return replay.book.plan_names[place] if place >= 0 else "none"


# --- The tables of an impact in units people read

SIGNS = {"pass": "\u2713", "fail": "\u2715", "unknown": "?"}


def bridge_table(bridge: Bridge, *, paid: bool = True) -> DataTable:
    """Return the bridge from old to new revenue a month, with what each cause means and what is in none of them."""
    found, months, amount = bridge.table(), bridge.months, Money(bridge.currency)
    meanings, change = {**MEANINGS, TRIED: say("the_price_moved_above_with")}, Money(bridge.currency, signed=True)
    before, after = (PAID, NET) if paid else (TODAYS_LIST, NEW_LIST)
    rows = [
        (before, bridge.before / months, say("account_months_on_both_sides")),
        *(
            (str(cause), Own(float(moved), change), meanings[str(cause)])
            for cause, moved in zip(found["cause"], found["change"], strict=True)
        ),
        (after, bridge.after / months, "the same account-months"),
    ]
    for words, outside in (
        (say("not_comparable_billed_today_only"), bridge.only_before),
        (say("not_comparable_billed_under_the"), bridge.only_after),
    ):
        if outside:
            rows.append((words, outside / months, say("such_as_prices_on_request")))
    return DataTable.of_rows((("Step", TEXT), ("Money a month", amount), ("What it is", TEXT)), rows)


def guardrail_table(report: GuardrailReport) -> DataTable:
    """Return the limits with verdict as sign and word, measured, limit, and how many accounts stand behind it."""
    columns = (
        ("Verdict", TEXT),
        ("Guardrail", TEXT),
        ("Measured", NUMBER),
        ("Limit", NUMBER),
        ("Accounts", COUNT),
        ("What was found", TEXT),
    )
    rows = (
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}",
            f"{check.title} {check.subject}".strip(),
            Own(check.measured, Percent(1, signed=check.is_change)),
            Own(check.limit, Percent(signed=check.is_change, exactly=True)),
            len(check.behind),
            check.sentence,
        )
        for check in report.checks
    )
    return DataTable.of_rows(columns, rows)


def reconciliation_table(found: Reconciliation, currency: str) -> DataTable:
    """Return how recorded revenue differs from today's list, by explanation."""
    columns = (
        ("Explanation", TEXT, "explanation"),
        ("Accounts", COUNT, "accounts"),
        ("Recorded revenue", Money(currency), "recorded"),
        ("Recorded, without a bill", Money(currency), "without_bill"),
        ("Recorded less list", Money(currency, signed=True), "difference"),
        ("Share of revenue compared", Percent(1), "share_of_recorded"),
    )
    return DataTable.of_frame(found.summary(), columns)


def off_accounts_table(found: Reconciliation, currency: str, most: int = 100) -> DataTable:
    """Return the accounts that differ most from today's list, with why."""
    order = found.accounts["difference"].abs().sort_values(ascending=False, kind="stable").index
    table = found.accounts.loc[order].query("difference != 0").head(most)
    columns = (
        ("Account", TEXT, "account_id"),
        ("Segment", TEXT, "segment"),
        ("Months", COUNT, "months"),
        ("Recorded", Money(currency), "recorded"),
        ("List", Money(currency), "replayed"),
        ("Difference", Money(currency, signed=True), "difference"),
        ("Explanation", TEXT, "why"),
    )
    why = table["detail"].where(table["detail"].astype(bool), table["explanation"])
    return DataTable.of_frame(table.assign(why=why), columns)


# --- Tools and groups in units people read


def tools_table(found: Steady) -> DataTable:
    """Return what each tool does to revenue and to customers."""
    amount = Money(found.currency)
    columns = (
        ("Way", TEXT, "name"),
        ("Revenue a month", amount, "a_month"),
        ("Against as used", Percent(1, signed=True), "change"),
        ("Sure without use", Words("{} ({})", (amount, Percent())), ("floor", "floor_share")),
        ("Swings by", Percent(1), "volatility"),
        ("Jump above 25%", Percent(1), "accounts_over_25"),
        ("Largest jump (95%)", Percent(signed=True), "largest_rise_p95"),
        ("Terms", TEXT, TERMS),
    )
    return DataTable.of_frame(found.tools.assign(a_month=found.tools["revenue"] / found.months), columns)


TERMS = "terms"


def groups_table(found: Portfolio) -> DataTable:
    """Return each group's weight, swings and seasons."""
    month = Reworded(month_name)
    columns = (
        ("Group", TEXT, "group"),
        ("Accounts", COUNT, "accounts"),
        ("Share of revenue", Percent(1), "share"),
        ("Swings by", Percent(1), "volatility"),
        ("Strongest in", month, "strongest"),
        ("Weakest in", month, "weakest"),
    )
    return DataTable.of_frame(found.groups, columns)


def balance_sentence(found: Portfolio) -> str:
    """Say how much of the groups' swings balances out."""
    return say(
        "the_revenue_of_these_groups",
        volatility=found.volatility,
        together=found.together,
        independent=found.independent,
        value=max(0.0, found.diversified),
    )
