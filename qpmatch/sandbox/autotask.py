"""A strict stand-in for Autotask's REST API over the same made-up MSP (AUTOTASK.md B1 to B6).

Its errors are Autotask's: an empty 401 for wrong credentials, 500 with ``{"errors": [...]}`` for nearly
everything else.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from qpmatch.sandbox.answers import json_answer
from qpmatch.sandbox.autotask_fields import FIELDS, field_information, value_of
from qpmatch.sandbox.autotask_query import AutotaskError, Query, parse_query
from qpmatch.sandbox.faults import AUTOTASK_PREFIX, Fault
from qpmatch.sandbox.store import SandboxInfo, Store
from qpmatch.sandbox.striking import ELSEWHERE

MIXED_CASE = "ATServicesRest"
"""How Autotask spells the first part of its path in the addresses that it gives out (B1)."""

_THREADS = 3
"""How many requests one object endpoint works on at the same time (B5)."""

_REQUESTS_PER_HOUR = 10_000
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class _Call:
    request: Request
    store: Store
    foreign_next: bool

    @property
    def origin(self) -> str:
        return self.request.host_url


class Autotask:
    """The stand-in: ``answer`` takes the requests whose path begins with ``/atservicesrest/``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._recent: deque[float] = deque()

    def answer(self, request: Request, fault: Fault | None, wait: Callable[[], None]) -> Response:
        """Answer one request; ``wait`` is called while it occupies one of its endpoint's threads."""
        try:
            return self._answer(request, fault, wait)
        except AutotaskError as error:
            if error.status == 401:
                return Response(status=401)
            return json_answer({"errors": [error.message]}, error.status)

    def _answer(self, request: Request, fault: Fault | None, wait: Callable[[], None]) -> Response:
        path = request.path.lower().removeprefix(f"/{AUTOTASK_PREFIX}")
        account = self._store.info()
        if (request.method, path) == ("GET", "v1.0/zoneinformation"):
            return json_answer(_zone(request, account))
        if (request.method, path) == ("GET", "versioninformation"):
            return json_answer({"apiVersions": ["1.0"]})
        _check_credentials(request, account)
        used = self._count_request()
        if (request.method, path) == ("GET", "v1.0/thresholdinformation"):
            return json_answer(
                {
                    "externalRequestThreshold": _REQUESTS_PER_HOUR,
                    "requestThresholdTimeframe": 60,
                    "currentTimeframeRequestCount": used,
                }
            )
        if (request.method, path) == ("GET", "v1.0/version"):
            return json_answer({"version": "1.0"})
        if used > _REQUESTS_PER_HOUR:
            raise AutotaskError("The external request threshold of this database is exceeded.", 429)
        with self._one_of_three("companies"):
            wait()
            return _companies(
                _Call(request, self._store, fault is not None and fault.kind == "foreign-next"), path
            )

    def _count_request(self) -> int:
        now = time.monotonic()
        with self._lock:
            while self._recent and self._recent[0] < now - _HOUR:
                self._recent.popleft()
            self._recent.append(now)
            return len(self._recent)

    @contextmanager
    def _one_of_three(self, endpoint: str) -> Iterator[None]:
        with self._lock:
            if self._busy[endpoint] >= _THREADS:
                raise AutotaskError(
                    "Itgenatr005: Thread Threshold Exceeded. "
                    f"There are {_THREADS} concurrent requests to this endpoint already."
                )
            self._busy[endpoint] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[endpoint] -= 1


def _zone(request: Request, account: SandboxInfo) -> Mapping[str, Any]:
    if request.args.get("user", "").casefold() != account.autotask_username:
        raise AutotaskError("Zone information could not be determined")
    return {
        "zoneName": "Sandbox",
        "url": f"{request.host_url}{MIXED_CASE}/",
        "webUrl": request.host_url,
        "ci": 1,
    }


def _check_credentials(request: Request, account: SandboxInfo) -> None:
    headers = request.headers
    user = headers.get("UserName", "").casefold().encode()
    secret = headers.get("Secret", "").encode()
    code = headers.get("ApiIntegrationCode", "").encode()
    known = hmac.compare_digest(user, account.autotask_username.encode()) & hmac.compare_digest(
        secret, account.autotask_secret.encode()
    )
    if not known or not code:
        raise AutotaskError("", 401)
    if not hmac.compare_digest(code, account.autotask_integration_code.encode()):
        raise AutotaskError("IntegrationCode is invalid.")


def _companies(call: _Call, path: str) -> Response:
    method = call.request.method
    match path.split("/"):
        case ["v1.0", "companies", "query"] if method in ("GET", "POST"):
            return _first_page(call)
        case ["v1.0", "companies", "query", "next"] if method in ("GET", "POST"):
            return _next_page(call)
        case ["v1.0", "companies", "query", "count"] if method in ("GET", "POST"):
            with call.store.snapshot() as db:
                return json_answer({"queryCount": parse_query(_query_body(call.request)).count(db)})
        case ["v1.0", "companies", "entityinformation", "fields"] if method == "GET":
            return json_answer(field_information())
        case ["v1.0", "companies", company_id] if method == "GET":
            return _one(call, company_id)
    raise AutotaskError(f"No resource was found for {method} {call.request.path}.", 404)


def _query_body(request: Request) -> Any:
    if request.method == "GET":
        text: str | bytes = request.args.get("search", "")
    elif request.mimetype == "application/json":
        text = request.get_data(cache=True)
    else:
        raise AutotaskError("The content type must be application/json.", 415)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AutotaskError("The query is not valid JSON.") from error


def _first_page(call: _Call) -> Response:
    query = parse_query(_query_body(call.request))
    with call.store.snapshot() as db:
        if FIELDS["id"] not in query.fields and query.count(db) > query.size:
            raise AutotaskError("IncludeFields must include id when there is more than one page.")
    return _page(call, query, after=-1)


def _next_page(call: _Call) -> Response:
    query = parse_query(_query_body(call.request))
    try:
        paging = json.loads(call.request.args.get("paging", ""))
        after = paging["previousIds"][-1]
        same = paging["query"] == query.digest and type(after) is int
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise AutotaskError("The paging information is not valid.") from error
    if not same:
        raise AutotaskError("The next page must be asked for with the query of the first.")
    return _page(call, query, after)


def _page(call: _Call, query: Query, after: int) -> Response:
    with call.store.snapshot() as db:
        items, last = query.page(db, after)
    return json_answer(
        {
            "items": items,
            "pageDetails": {
                "count": len(items),
                "requestCount": query.size,
                "prevPageUrl": None,
                "nextPageUrl": _next_url(call, query, last) if last is not None else None,
            },
        }
    )


def _next_url(call: _Call, query: Query, last: int) -> str:
    paging = {"pageSize": query.size, "previousIds": [last], "nextIds": [], "query": query.digest}
    parameters = {"paging": json.dumps(paging, separators=(",", ":"))}
    if call.request.method == "GET":
        parameters["search"] = call.request.args["search"]
    origin = ELSEWHERE if call.foreign_next else call.origin
    return f"{origin}{MIXED_CASE}/V1.0/Companies/query/next?{urlencode(parameters)}"


def _one(call: _Call, company_id: str) -> Response:
    columns = ", ".join(field.sql for field in FIELDS.values())
    with call.store.snapshot() as db:
        row = db.execute(" ".join(("SELECT", columns, "FROM company WHERE id = ?")), (company_id,)).fetchone()
    if row is None:
        return json_answer({"errors": ["No matching records found"]}, 404)
    item = {field.name: value_of(field, value) for field, value in zip(FIELDS.values(), row, strict=True)}
    return json_answer({"item": item})
