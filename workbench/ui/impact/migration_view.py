"""The way to the new prices: a policy, the path it takes, and the list of customers to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.impact.migration import action_list, action_sheets, for_people
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, default_assumptions
from workbench.spreadsheet import as_csv, workbook_bytes
from workbench.stages.impact_view.ahead.charts import migration_figures
from workbench.stages.impact_view.decision import BY_SEGMENT, POLICY_NAMES
from workbench.stages.impact_view.evaluation import action_reasons
from workbench.stages.impact_view.future import new_customers
from workbench.stages.impact_view.tables import paths_table, renewals_sentence
from workbench.study import plain_errors
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, number_box, row, show
from workbench.ui.figure_view import FigureView
from workbench.ui.impact.mixture_grid import MixtureGrid
from workbench.ui.impact.view import ImpactView
from workbench.ui.percentages import share_typed, typed_percent

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

INTRO = (
    "How today's customers get to the new prices. The policy is kept with the design; the other policies stand beside "
    "it with the same settings. Nobody reacts here: the next section says what happens when customers do."
)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MigrationView(ImpactView):
    """Policy and settings, two figures, all policies in a table, and the list to act on."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.policy = choice(
            "Policy", list(POLICY_NAMES), on_change=self.guarded(lambda name: self._decide(policy=name))
        )
        self.notice = self._box("notice_months", "Notice", 24, "months")
        self.cap = self._box("cap_per_year", "Rise a year, at most", 200, "%", share=True)
        self.kept = self._box("kept_months", "Old price kept for", 60, "months")
        self.incentive = self._box("incentive", "Off for opting in", 100, "%", share=True)
        self.term = self._box("term_months", "Contracts run for", 60, "months", least=1)
        low, high = (self.guarded(lambda value, end=end: self._comers(end, value)) for end in ("low", "high"))
        self.comers_low = number_box("New customers, at least", minimum=0, step=1, unit="a month", on_change=low)
        self.comers_high = number_box("New customers, at most", minimum=0, step=1, unit="a month", on_change=high)
        self.mixture = MixtureGrid(lambda shares: self._decide(mixture=shares), self.guarded)
        self.dates = Block()
        self.figures = Block(role="status")
        self.charts = {key: FigureView(table=key != "paths") for key in ("paths", "on_old")}
        self.table = Block()
        self.make = button("Make the list to act on", self.guarded(self.make_list))
        self.links = Block(role="status")
        controls = (
            self.policy, self.notice, self.cap, self.kept, self.incentive, self.term, self.comers_low, self.comers_high
        )  # fmt: skip
        self.section = panel.section(
            "The way to the new prices",
            status=self.status,
            controls=controls,
            parts=(
                self.mixture.widget,
                self.dates,
                self.figures,
                tuple(self.charts.values()),
                self.table,
                row(self.make),
                self.links,
            ),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def lead(self, result: ImpactResult) -> None:
        """Draw revenue on the way and who is still on old prices."""
        drawn = {figure.key: figure for figure in migration_figures(result)}
        for key, view in self.charts.items():
            view.show_chart(drawn.get(key))

    def refresh(self, result: ImpactResult) -> None:
        """Show the ways to a design's prices."""
        decision = result.decision
        show(self.policy, decision.policy)
        show(self.notice, decision.notice_months)
        show(self.kept, decision.kept_months)
        show(self.term, decision.term_months)
        coming = new_customers(self._panel.desk.study.assumptions)
        show(self.comers_low, coming.low)
        show(self.comers_high, coming.high)
        for box, share in ((self.cap, decision.cap_per_year), (self.incentive, decision.incentive)):
            show(box, typed_percent(share))
        for box, name in ((self.cap, "capped rise"), (self.kept, "grandfather"), (self.incentive, "opt-in")):
            box.layout.display = None if decision.policy == name else "none"
        by_segment = decision.policy == BY_SEGMENT
        self.mixture.widget.layout.display = None if by_segment else "none"
        if result.ahead.bills is not None:
            self.mixture.show(decision, result.ahead.bills.segments)
        self.links.show("")
        path = result.path
        self.make.disabled = path is None
        if path is None:
            why = (
                result.why_not or "Nobody of the last month has a bill on both sides, so there is nobody to bring over."
            )
            self.figures.show(html.message(why, "warning"))
            self.dates.show("")
            return
        self.dates.show(html.paragraph(renewals_sentence(path.bills, decision.term_months), soft=True))
        self.figures.show(html.paragraph(path.policy.describe()) + html.key_figures(path.key_figures()))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what is said of the figures, and all policies in a table."""
        for view in self.charts.values():
            view.show_words()
        if result.path is None:
            self.table.show("")
            return
        decision = result.decision
        self.table.show(html.table(paths_table(result.paths, decision.policy), "All policies, if nobody reacts"))

    def make_list(self) -> None:
        """Make the list of customers to talk to, and show the links that save it."""
        result = self._panel.result
        if result.path is None or result.comparison is None:
            why = result.why_not or "No customer of the last month has a bill on both sides."
            raise StudyError("There is nobody to list.", why)
        reasons = action_reasons(result.comparison, result.path.bills)
        listed = for_people(action_list(result.path, reasons), result.path.bills.currency)
        name = f"{result.scenario.id}-customers-to-talk-to"
        excel = workbook_bytes(action_sheets(result.path, reasons))
        csv = html.csv_link("Save the list as CSV", f"{name}.csv", as_csv(listed))
        link = html.download("Save the list as Excel", f"{name}.xlsx", excel, EXCEL)
        table = html.table(listed, f"{len(listed):,} accounts whose bill changes, the earliest first", most_rows=50)
        self.links.show(f"<p>{link}</p>{csv}{table}")
        self.status.say(f"{len(listed):,} accounts are on the list.", "ok")

    def _box(self, field: str, words: str, most: float, unit: str, *, share: bool = False, least: int = 0) -> Any:  # noqa: ANN401 - a number box
        def changed(value: float) -> None:
            self._decide(**{field: share_typed(value) if share else int(value)})

        return number_box(
            words, minimum=1 if share else least, maximum=most, step=1, unit=unit, whole=not share,
            on_change=self.guarded(changed),
        )  # fmt: skip

    def _comers(self, end: str, value: float) -> None:
        study = self._panel.desk.study
        known = {each.id: each for each in (*default_assumptions(), *study.assumptions)}[NEW_CUSTOMERS]
        ends = {"low": known.low, "high": known.high, end: value}
        if ends["low"] > ends["high"]:  # the other end follows, so that either can be entered first
            ends = dict.fromkeys(ends, value)
        note = "" if known.note in {each.note for each in default_assumptions()} else known.note
        with plain_errors("These new customers cannot be kept"):
            changed = known.replaced(**ends, note=note)
        self._panel.desk.propose(study.with_assumption(changed), "New customers a month")

    def _decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        desk, result = self._panel.desk, self._panel.result
        with plain_errors("This policy cannot be kept"):
            decision = result.decision.replaced(**changes)
        desk.propose(desk.study.scenario(result.scenario.id).with_decision(decision), "Way to the new prices")
