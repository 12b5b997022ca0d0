"""All checks in order of cause. Nothing is written anywhere, but a new session may be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from qpmatch.api.interface import Progress
from qpmatch.config import Settings
from qpmatch.connect import open_datacentre
from qpmatch.doctor.autotask import check_autotask
from qpmatch.doctor.checklist import Checklist, Found, Status
from qpmatch.doctor.cyberqp import check_cyberqp
from qpmatch.doctor.network import Host, compare_clocks
from qpmatch.doctor.setup import check_setup

_EMBEDDED = Found("the sandbox is in this process", Status.SKIP)


def examine(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    now: Callable[[], datetime],
    ask_code: Callable[[], str] | None = None,
    progress: Progress,
) -> Checklist:
    """The checklist for one tenant. ``ask_code`` asks a person for an MFA code, ``None`` off a terminal.

    Raises ``ConfigError`` when the sandbox is not installed.
    """
    checklist = Checklist()
    check_setup(checklist, settings, environ)
    with open_datacentre(settings, environ, ask_code=ask_code) as datacentre:
        if settings.target.is_embedded:
            for check in ("dns", "tls", "clock"):
                checklist.try_(check, lambda: _EMBEDDED)
        else:
            host = Host(settings.target.base_url, settings.timeout)
            transport = datacentre.session.transport
            checklist.try_("dns", host.resolve)
            checklist.try_("tls", host.connect, needs=["dns"])
            checklist.try_(
                "clock", lambda: compare_clocks(transport, now), needs=["tls"], at_worst=Status.WARN
            )
        check_cyberqp(checklist, datacentre, settings, now())
        check_autotask(checklist, datacentre, settings, environ, progress)
    return checklist
