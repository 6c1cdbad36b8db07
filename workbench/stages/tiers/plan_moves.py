"""Who moves up and who moves down: today's plans against the new tiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class PlanMoves:
    """Today's plans against the new tiers.

    `counts` is plans x (tiers + 1), the last column for accounts no tier serves. `home` is the tier each plan is
    compared with: the one of the same name, else the one most of its accounts land in; -1 where none of its accounts
    is served. Accounts whose plan is unknown are left out.
    """

    plans: tuple[str, ...]
    tiers: tuple[str, ...]
    counts: NDArray[np.int64]
    home: tuple[int, ...]

    @property
    def up(self) -> int:
        """Return how many accounts land above the tier their plan is compared with."""
        return sum(int(row[at + 1 : -1].sum()) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    @property
    def down(self) -> int:
        """Return how many accounts land below the tier their plan is compared with."""
        return sum(int(row[:at].sum()) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    @property
    def stay(self) -> int:
        """Return how many accounts land in the tier their plan is compared with."""
        return sum(int(row[at]) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    def table(self) -> pd.DataFrame:
        """Return a row per plan: accounts per tier, who moves up and down from the tier it is compared with."""
        frame = pd.DataFrame(self.counts, columns=[*self.tiers, "no tier fits"])
        frame.insert(0, "plan today", list(self.plans))
        frame["compared with"] = [self.tiers[at] if at >= 0 else "nothing" for at in self.home]
        frame["move up"] = [int(row[at + 1 : -1].sum()) for row, at in zip(self.counts, self.home, strict=True)]
        frame["move down"] = [
            int(row[:at].sum()) if at >= 0 else 0 for row, at in zip(self.counts, self.home, strict=True)
        ]
        return frame


def plan_moves(
    codes: NDArray[np.intp],
    found: Sequence[str],
    plan_order: Sequence[str],
    *,
    tiers: Sequence[str],
    tier_index: NDArray[np.intp],
) -> PlanMoves:
    """Count each plan's accounts per tier.

    `codes` says for each account which of the plans in `found` it has today; `plan_order` lists today's plans as the
    price list does.
    """
    table = np.zeros((len(found), len(tiers) + 1), dtype=np.int64)
    # A tier index of -1 (no tier serves) indexes the last column.
    flat = codes * (len(tiers) + 1) + np.where(tier_index < 0, len(tiers), tier_index)
    table[:] = np.bincount(flat, minlength=table.size).reshape(table.shape)
    counted = {str(name): table[place] for place, name in enumerate(found) if name != UNKNOWN}
    ordered = tuple(name for name in plan_order if name in counted)
    ordered += tuple(sorted(set(counted) - set(ordered)))
    rows = [counted[name] for name in ordered]
    home = tuple(_home(name, row, tiers) for name, row in zip(ordered, rows, strict=True))
    counts = np.array(rows, dtype=np.int64).reshape(len(rows), len(tiers) + 1)
    return PlanMoves(ordered, tuple(tiers), counts, home)


def _home(plan: str, counts: NDArray[np.int64], tiers: Sequence[str]) -> int:
    same = [place for place, tier in enumerate(tiers) if tier.casefold() == plan.casefold()]
    if same:
        return same[0]
    return int(counts[:-1].argmax()) if len(tiers) and counts[:-1].any() else -1
