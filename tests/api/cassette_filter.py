"""What of a recording may stay: the shape. Secrets, cookies, e-mail addresses, ids and names are replaced.

Nothing is looked for and taken out; only what the route table knows as harmless is let in. Keys of a request
stay, known or not, because a cassette pins them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from vcr.request import Request  # type: ignore[import-untyped]  # vcrpy carries no types

from qpmatch.api.routes import INTEGRATIONS, JOB_ACCEPTED, ROUTES
from qpmatch.api.templates import Keyed, Kind, Many, Route, Slot

HOST = "http://sandbox.invalid"
ROWS_KEPT = 2
HARMLESS = {"", JOB_ACCEPTED, "Active", "Inactive", "Customer", *INTEGRATIONS.values()}
_HARMLESS_SLOTS = {"page", "rows_per_page", "start_date", "end_date", "timezone_offset"}
_PLAIN = re.compile(r"[0-9T:.Z-]{1,30}")


class Pseudonyms:
    """The same stand-in for the same value, and for itself. ``fixed`` are the ones that a test knows."""

    def __init__(self, fixed: Mapping[str, str]) -> None:
        self._known = {**{pseudonym: pseudonym for pseudonym in fixed.values()}, **fixed}

    def of(self, slot: Slot, value: Any) -> Any:
        """What stands for ``value`` in the place of ``slot``."""
        if isinstance(value, bool) or value is None:
            return value if slot.kind is Kind.FLAG or value is None else "REDACTED"
        if slot.kind is Kind.NUMBER and re.fullmatch(r"\d{1,7}", str(value)):
            return value
        if slot.name in _HARMLESS_SLOTS and _PLAIN.fullmatch(str(value)):
            return value
        if value in HARMLESS or str(value) in self._known.values():
            return value
        if slot.name in ("email", "password", "access_code"):
            return f"REDACTED-{slot.name}"
        return self._known.setdefault(str(value), f"{slot.name}-{len(self._known) + 1}")


class Filter:
    """The two hooks of vcrpy."""

    def __init__(self, fixed: Mapping[str, str]) -> None:
        self._pseudonyms = Pseudonyms(fixed)
        self._route: Route | None = None

    def request(self, request: Request) -> Request:
        """The request with its host, values and most headers replaced."""
        url = urlsplit(request.uri)
        self._route, path = self._routed(request.method, url.path)
        query = self._pairs(self._route.query if self._route else {}, url.query)
        uri = f"{HOST}{path}" + (f"?{query}" if query else "")
        kept = {"content-type", "integration"}
        headers = {name: value for name, value in request.headers.items() if name.lower() in kept}
        return Request(request.method, uri, self._body(request.body or b""), headers)

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """The answer to the request that was filtered last, in the template's shape."""
        headers = {name.lower(): value for name, value in response["headers"].items()}
        kept = {"content-type": headers["content-type"]} if "content-type" in headers else {}
        if "set-cookie" in headers:
            kept["set-cookie"] = ["session=REDACTED; Path=/; HttpOnly"]
        template = self._route.answer if self._route else None
        body = b""
        if template is not None and 200 <= response["status"]["code"] < 300:
            body = json.dumps(self._answered(template, json.loads(response["body"]["string"]))).encode()
        return {"status": response["status"], "headers": kept, "body": {"string": body}}

    def _routed(self, method: str, path: str) -> tuple[Route | None, str]:
        """The route of a request (a word before a slot), and its path without ids."""
        called = path.partition("/api/")[2].split("/")
        for route in sorted(ROUTES.values(), key=lambda route: "{" in route.path):
            parts = route.path.split("/")
            if route.method == method and len(parts) == len(called):
                pairs = list(zip(parts, called, strict=True))
                if all(part == word or part.startswith("{") for part, word in pairs):
                    words = [
                        str(self._pseudonyms.of(Slot(part.strip("{}"), Kind.ID), unquote(word)))
                        if part.startswith("{")
                        else word
                        for part, word in pairs
                    ]
                    return route, f"/api/{'/'.join(words)}"
        return None, "/unknown"

    def _pairs(self, template: Mapping[str, Any], text: str) -> str:
        pairs = parse_qsl(text, keep_blank_values=True)
        return urlencode([(key, self._sent(template.get(key), value)) for key, value in pairs])

    def _body(self, body: bytes) -> bytes:
        if not body or self._route is None:
            return b"" if not body else b"REDACTED"
        if self._route.form is not None:
            return self._pairs(self._route.form, body.decode()).encode()
        return json.dumps(self._sent(self._route.body, json.loads(body)), sort_keys=True).encode()

    def _sent(self, template: Any, value: Any) -> Any:
        """A value of a request: every key stays, what stands under an unknown one does not."""
        match template, value:
            case Slot(), str() | int() | None:
                return self._pseudonyms.of(template, value)
            case Many(), list():
                return [self._sent(template.item, item) for item in value]
            case Keyed(), dict():
                return {
                    self._pseudonyms.of(template.key, key): self._sent(template.item, item)
                    for key, item in value.items()
                }
            case Mapping(), dict():
                return {key: self._sent(template.get(key), item) for key, item in value.items()}
            case _:
                is_due = type(value) is type(template) and value == template
                return value if is_due and not isinstance(template, Mapping) else "REDACTED"

    def _answered(self, template: Any, value: Any) -> Any:
        """A value of an answer: only what the template knows, and a few rows of it."""
        match template, value:
            case Slot(), str() | int() | None:
                return self._pseudonyms.of(template, value)
            case Many(), list():
                return [self._answered(template.item, item) for item in value[:ROWS_KEPT]]
            case Keyed(), dict():
                return {
                    str(self._pseudonyms.of(template.key, key)): self._answered(template.item, item)
                    for key, item in value.items()
                }
            case Mapping(), dict():
                known = {key: part for key, part in template.items() if key in value}
                return {key: self._answered(part, value[key]) for key, part in known.items()}
            case _:
                return "REDACTED"
