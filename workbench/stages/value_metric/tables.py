"""The stage's numbers as tables for reading and export, each column with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import formatting
from workbench.formatting import capitalised
from workbench.impact.billing import amount_of
from workbench.stages.value_metric.decision import CRITERIA, MEASURES
from workbench.stages.value_metric.words import reason_line
from workbench.tables import COUNT, TEXT, DataTable, Money, Number, Own, Percent, Reworded, interval_of
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


def ranking_table(ranking: Sequence[Ranked]) -> DataTable:
    """Return one row per candidate in order: score with interval, how often first, expected rank, what is known."""
    columns = (
        ("Candidate", TEXT),
        ("Score, 0 to 100", COUNT),
        ("90% interval", interval_of(COUNT)),
        ("Ranks first", Percent()),
        ("Expected rank", Number(1)),
        ("Weight that is known", Percent()),
        ("Evidence from", TEXT),
    )
    rows = (
        (
            each.candidate.title,
            100 * each.score.estimate,
            (100 * each.score.low, 100 * each.score.high),
            each.probability_first,
            each.expected_rank,
            each.known_weight,
            each.candidate.origin,
        )
        for each in ranking
    )
    return DataTable.of_rows(columns, rows)


def reasons_table(
    ranking: Sequence[Ranked], evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]
) -> DataTable:
    """Return what speaks for and against each candidate, in order."""
    rows = (
        (f"{place}. {each.candidate.title}", reason_line(each, evidence, scores))
        for place, each in enumerate(ranking, start=1)
    )
    return DataTable.of_rows((("Candidate", TEXT), (say("why_it_stands_there_compared"), TEXT)), rows)


def criteria_table(ranking: Sequence[Ranked]) -> DataTable:
    """Return the score (0 to 100) of each criterion (rows) and candidate (columns); unknown is None."""
    columns = [("Criterion", TEXT), *((each.candidate.title, COUNT) for each in ranking)]
    scores = [[None if value is None else 100 * value for value in each.criteria.values()] for each in ranking]
    return DataTable.of_rows(columns, zip(CRITERIA.values(), *scores, strict=True))


def measures_table(ranking: Sequence[Ranked], evidence: ValueMetricEvidence) -> DataTable:
    """Return every measure (rows) of every candidate (columns) with interval, number of accounts and scale."""
    measured = [each.candidate for each in ranking if each.candidate.name in evidence.measurements]
    columns = (("Measure", TEXT), *((each.title, TEXT) for each in measured), ("Scale", TEXT))
    rows = (
        (
            capitalised(measure.label),
            *(_measured_cell(measure, evidence.measurements[each.name][measure.key]) for each in measured),
            measure.scale_in_words,
        )
        for measure in MEASURES
    )
    return DataTable.of_rows(columns, rows)


def price_curve_table(curve: PriceCurve, currency: str) -> DataTable:
    """Return the bands: from, to, price of each unit inside, accounts, bill at the end of the band."""
    bands = bands_table(curve)
    first = bands["unit_price"].iloc[0] if len(bands) else 0.0
    return DataTable.of_frame(
        bands.assign(of_first=bands["unit_price"] / first if first else np.nan),
        (
            ("From", Number(exactly=True), "from"),
            ("To", Number(exactly=True), "to"),
            ("Price of each unit", Money(currency, "exact"), "unit_price"),
            ("Of the first price", Percent(), "of_first"),
            ("Accounts ending here", COUNT, "accounts"),
            ("Bill at its end", Money(currency, "priced", missing=""), "bill_at_end"),
        ),
    )


def _measured_cell(measure: CandidateMeasure, found: Measurement) -> Own:
    known = found.interval
    value = None if known is None else (known.estimate, known.low, known.high)
    return Own(value, Reworded(lambda _value: _measured(measure, found), missing=_measured(measure, found)))


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
