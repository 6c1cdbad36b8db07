"""A price on its line: the tier in view, its price to type or drag, and share and revenue that follow at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.demand.model import PER_ACCOUNT, fee_of
from workbench.formatting import one_unit
from workbench.rendering.controls import choice, column, number_box, row, show
from workbench.rendering.figure_view import FigureRow
from workbench.stages.view import NOTHING
from workbench.stages.willingness.charts import DRAGGED, price_figures
from workbench.stages.willingness.price_search import with_found_prices
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.figure import Figure

say = texts(__name__)

_SMALL = 20.0
"""A price below which one press of a key moves it by a tenth."""


class PriceOnALine:
    """The tier whose price moves, a slider, and two lines on which the price can be dragged."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.tier = choice(say("tier"), {"": NOTHING}, NOTHING, on_change=panel.guarded(lambda _: self._turn()))
        self.price = number_box(
            say("its_price_a_month"),
            1,
            minimum=0,
            maximum=100,
            step=1,
            slider=True,
            on_change=panel.guarded(self._move),
        )
        self.lines = FigureRow()
        self.widget = column(row(self.tier, self.price), self.lines.widget)

    @property
    def plan(self) -> str | None:
        """Return the tier whose price is in view: the one chosen, else the middle one."""
        design = self._panel.result.design
        there = () if design is None else design.priced
        return self.tier.value if self.tier.value in there else there[len(there) // 2] if there else None

    def lead(self) -> None:
        """Move the marked price; everything along its line is known."""
        known = len(self.lines.views)
        self.lines.show_charts(self._figures())
        for view in self.lines.views[known:]:
            view.chart.observe(self._panel.guarded(self._dragged), names="selected")

    def refresh(self) -> None:
        """Show the tiers, and the price of the one in view."""
        design, tier = self._panel.result.design, self.plan
        here = design is not None and tier is not None
        self.tier.layout.display = self.price.layout.display = None if here else "none"
        if design is None or tier is None:
            return
        show(self.tier, tier, options=list(design.priced))
        fee, currency = fee_of(design.book.plan(tier)), self._panel.result.currency
        step = 1 if fee.amount >= _SMALL else 0.1
        unit = currency if fee.per == PER_ACCOUNT else say("money_per", currency=currency, unit=one_unit(fee.per))
        highest = round(float(design.curve(tier)["price"].iloc[-1]) + step)
        label = say("price_of_a_month", tier=tier)
        show(self.price, fee.amount, label=label, minimum=0.0, maximum=highest, step=step, unit=unit)

    def refresh_words(self) -> None:
        """Show what the lines say."""
        self.lines.show_words()

    def static_html(self) -> str:
        """Return the lines as pictures."""
        return self.lines.static_html()

    def _figures(self) -> tuple[Figure, ...]:
        tier = self.plan
        return () if tier is None else price_figures(self._panel.result, tier, draggable=True)

    def _turn(self) -> None:
        for show_it in (self.lead, self.refresh, self.refresh_words):
            show_it()

    def _move(self, price: float | None) -> None:
        tier, scenario = self.plan, self._panel.result.scenario
        if tier is not None and price is not None and price > 0:
            note = say("price_of_a_month", tier=tier)
            self._panel.session.propose(with_found_prices(scenario, {tier: float(price)}), note)

    def _dragged(self, change: dict[str, Any]) -> None:
        name, value = change["new"] or ("", {})
        prices = value.get("price") if isinstance(value, dict) and name == DRAGGED else None
        if prices:
            step = float(self.price.step or 1)
            self._move(max(step, round(float(prices[0]) / step) * step))
