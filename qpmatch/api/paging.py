"""Lists that are complete or an error (R10; WIRE.md, Common)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from qpmatch.api import parallel
from qpmatch.api.interface import Progress
from qpmatch.api.routes import ROWS_PER_PAGE
from qpmatch.errors import IncompleteListError

Row = dict[str, Any]

READINGS = 3
"""How often a list is read that does not come out: it can shift while it is read."""

MOST_ROWS = 1_000_000
"""A total beyond this is no total: nobody has a million customers."""


class Page(NamedTuple):
    """One page as it came: the total that the server announced with it, and its rows."""

    total: int
    rows: list[Row]


def read_all(
    label: str, fetch: Callable[[int], Page], *, concurrency: int, progress: Progress, key: str = "id"
) -> list[Row]:
    """Every row of a list, in the server's order, each ``key`` once.

    ``fetch`` gets page numbers from 1. Pages after the first are fetched ``concurrency`` at a time, and never
    one more than the announced total asks for. Raises ``IncompleteListError`` when the distinct rows do not
    come out at that total, ``READINGS`` times in a row.
    """
    for _ in range(READINGS):
        first = fetch(1)
        if not 0 <= first.total <= MOST_ROWS:
            raise IncompleteListError(
                f"{label}: the datacentre announces {first.total} rows, which cannot be",
                hint="CyberQP may have changed this list. Run `qpmatch doctor`.",
            )
        pages = [first, *_rest(label, fetch, first, concurrency, progress)]
        rows: dict[str, Row] = {}
        is_steady = all(page.total == first.total for page in pages)
        for page in pages:
            for row in page.rows:
                # The same row twice is dropped; two versions of one row are a list in motion.
                is_steady &= rows.setdefault(row[key], row) == row
        if is_steady and len(rows) == first.total:
            progress(label, first.total, first.total)
            return list(rows.values())
    raise IncompleteListError(
        f"{label}: the datacentre announced {first.total} rows, and {len(rows)} different ones came, "
        f"in {READINGS} readings",
        hint="Nothing was left out silently: nothing is shown. Somebody may be changing the list; run the "
        "same command again in a minute.",
    )


def _rest(
    label: str, fetch: Callable[[int], Page], first: Page, concurrency: int, progress: Progress
) -> list[Page]:
    last = -(-first.total // ROWS_PER_PAGE)
    calls = [functools.partial(fetch, number) for number in range(2, last + 1)]
    pages: list[Page] = [first] * len(calls)
    done = min(len(first.rows), first.total)
    progress(label, done, first.total)
    for index, page in parallel.run(calls, concurrency):
        pages[index] = page
        done = min(done + len(page.rows), first.total)
        progress(label, done, first.total)
    return pages
