"""How much a choice design tells: its information under the priors, as one number the search makes small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.research.design_attributes import Attribute

_SINGULAR = 1e6


@dataclass(frozen=True, eq=False)
class Measure:
    """Measures tasks given as level numbers (tasks x alternatives x attributes).

    `codes` are levels x columns per attribute, padded to one height; `utilities` what each level adds. `none` adds
    an alternative that has nothing but its own constant, with the utility `none_utility`.
    """

    columns: tuple[NDArray[np.float64], ...]
    utilities: tuple[NDArray[np.float64], ...]
    none: bool
    none_utility: float = 0.0

    @classmethod
    def of(cls, attributes: Sequence[Attribute], *, none: bool, none_utility: float = 0.0) -> Measure:
        """Return the measure of designs with these attributes and their priors."""
        return cls(
            tuple(each.coded for each in attributes), tuple(each.utility for each in attributes), none, none_utility
        )

    @property
    def parameters(self) -> int:
        """Count the coefficients a model of these choices has."""
        return sum(columns.shape[1] for columns in self.columns) + self.none

    def information(self, tasks: NDArray[np.intp]) -> NDArray[np.float64]:
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
        odds = np.exp(utility - utility.max(axis=-1, keepdims=True))
        share = odds / odds.sum(axis=-1, keepdims=True)
        centred = coded - (share[..., None] * coded).sum(axis=-2, keepdims=True)
        return np.einsum("...jk,...j,...jl->...kl", centred, share, centred)

    def d_error(self, information: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the D-error of summed information: the determinant of its inverse, to the power 1/parameters."""
        sign, log = np.linalg.slogdet(information)
        return np.where(sign > 0, np.exp(np.minimum(-log / self.parameters, np.log(_SINGULAR))), _SINGULAR)
