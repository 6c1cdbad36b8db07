"""Compare two versions of a document field by field, and the three-way merge of what both sides changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from workbench.study.model import Scenario, fresh_id

# --- Find the same place in two versions of a document

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
FieldPath: TypeAlias = tuple[str, ...]
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


def in_words(path: FieldPath, document: Json) -> str:
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


# --- Compare two scenarios, or two studies, field by field


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that differs.

    Attributes
    ----------
    path, where
        The field, and the same in words.
    left, right
        The value on each side; ABSENT where there is none.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> from workbench.study import compare_studies
    >>> compare_studies(study, study.replaced(title="New"))[0].path
    ('title',)
    """

    path: FieldPath
    where: str
    left: Value
    right: Value


def compare_scenarios(left: Scenario, right: Scenario) -> tuple[FieldDifference, ...]:
    """Return every field of note, decisions and waivers that differs between two scenarios.

    Parameters
    ----------
    left, right
        Two scenarios.

    Returns
    -------
    tuple[FieldDifference, ...]
        One entry per field.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> from workbench.study import compare_scenarios
    >>> design = study.designs[0]
    >>> waived = design.with_waiver("T4", "One deal needs it.", "Ana", day)
    >>> [each.path[0] for each in compare_scenarios(design, waived)]
    ['waivers']
    """
    leave_out = {"id", "name", "kind"}
    return differences(
        left.model_dump(mode="json", exclude=leave_out), right.model_dump(mode="json", exclude=leave_out)
    )


def differences(left: Json, right: Json) -> tuple[FieldDifference, ...]:
    """Return every field that differs between two JSON documents; items of lists are matched by their key."""
    return tuple(
        FieldDifference(path, in_words(path, right if right_value is not ABSENT else left), left_value, right_value)
        for path, left_value, right_value in _walk((), left, right)
    )


def _walk(path: FieldPath, left: Value, right: Value) -> Iterator[tuple[FieldPath, Value, Value]]:
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


def _walk_both(
    path: FieldPath, left: dict[str, Json], right: dict[str, Json]
) -> Iterator[tuple[FieldPath, Value, Value]]:
    for key in dict.fromkeys((*left, *right)):
        yield from _walk((*path, key), left.get(key, ABSENT), right.get(key, ABSENT))


# --- Give new scenarios and log lines fresh ids when another kernel gave the same ids to other ones


def renumbered(base: dict[str, Json], mine: dict[str, Json], theirs: dict[str, Json]) -> dict[str, Json]:
    """Return my document with ids that do not clash with theirs for what both sides added.

    Both sides count on from the same version, so two different new log lines may carry one id. Mine get
    the next free ids, and what refers to a renumbered scenario follows it.
    """
    scenario_ids = _clashes("scenarios", base, mine, theirs)
    record_ids = _clashes("decisions", base, mine, theirs)
    if not scenario_ids and not record_ids:
        return mine
    their_names = {
        str(item.get("name")) for item in by_key(theirs["scenarios"], "id").values() if isinstance(item, dict)
    }

    def scenario(item: dict[str, Json]) -> dict[str, Json]:
        if item["id"] not in scenario_ids:
            return item
        return {**item, "id": scenario_ids[str(item["id"])], "name": _free_name(str(item["name"]), their_names)}

    def referring(item: dict[str, Json]) -> dict[str, Json]:
        old = str(item["scenario_id"])
        return {**item, "scenario_id": scenario_ids.get(old, old)}

    def record(item: dict[str, Json]) -> dict[str, Json]:
        old = str(item["id"])
        is_new = old not in by_key(base["decisions"], "id")
        return {**(referring(item) if is_new else item), "id": record_ids.get(old, old)}

    chosen = mine["chosen"]
    return {
        **mine,
        "scenarios": _each(mine["scenarios"], scenario),
        "decisions": _each(mine["decisions"], record),
        "chosen": referring(chosen) if isinstance(chosen, dict) else chosen,
    }


def _clashes(field: str, base: dict[str, Json], mine: dict[str, Json], theirs: dict[str, Json]) -> dict[str, str]:
    old, here, there = (by_key(document[field], "id") for document in (base, mine, theirs))
    taken = {*old, *here, *there}
    fresh: dict[str, str] = {}
    for item_id, item in here.items():
        if item_id in there and item_id not in old and not same(item, there[item_id]):
            fresh[item_id] = fresh_id(item_id, taken)
            taken.add(fresh[item_id])
    return fresh


def _each(items: Json, change: Callable[[dict[str, Json]], dict[str, Json]]) -> list[Json]:
    return [change(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _free_name(name: str, taken: set[str]) -> str:
    candidate, counter = name, 2
    while candidate in taken:
        candidate, counter = f"{name} ({counter})", counter + 1
    return candidate


# --- Merge the order of a list that two sides changed


def merged_order(base: list[str], mine: list[str], theirs: list[str]) -> list[str] | None:
    """Return the keys of both sides in one order, or None when both moved shared items differently.

    What one side added in the middle follows the item it follows there; what it added at the end comes last.
    """
    shared = set(mine) & set(theirs)
    here, there = ([key for key in side if key in shared] for side in (mine, theirs))
    before = [key for key in base if key in shared]
    if here in (there, before):
        return _woven(theirs, mine)
    return _woven(mine, theirs) if there == before else None


def _woven(leading: list[str], other: list[str]) -> list[str]:
    order = list(leading)
    for position, key in enumerate(other):
        if key in order:
            continue
        comes_last = not any(later in leading for later in other[position:])
        if comes_last:
            order.append(key)
        else:
            order.insert(order.index(other[position - 1]) + 1 if position else 0, key)
    return order


# --- Bring two people's changes to one study together, field by field, against the version both started from

Side: TypeAlias = Literal["mine", "theirs"]
Accepts: TypeAlias = Callable[[str, Json], bool]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that both sides changed differently.

    ABSENT stands for "removed" or "not there".

    Attributes
    ----------
    path, where
        The field, and the same in words.
    mine, theirs
        The value on each side.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> from workbench.study import StudyConflictError, merge
    >>> try:
    ...     merge(study, study.replaced(title="Ours"), study.replaced(title="Theirs"))
    ... except StudyConflictError as error:
    ...     print(error.conflicts[0].path, error.conflicts[0].theirs)
    ('title',) Theirs
    """

    path: FieldPath
    where: str
    mine: Value
    theirs: Value

    def __str__(self) -> str:
        return f"{self.where}: here {_shown(self.mine)}, saved elsewhere {_shown(self.theirs)}"


@dataclass(slots=True)
class ThreeWayMerge:
    """Collect the conflicts of one merge, and settle those that have been decided."""

    mine_document: Json
    take: Side | Mapping[FieldPath, Side] | None
    accepts: Accepts | None
    conflicts: list[Conflict] = field(default_factory=list)

    def values(self, path: FieldPath, base: Value, mine: Value, theirs: Value) -> Value:
        """Return the merged value of a field, and keep a conflict where both sides changed it."""
        if same(mine, theirs) or same(base, theirs):
            return mine
        if same(base, mine):
            return theirs
        if _is_one_statement(path):
            return self._settle(path, mine, theirs)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            return self._decision_or_fields(path, base, mine, theirs)
        name = key_field(base, mine, theirs) if isinstance(mine, list) and isinstance(theirs, list) else None
        if name is not None and isinstance(mine, list) and isinstance(theirs, list):
            return self._items(path, name, base, mine, theirs)
        return self._settle(path, mine, theirs)

    def _decision_or_fields(
        self, path: FieldPath, base: Value, mine: dict[str, Json], theirs: dict[str, Json]
    ) -> Value:
        already = len(self.conflicts)
        merged = self._fields(path, base, mine, theirs)
        is_decision = len(path) == 4 and path[0] == "scenarios" and path[2] == "stages"  # noqa: PLR2004 - id, "stages", stage
        if not is_decision or self.accepts is None or len(self.conflicts) > already:
            return merged
        return merged if self.accepts(path[3], merged) else self._settle(path, mine, theirs)

    def _fields(self, path: FieldPath, base: Value, mine: dict[str, Json], theirs: dict[str, Json]) -> dict[str, Json]:
        old = base if isinstance(base, dict) else {}
        merged: dict[str, Json] = {}
        for key in dict.fromkeys((*theirs, *mine)):
            value = self.values((*path, key), old.get(key, ABSENT), mine.get(key, ABSENT), theirs.get(key, ABSENT))
            if value is not ABSENT:
                merged[key] = value  # type: ignore[assignment]  # absent values were just left out
        return merged

    def _items(self, path: FieldPath, name: str, base: Value, mine: list[Json], theirs: list[Json]) -> Value:
        old, here, there = by_key(base, name), by_key(mine, name), by_key(theirs, name)
        order = merged_order(list(old), list(here), list(there))
        if order is None:
            return self._settle(path, mine, theirs)
        merged = self._fields(path, old, here, there)
        return [merged[key] for key in order if key in merged]

    def _settle(self, path: FieldPath, mine: Value, theirs: Value) -> Value:
        side = self.take if isinstance(self.take, str) or self.take is None else self.take.get(path)
        if side is not None:
            return mine if side == "mine" else theirs
        self.conflicts.append(Conflict(path, in_words(path, self.mine_document), mine, theirs))
        return theirs

    def keep_chosen_scenario(
        self, merged: dict[str, Json], base: dict[str, Json], mine: dict[str, Json], theirs: dict[str, Json]
    ) -> None:
        """Settle the one contradiction between two fields: one side chose the scenario the other removed."""
        chosen = merged.get("chosen")
        if not isinstance(chosen, dict) or chosen["scenario_id"] in by_key(merged["scenarios"], "id"):
            return
        name = str(chosen["scenario_id"])
        here, there = (by_key(document["scenarios"], "id").get(name, ABSENT) for document in (mine, theirs))
        kept = self._settle(("scenarios", name), here, there)
        if kept is not ABSENT and isinstance(merged["scenarios"], list):
            merged["scenarios"] = [*merged["scenarios"], kept]  # type: ignore[list-item]  # not absent
            return
        old = base["chosen"]
        still = isinstance(old, dict) and old["scenario_id"] in by_key(merged["scenarios"], "id")
        merged["chosen"] = old if still else None


def _is_one_statement(path: FieldPath) -> bool:
    """Tell whether the fields at a path only make sense together: a range, a reason and who gave it."""
    match path:
        case ("data" | "chosen",) | ("assumptions" | "decisions" | "thresholds", _) | ("scenarios", _, "waivers", _):
            return True
    return False


def _shown(value: Value) -> str:
    if value is ABSENT:
        return "removed"
    if isinstance(value, dict):
        plain = (
            f"{key.replace('_', ' ')} {item!r}" for key, item in value.items() if isinstance(item, str | int | float)
        )
        return f"{value.get('name') or value.get('label') or ', '.join(plain) or 'a changed entry'!s}"
    return f"{len(value)} entries" if isinstance(value, list) else repr(value)
