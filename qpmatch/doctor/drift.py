"""Autotask's companies beside CyberQP's: what CyberQP has not got, and what has changed since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qpmatch.matching.spelling import spelling
from qpmatch.models import Company, Link


@dataclass(frozen=True, slots=True)
class Drift:
    """``renamed`` pairs Autotask's company with CyberQP's; ``gone`` are ids of matched companies."""

    missing: tuple[Company, ...]
    renamed: tuple[tuple[Company, Company], ...]
    inactive: tuple[Company, ...]
    gone: tuple[str, ...]


def drift(
    autotask: Mapping[str, Company], cyberqp: Mapping[str, Company], links: Iterable[Link], *, every: bool
) -> Drift:
    """What differs. ``every`` says that ``cyberqp`` holds all companies, not just the matched ones.

    Missing are active customers of Autotask only: leads and vendors are not expected in CyberQP. Inactive and
    gone are about matched companies only.
    """
    matched = sorted({link.company_id for link in links}, key=_by_number)
    return Drift(
        missing=tuple(
            company
            for company in autotask.values()
            if every and company.active and company.type == "Customer" and company.id not in cyberqp
        ),
        renamed=tuple(
            (company, cyberqp[company.id])
            for company in autotask.values()
            if company.id in cyberqp and spelling(company.name) != spelling(cyberqp[company.id].name)
        ),
        inactive=tuple(autotask[id_] for id_ in matched if id_ in autotask and not autotask[id_].active),
        gone=tuple(id_ for id_ in matched if id_ not in autotask),
    )


def _by_number(id_: str) -> tuple[int, str]:
    return len(id_), id_
