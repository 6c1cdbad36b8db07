"""Willingness to pay from stated prices: the four price questions, and ladders of rising prices.

Each respondent gives a range, not a number. A price that is "expensive, but worth considering" would still be paid,
one "too expensive to consider" would not, so the limit lies between the two; on a ladder it lies between the last
price accepted and the first refused. Where in the range, and how far people overstate, nobody asked: both stay open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.account_facts import StatedLimits
from workbench.demand.customers import accounts_named, respondents_of
from workbench.demand.draws import Assumed, precision, stream
from workbench.demand.errors import DemandError
from workbench.demand.willingness import Willingness
from workbench.formatting import count
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Caution

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand.customers import Customers

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

    def limits(self, customers: Customers) -> StatedLimits:
        """Return the answers linked to the customers they were given for, and to their segments."""
        place = {name: number for number, name in enumerate(customers.ids)}
        code = {name: number for number, name in enumerate(customers.segments)}
        return StatedLimits(
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
    frame: pd.DataFrame,
    *,
    overstatement: Overstatement = STATED_PRICES,
    draws: int = DRAWS,
    seed: int = 0,
) -> Willingness:
    """Return what each respondent of the table survey_price_sensitivity would pay a month, for what a price buys."""
    return sensitivity_answers(frame).willingness(overstatement, draws, seed)


def from_price_ladder(
    frame: pd.DataFrame, *, overstatement: Overstatement = STATED_PRICES, draws: int = DRAWS, seed: int = 0
) -> Willingness:
    """Return what each respondent of the table survey_price_ladder would pay a month, for what a price buys."""
    return ladder_answers(frame).willingness(overstatement, draws, seed)


def sensitivity_answers(frame: pd.DataFrame) -> StatedAnswers:
    """Return what respondents of the table survey_price_sensitivity said.

    The limit lies between "expensive" (0) and "too expensive" (1), at a place that is the same for everybody in a draw
    (measured in logarithms). Answers in an impossible order are left out and counted. Raises DataErrors when the
    answers cannot be read, DemandError when none is left.
    """
    from workbench.customers.survey_tables import PRICE_SENSITIVITY  # noqa: PLC0415 - with the research methods
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
    from workbench.customers.survey_tables import PRICE_LADDER  # noqa: PLC0415 - with the research methods
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
