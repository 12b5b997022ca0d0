"""From settings to a datacentre that answers: the embedded sandbox, a served one, and what is in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qpmatch.config import resolve
from qpmatch.connect import open_datacentre
from qpmatch.errors import ConfigError
from qpmatch.models import Link
from qpmatch.sandbox.store import Store
from tests.api.dashboard import EMAIL, PASSWORD, Dashboard, company
from tests.api.opponent import Hang, Move, Seen, running


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"QPMATCH_SANDBOX": str(home / "sandbox.sqlite3"), "QPMATCH_CONFIG": str(home / "config.yaml")}


def test_the_embedded_sandbox_signs_in_by_itself(environ: dict[str, str]) -> None:
    settings = resolve({"region": "sandbox"}, environ)
    with open_datacentre(settings, environ) as datacentre:
        tenant = datacentre.read()
        assert datacentre.read_links() == tenant.links
        assert datacentre.held_back(["matches.save"]) == []
        key = datacentre.tenant_key
    with Store(Path(environ["QPMATCH_SANDBOX"])) as store:
        info = store.info()
    assert (len(tenant.companies), len(tenant.customers), len(tenant.links)) == (
        info.companies,
        info.customers,
        info.links,
    )
    other = environ | {"QPMATCH_SANDBOX": environ["QPMATCH_SANDBOX"] + "2"}
    with open_datacentre(settings, other) as datacentre:
        assert datacentre.tenant_key != key
    with open_datacentre(settings, environ) as datacentre:
        assert datacentre.tenant_key == key


@pytest.mark.parametrize("count", [5, 50, 51, 1234])
def test_every_row_of_a_sandbox_is_read(count: int, environ: dict[str, str]) -> None:
    with Store(Path(environ["QPMATCH_SANDBOX"])) as store:
        store.reset(count, 3)
        info = store.info()
    with open_datacentre(resolve({"region": "sandbox"}, environ), environ) as datacentre:
        tenant = datacentre.read()
    assert (len(tenant.companies), len(tenant.customers), len(tenant.links)) == (
        count,
        info.customers,
        info.links,
    )


def test_writes_take_effect_in_the_sandbox(environ: dict[str, str]) -> None:
    with open_datacentre(resolve({"region": "sandbox"}, environ), environ) as datacentre:
        before = datacentre.read()
        linked = {member for link in before.links for member in link}
        companies = [one for one in before.companies.values() if one.id not in linked]
        customer = next(one for one in before.customers.values() if one.id not in linked)
        datacentre.save_links([(companies[0], customer), (companies[1], customer)])
        wanted = before.links | {Link(one.id, customer.id) for one in companies[:2]}
        links = before.links
        for _ in range(1000):
            if (links := datacentre.read_links()) == wanted:
                break
        assert links == wanted
        datacentre.delete_link(Link(companies[0].id, customer.id))
        assert datacentre.read_links() == wanted - {Link(companies[0].id, customer.id)}


def test_without_its_extra_the_sandbox_says_how_to_install_it(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("werkzeug", "qpmatch.sandbox"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "werkzeug", None)
    with pytest.raises(ConfigError, match="not installed") as caught:
        open_datacentre(resolve({"region": "sandbox"}, environ), environ)
    assert "pip install 'qpmatch[sandbox]'" in (caught.value.hint or "")


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c_does_not_wait_for_a_server_that_hangs(environ: dict[str, str]) -> None:
    hanging = threading.Event()

    def hang_after_the_first_page(seen: Seen) -> Move | None:
        if seen.query.get("page", "1") == "1":
            return None
        hanging.set()
        return Hang()

    dashboard = Dashboard([company(number) for number in range(300)], before=hang_after_the_first_page)
    with running(dashboard) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "qpmatch", "list", "--base-url", server.url, "--timeout", "300"],
            env=os.environ | environ | {"QPMATCH_EMAIL": EMAIL, "QPMATCH_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert hanging.wait(60)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 130
    assert stdout == ""
    assert "Traceback" not in stderr
