"""The datacentres and where they answer (SPEC 8)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from qpmatch.errors import UsageError

SANDBOX = "sandbox"
CUSTOM = "custom"

DASHBOARDS: Mapping[str, str] = {
    "na": "https://admin.getquickpass.com",
    "eu": "https://eu-admin.getquickpass.com",
    "ca": "https://ca.admin.cyberqp.com",
}
"""Each real region's dashboard; its API stands below ``/api/`` (observed for ``na``, else assumed)."""

REGIONS = (*DASHBOARDS, SANDBOX)
"""Every region that a person can choose; ``custom`` is what a base URL is called."""

SANDBOX_URL = "http://sandbox.invalid/api/"
"""The in-process sandbox; ``.invalid`` resolves nowhere, should a request ever leave the process."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go. ``base_url`` ends with a slash."""

    region: str
    base_url: str
    host: str
    is_embedded: bool = False
    is_loopback: bool = False

    @property
    def is_sandbox(self) -> bool:
        """Whether assumed writes need no leave: the sandbox, in-process or served on this machine."""
        return self.is_embedded or self.is_loopback

    @property
    def other_regions(self) -> tuple[str, ...]:
        """The real regions that an account might live in instead."""
        return tuple(name for name in DASHBOARDS if name != self.region)


def resolve(region: str | None, base_url: str | None) -> Target:
    """The target of a region or of a base URL.

    Raises ``UsageError`` when both are given or neither is, for an unknown region and for a base URL that is
    not https (http is allowed on loopback).
    """
    if region and base_url:
        raise UsageError(
            f"a region ({region}) and a base URL ({base_url}) exclude each other",
            hint="Give one of --region and --base-url, or clear the other in the profile.",
        )
    if base_url:
        return _custom(base_url)
    if not region:
        raise UsageError(
            "no region is chosen",
            hint="Try it without an account: --region sandbox. For a tenant: --region na, eu or ca, "
            "or `qpmatch auth login --region na` once.",
        )
    if region == SANDBOX:
        return Target(SANDBOX, SANDBOX_URL, "sandbox.invalid", is_embedded=True)
    if region not in DASHBOARDS:
        raise UsageError(f"unknown region {region!r}", hint=f"The regions are {', '.join(REGIONS)}.")
    dashboard = DASHBOARDS[region]
    return Target(region, f"{dashboard}/api/", dashboard.removeprefix("https://"))


def _custom(base_url: str) -> Target:
    try:
        url = urlsplit(base_url.strip())
        port = url.port
    except ValueError as error:
        raise UsageError(f"the base URL cannot be read: {error}") from None
    host = url.hostname or ""
    if url.scheme not in ("http", "https") or not host:
        raise UsageError(f"{_shown(base_url)} is no base URL", hint="It looks like https://HOST/api/.")
    if url.username or url.password or url.query or url.fragment:
        raise UsageError(
            "a base URL holds no user name, password, query or fragment",
            hint="Sign in with `qpmatch auth login` or QPMATCH_EMAIL and QPMATCH_PASSWORD.",
        )
    loopback = is_loopback(host)
    if url.scheme == "http" and not loopback:
        raise UsageError(
            f"the base URL of {host} is not https",
            hint="Credentials travel over https only; http is for a sandbox on this machine (127.0.0.1).",
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    path = url.path if url.path.endswith("/") else f"{url.path}/"
    return Target(CUSTOM, urlunsplit((url.scheme, netloc, path, "", "")), netloc, is_loopback=loopback)


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address, no port) can only be this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(base_url: str) -> str:
    """A base URL without what may be a password in it."""
    return repr(base_url.rpartition("@")[2])
