"""Autotask as a source of companies: its documented REST API, read only (AUTOTASK.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qpmatch.api import autotask_routes as routes
from qpmatch.api.answer import Answer
from qpmatch.api.autotask_credentials import AutotaskCredentials
from qpmatch.api.autotask_errors import error_words, is_thread_limit, refusal
from qpmatch.api.autotask_zone import found_zone, origin, zone_url
from qpmatch.api.interface import Progress, no_progress
from qpmatch.api.transport import Call, Transport
from qpmatch.errors import DatacentreError, IncompleteListError
from qpmatch.models import Company

_log = logging.getLogger(__name__)

_READINGS = 3
"""How often the list is read that does not come out: it can change while it is read."""

_CLOSED = frozenset({403, 404, 405})
"""Answers to an API user who may not see the description of an entity, but its rows (B6)."""

OpenTransport = Callable[[str], Transport]
"""Gives a transport for a base URL that ends with a slash."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """How much of the hourly allowance, which all integrations of a tenant share, is used (B5)."""

    limit: int
    minutes: int
    used: int


class Autotask:
    """One Autotask tenant, asked one request at a time. Close it after use."""

    def __init__(
        self,
        credentials: AutotaskCredentials,
        open_transport: OpenTransport,
        *,
        url: str | None = None,
        discovery_url: str = routes.DISCOVERY_URL,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        """``url`` is the zone's address where it need not be found out. Nothing is sent before it is asked.

        Raises ``UsageError`` for a ``url`` that is not https (http is allowed on loopback).
        """
        self._credentials = credentials
        self._open_transport = open_transport
        self._url = None if url is None else zone_url(url)
        self._discovery_url = discovery_url
        self._on_close = on_close
        self._transport: Transport | None = None

    def __repr__(self) -> str:
        return f"Autotask({self._url!r})"

    def close(self) -> None:
        """Give up connections, and what the opener wants given up."""
        if self._transport is not None:
            self._transport.close()
        self._on_close()

    def find_zone(self) -> str:
        """The base URL of this tenant's zone, found out with the user name alone (B1).

        Raises ``CredentialsError`` for an unknown user, ``DatacentreError``.
        """
        if self._url is None:
            transport = self._open_transport(self._discovery_url)
            try:
                document = _document(transport, _zone_call(self._credentials.username))
            finally:
                transport.close()
            self._url = found_zone(document.get("url"), self._discovery_url)
        return self._url

    def threshold(self) -> Threshold:
        """The hourly allowance and what is used of it; a cheap way to try the credentials."""
        document = self._ask("GET", routes.THRESHOLD)
        try:
            return Threshold(
                int(document["externalRequestThreshold"]),
                int(document["requestThresholdTimeframe"]),
                int(document["currentTimeframeRequestCount"]),
            )
        except (KeyError, TypeError, ValueError):
            raise _unknown_shape(routes.THRESHOLD) from None

    def companies(self, progress: Progress = no_progress) -> list[Company]:
        """Every company that the API user may see, by id, complete (R10).

        Raises ``CredentialsError``, ``DatacentreError``; ``IncompleteListError`` when the companies do not
        come out at the number that Autotask counts.
        """
        types = self._types()
        for _ in range(_READINGS):
            total = self._count()
            rows: dict[int, Mapping[str, Any]] = {}
            for page in self._pages(total):
                rows.update((_id(row), row) for row in page)
                progress("companies", min(len(rows), total), total)
            if len(rows) == total:
                return [_company(rows[id_], types) for id_ in sorted(rows)]
        raise IncompleteListError(
            f"Autotask counts {total} companies, and {len(rows)} came, in {_READINGS} readings",
            hint="Nothing was left out silently: nothing is shown. Somebody may be changing companies; run "
            "the same command again in a minute.",
        )

    def _pages(self, total: int) -> Iterator[list[Mapping[str, Any]]]:
        """The pages of a reading; never many more than ``total`` asks for."""
        seen = 0
        from_id = 0
        while True:
            got, highest = 0, from_id
            for page in self._query(from_id):
                yield page
                got += len(page)
                highest = max([highest, *(_id(row) for row in page)])
                if got > total + routes.ROWS_PER_QUERY:
                    return  # pages without an end: the count will say so
            seen += got
            if seen >= total or got < routes.ROWS_PER_QUERY:
                return
            from_id = highest + 1

    def _query(self, from_id: int) -> Iterator[list[Mapping[str, Any]]]:
        body = {
            "filter": routes.companies_filter(from_id),
            "IncludeFields": list(routes.FIELDS.values()),
            "MaxRecords": routes.PAGE_SIZE,
        }
        path = routes.COMPANIES
        asked: set[str] = set()
        while path and path not in asked:
            asked.add(path)
            document = self._ask("POST", path, body)
            items, details = document.get("items"), document.get("pageDetails")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise _unknown_shape(routes.COMPANIES)
            yield items
            path = self._next(details)

    def _next(self, details: Any) -> str:
        """The address of the next page, which is asked with credentials: only on the zone's own origin."""
        url = details.get("nextPageUrl") if isinstance(details, dict) else None
        if not url:
            return ""
        try:
            same = isinstance(url, str) and origin(url) == origin(self.find_zone())
        except ValueError:
            same = False
        if not same:
            raise DatacentreError(
                "Autotask names a next page on another host than its zone's: nothing was sent there",
                hint="Something between you and Autotask changes its answers, or autotask.url is wrong.",
            )
        return str(url)

    def _count(self) -> int:
        count = self._ask("POST", routes.COMPANIES_COUNT, {"filter": routes.companies_filter(0)}).get(
            "queryCount"
        )
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise _unknown_shape(routes.COMPANIES_COUNT)
        return count

    def _types(self) -> Mapping[str, str]:
        """Company type id -> label, as this tenant's picklist has it."""
        transport, call = self._opened(), self._call("GET", routes.COMPANY_FIELDS)
        answer = transport.send(call)
        document = {} if answer.status in _CLOSED else _read(transport, call, answer)
        fields = document.get("fields")
        for field in fields if isinstance(fields, list) else []:
            if isinstance(field, dict) and field.get("name") == routes.TYPE_FIELD:
                values = [value for value in field.get("picklistValues") or [] if isinstance(value, dict)]
                labels = {str(value.get("value")): str(value.get("label")) for value in values}
                return {**routes.COMPANY_TYPES, **labels}
        _log.info("Autotask shows no picklist of company types; its fixed ones are used")
        return routes.COMPANY_TYPES

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        transport = self._opened()
        return _document(transport, self._call(method, path, body))

    def _opened(self) -> Transport:
        if self._transport is None:
            self._transport = self._open_transport(self.find_zone())
            self._transport.redactor.learn(self._credentials.secret, self._credentials.integration_code)
        return self._transport

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Call:
        return Call(
            label="Autotask",
            method=method,
            path=path,
            headers={
                routes.USERNAME_HEADER: self._credentials.username,
                routes.SECRET_HEADER: self._credentials.secret.reveal(),
                routes.INTEGRATION_CODE_HEADER: self._credentials.integration_code.reveal(),
            },
            json=body,
            transient=routes.TRANSIENT,
            is_transient=is_thread_limit,
        )


def _zone_call(username: str) -> Call:
    """It carries no credentials: none are needed, and the host is not the tenant's own (B1)."""
    return Call(
        label="Autotask zone",
        method="GET",
        path=routes.ZONE,
        query={"user": username},
        transient=routes.TRANSIENT,
    )


def _document(transport: Transport, call: Call) -> dict[str, Any]:
    """The JSON object that is answered; raises what a refusal means."""
    return _read(transport, call, transport.send(call))


def _read(transport: Transport, call: Call, answer: Answer) -> dict[str, Any]:
    words = error_words(answer)
    if not answer.is_success or words or answer.is_html:
        raise refusal(transport.describe(call), answer, transport.redactor.clean("; ".join(words)))
    if not isinstance(answer.document, dict):
        raise _unknown_shape(call.label)
    return answer.document


def _unknown_shape(path: str) -> DatacentreError:
    return DatacentreError(
        f"Autotask: the answer to {path} has an unknown shape",
        hint="Run `qpmatch doctor`; if it stays, report it.",
    )


def _id(row: Mapping[str, Any]) -> int:
    id_ = row.get(routes.FIELDS["id"])
    if not isinstance(id_, int) or isinstance(id_, bool):
        raise _unknown_shape(routes.COMPANIES)
    return id_


def _company(row: Mapping[str, Any], types: Mapping[str, str]) -> Company:
    name, active = row.get(routes.FIELDS["name"]), row.get(routes.FIELDS["active"])
    if not isinstance(name, str) or active not in (True, False):
        raise _unknown_shape(routes.COMPANIES)
    type_ = row.get(routes.FIELDS["type"])
    return Company(
        id=str(_id(row)),
        name=name,
        active=bool(active),
        type=None if type_ is None else types.get(str(type_), f"type {type_}"),
        number=_text(row, "number"),
        city=_text(row, "city"),
        parent_id=_text(row, "parent_id"),
        web=_text(row, "web"),
    )


def _text(row: Mapping[str, Any], word: str) -> str | None:
    """A field as text; ``None`` where Autotask has nothing. A parent's id may be 0."""
    value = row.get(routes.FIELDS[word])
    return None if value is None or value == "" else str(value)
