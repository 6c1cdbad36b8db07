"""What a result on anchoring warns about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.results import Caution
from workbench.stages.anchoring.meeting import FEWEST_VENDORS
from workbench.stages.anchoring.standing import homes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.stages.anchoring.evaluation import AnchoringResult

_NAMED = 4


def cautions(result: AnchoringResult) -> tuple[Caution, ...]:
    """Return the warnings: what is not compared and why, what the value lacks, what the data cannot tell."""
    return (*_about_ours(result), *_about_the_market(result), *_about_value(result))


def _about_ours(result: AnchoringResult) -> Iterator[Caution]:
    if not result.book.plans:
        yield Caution("This scenario has no tiers or price curve yet: there is no price of ours to compare.")
    if not result.profiles:
        yield Caution("The data holds no usage and no seats: enter what the profiles use.")
    for each in result.comparisons:
        if each.ours and each.our_choice is None:
            yield Caution(f"No priced tier of ours serves the profile {each.profile.name}.")
    for name in result.book.plan_names:
        homes = homes_of(name, result.standings)
        if result.book.plan(name).priced and not homes and result.profiles:
            yield Caution(f"{name} serves none of the profiles, so it meets no competitor.", "note")
        if homes and not any(each.comparison.of_ours(name).chosen for each in homes):
            yield Caution(
                f"{name} is the cheapest of our tiers for none of the profiles; it is judged at {homes[0].at}.", "note"
            )


def _about_the_market(result: AnchoringResult) -> Iterator[Caution]:
    if not result.offers:
        return
    uncompared: dict[str, list[str]] = {}
    for offer in result.offers:
        reasons = {each.quote.reason for c in result.comparisons for each in c.market if each.offer is offer}
        priced = any(each.price is not None for c in result.comparisons for each in c.market if each.offer is offer)
        if not priced and not offer.on_request and len(reasons) == 1:
            uncompared.setdefault(reasons.pop(), []).append(offer.name)
    for reason, names in uncompared.items():
        yield Caution(f"Not compared at any profile ({reason}): {_listed(names)}.")
    for each in result.comparisons:
        vendors = () if each.range is None else each.range.vendors
        if len(vendors) < FEWEST_VENDORS:
            what = f"only {vendors[0]}" if vendors else "no vendor"
            yield Caution(f"At the profile {each.profile.name} {what} can be compared: the market sets no corridor.")
    yield Caution(
        "The data does not say what competitors' offers contain: a vendor counts with its cheapest plan that allows "
        "the usage. Set aside what is not comparable.",
        "note",
    )


def _about_value(result: AnchoringResult) -> Iterator[Caution]:
    profile = result.value_profile
    if profile is None:
        return
    if result.value is None:
        yield Caution(f"No reference price at the profile {profile.name}: choose an offer with a price, or type one.")
    unsaid = [each.label for each in result.decision.differentiation if not each.per]
    if unsaid:
        yield Caution(
            f"Nothing says what drives the worth of {_listed(unsaid)}: it is taken as the same for every customer, "
            "large or small. Say what it is for each: account, a metric, or something counted."
        )
    for each in result.profiles:
        value = result.values.get(each.id)
        if value is not None and value.unmeasured:
            yield Caution(
                f"At the profile {each.name} the economic value is not known: no number is given of what drives "
                f"{_listed(list(value.unmeasured))}."
            )
    if result.value is not None and not result.value.items and not result.value.unmeasured:
        yield Caution(
            "Nothing sets our offer apart yet: until the team adds what is better and worse, in money, the economic "
            "value is not known."
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    rest = len(names) - _NAMED
    return f"{shown} and {count('more', rest, 'more')}" if rest > 0 else shown
