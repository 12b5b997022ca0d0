"""A small Autotask written by hand from AUTOTASK.md: a second statement of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.api.opponent import Move, Reply, Seen

USER = "api@msp.example"
SECRET = "planted-autotask-secret"
CODE = "PLANTEDINTEGRATIONCODE0000"
ROOT = "/atservicesrest/v1.0/"
THREADS = Reply(500, {"errors": ["Itgenatr005: Thread Threshold Exceeded for this endpoint."]})


def company(id_: int, name: str, **more: Any) -> dict[str, Any]:
    """A row as Autotask sends it."""
    return {
        "id": id_,
        "companyName": name,
        "companyNumber": None,
        "companyType": 1,
        "isActive": True,
        "parentCompanyID": None,
        "city": "",
        "webAddress": None,
    } | more


@dataclass
class Tenant:
    """Answers the documented requests and nothing else. ``before`` may answer instead."""

    companies: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[Seen], Move | None] = lambda seen: None
    page: int = 500
    cap: int | None = None
    picklist: Any = field(
        default_factory=lambda: [{"value": "1", "label": "Customer"}, {"value": "2", "label": "Lead"}]
    )
    next_origin: str | None = None
    url: str = ""

    def __call__(self, seen: Seen) -> Move:
        if (move := self.before(seen)) is not None:
            return move
        path = seen.path.lower()
        if path == f"{ROOT}zoneinformation":
            return self._zone(seen)
        headers = seen.headers
        given = (headers.get("username"), headers.get("secret"), headers.get("apiintegrationcode"))
        if given != (USER, SECRET, CODE):
            return Reply(401)
        match seen.method, path.removeprefix(ROOT):
            case "GET", "thresholdinformation":
                keys = (
                    "externalRequestThreshold",
                    "requestThresholdTimeframe",
                    "currentTimeframeRequestCount",
                )
                return Reply(200, dict(zip(keys, (10000, 60, 12), strict=True)))
            case "GET", "companies/entityinformation/fields":
                field_ = {"name": "companyType", "isPickList": True, "picklistValues": self.picklist}
                return Reply(200, {"fields": [{"name": "id"}, field_]})
            case "POST", "companies/query/count":
                return Reply(200, {"queryCount": len(self._wanted(seen))})
            case "POST", "companies/query" | "companies/query/next":
                return self._query(seen)
        return Reply(404, {"errors": ["No resource was found."]})

    def _zone(self, seen: Seen) -> Move:
        if seen.query.get("user") != USER:
            return Reply(500, {"errors": ["Zone information could not be determined"]})
        return Reply(200, {"zoneName": "Test", "url": self.url, "webUrl": self.url, "ci": 1})

    def _wanted(self, seen: Seen) -> list[dict[str, Any]]:
        (condition,) = seen.json["filter"]
        assert (condition["op"], condition["field"]) == ("gte", "id")
        return [row for row in self.companies if row["id"] >= condition["value"]]

    def _query(self, seen: Seen) -> Move:
        assert seen.json["MaxRecords"] == 500
        assert "id" in seen.json["IncludeFields"]
        begin = int(json.loads(seen.query.get("paging", '{"from": 0}'))["from"])
        rows = self._wanted(seen)[: self.cap]
        end = begin + self.page
        following = None
        if end < len(rows):
            origin = self.next_origin or self.url.lower().partition("/atservicesrest")[0]
            paging = quote(json.dumps({"pageSize": self.page, "from": end}))
            following = f"{origin}/ATServicesRest/V1.0/Companies/query/next?paging={paging}"
        items = [{key: row[key] for key in seen.json["IncludeFields"]} for row in rows[begin:end]]
        return Reply(200, {"items": items, "pageDetails": {"count": len(items), "nextPageUrl": following}})
