"""Which study a notebook opens: the variable, the one opened last, the one saved last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.errors import StudyError
from workbench.rendering.studies import find_study, find_workspace, make_current, studies_on
from workbench.study import Study


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a folder with two studies, of which `beta` was saved last."""
    for age, name in ((100, "alpha"), (10, "beta")):
        folder = tmp_path / "studies" / name
        Study.new(name, "data").save(folder)
        file = folder / "study.json"
        os.utime(file, (file.stat().st_atime - age, file.stat().st_mtime - age))
    return tmp_path


def found(workspace: Path, **variables: str) -> str:
    """Return the name of the study found."""
    return find_study(start=workspace, environment=variables).name


def test_without_a_word_the_study_saved_last_is_found(workspace: Path) -> None:
    """Nobody has opened one: the freshest wins."""
    assert found(workspace) == "beta"


def test_the_study_opened_last_wins_over_the_one_saved_last(workspace: Path) -> None:
    """Opening is a decision; a save in another notebook does not change it."""
    make_current(workspace / "studies" / "alpha")
    Study.load(workspace / "studies" / "beta").replaced(title="Later").save(workspace / "studies" / "beta")
    assert found(workspace) == "alpha"


def test_the_variable_wins_over_all(workspace: Path) -> None:
    """WORKBENCH_STUDY names a study by name or folder, and a wrong name is said with the names there are."""
    make_current(workspace / "studies" / "alpha")
    assert found(workspace, WORKBENCH_STUDY="beta") == "beta"
    assert found(workspace, WORKBENCH_STUDY=str(workspace / "studies" / "beta")) == "beta"
    with pytest.raises(StudyError, match=r"WORKBENCH_STUDY.*alpha, beta"):
        found(workspace, WORKBENCH_STUDY="gamma")


def test_a_path_given_wins_over_the_variable(workspace: Path) -> None:
    """What the call names is what it gets."""
    assert find_study("alpha", start=workspace, environment={"WORKBENCH_STUDY": "beta"}).name == "alpha"


def test_an_opened_study_that_is_gone_is_forgotten(workspace: Path) -> None:
    """A stale or damaged note of the study opened last does not keep the others from opening."""
    for text in ("gone\n", "", "../..\n"):
        (workspace / "studies" / ".current").write_text(text, encoding="utf-8")
        assert found(workspace) == "beta"
    (workspace / "studies" / ".current").write_bytes(b"\xff\xfe\xfa")
    assert found(workspace) == "beta"


def test_only_a_study_can_be_made_current(workspace: Path) -> None:
    """An empty folder is refused, and the shelf lists studies only."""
    (workspace / "studies" / "empty").mkdir()
    with pytest.raises(StudyError, match="no study"):
        make_current(workspace / "studies" / "empty")
    assert [folder.name for folder in studies_on(workspace / "studies")] == ["alpha", "beta"]


def test_the_workspace_is_found_from_below(workspace: Path, tmp_path: Path) -> None:
    """From a study's own folder the workspace is the one above; without studies it is where one stands."""
    assert find_workspace(workspace / "studies" / "alpha") == workspace
    lonely = tmp_path / "studies" / "alpha"
    assert find_workspace(Path(lonely.anchor)) == Path(lonely.anchor)
