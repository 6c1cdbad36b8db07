"""The answers to the four price questions: who gave them in a possible order, and who is left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.survey_tables import PRICE_SENSITIVITY
from workbench.research.answers import Answers, about_one_unit, read_answers
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Intent = bool | pd.DataFrame | Sequence[str] | Sequence[ArrayLike] | None

QUESTIONS = ("too_cheap", "cheap", "expensive", "too_expensive")
WORDS = {
    "too_cheap": "too cheap",
    "cheap": "cheap",
    "expensive": "expensive",
    "too_expensive": "too expensive",
}
INTENTS = ("intent_cheap", "intent_expensive")


@dataclass(frozen=True, eq=False)
class PriceAnswers:
    """The respondents who count: their prices by question, weights and, where they were asked, their intent.

    `stated` lacks too_cheap where nobody was asked. `intent` is respondents x 2 (at cheap, at expensive; NaN where
    not answered), None where nobody was asked. `left_out` has one row per respondent who does not count: row,
    respondent, why and the prices. `in_order` marks those of the respondents who count whose prices rise strictly.
    `per` says what a price buys.
    """

    stated: dict[str, NDArray[np.float64]]
    weights: NDArray[np.float64]
    intent: NDArray[np.float64] | None
    segment: NDArray[np.object_]
    total: int
    left_out: pd.DataFrame
    in_order: NDArray[np.bool_]
    per: str = ""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.weights)

    def of(self, segment: str) -> PriceAnswers:
        """Return the answers of one segment alone."""
        inside = self.segment == segment
        left_out = self.left_out[self.left_out["segment"] == segment].reset_index(drop=True)
        return PriceAnswers(
            {name: prices[inside] for name, prices in self.stated.items()},
            self.weights[inside],
            None if self.intent is None else self.intent[inside],
            self.segment[inside],
            int(inside.sum()) + len(left_out),
            left_out,
            self.in_order[inside],
            self.per,
        )


def read_prices(
    frame: pd.DataFrame, weights: str | ArrayLike | None, intent: Intent, *, keep_invalid: bool = False
) -> PriceAnswers:
    """Read and sort out a frame in the layout of survey_price_sensitivity; its respondents may be nameless.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When nobody's prices are in a possible order, or intent was asked for and is not there.

    """
    given = _with_intent(frame, intent)
    answers = read_answers(PRICE_SENSITIVITY, given, [about_one_unit], weights=weights, number_respondents=True)
    asked = tuple(name for name in QUESTIONS if answers.has(name))
    prices = np.column_stack([answers.numbers(name) for name in asked])
    why = _why_not(prices, asked)
    in_order = why == ""
    complete = ~np.isnan(prices).any(axis=1) & (answers.weights > 0)
    counts = complete if keep_invalid else complete & in_order
    why[in_order & ~counts] = "has a weight of 0"
    if not in_order.any() or not counts.any():
        raise ResearchError(
            f"None of the {len(answers):,} respondents gave prices that rise from {_listed(asked)}.",
            "Check that the columns are not mixed up.",
        )
    segment = answers.texts("segment")
    chosen = _intents(answers, intent)
    return PriceAnswers(
        {name: prices[counts, place] for place, name in enumerate(asked)},
        answers.weights[counts],
        None if chosen is None else chosen[counts],
        segment[counts],
        len(answers),
        _left_out(answers, ~counts, why, segment),
        in_order[counts],
        answers.per,
    )


def _why_not(prices: NDArray[np.float64], asked: tuple[str, ...]) -> NDArray[np.object_]:
    """Say for each respondent why the prices cannot count, "" where they can."""
    why = np.full(len(prices), "", dtype=object)
    for place in range(len(asked) - 1, 0, -1):
        low, high = WORDS[asked[place - 1]], WORDS[asked[place]]
        why[prices[:, place - 1] >= prices[:, place]] = f"{low} is not below {high}"
    for place, name in enumerate(asked):
        why[np.isnan(prices[:, place])] = f"{WORDS[name]} has no price"
    return why


def _listed(asked: tuple[str, ...]) -> str:
    return " to ".join(WORDS[name] for name in asked)


def _left_out(
    answers: Answers, out: NDArray[np.bool_], why: NDArray[np.object_], segment: NDArray[np.object_]
) -> pd.DataFrame:
    """List the respondents who do not count."""
    prices = {name: answers.numbers(name)[out] for name in QUESTIONS}
    about = {"row": answers.rows[out], "respondent": answers.texts("respondent")[out], "segment": segment[out]}
    return pd.DataFrame({**about, "why": why[out], **prices})


def _with_intent(frame: pd.DataFrame, intent: Intent) -> pd.DataFrame:
    """Put the intents given into their documented columns, so that they are checked like any other."""
    if intent is None or isinstance(intent, bool) or not isinstance(frame, pd.DataFrame):
        return frame
    columns = [intent[name] for name in intent.columns] if isinstance(intent, pd.DataFrame) else list(intent)
    if len(columns) != len(INTENTS):
        raise ResearchError(
            f"Intent was given as {len(columns)} columns.",
            "Give two: the intent to buy at the cheap price and at the expensive price.",
        )
    found = {}
    for name, column in zip(INTENTS, columns, strict=True):
        if isinstance(column, str):
            if column not in frame:
                known = ", ".join(str(each) for each in frame.columns)
                raise ResearchError(f"There is no column {column!r} with the intent.", f"The columns are {known}.")
            found[name] = frame[column].to_numpy()
        else:
            found[name] = np.asarray(column, dtype=float)
            if len(found[name]) != len(frame):
                raise ResearchError(
                    f"There are {len(found[name]):,} intents for {len(frame):,} rows.", "Give one per row."
                )
    return frame.drop(columns=[name for name in INTENTS if name in frame]).assign(**found)


def _intents(answers: Answers, intent: Intent) -> NDArray[np.float64] | None:
    """Return the intents of everybody, None where nobody was asked or they are not wanted."""
    if intent is False:
        return None
    if not all(answers.has(name) for name in INTENTS):
        if intent is None:
            return None
        raise ResearchError(
            "The answers have no intent to buy at the cheap and at the expensive price.",
            "Add the columns intent_cheap and intent_expensive with answers from 1 to 5, or leave intent out.",
        )
    return np.column_stack([answers.numbers(name) for name in INTENTS])
