"""The charts of the stage with their rows.

Candidates, prices in their band, revenue, eligibility over time, overlap.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, count, exact_percent, money, percent, priced, short_money, thousands
from workbench.stages import marks
from workbench.stages.add_ons.result import GROUPS, SOON_DAYS, AddOnCandidate, AddOnResult
from workbench.stages.add_ons.tables import TOGETHER
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.stages.offers import per_words
from workbench.text import texts

say, draw = texts(__name__), figure_maker(__package__)

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
_WRAP = 20  # letters of a name in a line, so that the marks keep their room
_VERDICTS = {"ok": "inside the band", "watch": "close to its end", "breach": "outside the band", "unknown": "unknown"}
_STANDING_COLOURS = dict(
    zip(STANDINGS, (PALETTE.ours, "#7FB2E5", "#B9D3EC", PALETTE.watch, PALETTE.ok, PALETTE.today), strict=True)
)
_VERDICT_COLOURS = {_VERDICTS[status]: colour for status, colour in PALETTE.statuses.items()}
_VERDICT_SHAPES = ("circle", "triangle-up", "cross", "square")
_TIGHT = {**marks.FROM_ZERO, "nice": False}
_GATES = {"domain": [0, LONGEST_GATE], "nice": False, "clamp": True}
_ROOM = 1.3  # of the longest bar or the rightmost mark: where the axis ends, so that words beside it fit in
_ASKED = say("asked_do_not_have_it")
_KINDS = {GROUPS[0]: PALETTE.ours, GROUPS[1]: PALETTE.watch, _ASKED: PALETTE.competitor}


def figures(result: AddOnResult) -> tuple[Figure, ...]:
    """Return the figures the data allows: candidates, prices, revenue, from two on overlap, and who is eligible."""
    makers = (_candidates, _prices, _revenue, _overlap, _eligibility, _gate)
    return tuple(figure for maker in makers if (figure := maker(result)) is not None)


def _candidates(result: AddOnResult) -> Figure | None:
    rows, line = candidate_rows(result), result.rulebook.threshold("A5").high
    if rows.empty or line is None:
        return None
    few = int((rows["group"] == GROUPS[0]).sum())
    shown = sum(each.benefit is not None and each.benefit.share is not None for each in result.candidates)
    return draw(
        "candidates",
        marks.picture(
            marks.reference(line),
            marks.words("text", data="line", across=marks.pixels(-3), gap=0, baseline="bottom"),
            marks.reach("line", "reach", None),
            marks.intervals(),
            marks.dots(),
            marks.dots("asking").as_role(_ASKED).where("isValid(datum.asking) && datum.asking > 0"),
            y=marks.by_name("candidate", tuple(rows["candidate"])),
            x=marks.by_share("share", "Share of active accounts", scale=_TIGHT, grid=True),
            by=marks.roles("group", _KINDS, shapes=("circle", "square", "diamond"), columns=2),
            tips=marks.tips(
                candidate="Feature",
                use="Use it",
                ask=capitalised(_ASKED),
                order="Common order of adoption",
                tiers="In tiers",
            ),
        ),
        {"candidates": rows, "line": _line_row(line, rows["high"].max(), f"{exact_percent(line)} line")},
        result.tables["candidates"],
        few=few,
        close=len(rows) - few,
        line=line,
        asked=rows["asking"].notna().any(),
        hidden=shown - len(rows),
        active=len(result.evidence),
        height=_ROW * len(rows) + 40,
    )


def _prices(result: AddOnResult) -> Figure | None:
    rows, band = add_on_price_rows(result), result.rulebook.threshold("A2")
    if rows.empty or band.low is None or band.high is None:
        return None
    return draw(
        "prices",
        marks.picture(
            marks.shade(band.low, band.high, color=PALETTE.ok),
            marks.dots(size=120),
            marks.words("text", gap=11),
            marks.room(_ROOM),
            marks.reach(at=_ROOM * band.high, across=None),
            y=marks.by_name("add_on", tuple(rows["add_on"]), wrap=_WRAP),
            x=marks.by_share("share", say("price_as_share_of_the"), ticks=7, scale=_TIGHT, grid=True),
            by=marks.roles("verdict", _VERDICT_COLOURS, shapes=_VERDICT_SHAPES, legend=False),
            tips=marks.tips(add_on="Add-on", text="Price a month", verdict="Against the band", usual="Usual"),
        ),
        {"prices": rows.assign(verdict=rows["status"].map(_VERDICTS))},
        result.tables["add_ons"],
        inside=int((rows["status"] == "ok").sum()),
        prices=len(rows),
        band=band.in_words(),
        core=result.core.in_words(result.currency),
        height=_BAR_ROW * len(rows) + 30,
    )


def _revenue(result: AddOnResult) -> Figure | None:
    rows = revenue_rows(result)
    if rows.empty or result.revenue is None:
        return None
    names = tuple(rows["add_on"])
    return draw(
        "revenue",
        marks.picture(
            marks.range_bars(height=13),
            marks.ticks("middle", 19),
            marks.words("text", at="high"),
            marks.room(1.75),
            y=marks.by_name("add_on", names, wrap=_WRAP),
            x=marks.by_money("high", "Revenue a month", result.currency, ",.2~s", scale=_TIGHT, grid=True),
            by=marks.roles("kind", {"one add-on": PALETTE.ours, "all add-ons": PALETTE.today}, legend=False),
            tips=marks.tips(add_on="Add-on", text="A month"),
        ),
        {"revenue": rows},
        result.tables["revenue"],
        names=names,
        revenue=result.revenue,
        core=result.places.revenue,
        currency=result.currency,
        day=result.evidence.day,
        from_data=any(each.attach_is_from_data for each in result.outcomes),
        height=_BAR_ROW * len(rows) + 30,
    )


def _eligibility(result: AddOnResult) -> Figure | None:
    rows = standing_rows(result)
    if rows.empty:
        return None
    names = tuple(dict.fromkeys(rows["add_on"]))
    return draw(
        "eligibility",
        marks.stack_chart(
            y=marks.by_name("add_on", names, wrap=_WRAP),
            x=marks.by_count("accounts", "Active accounts", grid=True),
            by=marks.roles("standing", _STANDING_COLOURS, columns=2, symbolType="square"),
            tips=marks.tips(add_on="Add-on", standing="Stand", accounts=("Accounts", "whole")),
            height=18,
        ),
        {"standing": rows},
        result.tables["eligibility"],
        names=names,
        standings=STANDINGS,
        now=result.eligible_for_any or 0,
        soon=result.eligible_soon or 0,
        days=SOON_DAYS,
        active=len(result.evidence),
        day=result.evidence.day,
        height=_BAR_ROW * len(names) + 60,
    )


def _gate(result: AddOnResult) -> Figure | None:
    rows, band = gate_rows(result), result.rulebook.threshold("A3")
    if rows.empty or band.low is None or band.high is None:
        return None
    names = tuple(dict.fromkeys(rows["add_on"]))
    return draw(
        "gate",
        marks.picture(
            marks.shade(band.low, band.high, on="x", color=PALETTE.ok),
            marks.line_marks(),
            marks.dots(data="chosen", size=90).telling(),
            x=marks.by_number("days", "Days the gate waits", ticks=None, scale=_GATES),
            y=marks.by_count("accounts", "Accounts eligible today", ticks=None),
            by=marks.line_roles("add_on", marks.in_series(names), symbolSize=80, columnPadding=6),
            tips=marks.tips(add_on="Add-on", days="Gate waits (days)", accounts=("Eligible", "whole")),
        ),
        {"gate": rows, "chosen": chosen_gates(result)},
        gate_table(rows),
        names=names,
        band=band.in_words(),
    )


def _overlap(result: AddOnResult) -> Figure | None:
    rows, found = overlap_rows(result), result.overlap
    names = tuple(dict.fromkeys(rows["first"]))
    if len(names) < 2 or found is None:  # noqa: PLR2004 - overlap needs two
        return None
    return draw(
        "overlap",
        marks.cell_chart(
            x=marks.by_name("second", names, wrap=10, **marks.HEADINGS),
            y=marks.by_name("first", names, wrap=_WRAP),
            text="text",
            shade=marks.strength("share", 1),
            tips=marks.tips(first="Of those who want", second="want also", text="Accounts"),
        ),
        {"overlap": rows},
        result.tables["overlap"],
        names=names,
        several=found.several_accounts,
        anyone=found.any_accounts,
        bundles=[f"{pair.first} with {pair.second}" for pair in found.bundles],
        height=_BAR_ROW * len(names) + 20,
    )


def _line_row(line: float, largest: float, text: str) -> pd.DataFrame:
    """Return the words beside a line, and how far the axis runs so that they have room."""
    return pd.DataFrame({"share": [line], "reach": [_ROOM * max(float(largest), line)], "text": [text]})
