"""Open what people bring: ordinary files only, and JSON in one way wherever the product reads it."""

from __future__ import annotations

import json
import math
import re
import stat
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from pathlib import Path

MOST_JSON_BYTES = 64 << 20
_DEEPEST = 64  # levels of lists and objects inside each other; the deepest study has about a dozen
_MOST_DIGITS = 18
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # left by an escape such as \ud83d alone: no file can hold it
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class InputFileError(WorkbenchError):
    """Refuse a file that cannot be read as what it should be; the message names it."""


def other_than_file(path: Path) -> str:
    """Say what a path is when it is no ordinary file, such as a folder, a pipe or a device; "" when it is one."""
    mode = path.stat().st_mode
    return "" if stat.S_ISREG(mode) else next((name for test, name in _KINDS if test(mode)), "no ordinary file")


def read_bytes(path: Path, most: int = MOST_JSON_BYTES) -> bytes:
    """Return the content of an ordinary file of at most so many bytes; InputFileError for any other, OSError as usual.

    A pipe would be waited for without end, and a device may never end.
    """
    kind = other_than_file(path)
    if kind:
        raise InputFileError(f"{path} is {kind}, not a file.", "Name an ordinary file.")
    size = path.stat().st_size
    if size > most:
        raise InputFileError(
            f"{path} has {size:,} bytes, more than the {most:,} that such a file may have.", "Name the right file."
        )
    return path.read_bytes()


def parse_json(content: str | bytes, origin: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a JSON text holds; InputFileError names its origin and what is wrong.

    Beyond what is no JSON it refuses what no reader keeps: a field written twice, numbers that are not finite or have
    more digits than a number holds, half characters, and lists inside lists without end.
    """
    try:
        text = content if isinstance(content, str) else content.decode(json.detect_encoding(content))
        found = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_fields,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
        _check(found)
    except UnicodeDecodeError as error:
        at = f"byte {error.start + 1:,}"
        raise InputFileError(f"{origin} is not JSON: its text is not UTF-8 ({at}).", "Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputFileError(f"{origin} is not JSON: {error.msg} ({where}).", "Correct it there.") from error
    except RecursionError as error:
        raise InputFileError(f"{origin} cannot be used: {_TOO_DEEP}.", "Write it flat.") from error
    except ValueError as error:
        raise InputFileError(f"{origin} cannot be used: {error}.", "Correct it there.") from error
    return found


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a JSON file holds; InputFileError names the file and what is wrong, OSError as usual."""
    return parse_json(read_bytes(path), str(path))


_TOO_DEEP = f"lists and objects stand inside each other more than {_DEEPEST} levels deep"


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the field {_short(twice)} is written twice in one place")
    return found


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _float(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"the number {_short(text)} is larger than a number can be")
    return found


def _integer(text: str) -> int:
    if len(text.removeprefix("-")) > _MOST_DIGITS:
        raise ValueError(f"the number {_short(text)} has more than {_MOST_DIGITS} digits")
    return int(text)


def _check(document: object) -> None:
    """Refuse what is nested too deep, or holds half characters; level by level, so that depth costs no stack."""
    level: list[object] = [document]
    for _ in range(_DEEPEST + 1):
        inside: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inside += each
                inside += each.values()
            elif isinstance(each, list):
                inside += each
            elif isinstance(each, str) and _HALF_CHARACTER.search(each):
                raise ValueError(f"the text {_short(each)} holds half a character")
        if not inside:
            return
        level = inside
    raise ValueError(_TOO_DEEP)


def _short(text: str) -> str:
    shown = ascii(text) if _HALF_CHARACTER.search(text) else repr(text)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."  # noqa: PLR2004 - enough to find it
