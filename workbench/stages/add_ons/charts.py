"""The charts of the stage with their rows.

Candidates, prices in their band, revenue, eligibility over time, overlap.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import count, exact_percent, money, percent, priced, short_money, thousands
from workbench.stages.add_ons import words
from workbench.stages.add_ons.result import GROUPS, SOON_DAYS
from workbench.stages.add_ons.tables import TOGETHER
from workbench.stages.figure import AXIS_FORMATS, PALETTE, Figure, broken_names, layered, money_expression
from workbench.stages.tiers.words import per_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.stages.add_ons.result import AddOnCandidate, AddOnResult

say = texts(__name__)

# --- The rows the charts of the stage draw

MOST_CANDIDATES = 20
LONGEST_GATE = 360
STANDINGS = (
    "eligible now",
    f"within {SOON_DAYS} days",
    "later",
    "too little use",
    "in their tier already",
    "not known",
)
_STEP_DAYS = 15


def shown_candidates(result: AddOnResult) -> tuple[AddOnCandidate, ...]:
    """Return the candidates a chart shows: features with a known share, those most accounts want, most used first."""
    known = [each for each in result.candidates if each.benefit is not None and each.benefit.share is not None]
    wanted = sorted(known, key=lambda each: (-(each.interested or 0), each.name))[:MOST_CANDIDATES]
    return tuple(sorted(wanted, key=lambda each: (-(each.benefit.users if each.benefit else 0), each.name)))


def candidate_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per candidate shown: share of users with its interval, group, and the share asking for it."""
    rows = []
    for each in shown_candidates(result):
        benefit = each.benefit
        if benefit is None or benefit.share is None:
            continue
        asking = None if each.asking_share is None else each.asking_share.estimate or None  # nobody asks: no mark
        rows.append(
            {
                "candidate": each.name,
                "group": each.group,
                "share": benefit.share.estimate,
                "low": benefit.share.low,
                "high": benefit.share.high,
                "asking": asking,
                "use": say(
                    "to",
                    estimate=benefit.share.estimate,
                    low=benefit.share.low,
                    high=benefit.share.high,
                    users=benefit.users,
                ),
                "ask": "not recorded" if each.asking is None else count("account", each.asking),
                "order": each.order or "not known",
                "tiers": ", ".join(each.in_tiers) or "none",
            }
        )
    return pd.DataFrame(
        rows, columns=["candidate", "group", "share", "low", "high", "asking", "use", "ask", "order", "tiers"]
    )


def add_on_price_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on with a known share of the core plan: share, verdict, price in words."""
    status = {finding.subject: finding.status for finding in result.findings if finding.rule_id == "A2"}
    rows = []
    for each in result.outcomes:
        if each.price_share is None or each.bounds is None:
            continue
        low, high = (money(end, result.currency) for end in each.bounds)
        rows.append(
            {
                "add_on": each.name,
                "share": each.price_share,
                "status": status.get(each.name, "unknown"),
                "text": f"{priced(each.price, result.currency)} ({percent(each.price_share)})",
                "usual": f"{low} to {high} {per_words(each.choice.price_per)}",
            }
        )
    return pd.DataFrame(rows, columns=["add_on", "share", "status", "text", "usual"])


def revenue_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on of known revenue, and one for all of them: low, middle, high, in words."""
    named = [(each.name, each.revenue, "one add-on") for each in result.outcomes]
    if len(named) > 1:
        named.append((TOGETHER, result.revenue, "all add-ons"))
    rows = [
        {
            "add_on": name,
            "low": revenue.low,
            "middle": revenue.estimate,
            "high": revenue.high,
            "kind": kind,
            "text": f"{short_money(revenue.low, result.currency)} to {short_money(revenue.high, result.currency)}",
        }
        for name, revenue, kind in named
        if revenue is not None
    ]
    return pd.DataFrame(rows, columns=["add_on", "low", "middle", "high", "kind", "text"])


def standing_rows(result: AddOnResult) -> pd.DataFrame:
    """Return how many active accounts stand where at the gate of each add-on; every account counts once."""
    rows = []
    for each in result.outcomes:
        gate = each.eligibility
        if not gate.usage_recorded:
            continue
        now, soon = gate.count, int(gate.soon.sum())
        later = int((gate.days_to_go > SOON_DAYS).sum())
        included = int(gate.included.sum())
        little = len(result.evidence) - now - soon - later - included - gate.unknown
        counts = (now, soon, later, little, included, gate.unknown)
        rows += [
            (each.name, standing, order, accounts)
            for order, (standing, accounts) in enumerate(zip(STANDINGS, counts, strict=True))
            if accounts
        ]
    return pd.DataFrame(rows, columns=["add_on", "standing", "order", "accounts"])


def gate_rows(result: AddOnResult) -> pd.DataFrame:
    """Return how many accounts would be eligible today for each add-on if its gate waited longer or less long."""
    rows = [
        (each.name, days, each.eligibility.if_waiting(result.evidence, days))
        for each in result.outcomes
        if each.eligibility.usage_recorded
        for days in range(0, LONGEST_GATE + 1, _STEP_DAYS)
    ]
    return pd.DataFrame(rows, columns=["add_on", "days", "accounts"])


def gate_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same counts with a row per length of the gate and a column per add-on."""
    wide = rows.pivot_table(index="days", columns="add_on", values="accounts", sort=False).astype(int)
    return wide.rename_axis(columns=None).reset_index().rename(columns={"days": "the gate waits (days)"})


def chosen_gates(result: AddOnResult) -> pd.DataFrame:
    """Return the gate chosen for each add-on, and how many accounts pass it."""
    rows = [
        (each.name, each.choice.tenure_days, each.eligibility.count)
        for each in result.outcomes
        if each.eligibility.usage_recorded
    ]
    return pd.DataFrame(rows, columns=["add_on", "days", "accounts"])


def overlap_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per cell of the overlap matrix: accounts wanting both, as count and share of the row's add-on."""
    known = [each for each in result.outcomes if each.interest is not None]
    rows = []
    for first in known:
        for second in known:
            if first.interest is None or second.interest is None:
                continue
            wants = int(first.interest.shown.sum())
            both = int(np.count_nonzero(first.interest.shown & second.interest.shown))
            same = first is second
            share = both / wants if wants else None
            rows.append(
                {
                    "first": first.name,
                    "second": second.name,
                    "share": None if same else share,
                    "text": thousands(both) if same or share is None else f"{thousands(both)} ({percent(share)})",
                }
            )
    return pd.DataFrame(rows, columns=["first", "second", "share", "text"])


# --- The charts of the stage: candidates, prices in their band, revenue, eligibility over time, overlap

_ROW = 26
_BAR_ROW = 38
_LABEL = 230
_RANGES = say("ranges_from_the_data_the")
_STATUSES = {"ok": "inside the band", "watch": "close to its end", "breach": "outside the band", "unknown": "unknown"}
_STANDING_COLOURS = (PALETTE.ours, "#7FB2E5", "#B9D3EC", PALETTE.watch, PALETTE.ok, PALETTE.today)
_ASKED = say("asked_do_not_have_it")
_KINDS = {GROUPS[0]: PALETTE.ours, GROUPS[1]: PALETTE.watch, _ASKED: PALETTE.competitor}
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 1], [10, 4], [1, 3])


def figures(result: AddOnResult) -> tuple[Figure, ...]:
    """Return the figures the data allows: candidates, prices, revenue, from two on overlap, and who is eligible."""
    makers = (candidates_figure, price_figure, revenue_figure, overlap_figure, eligibility_figure, gate_figure)
    return tuple(figure for maker in makers if (figure := maker(result)) is not None)


def candidates_figure(result: AddOnResult) -> Figure | None:
    """Return the features few accounts use, with the line between tier and add-on; None without any."""
    rows = candidate_rows(result)
    line = result.rulebook.threshold("A5").high
    if rows.empty or line is None:
        return None
    asked = rows["asking"].notna().any()
    names = tuple(rows["candidate"])
    hidden = sum(each.benefit is not None and each.benefit.share is not None for each in result.candidates) - len(rows)
    notes = [say("points_with_intervals_of", evidence=len(result.evidence))]
    if hidden:
        notes.append(say("that_fewer_accounts_want_are", hidden=hidden))
    return Figure(
        key="candidates",
        title="Features few accounts use",
        description=say("share_of_accounts_using_each", rows=len(rows), line=line)
        + (say("diamonds_for_accounts_asking_for") if asked else "."),
        reading=words.candidates_sentence(rows, line),
        build=partial(candidates_chart, names),
        data={
            "candidates": rows,
            "line": pd.DataFrame(
                {"share": [line], "reach": [_reach(rows["high"].max(), line)], "text": [f"{exact_percent(line)} line"]}
            ),
        },
        table=result.tables["candidates"],
        table_caption="Candidates for add-ons",
        signature=names,
        footnotes=tuple(notes),
        height=_ROW * len(rows) + 40,
    )


def candidates_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """Draw points with intervals by feature, a rule at the line, and diamonds for requests."""
    y = alt.Y("candidate:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=_LABEL))
    x = alt.X(
        "share:Q",
        title="Share of active accounts",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(format=AXIS_FORMATS["percent"], grid=True),
    )
    base = alt.Chart(alt.NamedData("candidates")).encode(y=y)
    tips = [
        alt.Tooltip("candidate:N", title="Feature"),
        alt.Tooltip("use:N", title="Use it"),
        alt.Tooltip("ask:N", title=say("asked_do_not_have_it_2")),
        alt.Tooltip("order:N", title="Common order of adoption"),
        alt.Tooltip("tiers:N", title="In tiers"),
    ]
    colour = alt.Color("group:N", title=None, scale=_scale(_KINDS), legend=alt.Legend(columns=2))
    shape = alt.Shape(
        "group:N", title=None, scale=alt.Scale(domain=list(_KINDS), range=["circle", "square", "diamond"])
    )
    spans = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", color=colour, tooltip=tips)
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x=x, color=colour, shape=shape, tooltip=tips)
    asks = base.transform_calculate(group=f"'{_ASKED}'").mark_point(filled=True, size=75, opacity=1)
    asked = asks.transform_filter("isValid(datum.asking) && datum.asking > 0").encode(
        x=alt.X("asking:Q"), color=colour, shape=shape, tooltip=tips
    )
    rule = alt.Chart(alt.NamedData("line")).mark_rule(strokeDash=[5, 4], color=PALETTE.today).encode(x="share:Q")
    words = alt.Chart(alt.NamedData("line")).mark_text(align="left", dx=5, baseline="top")
    told = words.encode(x="share:Q", y=alt.value(2), text="text:N")
    return layered(rule, told, _room("line"), spans, points, asked)


def price_figure(result: AddOnResult) -> Figure | None:
    """Return each price against the band around the core plan; None when no share is known."""
    rows = add_on_price_rows(result)
    band = result.rulebook.threshold("A2")
    if rows.empty or band.low is None or band.high is None:
        return None
    inside = int((rows["status"] == "ok").sum())
    named = result.core.in_words(result.currency)
    return Figure(
        key="prices",
        title=say("prices_against_the_core_plan"),
        description=say("price_of_each_add_on", named=named, in_words=band.in_words()),
        reading=say("of_prices_lie_in_the", inside=inside, rows=len(rows), in_words=band.in_words(), named=named),
        build=partial(price_chart, tuple(rows["add_on"])),
        data={
            "prices": rows.assign(verdict=rows["status"].map(_STATUSES)),
            "band": pd.DataFrame(
                {"low": [band.low], "high": [band.high], "reach": [_reach(rows["share"].max(), band.high)]}
            ),
        },
        table=result.tables["add_ons"],
        table_caption=say("add_ons_with_their_price"),
        signature=tuple(rows["add_on"]),
        height=_BAR_ROW * len(rows) + 30,
    )


def price_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """Draw the band and a mark for each price, labelled with money and share."""
    band = (
        alt.Chart(alt.NamedData("band")).mark_rect(color=PALETTE.ok, opacity=0.16).encode(x=alt.X("low:Q"), x2="high:Q")
    )
    base = alt.Chart(alt.NamedData("prices")).encode(
        y=alt.Y("add_on:N", sort=list(names), title=None, axis=_name_axis(names))
    )
    domain = [_STATUSES[key] for key in PALETTE.statuses]
    points = base.mark_point(filled=True, size=120, opacity=1).encode(
        x=alt.X(
            "share:Q",
            title=say("price_as_share_of_the"),
            scale=alt.Scale(domainMin=0, nice=False),
            axis=alt.Axis(format=AXIS_FORMATS["percent"], tickCount=7, grid=True),
        ),
        color=alt.Color(
            "verdict:N", legend=None, scale=alt.Scale(domain=domain, range=list(PALETTE.statuses.values()))
        ),
        shape=alt.Shape(
            "verdict:N", legend=None, scale=alt.Scale(domain=domain, range=["circle", "triangle-up", "cross", "square"])
        ),
        tooltip=[
            alt.Tooltip("add_on:N", title="Add-on"),
            alt.Tooltip("text:N", title="Price a month"),
            alt.Tooltip("verdict:N", title="Against the band"),
            alt.Tooltip("usual:N", title="Usual"),
        ],
    )
    words = base.mark_text(align="left", dx=11).encode(x=alt.X("share:Q"), text="text:N")
    return layered(band, _room("band"), points, words)


def revenue_figure(result: AddOnResult) -> Figure | None:
    """Return the revenue range of each add-on and of all together; None when none is known."""
    rows = revenue_rows(result)
    if rows.empty or result.revenue is None:
        return None
    names = tuple(rows["add_on"])
    return Figure(
        key="revenue",
        title="Revenue a month",
        description=say("range_of_monthly_revenue_of", names=", ".join(names)),
        reading=words.revenue_sentence(result),
        build=partial(revenue_chart, names, result.currency),
        data={"revenue": rows, "room": pd.DataFrame({"reach": [_reach(rows["high"].max(), 0.0, 1.75)]})},
        table=result.tables["revenue"],
        table_caption=say("revenue_a_month_attach_range", day=result.evidence.day),
        signature=(names, result.currency),
        footnotes=(_RANGES,) if any(each.attach_is_from_data for each in result.outcomes) else (),
        height=_BAR_ROW * len(rows) + 30,
    )


def revenue_chart(names: tuple[str, ...], currency: str) -> alt.LayerChart:
    """Draw a bar from low to high for each add-on with its middle marked."""
    base = alt.Chart(alt.NamedData("revenue")).encode(
        y=alt.Y("add_on:N", sort=list(names), title=None, axis=_name_axis(names))
    )
    colour = alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(domain=["one add-on", "all add-ons"], range=[PALETTE.ours, PALETTE.today]),
    )
    tips = [alt.Tooltip("add_on:N", title="Add-on"), alt.Tooltip("text:N", title="A month")]
    bars = base.mark_bar(height=13, opacity=0.5, cornerRadius=5).encode(
        x=alt.X(
            "low:Q",
            title="Revenue a month",
            scale=alt.Scale(domainMin=0, nice=False),
            axis=alt.Axis(labelExpr=money_expression(currency, ",.2~s"), grid=True, tickCount=5),
        ),
        x2="high:Q",
        color=colour,
        tooltip=tips,
    )
    middles = base.mark_tick(thickness=3, height=19).encode(x=alt.X("middle:Q"), color=colour, tooltip=tips)
    words = base.mark_text(align="left", dx=6).encode(x=alt.X("high:Q"), text="text:N")
    return layered(_room("room"), bars, middles, words)


def eligibility_figure(result: AddOnResult) -> Figure | None:
    """Return where the accounts stand at each gate; None when no gate can be checked."""
    rows = standing_rows(result)
    if rows.empty:
        return None
    names = tuple(dict.fromkeys(rows["add_on"]))
    now, soon = result.eligible_for_any or 0, result.eligible_soon or 0
    return Figure(
        key="eligibility",
        title=say("who_may_be_offered_an"),
        description=say("active_accounts_by_where_they", names=", ".join(names), standings=", ".join(STANDINGS)),
        reading=say("of_pass_a_gate_today", now=now, evidence=len(result.evidence), soon=soon, soon_days=SOON_DAYS),
        build=partial(eligibility_chart, names),
        data={"standing": rows},
        table=result.tables["eligibility"],
        table_caption=say("eligible_accounts_as_of", day=result.evidence.day),
        signature=names,
        height=_BAR_ROW * len(names) + 60,
    )


def eligibility_chart(names: tuple[str, ...]) -> alt.Chart:
    """Draw one bar of accounts for each add-on, those eligible now at the left."""
    return (
        alt.Chart(alt.NamedData("standing"))
        .mark_bar(height=18)
        .encode(
            y=alt.Y("add_on:N", sort=list(names), title=None, axis=_name_axis(names)),
            x=alt.X(
                "accounts:Q", title="Active accounts", axis=alt.Axis(format=",d", tickMinStep=1, tickCount=5, grid=True)
            ),
            color=alt.Color(
                "standing:N",
                title=None,
                scale=_scale(dict(zip(STANDINGS, _STANDING_COLOURS, strict=True))),
                legend=alt.Legend(columns=2, symbolType="square"),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("add_on:N", title="Add-on"),
                alt.Tooltip("standing:N", title="Stand"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
            ],
        )
    )


def gate_figure(result: AddOnResult) -> Figure | None:
    """Return how many accounts an earlier or later gate would let through; None when no gate can be checked."""
    rows = gate_rows(result)
    band = result.rulebook.threshold("A3")
    if rows.empty or band.low is None or band.high is None:
        return None
    names = tuple(dict.fromkeys(rows["add_on"]))
    return Figure(
        key="gate",
        title=say("what_an_earlier_or_later"),
        description=say("accounts_eligible_today_for_by", names=", ".join(names), in_words=band.in_words()),
        reading=say("each_line_shows_how_many"),
        build=partial(gate_chart, names),
        data={
            "gate": rows,
            "chosen": chosen_gates(result),
            "band": pd.DataFrame({"low": [band.low], "high": [band.high]}),
        },
        table=gate_table(rows),
        table_caption=say("accounts_eligible_today_by_the"),
        signature=names,
    )


def gate_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """Draw a line of eligible accounts along the days of the gate, with the usual days and the chosen gate."""
    colours = {name: PALETTE.series[place % len(PALETTE.series)] for place, name in enumerate(names)}
    dashes = alt.Scale(domain=list(names), range=[_DASHES[place % len(_DASHES)] for place in range(len(names))])
    band = alt.Chart(alt.NamedData("band")).mark_rect(color=PALETTE.ok, opacity=0.16).encode(x="low:Q", x2="high:Q")
    x = alt.X("days:Q", title="Days the gate waits", scale=alt.Scale(domain=[0, LONGEST_GATE], nice=False, clamp=True))
    y = alt.Y("accounts:Q", title="Accounts eligible today", axis=alt.Axis(format=",d", tickMinStep=1))
    colour = alt.Color(
        "add_on:N",
        title=None,
        scale=_scale(colours),
        legend=alt.Legend(columns=2, symbolType="stroke", symbolStrokeWidth=3, labelLimit=230),
    )
    tips = [
        alt.Tooltip("add_on:N", title="Add-on"),
        alt.Tooltip("days:Q", title="Gate waits (days)"),
        alt.Tooltip("accounts:Q", title="Eligible", format=",d"),
    ]
    lines = (
        alt.Chart(alt.NamedData("gate"))
        .mark_line()
        .encode(x=x, y=y, color=colour, strokeDash=alt.StrokeDash("add_on:N", title=None, scale=dashes), tooltip=tips)
    )
    points = (
        alt.Chart(alt.NamedData("chosen"))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(x=alt.X("days:Q"), y="accounts:Q", color=colour, tooltip=tips)
    )
    return layered(band, lines, points)


def overlap_figure(result: AddOnResult) -> Figure | None:
    """Return who wants two add-ons at once, as a heat map; None with fewer than two whose interest is known."""
    rows = overlap_rows(result)
    names = tuple(dict.fromkeys(rows["first"]))
    if len(names) < 2 or result.overlap is None:  # noqa: PLR2004 - overlap needs two
        return None
    return Figure(
        key="overlap",
        title="Who would want two",
        description=say("heat_map_of_shared_interest", names=", ".join(names)),
        reading=words.overlap_sentence(result.overlap),
        build=partial(overlap_chart, names),
        data={"overlap": rows},
        table=result.tables["overlap"],
        table_caption=say("overlap_of_interest_between_add"),
        signature=names,
        footnotes=(say("accounts_interested_in_both_in"),),
        height=_BAR_ROW * len(names) + 20,
    )


def overlap_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """Draw a cell for each pair, darker where more of the row's accounts want the other add-on."""
    base = alt.Chart(alt.NamedData("overlap")).encode(
        x=alt.X("second:N", sort=list(names), title=None, axis=_name_axis(names, 10, labelAngle=0)),
        y=alt.Y("first:N", sort=list(names), title=None, axis=_name_axis(names)),
    )
    cells = base.mark_rect(color=PALETTE.ours, cornerRadius=3, stroke=PALETTE.today, strokeWidth=0.4).encode(
        opacity=alt.Opacity("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.04, 0.65])),
        tooltip=[
            alt.Tooltip("first:N", title="Of those who want"),
            alt.Tooltip("second:N", title="want also"),
            alt.Tooltip("text:N", title="Accounts"),
        ],
    )
    return layered(cells, base.mark_text(baseline="middle").encode(text="text:N"))


def _reach(largest: float, line: float, times: float = 1.3) -> float:
    """Return how far an axis runs, so that words beside the rightmost mark have room."""
    return times * max(float(largest), line)


def _room(data: str) -> alt.Chart:
    """Return an invisible mark that lets the axis run as far as the column reach says."""
    return cast("alt.Chart", alt.Chart(alt.NamedData(data)).mark_point(opacity=0, tooltip=None).encode(x="reach:Q"))


def _name_axis(names: Sequence[str], width: int = 20, **settings: Any) -> alt.Axis:  # noqa: ANN401 - settings of an axis
    """Return an axis whose names are broken into short lines, so that the marks keep their room."""
    return alt.Axis(labelExpr=broken_names(names, width), labelLimit=_LABEL, **settings)


def _scale(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))
