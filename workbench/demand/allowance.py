"""What limits do to the worth of a plan: the part of each customer's need that it allows for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.pricing import Limit


def part_served(customers: Customers, limits: Iterable[Limit], beyond_limit: str) -> NDArray[np.float64]:
    """Return the part of each customer's need that limits allow for: 1 within them, 0 where the plan cannot serve.

    Beyond a limit that is 0 when `beyond_limit` is "cannot serve", else the allowed part of the need (of the
    tightest limit). A need that is not known is taken to fit. Usage that is billed beyond an included amount is no
    limit: it is on the bill.
    """
    served = np.ones(len(customers))
    for limit in limits:
        if limit.up_to is None or limit.metric not in customers.needs:
            continue
        need, most = customers.needs[limit.metric], float(limit.up_to)
        beyond = need > most
        part = most / need[beyond] if beyond_limit == "worth less" else 0.0
        served[beyond] = np.minimum(served[beyond], part)
    return served


def lacks_a_must(customers: Customers, must_have: Iterable[str], features: Iterable[str]) -> NDArray[np.bool_]:
    """Return who uses a must-have feature that an offer with these features lacks; everybody where use is unknown."""
    lacks = np.zeros(len(customers), dtype=bool)
    for name in set(must_have) - set(features):
        if customers.uses is None or name not in customers.feature_names:
            lacks |= customers.uses is None
        else:
            lacks |= customers.uses[:, customers.feature_names.index(name)]
    return lacks
