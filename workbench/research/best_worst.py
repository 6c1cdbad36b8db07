"""Best-worst scaling (MaxDiff): which features matter most, when respondents must choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, number, percent
from workbench.research.best_worst_answers import read_best_worst
from workbench.research.best_worst_counts import BestWorstCounts, count_best_worst
from workbench.research.best_worst_score import AggregateScores, aggregate_scores, pulled_scores
from workbench.research.errors import ResearchError
from workbench.research.estimates import percentile_intervals
from workbench.research.resampling import resampled_weights
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.results import Interval

UNEVEN = 1.25
SEEN_ENOUGH = 3
FEW = 50


@dataclass(frozen=True, eq=False)
class MaxDiff:
    """How features rank, from the answers of `respondents` people; entries in the order of `features`.

    `score` is the log odds of being named best rather than worst: zero is average, with a bootstrap interval over
    respondents. `share` is what part of all choices the feature would get if all were shown at once. `published` holds
    the textbook standard errors and bounds, which take every choice for a new person. Sums over respondents are
    weighted.
    """

    features: tuple[str, ...]
    score: tuple[Interval, ...]
    share: tuple[Interval, ...]
    published: AggregateScores
    respondents: int
    tasks: int
    counts: BestWorstCounts = field(repr=False)
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per feature, most preferred first: counts, score and share with their intervals."""
        weight = self.counts.weight
        table = pd.DataFrame(
            {
                "feature": self.features,
                "shown": weight @ self.counts.shown,
                "best": weight @ self.counts.best,
                "worst": weight @ self.counts.worst,
                "score": [each.estimate for each in self.score],
                "score_low": [each.low for each in self.score],
                "score_high": [each.high for each in self.score],
                "share": [each.estimate for each in self.share],
                "share_low": [each.low for each in self.share],
                "share_high": [each.high for each in self.share],
                "standard_error": self.published.standard_error,
            }
        )
        return table.sort_values(["score", "feature"], ascending=[False, True], ignore_index=True)

    @property
    def individual(self) -> pd.DataFrame:
        """Return each respondent's own score per feature, (best - worst) / shown from -1 to 1; NaN where not shown."""
        return pd.DataFrame(
            self.counts.individual,
            index=pd.Index(self.counts.respondents, name="respondent"),
            columns=list(self.features),
        )

    def pulled(self, *, pull: float = 1.0, edge: float = 0.1) -> pd.DataFrame:
        """Return each respondent's score per feature, pulled towards everybody's: see `pulled_scores`."""
        scores = pulled_scores(self.individual.to_numpy(), self.published.score, pull=pull, edge=edge)
        return pd.DataFrame(scores, index=self.individual.index, columns=list(self.features))

    def wanted(self, above: float = 0.0) -> pd.DataFrame:
        """Return respondents x features, True where the respondent's own score is higher than `above`."""
        return self.individual > above

    @property
    def reading(self) -> str:
        """Say which features lead and trail, and how sure that is."""
        ranked = self.table
        first, second, last = ranked.iloc[0], ranked.iloc[1], ranked.iloc[-1]
        sure = "clearly ahead of" if first["score_low"] > second["score_high"] else "not clearly ahead of"
        return (
            f"To {count('respondent', self.respondents)}, {first['feature']} matters most: it would get "
            f"{percent(first['share'])} ({percent(first['share_low'])} to {percent(first['share_high'])}) of the "
            f"choices if all {len(ranked)} features were shown at once. It is {sure} {second['feature']} "
            f"({percent(second['share'])}); {last['feature']} matters least ({percent(last['share'], 1)})."
        )


def maxdiff(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    *,
    level: float = 0.9,
    samples: int = 1000,
    seed: int = 1,
) -> MaxDiff:
    """Return how features rank, from answers in the layout of survey_best_worst.

    Parameters
    ----------
    frame
        One row per respondent, task and feature shown; `choice` says best, worst or none.
    weights
        The name of a column, or one number per row; by default the column `weight` where there is one.
    level, samples, seed
        Of the bootstrap over respondents.

    Raises DataErrors with every problem in the answers, ResearchError when fewer than two features were shown.
    """
    answers = read_best_worst(frame, weights)
    counts = count_best_worst(answers.frame, answers.weights)
    if len(counts.features) < 2:  # noqa: PLR2004 - one feature cannot be compared
        raise ResearchError("Only one feature was shown.", "Compare two or more.")
    published = _scores(counts, counts.weight)
    drawn = _scores(counts, resampled_weights(counts.weight, samples, seed))
    return MaxDiff(
        features=counts.features,
        score=percentile_intervals(published.score, drawn.score, level),
        share=percentile_intervals(published.choice_share, drawn.choice_share, level),
        published=published,
        respondents=len(counts.respondents),
        tasks=int(counts.tasks.sum()),
        counts=counts,
        cautions=_cautions(counts),
    )


def _scores(counts: BestWorstCounts, weight: NDArray[np.float64]) -> AggregateScores:
    shown, best, worst = (weight @ each for each in (counts.shown, counts.best, counts.worst))
    # A feature few saw can be missing from a resample; there it says nothing rather than zero.
    absent = shown <= 0
    scores = aggregate_scores(np.where(absent, 1.0, shown), best, worst)
    if not absent.any():
        return scores
    return AggregateScores(*(np.where(absent, np.nan, part) for part in vars(scores).values()))


def _cautions(counts: BestWorstCounts) -> tuple[Caution, ...]:
    shown = counts.weight @ counts.shown
    people = len(counts.respondents)
    seen = float(counts.shown.sum() / counts.shown.size)
    found = []
    if shown.max() > UNEVEN * shown.min():
        least, most = counts.features[int(shown.argmin())], counts.features[int(shown.argmax())]
        found.append(
            Caution(
                f"Features were not shown equally often: {most} {number(shown.max())} times, {least} "
                f"{number(shown.min())} times. A feature shown beside weaker ones looks stronger than it is."
            )
        )
    if people < FEW:
        found.append(Caution(f"Only {count('respondent', people)} answered: the order can change with other people."))
    if seen < SEEN_ENOUGH:
        found.append(
            Caution(
                f"A respondent saw each feature {number(seen, 1)} times on average, below {SEEN_ENOUGH}: what a single "
                "respondent wants is rough; what all of them want together is not affected.",
                "note",
            )
        )
    found += _one_sided(counts)
    return tuple(found)


def _one_sided(counts: BestWorstCounts) -> list[Caution]:
    best, worst = counts.best.sum(axis=0) > 0, counts.worst.sum(axis=0) > 0
    names = [name for name, won, lost in zip(counts.features, best, worst, strict=True) if not (won or lost)]
    if not names:
        return []
    return [Caution(f"Nobody named {', '.join(names)} best or worst: an average score here means not noticed.", "note")]
