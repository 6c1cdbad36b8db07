"""What every document of a study shares: frozen, strict about fields, and plain about what is wrong."""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from workbench.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
When = AwareDatetime

# Plain words for the problems people meet most; `{...}` takes a number the validator knows.
_PLAIN_WORDS = {
    "string_too_short": "must not be empty",
    "string_too_long": "may have at most {max_length} characters",
    "timezone_aware": "needs a time zone",
    "extra_forbidden": "is not a known field",
    "missing": "is missing",
    "finite_number": "must be a finite number; leave it empty where it is unknown",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be {expected}",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a group of named fields",
    "model_type": "must be a group of named fields",
    "model_attributes_type": "must be a group of named fields",
    "too_short": "needs at least {min_length}",
    "too_long": "may have at most {max_length}",
}
_LONGEST_SLUG = 60
_SHOWN_VALUE = 60


class ImpossibleDocumentError(StudyError, ValueError):
    """Refuse values that a document cannot have; `reasons` names every field, what is wrong, and the value found."""

    def __init__(self, what: str, reasons: str) -> None:
        super().__init__(f"{what}: {reasons}")
        self.reasons = reasons


class FrozenModel(BaseModel):
    """A document that never changes: a change is a new document, checked as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - fields of the document
        """Make the document; ImpossibleDocumentError, a StudyError, names what is wrong with the values."""
        with plain_errors(f"This {_words(type(self).__name__)} is not possible"):
            super().__init__(**values)

    # As in pydantic's RootModel: documents inside a document are checked as part of it, not made by a call, so that
    # every problem is found at once and named by its place in the whole.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def replaced(self, **changes: object) -> Self:
        """Return a copy with these fields changed; ImpossibleDocumentError names what is wrong with the new values."""
        with plain_errors(f"This change to the {_words(type(self).__name__)} is not possible"):
            return type(self).model_validate({**dict(self), **changes})


@contextmanager
def plain_errors(what: str) -> Iterator[None]:
    """Say in these words what is not possible when a document inside is refused; fields and reasons stay."""
    try:
        yield
    except ValidationError as error:
        raise ImpossibleDocumentError(what, explain(error)) from error
    except ImpossibleDocumentError as error:
        raise ImpossibleDocumentError(what, error.reasons) from error


def explain(error: ValidationError) -> str:
    """Say every problem of a validation error in words: field, what is wrong, the value found."""
    return "; ".join(_explain_one(problem) for problem in error.errors(include_url=False)) + "."


def slug(text: str) -> str:
    """Write a text as an id: lower-case ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "item"


def fresh_id(text: str, taken: Container[str]) -> str:
    """Return the text's slug, or the slug with the first free counter when it is taken."""
    wanted = slug(text)
    candidate, counter = wanted, 2
    while candidate in taken:
        candidate, counter = f"{wanted}-{counter}", counter + 1
    return candidate


def _explain_one(problem: Mapping[str, Any]) -> str:
    where = " > ".join(str(part).replace("_", " ") for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if problem["type"] in _PLAIN_WORDS:
        message = _PLAIN_WORDS[problem["type"]].format(**problem.get("ctx", {}))
    value = problem["input"]
    is_short = isinstance(value, str | int | float) or value is None
    is_telling = is_short and problem["type"] not in {"missing", "string_too_short"}
    found = f" (found {_shortened(value)})" if is_telling else ""
    return f"{where}: {message}{found}" if where else f"{message}{found}"


def _shortened(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}..., {len(str(value))} characters"


def _words(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", class_name).lower()
