"""Recordings of a made-up dashboard, as a browser would save them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

DATA = Path(__file__).parent / "data" / "har"
"""One recording in each browser's dialect, with the planted values of ``PLANTED``."""

PLANTED = (
    "tech@msp.example",
    "planted-password-1",
    "planted-cookie-1",
    "planted-token-1",
    "482913",
    "Contoso",
    "Northwind",
    "5f0c1a2b3c4d5e6f7a8b9c0d",
    "conto",
    "174",
    "190",
    "metrics.example",
)
"""What stands in those recordings and is nobody's business."""

API = "https://admin.getquickpass.com/api/"
HEADERS = {
    "Accept": "application/json",
    "Cookie": "connect.sid=planted-cookie-1",
    "Integration": "dattoAutoTask",
}

Entry = dict[str, Any]


def entry(
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] = HEADERS,
    status: int = 200,
    base: str = API,
) -> Entry:
    """One request and its answer, in Chrome's way."""
    url = base + path + (f"?{urlencode(query)}" if query else "")
    request: Entry = {
        "method": method,
        "url": url,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "queryString": [{"name": name, "value": value} for name, value in (query or {}).items()],
    }
    if form is not None:
        kind = "application/x-www-form-urlencoded"
        request["postData"] = {"mimeType": kind, "text": urlencode(form)}
    elif body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {"request": request, "response": {"status": status, "content": {"text": "{}"}}}


def recording(path: Path, entries: Iterable[Entry]) -> Path:
    """A HAR file of these entries."""
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8")
    return path


def save_body(**changes: Any) -> dict[str, Any]:
    """The body of matches.save as the table assumes it, with changes at the top; ``None`` drops a key."""
    body = {
        "allSelected": False,
        "excludedIds": [],
        "includedIds": [],
        "integrationType": "dattoAutoTask",
        "matchType": "ALL",
        "matches": {"174": save_item()},
        "searchText": "",
    } | changes
    return {key: value for key, value in body.items() if value is not None}


def save_item(**changes: Any) -> dict[str, Any]:
    """One match of it, likewise."""
    item = {
        "autoMatch": False,
        "displayName": "Contoso Ltd",
        "id": "5f0c1a2b3c4d5e6f7a8b9c0d",
        "name": "Contoso Limited",
        "_id": "174",
    } | changes
    return {key: value for key, value in item.items() if value is not None}
