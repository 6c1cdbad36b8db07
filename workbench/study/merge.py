"""Bring two people's changes to one study together, field by field, against the version both started from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from workbench.errors import StudyError
from workbench.study.document import Study
from workbench.study.keyed import ABSENT, Json, Path, Value, by_key, in_words, key_field, same
from workbench.study.merge_order import merged_order
from workbench.study.model import plain_errors
from workbench.study.renumber import renumbered

Side: TypeAlias = Literal["mine", "theirs"]
Accepts: TypeAlias = Callable[[str, Json], bool]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that both sides changed differently; ABSENT stands for "removed" or "not there"."""

    path: Path
    where: str
    mine: Value
    theirs: Value

    def __str__(self) -> str:
        return f"{self.where}: here {_shown(self.mine)}, saved elsewhere {_shown(self.theirs)}"


class StudyConflictError(StudyError):
    """Report fields that were changed differently here and elsewhere; nothing has been written or lost.

    `conflicts` lists them; `base`, `mine` and `theirs` are the three versions. Pass the error to `resolve`.
    """

    def __init__(self, conflicts: tuple[Conflict, ...], base: Study, mine: Study, theirs: Study) -> None:
        self.conflicts = conflicts
        self.base, self.mine, self.theirs = base, mine, theirs
        listed = "\n".join(f"- {conflict}" for conflict in conflicts)
        super().__init__(
            f"The study was changed elsewhere in the same place:\n{listed}\n",
            "Choose for each whether to keep the value here or the one saved elsewhere.",
        )


def merge(
    base: Study,
    mine: Study,
    theirs: Study,
    *,
    take: Side | Mapping[Path, Side] | None = None,
    accepts: Accepts | None = None,
) -> Study:
    """Return a study with the changes of both sides; StudyConflictError where they contradict each other.

    `take` settles conflicts: one side for all of them, or a side per conflict path. `accepts(stage, document)`
    tells whether a stage decision put together from both sides is a valid one; where it is not, the whole
    decision is a conflict. The result carries their revision.
    """
    base_document, their_document = _document(base), _document(theirs)
    my_document = renumbered(base_document, _document(mine), their_document)
    work = _Merge(my_document, take, accepts)
    merged = work.values((), base_document, my_document, their_document)
    if isinstance(merged, dict):
        work.keep_chosen_scenario(merged, base_document, my_document, their_document)
    if work.conflicts:
        raise StudyConflictError(tuple(work.conflicts), base, mine, theirs)
    with plain_errors("The two versions of the study do not fit together"):
        return Study.model_validate(merged).replaced(revision=theirs.revision)


def resolve(error: StudyConflictError, take: Side | Mapping[Path, Side], *, accepts: Accepts | None = None) -> Study:
    """Return the merged study with each conflict settled; save it with `base=error.theirs`.

    `take` is "mine" or "theirs" for all conflicts, or a mapping from conflict path to side; a conflict
    the mapping leaves out is raised again.
    """
    return merge(error.base, error.mine, error.theirs, take=take, accepts=accepts)


@dataclass(slots=True)
class _Merge:
    """Collect the conflicts of one merge, and settle those that have been decided."""

    mine_document: Json
    take: Side | Mapping[Path, Side] | None
    accepts: Accepts | None
    conflicts: list[Conflict] = field(default_factory=list)

    def values(self, path: Path, base: Value, mine: Value, theirs: Value) -> Value:
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

    def _decision_or_fields(self, path: Path, base: Value, mine: dict[str, Json], theirs: dict[str, Json]) -> Value:
        already = len(self.conflicts)
        merged = self._fields(path, base, mine, theirs)
        is_decision = len(path) == 4 and path[0] == "scenarios" and path[2] == "stages"  # noqa: PLR2004 - id, "stages", stage
        if not is_decision or self.accepts is None or len(self.conflicts) > already:
            return merged
        return merged if self.accepts(path[3], merged) else self._settle(path, mine, theirs)

    def _fields(self, path: Path, base: Value, mine: dict[str, Json], theirs: dict[str, Json]) -> dict[str, Json]:
        old = base if isinstance(base, dict) else {}
        merged: dict[str, Json] = {}
        for key in dict.fromkeys((*theirs, *mine)):
            value = self.values((*path, key), old.get(key, ABSENT), mine.get(key, ABSENT), theirs.get(key, ABSENT))
            if value is not ABSENT:
                merged[key] = value  # type: ignore[assignment]  # absent values were just left out
        return merged

    def _items(self, path: Path, name: str, base: Value, mine: list[Json], theirs: list[Json]) -> Value:
        old, here, there = by_key(base, name), by_key(mine, name), by_key(theirs, name)
        order = merged_order(list(old), list(here), list(there))
        if order is None:
            return self._settle(path, mine, theirs)
        merged = self._fields(path, old, here, there)
        return [merged[key] for key in order if key in merged]

    def _settle(self, path: Path, mine: Value, theirs: Value) -> Value:
        side = self.take if isinstance(self.take, str) or self.take is None else self.take.get(path)
        if side is not None:
            return mine if side == "mine" else theirs
        self.conflicts.append(Conflict(path, in_words(path, self.mine_document), mine, theirs))
        return theirs

    def keep_chosen_scenario(self, merged: dict[str, Json], base: Json, mine: Json, theirs: Json) -> None:
        """Settle the one contradiction between two fields: one side chose the scenario the other removed."""
        chosen = merged.get("chosen")
        if not isinstance(chosen, dict) or chosen["scenario_id"] in by_key(merged["scenarios"], "id"):
            return
        path = ("scenarios", str(chosen["scenario_id"]))
        here, there = (_scenarios(document).get(path[1], ABSENT) for document in (mine, theirs))
        kept = self._settle(path, here, there)
        if kept is not ABSENT and isinstance(merged["scenarios"], list):
            merged["scenarios"] = [*merged["scenarios"], kept]  # type: ignore[list-item]  # not absent
            return
        old = base.get("chosen") if isinstance(base, dict) else None
        old_id = old["scenario_id"] if isinstance(old, dict) else None
        merged["chosen"] = old if old_id in by_key(merged["scenarios"], "id") else None


def _is_one_statement(path: Path) -> bool:
    """Tell whether the fields at a path only make sense together: a range, a reason and who gave it."""
    match path:
        case ("data" | "chosen",) | ("assumptions" | "decisions" | "thresholds", _):
            return True
        case ("scenarios", _, "waivers", _):
            return True
    return False


def _document(study: Study) -> dict[str, Json]:
    # The revision counts saves and belongs to the store; merging it as a field would always clash.
    document: dict[str, Json] = study.model_dump(mode="json", exclude={"revision"})
    return document


def _scenarios(document: Json) -> dict[str, Json]:
    return by_key(document.get("scenarios", ABSENT), "id") if isinstance(document, dict) else {}


def _shown(value: Value) -> str:
    if value is ABSENT:
        return "removed"
    if isinstance(value, dict):
        plain = (
            f"{key.replace('_', ' ')} {item!r}" for key, item in value.items() if isinstance(item, str | int | float)
        )
        return f"{value.get('name') or value.get('label') or ', '.join(plain) or 'a changed entry'!s}"
    return f"{len(value)} entries" if isinstance(value, list) else repr(value)
