"""Keep which of a company's columns is which of ours, as a file that people read and edit, and use it again."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench import progress
from workbench.customers.intake.ledger import RULE_CHOICES, RevenueRules
from workbench.customers.intake.matching import CHOICES, OF_ACCOUNT, Answer, TableMap, map_table
from workbench.customers.intake.shapes import BY_FEATURE, BY_METRIC, BY_MONTH, NOT_USED, SHAPES, SPREADS
from workbench.customers.raw_tables import RawTable, name_columns
from workbench.customers.tables import ACCOUNTS, plain_name
from workbench.customers.values import read_dates
from workbench.errors import WorkbenchError
from workbench.files import read_bytes
from workbench.formatting import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

MAPPING_FILE = "mapping.toml"
_ASKED = " ?"  # behind a suggestion
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SEVERAL = frozenset({NOT_USED, BY_MONTH, BY_METRIC, BY_FEATURE})  # what many columns of a table are read as
_VERSION = 1
_INTRODUCTION = """\
# Which columns of your exports are which of ours, one [[table]] for each kind of table. The next export with the same
# columns goes in by this file without a question. A value that ends in ? is a suggestion: take the ? away to confirm
# it, or write what is right ("not used" leaves a column out).
"""


class MappingError(WorkbenchError):
    r"""Refuse a mapping that names what is not there.

    Parameters
    ----------
    message
        What is wrong, where, and the value.
    advice
        What to do.

    Examples
    --------
    >>> from workbench.customers.intake import ImportMap, MappingError
    >>> try:
    ...     ImportMap.read('version = 1\n[[table]]\nfile = "a.csv"\nread_as = "mmr"')
    ... except MappingError as error:
    ...     print(error.message)
    mapping.toml, a.csv: 'mmr' is no table.
    """


@dataclass(frozen=True)
class ImportMap:
    """How a company's exports are read: its tables, and settings that hold for all of them.

    Attributes
    ----------
    tables
        What each kind of table is.
    settings
        Answers that belong to no single table.
    rules
        The rules by which recurring revenue is counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import ImportMap, map_frame
    >>> found = ImportMap((map_frame(pd.DataFrame({"Kunde": ["A"], "Monat": ["2024-01"], "Umsatz": ["9,5"]})),))
    >>> len(found.questions), found.confirmed().questions
    (4, ())
    >>> ImportMap.read(found.text()).tables[0].columns["Umsatz"]
    Answer(value='amount', sure=False, why='')
    """

    tables: tuple[TableMap, ...]
    settings: Mapping[str, Answer] = field(default_factory=dict)
    rules: RevenueRules = field(default_factory=RevenueRules)

    @property
    def questions(self) -> tuple[tuple[str, str, str], ...]:
        """Return every line to confirm: the file, the line, and what is suggested; the file is "" for a setting."""
        asked = []
        for table in self.tables:
            lines = {"table": table.table, **table.options, **table.columns}
            asked += [(table.file, name, lines[name].value) for name in table.open_lines]
        return (*asked, *(("", name, each.value) for name, each in self.settings.items() if not each.sure))

    def confirmed(self) -> ImportMap:
        """Return it with every suggestion confirmed."""
        settings = {name: each.confirmed() for name, each in self.settings.items()}
        return replace(self, tables=tuple(table.confirmed() for table in self.tables), settings=settings)

    def answered(self, file: str, line: str, value: str) -> ImportMap:
        """Return it with one line as somebody says it is: of a table, or of all of them where the file is "".

        The line is "table", an option or a column, or the key of a setting. Another column that was read as the same
        column of ours is asked about again, for only one of them can be it.
        """
        if not file:
            given = self.settings.get(line, Answer(value))
            return replace(self, settings={**self.settings, line: replace(given, value=value, sure=True)})
        tables = tuple(_answered(table, line, value) if table.file == file else table for table in self.tables)
        return replace(self, tables=tables)

    def with_absent(self, before: ImportMap) -> ImportMap:
        """Return it with the tables of an earlier one that did not come this time, for when they come again."""
        keys = [_key(table.header) for table in self.tables]
        absent = [
            table for table in before.tables
            if not any(_in_common(_key(table.header), key) >= _ALIKE_TABLES for key in keys)
        ]  # fmt: skip
        return replace(self, tables=(*self.tables, *absent))

    def columns_frame(self) -> pd.DataFrame:
        """Return yours -> ours, for showing: file, your column, ours, three sample values, and what is open."""
        import pandas as pd  # noqa: PLC0415 - as the callers of everything else need none

        rows = [
            (
                table.file, name, "" if each.value == NOT_USED else each.value, ", ".join(table.samples.get(name, ())),
                "to confirm" if name in table.open_lines else "", each.why,
            )
            for table in self.tables
            for name, each in table.columns.items()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["File", "Yours", "Ours", "Values", "Open", "Why"], dtype=object)

    def text(self) -> str:
        """Return it as the text of a mapping file."""
        parts = [_INTRODUCTION, f"version = {_VERSION}\n"]
        if self.settings:
            parts.append(
                "[settings]\n" + "".join(_line(name, each, each.choices) for name, each in self.settings.items())
            )
        rules = self.rules.written()
        said = "".join(_line(name, Answer(text), RULE_CHOICES[name]) for name, text in rules.items())
        return "\n".join([*parts, f"[rules]\n{said}", *(_section(table) for table in self.tables)])

    @classmethod
    def read(cls, text: str, name: str = MAPPING_FILE) -> ImportMap:
        """Read the text of a mapping file.

        Raises
        ------
        MappingError
            When it is no TOML, or names a table or column that is not ours.

        """
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise MappingError(f"{name} cannot be read: {error}.", "Correct the line, or remove the file.") from error
        if found.get("version") != _VERSION:
            raise MappingError(
                f"{name} has the version {found.get('version')!r}; this is version {_VERSION}.",
                "Remove the file to map the columns anew.",
            )
        tables = tuple(_table(each, name) for each in found.get("table", ()))
        try:
            rules = RevenueRules().with_written(found.get("rules", {}))
        except WorkbenchError as error:
            raise MappingError(f"{name}, rules: {error.message}", error.advice) from error
        return cls(tables, {key: _answer(value) for key, value in found.get("settings", {}).items()}, rules)

    @classmethod
    def load(cls, path: Path) -> ImportMap:
        """Read a mapping file; an empty mapping where there is none."""
        return cls.read(read_bytes(path).decode("utf-8"), path.name) if path.is_file() else cls(())


def _answered(table: TableMap, line: str, value: str) -> TableMap:
    """Return a table with one line as somebody says it is; read as another table, its columns are looked at anew."""
    if line == "table":
        of_table = replace(table, table=Answer(value))
        return of_table if value == table.table.value else replace(of_table, export="", columns={}, options={})
    if line in table.options:
        said = replace(table.options[line], value=value, sure=True)
        return replace(table, options={**table.options, line: said})
    columns = {
        name: Answer(NOT_USED, sure=False)
        if each.value == value and value not in _SEVERAL and name != line and not table.export
        else each
        for name, each in table.columns.items()
    }
    return replace(table, columns={**columns, line: Answer(value)})


def _section(table: TableMap) -> str:
    known = f"export = {_quoted(table.export)}\n" if table.export else ""
    head = f"[[table]]\nfile = {_quoted(table.file)}\n{known}{_line('read_as', table.table)}"
    options = "".join(_line(f"options.{name}", each) for name, each in table.options.items())
    columns = "".join(_line(name, each, table.samples.get(name, ())) for name, each in table.columns.items())
    return f"{head}{options}[table.columns]\n{columns}"


def _line(name: str, answer: Answer, samples: Iterable[str] = ()) -> str:
    bare = name.removeprefix("options.")
    key = name if _BARE.fullmatch(bare) else _quoted(name)
    said = " | ".join(filter(None, (", ".join(samples), answer.why))).replace("\n", " ")
    comment = "  # " + "".join(character if character.isprintable() else " " for character in said) if said else ""
    value = _quoted(answer.value + ("" if answer.sure else _ASKED))
    return f"{key} = {value}{comment}\n"


def _quoted(text: str) -> str:
    """Write a text as TOML does, which is as JSON does but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _answer(value: object) -> Answer:
    text = str(value).strip()
    return Answer(text.removesuffix("?").strip(), sure=not text.endswith("?"))


def _table(found: Mapping[str, Any], name: str) -> TableMap:
    file, read_as = str(found.get("file", "")), _answer(found.get("read_as", NOT_USED))
    if read_as.value not in (*SHAPES, NOT_USED):
        raise MappingError(f"{name}, {file}: {read_as.value!r} is no table.", f"Write one of {', '.join(SHAPES)}.")
    columns = {key: _answer(value) for key, value in found.get("columns", {}).items()}
    allowed = roles_of(read_as.value)
    for theirs, each in columns.items():
        if each.value not in allowed and not SHAPES.get(read_as.value, SHAPES["accounts"]).table.open_ended:
            raise MappingError(
                f"{name}, {file}: {theirs!r} is read as {each.value!r}, which is no column of {read_as.value}.",
                f"Write one of {', '.join(allowed)}.",
            )
    for role, theirs in _said_twice(columns, found.get("export", "")).items():
        raise MappingError(
            f"{name}, {file}: {' and '.join(map(repr, theirs))} are both read as {role}.", "Keep one of them."
        )
    options = {key: _answer(value) for key, value in found.get("options", {}).items()}
    for key, each in options.items():
        if each.value not in CHOICES.get(key, (each.value,)):
            raise MappingError(
                f"{name}, {file}: options.{key} is {each.value!r}.", f"Write one of {', '.join(CHOICES[key])}."
            )
    return TableMap(file, tuple(columns), str(found.get("export", "")), read_as, columns, options)


def _said_twice(columns: Mapping[str, Answer], export: str) -> dict[str, list[str]]:
    """Return the columns of ours that several of theirs are read as; a known export's stand in for each other."""
    theirs: dict[str, list[str]] = {}
    for name, each in columns.items():
        if not export and each.sure and each.value not in _SEVERAL:
            theirs.setdefault(each.value, []).append(name)
    return {role: names for role, names in theirs.items() if len(names) > 1}


def roles_of(table: str) -> tuple[str, ...]:
    """Name what a column of theirs can be read as in a table of ours."""
    if table not in SHAPES:
        return (NOT_USED,)
    shape = SHAPES[table]
    of_account = tuple(
        OF_ACCOUNT + column.name
        for column in ACCOUNTS.columns[1:]
        if "account_id" in shape.columns and table != "accounts"
    )
    return (*shape.columns, *of_account, *SPREADS.get(table, ()), NOT_USED)


# --- Map what was found: as it was confirmed before where the columns are known, anew where they are not


def map_tables(
    tables: Iterable[RawTable], remembered: ImportMap | None = None
) -> tuple[ImportMap, list[list[RawTable]]]:
    """Map the tables of an export.

    Parameters
    ----------
    tables
        The tables as they were found. Those with the same columns, such as one file a month, are one kind of table.
    remembered
        A mapping made before; what it says of a column is taken.

    Returns
    -------
    tuple[ImportMap, list[list[RawTable]]]
        The mapping, and for each of its tables what is read by it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import map_tables
    >>> from workbench.customers.raw_tables import raw_frame
    >>> raw = raw_frame("x.csv", pd.DataFrame({"account_id": ["A"], "month": ["2024-01"], "amount": [9]}))
    >>> mapping, groups = map_tables([raw])
    >>> mapping.tables[0].table.value, mapping.questions, len(groups)
    ('mrr', (), 1)
    """
    groups: dict[frozenset[str], list[RawTable]] = {}
    for raw in tables:
        groups.setdefault(_key(str(name) for name in raw.frame.columns), []).append(raw)
    known = remembered or ImportMap(())
    maps = []
    for key, raws in progress.each([*groups.items()], lambda _: 1.0, "looking at the columns"):
        found = map_table(raws[0])
        before = _before(key, known)
        if before is not None and before.table.value != found.table.value:
            found = map_table(raws[0], before.table.value)
        header = tuple(dict.fromkeys(str(name) for raw in raws for name in raw.frame.columns))
        if len(raws) > 1:
            found = replace(found, file=f"{raws[0].file} and {count('file', len(raws) - 1)} like it")
        maps.append(_as_before(found, key, before, header))
    return replace(known, tables=tuple(maps)), list(groups.values())


def map_frame(frame: pd.DataFrame, file: str = "table.csv") -> TableMap:
    """Say what a table in memory is and what its columns are, as `map_tables` does of a file of that name.

    Parameters
    ----------
    frame, file
        The table, and what it is called.

    Returns
    -------
    TableMap
        What it is, certain or suggested.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import map_frame
    >>> map_frame(pd.DataFrame({"account_id": ["A", "B"], "Since": ["2024-01-02", ""]})).columns["Since"].sure
    False
    """
    named = frame.set_axis(name_columns([str(name) for name in frame.columns]), axis=1)
    return map_table(RawTable("", file, named, np.arange(len(named)) + 2))


def _key(header: Iterable[str]) -> frozenset[str]:
    """Return what tells a kind of table from others: its columns, months aside, which are others each time."""
    names = list(header)
    no_month = read_dates(np.array(names, dtype=object), day_first=True, months=True)[1]
    return frozenset(plain_name(name) for name, bad in zip(names, no_month, strict=True) if bad)


_ALIKE_TABLES = 0.6  # share of columns in common from which a table is one mapped before, changed


def _in_common(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / (len(left | right) or 1)


def _before(key: frozenset[str], known: ImportMap) -> TableMap | None:
    """Return the table with the same columns, or most of them, of which something was said before."""
    near = [(_in_common(key, _key(table.header)), table) for table in known.tables]
    share, before = max(near, key=lambda one: one[0], default=(0.0, None))
    return before if share >= _ALIKE_TABLES else None


def _as_before(found: TableMap, key: frozenset[str], before: TableMap | None, header: tuple[str, ...]) -> TableMap:
    """Take what was said before of a table."""
    if before is not None and not before.columns:  # said of it was what it is, and no more
        found, before = replace(found, table=before.table), None
    if before is None:
        spread = next((each for each in found.columns.values() if each.value == BY_MONTH), None)
        columns = {name: found.columns.get(name) or spread or Answer(NOT_USED, sure=False) for name in header}
        return replace(found, header=header, columns=columns)
    said = {plain_name(name): each for name, each in before.columns.items()}
    spread = next((each for each in before.columns.values() if each.value == BY_MONTH), None)
    taken = {each.value for each in said.values()}
    columns = {}
    for name in header:
        fresh = found.columns.get(name, Answer(NOT_USED, sure=False))
        if plain_name(name) in said:
            columns[name] = replace(said[plain_name(name)], why=fresh.why)
        elif spread is not None and not _key([name]):
            columns[name] = spread
        elif fresh.value in taken and fresh.value != NOT_USED:
            columns[name] = Answer(NOT_USED, sure=False, why="new")
        else:
            columns[name] = replace(fresh, sure=fresh.sure and bool(found.export), why="new")
    gone = [name for name, each in before.columns.items()
            if plain_name(name) not in key and _key([name]) and each.value != NOT_USED]  # fmt: skip
    options = dict(found.options) | {
        key: replace(each, why=found.options[key].why) if key in found.options else each
        for key, each in before.options.items()
    }
    if gone:
        options["missing"] = Answer(", ".join(gone), sure=False, why="columns that were there before")
    table = replace(before.table, sure=before.table.sure and not gone)
    return replace(found, header=header, table=table, columns=columns, options=options)
