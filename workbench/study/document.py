"""The study, the document a team edits: loaded, saved, merged with what others saved, and restored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_serializer, model_validator

from workbench.errors import FileError, StudyError
from workbench.files import InputFileError, make_folder, parse_json, read_bytes, rights_of, write_bytes, write_text
from workbench.locales import HOUSE_LOCALE, known_locale
from workbench.study.folder import (
    HISTORY_FOLDER,
    PATIENCE,
    STUDY_FILE,
    drop_oldest,
    keep,
    kept_revisions,
    locked,
    revision_file,
    study_rights,
)
from workbench.study.merging import (
    Accepts,
    Conflict,
    FieldDifference,
    FieldPath,
    Json,
    Side,
    ThreeWayMerge,
    differences,
    renumbered,
)
from workbench.study.model import (
    LAST_MONTH,
    Assumption,
    Comment,
    CompetitorPrice,
    DecisionRecord,
    FrozenModel,
    Guardrails,
    Identifier,
    RevenueBasis,
    Scenario,
    ScenarioChoice,
    ThresholdOverride,
    Title,
    fresh_id,
    plain_errors,
    slug,
)
from workbench.study.source import DataSource

if TYPE_CHECKING:
    from datetime import date, datetime

    from pydantic import SerializerFunctionWrapHandler


def _without_revision(study: Study) -> dict[str, Json]:
    # The revision counts saves and belongs to the store; merging it as a field would always clash.
    document: dict[str, Json] = study.model_dump(mode="json", exclude={"revision"})
    return document


def resolve(
    error: StudyConflictError, take: Side | Mapping[FieldPath, Side], *, accepts: Accepts | None = None
) -> Study:
    """Return the merged study with each conflict settled; save it with `base=error.theirs`.

    Parameters
    ----------
    error
        What `merge` or `save` raised.
    take, accepts
        As for `merge`; a conflict that `take` leaves out is raised again.

    Returns
    -------
    Study
        The merged study.

    Examples
    --------
    >>> from workbench.study import Study, StudyConflictError, resolve
    >>> study = Study.new("acme", "data")
    >>> error = StudyConflictError((), study, study.replaced(title="Ours"), study.replaced(title="Theirs"))
    >>> resolve(error, "mine").title
    'Ours'
    """
    return merge(error.base, error.mine, error.theirs, take=take, accepts=accepts)


def merge(
    base: Study,
    mine: Study,
    theirs: Study,
    *,
    take: Side | Mapping[FieldPath, Side] | None = None,
    accepts: Accepts | None = None,
) -> Study:
    """Return a study with the changes of both sides.

    Parameters
    ----------
    base, mine, theirs
        The version both started from, and the two made of it; the result carries their revision.
    take, accepts
        One side for all conflicts, or a side per path; tells by stage and document whether a merged decision is valid.

    Returns
    -------
    Study
        A study with the changes of both sides.

    Raises
    ------
    StudyConflictError
        Where they contradict each other.

    Examples
    --------
    >>> from workbench.study import Study, merge
    >>> study = Study.new("acme", "data")
    >>> both = merge(study, study.replaced(title="Ours"), study.replaced(currency="EUR"))
    >>> both.title, both.currency
    ('Ours', 'EUR')
    """
    base_document, their_document = _without_revision(base), _without_revision(theirs)
    my_document = renumbered(base_document, _without_revision(mine), their_document)
    work = ThreeWayMerge(my_document, take, accepts)
    merged = work.values((), base_document, my_document, their_document)
    if isinstance(merged, dict):
        work.keep_chosen_scenario(merged, base_document, my_document, their_document)
    if work.conflicts:
        raise StudyConflictError(tuple(work.conflicts), base, mine, theirs)
    with plain_errors("The two versions of the study do not fit together"):
        return Study.model_validate(merged).replaced(revision=theirs.revision)


class StudyConflictError(StudyError):
    """Report fields changed differently here and elsewhere; nothing is written or lost. Pass it to `resolve`.

    Parameters
    ----------
    conflicts, base, mine, theirs
        The fields, the version both started from, and the two made of it.

    Examples
    --------
    >>> from workbench.study import Study, merge
    >>> study = Study.new("acme", "data")
    >>> merge(study, study.replaced(title="Ours"), study.replaced(title="Theirs"))
    Traceback (most recent call last):
        ...
    workbench.study.document.StudyConflictError: ...
    """

    def __init__(self, conflicts: tuple[Conflict, ...], base: Study, mine: Study, theirs: Study) -> None:
        self.conflicts = conflicts
        self.base, self.mine, self.theirs = base, mine, theirs
        listed = "\n".join(f"- {conflict}" for conflict in conflicts)
        super().__init__(
            f"The study was changed elsewhere in the same place:\n{listed}\n",
            "Choose for each whether to keep the value here or the one saved elsewhere.",
        )


def same_content(left: Study, right: Study) -> bool:
    """Tell whether two versions of a study differ in nothing but their revision."""
    return left is right or not compare_studies(left, right)


def compare_studies(left: Study, right: Study) -> tuple[FieldDifference, ...]:
    """Return every field that differs between two versions of a study; the revision is left out.

    Parameters
    ----------
    left, right
        Two versions.

    Returns
    -------
    tuple[FieldDifference, ...]
        One entry per field.

    Examples
    --------
    >>> from workbench.study import Study, compare_studies
    >>> study = Study.new("acme", "data", currency="EUR")
    >>> [(each.where, each.left, each.right) for each in compare_studies(study, study.replaced(currency="USD"))]
    [('currency', 'EUR', 'USD')]
    """
    return differences(_without_revision(left), _without_revision(right))


SCHEMA_VERSION: Literal[1] = 1
BASELINE_ID = "baseline"
_NOUNS = {"competitor_prices": "prices of competitors"}
_LEFT_OUT = {"names", "competitor_prices", "comments", "workshops"}  # of the file, where they are empty
CHOICE = "scenarios"
"""The step of the decision log in which a team chooses among its scenarios."""
Currency = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]
LocaleName = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(known_locale)]


class Study(FrozenModel):
    """The document a team edits.

    Parameters
    ----------
    schema_version, revision, name, title, currency, basis, locale
        Its file and saves, what money is in, the months revenue speaks of, and how numbers and dates are written.
    names
        How accounts are called in whatever leaves: "full", "alias" or "none"; as is usual for each file if "".
    data, scenarios, chosen
        Where the customer base lies, the baseline with the designs, and the one settled on.
    assumptions, thresholds, guardrails, decisions
        Ranges, own thresholds, limits to keep, and the decision log.
    competitor_prices, comments, workshops
        Prices of competitors that the team typed, which join those of the data; remarks on sections; what rooms said.

    Examples
    --------
    >>> from workbench.study import Study
    >>> study = Study.new("acme", "data", currency="EUR").duplicate_scenario("design-a", "Design B")
    >>> study.scenario_ids, study.rename_scenario("design-b", "Cautious").scenario("design-b").name
    (('baseline', 'design-a', 'design-b'), 'Cautious')
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    revision: int = 0
    name: Identifier
    title: Title
    currency: Currency = "USD"
    locale: LocaleName = HOUSE_LOCALE
    basis: RevenueBasis = LAST_MONTH
    names: Literal["", "full", "alias", "none"] = ""
    data: DataSource
    scenarios: tuple[Scenario, ...]
    chosen: ScenarioChoice | None = None
    assumptions: tuple[Assumption, ...] = ()
    thresholds: dict[str, ThresholdOverride] = Field(default_factory=dict)
    guardrails: Guardrails = Guardrails()
    decisions: tuple[DecisionRecord, ...] = ()
    competitor_prices: tuple[CompetitorPrice, ...] = ()
    comments: tuple[Comment, ...] = ()
    workshops: dict[Identifier, JsonValue] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A study in which nobody typed a price is written as it always was.
        document: dict[str, Any] = write(self)
        return {key: value for key, value in document.items() if value or key not in _LEFT_OUT}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("scenarios", "assumptions", "decisions", "competitor_prices", "comments"):
            ids, noun = [item.id for item in getattr(self, name)], _NOUNS.get(name, name)
            if repeated := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"two {noun} share the id {', '.join(repeated)}; ids are unique")
        baselines = [scenario.id for scenario in self.scenarios if scenario.kind == "baseline"]
        if len(baselines) != 1:
            raise ValueError(f"a study has exactly one baseline scenario; this one has {len(baselines)}")
        if self.chosen and self.chosen.scenario_id not in self.scenario_ids:
            raise ValueError(
                f"the chosen scenario {self.chosen.scenario_id!r} is not in the study; "
                f"it has: {', '.join(self.scenario_ids)}"
            )
        return self

    @classmethod
    def new(
        cls,
        name: str,
        data_path: Path | str,
        *,
        title: str = "",
        currency: str = "USD",
        locale: str = HOUSE_LOCALE,
        as_of: date | None = None,
        allow_credits: bool = False,
        signs_mean: str = "",
        rules: Mapping[str, str] | None = None,
        basis: RevenueBasis = LAST_MONTH,
        scenario_name: str = "Design A",
    ) -> Self:
        """Return a study with the baseline and one design scenario; nothing is saved yet."""
        with plain_errors("This study cannot be made"):
            return cls(
                name=slug(name),
                title=title or name,
                currency=currency,
                locale=locale,
                basis=basis,
                data=DataSource(
                    path=str(data_path),
                    as_of=as_of,
                    allow_credits=allow_credits,
                    signs_mean=signs_mean,
                    rules=dict(rules or {}),
                ),
                scenarios=(
                    Scenario(id=BASELINE_ID, name="Today", kind="baseline"),
                    Scenario(id=fresh_id(scenario_name, {BASELINE_ID}), name=scenario_name),
                ),
            )

    @classmethod
    def load(cls, folder: Path | str) -> Study:
        """Read the study kept in a folder; StudyError says what is wrong and how to get it back."""
        return load(folder)

    def save(self, folder: Path | str) -> Study:
        """Save into a folder, merging with what was saved there meanwhile; return the study as saved."""
        return save(self, folder).study

    @property
    def scenario_ids(self) -> tuple[str, ...]:
        """Return the ids of the scenarios, the baseline's included."""
        return tuple(scenario.id for scenario in self.scenarios)

    @property
    def baseline(self) -> Scenario:
        """Return the scenario of today's prices."""
        return next(scenario for scenario in self.scenarios if scenario.kind == "baseline")

    @property
    def designs(self) -> tuple[Scenario, ...]:
        """Return the candidate scenarios."""
        return tuple(scenario for scenario in self.scenarios if scenario.kind == "design")

    def scenario(self, scenario_id: str) -> Scenario:
        """Return one scenario; StudyError lists those there are."""
        for scenario in self.scenarios:
            if scenario.id == scenario_id:
                return scenario
        raise StudyError(f"The study has no scenario {scenario_id!r}.", f"It has: {', '.join(self.scenario_ids)}.")

    def with_scenario(self, scenario: Scenario) -> Self:
        """Return the study with this scenario in the place of the one with its id, or added at the end."""
        if scenario.id not in self.scenario_ids:
            self._refuse_name(scenario.name)
            return self.replaced(scenarios=(*self.scenarios, scenario))
        old = self.scenario(scenario.id)
        if old.kind != scenario.kind:
            raise StudyError(f"Scenario {old.name!r} is a {old.kind} and cannot become a {scenario.kind}.")
        return self.replaced(scenarios=tuple(scenario if s.id == scenario.id else s for s in self.scenarios))

    def duplicate_scenario(self, scenario_id: str, name: str) -> Self:
        """Return the study with a design scenario that copies another's decisions and waivers."""
        original = self.scenario(scenario_id)
        self._refuse_name(name)
        # The log may speak of a scenario that was removed; a new one must not take its id.
        taken = {*self.scenario_ids, *(record.scenario_id for record in self.decisions)}
        copy = original.replaced(id=fresh_id(name, taken), name=name, kind="design", state=None)
        return self.replaced(scenarios=(*self.scenarios, copy))

    def rename_scenario(self, scenario_id: str, name: str) -> Self:
        """Return the study with the scenario under another name; its id stays."""
        scenario = self.scenario(scenario_id)
        if name.strip() != scenario.name:
            self._refuse_name(name)
        return self.with_scenario(scenario.replaced(name=name))

    def remove_scenario(self, scenario_id: str) -> Self:
        """Return the study without a design scenario; the decision log keeps what was decided in it."""
        scenario = self.scenario(scenario_id)
        if scenario.kind == "baseline":
            raise StudyError("The baseline cannot be removed.", "Every scenario is compared with it.")
        if self.chosen and self.chosen.scenario_id == scenario_id:
            raise StudyError(f"Scenario {scenario.name!r} is the chosen one.", "Choose another one before removing it.")
        if len(self.designs) == 1:
            raise StudyError(f"Scenario {scenario.name!r} is the only one.", "Duplicate it before removing it.")
        return self.replaced(scenarios=tuple(s for s in self.scenarios if s.id != scenario_id))

    def choose(
        self,
        scenario_id: str,
        reason: str,
        who: str,
        when: datetime,
        *,
        evidence: Iterable[str] = (),
        findings: Iterable[str] = (),
    ) -> Self:
        """Return the study with a scenario chosen, and a line in the decision log that says so and why."""
        name = self.scenario(scenario_id).name
        with plain_errors("This choice cannot be kept"):
            choice = ScenarioChoice(scenario_id=scenario_id, reason=reason, who=who, when=when)
        return self.replaced(chosen=choice).record_decision(
            CHOICE,
            scenario_id,
            what=f"{name} is the scenario chosen.",
            reason=reason,
            who=who,
            when=when,
            evidence=evidence,
            findings=findings,
        )

    def record_decision(
        self,
        stage: str,
        scenario_id: str,
        *,
        what: str,
        reason: str,
        who: str,
        when: datetime,
        evidence: Iterable[str] = (),
        findings: Iterable[str] = (),
    ) -> Self:
        """Return the study with a line more in the decision log; the reason may not be empty."""
        self.scenario(scenario_id)
        with plain_errors("This decision cannot be recorded"):
            record = DecisionRecord(
                id=fresh_id(f"{stage} {len(self.decisions) + 1}", {record.id for record in self.decisions}),
                stage=stage,
                scenario_id=scenario_id,
                what=what,
                evidence=tuple(evidence),
                findings=tuple(findings),
                reason=reason,
                who=who,
                when=when,
            )
        return self.replaced(decisions=(*self.decisions, record))

    def assumption(self, assumption_id: str, default: Assumption | None = None) -> Assumption:
        """Return an assumption, or the default when the study has none of that id."""
        found = next((item for item in self.assumptions if item.id == assumption_id), default)
        if found is None:
            known = ", ".join(item.id for item in self.assumptions) or "none"
            raise StudyError(f"The study has no assumption {assumption_id!r}.", f"It has: {known}.")
        return found

    def with_competitor_price(self, price: CompetitorPrice) -> Self:
        """Return the study with a competitor's price, in the place of the one with its id."""
        kept = (each for each in self.competitor_prices if each.id != price.id)
        return self.replaced(competitor_prices=(*kept, price))

    def without_competitor_price(self, price_id: str) -> Self:
        """Return the study without a competitor's price; StudyError when there is none of that id."""
        if price_id not in {each.id for each in self.competitor_prices}:
            raise StudyError(f"There is no competitor's price {price_id!r}.", "Choose one of those listed.")
        return self.replaced(competitor_prices=tuple(e for e in self.competitor_prices if e.id != price_id))

    def with_assumption(self, assumption: Assumption) -> Self:
        """Return the study with this range in the place of the one with its id, or added at the end."""
        if any(item.id == assumption.id for item in self.assumptions):
            kept = tuple(assumption if item.id == assumption.id else item for item in self.assumptions)
            return self.replaced(assumptions=kept)
        return self.replaced(assumptions=(*self.assumptions, assumption))

    def without_assumption(self, assumption_id: str) -> Self:
        """Return the study without an assumption; StudyError when there is none of that id."""
        self.assumption(assumption_id)
        return self.replaced(assumptions=tuple(item for item in self.assumptions if item.id != assumption_id))

    def with_threshold(
        self, rule: str, reason: str, who: str, when: datetime, *, low: float | None = None, high: float | None = None
    ) -> Self:
        """Return the study with its own threshold for a rule, and why; None keeps the rulebook's side."""
        with plain_errors(f"The threshold of rule {rule} cannot be changed"):
            override = ThresholdOverride(low=low, high=high, reason=reason, who=who, when=when)
        return self.replaced(thresholds={**self.thresholds, rule: override})

    def without_threshold(self, rule: str) -> Self:
        """Return the study with the rulebook's threshold for a rule."""
        return self.replaced(thresholds={key: value for key, value in self.thresholds.items() if key != rule})

    def with_guardrails(self, **changes: float | str | None) -> Self:
        """Return the study with some limits on what new prices may do changed; None switches a limit off."""
        return self.replaced(guardrails=self.guardrails.replaced(**changes))

    def _refuse_name(self, name: str) -> None:
        if any(scenario.name.casefold() == name.strip().casefold() for scenario in self.scenarios):
            raise StudyError(f"The study already has a scenario named {name.strip()!r}.", "Choose another name.")


StudyJson: TypeAlias = dict[str, Any]
Migration: TypeAlias = Callable[[StudyJson], StudyJson]
# Version 1 is the first schema, so there is nothing to bring forward yet. Add {1: from_1_to_2} with version 2.
MIGRATIONS: Mapping[int, Migration] = {}


def to_current_schema(
    document: StudyJson, *, migrations: Mapping[int, Migration] = MIGRATIONS, current: int = SCHEMA_VERSION
) -> StudyJson:
    """Return the document in the current schema; StudyError for a newer one or one without a way forward."""
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise StudyError(
            f"The study does not say which schema it follows (schema_version is {version!r}).",
            "Its study.json was not written by this workbench, or was edited by hand.",
        )
    if version > current:
        raise StudyError(
            f"The study was saved by a newer workbench (schema {version}); this one reads schemas up to {current}.",
            "Update the package pricing-design-workbench and open it again.",
        )
    for step in range(version, current):
        if step not in migrations:
            raise StudyError(f"The study follows schema {step}, which this workbench can no longer read.")
        document = {**migrations[step](document), "schema_version": step + 1}
    return document


# --- Keep a study in a folder: readable, atomic, locked, with its history, merged when two people save


@dataclass(frozen=True, slots=True)
class Saved:
    """A study as saved.

    Attributes
    ----------
    study, merged, changes
        The study, whether changes made elsewhere came in, and which.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.study import Study, save
    >>> save(Study.new("acme", "data"), tempfile.mkdtemp()).study.revision
    1
    """

    study: Study
    merged: bool = False
    changes: tuple[FieldDifference, ...] = ()


def load(folder: Path | str) -> Study:
    """Read the study in a folder.

    Parameters
    ----------
    folder
        The study's folder.

    Returns
    -------
    Study
        The study, checked.

    Raises
    ------
    StudyError
        When it cannot be read, with how to get it back.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.study import Study, load
    >>> saved = Study.new("acme", "data").save(folder := tempfile.mkdtemp())
    >>> load(folder) == saved
    True
    """
    place = Path(folder)
    path = place / STUDY_FILE
    try:
        return read_study(read_bytes(path), str(path))
    except (InputFileError, _DamagedError) as error:
        raise StudyError(error.message, _advice_to_restore(place)) from error
    except FileNotFoundError as error:
        raise StudyError(f"There is no study in {place} (no {STUDY_FILE}).", _advice_to_restore(place)) from error
    except OSError as error:
        raise StudyError(f"{path} cannot be opened: {error.strerror}.", "Check the folder's permissions.") from error


def save(
    study: Study,
    folder: Path | str,
    *,
    base: Study | None = None,
    accepts: Accepts | None = None,
    patience: float = PATIENCE,
) -> Saved:
    """Save a study, merging with what was saved in the folder since `base` (optimistic locking by revision).

    Parameters
    ----------
    study, folder, base
        What to save and where; `base` is the version loaded or last saved, else the one it counts from.
    accepts, patience
        As for `merge`; seconds to wait while another program saves.

    Returns
    -------
    Saved
        The study as saved, with what came in from elsewhere.

    Raises
    ------
    StudyConflictError
        When both changed the same field; then nothing is written.
    StudyBusyError
        When another program still saves after `patience` seconds; says which.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.study import Study, save
    >>> start = save(Study.new("acme", "data"), folder := tempfile.mkdtemp()).study
    >>> theirs, mine = save(start.replaced(title="Ours"), folder), save(start.replaced(currency="EUR"), folder)
    >>> mine.study.title, mine.study.currency, mine.merged
    ('Ours', 'EUR', True)
    """
    place = make_folder(Path(folder))
    with locked(place, patience=patience):
        if not (place / STUDY_FILE).exists():
            return Saved(_write(study, place, newest=max(study.revision, *kept_revisions(place), 0)))
        present = load(place)
        started_from = base or _base_of(study, present, place)
        if same_content(study, present):
            return Saved(present)
        if same_content(present, started_from):
            return Saved(_write(study, place, newest=present.revision))
        merged = merge(started_from, study, present, accepts=accepts)
        newest = max(present.revision, study.revision)
        written = present if same_content(merged, present) else _write(merged, place, newest=newest)
        return Saved(written, merged=True, changes=compare_studies(started_from, present))


def put_in_place(study: Study, folder: Path | str) -> Study:
    """Save a study in place of what the folder holds; an unreadable one is set aside as study.replaced-N.json."""
    place = make_folder(Path(folder))
    with locked(place):
        present = 0
        path = place / STUDY_FILE
        if path.exists():
            try:
                present = load(place).revision
            except StudyError:
                _set_aside(path)
        return _write(study, place, newest=max(study.revision, present, *kept_revisions(place)))


def restore(folder: Path | str, revision: int | None = None) -> Study:
    """Bring back a kept revision, the newest readable one unless named, and save it as the latest.

    Parameters
    ----------
    folder, revision
        The study's folder, and the kept revision; the newest readable one when None.

    Returns
    -------
    Study
        The study as saved; a study.json that is there is set aside beside it as study.replaced-N.json.

    Raises
    ------
    StudyError
        When there is no readable revision.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.study import Study, restore
    >>> first = Study.new("acme", "data", title="First").save(folder := tempfile.mkdtemp())
    >>> first.replaced(title="Second").save(folder).title, restore(folder, 1).title
    ('Second', 'First')
    """
    place = Path(folder)
    with locked(place):
        kept = kept_revisions(place)
        wanted = (revision,) if revision is not None else tuple(reversed(kept))
        found = next((study for number in wanted if (study := _kept(place, number)) is not None), None)
        if found is None:
            what = "no readable revision" if revision is None else f"no readable revision {revision}"
            raise StudyError(f"{place / HISTORY_FOLDER} has {what}.", f"Kept: {', '.join(map(str, kept)) or 'none'}.")
        path = place / STUDY_FILE
        if path.exists():
            _set_aside(path)
        return _write(found, place, newest=max(found.revision, *kept))


def read_study(text: str | bytes, origin: str = "The study") -> Study:
    """Read a study from its JSON text in this or an older schema; StudyError names what is wrong."""
    try:
        document = parse_json(text, origin)
    except InputFileError as error:
        raise _DamagedError(f"{error.message} The study is damaged.") from error
    if not isinstance(document, dict):
        raise _DamagedError(f"{origin} is damaged: it holds no study.")
    try:
        current = to_current_schema(document)
    except StudyError as error:
        raise StudyError(f"{origin}: {error.message}", error.advice) from error
    try:
        with plain_errors(f"{origin} is damaged"):
            # Through JSON again, because dates and numbers are written as text there.
            return Study.model_validate_json(json.dumps(current))
    except StudyError as error:
        raise _DamagedError(error.message) from error


def study_text(study: Study) -> str:
    """Return the study as it is written: JSON, two spaces, fields in the order of the schema, one per line.

    Parameters
    ----------
    study
        What to write.

    Returns
    -------
    str
        Text that two people can compare line by line.

    Examples
    --------
    >>> from workbench.study import Study, study_text
    >>> study_text(Study.new("acme", "data")).splitlines()[3]
    '  "name": "acme",'
    """
    return json.dumps(study.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class _DamagedError(StudyError):
    """Mark a study file whose content cannot be read, so that the way back can be added."""


def _write(study: Study, place: Path, *, newest: int) -> Study:
    saved = study.replaced(revision=newest + 1)
    text = study_text(saved)
    # The history first: stopped in between, the study is the previous one and the next save rewrites the copy.
    keep(place, saved.revision, text)
    try:
        write_text(place / STUDY_FILE, text, rights=study_rights(place))
    except FileError:
        with suppress(OSError):
            revision_file(place, saved.revision).unlink(missing_ok=True)
        raise
    drop_oldest(place)
    return saved


def _base_of(study: Study, present: Study, place: Path) -> Study:
    kept = _kept(place, study.revision)
    if kept is not None:
        return kept
    if study.revision == present.revision:
        return present
    if study.revision == 0:
        raise StudyError(f"{place} already holds the study {present.title!r}.", "Load it, or choose another folder.")
    raise StudyError(
        f"{place} is at revision {present.revision} and no longer keeps revision {study.revision}, "
        "which your study started from.",
        "Pass `base`, the study you started from, or load it again.",
    )


def _kept(place: Path, revision: int) -> Study | None:
    path = revision_file(place, revision)
    try:
        return read_study(read_bytes(path), str(path))
    except (OSError, InputFileError, StudyError):
        return None


def _advice_to_restore(place: Path) -> str:
    newest = next((number for number in reversed(kept_revisions(place)) if _kept(place, number)), None)
    if newest is None:
        return "No kept revision can be read either; look for a copy of the folder."
    kept = f"Revision {newest} is kept in {revision_file(place, newest)}"
    return f"{kept}: bring it back with workbench.study.restore({str(place)!r})."


def _set_aside(path: Path) -> None:
    """Copy study.json to a free name beside it; its own name, link and rights stay for the study that follows."""
    free = next(
        each for number in range(1, 10_000) if not (each := path.with_name(f"study.replaced-{number}.json")).exists()
    )
    write_bytes(free, path.read_bytes(), rights=rights_of(path))
