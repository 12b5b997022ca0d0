"""Name, connection, certificate and clock: what can stand between this machine and a host."""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from qpmatch.api.regions import is_loopback
from qpmatch.api.tls import tls_context
from qpmatch.api.transport import Call, Transport
from qpmatch.doctor.checklist import Found, Status
from qpmatch.errors import DatacentreError

_TOLERABLE_SKEW = 15.0
"""Seconds. A TOTP code lives for 30, and most servers take the one before and the one after too."""


class Host:
    """The host of a base URL, seen from this machine."""

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = urlsplit(base_url)
        self.name = parts.hostname or ""
        self.secure = parts.scheme == "https"
        self.port = parts.port or (443 if self.secure else 80)
        self._timeout = timeout

    @property
    def is_proxied(self) -> bool:
        """Whether requests to it go through a proxy that the environment names."""
        return (
            not is_loopback(self.name)
            and not urllib.request.proxy_bypass(self.name)
            and bool(urllib.request.getproxies().keys() & {"https" if self.secure else "http", "all"})
        )

    def resolve(self) -> Found:
        """Look its name up. Raises ``DatacentreError``."""
        if self.is_proxied:
            return Found(f"{self.name} is reached through a proxy, which looks its name up", Status.SKIP)
        try:
            found = socket.getaddrinfo(self.name, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise DatacentreError(
                f"the name {self.name} is not found: {error.strerror or error}",
                hint="Check the network, the VPN and the DNS server of this machine.",
            ) from None
        return Found(f"{self.name} has {len({entry[4][0] for entry in found})} address(es)")

    def connect(self) -> Found:
        """Connect, and check its certificate. Raises ``DatacentreError``."""
        if self.is_proxied:
            return Found(f"{self.name} is reached through a proxy: the sign-in will tell", Status.SKIP)
        try:
            with closing(socket.create_connection((self.name, self.port), self._timeout)) as plain:
                if not self.secure:
                    return Found(f"{self.name}:{self.port} answers; plain http on this machine")
                with tls_context().wrap_socket(plain, server_hostname=self.name) as secured:
                    return Found(f"{self.name} answers over {secured.version()}; its certificate is trusted")
        except ssl.SSLCertVerificationError as error:
            raise DatacentreError(
                f"the certificate of {self.name} is not trusted: {error.verify_message}",
                hint="If your network inspects TLS, point SSL_CERT_FILE at its certificate. Check the clock.",
            ) from None
        except OSError as error:
            raise DatacentreError(
                f"{self.name}:{self.port} cannot be reached: {error.strerror or type(error).__name__}",
                hint="Check the network and the firewall. Behind a proxy, set HTTPS_PROXY.",
            ) from None


def compare_clocks(transport: Transport, now: Callable[[], datetime]) -> Found:
    """This machine's clock beside the server's, which stands in every answer. MFA codes depend on it."""
    call = Call(label="clock", method="GET", path="", wants_json=False, transient=frozenset())
    try:
        stamp = transport.send(call).headers.get("date", "")
        theirs = parsedate_to_datetime(stamp)
    except ValueError:
        return Found("the server does not tell its time", Status.SKIP)
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    skew = (now() - theirs).total_seconds()
    if abs(skew) <= _TOLERABLE_SKEW:
        return Found("this machine and the server agree on the time")
    return Found(
        f"this machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}",
        Status.WARN,
        "Set the clock (NTP): MFA codes are made from it.",
    )
