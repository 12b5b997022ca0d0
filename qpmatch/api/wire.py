"""Requests written and answers read by the templates of ``routes.py``: the only translator of wire shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from qpmatch.api.templates import Keyed, Kind, Many, Route, Slot
from qpmatch.errors import DatacentreError

Values = Mapping[str, Any]
"""Slot name -> value; a ``Many`` or ``Keyed`` takes a list of such mappings, or of plain values."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A request as it goes out, without its host. The body stays out of the ``repr``: it may hold secrets."""

    path: str
    query: dict[str, str]
    json: Any = field(repr=False)
    form: dict[str, str] | None = field(repr=False)


def render(route: Route, values: Values) -> Rendered:
    """The request of ``route`` with its slots filled; ``KeyError`` for a value that is due and missing."""
    return Rendered(
        path=re.sub(r"\{(\w+)\}", lambda match: quote(str(values[match[1]]), safe=""), route.path),
        query={key: str(value) for key, value in _written(route.query, values).items()},
        json=None if route.body is None else _written(route.body, values),
        form=None if route.form is None else _written(route.form, values),
    )


_ABSENT = object()
_WRITERS: dict[Kind, Callable[[Any], Any]] = {Kind.ID: str, Kind.TEXT: str, Kind.NUMBER: int, Kind.FLAG: bool}


def _written(template: Any, values: Values) -> Any:
    match template:
        case Slot():
            value = values.get(template.name) if template.optional else values[template.name]
            if value is None:
                return _ABSENT
            return _WRITERS.get(template.kind, lambda as_is: as_is)(value)
        case Many(item=Slot() as slot):
            return [_written(slot, {slot.name: value}) for value in values[template.name]]
        case Many():
            return [_written(template.item, item) for item in values[template.name]]
        case Keyed():
            return {
                _written(template.key, item): _written(template.item, item) for item in values[template.name]
            }
        case Mapping():
            written = {key: _written(value, values) for key, value in template.items()}
            return {key: value for key, value in written.items() if value is not _ABSENT}
        case _:
            return template


class _ShapeError(Exception):
    """Raised while reading, and given its JSON path step by step on the way up."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.steps: list[str] = []

    def under(self, step: str) -> _ShapeError:
        self.steps.append(step)
        return self

    @property
    def path(self) -> str:
        return "$" + "".join(reversed(self.steps))


def read(route: Route, document: Any) -> dict[str, Any]:
    """What an answer says: slot name -> value, ``Many`` as a list, ``Keyed`` as a dict of such mappings.

    Keys that the template does not name are passed over. Raises ``DatacentreError`` naming the route and
    the JSON path where the answer has another shape.
    """
    if route.answer is None:
        return {}
    found: dict[str, Any] = {}
    try:
        _read_into(found, route.answer, document)
    except _ShapeError as error:
        raise DatacentreError(
            f"{route.name}: the answer of {route.method} {route.path} has an unknown shape at {error.path}: "
            f"{error.problem}",
            hint="CyberQP may have changed this request. Run `qpmatch doctor`; a recording "
            "(`qpmatch doctor --har FILE`) shows what it looks like now.",
            sent=route.writes,
        ) from None
    return found


def _read_into(found: dict[str, Any], template: Mapping[str, Any], document: Any) -> None:
    if not isinstance(document, dict):
        raise _ShapeError(f"an object is due, {_kind_of(document)} came")
    for key, part in template.items():
        value = document.get(key)
        try:
            if isinstance(part, Slot):
                found[part.name] = _value(part, value, is_there=key in document)
            elif isinstance(part, Many):
                found[part.name] = _list(part, value)
            elif isinstance(part, Keyed):
                found[part.name] = _keyed(part, value)
            else:
                found.update(_constant(part, value))
        except _ShapeError as error:
            raise error.under(f".{key}") from None


def _value(slot: Slot, value: Any, *, is_there: bool) -> Any:
    kind = slot.kind
    if kind is Kind.TEXT and isinstance(value, str):
        # A lone surrogate can be neither printed nor stored; U+FFFD shows where it stood.
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if kind is Kind.ID:
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    if kind is Kind.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return value
    if (kind is Kind.FLAG and isinstance(value, bool)) or (kind is Kind.ANY and value is not None):
        return value
    if value is None and slot.optional:
        return None
    raise _ShapeError(f"{_DUE[kind]} is due, {_kind_of(value) if is_there else 'nothing'} came")


_DUE = {
    Kind.TEXT: "text",
    Kind.ID: "an id",
    Kind.NUMBER: "a whole number",
    Kind.FLAG: "true or false",
    Kind.ANY: "a value",
}


def _list(part: Many, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _ShapeError(f"a list is due, {_kind_of(value)} came")
    items: list[Any] = []
    for index, item in enumerate(value):
        try:
            items.append(_item(part.item, item))
        except _ShapeError as error:
            raise error.under(f"[{index}]") from None
    return items


def _keyed(part: Keyed, value: Any) -> dict[str, Any]:
    if value is None and part.optional:
        return {}
    if not isinstance(value, dict):
        raise _ShapeError(f"an object is due, {_kind_of(value)} came")
    entries: dict[str, Any] = {}
    for key, item in value.items():
        try:
            entries[key] = _item(part.item, item)
        except _ShapeError as error:
            raise error.under(f"[{key!r}]") from None
    return entries


def _item(template: Any, value: Any) -> Any:
    if isinstance(template, Slot):
        return _value(template, value, is_there=True)
    found: dict[str, Any] = {}
    _read_into(found, template, value)
    return found


def _constant(part: Any, value: Any) -> dict[str, Any]:
    if isinstance(part, Mapping):
        found: dict[str, Any] = {}
        _read_into(found, part, value)
        return found
    if value != part:
        raise _ShapeError(f"{part!r} is due, {_kind_of(value)} came")
    return {}


def _kind_of(value: Any) -> str:
    """The JSON type of a value. Never the value: it may be a name, and errors are logged."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text" if value else "empty text"
        case list():
            return "a list"
        case _:
            return "an object"
