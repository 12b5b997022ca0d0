from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.errors import FileError, PlanError, QpmatchError, RefusedError
from qpmatch.plan.append import append_operations
from qpmatch.plan.model import Plan
from qpmatch.plan.yamlfile import load_plan, parse_plan

HEAD = "# mine\nversion: 1\nregion: na\n"
NEW = "{action: match, company: {id: '5', name: New}, customer: {id: u5, name: New}}"
NEW_LINES = "- action: match\n  company: {id: '5', name: New}\n  customer: {id: u5, name: New}\n"
ONE = "{action: match, company: {id: '1', name: One}, customer: {id: u1, name: One}}"
ONE_LINES = "- action: match\n  company: {id: '1', name: One}\n  customer: {id: u1, name: One}\n"


def staged(*operations: str) -> Plan:
    return parse_plan(
        "version: 1\nregion: na\noperations:\n" + "".join(f"- {one}\n" for one in operations), "staged"
    )


def appended(path: Path, text: str, *operations: str, force: bool = False) -> str:
    path.write_bytes(text.encode())
    append_operations(path, staged(*operations), force=force)
    return path.read_bytes().decode()


@pytest.fixture
def path(home: Path) -> Path:
    return home / "plan.yaml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "operations:\n- action: create   # hi\n  company: A   # there\n  # deeper\n# end\ngenerator: x\n",
            "operations:\n- action: create   # hi\n  company: A   # there\n  # deeper\n"
            + NEW_LINES
            + "# end\ngenerator: x\n",
            id="in the middle of comments",
        ),
        pytest.param(
            "operations:\n  - action: create\n    company: A",
            "operations:\n  - action: create\n    company: A\n"
            + "".join(f"  {line}\n" for line in NEW_LINES.splitlines()),
            id="indented, without a line end",
        ),
        pytest.param("operations:", "operations:\n" + NEW_LINES, id="nothing"),
        pytest.param(
            "operations: []  # none yet\n# bye\n",
            "operations:   # none yet\n" + NEW_LINES + "# bye\n",
            id="none",
        ),
        pytest.param(
            "operations: [{action: create, company: A},]\n",
            f"operations: [{{action: create, company: A}}, {NEW},]\n",
            id="a flow list",
        ),
        pytest.param(
            "operations: [\n  {action: create, company: A}\n]\n",
            f"operations: [\n  {{action: create, company: A}},\n  {NEW}\n]\n",
            id="a flow list over several lines",
        ),
        pytest.param(
            "operations:\n- action: create\n  company: >-\n    folded\n    name\n\n# tail\n",
            "operations:\n- action: create\n  company: >-\n    folded\n    name\n" + NEW_LINES + "\n# tail\n",
            id="after a folded name",
        ),
    ],
)
def test_an_operation_is_added_and_everything_else_stays(path: Path, before: str, after: str) -> None:
    assert appended(path, HEAD + before, NEW) == HEAD + after


def test_windows_line_ends_and_a_byte_order_mark_stay(path: Path) -> None:
    text = "\ufeff" + (HEAD + "operations:\n- action: create\n  company: A\n").replace("\n", "\r\n")
    assert appended(path, text, NEW) == text + NEW_LINES.replace("\n", "\r\n")


def test_json_is_yaml_too(path: Path) -> None:
    text = '{"version": 1, "region": "na", "operations": []}'
    assert appended(path, text, NEW) == f'{{"version": 1, "region": "na", "operations": [{NEW}]}}'


def test_a_missing_file_is_made(path: Path) -> None:
    append_operations(path, staged(NEW))
    assert load_plan(path).operations == staged(NEW).operations


def test_a_review_is_replaced_in_its_place_and_keeps_a_persons_comments(path: Path) -> None:
    text = HEAD + (
        "operations:\n- action: create   # first\n  company: A\n"
        "- action: review               # similar: one letter differs\n  # ask Bob\n"
        "  company: {id: '1', name: 'O#ne'}   # sure?\n  candidates:\n  - {id: u1, name: One}   # yes\n"
        "- action: create   # last\n  company: Z\n"
    )
    assert appended(path, text, ONE) == HEAD + (
        "operations:\n- action: create   # first\n  company: A\n# ask Bob\n# sure?\n# yes\n"
        + ONE_LINES
        + "- action: create   # last\n  company: Z\n"
    )


def test_a_dash_in_a_comment_is_no_entry(path: Path) -> None:
    text = HEAD + "operations:\n-\n  # x - y\n  action: review\n  company: {id: '1'}\n"
    assert appended(path, text, ONE) == HEAD + "operations:\n# x - y\n" + ONE_LINES


def test_reviews_of_one_company_are_replaced_by_one_operation(path: Path) -> None:
    text = HEAD + (
        "operations:\n- {action: review, company: {id: '1'}}\n- {action: create, company: A}\n"
        "- {action: review, company: One}\n"
    )
    assert (
        appended(path, text, ONE) == HEAD + "operations:\n" + ONE_LINES + "- {action: create, company: A}\n"
    )


def test_another_operation_on_the_company_needs_force(path: Path) -> None:
    text = HEAD + "operations:\n- action: create\n  company: {id: '1'}\n"
    with pytest.raises(RefusedError, match=r"plan.yaml:5") as caught:
        appended(path, text, ONE)
    assert caught.value.hint == "--force replaces it"
    assert path.read_text() == text
    assert appended(path, text, ONE, force=True) == HEAD + "operations:\n" + ONE_LINES


def test_force_does_not_replace_what_is_on_another_company(path: Path) -> None:
    text = HEAD + "operations:\n- action: match\n  company: {id: '2'}\n  customer: {id: u1}\n"
    with pytest.raises(RefusedError, match="match operation on that row already"):
        appended(path, text, ONE, force=True)
    assert path.read_text() == text


def test_a_plan_for_another_region_is_left_alone(path: Path) -> None:
    text = "version: 1\nregion: eu\noperations: []\n"
    with pytest.raises(RefusedError, match="region"):
        appended(path, text, NEW)
    assert path.read_text() == text


def test_a_broken_plan_is_left_alone(path: Path) -> None:
    with pytest.raises(PlanError):
        appended(path, "version: 1\nregion: na\noperations: 3\n", NEW)
    assert path.read_text().endswith("operations: 3\n")


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege there")
def test_a_symbolic_link_is_left_alone(path: Path) -> None:
    target = path.with_name("target.yaml")
    target.write_text(HEAD + "operations: []\n")
    path.symlink_to(target)
    with pytest.raises(FileError, match="symbolic link"):
        append_operations(path, staged(NEW))
    assert target.read_text() == HEAD + "operations: []\n"


LINES = st.sampled_from(
    [
        "- action: create   # made\n  company: {id: '%d', name: Some}\n",
        "- {action: create, company: 'id:%d'}   # in one line\n",
        "- action: review            # exact: generated\n  company: {id: '%d'}\n  candidates: []\n",
        "-   action: unmatch\n    # why - because\n    company:\n      id: '%d'   # here\n\n",
        '- "action": "create"\n  "company": "id:%d"\n# between\n',
        "- action: edit\n  row: {company: 'id:%d'}\n  companies:\n  - {name: 'Ä # %d'}\n",
    ]
)


@given(
    st.lists(LINES, max_size=6), st.sampled_from(["", "  "]), st.booleans(), st.integers(0, 7), st.booleans()
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_layout_nothing_that_a_person_wrote_is_lost(
    entries: list[str], indent: str, at_end: bool, company: int, force: bool
) -> None:
    path = Path("any.yaml")
    body = "".join(entry.replace("%d", str(number)) for number, entry in enumerate(entries))
    lines = "".join(f"{indent}{line}\n" if line else "\n" for line in body.splitlines())
    text = "# head\nversion: 1\nregion: na\n" + ("" if at_end else "generator: me   # by hand\n")
    text += f"operations:{'' if entries else ' []'}\n{lines}" + (
        "generator: me   # by hand\n" if at_end else ""
    )
    path.write_text(text, encoding="utf-8")
    before = load_plan(path)
    new = staged(f"{{action: match, company: {{id: '{company}'}}, customer: {{id: u}}}}")
    try:
        append_operations(path, new, force=force)
    except QpmatchError as error:
        assert isinstance(error, RefusedError)  # noqa: PT017 - an outcome among others
        assert path.read_text(encoding="utf-8") == text
        return
    after = load_plan(path)
    assert new.operations[0] in after.operations
    kept = [entry for entry in before.operations if entry in after.operations]
    assert len(after.operations) == len(kept) + 1
    assert [entry for entry in after.operations if entry != new.operations[0]] == kept
    written = path.read_text(encoding="utf-8")
    assert "# head" in written
    assert "# by hand" in written
    comments = sum(line.count(" # ") for line in text.splitlines() if "# exact: " not in line)
    assert sum(line.count("# ") for line in written.splitlines() if "# exact: " not in line) >= comments
