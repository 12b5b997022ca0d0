"""A scripted browser on the dashboard: it sends what a page would send, and saves a recording of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.recordings import Entry, entry, recording


class Browser:
    """One tab on a sandbox served at ``base_url``."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._cookie = ""
        self._entries: list[Entry] = []

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer's JSON; the request has to succeed."""
        url = urlsplit(self._base)
        headers = {"Cookie": self._cookie}
        if path.startswith("integrations") or path.startswith("mapping"):
            headers["Integration"] = "dattoAutoTask"
        data = urlencode(form) if form is not None else json.dumps(body) if body is not None else None
        kind = "application/x-www-form-urlencoded" if form is not None else "application/json"
        connection = HTTPConnection(url.hostname or "", url.port or 80, timeout=30)
        try:
            target = url.path + path + (f"?{urlencode(query)}" if query else "")
            connection.request(method, target, data, headers | ({"Content-Type": kind} if data else {}))
            answer = connection.getresponse()
            content = answer.read()
            if cookie := answer.getheader("Set-Cookie"):
                self._cookie = cookie.partition(";")[0]
        finally:
            connection.close()
        assert 200 <= answer.status < 300, (answer.status, content)
        self._entries.append(
            entry(method, path, query=query, body=body, form=form, headers=headers, base=self._base)
        )
        return json.loads(content) if content else None

    def save(self, path: Path) -> Path:
        """Save all as HAR."""
        return recording(path, self._entries)
