"""Laws of the store: atomic, readable, recoverable, and never silently overwriting others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.errors import StudyError
from workbench.study import StageDecision, Study, StudyConflictError, resolve, restore, save, study_text
from workbench.study.document import read_study, to_current_schema
from workbench.study.folder import KEPT_REVISIONS, kept_revisions, revision_file

if TYPE_CHECKING:
    from datetime import datetime

VERSION_1 = Path(__file__).parent / "studies" / "version_1.json"
VERSION_0 = Path(__file__).parent / "studies" / "version_0.json"


def test_a_saved_study_comes_back_the_same(
    tmp_path: Path, study: Study, when: datetime, price_decision: type[StageDecision]
) -> None:
    """Saving and loading gives the same document, one revision on."""
    full = study.with_scenario(study.scenario("design-a").with_decision(price_decision(entry=1.5)))
    full = full.choose("design-a", "Größe: gut", "Ann", when).with_threshold("T4", "r", "Ann", when, high=6)
    saved = full.save(tmp_path)
    assert saved.revision == 1
    assert Study.load(tmp_path) == saved == full.replaced(revision=1)


def test_the_file_is_readable_and_diffable(tmp_path: Path, study: Study) -> None:
    """One changed field changes one line beside the revision, and the text is stable and ends its last line."""
    first = study.save(tmp_path)
    before = (tmp_path / "study.json").read_text(encoding="utf-8")
    first.replaced(title="Büro").save(tmp_path)
    after = (tmp_path / "study.json").read_text(encoding="utf-8")
    changed = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert [line.strip() for line in changed] == ['"revision": 2,', '"title": "Büro",']
    assert after.endswith("}\n")
    assert after == study_text(Study.load(tmp_path))


def test_saving_nothing_new_writes_nothing(tmp_path: Path, study: Study) -> None:
    """An unchanged study keeps its revision and its file."""
    saved = study.save(tmp_path)
    stamp = (tmp_path / "study.json").stat().st_mtime_ns
    assert saved.save(tmp_path) == saved
    assert (tmp_path / "study.json").stat().st_mtime_ns == stamp


def test_a_newer_revision_is_merged_not_overwritten(
    tmp_path: Path, study: Study, price_decision: type[StageDecision]
) -> None:
    """Saving from an older revision merges with what was saved since, and reports what came in."""
    base = study.save(tmp_path)
    base.replaced(title="Theirs").save(tmp_path)
    mine = base.with_scenario(base.scenario("design-a").with_decision(price_decision(entry=3)))
    saved = save(mine, tmp_path, base=base)
    assert saved.merged
    assert saved.study.title == "Theirs"
    assert saved.study.scenario("design-a").decision(price_decision).entry == 3
    assert [(change.where, change.right) for change in saved.changes] == [("title", "Theirs")]
    assert saved.study.revision == 3


def test_the_base_is_found_in_the_kept_revisions(tmp_path: Path, study: Study) -> None:
    """Without being told the base, a save finds the revision the study counts from."""
    base = study.save(tmp_path)
    base.replaced(title="Theirs").save(tmp_path)
    assert base.replaced(currency="EUR").save(tmp_path).title == "Theirs"


def test_a_conflict_writes_nothing_and_can_be_resolved(tmp_path: Path, study: Study) -> None:
    """Two values for one field leave the file as it is until somebody chooses."""
    base = study.save(tmp_path)
    base.replaced(title="Theirs").save(tmp_path)
    before = (tmp_path / "study.json").read_bytes()
    with pytest.raises(StudyConflictError, match="title: here 'Mine', saved elsewhere 'Theirs'") as caught:
        save(base.replaced(title="Mine"), tmp_path, base=base)
    assert (tmp_path / "study.json").read_bytes() == before
    settled = save(resolve(caught.value, "mine"), tmp_path, base=caught.value.theirs)
    assert Study.load(tmp_path).title == settled.study.title == "Mine"


def test_an_edit_by_hand_is_merged_too(tmp_path: Path, study: Study) -> None:
    """A field changed in the file with an editor, revision untouched, is not lost by the next save."""
    saved = study.save(tmp_path)
    path = tmp_path / "study.json"
    path.write_text(path.read_text(encoding="utf-8").replace("Acme redesign", "By hand"), encoding="utf-8")
    assert save(saved.replaced(currency="EUR"), tmp_path, base=saved).study.title == "By hand"


def test_a_folder_with_another_study_is_not_overwritten(tmp_path: Path, study: Study) -> None:
    """A study that was never saved does not replace the one a folder holds."""
    study.save(tmp_path)
    with pytest.raises(StudyError, match="already holds the study 'Acme redesign'"):
        Study.new("Other", "data").save(tmp_path)


def test_a_base_that_is_no_longer_kept_is_said_to_be(tmp_path: Path, study: Study) -> None:
    """When the revision a study counts from is gone, the save says so instead of guessing."""
    base = study.save(tmp_path)
    base.replaced(title="Newer").save(tmp_path)
    revision_file(tmp_path, 1).unlink()
    with pytest.raises(StudyError, match="no longer keeps revision 1"):
        base.replaced(title="Mine").save(tmp_path)


def test_the_history_is_bounded(tmp_path: Path, study: Study) -> None:
    """Only the latest revisions are kept, the present one among them."""
    current = study
    for number in range(KEPT_REVISIONS + 5):
        current = current.replaced(title=f"T{number}").save(tmp_path)
    assert kept_revisions(tmp_path) == tuple(range(6, KEPT_REVISIONS + 6))


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'{"schema_version": 1}', b"<<<<<<< HEAD\n{}"])
def test_a_damaged_file_names_the_way_back(tmp_path: Path, study: Study, damage: bytes) -> None:
    """A study.json that cannot be read names the kept revision, and restoring it brings everything back."""
    saved = study.save(tmp_path).replaced(title="Latest").save(tmp_path)
    (tmp_path / "study.json").write_bytes(damage)
    with pytest.raises(
        StudyError, match=r"damaged.*Revision 2 is kept in .*00000002\.json.*workbench\.study\.restore\("
    ):
        Study.load(tmp_path)
    restored = restore(tmp_path)
    assert restored == Study.load(tmp_path) == saved.replaced(revision=3)
    assert (tmp_path / "study.replaced-1.json").read_bytes() == damage


def test_a_torn_copy_is_passed_over_when_restoring(tmp_path: Path, study: Study) -> None:
    """The newest readable revision comes back, not the newest file."""
    study.save(tmp_path).replaced(title="Latest").save(tmp_path)
    revision_file(tmp_path, 2).write_text("{", encoding="utf-8")
    (tmp_path / "study.json").unlink()
    assert restore(tmp_path).title == "Acme redesign"
    with pytest.raises(StudyError, match="no readable revision 9"):
        restore(tmp_path, 9)


def test_an_empty_folder_says_there_is_no_study(tmp_path: Path) -> None:
    """A folder without a study is named."""
    with pytest.raises(StudyError, match="There is no study in"):
        Study.load(tmp_path)


def test_leftovers_of_a_stopped_writer_go_with_the_next_save(tmp_path: Path, study: Study) -> None:
    """A temporary file left by a killed writer is removed and never read."""
    saved = study.save(tmp_path)
    (tmp_path / ".writing-study.json-999").write_text("{", encoding="utf-8")
    saved.replaced(title="Next").save(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".writing")] == []


def test_a_study_from_a_newer_workbench_is_refused(study: Study) -> None:
    """A schema from the future is refused with the remedy, not half read."""
    document = json.loads(study_text(study)) | {"schema_version": 99}
    with pytest.raises(StudyError, match=r"newer workbench \(schema 99\).*Update"):
        read_study(json.dumps(document))


@pytest.mark.parametrize("version", [None, "1", True])
def test_a_study_without_a_schema_version_is_refused(version: object) -> None:
    """A file that does not say its schema is not guessed at."""
    with pytest.raises(StudyError, match="which schema it follows"):
        read_study(json.dumps({"schema_version": version, "name": "x"}))


def test_the_frozen_version_1_file_reads_for_ever(price_decision: type[StageDecision]) -> None:
    """A study written under schema 1 loads with everything it says."""
    study = read_study(VERSION_1.read_text(encoding="utf-8"))
    assert study.chosen.scenario_id == "bold"
    assert study.scenario("bold").decision(price_decision).entry == 19
    assert study.assumption("attach_rate").high == 0.25
    assert study.thresholds["T4"].high == 6
    assert study.scenario("bold").waivers[0].rule == "T2"
    assert [record.what for record in study.decisions] == ["Charge per event"]


def test_a_registered_migration_brings_an_older_file_forward() -> None:
    """An older schema passes through every migration in turn; one that is missing is named.

    Schema 0 never shipped: the file stands in for an older one, with assumptions as single numbers.
    """

    def ranges(document: dict[str, Any]) -> dict[str, Any]:
        items = [
            {**{k: v for k, v in a.items() if k != "value"}, "low": a["value"], "high": a["value"]}
            for a in document["assumptions"]
        ]
        return {**document, "assumptions": items}

    old = json.loads(VERSION_0.read_text(encoding="utf-8"))
    study = Study.model_validate_json(json.dumps(to_current_schema(old, migrations={0: ranges})))
    assert (study.schema_version, study.assumption("attach_rate").low, study.assumption("attach_rate").high) == (
        1,
        0.2,
        0.2,
    )
    with pytest.raises(StudyError, match="schema 0, which this workbench can no longer read"):
        to_current_schema(old)
