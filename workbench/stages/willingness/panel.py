"""The panel of what customers would pay: methods, who buys what, prices found, the design against today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from workbench.demand.changes import effect_of, kept_table
from workbench.demand.model import fee_of
from workbench.demand.search.result import value_in_words, with_prices
from workbench.formatting import one_unit
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choices,
    column,
    number_box,
    number_grid,
    row,
    show,
    show_grid,
    tabs,
    text_box,
)
from workbench.rendering.figure_view import FigureView
from workbench.rendering.panel import DesignPanel
from workbench.rendering.section import PlainSection, guarded, working
from workbench.rendering.widgets import HtmlBlock
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.contract import result_of
from workbench.stages.offers import AddOnDecision
from workbench.stages.study_replay import scenario_standing
from workbench.stages.willingness.charts import DRAGGED, demand_figures, price_figures, search_figures
from workbench.stages.willingness.decision import SEARCHED_RULES, SOURCES, ComparableOffer, searched_off
from workbench.stages.willingness.evaluation import (
    NOWHERE,
    evaluate,
    feature_moved,
    placed_and_chosen,
    side_by_side,
    tiers_table,
    without_tier,
)
from workbench.stages.willingness.evidence import available, gather
from workbench.stages.willingness.panel_parts import (
    ATTACH_INTRO,
    CHOICE_RULES,
    COMPARISON_INTRO,
    ENDINGS,
    FIND_PRICES_INTRO,
    METHOD_TABS,
    METHODS_INTRO,
    OBJECTIVES,
    RULE_WORDS,
    WHO_BUYS_INTRO,
    MethodTab,
    MethodTabs,
)
from workbench.stages.willingness.price_search import (
    FEWEST,
    STARTS,
    attach_table,
    find_prices_quickly,
    found_conclusion,
    found_in_words,
    market_corridors,
    weighed,
    with_attach_rates,
    with_found_prices,
)
from workbench.study.model import plain_errors
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workbench.demand.changes import Effect
    from workbench.demand.model import Demand
    from workbench.demand.search.result import PriceSearch
    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.rendering.widgets import GridColumn
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.figure import Figure
    from workbench.stages.willingness.evaluation import WillingnessResult
    from workbench.stages.willingness.evidence import DemandEvidence
    from workbench.stages.willingness.price_search import FoundConclusion

say = texts(__name__)

# --- One section of the panel of willingness to pay, shown in turns


class WillingnessView(PlainSection):
    """A section of the panel. A subclass shows in each turn what belongs there; nothing by default."""

    section: Section

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__()
        self.panel = panel

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in this section's status line; controls then show what is kept."""
        return guarded(callback, self.status, after_error=self._put_back)

    def lead(self, result: WillingnessResult) -> None:
        """Draw the charts that follow a control at once; a look-up has to do."""

    def refresh(self, result: WillingnessResult) -> None:
        """Show controls, other charts and key figures, a moment later."""

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show readings and tables, and what takes long, once the hand rests."""

    def to_know(self, result: WillingnessResult, *more: str) -> str:
        """Write warnings in plain sight, notes and further sentences for who wants to know, and what it stands on."""
        loud = html.caution_messages(each for each in result.cautions if each.severity != "note")
        notes = [each.text for each in result.cautions if each.severity == "note"]
        return loud + html.details("Also worth knowing", html.lines([*notes, *more])) + html.basis(result.basis)

    def decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        """Keep changed settings with the scenario."""
        session, result = self.panel.session, self.panel.result
        with plain_errors(say("these_settings_cannot_be_kept")):
            decision = result.decision.replaced(**changes)
        self.status.clear()
        session.propose(session.study.scenario(result.scenario.id).with_decision(decision), "Willingness to pay")

    def _put_back(self) -> None:
        self.refresh(self.panel.result)


# --- What customers say: one tab per research method, with its charts, its reading and its cautions


class MethodsView(WillingnessView):
    """A tab per method, and the range stated prices are divided by."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.low = self._factor(say("stated_prices_are_too_high"), "overstated_low")
        self.high = self._factor("up to", "overstated_high")
        self.pages = {method: MethodTab() for method in METHOD_TABS}
        self.tabs = tabs({METHOD_TABS[method]: page.widget for method, page in self.pages.items()})
        self._shown: object = None
        self.section = panel.section(
            say("what_customers_would_pay_by"),
            controls=(self.low, self.high),
            status=self.status,
            parts=(MethodTabs(self.tabs, tuple(self.pages.values())),),
            intro=METHODS_INTRO,
        )

    def refresh(self, result: WillingnessResult) -> None:
        """Show the range stated prices are divided by."""
        show(self.low, result.decision.overstated_low)
        show(self.high, result.decision.overstated_high)

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show what the methods say; they do not depend on the design."""
        if self._shown is result.answers:
            return
        self._shown = result.answers
        for method, page in self.pages.items():
            page.show(result.answers, method)

    def _factor(self, words: str, field: str) -> object:
        return number_box(
            words,
            minimum=0.5,
            maximum=5,
            step=0.05,
            on_change=self.guarded(lambda value: self.decide(**{field: value})),
        )


# --- Who buys what: where willingness comes from, a price to drag, and what follows for every tier

_LINES = ("share", "revenue")
_KINDS = ("who-buys-what", "cannibalisation", "fit-to-today")


class WhoBuysView(WillingnessView):
    """Source and settings, the tier whose price moves, two lines, three figures, and the assumptions."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.source = choice(
            "Willingness from", list(SOURCES), on_change=self.guarded(lambda name: self.decide(source=name))
        )
        self.rule = choice("Accounts take", CHOICE_RULES, on_change=self.guarded(lambda rule: self.decide(rule=rule)))
        self.rivals = choices(
            "Competitors to name", [], rows=4, on_change=self.guarded(lambda names: self.decide(rivals=tuple(names)))
        )
        self.tier = choice("Tier", ["none yet"], on_change=self.guarded(lambda _: self._show_tier()))
        self.price = number_box(
            "Its price a month", 1, minimum=0, maximum=100, step=1, slider=True, on_change=self.guarded(self._move)
        )
        self.figures = HtmlBlock(role="status")
        self.lines = {kind: FigureView() for kind in _LINES}
        self.charts = {kind: FigureView() for kind in _KINDS}
        self.words = HtmlBlock()
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
            intro=WHO_BUYS_INTRO,
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
        kept = html.table(kept_table(result.kept), say("customers_lost_and_gained_with"))
        self.figures.show(html.key_figure_cards(result.key_figures) + kept)

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show readings, what changes from today, and everything to know before using the numbers."""
        for view in (*self.lines.values(), *self.charts.values()):
            view.show_words()
        if not result.is_ready:
            self.words.show(html.missing(result.missing))
            return
        effect = result.against_today
        against = (
            ""
            if effect is None
            else html.paragraph(say("against_today_s_price_list", reading=effect.reading(result.currency)))
        )
        apart = self._apart(result)
        anchoring = () if result.anchoring is None else (result.anchoring.reading,)
        self.words.show(against + apart + self.to_know(result, *anchoring))

    def _apart(self, result: WillingnessResult) -> str:
        """Write by how much shares and revenue by need differ from what customers would choose, and why."""
        session, scenario = self.panel.session, result.scenario
        stands, _ = scenario_standing(session.base, session.study, scenario)
        found = placed_and_chosen(result_of("tiers", session.base, scenario), stands, result)
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
        show(self.price, fee.amount, label=say("price_of_a_month", tier=tier), **ends)

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
        session = self.panel.session
        session.propose(
            with_found_prices(session.study.scenario(result.scenario.id), {tier: float(price)}), f"Price of {tier}"
        )

    def _dragged(self, change: dict[str, tuple[object, ...]]) -> None:
        name, value = change["new"] or ("", {})
        prices = value.get("price") if isinstance(value, dict) and name == DRAGGED else None
        if prices:
            step = float(self.price.step or 1)
            self._move(max(step, round(float(prices[0]) / step) * step))


_SMALL = 20.0

# --- Which competitors' offers stand against which tier of ours, and because of what

_NONE = "none yet"


class ComparableOffers:
    """Controls to say that an offer stands against a tier, and the list of those said; hidden without offers."""

    def __init__(self, view: WillingnessView) -> None:
        self.view = view
        self.offer = choice("Competitor's offer", {_NONE: None})
        self.tier = choice("stands against", [_NONE])
        self.because = text_box("because", placeholder="what makes them alternatives")
        self.add = button("Count it", view.guarded(self._add))
        self.drop = button(say("count_none_for_this_tier"), view.guarded(self._drop))
        self.said = HtmlBlock()
        self.widget = column(row(self.offer, self.tier, self.because), row(self.add, self.drop), self.said)

    def refresh(self, result: WillingnessResult) -> None:
        """Show the offers there are, the tiers, and what was said of them."""
        frame = result.answers.base.frames.get("competitor_offers")
        tiers = [] if result.design is None else list(result.design.priced)
        self.widget.layout.display = None if frame is not None and tiers else "none"
        if frame is None or not tiers:
            return
        keys = dict.fromkeys(zip(frame["vendor"].astype(str), frame["offer"].astype(str), strict=True))
        offers = {f"{vendor} {offer}": (vendor, offer) for vendor, offer in keys}
        show(self.offer, _kept_or_first(self.offer.value, list(offers.values())), options=offers)
        show(self.tier, _kept_or_first(self.tier.value, tiers), options=tiers)
        lines = [
            say("stands_against", vendor=each.vendor, offer=each.offer, tier=each.tier, because=each.because)
            for each in result.decision.comparable
        ]
        few = say("a_tier_has_a_market", fewest=FEWEST)
        self.said.show(html.lines([*lines, few]))

    def _add(self) -> None:
        (vendor, offer), tier, why = self.offer.value, str(self.tier.value), str(self.because.value).strip()
        if not why:
            self.view.status.say(say("say_first_what_makes_the"), "warning")
            return
        said = self.view.panel.result.decision.comparable
        others = tuple(each for each in said if (each.vendor, each.offer, each.tier) != (vendor, offer, tier))
        new = ComparableOffer(vendor=vendor, offer=offer, tier=tier, because=why)
        self.view.decide(comparable=(*others, new))

    def _drop(self) -> None:
        said = self.view.panel.result.decision.comparable
        self.view.decide(comparable=tuple(each for each in said if each.tier != str(self.tier.value)))


def _kept_or_first(value: object, there: list) -> object:
    return value if value in there else there[0]


# --- Find prices: what for, under which rules, and which of the prices found to take over

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
        self.words = HtmlBlock(role="status")
        self.prices = number_grid(
            "Prices to take over", [], [], [], row_heading="Offer", on_change=self.guarded(self._weigh)
        )
        self.kept = HtmlBlock(role="status")
        self.take = button("Use these prices", self.guarded(self.use))
        self.charts = [FigureView() for _ in _KEYS]
        self.tables = HtmlBlock()
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
            intro=FIND_PRICES_INTRO,
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
        self.status.say(say("searching_for_prices_this_takes"))
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
        session, result = self.panel.session, self.panel.result
        prices = self._chosen()
        changed = with_found_prices(session.study.scenario(result.scenario.id), prices)
        session.propose(changed, "Prices found")
        self.status.say(say("the_design_has_these_prices"), "ok")

    def _decide_rules(self) -> None:
        self.decide(rules_off=tuple(rule for rule, box in self.rules.items() if not box.value))

    def _asked(self, result: WillingnessResult) -> object:
        """Return what a search depends on, prices apart: those of the design are only what it is compared with."""
        task = None if result.design is None else result.design.task
        return (result.decision, task, result.scenario.waivers, self.panel.session.study.thresholds)

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
            self.words.show(html.message(say("no_prices_are_recommended", reason=self.found.reason), "warning"))
            self.kept.show("")
            self.tables.show("")
            return
        loud = html.caution_messages(each for each in search.cautions if each.severity != "note")
        notes = html.details(
            "Also worth knowing", html.lines(each.text for each in search.cautions if each.severity == "note")
        )
        self.words.show(html.paragraph(f"{found_in_words(self.found, search)} {search.reading}") + loud + notes)
        column: GridColumn = {"label": "Price", "unit": search.currency, "minimum": 0.01}
        show_grid(self.prices, list(search.searched), [column], [(search.prices[name],) for name in search.searched])
        self._weigh()
        tables = html.table(search.price_table, say("prices_found_and_how_far"))
        if len(search.rule_table):
            tables += html.table(search.rule_table, "What each rule costs")
        self.tables.show(tables)

    def _weigh(self, _value: object = None) -> None:
        """Say what the prices in the table bring of the best."""
        if self.recommended is None or self.search is None:
            return
        found = weighed(self.panel.result, self.search, self._chosen())
        said = say(
            "these_prices_bring_of_the",
            value_in_words=value_in_words(self.search, found.value),
            share=found.share,
            kept=found.kept,
        )
        self.kept.show(html.paragraph(said))


# --- The design against today's tiers, and what a change to it would do

_NOTHING = "nothing"
_NO_FEATURE = "choose a feature"


class CompareView(WillingnessView):
    """A table of offers, a table of tiers, and two changes to try."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.offers = HtmlBlock(role="status")
        self.tiers = HtmlBlock()
        self.without = choice("Try leaving out", [_NOTHING], on_change=self.guarded(lambda _: self._try_without()))
        self.feature = choice("Try moving", [_NO_FEATURE], on_change=self.guarded(lambda _: self._try_feature()))
        self.lowest = choice(
            say("so_that_it_starts_in"), [NOWHERE], on_change=self.guarded(lambda _: self._try_feature())
        )
        self.tried = HtmlBlock(role="status")
        self.section = panel.section(
            "Against today's tiers",
            controls=(self.without, self.feature, self.lowest),
            status=self.status,
            parts=(self.tried, self.offers, self.tiers),
            intro=COMPARISON_INTRO,
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
        show(self.without, _kept_or_none(self.without.value, plans, _NOTHING), options=[_NOTHING, *plans])
        features = sorted({name for plan in design.book.plans for name in plan.features})
        show(self.feature, _kept_or_none(self.feature.value, features, _NO_FEATURE), options=[_NO_FEATURE, *features])
        show(self.lowest, _kept_or_none(self.lowest.value, plans, NOWHERE), options=[*plans, NOWHERE])
        effects = self._effects(result)
        if effects:
            table = side_by_side(result, effects)
            self.offers.show(html.table(table, say("offers_before_the_same_accounts")))
        else:
            self.offers.show(html.message(say("there_is_no_list_of")))
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


def _kept_or_none(value: object, names: list[str], otherwise: str) -> str:
    return str(value) if value in names else otherwise


# --- How many buyers would take each add-on, beside what the team expects


class AttachView(WillingnessView):
    """A table of attach rates, and a button that takes them over as what is expected."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.table = HtmlBlock(role="status")
        self.words = HtmlBlock()
        self.take = button("Expect these shares", self.guarded(self.use))
        self.section = panel.section(
            say("who_would_take_the_add"),
            status=self.status,
            parts=(self.table, row(self.take), self.words),
            intro=ATTACH_INTRO,
        )

    def refresh(self, result: WillingnessResult) -> None:
        """Show the shares beside what is expected."""
        found = result.attach
        self.take.disabled = found is None
        if found is None:
            why = result.why_not or say("the_design_has_no_add")
            self.table.show(html.message(why, "warning" if result.why_not else "info"))
            self.words.show("")
            return
        table = attach_table(found, result.scenario.decision(AddOnDecision), result.currency)
        self.table.show(html.table(table, say("buyers_of_a_tier_who")))

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show what to know before using the shares."""
        if result.is_ready:
            source = html.paragraph(f"Willingness from: {result.source}.", soft=True)
            self.words.show(source + self.to_know(result))

    def use(self) -> None:
        """Take the shares over as the range the add-on stage expects."""
        session, result = self.panel.session, self.panel.result
        if result.attach is None:
            return
        scenario = session.study.scenario(result.scenario.id)
        session.propose(with_attach_rates(scenario, result.attach), say("expected_shares_of_add_ons"))
        self.status.say(say("these_shares_are_expected_now"), "ok")


# --- The panel of what customers would pay: methods, who buys what, prices found, the design against today

VIEWS: dict[str, type[WillingnessView]] = {
    "methods": MethodsView,
    "who_buys": WhoBuysView,
    "find_prices": FindView,
    "comparison": CompareView,
    "attach": AttachView,
}
TIER_SECTIONS = ("methods", "who_buys", "find_prices", "comparison")
_gathered: WeakKeyDictionary[Session, tuple[str, DemandEvidence]] = WeakKeyDictionary()


class WillingnessPanel(DesignPanel):
    """What customers of the design in view would pay, and who buys what. `result` is what is shown.

    Sections by name as attributes: `methods`, `who_buys`, `find_prices`, `comparison`, `attach`, of those asked for.
    """

    title = "Willingness to pay"

    def __init__(self, session: Session, sections: Iterable[str] = TIER_SECTIONS) -> None:
        super().__init__(session)
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
        """Return what was gathered from the data, once for every panel on a session."""
        base = self.session.base
        known = _gathered.get(self.session)
        if known is None or known[0] != base.fingerprint:
            known = (base.fingerprint, gather(base))
            _gathered[self.session] = known
        return known[1]

    @property
    def rulebook(self) -> Rulebook:
        """Return the rules with the study's own thresholds."""
        return RULEBOOK.for_study(self.session.study)

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
        return market_corridors(self.session.base, self.result.scenario, rulebook=self.rulebook)

    def unit_of(self, metric: str) -> str:
        """Return one unit of a metric in words."""
        return one_unit(metric)

    def recompute(self) -> None:
        """Work out what the session holds now; the marked price moves at once, the rest comes in turn."""
        known = self.result.design if self._has_result else None
        self.result = evaluate(self.session.base, self.scenario, evidence=self.evidence, known=known)
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


def open_panel(session: Session, sections: Iterable[str] = TIER_SECTIONS) -> WillingnessPanel:
    """Return the panel; the answers of surveys are estimated when it opens."""
    with working(say("reading_what_the_customers_of", title=session.study.title)):
        return WillingnessPanel(session, sections)
