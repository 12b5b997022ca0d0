"""Every file of examples/ works: plans in a fresh sandbox, the workflow and the pipelines as they stand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from qpmatch import config
from tests.conftest import Program
from tests.docs.blocks import README, ROOT
from tests.docs.generated import command_list
from tests.docs.transcripts import environment

EXAMPLES = ROOT / "examples"
PLANS = sorted(EXAMPLES.glob("plan-*.yaml"))
ACTIONS = {"match", "review", "create", "unmatch", "edit"}

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")


def test_every_example_is_named_in_the_readme() -> None:
    page = README.read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES.iterdir() if f"examples/{path.name}" not in page] == []


def test_there_is_a_plan_for_each_action() -> None:
    assert {path.stem.removeprefix("plan-") for path in PLANS} == {*ACTIONS, "minimal"}
    for action in ACTIONS:
        text = (EXAMPLES / f"plan-{action}.yaml").read_text(encoding="utf-8")
        assert {entry["action"] for entry in yaml.safe_load(text)["operations"]} == {action}


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_a_plan_passes_lint_and_is_ready_for_a_fresh_sandbox(plan: Path, qpmatch: Program) -> None:
    qpmatch("plan", "lint", plan)
    would = qpmatch("confirm", plan, "--dry-run", "-o", "json").json
    wanted = {"skipped"} if plan.stem == "plan-review" else {"pending"}
    assert {operation["result"] for operation in would["operations"]} == wanted


@pytest.mark.parametrize("plan", [path for path in PLANS if path.stem != "plan-review"], ids=lambda p: p.stem)
def test_a_plan_is_confirmed_and_taken_back(plan: Path, qpmatch: Program) -> None:
    links = qpmatch("list", "matches", "--region", "sandbox", "-o", "json").json
    done = qpmatch("confirm", plan, "--yes", "--undo", "undo.yaml", "-o", "json").json
    assert done["summary"]["applied"] == len(done["operations"])
    qpmatch("confirm", "undo.yaml", "--yes")
    assert qpmatch("list", "matches", "--region", "sandbox", "-o", "json").json == links


def test_the_aliases_change_the_suggestions(qpmatch: Program) -> None:
    plain = _suggestions(qpmatch)
    known = _suggestions(qpmatch, "--aliases", EXAMPLES / "aliases.yaml")
    assert plain["Goldhurst Bishop Tool"]["tier"] != "alias"
    assert known["Goldhurst Bishop Tool"]["tier"] == "alias"
    assert known["Goldhurst Bishop Tool"]["customer"]["name"] == "GBT Tool"
    assert "Otterhurst Insurance LLP" in _candidates(plain["Otterhurst Insurance Ltd"])
    assert "Otterhurst Insurance LLP" not in _candidates(known["Otterhurst Insurance Ltd"])


def _suggestions(qpmatch: Program, *args: object) -> dict[str, Any]:
    records = qpmatch("suggest", "--region", "sandbox", "-o", "json", *args).json
    return {record["company"]["name"]: record for record in records}


def _candidates(record: dict[str, Any]) -> list[str]:
    return [candidate["name"] for candidate in record["candidates"]]


def test_the_configuration_has_two_profiles_that_hold(qpmatch: Program) -> None:
    environ = {"QPMATCH_CONFIG": str(EXAMPLES / "config.yaml")}
    assert config.resolve({}, environ).region == "na"
    assert config.resolve({}, environ).companies_from == "autotask"
    assert config.resolve({"profile": "europe"}, environ).region == "eu"
    assert "europe" in qpmatch("config", "show", "--profile", "europe", env=environ).stdout


def _workflow() -> dict[str, Any]:
    # BaseLoader: a workflow's `on` is no flag to GitHub.
    text = (EXAMPLES / "github-workflow.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def test_the_workflow_takes_secrets_from_where_they_belong() -> None:
    workflow = _workflow()
    for name in ("QPMATCH_EMAIL", "QPMATCH_PASSWORD", "QPMATCH_TOTP_SECRET"):
        assert workflow["env"][name] == f"${{{{ secrets.{name} }}}}"
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}


@posix
def test_the_workflow_runs_from_request_to_merge(tmp_path: Path) -> None:
    """Its shell steps, with the sandbox as region; `pip` and `gh` only write down what they are asked."""
    repository = tmp_path / "repository"
    (repository / "plans").mkdir(parents=True)
    shutil.copy(EXAMPLES / "plan-minimal.yaml", repository / "plans" / "matches.yaml")
    environ = environment(tmp_path) | {
        "QPMATCH_REGION": "sandbox",
        "QPMATCH_STATE": str(repository / "qpmatch-state"),
    }
    for tool in ("pip", "gh"):
        stand_in = tmp_path / ".bin" / tool
        stand_in.write_text(f'#!/bin/sh\necho {tool} "$@" >> {shlex.quote(str(tmp_path))}/calls\n')
        stand_in.chmod(0o755)
    workflow = _workflow()
    environ["PLAN"] = workflow["env"]["PLAN"]
    environ["PULL_REQUEST"] = "7"

    _run_job(workflow["jobs"]["check"], repository, environ)
    comment = (repository / "comment.md").read_text(encoding="utf-8")
    assert "| Southcote Clinic Co." in comment
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert calls == ["pip install vendor/qpmatch-*.whl", "gh pr comment 7 --edit-last --body-file comment.md"]

    _run_job(workflow["jobs"]["confirm"], repository, environ)
    result = json.loads((repository / "result.json").read_text(encoding="utf-8"))
    assert result["summary"]["applied"] == 3
    assert Path(result["undo"]).is_relative_to(repository / "qpmatch-state")

    _run_job(workflow["jobs"]["confirm"], repository, environ)
    assert json.loads((repository / "result.json").read_text(encoding="utf-8"))["summary"]["unchanged"] == 3
    _run_job(workflow["jobs"]["check"], repository, environ)


def _run_job(job: dict[str, Any], folder: Path, environ: dict[str, str]) -> None:
    """As the runner does: `bash -e`, and with pipefail where a step says `shell: bash`."""
    for step in job["steps"]:
        if "run" in step:
            options = ["-eo", "pipefail"] if step.get("shell") == "bash" else ["-e"]
            done = subprocess.run(
                ["bash", *options, "-c", step["run"]],
                cwd=folder,
                env=environ,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, f"{step['name']}: {done.stdout}\n{done.stderr}"


@posix
@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_jq_pipeline_runs(tmp_path: Path) -> None:
    _run_pipeline(["bash", str(EXAMPLES / "pipeline.sh"), str(tmp_path)], tmp_path)
    numbers = (tmp_path / "numbers.csv").read_text(encoding="utf-8").splitlines()
    assert sum(int(line.rsplit(",", 1)[1]) for line in numbers) == 200
    review = (tmp_path / "review.tsv").read_text(encoding="utf-8").splitlines()
    scores = [float(line.split("\t")[2]) for line in review]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 10


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is not installed")
def test_the_powershell_pipeline_runs(tmp_path: Path) -> None:
    script = ["pwsh", "-NoProfile", "-File", str(EXAMPLES / "pipeline.ps1"), "-Out", str(tmp_path)]
    _run_pipeline(script, tmp_path)
    assert (tmp_path / "review.csv").exists()


def _run_pipeline(command: list[str], folder: Path) -> None:
    environ = environment(folder) | {"QPMATCH_REGION": "sandbox"}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    staged = yaml.safe_load((folder / "creates.yaml").read_text(encoding="utf-8"))["operations"]
    assert {entry["action"] for entry in staged} == {"create"}


def test_the_commands_of_the_powershell_pipeline_exist() -> None:
    text = (EXAMPLES / "pipeline.ps1").read_text(encoding="utf-8")
    lines = re.findall(r"^.*?\b(qpmatch (?:list|suggest|create|plan) [^|\n]*)", text, flags=re.MULTILINE)
    assert len(lines) == 4
    known = command_list()
    for line in lines:
        words = line.split()[1:]
        command = known.get(" ".join(words[:2])) or known[words[0]]
        options = {spelling for parameter in command.params for spelling in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options


def test_the_powershell_pipeline_reads_keys_that_are_there(qpmatch: Program) -> None:
    text = (EXAMPLES / "pipeline.ps1").read_text(encoding="utf-8")
    companies = qpmatch("list", "companies", "--region", "sandbox", "-o", "json").json
    suggestions = qpmatch("suggest", "--region", "sandbox", "-o", "json").json
    used = set(re.findall(r"(?:\$_|\$company)\.(\w+)", text)) | {"type", "status", "score", "reason"}
    assert used <= {*companies[0], *suggestions[0]}
