"""One recorded request beside one route: what differs, and the override that would make them agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from qpmatch.api.routes import INTEGRATION_HEADER, INTEGRATIONS, ROUTES
from qpmatch.api.templates import Evidence, Route, overridden
from qpmatch.har.reading import Encoding, Recorded
from qpmatch.har.renames import Rename, find_renames
from qpmatch.har.shape import Difference, compare, is_optional

_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z][A-Za-z_-]{0,39}|v\d")
"""A segment of a path that is the program's own; anything else may be an id or a name."""

_KNOWN_WORDS = frozenset(segment for route in ROUTES.values() for segment in route.path.split("/"))

_RENAME_WEIGHT = 0.7
_LEAST_ALIKE = 0.6
_LEAST_ALIKE_UNPROVED = 0.75
"""How alike to a route a request at an unknown path must be, with an override that explains it or without."""


@dataclass(frozen=True, slots=True)
class Override:
    """What a profile says about a route so that it is sent as recorded (WIRE.md)."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The entry under ``routes`` in ``config.yaml``."""
        entry = {"method": self.method, "path": self.path, "evidence": str(Evidence.OBSERVED)}
        return entry | ({"fields": dict(self.fields)} if self.fields else {})

    def apply(self, route: Route) -> Route:
        """The route as the profile would have it."""
        return overridden(
            route,
            method=self.method,
            path=self.path,
            evidence=Evidence.OBSERVED,
            fields=dict(self.fields),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """``override`` is there only when with it the request is the recorded one to the last field.

    ``alike`` (0..1) says how much the two resemble each other, apart from their values.
    """

    differences: tuple[Difference, ...]
    override: Override | None
    alike: float

    @property
    def convincing(self) -> bool:
        """Whether a request at an unknown path may be taken for this route at all."""
        return self.alike >= (_LEAST_ALIKE if self.override else _LEAST_ALIKE_UNPROVED)


def is_at(route: Route, method: str, path: str) -> bool:
    """Whether a request for ``path`` below the API base is this route by method and path."""
    wanted, given = route.path.split("/"), path.split("/")
    return (
        method == route.method
        and len(wanted) == len(given)
        and all(_is_segment(one, other) for one, other in zip(wanted, given, strict=True))
    )


def assess(route: Route, recorded: Recorded, path: str) -> Assessment:
    """Lay ``recorded``, a request for ``path`` below the API base, beside ``route``."""
    at_path = is_at(route, recorded.method, path)
    renames = _find_renames(route, recorded)
    override = _override(route, recorded, path, renames, at_path=at_path)
    residue = list(_compare(override.apply(route) if override else route, recorded))
    differences = [
        *_address_differences(route, recorded, path, at_path=at_path),
        *(_told(rename) for rename in renames),
        *residue,
    ]
    return Assessment(
        differences=tuple(dict.fromkeys(differences)),
        override=None if residue else override,
        alike=_alike(route, recorded, path, renames),
    )


def _is_segment(wanted: str, given: str) -> bool:
    slot = _SLOT.fullmatch(wanted)
    if slot is None:
        return wanted == given
    if slot[1] == "integration":
        return given in INTEGRATIONS.values()
    return any(character.isdigit() for character in given)


def _find_renames(route: Route, recorded: Recorded) -> list[Rename]:
    renames = find_renames(route.query, recorded.query)
    body = route.form or route.body
    return renames + (find_renames(body, recorded.body) if body else [])


def _told(rename: Rename) -> Difference:
    doubt = "" if rename.sure else ", as far as its value tells: check that it means the same"
    return Difference("field", f"`{rename.field}` is called `{rename.recorded}`{doubt}")


def _override(
    route: Route, recorded: Recorded, path: str, renames: list[Rename], *, at_path: bool
) -> Override | None:
    if not at_path and not _is_printable(path, recorded):
        return None
    fields = tuple((rename.field, rename.recorded) for rename in renames)
    return Override(recorded.method, route.path if at_path else path, fields)


def _is_printable(path: str, recorded: Recorded) -> bool:
    """Whether no part of a path can be an id or a name out of the tenant."""
    unknown = [segment for segment in path.split("/") if segment not in _KNOWN_WORDS]
    values = {text.casefold() for text in _texts([dict(recorded.query), recorded.body])} if unknown else set()
    return all(_WORD.fullmatch(segment) and segment.casefold() not in values for segment in unknown)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case Mapping():
            for key, item in value.items():
                if isinstance(item, Mapping):
                    yield key
                yield from _texts(item)


def _address_differences(
    route: Route, recorded: Recorded, path: str, *, at_path: bool
) -> Iterator[Difference]:
    if recorded.method != route.method:
        yield Difference("method", f"{recorded.method}, not {route.method}")
    if not at_path and not is_at(replace(route, method=recorded.method), recorded.method, path):
        shown = path if _is_printable(path, recorded) else "another one, which holds ids or names"
        yield Difference("path", f"{shown}, not {route.path}")


def _compare(route: Route, recorded: Recorded) -> Iterator[Difference]:
    """The differences in all but the address; with an override applied, what a profile has no words for."""
    if recorded.answered >= 400:
        yield Difference("answer", f"the server answered {recorded.answered}")
    if route.integration_header and recorded.has_headers:
        if recorded.integration is None:
            yield Difference("header", f"{INTEGRATION_HEADER} is not sent")
        elif recorded.integration not in INTEGRATIONS.values():
            yield Difference("header", f"the value of {INTEGRATION_HEADER} is not one that the table knows")
    yield from compare(route.query, recorded.query, "query", constants=False)
    wanted = Encoding.JSON if route.body else Encoding.FORM if route.form else Encoding.NONE
    if recorded.encoding is not wanted:
        yield Difference("body", f"it is {recorded.encoding}, not {wanted}")
    elif body := route.form or route.body:
        yield from compare(body, recorded.body, "body", constants=True)


def _alike(route: Route, recorded: Recorded, path: str, renames: list[Rename]) -> float:
    """Field names of the top level first, then the path: two jobs can have the same fields."""
    body = route.form or route.body or {}
    wanted = {key for part in (route.query, body) for key, value in part.items() if not is_optional(value)}
    given = {*recorded.query, *(recorded.body if isinstance(recorded.body, dict) else ())}
    if len(wanted) < 2 or (recorded.method == "GET") != (route.method == "GET"):
        return 0.0
    known = {key for part in (route.query, body) for key in part}
    top = [rename for rename in renames if rename.field in wanted and rename.recorded in given]
    every = (wanted | (given - known)) - {rename.recorded for rename in top}
    same = len(wanted & given) + _RENAME_WEIGHT * len(top)
    fields = 0.8 * same / len(every)
    if fields + 0.2 < _LEAST_ALIKE:
        return fields
    return fields + 0.2 * SequenceMatcher(None, route.path, path[:200], autojunk=False).ratio()
