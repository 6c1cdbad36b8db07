"""Design a choice study (conjoint): attributes, and tasks that tell much by few answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.research.answers import ResearchError
from workbench.research.sampling import LEVEL, SampleSize
from workbench.results import Caution
from workbench.stats import normal_reach
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.stats import Flags, Floats

say = texts(__name__)

# --- What a choice study varies

Level = float | int | str
Prior = float | dict[str, float]
Pair = tuple[tuple[str, Level], tuple[str, Level]]
"""Two levels that must not meet in one alternative: ((attribute, level), (attribute, level))."""


@dataclass(frozen=True)
class Attribute:
    """One thing that differs between alternatives; numbers count as a quantity, words as kinds.

    A `straight` quantity is believed to count in proportion: then its ends tell most, and the levels between are hardly
    shown. Otherwise every level counts by itself, so that a bend can be seen.

    Parameters
    ----------
    name
        What it is called.
    levels
        Numbers count as a quantity, words as kinds.
    prior
        What is believed about its utility: per unit for a quantity, per level for words (left out is 0).
    straight
        Whether a quantity counts in proportion.

    Raises
    ------
    ResearchError
        When there are fewer than two different levels, or the prior of words does not name them.

    Examples
    --------
    >>> from workbench.research import Attribute
    >>> price = Attribute("price", (10, 20, 40), prior=-0.1, straight=True)
    >>> price.coded.round(2).tolist(), price.utility.round(2).tolist()
    ([[-1.0], [-0.33], [1.0]], [1.5, 0.5, -1.5])
    """

    name: str
    levels: tuple[Level, ...]
    prior: Prior = 0.0
    straight: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(self.levels))
        if len(self.levels) < 2 or len(set(self.levels)) < len(self.levels):  # noqa: PLR2004 - one level varies nothing
            raise ResearchError(f"{self.name} has too few different levels.", "Give two or more, each once.")
        if isinstance(self.prior, dict):
            unknown = [name for name in self.prior if name not in map(str, self.levels)]
            if self.is_quantity or unknown:
                raise ResearchError(f"The prior of {self.name} does not fit its levels.", "Name its levels, in words.")
        elif not self.is_quantity and self.prior:
            raise ResearchError(f"The levels of {self.name} are words.", "Give a prior for each level by name.")

    @property
    def is_quantity(self) -> bool:
        """Tell whether all levels are numbers."""
        return all(isinstance(level, int | float) and not isinstance(level, bool) for level in self.levels)

    @property
    def coded(self) -> Floats:
        """Return levels x columns: a straight quantity from -1 to 1, else the effects of levels against the last."""
        if self.is_quantity and self.straight:
            values = np.array(self.levels, dtype=float)
            middle, half = (values.max() + values.min()) / 2, (values.max() - values.min()) / 2
            return ((values - middle) / half)[:, None]
        columns = np.eye(len(self.levels))[:, :-1]
        columns[-1] = -1
        return columns

    @property
    def utility(self) -> Floats:
        """Return what each level adds to utility under the prior, with mean zero for words."""
        if isinstance(self.prior, dict):
            given = np.array([self.prior.get(str(level), 0.0) for level in self.levels])
            return given - given.mean()
        if not self.is_quantity:
            return np.zeros(len(self.levels))
        values = np.array(self.levels, dtype=float)
        return float(self.prior) * (values - (values.max() + values.min()) / 2)


def prohibited_mask(attributes: Sequence[Attribute], prohibited: Iterable[Pair]) -> Flags:
    """Return an array with an axis per attribute, True for combinations of levels that must not be shown."""
    mask = np.zeros([len(each.levels) for each in attributes], dtype=bool)
    places = {each.name: at for at, each in enumerate(attributes)}
    for pair in prohibited:
        where: list[slice | int] = [slice(None)] * len(attributes)
        for name, level in pair:
            if name not in places or level not in attributes[places[name]].levels:
                raise ResearchError(f"{name}: {level} is not part of the study.", "Prohibit levels that are.")
            where[places[name]] = attributes[places[name]].levels.index(level)
        mask[tuple(where)] = True
    if mask.all() or any(mask.take(at, axis=axis).all() for axis, size in enumerate(mask.shape) for at in range(size)):
        raise ResearchError("The prohibited pairs leave some level without any use.", "Prohibit fewer pairs.")
    return mask


def with_priors(attributes: Iterable[Attribute], priors: Mapping[str, Prior]) -> tuple[Attribute, ...]:
    """Return the attributes with these priors; ResearchError for a name that is no attribute."""
    known = tuple(attributes)
    unknown = set(priors) - {each.name for each in known}
    if unknown:
        raise ResearchError(f"There are priors for {', '.join(sorted(unknown))}.", "Give priors of attributes only.")
    return tuple(replace(each, prior=priors.get(each.name, each.prior)) for each in known)


# --- The tasks of a choice study, and how even they are

Kind = Literal["balanced", "efficient"]


@dataclass(frozen=True, eq=False)
class ChoiceDesign:
    """Tasks for a choice study: `tasks` holds level numbers, versions x tasks x alternatives x attributes.

    Attributes
    ----------
    attributes
        What differs between alternatives.
    tasks
        Level numbers, versions x tasks x alternatives x attributes.
    none
        Whether choosing none is offered.
    kind
        balanced or efficient.
    d_error
        Of one respondent under the priors, averaged over versions: half of it needs half the respondents for the same
        standard errors.
    random_d_error
        What tasks drawn by chance give.
    cautions
        What to know before using it.

    Examples
    --------
    >>> from workbench.research import design_choices
    >>> design = design_choices({"price": [10, 20, 30], "support": ["mail", "phone"]}, tasks=6, alternatives=2)
    >>> design.tasks.shape, bool(design.d_error < design.random_d_error)
    ((1, 6, 2, 2), True)
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
        asked = say("asked", tasks=tasks, alternatives=alternatives, offers_none=self.none, versions=versions)
        return say("reading", asked=asked, error=self.d_error, gained=self.random_d_error / self.d_error - 1)


def _overlap(levels: NDArray[np.intp]) -> float:
    alternatives = levels.shape[-1]
    same = [levels[..., a] == levels[..., b] for a in range(alternatives) for b in range(a)]
    return float(np.mean(same))


# --- How much a choice design tells: its information under the priors, as one number the search makes small

_SINGULAR = 1e6


@dataclass(frozen=True, eq=False)
class DesignInformation:
    """Measures tasks given as level numbers (tasks x alternatives x attributes).

    `codes` are levels x columns per attribute, padded to one height; `utilities` what each level adds. `none` adds
    an alternative that has nothing but its own constant, with the utility `none_utility`.
    """

    columns: tuple[Floats, ...]
    utilities: tuple[Floats, ...]
    none: bool
    none_utility: float = 0.0

    @classmethod
    def of(cls, attributes: Sequence[Attribute], *, none: bool, none_utility: float = 0.0) -> DesignInformation:
        """Return the measure of designs with these attributes and their priors."""
        return cls(
            tuple(each.coded for each in attributes), tuple(each.utility for each in attributes), none, none_utility
        )

    @property
    def parameters(self) -> int:
        """Count the coefficients a model of these choices has."""
        return sum(columns.shape[1] for columns in self.columns) + self.none

    def information(self, tasks: NDArray[np.intp]) -> Floats:
        """Return the information of each task: tasks x parameters x parameters (McFadden's logit)."""
        coded = np.concatenate([columns[tasks[..., at]] for at, columns in enumerate(self.columns)], axis=-1)
        utility = sum(values[tasks[..., at]] for at, values in enumerate(self.utilities))
        utility = np.asarray(utility, dtype=float)
        if self.none:
            coded = np.concatenate([coded, np.zeros((*coded.shape[:-1], 1))], axis=-1)
            alone = np.zeros((*coded.shape[:-2], 1, coded.shape[-1]))
            alone[..., -1] = 1
            coded = np.concatenate([coded, alone], axis=-2)
            utility = np.concatenate([utility, np.full((*utility.shape[:-1], 1), self.none_utility)], axis=-1)
        share = _shares(utility)
        centred = coded - (share[..., None] * coded).sum(axis=-2, keepdims=True)
        return np.einsum("...jk,...j,...jl->...kl", centred, share, centred)

    def d_error(self, information: Floats) -> Floats:
        """Return the D-error of summed information: the determinant of its inverse, to the power 1/parameters."""
        sign, log = np.linalg.slogdet(information)
        return np.where(sign > 0, np.exp(np.minimum(-log / self.parameters, np.log(_SINGULAR))), _SINGULAR)


def _shares(utility: Floats) -> Floats:
    """Return what share of a task each of its alternatives gets, by the logit rule."""
    odds = np.exp(utility - utility.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


# --- Find efficient choice tasks

_LEAST_GAIN = 1e-9
_PARTNERS = 24
_ROUNDS = 12


def random_start(
    random: np.random.Generator, shape: tuple[int, int], levels: tuple[int, ...], mask: Flags
) -> NDArray[np.intp]:
    """Return tasks (tasks x alternatives x attributes) in which every level is equally frequent, where that can be.

    Levels are dealt so that alternatives of a task differ as much as they can; alternatives that are prohibited or
    occur twice in a task are repaired by swaps, or drawn anew where no swap helps.
    """
    tasks, alternatives = shape
    columns = []
    for size in levels:
        needed = tasks * alternatives
        deck = np.concatenate([random.permutation(size) for _ in range(-(-needed // size))])[:needed]
        columns.append(deck.reshape(shape)[random.permutation(tasks)])
    design = np.stack(columns, axis=-1)
    for _ in range(50):
        bad = np.flatnonzero(~task_allowed(design, mask))
        if not bad.size:
            return design
        for task in bad:
            for column in range(len(levels)):
                other = random.integers(tasks)
                here, there = random.integers(alternatives, size=2)
                design[task, here, column], design[other, there, column] = (
                    design[other, there, column], design[task, here, column],
                )  # fmt: skip
    allowed = np.argwhere(~mask)
    for task in np.flatnonzero(~task_allowed(design, mask)):
        design[task] = random.choice(allowed, alternatives, replace=len(allowed) < alternatives)
    return design


def task_allowed(design: NDArray[np.intp], mask: Flags) -> Flags:
    """Tell for each task whether its alternatives are allowed and all different."""
    prohibited = mask[tuple(np.moveaxis(design, -1, 0))].any(axis=-1)
    number = np.ravel_multi_index(tuple(np.moveaxis(design, -1, 0)), mask.shape)
    ordered = np.sort(number, axis=-1)
    return ~prohibited & (np.diff(ordered, axis=-1) > 0).all(axis=-1)


def exchange_levels(design: NDArray[np.intp], measure: DesignInformation, mask: Flags) -> NDArray[np.intp]:
    """Return the design after changing single levels, each to the best one, until no change tells more."""
    design = design.copy()
    each = measure.information(design)
    total = each.sum(axis=0)
    best = float(measure.d_error(total))
    for _ in range(_ROUNDS):
        before = best
        for task, place, column in np.ndindex(*design.shape):
            tried = np.repeat(design[task][None], mask.shape[column], axis=0)
            tried[:, place, column] = np.arange(mask.shape[column])
            tried = tried[task_allowed(tried, mask)]
            if not len(tried):
                continue
            information = measure.information(tried)
            errors = measure.d_error(total - each[task] + information)
            at = int(np.argmin(errors))
            if errors[at] < best * (1 - _LEAST_GAIN):
                total = total - each[task] + information[at]
                design[task], each[task], best = tried[at], information[at], float(errors[at])
        if best > before * (1 - 1e-4):
            break
    return design


def swap_levels(
    random: np.random.Generator, design: NDArray[np.intp], measure: DesignInformation, mask: Flags
) -> NDArray[np.intp]:
    """Return the design after swapping levels of an attribute between alternatives while it tells more.

    A swap leaves how often each level is shown as it is.
    """
    design = design.copy()
    each = measure.information(design)
    total = each.sum(axis=0)
    best = float(measure.d_error(total))
    tasks, alternatives, _ = design.shape
    for _ in range(_ROUNDS):
        before = best
        for task, place, column in np.ndindex(*design.shape):
            partners = np.column_stack(
                [random.integers(tasks, size=_PARTNERS), random.integers(alternatives, size=_PARTNERS)]
            )
            here = design[task, place, column]
            differ = design[partners[:, 0], partners[:, 1], column] != here
            partners = partners[differ & (partners[:, 0] != task)]
            if not len(partners):
                continue
            mine = np.repeat(design[task][None], len(partners), axis=0)
            theirs = design[partners[:, 0]].copy()
            at = np.arange(len(partners))
            mine[:, place, column] = theirs[at, partners[:, 1], column]
            theirs[at, partners[:, 1], column] = here
            fine = task_allowed(mine, mask) & task_allowed(theirs, mask)
            mine, theirs, partners = mine[fine], theirs[fine], partners[fine]
            if not len(partners):
                continue
            new_mine, new_theirs = measure.information(mine), measure.information(theirs)
            errors = measure.d_error(total - each[task] - each[partners[:, 0]] + new_mine + new_theirs)
            won = int(np.argmin(errors))
            if errors[won] < best * (1 - _LEAST_GAIN):
                other = partners[won, 0]
                total = total - each[task] - each[other] + new_mine[won] + new_theirs[won]
                design[task], design[other] = mine[won], theirs[won]
                each[task], each[other], best = new_mine[won], new_theirs[won], float(errors[won])
        if best > before * (1 - 1e-3):
            break
    return design


def into_versions(random: np.random.Generator, design: NDArray[np.intp], versions: int) -> NDArray[np.intp]:
    """Return tasks in an order in which equal parts (versions) each show every level about equally often."""
    tasks = len(design)
    size = tasks // versions
    levels = int(design.max()) + 1
    counts = np.stack([(design == level).sum(axis=1) for level in range(levels)], axis=-1).reshape(tasks, -1)
    target = counts.sum(axis=0) / versions
    order = random.permutation(tasks)

    def lopsided(parts: NDArray[np.intp]) -> float:
        return float(((counts[parts].sum(axis=1) - target) ** 2).sum())

    parts = order.reshape(versions, size)
    best = lopsided(parts)
    for _ in range(min(4000, 40 * tasks) if versions > 1 else 0):
        first, second = random.integers(versions, size=2)
        here, there = random.integers(size, size=2)
        tried = parts.copy()
        tried[first, here], tried[second, there] = parts[second, there], parts[first, here]
        if (found := lopsided(tried)) < best:
            parts, best = tried, found
    return design[parts.ravel()]


# --- Design a choice study: which offers to show side by side, so that few answers tell much

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

    Returns
    -------
    ChoiceDesign
        The tasks, and how much they tell beside tasks drawn by chance.

    Raises
    ------
    ResearchError
        When the tasks cannot tell the attributes apart or cannot be filled.

    References
    ----------
    Kessels, Jones, Goos and Vandebroek (2009), An efficient algorithm for constructing Bayesian optimal choice designs,
    doi:10.1198/jbes.2009.0026, for the exchange of single levels; Zwerina, Huber and Kuhfeld (1996), A general method
    for constructing efficient choice designs, for D-error and swaps.

    Examples
    --------
    >>> from workbench.research import design_choices
    >>> levels = {"price": [10, 20, 30], "support": ["mail", "phone"]}
    >>> design = design_choices(levels, tasks=6, alternatives=2, kind="balanced", none=False)
    >>> design.level_balance["shown"].tolist()
    [4, 4, 4, 6, 6]
    """
    known = _attributes(attributes, priors or {})
    mask = prohibited_mask(known, prohibited)
    _check(mask, tasks, alternatives, versions)
    measure = DesignInformation.of(known, none=none, none_utility=none_prior)
    random = np.random.default_rng(seed)
    shape, levels = (tasks * versions, alternatives), mask.shape
    best, best_error, chance = None, np.inf, []
    for _ in range(starts):
        start = random_start(random, shape, levels, mask)
        chance.append(_error(measure, start, versions))
        found = (
            swap_levels(random, start, measure, mask) if kind == "balanced" else exchange_levels(start, measure, mask)
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
    ordered = into_versions(random, best, versions).reshape(versions, tasks, alternatives, len(known))
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


def _check(mask: Flags, tasks: int, alternatives: int, versions: int) -> None:
    if min(tasks, versions) < 1 or alternatives < 2:  # noqa: PLR2004 - a choice is between two
        raise ResearchError("A design has a task, a version and two alternatives at least.", "Write larger numbers.")
    if (~mask).sum() < alternatives:
        raise ResearchError("There are fewer allowed offers than alternatives in a task.", "Show fewer, or allow more.")


def _error(measure: DesignInformation, design: NDArray[np.intp], versions: int) -> float:
    return float(measure.d_error(measure.information(design).sum(axis=0) / versions))


def _cautions(attributes: tuple[Attribute, ...], tasks: NDArray[np.intp], mask: Flags) -> tuple[Caution, ...]:
    found = []
    for at, each in enumerate(attributes):
        shown = np.bincount(tasks[..., at].ravel(), minlength=len(each.levels))
        if shown.min() < (1 - _UNEVEN) * shown.mean():
            rare = each.levels[int(shown.argmin())]
            text = say("rarely_shown", name=each.name, rare=rare, least=shown.min(), most=shown.max())
            found.append(Caution(text, "note"))
    utility = np.asarray(sum(each.utility[tasks[..., at]] for at, each in enumerate(attributes)))
    if np.ptp(utility):
        sure = float((_shares(utility).max(axis=-1) > 0.9).mean())  # noqa: PLR2004 - nearly everybody
        if sure > 0.1:  # noqa: PLR2004 - a tenth of the tasks
            found.append(Caution(say("no_doubt", sure=sure)))
    if not any(each.prior for each in attributes):
        found.append(Caution(say("no_priors"), "note"))
    if mask.any():
        found.append(Caution(say("prohibited", share=float(mask.mean())), "note"))
    return tuple(found)


# --- How many respondents a design needs


def respondents_for_choice(
    width: float, design: ChoiceDesign, attribute: str, *, price: str = "price", level: float = LEVEL
) -> SampleSize:
    """Return the size for the willingness to pay of an attribute, where `width` is in money.

    The attribute is worth so much per unit (a quantity), or in its last level against its first (words). Tastes are
    taken to be equal; where they differ, more respondents are needed.

    Parameters
    ----------
    width
        Whole width of the interval, in money.
    design
        The tasks, with a prior of the price.
    attribute
        What is to be known.
    price
        The price attribute.
    level
        What the interval holds, between 0 and 1.

    Returns
    -------
    SampleSize
        The number, with what it stands on.

    Raises
    ------
    ResearchError
        When the design has no such attribute or no prior of the price.

    Examples
    --------
    >>> from workbench.research import Attribute, design_choices, respondents_for_choice
    >>> price, sso = Attribute("price", (10, 20, 30), -0.1, straight=True), Attribute("sso", (0, 1), 2.0)
    >>> design = design_choices([price, sso], tasks=8, alternatives=2)
    >>> [respondents_for_choice(width, design, "sso").respondents for width in (10, 5)]
    [14, 56]
    """
    found = {each.name: each for each in design.attributes}
    if not {attribute, price} <= set(found):
        raise ResearchError(f"The design has no {attribute} or no {price}.", "Change the settings.")
    slope = found[price].prior
    if not isinstance(slope, int | float) or slope == 0 or not found[price].is_quantity:
        why = "The prior of the price says how strongly it counts; without it nothing is worth any money."
        raise ResearchError(why, "Change the settings.")
    columns = [_columns(each) for each in design.attributes]
    measure = DesignInformation(tuple(columns), tuple(each.utility for each in design.attributes), design.none)
    covariance = np.linalg.inv(measure.information(design.tasks).sum(axis=1).mean(axis=0))
    ends = dict(zip(found, np.cumsum([each.shape[1] for each in columns]).tolist(), strict=True))
    gradient = np.zeros(len(covariance))
    gradient[ends[attribute] - 1] = -1 / slope
    gradient[ends[price] - 1] = _worth(found[attribute]) / slope**2
    one = math.sqrt(gradient @ covariance @ gradient)
    return SampleSize(math.ceil((2 * normal_reach(level) * one / width) ** 2), width, level, say("of_a_choice"))


def _worth(attribute: Attribute) -> float:
    """Return the prior of one unit of a quantity, or of the last level of words against the first."""
    if attribute.is_quantity:
        return float(attribute.prior)  # type: ignore[arg-type]  # a quantity's prior is a number
    return float(attribute.utility[-1] - attribute.utility[0])


def _columns(attribute: Attribute) -> Floats:
    """Return levels x columns of a model: a quantity straight, words against their first level."""
    if attribute.is_quantity:
        return np.array(attribute.levels, dtype=float)[:, None]
    return np.eye(len(attribute.levels))[:, 1:]
