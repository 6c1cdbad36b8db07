"""Charts of accounts: old bill against new bill, and how bills change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import billed, count, exact_percent, percent
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.impact_view.accounts.tables import (
    accounts_table,
    distribution_table,
    largest_first,
)
from workbench.stages.later import later

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import Comparison
    from workbench.stages.impact_view.outcome import ImpactResult

MOST_POINTS = 1_500
LARGEST = 300
TABLE_ROWS = 200
LOG_TICKS = [digit * 10.0**power for power in range(-2, 9) for digit in (1, 3)]
WAYS = ("pays more", "pays less", "no change")
_WAY_COLOURS = {"pays more": PALETTE.breach, "pays less": PALETTE.ours, "no change": PALETTE.today}
_ROOM_FOR_COUNTS = 1.12  # of the longest bar: where the axis ends, so that the count beside it fits in
_SHAPES = ("triangle-up", "triangle-down", "circle")


def points(comparison: Comparison, by_size: NDArray[np.intp] | None = None) -> tuple[pd.DataFrame, str]:
    """Return the accounts to draw (at most 1,500) and, in a sentence, those that are left out.

    `by_size` puts the accounts in the order of today's bill; it is worked out where it is not given.
    """
    table = comparison.accounts
    before, after, changes = (table[name].to_numpy(dtype=float) for name in ("before", "after", "change"))
    order = np.argsort(before, kind="stable") if by_size is None else by_size
    order = order[((before > 0) & (after > 0))[order]]
    said = []
    if without := len(table) - len(order):
        said.append(f"{count('account', without)} with a bill of nothing on one side cannot stand on this scale.")
    if len(order) > MOST_POINTS:
        left = len(order) - MOST_POINTS
        largest = largest_first(changes[order], LARGEST)
        rest = np.delete(order, largest)
        take = np.linspace(0, len(rest) - 1, MOST_POINTS - LARGEST).round().astype(int)
        order = np.concatenate([order[largest], rest[take]])
        said.append(
            f"Drawn are the {LARGEST} largest changes and every so many of the others by size of bill; "
            f"{count('account', left)} are left out."
        )
    drawable = table.iloc[order]
    change = drawable["change"].to_numpy(dtype=float)
    way = np.where(np.abs(change) <= 0.005, WAYS[2], np.where(change > 0, WAYS[0], WAYS[1]))  # noqa: PLR2004 - half a cent
    frame = pd.DataFrame(
        {
            "account_id": drawable["account_id"],
            "segment": drawable["segment"],
            "before": drawable["before"].round(2),
            "after": drawable["after"].round(2),
            "way": way,
            "told": [
                f"{billed(old, comparison.currency)} to {billed(new, comparison.currency)} "
                f"({percent(rise, 1, signed=True)})"
                for old, new, rise in zip(drawable["before"], drawable["after"], drawable["percent"], strict=True)
            ],
        }
    ).reset_index(drop=True)
    return frame, " ".join(said)


def bills_figure(comparison: Comparison, steep: float, by_size: NDArray[np.intp] | None) -> Figure:
    """Return old against new bill, a mark per account; `steep` is the rise named in the reading."""
    frame, left_out = points(comparison, by_size)
    ends = [frame[["before", "after"]].min().min(), frame[["before", "after"]].max().max()] if len(frame) else [1, 10]
    above, mark, people = comparison.share_above(steep), exact_percent(steep), f"{len(comparison.accounts):,} accounts"
    return Figure(
        key="old_new",
        title="Old bill against new bill, account by account",
        description="One mark per account: its mean monthly bill today across, under the new prices upwards.",
        reading=f"Marks above the line pay more. The bills of {percent(above, 1)} of {people} rise more than {mark}; "
        f"{comparison.period}.",
        build=partial(_bills_chart, comparison.currency),
        data={"accounts": frame, "same": pd.DataFrame({"before": ends, "after": ends})},
        table=later(lambda: accounts_table(comparison, TABLE_ROWS)),
        table_caption=f"Mean bill a month, the {min(TABLE_ROWS, len(comparison.accounts))} largest changes; "
        f"{comparison.period}, {people}",
        signature=comparison.currency,
        footnotes=(left_out,) if left_out else (),
        height=340,
    )


def _bills_chart(currency: str) -> Any:  # noqa: ANN401 - as above
    axis = alt.Axis(labelExpr=money_expression(currency, ",.3~s"), values=LOG_TICKS, grid=True)
    scale = alt.Scale(type="log", nice=False)
    across = alt.X("before:Q", title="Bill a month today", scale=scale, axis=axis)
    upwards = alt.Y("after:Q", title="Bill a month under the new prices", scale=scale, axis=axis)
    ways = alt.Scale(domain=list(WAYS), range=[_WAY_COLOURS[way] for way in WAYS])
    marks = (
        alt.Chart(alt.NamedData("accounts"))
        .mark_point(size=34, opacity=0.75, filled=True, cursor="pointer")
        .encode(
            x=across,
            y=upwards,
            color=alt.Color("way:N", title=None, scale=ways),
            shape=alt.Shape("way:N", title=None, scale=alt.Scale(domain=list(WAYS), range=list(_SHAPES))),
            tooltip=[
                alt.Tooltip("account_id:N", title="Account"),
                alt.Tooltip("segment:N", title="Segment"),
                alt.Tooltip("told:N", title="Bill a month"),
            ],
        )
    )
    line = alt.Chart(alt.NamedData("same")).mark_line(strokeWidth=1, strokeDash=[5, 4], color=PALETTE.today)
    return alt.layer(line.encode(x=across, y=upwards), marks)


def distribution_figure(bands: pd.DataFrame, result: ImpactResult) -> Figure:
    """Return how many accounts fall into each band of bill change."""
    return Figure(
        key="distribution",
        title="How bills change",
        description="Bars that count the accounts by how much their bill changes.",
        reading=later(lambda: _spread_reading(result)),
        build=partial(_distribution_chart, tuple(bands["band"])),
        data={"bands": bands.assign(edge=bands["accounts"].max() * _ROOM_FOR_COUNTS)},
        table=later(lambda: distribution_table(bands)),
        table_caption=f"Bill change; {result.compared}",
        signature=tuple(bands["band"]),
        height=300,
    )


def _spread_reading(result: ImpactResult) -> str:
    assert result.comparison is not None  # noqa: S101 - drawn only where there is one
    spread = result.comparison.spread
    ends = ", ".join(percent(each, 1, signed=True) for each in (spread.p5, spread.p50, spread.p95))
    people = f"{len(result.comparison.accounts):,} accounts"
    return f"Of {people}, from the largest fall to the largest rise: at 5%, in the middle, and at 95% of them {ends}."


def _distribution_chart(bands: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    data = alt.NamedData("bands")
    place = alt.Y("band:N", title=None, sort=list(bands), scale=alt.Scale(type="band", paddingInner=0.12))
    ways = alt.Scale(domain=list(WAYS), range=[_WAY_COLOURS[way] for way in WAYS])
    amount = alt.X(
        "accounts:Q", title="Accounts", axis=alt.Axis(format=AXIS_FORMATS["whole"], tickMinStep=1, tickCount=6)
    )
    bars = alt.Chart(data).mark_bar().encode(y=place, x=amount, color=alt.Color("way:N", title=None, scale=ways))
    counts = alt.Chart(data).mark_text(align="left", dx=4)
    room = alt.Chart(data).mark_point(opacity=0).encode(y=place, x=alt.X("edge:Q"))
    return alt.layer(
        room, bars, counts.encode(y=place, x=amount, text=alt.Text("accounts:Q", format=AXIS_FORMATS["whole"]))
    )
