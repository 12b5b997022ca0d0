"""Normal forms: what a spelling is once habits of writing are taken away."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpmatch.matching.forms import strip_forms
from qpmatch.matching.habits import faces
from qpmatch.matching.names import fold, parse
from qpmatch.matching.placeholders import names_nobody


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("Contoso Ltd", "contoso ltd"),
        ("  CONTOSO,  LTD. ", "contoso ltd"),
        ("Société Générale S.A.", "societe generale sa"),
        ("Ørsted A/S", "orsted as"),
        ("Straße & Söhne", "strasse and sohne"),
        ("O'Reilly’s", "oreillys"),
        ("J. B. Hunt", "jb hunt"),
        ("Enel S.p.A.", "enel spa"),
        ("Ｆｕｌｌ Ｗｉｄｔｈ", "full width"),
        ("ΑΛΦΑ Α.Ε.", "αλφα αε"),
        ("株式会社トヨタ", "株式会社トヨタ"),
        ("a\u200bb\u202ec", "abc"),
        ("\x1b[31mred\x07", "31mred"),
        ("🚀", ""),
        ("", ""),
    ],
)
def test_fold(raw: str, words: str) -> None:
    assert " ".join(fold(raw)) == words


@pytest.mark.parametrize(
    ("raw", "core", "forms"),
    [
        ("Contoso Ltd", "contoso", {"ltd"}),
        ("Contoso Limited", "contoso", {"ltd"}),
        ("The Contoso Company, Inc.", "contoso", {"co", "inc"}),
        ("Contoso Companies (The)", "contoso companies", set()),
        ("Fabrikam GmbH & Co. KG", "fabrikam", {"gmbh", "co", "kg"}),
        ("Fabrikam Pty Ltd", "fabrikam", {"pty", "ltd"}),
        ("Fabrikam S.A. de C.V.", "fabrikam", {"sa", "cv"}),
        ("Fabrikam Public Limited Company", "fabrikam", {"plc"}),
        ("Fabrikam p.l.c.", "fabrikam", {"plc"}),
        ("PT Fabrikam Tbk", "fabrikam", {"pt", "tbk"}),
        ("ООО Ромашка", "ромашка", {"ooo"}),
        ("株式会社コントソ", "コントソ", {"kk"}),
        ("Kabushiki Kaisha Contoso", "contoso", {"kk"}),
        ("Kabushiki Kaisha", "kabushiki kaisha", set()),
        ("Public Joint Stock Company Contoso", "contoso", {"pjsc"}),
        ("PAO Contoso", "contoso", {"pjsc"}),
        ("ПАО Контосо", "контосо", {"pjsc"}),
        ("Aktiebolaget Contoso", "contoso", {"ab"}),
        ("Contoso Oyj Abp", "contoso", {"oyj"}),
        ("FABRIKAM INC /DE/", "fabrikam", {"inc"}),
        ("Fabrikam Corp/NV", "fabrikam", {"corp"}),
        ("Fabrikam Intl Mfg", "fabrikam international manufacturing", set()),
        ("Inc", "inc", set()),
        ("Co Ltd", "co", {"ltd"}),
        ("Limited Limited", "ltd", {"ltd"}),
    ],
)
def test_core_and_forms(raw: str, core: str, forms: set[str]) -> None:
    name = parse(raw)
    assert " ".join(name.core) == core
    assert name.forms == forms


def test_two_known_forms_are_told_apart() -> None:
    assert parse("Toro Corp.").forms.isdisjoint(parse("Toro Co").forms)


@pytest.mark.parametrize(
    "name", ["N/A", "n/a", "Test", "TEST 2", "Test Company", "-", "", "...", "TBD", "New Client"]
)
def test_placeholders(name: str) -> None:
    assert names_nobody(name)


@pytest.mark.parametrize(
    "name", ["Testa", "NA Holdings", "Sample Foods", "Contoso", "X", "3M", "Blank Rome LLP"]
)
def test_names_that_are_no_placeholders(name: str) -> None:
    assert not names_nobody(name)


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        ("Contoso (inactive)", "contoso"),
        ("ZZ - Contoso", "contoso"),
        ("zzContoso", "contoso"),
        ("OLD - Contoso", "contoso"),
        ("Contoso *DO NOT USE*", "contoso"),
        ("Smith Holdings LLC dba Contoso", "contoso"),
        ("Smith Ltd t/a Contoso", "contoso"),
        ("Fabrikam f/k/a Contoso", "contoso"),
        ("Contoso - Leeds", "contoso"),
        ("www.contoso.co.uk", "contoso"),
        ("first-choice.com", "first choice"),
        ("Contoso [C1234]", "contoso"),
        ("Contoso Inc. (Class A)", "contoso"),
        ("Contoso, Inc. Sponsored ADR Class A", "contoso"),
        ("Contoso Inc. Subordinate Voting Shares", "contoso"),
        ("Contoso Products Units", "contoso products"),
        ("Müller", "mueller"),
    ],
)
def test_decorated_names_have_another_reading(raw: str, reading: str) -> None:
    assert reading in {" ".join(face.core) for face in faces(parse(raw))[1:]}


def test_a_plain_name_has_one_reading() -> None:
    assert len(faces(parse("Contoso Leeds Ltd"))) == 1


HOSTILE = [
    "A" * 10_000,
    "a " * 5_000,
    "/" * 10_000,
    "(" * 5_000 + ")" * 5_000,
    "inc " * 3_000,
    "\u0301" * 10_000,
]


@pytest.mark.parametrize("raw", HOSTILE, ids=lambda raw: repr(raw[:4]))
def test_hostile_names_have_a_form(raw: str) -> None:
    name = parse(raw)
    assert name.spelling == unicodedata.normalize("NFC", raw.strip())
    assert faces(name)


@given(st.text())
def test_every_text_has_normal_forms(raw: str) -> None:
    name = parse(raw)
    assert parse(raw) == name
    assert bool(name.key) == bool(name.words)
    assert all(face.core for face in faces(name)) or not name.core


@given(st.text())
def test_case_and_outer_space_fold_away(raw: str) -> None:
    assert fold(f" {raw}\n") == fold(raw)
    assert parse(unicodedata.normalize("NFD", raw)).spelling == parse(raw).spelling


@given(
    st.lists(
        st.sampled_from(["contoso", "and", "ltd", "co", "gmbh", "public", "limited", "company", "de", "the"])
    )
)
def test_forms_never_strip_to_nothing(words: list[str]) -> None:
    assert len(strip_forms(words).words) >= min(1, len(words))
