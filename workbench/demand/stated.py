"""Willingness to pay from stated prices: the four price questions, and ladders of rising prices.

Each respondent gives a range, not a number. A price that is "expensive, but worth considering" would still be paid,
one "too expensive to consider" would not, so the limit lies between the two; on a ladder it lies between the last
price accepted and the first refused. Where in the range, and how far people overstate, nobody asked: both stay open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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

DRAWS = 200
WITHIN = (0.0, 1.0)
BEYOND_LADDER = 1.5


def from_price_sensitivity(
    frame: pd.DataFrame,
    *,
    overstatement: Overstatement = STATED_PRICES,
    within: tuple[float, float] = WITHIN,
    draws: int = DRAWS,
    seed: int = 0,
) -> Willingness:
    """Return what each respondent of the table survey_price_sensitivity would pay a month.

    The limit lies between "expensive" (0) and "too expensive" (1), at a place between the ends of `within` that is
    the same for everybody in a draw (measured in logarithms), and is then divided by the overstatement. Answers in an
    impossible order are left out and counted. Where a price buys one unit (the column `per` names a metric) so does the
    result: `for_accounts(...).scaled(units)` makes it the account's. Raises DataErrors when the answers cannot be read,
    DemandError when none is left.
    """
    from workbench.customers.survey_tables import PRICE_SENSITIVITY  # noqa: PLC0415 - with the research methods
    from workbench.research.answers import read_answers  # noqa: PLC0415

    answers = read_answers(PRICE_SENSITIVITY, frame, number_respondents=True)
    prices = [answers.numbers(name) for name in ("cheap", "expensive", "too_expensive")]
    usable = (prices[0] <= prices[1]) & (prices[1] <= prices[2]) & (prices[1] > 0) & (answers.weights > 0)
    if answers.has("too_cheap"):
        usable &= ~(answers.numbers("too_cheap") > prices[0])
    _require(usable, "has prices in a possible order")
    low, high = (np.log(price[usable])[:, None] for price in prices[1:])
    where = Assumed('the limit lies between "expensive" (0) and "too expensive" (1)', *within)
    place = where.values(draws, stream(seed, "place in the range"))
    return _stated(
        answers.frame.assign(weight=answers.weights)[usable],
        low + place * (high - low),
        source="price sensitivity answers",
        assumed=(where,),
        overstatement=overstatement,
        left_out=int((~usable).sum()),
        seed=seed,
    )


def from_price_ladder(
    frame: pd.DataFrame,
    *,
    overstatement: Overstatement = STATED_PRICES,
    draws: int = DRAWS,
    seed: int = 0,
) -> Willingness:
    """Return what each respondent of the table survey_price_ladder would pay a month.

    The limit lies between the highest price accepted below any refusal and the lowest refused, anywhere in between
    (in logarithms, each respondent anew in each draw), and is divided by the overstatement. Who refused the lowest
    price would pay up to it, from half of it on; who accepted the highest up to 1.5 times that; both are counted.
    Prices per unit stay per unit, as above.
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
    edges = np.log(low[usable])[:, None], np.log(high[usable])[:, None]
    place = stream(seed, "place on the ladder").random((int(usable.sum()), draws))
    open_ends = int(at_top.sum() + at_bottom.sum())
    return _stated(
        table,
        edges[0] + place * (edges[1] - edges[0]),
        source="the price ladder",
        assumed=(),
        overstatement=overstatement,
        left_out=int((~usable).sum()),
        seed=seed,
        cautions=() if not open_ends else (_off_the_ladder(open_ends),),
    )


def _stated(
    people: pd.DataFrame,
    logarithms: NDArray[np.float64],
    *,
    source: str,
    assumed: tuple[Assumed, ...],
    overstatement: Overstatement,
    left_out: int,
    seed: int,
    cautions: tuple[Caution, ...] = (),
) -> Willingness:
    over = Assumed("stated prices as a multiple of prices in earnest", overstatement.low, overstatement.high)
    factor = over.values(logarithms.shape[1], stream(seed, "overstatement"))
    total = np.exp(logarithms) / factor
    if left_out:
        cautions = (*cautions, Caution(f"{count('respondent', left_out)} left out: the answers contradict themselves."))
    return Willingness(
        source=source,
        customers=respondents_of(people),
        total=total.astype(precision(total.size)),
        assumed=(*assumed, over),
        cautions=(*cautions, Caution(overstatement.sentence, "note")),
        account_ids=accounts_named(people),
    )


def _off_the_ladder(people: int) -> Caution:
    return Caution(
        f"{count('respondent', people)} refused the lowest price or accepted the highest: their limit lies off the "
        f"ladder and is guessed (from half the lowest price, up to {BEYOND_LADDER} times the highest)."
    )


def _require(usable: NDArray[np.bool_], words: str) -> None:
    if not usable.any():
        raise DemandError(f"No respondent {words}.", "Check the columns of the survey table.")
