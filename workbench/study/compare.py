"""Compare two scenarios, or two studies, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.study.keyed import ABSENT, Json, Path, Value, by_key, in_words, key_field, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.study.document import Study
    from workbench.study.scenario import Scenario


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that differs: its path, the path in words, and the value on each side (ABSENT where there is none)."""

    path: Path
    where: str
    left: Value
    right: Value


def compare_scenarios(left: Scenario, right: Scenario) -> tuple[FieldDifference, ...]:
    """Return every field of note, decisions and waivers that differs between two scenarios."""
    leave_out = {"id", "name", "kind"}
    return differences(
        left.model_dump(mode="json", exclude=leave_out), right.model_dump(mode="json", exclude=leave_out)
    )


def compare_studies(left: Study, right: Study) -> tuple[FieldDifference, ...]:
    """Return every field that differs between two versions of a study; the revision is left out."""
    return differences(
        left.model_dump(mode="json", exclude={"revision"}), right.model_dump(mode="json", exclude={"revision"})
    )


def same_content(left: Study, right: Study) -> bool:
    """Tell whether two versions of a study differ in nothing but their revision."""
    return left is right or not compare_studies(left, right)


def differences(left: Json, right: Json) -> tuple[FieldDifference, ...]:
    """Return every field that differs between two JSON documents; items of lists are matched by their key."""
    return tuple(
        FieldDifference(path, in_words(path, right if right_value is not ABSENT else left), left_value, right_value)
        for path, left_value, right_value in _walk((), left, right)
    )


def _walk(path: Path, left: Value, right: Value) -> Iterator[tuple[Path, Value, Value]]:
    if same(left, right):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        yield from _walk_both(path, left, right)
        return
    field = key_field(left, right) if isinstance(left, list) and isinstance(right, list) else None
    left_items, right_items = (by_key(items, field) if field else {} for items in (left, right))
    # The same items in another order differ as a whole list; no single item would show it.
    if field is None or all(same(right_items.get(key, ABSENT), item) for key, item in left_items.items()):
        is_growth = field is not None and left_items.keys() != right_items.keys()
        if not is_growth:
            yield path, left, right
            return
    yield from _walk_both(path, left_items, right_items)


def _walk_both(path: Path, left: dict[str, Json], right: dict[str, Json]) -> Iterator[tuple[Path, Value, Value]]:
    for key in dict.fromkeys((*left, *right)):
        yield from _walk((*path, key), left.get(key, ABSENT), right.get(key, ABSENT))
