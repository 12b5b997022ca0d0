"""A view as JSON, NDJSON, YAML or CSV: for programs. Pure functions, result -> text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from qpmatch.output.printable import csv_cell, is_unsafe
from qpmatch.output.view import Record, View


def as_json(view: View) -> str:
    """One JSON document. A list has one record a line: fast to write, easy to look through."""
    if view.document is not None:
        return json_text(view.document, indent=2) + "\n"
    if not view.records:
        return "[]\n"
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines = [_escaped(encode(record)) for record in view.records]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def as_ndjson(view: View) -> str:
    """One JSON object a line; a view with a document of its own is one line."""
    lines = view.records if view.document is None else [view.document]
    return "".join(json_text(line) + "\n" for line in lines)


def as_yaml(view: View) -> str:
    """One YAML document with the same keys as the JSON."""
    import yaml

    data = json.loads(json.dumps(_document(view)))
    raw = json.dumps(data, ensure_ascii=False)
    text: str = yaml.safe_dump(
        data, sort_keys=False, allow_unicode=not _unsafe(raw), default_flow_style=False
    )
    return text


def as_csv(view: View) -> str:
    """One line a record: ``{"id", "name"}`` objects become two columns, lists of them join with ``;``."""
    rows = [_flat(record) for record in view.records]
    headings = list(dict.fromkeys(heading for row in rows for heading in row)) or [
        column.heading.lower() for column in view.columns
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, headings, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def json_text(data: Any, *, indent: int | None = None) -> str:
    """JSON in which control and direction characters stand as escapes: the same data, safe on a terminal."""
    return _escaped(json.dumps(data, ensure_ascii=False, indent=indent))


def _escaped(text: str) -> str:
    """JSON text with its unsafe characters as escapes."""
    # JSON itself escapes every other control character that is ASCII.
    if text.isascii() and "\x7f" not in text:
        return text
    for character in _unsafe(text):
        text = text.replace(character, json.dumps(character)[1:-1])
    return text


def _unsafe(text: str) -> list[str]:
    return [character for character in set(text) - {"\n"} if is_unsafe(character)]


def _document(view: View) -> Record | list[Record]:
    return list(view.records) if view.document is None else view.document


def _flat(record: Record) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{inner}": _cell(part) for inner, part in value.items()}
        elif isinstance(value, list) and _all_pairs(value):
            singular = {"companies": "company", "customers": "customer"}.get(key, key)
            for inner in dict.fromkeys(inner for item in value for inner in item):
                flat[f"{singular}_{inner}"] = "; ".join(_cell(item.get(inner)) for item in value)
        else:
            flat[key] = _cell(value)
    return flat


def _all_pairs(values: Sequence[Any]) -> bool:
    return bool(values) and all(isinstance(value, dict) for value in values)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return csv_cell(value)
        case Iterable():
            return "; ".join(_cell(item) for item in value)
        case _:
            return str(value)
