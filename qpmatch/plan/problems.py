"""What pydantic finds wrong with a plan, said in the words of the plan file and with the place of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from qpmatch.errors import PlanError
from qpmatch.plan.model import (
    VERSION,
    Candidate,
    CompanyRef,
    CreateEntry,
    CustomerRef,
    EditEntry,
    MatchEntry,
    PairBefore,
    Plan,
    ReviewEntry,
    RowBefore,
    RowRef,
    UnmatchEntry,
)
from qpmatch.yamlload import Located, Position

ACTIONS: Mapping[str, type[BaseModel]] = {
    "match": MatchEntry,
    "review": ReviewEntry,
    "create": CreateEntry,
    "unmatch": UnmatchEntry,
    "edit": EditEntry,
}
_INNER: Mapping[str, type[BaseModel]] = {
    "row": RowRef,
    "company": CompanyRef,
    "companies": CompanyRef,
    "customer": CustomerRef,
    "customers": CustomerRef,
    "candidates": Candidate,
    "before": PairBefore,
}
_EXPECTED: Mapping[str, str] = {
    "string_type": "has to be text",
    "string_too_short": "may not be empty",
    "tuple_type": "has to be a list",
    "float_type": "has to be a number",
    "int_type": "has to be a whole number",
    "bool_type": "has to be true or false",
    "finite_number": "has to be a number from 0 to 1",
    "greater_than_equal": "has to be {ge:g} or more",
    "less_than_equal": "has to be {le:g} or less",
}
"""What the file should hold instead, by pydantic's error type; the braces are filled from its context."""

Loc = tuple[str | int, ...]
"""Where a value stands, as pydantic says it."""


class Problem:
    """One thing wrong with a plan file: what, and where."""

    __slots__ = ("hint", "position", "source", "text")

    def __init__(self, text: str, source: str, position: Position, hint: str | None = None) -> None:
        self.text = text
        self.source = source
        self.position = position
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} ({self.source}:{self.position.line}:{self.position.column})"


class InvalidPlanError(PlanError):
    """A plan file cannot be used; ``problems`` are all that was found, the message tells the first."""

    def __init__(self, problems: list[Problem]) -> None:
        first, more = problems[0], len(problems) - 1
        hint = first.hint
        if more:
            others = f"{more} more problem{'s' if more > 1 else ''}: qpmatch plan lint shows all"
            hint = f"{hint}; {others}" if hint else others
        super().__init__(str(first), hint=hint)
        self.problems = tuple(problems)


def problems_of(error: ValidationError, located: Located, at: Loc = ()) -> list[Problem]:
    """Every problem of a validation of the value ``at`` a place, in the order of the file.

    Within one operation what stands there comes before what is missing: a misspelt key explains both.
    """
    found = []
    for details in error.errors(include_url=False):
        kind, loc = details["type"], (*at, *details["loc"])
        problem = _problem(kind, loc, details.get("ctx", {}), details["input"], located)
        found.append((located.position(loc[:2]), kind == "missing", problem.position, problem))
    return [problem for *_, problem in sorted(found, key=lambda one: one[:3])]


def _problem(kind: str, loc: Loc, context: Mapping[str, Any], value: Any, located: Located) -> Problem:
    hint = None
    position = located.position(loc)
    if loc == ("version",) and kind != "missing":
        text = f"this qpmatch reads plans of version {VERSION}, not {value!r}"
    elif kind == "extra_forbidden":
        key, position = str(loc[-1]), located.key_position(loc)
        known = list(_model_at(loc[:-1]).model_fields)
        text = f"{_where(loc[:-1])}unknown key {key!r}"
        hint = f"{_nearest(key, known)}known here: {', '.join(known)}"
    elif kind == "missing":
        text = f"{_where(loc[:-1])}{str(loc[-1])!r} is missing"
        position = located.position(loc[:-1])
    elif kind == "union_tag_not_found":
        text, hint = f"{_where(loc)}'action' is missing", f"one of {', '.join(ACTIONS)}"
    elif kind == "union_tag_invalid":
        action, position = str(context["tag"]), located.position((*loc, "action"))
        text = f"{_where(loc)}unknown action {action!r}"
        hint = f"{_nearest(action, list(ACTIONS))}known: {', '.join(ACTIONS)}"
    elif kind == "literal_error":
        text = f"{_where(loc)}has to be one of {context['expected']}, not {value!r}"
    elif kind == "value_error":
        text = f"{_where(loc)}{context['error']}"
    elif kind.startswith("datetime"):
        text = f"{_where(loc)}has to be a time such as 2026-11-22T10:00:00Z"
    elif kind.startswith("model"):
        text = f"{_where(loc)}has to be {_mapping_at(loc)}, not {_say_type(value)}"
    else:
        expected = _EXPECTED.get(kind)
        text = f"{_where(loc)}{expected.format(**context) if expected else context.get('error', kind)}"
        if kind.endswith("_type"):
            text += f", not {_say_type(value)}"
    return Problem(text, located.source, position, hint)


def _model_at(loc: Loc) -> type[BaseModel]:
    for part in reversed(loc):
        if part == "before" and "edit" in loc:
            return RowBefore
        if isinstance(part, str) and (model := _INNER.get(part) or ACTIONS.get(part)):
            return model
    return Plan


def _mapping_at(loc: Loc) -> str:
    names = [part for part in loc if isinstance(part, str) and part in _INNER]
    if names and names[-1] in ("company", "companies", "customer", "customers"):
        return "a name or {id: ..., name: ...}"
    return "a mapping"


def _where(loc: Loc) -> str:
    """``operation 3: company: ``, with operations counted from 1 and pydantic's union tags left out."""
    words: list[str] = []
    for part in loc[1:] if loc[:1] == ("operations",) and len(loc) > 1 else loc:
        if part in ACTIONS:
            continue
        words.append(f"operation {part + 1}" if isinstance(part, int) and not words else str(part))
    return "".join(f"{word}: " for word in words)


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word.casefold(), known, n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def _say_type(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"
