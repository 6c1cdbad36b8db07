"""The tables of the stage: the policy in money, exceptions, what each account pays of the list, how that spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import hundredfold
from workbench.stages.discounts.evidence import SIZES
from workbench.tables import COUNT, TEXT, DataTable, Money, Number, Percent, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.discounts.evidence import RealisationEvidence
    from workbench.stages.discounts.result import DiscountResult

say = texts(__name__)
MOST_ACCOUNTS = 2_000  # of a list: the largest
_SHARE = Percent(1)
_TERM = Number(0, missing="")


def policy_table(result: DiscountResult) -> DataTable:
    """Return what the policy comes to under today's list and the scenario's: a row for each list that can be billed."""
    money = Money(result.evidence.currency)
    lists = [(say("today"), result.today), (say("scenario"), result.scenario)]
    rows = [
        (
            name, len(each.paid), each.listed.sum(), each.paid.sum(), each.paid.sum() / max(each.listed.sum(), 1e-9),
            each.accounts, (each.leak.estimate, each.leak.low, each.leak.high),
            (each.brings.estimate, each.brings.low, each.brings.high),
        )
        for name, each in lists
        if each is not None and len(each.paid)
    ]  # fmt: skip
    columns = [
        (say("under"), TEXT), ("accounts", COUNT), (say("list"), money), (say("paid"), money), (say("of_list"), _SHARE),
        (say("beyond"), COUNT), (say("leak"), estimate_of(money)), (say("brings"), estimate_of(money)),
    ]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def sizes_table(result: DiscountResult) -> DataTable:
    """Return a row for each size of deal: what the policy allows it, and what is paid there today."""
    last, money = result.evidence.last, Money(result.evidence.currency)
    listed, paid, beyond = (
        np.asarray(each, dtype=float) for each in (last["listed"], last["paid"], result.today.beyond)
    )
    bands = sorted(result.decision.bands, key=lambda each: each.from_list)
    ends = [*(float(each.from_list) for each in bands[1:]), np.inf]
    rows = []
    for band, end in zip(bands, ends, strict=True):
        here = (listed >= float(band.from_list)) & (listed < end)
        total = listed[here].sum()
        share = paid[here].sum() / total if total else None
        below = int((beyond[here] > 0).sum())
        rows.append(
            (
                band.name,
                band.from_list,
                band.most,
                int(here.sum()),
                total,
                paid[here].sum(),
                share,
                below,
                beyond[here].sum(),
            )
        )
    exact = Money(result.evidence.currency, "exact")
    columns = [
        (say("band"), TEXT), (say("from"), exact), (say("most"), Percent(exactly=True)),
        ("accounts", COUNT), (say("list"), money), (say("paid"), money), (say("of_list"), _SHARE),
        (say("beyond"), COUNT), (say("leak"), money),
    ]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def exceptions_table(result: DiscountResult) -> DataTable:
    """Return the accounts that pay less than the policy allows, the most money first, and who has to approve."""
    last, policy = result.evidence.last, result.decision.policy
    here = np.flatnonzero(result.today.beyond > 0)
    here = here[np.argsort(-result.today.beyond[here], kind="stable")][:MOST_ACCOUNTS]
    chosen = last.iloc[here]
    off = 1 - chosen["share"].to_numpy(float)
    frame = pd.DataFrame(
        {
            "account": chosen["account_id"].to_numpy(),
            "segment": chosen["segment"].to_numpy(),
            "seller": chosen["seller"].to_numpy(),
            "bound": chosen["bound"].to_numpy(),
            "list": chosen["listed"].to_numpy(),
            "paid": chosen["paid"].to_numpy(),
            "off": off,
            "allowed": result.allowed[here],
            "more": result.today.beyond[here],
            "approver": [policy.approver(hundredfold(round(min(max(share, 0.0), 1.0), 6))) for share in off],
        }
    )
    money = Money(result.evidence.currency, "bill")
    columns = [
        ("account", TEXT), ("segment", TEXT), *((("seller", TEXT),) if result.evidence.has_sellers else ()),
        (say("bound"), _TERM, "bound"), (say("list"), money, "list"), (say("paid"), money, "paid"),
        (say("off"), _SHARE, "off"), (say("allowed"), _SHARE, "allowed"), (say("more"), money, "more"),
        (say("approver"), TEXT, "approver"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)


def realised_table(known: RealisationEvidence) -> DataTable:
    """Return what each account of the last month pays of its list price, in that month and over the year's months."""
    money = Money(known.currency, "bill")
    if known.today is None:
        return DataTable.of_rows([("account", TEXT)], [])
    rows, last = known.today.rows, known.last.sort_values("listed", ascending=False).head(MOST_ACCOUNTS)
    here = rows.account[last.index]
    listed = np.where(known.known, known.today.amounts, 0.0)
    months, billed, paid = (
        rows.by_account(each)[here] for each in (known.known.astype(float), listed, listed * np.nan_to_num(known.share))
    )
    frame = last[["account_id", "segment", "seller", "listed", "paid", "share"]].assign(
        months=months.astype(int), year=paid / billed
    )
    columns = [
        ("account", TEXT, "account_id"), ("segment", TEXT),
        *((("seller", TEXT),) if known.has_sellers else ()),
        (say("list"), money, "listed"), (say("paid"), money, "paid"), (say("of_list"), _SHARE, "share"),
        (say("months"), COUNT, "months"), (say("of_list_year"), _SHARE, "year"),
    ]  # fmt: skip
    return DataTable.of_frame(frame.reset_index(drop=True), columns)


def shares_by_month(known: RealisationEvidence) -> DataTable:
    """Return what each account pays of its list price month by month; unknown where one of the two is not on record."""
    if known.today is None:
        return DataTable.of_rows([("account", TEXT)], [])
    rows, last = known.today.rows, known.last.sort_values("listed", ascending=False).head(MOST_ACCOUNTS)
    shares = rows.matrix(known.share, np.nan)[rows.account[last.index]]
    months = [f"{month:%Y-%m}" for month in rows.shown_months]
    frame = pd.DataFrame(shares, columns=months)
    frame.insert(0, "account", last["account_id"].to_numpy())
    return DataTable.of_frame(frame, [("account", TEXT), *((month, _SHARE) for month in months)])


def spread_frame(known: RealisationEvidence, by: str) -> pd.DataFrame:
    """Return a row for each group of accounts: how many, list, paid, and what eight in ten pay of the list."""
    last = known.last
    if by == "size" and len(last) < SIZES:
        last = last.iloc[:0]
    rows = []
    for name, part in last.groupby(by, sort=True, observed=True):
        low, middle, high = np.quantile(part["share"], [0.1, 0.5, 0.9])
        ends = {"low": part["listed"].min(), "high": part["listed"].max()}
        label = say("size", currency=known.currency, **ends) if by == "size" else str(name)
        rows.append((label, len(part), part["listed"].sum(), part["paid"].sum(), low, middle, high))
    return pd.DataFrame(rows, columns=["group", "accounts", "listed", "paid", "low", "middle", "high"])


def groups_of_shares(known: RealisationEvidence, frame: pd.DataFrame) -> DataTable:
    """Return the same as a reader sees it."""
    money = Money(known.currency)
    columns = [
        (say("kind"), TEXT, "kind"), (say("group"), TEXT, "group"), ("accounts", COUNT), (say("list"), money, "listed"),
        (say("paid"), money, "paid"), (say("one_in_ten"), _SHARE, "low"), (say("middle"), _SHARE, "middle"),
        (say("nine_in_ten"), _SHARE, "high"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)
