"""The panel of what a design does to every customer: from today's list to the way to the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from workbench.errors import StudyError
from workbench.formatting import first_of, money
from workbench.impact.guardrails import check_guardrails
from workbench.impact.migration.path import action_list, action_sheets, for_people
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, default_assumptions
from workbench.outputs import workbook_bytes
from workbench.rendering import html
from workbench.rendering.controls import button, choice, number_box, row, show, text_box
from workbench.rendering.figure_view import FigureView
from workbench.rendering.panel import DesignPanel
from workbench.rendering.section import PlainSection, StatusLine, guarded, working
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.impact.charts import bill_figures, guardrail_figure, leading_figures, steady_figures
from workbench.stages.impact.decision import CYCLES, SEGMENTS, SteadyDecision
from workbench.stages.impact.evaluation import (
    Trial,
    action_reasons,
    evaluate,
    reconciliation_figures,
    what_can_be_tried,
)
from workbench.stages.impact.evidence import EVERYTHING, TodayEvidence, gather_design, gather_today
from workbench.stages.impact.tables import (
    TERMS,
    guardrail_table,
    items_table,
    months_table,
    movers_table,
    off_accounts_table,
    reconciliation_table,
    tools_table,
)
from workbench.stages.migration.charts import migration_figures, range_figures
from workbench.stages.migration.decision import BY_SEGMENT, POLICY_NAMES
from workbench.stages.migration.evaluation import new_customers
from workbench.stages.migration.panel import MixtureGrid
from workbench.stages.migration.tables import chances_table, guesses_table, policies_table
from workbench.stages.migration.words import information_sentence, renewals_sentence
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import price_book
from workbench.stages.view import share_typed, typed_percent
from workbench.study.model import MONTHS_OF_BASIS, plain_errors
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.impact.guardrails import GuardrailReport
    from workbench.pricing.price_book import PriceBook
    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.stages.impact.evaluation import ImpactResult
    from workbench.stages.impact.evidence import DesignEvidence
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Remember what designs were billed as, so that every panel on a session bills them once


class Replays:
    """Today's prices and the designs seen last, replayed over the customer base of one session."""

    def __init__(self) -> None:
        self._fingerprint = ""
        self._today = TodayEvidence()
        self._designs: dict[str, tuple[tuple[PriceBook, dict[str, int]], DesignEvidence]] = {}

    def design(self, session: Session, scenario: Scenario) -> DesignEvidence:
        """Return a design replayed; billed again only when the data or what it offers changed."""
        base, months = session.base, MONTHS_OF_BASIS[session.study.basis]
        if (self._fingerprint, self._today.months) != (base.fingerprint, months):
            self._today, self._designs = gather_today(base, months=months), {}
            self._fingerprint = base.fingerprint
        offer = (price_book(base, scenario), scenario.decision(TierDecision).how_needs_are_read)
        known = self._designs.get(scenario.id)
        if known is None or known[0] != offer:
            known = (offer, gather_design(base, self._today, scenario))
            self._designs[scenario.id] = known
        return known[1]

    def crossed(self, session: Session, scenario: Scenario) -> tuple[str, ...]:
        """Return the guardrails a design crosses, a sentence each; none where nothing can be compared."""
        comparison = self.design(session, scenario).comparison
        return () if comparison is None else check_guardrails(comparison, session.study.guardrails).sentences()


_of_sessions: WeakKeyDictionary[Session, Replays] = WeakKeyDictionary()


def replays_of(session: Session) -> Replays:
    """Return the replays all panels on a session share."""
    return _of_sessions.setdefault(session, Replays())


# --- One section of the impact panel, shown in three turns: charts that follow a control, numbers, words


class ImpactView(PlainSection):
    """A section of the impact panel. A subclass shows in each turn what belongs there; nothing by default."""

    def lead(self, result: ImpactResult) -> None:
        """Draw the charts that follow a control at once; they must not need every account looked at."""

    def refresh(self, result: ImpactResult) -> None:
        """Show controls, other charts and key figures, a moment later."""

    def refresh_words(self, result: ImpactResult) -> None:
        """Show readings and tables, and what takes long, once the hand rests."""


# --- How well today's price list reproduces what was paid: the ground every comparison stands on

RECONCILE_INTRO = say("today_s_list_billed_month")


class ReconcileView(ImpactView):
    """Figures, explanations, and the accounts that differ most."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self.figures = HtmlBlock()
        self.explained = HtmlBlock()
        self.section = panel.section(
            say("does_today_s_price_list"),
            status=self.status,
            parts=(panel.progress, self.figures, self.explained),
            intro=RECONCILE_INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show a reconciliation, or what it would need."""
        found = result.reconciliation
        if found is None:
            why = result.why_not or say("no_revenue_is_on_record")
            self.figures.show(html.message(why, "warning"))
            self.explained.show(html.missing(result.missing))
            return
        currency = found.replay.currency
        cautions = "".join(html.message(each.text, "warning") for each in found.cautions)
        self.figures.show(html.key_figure_cards(reconciliation_figures(found)) + cautions)
        table = html.table(reconciliation_table(found, currency), say("accounts_by_what_explains_their"))
        off = html.table(off_accounts_table(found, currency), say("the_largest_differences_over_the"))
        self.explained.show(table + html.details("Accounts that differ most", off))


# --- Who pays more and who pays less: the bridge, the bills, and one account line by line

WHO_PAYS_INTRO = say("every_bill_of_the_months")
MOST_MONTHS_OF_LINES = 400


class WhoPaysView(ImpactView):
    """The design, a price to try, three figures, and the bills of the account last clicked or chosen."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self._tried_in = ""
        self.scenario = choice("Scenario", _designs(panel), on_change=self.guarded(panel.session.select))
        self.what = choice("Price to try", {"all prices": EVERYTHING}, on_change=self.guarded(lambda _: self._try()))
        self.change = number_box(
            "Changed by",
            0,
            minimum=-50,
            maximum=50,
            step=1,
            unit="%",
            slider=True,
            on_change=self.guarded(lambda _: self._try()),
        )
        self.figures = HtmlBlock(role="status")
        self.charts = {key: FigureView() for key in ("bridge", "distribution", "old_new")}
        self.account = choice("Account", {say("choose_one_or_click_a"): None})
        self.bill = HtmlBlock(role="status")
        self.movers = HtmlBlock()
        self.account.observe(self.guarded(lambda change: self._itemise(change["new"])), names="value")
        self.charts["old_new"].chart.observe(self.guarded(self._clicked), names="clicked")
        below = (self.account, self.bill)
        self.section = panel.section(
            say("who_pays_more_who_pays"),
            controls=(self.scenario, self.what, self.change),
            status=self.status,
            parts=(
                self.figures,
                (self.charts["bridge"], self.charts["distribution"]),
                self.charts["old_new"],
                *below,
                self.movers,
            ),
            intro=WHO_PAYS_INTRO,
            finish=lambda: panel.finish(self),
        )

    def trial(self, scenario_id: str) -> Trial:
        """Return the price that is tried; nothing is when another design comes into view."""
        if scenario_id != self._tried_in:
            self._tried_in = scenario_id
            show(self.what, EVERYTHING, options={"all prices": EVERYTHING})
            show(self.change, 0)
        return Trial(str(self.what.value), share_typed(float(self.change.value or 0)))

    def lead(self, result: ImpactResult) -> None:
        """Draw what follows the slider: bridge and distribution, which need no account looked at one by one."""
        drawn = {figure.key: figure for figure in leading_figures(result)}
        for key in ("bridge", "distribution"):
            self.charts[key].show_chart(drawn.get(key))

    def refresh(self, result: ImpactResult) -> None:
        """Show controls, marks and key figures of an impact."""
        show(self.scenario, result.scenario.id, options=_designs(self._panel))
        drawn = {figure.key: figure for figure in bill_figures(result)}
        for key, view in self.charts.items():
            view.show_chart(drawn.get(key))
        if result.comparison is None:
            self.figures.show(html.message(result.why_not, "warning") + html.missing(result.missing))
            return
        options = what_can_be_tried(result.comparison.after.book)
        show(self.what, self.what.value if self.what.value in options.values() else EVERYTHING, options=options)
        self.figures.show(html.key_figure_cards(result.key_figures) + _cautions(result))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what is read at rest: readings and tables, movers, and the account in view."""
        for view in self.charts.values():
            view.show_words()
        if result.comparison is None:
            self.movers.show("")
            self.bill.show("")
            return
        movers = movers_table(result.movers, result.comparison.currency)
        note = say("under_the_design_s_own") if result.trial.change else "largest rises first"
        self.movers.show(html.details(say("accounts_that_move_most_and"), html.table(movers, f"Movers, {note}")))
        kept = self.account.value
        ids = [*result.movers["account_id"], *([] if kept is None else [kept])]
        show(self.account, kept, options={say("choose_one_or_click_a"): None, **{each: each for each in ids}})
        self._itemise(kept)

    def _clicked(self, change: dict[str, dict[str, object]]) -> None:
        account = change["new"].get("account_id")
        if account is not None:
            options = {**dict(self.account.options), str(account): str(account)}
            show(self.account, str(account), options=options)
            self._itemise(str(account))

    def _itemise(self, account_id: str | None) -> None:
        result = self._panel.result
        if account_id is None or result.comparison is None:
            self.bill.show("")
            return
        if account_id not in set(result.comparison.accounts["account_id"]):
            self.bill.show(html.message(say("has_no_bill_on_both", account_id=account_id)))
            return
        comparison = result.comparison
        months = html.table(months_table(comparison, account_id), f"{account_id}, month by month")
        lines = items_table(comparison, account_id)
        inside = html.table(
            lines, say("every_line_of_the_bills", account_id=account_id), most_rows=MOST_MONTHS_OF_LINES
        )
        own = say("these_are_bills_under_the")
        said = html.paragraph(own, soft=True) if result.trial.change else ""
        self.bill.show(said + months + html.details(say("line_by_line_lines", lines=len(lines)), inside))

    def _try(self) -> None:
        self._panel.request()


def _cautions(result: ImpactResult) -> str:
    """Write warnings in plain sight, and notes for who wants to know."""
    notes = [each for each in result.cautions if each.severity == "note"]
    loud = html.caution_messages(each for each in result.cautions if each.severity != "note")
    return loud + html.details("Also worth knowing", html.lines(each.text for each in notes))


def _designs(panel: ImpactPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.session.study.designs}


# --- The limits a team sets, kept in the study, and what they say about the design

_NAMED = 40  # accounts behind each limit that is crossed
GUARDRAILS_INTRO = say("limits_for_what_new_prices")
# Field of the guardrails, words, lowest and highest value in percent, and whether it may be switched off.
LIMITS: tuple[tuple[str, str, float, float, bool], ...] = (
    ("least_revenue_change", say("revenue_changes_by_at_least"), -100, 1000, True),
    ("most_revenue_change", say("revenue_changes_by_at_most"), -100, 1000, True),
    ("steep_rise", say("a_rise_is_steep_above"), 0, 1000, False),
    ("most_accounts_above_steep_rise", say("accounts_with_a_steep_rise"), 0, 100, True),
    ("most_rise_in_top_ten", say("rise_among_the_ten_largest"), 0, 1000, True),
    ("most_accounts_below_cost", say("accounts_below_their_cost_at"), 0, 100, True),
    ("most_p95_rise", say("rise_at_the_mark_at"), 0, 1000, True),
    ("least_segment_change", say("every_segment_changes_by_at"), -100, 1000, True),
    ("most_unexplained", "Revenue unexplained, warn above", 0, 100, True),
)


class GuardrailsView(ImpactView):
    """A box per limit, the verdicts, and the accounts behind them."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.boxes = {
            field: number_box(
                words,
                minimum=low,
                maximum=high,
                step=1,
                unit="%",
                optional=optional,
                on_change=self.guarded(lambda value, field=field: self._limit(field, value)),
            )
            for field, words, low, high, optional in LIMITS
        }
        for box in self.boxes.values():
            box.layout.width = "226px"  # the longest label, so that boxes stand below each other
        self.note = text_box("Why these limits", on_change=self.guarded(lambda text: self._keep(note=text)))
        self.note.layout.width = "420px"
        self.verdict = HtmlBlock(role="status")
        self.chart = FigureView(table=False)
        self.table = HtmlBlock()
        boxes = row(*self.boxes.values(), self.note)
        boxes.layout.margin = "0 0 8px"
        self.section = panel.section(
            "Guardrails",
            status=self.status,
            parts=(boxes, self.verdict, self.chart, self.table),
            intro=GUARDRAILS_INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show the limits and the verdicts on a design."""
        for field, box in self.boxes.items():
            show(box, typed_percent(getattr(result.limits, field)))
        show(self.note, result.limits.note)
        report = result.guardrails
        self.chart.show_chart(guardrail_figure(result))
        if report is None:
            self.verdict.show(html.message(result.why_not, "warning"))
            return
        self.verdict.show(_verdict(report, result))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show the table of limits, and the accounts behind those that are crossed."""
        self.chart.show_words()
        report = result.guardrails
        if report is None:
            self.table.show("")
            return
        caption = say("limits_what_was_found_and")
        self.table.show(html.table(guardrail_table(report), caption) + _behind(report))

    def _limit(self, field: str, value: float | None) -> None:
        self._keep(**{field: share_typed(value)})

    def _keep(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the guardrails
        session = self._panel.session
        with plain_errors(say("this_limit_cannot_be_kept")):
            limits = session.study.guardrails.replaced(**changes)
        session.propose(session.study.replaced(guardrails=limits), "Guardrails")


def _verdict(report: GuardrailReport, result: ImpactResult) -> str:
    name = result.scenario.name
    if result.trial.change:
        name += say("with_the_price_tried_out")
    if report.passed and not report.unmeasured:
        return html.message(f"{name} keeps every limit.", "ok")
    if report.passed:
        unknown = say("of_could_not_be_measured", unmeasured=report.unmeasured, checks=len(report.checks))
        return html.message(say("crosses_no_limit_but", name=name, unknown=unknown), "warning")
    told = say("crosses_of_limits", name=name, failures=len(report.failures), checks=len(report.checks))
    return html.message(told + say("choosing_it_takes_a_reason"), "warning")


def _behind(report: GuardrailReport) -> str:
    """Name the accounts behind the limits that are crossed."""
    inside = "".join(
        html.paragraph(f"{check.title} {check.subject}".strip() + ": " + first_of(check.accounts, _NAMED))
        for check in report.failures
        if len(check.behind)
    )
    return html.details(say("the_accounts_behind_limits_that"), inside)


# --- The way to the new prices: a policy, the path it takes, and the list of customers to talk to

MIGRATION_INTRO = say("how_today_s_customers_get")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MigrationView(ImpactView):
    """Policy and settings, two figures, all policies in a table, and the list to act on."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.policy = choice(
            "Policy", list(POLICY_NAMES), on_change=self.guarded(lambda name: self._decide(policy=name))
        )
        self.notice = self._box("notice_months", "Notice", 24, "months")
        self.cap = self._box("cap_per_year", say("rise_a_year_at_most"), 200, "%", share=True)
        self.kept = self._box("kept_months", "Old price kept for", 60, "months")
        self.incentive = self._box("incentive", "Off for opting in", 100, "%", share=True)
        self.term = self._box("term_months", "Contracts run for", 60, "months", least=1)
        low, high = (self.guarded(lambda value, end=end: self._comers(end, value)) for end in ("low", "high"))
        self.comers_low = number_box("New customers, at least", minimum=0, step=1, unit="a month", on_change=low)
        self.comers_high = number_box("New customers, at most", minimum=0, step=1, unit="a month", on_change=high)
        self.mixture = MixtureGrid(lambda shares: self._decide(mixture=shares), self.guarded)
        self.dates = HtmlBlock()
        self.figures = HtmlBlock(role="status")
        self.charts = {key: FigureView(table=key != "paths") for key in ("paths", "on_old")}
        self.table = HtmlBlock()
        self.make = button(say("make_the_list_to_act"), self.guarded(self.make_list))
        self.links = HtmlBlock(role="status")
        controls = (
            self.policy, self.notice, self.cap, self.kept, self.incentive, self.term, self.comers_low, self.comers_high
        )  # fmt: skip
        self.section = panel.section(
            say("the_way_to_the_new"),
            status=self.status,
            controls=controls,
            parts=(
                self.mixture.widget,
                self.dates,
                self.figures,
                tuple(self.charts.values()),
                self.table,
                row(self.make),
                self.links,
            ),
            intro=MIGRATION_INTRO,
            finish=lambda: panel.finish(self),
        )

    def lead(self, result: ImpactResult) -> None:
        """Draw revenue on the way and who is still on old prices."""
        drawn = {figure.key: figure for figure in migration_figures(result)}
        for key, view in self.charts.items():
            view.show_chart(drawn.get(key))

    def refresh(self, result: ImpactResult) -> None:
        """Show the ways to a design's prices."""
        decision = result.decision
        show(self.policy, decision.policy)
        show(self.notice, decision.notice_months)
        show(self.kept, decision.kept_months)
        show(self.term, decision.term_months)
        coming = new_customers(self._panel.session.study.assumptions)
        show(self.comers_low, coming.low)
        show(self.comers_high, coming.high)
        for box, share in ((self.cap, decision.cap_per_year), (self.incentive, decision.incentive)):
            show(box, typed_percent(share))
        for box, name in ((self.cap, "capped rise"), (self.kept, "grandfather"), (self.incentive, "opt-in")):
            box.layout.display = None if decision.policy == name else "none"
        by_segment = decision.policy == BY_SEGMENT
        self.mixture.widget.layout.display = None if by_segment else "none"
        if result.ahead.bills is not None:
            self.mixture.show(decision, result.ahead.bills.segments)
        self.links.show("")
        path = result.path
        self.make.disabled = path is None
        if path is None:
            why = result.why_not or say("nobody_of_the_last_month")
            self.figures.show(html.message(why, "warning"))
            self.dates.show("")
            return
        self.dates.show(html.paragraph(renewals_sentence(path.bills, decision.term_months), soft=True))
        self.figures.show(html.paragraph(path.policy.describe()) + html.key_figure_cards(path.key_figures()))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what is said of the figures, and all policies in a table."""
        for view in self.charts.values():
            view.show_words()
        if result.path is None:
            self.table.show("")
            return
        decision = result.decision
        self.table.show(html.table(policies_table(result.paths, decision.policy), say("all_policies_if_nobody_reacts")))

    def make_list(self) -> None:
        """Make the list of customers to talk to, and show the links that save it."""
        result = self._panel.result
        if result.path is None or result.comparison is None:
            why = result.why_not or say("no_customer_of_the_last")
            raise StudyError("There is nobody to list.", why)
        reasons = action_reasons(result.comparison, result.path.bills)
        listed = for_people(action_list(result.path, reasons), result.path.bills.currency)
        name = say("customers_to_talk_to", id=result.scenario.id)
        excel = workbook_bytes(action_sheets(result.path, reasons))
        csv = html.csv_link(say("save_the_list_as_csv"), f"{name}.csv", listed)
        link = html.download(say("save_the_list_as_excel"), f"{name}.xlsx", excel, EXCEL)
        table = html.table(listed, say("accounts_whose_bill_changes_the", listed=len(listed)), most_rows=50)
        self.links.show(f"<p>{link}</p>{csv}{table}")
        self.status.say(say("accounts_are_on_the_list", listed=len(listed)), "ok")

    def _box(self, field: str, words: str, most: float, unit: str, *, share: bool = False, least: int = 0) -> Any:  # noqa: ANN401 - a number box
        def changed(value: float) -> None:
            self._decide(**{field: share_typed(value) if share else int(value)})

        return number_box(
            words, minimum=1 if share else least, maximum=most, step=1, unit=unit, whole=not share,
            on_change=self.guarded(changed),
        )  # fmt: skip

    def _comers(self, end: str, value: float) -> None:
        study = self._panel.session.study
        known = {each.id: each for each in (*default_assumptions(), *study.assumptions)}[NEW_CUSTOMERS]
        ends = {"low": known.low, "high": known.high, end: value}
        if ends["low"] > ends["high"]:  # the other end follows, so that either can be entered first
            ends = dict.fromkeys(ends, value)
        note = "" if known.note in {each.note for each in default_assumptions()} else known.note
        with plain_errors(say("these_new_customers_cannot_be")):
            changed = known.replaced(**ends, note=note)
        self._panel.session.propose(study.with_assumption(changed), "New customers a month")

    def _decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        session, result = self._panel.session, self._panel.result
        with plain_errors(say("this_policy_cannot_be_kept")):
            decision = result.decision.replaced(**changes)
        session.propose(
            session.study.scenario(result.scenario.id).with_decision(decision), say("way_to_the_new_prices")
        )


# --- What happens once customers react: ranges of revenue, what drives them, what would be worth knowing

UNCERTAINTY_INTRO = say("usage_leavers_and_new_customers")


class UncertaintyView(ImpactView):
    """The fan, the back-test, the tornado, the chances, and the guesses with their ranges."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self.told = HtmlBlock(role="status")
        self.charts = {key: FigureView() for key in ("fan", "backtest", "tornado")}
        self.tables = HtmlBlock()
        self.section = panel.section(
            "Once customers react",
            status=self.status,
            parts=(self.told, tuple(self.charts.values()), self.tables),
            intro=UNCERTAINTY_INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh_words(self, result: ImpactResult) -> None:
        """Show the ranges of the policy decided on; thousands of draws wait until the hand rests."""
        drawn = {figure.key: figure for figure in range_figures(result)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        if result.ranges is None:
            self.told.show(html.message(result.forecast_reason or say("there_is_nobody_to_bring"), "warning"))
            self.tables.show("")
            return
        self.told.show(html.paragraph(information_sentence(result.ranges)))
        chances = html.table(chances_table(result.ranges), say("chance_of_crossing_a_guardrail"))
        guesses = html.details(say("the_guesses_and_their_ranges"), html.table(guesses_table(result.ranges)))
        self.tables.show(chances + guesses)


# --- Steadier revenue: ways of taming usage bills on the terms a team sets

STEADY_INTRO = say("bills_by_usage_go_up")


class SteadyView(ImpactView):
    """The terms, two figures of the ways, the groups that swing together or apart, and their tables."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self.discount = self._box("commitment_discount", "Discount for committing", 0, 99, "%", share=True)
        self.premium = self._box("overage_premium", "Surcharge beyond it", 0, 500, "%", share=True)
        self.pool = self._box("pool_share", say("pool_of_last_year_s"), 1, 500, "%", share=True)
        self.smoothing = self._box("smoothing_months", "Smoothing: mean of", 2, 12, "months", whole=True)
        self.cap = self._box("cap_times", "Cap", 0.1, 20, "times the usual month", step=0.1)
        self.free = self._box(
            "free_baseline", "Free baseline a month", 0, None, panel.session.study.currency, optional=True
        )
        self.groups = choice(
            "Groups", [SEGMENTS, CYCLES], on_change=self.guarded(lambda groups: self._decide(groups=groups))
        )
        self.said = HtmlBlock(role="status")
        self.charts = {key: FigureView() for key in ("steady_tools", "steady_months", "steady_groups")}
        self.tools, self.lacking = HtmlBlock(), HtmlBlock()
        self.section = panel.section(
            "Steadier revenue",
            status=self.status,
            controls=(self.discount, self.premium, self.pool, self.smoothing, self.cap, self.free),
            parts=(
                self.said,
                self.charts["steady_tools"],
                self.tools,
                self.groups,
                (self.charts["steady_months"], self.charts["steady_groups"]),
                self.lacking,
            ),
            intro=STEADY_INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show the terms of a design."""
        decision = result.scenario.decision(SteadyDecision)
        for box, share in (
            (self.discount, decision.commitment_discount),
            (self.premium, decision.overage_premium),
            (self.pool, decision.pool_share),
        ):
            show(box, typed_percent(share))
        show(self.smoothing, decision.smoothing_months)
        show(self.cap, decision.cap_times)
        show(self.free, decision.free_baseline)
        show(self.groups, decision.groups)

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what the ways would do; a year and more of bills waits until the hand rests."""
        found = result.steady
        drawn = {figure.key: figure for figure in steady_figures(found)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        if found is None or found.why_not:
            why = found.why_not if found is not None else result.why_not
            self.said.show(html.message(why, "warning"))
            self.tools.show("")
        else:
            usual = money(found.usual_baseline, found.currency)
            free = say("left_empty_of_every_month", usual=usual)
            notes = " ".join(each.text for each in found.cautions if each.severity == "note")
            loud = html.caution_messages(each for each in found.cautions if each.severity != "note")
            said = html.paragraph(notes if found.decision.free_baseline is not None else f"{notes} {free}", soft=True)
            self.said.show(loud + said)
            self.tools.show(html.table(tools_table(found).without(TERMS), say("six_ways_to_bill_the")))
        lacks = found is not None and not found.why_not and found.groups is None
        self.lacking.show(html.message(found.why_no_groups) if found is not None and lacks else "")

    def _box(
        self,
        field: str,
        words: str,
        least: float,
        most: float | None,
        unit: str,
        *,
        share: bool = False,
        whole: bool = False,
        optional: bool = False,
        step: float = 1,
    ) -> Any:  # noqa: ANN401 - a number box
        def changed(value: float | None) -> None:
            self._decide(**{field: share_typed(value) if share else value})

        return number_box(
            words, minimum=least, maximum=most, step=step, unit=unit, whole=whole, optional=optional,
            on_change=self.guarded(changed),
        )  # fmt: skip

    def _decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        session = self._panel.session
        scenario = session.study.scenario(self._panel.result.scenario.id)
        with plain_errors(say("these_terms_cannot_be_kept")):
            decision = scenario.decision(SteadyDecision).replaced(**changes)
        session.propose(scenario.with_decision(decision), f"Steadier revenue: {' '.join(changes).replace('_', ' ')}")


# --- The panel of what a design does to every customer: from today's list to the way to the new one


class ImpactPanel(DesignPanel):
    """What the design in view would have done to every customer, and how to get there.

    Sections: `reconcile`, `who_pays`, `guardrails`, `migration`, `uncertainty`, `steady`. `result` is what is shown.
    """

    title = say("what_it_does_to_every")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.progress = StatusLine()
        self.result: ImpactResult
        self.has_result = False
        self._replays = replays_of(session)
        # What each view was last worked out from, and the views whose numbers or words are still to be shown.
        self._bases: dict[ImpactView, tuple[object, ...]] = {}
        self._numbers_due: list[ImpactView] = []
        self._words_due: list[ImpactView] = []
        self.reconcile_view = ReconcileView(self)
        self.who_pays_view = WhoPaysView(self)
        self.guardrails_view = GuardrailsView(self)
        self.migration_view = MigrationView(self)
        self.uncertainty_view = UncertaintyView(self)
        self.steady_view = SteadyView(self)
        self.reconcile: Section = self.reconcile_view.section
        self.who_pays: Section = self.who_pays_view.section
        self.guardrails: Section = self.guardrails_view.section
        self.migration: Section = self.migration_view.section
        self.uncertainty: Section = self.uncertainty_view.section
        self.steady: Section = self.steady_view.section
        self.follow(self.progress)

    def recompute(self) -> None:
        """Work out what the session holds now; the charts that follow the control are drawn, the rest comes in turn."""
        session, scenario = self.session, self.scenario
        evidence = self._replays.design(session, scenario)
        trial = self.who_pays_view.trial(scenario.id)
        ahead = self.result.ahead if self.has_result else None
        self.result = evaluate(session.base, session.study, scenario, evidence=evidence, trial=trial, ahead=ahead)
        self.has_result = True
        limits, decision = session.study.guardrails, self.result.decision
        names = tuple((each.id, each.name) for each in session.study.designs)
        prices = (evidence, trial, limits, scenario.id, names)
        drawn = (evidence, decision, session.study.assumptions)
        bases: tuple[tuple[ImpactView, tuple[object, ...]], ...] = (
            (self.reconcile_view, (evidence,)),
            (self.who_pays_view, prices),
            (self.guardrails_view, prices),
            (self.migration_view, drawn),
            (self.uncertainty_view, (*drawn, limits)),
            (self.steady_view, (evidence, scenario.decision(SteadyDecision))),
        )
        for view, basis in bases:
            if self._bases.get(view) != basis:
                self._bases[view] = basis
                self._numbers_due = [each for each in self._numbers_due if each is not view] + [view]
                view.lead(self.result)

    def show_numbers(self) -> None:
        """Show the figures of the views that what changed concerns."""
        due, self._numbers_due = self._numbers_due, []
        for view in due:
            view.refresh(self.result)
        self._words_due = [each for each in self._words_due if each not in due] + due
        self.progress.clear()

    def show_words(self) -> None:
        """Show readings and tables of these views."""
        due, self._words_due = self._words_due, []
        for view in due:
            view.refresh_words(self.result)

    def finish(self, view: ImpactView) -> None:
        """Bring one section up to date; the words of the others wait until they are shown, or the hand rests."""
        with self.session.lock:
            self._turns.work.flush()
            self._turns.soon.flush()
            if view in self._words_due:
                self._words_due.remove(view)
                guarded(view.refresh_words, self.progress)(self.result)


def open_panel(session: Session) -> ImpactPanel:
    """Return the panel of what a design does to every customer; the design in view is billed at once."""
    with working(say("billing_every_month_of_again", title=session.study.title)):
        return ImpactPanel(session)
