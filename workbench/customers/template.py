"""Write empty files for every table, and a guide that says what each column holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.customers.tables import TABLES
from workbench.files import write_bytes
from workbench.formatting import capitalised
from workbench.outputs import check_output, check_table

if TYPE_CHECKING:
    from workbench.customers.columns import Column, Table

GUIDE = "COLUMN_GUIDE.md"
_INTRODUCTION = """# Column guide

One file per table; the file name is the table name. Only **accounts** and one of **usage** or **mrr** are
required: delete the files you have no data for, because a file without rows is reported as a problem.
Any delimiter (comma, semicolon, tab, |), Excel sheets of the same names, or Parquet files work as well.
Columns may stand in any order; columns not listed here are ignored and reported as such.
When data is loaded as of a day, rows later than it are hidden; a month or week counts once it is over.
"""


def write_template(folder: str | Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write one CSV file with headers per table and the column guide; return the files written.

    Raises
    ------
    FileError
        When a file of that name is there already and holds something else; `force` replaces it, unless it is a table
        with rows. Nothing is written then.

    """
    texts = {f"{name}.csv": ",".join(table.column_names) + "\n" for name, table in TABLES.items()}
    texts[GUIDE] = column_guide()
    contents = {Path(folder) / name: text.encode() for name, text in texts.items()}
    for path, content in contents.items():
        (check_table if path.suffix == ".csv" else check_output)(path, content=content, force=force)
    return tuple(write_bytes(path, content) for path, content in contents.items())


def column_guide() -> str:
    """Return the guide to all tables and columns as Markdown."""
    return "\n".join([_INTRODUCTION, *(_section(table) for table in TABLES.values())])


def _section(table: Table) -> str:
    """Write one table of the guide."""
    rows = [
        "| column | required | holds | kind | unit | example |",
        "|---|---|---|---|---|---|",
        *(_row(column) for column in table.columns),
    ]
    key = f"Each {', '.join(table.key)} may occur once.\n\n" if table.key else ""
    further = "\nFurther columns are kept as attributes.\n" if table.open_ended else ""
    holds = capitalised(table.holds)
    return f"## {table.name}\n\n{holds}.\n\n{key}" + "\n".join(rows) + f"\n{further}"


def _row(column: Column) -> str:
    """Write one column of the guide."""
    required = "yes" if column.required else ""
    if column.may_be_blank:
        required = "yes, cells may be blank"
    cells = (column.name, required, column.meaning, column.expected, column.unit, column.example)
    return "| " + " | ".join(cells).rstrip() + " |"
