"""What steadier revenue shows: terms, six ways on them, and groups of customers that swing together or apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import percent
from workbench.locales import month_name
from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand, key_figure_maker, later
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.steady.decision import NAMES
from workbench.stages.view import Figures, KeyFigures, Message, Notes, Said, SectionView, TableOf, View
from workbench.tables import COUNT, TEXT, DataTable, Money, Percent, Reworded, Words, by_month_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.impact.revenue_measures import Portfolio
    from workbench.results import KeyFigure
    from workbench.stages.steady.evaluation import Steady, SteadyResult

say, tell = texts(__name__), key_figure_maker(__package__)

# --- Figures

SURE, SWINGS, SHOCK = "Sure without use", "Swings of revenue", "Accounts with a jump"
NOTHING_BILLED = say("nothing_is_billed_so_there")
_MEASURES = {SURE: "floor_share", SWINGS: "volatility", SHOCK: "accounts_over_25"}
_COLOURS = {SURE: PALETTE.ok, SWINGS: PALETTE.watch, SHOCK: PALETTE.breach}
_VIEW_WIDTH, _ROW_HEIGHT = 165, 28
_STRONG = 0.75  # a correlation from which its cell is dark enough for light text
# Opposed groups are good news for revenue, groups that go together are not.
_TOGETHER: dict[float, str] = {-1: PALETTE.ours, 0: "#E8E8E8", 1: PALETTE.breach}


def figures(result: SteadyResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of steadier revenue, made when somebody looks; none where bills are too few."""
    return MadeOnDemand(
        {
            "steady_tools": lambda: _measures(result.steady) if len(result.steady.tools) else None,
            "steady_months": lambda: _months(result.steady) if len(result.steady.tools) else None,
            "steady_groups": lambda: _together(result.steady.groups, result.steady) if result.steady.groups else None,
        }
    )


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


# --- Tools and groups in units people read


def tools_table(found: Steady) -> DataTable:
    """Return what each tool does to revenue and to customers."""
    amount = Money(found.currency)
    columns = (
        ("Way", TEXT, "name"),
        ("Revenue a month", amount, "a_month"),
        ("Against as used", Percent(1, signed=True), "change"),
        ("Sure without use", Words("{} ({})", (amount, Percent())), ("floor", "floor_share")),
        ("Swings by", Percent(1), "volatility"),
        ("Jump above 25%", Percent(1), "accounts_over_25"),
        ("Largest jump (95%)", Percent(signed=True), "largest_rise_p95"),
        ("Terms", TEXT, TERMS),
    )
    return DataTable.of_frame(found.tools.assign(a_month=found.tools["revenue"] / found.months), columns)


TERMS = "terms"


def groups_table(found: Portfolio) -> DataTable:
    """Return each group's weight, swings and seasons."""
    month = Reworded(month_name)
    columns = (
        ("Group", TEXT, "group"),
        ("Accounts", COUNT, "accounts"),
        ("Share of revenue", Percent(1), "share"),
        ("Swings by", Percent(1), "volatility"),
        ("Strongest in", month, "strongest"),
        ("Weakest in", month, "weakest"),
    )
    return DataTable.of_frame(found.groups, columns)


def balance_sentence(found: Portfolio) -> str:
    """Say how much of the groups' swings balances out."""
    return say(
        "the_revenue_of_these_groups",
        volatility=found.volatility,
        together=found.together,
        independent=found.independent,
        value=max(0.0, found.diversified),
    )


# --- The view


def _nothing(result: SteadyResult) -> str:
    return result.why_not if result.steady.groups is None else ""


def revenue_by_way(result: SteadyResult) -> Iterator[KeyFigure]:
    """Return what each way would have done to revenue, so that every term moves a figure."""
    found = result.steady
    if not len(found.tools):
        return
    people = say("accounts_billed_in_every_month", accounts=found.accounts, months=found.months)
    for name, change in zip(found.tools["name"][1:], found.tools["change"][1:], strict=True):
        yield tell("way", float(change), name=name, moved=float(change), population=people)


def _no_ways(result: SteadyResult) -> Iterable[Message]:
    return (Message(result.why_not, "warning"),) if result.why_not else ()


def _free(result: SteadyResult) -> Iterable[str]:
    if result.decision.free_baseline is None and not result.why_not:
        yield say("left_empty", usual=result.steady.usual_baseline, currency=result.steady.currency)


def _no_groups(result: SteadyResult) -> Iterable[Message]:
    if result.steady.groups is None:
        yield Message(result.steady.why_no_groups)


def _tools(result: SteadyResult) -> DataTable | None:
    # The terms stand in the table of the figure; without them this one fits the width of a page.
    return None if result.why_not else tools_table(result.steady).without(TERMS)


def _groups(result: SteadyResult) -> DataTable | None:
    return None if result.steady.groups is None else groups_table(result.steady.groups)


_SHOWN = 15


def _floors(result: SteadyResult) -> DataTable:
    found = result.frontier
    return found.table(result.steady.currency) if len(found.frontier) else DataTable.plain(pd.DataFrame())


def _committed(result: SteadyResult) -> DataTable:
    found = result.frontier
    return found.accounts_table(result.steady.currency) if len(found.accounts) else DataTable.plain(pd.DataFrame())


VIEW = View(
    against_today=True,
    sections=(
        SectionView(
            key="ways",
            rests=True,
            why_not=_nothing,
            settings=(
                ("commitment_discount", "overage_premium", "pool_share", "smoothing_months", "cap_times"),
                ("free_baseline", "groups"),
            ),
            parts=(
                Notes(),
                Said("no_ways", _no_ways, live=True),  # a page says it at the head of the stage
                KeyFigures(revenue_by_way),
                Said("free", _free),
                Figures(("steady_tools",)),
                TableOf("tools", _tools, caption=lambda result: say("six_ways", found=result.steady)),
                Figures(("steady_months", "steady_groups")),
                Said("no_groups", _no_groups),
                TableOf("frontier", _floors, caption=lambda _: say("floors"), folded=True),
                TableOf("committed", _committed, caption=lambda _: say("committed"), folded=True, most_rows=_SHOWN),
                TableOf("groups", _groups, caption=lambda result: say("balance", found=result.steady), folded=True),
            ),
        ),
    ),
)
