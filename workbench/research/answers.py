"""Read the answers of a survey: every problem in them at once, then plain columns and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.raw import RawTable, raw_frame
from workbench.customers.tables import plain_name
from workbench.customers.validate import ReadTable, read_table
from workbench.errors import DataErrors, Problem
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.columns import Table

    Rule = Callable[[ReadTable], Iterable[Problem]]
    """What a method asks beyond its documented columns; `ReadTable.problem` writes one problem of a row."""

WEIGHT = "weight"
RESPONDENT = "respondent"
PER = "per"
PER_ACCOUNT = "account"


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers as read: documented columns in order (missing where unknown), and the weight of every row.

    `frame` has one row per row given, numbered from 0. `rows` is the line a person sees for it: the header is line 1,
    so the first answer is 2. `weights` are 1 where nothing else was said.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.frame)

    def has(self, column: str) -> bool:
        """Tell whether anybody answered a column."""
        return column in self.frame and bool(self.frame[column].notna().any())

    def numbers(self, column: str) -> NDArray[np.float64]:
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
        One of the tables in `workbench.customers.survey_tables`.
    frame
        The answers; it is not changed. Columns may stand in any order, and others than the documented are left out
        (kept where the table is open-ended).
    rules
        What the method asks beyond the documented columns: each takes the table as read and yields problems.
    weights
        The name of a column of `frame`, or one number per row. None takes the column `weight` where there is one.
    number_respondents
        Give every row its own respondent where the frame has no such column.

    Raises
    ------
    DataErrors
        With every problem in the answers, when there is one.

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
    return Answers(read.frame, _rows(raw), _filled(read.frame))


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
    if isinstance(weights, str):
        if weights not in frame:
            known = ", ".join(str(name) for name in frame.columns)
            raise ResearchError(f"There is no column {weights!r} with weights.", f"The columns are {known}.")
        column = frame[weights].to_numpy()
    else:
        column = np.asarray(weights, dtype=float)
        if column.shape != (len(frame),):
            raise ResearchError(
                f"There are {column.size:,} weights for {len(frame):,} rows.", "Give one weight per row."
            )
    others = [name for name in frame.columns if plain_name(str(name)) != plain_name(WEIGHT)]
    return frame[others].assign(**{WEIGHT: column})


def _filled(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the weights, 1 for everybody where nobody has one."""
    if WEIGHT not in frame or not frame[WEIGHT].notna().any():
        return np.ones(len(frame))
    return frame[WEIGHT].to_numpy(dtype=float)


def _rows(raw: RawTable) -> NDArray[np.int64]:
    return np.asarray(raw.lines, dtype=np.int64)
