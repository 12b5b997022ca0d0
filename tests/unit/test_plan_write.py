from __future__ import annotations

import errno
import json
import os
import stat
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.errors import FileError
from qpmatch.matching.operations import Create, Edit, Match, Operation, Unmatch
from qpmatch.matching.suggestion import Candidate, Decision, Suggestion, Tier
from qpmatch.models import Company, Customer, Link, Side, Tenant
from qpmatch.plan.build import company_ref, plan_from_suggestions, plan_of
from qpmatch.plan.emit import block_lines, document, flow_text, scalar
from qpmatch.plan.model import CompanyRef, CustomerRef, MatchEntry, Plan
from qpmatch.plan.schema import PACKAGED, SCHEMA_NAME, json_schema, schema_reference
from qpmatch.plan.yamlfile import load_plan, parse_plan, write_plan

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOSTILE = [
    "Müller & Söhne GmbH",
    "100% {sure}",
    "a: b # c",
    "[brackets], {braces}",
    "'single' \"double\"",
    "line\nbreak",
    "tab\there",
    " outer space ",
    "\x1b[31mred\x1b[0m",
    "\u202eevil",
    "👩‍💻 Ltd",
    "שלום",
    "日本語",
    "null",
    "~",
    "yes",
    "No",
    "174",
    "0123",
    "1e5",
    "0x1F",
    "0o17",
    "1_000",
    ".5",
    "2026-11-22",
    "=1+1",
    "- dash",
    "? question",
    "&anchor",
    "*alias",
    "!tag",
    "|",
    ">",
    "@at",
    "`tick`",
    "%directive",
    "-",
    "N/A",
    "a\\b",
    "non\u00a0breaking",
    "\u2028separators\u2029",
    "\ufeffmark",
    "nul\0",
    "x" * 10_000,
]


def plan_with(name: str) -> Plan:
    entry = MatchEntry(
        action="match",
        company=CompanyRef(id=name, name=name),
        customer=CustomerRef(id="u", name=name),
        tier=name,
    )
    return Plan(version=1, region="na", generated=NOW, operations=(entry,))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_back_as_they_were(name: str) -> None:
    plan = plan_with(name).commented({0: f"exact: {name}"}, [name])
    text = document(plan, schema="s.json")
    assert parse_plan(text, "plan.yaml").operations == plan.operations
    # Any other YAML reader sees the same.
    assert yaml.safe_load(text)["operations"][0]["company"]["name"] == name
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Zl", "Zp"}]
    assert "\u202e" not in text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_from_either_style(name: str) -> None:
    plan = plan_with(name)
    assert parse_plan(document(plan, schema="s"), "plan.yaml").operations == plan.operations
    flow = f"{{version: 1, region: na, operations: [{flow_text(plan.operations[0])}]}}"
    assert parse_plan(flow, "plan.yaml").operations == plan.operations
    assert yaml.safe_load(f"- {scalar(name)}") == [name]


def test_half_a_character_is_left_to_the_id() -> None:
    bad = Tenant({"1": Company("1", "bad \ud800")})
    assert company_ref(bad, "1") == CompanyRef(id="1")


def tenant() -> Tenant:
    return Tenant(
        {"174": Company("174", "Contoso Ltd"), "181": Company("181", "Fabrikam, Inc.", active=False)},
        {"5f0c": Customer("5f0c", "Contoso Ltd"), "7a11": Customer("7a11", "Fabrikam")},
        frozenset({Link("12", "7a11")}),
    )


def suggestions() -> list[Suggestion]:
    companies, customers = tenant().companies, tenant().customers
    fabrikam = Candidate(customers["7a11"], Tier.SUFFIX, 0.97, "same name, legal form Inc.")
    return [
        Suggestion(
            companies["174"],
            customers["5f0c"],
            Tier.EXACT,
            1.0,
            Decision.MATCH,
            "same spelling",
            (Candidate(customers["5f0c"], Tier.EXACT, 1.0, "same spelling"),),
        ),
        Suggestion(
            companies["181"],
            customers["7a11"],
            Tier.SUFFIX,
            0.97,
            Decision.REVIEW,
            "same name, legal form Inc.",
            (fabrikam,),
        ),
        Suggestion(Company("9", "Nobody"), None, None, 0.0, Decision.NONE, "nothing like it", ()),
    ]


def suggested(region: str = "na") -> Plan:
    return plan_from_suggestions(
        suggestions(), tenant(), region=region, integration="autotask", now=NOW + timedelta(hours=1)
    )


def test_suggestions_are_written_in_the_style_of_the_specification(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    (tmp_path / SCHEMA_NAME).write_text("{}")
    write_plan(path, suggested())
    assert path.read_text(encoding="utf-8") == (
        f"# yaml-language-server: $schema={SCHEMA_NAME}\n"
        "# review entries: change the action to match (and name the customer) or create,"
        " or delete the entry\n"
        "version: 1\n"
        "region: na\n"
        "integration: autotask\n"
        "generated: 2026-11-22T11:00:00Z\n"
        f"generator: {suggested().generator}\n"
        "operations:\n"
        "- action: match                 # exact: same spelling\n"
        "  company: {id: '174', name: Contoso Ltd}\n"
        "  customer: {id: 5f0c, name: Contoso Ltd}\n"
        "  tier: exact\n"
        "  score: 1.0\n"
        "  before: {company: [], customer: []}\n"
        "- action: review                # suffix: same name, legal form Inc.\n"
        "  company: {id: '181', name: 'Fabrikam, Inc.', active: false}\n"
        "  candidates:\n"
        "  - {id: 7a11, name: Fabrikam, tier: suffix, score: 0.97, reason: 'same name, legal form Inc.'}\n"
    )
    assert load_plan(path).operations == suggested().operations


def test_the_schema_is_found_beside_the_plan_or_in_the_package(tmp_path: Path) -> None:
    assert schema_reference(tmp_path) == PACKAGED.as_uri()
    (tmp_path / SCHEMA_NAME).write_text("{}")
    assert schema_reference(tmp_path) == SCHEMA_NAME


def test_the_packaged_schema_is_the_model() -> None:
    assert json.loads(PACKAGED.read_text(encoding="utf-8")) == json_schema(), (
        "write it anew: qpmatch plan schema > qpmatch/plan/plan.schema.json"
    )


def test_the_schema_takes_bare_names_and_unquoted_ids() -> None:
    schema: dict[str, Any] = json_schema()
    company = schema["$defs"]["MatchEntry"]["properties"]["company"]
    assert {"$ref": "#/$defs/CompanyRef"} in company["anyOf"]
    assert any("string" in option.get("type", ()) for option in company["anyOf"])
    identifier = schema["$defs"]["CompanyRef"]["properties"]["id"]["anyOf"][0]
    assert identifier["type"] == ["string", "integer"]
    assert schema["$defs"]["MatchEntry"]["required"] == ["action", "company", "customer"]


def test_times_are_written_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    plan = Plan(version=1, region="na", generated=datetime(2026, 1, 1, tzinfo=zone), operations=())
    assert "generated: 2025-12-31T22:00:00Z" in document(plan, schema="s")


def test_an_existing_plan_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("mine")
    path.chmod(0o640)
    with pytest.raises(FileError, match="exists already") as caught:
        write_plan(path, suggested())
    assert caught.value.exit_code == 2
    assert path.read_text() == "mine"
    write_plan(path, suggested(), force=True)
    assert load_plan(path).operations
    assert stat.S_IMODE(path.stat().st_mode) == 0o640 or os.name == "nt"


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege there")
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("exists", [False, True])
def test_a_symbolic_link_is_never_written_through(tmp_path: Path, force: bool, exists: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "plan.yaml"
    if exists:
        target.write_text("theirs")
    link.symlink_to(target)
    with pytest.raises(FileError, match="symbolic link"):
        write_plan(link, suggested(), force=force)
    assert link.is_symlink()
    assert target.exists() is exists


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        write_plan(tmp_path / "no" / "plan.yaml", suggested())
    with pytest.raises(FileError, match="is a folder"):
        write_plan(tmp_path, suggested(), force=True)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_leaves_the_old_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = home / "plan.yaml"
    path.write_text("mine")

    def refuse(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(FileError, match=os.strerror(code)) as caught:
        write_plan(path, suggested(), force=True)
    assert str(path) in caught.value.message
    assert path.read_text() == "mine"
    assert list(home.iterdir()) == [path]


def test_without_hard_links_a_new_plan_is_written_all_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_plan(home / "plan.yaml", suggested())
    assert [path.name for path in home.iterdir()] == ["plan.yaml"]


def test_a_verbs_plan_records_what_it_saw() -> None:
    seen = Tenant(
        {"1": Company("1", "A"), "2": Company("2", "B", active=False)},
        {"x": Customer("x", "X"), "y": Customer("y", "Y")},
        frozenset({Link("1", "x")}),
    )
    operations: list[Operation] = [
        Match("2", "x"),
        Create("2"),
        Unmatch("1"),
        Unmatch(customer_id="x"),
        Edit(Side.COMPANY, "1", Side.CUSTOMER, ("x", "y")),
    ]
    plan = plan_of(operations, seen, region="na", integration="autotask", now=NOW)
    lines = [" ".join(block_lines(entry)[1:]).strip() for entry in plan.operations]
    assert lines == [
        "company: {id: '2', name: B, active: false}   customer: {id: x, name: X}"
        "   before: {company: [], customer: ['1']}",
        "company: {id: '2', name: B, active: false}   before: {company: []}",
        "company: {id: '1', name: A}   before: {company: [x]}",
        "customer: {id: x, name: X}   before: {customer: ['1']}",
        "row: {company: {id: '1', name: A}}   customers: [{id: x, name: X}, {id: 'y', name: 'Y'}]"
        "   before: {companies: ['1'], customers: [x]}",
    ]
