"""Fields that a recorded request calls otherwise than the route table does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from qpmatch.api.templates import Keyed, Many, Slot
from qpmatch.har.shape import MOST_ENTRIES, fits, is_field_name, is_optional

_ALIKE = 0.5
"""How alike two names must be to be paired while other pairs are possible."""


@dataclass(frozen=True, slots=True)
class Rename:
    """The table's field name and the recorded one. ``alike`` (0..1) is how sure the two mean the same."""

    field: str
    recorded: str
    alike: float

    @property
    def sure(self) -> bool:
        """Whether the names, or the values, speak for it; otherwise only the structure does."""
        return self.alike >= _ALIKE


def find_renames(template: Any, value: Any) -> list[Rename]:
    """The fields that are missing and the unknown ones that stand in their place, at every depth.

    A pair needs a value of the same structure, and names that are alike unless no other pair is possible.
    """
    found = dict.fromkeys(_renames(template, value, None))
    by_field: dict[str, list[Rename]] = {}
    for rename in found:
        by_field.setdefault(rename.field, []).append(rename)
    return [max(renames, key=lambda rename: rename.alike) for renames in by_field.values()]


def _renames(template: Any, value: Any, entry_key: tuple[str, str] | None) -> Iterator[Rename]:
    """``entry_key`` is the slot that an object's entry is filed under, and the key it is filed under here."""
    match template, value:
        case Keyed(key=Slot(name=name), item=item), dict():
            for key, entry in itertools.islice(value.items(), MOST_ENTRIES):
                yield from _renames(item, entry, (name, key))
        case Many(item=item), list():
            for entry in value[:MOST_ENTRIES]:
                yield from _renames(item, entry, None)
        case Mapping(), dict():
            pairs = _paired(template, value, entry_key)
            yield from pairs
            names = {key: key for key in template if key in value}
            names |= {pair.field: pair.recorded for pair in pairs}
            for key, recorded in names.items():
                yield from _renames(template[key], value[recorded], None)


def _paired(
    template: Mapping[str, Any], value: Mapping[str, Any], entry_key: tuple[str, str] | None
) -> list[Rename]:
    missing = [key for key, inner in template.items() if key not in value and not is_optional(inner)]
    extra = [key for key in value if key not in template and is_field_name(key)]
    possible = [
        Rename(key, other, alike)
        for key in missing
        for other in extra
        if fits(template[key], value[other])
        and (alike := _alike(key, template[key], other, value[other], entry_key)) is not None
    ]
    pairs: list[Rename] = []
    while possible:
        best = max(possible, key=lambda pair: pair.alike)
        rivals = [pair for pair in possible if (pair.field == best.field) != (pair.recorded == best.recorded)]
        if rivals and (not best.sure or any(rival.alike == best.alike for rival in rivals)):
            possible = [pair for pair in possible if pair.field != best.field]
            continue
        pairs.append(best)
        possible = [pair for pair in possible if pair.field != best.field and pair.recorded != best.recorded]
    return pairs


def _alike(
    key: str, template: Any, other: str, value: Any, entry_key: tuple[str, str] | None
) -> float | None:
    """How alike two fields are; ``None`` when their values say that they mean different things."""
    if isinstance(template, Slot) and entry_key is not None and template.name == entry_key[0]:
        return 1.0 if str(value) == entry_key[1] else None
    if isinstance(template, str) and template:
        return 1.0 if value == template else None
    meaning = getattr(template, "name", key)
    return max(_ratio(key, other), _ratio(meaning, other))


def _ratio(one: str, other: str) -> float:
    first, second = (name.replace("_", "").casefold() for name in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
