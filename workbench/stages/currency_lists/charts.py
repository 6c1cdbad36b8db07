"""The charts of the stage: each price beside the one it was made of, and the year under one list and under several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages import marks
from workbench.stages.currency_lists.tables import item_words
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.currency_lists.result import CurrencyResult

say, draw = texts(__name__), figure_maker(__package__)
ONE, OWN = "one list", "own lists"
_LINES = {ONE: PALETTE.today, OWN: PALETTE.ours}
_MOST_PRICES = 24


def figures(result: CurrencyResult) -> tuple[Figure, ...]:
    """Return the two figures of the stage."""
    return (_beside_home(result), _by_month(result))


def _beside_home(result: CurrencyResult) -> Figure:
    prices = result.prices.dropna(subset=["now"])
    kept = list(dict.fromkeys(zip(prices["offer"], prices["item"], strict=True)))[:_MOST_PRICES]
    shown = [key in kept for key in zip(prices["offer"], prices["item"], strict=True)]
    prices = prices[pd.Series(shown, index=prices.index, dtype=bool)]
    rows = pd.DataFrame(
        {
            "price": [item_words(*key) for key in zip(prices["offer"], prices["item"], strict=True)],
            "currency": prices["currency"],
            "of home": prices["now"].astype(float) / prices["home"].astype(float),
        }
    )
    codes = tuple(dict.fromkeys(rows["currency"]))
    drawn = marks.picture(
        marks.reference(1),
        marks.dots(),
        x=marks.by_share("of home", say("of_home", home=result.evidence.currency), scale=marks.FREE),
        y=marks.by_name("price", tuple(item_words(*key) for key in kept), wrap=26),
        by=marks.roles("currency", marks.in_series(codes), title=say("list")),
        tips=marks.tips(price=say("price"), currency=say("list"), **{"of home": (say("of_price"), ".1%")}),
    )
    return draw(
        "beside_home", drawn, {"prices": rows}, result.tables["prices"] if len(rows) else None,
        home=result.evidence.currency, lists=len(codes), waiting=result.waiting, has_lists=bool(result.decision.lists),
    )  # fmt: skip


def _by_month(result: CurrencyResult) -> Figure:
    months, currency = result.months, result.evidence.currency
    known = months[months["accounts"] > 0]
    lines = pd.concat(
        [
            pd.DataFrame({"month": known["month"], "money": known[column].astype(float).round(2), "line": name})
            for column, name in (("one", ONE), ("own", OWN))
        ]
    )
    title = say("money", currency=currency)
    drawn = marks.picture(
        marks.line_marks(),
        marks.dots(size=40),
        x=marks.by_month(),
        y=marks.by_money("money", title, currency, marks.BIG_MONEY, scale=marks.FREE),
        by=marks.line_roles("line", _LINES),
        tips=marks.tips(month=(say("month"), "month"), money=(title, ",.0f"), line=say("lists")),
    )
    return draw(
        "by_month",
        drawn,
        {"months": lines},
        result.tables["months"] if len(known) else None,
        signature=(currency,),
        currency=currency,
        months=len(known),
        has_lists=bool(result.decision.lists),
        why=result.why_not,
        more=float((known["own"] - known["one"]).sum()),
        not_counted=int(months["not_counted"].sum()) if len(months) else 0,
    )
