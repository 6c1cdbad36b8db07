"""Files that are damaged, endless or grow when read end in a sentence with their name, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pytest

from workbench.customers.readers import read_file
from workbench.errors import StudyError, WorkbenchError
from workbench.impact.events import events_to_months, open_engine
from workbench.pages.data_intake import keep_files
from workbench.rendering.widgets import LIMIT, TakenFile
from workbench.research import ResearchError, load_design
from workbench.study import History, Study, history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow

SECONDS, GIGABYTES = 30, 2.0
HEADER = "account_id,month,metric,quantity\n"
ROW = "A1,2024-01,seats,5\n"
SHEET = "xl/worksheets/sheet1.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
# Reads every file of a folder, and says what came of each, with the peak of this program's own memory: ru_maxrss starts
# at what the process that started it had reached.
CHILD = """
import json, sys, time
from pathlib import Path
from workbench.customers.readers import read_file
found = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    began = time.process_time()
    source = read_file(path, "usage")
    found[path.name] = {
        "seconds": time.process_time() - began,
        "said": [str(problem) for problem in source.problems],
        "rows": sum(len(raw.frame) for raw in source.tables),
        "gigabytes": next(
            int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM")
        ) / 1e6,
    }
print(json.dumps(found))
"""


def read_in_child(folder: Path) -> dict[str, dict]:
    """Read all files of a folder in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def workbook(parts: dict[str, bytes] | None = None, leave_out: tuple[str, ...] = ()) -> bytes:
    """Return a workbook with one row of usage, some of its parts replaced or left out."""
    book, plain = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "usage"
    book.active.append(HEADER.strip().split(","))
    book.active.append(["A1", "2024-01", "seats", 5])
    book.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            if name not in leave_out:
                target.writestr(name, (parts or {}).get(name, source.read(name)))
    return made.getvalue()


def sheet(rows: str, before: str = "") -> dict[str, bytes]:
    """Return a sheet with these rows."""
    return {SHEET: f"{before}<worksheet {SPACE}><sheetData>{rows}</sheetData></worksheet>".encode()}


def inline(text: str, place: str = "A1") -> str:
    """Return a cell with its text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_what_grows_is_refused_or_read_in_bounds(tmp_path: Path) -> None:
    """Each kind of bomb, small: in words or read, and none takes the time or memory of what it pretends to hold."""
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    styles = f"<styleSheet {SPACE}><cellXfs>{'<xf/>' * 600_000}</cellXfs></styleSheet>".encode()
    texts = {
        "long_cell.xlsx": workbook(sheet(f"<row>{inline('a' * 40_000)}</row>")),
        "long_tag.xlsx": workbook(sheet(f'<row r="{"1" * 9_000_000}"></row>')),
        "blanks.xlsx": workbook(sheet(" " * 9_000_000)),
        "many_rows.xlsx": workbook(sheet(f'<row r="2000000">{inline("x")}</row>')),
        "entities.xlsx": workbook(sheet(f"<row>{inline('&b;')}</row>", before=entities)),
        "styles.xlsx": workbook({"xl/styles.xml": styles}),
        "open_quote.csv": (HEADER + ROW * 50_000 + 'A1,2024-01,"seats,5\n' + ROW * 50_000).encode(),
        "columns.csv": ("x," * 50_000 + "\n" + "1," * 50_000 + "\n").encode(),
        "short_rows.csv": ("x," * 900 + "\n" + "1\n" * 100_000).encode(),
        "long_line.csv": b"x" * 9_000_000,
        "nul.csv": (HEADER + ROW).encode() + b"A1,2024-01,se\x00ats,5\n",
        "nothing_but_nul.csv": b"\x00" * 200_000,
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    read = {
        "lines.csv": HEADER + ROW * 1000 + "\n" * 2_000_000 + ROW,
        "lines_and_quotes.csv": HEADER + 'A1,2024-01,"se\nats",5\n' + "\n" * 9_000_000 + ROW,
    }
    for name, text in read.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "stray.xlsx").write_bytes(
        workbook(
            sheet(
                "".join(
                    f'<row r="{n}">{inline(f"A{n}", f"A{n}")}{inline("x", f"XFD{n}")}</row>' for n in range(1, 3000)
                )
            )
        )
    )
    duckdb.sql(
        "SELECT 'A1' account_id, '2024-01' AS month, 'seats' metric, 1 quantity FROM range(6_000_000)"
    ).write_parquet(str(tmp_path / "same.parquet"), compression="zstd")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    found = read_in_child(tmp_path)
    for name in (*texts, "same.parquet", "pipe.csv", "endless.csv"):
        assert len(found[name]["said"]) == 1, name
        assert found[name]["said"][0].startswith(name), found[name]["said"]
        assert not found[name]["rows"]
    assert "row 50002" in found["open_quote.csv"]["said"][0]
    assert "row 3: found 'a NUL byte'" in found["nul.csv"]["said"][0]
    assert "pipe" in found["pipe.csv"]["said"][0]
    assert "device" in found["endless.csv"]["said"][0]
    assert {name: found[name]["rows"] for name in (*read, "stray.xlsx")} == {
        "lines.csv": 1001, "lines_and_quotes.csv": 2, "stray.xlsx": 2998
    }  # fmt: skip
    assert max(each["seconds"] for each in found.values()) < SECONDS
    assert max(each["gigabytes"] for each in found.values()) < GIGABYTES


def test_a_damaged_workbook_is_one_sentence_with_its_name(tmp_path: Path) -> None:
    """A byte flipped anywhere is words or the very table; an end or a needed part missing and only charts are words."""
    path = tmp_path / "usage.xlsx"
    whole = workbook()

    def read(content: bytes) -> pd.DataFrame | None:
        path.write_bytes(content)
        source = read_file(path, "usage")
        assert source.tables or source.problems
        assert all(problem.file.startswith("usage.xlsx") and problem.remedy for problem in source.problems)
        return source.tables[0].frame if source.tables else None

    table = read(whole)
    for at in range(0, len(whole), 61):
        found = read(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        assert found is None or found.equals(table), f"another table of a workbook with byte {at} flipped"
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        names = parts.namelist()
    for name in names:
        found = read(workbook(leave_out=(name,)))
        assert found is None or found.equals(table), f"another table of a workbook without {name}"
    read(workbook(sheet("<row><c><v>x</v></c></row>")))
    charts, saved = openpyxl.Workbook(), io.BytesIO()
    charts.create_chartsheet()
    charts.remove(charts.worksheets[0])
    charts.save(saved)
    cut = [whole[: len(whole) * part // 9] for part in range(9)]
    for content in (*cut, workbook(leave_out=(SHEET,)), workbook({SHEET: b"<worksheet><row>"}), saved.getvalue()):
        assert read(content) is None


HOSTILE_JSON = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep_in_fields": '{"title": ' + '{"a": ' * 300 + "1" + "}" * 300 + "}",
    "twice": '{"title": "A", "title": "B"}',
    "nan": '{"title": NaN}',
    "huge": '{"title": 1e400}',
    "digits": '{"title": ' + "9" * 5000 + "}",
    "half": '{"title": "\\ud800"}',
    "cut": '{"title": "A',
    "list": "[1, 2]",
    "number": "7",
    "empty": "",
    "latin": '{"title": "Müller"}'.encode("latin-1"),
}


@pytest.mark.parametrize("content", HOSTILE_JSON.values(), ids=HOSTILE_JSON)
def test_json_nobody_can_use_names_its_file(tmp_path: Path, content: str | bytes) -> None:
    """Studies and designs are read by one reader, which refuses what has no meaning."""
    path = tmp_path / "study.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StudyError, match=r"study\.json"):
        Study.load(tmp_path)
    with pytest.raises(ResearchError, match=r"study\.json"):
        load_design("choice", path)


def test_pipes_and_folders_are_no_studies_or_designs(tmp_path: Path) -> None:
    """A pipe would be waited for without end."""
    os.mkfifo(tmp_path / "study.json")
    with pytest.raises(StudyError, match=r"study\.json is a named pipe"):
        Study.load(tmp_path)
    for path, kind in ((tmp_path / "study.json", "a named pipe"), (tmp_path, "a folder")):
        with pytest.raises(ResearchError, match=kind):
            load_design("choice", path)


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
@pytest.mark.filterwarnings("error")
def test_events_no_number_holds_are_left_out_in_words(tmp_path: Path, engine: str) -> None:
    """Quantities of 1e308 neither warn nor count."""
    path = tmp_path / "events.csv"
    path.write_text(
        "account_id,timestamp,metric,quantity\n" + "A1,2024-01-31,seats,1e308\n" * 3 + "A1,2024-01-30,seats,5\n"
    )
    with open_engine(engine) as opened:
        months = events_to_months(opened.read(path), keep=opened.keep)
        assert months.table()["quantity"].tolist() == [5.0]
    assert any("a quantity over 1,000,000,000,000,000" in sentence for sentence in months.counts.sentences())


def test_event_files_that_never_end_or_are_damaged_name_themselves(tmp_path: Path) -> None:
    """Pipes, archives that are none, and a quotation mark that never closes."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "no.csv.gz").write_bytes(b"no archive")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(HEADER.encode() * 5000)[:-20])
    (tmp_path / "open.csv").write_text(HEADER + ROW + '"A1,2024-01,seats,5\n' + ROW * 150_000)
    for name in ("pipe.csv", "no.csv.gz", "cut.csv.gz", "open.csv"):
        with open_engine("duckdb") as opened, pytest.raises(WorkbenchError, match=name.replace(".", r"\.")):
            events_to_months(opened.read(tmp_path / name), keep=opened.keep)


def test_an_upload_is_measured_unpacked(tmp_path: Path) -> None:
    """A small workbook that unpacks to more than the limit is refused before anything is written."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target, target.open(SHEET, "w") as part:
        for _ in range((LIMIT >> 24) + 1):
            part.write(bytes(1 << 24))
    with pytest.raises(WorkbenchError, match=r"usage\.xlsx unpacks to"):
        keep_files([TakenFile("usage.xlsx", made.getvalue())], tmp_path, "mine")
    assert not list(tmp_path.iterdir())


def test_a_change_from_elsewhere_is_brought_into_a_step_when_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred steps to undo cost nothing while they wait, and hold the change once they are taken."""
    merged: list[object] = []
    original: Callable[..., Study] = history.merge
    monkeypatch.setattr(history, "merge", lambda *given, **named: merged.append(1) or original(*given, **named))
    steps = History(Study.new("acme", "data"))
    for number in range(100):
        steps = steps.push(steps.present.replaced(title=f"Title {number}"))
    twice = steps.rebased(steps.present.replaced(currency="EUR"))
    twice = twice.rebased(twice.present.replaced(data=twice.present.data.replaced(path="elsewhere")))
    assert not merged
    undone = twice.undo().present
    assert (undone.title, undone.currency, undone.data.path) == ("Title 98", "EUR", "elsewhere")
    assert len(merged) == 2
