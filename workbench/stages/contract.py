"""What every stage has in common.

Its place in the sequence, its result, values that come later, and the walk through all.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import sysconfig
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload
from weakref import WeakKeyDictionary, WeakValueDictionary

from pydantic import Field, model_serializer

from workbench import progress
from workbench.formatting import figure_sentence, is_unknown
from workbench.results import Caution, KeyFigure, Missing
from workbench.rules.rulebook import RULEBOOK, Finding, with_waivers
from workbench.stages.view import ShownSection, shown_sections
from workbench.study.document import CHOICE
from workbench.study.model import StageDecision
from workbench.text import entry, sentences, texts, words_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from pydantic import SerializerFunctionWrapHandler

    from workbench.customers.base import CustomerBase
    from workbench.results import Basis, Interval, Measure, Stake
    from workbench.rules.rulebook import Status
    from workbench.study.document import Study
    from workbench.study.model import Scenario
    from workbench.tables import DataTable

say = texts(__name__)
_log = logging.getLogger(__name__)

# --- Fields of results and figures that may come later

Value = TypeVar("Value")
_REQUIRED: Any = object()


class _Promise:
    """What stands in a field until somebody reads it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def later(make: Callable[[], Value]) -> Value:
    """Return a stand-in for `make()`, for a field declared with `may_come_later`; readers see the value."""
    return cast("Value", _Promise(make))


def may_come_later(default: Any = _REQUIRED) -> Any:  # noqa: ANN401 - the field's own annotation says which
    """Declare a dataclass field that takes a value or `later(make)`; required without a default."""
    return _LaterField(default)


class _LaterField:
    """Keep a value, or make it when it is first read and keep it from then on."""

    def __init__(self, default: Any) -> None:  # noqa: ANN401 - any field
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, owner: type) -> Any:  # noqa: ANN401 - any field
        if instance is None:  # the dataclass asks for the default
            if self._default is _REQUIRED:
                raise AttributeError(self._name)
            return self._default
        fields = instance.__dict__
        value = fields[self._name]
        if isinstance(value, _Promise):
            value = fields[self._name] = value.make()
        return value

    def __set__(self, instance: object, value: object) -> None:
        instance.__dict__[self._name] = value


# --- Tables that are made when somebody reads them, so that a moved price does not wait for them


class MadeOnDemand(Mapping[str, Value]):
    """Things by name, such as figures; each is made once, on first use."""

    def __init__(self, makers: Mapping[str, Callable[[], Value]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        """Return the one of that name."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._makers)


class LazyTables(MadeOnDemand["DataTable"]):
    """Tables by name; each is made once, on first use."""


# --- What every stage hands back: figures, findings, cautions, what it stands on and what it lacks


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """What follows from a stage's decision.

    `basis` is the part of the customer base it stands on, and where that is nobody, `why_not` says why; `missing` the
    tables it would use if there were any, `tables` named tables for reading and export: frames of numbers with the way
    their columns are written, never changed after they are put here. All but the tables may be given as
    `later(function)`, run when somebody reads them. A stage's own result subclasses this one and adds what its charts
    draw.
    """

    basis: Basis = may_come_later()
    why_not: str = may_come_later("")
    key_figures: tuple[KeyFigure, ...] = may_come_later(())
    findings: tuple[Finding, ...] = may_come_later(())
    cautions: tuple[Caution, ...] = may_come_later(())
    missing: tuple[Missing, ...] = may_come_later(())
    tables: Mapping[str, DataTable] = field(default_factory=dict)

    @property
    def order(self) -> tuple[tuple[str, float, float], ...] | None:
        """Return what was ranked, best first: name, score and how often it leads; None where nothing is ranked."""
        return None

    @property
    def placed(self) -> Mapping[str, float]:
        """Return the share of active accounts in each offer by its name, where the stage places them."""
        return {}

    def on_offer(self, name: str) -> tuple[str, ...] | None:
        """Return the ids of the accounts placed in an offer; None where the stage does not say."""
        del name
        return None

    def measures(self) -> Iterable[Measure]:
        """Return the stage's figures for other tools, beside its key figures."""
        return ()

    def stakes(self) -> Iterable[Stake]:
        """Return the money a month that the decision could lose."""
        return ()


# --- Key figures and cautions whose words, unit and format stand in the stage's text


def key_figure_maker(package: str) -> Callable[..., KeyFigure]:
    """Return what makes a stage's key figures: ``tell(key, value, **values)``.

    What a figure is called and how it is written stands in the text under ``[key_figures.<key>]``, by the names of
    `KeyFigure`: label, unit, period, population, note, digits and so on. `values` are what these words write; a unit,
    period or population that several figures share is handed over instead. A number that is none is unknown.

    Parameters
    ----------
    package
        The stage's folder, ``__package__`` in its modules.
    """

    def tell(
        key: str,
        value: float | None,
        /,
        *,
        interval: Interval | None = None,
        change: float | None = None,
        unit: str = "",
        period: str = "",
        population: str = "",
        **values: Any,  # noqa: ANN401 - a template can write any value
    ) -> KeyFigure:
        known = None if is_unknown(value) else value
        shared = {"unit": unit, "period": period, "population": population}
        words = shared | entry(package, "key_figures", key).all(values)
        try:
            return KeyFigure(value=known, interval=interval, change=change, **words)
        except TypeError as error:
            may = ", ".join(each.name for each in fields(KeyFigure) if each.name not in ("value", "interval", "change"))
            has = f"[key_figures.{key}] in text.toml of {package} has {', '.join(words)}"
            raise KeyError(f"{has}; it needs label and may have {may}") from error

    return tell


def caution_maker(package: str) -> Callable[..., Caution]:
    """Return what makes a stage's cautions: ``warn(key, **values)``.

    A caution is a sentence in the text under ``[cautions]``; one that is only a note stands there as
    ``key = {text = "...", severity = "note"}``.

    Parameters
    ----------
    package
        The stage's folder, ``__package__`` in its modules.
    """

    def warn(key: str, /, **values: Any) -> Caution:  # noqa: ANN401 - a template can write any value
        return Caution(**entry(package, "cautions", key).all(values))

    return warn


def finding_maker(package: str) -> Callable[..., Finding]:
    """Return what makes a stage's findings of no rule of the book: ``find(key, status, **values)``.

    What a finding is called and says stands in the text under ``[findings.<key>]``: title, evidence and remedy, and
    subject, population or threshold where it has them. A threshold of ours is called ours.

    Parameters
    ----------
    package
        The stage's folder, ``__package__`` in its modules.
    """

    def find(
        key: str,
        status: Status,
        /,
        *,
        measured: float | None = None,
        affected: Iterable[str] = (),
        **values: Any,  # noqa: ANN401 - a template can write any value
    ) -> Finding:
        words = entry(package, "findings", key).all(values)
        if status == "ok":
            words["remedy"] = ""
        known = None if is_unknown(measured) else measured
        return Finding(rule_id="", status=status, measured=known, affected=tuple(affected), source=say("ours"), **words)

    return find


def missing_tables(package: str, base: CustomerBase) -> tuple[Missing, ...]:
    """Return the tables a stage would use and a base lacks, with what each would add: the text's section [missing]."""
    told = sentences(package)["missing"]
    return tuple(Missing(name, words_at(package, "missing", name)) for name in told if not base.has(name))


# --- What a starting point made so: a rule that it was built to meet is no evidence for the design

FIELD = "set_so"


class SetSoDecision(StageDecision):
    """A decision that remembers which rules its starting point was made to meet.

    `set_so` maps a rule, with its subject where it has one ("T2", "A2: White label"), to a mark of the settings that
    make it hold. A mark counts only while those settings are still the ones it was made of, so that whatever a team
    changes is judged as its own.
    """

    set_so: dict[str, str] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A decision without marks is written as it always was, so that nothing seems to differ.
        document: dict[str, Any] = write(self)
        return document if self.set_so else {key: value for key, value in document.items() if key != FIELD}

    def held_by(self, marks: Mapping[str, str]) -> frozenset[str]:
        """Return the rules that still hold because the starting point was made so; `marks` are of today's settings."""
        return frozenset(key for key, mark in self.set_so.items() if marks.get(key) == mark)


def mark(*settings: object) -> str:
    """Return a short mark of settings; equal settings have equal marks, on every machine."""
    text = json.dumps(settings, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_of(rule_id: str, subject: str = "") -> str:
    """Return the key under which a rule on a subject is marked."""
    return f"{rule_id}: {subject}" if subject else rule_id


def said_so(findings: Iterable[Finding], held: Collection[str]) -> tuple[Finding, ...]:
    """Return the findings, those that are met and among the rules `held` marked as met by construction.

    A rule on one subject is looked up with it first, and without it where the whole was made so.
    """

    def is_held(finding: Finding) -> bool:
        keys = {key_of(finding.rule_id, finding.subject), finding.rule_id}
        return finding.status == "ok" and not keys.isdisjoint(held)

    return tuple(replace(each, by_construction=True) if is_held(each) else each for each in findings)


# --- The stages of the workbook in the order they are walked

ENTRY_POINTS = "workbench.stages"
"""The group of entry points under which another package names its stages: key = package."""
_SECONDS = (0.1, 0.1)
_OF_A_STAGE = ("title", "question", "notebook")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the workbook: a package whose text says its title, its question, its notebook and its place.

    Parameters
    ----------
    key
        The name under which a study keeps its decision.
    package
        The package with Decision, gather, evaluate, suggest, summarise, figures, and VIEW or open_panel.
    """

    key: str
    package: str

    @property
    def title(self) -> str:
        """Return the title in the language spoken."""
        return words_at(self.package, "stage", "title")

    @property
    def question(self) -> str:
        """Return the question the stage answers."""
        return words_at(self.package, "stage", "question")

    @property
    def notebook(self) -> str:
        """Return the name of its notebook, without the ending."""
        return words_at(self.package, "stage", "notebook")

    @property
    def short_title(self) -> str:
        """Return what it is called where there is little room: its title, unless its text has a shorter one."""
        return words_at(self.package, "stage", "short", default=self.title)

    @property
    def designs(self) -> bool:
        """Tell whether it decides a part of the offer, and so suggests a start; the others put the offer to a test."""
        return hasattr(self.module, "suggest")

    @property
    def module(self) -> Any:  # noqa: ANN401 - stages share names, not a class
        """Return the stage's package: Decision, gather, evaluate, suggest, summarise, figures, VIEW or open_panel."""
        return importlib.import_module(self.package)

    def seconds_of(self, part: str, accounts: int) -> float:
        """Return about how long it takes to gather, evaluate or suggest, for shares of progress."""
        declared: Any = sentences(self.package).get("stage", {}).get("seconds", {})
        fixed, many = declared.get(part, _SECONDS)
        return float(fixed) + float(many) * accounts / 10_000


def found_stages() -> tuple[Stage, ...]:
    """Return the stages there are, in the order of their notebooks: folders here, and what other packages name.

    A folder is a stage when its text has a section [stage]; another package that is none, or that cannot be read, is
    left out with a warning in the log, so that a study opens without it.
    """
    home = Path(__file__).parent
    folders = [Stage(each.parent.name, f"workbench.stages.{each.parent.name}") for each in home.glob("*/text.toml")]
    own = [each for each in folders if _is_own(each)]
    reasons = stages_left_out([each.key for each in own])
    for each, reason in reasons.items():
        _log.warning(say("left_out", key=each.key, package=each.package, reason=reason))
    others = [each for each in _named_elsewhere() if each not in reasons]
    known = {each.key: each for each in (*others, *own)}
    return tuple(sorted(known.values(), key=lambda each: (each.notebook, each.key)))


def _is_own(folder: Stage) -> bool:
    """Tell whether a folder here is a stage; one whose package is gone leaves all others working."""
    try:
        return words_at(folder.package, "stage", "notebook", default="") != ""
    except ModuleNotFoundError as error:
        if error.name != folder.package:
            raise
        return False


def stages_left_out(own: Collection[str] = ()) -> dict[Stage, str]:
    """Return the stages that other packages name and that are not in the sequence, each with the reason.

    Parameters
    ----------
    own
        Keys that are taken.
    """
    reasons = {each: say("key_is_taken") if each.key in own else _why_no_stage(each) for each in _named_elsewhere()}
    return {each: reason for each, reason in reasons.items() if reason}


def _named_elsewhere() -> list[Stage]:
    return [Stage(each.name, each.value) for each in entry_points(group=ENTRY_POINTS)]


def _why_no_stage(each: Stage) -> str:
    """Return why what another package names is no stage, "" where it is one. Whatever fails there fails there alone."""
    try:
        package = importlib.import_module(each.package)
        if package.__file__ is None:  # a folder that happens to have the name, found before the package
            return say("only_a_folder", folder=next(iter(package.__path__)))
        text = Path(package.__file__).with_name("text.toml")
        if not text.exists():
            return say("no_text", text=text)
        lacking = [name for name in _OF_A_STAGE if not words_at(each.package, "stage", name, default="")]
    except tomllib.TOMLDecodeError as error:
        return say("text_is_not_toml", package=each.package, reason=error)
    except Exception as error:  # noqa: BLE001 - any code runs when a package is imported
        return say("not_imported", reason=place_of(error))
    return say("says_too_little", text=text, lacking=lacking) if lacking else ""


def place_of(error: Exception) -> str:
    """Return an error with its kind, and the file and line it comes from where that is code of somebody's own."""
    others = (str(Path(__file__).parents[1]), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")), "<")
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(others)]
    told = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {told}{where}"


class _Stages(Sequence[Stage]):
    """The stages there are, looked for when they are first asked for.

    Not while this module is loaded: what a package of somebody else imports of the workbench imports this module, and
    would find it half made.
    """

    def __init__(self) -> None:
        self._found: tuple[Stage, ...] | None = None

    @property
    def _all(self) -> tuple[Stage, ...]:
        if self._found is None:
            self._found = ()  # what a package sees that asks while it is looked at itself
            self._found = found_stages()
        return self._found

    @overload
    def __getitem__(self, place: int) -> Stage: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Stage, ...]: ...

    def __getitem__(self, place: int | slice) -> Stage | tuple[Stage, ...]:
        return self._all[place]

    def __len__(self) -> int:
        return len(self._all)


STAGES: Sequence[Stage] = _Stages()


def decision_class(key: str) -> type[StageDecision]:
    """Return the class of the decision a scenario keeps under a key; KeyError for others."""
    of_stage: type[StageDecision] = stage(key).module.Decision
    return of_stage


def decision_of(key: str, scenario: Scenario) -> StageDecision | None:
    """Return what a scenario decides for a stage, or its defaults; None where there is no such stage."""
    found = _found(key)
    decision: StageDecision | None = None if found is None else scenario.decision(found.module.Decision)
    return decision


def decided_offer(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's decisions on the offer itself: nothing of the stages that put it to a test."""
    keys = {each.key for each in STAGES if each.designs}
    return {key: document for key, document in scenario.stages.items() if key in keys}


def step_title(key: str) -> str:
    """Return the title of a step of the decision log: a stage, or the choice among scenarios."""
    titles = {CHOICE: "Scenarios and report", **{each.key: each.title for each in STAGES}}
    return titles.get(key, key.replace("_", " "))


def stage(key: str) -> Stage:
    """Return the stage with this key."""
    found = _found(key)
    if found is not None:
        return found
    why = next((f"; {reason}" for each, reason in stages_left_out().items() if each.key == key), "")
    raise KeyError(f"no stage {key!r}{why}; the stages are {', '.join(each.key for each in STAGES)}")


def _found(key: str) -> Stage | None:
    return next((each for each in STAGES if each.key == key), None)


def result_of(key: str, base: CustomerBase, scenario: Scenario, **settings: Any) -> StageResult | None:  # noqa: ANN401 - those of `evaluate`
    """Return what follows from a stage's decision in a scenario; None where there is no such stage."""
    found = _found(key)
    if found is None:
        return None
    result: StageResult = found.module.evaluate(base, scenario, evidence=gathered(found.module, base), **settings)
    return result


# --- A stage in a few lines: what was decided, the key figures, how the findings stand

# What holds because the starting point was made so is counted apart: it speaks neither for the design nor against it.
_COUNTED = {"Met": "met", "Set so": "set so", "Unknown": "unknown", "Watch": "to watch", "Not met": "not met"}


def conclusion(title: str, scenario: str, summary: str, result: StageResult, findings: Sequence[Finding]) -> str:
    """Return the stage as plain text, the same for the same decision and data."""
    counts = Counter(finding.verdict for finding in findings)
    standing = ", ".join(f"{counts[verdict]} {word}" for verdict, word in _COUNTED.items() if counts[verdict])
    lines = [f"{title}, scenario {scenario}", summary, *(f"- {figure_sentence(each)}" for each in result.key_figures)]
    lines.append(f"Rules: {standing or 'none applies yet'}.")
    lines += [f"- {_of_rule(each, _COUNTED[each.verdict])}: {each.title}" for each in findings if each.status != "ok"]
    return "\n".join(lines)


def _of_rule(finding: Finding, word: str) -> str:
    """Return a word on a finding, the id of its rule before it where it is on one."""
    return f"{finding.rule_id} {word}".lstrip()


# --- Walk the whole sequence without a screen

_MOST_PASSES = 5  # a stage that looks at later ones settles in two; more would go round in circles
STARTING_POINT = say("starting_point_computed_from_the")


@dataclass(frozen=True)
class StageOutcome:
    """One stage of one scenario: what was decided, what follows, and one sentence that says both."""

    stage: Stage
    decision: StageDecision
    result: StageResult
    summary: str = may_come_later()

    @cached_property
    def figures(self) -> tuple[Any, ...]:
        """Return the stage's figures of this result."""
        made = figures_by_key(self.stage.module.figures(self.result)).values()
        return tuple(each for each in made if each is not None)

    @cached_property
    def sections(self) -> tuple[ShownSection, ...]:
        """Return what the stage declares to show, worked out; nothing of a stage that draws itself."""
        view = getattr(self.stage.module, "VIEW", None)
        if view is None:
            return ()
        figures = {each.key: each for each in self.figures} if view.names_figures else {}
        return shown_sections(self.stage.package, view, self.result, figures)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return the cautions that no section says itself."""
        told = {text for each in self.sections for part in each.all_parts if part.kind == "said" for text in part.holds}
        return tuple(each for each in self.result.cautions if each.text not in told)

    @property
    def tables(self) -> Iterator[tuple[str, str, DataTable]]:
        """Go through what is behind the stage in the order it is shown: title, what it holds, table."""
        parts = [part for section in self.sections for part in section.all_parts]
        shown = [each for part in parts if part.kind == "figures" for each in part.holds] if parts else self.figures
        yield from ((each.title, each.table_caption, each.table) for each in shown if each.table is not None)
        yield from ((part.caption, part.caption, part.holds) for part in parts if part.kind == "table" and part.caption)


def figures_by_key(made: Any) -> Mapping[str, Any]:  # noqa: ANN401 - figures, of a layer that knows charts
    """Return a stage's figures by key; a stage that makes them on demand hands them over so, None where there is none.

    Parameters
    ----------
    made
        What the stage's `figures` returned.
    """
    return made if isinstance(made, Mapping) else {each.key: each for each in made}


def evaluate_scenario(
    base: CustomerBase, study: Study, scenario: Scenario, *, seed: int = 0, evidence: Mapping[str, Any] | None = None
) -> tuple[StageOutcome, ...]:
    """Evaluate every stage of a scenario, in the order they are walked.

    `evidence` may hold what `gather_evidence` returned, so that several scenarios share the slow part.
    """
    shared = gather_evidence(base) if evidence is None else evidence
    return tuple(
        _outcome(stage, base, study, scenario, seed=seed, evidence=shared[stage.key])
        for stage in _each_stage("evaluate", base, "working out the stages")
    )


def _outcome(
    stage: Stage, base: CustomerBase, study: Study, scenario: Scenario, *, seed: int, evidence: object
) -> StageOutcome:
    decision = scenario.decision(stage.module.Decision)
    found = evaluated(stage.module, base, study, scenario, seed=seed, evidence=evidence)
    result = found
    if scenario.waivers:  # what is to come later of the result still does
        result = copy(found)
        result.__dict__["findings"] = later(lambda: with_waivers(found.findings, scenario.waivers))
    return StageOutcome(stage, decision, result, later(lambda: stage.module.summarise(decision, result)))


def evaluated(module: Any, base: CustomerBase, study: Study, scenario: Scenario, **given: Any) -> StageResult:  # noqa: ANN401 - a stage's package
    """Return a stage's result under the study's rules; one that puts the offer to a test is given the study as well.

    What a panel tries out is among what is `given` only where there is any.
    """
    if not hasattr(module, "suggest"):
        given["study"] = study
    found: StageResult = module.evaluate(base, scenario, rulebook=RULEBOOK.for_study(study), **given)
    return found


def gather_nothing(base: CustomerBase) -> None:
    """Gather nothing: what a stage looks at depends on the scenario, and is remembered where it is made."""
    del base


_gathered: WeakKeyDictionary[CustomerBase, WeakValueDictionary[Callable[..., Any], Any]] = WeakKeyDictionary()


def gathered(module: Any, base: CustomerBase) -> Any:  # noqa: ANN401 - a stage's package, and evidence of its own
    """Return a stage's evidence: that which somebody holds already, so that it is not worked out beside it again."""
    known = _gathered.setdefault(base, WeakValueDictionary())
    found = known.get(module.gather)
    if found is None:
        found = module.gather(base)
        with suppress(TypeError):  # what cannot be held loosely, such as nothing, is gathered anew
            known[module.gather] = found
    return found


def gather_evidence(base: CustomerBase) -> dict[str, Any]:
    """Gather every stage's evidence: the slow part, which depends on the data alone."""
    steps = _each_stage("gather", base, "gathering the evidence")
    return {stage.key: gathered(stage.module, base) for stage in steps}


def with_starting_points(
    base: CustomerBase, scenario: Scenario, *, evidence: Mapping[str, Any] | None = None
) -> Scenario:
    """Return the scenario with every open stage decided by that stage's computed starting point.

    The starting points agree with each other: each is the one its stage suggests beside all the others, so that working
    them out again changes nothing. What somebody decided stays as it is.
    """
    shared = gather_evidence(base) if evidence is None else evidence
    opened = {stage.key for stage in STAGES if hasattr(stage.module, "suggest") and not scenario.decided(stage.key)}
    for _ in range(_MOST_PASSES):
        before = scenario
        for stage in _each_stage("suggest", base, "finding starting points"):
            if stage.key in opened:
                beside = _without(scenario, stage.key)
                scenario = scenario.with_decision(stage.module.suggest(base, beside, evidence=shared[stage.key]))
        if scenario == before:
            break
    return scenario


def _without(scenario: Scenario, stage: str) -> Scenario:
    """Return the scenario with one stage open."""
    return scenario.replaced(stages={key: document for key, document in scenario.stages.items() if key != stage})


def record_all(
    base: CustomerBase,
    study: Study,
    scenario_id: str,
    *,
    who: str,
    when: datetime,
    reasons: Mapping[str, str] | None = None,
    evidence: Mapping[str, Any] | None = None,
    stages: Collection[str] | None = None,
) -> Study:
    """Return the study with a decision on record for every stage of a scenario that has none yet.

    A stage that suggests no starting point is recorded once somebody has decided it. `reasons` are by stage; a stage
    without one is recorded as a computed starting point. `stages` names the stages to record, all where it is None:
    what a person decided is not recorded in another's name.
    """
    recorded = {record.stage for record in study.decisions if record.scenario_id == scenario_id}
    for outcome in evaluate_scenario(base, study, study.scenario(scenario_id), evidence=evidence):
        key, is_asked = outcome.stage.key, stages is None or outcome.stage.key in stages
        is_decided = outcome.stage.designs or study.scenario(scenario_id).decided(key)
        if key in recorded or not (is_asked and is_decided):
            continue
        study = study.record_decision(
            key,
            scenario_id,
            what=outcome.summary,
            evidence=evidence_sentences(outcome.result),
            findings=finding_sentences(outcome.result),
            reason=(reasons or {}).get(key, STARTING_POINT),
            who=who,
            when=when,
        )
    return study


def _each_stage(part: str, base: CustomerBase, label: str) -> Iterator[Stage]:
    """Go through the stages, each a step of its own."""
    return progress.each(STAGES, lambda stage: stage.seconds_of(part, len(base)), label)


def evidence_sentences(result: StageResult) -> tuple[str, ...]:
    """Write a result's key figures as the sentences a decision record keeps."""
    return tuple(figure_sentence(figure) for figure in result.key_figures)


def finding_sentences(result: StageResult) -> tuple[str, ...]:
    """Write a result's findings as the sentences a decision record keeps."""
    return tuple(
        f"{_of_rule(each, 'set so' if each.is_set_so else each.status)}: {each.evidence}" for each in result.findings
    )
