"""The panel of what a design does to every customer: from today's list to the way to the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.impact_view.evaluation import evaluate
from workbench.stages.impact_view.steady.decision import SteadyDecision
from workbench.ui.design_panel import DesignPanel
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.impact.guardrails_view import GuardrailsView
from workbench.ui.impact.migration_view import MigrationView
from workbench.ui.impact.reconcile_view import ReconcileView
from workbench.ui.impact.replays import replays_of
from workbench.ui.impact.steady_view import SteadyView
from workbench.ui.impact.uncertainty_view import UncertaintyView
from workbench.ui.impact.who_pays_view import WhoPaysView
from workbench.ui.progress import working

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.desk import Desk
    from workbench.ui.impact.view import ImpactView
    from workbench.ui.section import Section


class ImpactPanel(DesignPanel):
    """What the design in view would have done to every customer, and how to get there.

    Sections: `reconcile`, `who_pays`, `guardrails`, `migration`, `uncertainty`, `steady`. `result` is what is shown.
    """

    title = "What it does to every customer"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.progress = StatusLine()
        self.result: ImpactResult
        self.has_result = False
        self._replays = replays_of(desk)
        # What each view was last worked out from, and the views whose numbers or words are still to be shown.
        self._bases: dict[ImpactView, tuple[object, ...]] = {}
        self._numbers_due: list[ImpactView] = []
        self._words_due: list[ImpactView] = []
        self.reconcile_view = ReconcileView(self)
        self.who_pays_view = WhoPaysView(self)
        self.guardrails_view = GuardrailsView(self)
        self.migration_view = MigrationView(self)
        self.uncertainty_view = UncertaintyView(self)
        self.steady_view = SteadyView(self)
        self.reconcile: Section = self.reconcile_view.section
        self.who_pays: Section = self.who_pays_view.section
        self.guardrails: Section = self.guardrails_view.section
        self.migration: Section = self.migration_view.section
        self.uncertainty: Section = self.uncertainty_view.section
        self.steady: Section = self.steady_view.section
        self.follow(self.progress)

    def recompute(self) -> None:
        """Work out what the desk holds now; the charts that follow the control are drawn, the rest comes in turn."""
        desk, scenario = self.desk, self.scenario
        evidence = self._replays.design(desk, scenario)
        trial = self.who_pays_view.trial(scenario.id)
        ahead = self.result.ahead if self.has_result else None
        self.result = evaluate(desk.base, desk.study, scenario, evidence=evidence, trial=trial, ahead=ahead)
        self.has_result = True
        limits, decision = desk.study.guardrails, self.result.decision
        names = tuple((each.id, each.name) for each in desk.study.designs)
        prices = (evidence, trial, limits, scenario.id, names)
        drawn = (evidence, decision, desk.study.assumptions)
        bases: tuple[tuple[ImpactView, tuple[object, ...]], ...] = (
            (self.reconcile_view, (evidence,)),
            (self.who_pays_view, prices),
            (self.guardrails_view, prices),
            (self.migration_view, drawn),
            (self.uncertainty_view, (*drawn, limits)),
            (self.steady_view, (evidence, scenario.decision(SteadyDecision))),
        )
        for view, basis in bases:
            if self._bases.get(view) != basis:
                self._bases[view] = basis
                self._numbers_due = [each for each in self._numbers_due if each is not view] + [view]
                view.lead(self.result)

    def show_numbers(self) -> None:
        """Show the figures of the views that what changed concerns."""
        due, self._numbers_due = self._numbers_due, []
        for view in due:
            view.refresh(self.result)
        self._words_due = [each for each in self._words_due if each not in due] + due
        self.progress.clear()

    def show_words(self) -> None:
        """Show readings and tables of these views."""
        due, self._words_due = self._words_due, []
        for view in due:
            view.refresh_words(self.result)

    def finish(self, view: ImpactView) -> None:
        """Bring one section up to date; the words of the others wait until they are shown, or the hand rests."""
        with self.desk.lock:
            self._turns.work.flush()
            self._turns.soon.flush()
            if view in self._words_due:
                self._words_due.remove(view)
                guarded(view.refresh_words, self.progress)(self.result)


def open_panel(desk: Desk) -> ImpactPanel:
    """Return the panel of what a design does to every customer; the design in view is billed at once."""
    with working(f"Billing every month of {desk.study.title} again …"):
        return ImpactPanel(desk)
