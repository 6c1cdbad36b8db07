"""What respondents of a price survey said they would pay: the price they would still pay, and the one no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import accounts_named, respondents_of
from workbench.errors import WorkbenchError
from workbench.stages.tiers.decision import PER_ACCOUNT

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase

LADDER, SENSITIVITY = "survey_price_ladder", "survey_price_sensitivity"
_BEYOND_LADDER = 1.5  # who accepts the highest price asked would pay up to this many times it
_BELOW_LADDER = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One limit per respondent and price unit: still `low`, no longer `high`.

    `accounts` names whom each answered for ("" unknown), `per` the metric a price buys a unit of, None for an account.
    `at_top` marks who accepted the highest price asked: nothing is known of their limit but that it lies beyond.
    """

    source: str
    per: str | None
    accounts: NDArray[np.object_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    at_top: NDArray[np.bool_]
    together: bool


def stated_limits(base: CustomerBase) -> Answers | None:
    """Return the answers of the price ladder, else of the price sensitivity questions, None without usable ones."""
    for table, read, source in (
        (LADDER, _of_ladder, "the price ladder"),
        (SENSITIVITY, _of_sensitivity, "the price questions"),
    ):
        if not base.has(table):
            continue
        frame = base.frames[table]
        per = _per(frame)
        found = read(frame) if per else None
        if found is not None:
            return _answers(frame, source, str(per), found)
    return None


def _answers(frame: pd.DataFrame, source: str, per: str, found: tuple[NDArray, NDArray, NDArray]) -> Answers:
    low, high, at_top = found
    usable = np.isfinite(low) & np.isfinite(high) & (low > 0) & (high >= low)
    people = respondents_of(frame)
    return Answers(
        source,
        None if per == PER_ACCOUNT else per,
        accounts_named(frame)[usable],
        low[usable],
        high[usable],
        people.weight[usable],
        at_top[usable],
        together=source == "the price questions",
    )


def _per(frame: pd.DataFrame) -> str | None:
    """Return what one price buys, None where rows say different things."""
    if "per" not in frame:
        return PER_ACCOUNT
    found = {str(each).strip() or PER_ACCOUNT for each in frame["per"].fillna(PER_ACCOUNT).unique()}
    return found.pop() if len(found) == 1 else None


def _of_ladder(frame: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray] | None:
    """Return the highest price accepted below any refusal, the lowest refused, and who refused none."""
    asked = frame.dropna(subset=["accepted", "price"])
    order = frame["respondent"].drop_duplicates()
    price, said = asked["price"].to_numpy(dtype=float), asked["accepted"].to_numpy(dtype=float)
    by = asked["respondent"]
    refused = asked.assign(price=np.where(said == 0, price, np.inf)).groupby(by)["price"].min().reindex(order)
    under = price < refused.reindex(by).to_numpy()
    accepted = asked.assign(price=np.where((said == 1) & under, price, 0.0)).groupby(by)["price"].max().reindex(order)
    no, yes = refused.to_numpy(dtype=float), accepted.to_numpy(dtype=float)
    high = np.where(np.isfinite(no), no, yes * _BEYOND_LADDER)
    low = np.where(yes > 0, yes, high * _BELOW_LADDER)
    return (low, high, ~np.isfinite(no)) if (low > 0).any() else None


def _of_sensitivity(frame: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray] | None:
    """Return "expensive, but worth considering" and "too expensive"; answers in an impossible order are unknown."""
    first = frame.drop_duplicates("respondent")
    try:
        cheap, low, high = (first[name].to_numpy(dtype=float) for name in ("cheap", "expensive", "too_expensive"))
    except (KeyError, ValueError) as error:
        raise WorkbenchError(f"The answers of {SENSITIVITY} cannot be read: {error}.", "Check its columns.") from error
    possible = (cheap <= low) & (low <= high)
    low, high = np.where(possible, low, np.nan), np.where(possible, high, np.nan)
    return (low, high, np.zeros(len(low), dtype=bool)) if np.isfinite(low).any() else None
