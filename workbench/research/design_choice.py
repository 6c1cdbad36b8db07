"""Design a choice study: which offers to show side by side, so that few answers tell much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import percent
from workbench.research import design_search as search
from workbench.research.design_attributes import Attribute, Pair, prohibited_mask, with_priors
from workbench.research.design_choice_tasks import ChoiceDesign
from workbench.research.design_efficiency import Measure
from workbench.research.errors import ResearchError
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.research.design_attributes import Prior
    from workbench.research.design_choice_tasks import Kind

_UNEVEN = 0.2


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
