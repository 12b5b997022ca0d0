"""Where a tenant of Autotask lives, and which addresses may be given its credentials (AUTOTASK.md B1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from qpmatch.api.autotask_routes import DOMAIN, ROOT
from qpmatch.api.regions import SANDBOX_URL, is_loopback
from qpmatch.errors import DatacentreError, UsageError

_VERSION = "/v1.0"


def zone_url(url: str) -> str:
    """A zone's address in one form: ``.../atservicesrest/``, in the spelling that was given.

    Autotask gives it with and without the last slash, people copy it with the version (B1). Raises
    ``UsageError`` when it is not https (http is allowed on loopback).
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("the address of Autotask cannot be read", hint=_EXAMPLE) from None
    is_local = is_loopback(host) or host == urlsplit(SANDBOX_URL).hostname
    if (
        not host
        or "@" in parts.netloc
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_local))
    ):
        raise UsageError(
            f"{host or 'this'} is no address for Autotask: https is due, without a user name or password",
            hint=_EXAMPLE,
        )
    path = parts.path.rstrip("/")
    if path.casefold().endswith(_VERSION):
        path = path[: -len(_VERSION)]
    if not path.casefold().endswith(f"/{ROOT}"):
        path = f"{path}/{ROOT}"
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))


_EXAMPLE = "It looks like https://webservices3.autotask.net/atservicesrest/."


def found_zone(url: Any, asked: str) -> str:
    """The zone's address out of the answer to zone discovery at the address ``asked``.

    Raises ``DatacentreError`` for an address that must not be given credentials.
    """
    if not isinstance(url, str) or not url:
        raise DatacentreError(
            "Autotask names no zone for this user name",
            hint="Check the API user's name, or set autotask.url in the profile.",
        )
    try:
        found = zone_url(url)
    except UsageError as error:
        raise DatacentreError(f"the zone that Autotask names cannot be used: {error.message}") from None
    host = urlsplit(found).hostname or ""
    if not f".{host}".endswith(f".{DOMAIN}") and origin(found) != origin(asked):
        raise DatacentreError(
            f"Autotask's zone is said to be on {host}, outside {DOMAIN}: it gets no credentials",
            hint="If that is right, set autotask.url in the profile.",
        )
    return found


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises ``ValueError`` when it has none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no address")
    return parts.scheme, parts.hostname.casefold(), parts.port or (443 if parts.scheme == "https" else 80)
