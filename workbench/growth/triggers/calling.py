"""Whom to call: accounts by expected expansion, with the reasons, the offer, the sentence to say, and who acts.

How likely an account is to expand comes from the company's own past: a logistic line through size, tenure, growth and
the triggers that fired lately. What it would bring is not estimated here: it is a bill, given by whoever replays the
next tier or add-on at this account's usage. How good the order was is shown on months that the line has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.triggers.back_test import (
    HORIZONS,
    LAST_STEP,
    account_past,
    fired_by_month,
    happened_before,
    happens_within,
)
from workbench.growth.triggers.firing import fire
from workbench.growth.triggers.rules import TriggerError
from workbench.tables import CENTS, COUNT, TEXT, DataTable, Percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.growth.triggers.back_test import AccountPast
    from workbench.growth.triggers.firing import Past
    from workbench.growth.triggers.rules import Playbook
    from workbench.results import Floats

    Flags = NDArray[np.bool_]

FEWEST_EXPANSIONS, MOST_ROWS = 30, 100_000
_STEPS, _RIDGE, _TENTHS = 25, 1e-3, 10


@dataclass(frozen=True, slots=True, eq=False)
class CallList:
    """Accounts in the order in which to talk to them.

    Attributes
    ----------
    accounts
        account_id, week (0: this one; -1: beyond what the team can do), who, probability, amount, expected, reasons,
        offer and say; the highest expected amount first.
    calibration
        predicted, came, accounts: by tenths of the probability, on the last months whose outcome is known and that the
        line was not fitted to.
    gain
        called (a share of the accounts), and the share of their expansions that came by then: in this order, with the
        largest accounts first, and by chance.

    Examples
    --------
    >>> from workbench.workspace import sample_base
    >>> from workbench.growth.triggers import PLAYBOOK, Past, who_to_call
    >>> past = Past.of(sample_base())
    >>> bring = {str(account): 100.0 for account in past.base.accounts["account_id"]}
    >>> found = who_to_call(past, PLAYBOOK, bring, {"sales": 5, "customer success": 10})
    >>> int((found.accounts["week"] == 0).sum()) <= 15, bool(found.accounts["probability"].between(0, 1).all())
    (True, True)
    """

    accounts: pd.DataFrame
    calibration: pd.DataFrame
    gain: pd.DataFrame

    def table(self, currency: str = "") -> DataTable:
        """Return the list as a table."""
        amount = f"Amount ({currency} a month)" if currency else "Amount a month"
        shown = [
            ("Account", TEXT, "account_id"), ("Week", COUNT, "week"), ("Who", TEXT, "who"),
            ("Probability", Percent(), "probability"), (amount, CENTS, "amount"), ("Expected", CENTS, "expected"),
            ("Reasons", TEXT, "reasons"), ("Offer", TEXT, "offer"), ("Say", TEXT, "say"),
        ]  # fmt: skip
        return DataTable.of_frame(self.accounts, shown)


def who_to_call(
    past: Past,
    playbook: Playbook,
    amounts: Mapping[str, float],
    capacity: Mapping[str, int] | None = None,
    *,
    price_lists: Mapping[str, str] | None = None,
) -> CallList:
    """Return accounts by expected expansion: how likely they expand in three months, times what the offer would bring.

    Parameters
    ----------
    past
        What is known by a day.
    playbook
        The triggers.
    amounts
        By account_id, what the next tier or add-on would bring in a month at this account's usage: a bill, less what
        it pays today. Accounts without one are not in the list.
    capacity
        How many talks each team can hold in a week; without one, everything is this week's.
    price_lists
        As in `account_past`.

    Returns
    -------
    CallList
        The list, and how good such an order was.

    Raises
    ------
    TriggerError
        When there were too few expansions to say how likely one is.

    Examples
    --------
    >>> from workbench.workspace import sample_base
    >>> from workbench.growth.triggers import PLAYBOOK, Past, who_to_call
    >>> past = Past.of(sample_base())
    >>> found = who_to_call(past, PLAYBOOK, {"Q0001": 500.0, "Q0002": 40.0})  # the second has left
    >>> found.accounts["account_id"].tolist()
    ['Q0001']
    """
    return call_odds(past, playbook, price_lists=price_lists).listed(playbook, amounts, capacity)


@dataclass(frozen=True, slots=True, eq=False)
class CallOdds:
    """How likely each account is to expand in three months, and which triggers fired for it lately.

    Attributes
    ----------
    account_ids, paying, probability
        The accounts, who pays now, and how likely each is.
    lately
        By trigger, for which accounts it fired in the last three months.
    calibration, gain
        As in `CallList`.

    Examples
    --------
    >>> from workbench.workspace import sample_base
    >>> from workbench.growth.triggers import PLAYBOOK, Past, call_odds
    >>> found = call_odds(Past.of(sample_base()), PLAYBOOK)
    >>> found.listed(PLAYBOOK, {"Q0001": 500.0}).accounts["account_id"].tolist()
    ['Q0001']
    """

    account_ids: NDArray[np.object_]
    paying: Flags
    probability: Floats
    lately: Mapping[str, Flags]
    calibration: pd.DataFrame
    gain: pd.DataFrame

    def listed(
        self, playbook: Playbook, amounts: Mapping[str, float], capacity: Mapping[str, int] | None = None
    ) -> CallList:
        """Return accounts by expected expansion, with the reasons that triggers of a playbook give."""
        bring = np.array([amounts.get(str(each), np.nan) for each in self.account_ids], dtype=float)
        rows_listed = np.flatnonzero(self.paying & np.isfinite(bring) & (bring > 0))
        rows_listed = rows_listed[np.argsort(-(self.probability * bring)[rows_listed], kind="stable")]
        triggers = [(key, each) for key, each in playbook.triggers.items() if key in self.lately]
        rows = []
        for row in rows_listed:
            open_ones = [each for key, each in triggers if self.lately[key][row]]
            first = open_ones[0] if open_ones else None
            reasons = "; ".join(each.name for each in open_ones) or "size and growth, no trigger"
            said = (first.who, first.offer, first.say) if first else ("", "", "")
            worth = self.probability[row] * bring[row]
            rows.append((self.account_ids[row], said[0], self.probability[row], bring[row], worth, reasons, *said[1:]))
        names = ["account_id", "who", "probability", "amount", "expected", "reasons", "offer", "say"]
        table = pd.DataFrame(rows, columns=names)
        table.insert(1, "week", _weeks(table["who"], capacity))
        return CallList(table, self.calibration, self.gain)


def call_odds(past: Past, playbook: Playbook, *, price_lists: Mapping[str, str] | None = None) -> CallOdds:
    """Return how likely accounts are to expand, whatever an offer would bring and however many talks can be held.

    Parameters
    ----------
    past, playbook, price_lists
        As in `who_to_call`.

    Returns
    -------
    CallOdds
        Probabilities, and how good an order by them was.

    Raises
    ------
    TriggerError
        When there were too few expansions to say how likely one is.

    Examples
    --------
    >>> from workbench.workspace import sample_base
    >>> from workbench.growth.triggers import PLAYBOOK, Past, call_odds
    >>> bool((call_odds(Past.of(sample_base()), PLAYBOOK).probability <= 1).all())
    True
    """
    accounts = account_past(past, price_lists)
    horizon = HORIZONS[-1]
    width = len(accounts.months)
    fired = {key: fired_by_month(accounts, fire(past, each).entries) for key, each in playbook.triggers.items()}
    lately = {key: each | happened_before(each, horizon - 1) for key, each in fired.items()}
    came = happens_within(accounts.moved["expansion"], horizon)
    known = width - horizon  # months whose outcome is known
    if known <= 4 * horizon or accounts.moved["expansion"][:, :known].sum() < FEWEST_EXPANSIONS:
        happened = int(accounts.moved["expansion"].sum())
        raise TriggerError(
            f"There were {happened} expansions in {width} months, too few to say how likely one is.",
            "Add months of revenue; until then, go by the open triggers alone.",
        )
    none = [np.zeros((*came.shape, 0))]
    triggers = np.concatenate([*none, *(each.astype(float)[:, :, None] for each in lately.values())], axis=2)
    features = np.concatenate([accounts.traits, triggers], axis=2)
    calibration, gain = _judged(accounts, features, came, known - horizon)
    now = width - 1
    probability = _likely(accounts, features, came, known)(features[:, now])
    fired_lately = {key: each[:, now] for key, each in lately.items()}
    return CallOdds(accounts.account_ids, accounts.paying[:, now], probability, fired_lately, calibration, gain)


def _weeks(who: pd.Series, capacity: Mapping[str, int] | None) -> NDArray[np.int64]:
    """Return the week in which each talk can be held, in the order given; -1 for a team without capacity."""
    place = who.groupby(who).cumcount().to_numpy(np.int64)
    if capacity is None:
        return np.zeros(len(who), dtype=np.int64)
    each = who.map(capacity).fillna(0).to_numpy(np.int64)
    return np.where(each > 0, place // np.maximum(each, 1), -1)


def _rows(accounts: AccountPast, features: Floats, came: Flags, months: slice) -> tuple[Floats, Floats]:
    """Return the traits and outcomes of account-months that paid; many of them evenly thinned."""
    row, month = np.nonzero(accounts.paying[:, months])
    month = month + (months.start or 0)
    if len(row) > MOST_ROWS:
        some = np.linspace(0, len(row) - 1, MOST_ROWS).astype(np.intp)
        row, month = row[some], month[some]
    return features[row, month], came[row, month].astype(float)


def _logistic(traits: Floats, came: Floats) -> Floats:
    """Fit how likely something is by its traits: a logistic line, by Newton's method."""
    design = np.column_stack([np.ones(len(traits)), traits])
    weight = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        share = _share(weight, traits)
        bend = (design * (share * (1 - share))[:, None]).T @ design + _RIDGE * len(design) * np.eye(len(weight)) / 100
        step = np.linalg.solve(bend, design.T @ (came - share))
        weight = weight + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < LAST_STEP:
            break
    return weight


def _share(weight: Floats, traits: Floats) -> Floats:
    share: Floats = 1 / (1 + np.exp(-_height(weight, traits, 30)))
    return share


def _likely(accounts: AccountPast, features: Floats, came: Flags, known: int) -> Callable[[Floats], Floats]:
    """Return how likely an expansion is by traits, from months whose outcome was known when month `known` began.

    The line is fitted to all but the last of them, and set right on those: it is drawn to what came there at each
    height (Platt 1999), for what held in earlier years need not hold now.
    """
    horizon = HORIZONS[-1]
    line = _logistic(*_rows(accounts, features, came, slice(0, known - 2 * horizon + 1)))
    traits, outcome = _rows(accounts, features, came, slice(known - horizon, known))
    height = _logistic(_height(line, traits)[:, None], outcome)
    return lambda given: _share(height, _height(line, given)[:, None])


def _height(line: Floats, traits: Floats, most: float = 8) -> Floats:
    found: Floats = line[0] + traits @ line[1:]
    return np.clip(found, -most, most)


def _judged(accounts: AccountPast, features: Floats, came: Flags, first: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the probabilities and the order did on the months from `first` on, which nothing was fitted to.

    They stand on what was known when the first of them began, so on outcomes of months that were over by then.
    """
    horizon = HORIZONS[-1]
    held = slice(first, first + horizon)
    row, month = np.nonzero(accounts.paying[:, held])
    month = month + first
    likely = _likely(accounts, features, came, first - horizon + 1)
    predicted, outcome = likely(features[row, month]), came[row, month].astype(float)
    tenth = np.minimum((np.argsort(np.argsort(predicted, kind="stable")) * _TENTHS) // max(len(row), 1), _TENTHS - 1)
    frame = pd.DataFrame({"tenth": tenth, "predicted": predicted, "came": outcome})
    calibration = frame.groupby("tenth").agg(
        predicted=("predicted", "mean"), came=("came", "mean"), accounts=("came", "size")
    )
    size = accounts.traits[row, month, 0]
    called = np.arange(2 * _TENTHS + 1) / (2 * _TENTHS)
    orders = {"in this order": -predicted, "largest first": -size}
    total = max(outcome.sum(), 1.0)
    caught = {
        name: [
            float(outcome[np.argsort(key, kind="stable")][: round(share * len(row))].sum() / total) for share in called
        ]
        for name, key in orders.items()
    }
    return calibration.reset_index(drop=True), pd.DataFrame({"called": called, **caught, "by chance": called})
