"""Waiting for what an earlier, interrupted run has asked for.

A job that was accepted just before a crash may take effect a moment later. Judging the tenant in between
would, for one, create a customer a second time.
"""

from __future__ import annotations

from collections.abc import Iterable

from qpmatch.api.interface import Datacentre
from qpmatch.matching.operations import Step, StepKind
from qpmatch.models import Link
from qpmatch.plan.clock import Clock
from qpmatch.plan.runs import Run, in_flight


def settle(datacentre: Datacentre, runs: Iterable[Run], clock: Clock) -> int:
    """Wait until the steps that earlier ``runs`` left open are seen, or can no longer be expected.

    Gives how many there were; returns at once when there are none. Raises as ``Datacentre.read_links``.
    """
    flying = in_flight(runs, clock.now(), datacentre.job_wait)
    if not flying:
        return 0
    for _ in clock.looks(max(left for _, left in flying)):
        links = datacentre.read_links()
        if all(took_effect(step, links) for step, _ in flying):
            break
    return len(flying)


def took_effect(step: Step, links: frozenset[Link]) -> bool:
    """Whether the links show that a step is done; of a create, that its company is linked at all."""
    match step.kind:
        case StepKind.SAVE:
            return step.link in links
        case StepKind.DELETE:
            return step.link not in links
        case StepKind.CREATE:
            return any(link.company_id == step.company_id for link in links)
