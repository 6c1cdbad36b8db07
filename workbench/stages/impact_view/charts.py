"""Charts of an impact: what moves revenue, who pays more, and which limits hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import count, money, percent
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.impact_view.ahead.charts import migration_figures, range_figures
from workbench.stages.impact_view.steady.charts import steady_figures
from workbench.stages.impact_view.tables import (
    SIGNS,
    WORDS,
    accounts_table,
    bridge_table,
    distribution_table,
    guardrail_table,
    largest_first,
    rise_words,
    signed,
)
from workbench.stages.later import later

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import Comparison, GuardrailReport
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.outcome import ImpactResult

MOST_POINTS = 1_500
LARGEST = 300
TABLE_ROWS = 200
ROOM_FOR_WORDS = 1.2  # of the longest bar: where the axis ends, so that amounts beside bars fit in
LOG_TICKS = [digit * 10.0**power for power in range(-2, 9) for digit in (1, 3)]
WAYS = ("pays more", "pays less", "no change")
_WAY_COLOURS = {"pays more": PALETTE.breach, "pays less": PALETTE.ours, "no change": PALETTE.today}
_SHAPES = ("triangle-up", "triangle-down", "circle")
_KINDS = {"total": PALETTE.today, "adds": PALETTE.ok, "takes away": PALETTE.breach}


def figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the figures of an impact: bridge, bills, distribution, guardrails, paths, ranges, steadier revenue."""
    ahead = (*migration_figures(result), *range_figures(result))
    return (*price_figures(result), *ahead, *steady_figures(result.steady))


def price_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return what the prices alone do: bridge, old against new bill, distribution, guardrails."""
    leading = leading_figures(result)
    if not leading or result.comparison is None or result.guardrails is None:
        return ()
    bridge, bands = leading
    return (
        bridge,
        _bills(result.comparison, result.limits.steep_rise, result.by_size),
        bands,
        *((_guardrails(result.guardrails),) if result.guardrails.checks else ()),
    )


def leading_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the figures that follow a price on the move: bridge and distribution, from sums instead of accounts."""
    if result.bridge is None or result.bands is None:
        return ()
    return (_bridge(result.bridge, result.scenario.name), _distribution(result.bands, result))


def _bridge(bridge: Bridge, name: str) -> Figure:
    found, months = bridge.table(), bridge.months
    at, rows = bridge.before / months, [("Today", 0.0, bridge.before / months, "total", bridge.before / months)]
    for cause, change in zip(found["cause"], found["change"], strict=True):
        rows.append((str(cause), at, at + change, "adds" if change > 0 else "takes away", change))
        at += change
    rows.append(("New prices", 0.0, bridge.after / months, "total", bridge.after / months))
    frame = pd.DataFrame(rows, columns=["step", "start", "end", "kind", "amount"])
    totals = frame["kind"] == "total"
    frame["shown"] = [
        money(each, bridge.currency) if total else signed(each, bridge.currency)
        for each, total in zip(frame["amount"], totals, strict=True)
    ]
    frame["place"] = frame[["start", "end"]].max(axis=1)
    frame["edge"] = frame["place"].max() * ROOM_FOR_WORDS
    return Figure(
        key="bridge",
        title="From today's revenue to the new one",
        description=f"Steps from revenue under today's prices to revenue under {name}, one bar per cause.",
        reading=later(lambda: _bridge_reading(bridge, found)),
        build=partial(_bridge_chart, tuple(frame["step"]), bridge.currency),
        data={"bridge": frame},
        table=later(lambda: bridge_table(bridge)),
        table_caption="What moves revenue a month, by cause; the causes sum to the change",
        signature=(tuple(frame["step"]), bridge.currency),
        footnotes=later(lambda: _apart(bridge)),
        height=40 + 34 * len(frame),
    )


def _bridge_reading(bridge: Bridge, found: pd.DataFrame) -> str:
    change = (bridge.after - bridge.before) / bridge.months
    share = percent(bridge.after / bridge.before - 1, 1, signed=True) if bridge.before else "from nothing"
    text = f"Revenue from the same account-months changes by {signed(change, bridge.currency)} a month ({share})."
    if found.empty:
        return f"{text} No bill changes."
    cause, amount = str(found["cause"].iloc[0]), float(found["change"].iloc[0])
    return f"{text} The largest step is {cause[0].lower()}{cause[1:]}: {signed(amount, bridge.currency)}."


def _apart(bridge: Bridge) -> tuple[str, ...]:
    if not (bridge.only_before or bridge.only_after):
        return ()
    one, other = (money(each / bridge.months, bridge.currency) for each in (bridge.only_before, bridge.only_after))
    return (f"Not comparable and in no bar: {one} a month billed today only, {other} under the new prices only.",)


def _bridge_chart(steps: tuple[str, ...], currency: str) -> Any:  # noqa: ANN401 - altair names too many kinds
    data = alt.NamedData("bridge")
    place = alt.Y("step:N", title=None, sort=list(steps), axis=alt.Axis(labelLimit=210))
    bars = (
        alt.Chart(data)
        .mark_bar(height=20, cornerRadius=1)
        .encode(
            y=place,
            x=alt.X(
                "start:Q",
                title="revenue a month",
                axis=alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=4),
            ),
            x2="end:Q",
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(_KINDS), range=list(_KINDS.values()))),
        )
    )
    words = alt.Chart(data).mark_text(align="left", dx=6).encode(y=place, x=alt.X("place:Q"), text=alt.Text("shown:N"))
    room = alt.Chart(data).mark_point(opacity=0).encode(y=place, x=alt.X("edge:Q"))
    return alt.layer(room, bars, words)


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
                f"{money(old, comparison.currency)} to {money(new, comparison.currency)} ({rise_words(rise)})"
                for old, new, rise in zip(drawable["before"], drawable["after"], drawable["percent"], strict=True)
            ],
        }
    ).reset_index(drop=True)
    return frame, " ".join(said)


def _bills(comparison: Comparison, steep: float, by_size: NDArray[np.intp] | None) -> Figure:
    frame, left_out = points(comparison, by_size)
    ends = [frame[["before", "after"]].min().min(), frame[["before", "after"]].max().max()] if len(frame) else [1, 10]
    above, mark = comparison.share_above(steep), percent(steep, signed=True)
    return Figure(
        key="old_new",
        title="Old bill against new bill, account by account",
        description="One mark per account: its mean monthly bill today across, under the new prices upwards.",
        reading=f"Marks above the line pay more. {percent(above, 1)} of accounts rise by more than {mark}.",
        build=partial(_bills_chart, comparison.currency),
        data={"accounts": frame, "same": pd.DataFrame({"before": ends, "after": ends})},
        table=later(lambda: accounts_table(comparison, TABLE_ROWS)),
        table_caption=f"Mean bill a month, the {min(TABLE_ROWS, len(comparison.accounts))} largest changes",
        signature=comparison.currency,
        footnotes=(left_out,) if left_out else (),
        height=340,
    )


def _bills_chart(currency: str) -> Any:  # noqa: ANN401 - as above
    axis = alt.Axis(labelExpr=money_expression(currency, ",.3~s"), values=LOG_TICKS, grid=True)
    scale = alt.Scale(type="log", nice=False)
    across = alt.X("before:Q", title="bill a month today", scale=scale, axis=axis)
    upwards = alt.Y("after:Q", title="under the new prices", scale=scale, axis=axis)
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


def _distribution(bands: pd.DataFrame, result: ImpactResult) -> Figure:
    return Figure(
        key="distribution",
        title="How bills change",
        description="Bars that count the accounts by how much their bill changes.",
        reading=later(lambda: _spread_reading(result)),
        build=partial(_distribution_chart, tuple(bands["band"])),
        data={"bands": bands},
        table=later(lambda: distribution_table(bands)),
        table_caption=f"Bill change of {int(bands['accounts'].sum()):,} accounts",
        signature=tuple(bands["band"]),
        height=300,
    )


def _spread_reading(result: ImpactResult) -> str:
    assert result.comparison is not None  # noqa: S101 - drawn only where there is one
    spread = result.comparison.spread
    ends = ", ".join(rise_words(each) for each in (spread.p5, spread.p50, spread.p95))
    return f"Bill change of the account at 5%, in the middle, and at 95%: {ends}."


def _distribution_chart(bands: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    data = alt.NamedData("bands")
    place = alt.Y("band:N", title=None, sort=list(bands))
    ways = alt.Scale(domain=list(WAYS), range=[_WAY_COLOURS[way] for way in WAYS])
    amount = alt.X("accounts:Q", title="accounts", axis=alt.Axis(format=AXIS_FORMATS["whole"], tickMinStep=1))
    bars = alt.Chart(data).mark_bar().encode(y=place, x=amount, color=alt.Color("way:N", title=None, scale=ways))
    counts = alt.Chart(data).mark_text(align="left", dx=4)
    return alt.layer(bars, counts.encode(y=place, x=amount, text=alt.Text("accounts:Q", format=AXIS_FORMATS["whole"])))


def _guardrails(report: GuardrailReport) -> Figure:
    known = [check for check in report.checks if check.measured is not None and np.isfinite(check.measured)]
    rows = [
        (
            f"{SIGNS[check.verdict]} {WORDS[check.verdict]}: {check.title} {check.subject}".strip(),
            check.measured,
            check.limit,
            check.verdict,
            check.sentence,
        )
        for check in known
    ]
    frame = pd.DataFrame(rows, columns=["guardrail", "measured", "limit", "verdict", "sentence"])
    failing = len(report.failures)
    verdict = f"{count('limit', failing)} of {len(report.checks)} crossed." if failing else "Every limit is kept."
    unknown = len(report.checks) - len(known)
    return Figure(
        key="guardrails",
        title="Guardrails: limits and what was found",
        description="One row per limit: a mark for what was found and a bar for the limit.",
        reading=verdict + (f" {count('limit', unknown)} could not be measured." if unknown else ""),
        build=partial(_guardrails_chart, tuple(frame["guardrail"])),
        data={"guardrails": frame},
        table=later(lambda: guardrail_table(report)),
        table_caption="Limits of this study",
        signature=tuple(frame["guardrail"]),
        height=40 + 28 * max(1, len(frame)),
    )


def _guardrails_chart(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    data = alt.NamedData("guardrails")
    place = alt.Y("guardrail:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=250))
    across = alt.X(
        "measured:Q", title="found (dot) and limit (bar)", axis=alt.Axis(format=AXIS_FORMATS["percent"], tickCount=5)
    )
    verdicts = alt.Scale(domain=["pass", "fail"], range=[PALETTE.ok, PALETTE.breach])
    dots = alt.Chart(data).mark_point(filled=True, size=90, opacity=1)
    dots = dots.encode(
        y=place,
        x=across,
        color=alt.Color("verdict:N", title=None, scale=verdicts),
        shape=alt.Shape("verdict:N", title=None, scale=alt.Scale(domain=["pass", "fail"], range=["circle", "cross"])),
        tooltip=alt.Tooltip("sentence:N", title="Found"),
    )
    limits = alt.Chart(data).mark_tick(thickness=3, height=20, orient="vertical", color=PALETTE.today)
    return alt.layer(limits.encode(y=place, x=alt.X("limit:Q")), dots)
