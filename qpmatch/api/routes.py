"""The CyberQP dashboard API as data: one entry per route, with its evidence (WIRE.md).

This is the only file that holds a CyberQP path or wire field name. The client renders requests from it and
reads answers with it, the sandbox judges requests by it, ``doctor`` compares recordings with it, and the
README prints it. Requests and answers are templates: plain JSON values stand for themselves, and

* ``Slot("company_id")`` is a value known by that name in the project,
* ``Many({...})`` is a list whose items look like the template,
* ``Keyed("matches", key=..., item=...)`` is an object with one entry per item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

JOB_ACCEPTED = "Matching Changes Submitted"
"""What a write answers: a job was queued, nothing is done yet (WIRE.md, Common)."""

INTEGRATION_HEADER = "Integration"
"""Sent with every ``integrations/...`` request (WIRE.md, Common)."""

ROWS_PER_PAGE = 50
"""The only page size that has been observed (WIRE.md, Common)."""

INTEGRATIONS: Mapping[str, str] = {
    "autotask": "dattoAutoTask",
    "itglue": "itglue",
    "connectwise": "connectWise",
    "halopsa": "haloPsa",
    "hudu": "hudu",
}
"""The project's word for an integration -> its ``integrationType`` (first two observed, others assumed)."""


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


def _page(**more: Any) -> dict[str, Any]:
    return {
        "page": Slot("page", Kind.NUMBER),
        "rowsPerPage": Slot("rows_per_page", Kind.NUMBER),
        "searchText": Slot("search"),
        **more,
    }


_INTEGRATION_TYPE = {"integrationType": Slot("integration")}
_ACCEPTED = {"message": Slot("message")}

_MATCHED_COMPANIES = {
    "maxCount": Slot("total", Kind.NUMBER),
    "companies": Many(
        "rows",
        {
            "id": Slot("id", Kind.ID),
            "name": Slot("name"),
            "status": Slot("status", optional=True),
            "type": Slot("type", optional=True),
            "customers": Many("customers", {"id": Slot("id", Kind.ID), "name": Slot("name", optional=True)}),
        },
    ),
}

_BULK = {"allSelected": False, "excludedIds": [], "includedIds": []}


def _match(of: str, to: str) -> dict[str, Any]:
    """One entry of a ``createjob`` body: ``of`` is the thing matched, ``to`` what it is matched with."""
    return {
        "autoMatch": False,
        "displayName": Slot(f"{of}_name"),
        "id": Slot(f"{to}_id", Kind.ID),
        "name": Slot(f"{to}_name"),
        "_id": Slot(f"{of}_id", Kind.ID),
    }


_ROUTES = (
    Route(
        name="session.login",
        method="POST",
        path="auth/login",
        evidence=Evidence.OBSERVED,
        source="QC:138-153",
        body={
            "email": Slot("email"),
            "password": Slot("password"),
            "isIframe": False,
            "accessCode": Slot("access_code", optional=True),
        },
    ),
    Route(
        name="customers.list",
        method="GET",
        path="customer",
        evidence=Evidence.OBSERVED,
        source="QC:177-192, 305, 415",
        query=_page(adStatus="ALL", localStatus="ALL", o365Status="ALL", filterUpdated="false"),
        answer={
            "maxCount": Slot("total", Kind.NUMBER),
            "clients": Many(
                "rows",
                {
                    "id": Slot("id", Kind.ID),
                    "name": Slot("name"),
                    "integrations": Keyed(
                        "integrations",
                        Slot("integration"),
                        {"active": Slot("active", Kind.FLAG, optional=True)},
                        optional=True,
                    ),
                },
            ),
        },
    ),
    Route(
        name="customers.get",
        method="GET",
        path="customer/{customer_id}",
        evidence=Evidence.OBSERVED,
        source="QC:549",
    ),
    Route(
        name="matches.list",
        method="GET",
        path="integrations/matched-customers",
        evidence=Evidence.OBSERVED,
        source="QC:196-231, 361-398",
        integration_header=True,
        query=_page(**_INTEGRATION_TYPE),
        answer=_MATCHED_COMPANIES,
    ),
    Route(
        name="companies.list",
        method="GET",
        path="integrations/customers",
        evidence=Evidence.ASSUMED,
        source="KB 9074670634007 shows the screen",
        integration_header=True,
        query=_page(**_INTEGRATION_TYPE),
        answer=_MATCHED_COMPANIES,
    ),
    Route(
        name="matches.save",
        method="POST",
        path="integrations/customers/matches/createjob",
        evidence=Evidence.ASSUMED,
        source="by analogy with accounts.save",
        integration_header=True,
        body={
            **_BULK,
            **_INTEGRATION_TYPE,
            "matchType": "ALL",
            "matches": Keyed("matches", Slot("company_id", Kind.ID), _match("company", "customer")),
            "searchText": "",
        },
        answer=_ACCEPTED,
    ),
    Route(
        name="matches.delete",
        method="DELETE",
        path="integrations/customers/matches",
        evidence=Evidence.ASSUMED,
        source="by analogy with accounts.delete",
        integration_header=True,
        form={"companyId": Slot("company_id", Kind.ID), "customerId": Slot("customer_id", Kind.ID)},
    ),
    Route(
        name="customers.create",
        method="POST",
        path="integrations/customers/createjob",
        evidence=Evidence.ASSUMED,
        source="KB shows the screen: tick the box, Save",
        integration_header=True,
        body={**_BULK, **_INTEGRATION_TYPE, "includedIds": Many("company_ids", Slot("company_id", Kind.ID))},
        answer=_ACCEPTED,
    ),
    Route(
        name="integration.get",
        method="GET",
        path="integrations/{integration}",
        evidence=Evidence.ASSUMED,
        source="by analogy with its siblings; doctor only",
        integration_header=True,
        answer={"active": Slot("active", Kind.FLAG)},
    ),
    Route(
        name="events.list",
        method="GET",
        path="events",
        evidence=Evidence.OBSERVED,
        source="QC:510-541",
        query={
            "page": Slot("page", Kind.NUMBER),
            "rowsPerPage": Slot("rows_per_page", Kind.NUMBER),
            "startDate": Slot("start_date"),
            "endDate": Slot("end_date"),
            "status": "all",
            "eventType": "DATTO-AUTOTASK",
            "customer": "all",
            "timezoneOffset": Slot("timezone_offset"),
        },
        answer={
            "maxCount": Slot("total", Kind.NUMBER),
            "events": Many(
                "rows",
                {
                    "details": Slot("details"),
                    "customerName": Slot("customer_name", optional=True),
                    "source": Slot("source", optional=True),
                },
            ),
        },
    ),
    Route(
        name="accounts.list",
        method="GET",
        path="customer/{customer_id}/users",
        evidence=Evidence.OBSERVED,
        source="QC:686-722",
        query=_page(
            status="allActive", accountStatus="all", userAppType="all", type="standard", qpStatus="all"
        ),
        answer={
            "maxCount": Slot("total", Kind.NUMBER),
            "users": Many(
                "rows",
                {
                    "qpId": Slot("id", Kind.ID),
                    "displayName": Slot("display_name", optional=True),
                    "email": Slot("email", optional=True),
                    "samAccountName": Slot("sam_account_name", optional=True),
                    "userPrincipalName": Slot("user_principal_name", optional=True),
                    "userType": Slot("user_type", optional=True),
                    "enabled": Slot("enabled", Kind.FLAG, optional=True),
                    "createdAt": Slot("created_at", optional=True),
                    "phoneNumber": Slot("phone_number", optional=True),
                    "integrations": Keyed(
                        "integrations",
                        Slot("integration"),
                        {"active": Slot("active", Kind.FLAG, optional=True)},
                        optional=True,
                    ),
                },
            ),
        },
    ),
    Route(
        name="accounts.get",
        method="GET",
        path="integrations/accounts/{account_id}",
        evidence=Evidence.OBSERVED,
        source="QC:1622-1628",
        integration_header=True,
        query={"customer_id": Slot("customer_id", Kind.ID)},
        answer={"id": Slot("contact_id", Kind.ID)},
    ),
    Route(
        name="accounts.save",
        method="POST",
        path="integrations/accounts/matches/createjob",
        evidence=Evidence.OBSERVED,
        source="QC:1133-1170",
        integration_header=True,
        body={
            **_BULK,
            **_INTEGRATION_TYPE,
            "customerId": Slot("customer_id", Kind.ID),
            "matchType": "ALL",
            "matches": Keyed("matches", Slot("account_id", Kind.ID), _match("account", "contact")),
            "searchText": "",
            "userType": "standard",
        },
        answer=_ACCEPTED,
    ),
    Route(
        name="accounts.delete",
        method="DELETE",
        path="integrations/accounts/matches",
        evidence=Evidence.OBSERVED,
        source="PCA:1072-1077",
        integration_header=True,
        form={"accountId": Slot("account_id", Kind.ID), "customerId": Slot("customer_id", Kind.ID)},
    ),
)

ROUTES: Mapping[str, Route] = {route.name: route for route in _ROUTES}
"""Every known route by name."""


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
