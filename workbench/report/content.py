"""What a report says, gathered from a study and its customer base, before any of it becomes a page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from workbench import progress
from workbench.cache import copies
from workbench.customers.afterwards import known_then
from workbench.customers.tables import TABLES
from workbench.locales import in_its_locale
from workbench.progress import Size, asking, reporting
from workbench.report.privacy import FULL, Naming
from workbench.stages.contract import StageOutcome, decision_of, evaluate_scenario, gather_evidence, stage
from workbench.stages.offers import TierDecision
from workbench.stages.study_replay import scenario_standing
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.impact.price_realisation import DesignStanding
    from workbench.results import Caution, KeyFigure, Missing
    from workbench.rules.rulebook import Finding
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say = texts(__name__)

# --- What a report says, gathered from a study and its customer base, before any of it becomes a page


def size_of(base: CustomerBase) -> Size:
    """Return how much there is to ask about, for progress."""
    return Size(len(base), sum(base.has(name) for name in TABLES if name.startswith("survey_")))


WILLINGNESS = "willingness"
_UNKNOWN = {"status": "unknown", "reason": say("nobody_asks"), "revenue": None, "accounts_kept": None}
NOBODY_ASKS = SimpleNamespace(**_UNKNOWN, method="", found=SimpleNamespace(**_UNKNOWN, prices={}))
"""What is concluded of demand where no stage asks what customers would pay."""


@dataclass(frozen=True)
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
    standing, why_no_standing
        The design's money on the study's basis, None where nothing can be billed; why.
    naming
        How accounts are named in what is written of it.
    begun
        What another process works out for it meanwhile, by name.

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
    ('Design A', 0, False)
    """

    study: Study
    base: CustomerBase
    scenario: Scenario
    outcomes: tuple[StageOutcome, ...]
    others: tuple[tuple[Scenario, tuple[StageOutcome, ...]], ...]
    standing: DesignStanding | None = None
    why_no_standing: str = ""
    naming: Naming = FULL
    begun: dict[str, Callable[[], Any]] = field(default_factory=dict, repr=False)

    def asked(self, stage: str, name: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - a field of the stage's own
        """Return what a stage found, by the name of a field of its result; something else where there is no stage."""
        found = next((each.result for each in self.outcomes if each.stage.key == stage), None)
        return otherwise if found is None else getattr(found, name)

    @property
    def why_no_list(self) -> str:
        """Return why the design has no revenue, "" where it has one."""
        if self.standing is None:
            return self.why_no_standing
        if self.standing.after is not None:
            return ""
        return say("offers_no_plan_yet_decide", name=self.scenario.name)

    @property
    def willingness(self) -> Any:  # noqa: ANN401 - the stage's own result
        """Return what customers would pay, and who buys what; None where there is no such stage."""
        return next((each.result for each in self.outcomes if each.stage.key == WILLINGNESS), None)

    @cached_property
    def demand(self) -> Any:  # noqa: ANN401 - the stage's own conclusion
        """Return what is concluded of that: what the scenario brings and keeps, and the prices recommended."""
        return NOBODY_ASKS if self.willingness is None else stage(WILLINGNESS).module.concluded(self.willingness)

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
        return next((each.result.key_figures for each in self.outcomes if each.stage.key == TierDecision.stage), ())

    @property
    def findings(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return every finding on the offer with its stage, and of the tiers how need and choice differ."""
        apart = self.placed_and_chosen
        return tuple(
            (each, finding)
            for each in self.designing
            for finding in (
                *each.result.findings,
                *((apart,) if apart is not None and each.stage.key == TierDecision.stage else ()),
            )
        )

    @property
    def placed_and_chosen(self) -> Finding | None:
        """Return by how much accounts placed by need and what they would choose differ; None without both."""
        return None if self.willingness is None else next(iter(self.willingness.findings), None)

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


def at_the_desk(base: CustomerBase, study: Study, scenario_id: str | None = None) -> tuple[CustomerBase, str | None]:
    """Return what the growth desk looks at, and whose prices hold then.

    Parameters
    ----------
    base, study
        The customers as known on the day of the study, and the study.
    scenario_id
        Whose desk and prices; those of the scenario reported when None.

    Returns
    -------
    tuple[CustomerBase, str | None]
        The customers, with all on record where that was decided, and the scenario: the one asked for, after the day of
        the study else the one reported, and None for today's list.

    Examples
    --------
    >>> from workbench.report.content import at_the_desk
    >>> from workbench.study import Study
    >>> from workbench.workspace import sample_base
    >>> base = sample_base()
    >>> seen, scenario_id = at_the_desk(base, Study.new("acme", "data"))
    >>> seen is base, scenario_id
    (True, None)
    """
    scenario = reported_scenario(study, scenario_id)
    decided: Any = decision_of("growth_desk", scenario)
    seen = base if decided is None else known_then(base, decided.history)
    return seen, scenario.id if scenario_id is None and seen is not base else scenario_id


def expected_seconds(
    base: CustomerBase, study: Study, scenario_id: str | None = None, *, gathered: bool
) -> dict[str, float]:
    """Return about how long each part of a report takes, its page as well, for progress."""
    priced = reported_scenario(study, scenario_id).decided(TierDecision)
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
    naming: Naming = FULL,
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
        What stages gathered, to save the time it takes.
    naming
        How accounts are named, as `named` returned it with these customers and this study.

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
    with naming.drawing():
        return _gathered(base, study, reported_scenario(study, scenario_id), seed, evidence=evidence, naming=naming)


def _gathered(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    seed: int,
    *,
    evidence: Mapping[str, Any] | None,
    naming: Naming,
) -> ReportContent:
    seconds = expected_seconds(base, study, scenario.id, gathered=evidence is not None)
    step = progress.Steps(seconds | {"page": 0.0}, seconds=True)
    with step("evidence"):
        shared = gather_evidence(base) if evidence is None else evidence

    def outcomes_of(each: Scenario) -> tuple[StageOutcome, ...]:
        return evaluate_scenario(base, study, each, seed=seed, evidence=shared)

    with step("own"):
        own = outcomes_of(scenario)
    content = ReportContent(study, base, scenario, own, (), *scenario_standing(base, study, scenario), naming)
    with step("willingness", say("asking_what_customers_would_pay")):
        _ask(content)  # first of all: where the search is made beside the rest, the rest is what it takes
    with step("others"):
        rest = [each for each in study.designs if each.id != scenario.id]
        content = replace(content, others=tuple((each, outcomes_of(each)) for each in progress.each(rest)))
    with step("impact", "billing every customer again"):
        for key, name in (("impact", "guardrails"), ("migration", "ranges")):
            content.asked(key, name)  # worked out here, where the wait is told
    return content


def _ask(content: ReportContent) -> None:
    """Work out what customers would pay and the prices found, which would else be done where somebody reads them."""
    priced = content.scenario.decided(TierDecision)
    step = progress.Steps(asking(size_of(content.base), priced=priced), seconds=True)
    with step("answers"):
        _ = content.willingness and content.willingness.design
    if copies() and content.willingness:
        stage(WILLINGNESS).module.begin_search(content.willingness)
        return
    with step("search", say("searching_prices")):
        _ = content.demand
