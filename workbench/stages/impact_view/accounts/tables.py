"""Tables of accounts: bills that change most, one account month by month and line by line."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import billed, exact_money, money, percent, priced, with_sign
from workbench.impact.exact_bill import offer_lines, offers_of
from workbench.pricing.decimals import plain
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.impact import Comparison, Replay
    from workbench.pricing.lines import Line

    Floats = NDArray[np.float64]

BOUNDS = (-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0)


def signed(amount: float, currency: str, write: Callable[[float, str], str] = money) -> str:
    """Write an amount with its sign."""
    return with_sign(write(abs(amount), currency), amount)


def distribution(changes: Floats) -> pd.DataFrame:
    """Return how many accounts fall into each band of bill change: band, place (its order), way, accounts.

    `changes` are shares by account, 0.1 is +10%.
    """
    # Falls take in the end further from nothing, and so do rises: a rise of exactly 10% is in "up to +10%".
    below = [int(np.count_nonzero(changes < bound)) for bound in BOUNDS if bound < 0]
    fallen, unfallen = (int(np.count_nonzero(each)) for each in (changes < -LAST_DIGITS, changes <= LAST_DIGITS))
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
