"""The panel of add-ons: candidates, the add-ons themselves, names, revenue, who is eligible now, services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.formatting import count, metric_words, percent
from workbench.outputs import as_csv
from workbench.pricing.round_prices import price_ceiling, price_step
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choices,
    number_box,
    row,
    show,
    text_box,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.add_ons import suggestion, words
from workbench.stages.add_ons.decision import ServicesChoice
from workbench.stages.add_ons.tables import eligible_accounts
from workbench.stages.tiers.decision import PER_ACCOUNT, typed_decimal
from workbench.stages.tiers.words import per_words
from workbench.stages.view import share_typed, typed_percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision, UsageCharge
    from workbench.stages.add_ons.result import AddOnOutcome, AddOnResult
    from workbench.tables import DataTable

say = texts(__name__)

_BESIDE_BOXES = "20px 0 0 0"  # buttons stand beside boxes, below the height of the labels
_SHOWN_ROWS = 50
_SAVED_ROWS = 2_000  # what a page can carry without slowing every change down
_NONE = ""  # a drop-down list shows no text for None
_NOTHING = {"none yet": _NONE}
_MIDDLE = {"the middle tier": _NONE}
_NO_CONDITION = {"no condition": _NONE}
_EVERY = {"every add-on": _NONE}


class AddOnPanel(StagePanel):
    """What only some customers need, and at what price.

    Sections in the order they are walked: `candidates`, `add_ons`, `names`, `revenue`, `eligible`, `services`.
    """

    stage_key = "add_ons"
    decision: AddOnDecision
    result: AddOnResult

    def build(self) -> None:
        """Make the controls and sections."""
        self._most = 0.0
        self.candidates = self._build_candidates()
        self.add_ons = self._build_add_ons()
        self.names = self._build_names()
        self.revenue = self._build_revenue()
        self.eligible = self._build_eligible()
        self.services = self._build_services()

    def refresh(self) -> None:
        """Show the decision in the controls and the result in the parts."""
        self._refresh_candidates()
        self._refresh_editor()
        self._refresh_names()
        self.bundles.show("".join(html.message(text) for text in words.bundle_sentences(self.result)))
        self._refresh_eligible()
        self._refresh_services()

    def add_candidate(self) -> None:
        """Make an add-on of the chosen feature and show it in the editor."""
        if self.candidate.value:
            self._take(suggestion.with_candidate(self.decision, self.result, self.candidate.value), "Add-on added")

    def add_idea(self) -> None:
        """Make an add-on of the team's own idea and show it in the editor."""
        self._take(suggestion.with_idea(self.decision, self.result, self.idea.value), "Idea added")
        show(self.idea, "")

    def remove(self) -> None:
        """Remove the add-on in the editor."""
        chosen = self._chosen()
        if chosen is not None:
            self.revise(f"{chosen.name} removed", add_ons=suggestion.without(self.decision, chosen.choice.id))

    def use_range_of_data(self) -> None:
        """Take the attach range of the add-on in the editor from the data."""
        chosen = self._chosen()
        if chosen is not None:
            self.revise(f"{chosen.name}: attach range", add_ons=suggestion.with_range_of_data(self.decision, chosen))

    def rename(self, place: int) -> None:
        """Take the name the check suggests for the add-on at this place."""
        self.revise("Name taken", add_ons=suggestion.with_better_name(self.decision, self.result.outcomes[place]))

    def _build_candidates(self) -> Section:
        self.candidate = choice("Feature", _NOTHING)
        self.make = button(say("make_it_an_add_on"), self.guarded(self.add_candidate))
        self.idea = text_box("Idea of the team", placeholder=say("such_as_onboarding_for_regulated"))
        self.add = button("Add the idea", self.guarded(self.add_idea))
        self.candidate.layout.width = "330px"
        self.idea.layout.width = "330px"
        self.make.layout.margin = self.add.layout.margin = _BESIDE_BOXES
        self.candidates_note = HtmlBlock()
        return self.section(
            "Candidates",
            intro=say("what_few_accounts_use_is"),
            controls=(row(self.candidate, self.make), row(self.idea, self.add)),
            parts=(self.candidates_note, (self.figure_view("candidates"),)),
        )

    def _build_add_ons(self) -> Section:
        self.core = choice(
            "Core plan", _MIDDLE, on_change=self.change("Core plan", lambda key: {"core_tier": key or None})
        )
        self.which = choice("Add-on to edit", _NOTHING, on_change=self.guarded(lambda _: self._refresh_editor()))
        self.drop = button("Remove", self.guarded(self.remove))
        self.name = text_box("Name", on_change=self._edit("name", str.strip))
        self.job = text_box(
            "Job it does", placeholder="in the customer's words", on_change=self._edit("job", str.strip)
        )
        self.price = number_box(
            "Price a month", minimum=0, slider=True, slider_end=100, on_change=self._edit("price", typed_decimal)
        )
        self.per = choice("Price is", {"per account": PER_ACCOUNT}, on_change=self._edit("price_per"))
        self.features = choices(say("features_in_it_ctrl_or"), (), rows=6, on_change=self._edit("features"))
        self.attach_low, self.attach_high = (
            number_box(
                label, minimum=0, maximum=100, step=1, unit="% of eligible", on_change=self._edit(field, share_typed)
            )
            for label, field in (("Buy at least", "attach_low"), ("Buy at most", "attach_high"))
        )
        self.take_range = button("Range from the data", self.guarded(self.use_range_of_data))
        self.tenure = number_box(
            "Offered after", minimum=0, maximum=365, step=5, whole=True, unit="days as customer", slider=True,
            on_change=self._edit("tenure_days"),
        )  # fmt: skip
        self.usage = choice("and use of", _NO_CONDITION, on_change=self._edit("usage_metric", lambda key: key or None))
        self.at_least = number_box("of at least", minimum=0, unit="a month", on_change=self._edit("usage_at_least"))
        for box, width in ((self.which, "330px"), (self.name, "330px"), (self.job, "430px"), (self.features, "330px")):
            box.layout.width = width
        for box in (self.drop, self.take_range):
            box.layout.margin = _BESIDE_BOXES
        self.usage.layout.width, self.per.layout.width = "230px", "170px"
        self.attach_note, self.overview = HtmlBlock(), HtmlBlock()
        self.unit_price = number_box(
            "Each unit beyond", minimum=0, on_change=self._edit_usage("unit_price", typed_decimal)
        )
        self.free_units = number_box(
            "Units included", minimum=0, unit="a month", on_change=self._edit_usage("free_units", typed_decimal)
        )
        self.block = number_box(
            "Units in its price",
            minimum=0,
            note="beyond those included",
            on_change=self._edit_usage("block", typed_decimal),
        )
        self.most = number_box(
            "At most for usage", minimum=0, optional=True, note="empty: no cap",
            on_change=self._edit_usage("most_per_month", typed_decimal),
        )  # fmt: skip
        self.usage_row = row(self.free_units, self.block, self.unit_price, self.most)
        self.editor = (
            row(self.name, self.job),
            row(self.price, self.per),
            row(self.tenure, self.usage, self.at_least),
            row(self.attach_low, self.attach_high, self.take_range),
            row(self.features),
        )
        return self.section(
            "Add-ons",
            intro=say("choose_an_add_on_and"),
            controls=(row(self.which, self.drop, self.core), *self.editor, self.usage_row),
            parts=(self.attach_note, self.key_figures, (self.figure_view("prices"),), self.overview),
        )

    def _build_names(self) -> Section:
        self.name_check = HtmlBlock()
        self.renames = tuple(
            button("Rename", self.guarded(lambda place=place: self.rename(place)))
            for place in range(suggestion.MOST_ADD_ONS)
        )
        for each in self.renames:
            each.layout.display, each.layout.width = "none", "auto"
        return self.section(
            "Name check",
            intro=say("a_name_says_which_job"),
            controls=(row(*self.renames),),
            parts=(self.name_check,),
        )

    def _build_revenue(self) -> Section:
        self.bundles = HtmlBlock()
        return self.section(
            "Revenue and overlap",
            intro=say("what_the_add_ons_would"),
            parts=((self.figure_view("revenue"), self.figure_view("overlap")), self.bundles),
        )

    def _build_eligible(self) -> Section:
        self.list_of = choice("List for", _EVERY, on_change=self.guarded(lambda _: self._refresh_eligible()))
        self.list_of.layout.width = "330px"
        self.accounts = HtmlBlock()
        return self.section(
            "Eligible now",
            intro=say("an_add_on_is_offered"),
            parts=((self.figure_view("eligibility"), self.figure_view("gate")), self.list_of, self.accounts),
        )

    def _build_services(self) -> Section:
        self.offered = checkbox("Offer services", on_change=self.change("Services", self._with_services))
        self.cost = number_box(
            "Delivery cost, fully loaded", minimum=0, step=100, unit="an engagement",
            on_change=self._change_services("delivery_cost", typed_decimal),
        )  # fmt: skip
        self.margin = number_box(
            "Margin on cost", minimum=0, maximum=100, step=5, unit="%", slider=True,
            on_change=self._change_services("margin", share_typed),
        )  # fmt: skip
        self.first_year = number_box(
            "First-year subscription", minimum=0, step=100, optional=True, note=say("empty_twelve_months_of_the"),
            on_change=self._change_services("first_year_revenue", typed_decimal),
        )  # fmt: skip
        self.calculator = HtmlBlock()
        return self.section(
            "Services",
            intro=say("services_carry_themselves_when_they"),
            controls=(self.offered, row(self.cost, self.margin, self.first_year)),
            parts=(self.calculator,),
        )

    def _refresh_candidates(self) -> None:
        taken = {name for add_on in self.decision.add_ons for name in add_on.features}
        free = [each for each in self.result.candidates if each.benefit is not None and each.name not in taken]
        options = {f"{each.name} ({count('account', each.interested or 0)})": each.name for each in free}
        kept = self.candidate.value if self.candidate.value in options.values() else next(iter(options.values()), _NONE)
        show(self.candidate, kept, options=options or _NOTHING)
        known = self.result.evidence.needs.used is not None
        self.candidates_note.show("" if known else html.message(words.NO_CANDIDATES, "warning"))

    def _refresh_editor(self) -> None:
        result, decision = self.result, self.decision
        named = {each.name: each.choice.id for each in result.outcomes}
        kept = self.which.value if self.which.value in named.values() else next(iter(named.values()), _NONE)
        show(self.which, kept, options=named or _NOTHING)
        tiers = {tier.name: tier.id for tier in result.places.tiers}
        core = decision.core_tier or _NONE
        if core and core not in tiers.values():
            tiers[core] = core
        show(self.core, core, options={**_MIDDLE, **tiers})
        chosen = self._chosen()
        for part in (*self.editor, self.drop):
            part.layout.display = "none" if chosen is None else ("flex" if part in self.editor else None)
        self.usage_row.layout.display = "none" if chosen is None or chosen.choice.usage_charge is None else "flex"
        self.attach_note.show("" if chosen is None else html.paragraph(words.attach_note(chosen), soft=True))
        # Where no price can be drawn against the core plan, the table stands for the chart.
        drawn = any(each.price_share is not None for each in result.outcomes)
        self.overview.show(
            html.table(result.tables["add_ons"], say("add_ons_of_this_scenario")) if named and not drawn else ""
        )
        if chosen is not None:
            self._show_choice(chosen)

    def _show_choice(self, chosen: AddOnOutcome) -> None:
        add_on, result = chosen.choice, self.result
        show(self.name, add_on.name)
        show(self.job, add_on.job)
        price = float(add_on.price)
        # The slider's end moves only when the price comes near it, so that it stands still under the hand.
        if not self._most * 0.02 <= price <= self._most * 0.9:
            self._most = price_ceiling(price)
        step = float(price_step(typed_decimal(self._most / 8)))
        note = words.price_note(result, chosen)
        show(self.price, price, slider_end=self._most, step=step, unit=result.currency, note=note)
        units = {per_words(unit): unit for unit in (PER_ACCOUNT, *result.evidence.needs.billed, add_on.price_per)}
        show(self.per, add_on.price_per, options=units)
        known = dict.fromkeys((*result.evidence.features, *add_on.features))
        show(self.features, add_on.features, options=tuple(known))
        show(self.attach_low, typed_percent(add_on.attach_low))
        show(self.attach_high, typed_percent(add_on.attach_high))
        self.take_range.disabled = self.session.is_read_only or chosen.attach is None
        show(self.tenure, add_on.tenure_days)
        show(self.usage, add_on.usage_metric or _NONE, options=_conditions(result, add_on.usage_metric))
        show(self.at_least, add_on.usage_at_least)
        self._show_usage(add_on.usage_charge)

    def _show_usage(self, charge: UsageCharge | None) -> None:
        if charge is None:
            return
        currency = self.result.currency
        show(self.free_units, float(charge.free_units), note=metric_words(charge.metric))
        show(self.block, float(charge.block))
        show(self.unit_price, float(charge.unit_price), unit=currency)
        most = None if charge.most_per_month is None else float(charge.most_per_month)
        show(self.most, most, unit=f"{currency} a month")

    def _refresh_names(self) -> None:
        result = self.result
        self.name_check.show(
            html.table(result.tables["names"], "What each name says")
            if result.outcomes
            else html.paragraph("No add-ons yet.")
        )
        for place, each in enumerate(self.renames):
            better = result.outcomes[place].better_name if place < len(result.outcomes) else ""
            each.layout.display = None if better else "none"
            each.description = f"Rename “{result.outcomes[place].name}” to “{better}”" if better else "Rename"

    def _refresh_eligible(self) -> None:
        result = self.result
        named = {**_EVERY, **{each.name: each.choice.id for each in result.outcomes}}
        kept = self.list_of.value if self.list_of.value in named.values() else _NONE
        show(self.list_of, kept, options=named)
        frame = eligible_accounts(result, kept or None, most=_SAVED_ROWS)
        told = [words.eligible_sentence(each) for each in result.outcomes if kept in (_NONE, each.choice.id)]
        self.accounts.show(html.lines(told) + (_list(frame, one=bool(kept)) if len(frame) else ""))

    def _refresh_services(self) -> None:
        chosen, result = self.decision.services, self.result
        shown = chosen or ServicesChoice()
        show(self.offered, chosen is not None)
        show(self.cost, float(shown.delivery_cost), unit=f"{result.currency} an engagement")
        show(self.margin, typed_percent(shown.margin))
        first_year = None if shown.first_year_revenue is None else float(shown.first_year_revenue)
        show(self.first_year, first_year, unit=result.currency)
        for box in (self.cost, self.margin, self.first_year):
            box.layout.display = None if chosen else "none"
        known = result.services is not None and result.services.cost is not None
        self.calculator.show(
            "".join(html.paragraph(text) for text in words.services_sentences(result))
            + (html.table(result.tables["services"], "Services calculator") if known else "")
            + html.lines(words.services_claims())
        )

    def _chosen(self) -> AddOnOutcome | None:
        return self.result.outcome(self.which.value) if self.which.value else None

    def _take(self, add_ons: tuple[AddOnChoice, ...], note: str) -> None:
        """Propose add-ons of which the last is new, and turn the editor to it."""
        self.revise(note, add_ons=add_ons)
        self.flush()
        show(self.which, add_ons[-1].id)
        self._refresh_editor()

    def _edit(self, field: str, read: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], None]:
        """Return an `on_change` that replaces a field of the add-on in the editor."""

        def taken(value: Any) -> None:  # noqa: ANN401 - the control's value
            chosen = self._chosen()
            if chosen is not None:
                add_ons = suggestion.changed(self.decision, chosen.choice.id, **{field: read(value)})
                self.revise(f"{chosen.name}: {field.replace('_', ' ')}", add_ons=add_ons)

        return self.guarded(taken)

    def _edit_usage(self, field: str, read: Callable[[Any], Any]) -> Callable[[Any], None]:
        """Return an `on_change` that replaces a field of what the add-on in the editor bills for usage."""

        def taken(value: Any) -> None:  # noqa: ANN401 - the control's value
            chosen = self._chosen()
            if chosen is not None:
                new = None if value is None else read(value)
                add_ons = suggestion.with_usage_charge(self.decision, chosen.choice.id, **{field: new})
                self.revise(f"{chosen.name}: {field.replace('_', ' ')}", add_ons=add_ons)

        return self.guarded(taken)

    def _with_services(self, offered: bool) -> dict[str, Any]:
        return {"services": ServicesChoice() if offered else None}

    def _change_services(self, field: str, read: Callable[[Any], Any]) -> Callable[[Any], None]:
        def changes(value: Any) -> dict[str, Any]:  # noqa: ANN401 - the control's value
            current = self.decision.services or ServicesChoice()
            return {"services": current.replaced(**{field: None if value is None else read(value)})}

        return self.change(f"Services: {field.replace('_', ' ')}", changes)


def open_panel(session: Session) -> AddOnPanel:
    """Open the panel of add-ons on a session."""
    return AddOnPanel(session)


def _conditions(result: AddOnResult, own: str | None) -> dict[str, str]:
    """Name what a gate can wait for: metrics, then features most accounts use first."""
    options = dict(_NO_CONDITION)
    options |= {metric_words(metric): metric for metric in result.evidence.needs.billed}
    if result.evidence.uses_a_month is not None:
        for each in result.evidence.needs.benefits:
            told = f" ({percent(each.share.estimate)} use it)" if each.share else ""
            options[f"{each.feature}{told}"] = each.feature
    return options if own is None or own in options.values() else {**options, own: own}


def _list(table: DataTable, *, one: bool) -> str:
    """Return the link that saves the list, and its first rows with the columns that matter on screen."""
    frame = table.frame
    label = f"Save {count('row', len(frame))} as CSV"
    if frame["add-on"].value_counts().max() == _SAVED_ROWS:
        label += say("the_first_of_each_add", saved_rows=_SAVED_ROWS)
    hidden = ["account_id", "plan today", "usage a month", "days to go", *(["add-on"] if one else [])]
    first = ["account_id"] if (frame["account"] == "").all() else ["account"]
    shown = table.showing(first + [name for name in frame.columns if name not in (*hidden, "account")])
    listed = html.table(shown, say("accounts_to_talk_to_the"), most_rows=_SHOWN_ROWS)
    return html.csv_link(label, "eligible-accounts.csv", as_csv(table)) + listed
