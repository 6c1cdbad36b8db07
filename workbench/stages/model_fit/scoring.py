"""The score table: each model on each criterion from 0 to 1, on a scale that is written down, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.formatting import money, percent
from workbench.stages.model_fit.decision import CRITERIA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.stages.model_fit.comparison import Comparison, ModelPath
    from workbench.stages.model_fit.contribution import Contributions
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.scalability import Scalability

    Floats = NDArray[np.float64]

WEIGHT_DOUBT = 0.5  # when the ranking's certainty is computed, each weight may be half as large again or half as small
_DRAWS = 2000
_NEUTRAL = 0.5
FEWEST_FOR_CERTAINTY, CLEAR, SURE = 50, 0.5, 0.8  # ours: accounts, and probabilities of coming first
Certainty = Literal["unknown", "low", "fair", "high"]
_ROUNDING = 1e-9  # totals this close are a tie


@dataclass(frozen=True, slots=True)
class Scale:
    """How a measure becomes a score: 0 at `worst` and beyond, 1 at `best` and beyond, a straight line between."""

    worst: float
    best: float
    measure: str

    def score(self, value: float | None) -> float | None:
        """Return the score of a value, None where it is unknown."""
        if value is None or np.isnan(value):
            return None
        return float(self.scores(np.array(value)))

    def scores(self, values: Floats) -> Floats:
        """Return the scores of values; NaN stays NaN."""
        return np.clip((values - self.worst) / (self.best - self.worst), 0.0, 1.0)


SCALES: Mapping[str, Scale] = {
    "contribution": Scale(
        0.8, 1.0, "what it brings once tuned, as a share of the model that brings most: 0 at 80%, 1 at 100%"
    ),
    "needs": Scale(0.2, 0.5, "Loevinger's H: 0 at 0.2, 1 at 0.5 (for add-ons the reverse)"),
    "revenue": Scale(
        -0.2, 0.2, "yearly growth of revenue against that on record: 0 at 20 points less, 1 at 20 points more"
    ),
    "retention": Scale(0.9, 1.3, "net revenue retention over 12 months: 0 at 90%, 1 at 130%"),
    "stability": Scale(0.1, 0.0, "monthly revenue around its trend: 0 at 10%, 1 at no swing"),
    "bills": Scale(0.15, 0.0, "share of monthly bills over 25% above the month before: 0 at 15%, 1 at none"),
    "losers": Scale(1.0, 0.0, "accounts paying over 20% more at the switch: 0 at all of them, 1 at none"),
    "value": Scale(0.0, 1.0, "rank correlation of bill and value received: 0 at none, 1 at perfect"),
}


@dataclass(frozen=True, slots=True)
class Score:
    """One cell of the table: the score (None: unknown), what was measured, and the reason in a sentence."""

    model: ModelName
    criterion: str
    score: float | None
    measured: float | None
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """All cells, the weighted total of each model, and how often each comes first when the weights vary.

    `left_out` names criteria that are unknown for some model: they count for none, so that totals compare.
    """

    cells: tuple[Score, ...]
    models: tuple[ModelName, ...]
    totals: Mapping[ModelName, float]
    first: Mapping[ModelName, float]
    left_out: tuple[str, ...]

    def cell(self, model: str, criterion: str) -> Score:
        """Return one cell."""
        return next(cell for cell in self.cells if (cell.model, cell.criterion) == (model, criterion))

    @property
    def ranking(self) -> tuple[tuple[ModelName, float, float], ...]:
        """Return key, total and probability of coming first of each model, the most probable first.

        Where two come first equally often, the higher total stands before. Empty where nothing is known.
        """
        known = [model for model in self.models if not np.isnan(self.totals[model])]
        order = sorted(known, key=lambda model: (-round(self.first[model], 9), -round(self.totals[model], 9)))
        return tuple((model, self.totals[model], self.first[model]) for model in order)

    def certainty(self, accounts: int) -> Certainty:
        """Return how sure the first place is; under 50 accounts compared it is low whatever the draws say."""
        if not self.ranking:
            return "unknown"
        first = self.ranking[0][2]
        if accounts < FEWEST_FOR_CERTAINTY or first < CLEAR:
            return "low"
        return "fair" if first < SURE else "high"

    @property
    def best(self) -> ModelName | None:
        """Return the model ranked first; None where nothing is known."""
        return self.ranking[0][0] if self.ranking else None


def score_models(
    comparison: Comparison, whole: Scalability | None, brought: Contributions | None = None
) -> tuple[Score, ...]:
    """Score every model that was built on every criterion."""
    best = max((brought.brings(key) or 0.0 for key in brought.takings), default=0.0) if brought is not None else 0.0
    return tuple(
        score
        for model in comparison.models
        for score in (
            _contribution(model.key, brought, best, comparison.unit),
            _needs(model.key, whole),
            *_of_path(model, comparison),
        )
    )


def _contribution(model: ModelName, brought: Contributions | None, best: float, unit: str) -> Score:
    brings = None if brought is None else brought.brings(model)
    if brought is None or brings is None or best <= 0:
        return Score(model, "contribution", None, None, "Unknown: nothing says what customers are worth.")
    share = brings / best
    reason = (
        f"At its best prices it would bring {money(brings, unit)} a month from these customers, "
        f"{percent(share)} of the model that brings most; worth is read from {brought.worth.source}."
    )
    return Score(model, "contribution", SCALES["contribution"].score(share), share, reason)


def score_table(
    cells: tuple[Score, ...],
    weights: Mapping[str, float],
    *,
    drawn: Mapping[tuple[str, str], Floats] | None = None,
    seed: int = 0,
) -> ScoreTable:
    """Return the totals under these weights, and how often each model comes first when weights and accounts vary.

    `weights` are relative; a criterion without one counts nothing. Draws multiply each weight by a factor between
    0.5 and 1.5, the same factors for every model. `drawn` holds scores of resampled accounts by model and criterion,
    the same accounts for every model; a cell without them, and a draw that is not a number, keeps its score. Models
    that tie in a draw share its first place.
    """
    models = tuple(dict.fromkeys(cell.model for cell in cells))
    by_place = {(cell.model, cell.criterion): cell.score for cell in cells}
    unknown = tuple(c for c in CRITERIA if any(by_place.get((model, c)) is None for model in models))
    counted = [c for c in CRITERIA if c not in unknown and weights.get(c, 0.0) > 0]
    if not models or not counted:
        nothing = dict.fromkeys(models, float("nan"))
        return ScoreTable(cells, models, nothing, nothing, unknown)
    matrix = np.array([[by_place[model, c] for c in counted] for model in models], dtype=np.float64)
    weight = np.array([weights[c] for c in counted])
    totals = matrix @ weight / weight.sum()
    moves = np.random.default_rng(seed).uniform(1 - WEIGHT_DOUBT, 1 + WEIGHT_DOUBT, (_DRAWS, len(CRITERIA)))
    heavy = moves[:, [list(CRITERIA).index(c) for c in counted]] * weight
    scores = np.repeat(matrix[:, :, None], _DRAWS, axis=2)
    for row, model in enumerate(models):
        for column, criterion in enumerate(counted):
            values = (drawn or {}).get((model, criterion))
            if values is not None:
                repeated = np.resize(values, _DRAWS)
                scores[row, column] = np.where(np.isfinite(repeated), repeated, scores[row, column])
    won = _first(np.einsum("mcd,dc->md", scores, heavy) / heavy.sum(axis=1))
    return ScoreTable(
        cells,
        models,
        dict(zip(models, totals.tolist(), strict=True)),
        dict(zip(models, won.tolist(), strict=True)),
        unknown,
    )


def _first(totals: Floats) -> Floats:
    """Return each model's share of first places over the draws (models x draws); those that tie share it."""
    best = totals >= totals.max(axis=0) - _ROUNDING
    found: Floats = (best / best.sum(axis=0)).mean(axis=1)
    return found


def _needs(model: ModelName, whole: Scalability | None) -> Score:
    h = float("nan") if whole is None else whole.h.estimate
    if np.isnan(h):
        why = " without feature use" if whole is None else ": too few features vary between customers"
        return Score(model, "needs", None, None, f"Unknown{why}.")
    score = needs_score(model, h)
    if model == "tiered":
        reason = f"Customers take up features in one order with H {h:.2f}; tiers need one order."
    elif model == "add_on":
        reason = f"H is {h:.2f}; the less one order, the more add-ons fit."
    else:
        return Score(
            model, "needs", score, None, "Does not package features, so needs speak neither for nor against it."
        )
    return Score(model, "needs", score, h, reason)


def needs_score(model: ModelName, h: float) -> float:
    """Return how far an order of adoption with this H speaks for a model, from 0 to 1."""
    score = SCALES["needs"].score(h)
    if score is None or model not in ("tiered", "add_on"):
        return _NEUTRAL
    return score if model == "tiered" else 1 - score


def _of_path(model: ModelPath, comparison: Comparison) -> tuple[Score, ...]:
    path, recorded = model.path, comparison.recorded
    gain = None
    if recorded is not None and recorded.growth is not None and path.growth is not None:
        gain = path.growth - recorded.growth
    measured: dict[str, tuple[float | None, str]] = {
        "revenue": (gain, f"Revenue grows {_points(gain)} a year than on record."),
        "retention": (path.retention, f"Net revenue retention would have been {percent(path.retention)}."),
        "stability": (path.swing, f"Monthly revenue lies {percent(path.swing, 1)} around its trend."),
        "bills": (
            path.shock.jumps.estimate,
            f"{percent(path.shock.jumps.estimate, 1)} of monthly bills are over 25% above the month before.",
        ),
        "losers": (model.share_up, f"{percent(model.share_up)} of accounts pay over 20% more at the switch."),
        "value": (path.value.estimate, f"Bill and value received go together with {path.value.estimate:.2f}."),
    }
    return tuple(_cell(model.key, criterion, value, reason) for criterion, (value, reason) in measured.items())


def _cell(model: ModelName, criterion: str, value: float | None, reason: str) -> Score:
    score = SCALES[criterion].score(value)
    if score is None:
        return Score(model, criterion, None, None, "Unknown with this data.")
    return Score(model, criterion, score, value, reason)


def _points(gain: float | None) -> str:
    if gain is None:
        return "unknown"
    size = f"{abs(gain) * 100:.1f} points"
    return f"{size} {'more' if gain >= 0 else 'less'}"
