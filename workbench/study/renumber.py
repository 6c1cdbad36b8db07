"""Give new scenarios and log lines fresh ids when another kernel gave the same ids to other ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.study.keyed import Json, by_key, same
from workbench.study.model import fresh_id

if TYPE_CHECKING:
    from collections.abc import Callable


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
