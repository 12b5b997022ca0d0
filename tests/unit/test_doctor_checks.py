"""The parts of doctor that need no datacentre: the checklist, the network, the clock, the drift."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import pytest

from qpmatch.api.answer import Answer
from qpmatch.api.transport import Call, Transport
from qpmatch.doctor import text
from qpmatch.doctor.checklist import Checklist, Found, Status
from qpmatch.doctor.drift import drift
from qpmatch.doctor.network import Host, compare_clocks
from qpmatch.errors import CredentialsError, DatacentreError, ExitCode
from qpmatch.models import Company, Link

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


def wrong() -> Found:
    raise CredentialsError("wrong", hint="right it")


def down() -> Found:
    raise DatacentreError("down", hint="wait")


def outcome(checklist: Checklist) -> list[tuple[str, str]]:
    return [(line.check, line.found.status) for line in checklist.lines]


def test_a_failed_cause_skips_its_effects_and_theirs() -> None:
    checklist = Checklist()
    checklist.try_("a", lambda: Found("fine"))
    checklist.try_("b", wrong, needs=["a"])
    checklist.try_("c", lambda: Found("never"), needs=["b"])
    checklist.try_("d", lambda: Found("never"), needs=["c"])
    checklist.try_("e", down)
    assert outcome(checklist) == [("a", "ok"), ("b", "fail"), ("c", "skip"), ("d", "skip"), ("e", "fail")]
    assert checklist.exit_code is ExitCode.CREDENTIALS
    assert checklist.lines[1].record() == {
        "check": "b",
        "status": "fail",
        "detail": "wrong",
        "next": "right it",
    }


def test_a_warning_and_a_skip_stop_nothing() -> None:
    checklist = Checklist()
    checklist.try_("a", down, at_worst=Status.WARN)
    checklist.try_("b", lambda: Found("not here", Status.SKIP), needs=["a"])
    checklist.try_("c", lambda: Found("fine"), needs=["b"])
    assert outcome(checklist) == [("a", "warn"), ("b", "skip"), ("c", "ok")]
    assert checklist.exit_code is ExitCode.DONE


def test_lines_show_the_next_step_under_the_check_and_steer_no_terminal() -> None:
    records: list[dict[str, Any]] = [
        {"check": "sign-in", "status": "ok", "detail": "as \x1b[2Jme", "next": None},
        {"check": "role", "status": "fail", "detail": "no", "next": "ask"},
    ]
    assert text.as_lines(records) == "ok    sign-in  as \\x1b[2Jme\nfail  role     no\n      -> ask\n"


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listener() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_host_that_answers(listener: int) -> None:
    host = Host(f"http://127.0.0.1:{listener}/api/", 5)
    assert host.resolve().status is Status.OK
    assert "plain http on this machine" in host.connect().detail


def test_a_host_that_does_not(listener: int) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(DatacentreError, match="cannot be reached"):
        Host(f"http://127.0.0.1:{port}/api/", 5).connect()


def test_a_name_that_is_not_found(no_proxy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    with pytest.raises(
        DatacentreError, match=r"the name qp\.example is not found: Name or service not known"
    ):
        Host("https://qp.example/api/", 5).resolve()


def test_a_host_that_speaks_no_tls(no_proxy: None, listener: int) -> None:
    with pytest.raises(DatacentreError, match="cannot be reached"):
        Host(f"https://127.0.0.1:{listener}/api/", 0.2).connect()


def test_a_certificate_that_is_not_trusted(
    no_proxy: None, listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(*args: object, **kwargs: object) -> None:
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "self-signed certificate"
        raise error

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", untrusted)
    with pytest.raises(DatacentreError, match="is not trusted: self-signed certificate") as error:
        Host(f"https://127.0.0.1:{listener}/api/", 5).connect()
    assert "SSL_CERT_FILE" in str(error.value.hint)


def test_behind_a_proxy_neither_name_nor_connection_is_looked_at(
    no_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:planted@proxy.example:3128")
    host = Host("https://qp.example/api/", 5)
    assert [host.resolve().status, host.connect().status] == [Status.SKIP, Status.SKIP]
    assert "planted" not in host.resolve().detail + host.connect().detail
    assert not Host("http://127.0.0.1:1/api/", 5).is_proxied


@pytest.mark.parametrize(
    ("seconds", "status", "said"),
    [
        (0, Status.OK, "agree"),
        (14, Status.OK, "agree"),
        (-90, Status.WARN, "90 s behind"),
        (3600, Status.WARN, "3600 s ahead"),
    ],
)
def test_the_clock(seconds: int, status: Status, said: str) -> None:
    found = clock(format_datetime(NOW, usegmt=True), NOW + timedelta(seconds=seconds))
    assert found.status is status
    assert said in found.detail


def test_a_server_that_does_not_tell_the_time() -> None:
    assert clock("never", NOW).status is Status.SKIP
    assert clock("Sun, 22 Nov 2026 10:00:00 -0000", NOW).status is Status.OK


def clock(stamp: str, now: datetime) -> Found:
    class Server:
        def send(self, call: Call) -> Answer:
            assert call.method == "GET"
            return Answer.of(404, {"Date": stamp}, b"{}")

    return compare_clocks(cast(Transport, Server()), lambda: now)


def companies(*members: Company) -> dict[str, Company]:
    return {member.id: member for member in members}


def test_drift() -> None:
    autotask = companies(
        Company("1", "Same", type="Customer"),
        Company("2", "New", type="Customer"),
        Company("3", "Gone quiet", active=False, type="Customer"),
        Company("4", "Only there", type="Customer"),
        Company("5", "A lead", type="Lead"),
        Company("6", "Asleep", active=False, type="Customer"),
    )
    cyberqp = companies(
        Company("1", " Same "), Company("2", "Old"), Company("3", "Gone quiet"), Company("9", "Merged")
    )
    links = [Link("10", "d"), Link("1", "a"), Link("3", "b"), Link("9", "c"), Link("9", "d")]
    found = drift(autotask, cyberqp, links, every=True)
    assert [one.id for one in found.missing] == ["4"]
    assert [(new.name, old.name) for new, old in found.renamed] == [("New", "Old")]
    assert [one.id for one in found.inactive] == ["3"]
    assert found.gone == ("9", "10")
    assert drift(autotask, cyberqp, links, every=False).missing == ()
