"""Read the answers of a survey, from one table or many files: every problem at once, then columns and weights."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import raw_frame
from workbench.customers.readers import read_file
from workbench.customers.tables import SURVEY_TABLES, plain_name
from workbench.customers.validate import ReadTable, read_table
from workbench.errors import DataErrors, FileError, Problem, WorkbenchError
from workbench.files import write_bytes
from workbench.outputs import check_table, csv_bytes
from workbench.results import Caution
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.tables import Table
    from workbench.stats import Floats, Ints

    Rule = Callable[[ReadTable], Iterable[Problem]]
    """What a method asks beyond its documented columns; `ReadTable.problem` writes one problem of a row."""


say = texts(__name__)


class ResearchError(WorkbenchError, ValueError):
    """Refuse a question that the answers of a survey, or the settings given, cannot settle.

    Examples
    --------
    >>> from workbench.research import asked_prices
    >>> asked_prices([10, 20])
    Traceback (most recent call last):
        ...
    workbench.research.answers.ResearchError: ...
    """


# --- Read the answers of a survey: every problem in them at once, then plain columns and weights

WEIGHT = "weight"
RESPONDENT = "respondent"
PER = "per"
PER_ACCOUNT = "account"


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers as read: documented columns in order (missing where unknown), and the weight of every row.

    Attributes
    ----------
    frame
        Documented columns in order, missing where unknown; one row per row given, numbered from 0.
    rows
        The line a person sees for each: the header is line 1, so the first answer is 2.
    weights
        One per row; 1 where nothing else was said.

    Examples
    --------
    >>> from workbench.research import example_answers, read_answers
    >>> frame = example_answers("price-ladder")
    >>> from workbench.customers.tables import TABLES
    >>> answers = read_answers(TABLES["survey_price_ladder"], frame)
    >>> answers.rows[:2].tolist(), answers.numbers("price")[:3].tolist(), answers.has("weight")
    ([2, 3], [10.0, 20.0, 30.0], False)
    """

    frame: pd.DataFrame
    rows: Ints
    weights: Floats

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.frame)

    def has(self, column: str) -> bool:
        """Tell whether anybody answered a column."""
        return column in self.frame and bool(self.frame[column].notna().any())

    def numbers(self, column: str) -> Floats:
        """Return a numeric column, NaN where unknown."""
        return self.frame[column].to_numpy(dtype=float, na_value=np.nan)

    @property
    def per(self) -> str:
        """Say what one price buys: account, or a metric such as seats; "" where nobody said so."""
        if not self.has(PER):
            return ""
        return str(_per(self.frame).iloc[0])

    def texts(self, column: str) -> NDArray[np.object_]:
        """Return a text column, "" where unknown."""
        return self.frame[column].fillna("").to_numpy(dtype=object)


def read_answers(
    table: Table,
    frame: pd.DataFrame,
    rules: Iterable[Rule] = (),
    *,
    weights: str | ArrayLike | None = None,
    number_respondents: bool = False,
) -> Answers:
    """Read a frame of answers in the layout of a survey table.

    Parameters
    ----------
    table
        One of the tables in `workbench.customers.tables`.
    frame
        The answers; it is not changed. Columns may stand in any order, and others than the documented are left out
        (kept where the table is open-ended).
    rules
        What the method asks beyond the documented columns: each takes the table as read and yields problems.
    weights
        The name of a column of `frame`, or one number per row. None takes the column `weight` where there is one.
    number_respondents
        Give every row its own respondent where the frame has no such column.

    Returns
    -------
    Answers
        The documented columns in order, each row with its weight and its line.

    Raises
    ------
    DataErrors
        With every problem in the answers, when there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.tables import TABLES
    >>> from workbench.research import read_answers
    >>> frame = pd.DataFrame({"accepted": [1, 0], "price": [20, 40], "respondent": ["R1", "R1"], "remark": "none"})
    >>> answers = read_answers(TABLES["survey_price_ladder"], frame, number_respondents=True)
    >>> answers.numbers("price").tolist(), "remark" in answers.frame
    ([20.0, 40.0], False)
    """
    if not isinstance(frame, pd.DataFrame):
        raise ResearchError(f"The answers are a {type(frame).__name__}.", "Give a pandas DataFrame.")
    given = _numbered(frame) if number_respondents else frame
    raw = raw_frame(table.name, _weighed(given, weights))
    read = read_table(raw)
    problems = list(read.problems)
    if read.complete:
        problems += weight_problems(read)
        for rule in rules:
            problems += rule(read)
    if problems:
        raise DataErrors(problems)
    return Answers(read.frame, np.asarray(raw.lines, dtype=np.int64), filled_weights(read.frame))


def weight_problems(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every blank weight beside known ones, and one when nobody counts."""
    if WEIGHT not in read.frame or not read.frame[WEIGHT].notna().any():
        return
    weight = read.frame[WEIGHT].to_numpy(dtype=float, na_value=np.nan)
    expected = "a weight for everybody, or for nobody"
    remedy = "Fill in the weight; 1 counts as one person, 0 as none."
    yield from read.problems_at(np.flatnonzero(np.isnan(weight)), WEIGHT, expected, remedy)
    if not np.nansum(weight) > 0:
        yield read.problem(None, WEIGHT, 0.0, "weights that add up to more than 0", "Give somebody a weight above 0.")


def per_respondent(read: ReadTable, column: str) -> Iterator[Problem]:
    """Yield a problem where a column that describes the respondent changes between rows of one respondent."""
    if column not in read.frame:
        return
    values = read.frame[column]
    codes = pd.factorize(values, use_na_sentinel=False)[0]
    first = pd.Series(codes).groupby(read.frame[RESPONDENT].to_numpy(dtype=object)).transform("first").to_numpy()
    rows = np.flatnonzero(codes != first)
    who = (
        f"{value} of {name}" for value, name in zip(values.iloc[rows], read.frame[RESPONDENT].iloc[rows], strict=True)
    )
    remedy = f"Write the same {column} in every row of a respondent."
    yield from read.problems_at(rows, column, f"one {column} per respondent", remedy, who)


def same_weight(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem where the weight changes between rows of one respondent."""
    yield from per_respondent(read, WEIGHT)


def about_one_unit(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every price that buys something else than most prices do: such prices do not compare."""
    if PER not in read.frame or not len(read.frame):
        return
    per = _per(read.frame)
    usual = per.value_counts().index[0]
    remedy = f"Look at prices per {usual} and at the others one after the other, in frames of their own."
    rows = np.flatnonzero((per != usual).to_numpy())
    yield from read.problems_at(rows, PER, f"{usual}, as in most rows", remedy, per.iloc[rows])


def _per(frame: pd.DataFrame) -> pd.Series:
    """Return what each price buys, an account where nothing is said."""
    return frame[PER].fillna(PER_ACCOUNT).str.strip().replace("", PER_ACCOUNT)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every row its own respondent where nobody is named."""
    if any(plain_name(str(name)) == plain_name(RESPONDENT) for name in frame.columns):
        return frame
    return frame.assign(**{RESPONDENT: [f"row {number}" for number in range(2, len(frame) + 2)]})


def _weighed(frame: pd.DataFrame, weights: str | ArrayLike | None) -> pd.DataFrame:
    """Put the weights given into the weight column, so that they are checked like any other."""
    if weights is None:
        return frame
    others = [name for name in frame.columns if plain_name(str(name)) != plain_name(WEIGHT)]
    return frame[others].assign(**{WEIGHT: given_values(frame, weights, "weights")})


def given_values(frame: pd.DataFrame, given: str | ArrayLike, what: str) -> NDArray[Any]:
    """Return a column by its name, or the values given themselves: one for each row."""
    if isinstance(given, str):
        if given not in frame:
            known = ", ".join(str(name) for name in frame.columns)
            raise ResearchError(f"There is no column {given!r} with {what}.", f"The columns are {known}.")
        return frame[given].to_numpy()
    values = np.asarray(given)
    if values.shape != (len(frame),):
        raise ResearchError(f"There are {values.size:,} {what} for {len(frame):,} rows.", "Give one per row.")
    return values


def filled_weights(frame: pd.DataFrame) -> Floats:
    """Return the weights, 1 for everybody where nobody has one."""
    if WEIGHT not in frame or not frame[WEIGHT].notna().any():
        return np.ones(len(frame))
    return frame[WEIGHT].to_numpy(dtype=float, na_value=np.nan)


# --- Many answer files, one per respondent, read into one table per method that the customer base loads

_NAMES = sorted((table.name for table in SURVEY_TABLES), key=len, reverse=True)


@dataclass(frozen=True, eq=False)
class CombinedAnswers:
    """The answers of all files by survey table; `files` were read, `ignored` are no answer files, `repeated` copies.

    Attributes
    ----------
    tables
        The answers by survey table.
    files
        How many files were read.
    ignored, repeated
        Files that hold no answers, and copies.
    cautions
        Tables in which answers to different questionnaires stand together.
    place
        The folder they came from.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from workbench.research import combine_answers
    >>> folder = Path(tempfile.mkdtemp())
    >>> for who in ("R1", "R2"):
    ...     answers = pd.DataFrame({"respondent": who, "price": [20, 40], "accepted": [1, 0]})
    ...     answers.to_csv(folder / f"survey_price_ladder {who}.csv", index=False)
    >>> found = combine_answers(folder)
    >>> found.files, found.respondents
    (2, {'survey_price_ladder': 2})
    """

    tables: Mapping[str, pd.DataFrame]
    files: int
    ignored: tuple[str, ...]
    repeated: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()
    place: Path | None = None

    @property
    def respondents(self) -> dict[str, int]:
        """Count the respondents of each table."""
        return {name: int(frame["respondent"].nunique()) for name, frame in self.tables.items()}

    def save(self, folder: Path | str, *, force: bool = False) -> tuple[Path, ...]:
        """Write one CSV file per table, named as the customer base expects it; return the files.

        A table that is there already is replaced where the new one has all its rows, another one with rows never, and
        what else is there only with `force`: FileError says so, and nothing is written then. The folder the answers
        come from is refused.
        """
        place = Path(folder)
        if self.place is not None and Path(os.path.realpath(place)).is_relative_to(os.path.realpath(self.place)):
            raise FileError(
                f"{place} is where the answers come from; the tables would be read as answers the next time.",
                "Name another folder.",
            )
        contents = {place / f"{name}.csv": csv_bytes(frame) for name, frame in self.tables.items()}
        for path, content in contents.items():
            check_table(path, content, force=force)
        return tuple(write_bytes(path, content) for path, content in contents.items())


def combine_answers(folder: Path | str) -> CombinedAnswers:
    """Read a folder of answer files (subfolders too) into one table per method.

    A file belongs to a table when its name begins with the table's name, as questionnaires write it and however a
    browser numbers copies. Files with the same content count once.

    Parameters
    ----------
    folder
        Where the files lie.

    Returns
    -------
    CombinedAnswers
        One table per method, and what was left out.

    Raises
    ------
    DataErrors
        With every problem in any file, among them a respondent who answered twice with different answers.
    ResearchError
        When there is no answer file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from workbench.research import combine_answers
    >>> folder = Path(tempfile.mkdtemp())
    >>> answers = pd.DataFrame({"respondent": "R1", "price": [20, 40], "accepted": [1, 0]})
    >>> for name in ("survey_price_ladder.csv", "survey_price_ladder (1).csv", "notes.csv"):
    ...     answers.to_csv(folder / name, index=False)
    >>> found = combine_answers(folder)
    >>> len(found.tables["survey_price_ladder"]), len(found.repeated), len(found.ignored)
    (2, 1, 1)
    """
    place = Path(folder)
    if not place.is_dir():
        raise ResearchError(f"There is no folder {place}.", "Name the folder that holds the answer files.")
    paths = sorted(path for path in place.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    known = [(path, table) for path in paths if (table := _table_of(path))]
    ignored = tuple(str(path.relative_to(place)) for path in paths if not _table_of(path))
    if not known:
        raise ResearchError(
            f"{place} holds no answer file.", f"Their names begin with {', '.join(sorted(_NAMES))} and end with .csv."
        )
    problems: list[Problem] = []
    parts: dict[str, list[tuple[str, pd.DataFrame]]] = {}
    seen: set[tuple[str, bytes]] = set()
    repeated = []
    for path, table in known:
        name = str(path.relative_to(place))
        if (content := (table, path.read_bytes())) in seen:
            repeated.append(name)
            continue
        seen.add(content)
        frame, wrong = _read(path, table, name)
        problems += wrong
        if frame is not None:
            parts.setdefault(table, []).append((name, frame))
    for table, frames in parts.items():
        problems += _answered_twice(table, frames)
    if problems:
        raise DataErrors(problems)
    tables = {table: _together([frame for _, frame in frames]) for table, frames in sorted(parts.items())}
    cautions = tuple(caution for table, frame in tables.items() for caution in _mixed_designs(table, frame))
    return CombinedAnswers(tables, len(known), ignored, tuple(repeated), cautions, place)


def _table_of(path: Path) -> str:
    """Return the survey table a file name begins with, "" when none."""
    if path.suffix.lower() != ".csv":
        return ""
    return next((name for name in _NAMES if path.name.lower().startswith(name)), "")


def _read(path: Path, table: str, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    source = read_file(path, table)
    problems = list(source.problems)
    frame = None
    for raw in source.tables:
        read = read_table(raw)
        problems += read.problems
        frame = read.frame
    named = [
        Problem(each.table, name, each.row, each.column, each.value, each.expected, each.remedy) for each in problems
    ]
    return (None if named else frame), named


def _answered_twice(table: str, frames: list[tuple[str, pd.DataFrame]]) -> Iterator[Problem]:
    """Yield a problem for every respondent who is in several files."""
    first: dict[str, str] = {}
    for name, frame in frames:
        for who in frame["respondent"].dropna().unique():
            if who in first:
                yield Problem(
                    table, name, None, "respondent", str(who), "each respondent in one file",
                    f"{first[who]} holds other answers of {who}: keep one of the two files, or give one another code.",
                )  # fmt: skip
            else:
                first[who] = name


def _mixed_designs(table: str, frame: pd.DataFrame) -> Iterator[Caution]:
    """Yield a caution when answers come from several questionnaires, which a version names before its dash."""
    if "version" not in frame:
        return
    designs = frame["version"].dropna().astype(str).str.extract(r"^(.+)-\d+$")[0]
    people = frame["respondent"].groupby(designs).nunique()
    if len(people) > 1:
        yield Caution(say("different_questionnaires", table=table, people=people.to_dict()))


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables below each other; columns nobody filled in are left out, those of only some are kept blank."""
    table = pd.concat([frame.astype(object) for frame in frames], ignore_index=True).dropna(axis=1, how="all")
    for name, values in table.items():
        dtypes = {frame[name].dtype for frame in frames if name in frame and frame[name].notna().any()}
        table[name] = values.astype(dtypes.pop()) if len(dtypes) == 1 else _plain(values)
    return table


def _plain(values: pd.Series) -> pd.Series:
    """Return numbers where all known values are numbers, else texts."""
    numbers = pd.to_numeric(values, errors="coerce")
    if not (values.notna() & numbers.isna()).any():
        return numbers
    return values.where(values.notna(), np.nan).map(str, na_action="ignore")
