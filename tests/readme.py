"""README.md as a program reads it: ``python -m tests.readme test-command | check | update``.

``test-command`` prints the command that the README gives for installing and testing, so that CI runs the very
same. ``update`` records the transcripts and the generated sections anew from real runs, ``check`` says where
they differ from what stands there.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import sys
from collections.abc import Callable

from tests.docs.blocks import README, Block, block, blocks, generated, replaced

Piece = tuple[tuple[int, int], str]


def recorded(page: str) -> dict[str, Callable[[], list[Piece]]]:
    """What of the page is recorded, and how to record it now: pieces of text and where they stand."""
    from tests.docs.generated import is_available
    from tests.docs.transcripts import sessions

    found: dict[str, Callable[[], list[Piece]]] = {}
    for session in sessions(blocks(page)):
        found[f"transcript {session[0].name}"] = functools.partial(_transcripts, session)
    for name, span in generated(page):
        if is_available(name):
            found[f"generated {name}"] = functools.partial(_section, name, span)
    return found


def _transcripts(session: list[Block]) -> list[Piece]:
    from tests.docs.transcripts import fresh_home, run

    with fresh_home() as home:
        return [(part.span, run(part.text, home)) for part in session]


def _section(name: str, span: tuple[int, int]) -> list[Piece]:
    from tests.docs.generated import SECTIONS
    from tests.docs.transcripts import fresh_home

    with fresh_home() as home:
        return [(span, f"\n{SECTIONS[name](home)}\n")]


def difference(page: str, pieces: list[Piece]) -> str:
    """What would change in the page, as a diff; empty when nothing would."""
    now = replaced(page, pieces)
    return "".join(difflib.unified_diff(page.splitlines(True), now.splitlines(True), "README.md", "now"))


def main() -> int:
    """Run one of the three; 1 when ``check`` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.readme")
    parser.add_argument("what", choices=["test-command", "check", "update"])
    what = parser.parse_args().what
    page = README.read_text(encoding="utf-8")
    if what == "test-command":
        sys.stdout.write(block(page, "command", "test").text)
        return 0
    pieces = [piece for record in recorded(page).values() for piece in record()]
    if what == "update":
        README.write_text(replaced(page, pieces), encoding="utf-8")
        return 0
    text = difference(page, pieces)
    sys.stdout.write(text)
    return 1 if text else 0


if __name__ == "__main__":
    sys.exit(main())
