"""Which features each account needed in each month, as a few patterns that many account-months share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.places import account_places
from workbench.customers.windows import recently_used

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase

_BITS = 62  # features packed into one signed word


@dataclass(frozen=True, slots=True, eq=False)
class FeatureNeeds:
    """`patterns` is patterns x `names`, True where needed; `code` is the pattern of each account-month."""

    names: tuple[str, ...]
    patterns: NDArray[np.bool_]
    code: NDArray[np.intp]


def feature_needs(
    base: CustomerBase,
    account: NDArray[np.int32],
    month: NDArray[np.int32],
    months: pd.DatetimeIndex,
    *,
    needs_months: int,
    minimum_uses: int,
) -> FeatureNeeds | None:
    """Return the features used at least `minimum_uses` times in the month and those just before; None without a record.

    A week counts in the month it ends in. Features are taken one at a time, so memory stays that of one matrix.
    """
    if not base.has("feature_use"):
        return None
    table = base.frames["feature_use"]
    ends = table["week"].to_numpy(dtype="datetime64[D]") + 6
    column = (ends.astype("datetime64[M]") - np.datetime64(months[0], "M")).astype(int)
    row = account_places(base, table)
    place = row * len(months) + column
    inside = (row >= 0) & (column >= 0) & (column < len(months))
    feature, names = pd.factorize(table["feature"], sort=True)
    order = np.argsort(feature, kind="stable")
    edges = np.searchsorted(feature[order], np.arange(len(names) + 1))
    uses = table["uses"].to_numpy(dtype=float)
    size = len(base) * len(months)
    codes = np.zeros(len(account), dtype=np.int64)
    word = np.zeros(len(account), dtype=np.int64)
    needed = []
    for number in range(len(names)):
        here = order[edges[number] : edges[number + 1]]
        here = here[inside[here]]
        counted = (
            np.bincount(place[here], uses[here], size).astype(np.float64, copy=False).reshape(len(base), len(months))
        )
        need = recently_used(counted, minimum_uses, needs_months)[account, month]
        needed.append(np.packbits(need))
        word |= need.astype(np.int64) << (number % _BITS)
        if number % _BITS == _BITS - 1 or number == len(names) - 1:
            codes = _joined(codes, word)
            word[:] = 0
    first = _first_of(codes)
    patterns = np.column_stack([np.unpackbits(bits, count=len(account)).astype(bool)[first] for bits in needed])
    return FeatureNeeds(tuple(map(str, names)), patterns, codes)


def _joined(codes: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return codes that tell apart what either of two columns tells apart."""
    found, values = pd.factorize(word)
    joined, _ = pd.factorize(codes * len(values) + found)
    return joined


def _first_of(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first
