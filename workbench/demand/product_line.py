"""Design a product line: features into tiers, prices of bundles, and menus whose best answer is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.choice_task import ask_of
from workbench.demand.customers import DemandError
from workbench.demand.search.objective import objective_value
from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.choice_task import Ask, ChoiceTask
    from workbench.demand.search.constraints import Objective

    Floats = NDArray[np.float64]
    Starts = tuple[int, ...]

# --- Which feature belongs into which tier

_ENOUGH = 1e-12


@dataclass(frozen=True, eq=False)
class FeatureTiers:
    """The tier each feature starts in; it is in every tier above as well.

    A feature is in every tier above as well.

    Attributes
    ----------
    starts_in
        Feature to the lowest tier that has it.
    tiers
        Tier to the features that start in it.
    value, bound
        The objective it brings, and what none can exceed.
    is_exact, looks
        Whether every assignment was counted, and how many were looked at.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, assign_features, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[30.0], [40]])), [])
    >>> task = Demand(worth=worth).task(PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60)]))
    >>> found = assign_features(task, [[0], [30]], ["alerts"], [20, 60])
    >>> found.starts_in["alerts"], found.value, found.is_exact
    ('Basic', 40.0, True)
    """

    starts_in: Mapping[str, str]
    tiers: Mapping[str, tuple[str, ...]]
    value: float
    bound: float
    is_exact: bool
    looks: int

    @property
    def gap(self) -> float:
        """Return how far the value may fall short of the best assignment, as a share of the bound; 0 when exact."""
        return 0.0 if self.is_exact or self.bound <= 0 else max(self.bound - self.value, 0.0) / self.bound


def assign_features(
    task: ChoiceTask,
    feature_worth: ArrayLike,
    features: Sequence[str],
    fees: ArrayLike,
    add_on_fees: ArrayLike = (),
    *,
    must_have: Sequence[str] = (),
    fixed: Mapping[str, str] | None = None,
    objective: Objective = "revenue",
    exact_up_to: int = 5_000,
    seed: int = 0,
) -> FeatureTiers:
    """Return the tier each feature should start in to bring most revenue, margin or share at given prices.

    At most `exact_up_to` assignments are all counted; beyond, features are placed one by one, then moved and swapped.

    Parameters
    ----------
    task
        What the tiers are worth without these features; its plans from the lowest tier up.
    feature_worth
        Rows of the task x features: what each feature adds per month.
    features
        Their names.
    fees, add_on_fees
        Monthly fees, one per plan and one per add-on.
    must_have, fixed
        Features that start in the lowest tier, and feature to the tier it starts in.
    objective
        "revenue", "margin" or "share".
    exact_up_to, seed
        Count every assignment up to so many; where random beginnings start beyond.

    Returns
    -------
    FeatureTiers
        The tier each feature starts in, and how good that is.

    Raises
    ------
    DemandError
        When the worth does not fit, or a feature or tier is unknown.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, assign_features, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[30.0], [40]])), [])
    >>> task = Demand(worth=worth).task(PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60)]))
    >>> found = assign_features(task, [[5, 0], [0, 30]], ["maps", "alerts"], [20, 60], must_have=["maps"])
    >>> dict(found.starts_in), found.value
    ({'maps': 'Basic', 'alerts': 'Basic'}, 40.0)
    """
    search = _Assignments(task, np.asarray(feature_worth, dtype=np.float64), (fees, add_on_fees), objective)
    choices = _choices(task, search.worth, tuple(features), tuple(must_have), fixed or {})
    many = int(np.prod([float(len(each)) for each in choices])) if choices else 1
    is_exact = many <= exact_up_to
    if is_exact:
        best = max(product(*choices), key=search.value)
    else:
        rng = np.random.default_rng(seed)
        begun = [_greedy(search, choices), *(_drawn(choices, rng) for _ in range(4))]
        best = max((_improved(search, choices, start) for start in begun), key=search.value)
    places = dict(zip(features, best, strict=True))
    return FeatureTiers(
        starts_in={name: task.plans[place] for name, place in places.items()},
        tiers={
            plan: tuple(name for name, start in places.items() if start <= number)
            for number, plan in enumerate(task.plans)
        },
        value=search.value(best),
        bound=search.bound,
        is_exact=is_exact,
        looks=len(search.known),
    )


class _Assignments:
    """The value of assignments, each looked at once."""

    def __init__(
        self, task: ChoiceTask, worth: Floats, fees: tuple[ArrayLike, ArrayLike], objective: Objective
    ) -> None:
        self.task, self.worth, self.fees, self.objective = task, worth, fees, objective
        self.known: dict[Starts, float] = {}

    def value(self, starts: Starts) -> float:
        """Return what an assignment brings."""
        if starts not in self.known:
            added = np.zeros((self.task.rows, len(self.task.plans)))
            for place in range(len(self.task.plans)):
                inside = [feature for feature, start in enumerate(starts) if start <= place]
                added[:, place] = self.worth[:, inside].sum(axis=1)
            full = replace(self.task, plan_worth=self.task.plan_worth + added)
            self.known[starts] = objective_value(full.outcome(*self.fees, by_draw=False), self.objective)
        return self.known[starts]

    @cached_property
    def bound(self) -> float:
        """Return what no assignment exceeds: each customer sees the offers that suit the seller best.

        Every plan is worth between what it is without the features and with all of them. Of the mixes of plans at
        either end, the best for the seller holds the plans that bring most at their highest and the rest at their
        lowest; each customer takes the best of those (add-ons count as if everybody who may would buy).
        """
        task, rows = self.task, slice(None)
        ask = ask_of(task, *task.read_fees(*self.fees))
        gains = ask.gains(rows)
        if task.rule == "logit":
            left = {a: task.scale * np.logaddexp(0, gain / task.scale) for a, gain in gains.items()}
            taken = {a: 1 / (1 + np.exp(-gain / task.scale)) for a, gain in gains.items()}
        else:
            left, taken = ({a: each(gain) for a, gain in gains.items()} for each in (_above_nothing, task.takes))
        offered = sorted(ask.offered)
        lowest = np.column_stack([self._surplus(ask, plan, left) for plan in offered])
        highest = lowest + np.maximum(self.worth, 0).sum(axis=1, keepdims=True)
        lowest = lowest + np.minimum(self.worth, 0).sum(axis=1, keepdims=True)
        brings = np.column_stack([self._brings(*ask.brings(plan, rows, taken)) for plan in offered])
        rival = np.asarray(task.rival, dtype=np.float64)
        if task.rule == "surplus":
            reached = np.where(highest >= rival[:, None] - task.tolerance, brings, -np.inf).max(axis=1)
            certain = np.where(lowest > rival[:, None] + task.tolerance, 1.0, 0.0).max(axis=1) > 0
            best = np.where(certain, reached, np.maximum(reached, 0.0))
        else:
            best = _best_mix(lowest / task.scale, highest / task.scale, brings, rival / task.scale)
        total = float(task.weight @ best)
        return total / max(task.accounts, 1e-300) if self.objective == "share" else total

    @staticmethod
    def _surplus(ask: Ask, plan: int, left: Mapping[int, NDArray[np.floating]]) -> Floats:
        surplus = np.asarray(ask.plan_surplus(plan, slice(None)), dtype=np.float64)
        for add_on in ask.open_add_ons(plan):
            surplus = surplus + left[add_on]
        return surplus

    def _brings(self, revenue: Floats, cost: Floats) -> Floats:
        return {"share": np.ones_like(revenue), "margin": revenue - cost}.get(self.objective, revenue)


def _above_nothing(gain: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.maximum(gain, 0)


def _best_mix(lowest: Floats, highest: Floats, brings: Floats, rival: Floats) -> Floats:
    """Return the highest mean of what plans bring when the pull of each lies between two ends.

    A threshold in what they bring decides: above it a plan pulls at its highest, below it at its lowest.
    """
    ceiling = np.maximum(highest.max(axis=1), rival)[:, None]
    low, high, none = np.exp(lowest - ceiling), np.exp(highest - ceiling), np.exp(rival[:, None] - ceiling)[:, 0]
    order = np.argsort(-brings, axis=1)
    low, high, brings = (np.take_along_axis(each, order, axis=1) for each in (low, high, brings))
    best = np.full(len(rival), -np.inf)
    for many in range(brings.shape[1] + 1):
        pull = np.concatenate([high[:, :many], low[:, many:]], axis=1)
        best = np.maximum(best, (pull * brings).sum(axis=1) / (pull.sum(axis=1) + none))
    return best


def _greedy(search: _Assignments, choices: list[tuple[int, ...]]) -> Starts:
    """Start with everything as high as allowed, and place feature by feature, the most valued first."""
    starts: Starts = tuple(each[-1] for each in choices)
    for feature in np.argsort(-(search.task.weight @ search.worth)):
        tried: list[Starts] = [(*starts[:feature], place, *starts[feature + 1 :]) for place in choices[feature]]
        starts = max(tried, key=search.value)
    return starts


def _drawn(choices: list[tuple[int, ...]], rng: np.random.Generator) -> Starts:
    return tuple(int(rng.choice(each)) for each in choices)


def _improved(search: _Assignments, choices: list[tuple[int, ...]], starts: Starts) -> Starts:
    """Move single features and swap pairs until nothing gains."""
    while True:
        better = next((each for each in _near(choices, starts) if _gains(search, each, starts)), None)
        if better is None:
            return starts
        starts = better


def _gains(search: _Assignments, tried: Starts, starts: Starts) -> bool:
    value = search.value(starts)
    return search.value(tried) > value + _ENOUGH * abs(value)


def _near(choices: list[tuple[int, ...]], starts: Starts) -> list[Starts]:
    moved = [
        (*starts[:feature], place, *starts[feature + 1 :])
        for feature, open_to in enumerate(choices)
        for place in open_to
        if place != starts[feature]
    ]
    for first in range(len(starts)):
        for second in range(first + 1, len(starts)):
            one, two = starts[first], starts[second]
            if one != two and two in choices[first] and one in choices[second]:
                moved.append((*starts[:first], two, *starts[first + 1 : second], one, *starts[second + 1 :]))
    return moved


def _choices(
    task: ChoiceTask, worth: Floats, features: tuple[str, ...], must_have: tuple[str, ...], fixed: Mapping[str, str]
) -> list[tuple[int, ...]]:
    """Return the tiers each feature may start in; DemandError for names and shapes that do not fit."""
    if worth.shape != (task.rows, len(features)):
        raise DemandError(
            f"The worth of features has the shape {worth.shape}, for {task.rows} rows and {len(features)} features.",
            "Give one row per row of the task and one column per feature.",
        )
    for name in (*must_have, *fixed):
        if name not in features:
            raise DemandError(f"There is no feature {name!r}.", f"There are {', '.join(features)}.")
    for name, plan in fixed.items():
        if plan not in task.plans:
            raise DemandError(f"{name} is to start in {plan!r}, which is no tier.", f"Tiers: {', '.join(task.plans)}.")
        if name in must_have and plan != task.plans[0]:
            raise DemandError(
                f"{name} is a must-have, and is to start in {plan}.", f"A must-have starts in {task.plans[0]}."
            )
    everywhere = tuple(range(len(task.plans)))
    return [
        (0,) if name in must_have else (task.plans.index(fixed[name]),) if name in fixed else everywhere
        for name in features
    ]


# --- The inequalities of a linear program, collected one at a time


class Inequalities:
    """Collect inequalities in `width` variables as a sparse matrix: row, column and value of each coefficient."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.row: list[int] = []
        self.column: list[int] = []
        self.values: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: Sequence[tuple[int, float]], *, low: float = -np.inf, high: float = np.inf) -> None:
        """Add low <= sum of coefficient times variable <= high; terms are (variable, coefficient)."""
        for column, value in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.values.append(value)
        self.low.append(low)
        self.high.append(high)


# --- Prices of bundles as a mixed-integer program (Hanson & Martin 1990, Optimal Bundle Pricing)

BundleKind = Literal["component", "pure", "mixed"]
_MOST_CHOICES = 4_000
_MOST_ITEMS = 6


@dataclass(frozen=True, eq=False)
class BundlePrices:
    """The best prices found for bundles of items, per month.

    With `kind` "component" a bundle costs the sum of its items.

    Attributes
    ----------
    kind
        How items are sold.
    bundles, prices
        The items of each bundle, and its price per month.
    choice
        The bundle each customer takes as its place in `bundles`, -1 for nothing.
    value
        Revenue less unit cost per month.
    bound
        What no prices can exceed; `gap` is the distance as a share, 0 is proven best.

    Examples
    --------
    >>> from workbench.demand import bundle_prices
    >>> found = bundle_prices([[10, 2], [2, 10]], ["maps", "alerts"], "pure")
    >>> found.bundles, found.prices.round(2).tolist(), found.choice.tolist(), round(found.value, 2)
    ((('maps', 'alerts'),), [12.0], [0, 0], 24.0)
    """

    kind: BundleKind
    bundles: tuple[tuple[str, ...], ...]
    prices: Floats
    choice: NDArray[np.intp]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Return how far the value may fall short of the best possible one, as a share."""
        return max(self.bound - self.value, 0.0) / self.bound if self.bound > 0 else 0.0


def bundle_prices(
    worth: ArrayLike,
    items: Sequence[str],
    kind: BundleKind = "mixed",
    *,
    weight: ArrayLike | None = None,
    unit_cost: ArrayLike = 0.0,
    seconds: float = 30.0,
) -> BundlePrices:
    """Return the prices of bundles that bring most from customers who value items by `worth` (customers x items).

    A bundle is worth the sum of its items; "mixed" prices none dearer than its parts together. Ties go to the seller.

    Parameters
    ----------
    worth
        Customers x items, money per month.
    items
        Names of the columns, at most 6.
    kind
        "component", "pure" or "mixed".
    weight
        Accounts each customer stands for; one each by default.
    unit_cost
        Per item and month.
    seconds
        After so long the best prices so far are returned with their gap.

    Returns
    -------
    BundlePrices
        Prices per month, who takes what, and how far from the best they can be.

    Raises
    ------
    DemandError
        For more than 6 items or more than 4,000 customers times bundles: draw a sample.

    References
    ----------
    Hanson and Martin (1990), Optimal bundle pricing, Management Science 36, 155-174.

    Examples
    --------
    >>> from workbench.demand import bundle_prices
    >>> worth, kinds = [[10, 2], [2, 10], [7, 7]], ("component", "pure", "mixed")
    >>> [round(bundle_prices(worth, ["maps", "alerts"], kind).value, 2) for kind in kinds]
    [28.0, 36.0, 36.0]
    """
    valued = np.asarray(worth, dtype=np.float64)
    names = tuple(items)
    _check(valued, names, kind)
    size = np.ones(len(valued)) if weight is None else np.asarray(weight, dtype=np.float64)
    cost = np.broadcast_to(np.asarray(unit_cost, dtype=np.float64), (len(names),))
    held = _offers(len(names), kind)
    found = _solve(valued @ held.T, held @ cost, size, held, kind=kind, seconds=seconds)
    bundles = tuple(tuple(name for name, inside in zip(names, row, strict=True) if inside) for row in held)
    return BundlePrices(kind, bundles, *found)


def _offers(items: int, kind: BundleKind) -> Floats:
    """Return which items each bundle holds (bundles x items), single items first."""
    if kind == "pure":
        return np.ones((1, items))
    rows = [
        [float(item in chosen) for item in range(items)]
        for many in range(1, items + 1)
        for chosen in combinations(range(items), many)
    ]
    return np.array(rows)


def _solve(
    worth: Floats, cost: Floats, size: Floats, held: Floats, *, kind: BundleKind, seconds: float
) -> tuple[Floats, NDArray[np.intp], float, float]:
    """Solve the program: variables are prices, then what each customer pays for each bundle, then the choices."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to import
    from scipy.sparse import coo_array  # noqa: PLC0415 - as above

    customers, bundles = worth.shape
    rows = Inequalities(bundles + 2 * customers * bundles)
    top = np.maximum(worth.max(axis=0), 0.0)

    def pays(customer: int, bundle: int) -> int:
        return bundles + customer * bundles + bundle

    def takes(customer: int, bundle: int) -> int:
        return bundles + customers * bundles + customer * bundles + bundle

    for i in range(customers):
        everything = [(takes(i, b), float(worth[i, b])) for b in range(bundles)]
        everything += [(pays(i, b), -1.0) for b in range(bundles)]
        rows.add(everything, low=0.0)
        rows.add([(takes(i, b), 1.0) for b in range(bundles)], high=1.0)
        for b in range(bundles):
            rows.add([*everything, (b, 1.0)], low=float(worth[i, b]))
            rows.add([(pays(i, b), 1.0), (b, -1.0)], high=0.0)
            rows.add([(pays(i, b), 1.0), (takes(i, b), -max(float(worth[i, b]), 0.0))], high=0.0)
            rows.add([(pays(i, b), 1.0), (b, -1.0), (takes(i, b), -float(top[b]))], low=-float(top[b]))
    for whole, first, second in _parts(held):
        low = 0.0 if kind == "component" else -np.inf
        rows.add([(whole, 1.0), (first, -1.0), (second, -1.0)], low=low, high=0.0)
    matrix = coo_array((rows.values, (rows.row, rows.column)), shape=(len(rows.low), rows.width)).tocsr()
    gain = np.concatenate([np.zeros(bundles), np.repeat(size, bundles), -np.outer(size, cost).ravel()])
    paid = np.where(worth > 0, worth, 0.0).ravel()
    ends = Bounds(np.zeros(rows.width), np.concatenate([_dearest(top, held), paid, np.ones(customers * bundles)]))
    whole_numbers = np.concatenate([np.zeros(bundles + customers * bundles), np.ones(customers * bundles)])
    solved = milp(
        -gain,
        constraints=LinearConstraint(matrix, rows.low, rows.high),
        bounds=ends,
        integrality=whole_numbers,
        options={"time_limit": seconds, "mip_rel_gap": 1e-9},
    )
    if solved.x is None:
        raise DemandError(
            f"No bundle prices were found in {seconds:g} seconds.", "Draw fewer customers, or wait longer."
        )
    chosen = solved.x[bundles + customers * bundles :].reshape(customers, bundles)
    choice = np.where(chosen.max(axis=1) > 0.5, chosen.argmax(axis=1), -1)  # noqa: PLR2004 - whole numbers, nearly
    bound = (
        -float(solved.mip_dual_bound)
        if solved.mip_dual_bound is not None
        else float(size @ paid.reshape(worth.shape).max(axis=1))
    )
    return solved.x[:bundles], choice, float(gain @ solved.x), max(bound, float(gain @ solved.x))


def _parts(held: Floats) -> list[tuple[int, int, int]]:
    """List the ways to make a bundle of two others without an item in common."""
    place = {tuple(row): number for number, row in enumerate(held)}
    return [
        (place[tuple(held[first] + held[second])], first, second)
        for first, second in combinations(range(len(held)), 2)
        if not (held[first] * held[second]).any()
    ]


def _dearest(top: Floats, held: Floats) -> Floats:
    """Return a ceiling for every price: what the items would cost at most, so that the parts can always add up."""
    singles = {int(np.flatnonzero(row)[0]): top[number] for number, row in enumerate(held) if row.sum() == 1}
    sums = np.array([sum(singles.get(int(item), 0.0) for item in np.flatnonzero(row)) for row in held])
    return np.maximum(top, sums)


def _check(worth: Floats, items: tuple[str, ...], kind: str) -> None:
    if kind not in ("component", "pure", "mixed"):
        raise DemandError(f"There is no kind of bundling {kind!r}.", 'Kinds are "component", "pure" and "mixed".')
    if worth.ndim != 2 or worth.shape[1] != len(items) or not len(worth):  # noqa: PLR2004 - customers x items
        raise DemandError(
            f"The worth has the shape {worth.shape} for {len(items)} items.",
            "Give a row per customer, a column per item.",
        )
    if not np.isfinite(worth).all():
        raise DemandError("Some worth is not a number.", "Leave these customers out.")
    if len(items) > _MOST_ITEMS:
        raise DemandError(f"There are {len(items)} items.", f"Bundle at most {_MOST_ITEMS}; drop the ones few value.")
    choices = len(worth) * (1 if kind == "pure" else 2 ** len(items) - 1)
    if choices > _MOST_CHOICES:
        raise DemandError(
            f"{len(worth):,} customers with {choices:,} choices are too many for an exact answer.",
            f"Draw a sample of at most {_MOST_CHOICES // (choices // len(worth)):,} customers.",
        )


# --- Menus with a known best answer: a fee plus usage, a two-part tariff, a ladder of qualities

_TOUCH = 1e-9


@dataclass(frozen=True, eq=False)
class FeePlusUsage:
    """A fee per month and a price per unit; `served` are the places of the customers who buy at both."""

    fee: float
    unit_price: float
    value: float
    served: tuple[int, ...]


def fee_plus_usage(
    quantity: ArrayLike, willingness: ArrayLike, *, weight: ArrayLike | None = None, unit_cost: float = 0.0
) -> FeePlusUsage:
    """Return the fee and the unit price that bring most from customers with fixed needs, revenue less unit cost.

    Exact: for any set of customers served, the best pair lies where two of them, or one and a price of zero, are at
    their limit, and all of these are counted. Of equal answers the one with the higher fee is returned.

    Parameters
    ----------
    quantity
        Units each customer wants a month; at most 400 different customers.
    willingness
        The most each pays in total a month.
    weight, unit_cost
        Accounts each stands for (one each by default), and what one unit costs to serve.

    Returns
    -------
    FeePlusUsage
        Fee and unit price per month, what they bring, and who buys.

    Raises
    ------
    DemandError
        When quantities and limits do not fit each other.

    Examples
    --------
    >>> from workbench.demand import fee_plus_usage
    >>> found = fee_plus_usage([1, 10], [20, 56])
    >>> found.fee, found.unit_price, found.value, found.served
    (16.0, 4.0, 76.0, (0, 1))
    """
    units, most = np.asarray(quantity, dtype=np.float64), np.asarray(willingness, dtype=np.float64)
    size = np.ones(units.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if units.size != most.size or not 0 < units.size <= 400 or (units < 0).any():  # noqa: PLR2004 - said above
        raise DemandError(
            f"There are {units.size} quantities and {most.size} limits.",
            "Give one of each for 1 to 400 customers, quantities not below 0.",
        )
    best: tuple[float, float, float] | None = None
    for price in _unit_prices(units, most):
        room = most - bills_at(price, units)
        fees = np.unique(np.append(room[room >= 0], 0.0))
        buys = room[None, :] >= fees[:, None] - _TOUCH * np.maximum(1.0, np.abs(most))[None, :]
        values = (buys * (size * (fees[:, None] + bills_at(price - unit_cost, units)))).sum(axis=1)
        place = int(np.argmax(values + _TOUCH * np.abs(values).max() * fees / (1 + fees.max())))
        found = (float(values[place]), float(fees[place]), float(price))
        if (
            best is None
            or found[0] > best[0] + _TOUCH * abs(best[0])
            or (abs(found[0] - best[0]) <= _TOUCH * abs(best[0]) and found[1] > best[1])
        ):
            best = found
    assert best is not None  # noqa: S101 - there is at least the price of zero
    value, fee, price = best
    served = np.flatnonzero(most - bills_at(price, units) >= fee - _TOUCH * np.maximum(1.0, np.abs(most)))
    return FeePlusUsage(fee, price, value, tuple(int(each) for each in served))


def _unit_prices(units: Floats, most: Floats) -> Floats:
    """Return every unit price at which two customers, or one and a fee of zero, are at their limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = (most[:, None] - most[None, :]) / (units[:, None] - units[None, :])
        alone = most / units
    found = np.concatenate([[0.0], pairs.ravel(), alone])
    return np.unique(found[np.isfinite(found) & (found >= 0)])


@dataclass(frozen=True, eq=False)
class TwoPartTariff:
    """A fee and a unit price for customers whose use falls with the price; `served` is how many types buy."""

    fee: float
    unit_price: float
    value: float
    served: int


def two_part_tariff(
    use_when_free: ArrayLike, *, weight: ArrayLike | None = None, slope: float = 1.0, unit_cost: float = 0.0
) -> TwoPartTariff:
    """Return the best fee and unit price when type i uses a_i - slope * price units (a_i is `use_when_free`).

    The fee is all that the unit price leaves to the lowest type served. For each set of types served from the top the
    best unit price is unit cost plus (mean use when free - lowest use when free) / slope.

    Parameters
    ----------
    use_when_free
        Units a month each type uses at a price of zero.
    weight, unit_cost
        Accounts of each type (one each by default), and what one unit costs to serve.
    slope
        By how many units use falls per unit of price.

    Returns
    -------
    TwoPartTariff
        Fee and unit price per month, revenue less cost, and how many types buy.

    Raises
    ------
    DemandError
        When there are no types, or use does not fall with the price.

    References
    ----------
    Oi (1971), A Disneyland dilemma: two-part tariffs for a Mickey Mouse monopoly, Quarterly Journal of Economics 85,
    77-96.

    Examples
    --------
    >>> from workbench.demand import two_part_tariff
    >>> alone, both = two_part_tariff([10], unit_cost=2), two_part_tariff([10, 12], unit_cost=2)
    >>> alone.fee, alone.unit_price
    (32.0, 2.0)
    >>> both.fee, both.unit_price, both.served
    (24.5, 3.0, 2)
    """
    heights = np.asarray(use_when_free, dtype=np.float64)
    size = np.ones(heights.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if not heights.size or slope <= 0 or size.size != heights.size or size.sum() <= 0:
        raise DemandError("A two-part tariff needs types of customers and use that falls with the price.")
    order = np.argsort(-heights)
    best: TwoPartTariff | None = None
    for many in range(1, heights.size + 1):
        kept, count = heights[order[:many]], size[order[:many]]
        lowest = float(kept[-1])
        # Above its own limit the lowest type would use nothing.
        price = min(unit_cost + (float(kept @ count / count.sum()) - lowest) / slope, lowest / slope)
        fee = (lowest - slope * price) ** 2 / (2 * slope)
        value = float(count.sum()) * fee + (price - unit_cost) * float(count @ (kept - slope * price))
        if best is None or value > best.value:
            best = TwoPartTariff(fee, price, value, many)
    assert best is not None  # noqa: S101 - there is at least one type
    return best


@dataclass(frozen=True, eq=False)
class QualityLadder:
    """A quality and a price for each type of customer, lowest taste first; 0 quality is no offer.

    `value` is revenue less cost per customer, `first_best` the qualities without the need to keep the types apart.
    """

    quality: Floats
    price: Floats
    value: float
    first_best: Floats


def quality_ladder(taste: ArrayLike, share: ArrayLike, *, unit_cost: float = 1.0, power: float = 2.0) -> QualityLadder:
    """Return the best ladder of qualities for types who gain taste * quality - price.

    Quality costs unit_cost * quality ** power. Where quality would fall with taste, neighbours share one; every type is
    left indifferent to the offer below its own.

    Parameters
    ----------
    taste
        Gain of each type per unit of quality, rising.
    share
        The share of customers of each type.
    unit_cost, power
        Of the cost of quality; the power is above 1.

    Returns
    -------
    QualityLadder
        Quality and price per type, and what they bring per customer.

    Raises
    ------
    DemandError
        When tastes do not rise, a share is not above 0, or cost does not rise faster than quality.

    References
    ----------
    Mussa and Rosen (1978), Monopoly and product quality, Journal of Economic Theory 18, 301-317.

    Examples
    --------
    >>> from workbench.demand import quality_ladder
    >>> ladder = quality_ladder([4, 6], [0.5, 0.5])
    >>> ladder.quality.tolist(), ladder.price.tolist(), ladder.first_best.tolist()
    ([1.0, 3.0], [4.0, 16.0], [2.0, 3.0])
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - slow to import

    tastes, shares = np.asarray(taste, dtype=np.float64), np.asarray(share, dtype=np.float64)
    if (
        tastes.size != shares.size
        or not tastes.size
        or (np.diff(tastes) <= 0).any()
        or (shares <= 0).any()
        or power <= 1
    ):
        raise DemandError(
            "A ladder needs rising tastes, a share above 0 for each, and a cost that rises faster than quality."
        )
    shares = shares / shares.sum()
    above = 1 - np.cumsum(shares)
    steps = np.append(np.diff(tastes), 0.0)
    # Neighbours whose qualities would fall with taste share their weighted mean.
    drive = np.maximum(isotonic_regression(tastes - above / shares * steps, weights=shares).x, 0.0)

    def quality_of(marginal: Floats) -> Floats:
        return (marginal / (unit_cost * power)) ** (1 / (power - 1))

    quality = quality_of(drive)
    price = np.cumsum(tastes * np.diff(quality, prepend=0.0))
    value = float(shares @ (price - unit_cost * quality**power))
    return QualityLadder(quality, price, value, quality_of(tastes))
