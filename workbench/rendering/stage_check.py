"""Check a stage: what it declares, what it says, what it works out and what it shows; every fault in a sentence.

A panel shows a stage that is wrong as far as it can, and says little to people who cannot mend it. Here its author is
told everything at once, before anybody sees it.
"""

from __future__ import annotations

import ast
import inspect
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateSyntaxError

from workbench.customers.base import CustomerBase
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.results import Basis, Caution, KeyFigure
from workbench.rules.rulebook import RULEBOOK, Finding
from workbench.stages import contract
from workbench.stages.contract import Stage, StageOutcome, StageResult, evaluated, place_of, with_starting_points
from workbench.stages.figure import Figure
from workbench.stages.view import Figures, FindingsOf, TableOf
from workbench.study.document import Study
from workbench.study.model import Scenario, StageDecision
from workbench.tables import DataTable
from workbench.text import lacking_values, noting_lacking_words, sentences, texts
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from workbench.stages.view import View

say = texts(__name__)

_ASKED_FOR = ("Decision", "gather", "evaluate", "summarise", "figures")
_READ_BY_PATH = {
    "stage", "settings", "sections", "captions", "actions", "figures", "key_figures", "cautions", "findings", "grids",
    "items", "pages", "missing", "kept", "customers",
}  # fmt: skip
_MAKERS = {
    "texts": "",
    "key_figure_maker": "key_figures",
    "caution_maker": "cautions",
    "figure_maker": "figures",
    "finding_maker": "findings",
}
_GIVEN_BY_MAKERS = {
    "interval", "change", "unit", "period", "population", "key", "height", "signature", "notes", "measured",
    "affected",
}  # fmt: skip
_OF_EVERY_FIGURE = ("title", "description", "reading")


def check_stage(key: str, base: CustomerBase | None = None) -> tuple[str, ...]:
    """Return what is wrong with a stage, a sentence for each fault; nothing where all is in place.

    What it declares is held against its decision and its text, and it is worked out on a customer base, with its
    starting point and without, shown in a panel and written as a page; then on accounts and payments alone.

    Parameters
    ----------
    key
        The key of the stage.
    base
        What it is worked out on; the sample company where none is given.

    Returns
    -------
    tuple of str
        The faults.

    Examples
    --------
    >>> from workbench import check_stage
    >>> check_stage("no_such")[0].startswith("No installed package names a stage no_such")
    True
    """
    stage = next((each for each in contract.STAGES if each.key == key), None)
    if stage is None:
        left_out = (why for each, why in contract.stages_left_out().items() if each.key == key)
        return (next(left_out, "") or say("no_stage", key=key, group=contract.ENTRY_POINTS),)
    check = _Check(stage)
    check.package()
    if not check.faults:
        check.decision()
    is_sound = not check.faults
    check.words()
    if is_sound:
        with noting_lacking_words() as lacking:
            check.work(sample_base() if base is None else base)
        check.faults |= {say("lacks_words", told=each): None for each in lacking}
    return tuple(check.faults)


@dataclass
class _Check:
    """A stage and the faults found so far, each once, in the order they were found."""

    stage: Stage
    faults: dict[str, None] = field(default_factory=dict)
    errors: set[str] = field(default_factory=set)

    @property
    def view(self) -> View | None:
        """Return what the stage declares; None of one that draws itself."""
        declared: View | None = getattr(self.stage.module, "VIEW", None)
        return declared

    def fault(self, sentence: str, **values: Any) -> None:  # noqa: ANN401 - what the sentence writes
        """Keep a fault."""
        self.faults[say(sentence, **values)] = None

    def tried(self, doing: str, do: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it returns
        """Do something; where it fails, the error is a fault and nothing is returned."""
        try:
            return do()
        except Exception as error:  # noqa: BLE001 - a stage's own code may fail in any way
            told = place_of(error)
            if told not in self.errors:  # what fails once fails wherever it is needed
                self.fault("fails", doing=doing, error=told)
            self.errors.add(told)
        return None

    # --- The package, its decision, its view and its words, without data

    def package(self) -> None:
        """Hold the package against the names the workbench asks for."""
        module = self.stage.module
        for name in _ASKED_FOR:
            if not hasattr(module, name):
                self.fault("no_name", name=name, package=self.stage.package)
        if not (hasattr(module, "VIEW") or hasattr(module, "open_panel")):
            self.fault("no_name", name="VIEW", package=self.stage.package)
        for other in contract.STAGES:  # stages of one package may share a notebook
            is_foreign = _root(other) != _root(self.stage)
            if is_foreign and other.notebook == self.stage.notebook:
                self.fault("notebook_is_taken", notebook=self.stage.notebook, title=other.title)
        if callable(getattr(module, "evaluate", None)):
            takes = inspect.signature(module.evaluate).parameters
            asked = ["rulebook", "seed", "evidence", *([] if self.stage.designs else ["study"])]
            if not any(each.kind is each.VAR_KEYWORD for each in takes.values()):
                for name in asked:
                    if name not in takes:
                        self.fault("not_taken", name=name)

    def decision(self) -> None:
        """Hold the decision against the key of the stage, its own bounds, and what the view says of its fields."""
        kind = self.stage.module.Decision
        if not (isinstance(kind, type) and issubclass(kind, StageDecision)):
            self.fault("no_decision", kind=kind)
            return
        if getattr(kind, "stage", "") != self.stage.key:
            self.fault("other_key", kind=kind.__name__, stage=getattr(kind, "stage", ""), key=self.stage.key)
        for name, info in kind.model_fields.items():
            if info.is_required():
                self.fault("no_default", kind=kind.__name__, name=name)
        if not any(info.is_required() for info in kind.model_fields.values()):
            self.tried(say("reading_defaults"), lambda: kind(**dict(kind())))

    def words(self) -> None:
        """Hold what the modules say against the text, and the text against what is there to be said."""
        package = self.stage.package
        home = Path(str(self.stage.module.__file__)).parent
        told = sentences(package)
        modules = {each.stem: each for each in sorted(home.glob("*.py"))}
        named = {name for path in modules.values() for name in _constants(path)}
        for section in sorted(set(told) - _READ_BY_PATH - set(modules) - named):
            self.fault("no_module", section=section)
        for path in modules.values():
            for asked in _asked(path):
                self._said(asked, told, path.name)
        if self.view is not None:
            keys = {each.key for each in self.view.sections}
            for section in sorted(set(told.get("sections", {})) - keys):
                self.fault("no_section", section=section, keys=sorted(keys))
        for key, words in told.get("figures", {}).items():
            for part in _OF_EVERY_FIGURE:
                if not (isinstance(words, dict) and words.get(part)):
                    self.fault("figure_lacks", key=key, part=part)

    def _said(self, asked: _Asked, told: Mapping[str, Any], file: str) -> None:
        where, words = f"{file}, line {asked.line}", told.get(asked.section, {}).get(asked.key)
        if words is None:
            self.fault("no_words", key=asked.key, section=asked.section, where=where, near=sorted(told))
            return
        for text in _texts_in(words):
            try:
                may_lack = asked.values is None or "{%" in text  # what stands under a condition need not be given
                lacking = lacking_values(text, () if may_lack else asked.values or ())
            except TemplateSyntaxError as error:
                self.fault("no_template", key=asked.key, section=asked.section, error=error.message)
                continue
            for name in () if may_lack else lacking:
                self.fault("no_value", key=asked.key, section=asked.section, name=name, where=where)

    # --- What it works out and shows

    def work(self, base: CustomerBase) -> None:
        """Work the stage out on a base with and without its starting point, then on little data."""
        module, scenario = self.stage.module, Scenario(id="design-a", name="Design A")
        gathered = self.tried("gather", lambda: (module.gather(base),))
        if gathered is None:
            return
        if not self.stage.designs:  # what puts the offer to a test needs one
            scenario = self.tried(say("making_offer"), lambda: with_starting_points(base, scenario)) or scenario
        outcome = self._outcome(base, scenario, gathered[0])
        if self.stage.designs:
            decided = self.tried("suggest", lambda: module.suggest(base, scenario, evidence=gathered[0]))
            if decided is not None and not isinstance(decided, module.Decision):
                self.fault("no_suggestion", kind=type(decided).__name__)
            elif decided is not None:
                scenario = scenario.with_decision(decided)
                self.tried(say("reading_suggestion"), lambda: scenario.decision(module.Decision))
                outcome = self._outcome(base, scenario, gathered[0]) or outcome
        if outcome is None:
            return
        again = self._outcome(base, scenario, gathered[0])
        if again is not None and again.result.key_figures != outcome.result.key_figures:
            self.fault("not_pure")
        self._shown(outcome)
        self._panel(base, scenario)
        paid = {"accounts": base.accounts[["account_id"]], "mrr": base.mrr}
        little = self.tried(say("making_little_data"), lambda: CustomerBase.from_tables(paid, currency=base.currency))
        if little is not None:
            self.tried(say("on_little_data"), lambda: self._worked_out(little, Scenario(id="a", name="A")))

    def _worked_out(self, base: CustomerBase, scenario: Scenario) -> None:
        module = self.stage.module
        evidence = module.gather(base)
        if self.stage.designs:
            scenario = scenario.with_decision(module.suggest(base, scenario, evidence=evidence))
        result = evaluated(module, base, _study(base, scenario), scenario, seed=0, evidence=evidence)
        module.summarise(scenario.decision(module.Decision), result)
        tuple(StageOutcome(self.stage, scenario.decision(module.Decision), result, "").sections)

    def _outcome(self, base: CustomerBase, scenario: Scenario, evidence: object) -> StageOutcome | None:
        module = self.stage.module
        result = self.tried(
            "evaluate", lambda: evaluated(module, base, _study(base, scenario), scenario, seed=0, evidence=evidence)
        )
        if result is None:
            return None
        if not isinstance(result, StageResult):
            self.fault("no_result", kind=type(result).__name__)
            return None
        for name, kind in (("basis", Basis), ("key_figures", KeyFigure), ("findings", Finding), ("cautions", Caution)):
            held = self.tried(name, partial(getattr, result, name))
            for each in held if isinstance(held, (tuple, list)) else [held]:
                if held is not None and not isinstance(each, kind):
                    self.fault("wrong_kind", name=name, kind=kind.__name__, found=type(each).__name__)
        for name in result.tables:
            if not isinstance(table := self.tried(name, partial(result.tables.get, name)), DataTable):
                self.fault("no_table", name=name, found=type(table).__name__)
        decision = scenario.decision(module.Decision)
        summary = self.tried("summarise", lambda: module.summarise(decision, result))
        if not (isinstance(summary, str) and summary):
            self.fault("no_summary")
        return StageOutcome(self.stage, decision, result, summary or "")

    def _shown(self, outcome: StageOutcome) -> None:
        """Draw its figures, and write its page."""
        figures = {each.key: each for each in self.tried("figures", lambda: outcome.figures) or ()}
        for key, each in figures.items():
            if not isinstance(each, Figure):
                self.fault("wrong_kind", name="figures", kind="Figure", found=type(each).__name__)
                continue
            drawn = self.tried(say("drawing", key=key), each.full_spec)
            columns = {str(name) for frame in each.data.values() for name in frame.columns}
            for name in sorted(_fields(drawn) - columns):
                self.fault("no_column", key=key, name=name, columns=sorted(columns))
        if self.view is not None:
            self._named(self.view, outcome, figures)
            self.tried(say("writing_page"), lambda: outcome.sections)

    def _named(self, shown: View, outcome: StageOutcome, figures: Mapping[str, Any]) -> None:
        """Hold what the view names against what the result has."""
        told, tables = sentences(self.stage.package), outcome.result.tables
        for section in shown.sections:
            if any(isinstance(row, str) for row in section.settings):
                self.fault("no_rows", key=section.key)
        known = {_numbered(key) for key in (*figures, *told.get("figures", {}))}  # there may be more of a kind
        named = [key for part in shown.every_part if isinstance(part, Figures) for key in part.keys]
        for key in dict.fromkeys((*named, *shown.leading)):
            if _numbered(key) not in known:
                self.fault("no_figure", key=key, keys=sorted(figures))
        rules = {*RULEBOOK.rules, *(each.rule_id for each in outcome.result.findings)}
        for rule in (one for part in shown.every_part if isinstance(part, FindingsOf) for one in part.rules):
            if rule not in rules:
                self.fault("no_rule", rule=rule)
        captions = told.get("captions", {})
        for part in (each for each in shown.every_part if isinstance(each, TableOf) and each.make is None):
            if part.key not in tables:
                self.fault("table_is_lacking", key=part.key, keys=sorted(tables))
            elif not (part.caption or part.key in captions or tables[part.key].caption):
                self.fault("no_caption", key=part.key)

    def _panel(self, base: CustomerBase, scenario: Scenario) -> None:
        """Open the panel on a study of its own, and read every section."""
        with tempfile.TemporaryDirectory() as folder, strict_callbacks():
            session = Session(folder, _study(base, scenario).save(folder), base=base)
            panel = self.tried(say("opening_panel"), lambda: open_stage(session, self.stage.key))
            for key in () if panel is None or self.view is None else [each.key for each in self.view.sections]:
                self.tried(say("showing_section", key=key), partial(_static_html, panel, key))
            if panel is not None:
                panel.close()


def _root(stage: Stage) -> str:
    return stage.package.partition(".")[0]


def _static_html(panel: Any, key: str) -> str:  # noqa: ANN401 - a panel has a section by each key
    return str(getattr(panel, key).static_html())


def _study(base: CustomerBase, scenario: Scenario) -> Study:
    return Study.new("check", ".", currency=base.currency or "USD").with_scenario(scenario)


def _numbered(key: str) -> str:
    """Return a figure's key without the number that tells it from others of its kind."""
    return key.rstrip("0123456789")


def _fields(part: Any) -> set[str]:  # noqa: ANN401 - a part of a specification
    """Return the columns a chart reads and does not make itself."""
    read: set[str] = set()
    made: set[str] = set()

    def look(part: Any) -> None:  # noqa: ANN401 - as above
        for name, value in part.items() if isinstance(part, dict) else ():
            if name == "field" and isinstance(value, str):
                read.add(value.replace("\\", ""))
            elif name == "as":
                made.update([value] if isinstance(value, str) else value)
            elif name not in ("datasets", "values", "config"):
                look(value)
        for value in part if isinstance(part, list) else ():
            look(value)

    look(part)
    return {name for name in read - made if not name.startswith("__")}


# --- What a module says, read from its source: also what no data here made it say


@dataclass(frozen=True)
class _Asked:
    """A sentence asked for: its section and key, the line, and the names of its values, None where some are unknown."""

    section: str
    key: str
    line: int
    values: set[str] | None


def _asked(path: Path) -> Iterator[_Asked]:
    """Go through what a module asks its text for by a key that is written out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    makers = dict(_makers(tree, path.stem))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in makers and call.args:
            names = [each.arg for each in call.keywords]
            values = None if None in names else {str(each) for each in names} | _GIVEN_BY_MAKERS
            for key in _keys(call.args[0]):
                yield _Asked(makers[call.func.id], key, call.lineno, values)


def _makers(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """Go through the names that say something, and the section each says it from: ``say = texts(__name__)``."""
    for each in tree.body:
        if isinstance(each, ast.Assign):
            names, values = (getattr(part, "elts", [part]) for part in (each.targets[0], each.value))
            for name, value in zip(names, values, strict=False):
                maker = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
                if isinstance(name, ast.Name) and maker in _MAKERS:
                    yield name.id, _MAKERS[maker] or module


def _constants(path: Path) -> Iterator[str]:
    """Go through the texts a module has, among them the sections it reads by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _keys(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.IfExp):
        yield from (*_keys(key.body), *_keys(key.orelse))
    elif isinstance(key, ast.Constant):
        yield str(key.value)


def _texts_in(words: Any) -> Iterator[str]:  # noqa: ANN401 - TOML
    """Go through the sentences under a key: one, plural forms, or the parts of a figure with their lists."""
    if isinstance(words, str):
        yield words
    for each in words.values() if isinstance(words, dict) else words if isinstance(words, list) else ():
        yield from _texts_in(each)
