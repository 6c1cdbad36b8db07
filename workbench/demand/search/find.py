"""Find the best prices of tiers and add-ons at once, under rules, ending as on a pricing page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.demand.choice_task import ChoiceTask
from workbench.demand.customers import DemandError
from workbench.demand.search.certainty import flat_region, gain_over
from workbench.demand.search.climbing import AGAIN, Effort, Found, explore, searched_draws, told_draws
from workbench.demand.search.constraints import RULE_NAMES, PriceConstraints, SearchRules, listed_fees, search_rules
from workbench.demand.search.objective import Peak, Scorer, objective_value
from workbench.demand.search.result import LocalPeak, PriceSearch, RuleCost
from workbench.formatting import exact_percent
from workbench.pricing.price_curve import prices_ending

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.outcome import Outcome
    from workbench.demand.search.constraints import Objective, PriceSpace
    from workbench.pricing.price_book import PriceBook
    from workbench.pricing.price_curve import Ending
    from workbench.results import Caution

    Floats = NDArray[np.float64]

# --- Found prices moved to prices that end as on a pricing page, within the same rules

_KEPT = 400
_TRIED = 40
_EACH = 4
_PINNED = 1e-6


def peak_with_round_prices(scorer: Scorer, peak: Peak, ending: Ending) -> Peak:
    """Return the best prices found that end as asked, near a peak; DemandError when the rules leave none.

    A price that the rules pin to one value keeps it.
    """
    space = scorer.rules.space
    ladders = [_ladder(space, peak.prices, place, ending) for place in range(space.size)]
    near = _nearest(space, ladders, peak.prices)
    if not near:
        active = ", ".join(RULE_NAMES[rule] for rule in scorer.rules.active if rule != "ending")
        raise DemandError(
            f'No prices that end as asked ("{ending}") meet the other rules: {active}.',
            "Ask for a finer ending, or switch a rule off.",
        )
    best = _highest(scorer, near[:_TRIED])
    while True:
        beside = _neighbours(space, ladders, best.prices)
        higher = _highest(scorer, beside) if beside else best
        if higher.score <= best.score:
            break
        best = higher
    if not scorer.met(best.score):
        raise DemandError(
            f'No prices that end as asked ("{ending}") put the wanted share of buyers in the middle tier (T2).',
            "Ask for a finer ending, or switch T2 off.",
        )
    return best


def _ladder(space: PriceSpace, prices: Floats, place: int, ending: Ending) -> Floats:
    """Return the prices of an ending around one price, within what the rules leave it at all."""
    low, high = space.span(place)
    if high <= low * (1 + _PINNED):
        return np.array([prices[place]])
    width = 1.15
    while True:
        floor, ceiling = max(low, prices[place] / width), min(high, prices[place] * width)
        found = prices_ending(ending, floor * (1 - 1e-12), ceiling * (1 + 1e-12))
        if len(found) >= 2 * _EACH or (floor == low and ceiling == high):
            return np.array([float(each) for each in found])
        width *= width


def _nearest(space: PriceSpace, ladders: list[Floats], prices: Floats) -> list[Floats]:
    """Return combinations that meet the rules, the nearest first: built price by price, keeping the closest."""
    kept, distance = np.array(prices)[None, :], np.zeros(1)
    for place, ladder in enumerate(ladders):
        gaps = np.abs(np.log(ladder / prices[place])) if ladder.size else ladder
        order = np.argsort(gaps)[: 2 * _EACH]
        grown = np.repeat(kept, order.size, axis=0)
        grown[:, place] = np.tile(ladder[order], len(kept))
        distance = (distance[:, None] + gaps[order]).ravel()
        fits = _fits(space, grown, place)
        grown, distance = grown[fits], distance[fits]
        nearest = np.argsort(distance, kind="stable")[:_KEPT]
        kept, distance = grown[nearest], distance[nearest]
    return list(kept)


def _fits(space: PriceSpace, prices: Floats, last: int) -> NDArray[np.bool_]:
    """Tell which sets of prices, one a row, meet the limits among those up to `last`."""
    found = np.ones(len(prices), dtype=bool)
    for limit in space.limits:
        if (limit.above or 0) > last or (limit.below or 0) > last:
            continue
        above = 1.0 if limit.above is None else prices[:, limit.above]
        below = 1.0 if limit.below is None else prices[:, limit.below]
        found &= above <= limit.factor * below * (1 + 1e-9)
    return found


def _highest(scorer: Scorer, tried: list[Floats]) -> Peak:
    scores = scorer.scores(np.array(tried))
    place = int(scores.argmax())
    return Peak(tried[place], float(scores[place]))


def _neighbours(space: PriceSpace, ladders: list[Floats], prices: Floats) -> list[Floats]:
    """Return the prices one or two steps away in one price, and one step away in two, where the rules allow them."""
    found = []
    at = [int(np.argmin(np.abs(ladder - price))) for ladder, price in zip(ladders, prices, strict=True)]
    single = [((place, step),) for place in range(space.size) for step in (-2, -1, 1, 2)]
    pairs = [
        ((first, one), (second, two))
        for first, second in combinations(range(space.size), 2)
        for one, two in product((-1, 1), repeat=2)
    ]
    for moves in (*single, *pairs):
        if any(not 0 <= at[place] + step < len(ladders[place]) for place, step in moves):
            continue
        moved = prices.copy()
        for place, step in moves:
            moved[place] = ladders[place][at[place] + step]
        if space.limits_hold(moved):
            found.append(moved)
    return found


# --- Find the best prices of tiers and add-ons at once, under rules, and say how good and how sure they are

_NOTHING = 1e-5
"""A gain below this share of the value is no gain: another way of writing the same prices."""


class HasTask(Protocol):
    """Anything that says what customers choose from under a price book, such as a demand model."""

    def task(self, price_book: PriceBook) -> ChoiceTask:
        """Return the choice task of a price book."""


def search_prices(
    demand: HasTask | ChoiceTask,
    price_book: PriceBook,
    objective: Objective = "revenue",
    constraints: PriceConstraints | None = None,
    *,
    seed: int = 0,
    starts: int = 24,
    rule_costs: bool = True,
    flat: float | None = 0.01,
) -> PriceSearch:
    """Return the prices of all tiers and add-ons that bring most revenue, margin or share, under the constraints.

    Plans without a base fee (on request) are not on offer and free plans stay free. The price book's own prices are
    today's, which the found ones are compared with. Prices are searched from many starts on a sample of customers and
    polished on more: 10,000 rows drawn at random, and then all rows up to 60,000. From 20 draws on, every other draw is
    searched on and what prices bring is told by the others.

    Parameters
    ----------
    demand
        Who would buy what, or a choice task.
    price_book
        The offers, with today's prices.
    objective
        "revenue", "margin" (revenue less cost) or "share" (of accounts that buy).
    constraints
        What prices must keep to; all rules by default.
    seed, starts
        Where random numbers start, and from how many places to climb.
    rule_costs
        Search again without each rule; leave it out to save time.
    flat
        Look for prices that bring almost as much (0.01 is one percent); None leaves it out.

    Returns
    -------
    PriceSearch
        The best prices found, what they bring beside today's, and how sure that is.

    Raises
    ------
    DemandError
        When rules exclude each other, when no prices reach the share of the middle tier (T2) or keep enough accounts,
        or when no prices end as asked.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, search_prices, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 39)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> found = search_prices(Demand(worth=worth), book, constraints=limits, rule_costs=False, flat=None)
    >>> round(found.prices["Team"], 2), round(found.value, 2), found.today_value
    (70.0, 140.0, 117.00000000000003)
    """
    best = best_prices(demand, price_book, objective, constraints, seed=seed, starts=starts)
    return best.finished(rule_costs=rule_costs, flat=flat)


def best_prices(
    demand: HasTask | ChoiceTask,
    price_book: PriceBook,
    objective: Objective = "revenue",
    constraints: PriceConstraints | None = None,
    *,
    seed: int = 0,
    starts: int = 24,
    near: BestPrices | None = None,
) -> BestPrices:
    """Return the best prices as `search_prices` finds them, before anything is worked out about them.

    Parameters
    ----------
    demand
        Who would buy what, or a choice task.
    price_book
        The offers, with today's prices.
    objective
        "revenue", "margin" or "share".
    constraints
        What prices must keep to; all rules by default.
    seed, starts
        Where random numbers start, and from how many places to climb.
    near
        Best prices under conditions that differ little: they are climbed from, and few others tried.

    Returns
    -------
    BestPrices
        The best prices; `finished` makes a `PriceSearch` of them.

    Raises
    ------
    DemandError
        As `search_prices`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, split_worth
    >>> from workbench.demand.search import best_prices
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 39)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> best = best_prices(Demand(worth=worth), book, constraints=limits)
    >>> round(best.finished(rule_costs=False, flat=None).prices["Team"], 2)
    70.0
    """
    if objective not in ("revenue", "margin", "share"):
        raise DemandError(
            f"There is no objective {objective!r}.", 'Ask for "revenue", "margin" (revenue less cost) or "share".'
        )
    given = constraints or PriceConstraints()
    task = demand if isinstance(demand, ChoiceTask) else demand.task(price_book)
    if not task.rows:
        raise DemandError("There are no customers to search prices for.", "Load accounts or survey answers.")
    fees, add_on_fees = listed_fees(task, price_book)
    whole, task = task, searched_draws(task, np.random.default_rng(seed))
    told = told_draws(whole)
    rules = search_rules(task, price_book, given)
    effort, warm = Effort(starts=starts), [_today(rules, fees, add_on_fees)]
    if near is not None:
        effort, known = AGAIN, (near.best, *near.found.peaks)
        warm += [_carried(near.found.scorer.rules, rules, each.prices) for each in known]
    found = explore(task, rules, objective, seed=seed, effort=effort, warm=warm)
    _check_middle(task, price_book, found, given, objective=objective, seed=seed)
    if near is not None:  # what was tried from many starts before is part of how these were found
        found = replace(found, starts=found.starts + near.found.starts, agreeing=found.agreeing + near.found.agreeing)
        found.tally.add(near.found.tally)
    best = _ended(found.scorer, found.best, given)
    cautions = getattr(demand, "cautions", ())
    return BestPrices(whole, price_book, objective, given, found, best, (fees, add_on_fees), told, seed, cautions)


@dataclass(frozen=True, eq=False)
class BestPrices:
    """The best prices found on a task, and how; `task` has all rows, `fees` are today's, `told` the draws that tell.

    Attributes
    ----------
    task, book, objective, constraints
        What was asked; the task has all rows.
    found, best
        Where the climbs ended, and the best of them.
    fees
        Today's, per plan and per add-on.
    told
        The draws that tell what prices bring.
    seed
        Where random numbers started.
    cautions
        What to know before using it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, split_worth
    >>> from workbench.demand.search import best_prices
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 39)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> best = best_prices(Demand(worth=worth), book, constraints=limits)
    >>> best.outcome.buyers.tolist()
    [2.0]
    """

    task: ChoiceTask
    book: PriceBook
    objective: Objective
    constraints: PriceConstraints
    found: Found
    best: Peak
    fees: tuple[Floats, Floats]
    told: NDArray[np.intp]
    seed: int
    cautions: tuple[Caution, ...]

    @cached_property
    def outcome(self) -> Outcome:
        """Return who buys what at the prices found, on the draws they were not fitted to."""
        return self.task.outcome(*self.found.scorer.rules.split(self.best.prices)).of_draws(self.told)

    def finished(self, *, rule_costs: bool, flat: float | None) -> PriceSearch:
        """Return what the prices bring beside today's, what each rule costs, and where others bring about as much."""
        from workbench.demand.search.result import search_cautions  # noqa: PLC0415 - words import the result

        task, found, new = self.task, self.found, self.outcome
        rules, searched = found.scorer.rules, searched_draws(task, np.random.default_rng(self.seed))
        settled = rules.split(self.best.prices)
        costs: tuple[RuleCost, ...] = ()
        if rule_costs:
            costs = _costs(
                searched, self.book, self.constraints, self.objective, reached=(found, self.best), seed=self.seed
            )
        region = None if flat is None else flat_region(found.scorer, self.best, within=flat, seed=self.seed)
        old = task.outcome(*self.fees).of_draws(self.told)
        value = objective_value(new, self.objective)
        return PriceSearch(
            currency=self.book.currency,
            objective=self.objective,
            constraints=self.constraints,
            plans=task.plans,
            add_ons=task.add_ons,
            searched=rules.space.names,
            prices=_named(task, *settled),
            today=_named(task, *self.fees),
            value=value,
            today_value=objective_value(old, self.objective),
            outcome=new,
            today_outcome=old,
            peaks=tuple(
                LocalPeak(_named(task, *rules.split(peak.prices)), peak.score)
                for peak in found.peaks
                if found.scorer.met(peak.score) and peak.score >= found.best.score / 2
            ),
            rule_costs=tuple(replace(cost, value=value + cost.gain) for cost in costs),
            flat=region,
            gain=gain_over(task, settled, self.fees, self.objective, seed=self.seed, draws=self.told),
            starts=found.starts,
            agreeing=found.agreeing,
            looks=found.tally.whole,
            looks_at_part=found.tally.part,
            rows=found.scorer.task.rows,
            of_rows=task.rows,
            cautions=(*search_cautions(task, found, self.objective, new), *self.cautions),
        )


def _today(rules: SearchRules, fees: Floats, add_on_fees: Floats) -> Floats:
    return rules.space.nearest(rules.joined(fees, add_on_fees))


def _ended(scorer: Scorer, peak: Peak, constraints: PriceConstraints) -> Peak:
    if constraints.ending is None or not constraints.on("ending"):
        return peak
    return peak_with_round_prices(scorer, peak, constraints.ending)


def _named(task: ChoiceTask, fees: Floats, add_on_fees: Floats) -> dict[str, float]:
    """Return prices by name, of what is on offer."""
    pairs = zip((*task.plans, *task.add_ons), (*fees, *add_on_fees), strict=True)
    return {name: float(price) for name, price in pairs if np.isfinite(price)}


def _costs(
    task: ChoiceTask,
    price_book: PriceBook,
    constraints: PriceConstraints,
    objective: Objective,
    *,
    reached: tuple[Found, Peak],
    seed: int,
) -> tuple[RuleCost, ...]:
    """Search again without each rule in force, and without all of them."""
    found, best = reached
    rules = found.scorer.rules
    asked: list[tuple[str, tuple[str, ...]]] = [(rule, (rule,)) for rule in rules.active]
    if constraints.ending is not None and constraints.on("ending"):
        asked.append(("ending", ("ending",)))
    if len(asked) > 1:
        asked.append(("all", tuple(RULE_NAMES)))
    costs = []
    for rule, off in asked:
        looser = constraints.without(off)
        freed = rules if rule == "ending" else search_rules(task, price_book, looser)
        again = found  # without an ending, the prices found before they were rounded stand
        if rule != "ending":
            warm = [_carried(rules, freed, each.prices) for each in (best, found.best)]
            again = explore(task, freed, objective, seed=seed, effort=AGAIN, warm=warm)
            found.tally.add(again.tally)
        without = max(
            _ended(again.scorer, again.best, looser), _kept(again.scorer, rules, best), key=lambda each: each.score
        )
        name = "all rules together" if rule == "all" else RULE_NAMES[rule]
        prices = _named(task, *freed.split(without.prices))
        gain = without.score - best.score
        gain = gain if gain > _NOTHING * abs(best.score) else 0.0
        costs.append(RuleCost(rule, name, gain, without.score, prices))
    return tuple(costs)


def _carried(rules: SearchRules, freed: SearchRules, prices: Floats) -> Floats:
    """Return prices as the search without a rule has them, where prices that were held fixed may be searched too."""
    return freed.space.nearest(freed.joined(*rules.split(prices)))


def _kept(scorer: Scorer, rules: SearchRules, best: Peak) -> Peak:
    """Return prices found under more rules as what they are under fewer: still allowed."""
    prices = _carried(rules, scorer.rules, best.prices)
    return Peak(prices, scorer.score(prices))


def _check_middle(
    task: ChoiceTask,
    price_book: PriceBook,
    found: Found,
    constraints: PriceConstraints,
    *,
    objective: Objective,
    seed: int,
) -> None:
    """Raise when no prices found reach T2 or keep enough accounts, naming the rules without which some would."""
    if found.scorer.met(found.best.score):
        return
    _check_kept(found)
    helps = []
    for rule in found.scorer.rules.active:
        if rule == "T2":
            continue
        freed = search_rules(task, price_book, constraints.without([rule]))
        again = explore(task, freed, objective, seed=seed, effort=AGAIN, warm=[found.best.prices])
        if again.scorer.met(again.best.score):
            helps.append(RULE_NAMES[rule])
    band = constraints.rulebook["T2"].threshold.in_words()
    outcome = found.scorer.outcome(found.best.prices)
    reached = float(outcome.buyers[found.scorer.rules.middle].sum()) / max(float(outcome.buyers.sum()), 1e-300)
    clash = f" together with {' or with '.join(helps)}" if helps else ""
    raise DemandError(
        f"No prices were found that put {band} of the buyers in the middle tier (T2){clash}; the nearest put "
        f"{reached:.0%} there.",
        "Switch T2 off, " + (f"or {', or '.join(helps)}." if helps else "or change what the tiers contain."),
    )


def _check_kept(found: Found) -> None:
    """Raise when it is the accounts to keep that no prices found reach."""
    scorer = found.scorer
    kept = float(scorer.outcome(found.best.prices).draws.kept[0, 0])
    if float(scorer.lost_beyond(kept)) <= 0:
        return
    raise DemandError(
        f"No prices were found at which {exact_percent(scorer.rules.kept or 0.0)} of the accounts that pay today go on "
        f"paying under the other rules; the nearest keep {kept / scorer.task.paying:.0%}.",
        "Ask for fewer accounts to be kept, or switch a rule off.",
    )
