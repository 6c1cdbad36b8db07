"""The tables of the stage: every price of every list, the lists with their accounts, the year, and the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import exact_money, metric_words
from workbench.tables import COUNT, DAY, MONTH, NUMBER, TEXT, DataTable, Money, Percent, Reworded
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.currency_lists.result import CurrencyResult

say = texts(__name__)


def item_words(offer: str, item: str) -> str:
    """Write what a price is of: "Team, each month", "Team, per seats"."""
    return say("price_of", offer=offer, item=metric_words(item)) if item else say("fee_of", offer=offer)


def prices_table(result: CurrencyResult) -> DataTable:
    """Return each price of each list: what it was made of, how it stands in the list, and its worth then and now."""
    prices, home = result.prices, result.evidence.currency
    frame = prices.assign(
        what=[item_words(offer, item) for offer, item in zip(prices["offer"], prices["item"], strict=True)],
        listed=[exact_money(price, code) for price, code in zip(prices["price"], prices["currency"], strict=True)],
        how=[say("typed") if typed else say("converted") for typed in prices["typed"]],
    )
    money = Money(home, "bill")
    columns = [
        (say("price"), TEXT, "what"), (say("list"), TEXT, "currency"), (say("at_home"), Money(home, "exact"), "home"),
        (say("there"), TEXT, "listed"), (say("made"), TEXT, "how"), (say("worth_then"), money, "set"),
        (say("worth_now"), money, "now"), (say("drift"), Percent(1, signed=True), "drift"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)


def lists_table(result: CurrencyResult) -> DataTable:
    """Return each list: its accounts, their bills in it, what that is worth at home, and under the list at home."""
    lists, money = result.by_list, Money(result.evidence.currency)
    frame = lists.assign(
        billed=[
            exact_money(round(each, 2), code)
            for each, code in zip(lists["in_currency"], lists["currency"], strict=True)
        ],
        change=np.where(lists["one"] > 0, lists["own"] / lists["one"].replace(0, np.nan) - 1, np.nan),
    )
    columns = [
        (say("list"), TEXT, "currency"), ("accounts", COUNT), (say("billed"), Reworded(str), "billed"),
        (say("own"), money, "own"), (say("one"), money, "one"), (say("change"), Percent(1, signed=True), "change"),
        (say("gained"), money, "gained"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)


def worth_by_month(result: CurrencyResult) -> DataTable:
    """Return the year: what accounts would pay under one list, and under their own at the rate of each month."""
    money = Money(result.evidence.currency)
    columns = [
        ("month", MONTH), ("accounts", COUNT), (say("one"), money, "one"), (say("own"), money, "own"),
        (say("not_counted"), COUNT, "not_counted"),
    ]  # fmt: skip
    return DataTable.of_frame(result.months, columns)


def rates_table(result: CurrencyResult) -> DataTable:
    """Return the rates given, by currency and day."""
    rates = sorted(result.decision.dated_rates, key=lambda each: (each.currency, each.day))
    rows = [(each.currency, pd.Timestamp(each.day), float(each.worth)) for each in rates]
    columns = [(say("currency"), TEXT), (say("from"), DAY), (say("worth", home=result.evidence.currency), NUMBER)]
    return DataTable.of_rows(columns, rows)
