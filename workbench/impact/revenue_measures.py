"""What a replay says about the business.

Growth, concentration, and how the swings of groups of customers balance out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.formatting import count, thousands
from workbench.growth.recurring_revenue import MovementsError, arpa, retention
from workbench.impact.errors import ReplayError
from workbench.impact.volatility import BillShock, around_trend, bill_shock_of, trend_residuals, usage_amounts
from workbench.results import LAST_DIGITS, Floats, KeyFigure
from workbench.stats import gini_coefficient, share_of_largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.bill_replay import Replay


# --- What a replay says about the business: growth, concentration, volatility of revenue, jumps of bills

_TOP = 10


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of a replay's revenue comes from few accounts; shares of revenue, NaN when there is none."""

    top_ten: float
    top_tenth: float
    gini: float
    accounts: int


@dataclass(frozen=True, slots=True)
class GrowthShown:
    """The growth a price book would have shown over a period, from accounts billed in all their months.

    Retention follows the cohort that paid at the start; `arpa_growth` compares revenue per paying account at both
    ends. 1.08 is 108%; 0.05 is +5%. NaN when the replay is too short, nobody paid at the start or nobody could be
    billed in all months; `accounts` counts who could.
    """

    months: int
    accounts: int
    net_retention: float
    gross_retention: float
    arpa_growth: float


@dataclass(frozen=True, slots=True)
class Measures:
    """A replay's concentration, growth, revenue volatility (share of trend) and bill shock.

    Growth and volatility are those of the accounts billed in all their months: a bill that is not known is no fall.

    Attributes
    ----------
    concentration
        How much of revenue few accounts bring.
    growth
        Of revenue, with what it is made of.
    volatility
        Of monthly revenue around its trend, a share.
    shock
        How often bills jump from month to month.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import measures, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> round(measures(replay(base, book)).volatility, 6)
    0.0
    """

    concentration: Concentration
    growth: GrowthShown
    volatility: float
    shock: BillShock


def measures(replay: Replay, months: int = 12) -> Measures:
    """Return all measures of a replay; growth looks `months` back from its last month.

    Parameters
    ----------
    replay
        What was billed.
    months
        How far growth looks back.

    Returns
    -------
    Measures
        Shares, not percent.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import measures, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = measures(replay(base, book))
    >>> round(found.volatility, 6) == 0, type(found.concentration).__name__
    (True, 'Concentration')
    """
    monthly = replay.bills[replay.billed_throughout].sum(axis=0)
    return Measures(
        concentration(replay), growth_shown(replay, months), around_trend(monthly), bill_shock_of(replay.bills)
    )


def concentration(replay: Replay) -> Concentration:
    """Return how concentrated the revenue of the whole replay is."""
    revenue = replay.rows.by_account(replay.known_amounts)
    paying = np.sort(revenue[revenue > 0])[::-1]
    total = paying.sum()
    top = float(paying[:_TOP].sum() / total) if total > 0 else float("nan")
    return Concentration(top, share_of_largest(paying), gini_coefficient(paying), len(paying))


def growth_shown(replay: Replay, months: int = 12) -> GrowthShown:
    """Return the retention and growth of revenue per account the price book would have shown."""
    unknown = float("nan"), float("nan"), float("nan")
    try:
        ledger = replay.ledger()
    except ReplayError:
        return GrowthShown(months, 0, *unknown)
    average = arpa(ledger).set_index("month")["arpa"]
    try:
        seen = retention(ledger, months=months)
    except MovementsError:
        return GrowthShown(months, len(ledger.account_ids), *unknown)
    growth = average[seen.end_month] / average[seen.start_month] - 1
    return GrowthShown(months, len(ledger.account_ids), seen.net, seen.gross, float(growth))


def key_figures(replay: Replay, months: int = 12) -> tuple[KeyFigure, ...]:
    """Return a replay's figures for a reader, each with its unit, period and population.

    Growth looks back over `months`, or over as many as there are where the replay is shorter; its period says which.

    Parameters
    ----------
    replay
        What was billed.
    months
        How far growth looks back.

    Returns
    -------
    tuple[KeyFigure, ...]
        One entry per figure.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import key_figures, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> [figure.label for figure in key_figures(replay(base, book))][:3]
    ['Revenue at list prices, all months together', 'Net revenue retention', 'Gross revenue retention']
    """
    months = max(1, min(months, len(replay.rows.shown_months) - 1))
    found = measures(replay, months)
    basis = replay.basis
    period = f"{basis.first_month} to {basis.last_month}"
    population = f"{thousands(basis.accounts)} accounts"
    year = f"{count('month', months)} to {basis.last_month}"
    followed = throughout = f"{thousands(found.growth.accounts)} accounts billed in all their months"
    if len(replay.rows.shown_months) <= months:
        followed = "it takes two months of bills to see"
    return (
        KeyFigure("Revenue at list prices, all months together", replay.revenue, replay.currency, period, population),
        KeyFigure("Net revenue retention", _known(found.growth.net_retention), "percent", year, followed),
        KeyFigure("Gross revenue retention", _known(found.growth.gross_retention), "percent", year, followed),
        KeyFigure("Growth of revenue per account", _known(found.growth.arpa_growth), "percent", year, followed),
        KeyFigure(
            "Revenue from the ten largest accounts", _known(found.concentration.top_ten), "percent", period, population
        ),
        KeyFigure(
            "Monthly revenue around its trend", _known(found.volatility), "percent", period, throughout, digits=1
        ),
        KeyFigure(
            "Accounts with a month more than 25% above the one before",
            _known(found.shock.over_25), "percent", period,
            f"{thousands(found.shock.accounts)} accounts with two bills in a row",
        ),
    )  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


# --- How the revenue swings of groups of customers balance out

STEADY = "no cycle known"
QUARTERS = ("January to March", "April to June", "July to September", "October to December")


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """How the swings of groups of accounts add up: the diversification of a portfolio of customers.

    A group without revenue in every month, and an account that could not be billed in one of its months, are in no
    figure.

    Attributes
    ----------
    groups
        group, accounts (customers in the months measured), share (of revenue), volatility, strongest and weakest (month
        of the year, 1 to 12, by mean residual).
    correlation
        Of the groups' monthly residuals around their trends.
    volatility
        Of the groups' revenue together.
    together, independent
        What it would be if all groups swung as one, and if none went with another.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import portfolio, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = portfolio(replay(base, book))
    >>> round(found.correlation.loc["big", "small"], 2), round(found.diversified, 2)
    (np.float64(-1.0), 1.0)
    """

    groups: pd.DataFrame
    correlation: pd.DataFrame
    volatility: float
    together: float
    independent: float

    @property
    def diversified(self) -> float:
        """Return the share of the groups' swings that balances out; 0 when they all swing as one."""
        return 1 - self.volatility / self.together if self.together else float("nan")


def portfolio(replay: Replay, groups: ArrayLike | None = None, *, last_months: int | None = None) -> Portfolio:
    """Return how the revenue swings of groups of accounts go together, or balance each other.

    Parameters
    ----------
    replay
        What was billed.
    groups
        The group of each account, in the order of `replay.rows.account_ids`; segments by default.
    last_months
        Measures the end of the replay alone, for groups that were made from its beginning.

    Returns
    -------
    Portfolio
        Volatility of each group and of all together.

    Raises
    ------
    ReplayError
        When `groups` has another length, or fewer than two groups swing at all.

    References
    ----------
    Markowitz (1952), Portfolio selection, Journal of Finance 7, 77-91, for the variance of a sum.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import portfolio, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = portfolio(replay(base, book))
    >>> bool(found.volatility < 0.01 < found.independent < found.together)
    True
    """
    names = replay.rows.segment if groups is None else np.asarray(groups, dtype=object)
    if names.shape != replay.rows.account_ids.shape:
        raise ReplayError(
            f"There are {names.size} groups for {len(replay.rows.account_ids)} accounts.", "Name one per account."
        )
    codes, labels = pd.factorize(names, sort=True)
    if set(QUARTERS) & set(labels):
        order = np.array(sorted(range(len(labels)), key=lambda place: _in_the_year(str(labels[place]))))
        codes, labels = np.where(codes < 0, codes, np.argsort(order)[codes]), labels[order]
    first = 0 if last_months is None else max(0, len(replay.rows.shown_months) - last_months)
    bills = replay.bills[:, first:]
    codes = np.where(np.isfinite(bills).all(axis=1), codes, -1)  # a bill that is not known is no fall
    of_year = np.asarray(replay.rows.shown_months.month)[first:]
    calendar = np.array(sorted(set(of_year.tolist())))
    revenue = np.array([bills[codes == code].sum(axis=0) for code in range(len(labels))])
    residuals = np.array([trend_residuals(row) for row in revenue])
    steady = np.isfinite(residuals).all(axis=1)
    if steady.sum() < 2:  # noqa: PLR2004 - one group is no portfolio
        raise ReplayError("Fewer than two groups have revenue in every month.", "Choose other groups, or more months.")
    labels, revenue, residuals = labels[steady], revenue[steady], residuals[steady]
    here = replay.rows.month - replay.rows.window.start >= first
    there = codes[np.unique(replay.rows.account[here])]
    sizes = np.array([(there == code).sum() for code in np.flatnonzero(steady)])
    share = revenue.sum(axis=1) / revenue.sum()
    swings = np.array([around_trend(row) for row in revenue])
    season = np.array([[row[of_year == month].mean() for month in calendar] for row in residuals])
    table = pd.DataFrame(
        {
            "group": labels,
            "accounts": sizes,
            "share": share,
            "volatility": swings,
            "strongest": calendar[season.argmax(axis=1)],
            "weakest": calendar[season.argmin(axis=1)],
        }
    )
    correlation = pd.DataFrame(_correlation(residuals), index=labels, columns=labels)
    return Portfolio(
        table,
        correlation,
        around_trend(revenue.sum(axis=0)),
        float(share @ swings),
        float(np.sqrt(((share * swings) ** 2).sum())),
    )


def usage_cycles(replay: Replay, *, learn_months: int = YEAR) -> NDArray[np.object_]:
    """Return the group of each account of the base: the quarter of the calendar year in which it uses most.

    Taken from the first `learn_months` of usage charges, each account's own growth taken out, so that swings can be
    measured on the months after them. Accounts without usage in every one of these months have no known cycle.

    Parameters
    ----------
    replay
        What was billed.
    learn_months
        How many of the first months it is learned from.

    Returns
    -------
    NDArray[np.object_]
        A quarter's name per account of the base.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A"] * 24 + ["B"] * 24, list(pd.date_range("2023-01-01", periods=24, freq="MS")) * 2
    >>> seats = [10, 10, 10, 4, 4, 4] * 4 + [4, 4, 4, 10, 10, 10] * 4
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": seats})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage}, currency="USD")
    >>> from workbench.impact import replay, usage_cycles
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> usage_cycles(replay(base, book)).tolist()
    ['July to September', 'April to June']
    """
    usage = usage_amounts(replay)[:, :learn_months]
    quarter = (np.asarray(replay.rows.shown_months.month)[:learn_months] - 1) // 3
    found = np.full(len(usage), STEADY, dtype=object)
    whole = np.flatnonzero((np.isfinite(usage) & (usage > 0)).all(axis=1))
    if len(whole) and usage.shape[1] >= YEAR:
        log = np.log(usage[whole])
        time = np.arange(log.shape[1]) - (log.shape[1] - 1) / 2
        growth = (log @ time) / (time @ time)
        left = log - log.mean(axis=1, keepdims=True) - growth[:, None] * time
        season = np.column_stack([left[:, quarter == each].mean(axis=1) for each in range(len(QUARTERS))])
        varies = season.max(axis=1) > LAST_DIGITS
        found[whole[varies]] = np.array(QUARTERS, dtype=object)[season[varies].argmax(axis=1)]
    return found


def _in_the_year(name: str) -> tuple[int, str]:
    """Put quarters in the order of the calendar, and other groups by name."""
    return (QUARTERS.index(name) if name in QUARTERS else len(QUARTERS), name)


def _correlation(residuals: Floats) -> Floats:
    """Return the correlation of rows; 0 with a row that does not vary."""
    spread = np.sqrt((residuals**2).sum(axis=1))
    still = spread <= 1e-12  # noqa: PLR2004 - rounding errors of a perfect trend
    scaled = residuals / np.where(still, 1.0, spread)[:, None]
    found = np.where(still[:, None] | still[None, :], 0.0, scaled @ scaled.T)
    np.fill_diagonal(found, 1.0)
    return found
