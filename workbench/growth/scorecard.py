"""The scorecard of expansion: six metrics as their source prints them, and in the strict reading beside it.

A printed definition says less than a number needs: whose revenue, whether customers who came back count, who is
eligible. Each metric stands here twice, with what it is said to be and what it would have to be, and with the verdict
on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import DAYS_PER_MONTH
from workbench.formatting import percent
from workbench.growth.account_figures import AccountFigure, AccountSums, estimates, left_out_one_by_one, ratio_of
from workbench.growth.definitions import RevenueDefinition
from workbench.growth.recurring_revenue import MovementsError, MrrLedger, ledger_of, mrr_movements, revenue_of
from workbench.growth.revenue_figures import movers
from workbench.growth.survival import first_expansion
from workbench.results import Interval
from workbench.rules.rulebook import RULEBOOK
from workbench.tables import TEXT, DataTable, Number, Own, Percent, estimate_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.account_figures import Estimate
    from workbench.growth.recurring_revenue import Movements
    from workbench.growth.survival import FirstExpansion
    from workbench.results import Floats
    from workbench.rules.rulebook import Rulebook, Threshold

QUARTER, YEAR = 3, 12
NRR_BANDS = (1.0, 1.1, 1.2, 1.4)
_BAND_WORDS = ("shrinking", "healthy", "good", "top quartile", "exceptional")

# --- The metrics: target, and both readings as formulas of sums over accounts


@dataclass(frozen=True, slots=True)
class ScoreMetric:
    """A metric of the scorecard, by the id of its rule: what the source asks for, and both readings."""

    key: str
    name: str
    target: str
    printed: AccountFigure
    strict: AccountFigure


def _share(key: str, formula: str, above: str, below: str, why_not: str = "nobody paid at the start") -> AccountFigure:
    """Return a figure that is one sum over another."""
    return AccountFigure(key, "", "percent", formula, lambda s: ratio_of(s[above], s[below]), lambda _: why_not)


def _per_month(sums: Mapping[str, Floats], when: str) -> Floats:
    return ratio_of(sums[f"paid_{when}"], sums[f"months_{when}"])


_MEAN_DAYS = "mean days from the first payment to the first expansion, of the customers who expanded"
_MEDIAN_DAYS = (
    "days by which half of the customers have expanded; who has not expanded yet counts for as long as it was seen "
    "(Kaplan-Meier)"
)
METRICS = (
    ScoreMetric(
        "S1", "Expansion revenue rate", "at least 10% a quarter",
        _share("printed", "(ending MRR - starting MRR) / starting MRR of the quarter, new customers and losses in it",
               "gained_quarter", "before_quarter"),
        _share("strict", "expansion of the customers who paid at the start of the quarter / their MRR then",
               "expansion_quarter", "before_quarter"),
    ),
    ScoreMetric(
        "S2", "Time to first expansion", "under 90 days",
        AccountFigure("printed", "", "days", _MEAN_DAYS, lambda s: ratio_of(s["days"], s["expanded_first"]),
                      lambda _: "nobody who began within the history has expanded"),
        AccountFigure("strict", "", "days", _MEDIAN_DAYS, lambda s: s["days"] * np.nan),
    ),
    ScoreMetric(
        "S3", "Expansion conversion", "20% to 30% of those eligible",
        AccountFigure("printed", "", "percent", "customers with an expansion in the year / those who paid at its start",
                      lambda s: ratio_of(s["expanded"], s["cohort"]), lambda _: "nobody paid at the start",
                      ("expanded", "cohort")),
        AccountFigure("strict", "", "percent",
                      "customers who pay more at the end of the year than at its start / customers eligible: paying at "
                      "its start and for three months by then, and below the highest plan where plans are known",
                      lambda s: ratio_of(s["upgraded"], s["eligible"]), lambda _: "nobody was eligible",
                      ("upgraded", "eligible")),
    ),
    ScoreMetric(
        "S4", "Growth of revenue per account", "15% to 25% a year",
        AccountFigure("printed", "", "percent",
                      "revenue per paying account and month of the last three months / the same a year before - 1",
                      lambda s: ratio_of(_per_month(s, "now"), _per_month(s, "then")) - 1,
                      lambda _: "nobody paid in one of the two quarters"),
        AccountFigure("strict", "", "percent", "the same, of the customers who paid in every month of both quarters",
                      lambda s: ratio_of(s["same_now"], s["same_then"]) - 1,
                      lambda _: "nobody paid in every month of both quarters"),
    ),
    ScoreMetric(
        "S5", "Net revenue retention", "above 100% healthy, above 120% top quartile",
        _share("printed", "(starting MRR + expansion - contraction - churn) / starting MRR, movements of those who "
               "paid at the start of the year; who left and came back counts as lost", "printed_after", "before"),
        _share("strict", "MRR at the end of the year of the customers who paid at its start / their MRR then", "after",
               "before"),
    ),
    ScoreMetric(
        "S6", "New revenue from existing customers", "above 60% top; under 10% the offer caps growth",
        _share("printed", "expansion / (expansion + new), all movements of the year", "expansion", "expansion_and_new",
               "there was neither expansion nor a new customer"),
        _share("strict", "what customers of the start pay more at the end / that and all that those pay who did not "
               "pay at the start", "rise", "rise_and_won", "nothing was gained that is still there"),
    ),
)  # fmt: skip


def _account_parts(ledger: MrrLedger, moved: Movements, end: int, eligible: NDArray[np.bool_] | None) -> AccountSums:
    """Return what each account adds to the sums of the scorecard of the year and quarter that end with a column."""
    amounts = ledger.amounts
    start, quarter = end - YEAR, end - QUARTER
    before, now, before_quarter = amounts[:, start], amounts[:, end], amounts[:, quarter]
    cohort, cohort_quarter = before > 0, before_quarter > 0
    year, of_quarter = slice(start, end), slice(quarter, end)  # the movement of a column leads to the month after it
    expansion = moved.expansion[:, year].sum(axis=1)
    lost = (moved.contraction[:, year] + moved.churn[:, year]).sum(axis=1)
    new = moved.new[:, year].sum(axis=1)
    rise = np.where(cohort, np.maximum(now - before, 0.0), 0.0)
    old_enough = cohort if eligible is None else cohort & eligible
    if start >= QUARTER:
        old_enough = old_enough & (amounts[:, start - QUARTER] > 0)
    now_months, then_months = (
        amounts[:, end - QUARTER + 1 : end + 1],
        amounts[:, max(start - QUARTER + 1, 0) : start + 1],
    )
    same = (now_months > 0).all(axis=1) & (then_months > 0).all(axis=1)
    scale = now_months.shape[1] / then_months.shape[1]
    return AccountSums.of(
        {
            "before": before, "after": np.where(cohort, now, 0.0), "cohort": cohort,
            "printed_after": np.where(cohort, before + expansion + lost, 0.0),
            "before_quarter": before_quarter, "gained_quarter": now - before_quarter,
            "expansion_quarter": np.where(cohort_quarter, moved.expansion[:, of_quarter].sum(axis=1), 0.0),
            "expanded": cohort & (expansion > 0), "eligible": old_enough, "upgraded": old_enough & (now > before),
            "paid_now": now_months.sum(axis=1), "months_now": (now_months > 0).sum(axis=1),
            "paid_then": then_months.sum(axis=1), "months_then": (then_months > 0).sum(axis=1),
            "same_now": np.where(same, now_months.sum(axis=1), 0.0),
            "same_then": np.where(same, then_months.sum(axis=1) * scale, 0.0),
            "expansion": expansion, "expansion_and_new": expansion + new, "rise": rise,
            "rise_and_won": rise + np.where(cohort, 0.0, now),
        }
    )  # fmt: skip


# --- The scorecard


@dataclass(frozen=True, slots=True)
class ScoreReading:
    """One reading of a metric: definition, value (None: cannot be said, or not reached), interval, reason, verdict."""

    definition: str
    value: float | None
    interval: Interval | None
    reason: str
    verdict: str


@dataclass(frozen=True, slots=True, eq=False)
class ScorecardLine:
    """One metric of the scorecard, as printed and strict, with its course over the history.

    Attributes
    ----------
    metric, band
        What it is, its target, and the band that is judged.
    printed, strict
        Both readings.
    trend
        month, printed, strict: at the end of each quarter of the history.
    """

    metric: ScoreMetric
    band: Threshold
    printed: ScoreReading
    strict: ScoreReading
    trend: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """Six metrics of expansion on a ledger.

    Attributes
    ----------
    lines
        One per metric.
    sums
        What each account adds to them.
    account_ids
        The accounts, in the order of the sums.
    expansion
        The survival curves behind the time to first expansion.
    period, conventions
        What it is about, and how it is counted, in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import scorecard
    >>> months = pd.date_range("2023-01-01", periods=16, freq="MS")
    >>> paid = [(f"A{n}", month, 100.0 + n * at) for n in range(20) for at, month in enumerate(months)]
    >>> found = scorecard(pd.DataFrame(paid, columns=["account_id", "month", "amount"]))
    >>> round(found["S5"].strict.value, 3), found["S5"].strict.verdict, found.band
    (1.887, 'ok', 'exceptional: above 140%')
    """

    lines: tuple[ScorecardLine, ...]
    sums: AccountSums
    account_ids: NDArray[np.object_]
    expansion: FirstExpansion
    period: str
    conventions: tuple[str, ...]

    def __getitem__(self, key: str) -> ScorecardLine:
        """Return a metric by its key, S1 to S6."""
        return next(line for line in self.lines if line.metric.key == key)

    @property
    def band(self) -> str:
        """Say in which of the bands 100, 110, 120, 140% net retention lies, in its strict reading."""
        value = self["S5"].strict.value
        if value is None:
            return "unknown"
        at = int(np.searchsorted(NRR_BANDS, value + 1e-12, side="right"))
        ends = [percent(each) for each in NRR_BANDS]
        where = (
            f"under {ends[0]}"
            if at == 0
            else f"above {ends[-1]}"
            if at == len(ends)
            else f"{ends[at - 1]} to {ends[at]}"
        )
        return f"{_BAND_WORDS[at]}: {where}"

    def table(self) -> DataTable:
        """Return a row per metric: target, value, range and verdict as printed and strict, and both definitions."""
        rows = []
        for line in self.lines:
            kind = estimate_of(Number(0, unit=" days") if line.band.unit == "days" else Percent(1), alone=True)
            cells: list[object] = [f"{line.metric.key} {line.metric.name}", line.metric.target]
            for reading in (line.printed, line.strict):
                ends = (None, None) if reading.interval is None else (reading.interval.low, reading.interval.high)
                cells += [
                    Own((reading.value, *ends), kind) if reading.value is not None else reading.reason,
                    reading.verdict,
                ]
            rows.append((*cells, line.printed.definition, line.strict.definition))
        names = ("Metric", "Target", "As printed", "Verdict", "Strict reading", "Strict verdict", "Printed definition",
                 "Strict definition")  # fmt: skip
        return DataTable.of_rows([(name, TEXT) for name in names], rows)

    def moved_by(self, key: str, *, strict: bool = True, most: int = 5) -> DataTable:
        """Return the accounts that move a metric most, by what it would be without each; of S2, its printed reading."""
        metric = self[key].metric
        figure = metric.strict if strict and key != "S2" else metric.printed
        return movers(self.account_ids, left_out_one_by_one(self.sums, figure), figure.unit, most)


def scorecard(
    mrr: pd.DataFrame | MrrLedger | CustomerBase,
    last: str | pd.Timestamp | None = None,
    *,
    eligible: NDArray[np.bool_] | None = None,
    segments: Mapping[str, str] | None = None,
    definition: RevenueDefinition | None = None,
    rulebook: Rulebook = RULEBOOK,
    draws: int = 1_000,
    level: float = 0.9,
    seed: int = 0,
) -> Scorecard:
    """Return the scorecard of expansion on a ledger: on record, or that of a scenario's replay.

    Parameters
    ----------
    mrr
        A customer base; or an mrr table, or the ledger made from it, such as that of a replay.
    last
        The month it ends with, the last on record when None.
    eligible
        Who could have bought more at the start of the year, in the order of the ledger (up to `last`), for the strict
        reading of S3; of a customer base, who was below the highest plan then.
    segments
        The segment of each account, by account_id, for the curves of first expansion; that of the customer base.
    definition
        How the revenue was counted, that of the customer base unless given; printed with the scorecard.
    rulebook
        Whose rules S1 to S6 have the bands; a study may have moved them.
    draws, level, seed
        Of the intervals; 0 draws for none.

    Returns
    -------
    Scorecard
        Every metric with target, value, interval and verdict, as printed and strict.

    Raises
    ------
    MovementsError
        When there is no revenue, or less than a year of it before `last`.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import scorecard
    >>> months = pd.date_range("2023-01-01", periods=16, freq="MS")
    >>> paid = [(f"A{n}", month, 100.0 + n * at) for n in range(20) for at, month in enumerate(months)]
    >>> found = scorecard(pd.DataFrame(paid, columns=["account_id", "month", "amount"]))
    >>> [(line.metric.key, line.printed.verdict) for line in found.lines][:3]
    [('S1', 'ok'), ('S2', 'unknown'), ('S3', 'ok')]
    """
    base = None if isinstance(mrr, (pd.DataFrame, MrrLedger)) else mrr
    definition = definition or RevenueDefinition.of(base)
    ledger = ledger_of(mrr)
    ledger = ledger.up_to(last) if last is not None else ledger
    end = len(ledger.months) - 1
    if end < YEAR:
        raise MovementsError(
            f"The scorecard compares with a year before, and revenue begins in {ledger.months[0]:%Y-%m}.",
            f"Give thirteen months of it at least, up to {ledger.months[-1]:%Y-%m}.",
        )
    if base is not None:
        eligible = _below_the_highest_plan(base, ledger, end - YEAR) if eligible is None else eligible
        own = base.frames["accounts"].set_index("account_id")["segment"].dropna()
        segments = {str(name): str(group) for name, group in own.items()} if segments is None else segments
    moved = mrr_movements(ledger, reactivation_window=definition.reactivation_months)
    waited = first_expansion(ledger, segments, level=level)
    sums = _with_waiting(_account_parts(ledger, moved, end, eligible), ledger, waited)
    figures = [figure for metric in METRICS for figure in (metric.printed, metric.strict)]
    found = estimates(sums, figures, draws=draws, level=level, seed=seed)
    ends = [end - QUARTER * back for back in range((end - YEAR) // QUARTER + 1)][::-1]
    history = [_account_parts(ledger, moved, each, None if each < end else eligible).of_all for each in ends]
    months = ledger.months[ends]
    lines = []
    for at, metric in enumerate(METRICS):
        band = rulebook[metric.key].threshold
        printed, strict = (_reading(each, band) for each in found[2 * at : 2 * at + 2])
        if metric.key == "S2":
            strict, trend = (
                _median_reading(waited, metric, band, level),
                pd.DataFrame({"month": [], "printed": [], "strict": []}),
            )
        else:
            both = {name: [float(getattr(metric, name).of(sums)) for sums in history] for name in ("printed", "strict")}
            trend = pd.DataFrame({"month": months, **both})
        lines.append(ScorecardLine(metric, band, printed, strict, trend))
    period = f"{ledger.months[end - YEAR]:%Y-%m} to {ledger.months[end]:%Y-%m}"
    return Scorecard(tuple(lines), sums, ledger.account_ids, waited, period, definition.sentences())


def _reading(found: Estimate, band: Threshold) -> ScoreReading:
    verdict = band.status(found.value) if found.interval is None else band.status_of_interval(found.interval)
    return ScoreReading(found.figure.formula, found.value, found.interval, found.reason, verdict)


def _median_reading(waited: FirstExpansion, metric: ScoreMetric, band: Threshold, level: float) -> ScoreReading:
    """Return the strict time to first expansion: the median of the survival curve, or that it is not reached."""
    curve, median = waited.curve, waited.curve.median
    if not curve.cases:
        return ScoreReading(metric.strict.formula, None, None, "nobody began within the history", "unknown")
    if median is None:
        over = curve.last > (band.high or 0.0)
        reason = f"not reached: {percent(1 - curve.after(curve.last))} have expanded within {curve.last:.0f} days"
        return ScoreReading(metric.strict.formula, None, None, reason, "breach" if over else "unknown")
    low, high = waited.median_between(curve)
    interval = None if low is None else Interval(low, median, float("inf") if high is None else high, level)
    verdict = band.status(median) if interval is None else band.status_of_interval(interval)
    return ScoreReading(metric.strict.formula, median, interval, "", verdict)


def _with_waiting(sums: AccountSums, ledger: MrrLedger, waited: FirstExpansion) -> AccountSums:
    """Add the days that accounts waited for their first expansion to the sums."""
    own = waited.accounts.set_index("account_id").reindex(ledger.account_ids)
    expanded = own["expanded"].fillna(value=False).to_numpy(dtype=bool)
    days = np.where(expanded, own["months"].fillna(0.0).to_numpy(float) * DAYS_PER_MONTH, 0.0)
    return AccountSums((*sums.names, "days", "expanded_first"), np.column_stack([sums.parts, days, expanded]))


def _below_the_highest_plan(base: CustomerBase, ledger: MrrLedger, start: int) -> NDArray[np.bool_] | None:
    """Tell who was below the highest plan at the start, plans in the order of what their accounts usually pay."""
    mrr = revenue_of(base)
    then = mrr[(mrr["month"] == ledger.months[start]) & mrr["plan"].notna() & (mrr["amount"] > 0)]
    usual = then.groupby("plan")["amount"].median()
    if len(usual) <= 1:
        return None
    plan = then.drop_duplicates("account_id").set_index("account_id")["plan"].reindex(ledger.account_ids)
    known = plan.notna().to_numpy()
    return known & (plan != usual.idxmax()).to_numpy(dtype=bool)
