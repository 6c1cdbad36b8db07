"""Who buys what: where willingness comes from, a price to drag, and what follows for every tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.fees import fee_of
from workbench.demand.kept import kept_table
from workbench.stages import tiers
from workbench.stages.standing import scenario_standing
from workbench.stages.willingness.charts import demand_figures, price_figures
from workbench.stages.willingness.charts_price_lines import DRAGGED
from workbench.stages.willingness.decision import SOURCES
from workbench.stages.willingness.finding import with_found_prices
from workbench.stages.willingness.placed_and_chosen import placed_and_chosen
from workbench.stages.willingness.sources import available
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import choice, choices, number_box, show
from workbench.ui.figure_view import FigureView
from workbench.ui.willingness.view import WillingnessView

if TYPE_CHECKING:
    from workbench.stages.figure import Figure
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.willingness.panel import WillingnessPanel

INTRO = (
    "Every account before the tiers of the design: it takes the one that is worth most above its bill, or none. "
    "Drag the line in a chart, or the slider, to move the price of a tier; the design follows."
)
RULES = {"the best value for the money": "surplus", "spread by taste around it": "logit"}
_LINES = ("share", "revenue")
_KINDS = ("who-buys-what", "cannibalisation", "fit-to-today")


class WhoBuysView(WillingnessView):
    """Source and settings, the tier whose price moves, two lines, three figures, and the assumptions."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.source = choice(
            "Willingness from", list(SOURCES), on_change=self.guarded(lambda name: self.decide(source=name))
        )
        self.rule = choice("Accounts take", RULES, on_change=self.guarded(lambda rule: self.decide(rule=rule)))
        self.rivals = choices(
            "Competitors to name", [], rows=4, on_change=self.guarded(lambda names: self.decide(rivals=tuple(names)))
        )
        self.tier = choice("Tier", ["none yet"], on_change=self.guarded(lambda _: self._show_tier()))
        self.price = number_box(
            "Its price a month", 1, minimum=0, maximum=100, step=1, slider=True, on_change=self.guarded(self._move)
        )
        self.figures = Block(role="status")
        self.lines = {kind: FigureView() for kind in _LINES}
        self.charts = {kind: FigureView() for kind in _KINDS}
        self.words = Block()
        for view in self.lines.values():
            view.chart.observe(self.guarded(self._dragged), names="selected")
        self.section = panel.section(
            "Who buys what",
            controls=(self.source, self.rule, self.tier, self.price),
            status=self.status,
            parts=(
                self.figures,
                tuple(self.lines.values()),
                (self.charts["who-buys-what"], self.charts["cannibalisation"]),
                self.charts["fit-to-today"],
                self.rivals,
                self.words,
            ),
            intro=INTRO,
        )

    def lead(self, result: WillingnessResult) -> None:
        """Move the marked price; everything along its line is known."""
        for view, figure in self._on_line(result):
            view.show_chart(figure)

    def refresh(self, result: WillingnessResult) -> None:
        """Show settings, key figures and the charts of all tiers."""
        self._show_settings(result)
        drawn = {figure.key: figure for figure in demand_figures(result)}
        for kind, view in self.charts.items():
            view.show_chart(drawn.get(kind))
        if not result.is_ready:
            self.figures.show(html.message(result.why_not, "warning"))
            return
        kept = html.table(kept_table(result.kept), "Customers lost and gained, with 90% of the draws")
        self.figures.show(html.key_figures(result.key_figures) + kept)

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show readings, what changes from today, and everything to know before using the numbers."""
        for view in (*self.lines.values(), *self.charts.values()):
            view.show_words()
        if not result.is_ready:
            self.words.show(html.missing(result.missing))
            return
        effect = result.against_today
        against = (
            "" if effect is None else html.paragraph(f"Against today's price list: {effect.reading(result.currency)}")
        )
        apart = self._apart(result)
        anchoring = () if result.anchoring is None else (result.anchoring.reading,)
        self.words.show(against + apart + self.to_know(result, *anchoring))

    def _apart(self, result: WillingnessResult) -> str:
        """Write by how much shares and revenue by need differ from what customers would choose, and why."""
        desk, scenario = self.panel.desk, result.scenario
        stands, _ = scenario_standing(desk.base, desk.study, scenario)
        found = placed_and_chosen(tiers.evaluate(desk.base, scenario), stands, result)
        return "" if found is None else html.paragraph(found.evidence)

    def _show_settings(self, result: WillingnessResult) -> None:
        there = available(result.answers)
        names = {"best there is" + (f" ({result.source})" if result.source else ""): SOURCES[0]}
        names |= {source: source for source in SOURCES[1:] if source in there}
        wanted = result.decision.source
        names |= {} if wanted in names.values() else {f"{wanted} (no answers)": wanted}
        show(self.source, wanted, options=names)
        show(self.rule, result.decision.rule)
        offers = [each.name for each in self.panel.evidence.rivals]
        named = tuple(name for name in result.decision.rivals if name in offers)
        show(self.rivals, named, options=offers)
        self.rivals.layout.display = None if offers else "none"
        priced = () if result.design is None else result.design.priced
        tier = self._tier(result)
        show(self.tier, tier or "none yet", options=list(priced) or ["none yet"])
        self._show_price(result)

    def _show_price(self, result: WillingnessResult) -> None:
        tier = self._tier(result)
        self.price.disabled = tier is None
        if tier is None or result.design is None:
            return
        fee = fee_of(result.design.book.plan(tier))
        curve = result.design.curve(tier)["price"]
        unit = result.currency if fee.per == "account" else f"{result.currency} per {self.panel.unit_of(fee.per)}"
        step = 1 if fee.amount >= _SMALL else 0.1
        ends = {"minimum": 0.0, "maximum": round(float(curve.iloc[-1]) + step), "step": step, "unit": unit}
        show(self.price, fee.amount, label=f"Price of {tier} a month", **ends)

    def _show_tier(self) -> None:
        result = self.panel.result
        self._show_price(result)
        for view, figure in self._on_line(result):
            view.show(figure)

    def _on_line(self, result: WillingnessResult) -> list[tuple[FigureView, Figure | None]]:
        tier = self._tier(result)
        drawn = () if tier is None else price_figures(result, tier, draggable=True)
        found = [*drawn, *(None for _ in range(len(_LINES) - len(drawn)))]
        return list(zip(self.lines.values(), found, strict=True))

    def _tier(self, result: WillingnessResult) -> str | None:
        """Return the tier whose price is in view: the one chosen, else the middle one."""
        priced = () if result.design is None else result.design.priced
        chosen = str(self.tier.value)
        if chosen in priced:
            return chosen
        return priced[len(priced) // 2] if priced else None

    def _move(self, price: float) -> None:
        result = self.panel.result
        tier = self._tier(result)
        if tier is None or price is None or price <= 0:
            return
        desk = self.panel.desk
        desk.propose(
            with_found_prices(desk.study.scenario(result.scenario.id), {tier: float(price)}), f"Price of {tier}"
        )

    def _dragged(self, change: dict[str, tuple[object, ...]]) -> None:
        name, value = change["new"] or ("", {})
        prices = value.get("price") if isinstance(value, dict) and name == DRAGGED else None
        if prices:
            step = float(self.price.step or 1)
            self._move(max(step, round(float(prices[0]) / step) * step))


_SMALL = 20.0
