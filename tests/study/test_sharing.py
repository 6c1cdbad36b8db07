"""A study keeps its rights and link, people who share a folder can save in it, and a lock says whose it is."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.errors import FileError, WorkbenchError
from workbench.study import Study, restore, save
from workbench.study.document import put_in_place
from workbench.study.folder import KEPT_REVISIONS, LOCK_FILE, MARKER, StudyBusyError, kept_revisions, revision_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANN, BEN, TEAM, ALONE = 61001, 61002, 61003, 61004
as_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can act as other people")


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("private", [0o600, 0o640])
def test_everything_of_a_study_follows_its_permissions(tmp_path: Path, study: Study, private: int) -> None:
    """What is closed once stays closed: study.json, every revision, earlier ones too, the lock, and after restoring."""
    saved = study.save(tmp_path)
    (tmp_path / "study.json").chmod(private)
    saved = saved.replaced(title="Next").save(tmp_path)
    assert mode(tmp_path / "study.json") == private
    assert {mode(revision_file(tmp_path, number)) for number in (1, 2)} == {private}
    assert not mode(tmp_path / LOCK_FILE) & ~private
    restore(tmp_path, 1)
    put_in_place(study.replaced(title="Other"), tmp_path)
    assert {mode(path) for path in tmp_path.rglob("*.json")} == {private}


def test_a_link_to_a_study_stays_one(tmp_path: Path, study: Study) -> None:
    """Saving, restoring and replacing write to where study.json leads, and set a copy aside beside the link."""
    target = tmp_path / "kept" / "mine.json"
    place = tmp_path / "study"
    saved = study.save(place)
    target.parent.mkdir()
    (place / "study.json").rename(target)
    (place / "study.json").symlink_to(target)
    saved.replaced(title="Next").save(place)
    restore(place, 1)
    target.write_text("{", encoding="utf-8")
    put_in_place(study.replaced(title="Other"), place)
    assert (place / "study.json").is_symlink()
    assert '"Other"' in target.read_text(encoding="utf-8")
    assert (place / "study.replaced-2.json").read_text(encoding="utf-8") == "{"
    assert [path.name for path in target.parent.iterdir()] == ["mine.json"]


@contextmanager
def other(user: int, group: int, *groups: int) -> Iterator[Callable[[Callable[[], object]], str]]:
    """Return what does something as another person in a process of its own, and returns the error it ended in."""

    def run(action: Callable[[], object]) -> str:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            said = ""
            try:
                os.setgroups(groups)
                os.setgid(group)
                os.setuid(user)
                os.umask(0o022)
                action()
            except WorkbenchError as error:
                said = str(error)
            except BaseException as error:  # noqa: BLE001 - told to the parent
                said = f"unexpected: {error!r}"
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return said

    yield run


@pytest.fixture
def shelf() -> Iterator[Path]:
    """Return a folder that everybody may look into."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def shared(place: Path, permissions: int) -> Path:
    """Make a folder of Ann's for the team."""
    place.mkdir()
    os.chown(place, ANN, TEAM)
    place.chmod(permissions)
    return place


@as_root
@pytest.mark.parametrize("permissions", [0o2775, 0o2770])
def test_a_team_saves_in_a_shared_folder_under_the_usual_umask(shelf: Path, study: Study, permissions: int) -> None:
    """Two people with groups of their own take turns; nothing is asked of them but the folder of the team."""
    place = shared(shelf / "study", permissions)
    with other(ANN, ALONE, TEAM) as ann, other(BEN, BEN, TEAM) as ben:
        assert ann(lambda: study.save(place)) == ""
        assert ben(lambda: Study.load(place).replaced(title="Ben's").save(place)) == ""
        assert ann(lambda: Study.load(place).replaced(title="Ann's").save(place)) == ""
        assert ben(lambda: restore(place, 2)) == ""
    assert Study.load(place).title == "Ben's"
    assert {path.stat().st_gid for path in place.rglob("*")} == {TEAM}
    assert mode(place / "history") & 0o2070 == 0o2070


@as_root
def test_who_cannot_save_is_told_what_to_set(shelf: Path, study: Study) -> None:
    """In a folder that is its owner's alone the sentence names folder, owner and the commands that share it."""
    place = shared(shelf / "study", 0o755)
    with other(ANN, ALONE, TEAM) as ann, other(BEN, BEN, TEAM) as ben:
        assert ann(lambda: study.save(place)) == ""
        said = ben(lambda: Study.load(place).replaced(title="Ben's").save(place))
        assert "may not be written" in said
        command = said.split("runs once: ")[1].replace("GROUP", str(TEAM))
        subprocess.run(["/bin/sh", "-c", command], check=True)
        assert ben(lambda: Study.load(place).replaced(title="Ben's").save(place)) == ""
        assert ann(lambda: Study.load(place).replaced(title="Ann's").save(place)) == ""


@as_root
def test_a_sticky_folder_is_named_and_no_revision_is_left_of_a_refused_save(shelf: Path, study: Study) -> None:
    """Where only owners replace files, the sentence says so; the history holds what was saved, the oldest included."""
    place = shared(shelf / "study", 0o3775)
    with other(ANN, ALONE, TEAM) as ann, other(BEN, BEN, TEAM) as ben:
        assert ann(lambda: study.save(place)) == ""
        for _ in range(2):
            said = ben(lambda: Study.load(place).replaced(title="Ben's").save(place))
            assert "sticky bit" in said
            assert kept_revisions(place) == (1,)
        command = said.split("runs once: ")[1].replace("GROUP", str(TEAM))
        subprocess.run(["/bin/sh", "-c", command], check=True)
        assert ben(lambda: Study.load(place).replaced(title="Ben's").save(place)) == ""
    assert kept_revisions(place) == (1, 2)


def test_a_refused_save_costs_no_revision(tmp_path: Path, study: Study) -> None:
    """With as many revisions as are kept, the oldest one goes only when the new one is in place."""
    saved = study.save(tmp_path)
    for number in range(KEPT_REVISIONS):
        saved = saved.replaced(title=f"T{number}").save(tmp_path)
    before = kept_revisions(tmp_path)
    (tmp_path / "study.json").chmod(0o444)
    with pytest.raises(FileError):
        saved.replaced(title="Next").save(tmp_path)
    assert kept_revisions(tmp_path) == before


@as_root
def test_the_readme_shares_a_study_as_the_refusal_does(shelf: Path, study: Study) -> None:
    """One command, the same in both places."""
    place = shared(shelf / "study", 0o755)
    with other(ANN, ALONE, TEAM) as ann, other(BEN, BEN, TEAM) as ben:
        assert ann(lambda: study.save(place)) == ""
        said = ben(lambda: Study.load(place).replaced(title="Ben's").save(place))
    assert " may not be written" in said
    assert ", may not" not in said or f", which belongs to user {ANN}, may not" in said
    command = said.split("runs once: ")[1].replace(str(place), "studies/mine")
    assert command in (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@as_root
def test_a_private_study_stays_private_in_a_shared_folder(shelf: Path, study: Study) -> None:
    """Whoever may not read the study may not hold its lock nor read what it was."""
    place = shared(shelf / "study", 0o2775)
    with other(ANN, ALONE, TEAM) as ann:
        ann(lambda: study.save(place))
        (place / "study.json").chmod(0o600)
        assert ann(lambda: Study.load(place).replaced(title="Ann's").save(place)) == ""
    assert {mode(path) for path in place.rglob("*") if path.is_file()} == {0o600}


def test_who_saves_is_named_to_who_waits(tmp_path: Path, study: Study) -> None:
    """A lock that is held says by which process, where and since when, after no longer than one waits."""
    saved = study.save(tmp_path)
    with (tmp_path / LOCK_FILE).open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        started = time.monotonic()
        with pytest.raises(
            StudyBusyError, match=rf"Process {os.getpid()} .*on {socket.gethostname()}.*since 20"
        ) as caught:
            save(saved.replaced(title="Mine"), tmp_path, patience=0.2)
        assert time.monotonic() - started < 5
    assert str(tmp_path / LOCK_FILE) in caught.value.message
    assert "delete" not in caught.value.advice, "the system frees this lock by itself"


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the system's locks away, as some network file systems do."""

    def missing(*_arguments: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", missing)


@pytest.mark.usefixtures("without_locks")
def test_without_locks_of_the_system_a_file_stands_for_one(tmp_path: Path, study: Study) -> None:
    """A lock file that an earlier program left there counts for nothing, and none of ours is left."""
    (tmp_path / LOCK_FILE).touch()
    saved = study.save(tmp_path)
    (tmp_path / LOCK_FILE).write_text(f"{os.getpid()}\nelsewhere\nann\n")
    assert saved.replaced(title="Next").save(tmp_path).revision == 2
    assert not (tmp_path / MARKER).exists()


@pytest.mark.usefixtures("without_locks")
@pytest.mark.parametrize("left", ["dead", "empty"])
def test_what_a_dead_process_left_is_taken_over(tmp_path: Path, study: Study, left: str) -> None:
    """A marker of a process that no longer runs here, or that was stopped while it made it, stops nobody."""
    saved = study.save(tmp_path)
    ended = subprocess.Popen(["true"])  # noqa: S607 - any program that ends
    ended.wait()
    (tmp_path / MARKER).write_text(f"{ended.pid}\n{socket.gethostname()}\n" if left == "dead" else "")
    os.utime(tmp_path / MARKER, (time.time() - 60,) * 2)
    assert save(saved.replaced(title="Next"), tmp_path, patience=5).study.revision == 2


@pytest.mark.usefixtures("without_locks")
def test_a_marker_of_another_machine_names_file_process_and_remedy(tmp_path: Path, study: Study) -> None:
    """Nobody here can tell whether that process runs: the sentence says which file, whose, since when, what to do."""
    saved = study.save(tmp_path)
    (tmp_path / MARKER).write_text("4711\nother-box\n")
    with pytest.raises(StudyBusyError, match=r"Process 4711 of \w+ on other-box .* since 20\d\d-") as caught:
        save(saved.replaced(title="Next"), tmp_path, patience=0.2)
    assert f"delete {tmp_path / MARKER}" in caught.value.advice


def test_a_read_only_study_is_said_to_be(tmp_path: Path, study: Study) -> None:
    """Who protects study.json against writing keeps it as it is, and hears so."""
    saved = study.save(tmp_path)
    (tmp_path / "study.json").chmod(0o444)
    with pytest.raises(FileError, match="protected against writing"):
        saved.replaced(title="Next").save(tmp_path)
    assert Study.load(tmp_path).title == saved.title
