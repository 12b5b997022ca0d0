"""A small CyberQP written by hand from WIRE.md: a second statement of the wire, beside ``api/routes.py``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.api.opponent import Move, Reply, Seen

PASSWORD = "correct horse"
EMAIL = "tech@msp.example"
LOGIN_PAGE = Reply(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"})


@dataclass
class Dashboard:
    """Signs in, demands its cookie and header, and pages through rows. ``before`` may answer instead."""

    companies: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    mfa_code: str | None = None
    before: Callable[[Seen], Move | None] = lambda seen: None
    sessions: set[str] = field(default_factory=set)
    logins: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self, seen: Seen) -> Move:
        if (move := self.before(seen)) is not None:
            return move
        if seen.path == "/api/auth/login":
            return self._login(seen)
        cookie = seen.headers.get("cookie", "").removeprefix("sid=")
        if cookie not in self.sessions:
            return Reply(401, {"message": "Not signed in."})
        if seen.path.startswith("/api/integrations/") and seen.headers.get("integration") != "dattoAutoTask":
            return Reply(400, {"message": "Integration header is missing."})
        match seen.method, seen.path.removeprefix("/api/"):
            case "GET", "customer":
                return self._page("clients", self.customers, seen)
            case "GET", "integrations/customers":
                return self._page("companies", self.companies, seen)
            case "GET", "integrations/matched-customers":
                matched = [company for company in self.companies if company["customers"]]
                return self._page("companies", matched, seen)
            case "POST", "integrations/customers/matches/createjob" | "integrations/customers/createjob":
                return Reply(200, {"message": "Matching Changes Submitted"})
            case "DELETE", "integrations/customers/matches":
                return Reply(204)
        return Reply(404, {"message": "Not found."})

    def _login(self, seen: Seen) -> Move:
        self.logins += 1
        if (seen.json["email"], seen.json["password"]) != (EMAIL, PASSWORD):
            return Reply(401, {"message": "Wrong e-mail or password."})
        if self.mfa_code and seen.json.get("accessCode") != self.mfa_code:
            wrong = "wrong" if "accessCode" in seen.json else "required"
            return Reply(401, {"message": f"The access code is {wrong}."})
        session = f"secret-cookie-{next(self._numbers)}"
        self.sessions.add(session)
        return Reply(200, {}, {"Set-Cookie": f"sid={session}; Path=/; HttpOnly"})

    @staticmethod
    def _page(key: str, rows: list[dict[str, Any]], seen: Seen) -> Move:
        size = int(seen.query["rowsPerPage"])
        first = (int(seen.query["page"]) - 1) * size
        return Reply(200, {"maxCount": len(rows), key: rows[first : first + size]})


def company(number: int, *customers: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "name": f"Company {number}",
        "status": "Active",
        "type": "Customer",
        "customers": [{"id": f"c{customer}", "name": f"Customer {customer}"} for customer in customers],
    }


def customer(number: int, *integrations: str) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "name": f"Customer {number}",
        "integrations": {name: {"active": True} for name in integrations},
    }
