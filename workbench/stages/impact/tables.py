"""The tables of an impact, in words and units people read: bridge, guardrails, bills, accounts, tools, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import billed, exact_money, exact_percent, money, percent, priced, with_sign
from workbench.impact.bill_replay import offer_lines, offers_of
from workbench.impact.guardrails import VERDICT_WORDS
from workbench.locales import month_name
from workbench.pricing.values import plain
from workbench.stages.impact.evaluation import NET, NEW_LIST, PAID, TODAYS_LIST, TRIED
from workbench.stages.impact.evidence import MEANINGS
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.reconciliation import Reconciliation
    from workbench.impact.revenue_measures import Portfolio
    from workbench.pricing.exact_lines import Line
    from workbench.stages.impact.evaluation import Floats, Steady
    from workbench.stages.impact.evidence import Bridge

say = texts(__name__)

# --- Tables of accounts: bills that change most, one account month by month and line by line


def signed(amount: float, currency: str, write: Callable[[float, str], str] = money) -> str:
    """Write an amount with its sign."""
    return with_sign(write(abs(amount), currency), amount)


def distribution_table(found: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of bill changes for reading."""
    total = max(1, int(found["accounts"].sum()))
    return pd.DataFrame(
        {
            "Bill change": found["band"],
            "Accounts": found["accounts"],
            "Share": [percent(each / total, 1) for each in found["accounts"]],
        }
    )


def accounts_table(comparison: Comparison, most: int) -> pd.DataFrame:
    """Return old and new bill a month per account, the largest change first."""
    largest = largest_first(comparison.accounts["change"].to_numpy(dtype=float), most)
    return _bills(comparison.accounts.iloc[largest], comparison.currency)


def largest_first(changes: Floats, most: int) -> NDArray[np.intp]:
    """Return the places of the largest changes up or down, the largest first, of equals the first."""
    size = np.abs(changes)
    few = np.flatnonzero(size >= np.partition(size, -most)[-most]) if len(size) > most else np.arange(len(size))
    return few[np.argsort(-size[few], kind="stable")][:most]


def movers_table(movers: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return the accounts that move most, with the reason in words."""
    return _bills(movers, currency).assign(Reason=movers["reason"].to_numpy()) if len(movers) else pd.DataFrame()


def _bills(accounts: pd.DataFrame, currency: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Account": accounts["account_id"].to_numpy(),
            "Segment": accounts["segment"].to_numpy(),
            "Plan": [_move(*pair) for pair in zip(accounts["plan_before"], accounts["plan_after"], strict=True)],
            "Bill a month today": [billed(each, currency) for each in accounts["before"]],
            "New bill a month": [billed(each, currency) for each in accounts["after"]],
            "Change": [
                f"{signed(change, currency, billed)} ({percent(rise, 1, signed=True)})"
                for change, rise in zip(accounts["change"], accounts["percent"], strict=True)
            ],
        },
        dtype=object,
    )


def _move(before: str, after: str) -> str:
    return before if before == after else f"{before} to {after}"


def months_table(comparison: Comparison, account_id: str) -> pd.DataFrame:
    """Return one account month by month: plan and bill today and under the new prices."""
    sides = [replay for replay in (comparison.before, comparison.after) if replay is not None]
    rows = sides[0].rows
    here = np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0]))
    frame = pd.DataFrame({"Month": [f"{rows.months[month]:%Y-%m}" for month in rows.month[here]]}, dtype=object)
    for plan, bill, replay in zip(("Plan today", "New plan"), ("Bill today", "New bill"), sides, strict=False):
        frame[plan] = [_plan(replay, int(row)) for row in here]
        frame[bill] = [billed(replay.amounts[row], comparison.currency) for row in here]
    if len(sides) > 1:
        changes = sides[1].amounts[here] - sides[0].amounts[here]
        frame["Change"] = [signed(each, comparison.currency, billed) for each in changes]
    return frame


def items_table(comparison: Comparison, account_id: str) -> pd.DataFrame:
    """Return every line of an account's bills, month by month, under both price lists."""
    found = []
    for words, replay in (("today", comparison.before), ("new", comparison.after)):
        if replay is None:
            continue
        rows, currency = replay.rows, comparison.currency
        for row in np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0])):
            if not replay.known[row]:
                continue  # the table of months says that there is no bill
            month = f"{rows.months[rows.month[row]]:%Y-%m}"
            found += [
                (month, words, offer.name, _line_words(line, currency), priced(line.amount, currency))
                for offer in offers_of(replay, int(row))
                for line in offer_lines(replay, offer, int(row))
            ]
    found.sort(key=lambda line: (line[0], line[1] == "new"))
    return pd.DataFrame(found, columns=["Month", "Prices", "Offer", "Line", "Amount"], dtype=object)


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


# --- The tables of an impact, in words and units people read

SIGNS = {"pass": "\u2713", "fail": "\u2715", "unknown": "?"}


def bridge_table(bridge: Bridge, *, paid: bool = True) -> pd.DataFrame:
    """Return the bridge from old to new revenue a month, with what each cause means and what is in none of them."""
    found, months, currency = bridge.table(), bridge.months, bridge.currency
    meanings = {**MEANINGS, TRIED: say("the_price_moved_above_with")}
    before, after = (PAID, NET) if paid else (TODAYS_LIST, NEW_LIST)
    rows = [(before, money(bridge.before / months, currency), say("account_months_on_both_sides"))]
    rows += [
        (str(cause), signed(float(change), currency), meanings[str(cause)])
        for cause, change in zip(found["cause"], found["change"], strict=True)
    ]
    rows.append((after, money(bridge.after / months, currency), "the same account-months"))
    for words, amount in (
        (say("not_comparable_billed_today_only"), bridge.only_before),
        (say("not_comparable_billed_under_the"), bridge.only_after),
    ):
        if amount:
            rows.append((words, money(amount / months, currency), say("such_as_prices_on_request")))
    return pd.DataFrame(rows, columns=["Step", "Money a month", "What it is"], dtype=object)


def guardrail_table(report: GuardrailReport) -> pd.DataFrame:
    """Return the limits with verdict as sign and word, measured, limit, and how many accounts stand behind it."""
    rows = [
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}",
            f"{check.title} {check.subject}".strip(),
            "unknown" if check.measured is None else percent(check.measured, 1, signed=check.is_change),
            exact_percent(check.limit, signed=check.is_change),
            len(check.behind),
            check.sentence,
        )
        for check in report.checks
    ]
    columns = ["Verdict", "Guardrail", "Measured", "Limit", "Accounts", "What was found"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def reconciliation_table(found: Reconciliation, currency: str) -> pd.DataFrame:
    """Return how recorded revenue differs from today's list, by explanation."""
    table = found.summary()
    return pd.DataFrame(
        {
            "Explanation": table["explanation"],
            "Accounts": table["accounts"],
            "Recorded revenue": [money(each, currency) for each in table["recorded"]],
            "Recorded, without a bill": [money(each, currency) for each in table["without_bill"]],
            "Recorded less list": [signed(each, currency) for each in table["difference"]],
            "Share of revenue compared": [percent(each, 1) for each in table["share_of_recorded"]],
        },
        dtype=object,
    )


def off_accounts_table(found: Reconciliation, currency: str, most: int = 100) -> pd.DataFrame:
    """Return the accounts that differ most from today's list, with why."""
    order = found.accounts["difference"].abs().sort_values(ascending=False, kind="stable").index
    table = found.accounts.loc[order].query("difference != 0").head(most)
    return pd.DataFrame(
        {
            "Account": table["account_id"],
            "Segment": table["segment"],
            "Months": table["months"],
            "Recorded": [money(each, currency) for each in table["recorded"]],
            "List": [money(each, currency) for each in table["replayed"]],
            "Difference": [signed(each, currency) for each in table["difference"]],
            "Explanation": table["detail"].where(table["detail"].astype(bool), table["explanation"]),
        },
        dtype=object,
    )


# --- Tools and groups in words and units people read


def tools_table(found: Steady) -> pd.DataFrame:
    """Return what each tool does to revenue and to customers."""
    table, currency = found.tools, found.currency
    return pd.DataFrame(
        {
            "Way": table["name"],
            "Revenue a month": [money(each / found.months, currency) for each in table["revenue"]],
            "Against as used": [percent(each, 1, signed=True) for each in table["change"]],
            "Sure without use": [
                f"{money(floor, currency)} ({percent(share)})"
                for floor, share in zip(table["floor"], table["floor_share"], strict=True)
            ],
            "Swings by": [percent(each, 1) for each in table["volatility"]],
            "Jump above 25%": [percent(each, 1) for each in table["accounts_over_25"]],
            "Largest jump (95%)": [percent(each, signed=True) for each in table["largest_rise_p95"]],
            "Terms": table["terms"],
        },
        dtype=object,
    )


def groups_table(found: Portfolio) -> pd.DataFrame:
    """Return each group's weight, swings and seasons."""
    table = found.groups
    return pd.DataFrame(
        {
            "Group": table["group"],
            "Accounts": table["accounts"],
            "Share of revenue": [percent(each, 1) for each in table["share"]],
            "Swings by": [percent(each, 1) for each in table["volatility"]],
            "Strongest in": [month_name(each) for each in table["strongest"]],
            "Weakest in": [month_name(each) for each in table["weakest"]],
        },
        dtype=object,
    )


def balance_sentence(found: Portfolio) -> str:
    """Say how much of the groups' swings balances out."""
    return say(
        "the_revenue_of_these_groups",
        volatility=found.volatility,
        together=found.together,
        independent=found.independent,
        value=max(0.0, found.diversified),
    )
