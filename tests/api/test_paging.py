"""Lists are complete or an error (R10)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpmatch.api import parallel
from qpmatch.api.interface import no_progress
from qpmatch.api.paging import READINGS, Page, Row, read_all
from qpmatch.errors import IncompleteListError

SIZE = 50


def row(number: int) -> Row:
    return {"id": str(number), "name": f"Row {number}"}


@dataclass
class Shelf:
    """Pages of rows. ``twist`` changes a page of the n-th reading before it goes out."""

    rows: list[Row]
    twist: Callable[[int, int, Page], Page] = lambda reading, number, page: page
    fetched: list[int] = field(default_factory=list)
    readings: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, number: int) -> Page:
        with self.lock:
            self.fetched.append(number)
            self.readings += number == 1
            reading = self.readings
        start = (number - 1) * SIZE
        return self.twist(reading, number, Page(len(self.rows), self.rows[start : start + SIZE]))


def read(shelf: Shelf) -> list[Row]:
    return read_all("rows", shelf, concurrency=3, progress=no_progress)


@given(st.integers(0, 420))
def test_every_row_once_and_no_page_too_many(count: int) -> None:
    shelf = Shelf([row(number) for number in range(count)])
    assert read(shelf) == shelf.rows
    assert sorted(shelf.fetched) == list(range(1, max(1, -(-count // SIZE)) + 1))


def moved(reading: int, number: int, page: Page) -> Page:
    """A row moves from the third page to the second between the two requests."""
    return Page(page.total, [*page.rows[1:], row(100)]) if (reading, number) == (1, 2) else page


def grown(reading: int, number: int, page: Page) -> Page:
    return page._replace(total=page.total + 1) if (reading, number) == (1, 3) else page


def shrunk(reading: int, number: int, page: Page) -> Page:
    return page._replace(rows=page.rows[:-1]) if (reading, number) == (1, 4) else page


def renamed(reading: int, number: int, page: Page) -> Page:
    return (
        page._replace(rows=[*page.rows, row(0) | {"name": "Other"}]) if (reading, number) == (1, 4) else page
    )


@pytest.mark.parametrize("twist", [moved, grown, shrunk, renamed])
def test_a_list_in_motion_is_read_again(twist: Callable[[int, int, Page], Page]) -> None:
    shelf = Shelf([row(number) for number in range(180)], twist)
    assert read(shelf) == shelf.rows
    assert shelf.readings == 2


def test_a_row_seen_twice_is_dropped() -> None:
    def twice(reading: int, number: int, page: Page) -> Page:
        return page._replace(rows=[row(0), *page.rows]) if number == 2 else page

    shelf = Shelf([row(number) for number in range(120)], twice)
    assert read(shelf) == shelf.rows
    assert shelf.readings == 1


@pytest.mark.parametrize("difference", [-1, 1, 60])
def test_a_total_that_never_comes_out_is_an_error(difference: int) -> None:
    shelf = Shelf(
        [row(number) for number in range(120)],
        lambda reading, number, page: page._replace(total=page.total + difference),
    )
    with pytest.raises(IncompleteListError, match=f"announced {120 + difference} rows, and 120 different"):
        read(shelf)
    assert shelf.readings == READINGS


@pytest.mark.parametrize("total", [-1, 10**9])
def test_an_absurd_total_is_not_followed(total: int) -> None:
    shelf = Shelf([], lambda reading, number, page: page._replace(total=total))
    with pytest.raises(IncompleteListError, match="which cannot be"):
        read(shelf)
    assert shelf.fetched == [1]


def test_progress_only_grows_and_ends_at_the_total() -> None:
    told: list[tuple[int, int]] = []
    shelf = Shelf([row(number) for number in range(230)])
    read_all("rows", shelf, concurrency=3, progress=lambda label, done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (230, 230)


def test_the_first_error_ends_it_and_nothing_more_begins() -> None:
    begun: list[int] = []
    gate = threading.Event()

    def call(number: int) -> int:
        begun.append(number)
        if number == 0:
            raise ValueError("first")
        gate.wait(10)
        return number

    calls = [lambda number=number: call(number) for number in range(50)]
    with pytest.raises(ValueError, match="first"):
        list(parallel.run(calls, 2))
    gate.set()
    assert len(begun) < 50


def test_slots_are_held_by_so_many_and_by_none_after_closing() -> None:
    slots = parallel.Slots(2)
    held, release = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        with slots.one():
            held.release()
            release.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert held.acquire(timeout=10)
    slots.close(0.0)
    release.set()
    for thread in threads:
        thread.join(10)
    with pytest.raises(parallel.ClosedError), slots.one():
        pass
