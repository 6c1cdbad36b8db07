"""Whether charging by usage is safe for a customer (rules U1 to U3)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import finding, listed
from workbench.rules.checks.curve import curve_ratio
from workbench.rules.rulebook import RULEBOOK, Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.rules.finding import Finding, Status


def free_baseline(
    metric: str,
    *,
    included: float | None,
    has_free_tier: bool | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether some usage is free or included (U1).

    `included` is the smallest quantity any plan includes, infinite where none counts or charges it.
    """
    rule = rulebook["U1"]
    if has_free_tier:
        return finding(rule, "ok", "There is a free tier.", measured=included, subject=metric)
    if included is not None and math.isinf(included):
        return finding(rule, "ok", f"{formatting.capitalised(metric)} are included without a count.", subject=metric)
    if included is None or math.isnan(included):
        return finding(
            rule,
            "unknown",
            f"It is not known how many {metric} are included.",
            remedy=f"Set the free or included quantity of {metric} (0 when there is none).",
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status(included),
        f"{formatting.exact(included)} {metric} are included before they are charged, and there is no free tier.",
        remedy=f"Include {rule.threshold.in_words()} {metric} in the base fee, or offer a free tier.",
        measured=included,
        subject=metric,
    )


def volume_discount(
    quantities: Sequence[float],
    ratios: Sequence[float],
    *,
    typical: float | None,
    customers: Iterable[float] | None = None,
    customers_each: float = 1.0,
    own_ratios: Iterable[float] | None = None,
    billed_by: str = "",
    metric: str = "units",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether volume discounts leave ten times the volume at seven to eight times the bill (U2)."""
    return curve_ratio(
        quantities,
        ratios,
        typical=typical,
        customers=customers,
        customers_each=customers_each,
        own_ratios=own_ratios,
        billed_by=billed_by,
        metric=metric,
        rule_id="U2",
        rulebook=rulebook,
    )


def caps_and_calculator(
    *,
    has_cap: bool | None,
    has_calculator: bool | None,
    usage_charged: Sequence[str] | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether customers can cap their spending and foresee a bill (U3); None means not said yet.

    `usage_charged` names what bills grow with from month to month, None where that is not known; where it is nothing,
    no bill needs a cap and the calculator alone decides.
    """
    rule = rulebook["U3"]
    parts = {"a spending cap": has_cap, "a usage calculator": has_calculator}
    grows = ""
    if usage_charged is not None:
        grows = f"Bills grow with {listed(usage_charged)}." if usage_charged else "No bill grows with usage."
    if usage_charged is not None and not usage_charged:
        del parts["a spending cap"]
    lacking = [name for name, there in parts.items() if there is False]
    open_ones = [name for name, there in parts.items() if there is None]
    present = [name for name, there in parts.items() if there]
    status = _both(len(lacking), len(open_ones), of=len(parts))
    said = [
        grows,
        f"There is {listed(present)}." if present else "",
        f"There is no {' and no '.join(n.removeprefix('a ') for n in lacking)}." if lacking else "",
    ]
    said += [f"Nothing is said about {listed(open_ones)}."] if open_ones else []
    remedy = f"Offer {listed(lacking)}." if lacking else f"Say whether the offer has {listed(open_ones)}."
    return finding(rule, status, " ".join(part for part in said if part), remedy=remedy)


def _both(lacking: int, still_open: int, *, of: int) -> Status:
    if lacking:
        return "breach" if lacking == of else "watch"
    return "unknown" if still_open else "ok"
