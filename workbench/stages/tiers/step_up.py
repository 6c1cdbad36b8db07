"""Whether each tier is a step up: what it adds, and how many of the accounts it is for use that or ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.shares import wilson
from workbench.stages.tiers.ladder import Step, steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.results import Interval
    from workbench.stages.tiers.decision import Tier

GATE_WORDS = ("analytic", "api", "integration", "connector", "webhook")
"""Parts of the product that usually mark a step up: analytics, API access and integrations."""


@dataclass(frozen=True, slots=True)
class AddedFeature:
    """A feature that a tier adds: how many of its own accounts use it or asked for it, and who asks at all.

    `share` is None where that is not recorded or the tier holds no account; `requests` counts active accounts.
    """

    feature: str
    users: int
    of_accounts: int
    share: Interval | None
    requests: int | None
    usual_gate: bool


@dataclass(frozen=True, slots=True)
class StepUp:
    """What a tier adds to the one below, and what its accounts make of it."""

    step: Step
    accounts: int
    added: tuple[AddedFeature, ...]

    @property
    def valued(self) -> tuple[str, ...]:
        """Return the added features that at least one of the tier's accounts uses or asked for."""
        return tuple(added.feature for added in self.added if added.users > 0)


def step_ups(
    tiers: Sequence[Tier],
    accounts: Sequence[int],
    users: NDArray[np.float64] | None,
    feature_names: Sequence[str],
    *,
    requests: Mapping[str, int] | None,
    areas: Mapping[str, str],
) -> tuple[StepUp, ...]:
    """Return the step from each tier to the next; the first tier is no step.

    `users` is tiers x features: how many accounts placed in the tier use the feature or asked for it.
    """
    place = {name: column for column, name in enumerate(feature_names)}
    found = []
    for index, step in enumerate(steps(tiers)):
        if step.below is None:
            continue
        added = []
        for name in step.features:
            used = 0 if users is None or name not in place else int(users[index, place[name]])
            known = users is not None and name in place
            added.append(
                AddedFeature(
                    feature=name,
                    users=used,
                    of_accounts=accounts[index] if known else 0,
                    share=wilson(used, accounts[index]) if known else None,
                    requests=None if requests is None else requests.get(name, 0),
                    usual_gate=is_usual_gate(name, areas.get(name, "")),
                )
            )
        found.append(StepUp(step, accounts[index], tuple(added)))
    return tuple(found)


def users_per_tier(
    group_plan: NDArray[np.intp], group_users: NDArray[np.float64] | None, tiers: int
) -> NDArray[np.float64] | None:
    """Add up groups to tiers x features: how many accounts in each tier value each feature."""
    if group_users is None:
        return None
    totals = np.zeros((tiers, group_users.shape[1]))
    for tier in range(tiers):
        totals[tier] = (group_plan == tier).astype(float) @ group_users
    return totals


def is_usual_gate(feature: str, area: str) -> bool:
    """Tell whether a feature belongs to the parts that usually mark a step up."""
    text = f"{feature} {area}".casefold()
    words = text.replace("-", " ").replace("/", " ").split()
    return any(word.startswith(start) for word in words for start in GATE_WORDS)
