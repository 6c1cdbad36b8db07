"""What to say to a customer whose bill changes: a suggestion to start from, by the size and way of the change."""

from __future__ import annotations

import math

from workbench.formatting import billed, percent

NOTHING_MOVES = 0.005  # a change below half a percent needs no conversation
SMALL = 0.05
STEEP = 0.25
_A_CENT = 0.01


def talking_point(old: float, new: float, first: float, currency: str, *, optional: bool = False) -> str:
    """Suggest what to say about a bill of `old` that becomes `new` (a month), and `first` in its first changed month.

    `optional` means that the customer may choose.
    """
    rise = new / old - 1 if old else (math.inf if new else 0.0)
    if optional:
        return _choice(old, new, first, currency)
    if abs(rise) < NOTHING_MOVES:
        return "The bill stays as it is: say what is new in the plan, and that nothing has to be done."
    if rise < 0:
        return f"The bill falls by {billed(old - new, currency)} a month: say so first, then what it could buy."
    if math.isinf(rise):
        return "Used to be free: show what was used and what it was worth before naming the price, and how to limit it."
    text = _by_size(rise, billed(new - old, currency))
    if first < new * (1 - NOTHING_MOVES):
        text += f" It comes in steps; the first bill is {billed(first, currency)}."
    return text


def _by_size(rise: float, more: str) -> str:
    start = f"{more} a month more ({percent(rise, 1 if rise <= SMALL else 0, signed=True)}): "
    if rise <= SMALL:
        return start + "a short letter with the reason and the date will do."
    if rise <= STEEP:
        return start + (
            "show the value received since the last price, explain what is counted now, and offer a longer term at a "
            "fixed price."
        )
    return start + (
        "call before the letter goes out. Go through the bill item by item, show how usage or plan could be adjusted, "
        "and have a step or a commitment ready to offer."
    )


def _choice(old: float, new: float, first: float, currency: str) -> str:
    if old - new >= _A_CENT:
        return f"May move and save {billed(old - new, currency)} a month: show both bills and offer to switch."
    if first < old:
        return (
            f"May move and start at {billed(first, currency)} instead of {billed(old, currency)}: show what the new "
            f"prices add, and that the full price of {billed(new, currency)} follows."
        )
    return (
        f"May stay at {billed(old, currency)}. Moving costs {billed(new - old, currency)} a month more: bring it up "
        "only where the new plan solves something this customer has asked for."
    )
