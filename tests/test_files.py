"""A file is written whole or not at all, keeps its rights and links, and what keeps it from being written is said."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from workbench import files
from workbench.errors import FileError
from workbench.files import check_place, copy_folder, remove_leftovers, replacing, write_bytes, write_text


def names(folder: Path) -> set[str]:
    """Return the names of everything in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    """What only its owner may read stays so, and what a group may write too."""
    path = write_text(tmp_path / "page.html", "old")
    path.chmod(mode)
    write_text(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", mode)


def test_a_new_file_is_as_open_as_any_other(tmp_path: Path) -> None:
    """The usual mask decides, as for a file made by any program."""
    (tmp_path / "other").write_text("")
    assert write_text(tmp_path / "page", "x").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_is_written_through(tmp_path: Path) -> None:
    """A symbolic link, and one to it, stay links; the file they lead to is the new one, also where it is missing."""
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "page.html"
    link, second = tmp_path / "link.html", tmp_path / "second.html"
    link.symlink_to(target)
    second.symlink_to("link.html")
    for text in ("first", "next"):
        write_text(second, text)
        assert link.is_symlink()
        assert second.is_symlink()
        assert target.read_text() == text
    assert names(target.parent) == {"page.html"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file", "long", "circle", "protected"])
def test_a_place_nothing_can_be_written_to_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    """The sentence names the place and the reason, before anything is worked out and when writing; all stays."""
    path = tmp_path / "page.html"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "below a file":
        path.write_text("")
        path /= "deeper/page.html"
    elif kind == "long":
        path = tmp_path / ("x" * 300 + ".html")
    elif kind == "circle":
        path.symlink_to(path)
    else:
        path.write_text("")
        path.chmod(0o444)
    before = names(tmp_path)
    words = {"folder": "folder", "pipe": "pipe", "below a file": "is a file", "long": "too long", "circle": "circle"}
    for attempt in (lambda: check_place(path), lambda: write_text(path, "x")):
        with pytest.raises(FileError, match=words.get(kind, "protected")) as caught:
            attempt()
        assert str(tmp_path) in caught.value.message
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "share of the disk"),
        (errno.EROFS, "can only be read"),
        (errno.EACCES, "not allowed in"),
        (errno.EIO, "input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_the_system_says_is_a_sentence_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str, call: str
) -> None:
    """Whichever call fails, the file that was there is whole, nothing is left behind, and the reason is said."""
    path = write_text(tmp_path / "page.html", "old")

    def fail(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os if call == "fsync" else Path, call, fail)
    with pytest.raises(FileError, match=words) as caught:
        write_text(path, "new")
    monkeypatch.undo()
    assert "as it was" in caught.value.message
    assert str(path) in caught.value.message
    assert (path.read_text(), names(tmp_path)) == ("old", {"page.html"})


def test_an_error_while_a_file_is_made_leaves_the_old_one(tmp_path: Path) -> None:
    """What goes wrong inside the block goes through, and the temporary file goes away."""
    path = write_text(tmp_path / "page.html", "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text(str(1 / 0))
    assert (path.read_text(), names(tmp_path)) == ("old", {"page.html"})


def test_leftovers_of_stopped_programs_go_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    """A temporary file belongs to a process of this machine; another machine's waits for a day."""
    mine = write_bytes(tmp_path / f".writing-{files._HOST}-{os.getpid()}-00000000", b"")
    gone = write_bytes(tmp_path / f".writing-{files._HOST}-999999999-00000000", b"")
    away = write_bytes(tmp_path / ".writing-00000000-999999999-00000000", b"")
    old = write_bytes(tmp_path / "writing-00000000-1-00000000", b"")
    os.utime(old, (0, 0))
    theirs = write_bytes(tmp_path / "writing-lessons.html", b"")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == {mine.name, away.name, theirs.name}
    assert gone.name not in names(tmp_path)


def test_a_copied_folder_appears_whole(tmp_path: Path) -> None:
    """Files in folders below come along, and a copy that is there already stays as it is."""
    (tmp_path / "source" / "deep").mkdir(parents=True)
    (tmp_path / "source" / "deep" / "a").write_text("a")
    copy_folder(tmp_path / "source", tmp_path / "made" / "copy")
    assert (tmp_path / "made" / "copy" / "deep" / "a").read_text() == "a"
    (tmp_path / "source" / "deep" / "a").write_text("b")
    copy_folder(tmp_path / "source", tmp_path / "made" / "copy")
    assert (tmp_path / "made" / "copy" / "deep" / "a").read_text() == "a"
    assert names(tmp_path / "made") == {"copy"}
