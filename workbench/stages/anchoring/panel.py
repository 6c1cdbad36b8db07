"""The panel of the stage: offers, profiles, comparison, corridor, value, position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.formatting import capitalised, metric_words, one_unit
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    choice,
    choice_matrix,
    choices,
    number_box,
    number_grid,
    row,
    show,
    show_grid,
    show_matrix,
    text_area,
    text_box,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import GridColumn, HtmlBlock
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.anchoring.charts import LADDERS, ladder_key
from workbench.stages.anchoring.decision import (
    counted_items,
    from_offer_key,
    offer_key,
    with_counts,
    with_item,
    with_item_values,
    with_matches,
    with_quantities,
    with_rate,
    with_reference_prices,
    with_used_offers,
    without_item,
)
from workbench.stages.anchoring.evidence import PLAN
from workbench.stages.anchoring.result import foreign_currencies, relevant_metrics
from workbench.stages.anchoring.words import position_words
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.session import Desk
    from workbench.stages.anchoring.decision import AnchoringDecision, Differentiation
    from workbench.stages.anchoring.result import AnchoringResult

say = texts(__name__)

_USED = ({"key": "used", "label": "Comparable"},)
_RATE_COLUMNS: list[GridColumn] = [
    {"label": "Low", "minimum": 0, "step": 0.01, "optional": True},
    {"label": "High", "minimum": 0, "step": 0.01, "optional": True},
]


class AnchoringPanel(StagePanel):
    """Where prices stand: `offers`, `profiles`, `comparison`, `corridor`, `value` and `position` are its sections."""

    stage_key = "anchoring"
    decision: AnchoringDecision
    result: AnchoringResult

    def build(self) -> None:
        """Make the controls and sections."""
        self.offers = self._build_offers()
        self.profiles = self._build_profiles()
        self.comparison = self._build_comparison()
        self.corridor = self._build_corridor()
        self.value = self._build_value()
        self.position = self._build_position()

    def refresh(self) -> None:
        """Show the decision in the controls and the result in the parts."""
        self._refresh_offers()
        self._refresh_profiles()
        self.standing_table.show(html.table(self.result.tables["standing"], say("our_tiers_against_the_market")))
        self._refresh_corridor()
        self._refresh_value()
        show(self.words, self.decision.position)
        self.said.show(html.paragraph(say("what_the_numbers_say", position_words=position_words(self.result))))

    def add_item(self) -> None:
        """Add the differentiation item typed into the form."""
        low, high, profile = self.item_low.value, self.item_high.value, self.item_profile.value
        per = self.item_counted.value.strip() or self.item_per.value
        self.revise(
            "Differentiation added",
            **with_item(self.decision, self.item_name.value, low, high, per=per, profile=profile),
        )
        for words in (self.item_name, self.item_counted):
            show(words, "")
        for end in (self.item_low, self.item_high):
            show(end, None)

    def remove_item(self) -> None:
        """Remove the differentiation item chosen."""
        self.revise("Differentiation removed", **without_item(self.decision, self.item_gone.value))

    def profiles_from_data(self) -> None:
        """Put the profiles back to what the data suggests."""
        self.revise("Profiles from the data", profiles=self.evidence.profiles)

    def use_words(self) -> None:
        """Take what the numbers say as the position."""
        self.revise("Position", position=position_words(self.result))

    def _build_offers(self) -> Any:  # noqa: ANN401 - a section
        self.vendors = choices("Vendors compared", (), rows=5, on_change=self.change("Vendors", self._with_vendors))
        self.stale = number_box(
            say("a_price_is_stale_after"), minimum=1, maximum=1095, step=1, whole=True, unit="days", slider=True,
            on_change=self.change("Age of stale prices", lambda days: {"stale_after_days": days}),
        )  # fmt: skip
        self.rates = number_grid(
            "Exchange rates", (), (), (), row_heading="Currency",
            on_change=self.change("Exchange rates", lambda cells: with_rate(self.decision, self._currencies, cells)),
        )  # fmt: skip
        self.used = choice_matrix(
            say("plans_that_are_comparable_with"), (), _USED, {}, row_heading="Competitor's plan",
            on_change=self.change("Comparable plans", lambda value: with_used_offers(self.decision, value)),
        )  # fmt: skip
        self._currencies: tuple[str, ...] = ()
        self.offer_list = HtmlBlock()
        return self.section(
            "Competitors' offers",
            intro=say("every_price_with_its_page"),
            controls=(self.vendors, self.stale, self.rates),
            parts=(self.offer_list, row(self.used)),
        )

    def _build_profiles(self) -> Any:  # noqa: ANN401 - a section
        self._metrics: tuple[str, ...] = ()
        self.quantities = number_grid(
            say("what_each_profile_uses_in"), (), (), (), row_heading="Profile",
            on_change=self.change(
                "Profiles", lambda cells: with_quantities(self.result.profiles, self._metrics, cells)
            ),
        )  # fmt: skip
        self.again = button("Back to the data", self.guarded(self.profiles_from_data))
        return self.section(
            "Usage profiles",
            intro=say("who_is_compared_one_active"),
            controls=(self.quantities, self.again),
        )

    def _build_comparison(self) -> Any:  # noqa: ANN401 - a section
        ladders = tuple(self.figure_view(ladder_key(place)) for place in range(LADDERS))
        self.standing_table = HtmlBlock()
        return self.section(
            "Comparison",
            intro=say("every_offer_at_the_same"),
            parts=(
                self.key_figures, (*ladders, self.figure_view("standing")), self.standing_table,
                (self.figure_view("along"),),
            ),
        )  # fmt: skip

    def _build_corridor(self) -> Any:  # noqa: ANN401 - a section
        self.matches = choice_matrix(
            say("which_competitors_offers_do_the"), (), (), {}, row_heading="Competitor's offer",
            on_change=self.change("Add-ons matched", lambda value: with_matches(self.decision, value)),
        )  # fmt: skip
        self.corridor_table = HtmlBlock()
        return self.section(
            "Corridor",
            intro=say("what_the_spread_of_the"),
            controls=(self.matches,),
            parts=((self.figure_view("corridor"),), self.corridor_table),
        )

    def _build_value(self) -> Any:  # noqa: ANN401 - a section
        self.reference = choice(
            "Next best alternative",
            {"none": None},
            on_change=self.change("Reference", lambda v: {"reference": from_offer_key(v)}),
        )
        self.at = choice(
            "Profile to look at", {"none": ""}, on_change=self.change("Value profile", lambda v: {"value_profile": v})
        )
        self.typed = number_grid(
            say("reference_price_typed_in_its"), (), (), (), row_heading="Profile",
            on_change=self.change(
                "Reference price", lambda cells: with_reference_prices(self.result.profiles, cells)
            ),
        )  # fmt: skip
        self.items = number_grid(
            say("what_sets_us_apart_worth"), (), (), (), row_heading="Item",
            on_change=self.change("Differentiation", lambda cells: with_item_values(self.decision, cells)),
        )  # fmt: skip
        self.item_name = text_box("New item", placeholder=say("such_as_no_analyst_needed"))
        self.item_low = number_box("Low", optional=True)
        self.item_high = number_box("High", optional=True)
        self.item_per = choice("Worth for each", {PER_ACCOUNT: PER_ACCOUNT})
        self.item_counted = text_box(say("or_for_each_thing_counted"), placeholder="such as: report")
        self.item_profile = choice("It holds for", {"every profile": ""})
        self.counts = number_grid(
            say("how_many_each_profile_has"), (), (), (), row_heading="Item",
            on_change=self.change(
                "What drives value", lambda cells: with_counts(self.decision, self.result.profiles, cells)
            ),
        )  # fmt: skip
        self.add = button("Add item", self.guarded(self.add_item), primary=True)
        self.item_gone = choice("Item to remove", {"none": None})
        self.remove = button("Remove item", self.guarded(self.remove_item))
        self.add_form = row(
            self.item_name, self.item_low, self.item_high, self.item_per, self.item_counted, self.item_profile, self.add
        )  # fmt: skip
        self.remove_form = row(self.item_gone, self.remove)
        for form in (self.add_form, self.remove_form):
            form.layout.align_items = "flex-end"
        self.value_list, self.value_lists = HtmlBlock(), HtmlBlock()
        return self.section(
            "Economic value",
            intro=say("what_the_next_best_alternative"),
            controls=(self.reference, self.at, self.typed, self.items, self.counts, self.add_form, self.remove_form),
            parts=(self.figure_view("value"), self.value_list, self.value_lists),
        )

    def _build_position(self) -> Any:  # noqa: ANN401 - a section
        self.words = text_area(
            "Position statement", rows=3, placeholder=say("where_we_want_to_stand"),
            on_change=self.change("Position", lambda text: {"position": text.strip()}),
        )  # fmt: skip
        self.said = HtmlBlock()
        self.take = button(say("use_what_the_numbers_say"), self.guarded(self.use_words))
        return self.section(
            "Position",
            intro=say("the_position_in_the_team"),
            controls=(self.words, self.take),
            parts=(self.said,),
        )

    def _with_vendors(self, chosen: tuple[str, ...]) -> dict[str, Any]:
        # All of them is kept as "every vendor", so that one who joins the data later is compared too.
        return {"vendors": () if set(chosen) == set(self.result.evidence.vendors) else tuple(chosen)}

    def _refresh_offers(self) -> None:
        decision, result = self.decision, self.result
        known = result.evidence.vendors
        show(self.vendors, tuple(v for v in known if v in (decision.vendors or known)), options=known)
        show(self.stale, decision.stale_after_days)
        self._currencies = foreign_currencies(result.offers, result.currency)
        rates = [decision.rates.get(code) for code in self._currencies]
        cells = [(None, None) if rate is None else (rate.low, rate.high) for rate in rates]
        names = [f"1 {code} in {result.currency}" for code in self._currencies]
        show_grid(self.rates, names, _RATE_COLUMNS, cells)
        self.rates.layout.display = None if self._currencies else "none"
        plans = [offer for offer in result.offers if offer.kind == PLAN and offer.plan.priced]
        rows = [{"key": offer_key(each.key), "label": each.name, "group": each.vendor} for each in plans]
        used = {offer_key(each.key): () if each.key in decision.set_aside else ("used",) for each in plans}
        show_matrix(self.used, rows, _USED, used)
        self.used.layout.display = None if plans else "none"
        for control in (self.vendors, self.stale):
            control.layout.display = None if known else "none"
        self.offer_list.show(
            html.table(result.tables["offers"], say("offers_as_last_seen_ages", today=result.today))
            if known
            else html.message(
                say("there_is_no_table_competitor"),
                "warning",
            )
        )

    def _refresh_profiles(self) -> None:
        result = self.result
        self._metrics = relevant_metrics(result)
        columns: list[GridColumn] = [
            {"label": capitalised(metric_words(metric)), "unit": "a month", "minimum": 0, "optional": True}
            for metric in self._metrics
        ]
        cells = [tuple(profile.quantities.get(metric) for metric in self._metrics) for profile in result.profiles]
        show_grid(self.quantities, [profile.name for profile in result.profiles], columns, cells)

    def _refresh_corridor(self) -> None:
        result = self.result
        add_ons = self.scenario.decision(AddOnDecision).add_ons
        offers = [offer for offer in result.offers if offer.plan.priced and offer.kind != PLAN]
        columns = [{"key": each.id, "label": each.name} for each in add_ons]
        rows = [{"key": offer_key(each.key), "label": each.name} for each in offers]
        chosen = self.decision.add_on_matches
        value = {
            offer_key(offer.key): tuple(each.id for each in add_ons if offer.key in chosen.get(each.id, ()))
            for offer in offers
        }
        show_matrix(self.matches, rows, columns, value)
        self.matches.layout.display = None if offers and add_ons else "none"
        self.corridor_table.show(
            html.table(result.tables["corridor"], say("what_is_left_open_for"))
            if result.corridors
            else html.message(say("design_tiers_first_there_is"))
        )

    def _refresh_value(self) -> None:
        decision, result = self.decision, self.result
        alternatives = {
            each.name: offer_key(each.key) for each in result.offers if each.plan.priced and each.kind == PLAN
        }
        reference = None if decision.reference is None else offer_key(decision.reference)
        kept = {} if reference in (None, *alternatives.values()) else {" ".join(decision.reference or ()): reference}
        show(self.reference, reference, options={"none": None, **alternatives, **kept})
        profiles = {each.name: each.id for each in result.profiles}
        at = "" if result.value_profile is None else result.value_profile.id
        show(self.at, at, options=profiles or {"none": ""})
        every = {"every profile": "", **profiles}
        show(
            self.item_profile,
            self.item_profile.value if self.item_profile.value in every.values() else "",
            options=every,
        )
        metrics = dict.fromkeys(metric for each in result.profiles for metric in each.quantities)
        drivers = {PER_ACCOUNT: PER_ACCOUNT, **{one_unit(metric): metric for metric in metrics}}
        chosen = self.item_per.value if self.item_per.value in drivers.values() else PER_ACCOUNT
        show(self.item_per, chosen, options=drivers)
        money = f"{result.currency} a month"
        for end in (self.item_low, self.item_high):
            show(end, end.value, unit=money)
        column: GridColumn = {"label": "Price", "unit": money, "minimum": 0, "optional": True}
        typed = [(decision.reference_prices.get(each.id),) for each in result.profiles]
        show_grid(self.typed, list(profiles), [column], typed)
        columns: list[GridColumn] = [{"label": "Low", "unit": money}, {"label": "High", "unit": money}]
        names = {each.id: _item_name(each, result) for each in decision.differentiation}
        show_grid(
            self.items, list(names.values()), columns, [(each.low, each.high) for each in decision.differentiation]
        )
        self.items.layout.display = None if names else "none"
        counted = counted_items(decision, result.profiles)
        places: list[GridColumn] = [{"label": each.name, "minimum": 0, "optional": True} for each in result.profiles]
        known = [tuple(each.counts.get(profile.id) for profile in result.profiles) for each in counted]
        show_grid(self.counts, [names[each.id] for each in counted], places, known)
        self.counts.layout.display = None if counted else "none"
        gone = _told_apart(names)
        show(self.item_gone, next(iter(gone.values()), None), options=gone or {"none": None})
        self.remove_form.layout.display = "flex" if names else "none"
        if result.value is None:
            self.value_list.show(html.message(say("choose_an_alternative_with_a"), "info"))
        else:
            self.value_list.show(html.table(result.tables["value"], "Economic value, a month"))
        self.value_lists.show(html.table(result.tables["value_by_profile"], say("economic_value_at_each_profile")))


def open_panel(desk: Desk) -> AnchoringPanel:
    """Return the panel of the stage on a desk."""
    return AnchoringPanel(desk)


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Return names with the key each stands for; a name that comes again gets its number."""
    found: dict[str, str] = {}
    for place, (key, name) in enumerate(names.items()):
        found[f"{name} ({place + 1})" if name in found else name] = key
    return found


def _item_name(item: Differentiation, result: AnchoringResult) -> str:
    name = next((each.name for each in result.profiles if each.id == item.profile), "")
    metrics = {metric for each in result.profiles for metric in each.quantities}
    driver = one_unit(item.per) if item.per in metrics else item.per or "customer, whatever its size"
    said = f"{item.label}, for each {driver}"
    return f"{said} (at {name})" if name else said
