"""Where the operations of a plan file stand, character by character, so that one can be put in or replaced.

The file is never written anew: everything that a person wrote outside the replaced entries stays, byte for
byte, and so do the comments inside them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qpmatch.plan.emit import block_lines, flow_text
from qpmatch.plan.model import Entry

_GENERATED = re.compile(r"# (exact|alias|normalized|suffix|similar): ")
"""How the comment begins that the program writes beside a suggestion's action."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry: from its dash (in a flow list, its brace) to the end of its last value; offsets."""

    start: int
    end: int
    values: tuple[tuple[int, int], ...]


class PlanText:
    """The text of a valid plan file, and the places of its operations."""

    def __init__(self, text: str) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        root: Any = yaml.compose(text, Loader=loader)
        self._key, self._value = next(pair for pair in root.value if pair[0].value == "operations")
        nodes = self._value.value if isinstance(self._value, yaml.SequenceNode) else []
        self._is_flow = isinstance(self._value, yaml.SequenceNode) and bool(self._value.flow_style)
        self._is_inside_flow = bool(root.flow_style)
        dashes = [] if self._is_flow else self._dashes(text, loader)
        self._items = [self._item(node, dashes) for node in nodes]
        self._edits: list[tuple[int, int, str]] = []

    @staticmethod
    def _dashes(text: str, loader: Any) -> list[int]:
        import yaml

        return [
            token.start_mark.index
            for token in yaml.scan(text, Loader=loader)
            if isinstance(token, yaml.BlockEntryToken)
        ]

    def _item(self, node: Any, dashes: Sequence[int]) -> _Item:
        values = tuple(_leaves(node))
        if self._is_flow:
            return _Item(node.start_mark.index, node.end_mark.index, values)
        start = dashes[bisect_right(dashes, node.start_mark.index) - 1]
        end = max(end for _, end in values)
        return _Item(start, start + len(self._text[start:end].rstrip()), values)

    def replace(self, index: int, entry: Entry) -> None:
        """Put ``entry`` in the place of the one at ``index`` (from 0); that one's comments stand above it."""
        item = self._items[index]
        end = item.end if self._is_flow else self._line_end(item.end)
        kept = [comment + self._break_at(item.start) for comment in self._comments(item, end)]
        text = flow_text(entry) if self._is_flow else self._block(entry, self._column(item.start))
        if kept and self._is_flow:
            text = self._break_at(item.start) + "".join(kept) + text
        elif kept:
            text = "".join(kept) + text
        self._edits.append((item.start, end, text))

    def remove(self, index: int) -> None:
        """Take the entry at ``index`` out, with its comments."""
        item = self._items[index]
        if self._is_flow:
            following = re.compile(r"\s*,").match(self._text, item.end)
            self._edits.append((item.start, following.end() if following else item.end, ""))
            return
        end = self._line_end(item.end)
        start = item.start - self._column(item.start)
        self._edits.append((start, min(len(self._text), end + len(self._newline)), ""))

    def append(self, entries: Sequence[Entry]) -> None:
        """Put ``entries`` after the last one."""
        if not entries:
            return
        if self._is_flow and (self._items or self._is_inside_flow):
            self._append_to_flow(entries)
            return
        if self._items:
            column = self._column(self._items[-1].start)
            place = self._after_comments(self._line_end(self._items[-1].end), column)
        else:
            column = self._column(self._key.start_mark.index)
            start, end = self._value.start_mark.index, self._value.end_mark.index
            if self._text[start:end].strip():
                self._edits.append((start, end, ""))
            place = self._line_end(max(end, self._key.end_mark.index + 1))
        indent = " " * column
        text = "".join(f"{self._newline}{indent}{self._block(entry, column)}" for entry in entries)
        if place == len(self._text):
            text = text.removeprefix(self._newline) if self._text.endswith("\n") else text
            text += self._newline
        self._edits.append((place, place, text))

    def _append_to_flow(self, entries: Sequence[Entry]) -> None:
        texts = [flow_text(entry) for entry in entries]
        if self._items:
            last = self._items[-1]
            on_own_line = not self._text[: last.start].rpartition("\n")[2].strip()
            between = "," + self._break_at(last.start) if on_own_line else ", "
            self._edits.append((last.end, last.end, "".join(between + text for text in texts)))
        else:
            place = self._value.start_mark.index + 1
            self._edits.append((place, place, ", ".join(texts)))

    def result(self) -> str:
        """The text with all of this done."""
        pieces: list[str] = []
        done = 0
        for start, end, text in sorted(self._edits, key=lambda edit: edit[:2]):
            pieces += [self._text[done:start], text]
            done = end
        return "".join((*pieces, self._text[done:]))

    def _block(self, entry: Entry, column: int) -> str:
        return (self._newline + " " * column).join(block_lines(entry))

    def _break_at(self, offset: int) -> str:
        return self._newline + " " * self._column(offset)

    def _column(self, offset: int) -> int:
        return offset - (self._text.rfind("\n", 0, offset) + 1)

    def _line_end(self, offset: int) -> int:
        """Where the line of ``offset`` ends, before its line break."""
        end = self._text.find("\n", offset)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[offset:end].endswith("\r") else end

    def _after_comments(self, place: int, column: int) -> int:
        """Past the comment lines below an entry that are indented as a part of it."""
        while place < len(self._text):
            start = place + len(self._newline)
            end = self._line_end(start)
            line = self._text[start:end]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= column:
                break
            place = end
        return place

    def _comments(self, item: _Item, end: int) -> Iterator[str]:
        """The comments between the values of an entry, without the one that the program wrote there."""
        first_line_end = self._line_end(item.start)
        position = item.start
        for start, stop in (*sorted(item.values), (end, end)):
            for found in re.finditer(r"#[^\r\n]*", self._text[position:start]):
                text = found[0].rstrip()
                is_on_first_line = position + found.start() < first_line_end
                if not (is_on_first_line and _GENERATED.match(text)):
                    yield text
            position = max(position, stop)


def _leaves(node: Any) -> Iterator[tuple[int, int]]:
    """The places of all keys and values below a node that have a text of their own."""
    if isinstance(node.value, str):
        yield node.start_mark.index, node.end_mark.index
        return
    children: Iterable[Any] = (child for pair in node.value for child in _pair(pair))
    if node.flow_style:
        yield node.end_mark.index - 1, node.end_mark.index
    for child in children:
        yield from _leaves(child)


def _pair(child: Any) -> tuple[Any, ...]:
    return child if isinstance(child, tuple) else (child,)
