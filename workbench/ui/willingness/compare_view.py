"""The design against today's tiers, and what a change to it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.changes import effect_of
from workbench.demand.search import with_prices
from workbench.stages.willingness.side_by_side import NOWHERE, feature_moved, side_by_side, tiers_table, without_tier
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import choice, show
from workbench.ui.willingness.view import WillingnessView

if TYPE_CHECKING:
    from workbench.demand import Effect
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.willingness.panel import WillingnessPanel

INTRO = (
    "Today's list and this design before the same accounts and the same draws; accounts without a priced plan today "
    "are left out on both sides."
)
_NOTHING = "nothing"
_NO_FEATURE = "choose a feature"


class CompareView(WillingnessView):
    """A table of offers, a table of tiers, and two changes to try."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.offers = Block(role="status")
        self.tiers = Block()
        self.without = choice("Try leaving out", [_NOTHING], on_change=self.guarded(lambda _: self._try_without()))
        self.feature = choice("Try moving", [_NO_FEATURE], on_change=self.guarded(lambda _: self._try_feature()))
        self.lowest = choice("so that it starts in", [NOWHERE], on_change=self.guarded(lambda _: self._try_feature()))
        self.tried = Block(role="status")
        self.section = panel.section(
            "Against today's tiers",
            controls=(self.without, self.feature, self.lowest),
            status=self.status,
            parts=(self.tried, self.offers, self.tiers),
            intro=INTRO,
        )

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show the comparison; what was tried is worked out again for the design as it is now."""
        design = result.design
        if design is None:
            self.offers.show(html.message(result.why_not, "warning"))
            self.tiers.show("")
            self.tried.show("")
            return
        plans = list(design.task.plans)
        show(self.without, _kept(self.without.value, plans, _NOTHING), options=[_NOTHING, *plans])
        features = sorted({name for plan in design.book.plans for name in plan.features})
        show(self.feature, _kept(self.feature.value, features, _NO_FEATURE), options=[_NO_FEATURE, *features])
        show(self.lowest, _kept(self.lowest.value, plans, NOWHERE), options=[*plans, NOWHERE])
        effects = self._effects(result)
        if effects:
            table = side_by_side(result, effects)
            self.offers.show(
                html.table(table, "Offers before the same accounts; ranges hold 90% of the draws", numbers_right=False)
            )
        else:
            self.offers.show(html.message("There is no list of today's prices to compare with (table plans)."))
        self.tiers.show(html.table(tiers_table(result), f"The tiers of {result.scenario.name}"))
        self._try_without() if self.without.value != _NOTHING else self._try_feature()

    def _effects(self, result: WillingnessResult) -> dict[str, Effect]:
        effect = result.against_today
        if effect is None or result.design is None:
            return {}
        found = {result.scenario.name: effect}
        search, today = self.panel.search, self.panel.evidence.today
        if search is not None and today is not None:
            demand = self.panel.demand_on_priced_plans
            found["Prices found"] = effect_of(demand, today, with_prices(result.design.book, search))
        return found

    def _try_without(self) -> None:
        result, tier = self.panel.result, str(self.without.value)
        if tier == _NOTHING:
            self.tried.show("")
            return
        show(self.feature, _NO_FEATURE)
        self._say(f"Without {tier}", without_tier(result, tier), result)

    def _try_feature(self) -> None:
        result, feature = self.panel.result, str(self.feature.value)
        if feature == _NO_FEATURE:
            self.tried.show("")
            return
        show(self.without, _NOTHING)
        lowest = str(self.lowest.value)
        where = lowest if lowest == NOWHERE else f"from {lowest} up"
        self._say(f"{feature} {where}", feature_moved(result, feature, lowest), result)

    def _say(self, change: str, effect: Effect, result: WillingnessResult) -> None:
        self.tried.show(html.message(f"{change}: {effect.reading(result.currency)}"))


def _kept(value: object, names: list[str], otherwise: str) -> str:
    return str(value) if value in names else otherwise
