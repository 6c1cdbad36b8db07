"""Steadier revenue: ways of taming usage bills on the terms a team sets, and groups that balance each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.formatting import money
from workbench.stages.impact_view.steady.charts import steady_figures
from workbench.stages.impact_view.steady.decision import CYCLES, SEGMENTS, SteadyDecision
from workbench.stages.impact_view.steady.tables import tools_table
from workbench.study import plain_errors
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import choice, number_box, show
from workbench.ui.figure_view import FigureView
from workbench.ui.impact.view import ImpactView
from workbench.ui.percentages import share_typed, typed_percent

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

INTRO = (
    "Bills by usage go up and down. Here are six ways to bill the same usage, on terms that the first twelve months "
    "set: what is sure, how revenue swings, and how many customers get a bill they did not expect. The terms are kept "
    "with the design; its prices stay as they are."
)


class SteadyView(ImpactView):
    """The terms, two figures of the ways, the groups that swing together or apart, and their tables."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.discount = self._box("commitment_discount", "Discount for committing", 0, 99, "%", share=True)
        self.premium = self._box("overage_premium", "Surcharge beyond it", 0, 500, "%", share=True)
        self.pool = self._box("pool_share", "Pool of last year's bills", 1, 500, "%", share=True)
        self.smoothing = self._box("smoothing_months", "Smoothing: mean of", 2, 12, "months", whole=True)
        self.cap = self._box("cap_times", "Cap", 0.1, 20, "times the usual month", step=0.1)
        self.free = self._box(
            "free_baseline", "Free baseline a month", 0, None, panel.desk.study.currency, optional=True
        )
        self.groups = choice(
            "Groups", [SEGMENTS, CYCLES], on_change=self.guarded(lambda groups: self._decide(groups=groups))
        )
        self.said = Block(role="status")
        self.charts = {key: FigureView() for key in ("steady_tools", "steady_months", "steady_groups")}
        self.tools, self.lacking = Block(), Block()
        self.section = panel.section(
            "Steadier revenue",
            status=self.status,
            controls=(self.discount, self.premium, self.pool, self.smoothing, self.cap, self.free),
            parts=(
                self.said,
                self.charts["steady_tools"],
                self.tools,
                self.groups,
                (self.charts["steady_months"], self.charts["steady_groups"]),
                self.lacking,
            ),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show the terms of a design."""
        decision = result.scenario.decision(SteadyDecision)
        for box, share in (
            (self.discount, decision.commitment_discount),
            (self.premium, decision.overage_premium),
            (self.pool, decision.pool_share),
        ):
            show(box, typed_percent(share))
        show(self.smoothing, decision.smoothing_months)
        show(self.cap, decision.cap_times)
        show(self.free, decision.free_baseline)
        show(self.groups, decision.groups)

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what the ways would do; a year and more of bills waits until the hand rests."""
        found = result.steady
        drawn = {figure.key: figure for figure in steady_figures(found)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        if found is None or found.why_not:
            why = found.why_not if found is not None else result.why_not
            self.said.show(html.message(why, "warning"))
            self.tools.show("")
        else:
            usual = money(found.usual_baseline, found.currency)
            free = f"Left empty, {usual} of every month's bill is free: a quarter of the first year's median month."
            notes = " ".join(each.text for each in found.cautions if each.severity == "note")
            loud = html.cautions(each for each in found.cautions if each.severity != "note")
            said = html.paragraph(notes if found.decision.free_baseline is not None else f"{notes} {free}", soft=True)
            self.said.show(loud + said)
            self.tools.show(html.table(tools_table(found).drop(columns="Terms"), "Six ways to bill the same usage"))
        lacks = found is not None and not found.why_not and found.groups is None
        self.lacking.show(html.message(found.why_no_groups) if found is not None and lacks else "")

    def _box(
        self,
        field: str,
        words: str,
        least: float,
        most: float | None,
        unit: str,
        *,
        share: bool = False,
        whole: bool = False,
        optional: bool = False,
        step: float = 1,
    ) -> Any:  # noqa: ANN401 - a number box
        def changed(value: float | None) -> None:
            self._decide(**{field: share_typed(value) if share else value})

        return number_box(
            words, minimum=least, maximum=most, step=step, unit=unit, whole=whole, optional=optional,
            on_change=self.guarded(changed),
        )  # fmt: skip

    def _decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        desk = self._panel.desk
        scenario = desk.study.scenario(self._panel.result.scenario.id)
        with plain_errors("These terms cannot be kept"):
            decision = scenario.decision(SteadyDecision).replaced(**changes)
        desk.propose(scenario.with_decision(decision), f"Steadier revenue: {' '.join(changes).replace('_', ' ')}")
