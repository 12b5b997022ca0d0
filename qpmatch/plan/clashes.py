"""Two operations of one plan on one row: what the plan itself shows, before any datacentre is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qpmatch.matching.spelling import spelling
from qpmatch.models import Side
from qpmatch.plan.model import Entry, Plan, Ref, ReviewEntry, members

HINT = "say it in one edit operation, or in two plans that are confirmed one after the other"

Key = tuple[Side, str, str]
"""What identifies a member within one file: its side, the kind of the key, the id or the spelling."""


class Clash(NamedTuple):
    """Two entries, by index from 0, and the member that both name (in the later one's words)."""

    first: int
    second: int
    side: Side
    ref: Ref


def clashes(plan: Plan) -> Iterator[Clash]:
    """The entries that name a company or customer which an earlier entry names, each with the first such.

    The same id clashes, and so does a bare name with the same spelling anywhere; two members that are told
    apart by their ids may share a name. Reviews are no operations yet and clash with nothing.
    """
    first_with: dict[Key, int] = {}
    for index, entry in enumerate(plan.operations):
        if isinstance(entry, ReviewEntry):
            continue
        if clash := _clash(first_with, index, entry):
            yield clash
        for side, ref in members(entry):
            for key in own_keys(side, ref):
                first_with.setdefault(key, index)


def _clash(first_with: dict[Key, int], index: int, entry: Entry) -> Clash | None:
    for side, ref in members(entry):
        earlier = [first_with[key] for key in clashing_keys(side, ref) if key in first_with]
        if earlier:
            return Clash(min(earlier), index, side, ref)
    return None


def own_keys(side: Side, ref: Ref) -> list[Key]:
    """The keys that a member is found under."""
    if ref.id is None:
        return [(side, "bare", spelling(ref.name or ""))]
    keys = [(side, "id", ref.id)]
    return keys if ref.name is None else [*keys, (side, "named", spelling(ref.name))]


def clashing_keys(side: Side, ref: Ref) -> list[Key]:
    """The keys under which others are found that are, or may be, the same member."""
    if ref.id is None:
        name = spelling(ref.name or "")
        return [(side, "bare", name), (side, "named", name)]
    keys = [(side, "id", ref.id)]
    return keys if ref.name is None else [*keys, (side, "bare", spelling(ref.name))]
