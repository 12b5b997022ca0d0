"""Two runs and a colleague on the web page at the same time, against one server."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import random
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.world import World

COUNT = 60
"""Companies of each kind."""


class WebPage:
    """A technician in the browser: the requests of the *Match Customers* page, by a plain HTTP client."""

    def __init__(self, base_url: str, account: dict[str, str]) -> None:
        self._base_url = base_url
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        email, password = account["QPMATCH_EMAIL"], account["QPMATCH_PASSWORD"]
        self._send("POST", "auth/login", json={"email": email, "password": password, "isIframe": False})

    def match(self, company: tuple[str, str], customer: tuple[str, str]) -> None:
        """Link two."""
        match = {"autoMatch": False, "displayName": company[1], "id": customer[0], "name": customer[1]}
        self._send(
            "POST",
            "integrations/customers/matches/createjob",
            json={
                "allSelected": False,
                "excludedIds": [],
                "includedIds": [],
                "integrationType": "dattoAutoTask",
                "matchType": "ALL",
                "matches": {company[0]: {**match, "_id": company[0]}},
                "searchText": "",
            },
        )

    def unmatch(self, company_id: str, customer_id: str) -> None:
        """Take a link away."""
        form = {"companyId": company_id, "customerId": customer_id}
        self._send("DELETE", "integrations/customers/matches", form=form)

    def _send(self, method: str, path: str, json: Any = None, form: dict[str, str] | None = None) -> None:
        data, kind = (_json(json), "application/json") if form is None else (urlencode(form).encode(), _FORM)
        request = urllib.request.Request(self._base_url + path, data=data, method=method)
        request.add_header("Content-Type", kind)
        if path != "auth/login":
            request.add_header("Integration", "dattoAutoTask")
        self._opener.open(request, timeout=20).close()


_FORM = "application/x-www-form-urlencoded"


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.fixture
def tenant(home: Path) -> World:
    """Companies ``a`` and ``b`` for a plan each, ``w`` for the web page, ``s`` that all of them want."""
    names = {f"{kind}{number}": f"{kind.upper()} {number}" for kind in "abws" for number in range(COUNT)}
    customers = {f"k{id_}": f"Customer {name}" for id_, name in names.items()}
    customers |= {f"kx{number}": f"Customer X {number}" for number in range(COUNT)}
    links = [(f"{kind}{number}", f"k{kind}{number}") for kind in "abw" for number in range(0, COUNT, 3)]
    return World.made(home / "sandbox.sqlite3", names, customers, links)


def _plan(path: Path, world: World, kind: str, partners: str) -> Path:
    """Matches for the free companies of a kind, an edit for each of its pairs, and the shared companies."""
    linked = dict(world.links)
    entries: list[dict[str, Any]] = []
    for number in range(COUNT):
        company = f"{kind}{number}"
        if company in linked:
            added = [{"id": linked[company]}, {"id": f"k{kind}{number + 1}"}]
            row = {"companies": [company], "customers": [linked[company]]}
            entries.append(
                {"action": "edit", "row": {"company": {"id": company}}, "customers": added, "before": row}
            )
        elif number % 3 == 2:
            entries.append(
                {
                    "action": "match",
                    "company": {"id": company},
                    "customer": {"id": f"k{company}"},
                    "before": {"company": [], "customer": []},
                }
            )
    for number in range(COUNT):
        entries.append(
            {
                "action": "match",
                "company": {"id": f"s{number}"},
                "customer": {"id": f"k{partners}{number}"},
                "before": {"company": [], "customer": []},
            }
        )
    head = {"version": 1, "region": "custom", "operations": entries}
    path.write_text(json.dumps(head), encoding="utf-8")
    return path


def _process(home: Path, state: str, *words: str, env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qpmatch", *words],
        cwd=home,
        env={**os.environ, **env, "QPMATCH_STATE": str(home / state), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def _colleague(world: World, base_url: str) -> Iterator[list[tuple[str, str, str]]]:
    """Somebody who matches and unmatches ``w`` companies and grabs shared ones; what was accepted."""
    page, done, stop = WebPage(base_url, world.sign_in), list[tuple[str, str, str]](), threading.Event()
    dice = random.Random(7)
    companies, customers = world.companies, world.customers

    def click() -> None:
        while not stop.wait(0.05):
            number = dice.randrange(COUNT)
            kind = dice.choice("wws")
            company, customer = f"{kind}{number}", f"kw{number}"
            action = dice.choice(("match", "unmatch")) if kind == "w" else "match"
            try:
                if action == "match":
                    page.match((company, companies[company]), (customer, customers[customer]))
                else:
                    page.unmatch(company, customer)
            except urllib.error.HTTPError as refused:
                refused.close()
            else:
                done.append((action, company, customer))

    thread = threading.Thread(target=click)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("machines", ["one", "two"])
def test_two_runs_and_a_colleague(machines: str, tenant: World, home: Path) -> None:
    first = _plan(home / "a.yaml", tenant, "a", "x")
    second = _plan(home / "b.yaml", tenant, "b", "s")
    before = tenant.links
    with tenant.served(latency_ms=2, job_delay_ms=5) as base_url:
        env = {**tenant.sign_in, "QPMATCH_JOB_WAIT": "3"}
        words = ("--yes", "--keep-going", "--base-url", base_url, "-o", "json")
        with _colleague(tenant, base_url) as clicks:
            runs = [
                _process(home, "state", "confirm", str(first), *words, env=env),
                _process(
                    home,
                    "state" if machines == "one" else "state of another machine",
                    "confirm",
                    str(second),
                    *words,
                    env=env,
                ),
            ]
            ended = [(run, *run.communicate(timeout=100)) for run in runs]
        assert clicks
        assert all(run.returncode in (0, 4, 5) for run, _, _ in ended), [err for _, _, err in ended]
        locked = [run for run, _, err in ended if run.returncode == 4 and '"locked"' in err]
        reports = [json.loads(out) for run, out, _ in ended if run not in locked]
        if machines == "two":
            assert not locked, "a lock that reaches over two machines is not promised"
    assert reports
    _check(tenant, before, reports, clicks)


def _check(
    world: World,
    before: set[tuple[str, str]],
    reports: list[dict[str, Any]],
    clicks: list[tuple[str, str, str]],
) -> None:
    """No row became many-to-many; no link was lost or made but by somebody who says so."""
    assert world.many_to_many == []
    now = world.links
    clicked = {(company, customer) for _, company, customer in clicks}
    touched = {member for pair in clicked for member in pair}
    claimed: set[tuple[str, str]] = set()
    for report in reports:
        for operation in report["operations"]:
            pairs = {
                (company["id"], customer["id"])
                for company in operation["companies"]
                for customer in operation["customers"]
            }
            if operation["result"] in ("applied", "unchanged"):
                claimed |= pairs
            if operation["result"] == "failed":
                # The colleague may undo a link, or take its customer, before the run has read it back.
                assert touched & {member for pair in pairs for member in pair}, operation
    removed = {(company, customer) for action, company, customer in clicks if action == "unmatch"}
    assert before - now <= removed, "a link was lost that nobody removed"
    assert claimed - now <= removed, "something is called applied that is not there"
    assert now - before <= claimed | clicked, "a link was made that nobody owns up to"


def test_a_second_run_on_the_same_tenant_is_refused(tenant: World, home: Path) -> None:
    plan = _plan(home / "a.yaml", tenant, "a", "s")
    with tenant.served(job_delay_ms=120_000) as base_url:  # the first run waits for its job
        words = ("confirm", str(plan), "--yes", "--base-url", base_url, "-o", "json")
        slow = _process(home, "state", *words, env=tenant.sign_in)
        try:
            _wait_for_lock(home, slow)
            second = _process(home, "state", *words, env=tenant.sign_in)
            out, err = second.communicate(timeout=60)
            assert (second.returncode, out) == (4, "")
            error = json.loads(err.splitlines()[-1])["error"]
            assert error["code"] == "locked"
            assert str(slow.pid) in error["message"]
            looking = _process(home, "state", *words, "--dry-run", env=tenant.sign_in)
            assert json.loads(looking.communicate(timeout=60)[0])["dry_run"] is True
        finally:
            slow.kill()
            slow.communicate()
    with tenant.served() as base_url:  # a dead process leaves no lock behind
        words = ("confirm", str(plan), "--yes", "--base-url", base_url, "-o", "json")
        after = _process(home, "state", *words, env={**tenant.sign_in, "QPMATCH_JOB_WAIT": "1"})
        out, err = after.communicate(timeout=60)
        assert after.returncode == 0, err


def _wait_for_lock(home: Path, run: subprocess.Popen[str]) -> None:
    while not list((home / "state").glob("locks/*.json")):
        assert run.poll() is None, run.communicate()
        threading.Event().wait(0.02)
