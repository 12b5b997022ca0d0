"""A recording laid beside the route table: confirmed, differs, or not in the recording (WIRE.md)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from qpmatch.api.regions import DASHBOARDS
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Evidence, Route
from qpmatch.har.assess import Assessment, Override, assess, is_at
from qpmatch.har.reading import Recorded
from qpmatch.har.shape import Difference

_MOST_PATHS = 1000
_MOST_OF_A_PATH = 20
"""How many kinds of paths that the table does not know are looked into, and how many requests of each."""

_API = "/api/"
_DIGIT = re.compile(r"\d")


class Verdict(StrEnum):
    """What a recording says about a route."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    ABSENT = "not in the recording"


@dataclass(frozen=True, slots=True)
class Finding:
    """One route's verdict. ``override`` is set when the profile needs one to send the route as recorded.

    ``requests`` were made at the route's own address, ``agreeing`` of them as the table or the profile has
    them.
    """

    route: Route
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    override: Override | None = None
    requests: int = 0
    agreeing: int = 0


@dataclass
class _Known:
    """What was seen at a route's own address."""

    requests: int = 0
    agreeing: int = 0
    best: Assessment | None = None

    def add(self, assessment: Assessment) -> None:
        self.requests += 1
        self.agreeing += not assessment.differences
        if self.best is None or len(assessment.differences) < len(self.best.differences):
            self.best = assessment


@dataclass
class _Place:
    """One API base that requests of the recording went to."""

    known: dict[str, _Known] = field(default_factory=dict)
    candidates: dict[str, dict[tuple[str, str], Assessment]] = field(default_factory=dict)
    unexplained: Counter[str] = field(default_factory=Counter)
    skipped: int = 0

    @property
    def requests(self) -> int:
        """How many requests were made here."""
        known = sum(seen.requests for seen in self.known.values())
        return known + self.unexplained.total() + self.skipped

    @property
    def speaks_our_language(self) -> bool:
        """Whether some request with fields of its own was exactly a route of the table."""
        return any(
            seen.agreeing and (ROUTES[name].query or ROUTES[name].body or ROUTES[name].form)
            for name, seen in self.known.items()
        )


class Survey:
    """Takes the requests of a recording one by one; keeps shapes, no values."""

    def __init__(self, base_urls: Iterable[str] = (), routes: Mapping[str, Route] = ROUTES) -> None:
        """``base_urls`` are looked at beside the regions'; ``routes`` is the table as the profile has it."""
        self._bases = [_split_base(url) for url in base_urls]
        self._bases += [(url, _API) for url in DASHBOARDS.values()]
        self._routes = routes
        self._places: dict[str, _Place] = {}

    def add(self, recorded: Recorded) -> None:
        """Look at one request; those to other places than an API are passed over."""
        if recorded.method == "OPTIONS":
            return
        is_ours, path = self._below_base(recorded)
        if path is None:
            return
        place = self._places.setdefault("" if is_ours else recorded.origin, _Place())
        name = self._name_of(recorded.method, path)
        if name is not None:
            place.known.setdefault(name, _Known()).add(assess(ROUTES[name], recorded, path))
            return
        kind = f"{recorded.method} {_without_ids(path)}"
        if kind not in place.unexplained and len(place.unexplained) >= _MOST_PATHS:
            place.skipped += 1
            return
        place.unexplained[kind] += 1
        if place.unexplained[kind] <= _MOST_OF_A_PATH:
            for route in ROUTES.values():
                assessment = assess(route, recorded, path)
                if assessment.convincing:
                    _remember(place.candidates.setdefault(route.name, {}), recorded.method, path, assessment)

    @property
    def requests(self) -> int:
        """How many requests went to the dashboard's API."""
        return sum(place.requests for place in self._dashboards())

    def findings(self) -> list[Finding]:
        """A finding for every route of the table, in its order."""
        known: dict[str, _Known] = {}
        candidates: list[tuple[str, tuple[str, str], Assessment]] = []
        for place in self._dashboards():
            for name, seen in place.known.items():
                known[name] = _merged(known.get(name), seen)
            for name, found in place.candidates.items():
                candidates += [(name, address, assessment) for address, assessment in found.items()]
        chosen = _chosen([candidate for candidate in candidates if candidate[0] not in known])
        return [self._finding(name, known.get(name), chosen.get(name)) for name in ROUTES]

    def _dashboards(self) -> list[_Place]:
        """The places that count: the known API bases, and others that were spoken to in exactly our words."""
        return [place for base, place in self._places.items() if not base or place.speaks_our_language]

    def _below_base(self, recorded: Recorded) -> tuple[bool, str | None]:
        for origin, path in self._bases:
            if recorded.origin == origin and recorded.path.startswith(path):
                return True, recorded.path.removeprefix(path).strip("/")
        _, found, below = recorded.path.partition(_API)
        return False, below.strip("/") if found else None

    def _name_of(self, method: str, path: str) -> str | None:
        """The route at this address; a literal path goes before one with a slot in it."""
        at_address = [route for route in ROUTES.values() if is_at(route, method, path)]
        return min(at_address, key=lambda route: "{" in route.path).name if at_address else None

    def _finding(self, name: str, seen: _Known | None, candidate: Assessment | None) -> Finding:
        route = ROUTES[name]
        assessment = seen.best if seen is not None else candidate
        if assessment is None:
            return Finding(route, Verdict.ABSENT)
        requests, agreeing = (seen.requests, seen.agreeing) if seen is not None else (1, 0)
        override, differences = assessment.override, assessment.differences
        effective = self._routes[name]
        if override is not None and override.apply(route) == replace(effective, evidence=Evidence.OBSERVED):
            needed = override if effective.evidence is Evidence.ASSUMED else None
            agreeing = agreeing or requests
            return Finding(route, Verdict.CONFIRMED, (), needed, requests, agreeing)
        verdict = Verdict.DIFFERS if differences else Verdict.CONFIRMED
        return Finding(route, verdict, differences, override, requests, agreeing)


def _without_ids(path: str) -> str:
    return "/".join("*" if _DIGIT.search(segment) else segment for segment in path.split("/"))


def _split_base(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path)
    return f"{parts.scheme}://{parts.netloc}".casefold(), path if path.endswith("/") else f"{path}/"


def _remember(
    found: dict[tuple[str, str], Assessment], method: str, path: str, assessment: Assessment
) -> None:
    known = found.get((method, path))
    if known is None or _worth(assessment) > _worth(known):
        found[method, path] = assessment


def _worth(assessment: Assessment) -> tuple[bool, float]:
    return assessment.override is not None, assessment.alike


def _merged(one: _Known | None, other: _Known) -> _Known:
    if one is None or one.best is None:
        return other
    merged = _Known(one.requests + other.requests, one.agreeing + other.agreeing, one.best)
    if other.best is not None and len(other.best.differences) < len(one.best.differences):
        merged.best = other.best
    return merged


def _chosen(candidates: list[tuple[str, tuple[str, str], Any]]) -> dict[str, Assessment]:
    """The best request for each route, every request standing for one route at most."""
    chosen: dict[str, Assessment] = {}
    taken: set[tuple[str, str]] = set()
    for name, address, assessment in sorted(candidates, key=lambda entry: _worth(entry[2]), reverse=True):
        if name not in chosen and address not in taken:
            chosen[name] = assessment
            taken.add(address)
    return chosen
