"""Judge a request by the templates of the route table: anything unknown, missing or of a wrong type is 400.

Nothing here knows a single field: what must stand where is read from ``api.routes``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from qpmatch.api.routes import INTEGRATION_HEADER, INTEGRATIONS
from qpmatch.api.templates import Keyed, Kind, Many, Route, Slot
from qpmatch.sandbox.refusal import bad_request

Values = dict[str, Any]
"""The values that a request carries, by slot name; ``Many`` and ``Keyed`` give a list under their name."""


def judge(route: Route, request: Request, path_values: Mapping[str, str]) -> Values:
    """The values of a request to ``route``, those of its path included.

    Raises ``Refusal`` (400) that says what is wrong with the request.
    """
    values: Values = dict(path_values)
    _judge_pairs(route.query, request.args, "query parameter", values)
    if route.body is not None:
        _judge_json(route.body, _json_body(request), "body", values)
    elif route.form is not None:
        _judge_pairs(route.form, _form_body(request), "form field", values)
    elif request.get_data(cache=True):
        raise bad_request("This request has no body.")
    if route.integration_header:
        _judge_header(request, values)
    return values


def _judge_header(request: Request, values: Values) -> None:
    sent = request.headers.get(INTEGRATION_HEADER)
    if sent is None:
        raise bad_request(f"The header {INTEGRATION_HEADER!r} is missing.")
    if sent not in INTEGRATIONS.values():
        raise bad_request(f"The header {INTEGRATION_HEADER!r} has an unknown value {sent!r}.")
    if values.setdefault("integration", sent) != sent:
        raise bad_request(
            f"The header {INTEGRATION_HEADER!r} says {sent!r}, the request {values['integration']!r}."
        )


def _judge_pairs(template: Mapping[str, Any], sent: MultiDict[str, str], what: str, values: Values) -> None:
    for key in sent:
        if key not in template:
            raise bad_request(f"Unknown {what} {key!r}.")
        if len(sent.getlist(key)) > 1:
            raise bad_request(f"The {what} {key!r} stands more than once.")
    for key, wanted in template.items():
        if key not in sent:
            if isinstance(wanted, Slot) and wanted.optional:
                continue
            raise bad_request(f"The {what} {key!r} is missing.")
        if not isinstance(wanted, Slot):
            if sent[key] != wanted:
                raise bad_request(f"The {what} {key!r} must be {wanted!r}, not {sent[key]!r}.")
        elif wanted.kind is Kind.NUMBER:
            values[wanted.name] = _number(sent[key], f"{what} {key!r}")
        else:
            _judge_slot(wanted, sent[key], f"{what} {key!r}", values)


def _number(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad_request(f"The {where} must be a whole number, not {text!r}.")
    return int(text)


def _judge_json(template: Any, sent: Any, where: str, values: Values) -> None:
    match template:
        case Slot():
            _judge_slot(template, sent, where, values)
        case Many():
            values[template.name] = _judge_list(template, sent, where)
        case Keyed():
            values[template.name] = _judge_keyed(template, sent, where)
        case Mapping():
            _judge_object(template, sent, where, values)
        case _:
            if type(sent) is not type(template) or sent != template:
                raise bad_request(f"{where} must be {json.dumps(template)}.")


def _judge_object(template: Mapping[str, Any], sent: Any, where: str, values: Values) -> None:
    if not isinstance(sent, dict):
        raise bad_request(f"{where} must be an object.")
    for key in sent:
        if key not in template:
            raise bad_request(f"Unknown key {where}.{key}.")
    for key, wanted in template.items():
        if key in sent:
            _judge_json(wanted, sent[key], f"{where}.{key}", values)
        elif not (isinstance(wanted, Slot | Keyed) and wanted.optional):
            raise bad_request(f"{where}.{key} is missing.")


def _judge_list(template: Many, sent: Any, where: str) -> list[Any]:
    if not isinstance(sent, list):
        raise bad_request(f"{where} must be a list.")
    found = []
    for position, item in enumerate(sent):
        inner: Values = {}
        _judge_json(template.item, item, f"{where}[{position}]", inner)
        found.append(inner[template.item.name] if isinstance(template.item, Slot) else inner)
    return found


def _judge_keyed(template: Keyed, sent: Any, where: str) -> list[Values]:
    if not isinstance(sent, dict):
        raise bad_request(f"{where} must be an object.")
    found = []
    for key, item in sent.items():
        inner: Values = {}
        _judge_json(template.item, item, f"{where}.{key}", inner)
        if inner.setdefault(template.key.name, key) != key:
            raise bad_request(f"{where}.{key} belongs to {inner[template.key.name]!r} by what it holds.")
        found.append(inner)
    return found


def _judge_slot(slot: Slot, sent: Any, where: str, values: Values) -> None:
    wanted = {Kind.NUMBER: int, Kind.FLAG: bool, Kind.ANY: object}.get(slot.kind, str)
    if not isinstance(sent, wanted) or (wanted is int and isinstance(sent, bool)):
        raise bad_request(f"The {where} must be {slot.kind}, sent as {_json_type(wanted)}.")
    if isinstance(sent, str):
        if slot.kind is Kind.ID and not sent:
            raise bad_request(f"The {where} must not be empty.")
        if not sent.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in sent):
            raise bad_request(f"The {where} is not valid Unicode.")
    values[slot.name] = sent


def _json_type(python_type: type) -> str:
    return {int: "a number", bool: "true or false", str: "text"}.get(python_type, "anything")


def _json_body(request: Request) -> Any:
    if request.mimetype != "application/json":
        raise bad_request(f"The content type must be application/json, not {request.mimetype!r}.")
    try:
        return json.loads(
            request.get_data(cache=True), object_pairs_hook=_distinct, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The body is not JSON: {error}.") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON value")


def _form_body(request: Request) -> MultiDict[str, str]:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise bad_request(
            f"The content type must be application/x-www-form-urlencoded, not {request.mimetype!r}."
        )
    try:
        return request.form
    except HTTPException as error:
        raise bad_request(f"The body is no form: {error.description}.") from error
