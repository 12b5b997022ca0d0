"""The parts of README.md that a program reads: fenced blocks and generated sections, found by hidden labels.

A label is an HTML comment on the line before a fence, such as ``<!-- transcript: tour -->``. A generated
section stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

_BLOCK = re.compile(
    r"(?:^<!-- (?P<kind>[a-z]+): (?P<name>[^>]+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_GENERATED = re.compile(
    r"(?<=<!-- generated: )(?P<name>[^>]+?) -->\n(?P<text>.*?)(?=<!-- end -->)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``kind`` and ``name`` come from its label and are empty without one.

    ``span`` is where its text stands in the page, in characters.
    """

    kind: str
    name: str
    language: str
    text: str
    span: tuple[int, int]


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page, in its order."""
    return [
        Block(found["kind"] or "", found["name"] or "", found["language"], found["text"], found.span("text"))
        for found in _BLOCK.finditer(page)
    ]


def block(page: str, kind: str, name: str) -> Block:
    """The one block with this label. Raises ``LookupError`` when there is none, or more than one."""
    found = [block for block in blocks(page) if (block.kind, block.name) == (kind, name)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} blocks are labelled <!-- {kind}: {name} -->, not one")
    return found[0]


def generated(page: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each generated section: its name, and where its text stands in the page."""
    for found in _GENERATED.finditer(page):
        yield found["name"], found.span("text")


def replaced(page: str, pieces: list[tuple[tuple[int, int], str]]) -> str:
    """``page`` with the text of each span replaced."""
    for (start, end), text in sorted(pieces, reverse=True):
        page = page[:start] + text + page[end:]
    return page


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head; code marks are taken off."""
    section = re.split(rf"^#+ {re.escape(heading)}$", page, maxsplit=1, flags=re.MULTILINE)
    if len(section) != 2:
        raise LookupError(f"there is no heading {heading!r}")
    lines: list[str] = []
    for line in re.split(r"^#+ ", section[1], maxsplit=1, flags=re.MULTILINE)[0].splitlines():
        if line.startswith("|"):
            lines.append(line)
        elif lines:
            break
    return [
        [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for line in lines[2:]
    ]
