"""What a report says, gathered from a study and its customer base, before any of it becomes a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workbench import progress
from workbench.customers.tables import TABLES
from workbench.demand.model import PER_ACCOUNT, fee_of
from workbench.demand.search.result import with_prices
from workbench.errors import WorkbenchError
from workbench.formatting import money, number, one_unit, percent, priced
from workbench.locales import in_its_locale
from workbench.progress import Size, asking, reporting
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.contract import StageOutcome, evaluate_scenario, gather_evidence
from workbench.stages.impact.evaluation import evaluate
from workbench.stages.study_replay import scenario_standing
from workbench.stages.willingness.evaluation import FEW_FREE, effect_on_today, placed_and_chosen, why_not_searched
from workbench.stages.willingness.evaluation import evaluate as willingness_evaluate
from workbench.stages.willingness.evidence import gather
from workbench.stages.willingness.price_search import conclude, find_prices_quickly, market_corridors
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workbench.customers.base import CustomerBase
    from workbench.demand.changes import Effect
    from workbench.demand.search.result import PriceSearch
    from workbench.impact.price_realisation import DesignStanding
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Caution, Interval, KeyFigure, Missing
    from workbench.rules.rulebook import Finding
    from workbench.stages.impact.evaluation import ImpactResult
    from workbench.stages.willingness.evaluation import WillingnessResult
    from workbench.stages.willingness.evidence import DemandEvidence
    from workbench.stages.willingness.price_search import DemandConclusion
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say = texts(__name__)

# --- What the section on willingness to pay and prices found stands on, worked out once for a report


@dataclass(frozen=True, eq=False)
class WillingnessPart:
    """What customers would pay, who buys what from the design, and the prices found for it.

    `search` is None when no prices could be searched or found, and `why_no_prices` says why. `market` is the corridor
    competitors leave each offer. `found_against_today` holds the found prices against today's list, None without one.
    """

    result: WillingnessResult
    search: PriceSearch | None = None
    why_no_prices: str = ""
    market: Mapping[str, tuple[float | None, float | None]] | None = None
    found_against_today: Effect | None = None

    @cached_property
    def demand(self) -> DemandConclusion:
        """Return what is concluded: what the design brings and keeps, and the prices that are recommended."""
        return conclude(self.result, self.search, self.why_no_prices)

    @property
    def summary(self) -> str:
        """Return what the design brings and keeps, and the prices found or why there are none."""
        result, search = self.result, self.search
        if result.design is None:
            return result.why_not
        said = f"By {source_in_words(result)}, {demand_in_words(self.demand, result)}"
        found = self.demand.found
        if found.status == "unknown" or search is None or found.revenue is None or found.accounts_kept is None:
            return say("no_prices_are_recommended", said=said, reason=found.reason)
        prices = ", ".join(f"{name} {priced(price, search.currency)}" for name, price in found.prices.items())
        return say(
            "prices_found_under_the_rules",
            said=said,
            prices=prices,
            per_=_per(result.design.book),
            money_=_money(found.revenue, result.currency),
            share=_share(found.accounts_kept),
        )


def demand_in_words(demand: DemandConclusion, result: WillingnessResult) -> str:
    """Return revenue and accounts kept and lost with their ranges, or why they are unknown, as part of a sentence."""
    if demand.revenue is None or demand.accounts_kept is None:
        return say("it_is_unknown_what_this", reason=demand.reason)
    if demand.status == "unknown":
        low, high = (money(each, result.currency) for each in (demand.revenue.low, demand.revenue.high))
        kept = f"{percent(demand.accounts_kept.low)} to {percent(demand.accounts_kept.high)}"
        return say("it_is_not_known_what", low=low, high=high, kept=kept, reason=demand.reason)
    said = say(
        "this_design_brings_a_month", money_=_money(demand.revenue, result.currency), share=_share(demand.accounts_kept)
    )
    rows = result.kept
    if not rows:
        return said
    lost = [f"{row.segment} {_accounts(row.lost)} of {number(row.paying, 0)}" for row in rows[1:] if row.paying]
    words = say("it_loses_of_paying_accounts", accounts=_accounts(rows[0].lost), paying=rows[0].paying)
    said += f"{words}{': ' + ', '.join(lost) if lost else ''}."
    if rows[0].free >= FEW_FREE * (rows[0].free + rows[0].paying):
        said += say(
            "of_that_pay_nothing_today",
            free=rows[0].free,
            accounts=_accounts(rows[0].gained),
            accounts_2=_accounts(rows[0].free_kept),
        )
    return said


def _money(value: Interval, currency: str) -> str:
    low, middle, high = (money(each, currency) for each in (value.low, value.estimate, value.high))
    return f"{middle} ({low} to {high})"


def _share(value: Interval) -> str:
    return f"{percent(value.estimate)} ({percent(value.low)} to {percent(value.high)})"


def _accounts(value: Interval) -> str:
    return f"{number(value.estimate, 0)} ({number(value.low, 0)} to {number(value.high, 0)})"


def _per(book: PriceBook) -> str:
    """Return what every price is for, "" where they differ: the table of prices then says it."""
    fees = (*map(fee_of, book.plans), *map(fee_of, book.add_ons))
    units = {fee.per for fee in fees if fee.amount >= 0}  # on request: no amount
    if len(units) != 1:
        return ""
    unit = units.pop()
    return f"; per {unit if unit == PER_ACCOUNT else one_unit(unit)} and month"


def source_in_words(result: WillingnessResult) -> str:
    """Return where willingness comes from, as the middle of a sentence."""
    return {
        "choices": "choices between offers",
        "price ladder": "the price ladder",
        "price sensitivity": "price sensitivity",
        "what customers pay": "what customers pay today",
    }.get(str(result.source), "what is known")


def size_of(base: CustomerBase) -> Size:
    """Return how much there is to ask about, for progress."""
    return Size(len(base), sum(base.has(name) for name in TABLES if name.startswith("survey_")))


def gather_willingness(
    base: CustomerBase, study: Study, scenario: Scenario, *, seed: int = 0, evidence: DemandEvidence | None = None
) -> WillingnessPart:
    """Return willingness to pay for one design, who buys what, and the prices found under the study's own rules."""
    step = progress.Steps(asking(size_of(base), priced=scenario.decided("tiers")), seconds=True)
    with step("answers"):
        shared = evidence or gather(base, seed=seed)
        result = willingness_evaluate(base, scenario, evidence=shared)
    if result.design is None:
        return WillingnessPart(result, why_no_prices=result.why_not)
    rulebook = RULEBOOK.for_study(study)
    market = market_corridors(base, scenario, rulebook=rulebook)
    if why := why_not_searched(result):
        return WillingnessPart(result, why_no_prices=why, market=market)
    try:
        with step("search", "searching prices"):
            search = find_prices_quickly(result, rulebook=rulebook, market=market, seed=seed)
    except WorkbenchError as error:
        return WillingnessPart(result, why_no_prices=str(error), market=market)
    book = with_prices(result.design.book, search)
    effect = effect_on_today(result.design.sourced, book, shared.today)
    return WillingnessPart(result, search, market=market, found_against_today=effect)


# --- What a report says, gathered from a study and its customer base, before any of it becomes a page

MONEY_STAGE = "tiers"
WILLINGNESS = "willingness"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report shows.

    Attributes
    ----------
    study, base, scenario
        What it is about.
    outcomes
        Each stage's outcome in the scenario.
    others
        The other designs with their outcomes.
    impact
        What the scenario does to customers.
    willingness
        What customers would pay, who buys what, and the prices found.
    standing, why_no_standing
        The design's money on the study's basis, None where nothing can be billed; why.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> from workbench.report import gather_content
    >>> content = gather_content(base, Study.new("acme", "data"))
    >>> content.scenario.name, len(content.decided), content.standing is None
    ('Design A', 0, True)
    """

    study: Study
    base: CustomerBase
    scenario: Scenario
    outcomes: tuple[StageOutcome, ...]
    others: tuple[tuple[Scenario, tuple[StageOutcome, ...]], ...]
    impact: ImpactResult
    willingness: WillingnessPart
    standing: DesignStanding | None = None
    why_no_standing: str = ""

    @property
    def why_no_list(self) -> str:
        """Return why the design has no revenue, "" where it has one."""
        if self.standing is None:
            return self.why_no_standing
        if self.standing.after is not None:
            return ""
        return say("offers_no_plan_yet_decide", name=self.scenario.name)

    @property
    def designing(self) -> tuple[StageOutcome, ...]:
        """Return the stages that decide a part of the offer; the others put it to a test."""
        return tuple(each for each in self.outcomes if each.stage.designs)

    @property
    def decided(self) -> tuple[StageOutcome, ...]:
        """Return the stages of the offer that hold a decision."""
        return tuple(each for each in self.designing if self.scenario.decided(each.stage.key))

    @property
    def open_stages(self) -> tuple[StageOutcome, ...]:
        """Return the stages of the offer nobody has decided yet."""
        return tuple(each for each in self.designing if not self.scenario.decided(each.stage.key))

    @property
    def money(self) -> tuple[KeyFigure, ...]:
        """Return the key figures of the stage that sets prices."""
        return next((each.result.key_figures for each in self.outcomes if each.stage.key == MONEY_STAGE), ())

    @property
    def findings(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return every finding on the offer with its stage, and of the tiers how need and choice differ."""
        apart = self.placed_and_chosen
        return tuple(
            (each, finding)
            for each in self.designing
            for finding in (
                *each.result.findings,
                *((apart,) if apart is not None and each.stage.key == MONEY_STAGE else ()),
            )
        )

    @property
    def placed_and_chosen(self) -> Finding | None:
        """Return by how much accounts placed by need and what they would choose differ; None without both."""
        tiers = next((each.result for each in self.outcomes if each.stage.key == MONEY_STAGE), None)
        return placed_and_chosen(tiers, self.standing, self.willingness.result)

    @property
    def risks(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return the findings that ask for attention, breaches first; what the team set aside comes last."""
        order = {"breach": 0, "watch": 1}
        attention = [pair for pair in self.findings if pair[1].status in order]
        return tuple(sorted(attention, key=lambda pair: (pair[1].waiver is not None, order[pair[1].status])))

    @property
    def unanswered(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return the rules that could not be checked."""
        return tuple(pair for pair in self.findings if pair[1].status == "unknown")

    @property
    def cautions(self) -> tuple[tuple[StageOutcome, Caution], ...]:
        """Return every caution on the offer with the stage it belongs to."""
        return tuple((each, caution) for each in self.designing for caution in each.result.cautions)

    @property
    def missing(self) -> tuple[tuple[StageOutcome, Missing], ...]:
        """Return the tables the stages of the offer would have used."""
        return tuple((each, missing) for each in self.designing for missing in each.result.missing)


def reported_scenario(study: Study, scenario_id: str | None = None) -> Scenario:
    """Return the scenario a report is about: the one asked for, else the chosen one, else the first design."""
    if scenario_id is not None:
        return study.scenario(scenario_id)
    if study.chosen is not None:
        return study.scenario(study.chosen.scenario_id)
    return study.designs[0]


def expected_seconds(
    base: CustomerBase, study: Study, scenario_id: str | None = None, *, gathered: bool
) -> dict[str, float]:
    """Return about how long each part of a report takes, its page as well, for progress."""
    priced = reported_scenario(study, scenario_id).decided(MONEY_STAGE)
    seconds = reporting(size_of(base), len(study.designs), priced=priced)
    return seconds | {"evidence": 0.0} if gathered else seconds


@in_its_locale
def gather_content(
    base: CustomerBase,
    study: Study,
    scenario_id: str | None = None,
    *,
    seed: int = 0,
    evidence: Mapping[str, Any] | None = None,
) -> ReportContent:
    """Evaluate every stage of the scenario reported on, and of the other designs for comparison.

    Parameters
    ----------
    base
        The customers.
    study
        The scenarios.
    scenario_id
        Which to report on; the chosen one, else the first design, when None.
    seed
        Where random numbers start.
    evidence
        What stages gathered, to save the time it takes; beside it, what `stages.willingness.gather` returned as
        "willingness".

    Returns
    -------
    ReportContent
        The content of report, workbook and results.

    Raises
    ------
    StudyError
        When there is no such scenario.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> from workbench.report import gather_content
    >>> content = gather_content(base, Study.new("acme", "data"))
    >>> [outcome.stage.key for outcome in content.open_stages][:2], content.missing[0][1].table
    (['value_metric', 'model_fit'], 'usage')
    """
    scenario = reported_scenario(study, scenario_id)
    seconds = expected_seconds(base, study, scenario_id, gathered=evidence is not None)
    step = progress.Steps(seconds | {"page": 0.0}, seconds=True)
    with step("evidence"):
        shared = gather_evidence(base) if evidence is None else evidence

    def outcomes_of(each: Scenario) -> tuple[StageOutcome, ...]:
        return evaluate_scenario(base, study, each, seed=seed, evidence=shared)

    with step("others"):
        rest = [each for each in study.designs if each.id != scenario.id]
        others = tuple((each, outcomes_of(each)) for each in progress.each(rest))
    with step("impact", "billing every customer again"):
        impact = evaluate(base, study, scenario, seed=seed)
    with step("willingness", say("asking_what_customers_would_pay")):
        willingness = gather_willingness(base, study, scenario, seed=seed, evidence=shared.get(WILLINGNESS))
    with step("own"):
        own = outcomes_of(scenario)
    stands, why = scenario_standing(base, study, scenario)
    return ReportContent(study, base, scenario, own, others, impact, willingness, stands, why)
