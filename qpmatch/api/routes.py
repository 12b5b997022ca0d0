"""The CyberQP dashboard API as data: one entry per route, with its evidence (WIRE.md).

This is the only file that holds a CyberQP path or wire field name. The client renders requests from it and
reads answers with it, the sandbox judges requests by it, ``doctor`` compares recordings with it, and the
README prints it. Its words are those of :mod:`qpmatch.api.templates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qpmatch.api.templates import Evidence, Keyed, Kind, Many, Route, Slot

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
