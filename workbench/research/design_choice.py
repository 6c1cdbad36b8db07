"""Design a choice study: which offers to show side by side, so that few answers tell much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import count, number, percent
from workbench.research import design_search as search
from workbench.research.design_attributes import Attribute, Pair, prohibited_mask, with_priors
from workbench.research.design_efficiency import Measure
from workbench.research.errors import ResearchError
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.research.design_attributes import Prior

Kind = Literal["balanced", "efficient"]
_UNEVEN = 0.2


@dataclass(frozen=True, eq=False)
class ChoiceDesign:
    """Tasks for a choice study: `tasks` holds level numbers, versions x tasks x alternatives x attributes.

    `d_error` is that of one respondent under the priors, averaged over versions: half of it needs half the
    respondents for the same standard errors. `random_d_error` is what tasks drawn by chance give.
    """

    attributes: tuple[Attribute, ...]
    tasks: NDArray[np.intp] = field(repr=False)
    none: bool
    kind: Kind
    d_error: float
    random_d_error: float
    cautions: tuple[Caution, ...] = ()

    @property
    def versions(self) -> int:
        """Count the versions; each respondent answers one."""
        return len(self.tasks)

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row per version, task and alternative, a column per attribute, and `none` where it is offered.

        The row of choosing none comes last in its task; its quantities are 0 and its words empty.
        """
        versions, tasks, alternatives, _ = self.tasks.shape
        grid = np.indices((versions, tasks, alternatives)).reshape(3, -1) + 1
        frame = pd.DataFrame(dict(zip(("version", "task", "alternative"), grid, strict=True)))
        for at, each in enumerate(self.attributes):
            levels = np.array(each.levels, dtype=None if each.is_quantity else object)
            frame[each.name] = levels[self.tasks[..., at].ravel()]
        if not self.none:
            return frame
        empty = frame.drop_duplicates(["version", "task"]).assign(
            alternative=alternatives + 1,
            **{each.name: 0 if each.is_quantity else "" for each in self.attributes},
            none=1,
        )
        both = pd.concat([frame.assign(none=0), empty], ignore_index=True)
        return both.sort_values(["version", "task", "alternative"], ignore_index=True)

    @property
    def level_balance(self) -> pd.DataFrame:
        """Return one row per attribute and level: how often it is shown, and how often equal showing would be."""
        rows = []
        for at, each in enumerate(self.attributes):
            shown = np.bincount(self.tasks[..., at].ravel(), minlength=len(each.levels))
            rows += [
                {"attribute": each.name, "level": str(level), "shown": int(times), "equal": shown.mean()}
                for level, times in zip(each.levels, shown, strict=True)
            ]
        return pd.DataFrame(rows)

    @property
    def overlap(self) -> pd.Series:
        """Return per attribute the share of pairs of alternatives in a task that show the same level."""
        return pd.Series(
            {each.name: _overlap(self.tasks[..., at]) for at, each in enumerate(self.attributes)}, name="overlap"
        )

    @property
    def reading(self) -> str:
        """Say what the design asks of a respondent and what it gains over chance."""
        versions, tasks, alternatives, _ = self.tasks.shape
        gained = self.random_d_error / self.d_error - 1
        offers = f"{count('task', tasks)} of {count('offer', alternatives)}{' or none' if self.none else ''}"
        which = f", in one of {versions} versions" if versions > 1 else ""
        return (
            f"Each respondent answers {offers}{which}. The D-error is {number(self.d_error)}; tasks dealt by chance "
            f"would need {percent(gained)} more respondents for the same precision."
        )


def design_choices(
    attributes: Sequence[Attribute] | Mapping[str, Sequence],
    *,
    tasks: int = 8,
    alternatives: int = 3,
    versions: int = 1,
    kind: Kind = "efficient",
    priors: Mapping[str, Prior] | None = None,
    prohibited: Iterable[Pair] = (),
    none: bool = True,
    none_prior: float = 0.0,
    starts: int = 4,
    seed: int = 1,
) -> ChoiceDesign:
    """Return a choice design: balanced (every level equally often) or efficient (smallest D-error found).

    Parameters
    ----------
    attributes
        Attributes, or names with their levels.
    tasks, alternatives, versions
        Tasks a respondent answers, offers side by side, and how many versions there are.
    kind
        "balanced" swaps levels so that each stays equally frequent; "efficient" exchanges any level.
    priors, none_prior
        Believed utilities, as in `Attribute`; nothing given means every choice is equally likely.
    prohibited
        Pairs of levels no offer may combine.
    none
        Offer to choose none.
    starts, seed
        The best of several random starts is kept; the same seed gives the same design.

    Raises ResearchError when the tasks cannot tell the attributes apart or cannot be filled.
    Source: Kessels, Jones, Goos and Vandebroek (2009), An efficient algorithm for constructing Bayesian optimal choice
    designs, doi:10.1198/jbes.2009.0026, for the exchange of single levels; Zwerina, Huber and Kuhfeld (1996), A general
    method for constructing efficient choice designs, for D-error and swaps.
    """
    known = _attributes(attributes, priors or {})
    mask = prohibited_mask(known, prohibited)
    _check(mask, tasks, alternatives, versions)
    measure = Measure.of(known, none=none, none_utility=none_prior)
    random = np.random.default_rng(seed)
    shape, levels = (tasks * versions, alternatives), mask.shape
    best, best_error, chance = None, np.inf, []
    for _ in range(starts):
        start = search.random_start(random, shape, levels, mask)
        chance.append(_error(measure, start, versions))
        found = (
            search.swap_levels(random, start, measure, mask)
            if kind == "balanced"
            else search.exchange_levels(start, measure, mask)
        )
        error = _error(measure, found, versions)
        if best is None or error < best_error:
            best, best_error = found, error
    assert best is not None  # noqa: S101 - there was a start
    if not np.isfinite(best_error) or np.linalg.matrix_rank(measure.information(best).sum(axis=0)) < measure.parameters:
        raise ResearchError(
            f"{tasks * versions} tasks cannot tell {measure.parameters} effects apart.",
            "Ask more tasks or versions, or vary less.",
        )
    ordered = search.into_versions(random, best, versions).reshape(versions, tasks, alternatives, len(known))
    return ChoiceDesign(
        known, ordered, none, kind, best_error, float(np.median(chance)), _cautions(known, ordered, mask)
    )


def _attributes(
    attributes: Sequence[Attribute] | Mapping[str, Sequence], priors: Mapping[str, Prior]
) -> tuple[Attribute, ...]:
    given = (
        [Attribute(name, tuple(levels)) for name, levels in attributes.items()]
        if hasattr(attributes, "items")
        else attributes
    )
    known = with_priors(given, priors)
    names = [each.name for each in known]
    taken = {"respondent", "task", "alternative", "chosen", "version", "none", "weight", "segment", "account_id"}
    if not names or len(set(names)) < len(names) or taken & set(names):
        raise ResearchError(
            f"The attributes {', '.join(names) or '(none)'} cannot be columns of an answer file.",
            f"Name each once, and none of them {', '.join(sorted(taken))}.",
        )
    return known


def _check(mask: NDArray[np.bool_], tasks: int, alternatives: int, versions: int) -> None:
    if min(tasks, versions) < 1 or alternatives < 2:  # noqa: PLR2004 - a choice is between two
        raise ResearchError("A design has a task, a version and two alternatives at least.", "Write larger numbers.")
    if (~mask).sum() < alternatives:
        raise ResearchError("There are fewer allowed offers than alternatives in a task.", "Show fewer, or allow more.")


def _error(measure: Measure, design: NDArray[np.intp], versions: int) -> float:
    return float(measure.d_error(measure.information(design).sum(axis=0) / versions))


def _overlap(levels: NDArray[np.intp]) -> float:
    alternatives = levels.shape[-1]
    same = [levels[..., a] == levels[..., b] for a in range(alternatives) for b in range(a)]
    return float(np.mean(same))


def _cautions(
    attributes: tuple[Attribute, ...], tasks: NDArray[np.intp], mask: NDArray[np.bool_]
) -> tuple[Caution, ...]:
    found = []
    for at, each in enumerate(attributes):
        shown = np.bincount(tasks[..., at].ravel(), minlength=len(each.levels))
        if shown.min() < (1 - _UNEVEN) * shown.mean():
            rare = each.levels[int(shown.argmin())]
            found.append(
                Caution(f"{each.name}: {rare} is shown {shown.min()} times, {shown.max()} times another level.", "note")
            )
    utility = np.asarray(sum(each.utility[tasks[..., at]] for at, each in enumerate(attributes)))
    if np.ptp(utility):
        odds = np.exp(utility - utility.max(axis=-1, keepdims=True))
        sure = float((odds.max(axis=-1) / odds.sum(axis=-1) > 0.9).mean())  # noqa: PLR2004 - nearly everybody
        if sure > 0.1:  # noqa: PLR2004 - a tenth of the tasks
            found.append(Caution(f"In {percent(sure)} of the tasks the priors leave no doubt which offer is chosen."))
    if not any(each.prior for each in attributes):
        found.append(Caution("Without priors the design takes every choice for equally likely.", "note"))
    if mask.any():
        found.append(Caution(f"Prohibited pairs rule {percent(float(mask.mean()))} of all offers out.", "note"))
    return tuple(found)
