"""What a choice study varies: attributes, their levels, what must not be combined, and how levels become numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

Level = float | int | str
Prior = float | dict[str, float]
Pair = tuple[tuple[str, Level], tuple[str, Level]]
"""Two levels that must not meet in one alternative: ((attribute, level), (attribute, level))."""


@dataclass(frozen=True)
class Attribute:
    """One thing that differs between alternatives; numbers count as a quantity, words as kinds.

    `prior` is what is believed about its utility: per unit for a quantity, per level for words (left out is 0).
    A `straight` quantity is believed to count in proportion: then its ends tell most, and the levels between are
    hardly shown. Otherwise every level counts by itself, so that a bend can be seen.
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
    def coded(self) -> NDArray[np.float64]:
        """Return levels x columns: a straight quantity from -1 to 1, else the effects of levels against the last."""
        if self.is_quantity and self.straight:
            values = np.array(self.levels, dtype=float)
            middle, half = (values.max() + values.min()) / 2, (values.max() - values.min()) / 2
            return ((values - middle) / half)[:, None]
        columns = np.eye(len(self.levels))[:, :-1]
        columns[-1] = -1
        return columns

    @property
    def utility(self) -> NDArray[np.float64]:
        """Return what each level adds to utility under the prior, with mean zero for words."""
        if isinstance(self.prior, dict):
            given = np.array([self.prior.get(str(level), 0.0) for level in self.levels])
            return given - given.mean()
        if not self.is_quantity:
            return np.zeros(len(self.levels))
        values = np.array(self.levels, dtype=float)
        return float(self.prior) * (values - (values.max() + values.min()) / 2)


def prohibited_mask(attributes: Sequence[Attribute], prohibited: Iterable[Pair]) -> NDArray[np.bool_]:
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
