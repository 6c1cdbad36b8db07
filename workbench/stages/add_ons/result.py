"""What follows from a set of add-ons: candidates, eligibility, buyers, revenue, overlap and services."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.formatting import count, exact
from workbench.impact.billing import offer_bills
from workbench.results import Interval, Measure, Stake
from workbench.rules.packaging import FewUsed, is_specific, suggested_name
from workbench.stages.add_ons.evidence import AddOnEvidence, AttachRange, Interest, attach_range, interest_in
from workbench.stages.contract import StageResult
from workbench.stages.needs import UNKNOWN
from workbench.stages.placing import CorePlan, Services, assign
from workbench.stages.price_book import add_on_of
from workbench.stats import normal_reach, stream, wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.rules.rulebook import Rulebook, Threshold
    from workbench.stages.add_ons.evidence import Place
    from workbench.stages.needs import FeatureBenefit, TierEvidence, Verdict
    from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision

say = texts(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class AddOnResult(StageResult):
    """The result of the stage add-ons.

    `candidates` are what could be an add-on, `outcomes` what follows from each one chosen, `revenue` the 90% range of
    their sum a month, `overlap` who wants several. `core` is the plan prices are held against, `places` where the
    scenario's tiers put each account, `services` the services calculator (None when none are offered).
    """

    decision: AddOnDecision
    evidence: AddOnEvidence
    rulebook: Rulebook
    core: CorePlan
    places: TierPlaces
    candidates: tuple[AddOnCandidate, ...]
    outcomes: tuple[AddOnOutcome, ...]
    overlap: Overlap | None
    revenue: Interval | None
    services: Services | None

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.evidence.currency

    @property
    def losing(self) -> NDArray[np.bool_]:
        """Tell which accounts use what their plan contains today and their new tier would not."""
        nobody = np.zeros(len(self.evidence), dtype=bool)
        found = losing_accounts(self.evidence, self.evidence.features, self.places) if self.places.tiers else None
        return nobody if found is None else found

    @property
    def eligible_for_any(self) -> int | None:
        """Count the accounts eligible for one add-on or more; None when no gate can be checked."""
        return any_of([each.eligibility.now for each in self.outcomes if each.eligibility.usage_recorded])

    @property
    def eligible_soon(self) -> int | None:
        """Count the accounts eligible for none yet that will be for one within 90 days, by tenure alone."""
        gates = [each.eligibility for each in self.outcomes if each.eligibility.usage_recorded]
        now, later = any_of([gate.now for gate in gates]), any_of([gate.now | gate.soon for gate in gates])
        return None if now is None or later is None else later - now

    def measures(self) -> Iterable[Measure]:
        """Return the expected share of buyers and the revenue of each add-on."""
        for each in self.outcomes:
            low, high = sorted((each.choice.attach_low, each.choice.attach_high))
            who = f"{count('account', each.eligibility.count)} eligible now"
            buyers = Interval(low, (low + high) / 2, high)
            said = (each.revenue, say("it_has_no_price_or"))
            for key, name, unit, found, why in (
                ("attach", f"Buy {each.name}", "share", buyers, ""),
                ("add_on_revenue", f"Revenue of {each.name}", self.currency, *said),
            ):
                value = None if found is None else found.estimate
                yield Measure(
                    f"{key}.{each.name}", name, value, unit, "expected share of buyers", who, "a month", found, why
                )

    def stakes(self) -> Iterable[Stake]:
        """Return what those pay who use a feature that their new tier lacks."""
        if self.losing.any():
            paid, accounts = float(np.nansum(self.evidence.needs.mrr[self.losing])), int(self.losing.sum())
            yield Stake(paid, say("paid_by_that_use_a", sum=accounts), say("more_of_them_turn_the"))

    def outcome(self, add_on_id: str) -> AddOnOutcome | None:
        """Return what follows from the add-on with this id, None when there is none."""
        return next((each for each in self.outcomes if each.choice.id == add_on_id), None)


# --- Candidates for add-ons: features few accounts use, and what the team thinks of

Group = Literal["clearly few", "too close to call", "from the team"]
GROUPS: tuple[Group, ...] = ("clearly few", "too close to call", "from the team")


@dataclass(frozen=True, slots=True)
class AddOnCandidate:
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
) -> tuple[AddOnCandidate, ...]:
    """Return the features that few use (the interval reaches below the threshold), and the team's own ideas.

    Must-haves are left out. Within a group those with the most interested accounts come first; the ideas are the
    add-ons that contain no feature the data knows.
    """
    found = [
        _candidate(evidence, benefit, _GROUP_OF[verdict], tiers)
        for benefit in evidence.needs.benefits
        if (verdict := benefit.verdict(threshold)) in _GROUP_OF and not benefit.must_have
    ]
    ideas = [
        AddOnCandidate(choice.name, "from the team") for choice in add_ons if not evidence.columns(choice.features)
    ]
    return tuple(
        sorted([*found, *ideas], key=lambda each: (GROUPS.index(each.group), -(each.interested or 0), each.name))
    )


def _candidate(evidence: AddOnEvidence, benefit: FeatureBenefit, group: Group, tiers: Sequence[Tier]) -> AddOnCandidate:
    needs, column = evidence.needs, evidence.features.index(benefit.feature)
    used = np.zeros(len(evidence), dtype=bool) if needs.used is None else needs.used[:, column]
    asking = None
    interested = int(used.sum())
    if needs.asked is not None:
        asked = needs.asked[:, column]
        has = used if needs.included is None else used | needs.included[:, column]
        asking = int((asked & ~has).sum())
        interested = int((asked | used).sum())
    return AddOnCandidate(
        name=benefit.feature,
        group=group,
        benefit=benefit,
        interested=interested,
        asking=asking,
        asking_share=None if asking is None else wilson(asking, len(evidence)),
        order=None if evidence.order is None else evidence.order.place(benefit.feature),
        in_tiers=tuple(tier.name for tier in tiers if benefit.feature in tier.features),
    )


# --- Where the tiers of a scenario put each account


@dataclass(frozen=True, eq=False)
class TierPlaces:
    """The tier of each active account (its position, -1 for none) and the monthly revenue of the core offer.

    `revenue` is that of the tiers; without tiers the MRR recorded today, None when neither is known. `source` says
    which of the two.
    """

    tiers: tuple[Tier, ...]
    tier_index: NDArray[np.intp]
    revenue: float | None
    source: str

    def containing(self, feature: str) -> tuple[str, ...]:
        """Name the tiers that contain a feature."""
        return tuple(tier.name for tier in self.tiers if feature in tier.features)

    def with_all_of(self, features: Sequence[str]) -> NDArray[np.bool_]:
        """Mark the accounts whose tier contains every one of these features; none of them for no features."""
        holds = [bool(features) and set(features) <= set(tier.features) for tier in self.tiers]
        return np.array([*holds, False], dtype=bool)[self.tier_index]


def tier_places(needs: TierEvidence, tiers: TierDecision, add_ons: AddOnDecision) -> TierPlaces:
    """Place the accounts in the tiers of a scenario, with its add-ons sold separately."""
    if not tiers.tiers:
        nowhere = np.full(len(needs), -1)
        source = f"MRR recorded for {needs.billing_month}" if needs.has_mrr else "not known"
        return TierPlaces((), nowhere, needs.today, source)
    separately = frozenset(tiers.sold_separately).union(*(choice.features for choice in add_ons.add_ons))
    placement = assign(needs, tiers, separately).place(tiers, needs.currency)
    bills = placement.bill
    revenue = float(np.nansum(bills)) if np.isfinite(bills).any() else None
    return TierPlaces(tiers.tiers, placement.plan_index, revenue, say("the_tiers_of_this_scenario"))


# --- Who may be offered an add-on

SOON_DAYS = 90


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Who an add-on may be offered to; masks have one entry per active account.

    `now` passes the gate and does not have everything in it already; `soon` will within 90 days by tenure alone.
    `included` has every feature of the add-on in its tier. `unknown` counts accounts of which tenure or usage is not
    known. `days_to_go` is how long until the gate opens by tenure alone (0: open), NaN where it does not;
    `open_otherwise` marks accounts that only tenure may keep out.
    """

    now: NDArray[np.bool_]
    soon: NDArray[np.bool_]
    included: NDArray[np.bool_]
    unknown: int
    days_to_go: NDArray[np.float64]
    open_otherwise: NDArray[np.bool_]
    usage_recorded: bool = True

    @property
    def count(self) -> int:
        """Return how many accounts are eligible now."""
        return int(self.now.sum())

    def if_waiting(self, evidence: AddOnEvidence, days: int) -> int:
        """Return how many accounts would be eligible today if the gate waited so many days, usage as it is."""
        long_enough = np.nan_to_num(evidence.tenure_days, nan=-1.0) >= days
        return int((self.open_otherwise & (long_enough | (days == 0))).sum())


def eligibility(evidence: AddOnEvidence, choice: AddOnChoice, included: NDArray[np.bool_] | None = None) -> Eligibility:
    """Return who passes the gate of an add-on; `included` marks accounts whose tier contains all of it."""
    accounts = len(evidence)
    already = np.zeros(accounts, dtype=bool) if included is None else included
    quantity = usage_of(evidence, choice.usage_metric) if has_usage_condition(choice) else None
    recorded = quantity is not None or not has_usage_condition(choice)
    enough = np.ones(accounts, dtype=bool)
    known = np.ones(accounts, dtype=bool)
    if quantity is not None:
        known = np.isfinite(quantity)
        enough = known & (np.nan_to_num(quantity) >= choice.usage_at_least)
    elif not recorded:
        enough[:] = known[:] = False
    tenure_known = np.isfinite(evidence.tenure_days) | (choice.tenure_days == 0)
    to_go = np.maximum(choice.tenure_days - np.nan_to_num(evidence.tenure_days), 0.0)
    days = np.where(tenure_known & enough & ~already, to_go, np.nan)
    now = days == 0
    return Eligibility(
        now=now,
        soon=~now & (days <= SOON_DAYS),
        included=already,
        unknown=int((~already & ~(known & tenure_known)).sum()),
        days_to_go=days,
        open_otherwise=enough & ~already,
        usage_recorded=recorded,
    )


def has_usage_condition(choice: AddOnChoice) -> bool:
    """Tell whether an add-on waits for some use to be shown."""
    return choice.usage_metric is not None and choice.usage_at_least > 0


def usage_of(evidence: AddOnEvidence, name: str | None) -> NDArray[np.float64] | None:
    """Return each account's quantity a month of a metric, or its uses a month of a feature; None when not recorded."""
    if name is None:
        return None
    if name in evidence.needs.billed:
        return evidence.needs.billed[name]
    if evidence.uses_a_month is None or name not in evidence.features:
        return None
    return evidence.uses_a_month[:, evidence.features.index(name)]


def condition_words(evidence: AddOnEvidence, choice: AddOnChoice) -> str:
    """Write the usage condition: "at least 20 queries executed a month"; empty when there is none."""
    if not has_usage_condition(choice):
        return ""
    what = str(choice.usage_metric)
    amount = exact(choice.usage_at_least)
    if what in evidence.features and what not in evidence.needs.billed:
        return say("at_least_uses_of_a", amount=amount, what=what)
    return say("at_least_a_month", amount=amount, what=what)


def any_of(masks: Sequence[NDArray[np.bool_]]) -> int | None:
    """Count the accounts that are in one of the masks or more; None without any mask."""
    return int(np.logical_or.reduce(masks).sum()) if masks else None


# --- What add-ons would bring a month

DRAWS = 2000
_REACH = normal_reach(0.9)  # a 90% range lies this many standard deviations to each side


def full_revenue(evidence: AddOnEvidence, choice: AddOnChoice, eligible: NDArray[np.bool_]) -> float | None:
    """Return what an add-on would bring a month if every eligible account bought it; None when units are unknown.

    Accounts without a known quantity count with nothing, unless nobody has one.
    """
    bills = add_on_bills(evidence, choice)
    if bills is None or (eligible.any() and np.isnan(bills[eligible]).all()):
        return None
    return float(np.nansum(bills[eligible]))


def typical_price(evidence: AddOnEvidence, choice: AddOnChoice, eligible: NDArray[np.bool_]) -> float | None:
    """Return the price to hold an add-on against others by, a month and for each unit it is priced per.

    Where it also bills usage, what half of the eligible accounts would pay at most in a month; None when unknown.
    """
    if choice.usage_charge is None:
        return float(choice.price)
    bills = add_on_bills(evidence, choice)
    known = np.array([]) if bills is None else bills[eligible & np.isfinite(bills)]
    return float(np.median(known)) if known.size else None


def add_on_bills(evidence: AddOnEvidence, choice: AddOnChoice) -> NDArray[np.float64] | None:
    """Return what each account would pay a month on its latest quantities, NaN unknown; None where none is recorded."""
    offer = add_on_of(choice)
    billed = evidence.needs.billed
    metrics = {charge.metric for charge in offer.charges}
    if not metrics:
        return np.full(len(evidence), float(choice.price))
    return offer_bills(offer, {metric: billed[metric] for metric in metrics}) if metrics <= billed.keys() else None


def revenue_range(choice: AddOnChoice, full: float | None) -> Interval | None:
    """Return an add-on's monthly revenue from the low to the high end of its attach range."""
    if full is None:
        return None
    low, high = sorted((choice.attach_low, choice.attach_high))
    return Interval(low * full, (low + high) / 2 * full, high * full)


def total_range(choices: Sequence[AddOnChoice], full: Sequence[float | None], seed: int) -> Interval | None:
    """Return the 90% range of the sum over add-ons whose attach rates vary independently within their ranges.

    Each add-on draws from its own stream, named by its id and the seed, so scenarios that share an add-on share its
    draws and differ only by what was changed. None when no add-on's revenue is known.
    """
    known = [(choice, whole) for choice, whole in zip(choices, full, strict=True) if whole is not None]
    if not known:
        return None
    total = sum(attach_draws(choice, seed) * whole for choice, whole in known)
    low, high = np.quantile(total, (0.05, 0.95))
    middle = sum((choice.attach_low + choice.attach_high) / 2 * whole for choice, whole in known)
    return Interval(float(low), float(middle), float(high))


def attach_draws(choice: AddOnChoice, seed: int) -> NDArray[np.float64]:
    """Return draws of an attach rate: normal around the middle, 90% of them in the range, within 0 and 1."""
    low, high = sorted((choice.attach_low, choice.attach_high))
    return np.clip((low + high) / 2 + (high - low) / (2 * _REACH) * _scores(choice.id, seed), 0.0, 1.0)


@lru_cache(maxsize=64)
def _scores(key: str, seed: int) -> NDArray[np.float64]:
    """Return normal scores in an order of their own; evenly spread, so that few draws give steady ends."""
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((place + 0.5) / DRAWS) for place in range(DRAWS)])
    mixed = stream(seed, key).permutation(scores)
    mixed.setflags(write=False)
    return mixed


# --- What follows for one add-on


@dataclass(frozen=True, eq=False)
class AddOnOutcome:
    """One add-on and what follows from it.

    `price` is the price a month in the unit of the add-on; for one that bills usage, that of a typical eligible
    account. `core_price` is the price of the core plan in the unit of the add-on and `bounds` the prices that meet the
    rule; None when unknown. `attach` is the range the data suggests, None when it says nothing. `full` is the monthly
    revenue if every eligible account bought, `revenue` the part its attach range makes of it. `also_in` maps
    features to the tiers that contain them too.
    """

    choice: AddOnChoice
    price: float | None
    core_price: float | None
    bounds: tuple[float, float] | None
    eligibility: Eligibility
    condition: str
    interest: Interest | None
    attach: AttachRange | None
    full: float | None
    revenue: Interval | None
    also_in: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """Return the add-on's name."""
        return self.choice.name

    @property
    def price_share(self) -> float | None:
        """Return the price over that of the core plan in the same unit, None when unknown."""
        return self.price / self.core_price if self.core_price and self.price is not None else None

    @property
    def better_name(self) -> str:
        """Return a name that says the job where the chosen one does not; empty otherwise or when nothing says it."""
        choice = self.choice
        if is_specific(choice.name):
            return ""
        return suggested_name(choice.name, job=choice.job, features=choice.features)

    @property
    def attach_is_from_data(self) -> bool:
        """Tell whether the attach range in use is the one the data suggests, to the percent it is shown in."""
        if self.attach is None:
            return False
        own, found = (self.choice.attach_low, self.choice.attach_high), (self.attach.low, self.attach.high)
        return all(abs(left - right) < 0.0051 for left, right in zip(own, found, strict=True))  # noqa: PLR2004 - half a percent


def add_on_outcome(
    evidence: AddOnEvidence, choice: AddOnChoice, core: CorePlan, places: TierPlaces, band: Threshold
) -> AddOnOutcome:
    """Return what follows from one add-on."""
    interest = interest_in(evidence, choice.features)
    gate = eligibility(evidence, choice, places.with_all_of(choice.features))
    full = full_revenue(evidence, choice, gate.now) if gate.usage_recorded else None
    return AddOnOutcome(
        choice=choice,
        price=typical_price(evidence, choice, gate.now),
        core_price=core.price_in(choice.price_per),
        bounds=core.bounds(choice.price_per, band),
        eligibility=gate,
        condition=condition_words(evidence, choice),
        interest=interest,
        attach=attach_range(interest, gate.now if gate.usage_recorded else None),
        full=full,
        revenue=revenue_range(choice, full),
        also_in={name: found for name in choice.features if (found := places.containing(name))},
    )


# --- Who would want two add-ons: the overlap of interest between them, and whether a bundle suggests itself

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


# --- Who loses what: features few use inside tiers


def losing_accounts(evidence: AddOnEvidence, features: Sequence[str], places: TierPlaces) -> NDArray[np.bool_] | None:
    """Return who uses one of the features, has it in the plan today, and does not have it in the new tier.

    Where it is not known what the plan contains, who uses a feature has it. None where use is not recorded.
    """
    needs = evidence.needs
    if needs.used is None:
        return None
    losing = np.zeros(len(needs), dtype=bool)
    for column in evidence.columns(tuple(features)):
        name = evidence.features[column]
        has = needs.used[:, column]
        if needs.included is not None:
            has = has & (needs.included[:, column] | (needs.plan == UNKNOWN))
        losing |= has & ~_in_new_tier(name, places, len(needs))
    return losing


def few_used(evidence: AddOnEvidence, places: TierPlaces, threshold: Threshold) -> tuple[FewUsed, ...]:
    """Return the features of tiers that surely few use.

    Must-haves are left out: everybody counts on them, used or not.
    """
    needs = evidence.needs
    found = []
    for benefit in needs.benefits:
        inside = _in_new_tier(benefit.feature, places, len(needs))
        is_few = benefit.share is not None and benefit.verdict(threshold) == "add-on" and not benefit.must_have
        if not is_few or needs.used is None or benefit.share is None or not places.containing(benefit.feature):
            continue
        used = needs.used[:, evidence.features.index(benefit.feature)]
        own = float(used[inside].mean()) if inside.any() else None
        at_entry = benefit.feature in places.tiers[0].features
        found.append(FewUsed(benefit.feature, benefit.share.estimate, own, in_entry=at_entry))
    return tuple(found)


def _in_new_tier(feature: str, places: TierPlaces, accounts: int) -> NDArray[np.bool_]:
    if not places.tiers:
        return np.zeros(accounts, dtype=bool)
    holds = np.array([*(feature in tier.features for tier in places.tiers), False])
    return np.asarray(holds[places.tier_index])
