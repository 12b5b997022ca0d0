"""Write an answer by its template in the route table: slot values in, JSON-ready objects out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qpmatch.api.templates import Keyed, Many, Slot


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """``template`` with its slots replaced; optional slots without a value are left out.

    ``Many`` and ``Keyed`` take a list of such mappings from ``values`` under their name. A value that is
    missing for a slot that is not optional is a mistake of the sandbox: ``KeyError``.
    """
    match template:
        case Slot():
            return values[template.name]
        case Many():
            items = values[template.name]
            if isinstance(template.item, Slot):
                return list(items)
            return [render(template.item, item) for item in items]
        case Keyed():
            return {
                item[template.key.name]: render(template.item, item) for item in values.get(template.name, ())
            }
        case Mapping():
            return {
                key: render(wanted, values)
                for key, wanted in template.items()
                if not (isinstance(wanted, Slot) and wanted.optional and values.get(wanted.name) is None)
            }
        case _:
            return template


def row_template(answer: Any) -> Any:
    """The template of one row of a list's answer: what a request for the row alone is answered with."""
    return next(_lists(answer)).item


def _lists(template: Any) -> Iterator[Many]:
    if isinstance(template, Mapping):
        for wanted in template.values():
            if isinstance(wanted, Many):
                yield wanted
