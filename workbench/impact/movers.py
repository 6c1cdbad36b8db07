"""The accounts whose bill moves most, each with the reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from workbench.formatting import billed, percent, with_sign
from workbench.impact.bill_parts import bill_parts
from workbench.impact.errors import ReplayError
from workbench.tolerances import HALF_A_CENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.comparison import Comparison
    from workbench.impact.replay import Replay

Parts: TypeAlias = "dict[tuple[str, str], float]"

_BAND_EXPLAINS = 0.6  # of its subject's change; below it, the subject as a whole is named
_WORTH_NAMING = 0.5  # of the main cause: another one this large is part of the story


def movers(comparison: Comparison, most: int = 10, *, by: str = "change") -> pd.DataFrame:
    """Return the `most` accounts with the largest rise and the `most` with the largest fall, largest rise first.

    Each `reason` names the part of the bill that explains most of the change, as a share of the bill before.
    """
    if by not in ("change", "percent"):
        raise ReplayError(f"Accounts cannot be sorted by {by!r}.", 'Write "change" or "percent".')
    if most < 0:
        raise ReplayError(f"{most} accounts cannot be listed.", "Choose how many, or 0 for none.")
    table = comparison.accounts.sort_values([by, "account_id"], ascending=[False, True], ignore_index=True)
    moved = table[table["change"].abs() > HALF_A_CENT]
    rises, falls = moved[moved["change"] > 0].head(most), moved[moved["change"] < 0].tail(most)
    chosen = pd.concat([rises, falls], ignore_index=True)
    return chosen.assign(reason=reasons(comparison, chosen))


@dataclass(frozen=True, slots=True)
class _Mover:
    """One account's mean bill before, the change, and the months both are means of."""

    before: float
    change: float
    months: int
    currency: str

    def sized(self, amount: float) -> str:
        """Write a part of the change as a share of the bill before, or in money where there was none."""
        if self.before > 0:
            return percent(amount / self.before, signed=True)
        return f"{with_sign(billed(abs(amount), self.currency), amount)} a month"


def reasons(comparison: Comparison, accounts: pd.DataFrame) -> list[str]:
    """Return the reason of each account's change in words, such as "storage above 500: +38%"."""
    rows = comparison.after.rows
    places = pd.Index(rows.account_ids).get_indexer(pd.Index(accounts["account_id"], dtype=object))
    here = comparison.rows[np.isin(rows.account[comparison.rows], places)]
    new, old = _of(comparison.after, here), _of(comparison.before, here)
    found = []
    columns = (accounts[name].to_numpy(dtype=float) for name in ("before", "change", "months"))
    for place, before, change, months in zip(places, *columns, strict=True):
        mover = _Mover(before, change, int(months), comparison.currency)
        parts = new.get(int(place), {})
        if comparison.before is None:
            found.append(_against_record(parts, mover))
        else:
            found.append(_words(_change(old.get(int(place), {}), parts, mover.months), mover))
    return found


def _of(replay: Replay | None, rows: NDArray[np.intp]) -> dict[int, Parts]:
    """Return the parts of the bill of each account, summed over rows: subject and part to amount."""
    found: dict[int, Parts] = {}
    if replay is not None:
        parts = bill_parts(replay, rows)
        columns = (parts[name].to_list() for name in ("account", "subject", "part", "amount"))
        for account, subject, part, amount in zip(*columns, strict=True):
            found.setdefault(account, {})[subject, part] = amount
    return found


def _change(old: Parts, new: Parts, months: int) -> Parts:
    """Return the change of each part, as a mean per month."""
    return {key: (new.get(key, 0.0) - old.get(key, 0.0)) / months for key in dict.fromkeys((*new, *old))}


def _words(change: Parts, mover: _Mover) -> str:
    direction = 1.0 if mover.change > 0 else -1.0
    by_subject: dict[str, float] = {}
    for (subject, _), amount in change.items():
        by_subject[subject] = by_subject.get(subject, 0.0) + amount
    order = sorted(by_subject, key=lambda subject: -by_subject[subject] * direction)
    main, second, against = order[0], order[min(1, len(order) - 1)], order[-1]
    inside = {part: amount for (subject, part), amount in change.items() if subject == main}
    label, amount = _narrowed(inside, main, by_subject[main], direction)
    text = f"{label}: {mover.sized(amount)}"
    if second != main and by_subject[second] * direction > _WORTH_NAMING * abs(by_subject[main]):
        text += f", {second}: {mover.sized(by_subject[second])}"
    if by_subject[against] * direction < -_WORTH_NAMING * abs(by_subject[main]):
        text += f"; against it {against}: {mover.sized(by_subject[against])}"
    return text


def _narrowed(parts: dict[str, float], subject: str, total: float, direction: float) -> tuple[str, float]:
    """Name the band that explains most of its subject's change, or the subject where no single one does."""
    band = max(parts, key=lambda part: parts[part] * direction)
    explains = parts[band] * direction
    if _BAND_EXPLAINS * abs(total) <= explains <= abs(total) / _BAND_EXPLAINS:
        return band, parts[band]
    return subject, total


def _against_record(new: Parts, mover: _Mover) -> str:
    """Name the largest part of the new bill: what was paid is on record without its parts."""
    if not new:
        return "no new bill"
    _, part = max(new, key=lambda key: new[key])
    amount = max(new.values()) / mover.months
    return f"largest part of the new bill: {part}, {billed(amount, mover.currency)} a month"
