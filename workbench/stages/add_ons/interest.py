"""Which accounts would be interested in an add-on: those that use, rely on or asked for what it contains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.add_ons.evidence import AddOnEvidence


@dataclass(frozen=True, eq=False)
class Interest:
    """Interest in an add-on, one entry per active account.

    `shown`: used one of its features often enough in the window, or asked for one. `strong`: relied on one (used it
    in at least half of the weeks), or asked.
    """

    shown: NDArray[np.bool_]
    strong: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AttachRange:
    """The share of eligible accounts that would buy, as far as the data tells: a range with where it comes from.

    The low end counts those with strong interest, the high end those with any; each end is that of its own 90%
    interval that lies further out.
    """

    low: float
    high: float
    strong: int
    shown: int
    eligible: int

    @property
    def source(self) -> str:
        """Say where the range comes from."""
        return (
            f"of {self.eligible:,} eligible accounts {self.strong:,} rely on a feature of it or asked for one (low "
            f"end), {self.shown:,} use one or asked (high end); each end is the far one of its 90% interval"
        )


def interest_in(evidence: AddOnEvidence, features: tuple[str, ...]) -> Interest | None:
    """Return who is interested in features; None when the data records neither use of them nor requests."""
    columns = evidence.columns(features)
    needs = evidence.needs
    if not columns or (needs.used is None and needs.asked is None):
        return None
    asked = _any(needs.asked, columns, len(evidence))
    return Interest(
        shown=asked | _any(needs.used, columns, len(evidence)),
        strong=asked | (_any(evidence.relies_on, columns, len(evidence)) & _any(needs.used, columns, len(evidence))),
    )


def attach_range(interest: Interest | None, eligible: NDArray[np.bool_] | None) -> AttachRange | None:
    """Return the attach range among the eligible accounts; None without interest known or anybody eligible."""
    if interest is None or eligible is None:
        return None
    count = int(eligible.sum())
    strong, shown = int((interest.strong & eligible).sum()), int((interest.shown & eligible).sum())
    low, high = wilson(strong, count), wilson(shown, count)
    if low is None or high is None:
        return None
    return AttachRange(low.low, high.high, strong, shown, count)


def _any(table: NDArray[np.bool_] | None, columns: list[int], accounts: int) -> NDArray[np.bool_]:
    return np.zeros(accounts, dtype=bool) if table is None else np.asarray(table[:, columns].any(axis=1))
