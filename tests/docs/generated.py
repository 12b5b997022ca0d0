"""The sections of README.md that are made from the program itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Route
from qpmatch.cli import app
from qpmatch.errors import ExitCode
from qpmatch.sandbox.faults import KINDS
from tests.benchmarks import names
from tests.docs.transcripts import environment, settled

EXIT_CODES: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.UNEXPECTED: "unexpected failure",
    ExitCode.USAGE: "the command line, the configuration or the plan file cannot be used",
    ExitCode.PENDING: "changes are pending (`confirm --check` only)",
    ExitCode.REFUSED: "refused: a matching rule, a stale plan, a safety limit, another run at work",
    ExitCode.PARTIAL: "partly applied",
    ExitCode.CREDENTIALS: "credentials or role",
    ExitCode.UNREACHABLE: "the datacentre is unreachable, or kept failing after retries",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
}

SAMPLES: Mapping[str, tuple[str, str]] = {
    "list companies": ("list companies", "Brantley Supply LLC"),
    "list customers": ("list customers --status matched", "Alderwick Irrigation"),
    "list matches": ("list matches", "Lakeholm Towing"),
    "suggest": ("suggest --candidates 1", "Brookmoor Media, Inc."),
    "confirm": ("match 'Brookmoor Media, Inc.' 'Brookmoor Media Inc' --dry-run", ""),
}
"""The JSON shapes of SPEC 5: the command whose answer shows each, and a name in the record to show."""


def table(heading: list[str], lines: Iterator[list[str]] | list[list[str]]) -> str:
    """A Markdown table."""
    every = [heading, ["---"] * len(heading), *lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in every)


def code(text: str) -> str:
    """``text`` as code inside a table."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def command_list() -> dict[str, typer.core.TyperCommand]:
    """Every command by its words, in the order of ``qpmatch --help``."""
    return dict(_commands(typer.main.get_command(app), ()))


def _commands(node: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    children: Mapping[str, Any] = getattr(node, "commands", {})
    if not children:
        yield " ".join(words), node
    for name, child in children.items():
        yield from _commands(child, (*words, name))


def example(help_text: str) -> str:
    """The example at the end of a command's help."""
    return re.sub(r"\s+", " ", help_text.rsplit("Example:", 1)[1]).strip()


def commands_section() -> str:
    """One line for each command: what its help says first, and its example."""

    def line(name: str, command: Any) -> list[str]:
        first = re.sub(r"\s+", " ", command.help.split("\n\n")[0]).strip()
        return [code(name), first, code(example(command.help))]

    return table(["command", "does", "example"], [line(*item) for item in command_list().items()])


def routes_section() -> str:
    """The route table of qpmatch.api.routes."""
    return table(
        ["route", "request", "evidence", "source"],
        [[code(r.name), code(_request(r)), r.evidence.value, r.source] for r in ROUTES.values()],
    )


def _request(route: Route) -> str:
    return f"{route.method} {route.path}"


def faults_section() -> str:
    """The kinds of ``sandbox serve --fault``."""
    return table(["kind", "what happens"], [[code(kind), text] for kind, text in KINDS.items()])


def exit_codes_section() -> str:
    """The exit codes."""
    return table(["code", "meaning"], [[str(int(number)), text] for number, text in EXIT_CODES.items()])


def shapes_section(home: Path) -> str:
    """One record of each JSON shape, as the commands of SAMPLES answer in a fresh sandbox."""
    parts = []
    for name, (command, wanted) in SAMPLES.items():
        document = answer(command, home)
        if isinstance(document, list):
            document = [next(record for record in document if wanted in json.dumps(record))]
        text = settled(json.dumps(document, indent=2, ensure_ascii=False))
        parts.append(f"`{name}`\n\n```json\n{_folded(text)}\n```\n")
    return "\n".join(parts)


def answer(command: str, home: Path) -> Any:
    """What a command answers to ``-o json`` in the sandbox of ``home``."""
    done = subprocess.run(
        ["bash", "-c", f"qpmatch {command} --region sandbox -o json --quiet"],
        env=environment(home),
        cwd=home,
        capture_output=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def _folded(text: str) -> str:
    """Short objects and lists on one line, as a person would write them."""
    short = re.compile(r"([\[{])\s*\n\s*([^\[\]{}]{0,110}?)\s*\n\s*([\]}])")
    return short.sub(lambda found: found[1] + re.sub(r"\s*\n\s*", " ", found[2]) + found[3], text)


def calibration_section() -> str:
    """How often a pair of each score is right, on the open sets of names."""
    guesses = [guess for path in names.sets() for guess in names.run(path).guesses]
    return "".join(f"{line}\n" for line in names.calibration(guesses) if line.startswith("|"))


def is_available(section: str) -> bool:
    """Whether a section can be made here: the sets of names are not part of the project."""
    return section != "calibration" or bool(names.sets())


SECTIONS: Mapping[str, Callable[[Path], str]] = {
    "commands": lambda home: commands_section(),
    "routes": lambda home: routes_section(),
    "faults": lambda home: faults_section(),
    "exit codes": lambda home: exit_codes_section(),
    "shapes": shapes_section,
    "calibration": lambda home: calibration_section(),
}
"""How each generated section is made; ``home`` is a fresh home folder to run commands in."""
