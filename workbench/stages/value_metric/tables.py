"""The stage's numbers as tables for reading and export: texts and numbers with their units."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import formatting
from workbench.formatting import capitalised
from workbench.impact.billing import amount_of
from workbench.stages.value_metric.decision import CRITERIA, MEASURES
from workbench.stages.value_metric.words import reason_line
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.stages.value_metric.decision import CandidateMeasure, TeamScores
    from workbench.stages.value_metric.evidence import Measurement, ValueMetricEvidence
    from workbench.stages.value_metric.result import PriceCurve, Ranked

say = texts(__name__)


def bands_table(curve: PriceCurve) -> pd.DataFrame:
    """Return one row per band: from, to, unit_price, accounts in it, and the bill at its end (NaN for the open one)."""
    charge, points = curve.charge, curve.quantities.points
    rows = []
    lower = 0.0
    for band in charge.bands:
        upper = np.inf if band.up_to is None else float(band.up_to)
        shift = float(charge.free_units)
        inside = (points > lower + shift) & (points <= upper + shift)
        rows.append(
            {
                "from": lower + shift,
                "to": upper + shift,
                "unit_price": float(band.unit_price),
                "accounts": round(float(inside.sum()) * curve.quantities.accounts_each),
                "bill_at_end": np.nan if np.isinf(upper) else float(amount_of(charge, str(upper + shift))),
            }
        )
        lower = upper
    return pd.DataFrame(rows, columns=["from", "to", "unit_price", "accounts", "bill_at_end"])


def ranking_table(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate in order: score with interval, how often first, expected rank, what is known."""
    return pd.DataFrame(
        {
            "Candidate": [each.candidate.title for each in ranking],
            "Score, 0 to 100": [formatting.number(100 * each.score.estimate, 0) for each in ranking],
            "90% interval": [f"{100 * each.score.low:.0f} to {100 * each.score.high:.0f}" for each in ranking],
            "Ranks first": [formatting.percent(each.probability_first) for each in ranking],
            "Expected rank": [formatting.number(each.expected_rank, 1) for each in ranking],
            "Weight that is known": [formatting.percent(each.known_weight) for each in ranking],
            "Evidence from": [each.candidate.origin for each in ranking],
        }
    )


def reasons_table(
    ranking: Sequence[Ranked], evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]
) -> pd.DataFrame:
    """Return what speaks for and against each candidate, in order."""
    return pd.DataFrame(
        {
            "Candidate": [f"{place}. {each.candidate.title}" for place, each in enumerate(ranking, start=1)],
            say("why_it_stands_there_compared"): [reason_line(each, evidence, scores) for each in ranking],
        }
    )


def criteria_table(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return the score (0 to 100) of each criterion (rows) and candidate (columns); unknown is None."""
    columns: dict[str, list[object]] = {"Criterion": list(CRITERIA.values())}
    for each in ranking:
        columns[each.candidate.title] = [
            formatting.UNKNOWN if value is None else formatting.number(100 * value, 0)
            for value in each.criteria.values()
        ]
    return pd.DataFrame(columns)


def measures_table(ranking: Sequence[Ranked], evidence: ValueMetricEvidence) -> pd.DataFrame:
    """Return every measure (rows) of every candidate (columns) with interval, number of accounts and scale."""
    measured = [each.candidate for each in ranking if each.candidate.name in evidence.measurements]
    columns: dict[str, list[str]] = {"Measure": [capitalised(measure.label) for measure in MEASURES]}
    for candidate in measured:
        known = evidence.measurements[candidate.name]
        columns[candidate.title] = [_measured(measure, known[measure.key]) for measure in MEASURES]
    columns["Scale"] = [measure.scale_in_words for measure in MEASURES]
    return pd.DataFrame(columns)


def price_curve_table(curve: PriceCurve, currency: str) -> pd.DataFrame:
    """Return the bands in words: from, to, price of each unit inside, accounts, bill at the end of the band."""
    bands = bands_table(curve)
    return pd.DataFrame(
        {
            "From": _ends(bands["from"]),
            "To": _ends(bands["to"]),
            "Price of each unit": [formatting.exact_money(value, currency) for value in bands["unit_price"]],
            "Of the first price": _shares_of_first(bands["unit_price"].tolist()),
            "Accounts ending here": bands["accounts"],
            "Bill at its end": [
                "" if pd.isna(value) else formatting.priced(value, currency) for value in bands["bill_at_end"]
            ],
        }
    )


def _ends(quantities: pd.Series) -> list[object]:
    """Return the ends of bands as they were decided, the open one in words."""
    return [formatting.number(end) if np.isinf(end) else Decimal(str(end)) for end in quantities]


def _shares_of_first(prices: list[float]) -> list[str]:
    if not prices or not prices[0]:
        return [formatting.UNKNOWN] * len(prices)
    return [formatting.percent(price / prices[0]) for price in prices]


def _measured(measure: CandidateMeasure, found: Measurement) -> str:
    if found.interval is None:
        return f"{formatting.UNKNOWN}: {found.note}"
    low, estimate, high = (
        measure.written(value) for value in (found.interval.low, found.interval.estimate, found.interval.high)
    )
    told = formatting.count("account", found.accounts)
    text = say(
        "to",
        estimate=estimate,
        removesuffix=low.removesuffix(" a year"),
        removesuffix_2=high.removesuffix(" a year"),
        told=told,
    )
    return text if found.counted else f"{text}; {found.note}"
