"""Writes: accepted at once, done a little later, checked twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from werkzeug.test import Client

from qpmatch.sandbox.app import create_app
from tests.sandbox.conftest import Embedded, sign_in

EVENTS = {
    "page": "1",
    "rowsPerPage": "50",
    "startDate": "2020-01-01",
    "endDate": "2999-12-31",
    "status": "all",
    "eventType": "DATTO-AUTOTASK",
    "customer": "all",
    "timezoneOffset": "480",
}


def details(sandbox: Embedded) -> list[str]:
    return [event["details"] for event in sandbox.get("events", EVENTS)["events"]]


def test_a_match_is_accepted_then_done(tiny: Embedded) -> None:
    answer = tiny.save(("1", "a"), ("2", "b"))
    assert (answer.status_code, answer.json) == (200, {"message": "Matching Changes Submitted"})
    assert tiny.links() == {("1", "a"), ("2", "b")}
    newest = details(tiny)[0]
    assert "matched" in newest
    assert "C2" in newest


def test_a_job_waits_for_its_time(tiny: Embedded) -> None:
    slow = Embedded(tiny.store, Client(create_app(tiny.store, job_delay_ms=3_600_000)))
    sign_in(slow.client, tiny.store)
    assert slow.save(("1", "a")).status_code == 200
    assert slow.links() == set()
    with tiny.store.transaction() as db:
        db.execute("UPDATE job SET due = ?", (time.time(),))
    assert slow.links() == {("1", "a")}


def test_another_process_does_the_job(tiny: Embedded) -> None:
    assert tiny.save(("1", "a")).status_code == 200
    other = Embedded(tiny.store, Client(create_app(tiny.store)))
    sign_in(other.client, tiny.store)
    assert other.links() == {("1", "a")}


def test_matches_of_one_job_are_done_in_order(tiny: Embedded) -> None:
    assert tiny.save(("1", "a"), ("2", "a"), ("3", "a")).status_code == 200
    assert tiny.links() == {("1", "a"), ("2", "a"), ("3", "a")}


def test_a_job_with_one_illegal_match_is_refused_as_a_whole(tiny: Embedded) -> None:
    tiny.save(("1", "a"))
    tiny.save(("2", "b"))
    answer = tiny.save(("3", "c"), ("1", "b"))
    assert answer.status_code == 409
    assert "R3" in answer.text
    assert tiny.links() == {("1", "a"), ("2", "b")}


def test_what_has_become_illegal_meanwhile_is_dropped_and_noted(tiny: Embedded) -> None:
    assert tiny.save(("1", "a"), ("2", "b")).status_code == 200
    with tiny.store.transaction() as db:
        db.executemany("INSERT INTO link VALUES (?, ?)", [("1", "c"), ("4", "a")])
    assert tiny.links() == {("1", "c"), ("4", "a"), ("2", "b")}
    assert any(text.startswith("Not matched") and "C1" in text for text in details(tiny))


def test_saving_a_link_that_exists_is_no_error(tiny: Embedded) -> None:
    for _ in range(2):
        assert tiny.save(("1", "a")).status_code == 200
        assert tiny.links() == {("1", "a")}
    assert len([text for text in details(tiny) if "matched" in text]) == 1


def test_unmatching_is_done_at_once(tiny: Embedded) -> None:
    tiny.save(("1", "a"))
    tiny.links()
    answer = tiny.unmatch("1", "a")
    assert answer.status_code == 204
    assert answer.data == b""
    with tiny.store.connection() as db:
        assert db.execute("SELECT count(*) FROM link").fetchone() == (0,)
    assert "unmatched" in details(tiny)[0]
    assert tiny.unmatch("1", "a").status_code == 404


def test_created_customers_appear_linked(tiny: Embedded) -> None:
    assert tiny.create("1", "2").json == {"message": "Matching Changes Submitted"}
    links = tiny.links()
    assert {company for company, _ in links} == {"1", "2"}
    with tiny.store.connection() as db:
        names = {
            db.execute("SELECT name FROM customer WHERE id = ?", (one,)).fetchone()[0] for _, one in links
        }
    assert names == {"C1", "C2"}
    assert "R6" in tiny.create("1").text


def test_two_namesakes_in_one_create_job_are_refused(tiny: Embedded) -> None:
    with tiny.store.transaction() as db:
        db.execute("UPDATE company SET name = 'C1' WHERE id = '2'")
    answer = tiny.create("1", "2")
    assert answer.status_code == 409
    assert "R6" in answer.text
    assert tiny.links() == set()


def test_unknown_companies_and_customers_are_404(tiny: Embedded) -> None:
    assert tiny.save(("99", "a")).status_code == 404
    assert tiny.save(("1", "zz")).status_code == 404
    assert tiny.create("99").status_code == 404
    assert tiny.unmatch("99", "a").status_code == 404


def test_events_are_found_by_the_callers_day(tiny: Embedded) -> None:
    with tiny.store.transaction() as db:
        # 23:30 UTC on the first is still the first eight hours west of it, and the second in the east.
        at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()
        db.execute("INSERT INTO event (at, details) VALUES (?, 'a match')", (at,))

    def count(day: str, offset: str) -> int:
        query = {**EVENTS, "startDate": day, "endDate": day, "timezoneOffset": offset}
        total: int = tiny.get("events", query)["maxCount"]
        return total

    assert [count("2026-03-01", "480"), count("2026-03-02", "480")] == [1, 0]
    assert [count("2026-03-01", "-120"), count("2026-03-02", "-120")] == [0, 1]
