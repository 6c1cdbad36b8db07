"""What competitive anchoring shows: offers, profiles, the comparison, the corridor, economic value, the position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import capitalised, metric_words, one_unit
from workbench.stages.anchoring.charts import LADDERS, ladder_key
from workbench.stages.anchoring.decision import (
    GoneItem,
    NewItem,
    counted_items,
    from_offer_key,
    offer_key,
    with_counts,
    with_item,
    with_item_values,
    with_matches,
    with_quantities,
    with_rate,
    with_reference_prices,
    with_used_offers,
    without_item,
)
from workbench.stages.anchoring.evaluation import position_words
from workbench.stages.anchoring.result import foreign_currencies, relevant_metrics
from workbench.stages.offers import PER_ACCOUNT
from workbench.stages.price_book import PLAN
from workbench.stages.view import (
    NOTHING,
    Action,
    Figures,
    Grid,
    KeyFigures,
    Matrix,
    Message,
    Said,
    SectionView,
    TableOf,
    View,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.stages.anchoring.decision import AnchoringDecision, Differentiation
    from workbench.stages.anchoring.result import AnchoringResult
    from workbench.stages.price_book import CompetitorOffer
    from workbench.tables import DataTable

say = texts(__name__)


def profiles_from_data(decision: AnchoringDecision, result: AnchoringResult) -> Mapping[str, object]:
    """Put the profiles back to what the data suggests."""
    del decision
    return {"profiles": result.evidence.profiles}


def use_words(decision: AnchoringDecision, result: AnchoringResult) -> Mapping[str, object]:
    """Take what the numbers say as the position."""
    del decision
    return {"position": position_words(result)}


def item_name(item: Differentiation, result: AnchoringResult) -> str:
    """Name what sets us apart, with what its worth is for and the profile it holds for."""
    name = next((each.name for each in result.profiles if each.id == item.profile), "")
    metrics = {metric for each in result.profiles for metric in each.quantities}
    driver = one_unit(item.per) if item.per in metrics else item.per or say("customer_whatever_its_size")
    said = say("item_for_each", item=item.label, driver=driver)
    return say("item_at", item=said, profile=name) if name else said


def with_new_item(decision: AnchoringDecision, result: AnchoringResult, new: NewItem) -> Mapping[str, object]:
    """Add the item typed; StudyError says what it lacks."""
    del result
    return with_item(decision, new.name, new.low, new.high, per=new.counted.strip() or new.per, profile=new.profile)


def _drivers(result: AnchoringResult) -> Mapping[str, object]:
    metrics = dict.fromkeys(metric for each in result.profiles for metric in each.quantities)
    return {PER_ACCOUNT: PER_ACCOUNT, **{one_unit(metric): metric for metric in metrics}}


def _every_profile(result: AnchoringResult) -> Mapping[str, object]:
    return {say("every_profile"): "", **{each.name: each.id for each in result.profiles}}


def _items(result: AnchoringResult) -> Mapping[str, object]:
    """Return the items by what they are called; one called like another has its number beside it."""
    found: dict[str, object] = {}
    for place, each in enumerate(result.decision.differentiation):
        name = item_name(each, result)
        found[f"{name} ({place + 1})" if name in found else name] = each.id
    return found


def _with_vendors(
    decision: AnchoringDecision, result: AnchoringResult, chosen: tuple[str, ...]
) -> Mapping[str, object]:
    # All of them is kept as "every vendor", so that one who joins the data later is compared too.
    del decision
    return {"vendors": () if set(chosen) == set(result.evidence.vendors) else tuple(chosen)}


def _vendors_shown(decision: AnchoringDecision, result: AnchoringResult) -> tuple[str, ...]:
    known = result.evidence.vendors
    return tuple(vendor for vendor in known if vendor in (decision.vendors or known))


def _priced(result: AnchoringResult, *, plans: bool) -> list[CompetitorOffer]:
    return [each for each in result.offers if each.plan.priced and (each.kind == PLAN) == plans]


def _used(decision: AnchoringDecision, result: AnchoringResult) -> dict[str, tuple[str, ...]]:
    plans = _priced(result, plans=True)
    return {offer_key(each.key): () if each.key in decision.set_aside else ("used",) for each in plans}


def _matched(decision: AnchoringDecision, result: AnchoringResult) -> dict[str, tuple[str, ...]]:
    chosen = decision.add_on_matches
    return {
        offer_key(offer.key): tuple(key for key in result.add_ons if offer.key in chosen.get(key, ()))
        for offer in _priced(result, plans=False)
    }


def _rates(decision: AnchoringDecision, result: AnchoringResult) -> list[tuple[float | None, float | None]]:
    rates = [decision.rates.get(code) for code in foreign_currencies(result.offers, result.currency)]
    return [(None, None) if rate is None else (rate.low, rate.high) for rate in rates]


def _column(label: str, unit: str = "") -> dict[str, object]:
    return {"label": label, "minimum": 0, "optional": True, **({"unit": unit} if unit else {})}


def _offers(result: AnchoringResult) -> DataTable | None:
    return result.tables["offers"] if result.evidence.vendors else None


def _no_offers(result: AnchoringResult) -> Iterable[Message]:
    return [] if result.evidence.vendors else [Message(say("no_offers"), "warning")]


def _alternatives(result: AnchoringResult) -> Mapping[str, object]:
    return {say("none"): NOTHING, **{each.name: offer_key(each.key) for each in _priced(result, plans=True)}}


def _reference_shown(decision: AnchoringDecision, result: AnchoringResult) -> str:
    del result
    return NOTHING if decision.reference is None else offer_key(decision.reference)


def _profile_shown(decision: AnchoringDecision, result: AnchoringResult) -> str:
    del decision
    return NOTHING if result.value_profile is None else result.value_profile.id


VIEW = View(
    sections=(
        SectionView(
            key="offers",
            settings=(("vendors", "stale_after_days"),),
            grids=(
                Grid(
                    key="rates",
                    rows=lambda _, result: [
                        say("rate", code=code, currency=result.currency)
                        for code in foreign_currencies(result.offers, result.currency)
                    ],
                    columns=lambda *_: [
                        {"label": say(end), "minimum": 0, "step": 0.01, "optional": True} for end in ("low", "high")
                    ],
                    cells=_rates,
                    changes=lambda decision, result, cells: with_rate(
                        decision, foreign_currencies(result.offers, result.currency), cells
                    ),
                ),
                Matrix(
                    key="used",
                    rows=lambda _, result: [
                        {"key": offer_key(each.key), "label": each.name, "group": each.vendor}
                        for each in _priced(result, plans=True)
                    ],
                    columns=lambda *_: [{"key": "used", "label": say("comparable")}],
                    value=_used,
                    changes=lambda decision, _, used: with_used_offers(decision, used),
                ),
            ),
            parts=(
                Said("no_offers", _no_offers),
                TableOf("offers", _offers, caption=lambda result: say("offers_as_last_seen", today=result.today)),
            ),
        ),
        SectionView(
            key="profiles",
            grids=(
                Grid(
                    key="quantities",
                    rows=lambda _, result: [each.name for each in result.profiles],
                    columns=lambda _, result: [
                        _column(capitalised(metric_words(metric))) for metric in relevant_metrics(result)
                    ],
                    cells=lambda _, result: [
                        tuple(each.quantities.get(metric) for metric in relevant_metrics(result))
                        for each in result.profiles
                    ],
                    changes=lambda _, result, cells: with_quantities(result.profiles, relevant_metrics(result), cells),
                ),
            ),
            actions=(Action(key="profiles_from_data", changes=profiles_from_data),),
        ),
        SectionView(
            key="comparison",
            parts=(
                KeyFigures(),
                Figures((*(ladder_key(place) for place in range(LADDERS)), "standing")),
                TableOf("standing"),
                Figures(("along",)),
            ),
        ),
        SectionView(
            key="corridor",
            grids=(
                Matrix(
                    key="matches",
                    rows=lambda _, result: [
                        {"key": offer_key(each.key), "label": each.name} for each in _priced(result, plans=False)
                    ],
                    columns=lambda _, result: [{"key": key, "label": name} for key, name in result.add_ons.items()],
                    value=_matched,
                    changes=lambda decision, _, chosen: with_matches(decision, chosen),
                ),
            ),
            parts=(
                Figures(("corridor",)),
                Said("no_tiers", lambda result: [] if result.corridors else [Message(say("no_tiers"))]),
                TableOf("corridor", lambda result: result.tables["corridor"] if result.corridors else None),
            ),
        ),
        SectionView(
            key="value",
            settings=(("reference", "value_profile"),),
            grids=(
                Grid(
                    key="typed",
                    rows=lambda _, result: [each.name for each in result.profiles],
                    columns=lambda _, result: [_column(say("price"), say("money_a_month", currency=result.currency))],
                    cells=lambda decision, result: [
                        (decision.reference_prices.get(each.id),) for each in result.profiles
                    ],
                    changes=lambda _, result, cells: with_reference_prices(result.profiles, cells),
                ),
                Grid(
                    key="items",
                    rows=lambda decision, result: [item_name(each, result) for each in decision.differentiation],
                    columns=lambda _, result: [
                        {"label": say(end), "unit": say("money_a_month", currency=result.currency)}
                        for end in ("low", "high")
                    ],
                    cells=lambda decision, _: [(each.low, each.high) for each in decision.differentiation],
                    changes=lambda decision, _, cells: with_item_values(decision, cells),
                ),
                Grid(
                    key="counts",
                    rows=lambda decision, result: [
                        item_name(each, result) for each in counted_items(decision, result.profiles)
                    ],
                    columns=lambda _, result: [_column(each.name) for each in result.profiles],
                    cells=lambda decision, result: [
                        tuple(each.counts.get(profile.id) for profile in result.profiles)
                        for each in counted_items(decision, result.profiles)
                    ],
                    changes=lambda decision, result, cells: with_counts(decision, result.profiles, cells),
                ),
            ),
            actions=(
                Action(
                    key="add_item",
                    form=NewItem,
                    options={"per": _drivers, "profile": _every_profile},
                    changes=with_new_item,
                    primary=True,
                ),
                Action(
                    key="remove_item",
                    form=GoneItem,
                    options={"item": _items},
                    changes=lambda decision, _, gone: without_item(decision, gone.item),
                    shown=lambda decision, _: bool(decision.differentiation),
                ),
            ),
            parts=(
                Figures(("value",)),
                Said("no_value", lambda result: [] if result.value else [Message(say("choose_an_alternative"))]),
                TableOf("value", lambda result: None if result.value is None else result.tables["value"]),
                TableOf("values", lambda result: result.tables["value_by_profile"]),
            ),
        ),
        SectionView(
            key="position",
            settings=(("position",),),
            actions=(Action(key="use_words", changes=use_words),),
            parts=(Said("position", lambda result: [say("numbers_say", words=position_words(result))]),),
        ),
    ),
    options={
        "vendors": lambda result: {each: each for each in result.evidence.vendors},
        "reference": _alternatives,
        "value_profile": lambda result: {each.name: each.id for each in result.profiles} or {say("none"): NOTHING},
    },
    values={"vendors": _vendors_shown, "reference": _reference_shown, "value_profile": _profile_shown},
    changes={
        "vendors": _with_vendors,
        "reference": lambda _decision, _result, key: {"reference": from_offer_key(key or None)},
    },
)
