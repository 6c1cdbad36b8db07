"""Charts of an impact: what moves revenue, who pays more, and which limits hold."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import count, money, percent
from workbench.impact.guardrail_report import VERDICT_WORDS
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.impact_view.accounts.charts import bills_figure, distribution_figure
from workbench.stages.impact_view.accounts.tables import signed
from workbench.stages.impact_view.ahead.charts import migration_figures, range_figures
from workbench.stages.impact_view.steady.charts import steady_figures
from workbench.stages.impact_view.tables import SIGNS, bridge_table, guardrail_table
from workbench.stages.later import later

if TYPE_CHECKING:
    from workbench.impact import GuardrailReport
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.outcome import ImpactResult

ROOM_FOR_WORDS = 1.45  # of the longest bar: where the axis ends, so that amounts beside bars fit in
_KINDS = {"total": PALETTE.today, "adds": PALETTE.ok, "takes away": PALETTE.breach}


def figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the figures of an impact: bridge, bills, distribution, guardrails, paths, ranges, steadier revenue."""
    return tuple(chain.from_iterable(figures_by_part(result).values()))


def figures_by_part(result: ImpactResult) -> dict[str, tuple[Figure, ...]]:
    """Return the same figures by the part of the story they belong to."""
    return {
        "prices": price_figures(result),
        "migration": migration_figures(result),
        "ranges": range_figures(result),
        "steady": steady_figures(result.steady),
    }


def price_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return what the prices alone do: bridge, old against new bill, distribution, guardrails."""
    leading = leading_figures(result)
    if not leading or result.comparison is None:
        return ()
    (bridge, bands), limits = leading, guardrail_figure(result)
    return (
        bridge,
        bills_figure(result.comparison, result.limits.steep_rise, result.by_size),
        bands,
        *(() if limits is None else (limits,)),
    )


def guardrail_figure(result: ImpactResult) -> Figure | None:
    """Return limits and what was found; None where nothing was, or where no limit is set."""
    report = result.guardrails
    return None if report is None or not report.checks else _guardrails(report, result.compared)


def leading_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the figures that follow a price on the move: bridge and distribution, from sums instead of accounts."""
    if result.bridge is None or result.bands is None:
        return ()
    return (_bridge(result.bridge, result), distribution_figure(result.bands, result))


def _bridge(bridge: Bridge, result: ImpactResult) -> Figure:
    name = result.scenario.name
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
        table=later(lambda: bridge_table(bridge, paid=result.is_paid)),
        table_caption=f"What moves revenue a month, by cause; the causes sum to the change; {result.compared}",
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
                title="Revenue a month",
                axis=alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=4),
            ),
            x2="end:Q",
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(_KINDS), range=list(_KINDS.values()))),
        )
    )
    words = alt.Chart(data).mark_text(align="left", dx=6).encode(y=place, x=alt.X("place:Q"), text=alt.Text("shown:N"))
    room = alt.Chart(data).mark_point(opacity=0).encode(y=place, x=alt.X("edge:Q"))
    return alt.layer(room, bars, words)


def _guardrails(report: GuardrailReport, compared: str) -> Figure:
    known = [check for check in report.checks if check.measured is not None and np.isfinite(check.measured)]
    rows = [
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}: {check.title} {check.subject}".strip(),
            check.measured,
            check.limit,
            check.verdict,
            check.sentence,
        )
        for check in known
    ]
    frame = pd.DataFrame(rows, columns=["guardrail", "measured", "limit", "verdict", "sentence"])
    failing, unknown = len(report.failures), report.unmeasured
    kept = "No limit is crossed." if unknown else "Every limit is kept."
    said = [f"{count('limit', failing)} of {len(report.checks)} crossed." if failing else kept]
    if unknown:
        said.append(f"{count('limit', unknown)} could not be measured.")
    if endless := len(report.checks) - len(known) - unknown:
        said.append(f"{count('rise', endless)} from nothing cannot be drawn.")
    return Figure(
        key="guardrails",
        title="Guardrails: limits and what was found",
        description="One row per limit: a mark for what was found and a bar for the limit.",
        reading=" ".join(said),
        if_empty=" ".join(said),
        build=partial(_guardrails_chart, tuple(frame["guardrail"])),
        data={"guardrails": frame},
        table=later(lambda: guardrail_table(report)),
        table_caption=f"Limits of this study; {compared}",
        signature=tuple(frame["guardrail"]),
        height=40 + 28 * max(1, len(frame)),
    )


def _guardrails_chart(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    data = alt.NamedData("guardrails")
    place = alt.Y("guardrail:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=250))
    across = alt.X(
        "measured:Q",
        title="Found (mark) and limit (bar)",
        axis=alt.Axis(format=AXIS_FORMATS["percent"], tickCount=5),
        scale=alt.Scale(padding=14),
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
