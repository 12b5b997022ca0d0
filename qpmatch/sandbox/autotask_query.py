"""Autotask's query language for companies, as SQL (AUTOTASK.md B3)."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from qpmatch.sandbox.autotask_fields import ENTITY, FIELDS, Field, value_of
from qpmatch.sandbox.schema import fold

PAGE_SIZE = 500
"""The most items of one page."""

_MOST_CONDITIONS = 500
_DEEPEST = 20
_COMPARISONS = {"eq": "=", "noteq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT_SEARCHES = {
    "contains": ("instr({}, ?) > 0", 1),
    "beginswith": ("instr({}, ?) = 1", 1),
    "endswith": ("substr({}, -length(?)) = ?", 2),
}
"""Operator -> condition, and how often the value stands in it."""

_TRUTHS: Mapping[object, int] = {True: 1, False: 0, "1": 1, "0": 0, "true": 1, "false": 0}

_Condition: TypeAlias = tuple[str, list[Any]]
"""An SQL condition and the values of its question marks."""


class AutotaskError(Exception):
    """An error answer of Autotask: most are 500, whatever is wrong (AUTOTASK.md B6)."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query. ``digest`` recognises it on its next page, which has to be asked with the same body."""

    condition: str
    values: list[Any]
    fields: list[Field]
    size: int
    digest: str

    def count(self, db: sqlite3.Connection) -> int:
        """How many companies fit."""
        statement = " ".join(("SELECT count(*) FROM company WHERE", self.condition))
        total: int = db.execute(statement, self.values).fetchone()[0]
        return total

    def page(self, db: sqlite3.Connection, after: int) -> tuple[list[dict[str, Any]], int | None]:
        """The companies behind the id ``after``, by id, and the last id among them if more follow."""
        statement = " ".join(
            (
                "SELECT CAST(id AS INTEGER),",
                ", ".join(field.sql for field in self.fields),
                "FROM company WHERE CAST(id AS INTEGER) > ? AND",
                self.condition,
                "ORDER BY CAST(id AS INTEGER) LIMIT ?",
            )
        )
        rows = db.execute(statement, (after, *self.values, self.size + 1)).fetchall()
        more = len(rows) > self.size
        shown = rows[: self.size]
        items = [
            {one.name: value_of(one, value) for one, value in zip(self.fields, row[1:], strict=True)}
            for row in shown
        ]
        return items, shown[-1][0] if more else None


def parse_query(body: Any) -> Query:
    """Judge the body of a query; raises ``AutotaskError``. The names of its keys may have any case."""
    if not isinstance(body, dict):
        raise AutotaskError("The query is not a JSON object.")
    given = {key.lower(): value for key, value in body.items()}
    if unknown := given.keys() - {"filter", "includefields", "maxrecords"}:
        raise AutotaskError(f"Unknown query property [{', '.join(sorted(unknown))}].")
    conditions = given.get("filter")
    if not isinstance(conditions, list) or not conditions:
        raise AutotaskError("A query must have a filter.")
    budget = [_MOST_CONDITIONS]
    condition, values = _all_of(conditions, "AND", budget, _DEEPEST)
    canonical = json.dumps(given, sort_keys=True).encode()
    return Query(
        condition=condition,
        values=values,
        fields=_fields(given.get("includefields")),
        size=_size(given.get("maxrecords")),
        digest=hashlib.sha256(canonical).hexdigest()[:16],
    )


def _fields(names: Any) -> list[Field]:
    if names is None:
        return list(FIELDS.values())
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise AutotaskError("IncludeFields must be a list of field names.")
    return [_field(name) for name in names]


def _field(name: Any) -> Field:
    found = FIELDS.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise AutotaskError(f"Unable to find [{name}] in [{ENTITY}].")
    return found


def _size(size: Any) -> int:
    if size is None:
        return PAGE_SIZE
    if type(size) is not int or not 1 <= size <= PAGE_SIZE:
        raise AutotaskError(f"MaxRecords must be from 1 to {PAGE_SIZE}.")
    return size


def _all_of(items: Any, joint: str, budget: list[int], depth: int) -> _Condition:
    if not isinstance(items, list) or not items:
        raise AutotaskError("A group must have items.")
    if depth == 0:
        raise AutotaskError("The filter is nested too deeply.")
    found = [_condition(item, budget, depth - 1) for item in items]
    condition = f" {joint} ".join(condition for condition, _ in found)
    return f"({condition})", [value for _, values in found for value in values]


def _condition(item: Any, budget: list[int], depth: int) -> _Condition:
    if not isinstance(item, dict) or not isinstance(item.get("op"), str):
        raise AutotaskError("Every condition must have an op.")
    budget[0] -= 1
    if budget[0] < 0:
        raise AutotaskError(f"A query has at most {_MOST_CONDITIONS} conditions.")
    op = item["op"].lower()
    if op in ("and", "or"):
        return _all_of(item.get("items"), op.upper(), budget, depth)
    if item.get("udf"):
        raise AutotaskError(f"Unable to find [{item.get('field')}] among the user-defined fields.")
    field = _field(item.get("field"))
    if op in ("exist", "notexist"):
        return f"({field.sql}) IS {'NOT ' if op == 'exist' else ''}NULL", []
    return _compared(field, op, item.get("value"))


def _compared(field: Field, op: str, value: Any) -> _Condition:
    left = f"fold({field.sql})" if field.is_text else f"({field.sql})"
    if op in ("in", "notin"):
        if not isinstance(value, list) or not 1 <= len(value) <= _MOST_CONDITIONS:
            raise AutotaskError(f"[{op}] needs a list of 1 to {_MOST_CONDITIONS} values.")
        marks = ", ".join("?" * len(value))
        return f"{left} {'NOT ' if op == 'notin' else ''}IN ({marks})", [_value(field, one) for one in value]
    if op in _TEXT_SEARCHES and field.is_text:
        condition, times = _TEXT_SEARCHES[op]
        return condition.format(left), [_value(field, value)] * times
    if op not in _COMPARISONS:
        raise AutotaskError(f"[{op}] cannot be used with [{field.name}].")
    return f"{left} {_COMPARISONS[op]} ?", [_value(field, value)]


def _value(field: Field, value: Any) -> Any:
    convert: Callable[[Any], Any] = {"boolean": _truth, "integer": _integer}.get(field.type, _text)
    try:
        return convert(value)
    except (ValueError, KeyError, TypeError) as error:
        raise AutotaskError(f"The value of [{field.name}] is not a {field.type}.") from error


def _truth(value: Any) -> int:
    return _TRUTHS[value.lower() if isinstance(value, str) else value]


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)
    number = int(value)
    if abs(number) >= 2**63:
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)
    text = fold(str(value))
    text.encode()  # a lone surrogate is no text
    return text
