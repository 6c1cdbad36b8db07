"""What changes between two price books, or when an offer is not there: who moves, who stays, who takes add-ons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import DemandError
from workbench.demand.model import fees_of
from workbench.formatting import count, money, percent
from workbench.results import Caution, Interval
from workbench.stats import interval_of_draws

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.customers import Customers
    from workbench.demand.model import Demand
    from workbench.demand.outcome import Outcome
    from workbench.pricing.price_book import PriceBook
    from workbench.tables import DataTable

# --- What changes: between two price books, when a tier is not there, when a feature moves

ELSEWHERE = "a competitor or nothing"


@dataclass(frozen=True, eq=False)
class Flows:
    """What the tiers take from each other: where the buyers of each would go if it were not on offer.

    Attributes
    ----------
    plans
        The tiers in their order.
    buyers
        Accounts that buy each.
    accounts
        Plans x (plans and elsewhere): the buyers of the row's plan by what they would choose instead.
    gains
        What each tier brings per month beyond what its buyers would pay elsewhere among ours.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, cannibalisation, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[50.0], [120]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60, features=["alerts"])])
    >>> flows = cannibalisation(Demand(worth=worth).task(book), [20, 60])
    >>> flows.buyers.tolist(), flows.gains[1].estimate
    ([1.0, 1.0], 40.0)
    """

    plans: tuple[str, ...]
    buyers: NDArray[np.float64]
    accounts: NDArray[np.float64]
    gains: tuple[Interval, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per plan and alternative: plan, instead, accounts and their share of the plan's buyers."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        rows = [
            (plan, instead, self.accounts[row, column], _part(self.accounts[row, column], self.buyers[row]))
            for row, plan in enumerate(self.plans)
            for column, instead in enumerate((*self.plans, ELSEWHERE))
            if instead != plan
        ]
        return pd.DataFrame(rows, columns=["plan", "instead", "accounts", "share"])

    def reading(self, plan: str, currency: str) -> str:
        """Return in sentences what a tier takes from the others and what it brings."""
        row = self.plans.index(plan)
        if not self.buyers[row] > 0:
            return f"Nobody would buy {plan}, so it takes nothing from the other tiers."
        kept = self.accounts[row, :-1].sum() / self.buyers[row]
        gain = self.gains[row]
        return (
            f"Without {plan}, {percent(kept)} of its buyers would take another tier, {percent(1 - kept)} would leave. "
            f"With it there is {_more(gain.estimate, currency)} a month than without it "
            f"({money(gain.low, currency)} to {money(gain.high, currency)} in 90% of the draws)."
        )


def cannibalisation(task: ChoiceTask, fees: ArrayLike, add_on_fees: ArrayLike = ()) -> Flows:
    """Return where the buyers of each plan would go without it; nobody else changes their choice under either rule.

    Parameters
    ----------
    task
        What customers choose from.
    fees
        One monthly base fee per plan, NaN for one that is not on offer.
    add_on_fees
        One monthly fee per add-on.

    Returns
    -------
    Flows
        The buyers of each plan by what they would take instead, and what each plan adds.

    Raises
    ------
    DemandError
        When there are too few or too many fees.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, cannibalisation, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[50.0], [120]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60, features=["alerts"])])
    >>> cannibalisation(Demand(worth=worth).task(book), [20, 60]).table[["plan", "instead", "accounts"]]
        plan                  instead  accounts
    0  Basic                      Pro       0.0
    1  Basic  a competitor or nothing       1.0
    2    Pro                    Basic       1.0
    3    Pro  a competitor or nothing       0.0
    """
    asked, add_ons = task.read_fees(fees, add_on_fees)
    full = task.outcome(asked, add_ons)
    accounts = np.zeros((len(task.plans), len(task.plans) + 1))
    gains = []
    for place in range(len(task.plans)):
        without = asked.copy()
        without[place] = np.nan
        found = task.outcome(without, add_ons)
        accounts[place, :-1] = found.buyers - full.buyers
        accounts[place, place] = 0.0
        accounts[place, -1] = found.elsewhere - full.elsewhere
        gains.append(interval_of_draws(full.revenue_by_draw - found.revenue_by_draw))
    return Flows(task.plans, full.buyers, np.maximum(accounts, 0), tuple(gains))


@dataclass(frozen=True, eq=False)
class Effect:
    """One price book against another for the same customers, draw by draw.

    Attributes
    ----------
    before, after
        Who buys what under each, per month; both from the same draws.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, effect_of, respondents_of, split_worth, with_fees
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[40.0, 50], [60, 80], [120, 90]]))
    >>> book = PriceBook("list", "USD", [Plan("Team", 39)])
    >>> effect = effect_of(Demand(worth=split_worth(willing, [])), book, with_fees(book, [55]))
    >>> effect.before.revenue, effect.after.revenue, effect.chance_of_more
    (117.0, 110.0, 0.0)
    """

    before: Outcome
    after: Outcome

    @property
    def revenue(self) -> Interval:
        """Return the change of monthly revenue."""
        return interval_of_draws(self.after.revenue_by_draw - self.before.revenue_by_draw)

    @property
    def margin(self) -> Interval:
        """Return the change of monthly margin."""
        return interval_of_draws(self.after.margin_by_draw - self.before.margin_by_draw)

    @property
    def chance_of_more(self) -> float:
        """Return the part of the draws in which revenue is higher after than before."""
        return float((self.after.revenue_by_draw > self.before.revenue_by_draw).mean())

    @property
    def table(self) -> pd.DataFrame:
        """Return per plan of either price book: the share of accounts before and after (NaN: not on offer)."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        names = list(dict.fromkeys((*self.before.plans, *self.after.plans)))
        old, new = (dict(zip(each.plans, each.shares, strict=True)) for each in (self.before, self.after))
        gone = [each.elsewhere / each.accounts for each in (self.before, self.after)]
        rows = [(name, old.get(name, np.nan), new.get(name, np.nan)) for name in names]
        return pd.DataFrame([*rows, (ELSEWHERE, *gone)], columns=["plan", "before", "after"])

    def reading(self, currency: str) -> str:
        """Return in a sentence what changes."""
        change = self.revenue
        return (
            f"Revenue changes by {money(change.estimate, currency)} a month ({money(change.low, currency)} to "
            f"{money(change.high, currency)} in 90% of the draws); it rises in {percent(self.chance_of_more)} of them."
        )


def effect_of(demand: Demand, before: PriceBook, after: PriceBook) -> Effect:
    """Return what changes from one price book to another, for the customers both can bill.

    Use it for a tier added or removed, a feature moved or a price changed. Both sides see the same draws.

    Parameters
    ----------
    demand
        Who would buy what.
    before, after
        The price books to compare.

    Returns
    -------
    Effect
        Outcomes under both, and the change of revenue and margin per month with 90% intervals.

    Raises
    ------
    DemandError
        When no customer's bill is known under both.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, effect_of, respondents_of, split_worth, with_fees
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[40.0, 50], [60, 80], [120, 90]]))
    >>> book = PriceBook("list", "USD", [Plan("Team", 39)])
    >>> effect_of(Demand(worth=split_worth(willing, [])), book, with_fees(book, [80])).revenue.estimate
    3.0
    """
    billed = np.flatnonzero(demand.known_bills(before) & demand.known_bills(after))
    if not billed.size:
        raise DemandError("No customer's bill is known under both price books.", "Charge for what is recorded.")
    if billed.size < len(demand.customers):
        demand = demand.sampled(billed, np.arange(demand.draws))
    return Effect(demand.outcome(before), demand.outcome(after))


def without_plan(price_book: PriceBook, name: str) -> PriceBook:
    """Return a price book without a plan.

    Parameters
    ----------
    price_book
        The offers.
    name
        The plan to take out.

    Returns
    -------
    PriceBook
        The same price book without it.

    Raises
    ------
    ChargeError
        When there is no plan of that name; lists the names there are.

    Examples
    --------
    >>> from workbench.demand import without_plan
    >>> from workbench.pricing import Plan, PriceBook
    >>> without_plan(PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60)]), "Basic").plan_names
    ('Pro',)
    """
    gone = price_book.plan(name)
    return replace(price_book, plans=tuple(plan for plan in price_book.plans if plan is not gone))


def with_feature_moved(price_book: PriceBook, feature: str, lowest: str | None) -> PriceBook:
    """Return a price book in which a feature is in the plan `lowest` and those after it; None: in no plan.

    Parameters
    ----------
    price_book
        The offers; plans are taken in their order, from the smallest up.
    feature
        The feature to move.
    lowest
        The first plan that is to have it; None: no plan.

    Returns
    -------
    PriceBook
        The same price book with the feature moved.

    Raises
    ------
    ChargeError
        For an unknown plan.

    Examples
    --------
    >>> from workbench.demand import with_feature_moved
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20, features=["SSO"]), Plan("Pro", 60, features=["SSO"])])
    >>> [plan.features for plan in with_feature_moved(book, "SSO", "Pro").plans]
    [(), ('SSO',)]
    """
    first = len(price_book.plans) if lowest is None else price_book.plans.index(price_book.plan(lowest))
    plans = []
    for place, plan in enumerate(price_book.plans):
        others = tuple(name for name in plan.features if name != feature)
        keeps = plan.features if feature in plan.features else (*others, feature)
        plans.append(replace(plan, features=keeps if place >= first else others))
    return replace(price_book, plans=tuple(plans))


def attach_rates(demand: Demand, price_book: PriceBook) -> pd.DataFrame:
    """Return who takes the add-ons, one row each: buyers, attach rate with its 90% interval, revenue per month.

    The rate is the buyers' share of all who buy a plan. What the allowance of an add-on is worth is not known, so an
    add-on without features of any worth finds no buyers.

    Parameters
    ----------
    demand
        Who would buy what.
    price_book
        Plans and the add-ons sold beside them.

    Returns
    -------
    pd.DataFrame
        One row per add-on: buyers (accounts), attach rate between 0 and 1 with the ends of its 90% interval, revenue
        per month.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, attach_rates, respondents_of, split_worth
    >>> from workbench.pricing import AddOn, Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[50.0], [120]]))
    >>> worth = split_worth(willing, ["alerts"], without_features=(0.5, 0.5))
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20)], add_ons=[AddOn("Alerts", 30, features=["alerts"])])
    >>> attach_rates(Demand(worth=worth), book).T
                    0
    add_on     Alerts
    buyers        1.0
    rate          0.5
    rate_low      0.5
    rate_high     0.5
    revenue      30.0
    """
    import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

    found = demand.task(price_book).outcome(*fees_of(price_book))
    attached, served = found.attach_rates, found.draws.buyers.sum(axis=1, keepdims=True)
    buyers = found.draws.add_on_buyers
    rates = np.divide(buyers, served, out=np.zeros_like(buyers), where=served > 0)
    rows = []
    for place, name in enumerate(found.add_ons):
        rate = interval_of_draws(rates[:, place])
        rows.append(
            (name, found.add_on_buyers[place], attached[place], rate.low, rate.high, found.add_on_revenue[place])
        )
    return pd.DataFrame(rows, columns=["add_on", "buyers", "rate", "rate_low", "rate_high", "revenue"])


def _more(value: float, currency: str) -> str:
    return f"{money(abs(value), currency)} {'more' if value >= 0 else 'less'}"


def _part(value: float, of: float) -> float:
    return float(value / of) if of > 0 else float("nan")


# --- Customers kept, lost and gained at given prices

EVERYBODY = "all segments"


@dataclass(frozen=True, slots=True)
class Kept:
    """What becomes of the accounts of one segment: ranges hold 90% of the draws, in accounts.

    `lost` of the `paying` would no longer pay; of the `free`, who pay nothing today, `free_kept` would take an offer
    and `gained` would pay.
    """

    segment: str
    paying: float
    lost: Interval
    free: float
    free_kept: Interval
    gained: Interval


def kept_by_segment(
    task: ChoiceTask, customers: Customers, fees: NDArray[np.float64], add_on_fees: NDArray[np.float64]
) -> tuple[Kept, ...]:
    """Return who is kept, lost and gained at these prices; all segments together first."""
    segments = customers.segments
    by_draw = task.totals_by(customers.segment_codes, len(segments), fees, add_on_fees).kept
    place = customers.segment_codes[np.asarray(task.customer)]
    weight = np.asarray(task.weight, dtype=np.float64)
    paying = np.bincount(place, weight * np.asarray(task.pays, dtype=np.float64), len(segments))
    free = np.bincount(place, weight, len(segments)) - paying
    rows = [_kept(EVERYBODY, by_draw.sum(axis=1), float(paying.sum()), float(free.sum()))]
    if len(segments) > 1:
        rows += [
            _kept(name, by_draw[:, code], float(paying[code]), float(free[code])) for code, name in enumerate(segments)
        ]
    return tuple(rows)


def _kept(segment: str, draws: NDArray[np.float64], paying: float, free: float) -> Kept:
    staying, free_kept, gained = draws.T
    return Kept(
        segment,
        paying,
        interval_of_draws(paying - staying),
        free,
        interval_of_draws(free_kept),
        interval_of_draws(gained),
    )


def kept_table(rows: tuple[Kept, ...]) -> DataTable:
    """Return a row per segment for people: paying accounts, lost of them, and what free accounts would do."""
    from workbench.tables import COUNT, TEXT, DataTable, Own, Percent, Words, estimate_of  # noqa: PLC0415 - pandas

    around, any_free = estimate_of(COUNT), any(row.free > 0 for row in rows)
    with_share = Words("{}, {}", (around, Percent()))
    columns = [("Segment", TEXT), ("Pay today", COUNT), ("Would no longer pay", with_share)]
    if any_free:
        columns += [("Pay nothing today", COUNT), ("Of these take an offer", around), ("Of these would pay", around)]
    found = []
    for row in rows:
        lost = _ends(row.lost)
        share = (lost, row.lost.estimate / row.paying) if row.paying else Own(lost, around)
        free = (row.free, _ends(row.free_kept), _ends(row.gained)) if any_free else ()
        found.append((row.segment, row.paying, share, *free))
    return DataTable.of_rows(columns, found)


def _ends(value: Interval) -> tuple[float, float, float]:
    return value.estimate, value.low, value.high


# --- Anchoring: does a dear top tier make the others look better? Answered only where it was shown and

_FEW = 50
_RESAMPLES = 1000
_COLUMNS = ("respondent", "task", "alternative", "chosen")


@dataclass(frozen=True, eq=False)
class AnchoringAnswer:
    """What the data say about anchoring; `effect` is None where they say nothing.

    Attributes
    ----------
    effect
        Change of the target's share among the other offers when the top offer is in sight, as a share (0.05 is five
        points) with its 90% interval; None where the data say nothing.
    reading
        The answer in a sentence.
    cautions
        What to know before using it.

    Examples
    --------
    >>> from workbench.demand import anchoring_of
    >>> answer = anchoring_of(None)
    >>> print(answer.effect, "-", answer.reading.split(":")[0])
    None - No data here support an estimate of anchoring
    """

    effect: Interval | None
    reading: str
    cautions: tuple[Caution, ...] = ()


NO_DATA = AnchoringAnswer(
    None,
    "No data here support an estimate of anchoring: nobody chose both with and without the top tier in sight. The "
    "demand model has none in it, so in its numbers taking the top tier away only moves the top tier's own buyers.",
)


def anchoring_of(
    choices: pd.DataFrame | None, *, offer: str = "alternative", top: str = "", target: str = "", seed: int = 0
) -> AnchoringAnswer:
    """Return how the top offer in sight changes what is chosen among the others.

    Parameters
    ----------
    choices
        A table in the layout of survey_choice, one row per offer shown; None, or a survey that always (or never) showed
        the top offer, gives the answer that no data support an estimate.
    offer
        The column that names what each alternative stands for.
    top, target
        The offer shown or not shown, and the one it is meant to help.
    seed
        Respondents are drawn anew 1,000 times for the interval.

    Returns
    -------
    AnchoringAnswer
        The change of the target's share with its interval, and the answer in words.

    Raises
    ------
    DemandError
        When a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.demand import anchoring_of
    >>> shown = {False: [("low", 1), ("mid", 0)], True: [("low", 0), ("mid", 1), ("top", 0)]}
    >>> rows = [(f"R{who}", who % 2, name, chosen) for who in range(40) for name, chosen in shown[who % 2 == 1]]
    >>> choices = pd.DataFrame(rows, columns=["respondent", "task", "alternative", "chosen"])
    >>> found = anchoring_of(choices, top="top", target="mid").effect
    >>> float(found.estimate)
    1.0
    """
    if choices is None or not top or not target:
        return NO_DATA
    missing = [name for name in (*_COLUMNS, offer) if name not in choices]
    if missing:
        raise DemandError(f"The choices lack the columns {', '.join(missing)}.", "Use the layout of survey_choice.")
    tasks = _tasks(choices, offer, top, target)
    people, who = np.unique(tasks["respondent"].to_numpy(dtype=str), return_inverse=True)
    shown, picked = tasks["shown"].to_numpy(dtype=bool), tasks["picked"].to_numpy(dtype=float)
    if not shown.any() or shown.all():
        return NO_DATA
    sums = np.zeros((len(people), 4))
    for column, values in enumerate((shown * picked, shown * 1.0, ~shown * picked, ~shown * 1.0)):
        np.add.at(sums[:, column], who, values)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(people), np.full(len(people), 1 / len(people)), _RESAMPLES) @ sums
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    low, high = np.nanquantile(spread, (0.05, 0.95))
    total: NDArray[np.float64] = sums.sum(axis=0)
    effect = Interval(float(low), float(total[0] / total[1] - total[2] / total[3]), float(high))
    few = min(total[1], total[3])
    cautions = (Caution(f"Only {count('choice', int(few))} of one kind: the interval is rough."),) if few < _FEW else ()
    sure = "" if effect.low <= 0 <= effect.high else " The interval leaves out no effect."
    return AnchoringAnswer(
        effect,
        f"With {top} in sight, {target} gets {percent(effect.estimate, 1, signed=True)} of the choices among the other "
        f"offers ({percent(effect.low, 1, signed=True)} to {percent(effect.high, 1, signed=True)} in 90% of resamples)."
        f"{sure}",
        cautions,
    )


def _tasks(choices: pd.DataFrame, offer: str, top: str, target: str) -> pd.DataFrame:
    """Return the tasks that had the target and were not decided for the top offer: who, was it shown, target picked."""
    named = choices.assign(is_top=choices[offer] == top, is_target=choices[offer] == target)
    named = named.assign(
        top_chosen=named["is_top"] & (named["chosen"] == 1), picked=named["is_target"] & (named["chosen"] == 1)
    )
    tasks = named.groupby(["respondent", "task"], as_index=False, sort=False).agg(
        shown=("is_top", "any"), there=("is_target", "any"), gone=("top_chosen", "any"), picked=("picked", "any")
    )
    return tasks[tasks["there"] & ~tasks["gone"]]
