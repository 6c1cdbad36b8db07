"""Merge the order of a list that two sides changed."""

from __future__ import annotations


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
