"""What is sent again, what is not, and what is said when nothing helps (WIRE.md, Common)."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from qpmatch.api.answer import Answer, retry_after
from qpmatch.api.transport import Call, Patience
from qpmatch.errors import ConfigError, DatacentreError
from tests.api.conftest import SHORT, NewTransport
from tests.api.opponent import Drop, Hang, Move, Reply, in_turn, running

READ = Call("customers.list", "GET", "customer", query={"searchText": "needle"})
WRITE = Call("matches.save", "POST", "integrations/x", json={"a": 1}, writes=True)
GOOD = Reply(200, {"fine": True})

TRANSIENT: list[Move] = [
    Reply(429),
    Reply(429, headers={"Retry-After": "0"}),
    Reply(500),
    Reply(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}),
    Reply(503),
    Reply(504),
    Drop(),
    Reply(200, {"long": "x" * 100}, cut=20),
    Reply(200, b'{"half": '),
]


@pytest.mark.parametrize("move", TRANSIENT, ids=repr)
def test_a_read_is_repeated_after_what_may_pass(move: Move, new_transport: NewTransport) -> None:
    with running(in_turn(move, move, GOOD)) as server:
        answer = new_transport(server.url).send(READ)
    assert answer.document == {"fine": True}
    assert len(server.seen) == 3


@pytest.mark.parametrize("move", TRANSIENT, ids=repr)
def test_a_read_that_keeps_failing_says_so(move: Move, new_transport: NewTransport) -> None:
    with running(in_turn(move)) as server:
        transport = new_transport(server.url)
        with pytest.raises(DatacentreError) as caught:
            transport.send(READ)
    assert len(server.seen) == SHORT.attempts
    assert f"customers.list: GET {transport.where}/api/customer" in caught.value.message
    assert f"{SHORT.attempts} attempts" in caught.value.message
    assert "needle" not in caught.value.message
    assert not caught.value.sent
    assert caught.value.hint


@pytest.mark.parametrize(
    "move", [move for move in TRANSIENT if not (isinstance(move, Reply) and move.status == 429)], ids=repr
)
def test_a_write_that_may_have_arrived_is_not_repeated(move: Move, new_transport: NewTransport) -> None:
    with running(in_turn(move, GOOD)) as server, pytest.raises(DatacentreError) as caught:
        new_transport(server.url).send(WRITE)
    assert len(server.seen) == 1
    assert caught.value.sent
    assert "matches.save" in caught.value.message


@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_a_busy_server_is_asked_again_for_reads_and_writes(call: Call, new_transport: NewTransport) -> None:
    with running(in_turn(Reply(429), Reply(429, headers={"Retry-After": "0"}), GOOD)) as server:
        assert new_transport(server.url).send(call).status == 200
    assert len(server.seen) == 3


@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_a_hang_ends_with_the_timeout(call: Call, new_transport: NewTransport) -> None:
    patience = replace(SHORT, timeout=0.2, attempts=2)
    with (
        running(in_turn(Hang())) as server,
        pytest.raises(DatacentreError, match=r"did not answer within 0\.2 s") as caught,
    ):
        new_transport(server.url, patience).send(call)
    assert len(server.seen) == (1 if call.writes else 2)
    assert caught.value.sent is call.writes


@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_a_refused_connection_is_tried_again_and_nothing_was_sent(
    call: Call, new_transport: NewTransport
) -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))  # taken, and never listened on: every connection is refused
        port = placeholder.getsockname()[1]
        with pytest.raises(DatacentreError, match=r"could not connect.*4 attempts") as caught:
            new_transport(f"http://127.0.0.1:{port}/api/").send(call)
    assert not caught.value.sent


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 409])
@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_any_other_answer_is_handed_up_at_once(status: int, call: Call, new_transport: NewTransport) -> None:
    with running(in_turn(Reply(status, headers={"Location": "http://127.0.0.2/"}))) as server:
        assert new_transport(server.url).send(call).status == status
    assert len(server.seen) == 1


def test_a_page_for_people_is_handed_up(new_transport: NewTransport) -> None:
    with running(in_turn(Reply(200, b"  <p>Please log in</p>"))) as server:
        answer = new_transport(server.url).send(READ)
    assert answer.is_html
    assert len(server.seen) == 1


@pytest.mark.parametrize("wait", ["61", "99999999999999", "soon"])
def test_waiting_has_a_ceiling(wait: str, new_transport: NewTransport) -> None:
    if wait == "soon":
        wait = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with (
        running(in_turn(Reply(429, headers={"Retry-After": wait}))) as server,
        pytest.raises(DatacentreError, match="asks to wait"),
    ):
        new_transport(server.url).send(READ)
    assert len(server.seen) == 1


def test_waiting_ends_before_the_deadline(new_transport: NewTransport) -> None:
    patience = replace(SHORT, deadline=5.0)
    with (
        running(in_turn(Reply(503, headers={"Retry-After": "30"}))) as server,
        pytest.raises(DatacentreError, match="asks to wait 30 s"),
    ):
        new_transport(server.url, patience).send(READ)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "\u0661\u0662"}, None),
        ({}, None),
    ],
)
def test_the_wait_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(Answer(429, headers, b"")) == seconds


def test_redirects_are_not_followed_and_no_other_host_is_called(new_transport: NewTransport) -> None:
    with running(in_turn(GOOD)) as elsewhere, running(in_turn(GOOD)) as server:
        server.script = in_turn(Reply(302, headers={"Location": elsewhere.url}))
        transport = new_transport(server.url)
        assert transport.send(READ).status == 302
        with pytest.raises(DatacentreError, match="is not called"):
            transport.send(replace(READ, path=f"{elsewhere.url}customer"))
        with pytest.raises(DatacentreError, match="is not called"):
            transport.send(replace(READ, path=server.url.replace("http://", "https://")))
    assert not elsewhere.seen
    assert len(server.seen) == 1


def test_at_most_so_many_requests_at_a_time(new_transport: NewTransport) -> None:
    from qpmatch.api import parallel

    with running(in_turn(GOOD)) as server:
        transport = new_transport(server.url, concurrency=2)
        assert len(list(parallel.run([lambda: transport.send(READ)] * 12, 6))) == 12
    assert server.most_at_once <= 2


def test_cookies_come_back_and_can_be_carried_over(new_transport: NewTransport) -> None:
    with running(in_turn(Reply(200, {}, {"Set-Cookie": "sid=abc; Path=/; HttpOnly"}), GOOD)) as server:
        first = new_transport(server.url)
        first.send(READ)
        second = new_transport(server.url)
        second.set_cookies([*first.cookies(), {"name": "old", "value": "x", "path": "/", "expires": 1}])
        second.send(READ)
    assert "cookie" not in server.seen[0].headers
    assert server.seen[1].headers["cookie"] == "sid=abc"


def test_an_endless_answer_is_cut(new_transport: NewTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qpmatch.api.transport.MAX_ANSWER", 1000)
    with (
        running(in_turn(Reply(200, {"long": "x" * 2000}))) as server,
        pytest.raises(DatacentreError, match="larger than 1000 bytes"),
    ):
        new_transport(server.url).send(READ)


def test_a_bad_proxy_is_a_setting_to_mend(
    new_transport: NewTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qpmatch.api.transport import Transport

    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:hunter2@proxy:70")
    with pytest.raises(ConfigError, match="proxy") as caught:
        Transport("https://admin.getquickpass.com/api/")
    assert "hunter2" not in str(caught.value)
    with running(in_turn(GOOD)) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert new_transport(server.url).send(READ).status == 200


def test_every_attempt_is_logged_without_what_it_carries(
    new_transport: NewTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call = replace(WRITE, headers={"Secret": "hunter2"}, json={"password": "hunter2"}, query={"q": "hunter2"})
    with running(in_turn(Reply(429), Reply(200, {}, {"Set-Cookie": "sid=hunter2"}))) as server:
        new_transport(server.url).send(call)
    assert [record.name for record in caplog.records if "POST" in record.getMessage()] == ["qpmatch.http"] * 2
    assert "429" in caplog.text
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(call)


def test_patience_by_default() -> None:
    assert Patience() == Patience(timeout=30, deadline=120, attempts=6)
