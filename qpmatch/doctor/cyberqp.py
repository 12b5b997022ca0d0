"""CyberQP, from the sign-in to every read route: each is asked once, nothing is changed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.routes import ROWS_PER_PAGE
from qpmatch.api.templates import Evidence, Route
from qpmatch.config import Settings
from qpmatch.doctor.checklist import Checklist, Found, Status
from qpmatch.errors import DatacentreError, RouteMissingError

_PAGE: Mapping[str, Any] = {"page": 1, "rows_per_page": ROWS_PER_PAGE, "search": ""}

NEEDED = ("customers.list", "matches.list")
"""Without these nothing works; without any other route something does."""


def check_cyberqp(checklist: Checklist, datacentre: CyberQP, settings: Settings, now: datetime) -> None:
    """Sign-in, role, integration, read routes, and the writes that may not be sent yet."""
    seen: dict[str, dict[str, Any]] = {}
    ask = functools.partial(_ask, datacentre, seen)
    checklist.try_("sign-in", lambda: _sign_in(datacentre), needs=["tls", "credentials"])
    checklist.try_("role", lambda: _role(ask), needs=["sign-in"])
    checklist.try_(
        "integration", lambda: _integration(datacentre, settings), needs=["role"], at_worst=Status.WARN
    )
    for name, values in _reads(now).items():
        worst = Status.FAIL if name in NEEDED else Status.WARN
        checklist.try_(name, functools.partial(ask, name, values), needs=["role"], at_worst=worst)
    for name in ("customers.get", "accounts.list"):
        checklist.try_(
            name,
            functools.partial(_of_first_customer, ask, seen, name),
            needs=["customers.list"],
            at_worst=Status.WARN,
        )
    checklist.try_("writes", lambda: _writes(datacentre, settings))


def _sign_in(datacentre: CyberQP) -> Found:
    datacentre.session.sign_in()
    target = datacentre.session.target
    return Found(f"signed in to {'the sandbox' if target.is_embedded else target.host}")


def _role(ask: functools.partial[Found]) -> Found:
    """Asked by way of a route that needs the role; only a refusal is about the role."""
    try:
        ask("matches.list", _PAGE)
    except DatacentreError:
        return Found("cannot be told: matches.list gives no answer", Status.SKIP)
    return Found("the account may use integrations")


def _integration(datacentre: CyberQP, settings: Settings) -> Found:
    try:
        answer = datacentre.session.call("integration.get")
    except RouteMissingError:
        return Found(
            "whether it is set up cannot be asked: the route is only assumed, and is not there",
            Status.WARN,
            "See in the dashboard, under Integrations, that it is connected.",
        )
    if not answer["active"]:
        return Found(
            f"{settings.integration} is not active in CyberQP",
            Status.WARN,
            "Set it up in the dashboard, under Integrations.",
        )
    return Found(f"{settings.integration} is set up")


def _reads(now: datetime) -> dict[str, Mapping[str, Any]]:
    return {
        "customers.list": _PAGE,
        "matches.list": _PAGE,
        "companies.list": _PAGE,
        "events.list": {
            "page": 1,
            "rows_per_page": ROWS_PER_PAGE,
            "start_date": (now - timedelta(days=7)).date().isoformat(),
            "end_date": now.date().isoformat(),
            "timezone_offset": "0",
        },
    }


def _ask(datacentre: CyberQP, seen: dict[str, dict[str, Any]], name: str, values: Mapping[str, Any]) -> Found:
    """One request; that its answer has the expected shape is what the client checks."""
    try:
        answer = datacentre.session.call(name, **values)
    except RouteMissingError as error:
        return Found(error.message, Status.WARN, _MISSING.get(name, error.hint))
    seen[name] = answer
    total = answer.get("total")
    return Found("answers as expected" if total is None else f"answers as expected: {total} rows")


_MISSING = {
    "companies.list": "Take companies from Autotask (companies_from: autotask), or record the Match "
    "Customers page and run `qpmatch doctor --har FILE`.",
}


def _of_first_customer(ask: functools.partial[Found], seen: Mapping[str, dict[str, Any]], name: str) -> Found:
    rows = seen["customers.list"]["rows"] if "customers.list" in seen else []
    if not rows:
        return Found("no customer to ask about", Status.SKIP)
    return ask(name, {**_PAGE, "customer_id": rows[0]["id"]})


def _writes(datacentre: CyberQP, settings: Settings) -> Found:
    assumed = [route.name for route in settings.routes.values() if _is_assumed_write(route)]
    held_back = datacentre.held_back(assumed)
    if held_back:
        return Found(
            f"held back, because they are only assumed: {', '.join(route.name for route in held_back)}",
            Status.WARN,
            "Record one Match, Save in the browser and run `qpmatch doctor --har FILE`; or let them through "
            "with --allow-assumed.",
        )
    if not assumed:
        return Found("every write goes over an observed route")
    where = "in a sandbox nothing is held back" if settings.target.is_sandbox else "allow_assumed is set"
    return Found(f"{len(assumed)} writes are only assumed; {where}")


def _is_assumed_write(route: Route) -> bool:
    return route.writes and route.evidence is Evidence.ASSUMED
