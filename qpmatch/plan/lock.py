"""One run at a time on one tenant: a lock that the operating system takes from a dead process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from qpmatch.errors import ConfigError, LockedError
from qpmatch.plan.location import StateFolder


@contextlib.contextmanager
def tenant_lock(state: StateFolder, tenant_key: str, now: datetime) -> Iterator[None]:
    """Hold the tenant's lock. Raises ``LockedError`` at once when another run on this machine holds it."""
    from filelock import FileLock, Timeout

    folder = state.room(state.locks)
    name = hashlib.sha256(tenant_key.encode()).hexdigest()[:16]
    holder = folder / f"{name}.json"
    lock = FileLock(folder / f"{name}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise LockedError(
            f"another run is changing {tenant_key}{_who(holder)}",
            hint="wait until it has ended, then run this again; dry runs are not held up",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"the lock {lock.lock_file} cannot be taken: {error.strerror or error}",
            hint="QPMATCH_STATE names another state folder",
        ) from error
    try:
        # Only what the message above says hangs on this note; a full disk is the journal's to report.
        with contextlib.suppress(OSError):
            holder.write_text(json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")}))
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    """The process that holds the lock, as far as it has left word."""
    try:
        word = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {word['pid']}, since {word['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
