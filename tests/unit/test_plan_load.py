from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.errors import PlanError
from qpmatch.plan.model import CreateEntry, EditEntry, MatchEntry, Plan, ReviewEntry
from qpmatch.plan.problems import InvalidPlanError
from qpmatch.plan.yamlfile import MAX_BYTES, load_plan, parse_plan

BAD = Path(__file__).parents[1] / "data" / "plans"
HEAD = "version: 1\nregion: na\noperations:\n"

PLACES = {
    "action-missing": (4, 3, "'action' is missing"),
    "before-wrong": (7, 12, "unknown key 'company'"),
    "bomb": (3, 4, "anchors"),
    "control-character": (5, 17, "U+001B"),
    "deep": (3, 62, "nested"),
    "duplicate-key": (6, 3, "'company' stands here a second time"),
    "edit-both-cells": (4, 3, "companies or customers"),
    "edit-no-row": (4, 3, "'row' is missing"),
    "empty": (1, 1, "the file is empty"),
    "empty-name": (5, 12, "may not be empty"),
    "generated": (3, 12, "has to be a time"),
    "list": (1, 1, "holds a list"),
    "names-nobody": (5, 12, "give an id, a name or both"),
    "not-utf8": (5, 16, "UTF-8"),
    "not-yaml": (4, 1, "not YAML"),
    "only-comments": (1, 1, "the file is empty"),
    "operations-mapping": (4, 3, "operations: has to be a list, not a mapping"),
    "region-missing": (1, 1, "'region' is missing"),
    "region-unknown": (2, 9, "not 'us'"),
    "row-bare": (5, 8, "row: has to be a mapping, not text"),
    "row-two-members": (5, 8, "by one member"),
    "same-company-twice": (7, 3, "(line 4) are on the same row"),
    "same-customer-by-name": (7, 3, "both name customer 'Contoso'"),
    "same-row-by-before": (8, 3, "both name company 21"),
    "scalar": (1, 1, "a single value"),
    "score": (7, 10, "1 or less"),
    "tab-indent": (5, 1, "not YAML"),
    "tag": (3, 13, "tags"),
    "two-documents": (4, 1, "second document"),
    "unknown-action": (4, 11, "unknown action 'macth'"),
    "unknown-key": (5, 3, "unknown key 'compnay'"),
    "unknown-top-key": (3, 1, "unknown key 'integrations'"),
    "unmatch-nobody": (4, 3, "name the company, the customer or both"),
    "version": (1, 10, "version 1, not 2"),
    "version-missing": (1, 1, "'version' is missing"),
    "wrong-type": (5, 12, "company: has to be a name or {id: ..., name: ...}, not a list"),
}


def test_every_bad_plan_is_pinned() -> None:
    assert {path.stem.removeprefix("bad-") for path in BAD.glob("bad-*.yaml")} == set(PLACES)


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_bad_plan_says_what_and_where(name: str) -> None:
    path = BAD / f"bad-{name}.yaml"
    line, column, text = PLACES[name]
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    assert caught.value.exit_code == 2
    assert caught.value.message.endswith(f"({path}:{line}:{column})")
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("unknown-key", "did you mean 'company'?"),
        ("unknown-action", "did you mean 'match'?"),
        ("unknown-top-key", "did you mean 'integration'?"),
        ("same-company-twice", "two plans"),
    ],
)
def test_a_bad_plan_says_what_to_do(name: str, hint: str) -> None:
    with pytest.raises(PlanError) as caught:
        load_plan(BAD / f"bad-{name}.yaml")
    assert hint in (caught.value.hint or "")


def test_all_problems_are_found_at_once() -> None:
    text = HEAD + "- {action: match, company: A, customer: ''}\n- 3\n- {action: create, company: B, x: 1}\n"
    with pytest.raises(InvalidPlanError) as caught:
        parse_plan(text, "plan.yaml")
    assert [problem.position for problem in caught.value.problems] == [(4, 41), (5, 3), (6, 32)]
    assert "2 more problems" in (caught.value.hint or "")


def test_a_million_problems_are_cut_short() -> None:
    text = HEAD + "- {x: y}\n" * 1000
    with pytest.raises(InvalidPlanError) as caught:
        parse_plan(text, "plan.yaml")
    assert len(caught.value.problems) == 100


def test_a_small_file_of_very_many_values_is_refused() -> None:
    with pytest.raises(PlanError, match="more than 1000000 values"):
        parse_plan("version: 1\nregion: na\noperations: [" + "1," * 1_000_001 + "]", "plan.yaml")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(PlanError, match="larger than 16 MiB"):
        load_plan(path)


@pytest.mark.parametrize("path", ["missing.yaml", "nul\0.yaml", "."])
def test_what_is_no_file_is_a_plan_error(path: str) -> None:
    with pytest.raises(PlanError):
        load_plan(Path(path))


def test_text_keeps_its_spelling() -> None:
    plan = parse_plan(
        HEAD
        + "- {action: match, company: {id: 0123, name: 2026-11-22}, customer: {id: 174, name: No}}\n"
        + "- {action: create, company: 1e5}\n- {action: create, company: {id: 0, name: ~}}\n"
        + "- {action: edit, row: {customer: 31}, companies: [20, {id: 0x1F}],"
        + " before: {companies: [0020], customers: [31]}}\n",
        "plan.yaml",
    )
    match, create, zero, edit = plan.operations
    assert isinstance(match, MatchEntry)
    assert (match.company.id, match.company.name) == ("0123", "2026-11-22")
    assert (match.customer.id, match.customer.name) == ("174", "No")
    assert isinstance(create, CreateEntry)
    assert create.company.name == "1e5"
    assert isinstance(zero, CreateEntry)
    assert (zero.company.id, zero.company.name) == ("0", "~")
    assert isinstance(edit, EditEntry)
    assert [ref.name or ref.id for ref in edit.cell] == ["20", "0x1F"]
    assert edit.before is not None
    assert edit.before.companies == ("0020",)


def test_id_and_name_can_be_forced_in_a_bare_ref() -> None:
    plan = parse_plan(HEAD + "- {action: match, company: 'id:174', customer: 'name:id:7'}\n", "plan.yaml")
    entry = plan.operations[0]
    assert isinstance(entry, MatchEntry)
    assert (entry.company.id, entry.company.name) == ("174", None)
    assert (entry.customer.id, entry.customer.name) == (None, "id:7")


def test_a_decided_review_may_keep_its_candidates() -> None:
    text = HEAD + (
        "- action: {action}\n  company: {{id: '1', name: A}}\n  customer: B\n"
        "  candidates:\n  - {{id: b, name: B, tier: suffix, score: 0.97, reason: same name}}\n"
    ).format(action="match")
    assert isinstance(parse_plan(text, "plan.yaml").operations[0], MatchEntry)


@pytest.mark.parametrize("operations", ["", " []", " ~", " null"])
def test_no_operations_are_a_plan(operations: str) -> None:
    assert parse_plan(f"version: 1\nregion: na\noperations:{operations}\n", "plan.yaml").operations == ()


def test_reviews_clash_with_nothing() -> None:
    plan = parse_plan(HEAD + "- {action: review, company: A}\n- {action: create, company: A}\n", "plan.yaml")
    assert isinstance(plan.operations[0], ReviewEntry)


def test_two_members_with_one_name_and_two_ids_do_not_clash() -> None:
    plan = parse_plan(
        HEAD + "- {action: create, company: {id: '1', name: A}}\n"
        "- {action: unmatch, company: {id: '2', name: A}}\n",
        "plan.yaml",
    )
    assert [entry.action for entry in plan.operations] == ["create", "unmatch"]


def test_the_plan_knows_where_its_entries_stand() -> None:
    plan = parse_plan(HEAD + "# one\n- {action: create, company: A}\n", "plan.yaml")
    assert plan.place(0) == "plan.yaml:5"
    assert Plan(version=1, region="na", operations=plan.operations).place(0) == "operation 1"


def test_ten_thousand_operations_load_quickly(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("w") as file:
        file.write(HEAD)
        for number in range(10_000):
            file.write(
                f"- action: match\n  company: {{id: '{number}', name: Contoso {number}}}\n"
                f"  customer: {{id: 5f{number:06x}, name: Contoso {number}}}\n"
                "  before: {company: [], customer: []}\n"
            )
    began = time.process_time()
    assert len(load_plan(path).operations) == 10_000
    # Far above what it takes: this guards against quadratic work, not against slow machines.
    assert time.process_time() - began < 20


WORDS = st.sampled_from(
    """version: 1;region: na;operations:;- action: match;  company: A;  customer: {id: '1'};  before: {
    - action: edit;  row: {customer: X};  companies: [A, B];};];[;{;- ;: ;';";&a ;*a;!!python/name:os;<<:
    %YAML 1.1;---;...;\t;# x;\\x00;é;😀;\u202e;? ;>;|;@;`;0x1F;~;yes""".replace("\n    ", ";").split(";")
)
MANGLED = st.lists(WORDS, max_size=30).flatmap(
    lambda words: st.sampled_from(["\n", " ", ""]).map(lambda joint: joint.join(words))
)


def assert_plan_or_plan_error(text: str) -> None:
    message = None
    try:
        parse_plan(text, "plan.yaml")
    except PlanError as error:
        message = error.message
    assert message is None or re.search(r"\(plan\.yaml:\d+:\d+\)$", message)


@given(st.one_of(st.text(max_size=200), MANGLED, MANGLED.map(lambda text: HEAD + text)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_plan_or_a_plan_error(text: str) -> None:
    assert_plan_or_plan_error(text)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(["action", "company", "customer", "row", "companies", "customers", "before", "tier"])
ENTRIES = st.lists(st.dictionaries(KEYS, st.sampled_from(["match", "edit", "A"]) | JSONISH), max_size=4)


@given(ENTRIES)
@settings(max_examples=200, deadline=None)
def test_any_shape_is_a_plan_or_a_plan_error(entries: list[dict[str, object]]) -> None:
    assert_plan_or_plan_error(yaml.safe_dump({"version": 1, "region": "na", "operations": entries}))
