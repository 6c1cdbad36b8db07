"""Names that no table lists, or that differ from a listed one in capitals, spaces and hyphens only."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.suspect import Suspect
from workbench.customers.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from workbench.customers.suspect import SomeTables

_BETWEEN = re.compile(r"[\s_-]+")
_LISTED_IN = {"plan": "plans", "metric": "usage", "feature": "features"}
_MATTERS = {  # what follows from a name that is not listed, by table and column
    ("accounts", "plan"): "today's prices give no bill for any other plan",
    ("mrr", "plan"): "today's prices give no bill for any other plan",
    ("plans", "metric"): "the price list charges it, and what no usage counts cannot be billed",
    ("plan_limits", "metric"): "a limit on what no usage counts limits nobody",
}
_IN_PLACE_OF_A_NAME = {"account"}  # what a price can be per, beside a metric


def names_apart(base: SomeTables) -> Iterator[Suspect]:
    """Yield names that are probably meant to be another one, and names whose absence from a list matters."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for name in base.tables:
        for column in TABLES[name].columns:
            if column.names:
                columns.setdefault(column.names, []).append((name, column.name))
    for what, places in columns.items():
        home = _LISTED_IN.get(what, "")
        yield from _apart(base, what, sorted(places, key=lambda place: place[0] != home))


def _apart(base: SomeTables, what: str, places: list[tuple[str, str]]) -> Iterator[Suspect]:
    """Look at one kind of names, the table that lists them first."""
    spelt: dict[str, str] = {}
    home = _LISTED_IN.get(what, "")
    for table, column in places:
        texts = base.frames[table][column]
        listed = home != "plans" or "plans" in base.frames  # a company without a price list lacks no plan in it
        for name in texts.value_counts().index:
            key = _key(str(name))
            known = spelt.get(key)
            if known == name or key in _IN_PLACE_OF_A_NAME:
                continue
            matters = _MATTERS.get((table, column), "") if listed else ""
            if known is not None:
                why = matters or "names that differ in capitals or spaces only are different names"
                remedy = f"Write {known} here too if it is the same."
                expected = f"{known!r}, as it is written elsewhere: {why}"
                yield Suspect(table, column, _rows(texts, name), expected, remedy)
            elif matters:
                close = get_close_matches(key, spelt, n=1)
                remedy = (
                    f"Is it {spelt[close[0]]!r}? Then write it so." if close else "Add it there, or leave it as it is."
                )
                yield Suspect(table, column, _rows(texts, name), f"a {what} of the table {home}: {matters}", remedy)
            else:
                spelt[key] = str(name)


def _rows(texts: pd.Series, name: object) -> np.ndarray:
    return np.flatnonzero((texts == name).to_numpy())


def _key(name: str) -> str:
    """Reduce a name to what tells it from others: letters, digits and signs, without capitals, spaces and hyphens."""
    return _BETWEEN.sub("", name.casefold())
