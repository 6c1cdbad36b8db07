"""Charts of a comparison: what each design earns against today, and how it stands against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, money
from workbench.stages import marks
from workbench.stages.comparison.side_by_side import VERDICT_WORDS, VERDICTS
from workbench.stages.figure import PALETTE, Figure
from workbench.tables import TEXT, DataTable, Money
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.results import KeyFigure
    from workbench.stages.comparison.side_by_side import ScenarioComparison

say = texts(__name__)

DESIGN, TODAY = "design", "today, the same accounts"
_ROW = 36
_FRAME = 70
_COLOURS = {**PALETTE.statuses, "set so": PALETTE.today, "set aside": PALETTE.competitor}


def figures(comparison: ScenarioComparison) -> tuple[Figure, ...]:
    """Return the charts of a comparison; revenue only when a design has decided its tiers."""
    earning = [(column.name, column.revenue) for column in comparison.columns]
    known = [(name, figure) for name, figure in earning if figure is not None and figure.value is not None]
    revenue = (_revenue(known, comparison.currency),) if known else ()
    checked = (_findings(comparison),) if any(column.findings for column in comparison.columns) else ()
    return (*revenue, *checked)


def _revenue(known: list[tuple[str, KeyFigure]], currency: str) -> Figure:
    rows = [(name, figure.value, _today(figure)) for name, figure in known]
    frame = pd.DataFrame(rows, columns=["scenario", "revenue", "today"])
    names = tuple(frame["scenario"])
    return Figure(
        key="revenue",
        title="Revenue a month",
        description=say("bars_of_monthly_revenue_for", names=", ".join(names)),
        reading=_revenue_reading(known, currency),
        build=marks.picture(
            marks.bars(height=18).as_role(DESIGN),
            marks.ticks("today", 28, thickness=4).as_role(TODAY),
            y=marks.by_name("scenario", names),
            x=marks.by_money("revenue", "Revenue a month", currency, marks.BIG_MONEY, scale={"zero": True}),
            by=marks.roles("kind", {DESIGN: PALETTE.ours, TODAY: PALETTE.today}, columns=1),
        ),
        data={"revenue": frame.assign(shown=[money(value, currency) for value in frame["revenue"]])},
        table=_revenue_table(known, currency),
        table_caption=say("revenue_a_month_of_each"),
        footnotes=(say("accounts_that_cannot_be_compared"),),
        height=_FRAME + _ROW * len(names),
    )


def _revenue_reading(known: list[tuple[str, KeyFigure]], currency: str) -> str:
    if len(known) == 1:
        name, figure = known[0]
        return say("brings_a_month", name=name, value=figure.value, currency=currency, against=_against(figure))
    ranked = sorted(known, key=lambda pair: -(pair[1].value or 0))
    (best, most), (worst, least) = ranked[0], ranked[-1]
    if money(most.value, currency) == money(least.value, currency):
        return say("all_designs_bring_a_month", value=most.value, currency=currency, against=_against(most))
    return say(
        "brings_the_most_a_month",
        best=best,
        value=most.value,
        currency=currency,
        against=_against(most),
        worst=worst,
        value_2=least.value,
        against_2=_against(least),
    )


def _against(figure: KeyFigure) -> str:
    today = _today(figure)
    if not today or figure.change is None:
        return ""
    return say("against_the_same_accounts_today", value=figure.change / today)


def _revenue_table(known: list[tuple[str, KeyFigure]], currency: str) -> DataTable:
    amounts = ((name, Money(currency)) for name in ("Revenue a month", "Today"))
    columns = (("Scenario", TEXT), *amounts, ("Accounts", TEXT), ("Period", TEXT))
    rows = ((name, figure.value, _today(figure), figure.population, figure.period) for name, figure in known)
    return DataTable.of_rows(columns, rows)


def _today(figure: KeyFigure) -> float | None:
    return None if figure.change is None or figure.value is None else figure.value - figure.change


def _findings(comparison: ScenarioComparison) -> Figure:
    rows = [
        (column.name, VERDICT_WORDS[verdict], VERDICTS.index(verdict), amount)
        for column in comparison.columns
        for verdict, amount in column.counts.items()
    ]
    frame = pd.DataFrame(rows, columns=["scenario", "verdict", "order", "findings"])
    names = comparison.names
    return Figure(
        key="findings",
        title="Findings by verdict",
        description=say("stacked_bars_that_count_the", names=", ".join(names)),
        reading=_findings_reading(comparison),
        build=marks.stack_chart(
            y=marks.by_name("scenario", names),
            x=marks.by_count("findings", "Findings", ticks=None),
            by=marks.roles("verdict", {VERDICT_WORDS[each]: _COLOURS[each] for each in VERDICTS}, columns=3),
            least=1,
            form="whole",
        ),
        data={"findings": frame[frame["findings"] > 0].reset_index(drop=True)},
        table=comparison.verdicts(),
        table_caption=say("findings_of_each_design_by"),
        height=_FRAME + _ROW * len(names),
    )


def _findings_reading(comparison: ScenarioComparison) -> str:
    told = [f"{column.name}: {count('rule', len(column.open_breaches))} not met" for column in comparison.columns]
    return say("not_counting_rules_set_aside", told="; ".join(told))
