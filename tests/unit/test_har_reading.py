"""HAR files as they come: in three dialects, cut off, huge, and not HAR at all."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpmatch.errors import UsageError
from qpmatch.har import shorten
from qpmatch.har.reading import Encoding, Recorded, Recording
from qpmatch.har.shorten import ShortenedStrings
from tests.recordings import DATA, entry, recording, save_body


def read(path: Path) -> list[Recorded]:
    return list(Recording(path).requests())


def only(tmp_path: Path, post: dict[str, Any], headers: list[dict[str, str]] | None = None) -> Recorded:
    one = entry("POST", "x")
    one["request"]["postData"] = post
    if headers is not None:
        one["request"]["headers"] = headers
    return read(recording(tmp_path / "a.har", [one]))[0]


@pytest.mark.parametrize("browser", ["chrome", "firefox", "safari"])
def test_the_dialects_say_the_same(browser: str) -> None:
    requests = read(DATA / f"{browser}.har")
    told = [(r.method, r.path, dict(r.query), r.encoding, r.body, r.integration) for r in requests]
    reference = [
        (r.method, r.path, dict(r.query), r.encoding, r.body, r.integration)
        for r in read(DATA / "chrome.har")
    ]
    assert len(told) == 11
    assert told == reference


@pytest.mark.parametrize(
    ("post", "encoding", "body"),
    [
        ({"mimeType": "application/json;charset=UTF-8", "text": '{"a": 1}'}, Encoding.JSON, {"a": 1}),
        ({"mimeType": "", "text": '{"a": 1}'}, Encoding.JSON, {"a": 1}),
        ({"text": '{"a": 1}', "params": []}, Encoding.JSON, {"a": 1}),
        (
            {"mimeType": "application/x-www-form-urlencoded", "text": "a=1%202&b="},
            Encoding.FORM,
            {"a": "1 2", "b": ""},
        ),
        ({"mimeType": "", "text": "a=1"}, Encoding.FORM, {"a": "1"}),
        ({"params": [{"name": "a", "value": "1 2"}]}, Encoding.FORM, {"a": "1 2"}),
        ({"mimeType": "application/json", "text": '{"a": '}, Encoding.OTHER, None),
        ({"mimeType": "multipart/form-data", "text": "--x\r\nname=a"}, Encoding.OTHER, None),
        ({"text": base64.b64encode(b'{"a": 1}').decode(), "encoding": "base64"}, Encoding.JSON, {"a": 1}),
        ({"text": "!", "encoding": "base64"}, Encoding.OTHER, None),
        ({"text": ""}, Encoding.NONE, None),
        ({}, Encoding.NONE, None),
    ],
)
def test_bodies(tmp_path: Path, post: dict[str, Any], encoding: Encoding, body: Any) -> None:
    recorded = only(tmp_path, post)
    assert (recorded.encoding, recorded.body) == (encoding, body)


def test_a_body_without_a_type_has_its_headers(tmp_path: Path) -> None:
    headers = [{"name": "content-type", "value": "application/x-www-form-urlencoded"}]
    assert only(tmp_path, {"text": "1=2"}, headers).body == {"1": "2"}


def test_stripped_headers_are_known_as_such(tmp_path: Path) -> None:
    assert not only(tmp_path, {"text": "{}"}, []).has_headers


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "text",
        [],
        {},
        {"request": None},
        {"request": {"method": "GET"}},
        {"request": {"method": "GET", "url": "http://[broken"}},
        {"request": {"method": "GET", "url": "data:text/plain,x"}},
        {"request": {"method": "GET", "url": 7}},
    ],
)
def test_odd_entries_are_passed_over(tmp_path: Path, odd: Any) -> None:
    path = recording(tmp_path / "a.har", [odd, entry("GET", "x")])
    assert [request.path for request in read(path)] == ["/api/x"]


def test_odd_parts_of_an_entry_are_survived(tmp_path: Path) -> None:
    one = entry("GET", "x")
    one["request"] |= {"headers": [None, 7, {"name": None}], "queryString": "?", "postData": []}
    one["response"] = {"status": "200"}
    (request,) = read(recording(tmp_path / "a.har", [one]))
    assert (request.answered, request.encoding, dict(request.query)) == (0, Encoding.NONE, {})


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path, keep: float) -> None:
    whole = (DATA / "firefox.har").read_bytes()
    path = tmp_path / "cut.har"
    path.write_bytes(whole[: int(len(whole) * keep)])
    cut = Recording(path)
    paths = [request.path for request in cut.requests()]
    assert not cut.complete
    assert paths == [request.path for request in read(DATA / "firefox.har")][: len(paths)]
    assert len(paths) == cut.entries > 0


def test_wherever_it_breaks_off(tmp_path: Path) -> None:
    whole = json.dumps(
        {"log": {"entries": [entry("POST", "x", body=save_body()), entry("GET", "é")]}}
    ).encode()
    path = tmp_path / "cut.har"
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        cut = Recording(path)
        assert len(list(cut.requests())) <= 2
        assert not cut.complete


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "bom.har"
    path.write_bytes(b"\xef\xbb\xbf" + (DATA / "chrome.har").read_bytes())
    assert len(read(path)) == 11


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no HAR file"),
        (b"<html>", "no HAR file"),
        (b"[]", "no HAR file"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"{}", "no HAR file"),
        (b'{"log": {"entries": []}}', "no requests"),
        (b"\xff\xfe{\x00", "no HAR file"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "no.har"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.har", tmp_path):
        with pytest.raises(UsageError, match="cannot read"):
            read(path)


def test_a_string_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.har"
    piece = b'\\u00e9\\"x\\\\' * 100_000
    with path.open("wb") as file:
        file.write(
            b'{"log": {"entries": [{"request": {"method": "GET", "url": "https://a.example/1"}, "x": "'
        )
        for _ in range(40):
            file.write(piece)
        file.write(b'"}, ' + json.dumps(entry("GET", "after")).encode() + b"]}}")
    tracemalloc.start()
    try:
        assert [request.path for request in read(path)] == ["/1", "/api/after"]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=60)
    | st.sampled_from(['\\"', "\\" * 9, '"é\U0001f6b2']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@given(value=_JSON, chunk=st.integers(1, 20), ascii_=st.booleans())
def test_nothing_is_lost_while_strings_are_short(value: Any, chunk: int, ascii_: bool) -> None:
    whole = json.dumps(value, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    assert shortened(whole, chunk, longest=10_000) == whole


@given(value=_JSON, chunk=st.integers(1, 20), longest=st.integers(1, 30), ascii_=st.booleans())
def test_what_is_left_is_json_of_the_same_structure(
    value: Any, chunk: int, longest: int, ascii_: bool
) -> None:
    whole = json.dumps(value, ensure_ascii=ascii_).encode("utf-8", "replace")
    left = shortened(whole, chunk, longest)
    assert structure(json.loads(left)) == structure(value)


def shortened(whole: bytes, chunk: int, longest: int) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shorten, "_CHUNK", chunk)
        file = ShortenedStrings(io.BytesIO(whole), longest)
        return b"".join(iter(lambda: file.read(1), b""))


def structure(value: Any) -> Any:
    match value:
        case dict():
            return [structure(item) for item in value.values()]
        case list():
            return [structure(item) for item in value]
        case str():
            return "text"
        case _:
            return type(value).__name__
