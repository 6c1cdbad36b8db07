"""Bring data and check it: what was understood, or every problem in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.customers.check import problems_frame
from workbench.errors import WorkbenchError, problem_count
from workbench.formatting import count, percent
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, row, show, text_box
from workbench.ui.file_box import LIMIT, FileBox, TakenFile
from workbench.ui.plain_panel import SectionView
from workbench.ui.start.data_check import DataCheck, check_data, problems_csv, understood_frame
from workbench.ui.start.uploads import KINDS, keep_files

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.ui.start.panel import StartPanel

INTRO = (
    "Name a folder or an Excel workbook on this machine, or hand files over. They are named as the tables: "
    "accounts and one of usage or mrr are needed, the rest adds to what can be said. "
    f"A file may have up to {LIMIT >> 20} MB. Where one of its name is there already, the earlier one is kept in the "
    "folder replaced."
)
PREVIEW_ROWS = 5
WORTH_A_LOOK = "Worth a look: the data is read as it stands"


class DataView(SectionView):
    """A path, a button that takes files, and what checking them found; `found` is the latest check."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.found: DataCheck | None = None
        self.path = text_box("Folder or workbook", placeholder="data/my-company")
        self.path.layout.width = "330px"
        self.currency = text_box("Currency, where there is only a sign", placeholder="USD")
        self.apply = button("Check", self.guarded(self.check), primary=True)
        self.name = text_box("Name for files handed over", placeholder="my company")
        self.files = FileBox(self.guarded(self.take), label="Files from your computer", accept=",".join(KINDS))
        self.result = Block(role="status")
        first, second = row(self.path, self.currency, self.apply, gap="8px"), row(self.name, self.files, gap="8px 16px")
        first.layout.align_items = "flex-end"
        second.layout.margin = "6px 0 4px"
        self.section = panel.section(
            "Check your own data", status=self.status, parts=(first, second, self.result), intro=INTRO
        )

    def check(self) -> DataCheck:
        """Check the data named, and show what was understood or what is wrong."""
        typed = str(self.path.value).strip()
        if not typed:
            raise WorkbenchError("There is nothing to check yet.", "Name a folder or a workbook, or hand files over.")
        self.status.say("Reading the data …")
        found = check_data(self._panel.workspace / Path(typed).expanduser(), str(self.currency.value))
        self.found = found
        self.result.show(_problems(found) if found.base is None else _understood(found.base))
        if found.base is None:
            self.status.say(f"{problem_count(found.problems)} to correct before this can be used.", "warning")
        else:
            self.status.say("No problems found. You can make a study of this data.", "ok")
        self._panel.new_study_view.refresh()
        return found

    def take(self, files: tuple[TakenFile, ...]) -> None:
        """Keep files handed over under data/, and check them together with what lies there."""
        kept = keep_files(files, self._panel.workspace, str(self.name.value))
        show(self.path, kept[0].parent.relative_to(self._panel.workspace).as_posix())
        self.check()


def _problems(found: DataCheck) -> str:
    frame = problems_frame(found.problems)
    caption = f"{problem_count(found.problems)} in {found.path.name}: correct the files, then check again"
    saved = html.download("Save the list as CSV", "problems.csv", problems_csv(found.problems).encode(), "text/csv")
    return html.table(frame, caption) + f"<p>{saved}</p>"


def _understood(base: CustomerBase) -> str:
    months = base.months
    told = (
        f"{count('account', len(base))}, {count('month', len(months))} from {months[0]:%Y-%m} to {months[-1]:%Y-%m}, "
        f"amounts in {base.currency or 'a currency the data does not name'}."
    )
    noted = html.table(problems_frame(base.findings), WORTH_A_LOOK) if base.findings else ""
    metrics = base.coverage().metrics_frame().rename(columns=str.capitalize)
    accounts = base.accounts.dropna(axis="columns", how="all").head(PREVIEW_ROWS)
    return (
        html.message(told, "ok")
        + noted
        + html.table(understood_frame(base), "What was understood, table by table")
        + html.table(metrics, "What is measured", formats={"Share of accounts": percent})
        + html.details("First accounts as read", html.table(accounts, f"The first {len(accounts)} accounts"))
    )
