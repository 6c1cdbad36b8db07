"""Candidates for add-ons: features few accounts use, and what the team thinks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.results import Interval
    from workbench.rules import Threshold
    from workbench.stages.add_ons.adoption_order import Place
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.tiers.benefit import FeatureBenefit, Verdict
    from workbench.stages.tiers.decision import Tier

Group = Literal["clearly few", "too close to call", "from the team"]
GROUPS: tuple[Group, ...] = ("clearly few", "too close to call", "from the team")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feature few accounts use, or an idea of the team.

    `benefit` is who uses it, None for ideas the data knows nothing of. `interested` counts accounts that use it or
    asked for it. `asking` counts those that asked and do not have it: not in their plan today, and not in use; None
    where requests are not recorded. `order` says how its use stands to the common order of adoption; `in_tiers` names
    the tiers of the scenario that contain it.
    """

    name: str
    group: Group
    benefit: FeatureBenefit | None = None
    interested: int | None = None
    asking: int | None = None
    asking_share: Interval | None = None
    order: Place | None = None
    in_tiers: tuple[str, ...] = ()


_GROUP_OF: Mapping[Verdict, Group] = {"add-on": "clearly few", "too close to call": "too close to call"}


def candidates(
    evidence: AddOnEvidence, tiers: Sequence[Tier], add_ons: Sequence[AddOnChoice], threshold: Threshold
) -> tuple[Candidate, ...]:
    """Return the features that few use (the interval reaches below the threshold), and the team's own ideas.

    Must-haves are left out. Within a group those with the most interested accounts come first; the ideas are the
    add-ons that contain no feature the data knows.
    """
    found = [
        _candidate(evidence, benefit, _GROUP_OF[verdict], tiers)
        for benefit in evidence.needs.benefits
        if (verdict := benefit.verdict(threshold)) in _GROUP_OF and not benefit.must_have
    ]
    ideas = [Candidate(choice.name, "from the team") for choice in add_ons if not evidence.columns(choice.features)]
    return tuple(
        sorted([*found, *ideas], key=lambda each: (GROUPS.index(each.group), -(each.interested or 0), each.name))
    )


def _candidate(evidence: AddOnEvidence, benefit: FeatureBenefit, group: Group, tiers: Sequence[Tier]) -> Candidate:
    needs, column = evidence.needs, evidence.features.index(benefit.feature)
    used = np.zeros(len(evidence), dtype=bool) if needs.used is None else needs.used[:, column]
    asking = None
    interested = int(used.sum())
    if needs.asked is not None:
        asked = needs.asked[:, column]
        has = used if needs.included is None else used | needs.included[:, column]
        asking = int((asked & ~has).sum())
        interested = int((asked | used).sum())
    return Candidate(
        name=benefit.feature,
        group=group,
        benefit=benefit,
        interested=interested,
        asking=asking,
        asking_share=None if asking is None else wilson(asking, len(evidence)),
        order=None if evidence.order is None else evidence.order.place(benefit.feature),
        in_tiers=tuple(tier.name for tier in tiers if benefit.feature in tier.features),
    )
