"""Demand: customers with their worth, the rule they choose by and what else they could do, for any price book.

And how it puts today's customers on today's plans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from workbench.demand.choice_task import ChoiceTask, Repeated, about_cost, customers_in_parts, known_costs, open_add_ons
from workbench.demand.customers import DemandError, part_served
from workbench.demand.outcome import Outcome
from workbench.demand.willingness import Assumed
from workbench.formatting import count, money, percent
from workbench.impact.billing import offer_bills
from workbench.impact.price_realisation import share_of_list
from workbench.results import Caution
from workbench.stats import stream, weighted_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.choice_task import Rule
    from workbench.demand.customers import Customers
    from workbench.demand.worth import Worth
    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, Plan, PriceBook

    Quantities = Mapping[str, NDArray[np.float64]]

# --- The price of an offer that is searched and dragged

AnyOffer = TypeVar("AnyOffer", "Plan", "AddOn")
PER_ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Fee:
    """One price of an offer: `amount` per month (NaN: on request) for each `per`, "account" or a metric.

    Parameters
    ----------
    amount
        Per month; NaN is on request.
    per
        What one fee buys: "account", or a metric.
    charge
        Place of the charge it stands in, -1 for the base fee.

    Examples
    --------
    >>> from workbench.demand import fee_of
    >>> from workbench.pricing import Charge, Plan
    >>> fee = fee_of(Plan("Team", 0, charges=[Charge("seats", "per_unit", unit_price=5)]))
    >>> fee.amount, fee.per, fee.charge
    (5.0, 'seats', 0)
    """

    amount: float
    per: str = PER_ACCOUNT
    charge: int = -1


def fee_of(offer: Plan | AddOn) -> Fee:
    """Return the fee of an offer: its base fee, or its first plain unit price when the base fee is nothing.

    Parameters
    ----------
    offer
        A plan or an add-on.

    Returns
    -------
    Fee
        Its fee per month, what it is paid for, and where it stands.

    Examples
    --------
    >>> from workbench.demand import fee_of
    >>> from workbench.pricing import Charge, Plan
    >>> fee_of(Plan("Flat", 49)).amount, fee_of(Plan("Team", 0, [Charge("seats", "per_unit", unit_price=5)])).per
    (49.0, 'seats')
    """
    if offer.base_fee is None:
        return Fee(float("nan"))
    if offer.base_fee == 0:
        for place, charge in enumerate(offer.charges):
            if _is_plain(charge):
                return Fee(float(charge.unit_price or 0), charge.metric, place)
    return Fee(float(offer.base_fee))


def fees_of(price_book: PriceBook) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fees of plans and of add-ons per month, NaN where on request.

    Parameters
    ----------
    price_book
        The offers.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64]]
        One fee per plan and one per add-on, in their order; per month, NaN where on request.

    Examples
    --------
    >>> from workbench.demand import fees_of
    >>> from workbench.pricing import AddOn, Plan, PriceBook
    >>> fees, add_on_fees = fees_of(PriceBook("list", "USD", [Plan("Pro", 60), Plan("Deal", None)], [AddOn("SSO", 9)]))
    >>> fees.tolist(), add_on_fees.tolist()
    ([60.0, nan], [9.0])
    """
    plans, add_ons = price_book.plans, price_book.add_ons
    return np.array([fee_of(each).amount for each in plans]), np.array([fee_of(each).amount for each in add_ons])


def with_fees(price_book: PriceBook, fees: Sequence[float], add_on_fees: Sequence[float] = ()) -> PriceBook:
    """Return a price book with these fees, to a hundredth; NaN leaves a fee as it is.

    Parameters
    ----------
    price_book
        The offers.
    fees, add_on_fees
        One per plan and one per add-on, per month; none for add-ons leaves them all.

    Returns
    -------
    PriceBook
        The same price book with these fees.

    Raises
    ------
    DemandError
        When there are too few or too many fees.

    Examples
    --------
    >>> from workbench.demand import fees_of, with_fees
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60)])
    >>> fees_of(with_fees(book, [24.999, float("nan")]))[0].tolist()
    [25.0, 60.0]
    """
    if len(fees) != len(price_book.plans) or len(add_on_fees) not in (0, len(price_book.add_ons)):
        raise DemandError(
            f"{len(fees)} and {len(add_on_fees)} fees do not fit {len(price_book.plans)} plans and "
            f"{len(price_book.add_ons)} add-ons.",
            "Give one fee per plan, and one per add-on or none.",
        )
    plans = tuple(_with_fee(plan, fee) for plan, fee in zip(price_book.plans, fees, strict=True))
    if not len(add_on_fees):
        return replace(price_book, plans=plans)
    add_ons = tuple(_with_fee(each, fee) for each, fee in zip(price_book.add_ons, add_on_fees, strict=True))
    return replace(price_book, plans=plans, add_ons=add_ons)


def units_and_usage(
    offer: Plan | AddOn, quantities: Quantities, customers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how often each customer pays the fee, and the rest of the bill; NaN where a quantity is unknown."""
    fee = fee_of(offer)
    units = np.ones(customers) if fee.per == PER_ACCOUNT else np.asarray(quantities[fee.per], dtype=np.float64)
    if offer.base_fee is None:
        return units, np.zeros(customers)
    rest = tuple(charge for place, charge in enumerate(offer.charges) if place != fee.charge)
    if not rest:
        return units, np.zeros(customers)
    return units, np.asarray(
        offer_bills(replace(offer, base_fee=Decimal(0), charges=rest), quantities), dtype=np.float64
    )


def metrics_of(price_book: PriceBook) -> tuple[str, ...]:
    """Return the metrics that bills depend on."""
    offers: list[Plan | AddOn] = [*price_book.plans, *price_book.add_ons]
    return tuple(sorted({charge.metric for offer in offers if offer.priced for charge in offer.charges}))


def _with_fee(offer: AnyOffer, amount: float) -> AnyOffer:
    if not np.isfinite(amount):
        return offer
    price = Decimal(str(round(float(amount), 2)))
    place = fee_of(offer).charge
    if place < 0:
        return replace(offer, base_fee=price)
    charges = list(offer.charges)
    charges[place] = replace(charges[place], unit_price=price)
    return replace(offer, charges=tuple(charges))


def _is_plain(charge: Charge) -> bool:
    """Tell whether a charge is nothing but a price times units."""
    plain = type(charge)(charge.metric, "per_unit", unit_price=charge.unit_price)
    return charge == plain


# --- What accounts pay as a share of list prices

_LEAST, _SAME = 0.3, 0.005
"""A bill under three tenths of list is more likely another offer than a discount; half a percent is rounding.

Demand asks what an account would pay for an offer as listed, so neither an offer unlike it nor what is paid beyond the
list may scale its prices; a replay and a forecast carry on what is paid, whatever it is for, and take every share.
"""


def with_own_discounts(customers: Customers, price_book: PriceBook) -> tuple[Customers, tuple[Caution, ...]]:
    """Return the customers with the share of today's list prices each pays, and a note on it.

    Who is on no priced plan, has no known bill, pays more than list or under three tenths of it counts as paying list.
    """
    if customers.plan is None or customers.paid is None:
        return customers, ()
    listed = np.full(len(customers), np.nan)
    quantities = customers.quantities(metrics_of(price_book))
    for plan in price_book.priced_plans:
        units, usage = units_and_usage(plan, quantities, len(customers))
        listed = np.where(customers.plan == plan.name, fee_of(plan).amount * units + usage, listed)
    share = share_of_list(customers.paid, listed, least=_LEAST, most=1 - _SAME)
    discounted = share < 1
    if not discounted.any():
        return customers, ()
    off = 1 - customers.paid[discounted].sum() / listed[discounted].sum()
    note = Caution(
        f"{count('account', int(discounted.sum()))} of {len(customers)} pay {percent(float(off))} less than list, and "
        "are taken to keep their own discount under any prices.",
        "note",
    )
    return replace(customers, realised=share), (note,)


# --- Named competitors as the other choice: a published price, and worth that lacks something against ours

LACKS = (0.1, 0.5)


@dataclass(frozen=True)
class Rival:
    """One competitor's offer: `plan` with its published price per month, and what it lacks against all of ours.

    Parameters
    ----------
    name
        What it is called.
    plan
        Its offer, with its published price per month.
    lacks
        Range of the part of a customer's worth that the rival does not give (0: as good as everything we have, 1: worth
        nothing). Nobody measured it; it includes what changing would cost the customer.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Rival, Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[50.0], [100]])), [])
    >>> rival = Rival("Northwind", Plan("Team", 10), lacks=(0.2, 0.2))
    >>> book = PriceBook("list", "USD", [Plan("Team", 30)])
    >>> [Demand(worth=worth, rivals=others).outcome(book).revenue for others in ((), (rival,))]
    [60.0, 30.0]
    """

    name: str
    plan: Plan
    lacks: tuple[float, float] = LACKS

    @property
    def assumed(self) -> Assumed:
        """Return what is assumed about the rival."""
        return Assumed(f"part of the worth that {self.name} lacks", *self.lacks)


def rival_surplus(
    worth: Worth, rivals: Iterable[Rival], rule: str, scale: float, seed: int
) -> tuple[NDArray[np.floating], tuple[Caution, ...]]:
    """Return what the best other choice leaves, customers x draws, and cautions about rivals that could not be used.

    Highest surplus: the best of all rivals and nothing (0). Logit: their joint pull, scale * log(1 + sum of exp).
    """
    whole = worth.whole
    best = np.zeros_like(whole)
    cautions = []
    for rival in rivals:
        surplus = _surplus(worth, rival, seed)
        if not np.isfinite(surplus).any():
            why = "it has no published price" if not rival.plan.priced else "what it charges for is not recorded"
            cautions.append(Caution(f"{rival.name} is left out of the choice: {why}."))
        elif rule == "logit":
            best = (scale * np.logaddexp(best / scale, surplus / scale)).astype(whole.dtype)
        else:
            np.maximum(best, surplus, out=best)
    return best, tuple(cautions)


def _surplus(worth: Worth, rival: Rival, seed: int) -> NDArray[np.floating]:
    customers, whole = worth.customers, worth.whole
    if not rival.plan.priced:
        return np.full_like(whole, -np.inf)
    quantities = customers.quantities(tuple(charge.metric for charge in rival.plan.charges))
    units, usage = units_and_usage(rival.plan, quantities, len(customers))
    bill = fee_of(rival.plan).amount * units + usage
    lacks = rival.assumed.values(worth.draws, stream(seed, rival.assumed.label))
    served = part_served(customers, rival.plan.limits, "cannot serve")
    surplus = whole * (1 - lacks).astype(whole.dtype) - bill[:, None].astype(whole.dtype)
    surplus[(served == 0) | np.isnan(bill)] = -np.inf
    return surplus


# --- Demand: customers with their worth, the rule they choose by and what else they could do

SPREAD = 0.1
"""Spread of taste where none is given, as a part of the median worth."""
EVERY_DRAW = slice(None)
MOST_ROWS = 2_000_000  # of a task that is thrown away once it has been asked


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Who would buy what from any price book.

    Nothing is fitted to today's choices (see `workbench.demand.model`).

    Parameters
    ----------
    worth
        What offers are worth to the customers.
    rule
        How they choose, "surplus" or "logit".
    scale
        How far tastes spread under the logit rule; money per month, 0 takes a tenth of the median worth.
    rivals
        Competitors they could go to.
    seed
        Where random numbers start.
    chose_from
        Customers who chose among the plans of this price book preferred them to every rival, so a rival leaves them no
        more than the best of these plans does.

    Raises
    ------
    DemandError
        When the scale is negative.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[40.0], [60], [120]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60, features=["alerts"])])
    >>> outcome = Demand(worth=worth).outcome(book)
    >>> outcome.buyers.tolist(), outcome.revenue
    ([2.0, 1.0], 100.0)
    """

    worth: Worth
    rule: Rule = "surplus"
    scale: float = 0.0
    rivals: tuple[Rival, ...] = ()
    seed: int = 0
    chose_from: PriceBook | None = None

    def __post_init__(self) -> None:
        if self.scale < 0 or not np.isfinite(self.scale):
            raise DemandError(f"The spread of taste is {self.scale}.", "Give an amount of money above 0.")
        if self.scale == 0:
            middle = weighted_quantile(self.worth.whole, self.worth.customers.weight, 0.5).mean()
            object.__setattr__(self, "scale", max(SPREAD * float(middle), 1e-6))

    @property
    def customers(self) -> Customers:
        """Return who is asked."""
        return self.worth.customers

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.worth.draws

    @property
    def assumed(self) -> tuple[Assumed, ...]:
        """Return every range nobody measured."""
        return (*self.worth.assumed, *(rival.assumed for rival in self.rivals))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before using what follows from it."""
        rivals = self._rivals[1] if self.rivals else (_NO_RIVALS,)
        return (*self.worth.cautions, *rivals, *about_cost(self.customers))

    @cached_property
    def _rivals(self) -> tuple[NDArray[np.floating], tuple[Caution, ...]]:
        surplus, cautions = rival_surplus(self.worth, self.rivals, self.rule, self.scale, self.seed)
        if self.chose_from is None or not self.rivals:
            return surplus, cautions
        return np.minimum(surplus, self._best_of(self.chose_from)), (*cautions, _PREFERRED)

    def _best_of(self, price_book: PriceBook) -> NDArray[np.floating]:
        """Return what the best plan of a price book leaves at its prices, customers x draws; nothing at least."""
        best = np.zeros_like(self.worth.whole)
        plans, _ = self._bills(price_book)
        for plan, (units, usage) in zip(price_book.plans, plans, strict=True):
            if plan.priced:
                bill = np.nan_to_num(fee_of(plan).amount * units + usage, nan=np.inf)
                np.maximum(best, self.worth.of(plan) - bill[:, None].astype(best.dtype), out=best)
        return best

    @cached_property
    def _cost(self) -> NDArray[np.float64]:
        return known_costs(self.customers)

    def task(self, price_book: PriceBook, which: slice = EVERY_DRAW) -> ChoiceTask:
        """Return the choice between the plans of a price book, with its add-ons, the rivals and nothing.

        Rows are customers x draws, customer by customer. Customers whose bill cannot be known under some plan, because
        a quantity it charges for is not recorded, are left out (see `left_out`). What an add-on charges for usage is
        taken off its worth and is no part of its revenue. Raises DemandError when nobody is left or nothing is on
        offer.
        """
        if not price_book.priced_plans:  # on request: nobody is known to pay anything, which is no revenue of nothing
            what, remedy = ("no plan with a price", "Price") if price_book.plans else ("no plans", "Add")
            raise DemandError(f"The price book {price_book.name} has {what}.", f"{remedy} a plan first.")
        asked, worth = self.customers, self.worth
        if which != EVERY_DRAW:
            worth = worth.sampled(np.arange(len(asked)), np.arange(self.draws)[which], asked.weight)
        draws, dtype = worth.draws, worth.whole.dtype
        plans, add_ons = self._bills(price_book)
        kept = np.flatnonzero(self.known_bills(price_book))
        if not kept.size:
            raise DemandError(
                "No customer's bill is known: what the plans charge for is recorded for nobody.",
                f"The plans charge for {', '.join(metrics_of(price_book))}.",
            )

        def rows(columns: int, made: Iterable[NDArray[np.floating]]) -> NDArray[np.floating]:
            table = np.empty((kept.size * draws, columns), dtype=dtype, order="F")
            for column, values in enumerate(made):  # one at a time: each is as large as the column it becomes
                table[:, column] = (values if kept.size == len(asked) else values[kept]).ravel()
            return table

        def same(per_customer: list[NDArray[np.float64]]) -> NDArray[np.floating]:
            table = np.empty((kept.size, len(per_customer)), dtype=dtype, order="F")
            for column, values in enumerate(per_customer):
                table[:, column] = values[kept]
            return cast("NDArray[np.floating]", Repeated(table, draws))

        nothing = np.zeros(len(asked))
        return ChoiceTask(
            plans=price_book.plan_names,
            add_ons=tuple(each.name for each in price_book.add_ons),
            plan_worth=rows(len(plans), (worth.of(plan) for plan in price_book.plans)),
            plan_usage=same([usage for _, usage in plans]),
            plan_cost=same([self._cost] * len(plans)),
            fee_units=same([units for units, _ in plans]),
            add_on_worth=rows(
                len(add_ons),
                (
                    worth.of_add_on(each) - usage[:, None].astype(dtype)
                    for each, (_, usage) in zip(price_book.add_ons, add_ons, strict=True)
                ),
            ),
            add_on_cost=same([nothing] * len(add_ons)),
            add_on_units=same([units for units, _ in add_ons]),
            add_on_open=open_add_ons(price_book),
            rival=self._rivals[0][kept, which].ravel(),
            weight=cast("NDArray[np.float64]", Repeated(asked.weight[kept] / draws, draws)),
            customer=cast("NDArray[np.int32]", Repeated(kept.astype(np.int32), draws)),
            draw=np.tile(np.arange(draws, dtype=np.int32), kept.size),
            pays=cast("NDArray[np.bool_]", Repeated(asked.pays[kept], draws)),
            rule=self.rule,
            scale=self.scale,
        )

    def outcome(self, price_book: PriceBook) -> Outcome:
        """Return who buys what at the prices of a price book, and what that brings."""
        fees = fees_of(price_book)
        return Outcome.joined([task.outcome(*fees) for task in self.tasks(price_book)])

    def tasks(self, price_book: PriceBook) -> Iterator[ChoiceTask]:
        """Go through the task of a price book, some draws at a time where all of them would be large.

        Each task stands for all accounts: what it says is that of its draws.
        """
        most = max(1, MOST_ROWS // max(len(self.customers), 1))
        for first in range(0, self.draws, most):
            whole = most >= self.draws
            yield self.task(price_book, EVERY_DRAW if whole else slice(first, min(first + most, self.draws)))

    def left_out(self, price_book: PriceBook) -> int:
        """Return how many customers a price book cannot bill, because a quantity it charges for is not recorded."""
        return len(self.customers) - int(self.known_bills(price_book).sum())

    def sampled(self, customers: int | ArrayLike, draws: int | ArrayLike, seed: int = 0) -> Demand:
        """Return the same demand for some of the customers and draws.

        A number draws customers at random, every segment in its part, and the drawn stand for as many accounts as
        all did; an array names places, and these customers keep their weights. The same two ways for draws.
        """
        rng = stream(seed, "sample of customers")
        who = (
            customers_in_parts(self.customers, customers, rng) if isinstance(customers, int) else np.asarray(customers)
        )
        which = np.asarray(draws)
        if isinstance(draws, int):
            which = np.sort(rng.permutation(self.draws)[:draws])
        weight = self.customers.weight[who]
        if isinstance(customers, int):
            codes, before = self.customers.segment_codes[who], self.customers.segment_accounts()
            drawn = np.bincount(codes, weight, len(before))
            weight = weight * np.divide(before, drawn, out=np.ones_like(before), where=drawn > 0)[codes]
        return replace(self, worth=self.worth.sampled(who, which, weight))

    def _bills(self, price_book: PriceBook) -> tuple[list[_Bill], list[_Bill]]:
        quantities, realised = self.customers.quantities(metrics_of(price_book)), self.customers.realised

        def bill(offer: Plan | AddOn) -> _Bill:
            units, usage = units_and_usage(offer, quantities, len(self.customers))
            return (units, usage) if realised is None else (units * realised, usage * realised)

        return [bill(plan) for plan in price_book.plans], [bill(each) for each in price_book.add_ons]

    def known_bills(self, price_book: PriceBook) -> NDArray[np.bool_]:
        """Return which customers a price book can bill: all it charges for is recorded."""
        plans, add_ons = self._bills(price_book)
        known = np.ones(len(self.customers), dtype=bool)
        for units, usage in (*plans, *add_ons):
            known &= np.isfinite(units) & np.isfinite(usage)
        return known


_Bill = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
_NO_RIVALS = Caution(
    "No competitor is named: the only other choice is to buy nothing. What people said they would pay had what else "
    "they could buy in it; what they pay today does too. A competitor that cuts its price is in neither."
)
_PREFERRED = Caution(
    "These customers chose today's plans over every named competitor, so a competitor is taken to leave them no more "
    "than today's plans do. What would win a competitor's customers is not in these numbers.",
    "note",
)

# --- How a demand model puts today's customers on today's plans, against where they are

ELSEWHERE = "a competitor or nothing"


@dataclass(frozen=True, eq=False)
class Fit:
    """How the model puts today's customers on today's plans, against where they are.

    Attributes
    ----------
    plans, segments
        What rows and columns stand for.
    actual, predicted
        Accounts, segments x (plans and elsewhere).
    left_out
        Customers on plans without a price, or whose bill is not known.
    revenue
        (actual, predicted) per month; actual None where not recorded.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand import Customers, Demand, Willingness, fit_to_today, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> names, plan = np.array(["a", "b"], object), np.array(["Basic", "Pro"], object)
    >>> asked = Customers(ids=names, segment=np.array(["all", "all"], object), weight=np.ones(2), plan=plan)
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[50.0], [70]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60, features=["alerts"])])
    >>> fit_to_today(Demand(worth=worth), book).error
    0.5
    """

    plans: tuple[str, ...]
    segments: tuple[str, ...]
    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
    left_out: float
    revenue: tuple[float | None, float]

    @property
    def error(self) -> float:
        """Return the part of accounts the model puts on another plan than the segment's shares say: 0 is perfect."""
        return float(np.abs(self.predicted - self.actual).sum() / 2 / self.actual.sum())

    @property
    def overall_error(self) -> float:
        """Return the same for all segments together."""
        return float(np.abs((self.predicted - self.actual).sum(axis=0)).sum() / 2 / self.actual.sum())

    @property
    def table(self) -> pd.DataFrame:
        """Return segment, plan, actual and predicted share of the segment, and accounts."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        names = (*self.plans, ELSEWHERE)
        rows = []
        for code, segment in enumerate(self.segments):
            size = self.actual[code].sum()
            for place, plan in enumerate(names):
                actual, predicted = self.actual[code, place], self.predicted[code, place]
                rows.append((segment, plan, actual, predicted, actual / size, predicted / size))
        columns = ["segment", "plan", "actual", "predicted", "actual_share", "predicted_share"]
        return pd.DataFrame(rows, columns=columns)

    def reading(self, currency: str) -> str:
        """Return in sentences how good the fit is."""
        actual, predicted = self.revenue
        paid = "" if actual is None else f" Its revenue is {money(predicted, currency)} a month, recorded is "
        paid += "" if actual is None else f"{money(actual, currency)}."
        return (
            f"Put before today's plans, the model has {percent(1 - self.error)} of accounts on the plan mix their "
            f"segment has ({percent(1 - self.overall_error)} over all segments together).{paid}"
        )


def fit_to_today(demand: Demand, price_book: PriceBook) -> Fit:
    """Return how the model puts customers on today's plans (`price_book`), against where they are.

    Customers on plans without a price, or without a known bill, say nothing.

    Parameters
    ----------
    demand
        Who would buy what; its customers know their plan.
    price_book
        Today's.

    Returns
    -------
    Fit
        Accounts per segment and plan, as they are and as the model puts them.

    Raises
    ------
    DemandError
        When nobody is left.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand import Customers, Demand, Willingness, fit_to_today, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> names, plan = np.array(["a", "b"], object), np.array(["Basic", "Pro"], object)
    >>> asked = Customers(ids=names, segment=np.array(["all", "all"], object), weight=np.ones(2), plan=plan)
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[50.0], [150]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60, features=["alerts"])])
    >>> fit_to_today(Demand(worth=worth), book).table[["plan", "actual", "predicted"]]
                          plan  actual  predicted
    0                    Basic     1.0        1.0
    1                      Pro     1.0        1.0
    2  a competitor or nothing     0.0        0.0
    """
    asked, names = demand.customers, price_book.plan_names
    priced = [plan.name for plan in price_book.priced_plans]
    told = np.zeros(len(asked), dtype=bool)
    if asked.plan is not None:
        told = np.isin(asked.plan.astype(str), priced) & demand.known_bills(price_book)
    if not told.any():
        raise DemandError(
            "No customer is on a priced plan of this price book with a known bill.",
            f"Plans: {', '.join(names)}. Give today's price book, and customers with their plan.",
        )
    part = demand.sampled(np.flatnonzero(told), np.arange(demand.draws))
    here, fees = part.customers, fees_of(price_book)
    assert here.plan is not None  # noqa: S101 - told says so
    actual = np.zeros((len(here.segments), len(names) + 1))
    for place, name in enumerate(names):
        on_it = here.plan == name
        np.add.at(actual[:, place], here.segment_codes[on_it], here.weight[on_it])
    predicted, revenue = np.zeros_like(actual), 0.0
    for task in part.tasks(price_book):
        share = task.draws / part.draws
        predicted += task.buyers_by(here.segment_codes, len(here.segments), *fees) * share
        revenue += task.outcome(*fees, by_draw=False).revenue * share
    paid = here.paid
    recorded = None if paid is None or np.isnan(paid).any() else float((paid * here.weight).sum())
    return Fit(
        plans=names,
        segments=here.segments,
        actual=actual,
        predicted=predicted,
        left_out=float(asked.weight[~told].sum()),
        revenue=(recorded, revenue),
    )
