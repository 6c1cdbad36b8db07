"""How well today's price list reproduces what was paid: the ground every comparison stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import percent
from workbench.results import KeyFigure
from workbench.stages.impact_view.tables import off_accounts_table, reconciliation_table
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.impact.view import ImpactView

if TYPE_CHECKING:
    from workbench.impact import Reconciliation
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

INTRO = "Today's list, billed month by month over the last year, against the revenue on record."


class ReconcileView(ImpactView):
    """Figures, explanations, and the accounts that differ most."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self.figures = Block()
        self.explained = Block()
        self.section = panel.section(
            "Does today's price list explain today's revenue?",
            status=self.status,
            parts=(panel.progress, self.figures, self.explained),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show a reconciliation, or what it would need."""
        found = result.reconciliation
        if found is None:
            why = result.why_not or "No revenue is on record for the last year (table mrr), so nothing can be checked."
            self.figures.show(html.message(why, "warning"))
            self.explained.show(html.missing(result.missing))
            return
        currency = found.replay.currency
        cautions = "".join(html.message(each.text, "warning") for each in found.cautions)
        self.figures.show(html.key_figures(_figures(found)) + cautions)
        table = html.table(reconciliation_table(found, currency), "Accounts by what explains their difference")
        off = html.table(off_accounts_table(found, currency), "The largest differences over the year")
        self.explained.show(table + html.details("Accounts that differ most", off))


def _figures(found: Reconciliation) -> tuple[KeyFigure, ...]:
    basis = found.replay.basis
    period = f"{basis.first_month} to {basis.last_month}"
    currency = found.replay.currency
    compared = percent(1 - found.not_compared_share, 1)
    return (
        KeyFigure("Recorded revenue", found.recorded, currency, period, f"{len(found.accounts):,} accounts"),
        KeyFigure("Today's list would bill", found.replayed, currency, period, f"the {compared} that can be compared"),
        KeyFigure("Paid below list", found.below_list, "percent", period, "of the list", digits=1),
        KeyFigure("Not explained", found.unexplained_share, "percent", period, "of recorded revenue", digits=1),
    )
