"""Five models on the same customers: calibrated to one revenue, billed over the history, measured alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from workbench.formatting import last_months
from workbench.stages.model_fit.association import value_received
from workbench.stages.model_fit.calibration import INDEX_PER_ACCOUNT, bills_of, calibrate
from workbench.stages.model_fit.path import Path, measure

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact import AccountMonths
    from workbench.pricing import PriceBook
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.history import History
    from workbench.stages.model_fit.shapes import Shape

    Floats = NDArray[np.float64]

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
class Comparison:
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


def compare(
    history: History,
    rows: AccountMonths,
    shapes: tuple[Shape, ...],
    *,
    currency: str,
    calibration_months: int = CALIBRATION_MONTHS,
) -> Comparison:
    """Calibrate the models to the same revenue of the same accounts and months, and measure each.

    `rows` are the account-months of the history, as a replay bills them.
    The target is the revenue on record in the last `calibration_months` months; without records, 100 per customer
    and month. Calibration multiplies all prices of a model by one factor, so that proportions, placement and
    jumps stay as designed; it is exact to 15 digits before any rounding to price points.
    """
    start = first_known_month(history, _billed_metrics(shapes))
    raw = {
        shape.key: [bills_of(book, rows, metered=shape.metered)[:, start:] for book, _ in shape.parts]
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
            not_built.append(f"{shape.title}: bills nothing in the calibration months, so no price level fits.")
            continue
        books, bills, kept = made
        path = measure(bills, history, population, value)
        change = _change(bills, amounts, window) if recorded is not None else np.full(len(bills), np.nan)
        calibrated = float(bills[:, window].sum() / calibration_months)
        models.append(ModelPath(shape.key, shape.title, shape.how, books, path, change, calibrated, kept))
    return Comparison(
        history.months,
        population,
        float(amounts[:, window].sum() / calibration_months),
        currency if recorded is not None else "index",
        None if recorded is None else measure(recorded, history, population, value),
        tuple(models),
        tuple(not_built),
    )


def first_known_month(history: History, metrics: Collection[str]) -> int:
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
