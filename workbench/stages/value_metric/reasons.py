"""Say in words, from the numbers, what speaks for a candidate and what against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench import formatting
from workbench.stages.value_metric.decision import CRITERIA, TeamScores
from workbench.stages.value_metric.scales import MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stages.value_metric.evidence import Evidence, Measurement
    from workbench.stages.value_metric.ranking import Ranked

_LEAST_GAP = 0.005  # half a point out of a hundred: smaller differences are no reason
_MOST_FOR, _MOST_AGAINST = 2, 3
_TEAM_WORDS = {
    "wanted": "how much customers want more of it",
    "visible": "how well customers see and compute it",
    "measured": "how far customers measure success by it",
}
_TARGET_WORDS = {
    "outcomes": "how accounts do later",
    "retention": "later retention",
    "expansion": "later expansion",
}


def strengths(ranked: Ranked, evidence: Evidence, scores: Mapping[str, TeamScores]) -> tuple[str, ...]:
    """Return what puts a candidate above the mean candidate, most important first, at most two."""
    return _reasons(ranked, evidence, scores, sign=1)


def weaknesses(ranked: Ranked, evidence: Evidence, scores: Mapping[str, TeamScores]) -> tuple[str, ...]:
    """Return what puts a candidate below the mean candidate, most important first, at most three."""
    return _reasons(ranked, evidence, scores, sign=-1)


def reason_line(ranked: Ranked, evidence: Evidence, scores: Mapping[str, TeamScores]) -> str:
    """Return strongest and weakest points of a candidate in one line."""
    parts = []
    for word, found in (
        ("For it", strengths(ranked, evidence, scores)),
        ("Against it", weaknesses(ranked, evidence, scores)),
    ):
        if found:
            parts.append(f"{word}: {'; '.join(found)}.")
    parts += _open_points(ranked)
    return " ".join(parts) or "Like the mean of the candidates on every criterion."


def _open_points(ranked: Ranked) -> list[str]:
    """Say what is not known about a candidate."""
    unknown = [key for key, value in ranked.criteria.items() if value is None]
    if len(unknown) == len(ranked.criteria):
        return ["Nothing is known about it yet: no data and no team scores."]
    measured = [short_name(key) for key in unknown if key not in _TEAM_WORDS]
    unscored = [short_name(key) for key in unknown if key in _TEAM_WORDS]
    parts = [f"Not measured: {', '.join(measured)}."] if measured else []
    if len(unscored) == len(_TEAM_WORDS):
        return [*parts, "No team scores yet."]
    return [*parts, f"No team score yet: {', '.join(unscored)}."] if unscored else parts


def criterion_sentence(key: str, measurements: Mapping[str, Measurement] | None, marks: TeamScores | None) -> str:
    """Say what is known about one criterion of one candidate."""
    if key in _TEAM_WORDS:
        mark = getattr(marks, key, None) if marks is not None else None
        return f"the team gives {mark} of 5 for {_TEAM_WORDS[key]}" if mark else "no team score yet"
    if measurements is None:
        return "no data measures it yet"
    return _SENTENCES[key](measurements)


def short_name(key: str) -> str:
    """Return a criterion's name for running text."""
    name = CRITERIA[key].removesuffix(" (team score)")
    return name[0].lower() + name[1:]


def _reasons(ranked: Ranked, evidence: Evidence, scores: Mapping[str, TeamScores], sign: int) -> tuple[str, ...]:
    known = [
        key for key, value in ranked.criteria.items() if value is not None and sign * ranked.gaps[key] > _LEAST_GAP
    ]
    known.sort(key=lambda key: -sign * ranked.gaps[key])
    name = ranked.candidate.name
    return tuple(
        criterion_sentence(key, evidence.measurements.get(name), scores.get(name))
        for key in known[: _MOST_FOR if sign > 0 else _MOST_AGAINST]
    )


def _written(measurements: Mapping[str, Measurement], key: str) -> str:
    return _BY_KEY[key].written(measurements[key].estimate)


def _growth(known: Mapping[str, Measurement]) -> str:
    if known["growth"].interval is None:
        return known["growth"].note
    change = float(np.expm1(known["growth"].estimate))
    size = formatting.percent(abs(change))
    moves = "does not change" if size == "0%" else f"{'grows' if change > 0 else 'shrinks'} by {size} a year"
    return (
        f"it {moves} inside the median account, and grows in {_written(known, 'growing')} "
        f"of {known['growing'].accounts:,} accounts"
    )


def _predictability(known: Mapping[str, Measurement]) -> str:
    parts = []
    if known["variation"].interval is not None:
        parts.append(f"it typically moves {_written(known, 'variation')} from one month to the next")
    if known["forecast_error"].interval is not None:
        parts.append(f"a forecast one month ahead is typically {_written(known, 'forecast_error')} off")
    return " and ".join(parts) or known["variation"].note


def _success(known: Mapping[str, Measurement]) -> str:
    """Name the success each account later has that the metric goes with best, or that speaks most against it."""
    told = [m.key for m in MEASURES if m.criterion == "success" and known[m.key].interval and known[m.key].counted]
    if not told:
        return known["outcomes_level"].note
    values = {key: known[key].estimate for key in told}
    strongest = max(told, key=lambda key: abs(values[key]))
    target, _, kind = strongest.partition("_")
    what = "its level" if kind == "level" else "its growth"
    direction = "goes with" if values[strongest] >= 0 else "goes against"
    mean = sum(values.values()) / len(values)
    return (
        f"{what} {direction} {_TARGET_WORDS[target]} (rank correlation {_written(known, strongest)}, "
        f"{known[strongest].accounts:,} accounts; mean of {len(told)} such measures {_BY_KEY[strongest].written(mean)})"
    )


def _breadth(known: Mapping[str, Measurement]) -> str:
    if known["breadth"].interval is None:
        return known["breadth"].note
    return f"{_written(known, 'breadth')} of {known['breadth'].accounts:,} active accounts use it"


def _spread(known: Mapping[str, Measurement]) -> str:
    if known["top_tenth"].interval is None:
        return known["top_tenth"].note
    return f"the largest 10% of accounts hold {_written(known, 'top_tenth')} of it (Gini {_written(known, 'gini')})"


def _cost(known: Mapping[str, Measurement]) -> str:
    if known["cost"].interval is None:
        return known["cost"].note
    accounts = formatting.count("account", known["cost"].accounts)
    return f"its rank correlation with the cost to serve is {_written(known, 'cost')} ({accounts})"


_BY_KEY = {measure.key: measure for measure in MEASURES}
_SENTENCES = {
    "growth": _growth,
    "predictability": _predictability,
    "success": _success,
    "breadth": _breadth,
    "spread": _spread,
    "cost": _cost,
}
