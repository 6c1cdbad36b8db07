"""The panel of what customers would pay: methods, who buys what, prices found, the design against today."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.rules import RULEBOOK
from workbench.stages.willingness.evaluation import evaluate
from workbench.stages.willingness.evidence import gather
from workbench.stages.willingness.market_corridor import market_corridors
from workbench.ui.design_panel import DesignPanel
from workbench.ui.progress import working
from workbench.ui.willingness.attach_view import AttachView
from workbench.ui.willingness.compare_view import CompareView
from workbench.ui.willingness.find_view import FindView
from workbench.ui.willingness.methods_view import MethodsView
from workbench.ui.willingness.who_buys_view import WhoBuysView
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.demand import Demand
    from workbench.demand.search import PriceSearch
    from workbench.rules import Rulebook
    from workbench.stages.willingness.evidence import DemandEvidence
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.desk import Desk
    from workbench.ui.section import Section
    from workbench.ui.willingness.view import WillingnessView

VIEWS: dict[str, type[WillingnessView]] = {
    "methods": MethodsView,
    "who_buys": WhoBuysView,
    "find_prices": FindView,
    "comparison": CompareView,
    "attach": AttachView,
}
TIER_SECTIONS = ("methods", "who_buys", "find_prices", "comparison")
_gathered: WeakKeyDictionary[Desk, tuple[str, DemandEvidence]] = WeakKeyDictionary()


class WillingnessPanel(DesignPanel):
    """What customers of the design in view would pay, and who buys what. `result` is what is shown.

    Sections by name as attributes: `methods`, `who_buys`, `find_prices`, `comparison`, `attach`, of those asked for.
    """

    title = "Willingness to pay"

    def __init__(self, desk: Desk, sections: Iterable[str] = TIER_SECTIONS) -> None:
        super().__init__(desk)
        self.result: WillingnessResult
        self._has_result = False
        self.views = {name: VIEWS[name](self) for name in sections}
        for name, view in self.views.items():
            setattr(self, name, view.section)
        self.follow(next(iter(self.views.values())).status)
        self.flush()

    def __getattr__(self, name: str) -> Section:
        """Say which sections there are when one is asked for that was left out."""
        there = ", ".join(self.__dict__.get("views", {})) or "none"
        raise AttributeError(f"this panel has no section {name!r}; it has: {there}")

    @property
    def evidence(self) -> DemandEvidence:
        """Return what was gathered from the data, once for every panel on a desk."""
        base = self.desk.base
        known = _gathered.get(self.desk)
        if known is None or known[0] != base.fingerprint:
            known = (base.fingerprint, gather(base))
            _gathered[self.desk] = known
        return known[1]

    @property
    def rulebook(self) -> Rulebook:
        """Return the rules with the study's own thresholds."""
        return RULEBOOK.for_study(self.desk.study)

    @property
    def search(self) -> PriceSearch | None:
        """Return the search whose prices are recommended, None before any search and where none are."""
        view = self.views.get("find_prices")
        return view.recommended if isinstance(view, FindView) else None

    @property
    def demand_on_priced_plans(self) -> Demand:
        """Return demand of the accounts that have a plan with a price today."""
        design, today = self.result.design, self.evidence.today
        if design is None or today is None:
            raise AttributeError("there is no demand to compare with today's list")
        demand = design.sourced.demand
        priced, here = {plan.name for plan in today.priced_plans}, demand.customers.plan
        places = np.flatnonzero([name in priced for name in here]) if here is not None else np.zeros(0, dtype=np.intp)
        return demand.sampled(places, np.arange(demand.draws))

    def market(self) -> dict[str, tuple[float | None, float | None]]:
        """Return the corridor of prices the market leaves each tier, where competitive anchoring finds one."""
        return market_corridors(self.desk.base, self.result.scenario, rulebook=self.rulebook)

    def unit_of(self, metric: str) -> str:
        """Return one unit of a metric in words."""
        return one_unit(metric)

    def recompute(self) -> None:
        """Work out what the desk holds now; the marked price moves at once, the rest comes in turn."""
        known = self.result.design if self._has_result else None
        self.result = evaluate(self.desk.base, self.scenario, evidence=self.evidence, known=known)
        self._has_result = True
        for view in self.views.values():
            view.lead(self.result)

    def show_numbers(self) -> None:
        """Show the figures of every section."""
        for view in self.views.values():
            view.refresh(self.result)

    def show_words(self) -> None:
        """Show readings and tables of every section."""
        for view in self.views.values():
            view.refresh_words(self.result)

    def show_words_soon(self) -> None:
        """Show readings and tables again: the prices found stand in some of them."""
        self._turns.rest.request()


def open_panel(desk: Desk, sections: Iterable[str] = TIER_SECTIONS) -> WillingnessPanel:
    """Return the panel; the answers of surveys are estimated when it opens."""
    with working(f"Reading what the customers of {desk.study.title} would pay …"):
        return WillingnessPanel(desk, sections)
