"""Who would want two add-ons: the overlap of interest between them, and whether a bundle suggests itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stages.add_ons.interest import Interest

BUNDLE_SHARE = 0.5
BUNDLE_ACCOUNTS = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two add-ons and the accounts interested in them; `expected` is how many would want both by chance alone."""

    first: str
    second: str
    first_accounts: int
    second_accounts: int
    both: int
    expected: float

    @property
    def share(self) -> float | None:
        """Return the share of the smaller group that wants the other add-on too."""
        smaller = min(self.first_accounts, self.second_accounts)
        return self.both / smaller if smaller else None

    @property
    def is_bundle(self) -> bool:
        """Tell whether a bundle suggests itself: half of the smaller group want both, and more than by chance."""
        return (self.share or 0) >= BUNDLE_SHARE and self.both >= BUNDLE_ACCOUNTS and self.both > self.expected


@dataclass(frozen=True, slots=True)
class Overlap:
    """The overlap of interest between add-ons: every pair, and how many accounts want one and two or more."""

    pairs: tuple[Pair, ...]
    any_accounts: int
    several_accounts: int
    of_accounts: int

    @property
    def bundles(self) -> tuple[Pair, ...]:
        """Return the pairs that suggest a bundle."""
        return tuple(pair for pair in self.pairs if pair.is_bundle)


def overlap(names: Sequence[str], interests: Sequence[Interest | None]) -> Overlap | None:
    """Return the overlap between the add-ons whose interest is known; None when it is for none."""
    known = [(name, interest.shown) for name, interest in zip(names, interests, strict=True) if interest is not None]
    if not known:
        return None
    wants = np.column_stack([shown for _, shown in known])
    accounts = len(wants)
    sizes = wants.sum(axis=0)
    pairs = tuple(
        Pair(
            known[i][0],
            known[j][0],
            int(sizes[i]),
            int(sizes[j]),
            int((wants[:, i] & wants[:, j]).sum()),
            float(sizes[i] * sizes[j] / accounts) if accounts else 0.0,
        )
        for i in range(len(known))
        for j in range(i + 1, len(known))
    )
    wanted = wants.sum(axis=1)
    return Overlap(pairs, int((wanted >= 1).sum()), int((wanted >= 2).sum()), accounts)  # noqa: PLR2004 - two or more
