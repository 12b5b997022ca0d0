"""A view as a table for people, or as Markdown for a pull request. Pure functions, result -> text."""

from __future__ import annotations

from collections.abc import Sequence

from wcwidth import wcswidth

from qpmatch.output.printable import markdown_text, printable, shortened
from qpmatch.output.view import View

_NARROWEST = 8
_GAP = 2
_PADDING = 2
"""By how many cells tabulate makes a column wider than its heading."""


def as_table(view: View, width: int | None) -> str:
    """The records in columns no wider together than ``width`` cells (``None``: as wide as they are)."""
    from tabulate import tabulate

    if not view.records:
        return "".join(f"{line}\n" for line in (view.empty, *view.summary))
    headings = [column.heading for column in view.columns]
    cells = [[shortened(printable(column.text(r))) for column in view.columns] for r in view.records]
    widths = _widths(headings, cells, width)
    fitted = [[_fit(cell, limit) for cell, limit in zip(row, widths, strict=True)] for row in cells]
    text = tabulate(fitted, headings, tablefmt="simple", disable_numparse=True)
    return "".join(f"{line.rstrip()}\n" for line in (*text.splitlines(), *view.summary))


def as_markdown(view: View) -> str:
    """The records as a GitHub table, with the names shown as written."""
    from tabulate import tabulate

    if not view.records:
        return "".join(f"{line}\n" for line in (view.empty, *view.summary))
    cells = [[markdown_text(column.text(record)) for column in view.columns] for record in view.records]
    text = tabulate(
        cells, [column.heading for column in view.columns], tablefmt="github", disable_numparse=True
    )
    summary = "".join(f"\n{markdown_text(line)}\n" for line in view.summary)
    return f"{text}\n{summary}"


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """The width of each column: the widest ones give way until the table fits, headings stay whole."""
    least = [wcswidth(heading) + _PADDING for heading in headings]
    widths = [
        max(narrowest, *(max(wcswidth(cell), 0) for cell in column))
        for narrowest, column in zip(least, zip(*rows, strict=True), strict=True)
    ]
    if width is None:
        return widths
    room = width - _GAP * (len(widths) - 1)
    least = [max(narrowest, _NARROWEST) for narrowest in least]
    while (excess := sum(widths) - room) > 0:
        order = sorted(range(len(widths)), key=lambda at: widths[at] if widths[at] > least[at] else 0)
        widest, second = order[-1], widths[order[-2]] if len(order) > 1 else 0
        if widths[widest] <= least[widest]:
            break
        widths[widest] = max(least[widest], min(widths[widest] - 1, max(second, widths[widest] - excess)))
    return widths


def _fit(text: str, width: int) -> str:
    if wcswidth(text) <= width:
        return text
    cut = text
    while cut and wcswidth(cut) > width - 1:
        cut = cut[:-1]
    return cut + "…"
