"""What each model would bring a month once tuned, in draws of what customers are worth and of who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.model_fit.account_worth import account_worth
from workbench.stages.model_fit.drafts import tuned_drafts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.account_worth import TuningWorth
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.drafts import TunedDraft
    from workbench.stages.model_fit.metric_choice import MetricChoice
    from workbench.stages.model_fit.resampling import Resamples

    Floats = NDArray[np.float64]

# In every draw the level of a model's prices is set anew: what is compared is models, not one guess of the level.
_LEVELS = (0.5, 0.63, 0.8, 0.9, 1.0, 1.12, 1.25, 1.6, 2.0)


@dataclass(frozen=True, eq=False)
class Contributions:
    """The tuned draft of each model, and what it takes from each account: models -> levels x accounts x draws."""

    worth: TuningWorth
    drafts: Mapping[ModelName, TunedDraft]
    takings: Mapping[ModelName, Floats]

    def brings(self, model: ModelName) -> float | None:
        """Return what a model brings a month in the mean over draws, None where it was not built."""
        if model not in self.takings:
            return None
        by_level = np.einsum("lad,a->ld", self.takings[model], self.worth.stands_for)
        return float(by_level.max(axis=0).mean())

    def drawn(self, resamples: Resamples) -> dict[ModelName, Floats]:
        """Return what each model brings, one value per resample of the accounts, each with a draw of worth."""
        counts = resamples.counts(self.worth.place) * self.worth.stands_for
        found = {}
        for model, takings in self.takings.items():
            draws = np.arange(len(counts)) % takings.shape[2]
            total = np.empty((len(takings), len(counts)))
            for draw in range(takings.shape[2]):
                mine = draws == draw
                total[:, mine] = takings[:, :, draw] @ counts[mine].T
            found[model] = total.max(axis=0)
        return found


def contributions(base: CustomerBase, choice: MetricChoice, *, seed: int = 0) -> Contributions | None:
    """Tune the five models on what customers are worth; None where nothing says what that is."""
    metrics = tuple(dict.fromkeys(m for m in (choice.metric, choice.usage, choice.size_metric) if m is not None))
    worth = account_worth(base, metrics, quantity=choice.usage, seed=seed)
    if worth is None:
        return None
    drafts = tuned_drafts(worth, choice)
    takings = {
        key: np.array([each.draft.menu.takings(each.prices * level) for level in _LEVELS])
        for key, each in drafts.items()
    }
    return Contributions(worth, drafts, takings) if takings else None
