"""What discount policy shows: discounts by size, and what a floor under them would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages.figure import figure_maker
from workbench.stages.marks import LOG, by_money, by_share, dots, picture, reference, tips
from workbench.stages.view import Figures, KeyFigures, Said, SectionView, TableOf, View
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discount_policy.decision import DiscountDecision
    from discount_policy.evaluation import DiscountResult
    from workbench.stages.figure import Figure

say, draw = texts(__name__), figure_maker(__package__)


def summarise(decision: DiscountDecision, result: DiscountResult) -> str:
    """Return the floor and what it brings, in one sentence."""
    if not len(result.evidence.paid):
        return say("nothing_to_judge", floor=decision.floor)
    return say(
        "summary", floor=decision.floor, below=int(result.below.sum()), gain=result.gain,
        currency=result.evidence.currency, leaving=decision.leaving,
    )  # fmt: skip


def break_even_sentence(result: DiscountResult) -> Iterable[str]:
    """Say how many of those raised may leave before the floor costs more than it brings."""
    if result.break_even is None:
        return [say("nobody_is_raised")] if len(result.evidence.paid) else []
    return [say("may_leave", share=result.break_even)]


def figures(result: DiscountResult) -> tuple[Figure, ...]:
    """Return the one figure: the share of its list price each account pays, by the size of that price."""
    known = result.evidence
    accounts = pd.DataFrame({"account": known.account_ids.astype(str), "listed": known.listed, "share": known.share})
    floor = pd.DataFrame({"floor": [result.decision.floor] if len(accounts) else []})
    chart = picture(
        dots(opacity=0.5, size=40),
        reference("floor", "floor", on="y"),
        x=by_money("listed", say("list_price", currency=known.currency), known.currency, scale=LOG),
        y=by_share("share", say("share_paid")),
        tips=tips(account=say("account")),
    )
    by_size = draw(
        "by_size",
        chart,
        {"dots": accounts, "floor": floor},
        result.tables["by_size"],
        accounts=len(accounts),
        below=int(result.below.sum()),
        floor=result.decision.floor,
        currency=known.currency,
    )
    return (by_size,)


VIEW = View(
    leading=("by_size",),
    sections=(
        SectionView(
            key="floor",
            settings=(("floor", "leaving"),),
            parts=(
                KeyFigures(),
                Said("break_even", break_even_sentence),
                Figures(("by_size",)),
                TableOf("below_floor", folded=True, most_rows=200),
            ),
        ),
    ),
)
