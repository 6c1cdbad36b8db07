"""Killed at any moment while it writes, the product leaves the old file or the new one, whole; a first start mends."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench import workspace
from workbench.customers import CustomerBase
from workbench.files import remove_leftovers, write_text
from workbench.outputs import save_workbook
from workbench.report import write_calculator
from workbench.stages.offers import Tier, TierDecision
from workbench.study import Study
from workbench.workspace import make_workspace, sample_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed midway")
PAGE = '<meta name="generator" content="pricing-design-workbench">' + "0123456789abcdef" * 200_000  # 3 MB, as a report


def killed(action: Callable[[], object], after: float) -> bool:
    """Do something in a process of its own and kill that; tell whether it was still at it."""
    child = os.fork()
    if not child:
        try:
            action()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def duration(action: Callable[[], object]) -> float:
    """Return how long something takes here and now."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def kill_while_writing(path: Path, contents: list[Callable[[], object]], kills: int) -> int:
    """Kill writers of the same file at random moments; each time it is whole. Return how many were killed midway."""
    chance = random.Random(7)
    whole = set()
    for write in contents:
        write()
        whole.add(path.read_bytes())
    takes = duration(contents[-1])
    midway = 0
    for number in range(kills):
        midway += killed(contents[number % len(contents)], chance.uniform(0, 1.2 * takes))
        assert path.read_bytes() in whole, "neither the old file nor the new one"
    contents[0]()
    assert [each.name for each in path.parent.iterdir()] == [path.name], "leftovers go with the next write"
    return midway


def pages(path: Path) -> list[Callable[[], object]]:
    """Return what writes a page the size of a report, in two wordings."""
    return [lambda: write_text(path, PAGE + "old"), lambda: write_text(path, "new" * 7 + PAGE)]


def test_a_page_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    """A few dozen kills over a page of 3 MB."""
    assert kill_while_writing(tmp_path / "report.html", pages(tmp_path / "report.html"), 40) > 10


@pytest.fixture
def quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the sample study without working it out, which takes a while and writes nothing."""
    monkeypatch.setattr(workspace, "sample_base", lambda: None)
    monkeypatch.setattr(workspace, "sample_study", lambda _base, data: Study.new("sample", data))


def start_and_kill(place: Path, kills: int) -> int:
    """Kill first starts at random moments, start again and see everything whole; return how many died midway."""
    chance = random.Random(11)
    sample = {path.name: path.read_bytes() for path in sample_folder().iterdir()}
    takes = duration(lambda: make_workspace(place / "first"))
    midway = 0
    for number in range(kills):
        folder = place / f"space-{number}"
        midway += killed(lambda folder=folder: make_workspace(folder), chance.uniform(0, 1.2 * takes))
        data = folder / "data" / "sample"
        assert not data.exists() or {path.name for path in data.iterdir()} == set(sample), "a half copy was left"
        make_workspace(folder)
        assert {path.name: path.read_bytes() for path in data.iterdir()} == sample
        study = Study.load(folder / "studies" / "sample")
        assert study.data.located(folder / "studies" / "sample").resolve() == data.resolve()
        assert not list(folder.rglob("*writing-*")), "leftovers go with the start"
        shutil.rmtree(folder)
    return midway


@pytest.mark.usefixtures("quick_start")
def test_a_first_start_that_was_killed_mends_itself(tmp_path: Path) -> None:
    """The sample appears whole or not at all, and the next start does the rest."""
    assert start_and_kill(tmp_path, 8) > 1


def save_and_kill(place: Path, kills: int) -> int:
    """Kill a program that saves a private, linked study again and again: no confirmed change, right or link is lost."""
    chance = random.Random(13)
    (place / "elsewhere").mkdir()
    target = place / "elsewhere" / "study.json"
    folder = place / "study"
    study = Study.new("s", "data", title="Title 0").save(folder)
    (folder / "study.json").rename(target)
    target.chmod(0o600)
    (folder / "study.json").symlink_to(target)
    study.replaced(title="Title 1").save(folder)  # which gives the first revision the rights as well
    midway = 0

    def saver(writing: int) -> None:
        study = Study.load(folder)
        for _ in range(1_000):
            study = study.replaced(title=f"Title {int(study.title.split()[1]) + 1}").save(folder)
            os.write(writing, b"%d\n" % int(study.title.split()[1]))

    for _ in range(kills):
        reading, writing = os.pipe()
        before = int(Study.load(folder).title.split()[1])
        midway += killed(lambda writing=writing: saver(writing), chance.uniform(0.002, 0.08))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            confirmed = max([before, *map(int, pipe.read().split())])
        assert int(Study.load(folder).title.split()[1]) in {confirmed, confirmed + 1}
        assert (folder / "study.json").is_symlink()
        assert {path.stat().st_mode & 0o777 for path in (*folder.rglob("*.json"), target)} == {0o600}
    return midway


@pytest.mark.torture
@pytest.mark.usefixtures("quick_start")
def test_a_thousand_kills(tmp_path: Path, reliability: Callable[[str, object], None]) -> None:
    """Killed while it writes: report, workbook, calculator, study, first start.

    SIGKILL at a random moment; afterwards every file is the old one or the new one, whole, and no leftovers stay.
    """
    frame = pd.DataFrame({"account_id": ["a"], "month": ["2024-12-01"], "metric": ["seats"], "quantity": [3]})
    plans = pd.DataFrame({"plan": ["Team"], "base_fee": [10], "metric": ["seats"], "unit_price": [9]})
    accounts = pd.DataFrame({"account_id": ["a"]})
    base = CustomerBase.from_tables({"accounts": accounts, "usage": frame, "plans": plans})
    study = Study.new("s", "data")
    study = study.with_scenario(study.designs[0].with_decision(TierDecision(tiers=(Tier(id="s", name="S", price=20),))))
    places = {name: tmp_path / name for name in ("report", "workbook", "calculator", "study", "start")}
    for place in places.values():
        place.mkdir()
    book, page = places["workbook"] / "report.xlsx", places["calculator"] / "calculator.html"
    rows = pd.DataFrame({"x": range(2_000)})
    died = {
        "report": kill_while_writing(places["report"] / "report.html", pages(places["report"] / "report.html"), 250),
        "calculator": kill_while_writing(
            page,
            [lambda title=title: write_calculator(base, study, page, title=title) for title in ("Old", "New")],
            200,
        ),
        "workbook": kill_workbooks(book, rows, 100),
        "study": save_and_kill(places["study"], 250),
        "first start": start_and_kill(places["start"], 200),
    }
    reliability("Kills (SIGKILL)", "1,000")
    for name, midway in died.items():
        reliability(f"Died midway: {name}", midway)
    reliability("Torn files, lost changes, leftovers after the next write", 0)
    assert all(midway > 20 for midway in died.values()), died


def kill_workbooks(path: Path, rows: pd.DataFrame, kills: int) -> int:
    """Kill writers of a workbook, whose bytes differ by the time in them; what lies there opens and has its rows."""
    chance = random.Random(17)
    save_workbook({"a": rows}, path)  # loads what it needs, which would count as writing
    takes = duration(lambda: save_workbook({"a": rows}, path))
    midway = 0
    for _ in range(kills):
        midway += killed(lambda: save_workbook({"a": rows}, path), chance.uniform(0.2, 1.2) * takes)
        assert len(pd.read_excel(path)) == len(rows)
    remove_leftovers(path.parent)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return midway
