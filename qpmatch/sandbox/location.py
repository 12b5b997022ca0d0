"""Where the sandbox keeps its state (SPEC 9)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def state_path(environ: Mapping[str, str]) -> Path:
    """The state file: ``QPMATCH_SANDBOX``, else ``sandbox.sqlite3`` in the platform's data folder."""
    chosen = environ.get("QPMATCH_SANDBOX")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("qpmatch", appauthor=False) / "sandbox.sqlite3"
