"""The README's table "What can go wrong": each fault of the sandbox, for good, ends as its cell says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store
from tests.conftest import Program
from tests.docs.blocks import README, rows

READ = "GET integrations/customers"
WRITE = "POST integrations/customers/matches/createjob"
AUTOTASK = "POST atservicesrest/v1.0/Companies/query"

HURRY = {
    "QPMATCH_TIMEOUT": "1",
    "QPMATCH_DEADLINE": "0.3",
    "QPMATCH_JOB_WAIT": "0.3",
}
"""The seconds of the table's outcomes, shortened: the outcomes are the same."""

PLAN = """\
version: 1
region: custom
operations:
- {action: match, company: '%s', customer: '%s'}
- {action: match, company: '%s', customer: '%s'}
"""


def _fault(kind: str, cell: str) -> str:
    if kind == "STATUS":
        named = re.search(r"STATUS (\d+)", cell)
        return named[1] if named else "503"
    return kind.replace("SECONDS", "1").replace("MS", "2000" if kind.startswith("refuse") else "20")


def _cells() -> list[tuple[str, str, int]]:
    """(what is asked, fault, exit code) for every outcome of the table."""
    cells = []
    for _, kinds, reading, writing in rows(
        README.read_text("utf-8"), "What can go wrong, and what qpmatch does then"
    ):
        for kind in re.findall(r"[A-Za-z0-9-]+", kinds):
            if kind.isdecimal():
                continue
            for what, outcome in (("read", reading), ("write", writing)):
                if code := re.search(r"exit (\d+)", outcome):
                    cells.append((what, _fault(kind, kinds), int(code[1])))
    return cells


@pytest.mark.parametrize(("what", "fault", "code"), _cells())
def test_a_fault_that_goes_on_ends_as_the_table_says(
    what: str, fault: str, code: int, qpmatch: Program, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HURRY.items():
        monkeypatch.setenv(name, value)
    from_autotask = fault == "foreign-next"
    path = AUTOTASK if from_autotask else READ if what == "read" else WRITE
    with Store(home / "sandbox.sqlite3") as store:
        store.reset(600 if from_autotask else 12, 3)  # Autotask's pages hold 500
        account = store.info()
        monkeypatch.setenv("QPMATCH_EMAIL", account.email)
        monkeypatch.setenv("QPMATCH_PASSWORD", account.password)
        monkeypatch.setenv("QPMATCH_AUTOTASK_USERNAME", account.autotask_username)
        monkeypatch.setenv("QPMATCH_AUTOTASK_SECRET", account.autotask_secret)
        monkeypatch.setenv("QPMATCH_AUTOTASK_INTEGRATION_CODE", account.autotask_integration_code)
        with open_server(store, faults=[f"{path}={fault}"], job_delay_ms=0) as server:
            server.start()
            place = ("--base-url", server.base_url)
            if what == "write":
                qpmatch("confirm", _plan(qpmatch, home), "--yes", *place, code=code)
            else:
                source = "autotask" if from_autotask else "cyberqp"
                qpmatch("list", "--companies-from", source, *place, code=code)


def _plan(qpmatch: Program, home: Path) -> Path:
    """Two exact matches of the sandbox, by name."""
    suggested = qpmatch("list", "--status", "suggested", "--region", "sandbox", "-o", "json").json[:2]
    names = [name for record in suggested for name in (record["name"], record["suggestion"]["name"])]
    plan = home / "plan.yaml"
    plan.write_text(PLAN % tuple(name.replace("'", "''") for name in names), encoding="utf-8")
    return plan
