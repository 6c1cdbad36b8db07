"""What of a chart has rows to draw: layers without any are left out, and a chart without any is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pandas.api import types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

_PLACES = ("x", "x2", "y", "y2")
Spec = dict[str, Any]


def has_marks(spec: Spec, data: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether anything would be seen of the first data set, which is what a chart is about."""
    main = next(iter(data), None)
    views = [view for view in _views(spec) if view["data"] == main] or [*_views(spec)]
    return any(_is_seen(view["mark"]) and _has_rows(view, data) for view in views)


def without_empty_layers(spec: Spec, data: Mapping[str, pd.DataFrame]) -> Spec:
    """Return a specification without the layers that have no row to draw; their scales would reach to infinity."""
    return _kept(spec, data, {"data": None, "encoding": {}})


def _kept(spec: Spec, data: Mapping[str, pd.DataFrame], above: Spec) -> Spec:
    inside = _inherited(spec, above)
    if "layer" in spec:
        full = [each for each in spec["layer"] if any(_has_rows(view, data) for view in _views(each, inside))]
        return {**spec, "layer": [_kept(each, data, inside) for each in full or spec["layer"]]}
    return {**spec, "spec": _kept(spec["spec"], data, inside)} if "spec" in spec else spec


def _views(spec: Spec, above: Spec | None = None) -> Iterator[Spec]:
    """Return every single view of a chart as its mark, the name of its data, and its encoding with what it inherits."""
    inside = _inherited(spec, above or {"data": None, "encoding": {}})
    if "mark" in spec:
        yield {**inside, "mark": spec["mark"]}
    for each in (*spec.get("layer", ()), *([spec["spec"]] if "spec" in spec else ())):
        yield from _views(each, inside)


def _inherited(spec: Spec, above: Spec) -> Spec:
    return {
        "data": spec.get("data", {}).get("name", above["data"]),
        "encoding": {**above["encoding"], **spec.get("encoding", {})},
    }


def _is_seen(mark: str | Spec) -> bool:
    return isinstance(mark, str) or mark.get("opacity") != 0


def _has_rows(view: Spec, data: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether a view has a row whose places are known; what its chart works out itself is taken as known."""
    frame = data.get(view["data"])
    if frame is None:
        return True  # rows of its own
    fields = {view["encoding"].get(place, {}).get("field") for place in _PLACES} & set(frame.columns)
    known = np.ones(len(frame), dtype=bool)
    for field in fields:
        known = known & _known(frame[field])
    return bool(known.any())


def _known(column: pd.Series) -> np.ndarray:
    if types.is_float_dtype(column):
        return np.isfinite(column.to_numpy(dtype="float64", na_value=np.nan))
    return column.notna().to_numpy(dtype=bool)
