"""What goes to stdout: safe on a terminal, exact for programs, aligned for people."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from qpmatch.output.printable import csv_cell, is_unsafe, markdown_text, printable
from qpmatch.output.render import render
from qpmatch.output.view import Column, Format, View

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x9b2J",
    "left\u202eright",
    "a\u2066b\u2069c",
    "line\nbreak",
    "null\x00byte",
    "\ufeffbom",
    "tag\U000e0041",
]


def view(*names: str) -> View:
    records = [
        {"id": str(number), "name": name, "pair": {"id": "x", "name": name}}
        for number, name in enumerate(names)
    ]
    return View(records, [Column("Name", lambda r: r["name"]), Column("Id", lambda r: r["id"])])


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_name_reaches_the_terminal_raw(form: Format, name: str) -> None:
    text = render(view(name), form)
    raw = {character for character in text if is_unsafe(character)} - {"\n", "\r"}
    assert raw == set()


@pytest.mark.parametrize(
    "name", [*HOSTILE, "Łódź & Söhne", "株式会社 山田", "👩‍🔧 Repairs", 'quote " \\ {} %s']
)
def test_structured_formats_keep_the_data_exactly(name: str) -> None:
    shown = view(name)
    assert json.loads(render(shown, Format.JSON)) == shown.records
    assert [json.loads(line) for line in render(shown, Format.NDJSON).splitlines()] == shown.records
    assert yaml.safe_load(render(shown, Format.YAML)) == shown.records


def test_nothing_found_is_an_empty_list_for_programs_and_a_sentence_for_people() -> None:
    nothing = View([], [Column("Name", lambda r: r["name"])], empty="No companies found.")
    assert render(nothing, Format.JSON) == "[]\n"
    assert render(nothing, Format.NDJSON) == ""
    assert yaml.safe_load(render(nothing, Format.YAML)) == []
    assert render(nothing, Format.CSV) == "name\r\n"
    assert render(nothing, Format.TABLE) == "No companies found.\n"


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"])
def test_csv_cells_are_no_formulas(text: str) -> None:
    rows = list(csv.DictReader(io.StringIO(render(view(text), Format.CSV))))
    assert not rows[0]["name"].startswith(("=", "+", "-", "@", "\t"))
    assert rows[0]["pair_name"] == rows[0]["name"]


@pytest.mark.parametrize("text", ["-5", "+3.5", "plain", "3M", "a=b"])
def test_csv_leaves_harmless_cells_alone(text: str) -> None:
    assert csv_cell(text) == text


def test_markdown_shows_names_as_written() -> None:
    table = render(view("a|b <img> @here [x](http://y) `c`"), Format.MARKDOWN)
    assert r"a\|b \<img\> \@here \[x\]\(http://y\) \`c\`" in table
    assert markdown_text("plain name, Ltd.") == "plain name, Ltd."


def test_a_table_fits_the_terminal_and_lines_up_wide_characters() -> None:
    text = render(view("株式会社" * 20, "Contoso Limited " * 10, "ab"), Format.TABLE, width=40)
    lines = text.splitlines()
    assert max(wcswidth(line) for line in lines) <= 40
    starts = {wcswidth(line[: line.rindex("  ")]) for line in lines[2:4]}
    assert len(starts) == 1


@given(st.text())
def test_printable_text_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in shown)
    assert printable(shown) == shown
