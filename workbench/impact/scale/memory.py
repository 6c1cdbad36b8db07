"""Amounts of memory as people write them."""

from __future__ import annotations

import re

from workbench.impact.errors import ReplayError


def memory_amount(text: str) -> tuple[int, str]:
    """Read an amount of memory: "4GiB", "4 GB" and "4g" are (4, "g"); ReplayError when it is none."""
    found = re.fullmatch(r"\s*([1-9][0-9]*)\s*([KMGT])(?:i?B)?\s*", text, re.IGNORECASE)
    if found is None:
        raise ReplayError(f"{text!r} is no amount of memory.", "Write it as 4GiB or 500MiB.")
    return int(found[1]), found[2].lower()
