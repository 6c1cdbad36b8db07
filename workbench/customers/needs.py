"""What each account needs and pays: arrays for pricing and placement, and looks back from every month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.customers.anomalies import counts_nothing
from workbench.customers.base import account_places, fixed, mrr_matrix, usage_cube
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase

    Floats = NDArray[np.float64]

# --- What each account needs and pays: arrays that pricing and placement work on, one entry per account

UNKNOWN = "unknown"
_DAYS = "datetime64[D]"


@dataclass(frozen=True, eq=False)
class Profile:
    """What the active accounts need now.

    One entry (or row) per account, in the order of `account_ids`; the arrays are read-only.

    Attributes
    ----------
    account_ids, segment, plan
        Names; "unknown" where nobody knows.
    quantities
        Per metric, NaN where unknown.
    features, feature_names
        Accounts x names, True where the account uses the feature.
    mrr
        Paid per month in the base's currency, NaN where unknown.
    months
        Those looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> use = pd.DataFrame({"account_id": ["A", "B", "B"], "month": ["2024-01", "2024-01", "2024-02"]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "usage": use.assign(metric="seats", quantity=5)}
    >>> base = CustomerBase.from_tables(tables)
    >>> from workbench.customers import profile
    >>> needs = profile(base)
    >>> needs.account_ids.tolist(), needs.segment.tolist(), needs.quantities["seats"].tolist()
    (['A', 'B'], ['unknown', 'unknown'], [5.0, 5.0])
    """

    account_ids: np.ndarray
    segment: np.ndarray
    quantities: Mapping[str, np.ndarray]
    features: np.ndarray
    feature_names: tuple[str, ...]
    mrr: np.ndarray
    plan: np.ndarray
    months: pd.DatetimeIndex

    def __len__(self) -> int:
        """Count the active accounts."""
        return len(self.account_ids)


def profile(
    base: CustomerBase, months: int = 3, minimum_uses: int = 3, summary: Literal["peak", "mean"] = "peak"
) -> Profile:
    """Return what the active accounts need, from the latest `months` months of the base.

    Parameters
    ----------
    base
        Where the accounts come from; cut it with `up_to` to look from an earlier day.
    months
        How many months back to look. Accounts that neither paid nor used anything in them are left out.
    minimum_uses
        Uses within those months from which a feature counts as needed; one where the table holds yes or no.
    summary
        "peak" takes each account's largest month, which limits must allow for; "mean" the average month.

    Returns
    -------
    Profile
        Needs of the accounts that paid or used something.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase, profile
    >>> used = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "metric": "seats", "quantity": [2, 4]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used})
    >>> [profile(base, summary=way).quantities["seats"].tolist() for way in ("peak", "mean")]
    [[4.0], [3.0]]
    """
    if months < 1 or minimum_uses < 1:
        raise WorkbenchError("A profile looks at one month and one use at least.", "Write 1 or more.")
    if summary not in ("peak", "mean"):
        raise WorkbenchError(f"summary {summary!r} is unknown.", 'Write "peak" or "mean".')
    window = base.months[-months:]
    account_ids, _, cube = usage_cube(base)
    _, _, amounts = mrr_matrix(base)
    # A return or a correction lowers a bill; what an account needs is never below nothing.
    quantities = {name: np.maximum(_summarise(block[:, -len(window) :], summary), 0) for name, block in cube.items()}
    uses, feature_names = _feature_uses(base, window[0])
    recent = amounts[:, -len(window) :]
    used = np.zeros(len(account_ids), dtype=bool)
    for values in quantities.values():
        used |= values > 0
    active = used | (recent > 0).any(axis=1) | (uses > 0).any(axis=1)
    accounts = base.frames["accounts"]
    return Profile(
        account_ids=fixed(account_ids[active]),
        segment=fixed(_or_unknown(accounts["segment"])[active]),
        quantities={name: fixed(values[active]) for name, values in quantities.items()},
        features=fixed(uses[active] >= uses_that_count(base, minimum_uses)),
        feature_names=feature_names,
        mrr=fixed(_last_known(recent)[active]),
        plan=fixed(_current_plan(base, window[0])[active]),
        months=window,
    )


def uses_that_count(base: CustomerBase, minimum_uses: int) -> int:
    """Return from how many uses a feature counts as needed: one where the table says yes or no, and counts nothing."""
    use = base.frames.get("feature_use")
    if use is None or minimum_uses <= 1 or not counts_nothing(use, account_places(base, use)):
        return minimum_uses
    return 1


def _summarise(block: np.ndarray, summary: str) -> np.ndarray:
    """Return each row's peak or mean over the months that have a value; NaN when none has."""
    known = ~np.isnan(block)
    if summary == "peak":
        values = np.where(known, block, -np.inf).max(axis=1)
        return np.where(known.any(axis=1), values, np.nan)
    count = known.sum(axis=1)
    return np.divide(np.nansum(block, axis=1), count, out=np.full(len(block), np.nan), where=count > 0)


def _last_known(block: np.ndarray) -> np.ndarray:
    """Return each row's latest value that is there; NaN when none is."""
    known = ~np.isnan(block)
    last = block.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    return np.where(known.any(axis=1), block[np.arange(len(block)), last], np.nan)


def _feature_uses(base: CustomerBase, first: pd.Timestamp) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return uses accounts x features in weeks that reach into the window, and the feature names.

    Features nobody used in the window are listed too, when the features table or earlier weeks name them.
    """
    use = base.frames.get("feature_use")
    listed = base.frames["features"]["feature"] if base.has("features") else pd.Series(dtype="str")
    seen = use["feature"] if use is not None else pd.Series(dtype="str")
    names = pd.Index(pd.unique(pd.concat([listed, pd.Series(np.sort(seen.unique()))]).to_numpy(dtype=object)))
    uses = np.zeros((len(base), len(names)))
    if use is not None and len(use):
        week_ends = use["week"].to_numpy(dtype=_DAYS) + 6
        recent = use[week_ends >= np.datetime64(first, "D")]
        column = names.get_indexer(pd.Index(recent["feature"].to_numpy(dtype=object)))
        np.add.at(uses, (account_places(base, recent), column), recent["uses"].to_numpy())
    return uses, tuple(str(name) for name in names)


def _current_plan(base: CustomerBase, first: pd.Timestamp) -> np.ndarray:
    """Return the plan in each account's latest MRR row of the window, else the one on the account."""
    plans = base.frames["accounts"]["plan"]
    mrr = base.frames.get("mrr")
    if mrr is not None and len(mrr):
        recent = mrr[(mrr["month"] >= first) & mrr["plan"].notna()].sort_values("month", kind="stable")
        latest = recent.drop_duplicates("account_id", keep="last").set_index("account_id")["plan"]
        if len(latest):  # an empty lookup would turn the plans into numbers
            plans = base.frames["accounts"]["account_id"].map(latest).fillna(plans)
    return _or_unknown(plans)


def _or_unknown(texts: pd.Series) -> np.ndarray:
    return texts.to_numpy(dtype=object, na_value=UNKNOWN)


# --- Look back from every month: the last amount known, the recent peak, what was used lately

RECENT_MONTHS = 3
YEAR = 12  # months


def carried(amounts: Floats) -> Floats:
    """Return the amounts with each gap filled by the last known amount before it; NaN before the first."""
    position = np.where(np.isnan(amounts), -1, np.arange(amounts.shape[1]))
    last = np.maximum.accumulate(position, axis=1)
    taken = np.take_along_axis(amounts, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, taken, np.nan)


def recent_peak(amounts: Floats, months: int = RECENT_MONTHS) -> Floats:
    """Return the highest amount of each month and the `months` - 1 before it: what a customer has to subscribe to."""
    peak = amounts.copy()
    for back in range(1, min(months, amounts.shape[1])):
        peak[:, back:] = np.fmax(peak[:, back:], amounts[:, :-back])
    return peak


def recently_used(uses: Floats, minimum_uses: int, months: int = RECENT_MONTHS) -> NDArray[np.bool_]:
    """Mark what was used at least so often in a month and those just before it; months are the second axis."""
    total = uses.cumsum(axis=1)
    total[:, months:] -= total[:, :-months].copy()
    return total >= minimum_uses
