"""The limits a team sets, kept in the study, and what they say about the design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.formatting import count, first_of
from workbench.stages.impact_view.charts import guardrail_figure
from workbench.stages.impact_view.tables import guardrail_table
from workbench.study import plain_errors
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import number_box, row, show, text_box
from workbench.ui.figure_view import FigureView
from workbench.ui.impact.view import ImpactView
from workbench.ui.percentages import share_typed, typed_percent

if TYPE_CHECKING:
    from workbench.impact import GuardrailReport
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

_NAMED = 40  # accounts behind each limit that is crossed
INTRO = (
    "Limits for what new prices may do, kept in the study for all designs. An empty box switches a limit off. A design "
    "that crosses one can be chosen all the same, with the reason on record. The last box is about today's price list: "
    "where it leaves more of the recorded revenue unexplained, every comparison with it says so."
)
# Field of the guardrails, words, lowest and highest value in percent, and whether it may be switched off.
LIMITS: tuple[tuple[str, str, float, float, bool], ...] = (
    ("least_revenue_change", "Revenue changes by at least", -100, 1000, True),
    ("most_revenue_change", "Revenue changes by at most", -100, 1000, True),
    ("steep_rise", "A rise is steep above", 0, 1000, False),
    ("most_accounts_above_steep_rise", "Accounts with a steep rise, at most", 0, 100, True),
    ("most_rise_in_top_ten", "Rise among the ten largest, at most", 0, 1000, True),
    ("most_accounts_below_cost", "Accounts below their cost, at most", 0, 100, True),
    ("most_p95_rise", "Rise at the 95% mark, at most", 0, 1000, True),
    ("least_segment_change", "Every segment changes by at least", -100, 1000, True),
    ("most_unexplained", "Revenue unexplained, warn above", 0, 100, True),
)


class GuardrailsView(ImpactView):
    """A box per limit, the verdicts, and the accounts behind them."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.boxes = {
            field: number_box(
                words,
                minimum=low,
                maximum=high,
                step=1,
                unit="%",
                optional=optional,
                on_change=self.guarded(lambda value, field=field: self._limit(field, value)),
            )
            for field, words, low, high, optional in LIMITS
        }
        for box in self.boxes.values():
            box.layout.width = "226px"  # the longest label, so that boxes stand below each other
        self.note = text_box("Why these limits", on_change=self.guarded(lambda text: self._keep(note=text)))
        self.note.layout.width = "420px"
        self.verdict = Block(role="status")
        self.chart = FigureView(table=False)
        self.table = Block()
        boxes = row(*self.boxes.values(), self.note)
        boxes.layout.margin = "0 0 8px"
        self.section = panel.section(
            "Guardrails",
            status=self.status,
            parts=(boxes, self.verdict, self.chart, self.table),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show the limits and the verdicts on a design."""
        for field, box in self.boxes.items():
            show(box, typed_percent(getattr(result.limits, field)))
        show(self.note, result.limits.note)
        report = result.guardrails
        self.chart.show_chart(guardrail_figure(result))
        if report is None:
            self.verdict.show(html.message(result.why_not, "warning"))
            return
        self.verdict.show(_verdict(report, result))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show the table of limits, and the accounts behind those that are crossed."""
        self.chart.show_words()
        report = result.guardrails
        if report is None:
            self.table.show("")
            return
        caption = "Limits, what was found, and how many accounts stand behind it"
        self.table.show(html.table(guardrail_table(report), caption) + _behind(report))

    def _limit(self, field: str, value: float | None) -> None:
        self._keep(**{field: share_typed(value)})

    def _keep(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the guardrails
        desk = self._panel.desk
        with plain_errors("This limit cannot be kept"):
            limits = desk.study.guardrails.replaced(**changes)
        desk.propose(desk.study.replaced(guardrails=limits), "Guardrails")


def _verdict(report: GuardrailReport, result: ImpactResult) -> str:
    name = result.scenario.name
    if result.trial.change:
        name += ", with the price tried out above,"
    if report.passed and not report.unmeasured:
        return html.message(f"{name} keeps every limit.", "ok")
    if report.passed:
        unknown = f"{report.unmeasured} of {count('limit', len(report.checks))} could not be measured"
        return html.message(f"{name} crosses no limit, but {unknown}.", "warning")
    told = f"{name} crosses {len(report.failures)} of {len(report.checks)} limits. "
    return html.message(told + "Choosing it takes a reason that answers them.", "warning")


def _behind(report: GuardrailReport) -> str:
    """Name the accounts behind the limits that are crossed."""
    inside = "".join(
        html.paragraph(f"{check.title} {check.subject}".strip() + ": " + first_of(check.accounts, _NAMED))
        for check in report.failures
        if len(check.behind)
    )
    return html.details("The accounts behind limits that are crossed", inside)
