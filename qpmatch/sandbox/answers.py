"""JSON answers of the sandbox."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Response


def json_answer(content: Any, status: int = 200) -> Response:
    """``content`` as UTF-8 JSON."""
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json; charset=utf-8",
    )


def error_answer(status: int, code: str, message: str) -> Response:
    """An error: ``code`` for programs, ``message`` for people."""
    return json_answer({"code": code, "message": message}, status)
