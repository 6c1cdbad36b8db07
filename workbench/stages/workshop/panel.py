"""What a facilitator needs beside settings: pages to hand out, answers to bring in, outcomes to take over."""

from __future__ import annotations

import time
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.formatting import figure_sentence
from workbench.rendering import html
from workbench.rendering.controls import button, checkbox, choice, column, level_row, number_box, show, text_box
from workbench.rendering.widgets import FileBox, HtmlBlock
from workbench.stages.comparison.bills import replayed
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.view import shown_sections
from workbench.stages.workshop.agendas import frozen_agenda
from workbench.stages.workshop.takeover import can_be_taken_over, propose_prices, taken_over
from workbench.study.model import slug
from workbench.text import texts
from workbench.workshop.offline import offline_page
from workbench.workshop.record import HeldWorkshop, with_filled_pages, with_held

if TYPE_CHECKING:
    from workbench.rendering.declared import DeclaredPanel
    from workbench.rendering.widgets import TakenFile
    from workbench.stages.view import Shown, ShownSection
    from workbench.stages.workshop.result import WorkshopResult

say = texts(__name__)


class HandOuts:
    """The page for people elsewhere, and the files it saved brought in."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.make = button(say("make_page"), panel.guarded(self._page), tooltip=say("make_page_help"))
        self.files = FileBox(panel.guarded(self._take), label=say("bring_in"), accept=".json")
        self.told = HtmlBlock(role="status")
        self.widget = column(level_row(self.make, self.files), self.told)

    def _page(self) -> None:
        panel = self._panel
        agenda = frozen_agenda(panel.base, panel.session.study, panel.in_view)
        link = html.download(
            say("save_page"), f"{agenda.key}.html", offline_page(agenda, html.sent).encode(), "text/html"
        )
        self.told.show(html.paragraph(say("page_made", exercises=len(agenda.exercises))) + link)

    def _take(self, files: tuple[TakenFile, ...]) -> None:
        panel = self._panel
        study, result = panel.session.study, panel.result
        held = next((each for each in result.held if each.key == result.agenda.key), None)
        if held is None:
            agenda = frozen_agenda(panel.base, study, panel.in_view)
            day = f"{panel.session.when():%Y-%m-%d}"
            held = HeldWorkshop(key=agenda.key, held_on=day, scenario_id=panel.in_view.id, agenda=agenda)
        before = held.people
        held = with_filled_pages(held, {each.name: each.content for each in files})
        panel.session.keep(with_held(study, held), say("brought_in_note"))
        panel.flush()
        self.told.show(html.message(say("brought_in", files=len(files), more=held.people - before, all=held.people)))


class Minutes:
    """The page of a workshop: what it asked, what was said, and what follows, as one file."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.make = button(say("minutes"), panel.guarded(self._page), tooltip=say("minutes_help"))
        self.told = HtmlBlock(role="status")
        self.widget = column(self.make, self.told)

    def _page(self) -> None:
        panel, result = self._panel, self._panel.result
        title = result.agenda.title if result.shown is None else f"{result.shown.agenda.title} {result.shown.held_on}"
        figures = {key: each for key, each in panel.stage.module.figures(result).items() if each is not None}
        shown = shown_sections(panel.stage.package, panel.stage.module.VIEW, result, figures)
        figured = "".join(f"<li>{escape(figure_sentence(each))}</li>" for each in result.key_figures)
        body = "".join(_section(each) for each in shown if each.parts)
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"{html.style_tag()}<style>{_LOOK}</style></head><body><h1>{escape(title)}</h1><ul>{figured}</ul>{body}</body></html>"
        )
        link = html.download(say("save_minutes"), f"{slug(title)}.html", page.encode(), "text/html")
        self.told.show(html.paragraph(say("minutes_made")) + link)

    def static_html(self) -> str:
        """Return nothing: the page it makes is not part of itself."""
        return ""


_LOOK = (
    "body{font-family:system-ui,sans-serif;max-width:860px;margin:24px auto;padding:0 16px}"
    "figure{margin:12px 0 12px 24px} figure svg{overflow:visible;max-width:100%} section *{max-height:none!important}"
)


def _section(section: ShownSection) -> str:
    parts = "".join(_part(each) for each in section.parts)
    return f"<section><h2>{escape(section.title)}</h2><p>{escape(section.intro)}</p>{parts}</section>"


def _part(part: Shown) -> str:
    """Write a part as a page shows it: pictures, tables and sentences, nothing that is live or for the facilitator."""
    if part.kind == "figures":
        drawn = ((each.title, each.static_svg(), each.reading) for each in part.holds)
        return "".join(
            f"<figure><h3>{escape(title)}</h3>{svg}<figcaption>{escape(told)}</figcaption></figure>"
            for title, svg, told in drawn
        )
    if part.kind == "table":
        return html.table(part.holds, part.caption)
    if part.kind == "said":
        return "".join(html.paragraph(text) for text in part.holds)
    return "".join(_part(each) for each in part.holds) if part.kind == "under" else ""


class TakeOver:
    """The list of what a room said that a step keeps, and the button that takes it over with the vote as evidence."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.exercise = choice(say("outcome"), {say("none"): ""}, "")
        self.reason, self.who = text_box(say("reason")), text_box(say("who"))
        self.also_apart = checkbox(say("also_apart"))
        self.take = button(say("take"), panel.guarded(self._take), tooltip=say("take_help"), primary=True)
        self.told = HtmlBlock(role="status")
        self.widget = column(
            level_row(self.exercise, self.reason, self.who), level_row(self.also_apart, self.take), self.told
        )

    def refresh(self) -> None:
        """Show what can be taken over, marked where it is on record."""
        result: WorkshopResult = self._panel.result
        found = [each for each in result.outcomes if can_be_taken_over(each)]
        words = {
            say("choice", title=each.exercise.title, taken=result.is_on_record(each)): each.exercise.key
            for each in found
        }
        kept = self.exercise.value if self.exercise.value in words.values() else ""
        show(self.exercise, kept, options={say("choose" if words else "none"): "", **words})
        if not self.who.value:
            show(self.who, self._panel.session.who)

    def _take(self) -> None:
        panel, held = self._panel, self._panel.result.shown
        if held is None or not self.exercise.value:
            raise StudyError("No outcome is chosen.", "Choose what is taken over.")
        if not self.reason.value.strip() or not self.who.value.strip():
            raise StudyError("Reason or name is missing.", "Say why it is taken over, and who does.")
        study = taken_over(
            panel.session.study, panel.in_view.id, held, self.exercise.value,
            reason=self.reason.value, who=self.who.value, when=panel.session.when(), also_apart=self.also_apart.value,
        )  # fmt: skip
        panel.session.who = self.who.value.strip()
        panel.session.keep(study, say("taken_note"))
        panel.flush()
        record = study.decisions[-1]
        evidence = "".join(f"<li>{escape(each)}</li>" for each in record.evidence)
        said = html.message(say("taken", what=record.what))
        self.told.show(said + html.details(say("evidence", many=len(record.evidence)), f"<ul>{evidence}</ul>"))
        show(self.reason, "")


class WhatIf:
    """A price somebody in the room proposes: a scenario of its own, billed at once beside the one in view."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.name = text_box(say("proposal"), placeholder=say("proposal_like"))
        self.offer = choice(say("offer"), {say("none"): ""}, "", on_change=panel.guarded(self._as_it_is))
        self.price = number_box(say("price"), 0.0, minimum=0.0)
        self.try_it = button(say("try_it"), panel.guarded(self._propose), tooltip=say("try_help"))
        self.told = HtmlBlock(role="status")
        self.widget = column(level_row(self.name, self.offer, self.price, self.try_it), self.told)

    def refresh(self) -> None:
        """Show the tiers and add-ons of the scenario in view."""
        here = self._panel.in_view
        tiers = {each.name: each.id for each in here.decision(TierDecision).tiers if each.price is not None}
        words = tiers | {each.name: each.id for each in here.decision(AddOnDecision).add_ons}
        kept = self.offer.value if self.offer.value in words.values() else ""
        show(self.offer, kept, options={say("choose" if words else "none"): "", **words})

    def _as_it_is(self, offer: str) -> None:
        here = self._panel.in_view
        now = {each.id: each.price for each in here.decision(TierDecision).tiers}
        now |= {each.id: each.price for each in here.decision(AddOnDecision).add_ons}
        show(self.price, float(now.get(offer) or 0))

    def _propose(self) -> None:
        panel, here = self._panel, self._panel.in_view
        if not self.name.value.strip() or not self.offer.value:
            raise StudyError("The proposal has no name or no price.", "Name it, and choose what it changes.")
        began = time.perf_counter()
        prices = {self.offer.value: Decimal(str(self.price.value or 0))}
        study, made, found = propose_prices(panel.base, panel.session.study, here.id, self.name.value, prices)
        seconds = time.perf_counter() - began
        panel.session.keep(study, say("proposed_note", name=made.name))
        beside = replayed(panel.base, study, here).comparison
        told = say("proposed", name=made.name, found=found.comparison, here=beside, before=here.name, seconds=seconds)
        self.told.show(html.message(told))
