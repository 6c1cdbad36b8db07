"""Nobody is left out: axe finds nothing serious on what respondents and customers open, light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_view import violations
from offline_page import opened

from workbench import Session
from workbench.report import questionnaire, write_calculator
from workbench.report.desk import write_customer_pages, write_plans
from workbench.research import example_design
from workbench.research.survey_design import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser

THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, make_sample_workspace: Callable[[Path], Workspace]) -> Session:
    """Return the sample study."""
    return Session(make_sample_workspace(tmp_path_factory.mktemp("for_all") / "workspace").sample)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scheme", THEMES)
def test_every_questionnaire(browser: Browser, tmp_path: Path, method: str, scheme: str) -> None:
    """The page a respondent opens, on its first page and with a question."""
    with opened(browser, tmp_path, questionnaire(method, example_design(method)), scheme=scheme) as page:
        assert violations(page) == []
        page.locator("#next").click()
        assert violations(page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_the_calculator(browser: Browser, session: Session, tmp_path: Path, scheme: str) -> None:
    """The page a customer types usage into."""
    file = tmp_path / "calculator.html"
    write_calculator(session.base, session.study, file, scenario_id=session.scenario_id)
    with opened(browser, tmp_path, file.read_text(encoding="utf-8"), scheme=scheme) as page:
        assert violations(page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_the_page_of_a_customer(browser: Browser, session: Session, tmp_path: Path, scheme: str) -> None:
    """The page that shows a customer their own usage, and both faces of the plan made with them."""
    some = [str(session.base.accounts["account_id"].iloc[0])]
    pages = write_customer_pages(session.base, session.study, tmp_path / "pages", accounts=some)
    plans = write_plans(session.base, session.study, tmp_path / "plans", some)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()  # these pages run no script that could say that it is ready
    for file in (pages[0], *plans[:2]):
        page.goto(file.as_uri())
        assert violations(page) == [], file.name
    context.close()
