"""Month-to-month swings of usage and bills, and what each way of taming them would have meant."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.formatting import count, exact, exact_money, exact_percent, metric_words
from workbench.impact.billing import BASE_FEE
from workbench.impact.errors import ReplayError
from workbench.results import Caution, Floats, Interval
from workbench.stats import normal_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay


# --- Month-to-month swings: of usage and bills per account, and of revenue around its trend

FEWEST_CHANGES = 5
FEWEST_MONTHS = 8
_TREND_DEGREE = 2  # growth that itself speeds up or slows down is trend, not volatility


@dataclass(frozen=True, slots=True)
class BillShock:
    """How bills jump from one month to the next.

    `over_25` and `over_50` are the shares of the `accounts` counted with at least one month that is more than 25% or
    50% above the month before; `jumps` is the share of all monthly changes above 25%, its 90% interval taken over
    accounts, whose months go together. `largest_p95` is the rise that 95% of the accounts never exceed (0.8 means
    +80%). All are NaN when no account has two bills in a row.
    """

    accounts: int
    changes: int
    over_25: float
    over_50: float
    jumps: Interval
    largest_p95: float


def rises(amounts: Floats, *, throughout: bool = False) -> Floats:
    """Return the relative change against the month before: accounts x (months - 1), NaN where there is none.

    A change needs a positive amount in both months. An account's first known month is often a part of a month, so
    the rise out of it is left out; not so where all were customers `throughout`, whose zeros are months that cost
    nothing.
    """
    positive = np.where(amounts > 0, amounts, np.nan)
    with np.errstate(invalid="ignore"):
        change = positive[:, 1:] / positive[:, :-1] - 1
    if throughout:
        return change
    seen = ~np.isnan(positive)
    first = np.where(seen.any(axis=1), seen.argmax(axis=1), amounts.shape[1])
    # An account present in the first visible month joined earlier: its first visible bill is a whole month.
    joined_inside = (first > 0) & (first < change.shape[1])
    change[joined_inside, first[joined_inside]] = np.nan
    return change


def bill_shock_of(bills: Floats, *, throughout: bool = False) -> BillShock:
    """Return how often and how far the bills (accounts x months, 0 or NaN when not billed) jump.

    Accounts without two bills in a row are not counted; where all were customers `throughout`, they are, as accounts
    whose bill never jumps, so that ways of billing are compared over the same accounts.
    """
    change = rises(bills, throughout=throughout)
    known = ~np.isnan(change)
    has_any = known.any(axis=1) | throughout
    if not known.any():
        return BillShock(0, 0, np.nan, np.nan, Interval(np.nan, np.nan, np.nan), np.nan)
    largest = np.max(np.where(known, change, -np.inf)[has_any], axis=1)
    return BillShock(
        accounts=int(has_any.sum()),
        changes=int(known.sum()),
        over_25=float((largest > 0.25).mean()),  # noqa: PLR2004 - the mark named in the result
        over_50=float((largest > 0.5).mean()),  # noqa: PLR2004 - the same
        jumps=_share_of_changes(change > 0.25, known),  # noqa: PLR2004 - the same
        largest_p95=float(np.quantile(np.maximum(largest, 0.0), 0.95)),
    )


def _share_of_changes(which: NDArray[np.bool_], known: NDArray[np.bool_], level: float = 0.9) -> Interval:
    """Return a share of all changes as a ratio over accounts, so that an account's months count as one draw."""
    hits, changes = (which & known).sum(axis=1), known.sum(axis=1)
    share = float(hits.sum() / changes.sum())
    error = float(np.sqrt(((hits - share * changes) ** 2).sum()) / changes.sum())
    reach = normal_reach(level) * error
    return Interval(max(0.0, share - reach), share, min(1.0, share + reach), level)


def usage_volatility(quantities: Floats) -> Floats:
    """Return each account's month-to-month variation: the standard deviation of the changes of log usage.

    0.2 means that a month is typically about 20% above or below what the account's growth would lead to.
    NaN for accounts with fewer than five changes.
    """
    change = np.log1p(rises(quantities))
    enough = (~np.isnan(change)).sum(axis=1) >= FEWEST_CHANGES
    found = np.full(len(quantities), np.nan)
    if enough.any():
        found[enough] = np.nanstd(change[enough], axis=1, ddof=1)
    return found


def around_trend(revenue: Floats) -> float:
    """Return the standard deviation of monthly revenue around its trend, as a share of the trend.

    The trend is a parabola through log revenue, so steady growth at any rate counts as no swing, and so does growth
    that steadily speeds up or slows down. Seasons count as swings. Zero and unknown months are left out; NaN with
    fewer than eight months.
    """
    residuals = trend_residuals(revenue)
    freedom = int(np.isfinite(residuals).sum()) - _TREND_DEGREE - 1
    return float(np.sqrt(np.nansum(residuals**2) / freedom)) if freedom > 0 else float("nan")


def trend_residuals(revenue: Floats) -> Floats:
    """Return how far each month's log revenue lies from the trend that `around_trend` takes out; NaN where unknown.

    Close to the relative difference: 0.05 is about 5% above the trend. All NaN with fewer than eight months.
    """
    found = np.full(len(revenue), np.nan)
    known = np.flatnonzero(np.isfinite(revenue) & (revenue > 0))
    if len(known) < FEWEST_MONTHS:
        return found
    log = np.log(revenue[known])
    x = known - known.mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.RankWarning)
        found[known] = log - np.polyval(np.polyfit(x, log, _TREND_DEGREE), x)
    return found


# --- Ways to tame bills by usage: commitments, prepaid pools, smoothing, caps, free baselines


class VolatilityTool(Protocol):
    """Anything that bills usage its own way; amounts are accounts x months, in currency per month, NaN unknown."""

    @property
    def words(self) -> str:
        """Say what the tool does, for a table."""

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return what is billed for `usage`; `learned` are the months before."""

    def least(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - some need the past
        """Return what would be billed in each month if nothing were used in it: nothing, unless a tool says more."""
        return np.where(np.isnan(usage), np.nan, 0.0)


@dataclass(frozen=True, slots=True)
class AsUsed(VolatilityTool):
    """Bill every month's usage as it is."""

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return "as used"

    def bills(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - needs no past
        """Return the usage."""
        return usage.copy()


@dataclass(frozen=True, slots=True)
class MonthlyCommitment(VolatilityTool):
    """Every account commits to the monthly spend that would have been cheapest for it in the months before.

    `discount` is taken off what is committed, `overage_premium` added to what goes beyond (0.2 is 20%).
    """

    discount: float = 0.15
    overage_premium: float = 0.10

    def __post_init__(self) -> None:
        _check_terms(self.discount, self.overage_premium)

    @property
    def words(self) -> str:
        """Say what the tool does."""
        premium = exact_percent(self.overage_premium)
        return f"monthly commitment, {exact_percent(self.discount)} off, {premium} more beyond it"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return the committed spend at its discount and what goes beyond at its premium."""
        committed = best_commitment(learned, self.discount, self.overage_premium)[:, None]
        return (1 - self.discount) * committed + (1 + self.overage_premium) * np.maximum(usage - committed, 0.0)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return the committed spend at its discount."""
        return self.bills(np.where(np.isnan(usage), np.nan, 0.0), learned)


@dataclass(frozen=True, slots=True)
class YearlyPool(VolatilityTool):
    """Every account prepays a pool of `share` of the spend of the year before, in equal instalments.

    That spend is twelve times the mean of the months learned from, for every year billed. Usage draws on the pool;
    beyond it the premium applies, and at the end of a year what is left is gone.
    """

    share: float = 1.0
    discount: float = 0.15
    overage_premium: float = 0.10

    def __post_init__(self) -> None:
        _check_terms(self.discount, self.overage_premium)
        if not self.share > 0:  # nor is NaN
            raise ReplayError(f"A pool of {exact(self.share)} times last year's spend is none.", "Choose more than 0.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        terms = f"{exact_percent(self.discount)} off, {exact_percent(self.overage_premium)} more beyond it"
        return f"prepaid yearly pool of {exact_percent(self.share)} of last year, {terms}"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return instalments, and usage beyond the pool at its premium in the months it happens."""
        instalment = self._instalment(learned)
        found = np.empty_like(usage)
        for start in range(0, usage.shape[1], YEAR):
            year = usage[:, start : start + YEAR]
            used = np.nancumsum(year, axis=1)
            beyond = np.maximum(used - YEAR * instalment[:, None], 0.0)
            found[:, start : start + YEAR] = np.diff(beyond, axis=1, prepend=0.0)
        due = (1 - self.discount) * instalment[:, None] + (1 + self.overage_premium) * found
        return np.where(np.isnan(usage), np.nan, due)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return the instalments."""
        due = np.broadcast_to((1 - self.discount) * self._instalment(learned)[:, None], usage.shape)
        return np.where(np.isnan(usage), np.nan, due)

    def _instalment(self, learned: Floats) -> Floats:
        return self.share * _mean(learned)


@dataclass(frozen=True, slots=True)
class Smoothing(VolatilityTool):
    """Bill the trailing average: the mean of the month and the `months` - 1 before it."""

    months: int = 3

    def __post_init__(self) -> None:
        if self.months < 2:  # noqa: PLR2004 - one month is no smoothing
            raise ReplayError(f"{self.months} months smooth nothing.", "Choose 2 or more.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return f"mean of the last {self.months} months"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return trailing means; a month before an account's first known one is not counted."""
        total, known = self._past(usage, learned)
        now = np.isfinite(usage)
        return np.where(now, (total + np.where(now, usage, 0.0)) / (known + 1), np.nan)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return what the months before still bring."""
        total, known = self._past(usage, learned)
        return np.where(np.isfinite(usage), total / (known + 1), np.nan)

    def _past(self, usage: Floats, learned: Floats) -> tuple[Floats, Floats]:
        """Return the sum and the number of the known months before each month."""
        every = np.concatenate([learned, usage], axis=1)
        total, known = np.zeros(usage.shape), np.zeros(usage.shape)
        for back in range(1, self.months):
            first = learned.shape[1] - back
            taken = every[:, max(0, first) : every.shape[1] - back]
            missing = max(0, -first)
            total[:, missing:] += np.nan_to_num(taken)
            known[:, missing:] += np.isfinite(taken)
        return total, known


@dataclass(frozen=True, slots=True)
class Cap(VolatilityTool):
    """Bill at most `times` the account's usual month, the median of the months before."""

    times: float = 1.5

    def __post_init__(self) -> None:
        if not self.times > 0:  # nor is NaN
            raise ReplayError(
                f"A cap at {exact(self.times)} times the usual month bills nothing.", "Choose more than 0."
            )

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return f"capped at {exact(self.times)} times the usual month"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return the usage, capped; an account without a past has no cap yet."""
        usual = _quantile(learned, 0.5)[:, None]
        return np.where(usual > 0, np.minimum(usage, self.times * usual), usage)


@dataclass(frozen=True, slots=True)
class FreeBaseline(VolatilityTool):
    """Leave the first `amount` of what usage costs in a month free, in `currency`; `charged` says what that is for."""

    amount: float
    charged: str = "usage"
    currency: str = ""

    def __post_init__(self) -> None:
        if not self.amount >= 0:  # nor is NaN
            raise ReplayError(f"The free baseline is {exact(self.amount)}, which is no amount.", "Choose 0 or more.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        amount = exact_money(self.amount, self.currency).strip()
        return f"the first {amount} a month of what is billed for {self.charged} free"

    def bills(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - needs no past
        """Return the usage beyond the baseline."""
        return np.maximum(usage - self.amount, 0.0)


def best_commitment(spend: Floats, discount: float, overage_premium: float) -> Floats:
    """Return each account's cheapest commitment for spend like this: its (d + o) / (1 + o) quantile.

    A customer who commits c pays (1 - d) c + (1 + o) max(0, x - c); the expected cost is least where the chance of
    needing more is (1 - d) / (1 + o). This is the newsvendor solution (Arrow, Harris & Marschak 1951). 0 for an
    account without a past.
    """
    _check_terms(discount, overage_premium)
    return np.nan_to_num(_quantile(spend, (discount + overage_premium) / (1 + overage_premium), higher=True))


def _quantile(values: Floats, point: float, *, higher: bool = False) -> Floats:
    """Return a quantile of each row's known values, NaN where none is; `higher` takes a value that occurred."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    known = np.isfinite(values).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    rows = np.arange(len(values))
    if higher:
        return ordered[rows, np.maximum(np.ceil(point * known - 1e-9).astype(int) - 1, 0)]
    place = np.maximum(known - 1, 0) * point
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    return ordered[rows, low] + (ordered[rows, high] - ordered[rows, low]) * (place - low)


def _mean(values: Floats) -> Floats:
    """Return the mean of each row's known values, 0 where none is."""
    known = np.isfinite(values).sum(axis=1)
    return np.divide(np.nansum(values, axis=1), known, out=np.zeros(len(values)), where=known > 0)


def _check_terms(discount: float, overage_premium: float) -> None:
    if not 0 <= discount < 1 or overage_premium < 0:
        raise ReplayError(
            f"A discount of {exact(discount)} with a premium of {exact(overage_premium)} is no commitment.",
            "Give shares: a discount from 0 to below 1, a premium of 0 or more.",
        )


# --- What each way of taming usage bills would have meant for revenue and for customers

FEWEST_MEASURED = 8  # months; below, swings around a trend cannot be told from the trend


@dataclass(frozen=True, slots=True, eq=False)
class ToolComparison:
    """Each tool over the same accounts and months.

    Attributes
    ----------
    table
        tool, revenue, change (against billing as used), floor (revenue a month would bring without any use, mean per
        month), floor_share (of revenue), volatility (of monthly revenue around its trend, a share), accounts_over_25
        (share of all these accounts with a month more than 25% above the one before, which was billed too),
        largest_rise_p95 (the rise that 95% of them never exceed).
    months
        Those billed; the ones before them set the terms.
    bills
        Each tool's bills, accounts x months.
    cautions
        What to know before using it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import compare_tools, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = compare_tools(replay(base, book))
    >>> found.table["tool"].tolist()[:2], len(found.months)
    (['as used', 'monthly commitment, 15% off, 10% more beyond it'], 12)
    """

    table: pd.DataFrame
    months: pd.DatetimeIndex
    bills: dict[str, Floats]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UsageBills:
    """Accounts x months: usage charges of the months learned from and of those billed, and the fees of the latter.

    `months` are those billed, `left_out` counts the accounts that were not billed in every month. `charged` says in
    words what bills grow with, `currency` is that of the amounts.
    """

    learned: Floats
    billed: Floats
    fixed: Floats
    months: pd.DatetimeIndex
    left_out: int
    charged: str = "usage"
    currency: str = ""

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.billed)

    def bills(self, tool: VolatilityTool) -> Floats:
        """Return what a tool bills, fees included."""
        return tool.bills(self.billed, self.learned) + self.fixed

    def cautions(self) -> tuple[Caution, ...]:
        """Say what a comparison of tools leaves out."""
        found = [Caution("Usage stays as it was; a customer who commits or is capped may use more.", "note")]
        if self.left_out:
            text = f"{count('account', self.left_out)} were not billed in every month and are left out."
            found.append(Caution(text, "note"))
        if len(self.months) < FEWEST_MEASURED:
            text = f"Only {count('month', len(self.months))} are billed: the swings of revenue stay unknown."
            found.append(Caution(text))
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class ToolOutcome:
    """One tool: its row of a `ToolComparison`, and what all accounts pay, and would pay without any use, a month."""

    row: dict[str, object]
    by_month: Floats
    floor: Floats


def usual_tools(found: UsageBills) -> tuple[VolatilityTool, ...]:
    """Return the tools with ordinary terms, for what `usage_bills` made of a replay.

    Parameters
    ----------
    found
        Usage bills, by `usage_bills`.

    Returns
    -------
    tuple[VolatilityTool, ...]
        The tools to compare, billing as used first.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import replay, usual_tools
    >>> from workbench.impact.volatility import usage_bills
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> [type(tool).__name__ for tool in usual_tools(usage_bills(replay(base, book)))]
    ['AsUsed', 'MonthlyCommitment', 'YearlyPool', 'Smoothing', 'Cap', 'FreeBaseline']
    """
    free = FreeBaseline(usual_baseline(found), found.charged, found.currency)
    return (AsUsed(), MonthlyCommitment(), YearlyPool(), Smoothing(), Cap(), free)


def usual_baseline(found: UsageBills) -> float:
    """Return a quarter of the median month with usage among those learned from, in currency; 0 when there is none."""
    known = found.learned[np.isfinite(found.learned) & (found.learned > 0)]
    return round(float(np.median(known)) / 4, 2) if known.size else 0.0


def usage_bills(replay: Replay, *, learn_months: int = YEAR) -> UsageBills:
    """Return what tools work on: the first `learn_months` set the terms, the months after them are billed.

    Only accounts that were customers in every month count, so that coming and going is no swing. Raises ReplayError
    when nobody or too few months are left.
    """
    usage, fees, accounts = _complete(replay)
    months = replay.rows.shown_months
    if len(months) - learn_months < 2 or learn_months < 1:  # noqa: PLR2004 - a change needs two months
        raise ReplayError(
            f"{count('month', len(months))} cannot be split into {learn_months} to learn from and two or more to bill.",
            "Replay more months, or learn from fewer.",
        )
    left_out = len(np.unique(replay.rows.account)) - accounts
    offers = (*replay.book.plans, *replay.book.add_ons)
    charged = dict.fromkeys(metric_words(charge.metric) for offer in offers for charge in offer.charges)
    return UsageBills(
        usage[:, :learn_months],
        usage[:, learn_months:],
        fees[:, learn_months:],
        months[learn_months:],
        left_out,
        " and ".join(charged) or "usage",
        replay.currency,
    )


def compare_tools(
    replay: Replay | UsageBills, tools: Sequence[VolatilityTool] | None = None, *, learn_months: int = YEAR
) -> ToolComparison:
    """Return what each tool would have meant for revenue and for customers; behaviour stays as it was.

    Behaviour stays as it was.

    Parameters
    ----------
    replay
        A replay, or what `usage_bills` made of one.
    tools
        What to compare; those of `usual_tools` when None.
    learn_months
        Months from which each tool learns its terms.

    Returns
    -------
    ToolComparison
        Revenue and bills under each tool, over the same accounts and months.

    Raises
    ------
    ReplayError
        When there are too few months, or nobody was billed by usage.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import compare_tools, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> table = compare_tools(replay(base, book)).table.set_index("tool")
    >>> table["revenue"].round(0).head(2)
    tool
    as used                                            1680.0
    monthly commitment, 15% off, 10% more beyond it    1608.0
    Name: revenue, dtype: float64
    """
    found = replay if isinstance(replay, UsageBills) else usage_bills(replay, learn_months=learn_months)
    chosen = usual_tools(found) if tools is None else tuple(tools)
    outcomes = [tool_outcome(found, tool) for tool in chosen]
    return ToolComparison(
        pd.DataFrame([each.row for each in outcomes]),
        found.months,
        {tool.words: found.bills(tool) for tool in chosen},
        found.cautions(),
    )


def tool_outcome(found: UsageBills, tool: VolatilityTool) -> ToolOutcome:
    """Return what one tool would have meant: its row of the table, and revenue and floor month by month."""
    bills, least = found.bills(tool), tool.least(found.billed, found.learned) + found.fixed
    by_month, floor = bills.sum(axis=0), least.sum(axis=0)
    shock, revenue, as_used = (
        bill_shock_of(bills, throughout=True),
        float(by_month.sum()),
        float((found.billed + found.fixed).sum()),
    )
    row = {
        "tool": tool.words,
        "revenue": revenue,
        "change": revenue / as_used - 1 if as_used else float("nan"),
        "floor": float(floor.mean()),
        "floor_share": float(floor.sum()) / revenue if revenue else float("nan"),
        "volatility": around_trend(by_month),
        "accounts_over_25": shock.over_25,
        "largest_rise_p95": shock.largest_p95,
    }
    return ToolOutcome(row, by_month, floor)


def usage_amounts(replay: Replay) -> Floats:
    """Return what charges for usage bring: accounts x months, without base fees, NaN where not billed."""
    return _split(replay)[0]


def _split(replay: Replay) -> tuple[Floats, Floats]:
    """Return usage charges and base fees, accounts x months, NaN where an account was no customer or not billed."""
    fixed = np.zeros(len(replay.rows))
    for item in replay.items():
        if item.item == BASE_FEE:
            fixed[item.rows] += item.amounts
    fixed[~replay.known] = np.nan
    return replay.rows.matrix(replay.amounts - fixed, np.nan), replay.rows.matrix(fixed, np.nan)


def _complete(replay: Replay) -> tuple[Floats, Floats, int]:
    usage, fees = _split(replay)
    whole = np.isfinite(usage).all(axis=1)
    if not whole.any():
        raise ReplayError("No account was billed in every month of the replay.", "Replay fewer months.")
    # What is left of a difference of two sums may be a rounding error below zero.
    return np.maximum(usage[whole], 0.0), fees[whole], int(whole.sum())
