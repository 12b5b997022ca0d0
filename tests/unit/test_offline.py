"""Exported lists, in whatever way a spreadsheet saved them."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpmatch.errors import UsageError
from qpmatch.models import Company, Customer
from qpmatch.offline import read_companies, read_customers

ROWS = (Company("0", "Müller & Söhne"), Company("17", 'Contoso, "Leeds"'), Company("18", "Two\r\nLines"))


def _sheet(separator: str) -> str:
    lines = [
        "id,name,city",
        "0,Müller & Söhne,Köln",
        '17,"Contoso, ""Leeds""",',
        '18,"Two\r\nLines",x',
        ",,",
        "",
    ]
    return "\r\n".join(lines).replace(",", separator).replace(f"Contoso{separator}", "Contoso,")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(_sheet(separator).encode(encoding))
    assert read_companies(str(path)) == ROWS


def test_separator_line(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("sep=;\nid;name\n1;A, B\n", encoding="utf-8")
    assert read_customers(str(path)) == (Customer("1", "A, B"),)


def test_named_columns(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Company Name,Phone,Company ID\nContoso,1,5\n", encoding="utf-8")
    assert read_companies(f"{path}:Company ID, company name") == (Company("5", "Contoso"),)


def test_a_path_may_hold_a_colon_and_a_comma(tmp_path: Path) -> None:
    path = tmp_path / "a:b,c"
    path.write_text("id,name\n1,A\n", encoding="utf-8")
    assert read_companies(str(path)) == (Company("1", "A"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ":1: no column 'id'; the headings are none"),
        ("id,title\n1,A\n", ":1: no column 'name'; the headings are 'id', 'title'"),
        ("id,name,ID\n1,A,2\n", ":1: more than one column 'id'"),
        ("id,name\n1,A\n\n1,B\n", ":4: the id '1' stands in line 2 already"),
        ("id,name\n1,\n", ":2: the row with id '1' has no name"),
        ("id,name\n1\n", ":2: the row with id '1' has no name"),
        ("id,name\n,A\n", ":2: the row of 'A' has no id"),
        ('id,name\n1,"A\n', ":2: not a CSV file"),
        ('sep=,\nid,name\n1,"A" B\n', ":3: not a CSV file"),
    ],
)
def test_bad_files_name_their_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_companies(str(path))
    assert f"{path}{problem}" in error.value.message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_companies(str(tmp_path / "none.csv"))


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b"PK\x03\x04\x00\x00\x81\x8d" * 50)
    with pytest.raises(UsageError, match="is not text"):
        read_companies(str(path))


def test_wrong_columns_spec(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not name two columns"):
        read_companies(f"{tmp_path / 'export.csv'}:a,b,c")


def test_a_very_long_name(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,name\n1," + "A" * 200_000 + "\n", encoding="utf-8")
    assert len(read_companies(str(path))[0].name) == 200_000
