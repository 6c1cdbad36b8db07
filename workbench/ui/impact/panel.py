"""The panel of what a design does to every customer: from today's list to the way to the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.impact_view.decision import MigrationDecision
from workbench.stages.impact_view.evaluation import evaluate
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.impact.guardrails_view import GuardrailsView
from workbench.ui.impact.migration_view import MigrationView
from workbench.ui.impact.reconcile_view import ReconcileView
from workbench.ui.impact.replays import replays_of
from workbench.ui.impact.uncertainty_view import UncertaintyView
from workbench.ui.impact.who_pays_view import WhoPaysView
from workbench.ui.plain_panel import PlainPanel
from workbench.ui.progress import working
from workbench.ui.scheduler import Coalescer

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.study import Scenario
    from workbench.ui.desk import Desk
    from workbench.ui.section import Section


class ImpactPanel(PlainPanel):
    """What the design in view would have done to every customer, and how to get there.

    Sections: `reconcile`, `who_pays`, `guardrails`, `migration`, `uncertainty`. `result` is what is shown.
    """

    title = "What it does to every customer"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.progress = StatusLine()
        self.result: ImpactResult
        self._replays = replays_of(desk)
        # What the figures below the bills, and the draws, were worked out from.
        self._basis: tuple[object, ...] = ()
        self._future: tuple[object, ...] = ()
        self.reconcile_view = ReconcileView(self)
        self.who_pays_view = WhoPaysView(self)
        self.guardrails_view = GuardrailsView(self)
        self.migration_view = MigrationView(self)
        self.uncertainty_view = UncertaintyView(self)
        self.reconcile: Section = self.reconcile_view.section
        self.who_pays: Section = self.who_pays_view.section
        self.guardrails: Section = self.guardrails_view.section
        self.migration: Section = self.migration_view.section
        self.uncertainty: Section = self.uncertainty_view.section
        self._work: Coalescer[None] = Coalescer(guarded(lambda _: self.recompute(), self.progress), lock=desk.lock)
        desk.observe(self._desk_changed, names=["study", "scenario_id"])
        self.recompute()

    def recompute(self) -> None:
        """Work out what the desk holds now, and show it; a price tried out moves only what prices move."""
        desk, scenario = self.desk, self._scenario()
        evidence = self._replays.design(desk, scenario)
        trial = self.who_pays_view.trial(scenario.id)
        future = (evidence, scenario.decision(MigrationDecision), desk.study.assumptions)
        same = self.result if future == self._future else None
        found = evaluate(desk.base, desk.study, scenario, evidence=evidence, trial=trial, before=same)
        self._future = future
        basis = (evidence, scenario, desk.study.guardrails, desk.study.assumptions)
        only_tried, self._basis = basis == self._basis, basis
        self.result = found
        self.who_pays_view.refresh(found)
        self.guardrails_view.refresh(found)
        if not only_tried:
            for view in (self.reconcile_view, self.migration_view, self.uncertainty_view):
                view.refresh(found)
        self.progress.clear()

    def request(self) -> None:
        """Work everything out again as soon as there is time."""
        self._work.submit(None)

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._work.flush()

    def close(self) -> None:
        """Stop watching the desk and close every widget of the panel."""
        self.desk.unobserve(self._desk_changed, names=["study", "scenario_id"])
        self._work.cancel()
        super().close()

    def _scenario(self) -> Scenario:
        """Return the design in view; the first one while the baseline is."""
        here = self.desk.scenario
        return self.desk.study.designs[0] if here.kind == "baseline" else here

    def _desk_changed(self, _change: object) -> None:
        self.request()


def open_panel(desk: Desk) -> ImpactPanel:
    """Return the panel of what a design does to every customer; the design in view is billed at once."""
    with working(f"Billing every month of {desk.study.title} again …"):
        return ImpactPanel(desk)
