"""Laws about several real processes on one study: kills lose at most the change under way, edits merge."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench.study import Study

HERE = Path(__file__).parent
KILLS = 36


def start(script: str, *arguments: object) -> subprocess.Popen:
    """Start one of the scripts beside this file."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def number_of(title: str) -> int:
    """Return the number at the end of a title."""
    return int(title.rsplit(maxsplit=1)[-1])


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_study_that_lacks_at_most_one_change(tmp_path: Path, study: Study) -> None:
    """After SIGKILL the study loads, holds the last change reported as saved or the one after, and can be saved.

    The writer is killed after a random number of saves plus a random fraction of one save's time.
    """
    study.replaced(title="Title 0").save(tmp_path)
    chance = random.Random(7)
    for _ in range(KILLS):
        before = number_of(Study.load(tmp_path).title)
        writer = start("saver.py", tmp_path, before + 1)
        seen = [writer.stdout.readline() for _ in range(chance.randint(1, 6))]
        timer = threading.Timer(chance.uniform(0, 0.006), writer.kill)
        timer.start()
        rest = writer.stdout.read().splitlines()
        writer.wait()
        timer.join()
        writer.stdin.close()
        writer.stdout.close()
        reported = number_of([*seen, *rest][-1])
        assert number_of(Study.load(tmp_path).title) in {reported, reported + 1}
    last = Study.load(tmp_path)
    assert last.replaced(title="After").save(tmp_path).revision == last.revision + 1


def edit_twice(folder: Path, first: tuple[str, int], second: tuple[str, int]) -> list[str]:
    """Load in two processes, then save in the first and after that in the second; return what each said."""
    editors = [start("editor.py", folder, *arguments) for arguments in (first, second)]
    for editor in editors:
        assert editor.stdout.readline() == "loaded\n"
    return [editor.communicate("go\n", timeout=30)[0].strip() for editor in editors]


def test_two_processes_editing_different_stages_merge(tmp_path: Path, study: Study) -> None:
    """Two kernels that change different stages both find their change in the study."""
    study.save(tmp_path)
    assert edit_twice(tmp_path, ("tiers", 1), ("add_ons", 2)) == ["saved", "merged"]
    assert Study.load(tmp_path).scenario("design-a").stages == {"tiers": {"price": 1}, "add_ons": {"price": 2}}


def test_two_processes_editing_the_same_field_conflict(tmp_path: Path, study: Study) -> None:
    """The second kernel to change a field is shown both values, and the first one's stays in the file."""
    study.save(tmp_path)
    assert edit_twice(tmp_path, ("tiers", 1), ("tiers", 2)) == ["saved", "conflict 2 1"]
    assert Study.load(tmp_path).scenario("design-a").stages == {"tiers": {"price": 1}}


def test_many_processes_saving_at_once_lose_nothing(tmp_path: Path, study: Study) -> None:
    """Kernels that save at the same moment wait for each other, and every change is in the study."""
    study.save(tmp_path)
    editors = [start("editor.py", tmp_path, f"stage_{number}", number) for number in range(4)]
    for editor in editors:
        assert editor.stdout.readline() == "loaded\n"
    for editor in editors:
        editor.stdin.write("go\n")
        editor.stdin.flush()
    for editor in editors:
        assert editor.communicate(timeout=30)[0].strip() in {"saved", "merged"}
    saved = Study.load(tmp_path)
    assert saved.scenario("design-a").stages == {f"stage_{n}": {"price": n} for n in range(4)}
    assert saved.revision == 5
