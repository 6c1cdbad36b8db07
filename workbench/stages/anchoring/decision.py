"""What the team decides about competitive anchoring.

Whom to compare with, at which usage, what sets us apart, and its edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_serializer

from workbench.errors import StudyError
from workbench.stages.offers import PER_ACCOUNT
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, StageDecision, fresh_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import SerializerFunctionWrapHandler

    Cells = Sequence[Sequence[float | None]]

# --- What the team decides about competitive anchoring

OfferKey = tuple[str, str]
"""Vendor and offer, which together name a competitor's price."""


class UsageProfile(FrozenModel):
    """A customer to compare prices for: how much of each metric it uses in a month."""

    id: str
    name: str = Field(min_length=1, max_length=60)
    quantities: dict[str, float] = Field(default_factory=dict)
    features: tuple[str, ...] = ()


class Differentiation(FrozenModel):
    """What sets our offer apart from the reference in one customer's eyes, as a monthly worth from low to high.

    Negative worth means the reference is better there. The worth is for each `per`: "account" (the same for every
    customer), a metric (each seat, each gigabyte: times what the profile uses), or anything else counted, such as
    "report", times the number in `counts` by profile id. Nothing in `per` is an older study that did not say: the worth
    counts once per account, and a caution asks for what drives it.
    """

    id: str
    label: str = Field(min_length=1, max_length=120)
    low: float
    high: float
    profile: str = ""
    per: str = Field(default="", max_length=60)
    counts: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # An item without a driver is written as it always was, so that nothing seems to differ.
        document: dict[str, Any] = write(self)
        return {key: value for key, value in document.items() if value or key not in {"per", "counts"}}

    def quantity(self, profile: UsageProfile) -> float | None:
        """Return how many units of its driver a profile has; None where nobody has said."""
        if self.per in {"", PER_ACCOUNT}:
            return 1.0
        return profile.quantities.get(self.per, self.counts.get(profile.id))


class ExchangeRate(FrozenModel):
    """How many units of the study's currency one unit of another is worth, as a range, with the day it was read."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)
    as_of: str = ""


class AnchoringDecision(StageDecision):
    """The comparison a scenario stands on.

    `vendors` empty means every vendor in the data. `set_aside` names offers (vendor, offer) that are not comparable,
    such as free plans. `add_on_matches` maps the id of an add-on of ours to the competitors' offers that do its job.
    `reference` is the offer a customer would take instead of ours; `reference_prices` holds a monthly price by
    profile id that the team typed in its place. `value_profile` is the profile whose economic value is shown.
    `stale_after_days` marks old prices. `rates` converts other currencies; without a rate a price in another currency
    is counted but not compared.
    """

    stage: ClassVar[str] = "anchoring"

    profiles: tuple[UsageProfile, ...] = ()
    vendors: tuple[str, ...] = ()
    set_aside: tuple[OfferKey, ...] = ()
    add_on_matches: dict[str, tuple[OfferKey, ...]] = Field(default_factory=dict)
    reference: OfferKey | None = None
    reference_prices: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    value_profile: str = ""
    differentiation: tuple[Differentiation, ...] = ()
    stale_after_days: Annotated[int, Setting(unit="days", step=1, slider=True, slider_end=1095), Field(ge=1)] = 180
    rates: dict[str, ExchangeRate] = Field(default_factory=dict)
    position: Annotated[str, Setting(lines=3), Field(max_length=400)] = ""


class NewItem(FrozenModel):
    """A new thing that sets us apart, as a person types it; `counted` is what it is worth for where no metric is."""

    name: str = ""
    low: Annotated[float | None, Setting(unit="currency")] = None
    high: Annotated[float | None, Setting(unit="currency")] = None
    per: str = PER_ACCOUNT
    counted: str = ""
    profile: str = ""


class GoneItem(FrozenModel):
    """The item to take out, by its id."""

    item: str = ""


# --- Changes to the decision, as fields to replace: what every control of the panel and any script can do

_BETWEEN = "\u241f"  # a sign no name contains


def offer_key(key: OfferKey) -> str:
    """Write vendor and offer as one text, for controls that need one."""
    return _BETWEEN.join(key)


def from_offer_key(text: str | None) -> OfferKey | None:
    """Read what `offer_key` wrote."""
    if text is None:
        return None
    vendor, _, offer = text.partition(_BETWEEN)
    return (vendor, offer)


def with_quantities(profiles: Sequence[UsageProfile], metrics: Sequence[str], cells: Cells) -> dict[str, Any]:
    """Replace the quantities of profiles by rows of numbers, one column per metric; None takes a quantity out."""
    changed = []
    for profile, line in zip(profiles, cells, strict=True):
        typed = dict(zip(metrics, line, strict=True))
        kept = {metric: amount for metric, amount in profile.quantities.items() if metric not in typed}
        stated = {metric: amount for metric, amount in typed.items() if amount is not None}
        changed.append(profile.replaced(quantities={**kept, **stated}))
    return {"profiles": tuple(changed)}


def with_used_offers(decision: AnchoringDecision, used: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Set aside the offers that are off, and take back those that are on; offers not named stay as they are."""
    named = {from_offer_key(text): bool(on) for text, on in used.items()}
    kept = [key for key in decision.set_aside if key not in named]
    return {"set_aside": (*kept, *(key for key, on in named.items() if not on and key is not None))}


def with_matches(decision: AnchoringDecision, chosen: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Match add-ons of ours with competitors' offers; `chosen` maps each offer's key to the ids of add-ons."""
    shown = {from_offer_key(text) for text in chosen}
    matches = {add_on: [key for key in keys if key not in shown] for add_on, keys in decision.add_on_matches.items()}
    for text, add_ons in chosen.items():
        key = from_offer_key(text)
        for add_on in add_ons:
            if key is not None:
                matches.setdefault(add_on, []).append(key)
    return {"add_on_matches": {add_on: tuple(keys) for add_on, keys in matches.items() if keys}}


def with_rate(decision: AnchoringDecision, currencies: Sequence[str], cells: Cells) -> dict[str, Any]:
    """Set exchange rates by rows of low and high; one end alone is an exact rate, none takes the rate out."""
    rates = {code: rate for code, rate in decision.rates.items() if code not in currencies}
    for code, line in zip(currencies, cells, strict=True):
        known = [end for end in line if end is not None and end > 0]
        if known:
            rates[code] = ExchangeRate(low=min(known), high=max(known))
    return {"rates": rates}


def with_reference_prices(profiles: Sequence[UsageProfile], cells: Cells) -> dict[str, Any]:
    """Set the typed reference price of each profile; None takes it out."""
    pairs = zip(profiles, cells, strict=True)
    return {"reference_prices": {profile.id: line[0] for profile, line in pairs if line[0] is not None}}


def with_item(
    decision: AnchoringDecision,
    label: str,
    low: float | None,
    high: float | None,
    *,
    per: str = PER_ACCOUNT,
    profile: str = "",
) -> dict[str, Any]:
    """Add something that sets us apart, worth from `low` to `high` a month for each `per`; StudyError without a range.

    `per` is "account", a metric, or anything else that can be counted at each profile, in the singular.
    """
    if not label.strip():
        raise StudyError("The item has no name.", "Write what is better or worse here, in the customer's words.")
    if low is None or high is None:
        raise StudyError(
            "The item has no range.", "Give a low and a high worth a month, below zero where the alternative is better."
        )
    key = fresh_id(label, {item.id for item in decision.differentiation})
    driver = per.strip() or PER_ACCOUNT
    item = Differentiation(id=key, label=label.strip(), low=low, high=high, profile=profile, per=driver)
    return {"differentiation": (*decision.differentiation, item)}


def with_item_values(decision: AnchoringDecision, cells: Cells) -> dict[str, Any]:
    """Set low and high of every item, in their order."""
    pairs = zip(decision.differentiation, cells, strict=True)
    return {"differentiation": tuple(item.replaced(low=line[0], high=line[1]) for item, line in pairs)}


def counted_items(decision: AnchoringDecision, profiles: Sequence[UsageProfile]) -> tuple[Differentiation, ...]:
    """Return the items driven by something no metric counts, whose number at each profile the team has to say."""
    metrics = {metric for profile in profiles for metric in profile.quantities} | {"", PER_ACCOUNT}
    return tuple(item for item in decision.differentiation if item.per not in metrics)


def with_counts(decision: AnchoringDecision, profiles: Sequence[UsageProfile], cells: Cells) -> dict[str, Any]:
    """Set how many units drive each counted item at each profile; an empty cell is not known."""
    counts = {
        item.id: {profile.id: value for profile, value in zip(profiles, line, strict=True) if value is not None}
        for item, line in zip(counted_items(decision, profiles), cells, strict=True)
    }
    return {
        "differentiation": tuple(
            item.replaced(counts=counts[item.id]) if item.id in counts else item for item in decision.differentiation
        )
    }


def without_item(decision: AnchoringDecision, item_id: str | None) -> dict[str, Any]:
    """Take an item out."""
    return {"differentiation": tuple(item for item in decision.differentiation if item.id != item_id)}


Decision = AnchoringDecision
