"""Find the same place in two versions of a document: list items are matched by their own key, not by position."""

from __future__ import annotations

from typing import Final, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Path: TypeAlias = tuple[str, ...]

# What may name the items of a list, in this order of preference.
_KEY_FIELDS = ("id", "key", "name")


class Absent:
    """Stand for a value that one version of a document does not have."""

    def __repr__(self) -> str:
        return "absent"

    def __deepcopy__(self, memo: object) -> Absent:
        return self


ABSENT: Final = Absent()
Value: TypeAlias = "Json | Absent"


def key_field(*lists: Json | Absent) -> str | None:
    """Return the field whose text names every item of all these lists uniquely, or None when there is none."""
    present = [items for items in lists if isinstance(items, list)]
    if not present or not any(present):
        return None
    return next((name for name in _KEY_FIELDS if all(_names_all(name, items) for items in present)), None)


def by_key(items: Json | Absent, field: str) -> dict[str, Json]:
    """Return the items of a list under their keys; an absent list has none."""
    if not isinstance(items, list):
        return {}
    return {str(item[field]): item for item in items if isinstance(item, dict)}


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are equal as JSON; true and 1 are different things there."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def in_words(path: Path, document: Json) -> str:
    """Write a path as a person would say it: "scenario Design A > tiers > plans > Pro > base fee"."""
    words: list[str] = []
    value: Value = document
    for step in path:
        value, word = _step_in_words(value, step)
        words.append(word)
    return " > ".join(words)


def _step_in_words(value: Value, step: str) -> tuple[Value, str]:
    if isinstance(value, list):
        field = key_field(value)
        item = by_key(value, field).get(step, ABSENT) if field else ABSENT
        label = (
            next((item[name] for name in ("name", "label") if item.get(name)), step) if isinstance(item, dict) else step
        )
        return item, str(label)
    child = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return child, step.replace("_", " ")


def _names_all(field: str, items: list[Json]) -> bool:
    names = [item.get(field) if isinstance(item, dict) else None for item in items]
    return all(isinstance(name, str) for name in names) and len(set(map(str, names))) == len(names)
