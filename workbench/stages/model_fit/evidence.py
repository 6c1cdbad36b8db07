"""The slow part of model fit: the five models billed over the history at one revenue, measured and scored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from workbench.customers.needs import profile
from workbench.formatting import last_months
from workbench.impact.bill_replay import replay
from workbench.impact.billing import CheapestThatFits
from workbench.impact.monthly_accounts import AccountMonths, account_months
from workbench.impact.volatility import FEWEST_MONTHS, rises
from workbench.locales import NO_CURRENCY
from workbench.stages.account_statistics import (
    RESAMPLES_DRAWN,
    Resamples,
    Scalability,
    common_path,
    scalability,
    value_received,
)
from workbench.stages.model_fit.decision import CRITERIA
from workbench.stages.model_fit.models import Contributions, contributions, factor, scaled_book, shapes
from workbench.stages.offers import ValueMetricDecision
from workbench.stages.usage import (
    FEWEST_FOR_GROWTH,
    JUMP,
    BillingHistory,
    MetricChoice,
    Path,
    UsageFacts,
    choose_metrics,
    current_customers,
    measure,
    read_billing_history,
    size_metric,
    usage_facts,
)
from workbench.stats import normal_reach, ranks
from workbench.text import entry, texts, words_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Interval
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.models import Shape
    from workbench.study.model import Scenario

    Floats = NDArray[np.float64]

say = texts(__name__)

# --- Bill a pricing model over the history, and set its price level so that it earns a given revenue

INDEX_PER_ACCOUNT = 100.0  # revenue per account and month where none is on record


def model_bills(book: PriceBook, rows: AccountMonths, *, metered: Collection[str] = ()) -> Floats:
    """Return what a price book would have billed: accounts x months, 0 where not a customer, NaN where it has no price.

    Customers subscribe to the highest quantity of their recent months, except for `metered` metrics: those are billed
    on the quantity of the month itself.
    """
    placed = CheapestThatFits(needs_months=rows.needs_months)
    return replay(rows, book, assign=placed, committed=set(rows.metrics) - set(metered)).bills


def calibrate(
    shape: Shape,
    billed: list[Floats],
    inside: NDArray[np.bool_],
    amounts: Floats,
    window: NDArray[np.bool_],
    *,
    recorded_known: bool,
) -> tuple[tuple[PriceBook, ...], Floats, float] | None:
    """Return price books at the level that earns the target, the bills under them, and the share kept as recorded."""
    total, books = np.zeros(inside.shape), []
    on_request = np.zeros(inside.shape, dtype=bool)
    for part in billed:
        on_request |= np.isnan(part) & inside
    fixed = np.where(on_request, amounts, 0.0)
    target = float((amounts - fixed)[:, window].sum())
    for (book, share), part in zip(shape.parts, billed, strict=True):
        bills = np.where(inside & ~on_request, part, 0.0)
        earned = float(bills[:, window].sum())
        if earned <= 0 or target <= 0:
            return None
        by = factor(share * target / earned)
        books.append(scaled_book(book, by))
        total += bills * float(by)
    kept = float(on_request.sum() / max(1, inside.sum()))
    if kept and not recorded_known:
        fixed = np.where(on_request, INDEX_PER_ACCOUNT, 0.0)
    return tuple(books), total + fixed, kept


# --- Five models on the same customers: calibrated to one revenue, billed over the history, measured alike

CALIBRATION_MONTHS = 3
NOTABLE = 0.20
_MOST_UNKNOWN = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class ModelPath:
    """One model calibrated and billed over the history.

    `books` are its price books at calibrated prices, billed side by side. `path` measures the history; `change` is each
    account's relative bill change at the switch (NaN where not billed in both), `kept` the share of account-months
    that keep the amount on record because only a price on request holds them. `calibrated` is its revenue in the
    calibration months, per month. `reason` says why a model could not be calibrated.
    """

    key: ModelName
    title: str
    how: tuple[str, ...]
    books: tuple[PriceBook, ...]
    path: Path
    change: Floats
    calibrated: float
    kept: float

    def change_quantile(self, share: float) -> float:
        """Return the bill change that `share` of the accounts stay below."""
        known = self.change[np.isfinite(self.change)]
        return float(np.quantile(known, share)) if len(known) else float("nan")

    @property
    def rises_notably(self) -> NDArray[np.bool_]:
        """Tell which accounts pay over 20% more at the switch."""
        found: NDArray[np.bool_] = self.change > NOTABLE
        return found

    @property
    def share_up(self) -> float:
        """Return the share of accounts that pay over 20% more at the switch."""
        return _share(self.change, self.rises_notably)

    @property
    def share_down(self) -> float:
        """Return the share of accounts that pay over 20% less at the switch."""
        return _share(self.change, self.change < -NOTABLE)


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """The models side by side, with what was recorded.

    `population` marks the accounts compared: those whose quantities are known for every model in all their months.
    `target` is the revenue per month all models earn in the calibration months. `unit` is the currency, or "index"
    where no revenue is on record.
    """

    months: pd.DatetimeIndex
    population: NDArray[np.bool_]
    target: float
    unit: str
    recorded: Path | None
    models: tuple[ModelPath, ...]
    not_built: tuple[str, ...] = ()

    @property
    def calibrated_in(self) -> str:
        """Name the months in which all models earn the same: last 3 months, or fewer where history is shorter."""
        return last_months(min(CALIBRATION_MONTHS, len(self.months)))

    def model(self, key: str | None) -> ModelPath | None:
        """Return one model, None where it was not built."""
        return next((model for model in self.models if model.key == key), None)


def compare_models(
    history: BillingHistory,
    rows: AccountMonths,
    shapes: tuple[Shape, ...],
    *,
    currency: str,
    calibration_months: int = CALIBRATION_MONTHS,
) -> ModelComparison:
    """Calibrate the models to the same revenue of the same accounts and months, and measure each.

    `rows` are the account-months of the history, as a replay bills them.
    The target is the revenue on record in the last `calibration_months` months; without records, 100 per customer
    and month. Calibration multiplies all prices of a model by one factor, so that proportions, placement and
    jumps stay as designed; it is exact to 15 digits before any rounding to price points.
    """
    start = first_known_month(history, _billed_metrics(shapes))
    raw = {
        shape.key: [model_bills(book, rows, metered=shape.metered)[:, start:] for book, _ in shape.parts]
        for shape in shapes
    }
    history = history.since(start)
    known = np.ones(len(history.active), dtype=bool)
    for metric in _billed_metrics(shapes):
        known &= ~(np.isnan(history.usage[metric]) & history.active).any(axis=1)
    population = known & history.active.any(axis=1)
    window = np.zeros(history.size[1], dtype=bool)
    window[-calibration_months:] = True
    inside = population[:, None] & history.active
    recorded = np.where(inside, history.recorded, 0.0) if history.recorded is not None else None
    amounts = recorded if recorded is not None else np.where(inside, INDEX_PER_ACCOUNT, 0.0)
    value = value_received(history.outcomes)
    models, not_built = [], []
    for shape in shapes:
        made = calibrate(shape, raw[shape.key], inside, amounts, window, recorded_known=recorded is not None)
        if made is None:
            not_built.append(say("bills_nothing_in_the_calibration", title=shape.title))
            continue
        books, bills, kept = made
        path = measure(bills, history, population, value)
        change = _change(bills, amounts, window) if recorded is not None else np.full(len(bills), np.nan)
        calibrated = float(bills[:, window].sum() / calibration_months)
        models.append(ModelPath(shape.key, shape.title, shape.how, books, path, change, calibrated, kept))
    return ModelComparison(
        history.months,
        population,
        float(amounts[:, window].sum() / calibration_months),
        currency if recorded is not None else "index",
        None if recorded is None else measure(recorded, history, population, value),
        tuple(models),
        tuple(not_built),
    )


def first_known_month(history: BillingHistory, metrics: Collection[str]) -> int:
    """Return the first month from which on nearly all customers have a record of these metrics, else 0.

    A metric is often counted only from some month on; comparing earlier months would leave out most customers.
    """
    start = 0
    for metric in metrics:
        unknown = (np.isnan(history.usage[metric]) & history.active).sum(axis=0)
        poor = np.flatnonzero(unknown > _MOST_UNKNOWN * np.maximum(history.active.sum(axis=0), 1))
        start = max(start, int(poor[-1]) + 1 if len(poor) else 0)
    return start if start <= history.size[1] - CALIBRATION_MONTHS else 0


def _billed_metrics(shapes: tuple[Shape, ...]) -> set[str]:
    books = [book for shape in shapes for book, _ in shape.parts]
    plans = {charge.metric for book in books for plan in book.plans for charge in plan.charges}
    return plans | {charge.metric for book in books for add_on in book.add_ons for charge in add_on.charges}


def _change(bills: Floats, amounts: Floats, window: NDArray[np.bool_]) -> Floats:
    """Return each account's relative change of its bill in the calibration months, NaN where it had none."""
    before, after = amounts[:, window].sum(axis=1), bills[:, window].sum(axis=1)
    return cast("Floats", np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0) - 1)


def _share(values: Floats, which: NDArray[np.bool_]) -> float:
    known = np.isfinite(values)
    return float(which[known].mean()) if known.any() else float("nan")


# --- The score table: each model on each criterion from 0 to 1, on a scale that is written down

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


_ENDS = {
    "contribution": (0.8, 1.0),
    "needs": (0.2, 0.5),
    "revenue": (-0.2, 0.2),
    "retention": (0.9, 1.3),
    "stability": (0.1, 0.0),
    "bills": (0.15, 0.0),
    "losers": (1.0, 0.0),
    "value": (0.0, 1.0),
}
SCALES: Mapping[str, Scale] = {
    key: Scale(*ends, words_at(__package__, "criteria", key, "scale")) for key, ends in _ENDS.items()
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
    comparison: ModelComparison, whole: Scalability | None, brought: Contributions | None = None
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
        return Score(model, "contribution", None, None, say("unknown_nothing_says_what_customers"))
    share = brings / best
    reason = say("at_its_best_prices_it", brings=brings, unit=unit, share=share, source=brought.worth.source)
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
        why = " without feature use" if whole is None else say("too_few_features_vary_between")
        return Score(model, "needs", None, None, f"Unknown{why}.")
    score = needs_score(model, h)
    if model == "tiered":
        reason = say("customers_take_up_features_in", h=h)
    elif model == "add_on":
        reason = say("h_is_the_less_one", h=h)
    else:
        return Score(model, "needs", score, None, say("does_not_package_features_so"))
    return Score(model, "needs", score, h, reason)


def needs_score(model: ModelName, h: float) -> float:
    """Return how far an order of adoption with this H speaks for a model, from 0 to 1."""
    score = SCALES["needs"].score(h)
    if score is None or model not in ("tiered", "add_on"):
        return _NEUTRAL
    return score if model == "tiered" else 1 - score


def _of_path(model: ModelPath, comparison: ModelComparison) -> tuple[Score, ...]:
    path, recorded = model.path, comparison.recorded
    gain = None
    if recorded is not None and recorded.growth is not None and path.growth is not None:
        gain = path.growth - recorded.growth
    measured = {
        "revenue": gain,
        "retention": path.retention,
        "stability": path.swing,
        "bills": path.shock.jumps.estimate,
        "losers": model.share_up,
        "value": path.value.estimate,
    }
    return tuple(_cell(model.key, criterion, value) for criterion, value in measured.items())


def _cell(model: ModelName, criterion: str, value: float | None) -> Score:
    score = SCALES[criterion].score(value)
    if score is None:
        return Score(model, criterion, None, None, "Unknown with this data.")
    return Score(
        model, criterion, score, value, entry(__package__, "criteria", criterion).said("reason", {"value": value})
    )


# --- What each criterion measures when the accounts are resampled: the sampling error behind the ranking

_YEAR = 12
_LEAST = 1e-12


def measure_draws(
    comparison: ModelComparison, brought: Contributions | None, resamples: Resamples
) -> dict[tuple[str, str], Floats]:
    """Return draws of what is measured, by model and criterion; what cannot be resampled is left out."""
    found: dict[tuple[str, str], Floats] = {}
    places = np.flatnonzero(comparison.population)
    recorded = None if comparison.recorded is None else _revenue(comparison.recorded, places, resamples)
    for model in comparison.models:
        for criterion, drawn in _of_model(model, places, recorded, resamples).items():
            found[model.key, criterion] = drawn
    if brought is not None:
        drawn_of = brought.drawn(resamples)
        best = np.maximum(np.max(list(drawn_of.values()), axis=0), _LEAST)
        for key, drawn in drawn_of.items():
            found[key, "contribution"] = drawn / best
    return found


def drawn_scores(
    measured: Mapping[tuple[str, str], Floats], h: Interval | None, models: Iterable[ModelName], *, seed: int = 0
) -> dict[tuple[str, str], Floats]:
    """Return draws of scores from draws of what was measured, and of H for needs; the same draws for every model."""
    found = {(model, criterion): SCALES[criterion].scores(values) for (model, criterion), values in measured.items()}
    if h is not None and np.isfinite(h.estimate):
        order = order_draws(h, RESAMPLES_DRAWN, seed)
        for model in models:
            found[model, "needs"] = np.array([needs_score(model, float(each)) for each in order])
    return found


def order_draws(h: Interval, draws: int, seed: int) -> Floats:
    """Return draws of H, symmetric in log(1 - H) as its interval is."""
    gap = 1 - h.estimate
    if not (gap > 0 and h.low < h.high):
        return np.full(draws, h.estimate)
    error = (np.log(1 - h.low) - np.log(1 - h.high)) / (2 * normal_reach(h.level))
    moved: Floats = np.random.default_rng([seed, 3]).standard_normal(draws)
    return 1 - gap * np.exp(error * moved)


def _of_model(
    model: ModelPath, places: NDArray[np.intp], recorded: Floats | None, resamples: Resamples
) -> Mapping[str, Floats]:
    path = model.path
    revenue = _revenue(path, places, resamples)
    found = {"stability": _swing(revenue), "retention": _retention(path, places, resamples)}
    if recorded is not None:
        found["revenue"] = _growth(revenue) - _growth(recorded)
    change = rises(path.bills)
    known = np.isfinite(change)
    found["bills"] = _ratio((change > JUMP).sum(axis=1), known.sum(axis=1), places, resamples)
    switched = model.change[places]
    seen = np.isfinite(switched)
    found["losers"] = _ratio(model.rises_notably[places] & seen, seen, places, resamples)
    found["value"] = _correlation(path.typical, path.received, places, resamples)
    return found


def _revenue(path: Path, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    return resamples.sums(places, path.bills)


def _growth(revenue: Floats) -> Floats:
    months = revenue.shape[1]
    if months < FEWEST_FOR_GROWTH:
        return np.full(len(revenue), np.nan)
    x = np.arange(months) - (months - 1) / 2
    log = np.log(np.maximum(revenue, _LEAST))
    found: Floats = np.expm1(12 * (log @ x) / (x @ x))
    return found


def _swing(revenue: Floats) -> Floats:
    months = revenue.shape[1]
    if months < FEWEST_MONTHS:
        return np.full(len(revenue), np.nan)
    basis = np.linalg.qr(np.vander(np.arange(months) - (months - 1) / 2, 3))[0]
    log = np.log(np.maximum(revenue, _LEAST))
    left = log - log @ basis @ basis.T
    found: Floats = np.sqrt((left**2).sum(axis=1) / (months - 3))
    return found


def _retention(path: Path, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    if path.retention is None:
        return np.full(len(resamples.times), np.nan)
    before, after = path.bills[:, -1 - _YEAR], path.bills[:, -1]
    return _ratio(np.where(before > 0, after, 0.0), before, places, resamples)


def _ratio(hits: NDArray, of: NDArray, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    sums = resamples.sums(places, np.column_stack([hits, of]).astype(np.float64))
    return np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)


def _correlation(first: Floats, second: Floats, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    """Return the correlation of ranks over resampled accounts; the ranks stay those of all accounts."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() <= 1:
        return np.full(len(resamples.times), np.nan)
    x, y = ranks(first[known]), ranks(second[known])
    columns = np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y])
    n, sx, sy, sxx, syy, sxy = resamples.sums(places[known], columns).T
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.maximum(sxx - sx * sx / n, 0) * np.maximum(syy - sy * sy / n, 0))
        return np.where(spread > 0, (sxy - sx * sy / n) / spread, np.nan)


# --- The slow part of model fit: adoption order, the history as arrays, and the models billed over it

NEEDS_MONTHS = 3
MINIMUM_USES = 3
FEWEST_USERS = 5
_KEPT_REPLAYS = 8


@dataclass(frozen=True, slots=True, eq=False)
class ModelReplay:
    """What the decided value metric leads to: the facts on it, and the five models on it.

    `brought` is what each model would bring once tuned, None where nothing says what customers are worth; `drawn` what
    is measured when the accounts are resampled, by model and criterion.
    """

    choice: MetricChoice
    usage: UsageFacts | None
    comparison: ModelComparison
    brought: Contributions | None
    drawn: Mapping[tuple[str, str], Floats]


@dataclass(frozen=True, eq=False)
class ModelFitEvidence:
    """What the data says, whatever is decided in this stage.

    `adoption` is the scalability of feature use over the accounts active in the last three months, `path` that of
    the features customers take up in one order; both None without feature use. `replay(scenario)` bills the models;
    it is worked out once for each value metric.
    """

    base: CustomerBase = field(repr=False)
    history: BillingHistory
    currency: str
    size_metric: str | None
    adoption: Scalability | None
    path: Scalability | None
    rows: AccountMonths = field(repr=False)
    _replays: dict[str | None, ModelReplay] = field(default_factory=dict, repr=False)

    @property
    def off_path(self) -> tuple[str, ...]:
        """Return the features that vary but have no place in the common order."""
        if self.adoption is None or self.path is None:
            return ()
        return tuple(name for name in self.adoption.names if name not in self.path.names)

    def replay(self, scenario: Scenario | None = None) -> ModelReplay:
        """Bill the five models over the history on the value metric the scenario decided.

        Nothing else of the scenario plays a part: the models are drafts from the data, each tuned alike.
        """
        key = None if scenario is None else scenario.decision(ValueMetricDecision).metric
        if key not in self._replays:
            while len(self._replays) >= _KEPT_REPLAYS:
                self._replays.pop(next(iter(self._replays)))
            self._replays[key] = self._billed(scenario)
        return self._replays[key]

    def scores(self, scenario: Scenario | None, weights: Mapping[str, float], *, seed: int = 0) -> ScoreTable:
        """Score the models under these weights, with sampling error: the same for a suggestion and its evaluation."""
        replay = self.replay(scenario)
        cells = score_models(replay.comparison, self.adoption, replay.brought)
        order = None if self.adoption is None else self.adoption.h
        drawn = drawn_scores(replay.drawn, order, [model.key for model in replay.comparison.models], seed=seed)
        return score_table(cells, weights, drawn=drawn, seed=seed)

    def _billed(self, scenario: Scenario | None) -> ModelReplay:
        choice = choose_metrics(self.history, self.size_metric, scenario)
        brought = contributions(self.base, choice)
        drafts = None if brought is None else brought.drafts
        offers = shapes(choice, current_customers(self.history, self.rows), self.currency, drafts)
        comparison = compare_models(self.history, self.rows, offers, currency=self.currency)
        usage = None if choice.metric is None else usage_facts(self.history, choice.metric)
        drawn = measure_draws(comparison, brought, Resamples.of(len(self.history.account_ids), seed=0))
        return ModelReplay(choice, usage, comparison, brought, drawn)


def gather(base: CustomerBase, scenario: Scenario | None = None) -> ModelFitEvidence:
    """Return the evidence of a customer base; the models are billed for `scenario` (or from the data alone)."""
    adoption = path = None
    if base.has("feature_use"):
        needs = profile(base, NEEDS_MONTHS, MINIMUM_USES)
        adoption = scalability(needs.features, needs.feature_names, fewest_users=FEWEST_USERS)
        path = common_path(adoption, needs.features, needs.feature_names)
    rows = account_months(base, gaps="last", needs_months=NEEDS_MONTHS, minimum_uses=MINIMUM_USES)
    history = read_billing_history(base, rows)
    evidence = ModelFitEvidence(
        base, history, base.currency or NO_CURRENCY, size_metric(base, history.usage), adoption, path, rows
    )
    if scenario is not None:
        evidence.replay(scenario)
    return evidence
