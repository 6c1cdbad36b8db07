"""Bring in a folder or workbook of exports: recognised, mapped, made into our tables, and kept beside the study."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench import progress
from workbench.customers.base import CustomerBase
from workbench.customers.intake.making import Making
from workbench.customers.intake.mapping import MAPPING_FILE, ImportMap, map_tables
from workbench.customers.intake.shapes import NOT_USED
from workbench.customers.intake.survey_layouts import arranged, ladder_of_prices, pairs_of_feelings
from workbench.customers.intake.surveys import is_survey, survey_answers
from workbench.customers.raw_tables import Source, other_kind
from workbench.customers.readers import PARQUET, TEXT_FILES, WORKBOOKS, read_file
from workbench.errors import DataErrors, MissingPlace, Problem, grouped
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.intake.ledger import RevenueRules
    from workbench.customers.raw_tables import RawTable

say = texts(__name__)
LEFT_OUT = ("file", "row", "who", "amount", "why")

# --- Read whatever lies in a folder


def read_exports(place: Path) -> tuple[Source, tuple[tuple[str, str], ...]]:
    """Read every table of a folder, file or workbook, whatever its name; and say what seems to be none."""
    if not place.exists():
        remedy = say("check_the_spelling", parent=place.absolute().parent)
        return Source((), problems=(MissingPlace("", place.name, None, "", str(place), say("a_place"), remedy),)), ()
    paths = sorted(place.iterdir(), key=lambda path: path.name.casefold()) if place.is_dir() else [place]
    tables: list[RawTable] = []
    problems: list[Problem] = []
    unread: list[tuple[str, str]] = []
    for path in progress.each(paths, lambda path: float(path.stat().st_size), say("reading")):
        if path.name.startswith((".", "~$")) or path.name == MAPPING_FILE:
            continue
        if path.is_dir():
            unread.append((path.name, say("a_folder")))
            continue
        if path.suffix.lower() not in (*TEXT_FILES, *WORKBOOKS, *PARQUET):
            unread.append((path.name, _seems(path)))
            continue
        found = read_file(path, None, every_sheet=True)
        tables += found.tables
        problems += found.problems
        unread += [(name, say("an_empty_sheet")) for name in found.ignored]
    return Source(tuple(tables), problems=tuple(problems), name=place.resolve().name), tuple(unread)


def _seems(path: Path) -> str:
    with path.open("rb") as file:
        kind = other_kind(file.read(1 << 16))
    return f"{kind.name}. {kind.remedy}" if kind else say("no_table", suffix=path.suffix or path.name)


def _answers(raw: RawTable, unfinished: list[tuple[str, pd.DataFrame]]) -> RawTable:
    """Return a table as it is, and one of a survey tool without what is no answer of a finished person."""
    if not is_survey(tuple(str(name) for name in raw.frame.columns)):
        return raw
    answers, people = survey_answers(raw)
    unfinished += [(raw.file, people)] if len(people) else []
    return answers


# --- What was brought in


@dataclass(frozen=True, eq=False)
class BroughtIn:
    r"""What an import found: the mapping with its questions, and the tables it makes of the exports.

    Attributes
    ----------
    mapping
        Which columns are which; suggestions that wait for an answer are its `questions`.
    tables
        Our tables, as they are with every suggestion taken.
    said
        What was done and is worth knowing: rows left out, rules in force, two sources held against each other.
    unread
        Files that hold no table, each with what it seems to be.
    problems
        Cells and files that cannot be read.
    left_out
        Every row that is left out: its file and row, whose it is, its amount, and why.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.customers.intake import bring_in
    >>> folder = Path(tempfile.mkdtemp())
    >>> rows = "Customer,Jan 2024,Feb 2024\nA,99.50,99.50\nB,20,25"
    >>> _ = (folder / "export (2).csv").write_text(rows)
    >>> found = bring_in(folder)
    >>> len(found.mapping.questions), found.tables["mrr"]["amount"].tolist()
    (4, [99.5, 99.5, 20.0, 25.0])
    """

    mapping: ImportMap
    tables: Mapping[str, pd.DataFrame]
    said: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LEFT_OUT))

    def base(self, currency: str = "") -> CustomerBase:
        """Return the customer base the tables make, held to everything later steps need.

        Raises
        ------
        DataErrors
            With every problem, of the files and of what they make together.

        """
        if self.problems:
            raise DataErrors(self.problems)
        return CustomerBase.from_tables(self.tables, currency=currency, rules=self.mapping.rules)


@dataclass(frozen=True, eq=False)
class Exports:
    """Exports that were read once, to be made into our tables as often as an answer changes.

    Attributes
    ----------
    place
        Where they lie.
    source, unread, unfinished
        The tables in them, the files that hold none, and per file the people who did not finish a survey.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from workbench.customers.intake import Exports
    >>> folder = Path(tempfile.mkdtemp())
    >>> pd.DataFrame({"account_id": ["A"], "name": ["Acme"]}).to_csv(folder / "customers.csv", index=False)
    >>> len(Exports.read(folder).source.tables)
    1
    """

    place: Path
    source: Source
    unread: tuple[tuple[str, str], ...]
    unfinished: tuple[tuple[str, pd.DataFrame], ...]

    @classmethod
    def read(cls, place: Path | str) -> Exports:
        """Read a folder, workbook or file of exports."""
        source, unread = read_exports(Path(place))
        raws, unfinished = arranged(source.tables)
        answers = [_answers(raw, unfinished) for raw in raws]
        tables = tuple(pairs_of_feelings(raw) or ladder_of_prices(raw) or raw for raw in answers)
        return cls(Path(place), replace(source, tables=tables), unread, tuple(unfinished))

    def made(
        self, remembered: ImportMap | None = None, *, currency: str = "", rules: RevenueRules | None = None
    ) -> BroughtIn:
        """Return what they make by a mapping, as `bring_in` does."""
        step = progress.Steps({"map": 0.5, "make": 3.0})
        with step("map"):
            mapping, groups = map_tables(self.source.tables, remembered)
            mapping = mapping if rules is None else replace(mapping, rules=rules)
        with step("make", say("making")):
            work = Making(dict(mapping.settings), currency=currency, rules=mapping.rules)
            work.problems += self.source.problems
            if not self.source.tables and not self.source.problems:
                name, remedy = self.place.name, say("put_exports_there")
                work.problems.append(Problem("", name, None, "", "", say("a_table"), remedy))
            for file, people in self.unfinished:
                work.said.append(say("unfinished_people", n=len(people), file=file))
                work.leave(file, people, say("not_finished"))
            for table, raws in zip(mapping.tables, groups, strict=True):
                if table.table.value == NOT_USED:
                    work.said.append(say("not_read", file=table.file, why=table.table.why or say("as_you_said")))
                    continue
                for raw in raws:
                    work.take(table, raw)
            tables = work.tables()
        settings = {key: each for key, each in work.settings.items() if each.sure or key in work.asked}
        found = replace(mapping, settings=settings)
        left_out = pd.concat(work.left_out, ignore_index=True) if work.left_out else pd.DataFrame(columns=LEFT_OUT)
        return BroughtIn(found, tables, tuple(work.said), self.unread, grouped(work.problems), left_out)


def bring_in(
    place: Path | str, remembered: ImportMap | None = None, *, currency: str = "", rules: RevenueRules | None = None
) -> BroughtIn:
    """Read a folder, workbook or file of exports and make our tables of it.

    Parameters
    ----------
    place
        Where the exports lie. Tables are recognised by what they hold, not by the names of files.
    remembered
        A mapping made before, whose answers hold.
    currency
        What amounts are in where nothing says so, or only a sign that several share; and what others are converted to.
    rules
        The rules by which recurring revenue is counted; those of the mapping unless given.

    Returns
    -------
    BroughtIn
        The mapping with what is to be confirmed, and the tables as they are with every suggestion taken.

    Examples
    --------
    >>> from workbench.customers.intake import bring_in
    >>> bring_in("no such folder").problems[0].expected
    'a folder, workbook or file that exists'
    """
    step = progress.Steps({"read": 3.0, "make": 3.5})
    with step("read"):
        exports = Exports.read(place)
    with step("make"):
        return exports.made(remembered, currency=currency, rules=rules)
