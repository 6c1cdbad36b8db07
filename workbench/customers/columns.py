"""Say what a column of a customer table holds: its meaning, kind, unit, example and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "currency", "number", "whole number", "date", "month", "week", "yes or no"]
NUMERIC = ("number", "whole number")
LARGEST = 1e15  # in size, for every numeric column: beyond it a float no longer holds cents, or whole numbers, exactly


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column.

    `required` means the file must have it and every row needs a value in it, unless `may_be_blank`. `comparable` names
    the columns of the table that must be equal for two values of this one to be held against each other; `names` says
    what the texts of a column are names of, such as plan: the same plan has the same name in every table. `needs`
    names the column without which a value means nothing.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    required: bool = False
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    may_be_blank: bool = False
    comparable: tuple[str, ...] = ()
    names: str = ""
    needs: str = ""

    @property
    def is_unlimited(self) -> bool:
        """Tell whether any value of its kind may stand in it."""
        return self.least is None and self.most is None and not self.choices

    @property
    def is_number(self) -> bool:
        """Tell whether the column holds numbers."""
        return self.kind in ("number", "whole number")

    @property
    def expected(self) -> str:
        """Say in words what a value must look like."""
        words = {
            "text": "a text",
            "currency": "a three-letter currency code such as USD",
            "number": "a number",
            "whole number": "a whole number",
            "date": "a date such as 2024-03-31",
            "month": "a month such as 2024-03",
            "week": "a date in the week, such as its Monday 2024-03-04",
            "yes or no": "yes or no (1 or 0)",
        }[self.kind]
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.least is not None and self.most is not None:
            return f"{words} from {self.least:g} to {self.most:g}"
        return f"{words}, {self.least:g} or more" if self.least is not None else words


@dataclass(frozen=True, slots=True)
class Table:
    """One documented table.

    `key` names the columns that together may occur once. `dated` is the column that places a row in time
    (None when the table has no history); rows that share the columns of `history` are one series through time.
    `open_ended` tables keep columns beyond the documented ones.
    """

    name: str
    holds: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    dated: str | None = None
    history: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    open_ended: bool = False
    column_aliases: dict[str, str] = field(default_factory=dict)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Name the columns a file of this table must have."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Name all documented columns in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the documented column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
