"""What the tests of the wire client share: short patience, and clients for a server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from qpmatch.api import regions
from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.routes import ROUTES
from qpmatch.api.session import CredentialsSource, Session
from qpmatch.api.transport import Patience, Transport
from qpmatch.credentials import GivenCredentials, Secret
from tests.api.dashboard import EMAIL, PASSWORD

SHORT = Patience(timeout=2.0, deadline=20.0, attempts=4, first_pause=0.001, longest_pause=0.002)

NewTransport = Callable[..., Transport]
NewClient = Callable[..., CyberQP]


def pytest_addoption(parser: pytest.Parser) -> None:
    """One flag for ``test_cassettes``: give the folder too, ``pytest tests/api --record-cassettes``."""
    parser.addoption("--record-cassettes", action="store_true", help="record tests/api/cassettes again")


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def new_transport(closing: ExitStack) -> NewTransport:
    def make(url: str, patience: Patience = SHORT, **options: Any) -> Transport:
        transport = Transport(url, patience=patience, is_local=True, **options)
        closing.callback(transport.close)
        return transport

    return make


@pytest.fixture
def new_client(new_transport: NewTransport) -> NewClient:
    def make(
        url: str, credentials: CredentialsSource | None = None, patience: Patience = SHORT, **options: Any
    ) -> CyberQP:
        routes = options.pop("routes", ROUTES)
        session = Session(
            new_transport(url, patience),
            options.pop("target", None) or regions.resolve(None, url),
            credentials or GivenCredentials(EMAIL, Secret(PASSWORD)),
            integration="autotask",
            routes=routes,
        )
        return CyberQP(session, integration="autotask", routes=routes, account=EMAIL, **options)

    return make
