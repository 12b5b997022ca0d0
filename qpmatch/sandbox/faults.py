"""Faults that ``sandbox serve`` provokes on request: their grammar, and when one strikes (SPEC 9)."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qpmatch.api.templates import Route
from qpmatch.errors import UsageError

KINDS = {
    "STATUS": "an error status from 400 to 599, such as 401, 403, 429, 500, 502, 503; nothing is done",
    "429-after-SECONDS": "429 with Retry-After in seconds; nothing is done",
    "429-date": "429 with Retry-After as an HTTP date, a second or two ahead; nothing is done",
    "reset": "the connection is dropped before anything is done",
    "reset-after-commit": "the request is carried out, then the connection is dropped",
    "refuse-MS": "the connection is dropped before anything is done, and new ones are refused for MS ms",
    "slow-MS": "answered MS milliseconds late",
    "hang": "no answer until the client leaves (ten minutes at most); nothing is done",
    "truncated": "carried out, half of the answer's body sent, then the connection is closed",
    "invalid-json": "carried out, the answer's body is not JSON",
    "html": "a login page with status 200; nothing is done",
    "redirect": "302 to another host; nothing is done",
    "shift": "lists: as if a row before this page had just gone; one row is missed between two pages",
    "short": "lists: the announced total is one more than there are rows",
    "no-effect": "writes: accepted, never done",
    "partial": "writes: accepted, only the first half of the job's matches is done (of one: none)",
    "foreign-next": "Autotask's Companies/query: nextPageUrl points to another host",
}
"""Every kind and what it does: the text of ``sandbox serve --help``."""

GRAMMAR = "METHOD PATH=KIND, KINDxN (the first N requests) or KIND@RATE (that share of them, 0 to 1)"

_RULE = re.compile(r"(?P<method>[A-Za-z]+) +(?P<path>\S+)=(?P<kind>[^=\s]+)")
_KIND = re.compile(r"(?P<kind>.+?)(?:x(?P<count>\d{1,9})|@(?P<rate>[01]?\.\d+|[01]))?")
_NUMBERED = {
    "429-after": re.compile(r"429-after-(\d{1,6})"),
    "refuse": re.compile(r"refuse-(\d{1,6})"),
    "slow": re.compile(r"slow-(\d{1,6})"),
    "status": re.compile(r"([45]\d\d)"),
}

AUTOTASK_PREFIX = "atservicesrest/"
AUTOTASK_PATHS = (
    "versioninformation",
    "v1.0/zoneInformation",
    "v1.0/Version",
    "v1.0/ThresholdInformation",
    "v1.0/Companies/query",
    "v1.0/Companies/query/next",
    "v1.0/Companies/query/count",
    "v1.0/Companies/entityInformation/fields",
    "v1.0/Companies/{company_id}",
)
"""The stand-in's paths below ``/atservicesrest/`` (AUTOTASK.md B1 to B5)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One ``--fault``: which requests, what happens to them, how often; ``amount`` is the number in KIND."""

    method: str
    path: str
    kind: str
    amount: int = 0
    count: int | None = None
    rate: float | None = None

    def concerns(self, method: str, path: str) -> bool:
        """Whether a request may be struck; ``path`` is relative to ``/api/`` (Autotask's: to the host)."""
        if method != self.method:
            return False
        if self.path.lower().startswith(AUTOTASK_PREFIX):
            return _pattern(self.path.lower()).fullmatch(path.lower()) is not None
        return _pattern(self.path).fullmatch(path) is not None


def parse_fault(text: str, routes: Iterable[Route]) -> Fault:
    """Read ``METHOD PATH=KIND``. PATH is one of ``routes`` as a template or filled in, or Autotask's.

    Raises ``UsageError`` that names the grammar, the kinds or the routes.
    """
    rule = _RULE.fullmatch(text.strip())
    if rule is None:
        raise UsageError(f"--fault {text!r} is not understood", hint=f"It is {GRAMMAR}.")
    method, path = rule["method"].upper(), rule["path"].removeprefix("/").removeprefix("api/")
    _refuse_unknown_path(text, method, path, routes)
    parts = _KIND.fullmatch(rule["kind"])
    kind, amount = _kind(parts["kind"]) if parts else (None, 0)
    if parts is None or kind is None:
        raise UsageError(
            f"--fault {text!r}: the kind {rule['kind']!r} is not known",
            hint=f"It is {GRAMMAR}; kinds are {', '.join(KINDS)}.",
        )
    return Fault(
        method=method,
        path=path,
        kind=kind,
        amount=amount,
        count=int(parts["count"]) if parts["count"] else None,
        rate=float(parts["rate"]) if parts["rate"] else None,
    )


class FaultPlan:
    """Decides request by request whether a fault strikes; safe to ask from several threads.

    The first fault that concerns a request and is not used up strikes. Shares are drawn from ``seed``, a
    sequence of their own for each fault.
    """

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._lock = threading.Lock()
        self._faults = list(faults)
        self._left = [fault.count for fault in faults]
        self._dice = [random.Random(f"{seed} {position}") for position in range(len(faults))]  # noqa: S311 - a rehearsal, no secret

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for this request, counted as used."""
        if not self._faults:
            return None
        with self._lock:
            for position, fault in enumerate(self._faults):
                if fault.concerns(method, path) and self._draws(position):
                    return fault
        return None

    def _draws(self, position: int) -> bool:
        fault, left = self._faults[position], self._left[position]
        if fault.rate is not None:
            return self._dice[position].random() < fault.rate
        if left is None:
            return True
        self._left[position] = max(0, left - 1)
        return left > 0


def _kind(text: str) -> tuple[str | None, int]:
    for kind, pattern in _NUMBERED.items():
        if found := pattern.fullmatch(text):
            return kind, int(found[1])
    return (text if text in KINDS and text != "STATUS" else None), 0


def _refuse_unknown_path(text: str, method: str, path: str, routes: Iterable[Route]) -> None:
    if path.lower().startswith(AUTOTASK_PREFIX):
        rest = path[len(AUTOTASK_PREFIX) :]
        if any(_covers(known.lower(), rest.lower()) for known in AUTOTASK_PATHS):
            return
        known_paths = [AUTOTASK_PREFIX + known for known in AUTOTASK_PATHS]
    else:
        known_routes = list(routes)
        if any(route.method == method and _covers(route.path, path) for route in known_routes):
            return
        known_paths = [f"{route.method} {route.path}" for route in known_routes]
    raise UsageError(
        f"--fault {text!r}: there is no route {method} {path}", hint=f"Routes are {', '.join(known_paths)}."
    )


def _covers(template: str, path: str) -> bool:
    return template == path or _pattern(template).fullmatch(path) is not None


def _pattern(template: str) -> re.Pattern[str]:
    literal = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in literal))
