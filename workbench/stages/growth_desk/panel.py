"""What the hand does at the growth desk: alerts with owner and snooze, and one account in depth."""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.files import make_folder
from workbench.growth.desk import read_alerts, save_alerts, watch_accounts
from workbench.growth.programme import keep_account_plan, read_account_plan, write_account_plan
from workbench.rendering import html
from workbench.rendering.controls import button, choice, column, level_row, row, show, text_box
from workbench.rendering.figure_view import FigureRow
from workbench.rendering.studies import find_workspace
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.growth_desk.evaluation import alert_rows
from workbench.stages.growth_desk.view import account_figures
from workbench.study.folder import locked
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.growth.desk import WatchRun
    from workbench.rendering.declared import DeclaredPanel

say = texts(__name__)
_MOST_ROWS = 12
PLANS = "plans"
"""The folder of the workspace for account plans."""


class AlertsInHand:
    """The open alerts as the log of the study has them, and a form that says who looks after one, and until when."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.shown = HtmlBlock(role="status")
        self.alert = choice(say("alert"), {say("choose"): None}, on_change=panel.guarded(self._fill))
        self.owner = text_box(say("owner"), placeholder=say("owner_example"))
        self.until = text_box(say("until"), placeholder=say("until_example"))
        self.keep_it = button(say("keep"), panel.guarded(self.keep), primary=True)
        self.widget = column(self.shown, level_row(self.alert, self.owner, self.until, self.keep_it, gap="8px"))

    def run(self) -> WatchRun:
        """Return what a look at the last month finds, carried on from the log of the study."""
        result, log = self._panel.result, read_alerts(self._panel.session.folder)
        most, seen = result.decision.false_alarms, result.run.watched
        return watch_accounts(result.base, log, result.metrics, false_alarms=most, seen=seen)

    def refresh_words(self) -> None:
        """Show the alerts that are open, and what there is to choose from."""
        if not self._panel.result.metrics:
            self.shown.show("")
            return
        run, result = self.run(), self._panel.result
        table = alert_rows(run, result.base, result.currency)
        caption = say("open_alerts", n=len(table), urgent=len(run.urgent))
        link = html.csv_link(say("save_all"), "alerts.csv", table)
        self.shown.show(html.table(table.without("account_id"), caption, most_rows=_MOST_ROWS) + f"<p>{link}</p>")
        options = {say("named", alert=each): each.id for each in run.open}
        kept = self.alert.value if self.alert.value in options.values() else None
        show(self.alert, kept, options={say("choose"): None, **options})

    def keep(self) -> None:
        """Keep who looks after the alert in view, and until when it may wait."""
        alert = self.alert.value
        if alert is None:
            raise StudyError(say("none_chosen"), say("choose_one"))
        owner, until = str(self.owner.value).strip(), _day(str(self.until.value).strip())
        folder = self._panel.session.folder
        with locked(folder):  # from reading to writing: nothing that the command writes meanwhile is lost
            save_alerts(self.run().with_changes({alert: owner}, {alert: until}).log, folder)
        self.refresh_words()

    def _fill(self, alert_id: str | None) -> None:
        """Show what is known of the alert that was chosen."""
        known = {each.id: each for each in self.run().log.alerts} if alert_id else {}
        alert = known.get(alert_id or "")
        show(self.owner, "" if alert is None else alert.owner)
        show(self.until, "" if alert is None or alert.snoozed_until is None else f"{alert.snoozed_until}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise StudyError(say("no_day", day=text), say("write_the_day")) from None


class PlanFiles:
    """The plan of the account in view as files: both faces, its days, and as a document where nobody wrote it here."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel, self._of = panel, ""
        self.make_it = button(say("make_plan"), panel.guarded(self.make))
        self.files = HtmlBlock(role="status")
        self.widget = column(row(self.make_it), self.files)

    def refresh_words(self) -> None:
        """Take links away that are of another account."""
        if self._panel.result.account != self._of:
            self.files.show("")

    def make(self) -> None:
        """Write the plan into the workspace and show its files; a draft is carried on where one lies there."""
        result, folder = self._panel.result, find_workspace(self._panel.session.folder) / PLANS
        plan, copies = result.plan, result.copies
        if plan is None:
            raise StudyError(say("no_plan"), say("what_a_plan_needs"))
        if (called := html.naming()) is not None:
            called.check_single()
        if copies:
            before = copies[-2] if len(copies) > 1 else None
            kept = write_account_plan(plan, make_folder(folder), before=before, document=False)
        else:
            kept = keep_account_plan(plan, folder)
        if called is not None:  # what is kept in the workspace stays as it is; what is handed out is by other names
            shown = plan if copies else read_account_plan(kept[-1])
            earlier = copies[-2].renamed(called.sent) if len(copies) > 1 else None
            place = Path(mkdtemp())
            kept = write_account_plan(shown.renamed(called.sent), place, before=earlier, document=not copies)
        names = [say(each) for each in ("internal_page", "shared_page", "calendar", "document")]
        kinds = ("text/html", "text/html", "text/calendar", "application/json")
        links = [
            html.download(name, path.name, path.read_bytes(), kind)
            for name, path, kind in zip(names, kept, kinds, strict=False)
        ]
        self._of = result.account
        self.files.show(f"<p>{escape(say('plan_kept', account=self._of, folder=PLANS))} {', '.join(links)}</p>")


class AccountInDepth:
    """One account: usage and revenue months ahead, its limits, what it got, its figures and its place among peers."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.account = choice(say("account"), {say("choose"): None}, on_change=panel.guarded(self._choose))
        self.said = HtmlBlock()
        self.figures = FigureRow()
        self.tables = HtmlBlock(role="status")
        self._told = ""
        self.widget = column(self.account, self.said, self.figures.widget, self.tables)

    def refresh_words(self) -> None:
        """Show the account in view; the one that matters most where none was chosen."""
        called = html.naming()
        self._told = say("nobody_named") if called is not None and called.mode == "none" else ""
        options = {} if self._told else self._panel.result.customers()
        kept = None if self._told else self._panel.result.account or None
        show(self.account, kept, options=options or {say("choose"): None})
        self._turn(kept)

    def static_html(self) -> str:
        """Return the account as plain HTML."""
        return self.said.value + self.figures.static_html() + self.tables.value

    def _choose(self, account_id: str | None) -> None:
        """Bring an account into view, here and where its plan is written."""
        self._panel.try_out(account=account_id or "")
        self._turn(account_id)

    def _turn(self, account_id: str | None) -> None:
        result = self._panel.result
        if account_id is None or not result.metrics:
            self.tables.show("")
            self.said.show(html.message(self._told) if self._told else "")
            self.figures.show_charts(())
            return
        self.figures.show_charts(account_figures(result, account_id))
        self.figures.show_words()
        said = (*result.months_to_limit(account_id), *result.pace_told(account_id), *result.inside_told(account_id))
        self.said.show(html.lines([*said]))
        places = result.places_table(account_id)
        told = html.table(places, say("places")) if len(places) else html.message(say("no_peers"))
        own = html.table(result.account_table(account_id), say("figures", account=account_id))
        self.tables.show(own + told + html.paragraph(result.rules_told(), soft=True))
