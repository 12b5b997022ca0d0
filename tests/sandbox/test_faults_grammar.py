"""The grammar of ``--fault`` and ``--rename``, and when a fault strikes."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from qpmatch.api.routes import ROUTES
from qpmatch.errors import UsageError
from qpmatch.sandbox.faults import KINDS, Fault, FaultPlan, parse_fault
from qpmatch.sandbox.renames import renamed_routes

SAVE = "integrations/customers/matches/createjob"


def parse(text: str) -> Fault:
    return parse_fault(text, ROUTES.values())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"POST {SAVE}=429x2", Fault("POST", SAVE, "status", 429, count=2)),
        ("get /api/customer=503@0.25", Fault("GET", "customer", "status", 503, rate=0.25)),
        ("GET customer=429-after-3", Fault("GET", "customer", "429-after", 3)),
        ("GET customer=429-datex1", Fault("GET", "customer", "429-date", count=1)),
        ("GET customer=slow-50x2", Fault("GET", "customer", "slow", 50, count=2)),
        ("GET customer=refuse-200", Fault("GET", "customer", "refuse", 200)),
        ("GET customer=reset-after-commit@1", Fault("GET", "customer", "reset-after-commit", rate=1.0)),
        ("GET customer/abc=html", Fault("GET", "customer/abc", "html")),
        ("GET customer/{customer_id}=html", Fault("GET", "customer/{customer_id}", "html")),
        (
            "POST atservicesrest/V1.0/companies/QUERY=foreign-next",
            Fault("POST", "atservicesrest/V1.0/companies/QUERY", "foreign-next"),
        ),
    ],
)
def test_what_is_understood(text: str, fault: Fault) -> None:
    assert parse(text) == fault


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not understood"),
        ("customer=500", "not understood"),
        ("GET customer", "not understood"),
        ("GET customer=", "not understood"),
        ("GET customer=teapot", "kind 'teapot' is not known"),
        ("GET customer=200", "kind '200' is not known"),
        ("GET customer=STATUS", "is not known"),
        ("GET customer=500x", "is not known"),
        ("GET customer=slow", "is not known"),
        ("GET customer=500@2", "is not known"),
        ("GET customers=500", "no route GET customers"),
        ("PUT customer=500", "no route PUT customer"),
        ("GET atservicesrest/v1.0/Tickets/query=500", "no route"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse(text)
    assert caught.value.hint


def test_every_kind_of_the_table_can_be_asked_for() -> None:
    examples = {
        "STATUS": "500",
        "429-after-SECONDS": "429-after-1",
        "refuse-MS": "refuse-1",
        "slow-MS": "slow-1",
    }
    for kind in KINDS:
        assert parse(f"GET customer={examples.get(kind, kind)}")


def test_the_help_names_every_kind() -> None:
    from qpmatch.commands import sandbox

    told = sandbox.serve.__doc__ or ""
    assert all(kind in told for kind in KINDS if kind != "STATUS")


def test_a_counted_fault_strikes_so_often() -> None:
    plan = FaultPlan([parse("GET customer=500x2")], seed=1)
    struck = [plan.strike("GET", "customer") is not None for _ in range(5)]
    assert struck == [True, True, False, False, False]
    assert plan.strike("POST", "customer") is None


def test_several_faults_of_a_route_strike_one_after_the_other() -> None:
    plan = FaultPlan([parse("GET customer=500x1"), parse("GET customer=resetx1")], seed=1)
    kinds = [fault.kind if (fault := plan.strike("GET", "customer")) else None for _ in range(3)]
    assert kinds == ["status", "reset", None]


def test_a_template_covers_every_id_and_nothing_else() -> None:
    plan = FaultPlan([parse("GET customer/{customer_id}=500")], seed=1)
    assert plan.strike("GET", "customer/5f0c")
    assert not plan.strike("GET", "customer")
    assert not plan.strike("GET", "customer/5f0c/users")


def test_a_share_is_drawn_from_the_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        plan = FaultPlan([parse("GET customer=500@0.3")], seed)
        return [plan.strike("GET", "customer") is not None for _ in range(400)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 60 < sum(drawn(1)) < 180


def test_counting_is_safe_between_threads() -> None:
    plan = FaultPlan([parse("GET customer=500x100")], seed=1)
    struck: Counter[bool] = Counter()
    lock = threading.Lock()

    def ask() -> None:
        found = Counter(plan.strike("GET", "customer") is not None for _ in range(100))
        with lock:
            struck.update(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert struck == {True: 100, False: 300}


def test_renames_change_method_path_and_fields() -> None:
    routes = renamed_routes(["matches.save=PUT other/path,displayName:label,_id:companyId"])
    route = routes["matches.save"]
    assert (route.method, route.path) == ("PUT", "other/path")
    assert route.body is not None
    assert set(route.body["matches"].item) == {"autoMatch", "label", "id", "name", "companyId"}
    assert routes["matches.list"] == ROUTES["matches.list"]


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [
        ("matches.delete=integrations/x", "DELETE", "integrations/x"),
        ("matches.delete=POST", "POST", "integrations/customers/matches"),
        ("matches.delete=companyId:company", "DELETE", "integrations/customers/matches"),
        ("matches.delete=POST /api/x,companyId:company", "POST", "x"),
    ],
)
def test_parts_of_a_rename_may_be_left_out(text: str, method: str, path: str) -> None:
    route = renamed_routes([text])["matches.delete"]
    assert (route.method, route.path) == (method, path)


@pytest.mark.parametrize("text", ["", "matches.save", "matches.save=", "nothing=x", "matches.save=POST a b"])
def test_bad_renames_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        renamed_routes([text])
