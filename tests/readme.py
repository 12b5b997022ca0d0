"""README.md as a program reads it: ``python -m tests.readme test-command | check | update``.

``test-command`` prints the command that the README gives for installing and testing, so that CI runs the very
same. ``update`` records the transcripts and the generated sections anew from real runs, ``check`` says where
they differ from what stands there.
"""

from __future__ import annotations

import argparse
import difflib
import sys

from tests.docs.blocks import README, block, blocks, generated, replaced


def current(page: str) -> str:
    """``page`` with every transcript and generated section as it comes out now."""
    from tests.docs.generated import SECTIONS
    from tests.docs.transcripts import fresh_home, run, sessions

    pieces: list[tuple[tuple[int, int], str]] = []
    for session in sessions(blocks(page)):
        with fresh_home() as home:
            pieces += [(part.span, run(part.text, home)) for part in session]
    for name, _, span in generated(page):
        with fresh_home() as home:
            pieces.append((span, f"\n{SECTIONS[name](home)}\n"))
    return replaced(page, pieces)


def main() -> int:
    """Run one of the three; 1 when ``check`` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.readme")
    parser.add_argument("what", choices=["test-command", "check", "update"])
    what = parser.parse_args().what
    page = README.read_text(encoding="utf-8")
    if what == "test-command":
        sys.stdout.write(block(page, "command", "test").text)
        return 0
    now = current(page)
    if what == "update":
        README.write_text(now, encoding="utf-8")
        return 0
    difference = difflib.unified_diff(page.splitlines(True), now.splitlines(True), "README.md", "now")
    text = "".join(difference)
    sys.stdout.write(text)
    return 1 if text else 0


if __name__ == "__main__":
    sys.exit(main())
