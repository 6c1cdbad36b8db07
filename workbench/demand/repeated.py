"""A table of a choice task that is the same in every draw: kept once per customer, given out row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike, NDArray


class Repeated:
    """Stands for an array of customers x draws rows, customer by customer, whose `values` are one row per customer.

    It is read as that array would be, `table[rows, column]`, and becomes it wherever numpy wants the whole.
    """

    def __init__(self, values: NDArray[Any], draws: int) -> None:
        self.values = np.asfortranarray(values)
        self._draws = draws

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the whole."""
        return (len(self.values) * self._draws, *self.values.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the precision of the values."""
        return self.values.dtype

    @property
    def T(self) -> Iterator[NDArray[Any]]:  # noqa: N802 - as numpy names it
        """Go through the columns."""
        return (self[:, column] for column in range(self.values.shape[1]))

    def __getitem__(self, key: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever indexes an array
        """Return rows, or rows of one column."""
        rows, *columns = key if isinstance(key, tuple) else (key,)
        if isinstance(rows, slice) and rows.step in (None, 1):
            start, stop, _ = rows.indices(self.shape[0])
            first, last = start // self._draws, -(-stop // self._draws)
            some = np.repeat(self.values[(slice(first, last), *columns)], self._draws, axis=0)
            return some[start - first * self._draws : stop - first * self._draws]
        places = np.arange(self.shape[0])[rows] if isinstance(rows, slice) else np.asarray(rows)
        if places.dtype == bool:
            places = np.flatnonzero(places)
        found: NDArray[Any] = self.values[(places // self._draws, *columns)]
        return found

    def __array__(self, dtype: DTypeLike | None = None, *, copy: bool | None = None) -> NDArray[Any]:
        """Return the whole array."""
        return np.asarray(self[:], dtype=dtype)


__all__ = ["Repeated"]
