"""Plans as text: what is written is read back the same, by this program and by any other YAML reader."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC

from qpmatch.plan.model import (
    Candidate,
    CompanyRef,
    EditEntry,
    Entry,
    MatchEntry,
    PairBefore,
    Plan,
    Ref,
    ReviewEntry,
    RowBefore,
    UnmatchEntry,
)

_COMMENT_COLUMN = 32
_COMMENT_WIDTH = 200
_HOW_TO_REVIEW = (
    "review entries: change the action to match (and name the customer) or create, or delete the entry"
)

_PLAIN_PUNCTUATION = frozenset(" .&'()/+_-")
_NUMBER_LIKE = re.compile(r"[0-9._]*([eE][-+]?[0-9_]*)?|0[xXoObB][0-9a-fA-F_]*|[0-9]{4}-[0-9].*", re.DOTALL)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"})
"""What some YAML reader takes for a flag, a number or nothing at all."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_SEEN = frozenset(" \u200c\u200d")  # the joiners are part of emoji and of Persian and Indic spelling


def scalar(text: str) -> str:
    """``text`` as one YAML scalar that may stand anywhere, a flow mapping included.

    Characters that nobody sees, that steer a terminal or that change the direction of text become escapes.
    """
    if _is_plain(text):
        return text
    if all(_is_visible(character) for character in text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _is_plain(text: str) -> bool:
    return (
        text[:1].isalnum()
        and not text.endswith(" ")
        and text.isprintable()
        and all(character.isalnum() or character in _PLAIN_PUNCTUATION for character in text)
        and text.casefold() not in _WORDS
        and not _NUMBER_LIKE.fullmatch(text)
    )


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN or character in _SEEN


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if _is_visible(character):
        return character
    code = ord(character)
    if code == 0x0A:
        return "\\n"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """``text`` as what follows a ``#``: one line of visible characters, not too long."""
    line = "".join(
        character if _is_visible(character) else character.encode("unicode_escape").decode()
        for character in text
    )
    return line if len(line) <= _COMMENT_WIDTH else line[: _COMMENT_WIDTH - 1] + "…"


def document(plan: Plan, *, schema: str) -> str:
    """The whole plan file; ``schema`` is where editors find its JSON Schema."""
    lines = [f"# yaml-language-server: $schema={schema}"]
    if any(isinstance(entry, ReviewEntry) for entry in plan.operations):
        lines.append(f"# {_HOW_TO_REVIEW}")
    lines += [f"# {comment(line)}" if line else "#" for line in plan.remarks]
    lines += [
        f"version: {plan.version}",
        f"region: {scalar(plan.region)}",
        f"integration: {scalar(plan.integration)}",
    ]
    if plan.generated is not None:
        generated = plan.generated.astimezone(UTC) if plan.generated.tzinfo else plan.generated
        lines.append(f"generated: {generated:%Y-%m-%dT%H:%M:%SZ}")
    if plan.generator is not None:
        lines.append(f"generator: {scalar(plan.generator)}")
    if plan.allow_removals is not None:
        lines.append(f"allow_removals: {plan.allow_removals}")
    lines.append("operations:" if plan.operations else "operations: []")
    for index, entry in enumerate(plan.operations):
        lines += block_lines(entry, plan.comments.get(index))
    return "\n".join(lines) + "\n"


def block_lines(entry: Entry, remark: str | None = None) -> list[str]:
    """An entry as the lines of a block list's item, with ``remark`` beside its action."""
    first = f"- action: {entry.action}"
    if remark:
        first = f"{first:<{_COMMENT_COLUMN - 1}} # {comment(remark)}"
    lines = [first]
    for key, value in _fields(entry):
        if key == "candidates":
            lines += ["  candidates:", *(f"  - {item}" for item in value)]
        else:
            lines.append(f"  {key}: {_joined(value)}")
    return lines


def flow_text(entry: Entry) -> str:
    """An entry as a flow mapping on one line."""
    return _mapping([("action", entry.action), *((key, _joined(value)) for key, value in _fields(entry))])


def _fields(entry: Entry) -> list[tuple[str, str | list[str]]]:
    """The keys of an entry after its action, in the order of SPEC 6; what is not set is left out."""
    fields: list[tuple[str, str | list[str]]] = []
    if isinstance(entry, EditEntry):
        fields.append(("row", _mapping([(entry.row.side.value, _ref(entry.row.member))])))
        fields.append(
            ("companies" if entry.companies is not None else "customers", [_ref(ref) for ref in entry.cell])
        )
    elif entry.company is not None:
        fields.append(("company", _ref(entry.company)))
    if isinstance(entry, MatchEntry | UnmatchEntry) and entry.customer is not None:
        fields.append(("customer", _ref(entry.customer)))
    if not isinstance(entry, EditEntry | UnmatchEntry):
        if entry.tier is not None:
            fields.append(("tier", scalar(entry.tier)))
        if entry.score is not None:
            fields.append(("score", _score(entry.score)))
        if entry.candidates:
            fields.append(("candidates", [_ref(candidate) for candidate in entry.candidates]))
    if entry.before is not None:
        fields.append(("before", _before(entry.before)))
    return fields


def _before(before: PairBefore | RowBefore) -> str:
    cells: Iterable[tuple[str, Sequence[str] | None]]
    if isinstance(before, RowBefore):
        cells = [("companies", before.companies), ("customers", before.customers)]
    else:
        cells = [("company", before.company), ("customer", before.customer)]
    return _mapping([(key, _joined([scalar(id_) for id_ in ids])) for key, ids in cells if ids is not None])


def _ref(ref: Ref) -> str:
    fields = [] if ref.id is None else [("id", scalar(ref.id))]
    if ref.name is not None:
        fields.append(("name", scalar(ref.name)))
    if isinstance(ref, CompanyRef) and not ref.active:
        fields.append(("active", "false"))
    if isinstance(ref, Candidate):
        if ref.tier is not None:
            fields.append(("tier", scalar(ref.tier)))
        if ref.score is not None:
            fields.append(("score", _score(ref.score)))
        if ref.reason is not None:
            fields.append(("reason", scalar(ref.reason)))
    return _mapping(fields)


def _score(score: float) -> str:
    return str(round(float(score), 4))


def _mapping(fields: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields) + "}"


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(value) + "]"
