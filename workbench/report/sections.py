"""The tables and figures of a report's sections: scenarios, what a design does to customers, willingness to pay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.demand.changes import kept_table
from workbench.demand.model import PER_ACCOUNT, fee_of
from workbench.formatting import count, one_unit, priced
from workbench.stages.comparison.side_by_side import FIGURES_CAPTION, compare_outcomes
from workbench.stages.impact.charts import figures_by_part
from workbench.stages.impact.tables import (
    TERMS,
    groups_table,
    guardrail_table,
    movers_table,
    reconciliation_table,
    tools_table,
)
from workbench.stages.migration.tables import chances_table, guesses_table
from workbench.stages.migration.words import information_sentence, renewals_sentence
from workbench.stages.willingness.charts import demand_figures, method_figures, price_figures, search_figures
from workbench.stages.willingness.evidence import METHODS, TITLES, WOULD_ADD
from workbench.stages.willingness.price_search import found_in_words
from workbench.tables import TEXT, DataTable, Money, Number, Percent, TableColumn, as_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import pandas as pd

    from workbench.pricing.price_book import AddOn, Plan
    from workbench.report.content import ReportContent, WillingnessPart
    from workbench.results import Caution
    from workbench.stages.figure import Figure
    from workbench.stages.impact.evaluation import ImpactResult

say = texts(__name__)


def log_moment(moment: datetime) -> str:
    """Write when something was recorded, with its time zone."""
    return moment.strftime("%Y-%m-%d %H:%M ") + (moment.tzname() or "")


# --- Scenarios side by side in a report: what each decides, what it earns and which rules it breaks


def scenarios_table(content: ReportContent) -> DataTable:
    """Return today and each design as columns: decisions, key figures of every stage, counts of findings."""
    outcomes = {scenario.id: found for scenario, found in ((content.scenario, content.outcomes), *content.others)}
    return as_table(compare_outcomes(content.base, content.study, outcomes).rows(), FIGURES_CAPTION)


# --- The tables of the section on what a design does to every customer


@dataclass(frozen=True, slots=True)
class ImpactTables:
    """The section's figures by part, its own tables (None where there is nothing to show), and what to find out."""

    figures: Mapping[str, tuple[Figure, ...]]
    reconciliation: DataTable | None
    guardrails: DataTable | None
    movers: DataTable | None
    chances: DataTable | None
    guesses: DataTable | None
    value_of_information: str
    renewals: str
    steady: DataTable | None
    groups: DataTable | None


def impact_tables(result: ImpactResult) -> ImpactTables:
    """Return the figures and the tables of the section."""
    frames, captions = impact_frames(result), impact_captions(result)

    def table(name: str) -> DataTable | None:
        return None if name not in frames else as_table(frames[name], captions[name])

    limits = say("limits_of_this_study_what", compared=result.compared)
    return ImpactTables(
        figures=figures_by_part(result),
        reconciliation=table("Reconciliation"),
        guardrails=None if result.guardrails is None else as_table(guardrail_table(result.guardrails), limits),
        movers=table("Movers"),
        chances=table("Chances"),
        guesses=table("Guesses"),
        value_of_information=result.forecast_reason if result.ranges is None else information_sentence(result.ranges),
        renewals="" if result.path is None else renewals_sentence(result.path.bills, result.decision.term_months),
        steady=table("Steadier revenue"),
        groups=table("Groups that swing"),
    )


def impact_captions(result: ImpactResult) -> dict[str, str]:
    """Return what each of the section's own tables holds, of whom and of which months, by name."""
    steady, checked = result.steady, result.reconciliation
    billed = "" if steady is None else say("billed_in_every_one_of", accounts=steady.accounts, months=steady.months)
    basis = None if checked is None else checked.replay.basis
    year = "" if basis is None else f"; {basis.first_month} to {basis.last_month}, {count('account', basis.accounts)}"
    return {
        "Reconciliation": say("recorded_revenue_against_today_s", year=year),
        "Movers": say("the_largest_rises_then_the", compared=result.compared),
        "Chances": say("chance_of_crossing_a_guardrail"),
        "Guesses": say("ranges_the_draws_come_from"),
        "Steadier revenue": say("six_ways_to_bill_the", billed_=billed),
        "Groups that swing": say("groups_of_customers_weight_swings", billed_=billed),
    }


def impact_frames(result: ImpactResult) -> dict[str, DataTable]:
    """Return the tables that no chart of the section carries, by name."""
    found = {}
    if result.reconciliation is not None:
        found["Reconciliation"] = reconciliation_table(result.reconciliation, result.reconciliation.replay.currency)
    if result.comparison is not None and len(result.movers):
        found["Movers"] = movers_table(result.movers, result.comparison.currency)
    if result.ranges is not None:
        if len(result.ranges.chances):
            found["Chances"] = chances_table(result.ranges)
        found["Guesses"] = guesses_table(result.ranges)
    steady = result.steady
    if steady is not None and len(steady.tools):
        # The terms stand in the table of the figure; without them this one fits the width of a page.
        found["Steadier revenue"] = tools_table(steady).without(TERMS)
    if steady is not None and steady.groups is not None:
        found["Groups that swing"] = groups_table(steady.groups)
    return found


# --- Figures, tables and words of the section on willingness to pay and prices found


@dataclass(frozen=True, eq=False)
class MethodSection:
    """One method that was asked: its title, its figures, and the cautions no figure of it prints."""

    title: str
    figures: tuple[Figure, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class WillingnessSection:
    """The section as its template writes it. Figures are made once, for the page and for the workbook."""

    part: WillingnessPart

    @cached_property
    def methods(self) -> tuple[MethodSection, ...]:
        """Return the methods that have usable answers, each with its figures; those about features are one page."""
        answers, pages = self.part.result.answers, []
        for title, methods in _PAGES.items():
            figures = tuple(figure for method in methods for figure in method_figures(answers, method))
            said = [each for method in methods for each in getattr(getattr(answers, method), "cautions", ())]
            if figures:
                pages.append(MethodSection(title, figures, _beside(said, figures)))
        return tuple(pages)

    @property
    def not_asked(self) -> tuple[str, ...]:
        """Return a sentence for every method without answers, or without usable ones."""
        answers, said = self.part.result.answers, []
        for method, table in METHODS.items():
            if problem := answers.problem(method):
                said.append(say("the_answers_in_cannot_be", titles=TITLES[method], table=table, problem=problem))
            elif getattr(answers, method) is None:
                said.append(say("table_would_say", titles=TITLES[method], table=table, would_add=WOULD_ADD[method]))
        return tuple(said)

    @cached_property
    def demand(self) -> tuple[Figure, ...]:
        """Return who buys what, what tiers take from each other, and the fit to today's plans."""
        return tuple(map(_in_one_note, demand_figures(self.part.result)))

    @cached_property
    def lines(self) -> tuple[Figure, ...]:
        """Return share and revenue against the price of every tier that has one to move."""
        design = self.part.result.design
        found = []
        for place, plan in enumerate(() if design is None else design.priced):
            for kind, figure in zip(("share", "revenue"), price_figures(self.part.result, plan), strict=True):
                # A name people typed has no place in the id of an element, nor rows no line draws in a page.
                data = {name: _drawn(frame, kind) for name, frame in figure.data.items()}
                table = None if figure.table is None else as_table(figure.table).showing(_columns(kind))
                found.append(replace(_in_one_note(figure), key=f"line-{kind}-{place + 1}", data=data, table=table))
        return tuple(found)

    @cached_property
    def search(self) -> tuple[Figure, ...]:
        """Return the figures of the prices found; what rules cost without the prices of a sample."""
        search = self.part.search
        if search is None:
            return ()
        notes = {caution.text for caution in search.cautions}
        made = []
        for figure in search_figures(search, with_prices=self.part.demand.found.status == "known"):
            table = figure.table
            if figure.key == "price-search-rules" and table is not None:
                table = as_table(table).without(*search.searched)
            # What holds for all of them stands once, below them.
            kept = tuple(note for note in figure.footnotes if note not in notes)
            made.append(replace(figure, table=table, footnotes=kept))
        return tuple(made)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return every figure of the section in its order."""
        return (*(each for page in self.methods for each in page.figures), *self.demand, *self.lines, *self.search)

    @cached_property
    def frames(self) -> dict[str, DataTable]:
        """Return the tables that stand in the section itself, by name."""
        part = self.part
        found: dict[str, DataTable] = {}
        if part.result.design is None:
            return found
        if part.result.kept:
            found["Customers"] = kept_table(part.result.kept)
        if part.result.against_today is not None:
            found["Against today"] = _changes_frame(part)
        if part.result.attach is not None and len(part.result.attach):
            found["Attach rates"] = _attach_frame(part)
        if part.search is not None and part.demand.found.status == "known":
            found["Prices found"] = _prices_frame(part)
        return found

    @property
    def tables(self) -> dict[str, DataTable]:
        """Return the same tables ready to be written, by name."""
        return {name: as_table(frame, self.captions[name]) for name, frame in self.frames.items()}

    @property
    def captions(self) -> dict[str, str]:
        """Return what each of these tables holds, by name."""
        return _CAPTIONS

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return everything that was assumed rather than measured, a sentence each."""
        result = self.part.result
        if result.design is None:
            return ()
        decision, demand = result.decision, result.design.sourced.demand
        chosen = (
            say("every_customer_takes_the_offer")
            if decision.rule == "surplus"
            else say("every_customer_takes_an_offer")
        )
        return (chosen, *(each.sentence for each in demand.assumed))

    @property
    def found_words(self) -> str:
        """Return what the prices found bring and keep, or why none are recommended."""
        search = self.part.search
        return self.part.why_no_prices if search is None else found_in_words(self.part.demand.found, search)

    @property
    def no_gain(self) -> str:
        """Return what it means that the prices found bring less than the design's own, "" when they do not."""
        search = self.part.search
        if search is None or search.value >= search.today_value:
            return ""
        return say("they_bring_less_than_this")

    @property
    def corridors(self) -> str:
        """Return which prices the market held the search to, in a sentence."""
        search = self.part.search
        if search is None or not search.constraints.on("C4"):
            return ""
        held = [
            f"{name} {_between(*ends, search.currency)}"
            for name, ends in (self.part.market or {}).items()
            if name in search.searched
        ]
        return say("competitors_prices_held_the_search", held=", ".join(held)) if held else ""


_ABOUT_FEATURES = ("best_worst", "feature_fit", "features")
_PAGES: dict[str, tuple[str, ...]] = {
    **{title: (method,) for method, title in TITLES.items() if method not in _ABOUT_FEATURES},
    "What features matter": _ABOUT_FEATURES,
}
_CAPTIONS = {
    "Customers": say("accounts_lost_and_gained_at"),
    "Against today": say("share_of_the_accounts_asked"),
    "Attach rates": say("who_would_take_add_ons"),
    "Prices found": say("this_design_s_prices_and"),
}


def _in_one_note(figure: Figure) -> Figure:
    """Return the figure with its footnotes in one paragraph: they are many, and the same under every chart."""
    return replace(figure, footnotes=(" ".join(figure.footnotes),) if figure.footnotes else ())


def _columns(kind: str) -> tuple[str, ...]:
    return ("price", kind, f"{kind}_low", f"{kind}_high")


def _drawn(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the columns one line draws, to six digits: finer than any screen shows."""
    return frame[list(_columns(kind))].map(lambda value: float(f"{value:.6g}"))


def _beside(cautions: Iterable[Caution], figures: tuple[Figure, ...]) -> tuple[str, ...]:
    """Return the cautions no figure has in its footnotes."""
    printed = " ".join(note for figure in figures for note in figure.footnotes)
    return tuple(caution.text for caution in cautions if caution.text not in printed)


def _changes_frame(part: WillingnessPart) -> DataTable:
    effect, share = part.result.against_today, Percent(1, missing="")
    assert effect is not None  # noqa: S101 - asked for above
    frame = effect.table
    columns = [("Tier", TEXT, "plan"), ("Today's list", share, "before"), ("This scenario's prices", share, "after")]
    if part.found_against_today is not None and part.demand.found.status == "known":
        other = part.found_against_today.table
        frame = frame.assign(found=frame["plan"].map(dict(zip(other["plan"], other["after"], strict=True))))
        columns.append(("Prices found", share, "found"))
    return DataTable.of_frame(frame, columns)


def _attach_frame(part: WillingnessPart) -> DataTable:
    attach, share = part.result.attach, Percent(1)
    assert attach is not None  # noqa: S101 - asked for above
    columns = (
        ("Add-on", TEXT, "add_on"),
        ("Accounts that take it", Number(1), "buyers"),
        ("Attach rate", share, "rate"),
        ("From", share, "rate_low"),
        ("To", share, "rate_high"),
        ("Revenue a month", Money(part.result.currency), "revenue"),
    )
    return DataTable.of_frame(attach, columns)


def _prices_frame(part: WillingnessPart) -> DataTable:
    design, search = part.result.design, part.search
    assert design is not None  # noqa: S101 - asked for above
    assert search is not None  # noqa: S101 - asked for above
    table = search.price_table
    offers: dict[str, Plan | AddOn] = {each.name: each for each in design.book.plans}
    offers |= {each.name: each for each in design.book.add_ons}
    per = [_priced_per(offers[name]) if name in search.prices else "" for name in table["Offer"]]
    offer, *others = table.columns
    return DataTable(
        table.frame.assign(per=per), (offer, TableColumn("Price per", TEXT, (len(table.columns),)), *others)
    )


def _priced_per(offer: Plan | AddOn) -> str:
    per = fee_of(offer).per
    return per if per == PER_ACCOUNT else one_unit(per)


def _between(low: float | None, high: float | None, currency: str) -> str:
    if low is None:
        return f"up to {priced(high, currency)}"
    if high is None:
        return f"from {priced(low, currency)} up"
    return f"{priced(low, currency)} to {priced(high, currency)}"
