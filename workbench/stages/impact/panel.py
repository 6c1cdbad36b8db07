"""One account's bills, month by month and line by line: the one chosen, or whose mark was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rendering import html
from workbench.rendering.controls import choice, column, show
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.impact.charts import items_table, months_table
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.declared import DeclaredPanel

say = texts(__name__)

_MOST_LINES = 400


class AccountItemised:
    """A list of the accounts that move most, and the bills of the one in view under both price lists."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.account = choice(say("account"), {say("choose"): None}, on_change=panel.guarded(self._itemise))
        self.bill = HtmlBlock(role="status")
        self.widget = column(self.account, self.bill)
        panel.figure_view("old_new").chart.observe(panel.guarded(self._clicked), names="clicked")

    def refresh_words(self) -> None:
        """Show the accounts that move most, and the one in view as it is billed now."""
        kept, movers = self.account.value, self._panel.result.movers
        ids = [*(movers["account_id"] if len(movers) else ()), *([] if kept is None else [kept])]
        show(self.account, kept, options={say("choose"): None, **{each: each for each in ids}})
        self._itemise(kept)

    def _clicked(self, change: dict[str, dict[str, object]]) -> None:
        account = change["new"].get("account_id")
        if account is not None:
            show(self.account, str(account), options={**dict(self.account.options), str(account): str(account)})
            self._itemise(str(account))

    def _itemise(self, account_id: str | None) -> None:
        result = self._panel.result
        comparison = result.comparison
        if account_id is None or comparison is None:
            self.bill.show("")
            return
        if account_id not in set(comparison.accounts["account_id"]):
            self.bill.show(html.message(say("no_bill", account_id=account_id)))
            return
        months = html.table(months_table(comparison, account_id), say("months", account_id=account_id))
        lines = items_table(comparison, account_id)
        inside = html.table(lines, say("every_line", account_id=account_id), most_rows=_MOST_LINES)
        said = html.paragraph(say("own_prices") if result.trial.change else "", soft=True)
        self.bill.show(said + months + html.details(say("line_by_line", lines=len(lines)), inside))
