"""Ways to bring today's customers to new prices. Each is a frozen document a study can keep."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

import numpy as np
from pydantic import Field, model_validator

from workbench.errors import WorkbenchError
from workbench.formatting import count, exact_percent, metric_words
from workbench.pricing.charge import charge_beyond
from workbench.pricing.price_book import AddOn, Limit, Plan, PriceBook, plans_that_may_buy
from workbench.pricing.values import Number, decimal_of
from workbench.results import make_a_whole
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import ArrayLike


# --- What a migration refuses, and why


class MigrationError(WorkbenchError, ValueError):
    """Refuse bills, a policy or an offer from which no way to new prices can be worked out.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> account_bills(["A"], ["small"], [-1], [120], start="2025-01")
    Traceback (most recent call last):
        ...
    workbench.impact.migration.policies.MigrationError: ...
    """


# --- Ways to bring today's customers to new prices. Each is a frozen document a study can keep

Months = Annotated[int, Field(ge=0, le=240)]
Share = Annotated[float, Field(ge=0, le=1)]
_NO_NOTICE = "from the announcement on"


class _Policy(FrozenModel):
    """What all policies share: no bill changes within `notice_months` of the announcement."""

    notice_months: Months = 0

    def describe(self) -> str:
        """Say the policy in plain words."""
        raise NotImplementedError

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return self.notice_months

    @property
    def _after(self) -> str:
        return f"after {count('month', self.notice_months)} of notice" if self.notice_months else _NO_NOTICE


class NewCustomersOnly(_Policy):
    """Customers of today stay on old prices, whatever happens; new ones pay the new prices.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import NewCustomersOnly, migrate
    >>> migrate(bills, NewCustomersOnly(), months=12).months_to_new is None
    True
    """

    kind: Literal["new customers only"] = "new customers only"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return "Only new customers pay the new prices."


class EveryoneAtOnce(_Policy):
    """Everybody pays the new prices as soon as the notice is over, inside contracts too whose terms are not on record.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import EveryoneAtOnce, migrate
    >>> migrate(bills, EveryoneAtOnce(notice_months=2), months=3).schedule.bills.tolist()
    [[100.0, 100.0, 120.0], [400.0, 400.0, 380.0]]
    """

    kind: Literal["everyone at once"] = "everyone at once"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return f"Everybody pays the new prices {self._after}."


class AtRenewal(_Policy):
    """Each customer pays the new prices from its first renewal after the notice.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, migrate
    >>> migrate(bills, AtRenewal(), months=12).table["on_new"].tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    """

    kind: Literal["at renewal"] = "at renewal"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return f"Each customer pays the new prices from its next renewal, {self._after}."


class Grandfather(_Policy):
    """Customers of today keep their old prices for a time, or for ever.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.
    months
        How long, from the announcement; None is for ever.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import Grandfather, migrate
    >>> migrate(bills, Grandfather(months=2), months=4).table["on_old"].tolist()
    [2.0, 2.0, 0.0, 0.0]
    """

    kind: Literal["grandfather"] = "grandfather"
    months: Months | None = None

    def describe(self) -> str:
        """Say the policy in plain words."""
        if self.months is None:
            return "Customers of today keep their old prices for as long as they stay."
        kept = count("month", max(self.months, self.notice_months))
        return f"Customers of today keep their old prices for {kept}, then pay the new ones."


class CappedRise(_Policy):
    """A bill rises by at most `per_year` (0.1 is 10%) in any twelve months, until it reaches the new price.

    The first step comes after the notice, or at the first renewal after it; a fall is given in full on that day.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.
    per_year
        The most a bill rises in twelve months (0.1 is 10%).
    at_renewal
        Whether steps come at renewals.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import CappedRise, migrate
    >>> migrate(bills, CappedRise(per_year=0.1), months=13).schedule.bills[0, [0, 11, 12]].round(2).tolist()
    [110.0, 110.0, 120.0]
    """

    kind: Literal["capped rise"] = "capped rise"
    per_year: Annotated[float, Field(gt=0, le=10)] = 0.10
    at_renewal: bool = False

    def describe(self) -> str:
        """Say the policy in plain words."""
        when = f"at renewal, {self._after}" if self.at_renewal else self._after
        return f"A bill rises by at most {exact_percent(self.per_year)} a year, {when}, until the new price is reached."


class Step(FrozenModel):
    """One step of a phased change.

    Parameters
    ----------
    month
        From this month (after the notice) on.
    share
        So much of the change is in the bill, between 0 and 1.

    Examples
    --------
    >>> from workbench.impact.migration import PhasedSteps, Step
    >>> PhasedSteps(steps=(Step(month=0, share=0.5), Step(month=6, share=1))).describe()
    'The change comes in steps, from the announcement on: 50% after month 0, 100% after month 6.'
    """

    month: Months
    share: Share


class PhasedSteps(_Policy):
    """The change comes in steps.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.
    steps
        From which month on how much of the change is in the bill.
    falls_too
        Whether a fall comes in steps too; otherwise it is given in full with the first one.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import PhasedSteps, Step, migrate
    >>> halves = PhasedSteps(steps=(Step(month=0, share=0.5), Step(month=2, share=1)))
    >>> migrate(bills, halves, months=3).schedule.bills.tolist()
    [[110.0, 110.0, 120.0], [380.0, 380.0, 380.0]]
    """

    kind: Literal["phased steps"] = "phased steps"
    steps: tuple[Step, ...] = (Step(month=0, share=0.34), Step(month=6, share=0.67), Step(month=12, share=1.0))
    falls_too: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.steps or self.steps[-1].share != 1:
            raise ValueError("the last step must bring the whole change (share 1)")
        later = zip(self.steps, self.steps[1:], strict=False)
        if any(b.month <= a.month or b.share <= a.share for a, b in later):
            raise ValueError("steps must grow in month and in share")
        return self

    def describe(self) -> str:
        """Say the policy in plain words."""
        steps = ", ".join(f"{exact_percent(each.share)} after month {each.month}" for each in self.steps)
        return f"The change comes in steps, {self._after}: {steps}."


class OptIn(_Policy):
    """Customers of today choose.

    Those whose bill would fall or stay all move. Moves spread evenly over `over_months`.

    Parameters
    ----------
    kind, notice_months
        Its name, and the months in which no bill can change.
    incentive, incentive_months
        Who moves pays so much less (0.2 is 20%), and for how long.
    over_months
        Within how many months they move.
    take_up_low, take_up_high
        Share of the others that move: a guess, so a range.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import OptIn, migrate
    >>> path = migrate(bills, OptIn(incentive=0, over_months=1, take_up_low=0, take_up_high=1), months=2)
    >>> path.table[["revenue_low", "revenue_high"]]
       revenue_low  revenue_high
    0        480.0         500.0
    1        480.0         500.0
    """

    kind: Literal["opt-in"] = "opt-in"
    incentive: Share = 0.10
    incentive_months: Months = 12
    over_months: Annotated[int, Field(ge=1, le=60)] = 6
    take_up_low: Share = 0.02
    take_up_high: Share = 0.30

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.take_up_low > self.take_up_high:
            raise ValueError("the low end of the take-up lies above its high end; swap them")
        return self

    def describe(self) -> str:
        """Say the policy in plain words."""
        offer = f" with {exact_percent(self.incentive)} off for {count('month', self.incentive_months)}"
        return f"Customers of today may move to the new prices, {self._after}{offer if self.incentive else ''}."


OnePolicy: TypeAlias = Annotated[
    NewCustomersOnly | EveryoneAtOnce | AtRenewal | Grandfather | CappedRise | PhasedSteps | OptIn,
    Field(discriminator="kind"),
]


class Part(FrozenModel):
    """A share of a segment's accounts and the policy they follow.

    Parameters
    ----------
    share
        Of the segment's accounts, above 0 and at most 1.
    policy
        What they follow.

    Examples
    --------
    >>> from workbench.impact.migration import AtRenewal, EveryoneAtOnce, Part, Split
    >>> split = Split(parts=(Part(share=0.3, policy=EveryoneAtOnce()), Part(share=0.7, policy=AtRenewal())))
    >>> split.cuts
    (0.3,)
    """

    share: Annotated[float, Field(gt=0, le=1)]
    policy: OnePolicy


class Split(FrozenModel):
    """Several policies in one segment, each for a share of its accounts.

    Which accounts follow which is drawn by their ids, the same at every time: no policy gets the larger ones.

    Parameters
    ----------
    kind
        Its name.
    parts
        Shares that sum to 1, each with its policy.

    Examples
    --------
    >>> from workbench.impact.migration import AtRenewal, BySegment, EveryoneAtOnce, Part, Split
    >>> split = Split(parts=(Part(share=0.5, policy=EveryoneAtOnce()), Part(share=0.5, policy=AtRenewal())))
    >>> BySegment(segments={"small": split}, otherwise=AtRenewal()).cuts("small")
    (0.5,)
    """

    kind: Literal["split"] = "split"
    parts: tuple[Part, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not make_a_whole(each.share for each in self.parts):
            raise ValueError("the shares of a segment must sum to 100%")
        if len({each.policy.kind for each in self.parts}) < len(self.parts):
            raise ValueError("a segment names the same policy twice; add its shares up")
        return self

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return min(each.policy.least_notice for each in self.parts)

    @property
    def cuts(self) -> tuple[float, ...]:
        """Return where, from 0 to 1, one part ends and the next begins."""
        return tuple(accumulate(each.share for each in self.parts[:-1]))

    def describe(self) -> str:
        """Say the policies in plain words."""
        return " ".join(f"{exact_percent(each.share)}: {each.policy.describe()}" for each in self.parts)


class BySegment(FrozenModel):
    """A policy of its own, or several, for each segment named, and another one for all the rest.

    Parameters
    ----------
    kind
        Its name.
    segments
        Segment to policy.
    otherwise
        The policy of all the rest.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import BySegment, EveryoneAtOnce, NewCustomersOnly, migrate
    >>> mixed = BySegment(segments={"small": NewCustomersOnly()}, otherwise=EveryoneAtOnce())
    >>> migrate(bills, mixed, months=2).table[["today", "on_old", "on_new"]]
       today  on_old  on_new
    0  480.0     1.0     1.0
    1  480.0     1.0     1.0
    """

    kind: Literal["by segment"] = "by segment"
    segments: dict[str, Annotated[OnePolicy | Split, Field(discriminator="kind")]]
    otherwise: OnePolicy

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return min(each.least_notice for each in (*self.segments.values(), self.otherwise))

    def of(self, segment: str) -> tuple[OnePolicy, ...]:
        """Return the policies of a segment, in the order of its parts."""
        found = self.segments.get(segment, self.otherwise)
        return tuple(each.policy for each in found.parts) if isinstance(found, Split) else (found,)

    def cuts(self, segment: str) -> tuple[float, ...]:
        """Return where one part of a segment ends and the next begins; none where it has one policy."""
        found = self.segments.get(segment)
        return found.cuts if isinstance(found, Split) else ()

    def describe(self) -> str:
        """Say the policy in plain words."""
        if not self.segments:
            return self.otherwise.describe()
        each = [f"{segment}: {policy.describe()}" for segment, policy in self.segments.items()]
        return " ".join([*each, f"Anybody else: {self.otherwise.describe()}"])


Policy: TypeAlias = Annotated[
    NewCustomersOnly | EveryoneAtOnce | AtRenewal | Grandfather | CappedRise | PhasedSteps | OptIn | BySegment,
    Field(discriminator="kind"),
]

# --- New customers, who pay the new prices from the announcement on


class NewCustomers(FrozenModel):
    """How many new customers come, and what they pay.

    Nobody by default, so that a path shows today's customers alone. New customers pay the new prices under every
    policy, and none of them leaves.

    Parameters
    ----------
    low, high
        How many in a month.
    bill
        What each pays a month; None takes the mean new bill of today's accounts.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import EveryoneAtOnce, NewCustomers, migrate
    >>> table = migrate(bills, EveryoneAtOnce(), months=3, new_customers=NewCustomers(low=1, high=3, bill=50)).table
    >>> table[["new_customers", "revenue_low", "revenue_high"]]
       new_customers  revenue_low  revenue_high
    0          100.0        550.0         650.0
    1          200.0        600.0         800.0
    2          300.0        650.0         950.0
    """

    low: Annotated[float, Field(ge=0)] = 0.0
    high: Annotated[float, Field(ge=0)] = 0.0
    bill: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.low > self.high:
            raise ValueError("the low end of new customers a month lies above its high end; swap them")
        return self


# --- A usage component beside per-seat plans, as something customers opt into and not as a replacement

_UNNAMED = ""


def opt_in_overage(
    price_book: PriceBook,
    metric: str,
    *,
    unit_price: Number,
    included: Number | None = None,
    kind: Literal["overage", "accelerator"] = "overage",
    block: Number = 0,
    block_price: Number = 0,
    most_per_month: Number | None = None,
    seats: str = "seats",
    name: str = "",
) -> PriceBook:
    """Return the price book with an opt-in usage component as add-on; its per-seat plans stay exactly as they are.

    Parameters
    ----------
    price_book
        One with at least one priced plan charged by `seats`, and none charged by `metric` yet.
    metric
        What is metered.
    unit_price
        Per unit of the metric above what is included, per month.
    included
        Units a plan covers. None takes the plans' limits of the metric; where these differ, every limited plan gets an
        add-on of its own, named after it.
    kind
        "overage" costs nothing until more than the included units are used; an "accelerator" costs `block_price` a
        month for `block` more units, and `unit_price` beyond them.
    block, block_price
        Units of an accelerator, and their price a month.
    most_per_month
        A cap on the metered part of the bill.
    seats
        The metric of the per-seat plans.
    name
        What to call the add-on; named after the metric by default.

    Returns
    -------
    PriceBook
        The same plans, with the add-ons.

    Raises
    ------
    MigrationError
        Where there is no per-seat base, or the metric is billed already.

    Examples
    --------
    >>> from workbench.impact.migration import opt_in_overage
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> team = Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])
    >>> book = opt_in_overage(PriceBook("list", "USD", [team]), "rows", unit_price="0.01", included=1000)
    >>> add_on = book.add_ons[0]
    >>> [add_on.bill({"rows": rows}).total for rows in (900, 1500)]
    [Decimal('0'), Decimal('5')]
    """
    _check(price_book, metric, seats)
    if (kind == "accelerator") != (decimal_of(block, "block") > 0):
        raise MigrationError(
            f"An {kind} was asked for with a block of {block} units.",
            "An accelerator sells a block of units, an overage does not.",
        )
    title = name or f"{metric_words(metric).capitalize()} {kind}"
    add_ons = tuple(
        AddOn(
            title + (f" for {plan}" if plan else ""),
            block_price if kind == "accelerator" else 0,
            (charge_beyond(metric, unit_price=unit_price, included=units, block=block, maximum=most_per_month),),
            limits=(Limit(metric, None),),
            job=f"Go on beyond the included {metric_words(metric)} without changing plan",
        )
        for plan, units in _included(price_book, metric, included)
    )
    note = f"{title} is offered to those who want it; the plans are unchanged."
    whole = f"{price_book.name} with opt-in {metric_words(metric)}"
    return replace(
        price_book, name=whole, add_ons=(*price_book.add_ons, *add_ons), note=f"{price_book.note} {note}".strip()
    )


def who_would_opt_in(
    price_book: PriceBook, metric: str, account_ids: Sequence[str], quantity: ArrayLike, plans: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the add-ons on `metric` of the accounts that use more than is included, for a replay's `add_ons`.

    It shows the most that could opt in: whether a customer does is its own choice.

    Parameters
    ----------
    price_book
        What `opt_in_overage` returned.
    metric
        What is metered.
    account_ids
        Who.
    quantity
        A typical month's per account; NaN is unknown and left out.
    plans
        The accounts' plans.

    Returns
    -------
    dict[str, tuple[str, ...]]
        Account to names of add-ons, for a replay's `add_ons`.

    Examples
    --------
    >>> from workbench.impact.migration import opt_in_overage, who_would_opt_in
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> team = Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])
    >>> book = opt_in_overage(PriceBook("list", "USD", [team]), "rows", unit_price="0.01", included=1000)
    >>> sorted(who_would_opt_in(book, "rows", ["A", "B"], [900, 1500], ["Team", "Team"]))
    ['B']
    """
    offers = [each for each in price_book.add_ons if any(charge.metric == metric for charge in each.charges)]
    if not offers:
        raise MigrationError(f"No add-on of {price_book.name} is charged by {metric}.", "Build it with opt_in_overage.")
    used = np.asarray(quantity, dtype=np.float64)
    found: dict[str, tuple[str, ...]] = {}
    names = np.asarray(plans, dtype=object)
    for offer in offers:
        free = float(next(charge.free_units for charge in offer.charges if charge.metric == metric))
        here = (used > free) & np.isin(names, plans_that_may_buy(offer, price_book))
        for place in np.flatnonzero(here):
            account = str(account_ids[int(place)])
            found[account] = (*found.get(account, ()), offer.name)
    return found


def _check(book: PriceBook, metric: str, seats: str) -> None:
    if metric == seats:
        raise MigrationError(f"{metric} is what the plans charge by already.", "Choose a metric of usage.")
    if not any(charge.metric == seats for plan in book.priced_plans for charge in plan.charges):
        raise MigrationError(
            f"No priced plan of {book.name} charges by {seats}.",
            "An opt-in usage component stands beside per-seat plans; name the metric they charge by.",
        )
    for plan in book.plans:
        if any(charge.metric == metric for charge in plan.charges):
            raise MigrationError(
                f"The plan {plan.name} charges by {metric} already.", "An opt-in needs a metric that is not billed yet."
            )


def _included(book: PriceBook, metric: str, included: Number | None) -> list[tuple[str, Decimal]]:
    """Return the add-ons to make: the plan each is for (empty: any), and the units that plan covers."""
    if included is not None:
        return [(_UNNAMED, decimal_of(included, "included"))]
    limits = [(plan.name, most) for plan in book.plans if (most := _limit(plan, metric)) is not None]
    if not limits:
        raise MigrationError(
            f"No plan of {book.name} limits {metric}, so it is not known what is included.",
            "Say how many units are included.",
        )
    if len({most for _, most in limits}) == 1 and len(limits) == len(book.priced_plans):
        return [(_UNNAMED, limits[0][1])]
    return limits


def _limit(plan: Plan, metric: str) -> Decimal | None:
    return next((limit.up_to for limit in plan.limits if limit.metric == metric), None)
