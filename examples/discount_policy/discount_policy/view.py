"""What discount policy shows: discounts by size, and what a floor under them would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.stages.figure import figure_maker, money_expression
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
    dots = pd.DataFrame({"account": known.account_ids.astype(str), "listed": known.listed, "share": known.share})
    floor = pd.DataFrame({"floor": [result.decision.floor] if len(dots) else []})
    by_size = draw(
        "by_size",
        lambda: _by_size(known.currency),
        {"dots": dots, "floor": floor},
        result.tables["by_size"],
        signature=(known.currency,),
        accounts=len(dots),
        below=int(result.below.sum()),
        floor=result.decision.floor,
        currency=known.currency,
    )
    return (by_size,)


def _by_size(currency: str) -> Any:  # noqa: ANN401 - a chart
    import altair as alt  # noqa: PLC0415 - the words of a stage need no chart library

    axis = alt.Axis(labelExpr=money_expression(currency))
    listed = alt.X("listed:Q", scale=alt.Scale(type="log"), title=say("list_price", currency=currency), axis=axis)
    share = alt.Y("share:Q", title=say("share_paid"), axis=alt.Axis(format=".0%"))
    dots = alt.Chart(alt.NamedData("dots")).mark_circle(opacity=0.5).encode(x=listed, y=share, tooltip=["account:N"])
    line = alt.Chart(alt.NamedData("floor")).mark_rule(strokeDash=[4, 4]).encode(y="floor:Q")
    return alt.layer(dots, line)


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
