"""Where the customer base of a study lies, and how it is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints, field_validator, model_serializer

from workbench.errors import WorkbenchError
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SerializerFunctionWrapHandler

    from workbench.customers.intake.ledger import RevenueRules

CurrencyOrNone = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^([A-Za-z]{3})?$")]


class DataSource(FrozenModel):
    """Where the customer base lies.

    Parameters
    ----------
    path, as_of
        Folder or workbook (relative paths start at the study's folder), and the day after which all is hidden.
    allow_credits, signs_mean
        Whether usage may be below zero; the currency of signs such as $, "" for the study's.
    rules
        Rules by which recurring revenue is counted, as a mapping file writes them; the usual ones unless named.

    Examples
    --------
    >>> from workbench.study import DataSource
    >>> DataSource(path="../data").located("studies/acme").as_posix()
    'studies/acme/../data'
    """

    path: str
    as_of: date | None = None
    allow_credits: bool = False
    signs_mean: CurrencyOrNone = ""
    rules: dict[str, str] = Field(default_factory=dict)

    @field_validator("rules")
    @classmethod
    def _known(cls, rules: dict[str, str]) -> dict[str, str]:
        try:
            _rules_of(rules)
        except WorkbenchError as error:
            raise ValueError(f"{error.message} {error.advice}") from error
        return rules

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = write(self)
        return {key: value for key, value in document.items() if value or key != "rules"}

    @property
    def revenue_rules(self) -> RevenueRules:
        """Return the rules by which recurring revenue is counted."""
        return _rules_of(self.rules)

    def located(self, study_folder: Path | str) -> Path:
        """Return the path of the data for a study kept in `study_folder`."""
        return Path(study_folder) / Path(self.path).expanduser()


def _rules_of(written: Mapping[str, str]) -> RevenueRules:
    from workbench.customers.intake.ledger import RevenueRules  # noqa: PLC0415 - a study opens without pandas

    return RevenueRules().with_written(written)
