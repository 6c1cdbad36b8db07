"""What respondents cannot say: segments nobody answered for, and segments few answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.results import Caution

if TYPE_CHECKING:
    from workbench.demand.customers import Customers

_FEW = 30


def about_segments(respondents: Customers, accounts: Customers) -> tuple[Caution, ...]:
    """Return the cautions that name the segments nobody answered for, and those few answered for."""
    sizes = {name: int((respondents.segment == name).sum()) for name in accounts.segments}
    none = [name for name, size in sizes.items() if not size]
    few = [f"{name} ({size})" for name, size in sizes.items() if 0 < size < _FEW]
    said = []
    if none:
        said.append(Caution(f"Nobody answered for {', '.join(none)}: these accounts take the answers of all others."))
    if few:
        said.append(Caution(f"Few answers, so wide intervals: {', '.join(few)}."))
    return tuple(said)
