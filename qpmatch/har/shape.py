"""A recorded value beside a template of the route table: where the two differ, told without any value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qpmatch.api.routes import INTEGRATIONS
from qpmatch.api.templates import Keyed, Kind, Many, Slot

MOST_ENTRIES = 200
"""Entries of one recorded object or list that are looked at; a job of thousands repeats itself."""

_IDENTIFIER = re.compile(r"_?[a-z][A-Za-z_]*\d{0,2}[A-Za-z_]*")
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_KINDS = {Kind.ID: "an id", Kind.TEXT: "a text", Kind.NUMBER: "a number", Kind.FLAG: "true or false"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a recorded request does otherwise; ``where`` is ``path``, ``header``, ``body.x``, ..."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def shown_key(key: str) -> str:
    """A recorded key as it may be printed: only a field name, never what could be a name or an id."""
    return f"`{key}`" if is_field_name(key) else "a field whose name is not shown here"


def is_field_name(key: str) -> bool:
    """Whether a recorded key looks like a programmer's word: all of CyberQP's begin small, names do not."""
    return len(key) <= 40 and bool(_IDENTIFIER.fullmatch(key)) and not _HEX.fullmatch(key)


def is_optional(template: Any) -> bool:
    """Whether a request may leave the template's value out."""
    return isinstance(template, Slot) and template.optional


def fits(template: Any, value: Any) -> bool:
    """Whether a value is of the kind that the template wants, its own fields not looked at."""
    match template:
        case Slot(kind=Kind.ID):
            return (isinstance(value, str) and value != "") or _is_number(value)
        case Slot(kind=Kind.TEXT):
            return isinstance(value, str)
        case Slot(kind=Kind.NUMBER):
            return _is_number(value) or (isinstance(value, str) and value.strip("-").isdecimal())
        case Slot(kind=Kind.FLAG) | bool():
            return isinstance(value, bool) or value in ("true", "false")
        case Slot():
            return True
        case Many() | list():
            return isinstance(value, list)
        case Keyed():
            return isinstance(value, dict) and all(isinstance(item, dict) for item in value.values())
        case Mapping():
            return isinstance(value, dict)
        case str():
            return isinstance(value, str)
        case _:
            return type(value) is type(template)


def compare(template: Any, value: Any, where: str, *, constants: bool) -> Iterator[Difference]:
    """The differences of ``value`` from ``template``; with ``constants`` fixed values must be the same ones.

    An empty text or list in a template stands for what a person has typed or ticked: any other will do.
    """
    if not fits(template, value):
        yield Difference(where, f"it is {_kind_of(value)}, not {_wanted(template)}")
        return
    match template:
        case Slot(name="integration"):
            if value not in INTEGRATIONS.values():
                yield Difference(where, "its value is no integration type that the table knows")
        case Keyed():
            yield from _compare_keyed(template, value, where, constants=constants)
        case Many():
            yield from _compare_list(template, value, where, constants=constants)
        case Mapping():
            yield from _compare_object(template, value, where, constants=constants)
        case str() | bool():
            if constants and template != "" and value != template:
                yield Difference(where, f"it is not {_literal(template)}")
        case _:
            return


def _compare_object(
    template: Mapping[str, Any], value: Mapping[str, Any], where: str, *, constants: bool
) -> Iterator[Difference]:
    for key, inner in template.items():
        if key in value:
            yield from compare(inner, value[key], f"{where}.{key}", constants=constants)
        elif not is_optional(inner):
            yield Difference(where, f"`{key}` is not sent")
    extra = dict.fromkeys(shown_key(key) for key in value if key not in template)
    for key in extra:
        yield Difference(where, f"{key} is sent too")


def _compare_list(template: Many, value: list[Any], where: str, *, constants: bool) -> Iterator[Difference]:
    if not value:
        yield Difference(where, "it is empty here: record one Save with something ticked")
    yield from _distinct(
        compare(template.item, item, f"{where}[]", constants=constants) for item in value[:MOST_ENTRIES]
    )


def _compare_keyed(
    template: Keyed, value: Mapping[str, Any], where: str, *, constants: bool
) -> Iterator[Difference]:
    if not value:
        yield Difference(where, "it is empty here: record one Save with something matched")
    entries = list(itertools.islice(value.items(), MOST_ENTRIES))
    yield from _distinct(
        compare(template.item, item, f"{where}.*", constants=constants) for _, item in entries
    )
    for key, inner in template.item.items():
        if inner == template.key and any(key in item and str(item[key]) != name for name, item in entries):
            yield Difference(where, f"its entries are not filed under their `{key}`")


def _distinct(found: Iterator[Iterator[Difference]]) -> Iterator[Difference]:
    yield from dict.fromkeys(itertools.chain.from_iterable(found))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text" if value else "an empty text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"


def _wanted(template: Any) -> str:
    match template:
        case Slot(kind=kind):
            return _KINDS[kind]
        case Many() | list():
            return "a list"
        case Keyed() | Mapping():
            return "an object of objects" if isinstance(template, Keyed) else "an object"
        case bool():
            return "true or false"
        case _:
            return "a text"


def _literal(constant: str | bool) -> str:
    return str(constant).lower() if isinstance(constant, bool) else f'"{constant}"'
