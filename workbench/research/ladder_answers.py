"""The answers to "would you buy at this price?": whole ladders, or one price per person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.survey_tables import PRICE_LADDER
from workbench.formatting import exact
from workbench.research.answers import Answers, about_one_unit, per_respondent, read_answers
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem

_FEWEST_PRICES = 2


@dataclass(frozen=True, eq=False)
class LadderAnswers:
    """Who would buy at which price: respondents x prices.

    `accepts` is whether a respondent would buy, `asked` whether the answer counts at that price. On a ladder every
    price counts for everybody: a respondent accepts every price up to the highest accepted. With one price per person
    only that price does. `inconsistent` lists the rows of a No below a Yes. `per` says what a price
    buys.
    """

    is_ladder: bool
    prices: NDArray[np.float64]
    accepts: NDArray[np.float64]
    asked: NDArray[np.float64]
    weights: NDArray[np.float64]
    inconsistent: pd.DataFrame
    per: str = ""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.weights)


def read_ladders(frame: pd.DataFrame, weights: str | ArrayLike | None = None) -> LadderAnswers:
    """Read a frame in the layout of survey_price_ladder; rows without respondents are one person each.

    Raises
    ------
    DataErrors
        With every answer that cannot be read, and every respondent whose missing answers no other answer settles.
    ResearchError
        When fewer than two prices were asked.

    """
    answers = read_answers(
        PRICE_LADDER,
        frame,
        [_same_weight, about_one_unit, _unsettled],
        weights=_per_row(frame, weights),
        number_respondents=True,
    )
    who, respondents = pd.factorize(answers.texts("respondent"))
    prices, place = np.unique(answers.numbers("price"), return_inverse=True)
    if len(prices) < _FEWEST_PRICES:
        raise ResearchError(
            f"Everybody was asked the same price, {exact(float(prices[0]))}.",
            "Ask at least two prices, better five to seven: one price gives no demand curve.",
        )
    said = np.full((len(respondents), len(prices)), np.nan)
    said[who, place] = answers.numbers("accepted")
    weight = np.zeros(len(respondents))
    weight[who] = answers.weights
    is_ladder = len(answers) > len(respondents)
    if not is_ladder:
        asked = ~np.isnan(said)
        return LadderAnswers(
            is_ladder=False,
            prices=prices,
            accepts=np.where(asked, said, 0),
            asked=asked.astype(float),
            weights=weight,
            inconsistent=_rows(answers, answers.rows < 0),
            per=answers.per,
        )
    accepted = said == 1
    accepts = np.logical_or.accumulate(accepted[:, ::-1], axis=1)[:, ::-1]
    odd = accepts & (said == 0)
    return LadderAnswers(
        is_ladder=True,
        prices=prices,
        accepts=accepts.astype(float),
        asked=np.ones_like(said),
        weights=weight,
        inconsistent=_rows(answers, odd[who, place]),
        per=answers.per,
    )


def _per_row(frame: pd.DataFrame, weights: str | ArrayLike | None) -> str | ArrayLike | None:
    """Spread weights given once per respondent, in the order of their first rows, over the rows."""
    if weights is None or isinstance(weights, str) or not isinstance(frame, pd.DataFrame):
        return weights
    given = np.asarray(weights, dtype=float)
    if "respondent" in frame and given.shape != (len(frame),):
        who, respondents = pd.factorize(frame["respondent"])
        if given.shape == (len(respondents),):
            return given[who]
    return given


def _rows(answers: Answers, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": answers.rows[chosen],
            "respondent": answers.texts("respondent")[chosen],
            "price": answers.numbers("price")[chosen],
        }
    )


def _same_weight(read: ReadTable) -> Iterator[Problem]:
    return per_respondent(read, "weight")


def _unsettled(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every respondent with prices that were not asked and that no other answer settles.

    A No settles every higher price and a Yes every lower one, whichever way the ladder ran. Where something else left
    a price out, its share would rest on other people than its neighbours' do. With one price each nothing is left out.
    """
    table = read.frame[["respondent", "price", "accepted"]]
    key = ["respondent", "price"]
    if table[key].isna().any(axis=None) or table.duplicated(key).any():
        return  # already reported; nothing can be said about ladders before it is mended
    who, respondents = pd.factorize(table["respondent"])
    prices, place = np.unique(table["price"].to_numpy(dtype=float), return_inverse=True)
    said = np.full((len(respondents), len(prices)), np.nan)
    said[who, place] = table["accepted"].to_numpy(dtype=float)
    if len(table) == len(respondents):
        for position in np.flatnonzero(np.isnan(said[who, place])).tolist():
            yield read.problem(position, "accepted", None, "an answer: 1 for yes, 0 for no", "Delete the row.")
        return
    refused_below = np.logical_or.accumulate(said == 0, axis=1)
    accepted_above = np.logical_or.accumulate((said == 1)[:, ::-1], axis=1)[:, ::-1]
    open_ = np.isnan(said) & ~refused_below & ~accepted_above
    first = pd.Series(np.arange(len(table))).groupby(who).first().to_numpy()
    for person in np.flatnonzero(open_.any(axis=1)).tolist():
        missing = ", ".join(exact(float(price)) for price in prices[open_[person]])
        yield read.problem(
            int(first[person]),
            "accepted",
            f"{respondents[person]} has no answer at {missing}",
            "an answer at every price, or a No below or a Yes above it that settles it",
            "Add the answers or leave the respondent out: the shares of different prices must rest on the same people.",
        )
