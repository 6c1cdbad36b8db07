"""Who pays more and who pays less: the bridge, the bills, and one account line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.impact_view.accounts.tables import items_table, months_table, movers_table
from workbench.stages.impact_view.charts import leading_figures, price_figures
from workbench.stages.impact_view.price_sums import EVERYTHING
from workbench.stages.impact_view.trial import Trial, what_can_be_tried
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import choice, number_box, show
from workbench.ui.figure_view import FigureView
from workbench.ui.impact.view import ImpactView
from workbench.ui.percentages import share_typed

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

INTRO = (
    "Every bill of the months on which the study stands, under the design's prices, with usage as it was and nobody "
    "reacting. Move a price to see at once what it does; every account then stays in its plan, and the design itself "
    "does not change."
)
MOST_MONTHS_OF_LINES = 400


class WhoPaysView(ImpactView):
    """The design, a price to try, three figures, and the bills of the account last clicked or chosen."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self._panel = panel
        self._tried_in = ""
        self.scenario = choice("Design", _designs(panel), on_change=self.guarded(panel.desk.select))
        self.what = choice("Price to try", {"all prices": EVERYTHING}, on_change=self.guarded(lambda _: self._try()))
        self.change = number_box(
            "Changed by",
            0,
            minimum=-50,
            maximum=50,
            step=1,
            unit="%",
            slider=True,
            on_change=self.guarded(lambda _: self._try()),
        )
        self.figures = Block(role="status")
        self.charts = {key: FigureView() for key in ("bridge", "distribution", "old_new")}
        self.account = choice("Account", {"choose one, or click a mark": None})
        self.bill = Block(role="status")
        self.movers = Block()
        self.account.observe(self.guarded(lambda change: self._itemise(change["new"])), names="value")
        self.charts["old_new"].chart.observe(self.guarded(self._clicked), names="clicked")
        below = (self.account, self.bill)
        self.section = panel.section(
            "Who pays more, who pays less",
            controls=(self.scenario, self.what, self.change),
            status=self.status,
            parts=(
                self.figures,
                (self.charts["bridge"], self.charts["distribution"]),
                self.charts["old_new"],
                *below,
                self.movers,
            ),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def trial(self, scenario_id: str) -> Trial:
        """Return the price that is tried; nothing is when another design comes into view."""
        if scenario_id != self._tried_in:
            self._tried_in = scenario_id
            show(self.what, EVERYTHING, options={"all prices": EVERYTHING})
            show(self.change, 0)
        return Trial(str(self.what.value), share_typed(float(self.change.value or 0)))

    def lead(self, result: ImpactResult) -> None:
        """Draw what follows the slider: bridge and distribution, which need no account looked at one by one."""
        drawn = {figure.key: figure for figure in leading_figures(result)}
        for key in ("bridge", "distribution"):
            self.charts[key].show_chart(drawn.get(key))

    def refresh(self, result: ImpactResult) -> None:
        """Show controls, marks and key figures of an impact."""
        show(self.scenario, result.scenario.id, options=_designs(self._panel))
        drawn = {figure.key: figure for figure in price_figures(result)}
        for key, view in self.charts.items():
            view.show_chart(drawn.get(key))
        if result.comparison is None:
            self.figures.show(html.message(result.why_not, "warning") + html.missing(result.missing))
            return
        options = what_can_be_tried(result.comparison.after.book)
        show(self.what, self.what.value if self.what.value in options.values() else EVERYTHING, options=options)
        self.figures.show(html.key_figures(result.key_figures) + _cautions(result))

    def refresh_words(self, result: ImpactResult) -> None:
        """Show what is read at rest: readings and tables, movers, and the account in view."""
        for view in self.charts.values():
            view.show_words()
        if result.comparison is None:
            self.movers.show("")
            self.bill.show("")
            return
        movers = movers_table(result.movers, result.comparison.currency)
        note = "under the design's own prices" if result.trial.change else "largest rises first"
        self.movers.show(html.details("Accounts that move most, and why", html.table(movers, f"Movers, {note}")))
        kept = self.account.value
        ids = [*result.movers["account_id"], *([] if kept is None else [kept])]
        show(self.account, kept, options={"choose one, or click a mark": None, **{each: each for each in ids}})
        self._itemise(kept)

    def _clicked(self, change: dict[str, dict[str, object]]) -> None:
        account = change["new"].get("account_id")
        if account is not None:
            options = {**dict(self.account.options), str(account): str(account)}
            show(self.account, str(account), options=options)
            self._itemise(str(account))

    def _itemise(self, account_id: str | None) -> None:
        result = self._panel.result
        if account_id is None or result.comparison is None:
            self.bill.show("")
            return
        if account_id not in set(result.comparison.accounts["account_id"]):
            self.bill.show(html.message(f"{account_id} has no bill on both sides in any month."))
            return
        comparison = result.comparison
        months = html.table(months_table(comparison, account_id), f"{account_id}, month by month")
        lines = items_table(comparison, account_id)
        inside = html.table(lines, f"Every line of the bills of {account_id}", most_rows=MOST_MONTHS_OF_LINES)
        own = "These are bills under the design's own prices; the price tried out is not in them."
        said = html.paragraph(own, soft=True) if result.trial.change else ""
        self.bill.show(said + months + html.details(f"Line by line ({len(lines)} lines)", inside))

    def _try(self) -> None:
        self._panel.request()


def _cautions(result: ImpactResult) -> str:
    """Write warnings in plain sight, and notes for who wants to know."""
    notes = [each for each in result.cautions if each.severity == "note"]
    loud = html.cautions(each for each in result.cautions if each.severity != "note")
    return loud + html.details("Also worth knowing", html.lines(each.text for each in notes))


def _designs(panel: ImpactPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.desk.study.designs}
