"""Autotask's documented REST API as data: hosts, paths, headers and field names (AUTOTASK.md B1 to B5)."""

from __future__ import annotations

from collections.abc import Mapping

DISCOVERY_URL = "https://webservices.autotask.net/atservicesrest/"
"""Where every tenant asks for its zone, without credentials (B1)."""

DOMAIN = "autotask.net"
"""Zones live below it; a zone that is said to be elsewhere gets no credentials."""

ROOT = "atservicesrest"
"""First part of every path; Autotask itself spells it in several ways (B1)."""

ZONE = "v1.0/zoneInformation"
THRESHOLD = "v1.0/ThresholdInformation"
COMPANIES = "v1.0/Companies/query"
COMPANIES_COUNT = "v1.0/Companies/query/count"
COMPANY_FIELDS = "v1.0/Companies/entityInformation/fields"

USERNAME_HEADER = "UserName"
SECRET_HEADER = "Secret"  # noqa: S105  # the name of a header
INTEGRATION_CODE_HEADER = "ApiIntegrationCode"

PAGE_SIZE = 500
"""The most rows of one page (B3)."""

ROWS_PER_QUERY = 25_000
"""Some clients say that one query gives no more than 50 pages (B3): the rest is asked for from there on."""

THREAD_LIMIT_TEXTS = ("itgenatr005", "thread threshold exceeded")
"""What the thread limit is recognised by, in small letters; its status may be anything (B5)."""

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses worth another attempt. 500 is none: it is what wrong queries and credentials get (B6)."""

TYPE_FIELD = "companyType"
FIELDS: Mapping[str, str] = {
    "id": "id",
    "name": "companyName",
    "active": "isActive",
    "type": TYPE_FIELD,
    "number": "companyNumber",
    "city": "city",
    "parent_id": "parentCompanyID",
    "web": "webAddress",
}
"""The project's word -> the field of the Companies entity (B4)."""

COMPANY_TYPES: Mapping[str, str] = {
    "1": "Customer",
    "2": "Lead",
    "3": "Prospect",
    "4": "Dead",
    "6": "Cancelation",
    "7": "Vendor",
    "8": "Partner",
}
"""The types that Autotask defines for everybody (B4), where the picklist cannot be read."""


def companies_filter(from_id: int) -> list[dict[str, object]]:
    """Every company from an id on; a query without a filter is refused, and the MSP's own company is 0."""
    return [{"op": "gte", "field": FIELDS["id"], "value": from_id}]
