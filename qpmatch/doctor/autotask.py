"""Autotask: credentials, zone and allowance; and where its companies and CyberQP's have drifted apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qpmatch.api.autotask_credentials import INTEGRATION_CODE, SECRET, USERNAME, from_environment
from qpmatch.api.interface import Progress
from qpmatch.config import Settings
from qpmatch.connect import open_autotask
from qpmatch.doctor.checklist import Checklist, Found, Status
from qpmatch.doctor.drift import Drift, drift
from qpmatch.errors import QpmatchError

if TYPE_CHECKING:
    from qpmatch.api.autotask import Autotask
    from qpmatch.api.cyberqp import CyberQP

_SHOWN = 5
"""Companies that a line names; the rest is counted."""

_FULL = 0.75
"""Share of the hourly allowance from which on Autotask slows everybody down (AUTOTASK.md B5)."""

_CHECKS = ("autotask", "autotask credentials", "autotask allowance", "autotask companies")


def check_autotask(
    checklist: Checklist,
    cyberqp: CyberQP,
    settings: Settings,
    environ: Mapping[str, str],
    progress: Progress,
) -> None:
    """Check Autotask where it is configured, as the source of companies or beside CyberQP."""
    if not _is_wanted(settings, environ):
        checklist.try_(_CHECKS[0], lambda: Found("not configured: companies come from CyberQP", Status.SKIP))
        return
    try:
        autotask = open_autotask(settings, environ)
    except QpmatchError as error:
        _give_up(checklist, error)
        return
    try:
        checklist.try_("autotask", lambda: Found(f"the zone is {autotask.find_zone()}"))
        checklist.try_("autotask credentials", lambda: _credentials(autotask), needs=["autotask"])
        checklist.try_("autotask allowance", lambda: _allowance(autotask), needs=["autotask credentials"])
        checklist.try_(
            "autotask companies",
            lambda: _companies(autotask, cyberqp, progress),
            needs=["autotask credentials", "role"],
        )
    finally:
        autotask.close()


def _is_wanted(settings: Settings, environ: Mapping[str, str]) -> bool:
    named = [from_environment(environ, names) for names in (USERNAME, SECRET, INTEGRATION_CODE)]
    return settings.companies_from == "autotask" or any(named) or settings.autotask.username is not None


def _give_up(checklist: Checklist, error: QpmatchError) -> None:
    def fail() -> Found:
        raise error

    checklist.try_("autotask", fail)


def _credentials(autotask: Autotask) -> Found:
    autotask.threshold()
    return Found("user name, secret and integration code are accepted")


def _allowance(autotask: Autotask) -> Found:
    threshold = autotask.threshold()
    said = (
        f"{threshold.used} of {threshold.limit} requests used in {threshold.minutes} minutes, by all "
        "integrations together"
    )
    if threshold.used < _FULL * threshold.limit:
        return Found(said)
    return Found(
        said, Status.WARN, "Wait until the other integrations are done; every request is slowed now."
    )


def _companies(autotask: Autotask, cyberqp: CyberQP, progress: Progress) -> Found:
    theirs = {company.id: company for company in autotask.companies(progress)}
    tenant = cyberqp.read(progress)
    found = drift(theirs, tenant.companies, tenant.links, every=not cyberqp.notes)
    parts = _parts(found)
    if not parts:
        return Found(f"{len(theirs)} companies; CyberQP agrees about all of them")
    return Found(
        f"{len(theirs)} companies; {'; '.join(parts)}",
        Status.WARN,
        "Missing: synchronise in CyberQP. Inactive, deleted or merged: unmatch, or match the successor.",
    )


def _parts(found: Drift) -> list[str]:
    parts = {
        "active customers that CyberQP has not got": [f"{one.name} ({one.id})" for one in found.missing],
        "renamed": [f"{old.name} is now {new.name} ({new.id})" for new, old in found.renamed],
        "matched but inactive": [f"{one.name} ({one.id})" for one in found.inactive],
        "matched but not in Autotask (deleted, merged or hidden)": [f"id {id_}" for id_ in found.gone],
    }
    return [f"{len(names)} {what}: {_some(names)}" for what, names in parts.items() if names]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
