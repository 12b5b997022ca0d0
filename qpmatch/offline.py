"""Exported lists of companies and customers, as spreadsheets save them: suggestions with no account at all.

The one reader of CSV files. It takes whatever Excel writes (UTF-8 with and without a byte order mark, UTF-16,
Windows-1252; separated by comma, semicolon or tab; with or without a leading ``sep=`` line).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

from qpmatch.errors import UsageError
from qpmatch.models import Company, Customer

SEPARATORS: Final = (",", ";", "\t")
DEFAULT_COLUMNS: Final = ("id", "name")

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?[^\S\r\n]*(?:\r\n|\r|\n)', re.IGNORECASE)
_LONGEST_CELL: Final = 10_000_000


class Export(NamedTuple):
    """Which file to read and the headings of the two columns that matter."""

    path: Path
    id_column: str
    name_column: str


def read_companies(spec: str) -> tuple[Company, ...]:
    """The companies of ``FILE.csv[:ID_COLUMN,NAME_COLUMN]``, in the file's order.

    Raises ``UsageError``, with file and line, for a file that is missing, not text, lacks a column, holds an
    id twice, or a row without an id or a name.
    """
    return tuple(Company(row_id, name) for row_id, name in _rows(parse_spec(spec)))


def read_customers(spec: str) -> tuple[Customer, ...]:
    """The customers of ``FILE.csv[:ID_COLUMN,NAME_COLUMN]``; errors as in :func:`read_companies`."""
    return tuple(Customer(row_id, name) for row_id, name in _rows(parse_spec(spec)))


def parse_spec(spec: str) -> Export:
    """Split ``FILE.csv[:ID_COLUMN,NAME_COLUMN]``; a colon that belongs to the path is left alone.

    Raises ``UsageError`` when what follows the colon is not two headings.
    """
    path, colon, columns = spec.rpartition(":")
    names_columns = colon and path and "," in columns and not set("/\\") & set(columns)
    if not names_columns or Path(spec).exists():
        return Export(Path(spec), *DEFAULT_COLUMNS)
    headings = [heading.strip() for heading in columns.split(",")]
    if len(headings) != 2 or not all(headings):
        raise UsageError(
            f"'{columns}' does not name two columns", hint="Write FILE.csv:ID_COLUMN,NAME_COLUMN."
        )
    return Export(Path(path), *headings)


def _rows(export: Export) -> Iterator[tuple[str, str]]:
    """The id and the name of each row."""
    text = _text(export.path)
    records = _records(text, export)
    line, header = next(records, (1, []))
    id_at, name_at = (_column(export, line, header, name) for name in export[1:])
    seen: dict[str, int] = {}
    for line, record in records:
        if not any(cell.strip() for cell in record):
            continue
        cells = [*record, *[""] * (max(id_at, name_at) + 1 - len(record))]
        row_id, name = cells[id_at].strip(), cells[name_at].strip()
        if not row_id:
            raise _error(export, line, f"the row of '{name[:60]}' has no {export.id_column}")
        if not name:
            raise _error(
                export, line, f"the row with {export.id_column} '{row_id[:60]}' has no {export.name_column}"
            )
        if row_id in seen:
            raise _error(
                export, line, f"the {export.id_column} '{row_id[:60]}' stands in line {seen[row_id]} already"
            )
        seen[row_id] = line
        yield row_id, name


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path} cannot be read: {why}", hint="Give the path of a CSV file.") from error
    for encoding in _encodings(raw):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is not text", hint="Save the sheet as 'CSV UTF-8 (comma delimited)'.")


def _encodings(raw: bytes) -> Sequence[str]:
    """The encodings to try, in order."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return (encoding,)
    head = raw[:2000]
    if b"\0" not in head:
        return ("utf-8", "cp1252")
    # Text in UTF-16 without a mark: the zeros of Latin letters stand in every second place.
    if head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    return ("utf-16-be",) if head[0::2].count(0) > len(head) // 4 else ()


def _records(text: str, export: Export) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it starts in; the header first."""
    offset = 0
    if line := _SEPARATOR_LINE.match(text):
        text, separator, offset = text[line.end() :], line[1], 1
    else:
        separator = _separator(text, export)
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
        start = 1
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _error(export, start + offset, f"not a CSV file: {error}") from error
            yield start + offset, record
            start = reader.line_num + 1
    finally:
        csv.field_size_limit(limit)


def _separator(text: str, export: Export) -> str:
    """The separator by which the first line has both headings, else the one it has most of."""
    header = text.partition("\n")[0].rstrip("\r")
    wanted = {_folded(export.id_column), _folded(export.name_column)}

    def fitness(separator: str) -> tuple[bool, int]:
        cells = {_folded(cell.strip('"')) for cell in header.split(separator)}
        return wanted <= cells, header.count(separator)

    return max(SEPARATORS, key=fitness)


def _column(export: Export, line: int, header: Sequence[str], wanted: str) -> int:
    headings = [_folded(heading) for heading in header]
    if headings.count(_folded(wanted)) == 1:
        return headings.index(_folded(wanted))
    many = "more than one column" if _folded(wanted) in headings else "no column"
    found = ", ".join(f"'{heading.strip()[:40]}'" for heading in header[:20]) or "none"
    raise UsageError(
        f"{export.path}:{line}: {many} '{wanted}'; the headings are {found}",
        hint=f"Name the columns: {export.path}:ID_COLUMN,NAME_COLUMN.",
    )


def _folded(heading: str) -> str:
    return heading.strip().casefold()


def _error(export: Export, line: int, problem: str) -> UsageError:
    return UsageError(f"{export.path}:{line}: {problem}")
