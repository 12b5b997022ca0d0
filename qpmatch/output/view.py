"""What a command has to show: records for programs, columns for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Record: TypeAlias = Mapping[str, Any]

STAR = "★"
"""Stands before a suggestion in a table (SPEC 5)."""


class Format(StrEnum):
    """The values of ``--output`` (SPEC 4)."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading and the text that it shows of a record."""

    heading: str
    text: Callable[[Record], str]


@dataclass(frozen=True, slots=True)
class View:
    """Records in the shapes of SPEC 5, and how a table shows them.

    ``document`` is what JSON and YAML show when it is not the list of records itself (``confirm`` has one
    object around its operations). ``empty`` is said instead of a table without rows.
    """

    records: Sequence[Record]
    columns: Sequence[Column]
    document: Record | None = None
    empty: str = "Nothing found."
    summary: Sequence[str] = field(default=())


def pair_text(pair: Record | None) -> str:
    """The name of an ``{"id", "name"}`` object, or nothing."""
    return str(pair["name"]) if pair else ""


def names_text(pairs: Sequence[Record]) -> str:
    """The names of several ``{"id", "name"}`` objects."""
    return ", ".join(str(pair["name"]) for pair in pairs)


def shown_text(members: Sequence[Record]) -> str:
    """Companies or customers of which a plan may know the id or the name alone."""
    return ", ".join(str(member["name"] or f"id:{member['id']}") for member in members)
