"""YAML as the project reads it: nothing that surprises, and every value with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qpmatch import yamlload
from qpmatch.errors import UsageError
from qpmatch.yamlload import YamlError

TEXT_KEYS = {"id", "name"}


def load(text: str) -> yamlload.Located:
    return yamlload.load(text, "plan.yaml", text_keys=TEXT_KEYS)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("a: 1\nb: -2\nc: 1.5\nd: 1e3\n", {"a": 1, "b": -2, "c": 1.5, "d": 1000.0}),
        ("a: true\nb: FALSE\nc: ~\nd:\ne: null", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: yes\nb: on\nc: 2026-11-22\nd: 12:30", {"a": "yes", "b": "on", "c": "2026-11-22", "d": "12:30"}),
        ("a: '1'\nb: \"true\"\nc: ''", {"a": "1", "b": "true", "c": ""}),
        ("id: 0123\nname: Null\n", {"id": "0123", "name": "Null"}),
        ("id: 1e5", {"id": "1e5"}),
        ("id:\n- 0\n- 007\n- [1, true]\n", {"id": ["0", "007", ["1", "true"]]}),
        ("id: {a: 1}", {"id": {"a": 1}}),
        ("\ufeffa: 1", {"a": 1}),
        ('a: "\\e[31m"', {"a": "\x1b[31m"}),
        ("? a\n: b", {"a": "b"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("a: 0x1f\nb: 1_000\nc: 0o17", {"a": "0x1f", "b": "1_000", "c": "0o17"}),
    ],
)
def test_what_is_read(text: str, data: Any) -> None:
    loaded = load(text).data
    assert loaded == data
    assert repr(loaded) == repr(data)


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key 'a' stands here a second time", 3, 1),
        ("x:\n  - {id: 1, id: 2}\n", "a second time (first in line 2)", 2, 13),
        ("a: &x 1\n", "anchors", 1, 4),
        ("a: *x\n", "anchors", 1, 4),
        ("a: &a [x]\nb: [*a, *a]", "anchors", 1, 4),
        ("a: !!python/object:os.system x", "tags", 1, 4),
        ("a: !!str 1", "tags", 1, 4),
        ("[a]: 1", "a key must be a word", 1, 1),
        ("1: a", "a key must be a word", 1, 1),
        ("true: a", "a key must be a word", 1, 1),
        ("a: 1\n---\nb: 2", "a second document", 2, 1),
        ("a: [1,\n  2", "not YAML", 3, 1),
        ("a: b: c", "not YAML", 1, 5),
        ("\ta: 1", "not YAML", 1, 1),
        ("a: \x00", "U+0000", 1, 4),
        ("a:\n  b: x\x1b[2J", "U+001B", 2, 7),
        ("a: \x85\x9b", "U+0085", 1, 4),
        ("a: one\u2028two", "U+2028", 1, 7),
        ("a: \ud800", "U+D800", 1, 4),
        ("[" * 60, "nested more than 50 levels", 1, 51),
        ("- " * 60 + "x", "nested more than 50 levels", 1, 101),
    ],
)
def test_what_is_refused_and_where(text: str, problem: str, line: int, column: int) -> None:
    with pytest.raises(YamlError) as caught:
        load(text)
    error = caught.value
    assert problem in error.problem
    assert error.position == (line, column)
    assert error.message.endswith(f"(plan.yaml:{line}:{column})")
    assert isinstance(error, UsageError)


def test_places() -> None:
    located = load("version: 1\noperations:\n- action: match\n  company: {id: '1', name: Contoso}\n- x\n")
    assert located.position() == (1, 1)
    assert located.position(["version"]) == (1, 10)
    assert located.key_position(["version"]) == (1, 1)
    assert located.position(["operations", 0, "company", "name"]) == (4, 28)
    assert located.key_position(["operations", 0, "company", "name"]) == (4, 22)
    assert located.position(["operations", 1]) == (5, 3)
    assert located.position(["operations", 0, "match", "company", "missing"]) == (4, 12)
    assert located.key_position(["operations", 1]) == (5, 3)
    assert located.error("wrong", ["version"]).message == "wrong (plan.yaml:1:10)"


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("é" * 600)
    with pytest.raises(YamlError, match="larger than"):
        yamlload.load_file(path, max_bytes=1000)
    assert yamlload.load_file(path, max_bytes=1200).data == "é" * 600
    with pytest.raises(YamlError, match="larger than"):
        yamlload.load("é" * 600, "x", max_bytes=1199)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\nb: caf\xe9\n")
    with pytest.raises(YamlError, match="not UTF-8") as caught:
        yamlload.load_file(path)
    assert caught.value.position == (2, 7)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes in the file system")
def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(YamlError, match="not a regular file"):
            yamlload.load_file(path)
    with pytest.raises(FileNotFoundError):
        yamlload.load_file(tmp_path / "missing.yaml")


@given(st.text(alphabet=st.sampled_from("ab:- \n\t[]{}#&*!|>'\"%@`,?~1.e\\\x00é\ufeff"), max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        place = load(text).position()
    except YamlError as error:
        place = error.position
    assert place >= (1, 1)


@given(st.text())
def test_a_name_that_is_dumped_comes_back(name: str) -> None:
    assert load(yaml.safe_dump({"name": name})).data == {"name": name}


@pytest.mark.parametrize("name", ["0E0", "1e5", "1.", ".5", "-1", "007", "null", "~", "true", "yes", "0o7"])
def test_a_name_that_looks_like_something_else_comes_back(name: str) -> None:
    assert load(yaml.safe_dump({"name": name})).data == {"name": name}
    assert load(f"name: {name}").data == {"name": name}
