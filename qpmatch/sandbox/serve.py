"""``sandbox serve``: run the sandbox as a server until told to stop (SPEC 9)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from qpmatch.sandbox.app import JOB_DELAY_MS, create_app
from qpmatch.sandbox.faults import parse_fault
from qpmatch.sandbox.renames import renamed_routes
from qpmatch.sandbox.server import SandboxServer
from qpmatch.sandbox.signin import Policy
from qpmatch.sandbox.store import Store


def open_server(
    store: Store,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Sequence[str] = (),
    renames: Sequence[str] = (),
    seed: int = 1,
    latency_ms: float = 0,
    job_delay_ms: float = JOB_DELAY_MS,
    policy: Policy | None = None,
) -> SandboxServer:
    """A server over ``store``, listening but not yet answering; faults and renames as on the command line.

    Raises ``UsageError`` for a fault, a rename or a host that cannot be, ``ConfigError`` for a taken port.
    """
    routes = renamed_routes(renames).values()
    app = create_app(
        store,
        faults=[parse_fault(text, routes) for text in faults],
        seed=seed,
        renames=renames,
        latency_ms=latency_ms,
        job_delay_ms=job_delay_ms,
        policy=policy,
    )
    return SandboxServer(app, host, port)


def run_until_stopped(
    server: SandboxServer, announce: Callable[[], None], *, for_seconds: float | None = None
) -> None:
    """Serve until SIGTERM or for so many seconds; ``announce`` is called once requests are answered.

    Ctrl-C ends it with ``KeyboardInterrupt``. Must be called from the main thread.
    """
    with _stopped_by_sigterm(server), server:
        announce()
        timer = threading.Timer(for_seconds, server.stopping.set) if for_seconds is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            server.run()
        finally:
            if timer is not None:
                timer.cancel()


@contextmanager
def _stopped_by_sigterm(server: SandboxServer) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.stopping.set()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
