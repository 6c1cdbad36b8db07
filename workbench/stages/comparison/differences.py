"""Where two scenarios differ, field by field, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import number
from workbench.stages.registry import STAGES
from workbench.study import ABSENT, compare_scenarios

if TYPE_CHECKING:
    from workbench.study import FieldDifference, Scenario

LONGEST = 240
_TITLES = {stage.key: stage.title for stage in STAGES}


def differences_frame(left: Scenario, right: Scenario) -> pd.DataFrame:
    """Return one row per field in which two scenarios differ: where, and its value in each."""
    rows = [(_where(each), in_words(each.left), in_words(each.right)) for each in compare_scenarios(left, right)]
    return pd.DataFrame(rows, columns=["Field", left.name, right.name], dtype=object)


def in_words(value: object) -> str:
    """Write a value of a study document for a reader: lists and groups in one line, what is not set said so."""
    text = _in_words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _in_words(value: object) -> str:
    if value is ABSENT:
        return "not there"
    if isinstance(value, list):
        return ", ".join(map(_in_words, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{_plain(key)}: {_in_words(each)}" for key, each in value.items()) or "none"
    return _plain_value(value)


def _plain_value(value: object) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int | float) else str(value)


def _where(difference: FieldDifference) -> str:
    """Name the field by the title of its stage and the words of its path."""
    if difference.path[0] != "stages":
        return difference.where[:1].upper() + difference.where[1:]
    if len(difference.path) == 1:
        return "All stages"
    key = difference.path[1]
    inside = difference.where.removeprefix("stages > ").removeprefix(_plain(key)).removeprefix(" > ")
    title = _TITLES.get(key, _plain(key))
    return f"{title}: {inside}" if inside else f"{title}: whole decision"


def _plain(key: str) -> str:
    return key.replace("_", " ")
