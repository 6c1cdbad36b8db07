"""Charts of an impact: what moves revenue, who pays more, which limits hold, how bills change, what swings."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import billed, count, exact_percent, money, percent, thousands
from workbench.impact.guardrails import VERDICT_WORDS
from workbench.stages import marks
from workbench.stages.contract import later
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.impact.decision import NAMES
from workbench.stages.impact.tables import (
    SIGNS,
    accounts_table,
    balance_sentence,
    bridge_table,
    distribution_table,
    groups_table,
    guardrail_table,
    largest_first,
    signed,
    tools_table,
)
from workbench.stages.migration.charts import by_month_table, migration_figures, range_figures
from workbench.text import texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.revenue_measures import Portfolio
    from workbench.stages.impact.evaluation import ImpactResult, Steady
    from workbench.stages.impact.evidence import Bridge

say = texts(__name__)

# --- Charts of accounts: old bill against new bill, and how bills change

MOST_POINTS = 1_500
LARGEST = 300
TABLE_ROWS = 200
LOG_TICKS = [digit * 10.0**power for power in range(-2, 9) for digit in (1, 3)]
WAYS = ("pays more", "pays less", "no change")
_WAY_COLOURS = {"pays more": PALETTE.breach, "pays less": PALETTE.ours, "no change": PALETTE.today}
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
        said.append(say("with_a_bill_of_nothing", without=without))
    if len(order) > MOST_POINTS:
        left = len(order) - MOST_POINTS
        largest = largest_first(changes[order], LARGEST)
        rest = np.delete(order, largest)
        take = np.linspace(0, len(rest) - 1, MOST_POINTS - LARGEST).round().astype(int)
        order = np.concatenate([order[largest], rest[take]])
        said.append(say("drawn_are_the_largest_changes", largest=LARGEST, left=left))
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
    above, mark, people = (
        comparison.share_above(steep),
        exact_percent(steep),
        f"{thousands(len(comparison.accounts))} accounts",
    )
    return Figure(
        key="old_new",
        title=say("old_bill_against_new_bill"),
        description=say("one_mark_per_account_its"),
        reading=say("marks_above_the_line_pay", above=above, people=people, mark=mark, period=comparison.period),
        build=marks.picture(
            marks.line_marks(data="same", strokeWidth=1, strokeDash=(5, 4), color=PALETTE.today),
            marks.dots(size=34, opacity=0.75, cursor="pointer"),
            x=_bill("before", "Bill a month today", comparison.currency),
            y=_bill("after", say("bill_a_month_under_the"), comparison.currency),
            by=marks.roles("way", _WAY_COLOURS, shapes=_SHAPES),
            tips=marks.tips(account_id="Account", segment="Segment", told="Bill a month"),
        ),
        data={"accounts": frame, "same": pd.DataFrame({"before": ends, "after": ends})},
        table=later(lambda: accounts_table(comparison, TABLE_ROWS)),
        table_caption=say(
            "mean_bill_a_month_the",
            table_rows=min(TABLE_ROWS, len(comparison.accounts)),
            period=comparison.period,
            people=people,
        ),
        footnotes=(left_out,) if left_out else (),
        height=340,
    )


def _bill(field: str, title: str, currency: str) -> marks.Axis:
    return marks.by_money(field, title, currency, marks.BIG_MONEY, scale=marks.LOG, values=LOG_TICKS, grid=True)


def distribution_figure(bands: pd.DataFrame, result: ImpactResult) -> Figure:
    """Return how many accounts fall into each band of bill change."""
    return Figure(
        key="distribution",
        title="How bills change",
        description=say("bars_that_count_the_accounts"),
        reading=later(lambda: _spread_reading(result)),
        build=marks.bar_chart(
            y=marks.by_name("band", tuple(bands["band"])),
            x=marks.by_count("accounts", "Accounts", ticks=6),
            by=marks.roles("way", _WAY_COLOURS),
            label="accounts",
            form="whole",
        ),
        data={"bands": bands},
        table=later(lambda: distribution_table(bands)),
        table_caption=f"Bill change; {result.compared}",
        height=300,
    )


def _spread_reading(result: ImpactResult) -> str:
    assert result.comparison is not None  # noqa: S101 - drawn only where there is one
    spread = result.comparison.spread
    ends = ", ".join(percent(each, 1, signed=True) for each in (spread.p5, spread.p50, spread.p95))
    people = f"{thousands(len(result.comparison.accounts))} accounts"
    return say("of_from_the_largest_fall", people=people, ends=ends)


# --- Charts of steadier revenue: what is sure, what swings, who is shocked, and which groups swing together

SURE, SWINGS, SHOCK = "Sure without use", "Swings of revenue", "Accounts with a jump"
NOTHING_BILLED = say("nothing_is_billed_so_there")
_MEASURES = {SURE: "floor_share", SWINGS: "volatility", SHOCK: "accounts_over_25"}
_COLOURS = {SURE: PALETTE.ok, SWINGS: PALETTE.watch, SHOCK: PALETTE.breach}
_VIEW_WIDTH, _ROW_HEIGHT = 165, 28
_STRONG = 0.75  # a correlation from which its cell is dark enough for light text
# Opposed groups are good news for revenue, groups that go together are not.
_TOGETHER: dict[float, str] = {-1: PALETTE.ours, 0: "#E8E8E8", 1: PALETTE.breach}


def steady_figures(found: Steady | None) -> tuple[Figure, ...]:
    """Return the figures of steadier revenue; none where bills are too few."""
    if found is None:
        return ()
    tools = (_measures(found), _months(found)) if len(found.tools) else ()
    return (*tools, *((_together(found.groups, found),) if found.groups is not None else ()))


def _measures(found: Steady) -> Figure:
    names = tuple(found.tools["name"])
    rows = [
        (name, measure, float(value), percent(float(value), 1))
        for measure, column in _MEASURES.items()
        for name, value in zip(names, found.tools[column], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["way", "measure", "value", "told"]).dropna(subset="value", ignore_index=True)
    return Figure(
        key="steady_tools",
        title=say("what_each_way_does_to"),
        description=say("three_bars_per_way_revenue"),
        reading=later(lambda: _reading(found)),
        if_empty=NOTHING_BILLED,
        build=marks.bar_chart(
            y=marks.by_name("way", names),
            x=marks.by_share("value", None, ticks=3, labelOverlap=True),
            by=marks.roles("measure", _COLOURS, legend=False),
            label="told",
            beyond=1.5,
            height=14,
            facet=marks.small_multiples(
                "measure", tuple(_MEASURES), width=_VIEW_WIDTH, height=_ROW_HEIGHT * len(names)
            ),
        ),
        data={"measures": frame},
        table=later(lambda: tools_table(found)),
        table_caption=say("accounts_billed_in_every_month", accounts=found.accounts, months=found.months),
        footnotes=(
            say("sure_without_use_the_share"),
            say("swings_standard_deviation_of_monthly"),
            say("a_jump_a_bill_more"),
        ),
    )


def _reading(found: Steady) -> str:
    table = found.tools.set_index("name")
    ways = table.drop(index=NAMES[0])
    floors, jumps = ways["floor_share"].dropna(), ways["accounts_over_25"].dropna()
    said = []
    if len(floors):
        sure = str(floors.idxmax())
        change = percent(float(table["change"][sure]), 1, signed=True)
        floor = percent(float(floors[sure]), 1)
        said.append(say("makes_most_revenue_sure_with", sure=sure, floor=floor, change=change))
    if len(jumps):
        calm = str(jumps.idxmin())
        fewest, as_used = (percent(float(table["accounts_over_25"][each]), 1) for each in (calm, NAMES[0]))
        said.append(say("shocks_fewest_customers_see_a", calm=calm, fewest=fewest, as_used=as_used))
    return " ".join(said) or NOTHING_BILLED


def _months(found: Steady) -> Figure:
    names = tuple(found.tools["name"])
    return Figure(
        key="steady_months",
        title="Revenue month by month",
        description=say("lines_of_monthly_revenue_under"),
        reading=say("a_level_line_is_revenue"),
        build=marks.picture(
            marks.line_marks(),
            x=marks.by_month(),
            y=marks.by_money("revenue", "Revenue a month", found.currency, marks.BIG_MONEY, scale=marks.FREE),
            by=marks.line_roles("name", marks.in_series(names, **{names[0]: PALETTE.today})),
            tips=marks.tips(name="Way", month=("Month", "month"), revenue=("Revenue", "whole")),
        ),
        data={"months": found.by_month},
        table=by_month_table(found.by_month, "name", "revenue", names),
        table_caption=say("revenue_in_at_list_prices", currency=found.currency, accounts=found.accounts),
    )


def _together(found: Portfolio, years: Steady) -> Figure:
    names = tuple(str(each) for each in found.correlation.index)
    rows = [
        (one, other, float(value), f"{value:+.2f}".replace("-", "\u2212"), abs(float(value)) > _STRONG)
        for one, line in zip(names, found.correlation.to_numpy(), strict=True)
        for other, value in zip(names, line, strict=True)
    ]
    return Figure(
        key="steady_groups",
        title="Which groups swing together",
        description=say("a_grid_of_groups_by"),
        reading=balance_sentence(found),
        build=marks.cell_chart(
            x=marks.by_name("one", names, wrap=11, **marks.HEADINGS),
            y=marks.by_name("other", names),
            text="told",
            shade=marks.fill("value", _TOGETHER),
            ink=marks.light_where("datum.strong"),
        ),
        data={"pairs": pd.DataFrame(rows, columns=["one", "other", "value", "told", "strong"])},
        table=groups_table(found),
        table_caption=say("groups_of_customers_weight_swings", accounts=years.accounts, months=years.months),
        footnotes=(say("both_are_above_their_trends"),),
        height=60 + 44 * len(names),
    )


# --- Charts of an impact: what moves revenue, who pays more, and which limits hold

_VERDICTS = {"pass": PALETTE.ok, "fail": PALETTE.breach}
_KINDS = {"total": PALETTE.today, "adds": PALETTE.ok, "takes away": PALETTE.breach}


def figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the figures of an impact: bridge, bills, distribution, guardrails, paths, ranges, steadier revenue."""
    return tuple(chain.from_iterable(figures_by_part(result).values()))


def figures_by_part(result: ImpactResult) -> dict[str, tuple[Figure, ...]]:
    """Return the same figures by the part of the story they belong to."""
    return {
        "prices": bill_figures(result),
        "migration": migration_figures(result),
        "ranges": range_figures(result),
        "steady": steady_figures(result.steady),
    }


def bill_figures(result: ImpactResult) -> tuple[Figure, ...]:
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
    return Figure(
        key="bridge",
        title=say("from_today_s_revenue_to"),
        description=say("steps_from_revenue_under_today", name=name),
        reading=later(lambda: _bridge_reading(bridge, found)),
        build=marks.step_chart(
            y=marks.by_name("step", tuple(frame["step"])),
            x=marks.by_money("start", "Revenue a month", bridge.currency, marks.BIG_MONEY, ticks=4),
            by=marks.roles("kind", _KINDS),
            end="end",
            label="shown",
        ),
        data={"bridge": frame},
        table=later(lambda: bridge_table(bridge, paid=result.is_paid)),
        table_caption=say("what_moves_revenue_a_month", compared=result.compared),
        footnotes=later(lambda: _apart(bridge)),
        height=40 + 34 * len(frame),
    )


def _bridge_reading(bridge: Bridge, found: pd.DataFrame) -> str:
    change = (bridge.after - bridge.before) / bridge.months
    share = percent(bridge.after / bridge.before - 1, 1, signed=True) if bridge.before else "from nothing"
    text = say("revenue_from_the_same_account", signed=signed(change, bridge.currency), share=share)
    if found.empty:
        return f"{text} No bill changes."
    cause, amount = str(found["cause"].iloc[0]), float(found["change"].iloc[0])
    return say(
        "the_largest_step_is",
        text=text,
        lower=cause[0].lower(),
        cause=cause[1:],
        signed=signed(amount, bridge.currency),
    )


def _apart(bridge: Bridge) -> tuple[str, ...]:
    if not (bridge.only_before or bridge.only_after):
        return ()
    one, other = (money(each / bridge.months, bridge.currency) for each in (bridge.only_before, bridge.only_after))
    return (say("not_comparable_and_in_no", one=one, other=other),)


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
        said.append(say("could_not_be_measured", unknown=unknown))
    if endless := len(report.checks) - len(known) - unknown:
        said.append(say("from_nothing_cannot_be_drawn", endless=endless))
    return Figure(
        key="guardrails",
        title=say("guardrails_limits_and_what_was"),
        description=say("one_row_per_limit_a"),
        reading=" ".join(said),
        if_empty=" ".join(said),
        build=marks.picture(
            marks.ticks("limit", color=PALETTE.today),
            marks.dots(size=90),
            y=marks.by_name("guardrail", tuple(frame["guardrail"])),
            x=marks.by_share("measured", say("found_mark_and_limit_bar"), scale={"padding": 14}),
            by=marks.roles("verdict", _VERDICTS, shapes=("circle", "cross")),
            tips=marks.tips(sentence="Found"),
        ),
        data={"guardrails": frame},
        table=later(lambda: guardrail_table(report)),
        table_caption=say("limits_of_this_study", compared=compared),
        height=40 + 28 * max(1, len(frame)),
    )
