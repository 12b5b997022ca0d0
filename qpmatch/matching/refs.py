"""How a person names a company or customer: an id or an exact name (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from qpmatch.errors import RefError
from qpmatch.matching.spelling import spelling
from qpmatch.models import Company, Named, Side

N = TypeVar("N", bound=Named)

ID, NAME = "id:", "name:"
_SHOWN = 5


def find(ref: str, known: Mapping[str, N], side: Side) -> N:
    """The one item that ``ref`` means: an id, or a name (case-insensitive when unambiguous).

    ``id:`` and ``name:`` before it force one reading. Raises ``RefError``, which lists the nearest names for
    an unknown ref and the ids for an ambiguous one.
    """
    found = matching(ref, known)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"id:{item.id} ({_told_apart(item)})" for item in found[:_SHOWN])
        raise RefError(f"{ref!r} means {len(found)} {_plural(side)}: {ids}", hint="give the id instead")
    near = nearest(ref.removeprefix(NAME), known.values())
    raise RefError(
        f"there is no {side} {ref!r}",
        hint="the nearest are: " + ", ".join(f"{item.name!r} (id:{item.id})" for item in near)
        if near
        else f"there are no {_plural(side)} at all",
    )


def _told_apart(item: Named) -> str:
    """The name, and what tells a company from its namesakes where the source of companies knows it."""
    if not isinstance(item, Company):
        return repr(item.name)
    facts = [item.number and f"number {item.number}", item.city, None if item.active else "inactive"]
    return ", ".join([repr(item.name), *filter(None, facts)])


def matching(ref: str, known: Mapping[str, N]) -> list[N]:
    """Every item that ``ref`` could mean: none, one, or several when it is ambiguous."""
    if ref.startswith(ID):
        item = known.get(ref.removeprefix(ID))
        return [] if item is None else [item]
    by_id = [] if ref.startswith(NAME) or ref not in known else [known[ref]]
    named = by_name(ref.removeprefix(NAME), known.values())
    return by_id + [item for item in named if item not in by_id]


def by_name(name: str, items: Iterable[N]) -> list[N]:
    """The items of exactly this spelling; where there are none, those that differ in case only."""
    wanted = spelling(name)
    candidates = [item for item in items if spelling(item.name).casefold() == wanted.casefold()]
    return [item for item in candidates if spelling(item.name) == wanted] or candidates


def nearest(name: str, items: Iterable[N], *, limit: int = _SHOWN) -> list[N]:
    """The items whose names look most like ``name``, best first."""
    from rapidfuzz import fuzz, process, utils

    choices = list(items)
    found = process.extract(
        name,
        [item.name for item in choices],
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=limit,
    )
    return [choices[index] for _, _, index in found]


def _plural(side: Side) -> str:
    return "companies" if side is Side.COMPANY else "customers"
