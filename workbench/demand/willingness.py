"""Willingness to pay of each customer, in draws: from stated prices, or without a survey from bills and moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import DemandError, accounts_named, customers_of, respondents_of
from workbench.demand.outcome import LEVEL
from workbench.formatting import count, exact, money
from workbench.research.sampling import STATED_PRICES, Overstatement
from workbench.results import Caution, Interval
from workbench.stats import interval_of_draws, stream, weighted_quantile

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.demand.customers import Customers


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsPerUnit:
    """What respondents said they would pay per unit: still `low`, no longer `high`; above 0.

    `account` is the place of the account each answered for, -1 where nobody knows; `segment` theirs, -1 unknown.
    `together` says that where the limit lies between the two is the same unknown for all (as between "expensive" and
    "too expensive"), not each one's own. `spread` is the standard error of an estimated limit, in logarithms: of
    choices, where low and high are the same.
    """

    account: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    segment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    spread: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    together: bool = False

    def __post_init__(self) -> None:
        if not len(self.segment):
            object.__setattr__(self, "segment", np.full(len(self), -1))
        if not len(self.spread):
            object.__setattr__(self, "spread", np.zeros(len(self)))

    def __len__(self) -> int:
        return len(self.low)

    @property
    def middle(self) -> NDArray[np.float64]:
        """Return the middle of each range, in logarithms."""
        return (np.log(self.low) + np.log(self.high)) / 2

    def drawn(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one limit per respondent, in logarithms, from what their answers leave open."""
        low, high = np.log(self.low), np.log(self.high)
        place = rng.random() if self.together else rng.random(len(self))
        return low + place * (high - low) + self.spread * rng.standard_normal(len(self))


# --- Random numbers by name, and ranges that stay open

_LARGE = 200_000


@dataclass(frozen=True, slots=True)
class Assumed:
    """Something nobody measured, as a range: `low` to `high`, all values in between equally likely.

    Parameters
    ----------
    label
        What it is about.
    low, high
        The ends of the range.
    unit
        What they are in.

    Raises
    ------
    DemandError
        When the lower end comes second.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand import Assumed
    >>> part = Assumed("part of the worth that remains without features", 0.3, 0.7)
    >>> np.sort(part.values(4, np.random.default_rng(0))).round(2).tolist()
    [0.3, 0.48, 0.5, 0.69]
    """

    label: str
    low: float
    high: float
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise DemandError(f"{self.label}: {self.low} to {self.high} is no range.", "Give the lower end first.")

    def values(self, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one value per draw, spread evenly over the range in random order."""
        found: NDArray[np.float64] = self.low + (self.high - self.low) * (
            (rng.permutation(draws) + rng.random(draws)) / draws
        )
        return found

    @property
    def sentence(self) -> str:
        """Return the assumption in words."""
        size = exact(self.low) if self.low == self.high else f"{exact(self.low)} to {exact(self.high)}"
        return f"Assumed: {self.label}, {size}{' ' + self.unit if self.unit else ''}."


def precision(size: int) -> type[np.float32 | np.float64]:
    """Return single precision for arrays too large to keep in double."""
    return np.float32 if size > _LARGE else np.float64


# --- What the whole offer is worth to each customer, in draws


@dataclass(frozen=True, eq=False, kw_only=True)
class Willingness:
    """What each customer would pay for the offer asked about.

    Draws differ in what is uncertain for everybody (how far stated prices overstate, which people answered) and in what
    is uncertain for each.

    Parameters
    ----------
    source
        The method, in words.
    customers
        Who would pay.
    total
        Customers x draws, money per month.
    assumed
        Ranges nobody measured.
    cautions
        What to know before using it.

    Raises
    ------
    DemandError
        When the totals do not fit the customers, or are no numbers.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Willingness, respondents_of
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"], "segment": "small"}))
    >>> willing = Willingness(source="talks", customers=asked, total=np.array([[40.0, 50], [60, 80], [120, 90]]))
    >>> willing.median_of("small").estimate, willing.scaled(0.5).median_of("small").estimate
    (70.0, 35.0)
    """

    source: str
    customers: Customers
    total: NDArray[np.floating]
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def __post_init__(self) -> None:
        if self.total.ndim != 2 or len(self.total) != len(self.customers):  # noqa: PLR2004 - customers x draws
            raise DemandError(
                f"Willingness of the shape {self.total.shape} does not fit {len(self.customers)} customers.",
                "Give one row per customer and one column per draw.",
            )
        if np.isnan(self.total).any():
            raise DemandError("The willingness of some customers is not a number.", "Leave these customers out.")

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.total.shape[1]

    @cached_property
    def medians(self) -> NDArray[np.float64]:
        """Return the weighted median of each segment in each draw: segments x draws."""
        found = np.empty((len(self.customers.segments), self.draws))
        for code in range(len(self.customers.segments)):
            inside = np.flatnonzero(self.customers.segment_codes == code)
            found[code] = weighted_quantile(self.total[inside], self.customers.weight[inside], 0.5)
        return found

    def median_of(self, segment: str) -> Interval:
        """Return what half of a segment would pay at least, per month, with its 90% interval."""
        return _interval(self.medians[self._code(segment)])

    def table(self) -> pd.DataFrame:
        """Return per segment: customers, accounts, and what a quarter, half and three quarters would pay at least."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        rows = []
        for code, name in enumerate(self.customers.segments):
            inside = np.flatnonzero(self.customers.segment_codes == code)
            total, weight = self.total[inside], self.customers.weight[inside]
            quarter, three = (weighted_quantile(total, weight, level).mean() for level in (0.75, 0.25))
            half = _interval(self.medians[code])
            rows.append((name, len(inside), weight.sum(), quarter, half.low, half.estimate, half.high, three))
        names = ("segment", "customers", "accounts", "quarter", "half_low", "half", "half_high", "three_quarters")
        return pd.DataFrame(rows, columns=list(names))

    def reading(self, currency: str) -> str:
        """Return in sentences what each segment would pay and how sure that is."""
        parts = []
        for name in self.customers.segments:
            half = self.median_of(name)
            parts.append(f"{name}: {money(half.estimate, currency)} ({_range(half, currency)})")
        return (
            f"From {self.source}: half of each segment would pay at least this a month, with the 90% interval: "
            f"{'; '.join(parts)}."
        )

    def scaled(self, factor: NDArray[np.floating] | float) -> Willingness:
        """Return the willingness times a factor, one in all or one per customer."""
        times = np.asarray(factor, dtype=self.total.dtype)
        return replace(self, total=self.total * (times[:, None] if times.ndim else times))

    def _code(self, segment: str) -> int:
        if segment not in self.customers.segments:
            raise DemandError(f"There is no segment {segment!r}.", f"Segments: {', '.join(self.customers.segments)}.")
        return self.customers.segments.index(segment)


def _interval(draws: NDArray[np.float64]) -> Interval:
    return interval_of_draws(draws, float(np.quantile(draws, 0.5)), LEVEL)


def _range(interval: Interval, currency: str) -> str:
    return f"{money(interval.low, currency)} to {money(interval.high, currency)}"


# --- Willingness to pay from stated prices: the four price questions, and ladders of rising prices

DRAWS = 200
WITHIN = (0.0, 1.0)
BEYOND_LADDER = 1.5
OVERSTATED_WORDS = "stated prices as a multiple of prices in earnest"
_LEAST_OF_MIDDLE = 20.0


@dataclass(frozen=True, eq=False, kw_only=True)
class StatedAnswers:
    """What respondents said: they would still pay `low` and no longer `high`, per what one price of the survey buys.

    `accounts` names the account each answered for, "" where nobody knows. `spread` and `together` are those of
    `StatedLimits`. `assumed` are the ranges nobody measured, `cautions` what to know.
    """

    source: str
    people: Customers
    accounts: NDArray[np.object_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    spread: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    together: bool = False
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def limits(self, customers: Customers) -> LimitsPerUnit:
        """Return the answers linked to the customers they were given for, and to their segments."""
        place = {name: number for number, name in enumerate(customers.ids)}
        code = {name: number for number, name in enumerate(customers.segments)}
        return LimitsPerUnit(
            account=np.array([place.get(name, -1) for name in self.accounts], dtype=np.int64),
            segment=np.array([code.get(str(name), -1) for name in self.people.segment], dtype=np.int64),
            low=self.low,
            high=self.high,
            spread=self.spread,
            weight=self.people.weight,
            together=self.together,
        )

    def willingness(self, overstatement: Overstatement, draws: int, seed: int) -> Willingness:
        """Return what each respondent would pay, one customer per respondent."""
        over = Assumed(OVERSTATED_WORDS, overstatement.low, overstatement.high)
        factor = over.values(draws, stream(seed, "overstatement"))
        low, high = np.log(self.low)[:, None], np.log(self.high)[:, None]
        if self.together:
            place = self.assumed[0].values(draws, stream(seed, "place in the range"))[None, :]
        else:
            place = stream(seed, "place on the ladder").random((len(self.low), draws))
        total = np.exp(low + place * (high - low)) / factor
        return Willingness(
            source=self.source,
            customers=self.people,
            total=total.astype(precision(total.size)),
            assumed=(*self.assumed, over),
            cautions=(*self.cautions, Caution(overstatement.sentence, "note")),
        )


def from_price_sensitivity(
    frame: pd.DataFrame, *, overstatement: Overstatement = STATED_PRICES, draws: int = DRAWS, seed: int = 0
) -> Willingness:
    """Return what each respondent of the table survey_price_sensitivity would pay a month, for what a price buys.

    Parameters
    ----------
    frame
        One row per respondent: too_cheap, cheap, expensive, too_expensive.
    overstatement
        How much stated prices overstate; all are divided by a value of the range, one per draw.
    draws, seed
        How many draws, and where random numbers start.

    Returns
    -------
    Willingness
        Willingness per respondent and draw; money per month.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    DemandError
        When no respondent can be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.demand import from_price_sensitivity
    >>> from workbench.research import Overstatement
    >>> prices = {"too_cheap": [10, 20], "cheap": [20, 40], "expensive": [40, 80], "too_expensive": [60, 120]}
    >>> frame = pd.DataFrame({"respondent": ["R1", "R2"], **prices})
    >>> found = from_price_sensitivity(frame, overstatement=Overstatement(1, 1), draws=50)
    >>> bool((found.total[0] >= 40).all() and (found.total[0] <= 60).all())
    True
    """
    return sensitivity_answers(frame).willingness(overstatement, draws, seed)


def from_price_ladder(
    frame: pd.DataFrame, *, overstatement: Overstatement = STATED_PRICES, draws: int = DRAWS, seed: int = 0
) -> Willingness:
    """Return what each respondent of the table survey_price_ladder would pay a month, for what a price buys.

    Parameters
    ----------
    frame
        One row per respondent and price asked: price, accepted (1, 0, or blank where not asked).
    overstatement
        How much stated prices overstate; all are divided by a value of the range, one per draw.
    draws, seed
        How many draws, and where random numbers start.

    Returns
    -------
    Willingness
        Willingness per respondent and draw; money per month.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    DemandError
        When no respondent can be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.demand import from_price_ladder
    >>> from workbench.research import Overstatement
    >>> rows = [(f"R{who}", price, int(price <= 20 + who)) for who in range(20) for price in (10, 20, 30, 40)]
    >>> frame = pd.DataFrame(rows, columns=["respondent", "price", "accepted"])
    >>> found = from_price_ladder(frame, overstatement=Overstatement(1, 1), draws=50)
    >>> found.total.shape, bool((found.total[0] >= 20).all() and (found.total[0] < 30).all())
    ((20, 50), True)
    """
    return ladder_answers(frame).willingness(overstatement, draws, seed)


def sensitivity_answers(frame: pd.DataFrame) -> StatedAnswers:
    """Return what respondents of the table survey_price_sensitivity said.

    The limit lies between "expensive" (0) and "too expensive" (1), at a place that is the same for everybody in a draw
    (measured in logarithms). Answers in an impossible order are left out and counted. Raises DataErrors when the
    answers cannot be read, DemandError when none is left.
    """
    from workbench.customers.tables import PRICE_SENSITIVITY  # noqa: PLC0415 - with the research methods
    from workbench.research.answers import read_answers  # noqa: PLC0415

    answers = read_answers(PRICE_SENSITIVITY, frame, number_respondents=True)
    prices = [answers.numbers(name) for name in ("cheap", "expensive", "too_expensive")]
    usable = (prices[0] <= prices[1]) & (prices[1] <= prices[2]) & (prices[1] > 0) & (answers.weights > 0)
    if answers.has("too_cheap"):
        usable &= ~(answers.numbers("too_cheap") > prices[0])
    _require(usable, "has prices in a possible order")
    table = answers.frame.assign(weight=answers.weights)[usable]
    return StatedAnswers(
        source="price sensitivity answers",
        people=respondents_of(table),
        accounts=accounts_named(table),
        low=prices[1][usable],
        high=prices[2][usable],
        together=True,
        assumed=(Assumed('the limit lies between "expensive" (0) and "too expensive" (1)', *WITHIN),),
        cautions=_left_out(int((~usable).sum())),
    )


def ladder_answers(frame: pd.DataFrame) -> StatedAnswers:
    """Return what respondents of the table survey_price_ladder said.

    The limit lies between the highest price accepted below any refusal and the lowest refused, anywhere in between
    (in logarithms, each respondent anew in each draw). Who refused the lowest price would pay up to it, from half of
    it on; who accepted the highest up to 1.5 times that; both are counted.
    """
    from workbench.customers.tables import PRICE_LADDER  # noqa: PLC0415 - with the research methods
    from workbench.research.answers import read_answers  # noqa: PLC0415

    answers = read_answers(PRICE_LADDER, frame)
    price, said = answers.numbers("price"), answers.numbers("accepted")
    people, first = np.unique(answers.texts("respondent"), return_inverse=True)
    refused = np.full(len(people), np.inf)
    np.minimum.at(refused, first[said == 0], price[said == 0])
    accepted = np.zeros(len(people))
    counts = (said == 1) & (price < refused[first])
    np.maximum.at(accepted, first[counts], price[counts])
    asked = np.isfinite(refused) | (accepted > 0)
    _require(asked, "accepted or refused a price")
    at_top, at_bottom = ~np.isfinite(refused) & asked, (accepted == 0) & asked
    high = np.where(at_top, accepted * BEYOND_LADDER, refused)
    low = np.where(at_bottom, high / 2, accepted)
    usable = asked & (low > 0)
    _require(usable, "accepted or refused a price above 0")
    table = answers.frame.assign(weight=answers.weights, respondent=answers.texts("respondent"))
    table = table.drop_duplicates("respondent").set_index("respondent").loc[people[usable]].reset_index()
    open_ends = int(at_top.sum() + at_bottom.sum())
    about = () if not open_ends else (_off_the_ladder(open_ends),)
    return StatedAnswers(
        source="the price ladder",
        people=respondents_of(table),
        accounts=accounts_named(table),
        low=low[usable],
        high=high[usable],
        cautions=(*about, *_left_out(int((~usable).sum()))),
    )


def choice_answers(totals: NDArray[np.floating], people: Customers, accounts: NDArray[np.object_]) -> StatedAnswers:
    """Return what choices between offers say everything is worth, from draws of it (respondents x draws).

    Each respondent has the middle and the spread of the own draws. Respondents to whom everything is worth nothing
    in most draws are left out and counted.
    """
    usable = np.median(totals, axis=1) > 0
    _require(usable, "would pay anything for everything on offer")
    logs = np.log(np.maximum(totals[usable], np.median(totals[usable], axis=1, keepdims=True) / _LEAST_OF_MIDDLE))
    middle = np.exp(np.median(logs, axis=1))
    return StatedAnswers(
        source="choices between offers",
        people=people.take(np.flatnonzero(usable)),
        accounts=accounts[usable],
        low=middle,
        high=middle,
        spread=logs.std(axis=1),
        cautions=_left_out(int((~usable).sum())),
    )


def _left_out(people: int) -> tuple[Caution, ...]:
    if not people:
        return ()
    return (Caution(f"{count('respondent', people)} left out: the answers contradict themselves."),)


def _off_the_ladder(people: int) -> Caution:
    return Caution(
        f"{count('respondent', people)} refused the lowest price or accepted the highest: their limit lies off the "
        f"ladder and is guessed (from half the lowest price, up to {BEYOND_LADDER} times the highest)."
    )


def _require(usable: NDArray[np.bool_], words: str) -> None:
    if not usable.any():
        raise DemandError(f"No respondent {words}.", "Check the columns of the survey table.")


# --- What customers did when prices moved

RISE = 1.03
"""A bill this many times the month before, for no more of what is billed, is a price rise."""
FOLLOW = 3
"""Months after a rise in which leaving counts as an answer to it."""


@dataclass(frozen=True, eq=False)
class RisesObserved:
    """Price rises one by one: `factors` (new price / old price), `kept` and the account's `segment`.

    `leaving_anyway` is the share of accounts that leave within the same number of months without a rise. `upgrades`
    counts the accounts that moved to a plan with a higher bill and kept it.
    """

    factors: NDArray[np.float64]
    kept: NDArray[np.bool_]
    segment: NDArray[np.object_]
    leaving_anyway: float
    upgrades: int

    def of(self, segment: str) -> RisesObserved:
        """Return the moves of one segment."""
        inside = self.segment == segment
        return replace(self, factors=self.factors[inside], kept=self.kept[inside], segment=self.segment[inside])


def observed_moves(base: CustomerBase) -> RisesObserved:
    """Return the rises and upgrades in the MRR records.

    A rise needs proof that the account did not simply buy more: it stays on the same plan of today's price list and
    used no more of the metric that the list charges for. Without records of that metric, or under plans that the list
    does not name, no rise is counted. Only rises with the months to see what followed are.
    """
    from workbench.customers.base import mrr_matrix, usage_cube  # noqa: PLC0415 - with the base
    from workbench.customers.needs import UNKNOWN  # noqa: PLC0415 - with the base

    ids, months, amounts = mrr_matrix(base)
    paid = np.nan_to_num(amounts)
    segment = base.frames["accounts"]["segment"].to_numpy(dtype=object, na_value=UNKNOWN)
    plans = _plan_matrix(base, len(ids), len(months))
    nothing = np.empty(0)
    if len(months) < FOLLOW + 2:
        return RisesObserved(nothing, nothing.astype(bool), nothing.astype(object), 0.0, 0)
    _, _, cube = usage_cube(base)
    charged = cube.get(_charged_metric(base))
    before, after = paid[:, :-1], paid[:, 1:]
    same_plan = (plans[:, 1:] == plans[:, :-1]) & (plans[:, 1:] >= 0)
    higher = (before > 0) & (after >= RISE * before)
    later = np.stack([paid[:, lag : paid.shape[1] - FOLLOW + lag] for lag in range(2, FOLLOW + 1)])
    stays: NDArray[np.bool_] = later.min(axis=0) > 0
    watched = slice(0, paid.shape[1] - FOLLOW)  # months with enough of them after it
    steady = np.zeros_like(higher) if charged is None else charged[:, 1:] <= charged[:, :-1]
    rose: NDArray[np.bool_] = (higher & same_plan & steady)[:, watched]
    row, column = np.nonzero(rose)
    no_rise = ((before > 0) & (after > 0))[:, watched] & ~rose
    leaving = float(1 - stays[no_rise].mean()) if no_rise.any() else 0.0
    other_plan = (plans[:, 1:] != plans[:, :-1]) & (plans[:, :-1] >= 0) & (plans[:, 1:] >= 0)
    kept_upgrade = (higher & other_plan)[:, watched] & stays
    return RisesObserved(
        factors=after[row, column] / before[row, column],
        kept=stays[row, column],
        segment=segment[row],
        leaving_anyway=min(leaving, 0.99),
        upgrades=int(kept_upgrade.any(axis=1).sum()),
    )


def _charged_metric(base: CustomerBase) -> str:
    """Return the metric today's plans charge for, "" when the data names none."""
    plans = base.frames.get("plans")
    if plans is None or "metric" not in plans:
        return ""
    named = plans["metric"].dropna()
    return "" if named.empty else str(named.mode().iloc[0])


def _plan_matrix(base: CustomerBase, accounts: int, months: int) -> NDArray[np.intp]:
    """Return each account's plan of today's price list by month as a number, -1 where it is on none of them."""
    import pandas as pd  # noqa: PLC0415 - with the base

    found = np.full((accounts, months), -1, dtype=np.intp)
    mrr, listed = base.frames.get("mrr"), base.frames.get("plans")
    if mrr is None or listed is None or "plan" not in mrr or mrr.empty:
        return found
    codes = pd.Index(listed["plan"].unique()).get_indexer(pd.Index(mrr["plan"]))
    place = pd.Index(base.frames["accounts"]["account_id"]).get_indexer(pd.Index(mrr["account_id"]))
    month = pd.DatetimeIndex(base.months).get_indexer(pd.DatetimeIndex(mrr["month"]))
    found[place, month] = codes
    return found


# --- Willingness to pay without a survey

HEADROOM = (0.1, 1.3)
"""Mean logarithm of headroom before any move is seen: from hardly more than today to over three times as much."""
EVENNESS = (1.0, 8.0)
"""Shape of headroom among customers: from exponential (many are at their limit) to nearly the same for all."""
_STEPS = 120
_ENOUGH = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class ObservedHeadroom:
    """Who pays, and how much more than today's bill each would pay: `headroom` in logarithms, customers x draws."""

    customers: Customers
    headroom: NDArray[np.floating]
    assumed: tuple[Assumed, ...]
    cautions: tuple[Caution, ...]


def observed_headroom(
    base: CustomerBase, *, headroom: tuple[float, float] = HEADROOM, draws: int = 200, seed: int = 0, months: int = 3
) -> ObservedHeadroom:
    """Return how much more than today's bill each paying account would pay, from moves alone.

    Accounts without a recorded payment are left out and counted.

    Parameters
    ----------
    base
        The customer base; money per month in its currency.
    headroom
        Range of the mean logarithm of what comes on top, before moves are seen.
    draws, seed
        How many draws, and where random numbers start.
    months
        How many of the latest months bills are taken from.

    Returns
    -------
    ObservedHeadroom
        What each account would pay, and what the moves say about it.

    Raises
    ------
    DemandError
        When nobody pays.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.demand import observed_headroom
    >>> months = pd.date_range("2024-01-01", periods=6, freq="MS").repeat(10)
    >>> ids = [f"A{number}" for number in range(10)]
    >>> mrr = pd.DataFrame({"account_id": ids * 6, "month": months, "amount": 50.0, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ids}), "mrr": mrr})
    >>> found = observed_headroom(base, draws=20)
    >>> found.headroom.shape, bool(np.median(found.headroom) > 0)
    ((10, 20), True)
    """
    everybody = customers_of(base, months)
    paid = np.zeros(0) if everybody.paid is None else np.nan_to_num(everybody.paid)
    paying = np.flatnonzero(paid > 0)
    if not paying.size:
        raise DemandError(
            "No account has a recorded payment, so nothing says what customers would pay.",
            "Add the table mrr, or field one of the price surveys.",
        )
    customers = everybody.take(paying)
    moves = observed_moves(base)
    rng = stream(seed, "headroom")
    least, most = np.log(EVENNESS)
    shape = np.exp(rng.uniform(least, most, draws))
    more = np.empty((len(customers), draws), dtype=precision(len(customers) * draws))
    for code, name in enumerate(customers.segments):
        rate = drawn_rates(moves.of(name), headroom, draws, rng)
        inside = np.flatnonzero(customers.segment_codes == code)
        more[inside] = rng.standard_gamma(shape, (inside.size, draws)) / (shape * rate)
    return ObservedHeadroom(
        customers=customers,
        headroom=more,
        assumed=(
            Assumed("mean headroom above today's bill before moves are seen, in logarithms", *headroom),
            Assumed("how alike customers are in their headroom (1: many at their limit)", *EVENNESS),
        ),
        cautions=_cautions(moves, len(everybody) - paying.size),
    )


def drawn_rates(
    moves: RisesObserved, headroom: tuple[float, float], draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return draws of the rate of headroom, given which rises were kept; without moves, of the open start alone."""
    borders = np.linspace(*headroom, _STEPS + 1)  # equal steps of the mean headroom, each as likely as any other
    rates = 2 / (borders[:-1] + borders[1:])
    stays = (1 - moves.leaving_anyway) * np.power.outer(moves.factors, -rates)
    likelihood = np.where(moves.kept[:, None], np.log(stays), np.log1p(-np.clip(stays, 0, 1 - 1e-12))).sum(axis=0)
    edges = np.concatenate([[0.0], np.cumsum(np.exp(likelihood - likelihood.max()))])
    ranks = (rng.permutation(draws) + rng.random(draws)) / draws * edges[-1]
    found: NDArray[np.float64] = 1 / np.interp(ranks, edges, borders)
    return found


def _cautions(moves: RisesObserved, not_paying: int) -> tuple[Caution, ...]:
    rises = len(moves.kept)
    left = rises - int(moves.kept.sum())
    found = [
        Caution(
            "Nobody was asked: this is a wide range above what accounts pay today, because bills show the least "
            "customers would pay, never the most. A price survey would narrow it."
        )
    ]
    if not rises:
        found.append(Caution("No price rise is on record, so how much more customers would pay rests on a guess."))
    elif rises < _ENOUGH:
        found.append(Caution(f"Only {count('price rise', rises)} on record ({left} followed by leaving)."))
    else:
        found.append(Caution(f"{count('price rise', rises)} on record, {left} followed by leaving.", "note"))
    if moves.upgrades:
        words = "took a dearer plan and kept it: each would pay at least today's bill"
        found.append(Caution(f"{count('account', moves.upgrades)} {words}.", "note"))
    if not_paying:
        found.append(Caution(f"{count('active account', not_paying)} without a recorded payment left out.", "note"))
    return tuple(found)
