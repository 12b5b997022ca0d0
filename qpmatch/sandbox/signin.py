"""Signing in, sessions and roles (WIRE.md session.login; SPEC 8).

The answers are the sandbox's own, distinguishable by ``code``: 401 ``bad_credentials``,
``access_code_required`` and ``access_code_wrong``; 403 ``sso_only`` and ``role``.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from dataclasses import dataclass

from qpmatch.api.templates import Route
from qpmatch.sandbox.refusal import Refusal
from qpmatch.sandbox.roles import Role
from qpmatch.sandbox.strict import Values

COOKIE = "sandbox.sid"

DAY_PART = 8 * 3600
"""How many seconds a session lasts unless told otherwise: a working day."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the account may do, and for how many seconds one session lasts."""

    role: Role = Role.SUPER
    sso_only: bool = False
    session_seconds: float = DAY_PART


def sign_in(db: sqlite3.Connection, policy: Policy, values: Values) -> str:
    """Check the credentials and open a session; returns its token. Raises ``Refusal`` (401 or 403)."""
    settings = dict(db.execute("SELECT name, value FROM setting"))
    if not (
        _same(values["email"].strip().casefold(), settings["email"])
        & _same(values["password"], settings["password"])
    ):
        raise Refusal(401, "bad_credentials", "Wrong e-mail or password.")
    if policy.sso_only:
        raise Refusal(403, "sso_only", "This account signs in with single sign-on only.")
    if settings["mfa"] == "on":
        _check_access_code(settings["totp_secret"], values.get("access_code"))
    token = secrets.token_urlsafe(24)
    now = time.time()
    db.execute("DELETE FROM session WHERE expires <= ?", (now,))
    db.execute("INSERT INTO session (token, expires) VALUES (?, ?)", (token, now + policy.session_seconds))
    return token


def check_session(db: sqlite3.Connection, token: str | None) -> None:
    """Raise ``Refusal`` (401) unless ``token`` belongs to a session that has not expired."""
    if token is None:
        raise Refusal(401, "session", "Not signed in: the session cookie is missing.")
    row = db.execute("SELECT expires FROM session WHERE token = ?", (token,)).fetchone()
    if row is None or row[0] <= time.time():
        raise Refusal(401, "session", "The session has expired.")


def check_role(policy: Policy, route: Route) -> None:
    """Raise ``Refusal`` (403) when the role has no access: Manager reads, Engineer and Helpdesk nothing."""
    if not route.integration_header or policy.role in {Role.PRIMARY, Role.SUPER}:
        return
    if policy.role is Role.MANAGER and not route.writes:
        return
    raise Refusal(403, "role", f"The role {policy.role.title()} has no access to this part of integrations.")


def _check_access_code(secret: str, code: str | None) -> None:
    from pyotp import TOTP

    if not code:
        raise Refusal(401, "access_code_required", "An access code is required.")
    if not TOTP(secret).verify(code, valid_window=1):
        raise Refusal(401, "access_code_wrong", "The access code is wrong or has expired.")


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())
