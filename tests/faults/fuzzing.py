"""Feeds mutated plans and plain noise to the plan loader, in a process that may not grow or hang.

``python -m tests.faults.fuzzing SEED COUNT`` prints one JSON object: how many files were loaded, how many
were refused, and every file that ended in anything but a plan or a ``PlanError`` with a place.
"""

from __future__ import annotations

import json
import random
import re
import resource
import signal
import string
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from qpmatch.errors import PlanError
from qpmatch.plan.yamlfile import load_plan

MORE_MEMORY = 200 * 1024 * 1024
"""Bytes that loading may take beyond what the process has when it begins."""

SECONDS = 1.0
"""Processor time for one file: a busy machine does not make a hang."""

PLAN = """\
# yaml-language-server: $schema=plan.schema.json
version: 1
region: sandbox
integration: autotask
generated: 2026-11-22T10:00:00Z
generator: qpmatch 0.1.0
operations:
- action: match                 # exact: same spelling
  company: {id: '174', name: Contoso Ltd}
  customer: {id: 5f0c, name: Contoso Ltd}
  tier: exact
  score: 1.0
  before: {company: [], customer: []}
- action: review
  company: {id: '181', name: 'Fabrikam, Inc.'}
  candidates:
  - {id: 7a11, name: Fabrikam, tier: suffix, score: 0.97}
- action: create
  company: {id: '0', name: "N\\u00f6rthwind"}
- action: unmatch
  company: Old Name
  customer: {id: 99ab, name: Old Name}
- action: edit
  row: {customer: {id: 31cd, name: Tailspin}}
  companies: [{id: '20', name: Tailspin East}, Tailspin West]
  before: {companies: ['20'], customers: [31cd]}
"""

TOKENS: tuple[str, ...] = (
    *"-:?[]{},#&*!|>'\"%@`~<=\\",
    "---", "...", "- ", ": ", "? ", "<<: *a", "&a ", "*a", "!!python/object:os.system ", "!!str ", "! ",
    "\t", "\r\n", "\u2028", "\u0085", "\ufeff", "\x00", "\x1b[2J", "\u202e", "\ud7ff", "\U0001f600",
    "null", "true", "yes", "0x1f", "1e400", "-.inf", ".nan", "0o17", "1_000", "2026-11-22", "9" * 400,
    "version", "region", "operations", "action: edit", "action: match", "company: {id: ''}", "id: {id: 1}",
    "before: {company: 1}", "before: {companies: [], customers: []}", "score: 2", "companies: []",
)  # fmt: skip

PLACE = re.compile(r":\d+:\d+\)|\(\S+\.yaml\)|\b\d{1,6} problems|cannot be read|not a regular file")


class Hang(BaseException):
    """Raised in the middle of a file that takes too long; nothing in the program catches it."""


def hostile() -> Iterator[bytes]:
    """Files that were thought up: bombs, nests, giants."""
    head = "version: 1\nregion: sandbox\noperations:\n"
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(9))
    big = 2**20
    texts = [
        "", "\n", "\ufeff", "[]", "{}", "null", "1", "- a\n- b\n", "version: 1", laughs + head, "[" * big,
        "{" * big, "- " * big, "? " * big, "a: " * 2000, "[" * 49 + "]" * 49, "'" + "x" * (8 * big),
        "x" * (8 * big),
        "&" + "a" * big + " x", "*" + "a" * big, "!" + "a" * big + " x", "#" * (15 * big), "\n" * (15 * big),
        " " * (8 * big) + "a: 1", "\n".join(f"k{n}: 1" for n in range(20_000)), "k: 1\n" * 20_000,
        head + "- 1\n" * 20_000, head + "- {action: match}\n" * 5_000, head + "- {}\n" * 20_000,
        head + "- {action: create, company: {id: x}}\n" * 5_000,
        head + "- {action: match, company: " + "{id: " * 60 + "}" * 60 + "}\n",
        head + "- {action: create, company: {id: '" + "9" * big + "'}}\n",
        head + "- {action: create, company: '" + "\u202e" * 10_000 + "'}\n",
        "version: " + "9" * big, "version: 1e" + "9" * 10_000, head.replace("1", "-" + "1" * 5000),
        "x" * (16 * big + 1), '"' + "\\u0041" * big + '"', "a" * 1023 + ": 1\n", "a" * 100_000 + ": 1\n",
    ]  # fmt: skip
    yield from (text.encode() for text in texts)
    yield b"\xff\xfe" + PLAN.encode("utf-16-le")
    yield PLAN.encode("utf-32")
    yield b"\xc3\x28" * 1000
    yield b"\x00" * 4096
    yield PLAN.encode()[:-1] + b"\xed\xa0\x80"


def mutated(dice: random.Random) -> bytes:
    """The valid plan after one wound or several."""
    text = PLAN
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        text = dice.choice(WOUNDS)(dice, text)
    data = text.encode("utf-8", "surrogatepass")
    if dice.random() < 0.15 and data:
        place = dice.randrange(len(data))
        data = data[:place] + dice.randbytes(dice.randint(1, 4)) + data[place + dice.randint(0, 4) :]
    return data


def _cut(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start + dice.randint(0, 30) :]


def _insert(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    return text[:place] + dice.choice(TOKENS) * dice.choice((1, 1, 1, 2, 60)) + text[place:]


def _move_line(dice: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    if dice.random() < 0.5:
        lines.pop(dice.randrange(len(lines)))
    return "".join(lines)


def _indent(dice: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    place = dice.randrange(len(lines))
    lines[place] = (
        " " * dice.randint(1, 5) + lines[place].lstrip() if dice.random() < 0.7 else lines[place].lstrip()
    )
    return "".join(lines)


def _swap_word(dice: random.Random, text: str) -> str:
    words: list[str] = re.findall(r"\w+", text)
    return text.replace(dice.choice(words), dice.choice((*words, *TOKENS)), 1) if words else text


def _repeat(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    part = text[start : start + dice.randint(1, 40)]
    return text[:start] + part * dice.randint(2, 40) + text[start:]


WOUNDS: tuple[Callable[[random.Random, str], str], ...] = (
    _cut, _insert, _insert, _move_line, _indent, _swap_word, _repeat
)  # fmt: skip


def noise(dice: random.Random) -> bytes:
    """Bytes, or characters that mean something in YAML, with no plan behind them."""
    if dice.random() < 0.3:
        return dice.randbytes(dice.randint(0, 400))
    alphabet = string.printable + "\u00e9\u202e\u2028\U0001f600"
    return "".join(
        dice.choice(TOKENS) if dice.random() < 0.3 else dice.choice(alphabet)
        for _ in range(dice.randint(0, 300))
    ).encode("utf-8", "surrogatepass")


def _fail(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def attempt(path: Path) -> str:
    """``loaded``, ``refused``, or what went wrong."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        load_plan(path)
    except PlanError as error:
        return "refused" if PLACE.search(error.message) else f"no place: {error.message[:200]}"
    except Hang:
        return "hang"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:200]
    else:
        return "loaded"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def main() -> None:
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    dice = random.Random(seed)
    signal.signal(signal.SIGVTALRM, _fail)
    outcomes: dict[str, int] = {}
    findings: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(PLAN, encoding="utf-8")
        load_plan(path)  # imports what it needs
        files = [*hostile()] if not seed else []
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MORE_MEMORY, resource.RLIM_INFINITY))
        for number in range(count):
            data = (
                files[number] if number < len(files) else (mutated if dice.random() < 0.75 else noise)(dice)
            )
            path.write_bytes(data)
            outcome = attempt(path)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if outcome not in ("loaded", "refused"):
                findings.append({"number": str(number), "outcome": outcome, "file": repr(data[:300])})
    sys.stdout.write(json.dumps({"outcomes": outcomes, "findings": findings}) + "\n")


if __name__ == "__main__":
    main()
