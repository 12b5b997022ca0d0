"""What a recording showed, in words and as the override to paste. Pure; no value of a recording is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qpmatch.api.templates import Evidence
from qpmatch.har.survey import Finding, Verdict


def record(finding: Finding) -> dict[str, Any]:
    """The finding for ``-o json``; ``override`` is the entry under ``routes`` in ``config.yaml``."""
    return {
        "check": finding.route.name,
        "status": str(finding.verdict),
        "detail": detail(finding),
        "next": next_step(finding),
        "differences": [
            {"where": difference.where, "what": difference.what} for difference in finding.differences
        ],
        "override": finding.override.as_data() if finding.override else None,
    }


def detail(finding: Finding) -> str:
    """What was seen of the route."""
    match finding.verdict:
        case Verdict.ABSENT:
            return f"{finding.route.method} {finding.route.path} ({finding.route.evidence})"
        case Verdict.CONFIRMED:
            return _confirmed(finding)
        case Verdict.DIFFERS:
            return "; ".join(str(difference) for difference in finding.differences)


def next_step(finding: Finding) -> str | None:
    """What the operator does about it; ``None`` when there is nothing to do."""
    if finding.override is not None:
        return "paste its line of the override into the profile"
    if finding.verdict is Verdict.DIFFERS:
        return "no override can say this: record it once more, plainly; if it stays, report it"
    if finding.verdict is Verdict.ABSENT and finding.route.evidence is Evidence.ASSUMED:
        return f"record {_ACTIONS.get(finding.route.name, 'it')} if you need it confirmed"
    return None


_ACTIONS = {
    "companies.list": "the Match Customers page as it opens",
    "matches.save": "one match and Save on Match Customers",
    "matches.delete": "one unmatch on the Customers page",
    "customers.create": "one ticked company and Save on Match Customers",
    "integration.get": "the integration's settings page as it opens",
}


def override_text(findings: Sequence[Finding]) -> str:
    """The ``routes:`` block for the profile in ``config.yaml``, empty when nothing needs one."""
    import yaml

    lines = [
        f"  {finding.route.name}: " + _flow(yaml, finding.override.as_data())
        for finding in findings
        if finding.override is not None
    ]
    return "\n".join(["routes:", *lines]) + "\n" if lines else ""


def _flow(yaml: Any, data: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=10_000)
    return text.strip()


def _confirmed(finding: Finding) -> str:
    if finding.requests == 1:
        return "1 request, as expected"
    if finding.agreeing == finding.requests:
        return f"{finding.requests} requests, as expected"
    return f"{finding.agreeing} of {finding.requests} requests as expected"
