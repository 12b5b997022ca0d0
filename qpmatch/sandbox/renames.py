"""``--rename``: a sandbox whose routes differ from the table, as a real datacentre's might (WIRE.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Route, overridden
from qpmatch.errors import UsageError

GRAMMAR = "ROUTE=[METHOD] [PATH][,FIELD:NEW_FIELD...], such as matches.save=POST some/path,displayName:label"

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FIELD = re.compile(r"([^:,\s]+):([^:,\s]+)")


def renamed_routes(renames: Iterable[str]) -> Mapping[str, Route]:
    """The route table with ``renames`` done; raises ``UsageError`` that names the grammar."""
    routes = dict(ROUTES)
    for text in renames:
        name, equals, change = text.strip().partition("=")
        if not equals or not change.strip():
            raise UsageError(f"--rename {text!r} is not understood", hint=f"It is {GRAMMAR}.")
        if name not in routes:
            raise UsageError(
                f"--rename {text!r}: there is no route {name!r}", hint=f"Routes are {', '.join(ROUTES)}."
            )
        routes[name] = _renamed(routes[name], text, change.strip())
    return routes


def _renamed(route: Route, text: str, change: str) -> Route:
    target, *pairs = change.split(",")
    words = target.split()
    if words and ":" in words[0]:
        pairs.insert(0, words.pop(0))
    method = words.pop(0).upper() if words and words[0].upper() in _METHODS else None
    path = words.pop(0).removeprefix("/").removeprefix("api/") if words else None
    fields = [_FIELD.fullmatch(pair.strip()) for pair in pairs]
    if words or not all(fields):
        raise UsageError(f"--rename {text!r} is not understood", hint=f"It is {GRAMMAR}.")
    return overridden(
        route, method=method, path=path, fields={field[1]: field[2] for field in fields if field}
    )
