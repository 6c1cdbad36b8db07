"""The five pricing models as price books drafted from the data, and what each would bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from math import log10
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.cache import meanwhile
from workbench.formatting import metric_words, one_unit
from workbench.impact.billing import offer_bills
from workbench.pricing.charge import Charge
from workbench.pricing.charge_terms import Band
from workbench.pricing.price_book import AddOn, Limit, Plan, PriceBook
from workbench.stages.model_fit.decision import MODEL_TITLES
from workbench.stages.model_fit.worth import CoreAndAddOns, OneOffer, Tiers, account_worth, tuned
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.stages.account_statistics import Resamples
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.worth import Menu, TuningWorth
    from workbench.stages.usage import Current, MetricChoice

    Floats = NDArray[np.float64]

say = texts(__name__)

# --- The offers the models start from where nothing is decided: a core plan, three tiers, a price curve

TIER_NAMES = ("Essential", "Professional", "Complete")
TIER_STEPS = (("Essential", 1), ("Professional", 2), ("Complete", 4))
TIER_MARKS = (0.20, 0.85)  # the middle tier is to hold about 65% of customers
FEATURE_MARKS = (0.5, 0.2)  # in every tier from half of the customers on; from the middle tier on from a fifth


def power_bands(quantities: Floats, ratio: float) -> tuple[Band, ...]:
    """Return graduated bands along which ten times the quantity pays `ratio` times as much.

    The amount at each band's edge lies exactly on the curve quantity ** log10(ratio). Edges stand three to a decade,
    from the 5th percentile of use to ten times the 95th, so the ratio holds exactly for all customers in between.
    """
    power = log10(ratio)
    used = quantities[np.isfinite(quantities) & (quantities > 0)]
    low, high = (np.quantile(used, (0.05, 0.95))) if len(used) else (1.0, 10.0)
    first = np.floor(3 * np.log10(low)) / 3
    steps = max(1, int(np.ceil(3 * (np.log10(10 * max(high, low)) - first))))
    edges = 10 ** (first + np.arange(steps + 1) / 3)
    starts = np.concatenate([[0.0], edges[:-1]])
    prices = (edges**power - starts**power) / (edges - starts)
    last = (10 ** (power / 3) - 1) / (10 ** (1 / 3) - 1) * edges[-1] ** (power - 1)
    bands = [Band(twelve_digits(edge), twelve_digits(price)) for edge, price in zip(edges, prices, strict=True)]
    return (*bands, Band(None, twelve_digits(last)))


def default_tiers(choice: MetricChoice, current: Current) -> tuple[Plan, ...]:
    """Return three tiers by quantity and features, whose prices stand 1 : 2 : 4."""
    limits: list[tuple[Limit, ...]] = [(), (), ()]
    if choice.metric is not None and len(current.peaks[choice.metric]):
        low, high = (two_digit_limit(float(q), up=True) for q in np.quantile(current.peaks[choice.metric], TIER_MARKS))
        if low < high:
            limits = [(Limit(choice.metric, low),), (Limit(choice.metric, high),), ()]
    plans = []
    marks = (*FEATURE_MARKS, -1.0)
    for (name, price), limit, mark in zip(TIER_STEPS, limits, marks, strict=True):
        features = tuple(feature for feature, share in current.feature_share.items() if share >= mark)
        charges = (Charge(choice.size_metric, "per_unit", unit_price=price),) if choice.size_metric else ()
        plans.append(Plan(name, 0 if charges else price, charges=charges, limits=limit, features=features))
    return tuple(plans)


def unit_plan(name: str, unit: str | None, *, limits: tuple[Limit, ...] = (), features: tuple[str, ...] = ()) -> Plan:
    """Return a plan at a price of one, per unit of a metric or per account."""
    charges = () if unit is None else (Charge(unit, "per_unit", unit_price=1),)
    return Plan(name, 0 if charges else 1, charges, limits, features)


def unit_add_on(feature: str, unit: str | None) -> AddOn:
    """Return an add-on of one feature at a price of one, per unit of a metric or per account."""
    if unit is None:
        return AddOn(feature, 1, features=(feature,))
    return AddOn(feature, 0, charges=(Charge(unit, "per_unit", unit_price=1),), features=(feature,))


def two_digit_limit(quantity: float, *, up: bool = False) -> Decimal:
    """Return the quantity with two significant digits, as a limit people can remember."""
    if quantity <= 0:
        return Decimal(0)
    place = 10.0 ** (np.floor(np.log10(quantity)) - 1)
    rounded = np.ceil(quantity / place - 1e-9) if up else np.round(quantity / place)
    return twelve_digits(rounded * place)


def twelve_digits(value: float) -> Decimal:
    """Return a number as a decimal with 12 significant digits."""
    return Decimal(f"{value:.12g}")


# --- Multiply every price of an offer by one factor, so that a price list earns a given revenue

_DIGITS = 15  # significant digits of a factor: the precision of the arithmetic behind it


def factor(value: float) -> Decimal:
    """Return a factor as a decimal with 15 significant digits."""
    return Decimal(f"{value:.{_DIGITS}g}")


def scaled_book(book: PriceBook, by: Decimal) -> PriceBook:
    """Return the price book with all its prices multiplied; limits, features and included units stay."""
    return replace(
        book,
        plans=tuple(scaled_plan(plan, by) for plan in book.plans),
        add_ons=tuple(scaled_add_on(add_on, by) for add_on in book.add_ons),
    )


def scaled_plan(plan: Plan, by: Decimal) -> Plan:
    """Return the plan with its prices multiplied; a plan on request stays on request."""
    return replace(plan, base_fee=_times(plan.base_fee, by), charges=tuple(scaled_charge(c, by) for c in plan.charges))


def scaled_add_on(add_on: AddOn, by: Decimal) -> AddOn:
    """Return the add-on with its prices multiplied."""
    charges = tuple(scaled_charge(charge, by) for charge in add_on.charges)
    return replace(add_on, base_fee=_times(add_on.base_fee, by), charges=charges)


def scaled_charge(charge: Charge, by: Decimal) -> Charge:
    """Return the charge with every amount it can yield multiplied."""
    prices = ("unit_price", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
    changes: dict[str, Any] = {name: _times(getattr(charge, name), by) for name in prices}
    return replace(charge, bands=tuple(_scaled_band(band, by) for band in charge.bands), **changes)


def _scaled_band(band: Band, by: Decimal) -> Band:
    return replace(
        band, unit_price=band.unit_price * by, flat_fee=band.flat_fee * by, rate_percent=band.rate_percent * by
    )


def _times(price: Decimal | None, by: Decimal) -> Decimal | None:
    return None if price is None else price * by


# --- Drafts of the five models from the data alone, and the prices at which each brings most

RATIOS = (3.5, 5.0, 7.5, 10.0)  # what ten times the quantity pays
FREE_BELOW = (0.0, 0.1, 0.5)  # quantiles of use up to which usage is free
INCLUDED = (0.25, 0.5, 0.75)  # quantiles of use that a hybrid's base includes
CUTS = ((0.3, 0.6), (0.4, 0.8), (0.6, 0.9))  # which parts of the features tiers one and two hold
LIMITS = (None, (0.2, 0.85), (0.5, 0.9))  # quantiles of use that tiers one and two serve
MOST_DRAFTED_ADD_ONS = 10
RARE, COMMON = 0.02, 0.95  # features wanted by fewer or more accounts are nothing to sell apart
LEAST_OF_A_HYBRID = 0.2  # of revenue from each of its two parts
NOTICED = (0.7, 1.0)
"""Share of those an add-on would be worth its price to who ever buy it apart; nobody measured it, the range is ours."""
_START_TIERS = ((0.5, 1.0, 2.0), (0.8, 1.0, 1.2))
_START_ADD_ONS = ((1.0, 0.3), (0.0, 0.6))  # core and each add-on: most of the price in the core, and none of it
_TUNING = slice(0, None, 8)  # draws used to look for prices


@dataclass(frozen=True, slots=True, eq=False)
class ModelDraft:
    """One way to build a model: its offers at a price of one each, and the menu they make."""

    key: ModelName
    offers: tuple[Plan | AddOn, ...]
    menu: Menu
    metered: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TunedDraft:
    """The best draft of a model with its prices, and what it brings a month in the mean over draws."""

    draft: ModelDraft
    prices: Floats
    brings: float

    @property
    def shares(self) -> tuple[float, ...]:
        """Return what part of the bills of those who buy each offer makes, for offers billed side by side."""
        menu = self.draft.menu
        assert isinstance(menu, OneOffer)  # noqa: S101 - offers side by side are one bill
        by_part = menu.billed(self.prices)
        total = float(by_part.sum())
        return tuple((by_part / total).tolist()) if total > 0 else (1 / len(by_part),) * len(by_part)


def tuned_drafts(worth: TuningWorth, choice: MetricChoice) -> dict[ModelName, TunedDraft]:
    """Return each model's best draft; one whose quantities nobody recorded, or that brings nothing, is left out."""
    found: dict[ModelName, TunedDraft] = {}
    drafts = tuple(_drafts(worth, choice))
    menus = [draft.menu.only(_TUNING) for draft in drafts]
    beside = meanwhile(lambda: [tuned(menu, worth.stands_for) for menu in menus[1::2]])  # half of them
    own = [tuned(menu, worth.stands_for) for menu in menus[::2]]
    for place, draft in enumerate(drafts):
        prices, brings = (beside() if place % 2 else own)[place // 2]
        before = found.get(draft.key)
        if brings > 0 and (before is None or brings > before.brings):
            found[draft.key] = TunedDraft(draft, prices, brings)
    return found


def _drafts(worth: TuningWorth, choice: MetricChoice) -> Iterator[ModelDraft]:
    if choice.metric is not None and choice.usage is not None:
        yield from _value_metric_drafts(worth, choice.metric)
        yield from _usage_based_drafts(worth, choice.usage)
        yield from _hybrid_drafts(worth, choice.usage, choice.base_unit)
    yield from _tiered_drafts(worth, choice)
    if len(worth.feature_names):
        yield from _add_on_drafts(worth, choice)


def _value_metric_drafts(worth: TuningWorth, metric: str) -> Iterator[ModelDraft]:
    for ratio in RATIOS:
        charge = Charge(metric, "graduated", bands=power_bands(worth.peak[metric], ratio))
        plan = Plan("Standard", 0, charges=(charge,))
        menu = _one(worth, _amounts(plan, worth.peak))
        yield ModelDraft("value_metric", (plan,), menu, note=f"{ratio:g}")


def _usage_based_drafts(worth: TuningWorth, metric: str) -> Iterator[ModelDraft]:
    peaks = worth.peak[metric]
    for ratio in RATIOS:
        for below in FREE_BELOW:
            free = two_digit_limit(float(np.quantile(peaks, below))) if below else 0
            charge = Charge(metric, "graduated", bands=power_bands(peaks, ratio), free_units=free)
            plan = Plan("Pay as you go", 0, charges=(charge,))
            menu = _one(worth, _amounts(plan, worth.mean))
            yield ModelDraft("usage_based", (plan,), menu, frozenset({metric}), f"{ratio:g}")


def _hybrid_drafts(worth: TuningWorth, metric: str, unit: str | None) -> Iterator[ModelDraft]:
    peaks = worth.peak[metric]
    for base in (unit_plan("Core", each) for each in dict.fromkeys((unit, None))):
        for ratio in RATIOS[1:]:
            for below in INCLUDED:
                included = two_digit_limit(float(np.quantile(peaks, below)))
                charge = Charge(metric, "graduated", bands=power_bands(peaks, ratio), free_units=included)
                usage = Plan("Usage", 0, charges=(charge,))
                parts = np.array([_amounts(base, worth.peak), _amounts(usage, worth.mean)])
                even = 1 / np.maximum((parts * worth.stands_for).sum(axis=1), 1e-9)
                menu = OneOffer(worth.whole, worth.cost, parts, _starts(worth, parts, even), LEAST_OF_A_HYBRID)
                yield ModelDraft("hybrid", (base, usage), menu, frozenset({metric}), f"{ratio:g}")


def _tiered_drafts(worth: TuningWorth, choice: MetricChoice) -> Iterator[ModelDraft]:
    order = np.argsort(-worth.wanted, kind="stable")
    many = len(order)
    for unit in dict.fromkeys((choice.size_metric, None)):
        units = _amounts(unit_plan("Core", unit), worth.peak)
        for cut in CUTS if many else CUTS[:1]:
            sets = [order[: round(part * many)] for part in (*cut, 1.0)]
            parts = [worth.imputed.part(np.isin(np.arange(many), each)) for each in sets]
            for marks in LIMITS:
                limits = _limits(worth, choice.metric, marks)
                if limits is None:
                    continue
                values = np.array([worth.whole * part for part in parts])
                for place, limit in enumerate(limits):
                    beyond = worth.peak[limit.metric] > float(limit.up_to or 0)
                    values[place, beyond] = -np.inf
                plans = tuple(
                    unit_plan(
                        name,
                        unit,
                        limits=(limits[place],) if place < len(limits) else (),
                        features=tuple(worth.feature_names[i] for i in sorted(sets[place])),
                    )
                    for place, name in enumerate(TIER_NAMES)
                )
                start = _starts(worth, units[None, :], np.array([1.0])) * np.array(_START_TIERS)
                yield ModelDraft("tiered", plans, Tiers(values, worth.cost, units, start))


def _limits(worth: TuningWorth, metric: str | None, marks: tuple[float, float] | None) -> tuple[Limit, ...] | None:
    """Return the limits of the lower tiers; None where the quantities do not tell accounts apart."""
    if marks is None:
        return ()
    if metric is None:
        return None
    low, high = (two_digit_limit(float(q), up=True) for q in np.quantile(worth.peak[metric], marks))
    return (Limit(metric, low), Limit(metric, high)) if low < high else None


def _add_on_drafts(worth: TuningWorth, choice: MetricChoice) -> Iterator[ModelDraft]:
    wanted = worth.wanted
    apart = [i for i in np.argsort(-wanted, kind="stable") if RARE < wanted[i] < COMMON][:MOST_DRAFTED_ADD_ONS]
    if not apart:
        return
    imputed = worth.imputed
    weights = imputed.weights[:, None, None] * imputed.wants
    total = np.maximum(weights.sum(axis=0), 1e-9)
    each = worth.whole * (1 - imputed.core)
    kept = np.isin(np.arange(len(wanted)), apart, invert=True)
    core_worth, extra = worth.whole * imputed.part(kept), np.array([each * weights[i] / total for i in apart])
    rng = np.random.default_rng(len(worth.place))
    noticed = rng.random(extra.shape) < rng.uniform(*NOTICED, extra.shape[2])
    for unit in dict.fromkeys((choice.size_metric, None)):
        core = unit_plan("Core", unit, features=tuple(worth.feature_names[i] for i in np.flatnonzero(kept)))
        units = _amounts(core, worth.peak)
        add_ons = tuple(unit_add_on(worth.feature_names[i], unit) for i in apart)
        start = _starts(worth, units[None, :], np.array([1.0])) * np.array(
            [np.r_[times, np.full(len(apart), each)] for times, each in _START_ADD_ONS]
        )
        yield ModelDraft(
            "add_on", (core, *add_ons), CoreAndAddOns(core_worth, extra, noticed, worth.cost, units, start)
        )


def _amounts(offer: Plan, quantities: dict[str, Floats]) -> Floats:
    """Return what accounts would pay at a price of one."""
    many = len(next(iter(quantities.values())))
    found: Floats = np.broadcast_to(offer_bills(offer, quantities), many).astype(np.float64)
    return found


def _one(worth: TuningWorth, amounts: Floats) -> OneOffer:
    parts = amounts[None, :]
    return OneOffer(worth.whole, worth.cost, parts, _starts(worth, parts, np.array([1.0])))


def _starts(worth: TuningWorth, parts: Floats, proportions: Floats) -> Floats:
    """Return prices in these proportions at which the accounts together would be billed what they pay today."""
    billed = float((proportions @ parts * worth.stands_for).sum())
    today = float((worth.imputed.facts.bill * worth.stands_for).sum())
    return proportions * today / billed if billed > 0 else proportions


# --- What each model would bring a month once tuned

# In every draw the level of a model's prices is set anew: what is compared is models, not one guess of the level.
_LEVELS = (0.5, 0.63, 0.8, 0.9, 1.0, 1.12, 1.25, 1.6, 2.0)


@dataclass(frozen=True, eq=False)
class Contributions:
    """The tuned draft of each model, and what it takes from each account: models -> levels x accounts x draws."""

    worth: TuningWorth
    drafts: Mapping[ModelName, TunedDraft]
    takings: Mapping[ModelName, Floats]

    def brings(self, model: ModelName) -> float | None:
        """Return what a model brings a month in the mean over draws, None where it was not built."""
        if model not in self.takings:
            return None
        by_level = np.einsum("lad,a->ld", self.takings[model], self.worth.stands_for)
        return float(by_level.max(axis=0).mean())

    def drawn(self, resamples: Resamples) -> dict[ModelName, Floats]:
        """Return what each model brings, one value per resample of the accounts, each with a draw of worth."""
        counts = resamples.counts(self.worth.place) * self.worth.stands_for
        found = {}
        for model, takings in self.takings.items():
            draws = np.arange(len(counts)) % takings.shape[2]
            total = np.empty((len(takings), len(counts)))
            for draw in range(takings.shape[2]):
                mine = draws == draw
                total[:, mine] = takings[:, :, draw] @ counts[mine].T
            found[model] = total.max(axis=0)
        return found


def contributions(base: CustomerBase, choice: MetricChoice, *, seed: int = 0) -> Contributions | None:
    """Tune the five models on what customers are worth; None where nothing says what that is."""
    metrics = tuple(dict.fromkeys(m for m in (choice.metric, choice.usage, choice.size_metric) if m is not None))
    worth = account_worth(base, metrics, quantity=choice.usage, seed=seed)
    if worth is None:
        return None
    drafts = tuned_drafts(worth, choice)
    takings = {
        key: np.array([each.draft.menu.takings(each.prices * level) for level in _LEVELS])
        for key, each in drafts.items()
    }
    return Contributions(worth, drafts, takings) if takings else None


# --- The five pricing models as price books, built from the data alone

USAGE_RATIO = 7.5  # ten times the volume pays 7 to 8 times as much
BASE_SHARE = 0.6  # of a hybrid's revenue comes from its base, where nothing says better
ADD_ON_BELOW = 0.30
MOST_ADD_ONS = 5
ADD_ON_PRICE = 0.3  # of the core
_TUNED = say("the_way_to_build_it")
_PLACED = say("each_account_sits_in_the")
_BUYS = say("an_account_that_used_an")
_METERED = say("billed_on_each_month_s")
_SUBSCRIBED = say("billed_on_the_highest_quantity")


@dataclass(frozen=True, slots=True)
class Shape:
    """One pricing model before calibration.

    `parts` are price books billed side by side with the share of revenue each has to bring; all but the hybrid have
    one. `metered` metrics are billed on each month's own quantity. `how` says in sentences how it was built.
    """

    key: ModelName
    parts: tuple[tuple[PriceBook, float], ...]
    metered: frozenset[str]
    how: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the name of the model as people read it."""
        return MODEL_TITLES[self.key]


def shapes(
    choice: MetricChoice, current: Current, currency: str, drafts: Mapping[ModelName, TunedDraft] | None = None
) -> tuple[Shape, ...]:
    """Return the models that the data allows: all five where usage is recorded, else those that need none."""
    if drafts:
        return tuple(_of_draft(drafts[key], choice, currency) for key in MODEL_TITLES if key in drafts)
    builders = (_value_metric, _tiered, _add_on, _usage_based, _hybrid)
    found = (builder(choice, current, currency) for builder in builders)
    return tuple(shape for shape in found if shape is not None)


def _of_draft(tuned: TunedDraft, choice: MetricChoice, currency: str) -> Shape:
    draft, prices = tuned.draft, [factor(float(price)) for price in tuned.prices]
    plans = [(each, price) for each, price in zip(draft.offers, prices, strict=True) if isinstance(each, Plan)]
    add_ons = [(each, price) for each, price in zip(draft.offers, prices, strict=True) if isinstance(each, AddOn)]
    how = (_how_drafted(tuned, choice), _TUNED)
    if draft.key == "hybrid":
        books = [PriceBook(f"Hybrid: {plan.name.lower()}", currency, (scaled_plan(plan, by),)) for plan, by in plans]
        return Shape("hybrid", tuple(zip(books, tuned.shares, strict=True)), draft.metered, how)
    free = {name for add_on, price in add_ons if not price for name in add_on.features}
    made = [scaled_plan(plan, by) for plan, by in plans]
    if add_ons:
        core = made[0]
        made = [Plan(core.name, core.base_fee, core.charges, core.limits, (*core.features, *sorted(free)))]
    sold = tuple(scaled_add_on(add_on, by) for add_on, by in add_ons if by)
    return _shape(draft.key, tuple(made), sold, currency, metered=tuple(draft.metered), how=how)


def _how_drafted(tuned: TunedDraft, choice: MetricChoice) -> str:
    draft = tuned.draft
    if draft.key == "value_metric":
        words = metric_words(str(choice.metric))
        return say("a_subscription_on_ten_times_2", words=words, note=draft.note, subscribed=_SUBSCRIBED)
    if draft.key == "usage_based":
        free = draft.offers[0].charges[0].free_units
        given = say("the_first_units_free_then", free=free) if free else ""
        words = metric_words(str(choice.usage))
        return say("pay_as_you_go_on_2", words=words, given=given, note=draft.note, metered=_METERED)
    unit = draft.offers[0].charges[0].metric if draft.offers[0].charges else None
    per = _per(unit)
    if draft.key == "hybrid":
        base, included = tuned.shares[0], draft.offers[1].charges[0].free_units
        return say(
            "a_base_that_brings_of_2", per_=per, base=base, usage=str(choice.usage), included=included, value=1 - base
        )
    if draft.key == "tiered":
        steps = " : ".join(f"{price / tuned.prices[0]:.2g}" for price in tuned.prices)
        return say("three_tiers_priced_each_with", steps=steps, per_=per, placed=_PLACED)
    sold = int((tuned.prices[1:] > 0).sum())
    core = f"One core {per}" if tuned.prices[0] > 0 else say("no_paid_core_everything_sold", per_=per)
    return say("and_add_ons_each_at", core=core, sold=sold, buys=_BUYS)


def _per(unit: str | None) -> str:
    return f"per {one_unit(unit)}" if unit else "per account"


def _value_metric(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    charge = Charge(choice.metric, "graduated", bands=power_bands(current.peaks[choice.metric], USAGE_RATIO))
    how = say("a_subscription_on_ten_times", metric=choice.metric, usage_ratio=USAGE_RATIO)
    return _shape("value_metric", (Plan("Standard", 0, charges=(charge,)),), (), currency, how=(how, _SUBSCRIBED))


def _tiered(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None and not current.feature_share:
        return None
    steps = " : ".join(str(price) for _, price in TIER_STEPS)
    how = say("three_tiers_priced_cut_so", steps=steps, per_=_per(choice.size_metric))
    return _shape("tiered", default_tiers(choice, current), (), currency, how=(how, _PLACED))


def _add_on(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    rare = sorted((share, name) for name, share in current.feature_share.items() if 0 < share < ADD_ON_BELOW)
    sold = [name for _, name in rare[::-1][:MOST_ADD_ONS]]
    if not sold:
        return None
    how = say("one_core_and_add_ons", per_=_per(choice.size_metric), sold=len(sold))
    add_ons = tuple(scaled_add_on(unit_add_on(name, choice.size_metric), factor(ADD_ON_PRICE)) for name in sold)
    kept = tuple(name for name in current.feature_share if name not in sold)
    core = unit_plan("Core", choice.size_metric, features=kept)
    return _shape("add_on", (core,), add_ons, currency, how=(how, _BUYS))


def _usage_based(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.usage is None:
        return None
    peaks = current.peaks[choice.usage]
    free = two_digit_limit(float(np.quantile(peaks, 0.1))) if len(peaks) else 0
    charge = Charge(choice.usage, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=free)
    how = say("pay_as_you_go_on", usage=choice.usage, free=free, usage_ratio=USAGE_RATIO)
    plan = Plan("Pay as you go", 0, charges=(charge,))
    return _shape("usage_based", (plan,), (), currency, metered=(choice.usage,), how=(how, _METERED))


def _hybrid(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.usage is None:
        return None
    peaks, unit = current.peaks[choice.usage], choice.base_unit
    included = two_digit_limit(float(np.median(peaks))) if len(peaks) else 0
    usage = Charge(choice.usage, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=included)
    base = PriceBook("Hybrid: base", currency, (unit_plan("Core", unit),))
    overage = PriceBook("Hybrid: usage", currency, (Plan("Usage", 0, charges=(usage,)),))
    how = say(
        "a_base_that_brings_of",
        per_=_per(unit),
        base_share=BASE_SHARE,
        usage=choice.usage,
        included=included,
        value=1 - BASE_SHARE,
    )
    return Shape("hybrid", ((base, BASE_SHARE), (overage, 1 - BASE_SHARE)), frozenset({choice.usage}), (how,))


def _shape(
    key: ModelName,
    plans: tuple[Plan, ...],
    add_ons: tuple[AddOn, ...],
    currency: str,
    *,
    metered: tuple[str, ...] = (),
    how: tuple[str, ...],
) -> Shape:
    book = PriceBook(MODEL_TITLES[key], currency, plans, add_ons)
    return Shape(key, ((book, 1.0),), frozenset(metered), how)
