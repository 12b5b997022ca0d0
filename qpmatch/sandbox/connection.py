"""What the sandbox may do to a client's connection; the server puts one into each request's environ."""

from __future__ import annotations

import time
from typing import Protocol

from qpmatch.errors import UsageError

ENVIRON_KEY = "qpmatch.connection"


class Connection(Protocol):
    """The client's side of one request."""

    def drop(self) -> None:
        """Drop the connection at once (RST). The answer that follows is discarded."""

    def refuse_new(self, seconds: float) -> None:
        """Stop listening: for so long new connections are refused."""

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the server runs."""

    def wait_until_gone(self, seconds: float) -> None:
        """Wait until the client has left, ``seconds`` at most."""


class Embedded:
    """There is no connection in-process (``--region sandbox``): it can be slow, but it cannot break."""

    def drop(self) -> None:
        """Impossible: ``UsageError``."""
        raise _not_embedded()

    def refuse_new(self, seconds: float) -> None:
        """Impossible: ``UsageError``."""
        raise _not_embedded()

    def wait(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def wait_until_gone(self, seconds: float) -> None:
        """Impossible: ``UsageError``."""
        raise _not_embedded()


def _not_embedded() -> UsageError:
    return UsageError("this fault needs a connection", hint="Use `qpmatch sandbox serve`.")
