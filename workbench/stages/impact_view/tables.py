"""The tables of an impact, in words and units people read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import MINUS, count, money, number, percent
from workbench.impact.exact_bill import offer_lines, offers_of
from workbench.stages.impact_view.bridge import MEANINGS
from workbench.stages.impact_view.trial import TRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from workbench.impact import Comparison, GuardrailReport, Reconciliation, Replay
    from workbench.impact.migration import AccountBills, MigrationPath
    from workbench.stages.impact_view.bridge import Bridge

    Floats = NDArray[np.float64]

SIGNS = {"pass": "\u2713", "fail": "\u2715", "unknown": "?"}
WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
BOUNDS = (-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0)
_SAME = 1e-9


def signed(amount: float, currency: str) -> str:
    """Write an amount with its sign."""
    text = money(amount, currency)
    return text if text.startswith(MINUS) or not amount > 0 else f"+{text}"


def rise_words(rise: float) -> str:
    """Write a bill change; one that starts from nothing has no percentage."""
    return "from nothing" if np.isinf(rise) else percent(rise, 1, signed=True)


def bridge_table(bridge: Bridge) -> pd.DataFrame:
    """Return the bridge from old to new revenue a month, with what each cause means and what is in none of them."""
    found, months, currency = bridge.table(), bridge.months, bridge.currency
    meanings = {**MEANINGS, TRIED: "the price moved above, with every account in its plan"}
    rows = [("Revenue under today's prices", money(bridge.before / months, currency), "account-months on both sides")]
    rows += [
        (str(cause), signed(float(change), currency), meanings[str(cause)])
        for cause, change in zip(found["cause"], found["change"], strict=True)
    ]
    rows.append(("Revenue under the new prices", money(bridge.after / months, currency), "the same account-months"))
    for words, amount in (
        ("Not comparable: billed today only", bridge.only_before),
        ("Not comparable: billed under the new prices only", bridge.only_after),
    ):
        if amount:
            rows.append((words, money(amount / months, currency), "such as prices on request; in no sum above"))
    return pd.DataFrame(rows, columns=["Step", "Money a month", "What it is"], dtype=object)


def distribution(changes: Floats) -> pd.DataFrame:
    """Return how many accounts fall into each band of bill change: band, place (its order), way, accounts.

    `changes` are shares by account, 0.1 is +10%.
    """
    # Falls take in the end further from nothing, and so do rises: a rise of exactly 10% is in "up to +10%".
    below = [int(np.count_nonzero(changes < bound)) for bound in BOUNDS if bound < 0]
    fallen, unfallen = (int(np.count_nonzero(each)) for each in (changes < -_SAME, changes <= _SAME))
    up_to = [int(np.count_nonzero(changes <= bound)) for bound in BOUNDS if bound > 0]
    known = int(np.count_nonzero(~np.isnan(changes)))
    edges = [-np.inf, *BOUNDS, np.inf]
    falls, rises = np.diff([0, *below, fallen]), np.diff([unfallen, *up_to, known])
    bands = [_band(low, high) for low, high in pairwise(edges)]
    rows = [(band, "pays less", int(each)) for band, each in zip(bands[: len(falls)], falls, strict=True)]
    rows.append(("no change", "no change", unfallen - fallen))
    rows += [(band, "pays more", int(each)) for band, each in zip(bands[len(falls) :], rises, strict=True)]
    frame = pd.DataFrame(rows, columns=["band", "way", "accounts"])
    frame.insert(1, "place", range(len(frame)))
    return frame


def _band(low: float, high: float) -> str:
    low_text, high_text = (percent(end, signed=True) for end in (low, high))
    if np.isinf(low):
        return f"below {high_text}"
    if np.isinf(high):
        return f"above {low_text}"
    return f"{low_text} to {high_text}"


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


def guardrail_table(report: GuardrailReport) -> pd.DataFrame:
    """Return the limits with verdict as sign and word, measured, limit, and how many accounts stand behind it."""
    rows = [
        (
            f"{SIGNS[check.verdict]} {WORDS[check.verdict]}",
            f"{check.title} {check.subject}".strip(),
            "unknown" if check.measured is None else percent(check.measured, 1),
            percent(check.limit, 1),
            len(check.accounts),
            check.sentence,
        )
        for check in report.checks
    ]
    columns = ["Verdict", "Guardrail", "Measured", "Limit", "Accounts", "What was found"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


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
            "Today a month": [money(each, currency) for each in accounts["before"]],
            "Then a month": [money(each, currency) for each in accounts["after"]],
            "Change": [
                f"{signed(change, currency)} ({rise_words(rise)})"
                for change, rise in zip(accounts["change"], accounts["percent"], strict=True)
            ],
        },
        dtype=object,
    )


def _move(before: str, after: str) -> str:
    return before if before == after else f"{before} to {after}"


def reconciliation_table(found: Reconciliation, currency: str) -> pd.DataFrame:
    """Return how recorded revenue differs from today's list, by explanation."""
    table = found.summary()
    return pd.DataFrame(
        {
            "Explanation": table["explanation"],
            "Accounts": table["accounts"],
            "Recorded revenue": [money(each, currency) for each in table["recorded"]],
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


def months_table(comparison: Comparison, account_id: str) -> pd.DataFrame:
    """Return one account month by month: plan and bill today and under the new prices."""
    sides = [replay for replay in (comparison.before, comparison.after) if replay is not None]
    rows = sides[0].rows
    here = np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0]))
    frame = pd.DataFrame({"Month": [f"{rows.months[month]:%Y-%m}" for month in rows.month[here]]}, dtype=object)
    for words, replay in zip(("today", "then"), sides, strict=False):
        frame[f"Plan {words}"] = [_plan(replay, int(row)) for row in here]
        frame[f"Bill {words}"] = [money(replay.amounts[row], comparison.currency) for row in here]
    if len(sides) > 1:
        changes = sides[1].amounts[here] - sides[0].amounts[here]
        frame["Change"] = [signed(each, comparison.currency) for each in changes]
    return frame


def items_table(comparison: Comparison, account_id: str) -> pd.DataFrame:
    """Return every line of an account's bills, month by month, under both price lists."""
    found = []
    for words, replay in (("today", comparison.before), ("new", comparison.after)):
        if replay is None:
            continue
        rows = replay.rows
        for row in np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0])):
            if not replay.known[row]:
                continue  # the table of months says that there is no bill
            month = f"{rows.months[rows.month[row]]:%Y-%m}"
            found += [
                (month, words, offer.name, line.text.replace("_", " "), money(line.amount, comparison.currency))
                for offer in offers_of(replay, int(row))
                for line in offer_lines(replay, offer, int(row))
            ]
    found.sort(key=lambda line: (line[0], line[1] == "new"))
    return pd.DataFrame(found, columns=["Month", "Prices", "Offer", "Line", "Amount"], dtype=object)


def _plan(replay: Replay, row: int) -> str:
    place = int(replay.plan_index[row])
    return replay.book.plan_names[place] if place >= 0 else "none"


def paths_table(paths: Mapping[str, MigrationPath], chosen: str) -> pd.DataFrame:
    """Return one row per policy, the one decided on marked."""
    rows = [
        (
            f"{name} (decided)" if name == chosen else name,
            money(path.revenue, path.bills.currency),
            signed(path.forgone, path.bills.currency),
            number(float(path.table["on_old"].iloc[-1]), 0),
            "not within 24 months" if path.months_to_new is None else f"{path.months_to_new} months",
            _churn(path.break_even_churn),
        )
        for name, path in paths.items()
    ]
    columns = [
        "Policy",
        "Revenue in 24 months",
        "Forgone against everyone at once",
        "Accounts on old prices at the end",
        "Everybody on new prices after",
        "Break-even churn",
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def renewals_sentence(bills: AccountBills, term: int) -> str:
    """Say where renewal dates come from: contracts on record, or an assumption."""
    known, total = int(bills.renewal_known.sum()), len(bills)
    assumed = f"assumed on the anniversary of sign-up, every {count('month', term)}"
    if known == total:
        return "Renewals are those on record (accounts, renews_on)."
    if known:
        record = f"Renewals of {known:,} of {total:,} accounts are on record (accounts, renews_on)"
        return f"{record}; the others are {assumed}."
    return f"No contract is on record (accounts, renews_on), so renewals are {assumed}."


def _churn(share: float) -> str:
    """Write the share of customers that may leave; below nothing there is no room for any."""
    if np.isnan(share):
        return "unknown"
    return percent(share, 1) if share > 0 else "none may leave"


def month_names(frame: pd.DataFrame, names: Iterable[str], currency: str) -> pd.DataFrame:
    """Return a frame of months with money in columns, written for reading."""
    return pd.DataFrame(
        {"Month": frame["month"].dt.strftime("%Y-%m")}
        | {name: [money(each, currency) for each in frame[name]] for name in names},
        dtype=object,
    )
