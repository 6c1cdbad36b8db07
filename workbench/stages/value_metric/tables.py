"""The stage's numbers as tables for reading and export, with what speaks for each candidate and against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import UNKNOWN, capitalised, percent
from workbench.impact.billing import amount_of
from workbench.stages.value_metric.decision import CRITERIA, MEASURES
from workbench.stages.value_metric.evidence import counted_measures
from workbench.stages.value_metric.result import TEAM_CRITERIA
from workbench.tables import COUNT, TEXT, DataTable, Money, Number, Own, Percent, Reworded, interval_of
from workbench.text import entry, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.stages.offers import TeamScores
    from workbench.stages.value_metric.decision import CandidateMeasure
    from workbench.stages.value_metric.evidence import Measurement, ValueMetricEvidence
    from workbench.stages.value_metric.result import PriceCurve, Ranked

say = texts(__name__)

# --- Say in words, from the numbers, what speaks for a candidate and what against it

_LEAST_GAP = 0.005  # half a point out of a hundred: smaller differences are no reason
_MOST_FOR, _MOST_AGAINST = 2, 3


def reason_line(ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]) -> str:
    """Return strongest and weakest points of a candidate in one line."""
    told = {
        "For it": reasons(ranked, evidence, scores, most=_MOST_FOR),
        "Against it": reasons(ranked, evidence, scores, most=_MOST_AGAINST, sign=-1),
    }
    parts = [f"{word}: {'; '.join(found)}." for word, found in told.items() if found]
    unknown = [key for key, value in ranked.criteria.items() if value is None]
    unscored = [short_name(key) for key in unknown if key in TEAM_CRITERIA]
    parts.append(
        say(
            "open_points",
            all_unknown=len(unknown) == len(ranked.criteria),
            all_unscored=len(unscored) == len(TEAM_CRITERIA),
            measured=[short_name(key) for key in unknown if key not in TEAM_CRITERIA],
            unscored=unscored,
        )
    )
    return " ".join(filter(None, parts)) or say("like_the_mean_of_the")


def reasons(
    ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores], *, most: int, sign: int = 1
) -> tuple[str, ...]:
    """Return what puts a candidate above the mean candidate (sign -1: below it), most important first."""
    known = [
        key for key, value in ranked.criteria.items() if value is not None and sign * ranked.gaps[key] > _LEAST_GAP
    ]
    known.sort(key=lambda key: -sign * ranked.gaps[key])
    name = ranked.candidate.name
    return tuple(criterion_sentence(key, evidence.measurements.get(name), scores.get(name)) for key in known[:most])


def criterion_sentence(key: str, known: Mapping[str, Measurement] | None, marks: TeamScores | None) -> str:
    """Say what is known about one criterion of one candidate."""
    reason = entry(__package__, "criteria", key)
    if key in TEAM_CRITERIA:
        return reason.said("reason", {"mark": getattr(marks, key, None)})
    if known is None:
        return say("no_data_measures_it_yet")
    if not counted_measures(known, key):
        return next(known[each.key].note for each in MEASURES if each.criterion == key)
    told = {measure.key: measure.written(known[measure.key].estimate) for measure in MEASURES}
    change = float(np.expm1(known["growth"].estimate))
    values = {"known": known, "told": told, "change": change, "size": percent(abs(change))}
    return reason.said("reason", values | _success(known))


def _success(known: Mapping[str, Measurement]) -> dict[str, object]:
    """Return the success each account later has that the metric goes with best, or that speaks most against it."""
    values = {measure.key: known[measure.key].estimate for measure in counted_measures(known, "success")}
    strongest = max(values, key=lambda key: abs(values[key]), default="")
    target, _, kind = strongest.partition("_")
    mean = sum(values.values()) / max(len(values), 1)
    found = {"strongest": strongest, "target": target, "kind": kind, "value": values.get(strongest)}
    return {**found, "many": len(values), "mean": mean}


def short_name(key: str) -> str:
    """Return a criterion's name for running text."""
    name = CRITERIA[key].removesuffix(" (team score)")
    return name[0].lower() + name[1:]


# --- The tables


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
    known = found.interval
    if known is None:
        return f"{UNKNOWN}: {found.note}"
    written = [measure.written(value) for value in (known.low, known.estimate, known.high)]
    return say("measured", written=written, found=found)
