"""Looking values up by their kinds finds what looking each up would find."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from workbench.customers.values import places

NAMES = st.sampled_from(["a", "b", "c", "ß", "d e", "A"])


@given(st.lists(st.none() | NAMES), st.lists(NAMES, unique=True))
def test_every_value_is_found_where_it_stands(wanted: list[str | None], known: list[str]) -> None:
    """A value's place is that of the list; what is missing or on no list is nowhere."""
    found = places(pd.Series(wanted, dtype="str"), pd.Series(known, dtype="str"))
    np.testing.assert_array_equal(found, [known.index(each) if each in known else -1 for each in wanted])
