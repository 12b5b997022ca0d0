"""Staging: operations are added to a plan file that people write in too (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qpmatch.errors import PlanError, RefusedError
from qpmatch.files import read_text, write_over
from qpmatch.plan.check import check_target
from qpmatch.plan.clashes import Key, clashing_keys, own_keys
from qpmatch.plan.model import EditEntry, Entry, MatchEntry, Plan, ReviewEntry, UnmatchEntry, members
from qpmatch.plan.splice import PlanText
from qpmatch.plan.yamlfile import load_plan, parse_plan, write_plan

_BYTE_ORDER_MARK = "\ufeff"


def append_operations(path: Path, staged: Plan, *, force: bool = False) -> None:
    """Add the operations of ``staged`` to the plan at ``path``, or make that file.

    Comments and order stay as a person wrote them. A ``review`` of the same company is replaced, and what is
    staged already stays as it is (R8). Raises
    ``RefusedError`` when the plan has another operation on one of the rows (``force`` replaces one on the
    same company) or is for another region or integration, ``PlanError`` when the file is no valid plan,
    ``FileError`` when it cannot be written. Nothing is changed then.
    """
    if not path.exists() and not path.is_symlink():
        write_plan(path, staged)
        return
    existing = load_plan(path)
    check_target(existing, staged.region, staged.integration)
    text = read_text(path)
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    spliced, expected = _spliced(text.removeprefix(mark), existing, staged, force=force)
    after = parse_plan(spliced, str(path))
    if after.operations != expected:
        raise PlanError(
            f"{path} is laid out in a way that an operation cannot be added to",
            hint="add it by hand, or stage into another file",
        )
    write_over(path, mark + spliced)


def _spliced(text: str, existing: Plan, staged: Plan, *, force: bool) -> tuple[str, tuple[Entry, ...]]:
    """The new text, and the entries that it has to hold."""
    plan_text = PlanText(text)
    index = _Index(existing)
    replaced: dict[int, Entry | None] = {}
    added: list[Entry] = []
    for entry in staged.operations:
        in_the_way = sorted(index.in_the_way(entry) - replaced.keys())
        if any(_does_the_same(existing.operations[number], entry) for number in in_the_way):
            continue
        for number in in_the_way:
            _refuse_unless_replaceable(existing, number, entry, force=force)
        if not in_the_way:
            added.append(entry)
            continue
        first, *others = in_the_way
        replaced[first] = entry
        plan_text.replace(first, entry)
        for other in others:
            replaced[other] = None
            plan_text.remove(other)
    plan_text.append(added)
    kept = (replaced.get(number, entry) for number, entry in enumerate(existing.operations))
    return plan_text.result(), (*(entry for entry in kept if entry is not None), *added)


def _does_the_same(there: Entry, entry: Entry) -> bool:
    """Whether an entry asks for nothing else than one that is there: what they say beside it may differ."""
    beside = {"before", "tier", "score", "candidates"}
    return there.model_dump(exclude=beside) == entry.model_dump(exclude=beside)


def _refuse_unless_replaceable(plan: Plan, number: int, entry: Entry, *, force: bool) -> None:
    there = plan.operations[number]
    if isinstance(there, ReviewEntry):
        return
    is_same_subject = not set(_subject(there)).isdisjoint(_subject(entry))
    if force and is_same_subject:
        return
    raise RefusedError(
        f"the plan has a {there.action} operation on that row already ({plan.place(number)})",
        hint="--force replaces it"
        if is_same_subject
        else "make the two one edit by hand, or stage this one in another plan",
    )


def _subject(entry: Entry) -> Iterator[Key]:
    """Whom an entry is about: its company, or the row that an edit or a company-less unmatch names."""
    if isinstance(entry, EditEntry):
        refs = [(entry.row.side, entry.row.member), *((entry.side, ref) for ref in entry.cell)]
    else:
        named = members(entry)
        is_by_customer = isinstance(entry, UnmatchEntry) and entry.company is None
        refs = named[:1] if isinstance(entry, MatchEntry | UnmatchEntry) and not is_by_customer else named
    for side, ref in refs:
        yield from clashing_keys(side, ref)


class _Index:
    """Which entries of a plan name a member."""

    def __init__(self, plan: Plan) -> None:
        self._by_key: dict[Key, set[int]] = {}
        for number, entry in enumerate(plan.operations):
            named = members(entry)[:1] if isinstance(entry, ReviewEntry) else members(entry)
            for side, ref in named:
                for key in own_keys(side, ref):
                    self._by_key.setdefault(key, set()).add(number)

    def in_the_way(self, entry: Entry) -> set[int]:
        """The entries that share a member with ``entry``."""
        found: set[int] = set()
        for side, ref in members(entry):
            for key in clashing_keys(side, ref):
                found |= self._by_key.get(key, set())
        return found
