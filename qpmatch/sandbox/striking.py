"""What a fault of ``faults.KINDS`` does: before the request is carried out, or to its answer."""

from __future__ import annotations

import time
from email.utils import formatdate

from werkzeug.wrappers import Response

from qpmatch.sandbox.answers import error_answer, json_answer
from qpmatch.sandbox.connection import Connection
from qpmatch.sandbox.faults import AUTOTASK_PREFIX, Fault
from qpmatch.sandbox.jobs import Share

ELSEWHERE = "http://elsewhere.invalid/"
"""The other host of ``redirect`` and ``foreign-next``; a name that never resolves (RFC 6761)."""

HANG_SECONDS = 600.0

_LOGIN_PAGE = """<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form method="post"><input name="email"><input name="password" type="password"></form></body></html>
"""

_CODES = {401: "session", 403: "role", 429: "rate_limit"}
_LOGIN_CODES = {401: "bad_credentials", 403: "role", 429: "rate_limit"}


def strike_before(fault: Fault, connection: Connection) -> Response | None:
    """Do what comes before the request is carried out; the answer, when it is not carried out at all."""
    match fault.kind:
        case "status":
            return _status(fault, fault.amount)
        case "429-after":
            return _retry_after(fault, str(fault.amount))
        case "429-date":
            # Two seconds, because the format drops the fraction: one to two seconds from now.
            return _retry_after(fault, formatdate(time.time() + 2, usegmt=True))
        case "reset":
            connection.drop()
            return _discarded()
        case "refuse":
            connection.refuse_new(fault.amount / 1000)
            connection.drop()
            return _discarded()
        case "slow":
            connection.wait(fault.amount / 1000)
        case "hang":
            connection.wait_until_gone(HANG_SECONDS)
            connection.drop()
            return _discarded()
        case "html":
            return Response(_LOGIN_PAGE, mimetype="text/html")
        case "redirect":
            return Response(status=302, headers={"Location": ELSEWHERE + fault.path})
    return None


def strike_after(fault: Fault, connection: Connection, answer: Response) -> Response:
    """Spoil the answer of a request that was carried out."""
    match fault.kind:
        case "reset-after-commit":
            connection.drop()
        case "truncated":
            body = answer.get_data() or b"{}"
            headers = {"Content-Length": str(len(body)), "Connection": "close"}
            answer.set_data(body[: len(body) // 2])
            answer.headers.update(headers)
        case "invalid-json":
            answer.set_data(b'{"maxCount": 1, ')
            answer.status_code = 200
            answer.mimetype = "application/json"
    return answer


def share_of(fault: Fault | None) -> Share:
    """How much of a write takes effect under this fault."""
    kinds = {"no-effect": Share.NONE, "partial": Share.HALF}
    return kinds.get(fault.kind, Share.ALL) if fault else Share.ALL


def _status(fault: Fault, status: int) -> Response:
    if fault.path.lower().startswith(AUTOTASK_PREFIX):
        return Response(status=401) if status == 401 else json_answer({"errors": ["Provoked."]}, status)
    codes = _LOGIN_CODES if fault.path == "auth/login" else _CODES
    return error_answer(status, codes.get(status, "provoked"), f"Provoked by --fault: {status}.")


def _retry_after(fault: Fault, when: str) -> Response:
    answer = _status(fault, 429)
    answer.headers["Retry-After"] = when
    return answer


def _discarded() -> Response:
    return Response(status=500)
