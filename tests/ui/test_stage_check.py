"""A stage of somebody's own is checked: each slip its author can make is named, with what to do, before it is shown."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from workbench import check_stage, text
from workbench.rendering import stage_check
from workbench.stages import STAGES, contract, stage
from workbench.workspace import stage_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase

EXAMPLE = Path(__file__).parents[2] / "examples" / "discount_policy" / "discount_policy"
Slip = tuple[str, str, str]  # file, what stands there, what stands there instead


def forget_words() -> None:
    """Let texts be read again, as in a process of its own."""
    for read in (text.sentences, text._entry, text._sentence):
        read.cache_clear()


@pytest.fixture
def checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_company: CustomerBase
) -> Callable[..., tuple[str, ...]]:
    """Return what checks a copy of the example with slips in it, as if it were installed under its key."""

    def check(*slips: Slip, key: str = "discount_policy") -> tuple[str, ...]:
        folder = tmp_path / "discount_policy"
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file, right, wrong in slips:
            written = (folder / file).read_text(encoding="utf-8")
            assert right in written
            (folder / file).write_text(written.replace(right, wrong), encoding="utf-8")
        named = SimpleNamespace(name=key, value="discount_policy")
        monkeypatch.setattr(contract, "entry_points", lambda group: [named] if group == contract.ENTRY_POINTS else [])
        monkeypatch.syspath_prepend(str(tmp_path))
        for each in [each for each in sys.modules if each.partition(".")[0] == "discount_policy"]:
            monkeypatch.delitem(sys.modules, each)
        importlib.invalidate_caches()
        forget_words()
        monkeypatch.setattr(contract, "STAGES", contract.found_stages())
        return check_stage(key, sample_company)

    yield check
    for each in [each for each in sys.modules if each.partition(".")[0] == "discount_policy"]:
        del sys.modules[each]
    forget_words()


def test_the_example_has_nothing_wrong(checked: Callable[..., tuple[str, ...]]) -> None:
    """Declared, worded, worked out and shown: there is nothing to be said."""
    assert checked() == ()


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (
            ("view.py", '(("floor", "leaving"),)', '(("flour", "leaving"),)'),
            "has no field 'flour'; it has floor, leaving",
        ),
        (("view.py", '(("floor", "leaving"),)', '("floor", "leaving")'), "Write rows of names"),
        (("view.py", 'Figures(("by_size",))', 'Figures(("by_sise",))'), "a figure by_sise, which figures(result)"),
        (("view.py", 'leading=("by_size",)', 'leading=("by_price",)'), "a figure by_price"),
        (("view.py", 'TableOf("below_floor"', 'TableOf("below"'), "it has below_floor and by_size"),
        (("view.py", 'key="floor"', 'key="record"'), "which every panel has; choose another"),
        (("text.toml", "[settings.floor]", "[settings.flour]"), "No words at settings.floor.label in text.toml"),
        (("text.toml", "[sections.floor]", "[sections.flour]"), "the view no section of that key: it has floor"),
        (
            ("text.toml", "[key_figures.given_away]", "[key_figures.given]"),
            "has no given_away, which evaluation.py, line",
        ),
        (("text.toml", 'label = "The floor brings"', 'lable = "x"'), "it needs label and may have label, unit, period"),
        (("text.toml", "few_accounts =", "few ="), "[cautions] has no few_accounts"),
        (
            ("text.toml", "percent(share) }} of those", "percent(shares) }} of those"),
            "may_leave in [view] writes shares",
        ),
        (("text.toml", "[view]", "[viev]"), "there is no module viev.py"),
        (("text.toml", "reading =", "redding ="), "[figures.by_size] has no reading"),
        (("text.toml", 'below_floor = "Acc', 'below = "Acc'), "[captions] has no below_floor"),
        (("text.toml", "04b_discount_policy", "04_add_ons"), "is that of Add-ons"),
        (("decision.py", "= 0.7", "= 1.7"), "floor: must be at most 1 (found 1.7)"),
        (("decision.py", " = 0.7", ""), "DiscountDecision.floor has no default"),
        (("decision.py", '= "discount_policy"', '= "discounts"'), "what is decided would be lost"),
        (("__init__.py", "figures, summarise", "figures"), "has no summarise"),
        (("evaluation.py", "seed: int = 0,", ""), "evaluate takes no seed"),
        (
            ("evaluation.py", "basis=known.basis,", ""),
            "missing 1 required keyword-only argument: 'basis' (evaluation.py",
        ),
        (("evaluation.py", '"by_size": by_size(known)', '"by_size": by_size(known).frame'), "DataTable.plain(frame)"),
        (("suggestion.py", "decision.replaced(floor", "dict(floor"), "has to return a Decision"),
    ],
    ids=lambda each: each[2][:30] if isinstance(each, tuple) else "",
)
def test_a_slip_is_named(checked: Callable[..., tuple[str, ...]], slip: Slip, told: str) -> None:
    """What is wrong stands in one of the sentences, with where it is and what is there."""
    slips = [slip]
    if slip[0] == "__init__.py":
        slips.append(("__init__.py", ', "suggest", "summarise"', ', "suggest"'))
    assert any(told in fault for fault in checked(*slips))


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (("text.toml", "[captions]", "[captions"), "is not TOML"),
        (("text.toml", "notebook =", "book ="), "lacks notebook under [stage]"),
        (("evidence.py", "import standing\n", "import stading\n"), "cannot import name 'stading'"),
        (("decision.py", "class DiscountDecision(", "class DiscountDecision"), "SyntaxError"),
    ],
    ids=("toml", "stage", "import", "syntax"),
)
def test_what_cannot_be_read_is_left_out_with_the_reason(
    checked: Callable[..., tuple[str, ...]], slip: Slip, told: str
) -> None:
    """The other stages are there, and the reason stands where the stage is asked for."""
    faults = checked(slip)
    assert len(faults) == 1
    assert told in faults[0]
    assert {each.key for each in contract.STAGES} == {each.key for each in STAGES} - {"discount_policy"}
    with pytest.raises(KeyError, match="discount_policy"):
        stage("discount_policy")


def test_a_folder_of_that_name_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a project, Python takes its folder for the package: that is said, and not left to be found out."""
    (tmp_path / "a_project_of_mine").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    named = SimpleNamespace(name="mine", value="a_project_of_mine")
    monkeypatch.setattr(contract, "entry_points", lambda **_: [named])
    assert "it has no __init__.py. Start somewhere else" in check_stage("mine")[0]


def test_a_key_of_the_workbench_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package cannot put itself in the place of a stage there is."""
    named = SimpleNamespace(name=STAGES[0].key, value="json")
    monkeypatch.setattr(contract, "entry_points", lambda **_: [named])
    found = contract.found_stages()
    assert next(each for each in found if each.key == STAGES[0].key) == STAGES[0]
    assert "Choose another" in next(iter(contract.stages_left_out([STAGES[0].key]).values()))


@pytest.mark.slow
@pytest.mark.parametrize("key", [each.key for each in STAGES])
def test_the_stages_there_are_have_nothing_wrong(key: str, sample_company: CustomerBase) -> None:
    """What is asked of others holds here."""
    assert check_stage(key, sample_company) == ()


def test_a_value_that_is_lacking_is_told_with_the_sentence(checked: Callable[..., tuple[str, ...]]) -> None:
    """A sentence that writes what it is not given says which sentence, what, and what it was given."""
    assert checked() == ()
    told = text.entry("discount_policy", "cautions", "few_accounts")
    with pytest.raises(KeyError, match="writes accounts; its values are account"):
        told.all({"account": 3})


def test_a_stage_without_a_notebook_is_given_one(checked: Callable[..., tuple[str, ...]]) -> None:
    """It opens the stage and shows its sections in their order, each below its title."""
    assert checked() == ()
    cells = json.loads(stage_notebook(contract.stage("discount_policy")))["cells"]
    calls = [each["source"] for each in cells if each["cell_type"] == "code"]
    assert calls[0].endswith('open_stage(open_study(), "discount_policy")')
    assert calls[1:] == ["panel.scenarios", "panel.floor", "panel.findings", "panel.record"]
    assert "## A floor under discounts" in [each["source"] for each in cells]


def test_columns_a_chart_makes_itself_are_not_asked_for() -> None:
    """Only what a chart reads and does not make has to be among its rows."""
    spec = {"transform": [{"calculate": "1", "as": "one"}], "encoding": {"x": {"field": "one"}, "y": {"field": "two"}}}
    assert stage_check._fields(spec) == {"two"}
