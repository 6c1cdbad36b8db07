"""Find prices: what for, under which rules, and which of the prices found to take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.search.words import value_in_words
from workbench.formatting import percent
from workbench.stages.willingness.charts import search_figures
from workbench.stages.willingness.decision import SEARCHED_RULES, searched_off
from workbench.stages.willingness.demand_conclusion import found_conclusion, found_in_words
from workbench.stages.willingness.finding import weighed, with_found_prices
from workbench.stages.willingness.quick_finding import STARTS, find_prices_quickly
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, checkbox, choice, number_box, row, show
from workbench.ui.figure_view import FigureView
from workbench.ui.grid import number_grid, show_grid
from workbench.ui.willingness.comparable_offers import ComparableOffers
from workbench.ui.willingness.view import WillingnessView

if TYPE_CHECKING:
    from workbench.demand.search import PriceSearch
    from workbench.stages.willingness.demand_conclusion import FoundConclusion
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.grid import Column
    from workbench.ui.willingness.panel import WillingnessPanel

INTRO = (
    "The prices of all tiers and add-ons that bring most, under the rules that are ticked, while enough of the "
    "accounts that pay today go on paying. Prices are shown only when they are likely to beat today's; else one "
    "sentence says what stands against it. What brings nearly as much is shown too, so that the team chooses, not the "
    "search."
)
OBJECTIVES = {"contribution": "margin", "revenue": "revenue", "accounts that buy": "share"}
ENDINGS = {
    "the usual way": "usual",
    "in 9": "nine",
    "on whole amounts": "whole",
    "on fives": "fives",
    "on tens": "tens",
    "as they come": None,
}
RULE_WORDS = {
    "T2": "Most buyers in the middle tier (T2)",
    "T4": "Top tier three to five times the lowest (T4)",
    "A2": "Add-ons a fifth to two fifths of the core plan (A2)",
    "C4": "Inside the market corridor (C4)",
}
_KEYS = ("price-search-flat", "price-search-rules", "price-search-peaks", "price-search-gain")


class FindView(WillingnessView):
    """Objective, rules, the search, what it found, and the prices to take over. `starts` says how hard to search."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.search: PriceSearch | None = None
        self.starts = STARTS
        self._searched: object = None
        self.objective = choice("Most", OBJECTIVES, on_change=self.guarded(lambda name: self.decide(objective=name)))
        self.keep = number_box(
            "Keep at least",
            95,
            minimum=0,
            maximum=100,
            step=1,
            unit="% of paying accounts",
            on_change=self.guarded(lambda share: self.decide(kept=share / 100)),
        )
        self.ending = choice("Prices end", ENDINGS, on_change=self.guarded(lambda name: self.decide(ending=name)))
        self.rules = {
            rule: checkbox(RULE_WORDS[rule], on_change=self.guarded(lambda _: self._decide_rules()))
            for rule in SEARCHED_RULES
        }
        self.against = ComparableOffers(self)
        self.start = button("Find prices", self.guarded(self.find), primary=True)
        self.words = Block(role="status")
        self.prices = number_grid(
            "Prices to take over", [], [], [], row_heading="Offer", on_change=self.guarded(self._weigh)
        )
        self.kept = Block(role="status")
        self.take = button("Use these prices", self.guarded(self.use))
        self.charts = [FigureView() for _ in _KEYS]
        self.tables = Block()
        self.section = panel.section(
            "Find prices",
            controls=(self.objective, self.keep, self.ending),
            status=self.status,
            parts=(
                row(*self.rules.values()),
                self.against.widget,
                row(self.start),
                self.words,
                self.prices,
                self.kept,
                row(self.take),
                tuple(self.charts[:2]),
                tuple(self.charts[2:]),
                self.tables,
            ),
            intro=INTRO,
        )
        self._show_search()

    def refresh(self, result: WillingnessResult) -> None:
        """Show the settings; what was found for another offer or with other settings is put away."""
        decision = result.decision
        show(self.objective, decision.objective)
        show(self.ending, decision.ending)
        show(self.keep, round(100 * decision.kept, 4))
        off = searched_off(decision, result.scenario.waivers)
        for rule, box in self.rules.items():
            show(box, rule not in off)
        self.against.refresh(result)
        self.start.disabled = not result.is_ready
        if self.search is not None and self._searched != self._asked(result):
            self.search = None
            self._show_search()

    def find(self) -> None:
        """Search, and show what was found."""
        result = self.panel.result
        self.status.say("Searching for prices. This takes some seconds.")
        market = self.panel.market()
        self.search = find_prices_quickly(result, rulebook=self.panel.rulebook, market=market, starts=self.starts)
        self._searched = self._asked(result)
        self.status.clear()
        self._show_search()
        self.panel.show_words_soon()

    @property
    def found(self) -> FoundConclusion:
        """Return the prices that are recommended, or why none are."""
        return found_conclusion(self.panel.result, self.search)

    @property
    def recommended(self) -> PriceSearch | None:
        """Return the search whose prices are recommended, None before any and where none are."""
        return self.search if self.search is not None and self.found.status == "known" else None

    def use(self) -> None:
        """Put the prices in the table into the design."""
        if self.recommended is None:
            return
        desk, result = self.panel.desk, self.panel.result
        prices = self._chosen()
        changed = with_found_prices(desk.study.scenario(result.scenario.id), prices)
        desk.propose(changed, "Prices found")
        self.status.say("The design has these prices now. Undo takes them back.", "ok")

    def _decide_rules(self) -> None:
        self.decide(rules_off=tuple(rule for rule, box in self.rules.items() if not box.value))

    def _asked(self, result: WillingnessResult) -> object:
        """Return what a search depends on, prices apart: those of the design are only what it is compared with."""
        task = None if result.design is None else result.design.task
        return (result.decision, task, result.scenario.waivers, self.panel.desk.study.thresholds)

    def _chosen(self) -> dict[str, float]:
        return {
            name: float(line[0])
            for name, line in zip(self.prices.rows, self.prices.value, strict=True)
            if line[0] is not None
        }

    def _show_search(self) -> None:
        search = self.search
        shown = self.recommended is not None
        for widget in (self.prices, self.take):
            widget.layout.display = None if shown else "none"
        drawn = () if search is None else search_figures(search, with_prices=shown)
        for place, view in enumerate(self.charts):
            view.show(drawn[place] if place < len(drawn) else None)
        if search is None:
            self.words.show("")
            self.kept.show("")
            self.tables.show("")
            return
        if not shown:
            self.words.show(html.message(f"No prices are recommended. {self.found.reason}", "warning"))
            self.kept.show("")
            self.tables.show("")
            return
        loud = html.cautions(each for each in search.cautions if each.severity != "note")
        notes = html.details(
            "Also worth knowing", html.lines(each.text for each in search.cautions if each.severity == "note")
        )
        self.words.show(html.paragraph(f"{found_in_words(self.found, search)} {search.reading}") + loud + notes)
        column: Column = {"label": "Price", "unit": search.currency, "minimum": 0.01}
        show_grid(self.prices, list(search.searched), [column], [(search.prices[name],) for name in search.searched])
        self._weigh()
        tables = html.table(search.price_table, "Prices found, and how far each can move while the others stay")
        if len(search.rule_table):
            tables += html.table(search.rule_table, "What each rule costs")
        self.tables.show(tables)

    def _weigh(self, _value: object = None) -> None:
        """Say what the prices in the table bring of the best."""
        if self.recommended is None or self.search is None:
            return
        found = weighed(self.panel.result, self.search, self._chosen())
        said = (
            f"These prices bring {value_in_words(self.search, found.value)}, {percent(found.share, 1)} of the best "
            f"found, and keep {percent(found.kept)} of the accounts that pay today."
        )
        self.kept.show(html.paragraph(said))
