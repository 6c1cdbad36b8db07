"""What a study is made of: strict frozen documents, decisions, scenarios, guessed ranges, guardrails."""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from workbench.errors import StudyError
from workbench.formatting import exact
from workbench.text import words_at

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from datetime import datetime

# --- What every document of a study shares: frozen, strict about fields, and plain about what is wrong

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
When = AwareDatetime
_LONGEST_SLUG = 60
_SHOWN_VALUE = 60


class ImpossibleDocumentError(StudyError, ValueError):
    """Refuse values that a document cannot have.

    Parameters
    ----------
    what
        What is not possible.
    reasons
        Every field, what is wrong, and the value found.

    Examples
    --------
    >>> from workbench.study import Assumption
    >>> Assumption(id="churn", label="Customers lost a month", low=0.05, high=0.03)
    Traceback (most recent call last):
        ...
    workbench.study.model.ImpossibleDocumentError: ...
    """

    def __init__(self, what: str, reasons: str) -> None:
        super().__init__(f"{what}: {reasons}")
        self.reasons = reasons


class FrozenModel(BaseModel):
    """A document that never changes: a change is a new document, checked as a whole.

    Raises
    ------
    ImpossibleDocumentError
        Names what is wrong with the values.

    Examples
    --------
    >>> from workbench.study import FrozenModel
    >>> class Discount(FrozenModel):
    ...     percent: float = 0
    >>> Discount().replaced(percent=15).percent
    15.0
    >>> Discount(per_cent=15)
    Traceback (most recent call last):
        ...
    workbench.study.model.ImpossibleDocumentError: ...
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - fields of the document
        """Make the document; ImpossibleDocumentError, a StudyError, names what is wrong with the values."""
        with plain_errors(f"This {_words(type(self).__name__)} is not possible"):
            super().__init__(**values)

    # As in pydantic's RootModel: documents inside a document are checked as part of it, not made by a call, so that
    # every problem is found at once and named by its place in the whole.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def replaced(self, **changes: object) -> Self:
        """Return a copy with these fields changed; ImpossibleDocumentError names what is wrong with the new values."""
        with plain_errors(f"This change to the {_words(type(self).__name__)} is not possible"):
            return type(self).model_validate({**dict(self), **changes})


@contextmanager
def plain_errors(what: str) -> Iterator[None]:
    """Say in these words what is not possible when a document inside is refused; fields and reasons stay.

    Parameters
    ----------
    what
        What is not possible, in words.

    Returns
    -------
    contextlib.AbstractContextManager
        A context to use in a `with` block.

    Raises
    ------
    ImpossibleDocumentError
        In place of the one raised inside.

    Examples
    --------
    >>> from workbench.study import Guardrails, plain_errors
    >>> with plain_errors("The limits cannot be saved"):
    ...     Guardrails(steep_rise=-1)
    Traceback (most recent call last):
        ...
    workbench.study.model.ImpossibleDocumentError: The limits cannot be saved...
    """
    try:
        yield
    except ValidationError as error:
        raise ImpossibleDocumentError(what, explain(error)) from error
    except ImpossibleDocumentError as error:
        raise ImpossibleDocumentError(what, error.reasons) from error


def explain(error: ValidationError) -> str:
    """Say every problem of a validation error in words: field, what is wrong, the value found.

    Parameters
    ----------
    error
        What pydantic raised.

    Returns
    -------
    str
        One sentence per problem.

    Examples
    --------
    >>> from pydantic import BaseModel, ValidationError
    >>> from workbench.study import explain
    >>> class Price(BaseModel):
    ...     amount: float
    >>> try:
    ...     Price(amount="ten")
    ... except ValidationError as error:
    ...     print(explain(error))
    amount: must be a number (found 'ten').
    """
    return "; ".join(_explain_one(problem) for problem in error.errors(include_url=False)) + "."


def slug(text: str) -> str:
    """Write a text as an id: lower-case ASCII letters, digits and hyphens.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The id.

    Examples
    --------
    >>> from workbench.study import slug
    >>> slug("Plan B, 2nd draft")
    'plan-b-2nd-draft'
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "item"


def fresh_id(text: str, taken: Container[str]) -> str:
    """Return the text's slug, or the slug with the first free counter when it is taken.

    Parameters
    ----------
    text
        What to call it.
    taken
        Ids in use.

    Returns
    -------
    str
        An id that is free.

    Examples
    --------
    >>> from workbench.study import fresh_id
    >>> fresh_id("Design A", set()), fresh_id("Design A", {"design-a", "design-a-2"})
    ('design-a', 'design-a-3')
    """
    wanted = slug(text)
    candidate, counter = wanted, 2
    while candidate in taken:
        candidate, counter = f"{wanted}-{counter}", counter + 1
    return candidate


def _explain_one(problem: Mapping[str, Any]) -> str:
    where = " > ".join(str(part).replace("_", " ") for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if plain := words_at(__package__, "problems", problem["type"], default=""):
        message = plain.format(**problem.get("ctx", {}))
    value = problem["input"]
    is_short = isinstance(value, str | int | float) or value is None
    is_telling = is_short and problem["type"] not in {"missing", "string_too_short"}
    found = f" (found {_shortened(value)})" if is_telling else ""
    return f"{where}: {message}{found}" if where else f"{message}{found}"


def _shortened(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}..., {len(str(value))} characters"


def _words(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", class_name).lower()


# --- The basis of a study's revenue figures: chosen once, printed with each of them

RevenueBasis: TypeAlias = Literal["last complete month", "mean of the last twelve months"]
LAST_MONTH: RevenueBasis = "last complete month"
MEAN_OF_TWELVE: RevenueBasis = "mean of the last twelve months"
MONTHS_OF_BASIS: dict[RevenueBasis, int] = {LAST_MONTH: 1, MEAN_OF_TWELVE: 12}

# --- Inputs that are guesses: kept as ranges, each with its unit and where it comes from


class CompetitorPrice(FrozenModel):
    """A price of a competitor that somebody on the team saw and typed, as a row of the table competitor_offers.

    Parameters
    ----------
    id
        Unique in the study.
    vendor, offer, kind
        Who sells what, and whether it is bought on its own or on top.
    price, per, billing_period, currency
        The price of one `per` ("account" or a metric) for one period; None is a price on request.
    limit_metric, limit
        What the offer limits, and the largest quantity it allows.
    seen_on, source
        The day it was seen, and the page or document it stands in.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be, such as a limit without the metric it limits.

    Examples
    --------
    >>> from workbench.study import CompetitorPrice
    >>> seen = CompetitorPrice(id="n", vendor="Northwind", offer="Team", price=39, per="seats", currency="USD",
    ...                  seen_on="2026-05-12", source="https://example.com/pricing")
    >>> seen.row()["price"], seen.row()["billing_period"]
    (39.0, 'month')
    """

    id: Identifier
    vendor: Name
    offer: Name
    kind: Literal["plan", "add-on"] = "plan"
    price: Annotated[Decimal | None, Field(ge=0)] = None
    per: Name = "account"
    billing_period: Literal["month", "quarter", "year"] = "month"
    currency: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]
    limit_metric: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    limit: Annotated[Decimal | None, Field(ge=0)] = None
    seen_on: date
    source: Title

    @model_validator(mode="after")
    def _limit_of_something(self) -> Self:
        if (self.limit is None) != (not self.limit_metric):
            raise ValueError("a limit needs the metric it limits, and a metric the largest quantity")
        return self

    def row(self) -> dict[str, object]:
        """Return it as a row of the table competitor_offers, empty where nothing is known."""
        numbers = {"price": self.price, "limit": self.limit}
        known = {name: None if value is None else float(value) for name, value in numbers.items()}
        return {**self.model_dump(exclude={"id"}), **known, "limit_metric": self.limit_metric or None}


class Assumption(FrozenModel):
    """A guessed input as a range.

    Parameters
    ----------
    id
        Unique in the study.
    label
        What it is about, for people.
    low, high
        The team holds it 90% likely that the truth lies between.
    unit, note, source
        What it is in, a remark, and who says so.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be, such as a low end above the high one.

    Examples
    --------
    >>> from workbench.study import Assumption
    >>> Assumption(id="churn", label="Customers lost a month", low=0.01, high=0.03, unit="share").middle
    0.02
    """

    id: Identifier
    label: Title
    low: float
    high: float
    unit: Note = ""
    note: Note = ""
    source: Note = ""

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.low > self.high:
            raise ValueError(
                f"the low end ({exact(self.low)}) of {self.label!r} lies above its high end "
                f"({exact(self.high)}); swap them"
            )
        return self

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.low + self.high) / 2


# --- The limits a team sets for what new prices may do to customers and revenue

Share = Annotated[float, Field(ge=0, le=1)]
Rise = Annotated[float, Field(ge=0)]


class Guardrails(FrozenModel):
    """Limits a scenario must keep, all as shares (0.25 is 25%).

    None switches a limit off. The defaults are cautious starting points, not findings.

    Parameters
    ----------
    least_revenue_change, most_revenue_change
        Of the accounts' revenue.
    steep_rise, most_accounts_above_steep_rise
        Which rise of a bill is steep, and the share of accounts that may see one.
    most_rise_in_top_ten
        Of the bills of the ten largest accounts.
    most_accounts_below_cost
        Share of accounts whose bill may lie below what serving them costs.
    most_p95_rise
        The rise that 95% of accounts may not exceed.
    least_segment_change
        Of any segment's revenue.
    most_unexplained
        Judges no scenario but today's price list: where it leaves more of the recorded revenue unexplained, every
        comparison with it says so.
    note
        A team's own reason.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.study import Guardrails
    >>> limits = Guardrails(least_revenue_change=0.0).replaced(most_p95_rise=None)
    >>> limits.least_revenue_change, limits.most_p95_rise, limits.steep_rise
    (0.0, None, 0.25)
    """

    least_revenue_change: float | None = -0.02
    most_revenue_change: float | None = None
    steep_rise: Rise = 0.25
    most_accounts_above_steep_rise: Share | None = 0.10
    most_rise_in_top_ten: Rise | None = 0.20
    most_accounts_below_cost: Share | None = 0.05
    most_p95_rise: Rise | None = 0.40
    least_segment_change: float | None = -0.10
    most_unexplained: Share | None = 0.05
    note: Note = ""


# --- What a team decides: the settings of one stage, and the log of decisions with evidence and reason


class StageDecision(FrozenModel):
    """The settings a team chose in one stage; every field has a default, so an untouched stage has one too.

    A subclass names its stage: ``stage: ClassVar[str] = "tiers"``.

    Examples
    --------
    >>> from typing import ClassVar
    >>> from workbench.study import StageDecision
    >>> class DiscountDecision(StageDecision):
    ...     stage: ClassVar[str] = "discounts"
    ...     most: float = 0.2
    >>> DiscountDecision().replaced(most=0.15).most
    0.15
    """

    stage: ClassVar[str]


class DecisionRecord(FrozenModel):
    """One line of the decision log: what was decided, on which evidence, against which findings, and why.

    Parameters
    ----------
    id
        Unique in the study.
    stage, scenario_id
        Where it was decided.
    what
        The decision in a sentence.
    evidence
        What it stands on, in sentences.
    findings
        Findings as they stood, in sentences.
    reason
        Why; not empty.
    who, when
        By whom, and when, with a time zone.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> what, reason = "Price by rows synced.", "It grows with value."
    >>> kept = study.record_decision("value_metric", study.designs[0].id, what=what, reason=reason, who="Ana", when=day)
    >>> kept.decisions[-1].what, kept.decisions[-1].who
    ('Price by rows synced.', 'Ana')
    """

    id: Identifier
    stage: Identifier
    scenario_id: Identifier
    what: Sentence
    evidence: tuple[Sentence, ...] = ()
    findings: tuple[Sentence, ...] = ()
    reason: Reason
    who: Name
    when: When


class Waiver(FrozenModel):
    """A rule the team sets aside for one subject, with the reason.

    Parameters
    ----------
    id
        Unique in the scenario.
    rule
        The rule's id.
    subject
        A tier, an add-on, or "" for the whole.
    reason
        Why; not empty.
    who, when
        By whom, and when, with a time zone.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> design = study.designs[0].with_waiver("T4", "One deal needs it.", "Ana", day, subject="Pro")
    >>> [(waiver.rule, waiver.subject) for waiver in design.waivers]
    [('T4', 'Pro')]
    """

    id: Identifier
    rule: Identifier
    subject: str = ""
    reason: Reason
    who: Name
    when: When


class ThresholdOverride(FrozenModel):
    """A threshold this study sets itself.

    None keeps the rulebook's value on that side.

    Parameters
    ----------
    low, high
        The ends.
    reason
        Why; not empty.
    who, when
        By whom, and when, with a time zone.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> from workbench.rules import RULEBOOK
    >>> study = study.with_threshold("T4", "Our tiers lie further apart.", "Ana", day, high=8)
    >>> RULEBOOK.threshold("T4").high, RULEBOOK.for_study(study).threshold("T4").high
    (5, 8.0)
    """

    low: float | None = None
    high: float | None = None
    reason: Reason
    who: Name
    when: When


class ScenarioChoice(FrozenModel):
    """The scenario the team settled on, and why.

    Parameters
    ----------
    scenario_id
        Which.
    reason
        Why; not empty.
    who, when
        By whom, and when, with a time zone.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> chosen = study.choose(study.designs[0].id, "It grows with value.", "Ana", day).chosen
    >>> chosen.scenario_id, chosen.reason
    ('design-a', 'It grows with value.')
    """

    scenario_id: Identifier
    reason: Reason
    who: Name
    when: When


# --- How far a scenario has come, on what was seen; and what somebody remarks on a section

Status: TypeAlias = Literal["draft", "proposed", "approved", "launched"]


class StateStep(FrozenModel):
    """The step by which a scenario came to its state.

    Parameters
    ----------
    status
        "proposed", "approved" or "launched".
    who, when
        By whom, and when, with a time zone.
    seen
        A short sum of each thing it was decided on: data, decisions, assumptions, and the figures they came to.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import StateStep
    >>> StateStep(status="proposed", who="Ana", when=datetime(2025, 3, 1, tzinfo=UTC), seen={"data": "1f"}).status
    'proposed'
    """

    status: Literal["proposed", "approved", "launched"]
    who: Name
    when: When
    seen: dict[str, str]


class Comment(FrozenModel):
    """What somebody remarks on a section of the report.

    Parameters
    ----------
    id
        Unique in the study.
    section
        The key of a stage, or a section of the report such as summary.
    text
        The remark.
    who, when
        By whom, and when, with a time zone.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study, with_comment
    >>> study, day = Study.new("acme", "data"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> with_comment(study, "tiers", "Too many?", "Ana", day).comments[0].who
    'Ana'
    """

    id: Identifier
    section: Identifier
    text: Reason
    who: Name
    when: When


# --- A scenario: one full set of stage decisions, so one candidate price book

Decision = TypeVar("Decision", bound=StageDecision)


class Scenario(FrozenModel):
    """One full set of stage decisions.

    `stages` keeps each decision as plain JSON under its stage key, so a study can be read without the stages; use
    `decision` and `with_decision` for typed access.

    Parameters
    ----------
    id, name, note
        Unique in the study, how it is called, and a remark.
    kind
        "baseline" for today's prices, which hold no decisions, and "design" for a candidate.
    stages
        Stage key to decision.
    waivers
        Rules the team set aside.
    state
        How far it has come, None for a draft.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from typing import ClassVar
    >>> from workbench.study import Scenario, StageDecision
    >>> class DiscountDecision(StageDecision):
    ...     stage: ClassVar[str] = "discounts"
    ...     most: float = 0.2
    >>> design = Scenario(id="a", name="Design A").with_decision(DiscountDecision(most=0.1))
    >>> design.decision(DiscountDecision).most, design.stages
    (0.1, {'discounts': {'most': 0.1}})
    """

    id: Identifier
    name: Name
    note: Note = ""
    kind: Literal["baseline", "design"] = "design"
    stages: dict[str, JsonValue] = Field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    state: StateStep | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "baseline" and self.stages:
            raise ValueError("the baseline is today's price list and takes no stage decisions; use another scenario")
        ids = [waiver.id for waiver in self.waivers]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two waivers of scenario {self.name!r} share an id: {sorted(ids)}")
        return self

    def decision(self, kind: type[Decision]) -> Decision:
        """Return the decision of that kind's stage, or its defaults when the stage is still open."""
        if kind.stage not in self.stages:
            return kind()
        stage = kind.stage.replace("_", " ")
        with plain_errors(f"The saved decision on {stage} in scenario {self.name!r} cannot be read"):
            return kind.model_validate_json(json.dumps(self.stages[kind.stage]))

    def decided(self, kind: type[StageDecision] | str) -> bool:
        """Tell whether the stage (a decision class or a stage key) has a saved decision."""
        return (kind if isinstance(kind, str) else kind.stage) in self.stages

    def with_decision(self, decision: StageDecision) -> Self:
        """Return the scenario with this decision for its stage; StudyError for the baseline."""
        if self.kind == "baseline":
            raise StudyError(
                "The baseline is today's price list and cannot be redesigned.", "Duplicate it, and decide in the copy."
            )
        document = decision.model_dump(mode="json")
        try:
            json.dumps(document, allow_nan=False)
        except ValueError as error:
            raise StudyError(
                f"The decision on {decision.stage.replace('_', ' ')} holds a number that is not finite.",
                "Leave the field empty where a number is unknown.",
            ) from error
        return self.replaced(stages={**self.stages, decision.stage: document})

    def without_decision(self, kind: type[StageDecision] | str) -> Self:
        """Return the scenario with that stage open again."""
        stage = kind if isinstance(kind, str) else kind.stage
        return self.replaced(stages={key: value for key, value in self.stages.items() if key != stage})

    def with_waiver(self, rule: str, reason: str, who: str, when: datetime, *, subject: str = "") -> Self:
        """Return the scenario with a rule set aside for a subject; a waiver of the same two is replaced."""
        others = tuple(waiver for waiver in self.waivers if (waiver.rule, waiver.subject) != (rule, subject))
        same = next((w for w in self.waivers if (w.rule, w.subject) == (rule, subject)), None)
        waiver_id = same.id if same else fresh_id(f"{rule} {subject}", {waiver.id for waiver in others})
        with plain_errors(f"Rule {rule} cannot be set aside"):
            waiver = Waiver(id=waiver_id, rule=rule, subject=subject, reason=reason, who=who, when=when)
        return self.replaced(waivers=(*others, waiver))

    def without_waiver(self, waiver_id: str) -> Self:
        """Return the scenario with the rule of that waiver in force again."""
        known = [waiver.id for waiver in self.waivers]
        if waiver_id not in known:
            raise StudyError(
                f"Scenario {self.name!r} has no waiver {waiver_id!r}; it has: {', '.join(known) or 'none'}."
            )
        return self.replaced(waivers=tuple(waiver for waiver in self.waivers if waiver.id != waiver_id))
