"""Thousands of damaged inputs and the bombs at full size: words within bounds, never a traceback."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest

from workbench.customers import CustomerBase
from workbench.errors import WorkbenchError
from workbench.impact.events import events_to_months, open_engine
from workbench.pricing import PriceBook
from workbench.research import combine_answers, example_design, load_design
from workbench.research.survey_design import METHODS
from workbench.stages.price_book import price_book
from workbench.study import Study, study_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.torture

INPUTS = 10_000
LONGEST_SECONDS = 30
GIGABYTES = 2.0
HOSTILE = (
    "", " ", "NaN", "inf", "-1", "1e308", "1e400", "9" * 400, "1,234.5", "=1+1", "'", '"', '""', "\x00", "\ufeff",
       "2024-13-45", "0000-00-00", "9999-12-31", "1e-320", "constructor", "None", "a" * 5000, "\r", "\n", ";", "é",
)  # fmt: skip
HOSTILE_JSON = (
    None, True, False, 0, -1, 1e308, -1e-320, 10**17, "", " ", "x" * 5000, "NaN", "1e400", [], {}, [[]], [None],
    {"a": 1}, "\x00", "../..", "2024-02-30",
)  # fmt: skip
TABLES = {
    "accounts": "account_id,name,region,seats,plan\nA1,Füller,EU,5,Pro\nA2,Bo,US,3,Basic\nA3,,US,,Pro\n",
    "usage": "account_id,month,metric,quantity\n" + "".join(
        f"A{1 + i % 3},2024-{1 + i // 3 % 12:02d},{('seats', 'rows')[i // 36]},{i * 7.5}\n" for i in range(72)
    ),
    "mrr": "account_id,month,amount\n" + "".join(f"A{1 + i % 3},2024-{1 + i // 3:02d},{i * 3}\n" for i in range(36)),
    "plans": "plan,price\nPro,49\nBasic,19.5\n",
    "survey_price_ladder": "respondent,price,accepted\nR1,10,yes\nR1,20,0\nR1,30,\nR2,10,1\n",
}  # fmt: skip


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return the content with one to three faults: bits, cuts, splices, hostile values."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            del data[at : at + rng.randint(1, 50)]
        elif kind == 3:
            end = min(len(data), at + rng.randint(1, 200))
            data[at:at] = data[at:end] * rng.randint(1, 5)
        elif kind == 4:
            data[at:at] = rng.choice(HOSTILE).encode()
        else:
            other = rng.randrange(len(data) + 1)
            data[at : at + 20] = data[other : other + rng.randint(0, 40)]
    return bytes(data)


def changed(document: Any, rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON document with one value somewhere in it replaced, removed or doubled."""
    document = json.loads(json.dumps(document))
    places = [(document, key) for key in document] if isinstance(document, dict) else []
    for holder, key in places:  # grows while it is walked
        inside = holder[key]
        if isinstance(inside, dict):
            places += [(inside, each) for each in inside]
        elif isinstance(inside, list):
            places += [(inside, each) for each in range(len(inside))]
    holder, key = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[key] = rng.choice(HOSTILE_JSON)
    return document


def faulty_json(document: Any, rng: random.Random) -> bytes:  # noqa: ANN401 - JSON
    """Return a JSON text with a fault in its values or in its bytes."""
    if rng.random() < 0.6:
        return json.dumps(changed(document, rng)).encode()
    return mutated(json.dumps(document).encode(), rng)


class Outcomes:
    """Counts what came of the inputs: read, or refused in words; anything else is raised with its input."""

    def __init__(self) -> None:
        self.read = self.refused = 0
        self.longest = 0.0

    def attempt(self, what: str, act: Callable[[], object], content: bytes) -> None:
        """Read one input."""
        began = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)
                act()
            self.read += 1
        except WorkbenchError as error:
            self.refused += bool(str(error).strip())
        except Exception as error:
            raise AssertionError(f"{what}: {error!r} from {content[:20_000]!r}") from error
        self.longest = max(self.longest, time.process_time() - began)


def as_workbook(path: Path) -> bytes:
    """Return the tables as one workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in TABLES.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    book.save(path)
    return path.read_bytes()


def repacked(content: bytes, name: str, part: bytes, path: Path) -> bytes:
    """Return a workbook with one part replaced, so that faults reach what is inside the archive."""
    path.write_bytes(content)
    out = path.with_suffix(".out")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for each in source.namelist():
            target.writestr(each, part if each == name else source.read(each))
    return out.read_bytes()


def data_inputs(folder: Path, rng: random.Random) -> Iterator[tuple[str, bytes, Callable[[], object]]]:
    """Yield damaged tables as CSV, Excel and Parquet for ever."""
    whole = as_workbook(folder / "whole.xlsx")
    with zipfile.ZipFile(folder / "whole.xlsx") as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    company = folder / "company"
    company.mkdir()
    for name, text in TABLES.items():
        (company / f"{name}.csv").write_text(text, encoding="utf-8")
    parquet = {}
    for name in ("accounts", "usage", "mrr"):
        relation = duckdb.read_csv(str(company / f"{name}.csv"))
        relation.write_parquet(str(folder / f"{name}.parquet"))
        parquet[name] = (folder / f"{name}.parquet").read_bytes()
    book = folder / "book.xlsx"
    while True:
        name = rng.choice(list(TABLES))
        path = company / f"{name}.csv"
        path.write_bytes(content := mutated(TABLES[name].encode(), rng))
        yield f"{name}.csv", content, lambda: CustomerBase.load(company)
        path.write_text(TABLES[name], encoding="utf-8")
        part = rng.choice(list(contents))
        content = mutated(whole, rng) if rng.random() < 0.3 else repacked(
            whole, part, mutated(contents[part], rng), folder / "again.xlsx"
        )  # fmt: skip
        book.write_bytes(content)
        yield "book.xlsx", content, lambda: CustomerBase.load(book)
        name = rng.choice(list(parquet))
        (company / f"{name}.csv").unlink()
        (company / f"{name}.parquet").write_bytes(content := mutated(parquet[name], rng))
        yield f"{name}.parquet", content, lambda: CustomerBase.load(company)
        (company / f"{name}.parquet").unlink()
        (company / f"{name}.csv").write_text(TABLES[name], encoding="utf-8")


def json_inputs(folder: Path, rng: random.Random) -> Iterator[tuple[str, bytes, Callable[[], object]]]:
    """Yield damaged studies, designs and price books for ever."""
    for name, text in TABLES.items():
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    base = CustomerBase.load(folder / "data")
    study = json.loads(study_text(Study.new("acme", "data")))
    designs = {method: example_design(method).model_dump(mode="json") for method in METHODS}
    book = price_book(base, Study.new("acme", "data").baseline).to_dict()

    def opened() -> object:
        found = Study.load(folder)
        return [price_book(base, scenario) for scenario in found.scenarios]

    while True:
        (folder / "study.json").write_bytes(content := faulty_json(study, rng))
        yield "study.json", content, opened
        method = rng.choice(METHODS)
        (folder / "design.json").write_bytes(content := faulty_json(designs[method], rng))
        yield f"{method}.json", content, lambda method=method: load_design(method, folder / "design.json")
        changed_book = changed(book, rng)
        yield "price book", json.dumps(changed_book).encode(), lambda given=changed_book: PriceBook.from_dict(given)


def survey_inputs(folder: Path, rng: random.Random) -> Iterator[tuple[str, bytes, Callable[[], object]]]:
    """Yield damaged answer files and event logs for ever."""
    answers, events = folder / "answers", folder / "events.csv"
    answers.mkdir()
    log = "account_id,timestamp,metric,quantity,event_id\n" + "".join(
        f"A{i % 3},2024-01-{1 + i % 28:02d}T0{i % 10}:00:00Z,seats,{i * 1.5},E{i}\n" for i in range(40)
    )

    def counted() -> object:
        with open_engine("pandas") as engine:
            return events_to_months(engine.read(events), keep=engine.keep).table()

    while True:
        content = mutated(TABLES["survey_price_ladder"].encode(), rng)
        (answers / "survey_price_ladder-1.csv").write_bytes(content)
        yield "answers", content, lambda: combine_answers(answers)
        events.write_bytes(content := mutated(log.encode(), rng))
        yield "events", content, counted


def test_damaged_inputs(tmp_path: Path, reliability: Callable[[str, object], None]) -> None:
    """Damaged inputs are read or refused in words."""
    outcomes = Outcomes()
    shares = ((data_inputs, 0.15), (json_inputs, 0.7), (survey_inputs, 0.15))
    for number, (inputs, share) in enumerate(shares):
        folder = tmp_path / inputs.__name__
        folder.mkdir()
        source = inputs(folder, random.Random(number))
        for _ in range(round(INPUTS * share)):
            outcomes.attempt(*_ordered(next(source)))
        shutil.rmtree(folder)
    assert outcomes.longest < LONGEST_SECONDS
    assert outcomes.refused > INPUTS / 10
    reliability("damaged CSV, Excel, Parquet, study, design, price book, answer and event files", INPUTS)
    reliability("refused in words", outcomes.refused)
    reliability("read, because the fault left them whole", outcomes.read)
    reliability("tracebacks", 0)
    reliability("longest, seconds of CPU", f"{outcomes.longest:.1f}")


def _ordered(given: tuple[str, bytes, Callable[[], object]]) -> tuple[str, Callable[[], object], bytes]:
    what, content, act = given
    return what, act, content


SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER = "account_id,month,metric,quantity\n"
CHILD = """
import resource, sys, time
from pathlib import Path
from workbench.customers.readers import read_file
began = time.process_time()
source = read_file(Path(sys.argv[1]), "usage")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(time.process_time() - began, peak, len(source.problems), sum(len(raw.frame) for raw in source.tables))
"""


def _sheet(path: Path, start: str, repeated: bytes, times: int, end: str) -> None:
    as_workbook(path)
    whole = path.read_bytes()
    small = path.with_suffix(".small")
    small.write_bytes(whole)
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.namelist():
            with target.open(each, "w", force_zip64=True) as part:
                if each != "xl/worksheets/sheet2.xml":
                    part.write(source.read(each))
                    continue
                part.write(f"<worksheet {SPACE}><sheetData>{start}".encode())
                for _ in range(times):
                    part.write(repeated)
                part.write(f"{end}</sheetData></worksheet>".encode())


def _text(path: Path, *pieces: tuple[str, int]) -> None:
    with path.open("w") as file:
        for piece, times in pieces:
            file.write(piece * times)


ROWS = "".join(f"A{i % 9000},2024-{1 + i % 12:02d},seats,{i % 977}\n" for i in range(10_000))
CELL = '<row><c r="A1" t="inlineStr"><is><t>'
BOMBS: dict[str, Callable[[Path], object]] = {
    "cell_of_800_mb.xlsx": lambda path: _sheet(path, CELL, b"a" * (1 << 20), 800, "</t></is></c></row>"),
    "two_million_rows.xlsx": lambda path: _sheet(path, "", b"<row><c><v>1</v></c></row>" * 1000, 2000, ""),
    "blanks_of_1500_mb.xlsx": lambda path: _sheet(path, "", b" " * (1 << 20), 1500, ""),
    "six_million_cells.xlsx": lambda path: _sheet(path, "", b"<row>%b</row>" % (b"<c><v>1</v></c>" * 6), 1_000_000, ""),
    "hundred_million_rows.parquet": lambda path: duckdb.sql(
        "SELECT 'A1' account_id, '2024-01' AS month, 'seats' metric, 1 quantity FROM range(100_000_000)"
    ).write_parquet(str(path), compression="zstd"),
    "open_quote.csv": lambda path: _text(path, (HEADER, 1), (ROWS, 220), ('A1,2024-01,"seats,5\n', 1), (ROWS, 220)),
    "open_quote_first.csv": lambda path: _text(path, (HEADER, 1), ('A1,2024-01,"seats,5\n', 1), (ROWS, 440)),
    "newlines_last.csv": lambda path: _text(path, (HEADER, 1), (ROWS, 1), ("\n", 100_000_000)),
    "newlines_between.csv": lambda path: _text(path, (HEADER, 1), (ROWS, 1), ("\n", 100_000_000), (ROWS, 1)),
    "columns.csv": lambda path: _text(path, ("x,", 50_000), ("\n", 1), (("1," * 50_000) + "\n", 40)),
    "one_line.csv": lambda path: _text(path, ("x", 98_000_000)),
}  # fmt: skip


def test_bombs_at_full_size(tmp_path: Path, reliability: Callable[[str, object], None]) -> None:
    """Files that grow when they are read stay within 30 s and 2 GB."""
    for name, make in BOMBS.items():
        make(tmp_path / name)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, (name, done.stderr)
        seconds, gigabytes, problems, rows = (float(each) for each in done.stdout.split())
        (tmp_path / name).unlink()
        assert problems or rows, name
        assert seconds < LONGEST_SECONDS, (name, seconds)
        assert gigabytes < GIGABYTES, (name, gigabytes)
        what = "refused" if problems else "read"
        reliability(name.replace("_", " "), f"{what}, {seconds:.1f} s of CPU, {gigabytes:.2f} GB")
