"""README.md says what the program does: transcripts, tables, commands, options and links are compared."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from qpmatch.api.regions import DASHBOARDS
from qpmatch.errors import ExitCode
from qpmatch.sandbox.faults import KINDS
from tests.conftest import Program
from tests.docs.blocks import README, ROOT, block, blocks, rows
from tests.docs.generated import EXIT_CODES, command_list
from tests.docs.transcripts import environment
from tests.readme import difference, recorded

PAGE = README.read_text(encoding="utf-8")

posix = pytest.mark.skipif(sys.platform == "win32", reason="transcripts are recorded in a POSIX shell")
linux = pytest.mark.skipif(sys.platform != "linux", reason="transcripts show the folders of Linux")


RECORDED = recorded(PAGE)


@linux
@pytest.mark.parametrize("name", RECORDED)
def test_what_is_recorded_comes_out_as_it_stands_there(name: str) -> None:
    assert difference(PAGE, RECORDED[name]()) == "", "to record it anew: python -m tests.readme update"


def test_every_exit_code_has_a_meaning() -> None:
    assert {int(row[0]) for row in rows(PAGE, "Exit codes")} == {int(code) for code in ExitCode}
    assert set(EXIT_CODES) == set(ExitCode)


def test_every_environment_variable_is_listed_and_no_other() -> None:
    listed = {row[0] for row in rows(PAGE, "Profiles and settings")}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "qpmatch").rglob("*.py"))
    read = set(re.findall(r"\bQPMATCH_[A-Z_]*[A-Z]\b", source))
    assert listed == read


def test_every_fault_of_the_sandbox_has_an_outcome() -> None:
    kinds = " ".join(row[1] for row in rows(PAGE, "What can go wrong, and what qpmatch does then"))
    assert {kind.strip(",") for kind in kinds.split() if not kind.isdecimal()} == set(KINDS)


def test_regions_stand_with_their_dashboards() -> None:
    table = {row[0]: row[1] for row in rows(PAGE, "Sign-in")}
    assert {region: table[region] for region in DASHBOARDS} == dict(DASHBOARDS)


def _mentioned_commands() -> list[str]:
    """Every ``qpmatch ...`` of the page: in a sentence, a table or a shell block."""
    inline = re.findall(r"`(qpmatch [^`]+)`", PAGE)
    fenced = [
        re.split(r"[|;>]", line.removeprefix("$ "))[0]
        for part in blocks(PAGE)
        if part.language in ("sh", "console")
        for line in part.text.splitlines()
        if line.startswith(("$ qpmatch", "qpmatch"))
    ]
    return sorted({*inline, *fenced})


def _options(command: Any) -> set[str]:
    return {
        spelling for parameter in command.params for spelling in (*parameter.opts, *parameter.secondary_opts)
    }


@pytest.mark.parametrize("line", _mentioned_commands())
def test_a_command_that_is_mentioned_exists_with_its_options(line: str) -> None:
    words = shlex.split(line.replace("\\|", "|"))[1:]
    known = command_list()
    names = [" ".join(words[:length]) for length in (2, 1) if " ".join(words[:length]) in known]
    groups = {name.split(" ")[0] for name in known if " " in name}
    if not names:
        assert words[0] in groups or words[0] in ("COMMAND", "--version")
        return
    command: Any = known[names[0]]
    options = {
        spelling for parameter in command.params for spelling in (*parameter.opts, *parameter.secondary_opts)
    }
    used = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used <= options | {"--help"}


def test_every_option_that_the_page_names_belongs_to_some_command() -> None:
    text = re.sub(r"```.*?```|`python -m[^`]*`", "", PAGE, flags=re.DOTALL)
    named = set(re.findall(r"(?<=[`/ ])--[a-z][a-z-]+", text))
    options = set().union(*map(_options, command_list().values()))
    assert named <= options | {"--help"}


def test_the_plan_of_the_page_passes_lint(qpmatch: Program, home: Path) -> None:
    (home / "plan.yaml").write_text(block(PAGE, "example", "plan").text, encoding="utf-8")
    assert "1 create, 1 edit, 1 match, 1 review, 1 unmatch" in qpmatch("plan", "lint", "plan.yaml").stdout


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", PAGE)
    assert targets
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    }
    assert [path for path, _ in targets if path and not (ROOT / path).exists()] == []
    assert [anchor for _, anchor in targets if anchor and anchor not in headings] == []


@posix
def test_the_first_command_does_the_main_job(tmp_path: Path) -> None:
    """As it stands there, but with this checkout's program in the place of the one it would install."""
    command = block(PAGE, "command", "install").text
    install, _, job = command.partition("&&\n")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.fullmatch(r"python3 -m venv \.venv && \.venv/bin/pip install '\.\[sandbox\]' ", install)
    assert "sandbox" in project["optional-dependencies"]
    done = subprocess.run(
        ["bash", "-c", job.replace(".venv/bin/", "")],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plan.yaml").exists()


def test_the_second_command_is_what_ci_runs() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "tests.readme", "test-command"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert printed == block(PAGE, "command", "test").text
    assert re.fullmatch(
        r"python3 -m venv \.venv && \.venv/bin/pip install -e '\.\[dev\]' && "
        r"\.venv/bin/pytest( -n auto --dist worksteal)?\n",
        printed,
    )
    assert "tests.readme test-command" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
