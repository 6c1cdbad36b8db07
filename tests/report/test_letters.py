"""A letter to each customer whose bill changes, from a template that can do nothing else; lists by segment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import FileError, StudyError
from workbench.report import example_template, letters, named, write_letters
from workbench.report.content import reported_scenario
from workbench.report.letters import MANIFEST
from workbench.stages.contract import result_of
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report.letters import Letters

pytestmark = [pytest.mark.slow, pytest.mark.needs_stage("migration")]
NAMED = "<b>Heron</b> & =Sons"


@pytest.fixture(scope="module")
def company(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample with a customer whose name would break out of a careless page."""
    accounts = sample_company.accounts
    names = accounts["name"].astype(object)
    names.iloc[:] = [NAMED] * len(names)
    tables = {name: sample_company.table(name) for name in sample_company.tables}
    return CustomerBase.from_tables({**tables, "accounts": accounts.assign(name=names.astype("str"))})


@pytest.fixture(scope="module")
def folder(company: CustomerBase, decided_sample: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all letters of the sample."""
    place: Path = tmp_path_factory.mktemp("letters")
    write_letters(company, decided_sample, place, because="We charge for what is used.")
    return place


def test_each_customer_whose_bill_changes_gets_one(folder: Path) -> None:
    """As many letters as the lists have rows, and each says before, after, date and reason, with its name escaped."""
    rows = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("accounts-*.csv"))])
    assert len(list(folder.glob("letter-*.html"))) == len(rows) > 100
    row = rows.iloc[0]
    text = (folder / f"letter-{row['Account'].lower()}.html").read_text()
    assert "&lt;b&gt;Heron&lt;/b&gt; &amp; =Sons" in text
    assert "<b>" not in text
    assert row["Bill changes"] in text
    assert row["Tell by"] in text
    amounts = [float(each.replace(",", "")) for each in re.findall(r"<td>\N{MINUS SIGN}?\$([\d,.]+)", text)]
    assert amounts[0] == pytest.approx(row["Old bill (USD a month)"], abs=0.01)
    assert amounts[1] == pytest.approx(row["New bill (USD a month)"], abs=0.01)
    assert "We charge for what is used." in text


def test_the_reason_is_that_of_the_bill_in_the_letter(
    company: CustomerBase, decided_sample: Study, folder: Path
) -> None:
    """A bill that grows by an add-on alone says so: it holds what is used today, add-ons as well as the plan."""
    design = reported_scenario(decided_sample, None)
    found = result_of("impact", company, design, study=decided_sample)
    plans = found.comparison.accounts.set_index("account_id")["change"]
    rows = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("accounts-*.csv"))]).set_index("Account")
    same = plans[plans.abs() < 0.01].index.intersection(rows.index)
    assert len(same) > 10
    assert rows.loc[same, "Reason"].str.startswith("add-on ").all()
    account = same[0]
    letter = (folder / f"letter-{account.lower()}.html").read_text()
    assert f"difference for you: {rows.loc[account, 'Reason']}" in letter


def test_the_lists_run_no_formula(folder: Path) -> None:
    """One list for each segment; a cell that begins like a formula stands behind an apostrophe."""
    lists = sorted(folder.glob("accounts-*.csv"))
    assert [each.name for each in lists] == ["accounts-enterprise.csv", "accounts-mid.csv", "accounts-small.csv"]
    cells = re.findall(r'"((?:[^"]|"")*)"', "".join(each.read_text("utf-8-sig") for each in lists))
    assert not [each for each in cells if each[:1] in "=+-@" and each]


def sampled(company: CustomerBase, study: Study, place: Path, template: Path | None = None) -> Letters:
    """Write a sample of two letters."""
    return write_letters(company, study, place, template=template, sample=2, alias_key=b"ours")


@pytest.fixture(scope="module")
def worked_out(company: CustomerBase, decided_sample: Study) -> tuple[pd.DataFrame, str]:
    """Return whose bill changes, under the aliases a sample of letters is written in."""
    found = named(company, decided_sample, "alias", key=b"ours")
    with found.naming.drawing():
        return letters._actions(found.base, found.study, None)


@pytest.fixture
def _bills_at_hand(worked_out: tuple[pd.DataFrame, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests of templates find the bills worked out: what a template may say does not depend on them."""
    monkeypatch.setattr(letters, "_actions", lambda *_: worked_out)


def test_a_sample_names_nobody(company: CustomerBase, decided_sample: Study, tmp_path: Path) -> None:
    """Two letters by alias, without a list; the next sample takes their place."""
    written = sampled(company, decided_sample, tmp_path)
    assert (len(written.letters), written.lists) == (2, ())
    text = "".join(path.name + path.read_text() for path in tmp_path.iterdir())
    assert "Account " in text
    assert not [each for each in company.accounts["account_id"] if each.lower() in text.lower()]
    assert "Heron" not in text
    again = write_letters(company, decided_sample, tmp_path, sample=1, alias_key=b"theirs")
    assert {path.name for path in tmp_path.iterdir()} == {MANIFEST, again.letters[0].name}


@pytest.mark.usefixtures("_bills_at_hand")
def test_a_template_of_ones_own(company: CustomerBase, decided_sample: Study, tmp_path: Path) -> None:
    """The usual one is there to begin with; text and pages both; a file of somebody else stays."""
    own = example_template(tmp_path / "mine.txt")
    own.write_text("To {{ account }}: {{ before }} -> {{ after }} on {{ date }}\n")
    written = sampled(company, decided_sample, tmp_path / "out", own).letters
    assert re.fullmatch(r"To Account \w+: \$[\d,.]+ -> \$[\d,.]+ on \d{4}-\d\d-\d\d", written[0].read_text())
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / written[0].name).write_text("mine")
    with pytest.raises(FileError, match="not written by the workbench"):
        sampled(company, decided_sample, tmp_path / "theirs", own)


@pytest.mark.usefixtures("_bills_at_hand")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ account.__class__.__mro__ }}", "unsafe"),
        ("{{ salary }}", "'salary' is undefined"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{% for x in range(10**9) %}{% endfor %}", "Range too big"),
        ("{{ before", "line 1"),
    ],
)
def test_a_template_reaches_nothing_else(
    company: CustomerBase, decided_sample: Study, tmp_path: Path, text: str, told: str
) -> None:
    """What it asks for beyond a letter is refused with a sentence that says what there is, and nothing is written."""
    template = tmp_path / "wrong.html"
    template.write_text(text)
    with pytest.raises(FileError, match=told) as refused:
        sampled(company, decided_sample, tmp_path / "out", template)
    assert "A letter can say: account" in str(refused.value)
    assert not list((tmp_path / "out").glob("letter-*"))


def test_where_nobody_moves_it_is_said(tmp_path: Path) -> None:
    """Without prices there is nobody to write to; a template needs a known ending."""
    paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    with pytest.raises(StudyError, match="nobody to write to"):
        write_letters(base, Study.new("acme", "data"), tmp_path)
    with pytest.raises(FileError, match=r"End its name in \.html or \.txt"):
        example_template(tmp_path / "letter.docx")
