"""The words in which the route table is written: requests and answers as templates.

Plain JSON values stand for themselves, and

* ``Slot("company_id")`` is a value known by that name in the project,
* ``Many("rows", {...})`` is a list whose items look like the template,
* ``Keyed("matches", key=..., item=...)`` is an object with one entry per item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Evidence(StrEnum):
    """How a route is known (WIRE.md)."""

    OBSERVED = "observed"
    ASSUMED = "assumed"


class Kind(StrEnum):
    """The JSON type of a slot. ``ID`` is text on the way out; a number is accepted on the way in."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value of a template. ``optional`` slots may be absent (or null in an answer)."""

    name: str
    kind: Kind = Kind.TEXT
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A list. ``item`` is a template, or a slot for a list of plain values; ``name`` is its slot name."""

    name: str
    item: Any


@dataclass(frozen=True, slots=True)
class Keyed:
    """An object with one entry per item of the list called ``name``, under the item's ``key`` slot.

    In an answer ``optional`` says that the object may be absent.
    """

    name: str
    key: Slot
    item: Any
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One request and its answer. ``body`` is JSON, ``form`` is form-encoded; at most one of them is set."""

    name: str
    method: str
    path: str
    evidence: Evidence
    source: str
    integration_header: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None

    @property
    def writes(self) -> bool:
        """Whether the request changes the tenant (signing in does not)."""
        return self.method != "GET" and self.name != "session.login"


def renamed(template: Any, fields: Mapping[str, str]) -> Any:
    """The template with wire field names replaced, at every depth: ``{"displayName": "companyName"}``."""
    match template:
        case Mapping():
            return {fields.get(key, key): renamed(value, fields) for key, value in template.items()}
        case Many() | Keyed():
            return replace(template, item=renamed(template.item, fields))
        case _:
            return template


def overridden(
    route: Route,
    *,
    method: str | None = None,
    path: str | None = None,
    evidence: Evidence | None = None,
    fields: Mapping[str, str] | None = None,
) -> Route:
    """A route as an operator's profile corrects it (WIRE.md, Writing over an assumed route).

    ``fields`` maps the table's wire field names of the request to the recorded ones.
    """
    return replace(
        route,
        method=method or route.method,
        path=path or route.path,
        evidence=evidence or route.evidence,
        query=renamed(route.query, fields or {}),
        body=renamed(route.body, fields or {}),
        form=renamed(route.form, fields or {}),
    )
