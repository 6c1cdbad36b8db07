"""A study of a company's own data, made by function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.errors import DataErrors, StudyError
from workbench.rendering.studies import find_study, new_study
from workbench.study import Study, restore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the data of two accounts, in a workspace one stands in."""
    monkeypatch.delenv("WORKBENCH_STUDY", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "small"
    folder.mkdir(parents=True)
    (folder / "accounts.csv").write_text("account_id,name\na1,Harbour\na2,Ostrava\n", encoding="utf-8")
    (folder / "mrr.csv").write_text("account_id,month,amount\na1,2024-01,100\na2,2024-02,80\n", encoding="utf-8")
    return folder


def test_a_study_that_is_there_is_not_written_over(data: Path, tmp_path: Path) -> None:
    """Without being told to replace it, the study stays as it is to the byte."""
    place = tmp_path / "studies" / "ours"
    new_study(place, data, title="First")
    before = (place / "study.json").read_bytes()
    with pytest.raises(StudyError, match="already holds a study"):
        new_study(place, data, title="Second")
    assert (place / "study.json").read_bytes() == before


def test_replacing_starts_anew_and_keeps_what_was_there(data: Path, tmp_path: Path) -> None:
    """The new study is the latest revision and the one opened next; the old one can be brought back with its work."""
    place = tmp_path / "studies" / "ours"
    old = new_study(place, data, title="First").duplicate_scenario("design-a", "Bold").save(place)
    made = new_study(place, data, title="Second", as_of="2024-01-31", replace=True)
    assert made == Study.load(place)
    assert (made.title, len(made.scenarios), made.revision) == ("Second", 2, old.revision + 1)
    assert str(made.data.as_of) == "2024-01-31"
    assert find_study(None) == place
    again = restore(place, old.revision)
    assert (again.title, again.designs[-1].name) == ("First", "Bold")


def test_a_damaged_study_can_be_replaced(data: Path, tmp_path: Path) -> None:
    """A study file that nobody can read is set aside beside the new one, not lost."""
    place = tmp_path / "studies" / "ours"
    place.mkdir(parents=True)
    (place / "study.json").write_text("{half", encoding="utf-8")
    made = new_study(place, data, replace=True)
    assert Study.load(place) == made
    assert (place / "study.replaced-1.json").read_text(encoding="utf-8") == "{half"


def test_replacing_where_nothing_is_makes_a_first_study(data: Path, tmp_path: Path) -> None:
    """There need not be anything to replace."""
    assert new_study(tmp_path / "studies" / "ours", data, replace=True).revision == 1


def test_wrong_data_replaces_nothing(data: Path, tmp_path: Path) -> None:
    """The data is checked first: with a problem in it the study that is there stays."""
    place = tmp_path / "studies" / "ours"
    kept = new_study(place, data, title="First")
    (data / "mrr.csv").write_text("account_id,month,amount\na1,2024-01,much\n", encoding="utf-8")
    with pytest.raises(DataErrors):
        new_study(place, data, replace=True)
    assert Study.load(place) == kept
